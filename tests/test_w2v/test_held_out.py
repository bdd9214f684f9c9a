"""Held-out text: how it is chosen, that it is never trained on, and its loss against the slow twin."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles import sgns_oracle as oracle
from tests.test_w2v.planted import topics
from w2v import (
    Embeddings,
    EncodedCorpus,
    TrainingConfig,
    Vocabulary,
    Word2Vec,
    held_out_loss,
    read_corpus,
    train,
)
from w2v import held_out as held_outs
from w2v.arrays import mapping
from w2v.errors import ConfigError, CorpusError
from w2v.held_out import PIECE_TOKENS, fixed_schedule, hold_out
from w2v.sampling import alias_table, keep_limits, noise_probabilities

OPTIONS = {"vector_size": 20, "sample": 0.01, "epochs": 3}


@pytest.fixture(scope="module")
def corpus():
    return read_corpus(topics(2_000))


def sentences_of(corpus):
    return [corpus.ids[start:stop].tolist() for start, stop in zip([0, *corpus.ends[:-1]], corpus.ends, strict=True)]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(lengths=st.lists(st.integers(1, 3 * PIECE_TOKENS), min_size=2, max_size=30), share=st.floats(1e-9, 0.4))
def test_each_piece_of_text_is_trained_on_or_held_out(lengths, share):
    ids = np.arange(sum(lengths))  # every token has a number of its own, so that pieces can be told
    corpus = EncodedCorpus(Vocabulary(("a",), np.ones(1)), ids, np.cumsum(lengths), len(ids) + 7)
    training, held = hold_out(corpus, share)
    assert sorted(np.concatenate([training.ids, held.ids]).tolist()) == corpus.ids.tolist()
    whole = {sentence[0]: sentence for sentence in sentences_of(corpus)}
    pieces = sentences_of(training) + sentences_of(held)
    for piece in pieces:
        assert piece == list(range(piece[0], piece[-1] + 1))
        assert piece == whole.get(piece[0]) or PIECE_TOKENS <= len(piece) <= 2 * PIECE_TOKENS
    assert len(held.ends) == max(1, round(share * len(pieces)))
    assert training.vocabulary is held.vocabulary is corpus.vocabulary
    assert training.read_tokens + held.read_tokens == pytest.approx(corpus.read_tokens, abs=1)  # each is rounded


def test_a_long_text_is_split_in_groups(monkeypatch, tmp_path):
    """Half of each group's sentences are held out; what is mapped stays mapped."""
    monkeypatch.setattr(held_outs, "GROUP_SENTENCES", 100)
    monkeypatch.setattr(held_outs, "_COPIED_SENTENCES", 30)
    for folder in (None, tmp_path):
        text = [[f"w{i}"] * (1 + i % 3) for i in range(1_000)]
        training, held_out = hold_out(read_corpus(text, memory_map=folder), 0.5)
        assert (mapping(training.ids) is None) == (mapping(held_out.ends) is None) == (folder is None)
        parts = [sentences_of(part) for part in (training, held_out)]
        words = training.vocabulary.words
        numbers = [[int(words[sentence[0]][1:]) for sentence in part] for part in parts]
        assert sorted(numbers[0] + numbers[1]) == list(range(1_000))
        assert [number // 100 for number in numbers[1]] == [group for group in range(10) for _ in range(50)]
        lengths = [[1 + number % 3 for number in part] for part in numbers]
        assert lengths == [list(map(len, part)) for part in parts]


def test_training_with_held_out_text_is_training_on_the_rest(corpus):
    training, held = hold_out(corpus, 0.1)
    by_share, report = train(corpus, TrainingConfig(held_out=0.1, **OPTIONS))
    by_corpus, same_report = train(training, TrainingConfig(**OPTIONS), held_out=held)
    without, plain_report = train(training, TrainingConfig(**OPTIONS))
    assert np.array_equal(by_share.vectors, without.vectors) and np.array_equal(by_corpus.vectors, without.vectors)
    assert report.epoch_losses == same_report.epoch_losses == plain_report.epoch_losses
    assert report.held_out_losses == same_report.held_out_losses and plain_report.held_out_losses == ()
    assert report.trained_tokens == len(training.ids) == 16_000 - len(held.ids)


def test_the_loss_is_that_of_the_slow_twin(corpus):
    config = TrainingConfig(vector_size=12, sample=0.005, negative=7, window=3, ns_exponent=0.5)
    _, held = hold_out(corpus, 0.05)
    words = len(corpus.vocabulary)
    random = np.random.default_rng(0)
    inputs, outputs = random.standard_normal((2, words, 12), np.float32) / np.float32(3)
    counts = corpus.vocabulary.counts
    pairs, loss = oracle.train(
        sentences_of(held), keep_limits(counts, 0.005), oracle.alias_rows(alias_table(noise_probabilities(counts, 0.5))),
        inputs.astype(float), outputs.astype(float), window=3, negative=7, learning_rate=0.0,
        seed=fixed_schedule(held, config).seeds[0],
    )  # fmt: skip
    # A score is off by at most 12 / 2**24 of |x| |y|, about 1, and so is its loss, of about 0.7; the products by far less.
    embeddings = Embeddings(corpus.vocabulary, inputs, outputs)
    assert held_out_loss(held, embeddings, config) == pytest.approx(loss / pairs, rel=2e-6)


def test_the_loss_starts_at_that_of_the_zero_output_rows(corpus):
    _, held = hold_out(corpus, 0.1)
    zeros = Embeddings(corpus.vocabulary, np.ones((100, 4)), np.zeros((100, 4)))
    assert held_out_loss(held, zeros, TrainingConfig(negative=9)) == pytest.approx(10 * np.log(2), rel=1e-6)


def test_the_loss_depends_on_neither_seed_nor_threads_and_is_the_reports(corpus):
    training, held = hold_out(corpus, 0.3)
    embeddings, report = train(training, TrainingConfig(**OPTIONS), held_out=held)
    losses = {
        held_out_loss(held, embeddings, TrainingConfig(seed=seed, threads=threads, **OPTIONS))
        for seed, threads in ((1, 1), (2, 3), (3, 2))
    }
    assert losses == {report.held_out_losses[-1]}
    assert len(report.held_out_losses) == 3 and report.held_out_losses[2] < report.held_out_losses[0]


def test_other_losses_are_scored_by_their_own_kernels(corpus):
    training, held = hold_out(corpus, 0.1)
    config = TrainingConfig(loss="hierarchical-softmax", architecture="cbow", **OPTIONS)
    scored, report = train(training, config, held_out=held)
    assert report.held_out_losses[-1] == held_out_loss(held, scored, config) < report.held_out_losses[0]
    plain, _ = train(training, config)
    assert np.array_equal(scored.vectors, plain.vectors) and np.array_equal(scored.outputs, plain.outputs)


def test_progress_tells_the_loss_after_each_epoch(corpus):
    seen = []
    _, report = train(corpus, TrainingConfig(held_out=0.1, **OPTIONS), seen.append)
    told = list(dict.fromkeys(progress.held_out_loss for progress in seen))
    assert told[0] is None and tuple(told[1:]) == report.held_out_losses
    assert seen[-1].tokens_done == seen[-1].tokens_total == 3 * report.trained_tokens


def test_another_texts_words_keep_the_vocabularys_numbers(corpus):
    words = corpus.vocabulary.words
    other = read_corpus([["new", words[7], "newer"], ["new"], [words[0]]], vocabulary=corpus.vocabulary)
    assert other.ids.tolist() == [7, 0] and other.ends.tolist() == [1, 2] and other.read_tokens == 5


def test_gensims_way_of_calling():
    assert len(Word2Vec(topics(500), vector_size=8, epochs=2, held_out=0.2).report.held_out_losses) == 2


def test_what_is_refused(corpus, tmp_path):
    _, held = hold_out(corpus, 0.1)
    with pytest.raises(ConfigError, match=r"held_out is 1\.0; it is a share of the sentences and must be below 1"):
        TrainingConfig(held_out=1.0)
    with pytest.raises(ConfigError, match=r"held_out is -0\.1; it must be a finite number of at least 0"):
        TrainingConfig(held_out=-0.1)
    with pytest.raises(ConfigError, match=r"give either a held-out corpus or the share held_out 0\.1"):
        train(corpus, TrainingConfig(held_out=0.1), held_out=held)
    with pytest.raises(CorpusError, match=r"held_out is 0\.5 of 1 sentences, which leaves none to train on; lower it"):
        train(read_corpus([["a", "b"]]), TrainingConfig(held_out=0.5))
    other = read_corpus([["a", "b"]] * 9)
    with pytest.raises(CorpusError, match=r"another vocabulary; read it with vocabulary=corpus\.vocabulary"):
        train(corpus, TrainingConfig(), held_out=other)
    with pytest.raises(CorpusError, match=r"another vocabulary; read it with vocabulary=corpus\.vocabulary"):
        held_out_loss(held, Embeddings(other.vocabulary, np.zeros((2, 3)), np.zeros((2, 3))), TrainingConfig())
    with pytest.raises(ValueError, match=r"these vectors came without output rows, which \.npz and \.safetensors keep"):
        held_out_loss(held, Embeddings(corpus.vocabulary, np.zeros((100, 3))), TrainingConfig())
    with pytest.raises(CorpusError, match="the held-out text has no pair of words to score; hold out more"):
        train(corpus, TrainingConfig(**OPTIONS), held_out=read_corpus([["a1"]], vocabulary=corpus.vocabulary))
    with pytest.raises(CorpusError, match="no word of the corpus is in the vocabulary of 2 words"):
        read_corpus([["x"]], vocabulary=other.vocabulary)
