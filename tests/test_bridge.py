"""Where both packages meet: what `lagrangian` derives, the kernels of `w2v` do.

Gradients: equations that `lagrangian` derives, evaluated with 100 bits at random points, against one step of a kernel, to what
float32 can lose. Optima: the closed form with its certificate against what the trainer converges to. Draws: chi-square tests with
fixed seeds; over all seeds each would fail once in a million times with a right kernel.
"""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.stats import chi2
from sympy import Symbol, exp, log, symbols

from lagrangian import Problem, Status, solve
from tests import derived
from tests.derived import exact_gradient, rounding_bounds
from tests.oracles.negative_sampling import (
    drawn_sets,
    expected_negatives,
    inclusion_probabilities,
    pair_counts,
    shifted_pmi,
)
from tests.test_w2v.planted import chain
from tests.test_w2v.test_kernels import KEEP_ALL, weights_for
from w2v import TrainingConfig, read_corpus, train
from w2v.kernels import train_block, train_centers
from w2v.sampling import alias_table, keep_limits, keep_probabilities, noise_probabilities
from w2v.schedule import Block
from w2v.workspace import Sampling, text_in_order, workspace

FALSE_ALARM = 1e-6


# --- gradients --------------------------------------------------------------------------------------------------------


@st.composite
def one_center(draw, most_contexts=3, most_negatives=4, most_size=3):
    """Rows of a center's contexts and of its output words, float32."""
    contexts, negatives, size = (draw(st.integers(1, most)) for most in (most_contexts, most_negatives, most_size))
    numbers = st.floats(-4, 4, width=32, allow_subnormal=False)
    shapes = (contexts, size), (negatives + 1, size)
    return *(draw(arrays.arrays(np.float32, shape, elements=numbers)) for shape in shapes), draw(st.floats(1e-3, 1))


@settings(max_examples=100, deadline=None)
@given(one_center())
def test_negative_sampling_steps_down_the_derived_gradient(center) -> None:
    inputs, outputs, rate = center
    rate, negatives, size = float(np.float32(rate)), len(outputs) - 1, inputs.shape[1]
    # the words 0 ... are the center and its negatives: there are no others to draw; the contexts are numbered from 1
    words = max(len(outputs), len(inputs) + 1)
    noise = np.where(np.arange(words) < len(outputs), 1.0, 0.0) / len(outputs)
    weights, input_rows, output_rows = weights_for(words, size, len(inputs), negatives, seed=0)
    input_rows[1 : len(inputs) + 1, :size], output_rows[: len(outputs), :size] = inputs, outputs
    work = workspace(len(inputs) + 1, len(inputs), negatives, weights)
    work.kept[: len(inputs) + 1] = np.arange(len(inputs) + 1)
    work.first[0], work.last[0] = 0, len(inputs) + 1
    sampling = Sampling(np.full(words, KEEP_ALL, np.uint32), alias_table(noise), len(inputs), negatives)
    train_centers(0, 1, rate, sampling, weights, work)

    inputs, outputs = inputs.astype(float), outputs.astype(float)
    positive, nothing = np.eye(1, len(outputs)), np.zeros(len(outputs))
    for_inputs, for_outputs = exact_gradient(derived.negative_sampling, inputs, outputs, nothing, nothing)
    bounds = rounding_bounds(inputs, outputs, positive, np.ones(len(outputs)), nothing, rate)
    assert (np.abs(input_rows[1 : len(inputs) + 1, :size] - (inputs - rate * for_inputs)) <= bounds[0]).all()
    assert (np.abs(output_rows[: len(outputs), :size] - (outputs - rate * for_outputs)) <= bounds[1]).all()


# --- optima -----------------------------------------------------------------------------------------------------------


def optimal_score(positives, negatives):
    """The score that minimizes the expected loss of one cell, -a log σ(x) - b log σ(-x), as `lagrangian` proves it."""
    x = Symbol("x", real=True)
    solution = solve(Problem(positives * log(1 + exp(-x)) + negatives * log(1 + exp(x)), over=[x]))
    assert solution.status is Status.OPTIMAL and solution.certificate.verify() is True
    (point,) = solution.points
    return point[x]


