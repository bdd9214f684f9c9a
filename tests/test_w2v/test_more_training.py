"""Training that goes on from rows that are there: more epochs, new text, new words, vectors of a file."""

import re
import warnings
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_w2v.planted import topics
from w2v import (
    Checkpoints,
    Embeddings,
    TrainingConfig,
    TrainingRun,
    Vocabulary,
    Word2Vec,
    growth,
    read_corpus,
    read_vectors,
    train,
    write_vectors,
)
from w2v.checkpoint import keeping
from w2v.cli import main
from w2v.corpora.frequent import Frequent
from w2v.errors import CheckpointError, ConfigError, CorpusError, VectorFileError
from w2v.growth import encoded_in, grown_vocabulary
from w2v.ngram_table import ngram_table
from w2v.subwords import NgramRule
from w2v.trainer import train as train_once
from w2v.weights import initial_weights

texts = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), min_size=1, max_size=8).filter(any)
OPTIONS = {"vector_size": 12, "sample": 0.0, "epochs": 2, "min_count": 2}


def counts(vocabulary):
    return dict(zip(vocabulary.words, vocabulary.counts.tolist(), strict=True))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(first=texts, second=texts, min_count=st.integers(1, 4))
def test_a_grown_vocabulary_counts_both_texts(first, second, min_count):
    known, more = read_corpus(first).vocabulary, read_corpus(second).vocabulary
    grown = grown_vocabulary(known, more, Frequent(min_count))
    of_first, of_second = (Counter(word for sentence in text for word in sentence) for text in (first, second))
    expected = {word: of_first[word] + of_second[word] for word in of_first | of_second}
    kept = {word for word in expected if word in of_first or of_second[word] >= min_count}
    assert counts(grown) == {word: expected[word] for word in kept}
    assert (np.diff(grown.counts) <= 0).all()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(text=texts, words=st.sets(st.sampled_from("abcdefghxy"), min_size=1), at_once=st.integers(1, 9))
def test_a_corpus_under_other_numbers_is_the_text_read_with_them(text, words, at_once):
    vocabulary = Vocabulary(tuple(sorted(words)), np.ones(len(words)))
    usual = growth._TOKENS_AT_ONCE
    growth._TOKENS_AT_ONCE = at_once
    try:
        corpus = encoded_in(read_corpus(text), vocabulary)
    finally:
        growth._TOKENS_AT_ONCE = usual
    if not any(word in words for sentence in text for word in sentence):
        assert len(corpus.ids) == len(corpus.ends) == 0
        return
    expected = read_corpus(text, vocabulary=vocabulary)
    assert corpus.ids.tolist() == expected.ids.tolist() and corpus.ends.tolist() == expected.ends.tolist()
    assert corpus.read_tokens == expected.read_tokens


def test_words_start_with_the_rows_that_they_had_and_others_as_ever():
    first, _ = train(read_corpus(topics(300, topic_count=3)), TrainingConfig(**OPTIONS))
    corpus = read_corpus(topics(300, topic_count=5, seed=1))
    config = TrainingConfig(**OPTIONS, seed=7)
    started, plain = TrainingRun(corpus, config, start=first).embeddings(), TrainingRun(corpus, config).embeddings()
    known = {word for word in corpus.vocabulary if word in first.vocabulary}
    assert {word[0] for word in known} == set("abc")
    for number, word in enumerate(corpus.vocabulary):
        if word in known:
            theirs = first.vocabulary.index(word)
            assert np.array_equal(started.vectors[number], first.vectors[theirs])
            assert np.array_equal(started.outputs[number], first.outputs[theirs])
        else:
            assert np.array_equal(started.vectors[number], plain.vectors[number]) and not started.outputs[number].any()
    assert initial_weights(3, config)[0].inputs.any()


@pytest.mark.parametrize("with_ngrams", [False, True])
def test_words_of_ngrams_start_with_the_vectors_that_they_had(with_ngrams):
    rule = {"subwords": True, "bucket": 300, "min_n": 2, "max_n": 3}
    first, _ = train(read_corpus(topics(300, 3)), TrainingConfig(**OPTIONS, **(rule if with_ngrams else {})))
    corpus = read_corpus(topics(300, 5, seed=1))
    run = TrainingRun(corpus, TrainingConfig(**OPTIONS, **rule), start=first)
    table = ngram_table(corpus.vocabulary.words, NgramRule(2, 3, 300))
    composed = run.embeddings()
    for number, word in enumerate(corpus.vocabulary):
        if word not in first.vocabulary:
            continue
        rows = run.matrices["parts"][table.rows[table.starts[number] : table.starts[number + 1]]]
        # each of the m rows is rounded once, and the sum of m of them and its quotient m times, to half a unit each
        bound = (len(rows) + 2) * 2**-24 * np.abs(rows).sum(axis=0) / len(rows)
        assert (np.abs(composed.vectors[number] - first[word]) <= bound).all()
    if with_ngrams:
        shared = 0
        for bucket, vector in zip(first.subwords.buckets, first.subwords.vectors, strict=True):
            here = np.flatnonzero(composed.subwords.buckets == bucket)
            shared += len(here)
            assert all(np.array_equal(composed.subwords.vectors[place], vector) for place in here)
        assert shared > 50


