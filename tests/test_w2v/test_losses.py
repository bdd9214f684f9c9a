"""Training as a whole with every loss and both architectures."""

import json

import numpy as np
import pytest

from tests.test_w2v.planted import topics
from w2v import TrainingConfig, Word2Vec, cli, held_out_loss, read_corpus, train
from w2v.config import Architecture, Loss


@pytest.fixture(scope="module")
def corpus():
    return read_corpus(topics(3_000))


@pytest.mark.parametrize("loss", Loss)
@pytest.mark.parametrize("architecture", Architecture)
def test_words_of_one_topic_come_together(corpus, loss, architecture):
    config = TrainingConfig(
        loss=loss, architecture=architecture, vector_size=20, sample=0.0, epochs=5, alpha=0.1, window=4
    )
    embeddings, report = train(corpus, config)
    for word in corpus.vocabulary:
        # 19 words share its topic; with 20 words a topic and 5 topics chance would give two or three of ten
        neighbors = [neighbor for neighbor, _ in embeddings.most_similar(word, topn=10)]
        assert sum(neighbor[0] == word[0] for neighbor in neighbors) >= 8
    assert report.epoch_losses[-1] < report.epoch_losses[0]


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("negative-sampling", 4 * np.log(2)),
        ("full-softmax", np.log(100)),
        ("hierarchical-softmax", None),
    ],
)
def test_the_loss_starts_at_that_of_the_zero_output_rows(corpus, loss, expected):
    config = TrainingConfig(loss=loss, architecture="cbow", alpha=1e-9, min_alpha=0.0, epochs=1, negative=3, sample=0.0)
    _, report = train(corpus, config)
    if expected is None:  # log 2 for each inner node above a word, at its share of the centers
        assert np.log2(100) * np.log(2) <= report.loss <= 8 * np.log(2)
    else:
        assert report.loss == pytest.approx(expected, rel=1e-5)
    assert report.pairs == report.trained_tokens  # with CBOW a pair is a center


def test_one_thread_repeats_itself_and_two_draw_the_same(corpus):
    config = {"loss": "sampled-softmax", "shared_candidates": 0, "vector_size": 20, "epochs": 1}
    runs = [train(corpus, TrainingConfig(**config)) for _ in range(2)]
    assert runs[0][0].vectors.tobytes() == runs[1][0].vectors.tobytes()
    # Where hardly anything is learned, the loss tells what was drawn, whatever the threads see of each other's updates.
    drawn = [train(corpus, TrainingConfig(**config, threads=n, alpha=1e-9, min_alpha=0.0))[1] for n in (1, 2)]
    assert drawn[0].pairs == drawn[1].pairs == runs[0][1].pairs
    assert drawn[0].loss == pytest.approx(drawn[1].loss, rel=1e-6)


@pytest.mark.parametrize("loss", Loss)
@pytest.mark.parametrize("sentences", [[["a"]] * 30, [["a", "b"]] * 30, [["a", "a", "a"]] * 30])
def test_corpora_at_the_edge(loss, sentences):
    model = Word2Vec(sentences, vector_size=5, epochs=1, loss=loss, negative=30)
    assert np.isfinite(model.wv.vectors).all()
    assert np.isfinite(model.report.loss)


def test_held_out_text_is_scored_by_the_loss_of_the_run(corpus):
    config = TrainingConfig(loss="full-softmax", vector_size=20, epochs=3, sample=0.0, alpha=0.1)
    other = read_corpus(topics(300, seed=1), vocabulary=corpus.vocabulary)
    embeddings, report = train(corpus, config, held_out=other)
    assert report.held_out_losses[-1] == held_out_loss(other, embeddings, config)
    assert np.log(20) < report.held_out_losses[-1] < np.log(100)  # a topic has 20 words


def test_the_command_trains_with_a_loss_and_an_architecture(tmp_path):
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("".join(" ".join(sentence) + "\n" for sentence in topics(300)))
    output, report = tmp_path / "v.txt", tmp_path / "report.json"
    options = ["--loss=hierarchical-softmax", "--architecture=cbow", "--cbow-mean=0", "--cbow-exact", "--vector-size=8"]
    command = ["train", str(corpus), "--output", str(output), "--report", str(report), "--quiet", *options]
    assert cli.main(command) == 0
    chosen = json.loads(report.read_text())["options"]
    assert {name: chosen[name] for name in ("loss", "architecture", "cbow_mean", "cbow_exact")} == {
        "loss": "hierarchical-softmax", "architecture": "cbow", "cbow_mean": 0, "cbow_exact": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--loss=hinge"], "argument --loss: invalid choice: 'hinge'"),
        (["--loss=full-softmax", "--distinct-candidates"], "distinct_candidates is True, but the loss is full-softmax"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path, capsys, options, message):
    assert cli.main(["train", "corpus.txt", "--output", str(tmp_path / "v.bin"), *options]) == 2
    assert message in capsys.readouterr().err
