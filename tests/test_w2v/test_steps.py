"""The kernels of every loss against the slow twin, for skip-gram and CBOW, and what each changes (missions M10, M11, M13)."""

import numpy as np
import pytest
from hypothesis import given, settings

from tests.oracles import objectives_oracle as oracle
from tests.test_w2v.losses import (
    CANDIDATES,
    blocks,
    check_a_block,
    check_against_the_slow_twin,
    counts_of,
    random_weights,
)
from tests.test_w2v.test_kernels import KEEP_ALL, sources_digest
from w2v.config import Architecture, Loss, TrainingConfig
from w2v.sampling import alias_table, noise_probabilities
from w2v.schedule import Block
from w2v.steps import SOURCES_DIGEST, steps
from w2v.workspace import Sampling, text_in_order


@pytest.mark.parametrize("loss", Loss)
@pytest.mark.parametrize("architecture", Architecture)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(block=blocks)
def test_a_block_equals_the_slow_twin(loss, architecture, block):
    check_a_block(block, loss=loss, architecture=architecture)


@pytest.mark.parametrize("loss", CANDIDATES)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(block=blocks)
def test_a_block_with_distinct_candidates_equals_the_slow_twin(loss, block):
    check_a_block(block, loss=loss, distinct_candidates=True)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(block=blocks)
def test_only_candidates_may_be_corrected(block):
    check_a_block(block, loss="sampled-softmax", uncorrected_center=True)


@pytest.mark.parametrize(("mean", "exact"), [(1, True), (0, False), (0, True)])
@settings(max_examples=15, deadline=None, derandomize=True)
@given(block=blocks)
def test_sums_of_contexts_and_their_exact_gradients(mean, exact, block):
    check_a_block(block, architecture="cbow", cbow_mean=mean, cbow_exact=exact)


def test_cbow_with_a_word_among_the_contexts_more_than_once():
    config = TrainingConfig(architecture="cbow", vector_size=20, window=3, negative=3)
    check_against_the_slow_twin(config, [np.array([1, 0, 1, 1, 2, 0])], 6)


def test_candidates_that_repeat_and_that_are_the_center():
    """Of three words, twenty candidates repeat, and nearly always contain the center."""
    for loss in CANDIDATES:
        config = TrainingConfig(loss=loss, vector_size=20, window=2, negative=20)
        check_against_the_slow_twin(config, [np.array([0, 1, 2])], 3)


# --- what the losses are ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "loss",
    [
        oracle.Sigmoids([(0, 1, 0.0), (2, 0, 0.0), (3, 0, 0.0)]),
        oracle.Sigmoids([(0, 1, -2.0), (2, 0, -1.0), (2, 0, -1.0), (0, 0, -2.0)]),
        oracle.Softmax([(1, 0.0), (0, 0.0), (2, 0.0), (3, 0.0)]),
        oracle.Softmax([(1, -2.0), (2, -1.0), (2, -1.0), (3, 0.5)]),
    ],
)
def test_the_oracles_gradients_are_the_slopes_of_their_losses(loss):
    random = np.random.default_rng(0)
    x, outputs = random.standard_normal(3), random.standard_normal((4, 3))
    for_x, for_outputs = loss.gradients(x, outputs)
    step = 1e-6  # central differences are off by step**2 times a third derivative, and 1e-16 / step of rounding
    for i in range(3):
        shift = step * np.eye(3)[i]
        slope = (loss.loss(x + shift, outputs) - loss.loss(x - shift, outputs)) / (2 * step)
        assert for_x[i] == pytest.approx(slope, abs=1e-8)
        for row in range(4):
            moved = np.zeros((4, 3))
            moved[row] = shift
            slope = (loss.loss(x, outputs + moved) - loss.loss(x, outputs - moved)) / (2 * step)
            assert for_outputs[row][i] == pytest.approx(slope, abs=1e-8)


def trained_on(config, words, sentence=(0, 1), rate=0.1):
    """The rows before and after a block of one sentence, and its pairs and loss."""
    counts = counts_of(words)
    weights, inputs, outputs = random_weights(config, words)
    before = inputs.copy(), outputs.copy()
    text = text_in_order(np.array(sentence, np.int32), np.array([len(sentence)]))
    noise = alias_table(noise_probabilities(counts, 0.75))
    sampling = Sampling(np.full(words, KEEP_ALL, np.uint32), noise, config.window, config.negative)
    train = steps(config, counts).blocks_on(text, len(sentence), sampling, weights)
    result = train(Block(0, len(sentence), 0, rate), config.seed)
    return before, (inputs, outputs), result