def test_more_training_goes_on_from_where_it_was():
    """With one learning rate throughout, slow enough that the loss falls from epoch to epoch, six epochs or three and three."""
    rate = {"alpha": 0.0083, "min_alpha": 0.0083, "epochs": 3}
    model = Word2Vec(topics(1_000), **{**OPTIONS, **rate})
    before = model.report.epoch_losses
    after = model.train(topics(1_000), start_alpha=0.0083)
    assert list(before + after.epoch_losses) == sorted(before + after.epoch_losses, reverse=True)
    assert model.config.seed == 2 and model.report is after
    # the same in steps: the next seed, from the rows that there were
    corpus = read_corpus(topics(1_000))
    first, _ = train(corpus, TrainingConfig(**{**OPTIONS, **rate}))
    again, _ = train(corpus, TrainingConfig(**{**OPTIONS, **rate, "seed": 2}), start=first)
    assert np.array_equal(again.vectors, model.wv.vectors)


def test_new_words_are_learned_and_old_ones_kept():
    old = [sentence for sentence in topics(6_000) if sentence[0][0] in "abc"]
    new = [sentence for sentence in topics(6_000, seed=1) if sentence[0][0] in "cde"]
    model = Word2Vec(old, **{**OPTIONS, "vector_size": 20, "epochs": 5})
    model.train(new, start_alpha=0.025, update=True, epochs=5)
    assert len(model.wv) == 100
    assert counts(model.wv.vocabulary) == Counter(word for text in (old, new) for sentence in text for word in sentence)
    for word in model.wv.vocabulary:
        # 19 words share its topic: with 100 words and 5 topics chance would give two of ten
        neighbors = [neighbor for neighbor, _ in model.wv.most_similar(word, topn=10)]
        assert sum(neighbor[0] == word[0] for neighbor in neighbors) >= 9


def test_growth_in_two_calls_is_growth_in_one():
    first, second = topics(300, 3), [*topics(300, 5, seed=1), ["rare"]]
    one, two = (Word2Vec(first, **OPTIONS) for _ in range(2))
    one.train(second, start_alpha=0.01, update=True)
    two.build_vocab((sentence for sentence in second), update=True)
    assert two.corpus_count == 301 and len(two.wv) == 60
    two.train(second, total_examples=two.corpus_count, epochs=two.epochs, start_alpha=0.01)
    assert np.array_equal(one.wv.vectors, two.wv.vectors) and "rare" not in two.wv
    assert np.array_equal(one.wv.outputs, two.wv.outputs)
    assert np.array_equal(one.wv.vocabulary.counts, two.wv.vocabulary.counts)


def test_gensims_steps_are_its_single_call():
    at_once = Word2Vec(topics(300), **OPTIONS)
    model = Word2Vec(**OPTIONS)
    model.build_vocab(topics(300))
    model.train(topics(300), total_examples=model.corpus_count, epochs=model.epochs)
    assert np.array_equal(model.wv.vectors, at_once.wv.vectors) and model.config == at_once.config
    assert model.vector_size == 12 and model.corpus_count == 300


@pytest.mark.parametrize("options", [{}, {"subwords": True, "bucket": 300}, {"loss": "hierarchical-softmax"}])
@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_a_saved_model_goes_on_as_if_it_had_not_been(tmp_path, options, ending):
    model = Word2Vec(topics(300), **OPTIONS, **options)
    model.save(tmp_path / f"model.{ending}")
    again = Word2Vec.load(tmp_path / f"model.{ending}")
    assert again.config == model.config and np.array_equal(again.wv.vectors, model.wv.vectors)
    for trained in (model, again):
        trained.train(topics(300, seed=2), start_alpha=0.01)
    assert np.array_equal(again.wv.vectors, model.wv.vectors) and np.array_equal(again.wv.outputs, model.wv.outputs)


def test_vectors_of_a_file_are_what_training_starts_from():
    given_vectors = Embeddings(Vocabulary(("a1", "b1", "zebra"), [0, 0, 0]), np.eye(3, 12) * 5)
    model = Word2Vec(topics(300), **{**OPTIONS, "alpha": 1e-9, "min_alpha": 0.0}, start=given_vectors)
    assert np.allclose(model.wv["a1"], np.eye(3, 12)[0] * 5, atol=1e-5) and "zebra" not in model.wv
    assert np.abs(model.wv["a2"]).max() < 0.05  # 1 / (2 * 12), as drawn


