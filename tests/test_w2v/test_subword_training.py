"""Training with n-grams as a whole: what it learns of words that it never saw, what it repeats, and what it refuses."""

import json

import numpy as np
import pytest

from tests.test_w2v.test_cli import run
from w2v import TrainingConfig, Word2Vec, read_corpus, read_vectors, train, write_vectors
from w2v.errors import ConfigError

STEMS = ("walk", "jump", "garden", "hunt", "polish", "whisper", "climb", "borrow", "sketch", "thunder")
ENDINGS = ("", "s", "ed", "er", "ing")
OPTIONS = {"vector_size": 24, "sample": 0.0, "epochs": 3, "bucket": 100_000, "subwords": True}


def inflections(sentences=4_000, seed=0):
    """Sentences of eight words of one stem each, with any ending; of each stem, one word with an ending is left out."""
    random = np.random.default_rng(seed)
    left_out = {stem + ENDINGS[1 + i % 4] for i, stem in enumerate(STEMS)}
    words = [[stem + ending for ending in ENDINGS if stem + ending not in left_out] for stem in STEMS]
    text = [[words[stem][i] for i in random.integers(0, 4, 8)] for stem in random.integers(0, len(STEMS), sentences)]
    return text, left_out


@pytest.fixture(scope="module")
def corpus():
    return read_corpus(inflections()[0])


@pytest.mark.parametrize("threads", [1, 2])
def test_an_unseen_inflection_is_near_its_stem(corpus, threads):
    embeddings, report = train(corpus, TrainingConfig(**OPTIONS, threads=threads))
    unseen = inflections()[1]
    assert len(unseen) == len(STEMS) and not unseen & set(corpus.vocabulary)
    for word in unseen:
        stem = next(stem for stem in STEMS if word.startswith(stem))
        # The four words of the stem come before the other 36; by chance they would do so once in 91,390 orders.
        assert {neighbor for neighbor, _ in embeddings.most_similar(word, topn=4)} == {
            stem + ending for ending in ENDINGS if stem + ending not in unseen
        }
    assert report.epoch_losses[2] < report.epoch_losses[0]


def test_an_unseen_word_is_the_mean_of_its_known_ngrams(corpus):
    embeddings, _ = train(corpus, TrainingConfig(**OPTIONS))
    subwords = embeddings.subwords
    known = dict(zip(subwords.buckets.tolist(), subwords.vectors.astype(float), strict=True))
    buckets = subwords.rule.buckets("walkers")
    rows = [known[bucket] for bucket in buckets if bucket in known]
    assert 0 < len(rows) < len(buckets)
    assert embeddings["walkers"] == pytest.approx(np.mean(rows, axis=0), rel=2**-23)
    # A word of the vocabulary has one row more: m x - Σ z is its own, which no n-gram changes.
    assert all(bucket in known for bucket in subwords.rule.buckets("walk"))


def test_the_rule_is_that_of_the_options(corpus):
    embeddings, _ = train(corpus, TrainingConfig(**OPTIONS | {"min_n": 2, "max_n": 3, "epochs": 1}))
    rule = embeddings.subwords.rule
    assert (rule.min_n, rule.max_n, rule.bucket) == (2, 3, 100_000)
    assert set(embeddings.subwords.buckets.tolist()) == {b for word in corpus.vocabulary for b in rule.buckets(word)}
    assert train(corpus, TrainingConfig(epochs=1))[0].subwords is None


def test_one_thread_repeats_itself_bit_for_bit(corpus):
    runs = [train(corpus, TrainingConfig(**OPTIONS | {"epochs": 1}, seed=seed))[0] for seed in (3, 3, 4)]
    for of in (lambda run: run.vectors, lambda run: run.subwords.vectors, lambda run: run.outputs):
        assert of(runs[0]).tobytes() == of(runs[1]).tobytes()
        assert of(runs[0]).tobytes() != of(runs[2]).tobytes()


