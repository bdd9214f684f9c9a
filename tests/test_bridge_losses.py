"""Every loss and both architectures: a step is the derived gradient, and the trainer converges to the derived optimum.

Sampled softmax estimates the slopes of the full one without bias where the partition is the true one, and has just these
where all words are candidates.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.stats import chi2
from sympy import Eq, exp, log, symbols

from lagrangian import Problem, solve
from tests import derived
from tests.derived import exact_gradient, rounding_bounds
from tests.oracles.negative_sampling import pair_counts
from tests.test_w2v.planted import chain
from w2v import read_corpus, train
from w2v.config import Architecture, Loss, TrainingConfig
from w2v.huffman import huffman_paths
from w2v.objectives import empty_outputs
from w2v.sampling import noise_probabilities
from w2v.steps import steps, train_steps
from w2v.weights import loaded_weights, output_rows, trained_rows
from w2v.workspace import workspace

WORDS, SIZE = 5, 2
COUNTS = np.array([40, 25, 16, 10, 9])
FALSE_ALARM = 1e-6


def train_one_center(config, inputs, outputs, contexts, rate):
    """Train word 0 with the contexts 1, 2, ...; returns both matrices after it, and what was drawn: words and how often each."""
    chosen = steps(config, COUNTS)
    weights = loaded_weights(inputs, outputs, config)[0]
    work = workspace(contexts + 1, config.window, 1, weights)
    work.kept[: contexts + 1] = np.arange(contexts + 1)
    work.first[0], work.last[0] = 0, contexts + 1
    work.random[0] = config.seed
    lists = empty_outputs(chosen.objective, WORDS, 2 * config.window, weights)
    train_steps(0, 1, rate, chosen.architecture, chosen.objective, weights, work, lists)
    words, times = (array[: lists.drawn.found[0]].tolist() for array in (lists.drawn.words, lists.drawn.times))
    after = [rows(weights, WORDS, SIZE).astype(float) for rows in (trained_rows, output_rows)]
    return *after, dict(zip(words, times, strict=True))


def examples(config, drawn):
    """A loss's output words, and for each of them its label, how often it counts, and its offset, from the definition."""
    center = np.eye(1, WORDS)[0]
    if config.loss is Loss.HIERARCHICAL_SOFTMAX:
        paths = huffman_paths(COUNTS)
        path = slice(*paths.starts[:2])
        return paths.nodes[path], paths.turns[path], np.ones(path.stop), np.zeros(path.stop)
    if config.loss in (Loss.FULL_SOFTMAX, Loss.NEGATIVE_SAMPLING):
        return np.arange(WORDS), center, np.ones(WORDS), np.zeros(WORDS)
    words = np.array([0, *(word for word in drawn if word != 0)])
    times = np.array([drawn.get(word, 0) for word in words.tolist()])
    times[0] = 1 + (times[0] if config.loss is Loss.NOISE_CONTRASTIVE else 0)
    expected = config.negative * noise_probabilities(COUNTS, config.ns_exponent)
    return words, center[: len(words)], times, np.log(expected)[words]


DEFINITIONS = {
    Loss.NEGATIVE_SAMPLING: derived.negative_sampling,
    Loss.NOISE_CONTRASTIVE: derived.noise_contrastive,
    Loss.SAMPLED_SOFTMAX: derived.sampled_softmax,
    Loss.FULL_SOFTMAX: derived.full_softmax,
    Loss.HIERARCHICAL_SOFTMAX: derived.hierarchical_softmax,
}
MATRICES = arrays.arrays(np.float32, (2, WORDS, SIZE), elements=st.floats(-4, 4, width=32, allow_subnormal=False))


def check_a_step(config, matrices, contexts, rate, definition, listed=None):
    """Compare one step with the derived gradient; other rows must stay as they are."""
    rate = float(np.float32(rate))
    new_inputs, new_outputs, drawn = train_one_center(config, *matrices, contexts, rate)
    inputs, outputs = matrices.astype(float)
    words, labels, counts, offsets = listed or examples(config, drawn)
    is_softmax = config.loss in (Loss.FULL_SOFTMAX, Loss.SAMPLED_SOFTMAX)
    is_cbow = config.architecture is Architecture.CBOW
    # what the definition calls n: the turns of a path, or how often noise was drawn
    n = labels if config.loss is Loss.HIERARCHICAL_SOFTMAX else counts - labels
    x, y = inputs[1 : contexts + 1], outputs[words]
    for_inputs, for_outputs = exact_gradient(definition, x, y, n, offsets, is_cbow)
    if is_cbow and not config.cbow_exact:
        for_inputs *= contexts  # as word2vec.c, which gives every context the whole gradient of their mean
    bounds = rounding_bounds(x, y, labels, counts, offsets, rate, is_softmax=is_softmax, is_cbow=is_cbow)
    if is_cbow and not config.cbow_exact:
        bounds = contexts * bounds[0], bounds[1]
    assert (np.abs(new_inputs[1 : contexts + 1] - (x - rate * for_inputs)) <= bounds[0]).all()
    assert (np.abs(new_outputs[words] - (y - rate * for_outputs)) <= bounds[1]).all()
    assert (np.delete(new_inputs, range(1, contexts + 1), axis=0) == inputs[[0, *range(contexts + 1, WORDS)]]).all()
    assert (np.delete(new_outputs, words, axis=0) == np.delete(outputs, words, axis=0)).all()