def test_a_checkpoint_knows_what_a_run_started_from(tmp_path):
    corpus = read_corpus(topics(300))
    first, _ = train(corpus, TrainingConfig(**OPTIONS))
    config = TrainingConfig(**OPTIONS, seed=3)
    expected, _ = train(corpus, config, start=first)
    run = TrainingRun(corpus, config, start=first)
    run.advance(to=1)
    with keeping(run, Checkpoints(tmp_path)) as kept:
        kept.write()
    resumed, _ = train(corpus, config, start=first, checkpoints=Checkpoints(tmp_path, resume=True))
    assert np.array_equal(resumed.vectors, expected.vectors)
    with pytest.raises(CheckpointError, match="is of another run: it started from other vectors"):
        train(corpus, config, checkpoints=Checkpoints(tmp_path, resume=True))


def test_training_that_fails_changes_nothing():
    model = Word2Vec(topics(300), **OPTIONS)
    before = model.wv, model.config, model.report

    def fail(progress):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        model.train(topics(300, 5, seed=1), start_alpha=0.025, update=True, on_progress=fail)
    assert (model.wv, model.config, model.report) == before
    assert model.train(topics(300, 5), start_alpha=0.025).pairs > 0


def wrong_start(**options):
    return lambda model: train_once(read_corpus(topics(50)), TrainingConfig(**{**OPTIONS, **options}), start=model.wv)


@pytest.mark.parametrize(
    ("options", "call", "error", "message"),
    [
        ({}, lambda model: model.train([["a1"]]), ConfigError,
         r"say the learning rate .*: start_alpha=0\.025 starts again as the last training did, start_alpha=0\.0001 goes on with"),
        ({}, lambda model: model.train([["a1"]], start_alpha=1e-9), ConfigError, "alpha must be positive and the greater"),
        ({}, lambda model: model.train([["new"]], start_alpha=0.1), CorpusError, "no word of the corpus is in the vocabulary"),
        ({}, lambda model: model.build_vocab([["a1"]]), ConfigError, "this model is trained; write update=True to add words"),
        ({}, lambda model: Word2Vec().build_vocab([["a1"]], update=True), ConfigError, "no vocabulary to update; leave"),
        ({}, lambda model: Word2Vec().train([["a1"]], update=True), ConfigError, "no vocabulary to update; leave"),
        ({}, lambda model: model.save("model.bin"), ConfigError, r"model\.bin must end in \.npz or \.safetensors, which"),
        ({"hs": 1, "negative": 0}, lambda model: model.train([["a1"]], start_alpha=0.1, update=True), ConfigError,
         "the vocabulary of hierarchical softmax cannot grow: new counts make another tree"),
        ({"hs": 1, "negative": 0}, lambda model: model.build_vocab([["a1"]], update=True), ConfigError,
         "the vocabulary of hierarchical softmax cannot grow"),
        ({}, wrong_start(vector_size=7), ConfigError, "the vectors to start from have 12 numbers and vector_size is 7"),
        ({}, wrong_start(loss="hierarchical-softmax"), ConfigError,
         "hierarchical softmax cannot go on with other words or counts, which make another tree"),
        ({"subwords": True}, wrong_start(subwords=True, max_n=9), ConfigError,
         "the n-grams to start from follow NgramRule.*max_n=6.*, and the options say NgramRule.*max_n=9"),
    ],
)  # fmt: skip
def test_what_cannot_go_on_is_said(options, call, error, message):
    model = (
        Word2Vec(topics(100), **OPTIONS, **options)
        if "negative" in options
        else Word2Vec(topics(100), **OPTIONS | options)
    )
    before = model.wv
    with pytest.raises(error, match=message):
        call(model)
    assert model.wv is before


def test_what_cannot_be_loaded_or_go_on_without_output_rows(tmp_path):
    model = Word2Vec(topics(100), **OPTIONS)
    write_vectors(model.wv, tmp_path / "vectors.bin")
    with pytest.raises(
        VectorFileError, match=r"vectors\.bin does not say how its vectors were trained; read_vectors\(path\)"
    ):
        Word2Vec.load(tmp_path / "vectors.bin")
    model.wv = replace(model.wv, outputs=None)
    model.save(tmp_path / "model.npz")
    with pytest.raises(
        CorpusError, match="these vectors came without output rows, and training cannot go on without them"
    ):
        Word2Vec.load(tmp_path / "model.npz").train([["a1"]], start_alpha=0.1)
    outputs = np.zeros((3, 12))
    with pytest.raises(ConfigError, match="the vectors to start from have 3 output rows for 100 words"):
        train(read_corpus(topics(100)), TrainingConfig(**OPTIONS), start=replace(model.wv, outputs=outputs))