def test_first_rows_are_drawn_for_all_words_and_ngrams(corpus):
    config = TrainingConfig(**OPTIONS | {"epochs": 1, "alpha": 1e-30, "min_alpha": 0.0})
    embeddings, report = train(corpus, config)
    rows = embeddings.subwords.vectors
    assert (rows != 0).all(axis=1).all()  # one number in 2**24 is zero by chance, of some thousand; the seed is fixed
    assert np.abs(rows).max() <= 1 / config.vector_size
    # 24 numbers a row, uniform: the mean square is 1 / (3 size**2), to 4 standard deviations of that of all rows.
    square = (rows.astype(float) ** 2).mean() * 3 * config.vector_size**2
    assert abs(square - 1) < 4 * np.sqrt(0.8 / rows.size)
    assert report.loss == pytest.approx(6 * np.log(2), rel=1e-6)  # every score is 0


def test_held_out_text_is_scored_and_changes_nothing(corpus):
    plain, _ = train(corpus, TrainingConfig(**OPTIONS))
    other = read_corpus(inflections(sentences=200, seed=1)[0], vocabulary=corpus.vocabulary)
    scored, report = train(corpus, TrainingConfig(**OPTIONS), held_out=other)
    assert scored.vectors.tobytes() == plain.vectors.tobytes()
    assert len(report.held_out_losses) == 3 and report.held_out_losses[2] < report.held_out_losses[0] < 6 * np.log(2)


def test_words_so_short_that_they_have_no_ngrams():
    model = Word2Vec([["a", "b", "c"]] * 30, vector_size=5, subwords=True, min_n=4, max_n=6)
    assert np.isfinite(model.wv.vectors).all() and len(model.wv.subwords) == 0
    assert "abcdef" not in model.wv


def test_gensims_way_of_calling_and_archives(tmp_path):
    model = Word2Vec(inflections(500)[0], vector_size=10, min_count=1, epochs=1, subwords=True, max_n=4, bucket=5_000)
    assert "walkings" in model.wv and "walkings" not in model.wv.vocabulary
    write_vectors(model.wv, tmp_path / "v.npz")
    assert read_vectors(tmp_path / "v.npz")["walkings"].tobytes() == model.wv["walkings"].tobytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"subwords": 1}, "subwords is 1; it must be True or False"),
        ({"min_n": 0}, "min_n is 0; it must be a whole number from 1 to 1000"),
        ({"max_n": 2.0}, r"max_n is 2\.0; it must be a whole number from 1 to 1000"),
        ({"min_n": 5, "max_n": 4}, "min_n is 5 and max_n 4; min_n must not be the greater"),
        ({"bucket": 0}, "bucket is 0; it must be a whole number from 1 to 2147483647"),
        ({"bucket": 2**31}, "bucket is 2147483648; it must be a whole number from 1 to 2147483647"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ConfigError, match=message):
        TrainingConfig(**options)


def test_from_the_command_line(tmp_path):
    (tmp_path / "corpus.txt").write_text("".join(" ".join(sentence) + "\n" for sentence in inflections()[0]))
    options = [
        "--vector-size=24",
        "--sample=0",
        "--epochs=3",
        "--subwords",
        "--min-n=3",
        "--max-n=6",
        "--bucket=100000",
    ]
    done = run(
        "train", tmp_path / "corpus.txt", "--output", tmp_path / "v.npz", *options, "--report", tmp_path / "r.json"
    )
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "r.json").read_text())["options"]
    assert (report["subwords"], report["min_n"], report["max_n"], report["bucket"]) == (True, 3, 6, 100_000)
    unseen = next(iter(inflections()[1]))
    done = run("neighbors", tmp_path / "v.npz", unseen, "--top", "4")
    assert done.returncode == 0, done.stderr
    stem = next(stem for stem in STEMS if unseen.startswith(stem))
    assert all(line.split()[1].startswith(stem) for line in done.stdout.splitlines())
    done = run("neighbors", tmp_path / "v.npz", "xyz")
    assert done.returncode == 2
    assert (
        "the word 'xyz' is not in the vocabulary of 40 words, and none of its n-grams of 3 to 6 characters is"
        in done.stderr
    )