@pytest.mark.parametrize("architecture", Architecture)
def test_full_softmax_changes_all_output_rows_by_the_gradient(architecture):
    """A vocabulary of 1,000 words by 300 units: of words 0 and 1, each is the other's only context."""
    config = TrainingConfig(loss="full-softmax", architecture=architecture, vector_size=300, window=1)
    (old_inputs, old_outputs), (inputs, outputs), (pairs, loss) = trained_on(config, 1000)
    assert pairs == 2
    assert np.flatnonzero((inputs != old_inputs).any(axis=1)).tolist() == [0, 1]
    assert (outputs != old_outputs).any(axis=1).all()

    expected = [rows[:, :300].astype(np.float64) for rows in (old_inputs, old_outputs)]
    total = 0.0
    for center, context in ((0, 1), (1, 0)):
        softmax = oracle.FullSoftmax(1000).objective(center, None)
        total += softmax.loss(expected[0][context], expected[1])
        for_context, for_outputs = softmax.gradients(expected[0][context].copy(), expected[1])
        expected[0][context] -= 0.1 * for_context
        expected[1] -= 0.1 * for_outputs
    # a score below 4 is off by 300 / 2**24, a share of 1,000 by 1,000 / 2**24, of numbers below 4 times the rate, twice
    tolerance = 2 * 0.1 * 4 * 1300 * 2**-24
    assert np.abs(inputs[:, :300] - expected[0]).max() < tolerance
    assert np.abs(outputs[:, :300] - expected[1]).max() < tolerance
    assert loss == pytest.approx(total, rel=1e-5)


@pytest.mark.parametrize(("loss", "rows"), [("negative-sampling", 6), ("sampled-softmax", 6), ("noise-contrastive", 6)])
def test_few_output_rows_change_out_of_a_thousand(loss, rows):
    """CBOW's center 0 has the one context 1, and the other way round: two input rows, and the lists of two centers."""
    config = TrainingConfig(loss=loss, architecture="cbow", vector_size=300, window=1)
    (old_inputs, old_outputs), (inputs, outputs), _ = trained_on(config, 1000)
    assert np.flatnonzero((inputs != old_inputs).any(axis=1)).tolist() == [0, 1]
    changed = np.flatnonzero((outputs != old_outputs).any(axis=1))
    assert {0, 1} <= set(changed.tolist())
    assert len(changed) <= 2 * rows


def test_hierarchical_softmax_changes_the_nodes_above_the_centers():
    config = TrainingConfig(loss="hierarchical-softmax", vector_size=300, window=1)
    (_, old), (_, outputs), _ = trained_on(config, 1000)
    starts, nodes, _ = steps(config, counts_of(1000)).objective.paths
    changed = np.flatnonzero((outputs != old).any(axis=1)).tolist()
    assert changed == sorted(set(nodes[starts[0] : starts[2]].tolist()))


@pytest.mark.parametrize("architecture", Architecture)
def test_sampled_softmax_with_all_words_as_candidates_is_full_softmax(architecture):
    options = {"architecture": architecture, "vector_size": 24, "window": 3, "seed": 5}
    sentence = (3, 1, 4, 0, 5, 9, 2, 6)
    every = TrainingConfig(loss="sampled-softmax", distinct_candidates=True, negative=30, **options)
    full = TrainingConfig(loss="full-softmax", **options)
    _, sampled_rows, (pairs, sampled_loss) = trained_on(every, 30, sentence)
    _, full_rows, (full_pairs, full_loss) = trained_on(full, 30, sentence)
    # The draws differ in number, but windows are drawn before them. Sums of 30 terms in another order differ in single units.
    assert pairs == full_pairs
    assert sampled_loss == pytest.approx(full_loss, rel=1e-6)
    for sampled, whole in zip(sampled_rows, full_rows, strict=True):
        assert np.abs(sampled - whole).max() < 8 * 30 * 2**-24


def test_great_scores_saturate_and_keep_the_loss_right():
    for loss, expected in (("negative-sampling", 100.0), ("full-softmax", 100.0), ("hierarchical-softmax", 50.0)):
        config = TrainingConfig(loss=loss, architecture="cbow", vector_size=1, window=1, negative=1)
        weights, inputs, outputs = random_weights(config, 2)
        inputs[:], outputs[:] = 0, 0
        inputs[1, 0], outputs[0, 0], outputs[1, 0] = 50, -1, 1
        if loss == "hierarchical-softmax":
            outputs[0, 0] = 1 - 2 * steps(config, counts_of(2)).objective.paths.turns[0]
        text = text_in_order(np.array([0, 1], np.int32), np.array([2]))
        sampling = Sampling(np.full(2, KEEP_ALL, np.uint32), alias_table([0.5, 0.5]), 1, 1)
        train = steps(config, counts_of(2)).blocks_on(text, 2, sampling, weights)
        _, total = train(Block(0, 2, 0, 0.0), 1)
        rest = {"negative-sampling": 2 * np.log(2), "full-softmax": np.log(2), "hierarchical-softmax": np.log(2)}[loss]
        assert total == pytest.approx(expected + rest, rel=1e-6)  # word 1 is scored by the zero row of word 0


def test_an_edit_of_what_the_kernel_imports_reaches_the_cache():
    modules = (
        "architectures",
        "candidates",
        "compilation",
        "copying",
        "draws",
        "objectives",
        "simd",
        "tiles",
        "workspace",
    )
    digest = sources_digest(*modules)
    assert digest == SOURCES_DIGEST, f'write SOURCES_DIGEST = "{digest}" to w2v/steps.py, so that it is compiled anew'