@pytest.mark.parametrize(
    ("loss", "architecture"),
    [
        *((loss, Architecture.SKIP_GRAM) for loss in Loss if loss is not Loss.NEGATIVE_SAMPLING),
        (Loss.NEGATIVE_SAMPLING, Architecture.CBOW),
        (Loss.SAMPLED_SOFTMAX, Architecture.CBOW),
    ],
)
@settings(max_examples=30, deadline=None)
@given(MATRICES, st.integers(1, 2), st.floats(1e-3, 1), st.integers(0, 2**64 - 1), st.booleans())
def test_a_step_is_the_derived_gradient(loss, architecture, matrices, contexts, rate, seed, exact) -> None:
    options = {"cbow_exact": exact} if architecture is Architecture.CBOW else {}
    config = TrainingConfig(
        loss=loss, architecture=architecture, vector_size=SIZE, window=2, negative=4, seed=seed, **options
    )
    check_a_step(config, matrices, contexts, rate, DEFINITIONS[loss])


@settings(max_examples=30, deadline=None)
@given(MATRICES, st.integers(1, 2), st.floats(1e-3, 1), st.integers(0, 2**64 - 1))
def test_sampled_softmax_of_all_words_is_the_full_softmax(matrices, contexts, rate, seed) -> None:
    """With every word among the distinct candidates, each with certainty, the step is exactly that of the full softmax."""
    config = TrainingConfig(
        loss="sampled-softmax", distinct_candidates=True, vector_size=SIZE, window=2, negative=WORDS, seed=seed
    )
    check_a_step(
        config, matrices, contexts, rate, derived.full_softmax,
        (np.arange(WORDS), np.eye(1, WORDS)[0], np.ones(WORDS), np.zeros(WORDS)),
    )  # fmt: skip


@pytest.fixture(scope="module")
def pair():
    """Rows of a context and of all words, the derived slopes of full softmax, and the candidates' distribution."""
    matrices = np.random.default_rng(1).standard_normal((2, WORDS, SIZE)).astype(np.float32)
    context, outputs = matrices[0, 1].astype(float), matrices[1].astype(float)
    _, gradient = exact_gradient(derived.full_softmax, context[np.newaxis], outputs, np.zeros(WORDS), np.zeros(WORDS))
    return matrices, gradient @ context / (context @ context), noise_probabilities(COUNTS, 0.75)


def sampled_slopes(matrices, **options):
    """The slopes by all words' scores in one step with sampled softmax."""
    config = TrainingConfig(loss="sampled-softmax", vector_size=SIZE, window=1, **options)
    rate, context = 0.5, matrices[0, 1].astype(float)
    _, outputs, _ = train_one_center(config, *matrices, 1, rate)
    return (matrices[1] - outputs) @ context / (rate * context @ context)


@pytest.mark.parametrize("uncorrected", [False, True])
def test_sampled_softmax_estimates_the_full_one_without_bias(pair, uncorrected) -> None:
    """The slopes of words beside the center have those of the full softmax as means, if divided by the true partition.

    A step has the slope n_j exp(s_j) / (k q_j) over the drawn partition, and the center's tells the partition. What is left
    are the numbers n_j of k independent draws, so Pearson's chi-square of their sums tests the means of all words at once.
    """
    matrices, full, noise = pair
    draws, blocks = 4, 1500
    scores = matrices[1].astype(float) @ matrices[0, 1].astype(float)
    center_weight = np.exp(scores[0]) / (1 if uncorrected else draws * noise[0])
    total = np.zeros(WORDS)
    for seed in range(blocks):
        slopes = sampled_slopes(matrices, negative=draws, seed=seed, uncorrected_center=uncorrected)
        total += slopes * center_weight / (1 + slopes[0]) / np.exp(scores).sum()
    counts = total[1:] / full[1:] * draws * noise[1:]  # how often each word was drawn, if the estimate is right
    seen = np.append(counts, blocks * draws - counts.sum())
    expected = blocks * draws * np.append(noise[1:], noise[0])
    assert chi2.sf(((seen - expected) ** 2 / expected).sum(), WORDS - 1) > FALSE_ALARM