def test_the_optimum_of_a_cell_is_the_shifted_pmi() -> None:
    pairs, center, context, total, negative, scale = symbols("n n_w n_c D k Z", positive=True)
    exponent = symbols("alpha", real=True)
    levy_goldberg = log(pairs * total / (center * context)) - log(negative)
    assert sympy.expand_log(optimal_score(pairs, negative * context * center / total) - levy_goldberg) == 0
    # the noise of a word is count**exponent / Z
    general = log(pairs * scale / (context * center**exponent)) - log(negative)
    assert sympy.expand_log(optimal_score(pairs, negative * context * center**exponent / scale) - general) == 0
    assert optimal_score(pairs, center) == log(pairs / center)


NOISES = st.lists(st.floats(0.01, 1), min_size=3, max_size=6).map(lambda shares: np.array(shares) / sum(shares))


@settings(max_examples=40, deadline=None)
@given(NOISES, st.integers(1, 3))
def test_inclusion_probabilities_are_those_of_all_orders_of_drawing(noise, count) -> None:
    count = min(count, len(noise) - 1)
    inclusion = inclusion_probabilities(noise, count)
    for center in range(len(noise)):
        sets = drawn_sets(noise, center, count)
        for word in range(len(noise)):
            expected = sum(probability for drawn, probability in sets.items() if word in drawn)
            assert inclusion[center, word] == pytest.approx(expected, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(8, 30), st.floats(0, 1.5), st.integers(1, 5))
def test_distinct_negatives_are_independent_ones_where_no_word_is_frequent(words, skew, count) -> None:
    """Each draw takes n with a probability from q to q / (1 - Q), Q the noise of the `count` most frequent words."""
    noise = 1 / np.arange(1, words + 1) ** skew
    noise /= noise.sum()
    inclusion = inclusion_probabilities(noise, count)
    others = ~np.eye(words, dtype=bool)
    lower = np.broadcast_to(1 - (1 - noise) ** count, inclusion.shape)
    upper = np.broadcast_to(count * noise / (1 - np.sort(noise)[-count:].sum()), inclusion.shape)
    assert (inclusion[others] >= lower[others] - 1e-12).all() and (inclusion[others] <= upper[others] + 1e-12).all()
    assert np.allclose(inclusion.sum(axis=1), count, atol=1e-9)


@pytest.fixture(scope="module")
def corpus():
    return read_corpus(chain(), min_count=1)


def trained_scores(corpus, negative, exponent):
    """The products of all output rows with all input rows, [centers, contexts], with as many dimensions as words."""
    config = TrainingConfig(
        vector_size=len(corpus.vocabulary), window=1, min_count=1, sample=0, negative=negative, ns_exponent=exponent,
        alpha=0.025, min_alpha=0, epochs=160,
    )  # fmt: skip
    embeddings, _ = train(corpus, config)
    return embeddings.outputs.astype(float) @ embeddings.vectors.T.astype(float)


@pytest.mark.parametrize("negative", [1, 5])
@pytest.mark.parametrize("exponent", [1, 0.75])
def test_the_trainer_converges_to_the_optimum(corpus, negative, exponent) -> None:
    a, b = symbols("a b", positive=True)
    score = sympy.lambdify([a, b], optimal_score(a, b), "numpy")
    noise = noise_probabilities(corpus.vocabulary.counts, exponent)
    pairs = pair_counts(corpus.ids, corpus.ends, window=1)
    assert pairs.min() > 50
    optimum = score(pairs, expected_negatives(pairs, inclusion_probabilities(noise, negative)))

    scores = trained_scores(corpus, negative, exponent)
    assert np.corrcoef(scores.ravel(), optimum.ravel())[0, 1] > 0.999
    assert np.abs(scores - optimum).max() < 0.1
    if exponent == 1:
        # closer to it with more words: k distinct negatives out of 20 words are not quite k independent ones
        assert np.corrcoef(scores.ravel(), shifted_pmi(pairs, negative).ravel())[0, 1] > 0.99


# --- draws ------------------------------------------------------------------------------------------------------------


