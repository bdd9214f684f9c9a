"""The training step for words that are made of parts, against the slow twin and the closed form of one pair's gradient."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.oracles import sgns_oracle, subword_oracle
from tests.oracles.objectives_oracle import NegativeSampling
from tests.test_w2v.test_kernels import KEEP_ALL, sampling_for, sources_digest, weights_for
from w2v.schedule import Block
from w2v.subword_kernels import (
    SOURCES_DIGEST,
    Parts,
    compose_words,
    composed_blocks_on,
)
from w2v.workspace import text_in_order


def parts_for(rows_of, size, stride, seed):
    """Random rows of parts in the kernels' layout, and a view of them, [rows, stride]."""
    matrix = np.zeros((max(map(max, rows_of)) + 1, stride), np.float32)
    matrix[:, :size] = np.random.default_rng(seed).standard_normal((len(matrix), size)) / np.sqrt(size)
    starts = np.cumsum([0, *map(len, rows_of)])
    return Parts(matrix.ravel(), starts, np.concatenate(rows_of).astype(np.int32)), matrix


def random_rows(words, ngrams, seed):
    """For each word its own row and one to five of the n-grams' rows behind those of all words, with repeats."""
    random = np.random.default_rng(seed)
    return [[word, *(words + random.integers(0, ngrams, random.integers(0, 6))).tolist()] for word in range(words)]


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    size=st.integers(1, 40),
    negative=st.integers(1, 8),
    window=st.integers(1, 4),
    ngrams=st.integers(1, 300),
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    keep=st.sampled_from([KEEP_ALL, KEEP_ALL // 2]),
    seed=st.integers(0, 2**64 - 1),
)
@example(size=20, negative=5, window=5, ngrams=30, lengths=[40, 40, 40, 40], keep=KEEP_ALL, seed=1)
@example(size=20, negative=5, window=40, ngrams=30, lengths=[100], keep=KEEP_ALL, seed=1)
def test_a_block_equals_the_slow_twin(size, negative, window, ngrams, lengths, keep, seed):
    words = max(negative + 1, max(lengths))
    random = np.random.default_rng(seed)
    sentences = [random.permutation(words)[:length] for length in lengths]  # no word twice among a center's contexts
    text = text_in_order(np.concatenate(sentences).astype(np.int32), np.cumsum(lengths).astype(np.int64))
    weights, _, outputs = weights_for(words, size, window, negative, seed)
    rows_of = random_rows(words, ngrams, seed)
    parts, matrix = parts_for(rows_of, size, weights.stride, seed)
    sampling = sampling_for(words, window, negative, keep)
    expected_parts, expected_outputs = matrix[:, :size].astype(np.float64), outputs[:, :size].astype(np.float64)
    rate = 0.01

    train = composed_blocks_on(text, len(text.ids), sampling, weights, parts)
    pairs, loss = train(Block(0, len(text.ids), 0, rate), seed)

    expected_pairs, expected_loss = subword_oracle.train(
        sentences, sampling.keep, NegativeSampling(sampling.noise, negative), rows_of, expected_parts, expected_outputs,
        window=window, learning_rate=rate, seed=seed, at_once=max(64, 2 * window),
    )  # fmt: skip
    assert pairs == expected_pairs
    # As for plain words, a step is off by the rate times a score's rounding, and by half a unit in the last place; the row of an
    # n-gram gathers that from each of the places at which words have it.
    per_step = rate * (size * 2**-26 + 1e-6) * 4 + 2**-22
    places = np.bincount(np.concatenate(rows_of)).max()
    bound = per_step * (2 * window * (negative + 1) * len(lengths) * places + len(text.ids))
    assert np.abs(matrix[:, :size] - expected_parts).max() < bound
    assert np.abs(outputs[:, :size] - expected_outputs).max() < bound
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    assert not matrix[:, size:].any()


@pytest.mark.parametrize("size", [1, 16, 100, 300])
def test_a_pair_changes_the_rows_of_one_word_by_the_gradient(size):
    words, negative, rate = 12, 5, 0.1
    weights, _, outputs = weights_for(words, size, 1, negative, seed=size)
    # Word 1 has its own row, the n-gram 20 and twice the n-gram 21; word 2 is not in the text, and shares an n-gram.
    rows_of = [[word, 30] for word in range(words)]
    rows_of[1], rows_of[2] = [1, 20, 21, 21], [2, 20]
    parts, matrix = parts_for(rows_of, size, weights.stride, seed=size)
    old_parts, old_outputs = matrix.copy(), outputs.copy()
    text = text_in_order(np.array([0, 1], np.int32), np.array([2]))
    # Two pairs: word 1 as the context of center 0, which alone changes the rows of word 1; then word 0 as that of center 1.
    sampling = sampling_for(words, 1, negative)
    pairs, _ = composed_blocks_on(text, 2, sampling, weights, parts)(Block(0, 2, 0, rate), 0)
    assert pairs == 2
    changed = np.flatnonzero((matrix != old_parts).any(axis=1)).tolist()
    assert changed == [0, 1, 20, 21, 30]

    change = matrix[1].astype(np.float64) - old_parts[1]
    context = old_parts[[1, 20, 21, 21]].astype(np.float64).mean(axis=0)
    random = sgns_oracle.SplitMix64(0)
    random.next(), random.next()  # which words are kept, and how far their windows reach
    chosen = [0, *sgns_oracle.negatives(0, sgns_oracle.alias_rows(sampling.noise), negative, random)]
    gradient, _ = sgns_oracle.pair_gradients(context, old_outputs[chosen].astype(np.float64))
    tolerance = 3e-6  # as in the test of a pair of words
    assert np.abs(change + rate * gradient).max() < tolerance
    assert np.abs(matrix[20].astype(np.float64) - old_parts[20] - change).max() < tolerance
    assert np.abs(matrix[21].astype(np.float64) - old_parts[21] - 2 * change).max() < tolerance


def test_words_are_composed_of_their_rows():
    rows_of = [[0, 3], [1], [2, 3, 4, 4]]
    weights, inputs, _ = weights_for(3, 20, 1, 1, seed=0)
    parts, matrix = parts_for(rows_of, 20, weights.stride, seed=1)
    compose_words(3, weights, parts)
    for row, rows in zip(inputs, rows_of, strict=True):
        # Three additions and a product, each off by half a unit in the last place of numbers below 4.
        assert np.abs(row - matrix[rows].astype(np.float64).mean(axis=0)).max() < 4 * 2**-23


def test_an_edit_of_what_kernels_import_reaches_the_cache():
    digest = sources_digest("compilation", "copying", "draws", "kernels", "simd", "tiles", "workspace")
    assert digest == SOURCES_DIGEST, (
        f'write SOURCES_DIGEST = "{digest}" to w2v/subword_kernels.py, so that kernels are compiled anew'
    )