@pytest.mark.parametrize("seed", range(5))
def test_sampled_softmax_with_many_candidates_comes_to_the_full_one(pair, seed) -> None:
    """With the center's score as it is, the sum over the list estimates the partition: a ratio estimate, consistent in k.

    By the delta method the slopes p_j = w_j n_j / Z, w_j = exp(s_j) / (k q_j), have the covariance D k (diag q - q q^T) D^T with
    D = (diag w - p w^T) / Z, over the words beside the center; what it leaves out is a share of 1 / sqrt(k) of it.
    """
    matrices, full, noise = pair
    draws = 10_000
    slopes = sampled_slopes(matrices, negative=draws, seed=seed, uncorrected_center=True)
    scores = np.exp(matrices[1].astype(float) @ matrices[0, 1].astype(float))
    weights, q = (scores / (draws * noise))[1:], noise[1:]
    slope_by_draws = (np.diag(weights) - np.outer(full[1:], weights)) / scores.sum()
    covariance = slope_by_draws @ (draws * (np.diag(q) - np.outer(q, q))) @ slope_by_draws.T
    difference = (slopes - full)[1:]
    assert chi2.sf(difference @ np.linalg.solve(covariance, difference), WORDS - 1) > FALSE_ALARM


# --- optima -----------------------------------------------------------------------------------------------------------


def test_the_optima_are_the_conditional_probabilities() -> None:
    """The logarithm of a center's share of a context: by noise-contrastive estimation, and by softmax but for a common score."""
    s = symbols("s", real=True)
    n, context, noise, k = symbols("n n_c q k", positive=True)
    z = s - log(k * noise)
    contrastive = solve(Problem(n * log(1 + exp(-z)) + k * noise * context * log(1 + exp(z)), over=[s]))
    assert contrastive.points == ({s: log(n / context)},) and contrastive.certificate.verify() is True

    counts, scores = symbols("n1:4", positive=True), symbols("s1:4", real=True)
    losses = [
        n * derived.full_softmax((s, *(t for t in scores if t != s)), (), ())
        for n, s in zip(counts, scores, strict=True)
    ]
    softmax = solve(Problem(sum(losses), [Eq(scores[0], 0)], over=scores))
    assert softmax.points == ({s: log(n / counts[0]) for n, s in zip(counts, scores, strict=True)},)
    assert softmax.certificate.verify() is True


def log_probabilities(loss, scores, counts):
    """The logarithm of the probability that a trained model gives each center in each context, [centers, contexts]."""
    if loss is Loss.NOISE_CONTRASTIVE:
        return scores  # it is normalized by itself
    if loss is not Loss.HIERARCHICAL_SOFTMAX:
        return scores - np.log(np.exp(scores).sum(axis=0))
    starts, nodes, turns = huffman_paths(counts)
    signed = (2 * turns[:, np.newaxis] - 1) * scores[nodes]
    return np.add.reduceat(-np.log1p(np.exp(-signed)), starts[:-1])


@pytest.mark.parametrize(
    ("loss", "distinct"),
    [(loss, False) for loss in Loss if loss is not Loss.NEGATIVE_SAMPLING]
    + [(Loss.SAMPLED_SOFTMAX, True), (Loss.NOISE_CONTRASTIVE, True)],
)
def test_the_trainer_converges_to_the_conditional_probabilities(loss, distinct) -> None:
    corpus = read_corpus(chain(), min_count=1)
    words = len(corpus.vocabulary)
    config = TrainingConfig(
        loss=loss, vector_size=words, window=1, negative=2, min_count=1, sample=0, alpha=0.025, min_alpha=0, epochs=40,
        distinct_candidates=distinct,
    )  # fmt: skip
    embeddings, _ = train(corpus, config)
    scores = embeddings.outputs.astype(float) @ embeddings.vectors.T.astype(float)
    found = log_probabilities(loss, scores, corpus.vocabulary.counts)
    pairs = pair_counts(corpus.ids, corpus.ends, window=1)
    optimum = np.log(pairs / pairs.sum(axis=0))
    assert np.corrcoef(found.ravel(), optimum.ravel())[0, 1] > 0.998
    assert np.abs(found - optimum).max() < 0.15
