"""Keep probabilities, the noise distribution and its alias table, and the kernels' draws from them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles.sgns_oracle import alias_probabilities
from w2v.kernels import choose_centers, train_centers
from w2v.sampling import alias_table, keep_limits, keep_probabilities, noise_probabilities
from w2v.schedule import Block
from w2v.workspace import Sampling, Weights, text_in_order, workspace

COUNTS = st.lists(st.integers(1, 10**9), min_size=1, max_size=60)


@given(COUNTS, st.sampled_from([0.0, 0.25, 0.75, 1.0, -0.5]))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_the_alias_table_has_the_probabilities_of_the_noise(counts, exponent):
    expected = np.array(counts, float) ** exponent
    expected /= expected.sum()
    probabilities = alias_probabilities(alias_table(noise_probabilities(counts, exponent)))
    assert np.abs(probabilities - expected).max() <= 2**-31  # an entry's threshold is met to 2**-32


@pytest.mark.parametrize(("count", "sample"), [(1, 1e-3), (50, 1e-3), (100_000, 1e-3), (900_000, 1e-5)])
def test_the_keep_probability_is_that_of_word2vec_c(count, sample):
    total = 1_000_000
    expected = min((math.sqrt(count / (sample * total)) + 1) * (sample * total) / count, 1)  # as word2vec.c has it
    assert keep_probabilities([count, total - count], sample)[0] == pytest.approx(expected, rel=1e-12)


def test_every_token_is_kept_without_subsampling():
    assert (keep_limits([10**9, 1], 0) == 2**32 - 1).all()
    assert (keep_limits([1, 1], 1.0) == 2**32 - 1).all()


def chi_square(observed, expected):
    """Pearson's statistic, in standard deviations above its mean; above 10 by chance less than once in a million tests."""
    statistic = ((observed - expected) ** 2 / expected).sum()
    freedom = len(observed) - 1
    return (statistic - freedom) / math.sqrt(2 * freedom)


def test_tokens_are_kept_and_windows_drawn_with_their_probabilities():
    words, repeats, window = 40, 5_000, 7
    counts = np.arange(1, words + 1) ** 3
    sampling = Sampling(keep_limits(counts, 1e-4), np.zeros(words, np.uint64), window, 1)
    tokens = np.tile(np.arange(words, dtype=np.int32), repeats)
    weights = Weights(np.zeros(0, np.float32), np.zeros(0, np.float32), 16, 0, 0)
    work = workspace(len(tokens), window, 1, weights)
    work.random[0] = 12
    kept = choose_centers(text_in_order(tokens, np.array([len(tokens)])), Block(0, len(tokens), 0, 0.0), sampling, work)

    keep = keep_probabilities(counts, 1e-4)
    seen = np.bincount(work.kept[:kept], minlength=words)
    assert (seen[keep == 1] == repeats).all()
    dropped = keep < 1
    variances = (repeats * keep * (1 - keep))[dropped]
    assert dropped.sum() > 30
    excess = ((seen - repeats * keep)[dropped] ** 2 / variances).sum() - dropped.sum()
    assert excess / math.sqrt(2 * dropped.sum()) < 10  # by chance less than once in a million tests

    centers = np.arange(window, kept - window)
    assert (work.last[centers] - 1 - centers == centers - work.first[centers]).all()
    reaches = np.bincount(centers - work.first[centers], minlength=window + 1)
    assert reaches[0] == 0 and len(reaches) == window + 1
    assert chi_square(reaches[1:], len(centers) / window) < 10


@given(st.integers(1, 6), st.integers(0, 5), st.integers(0, 2**32))
def test_windows_may_have_a_least_width(window, narrower, seed):
    least = max(window - narrower, 1)
    sampling = Sampling(np.full(3, 2**32 - 1, np.uint32), np.zeros(3, np.uint64), window, 1, least)
    tokens = np.arange(200, dtype=np.int32) % 3
    work = workspace(len(tokens), window, 1, Weights(np.zeros(0, np.float32), np.zeros(0, np.float32), 16, 0, 0))
    work.random[0] = seed
    kept = choose_centers(text_in_order(tokens, np.array([len(tokens)])), Block(0, len(tokens), 0, 0.0), sampling, work)

    centers = np.arange(window, kept - window)
    reaches = set((centers - work.first[centers]).tolist())
    # one of at most 6 equally likely widths is missing among 188 draws by chance less than once in 1e13 examples
    assert reaches == set(range(least, window + 1))


def test_negatives_follow_the_noise_distribution():
    words, centers, size = 60, 200_000, 16
    probabilities = noise_probabilities(np.arange(1, words + 1) ** 2, 0.75)
    sampling = Sampling(np.full(words, 2**32 - 1, np.uint32), alias_table(probabilities), 1, 1)
    weights = Weights(
        np.zeros(words * size, np.float32), np.zeros((words + 1) * size, np.float32), size, 0, words * size
    )
    work = workspace(centers + 1, 1, 1, weights)
    weights.inputs[0] = (
        1  # the input row of word 0, the one context: each update adds the same to its negative's output row
    )
    work.random[0] = 5
    work.kept[:centers] = 0
    work.first[:centers] = np.arange(centers)
    work.last[:centers] = np.arange(centers) + 2
    rate = 1e-9  # too little to move a score
    train_centers(0, centers - 1, rate, sampling, weights, work)
    outputs = weights.outputs.reshape(-1, size)[:words, 0].astype(float)
    drawn = outputs[1:] / (-rate / 2)
    expected = (centers - 1) * probabilities[1:] / probabilities[1:].sum()  # the center is no negative of its own
    assert chi_square(drawn, expected) < 10