def command(monkeypatch, capsys, *arguments):
    """What `w2v train` says, in this process."""
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    status = main(["train", *map(str, arguments)])
    output = capsys.readouterr()
    return status, output.out, output.err


def written(sentences, path):
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in sentences))
    return path


def test_the_command_goes_on_from_a_model(monkeypatch, capsys, tmp_path):
    first, second = topics(300, 3), topics(300, 5, seed=1)
    texts = written(first, tmp_path / "first.txt"), written(second, tmp_path / "second.txt")
    options = ["--vector-size", 12, "--sample", 0, "--epochs", 2, "--min-count", 2, "--quiet"]
    assert command(monkeypatch, capsys, texts[0], "--output", tmp_path / "first.npz", *options) == (0, "", "")
    more = [texts[1], "--start", tmp_path / "first.npz", "--alpha", 0.01, "--quiet"]
    assert command(monkeypatch, capsys, *more, "--output", tmp_path / "same.npz", "--epochs", 1) == (0, "", "")
    assert command(monkeypatch, capsys, *more, "--output", tmp_path / "grown.npz", "--update") == (0, "", "")
    for update, name, epochs in ((False, "same", 1), (True, "grown", 2)):
        model = Word2Vec(first, **OPTIONS)
        model.train(second, start_alpha=0.01, update=update, epochs=epochs)
        found = Word2Vec.load(tmp_path / f"{name}.npz")
        assert found.wv.index_to_key == model.wv.index_to_key and np.array_equal(found.wv.vectors, model.wv.vectors)
        assert found.config == model.config


def test_the_command_starts_from_vectors(monkeypatch, capsys, tmp_path):
    text = written(topics(100), tmp_path / "text.txt")
    (tmp_path / "given.txt").write_text("2 3\na1 1 2 3\nzebra 4 5 6\n")
    options = [
        "--start",
        tmp_path / "given.txt",
        "--vector-size",
        3,
        "--alpha",
        1e-9,
        "--min-alpha",
        0,
        "--min-count",
        1,
    ]
    status, _, errors = command(monkeypatch, capsys, text, "--output", tmp_path / "v.npz", *options)
    assert (status, errors) == (0, "")
    found = read_vectors(tmp_path / "v.npz")
    assert np.allclose(found["a1"], [1, 2, 3], atol=1e-4) and len(found) == 100


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            [],
            r"say the learning rate .*: --alpha 0\.025 starts again as the last training did, --alpha 0\.0001 goes on with .*",
        ),
        (
            ["--alpha", "0.1", "--vector-size", "7"],
            "vector_size of the model is 12, and training .* cannot make it 7; .*",
        ),
        (
            ["--alpha", "0.1", "--loss", "hierarchical-softmax"],
            "loss of the model is negative-sampling, and .* make it hier.*",
        ),
        (
            ["--alpha", "0.1", "--subwords"],
            "subwords of the model is False, and training that goes on cannot make it True; .*",
        ),
        (
            ["--alpha", "0.1", "--update", "--memory-map", "{folder}/map"],
            "--update numbers the words anew in memory; leave .*",
        ),
        (
            ["--start", "{folder}/model.bin", "--update"],
            r".*/model\.bin does not say how its vectors were trained, so .*",
        ),
        (["--alpha", "0.1", "--ray", "auto"], "--start is for training on one machine; leave it out, or --ray"),
        (["--start", "{folder}/none.npz"], r"cannot read .*/none\.npz: No such file or directory"),
    ],
)
def test_what_the_command_does_not_go_on_with(monkeypatch, capsys, tmp_path, options, message):
    model = Word2Vec(topics(100), **OPTIONS)
    model.save(tmp_path / "model.npz")
    write_vectors(model.wv, tmp_path / "model.bin")
    text = written(topics(100), tmp_path / "text.txt")
    options = ["--start", tmp_path / "model.npz", *(option.format(folder=tmp_path) for option in options)]
    status, _, errors = command(monkeypatch, capsys, text, "--output", tmp_path / "v.npz", *options)
    assert status == 2 and re.fullmatch(f"w2v: error: {message}\n", errors), errors
    assert not (tmp_path / "v.npz").exists()
    status, _, errors = command(monkeypatch, capsys, text, "--output", tmp_path / "v.npz", "--update")
    assert (status, errors) == (2, "w2v: error: --update needs a model whose words are added to; add --start FILE\n")