def trained_words(centers, keep, noise, negative, seed):
    """The output rows that one block trains for each center, bool [centers, words]: none where the center is dropped.

    Each center has a sentence of its own with one context, whose input row is a unit vector of its own: what the block adds to
    an output row shows which centers trained it. The contexts are words behind those of the noise, which never draws them.
    """
    words, count = len(noise), len(centers)
    sampling = Sampling(
        np.append(keep, np.full(count, KEEP_ALL, np.uint32)),
        alias_table(np.append(noise, np.zeros(count))),
        1,
        negative,
    )
    weights, inputs, outputs = weights_for(words + count, count, 1, negative, seed=0)
    inputs[:], outputs[:] = 0, 0
    np.fill_diagonal(inputs[words:], 1)
    ids = np.stack([centers, words + np.arange(count)], axis=1).astype(np.int32).ravel()
    work = workspace(len(ids), 1, negative, weights)
    work.random[0] = seed
    rate = 1e-6  # what the contexts, as centers, add by then to the centers' rows is of order rate**2
    train_block(text_in_order(ids, np.arange(2, len(ids) + 1, 2)), Block(0, len(ids), 0, rate), sampling, weights, work)
    return np.abs(outputs[:words, :count].T) > rate / 4


BLOCK = 512
BLOCKS = 40


def test_negatives_of_the_kernel_are_drawn_one_after_the_other_from_those_left() -> None:
    """Every set of negatives of every center, with its probability from the noise: Pearson's chi-square."""
    counts, negative = np.arange(6, 13) ** 2, 2
    noise = noise_probabilities(counts, 0.75)
    centers = np.arange(BLOCK) % len(noise)
    keep = np.full(len(noise), KEEP_ALL, np.uint32)
    seen: Counter = Counter()
    for seed in range(BLOCKS):
        for center, row in zip(centers.tolist(), trained_words(centers, keep, noise, negative, seed), strict=True):
            assert row[center] and row.sum() == negative + 1  # never the center, and distinct
            seen[center, frozenset(np.flatnonzero(row).tolist()) - {center}] += 1
    statistic, freedom = 0.0, 0
    for center in range(len(noise)):
        sets = drawn_sets(noise, center, negative)
        assert len(sets) == len(list(combinations(range(len(noise) - 1), negative)))
        draws = BLOCKS * (centers == center).sum()
        expected = {drawn: draws * probability for drawn, probability in sets.items()}
        assert min(expected.values()) > 20
        statistic += sum((seen[center, drawn] - mean) ** 2 / mean for drawn, mean in expected.items())
        freedom += len(sets) - 1
    assert chi2.sf(statistic, freedom) > FALSE_ALARM


@pytest.mark.parametrize("exponent", [1.0, 0.75, 0.0])
def test_negatives_of_the_kernel_follow_the_noise(exponent) -> None:
    """One negative a center, whose word is left out: q / (1 - q of the center)."""
    noise = noise_probabilities(np.arange(20, 40) ** 3, exponent)
    keep = np.full(len(noise), KEEP_ALL, np.uint32)
    centers = np.zeros(BLOCK, int)
    rows = np.concatenate([trained_words(centers, keep, noise, 1, seed) for seed in range(BLOCKS)])
    seen, expected = rows[:, 1:].sum(axis=0), len(rows) * noise[1:] / (1 - noise[0])
    assert seen.sum() == len(rows) and expected.min() > 20
    assert chi2.sf(((seen - expected) ** 2 / expected).sum(), len(seen) - 1) > FALSE_ALARM


def test_the_kernel_keeps_words_with_their_probabilities() -> None:
    """Kept or dropped, each word's tokens are binomial; their squared deviations add up to chi-square."""
    counts, sample = np.array([900, 700, 500, 300, 200, 100, 50, 30, 10]), 1e-2
    keep = keep_probabilities(counts, sample)
    centers = np.arange(BLOCK) % len(counts)
    noise = noise_probabilities(counts, 0.75)
    rows = [trained_words(centers, keep_limits(counts, sample), noise, 1, seed) for seed in range(BLOCKS)]
    kept = np.array([sum(row.any(axis=1)[centers == word].sum() for row in rows) for word in range(len(counts))])
    tokens = BLOCKS * np.bincount(centers)
    assert (kept == tokens)[keep == 1].all() and (keep < 1).sum() >= 5
    means, variances = tokens * keep, tokens * keep * (1 - keep)
    dropping = keep < 1
    assert variances[dropping].min() > 20
    statistic = ((kept - means)[dropping] ** 2 / variances[dropping]).sum()
    assert chi2.sf(statistic, dropping.sum()) > FALSE_ALARM
