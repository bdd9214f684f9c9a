"""The compiled kernels against the slow twin, and against the closed form of one pair's gradient (mission M11)."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import w2v
from tests.oracles import sgns_oracle as oracle
from w2v.kernels import SOURCES_DIGEST, train_block, train_centers
from w2v.sampling import alias_table, noise_probabilities
from w2v.schedule import Block
from w2v.workspace import ROW_ALIGNMENT, Sampling, Weights, spare_input_rows, text_in_order, workspace

KEEP_ALL = 2**32 - 1


def sources_digest(*modules):
    """The state of the files that a kernel takes its parts from."""
    folder = Path(w2v.__file__).parent
    contents = b"".join((folder / f"{module}.py").read_bytes() for module in modules)
    return hashlib.sha256(contents).hexdigest()[:16]


def weights_for(words, size, window, negative, seed):
    """Random weights in the kernels' layout, and where the words' rows are: [words, stride] views of inputs and outputs."""
    stride = -(-size // ROW_ALIGNMENT) * ROW_ALIGNMENT
    spare = spare_input_rows(window, negative)
    random = np.random.default_rng(seed)
    inputs = np.zeros((words + spare, stride), np.float32)
    outputs = np.zeros((words + 1, stride), np.float32)
    inputs[:words, :size] = random.standard_normal((words, size)) / np.sqrt(size)
    outputs[:words, :size] = random.standard_normal((words, size)) / np.sqrt(size)
    weights = Weights(inputs.ravel(), outputs.ravel(), stride, words * stride, words * stride)
    return weights, inputs[:words], outputs[:words]


def sampling_for(words, window, negative, keep=KEEP_ALL):
    noise = alias_table(noise_probabilities(np.arange(words, 0, -1), 0.75))
    return Sampling(np.full(words, keep, np.uint32), noise, window, negative)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    size=st.integers(1, 70),
    negative=st.integers(1, 20),
    window=st.integers(1, 7),
    spare_words=st.integers(0, 20),
    lengths=st.lists(st.integers(1, 14), min_size=1, max_size=3),
    keep=st.sampled_from([KEEP_ALL, KEEP_ALL // 2]),
    seed=st.integers(0, 2**64 - 1),
)
@example(size=100, negative=5, window=5, spare_words=10, lengths=[13], keep=KEEP_ALL, seed=1)
@example(size=300, negative=11, window=5, spare_words=0, lengths=[9, 2], keep=KEEP_ALL, seed=2)
def test_a_block_equals_the_slow_twin(size, negative, window, spare_words, lengths, keep, seed):
    words = max(negative + 1, max(lengths)) + spare_words
    random = np.random.default_rng(seed)
    sentences = [random.permutation(words)[:length] for length in lengths]  # no word twice among a center's contexts
    text = text_in_order(np.concatenate(sentences).astype(np.int32), np.cumsum(lengths).astype(np.int64))
    weights, inputs, outputs = weights_for(words, size, window, negative, seed)
    sampling = sampling_for(words, window, negative, keep)
    expected_inputs, expected_outputs = inputs[:, :size].astype(np.float64), outputs[:, :size].astype(np.float64)
    work = workspace(len(text.ids), window, negative, weights)
    work.random[0] = seed
    rate = 0.05

    pairs, loss = train_block(text, Block(0, len(text.ids), 0, rate), sampling, weights, work)

    expected_pairs, expected_loss = oracle.train(
        sentences, sampling.keep, oracle.alias_rows(sampling.noise), expected_inputs, expected_outputs,
        window=window, negative=negative, learning_rate=rate, seed=seed,
    )  # fmt: skip
    assert pairs == expected_pairs
    # A score is off by at most size / 2**24 of |x| |y|, about 1; its gradient by a quarter of that and 1e-6 of exp; a row
    # gathers at most rate times that from each of its pairs, and half a unit in the last place at each step.
    per_step = rate * (size * 2**-26 + 1e-6) * 4 + 2**-22
    bound = per_step * (2 * window * (negative + 1) + len(text.ids))
    assert np.abs(inputs[:, :size] - expected_inputs).max() < bound
    assert np.abs(outputs[:, :size] - expected_outputs).max() < bound
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    # The rest of each row, and the spare row, must stay zero for dot products to stay right.
    assert not inputs[:, size:].any() and not outputs[:, size:].any()
    assert not weights.outputs[weights.spare_output :].any()


def train_on_one_pair(size, negative, words, rate):
    """Center word 0 with the single context word 1."""
    weights, inputs, outputs = weights_for(words, size, 1, negative, seed=size)
    before = inputs.copy(), outputs.copy()
    work = workspace(2, 1, negative, weights)
    work.kept[:2] = [0, 1]
    work.first[0], work.last[0] = 0, 2
    result = train_centers(0, 1, rate, sampling_for(words, 1, negative), weights, work)
    return result, before, (inputs, outputs)


@pytest.mark.parametrize("size", [1, 16, 100, 300])
@pytest.mark.parametrize("negative", [1, 5, 6, 15])
def test_a_pair_changes_one_input_row_and_its_output_rows_by_the_gradient(size, negative):
    rate = 0.1
    (pairs, loss), (old_inputs, old_outputs), (inputs, outputs) = train_on_one_pair(size, negative, 50, rate)

    changed_inputs = np.flatnonzero((inputs != old_inputs).any(axis=1)).tolist()
    changed_outputs = np.flatnonzero((outputs != old_outputs).any(axis=1)).tolist()
    assert pairs == 1
    assert changed_inputs == [1]
    assert len(changed_outputs) == negative + 1 and 0 in changed_outputs

    chosen = [0, *(word for word in changed_outputs if word != 0)]
    context, rows = old_inputs[1].astype(np.float64), old_outputs[chosen].astype(np.float64)
    for_context, for_outputs = oracle.pair_gradients(context, rows)
    tolerance = 3e-6  # size * 2**-26 of rate for the scores, and single roundings of numbers below 4
    assert np.abs(inputs[1] - (context - rate * for_context)).max() < tolerance
    assert np.abs(outputs[chosen] - (rows - rate * np.array(for_outputs))).max() < tolerance
    assert loss == pytest.approx(oracle.pair_loss(context, rows), rel=1e-5)


def test_the_oracles_gradient_is_the_slope_of_its_loss():
    random = np.random.default_rng(0)
    context, rows = random.standard_normal(4), random.standard_normal((3, 4))
    for_context, for_outputs = oracle.pair_gradients(context, rows)
    step = 1e-6
    for i in range(4):
        shift = np.eye(4)[i] * step
        slope = (oracle.pair_loss(context + shift, rows) - oracle.pair_loss(context - shift, rows)) / (2 * step)
        assert for_context[i] == pytest.approx(slope, abs=1e-8)
        moved = [rows + sign * np.eye(3)[:, [1]] * shift for sign in (1, -1)]
        slope = (oracle.pair_loss(context, moved[0]) - oracle.pair_loss(context, moved[1])) / (2 * step)
        assert for_outputs[1][i] == pytest.approx(slope, abs=1e-8)


def test_no_update_is_lost_where_a_word_is_a_context_twice():
    size, rate = 20, 1e-3
    weights, inputs, outputs = weights_for(3, size, 1, 2, seed=0)
    expected = inputs[:, :size].astype(np.float64), outputs[:, :size].astype(np.float64)
    text = text_in_order(np.array([1, 0, 1], np.int32), np.array([3]))
    sampling = sampling_for(3, 1, 2)
    work = workspace(3, 1, 2, weights)
    train_block(text, Block(0, 3, 0, rate), sampling, weights, work)
    oracle.train(
        [text.ids], sampling.keep, oracle.alias_rows(sampling.noise), *expected,
        window=1, negative=2, learning_rate=rate, seed=0,
    )  # fmt: skip
    # The order of the two shows in terms of rate**2 |x|, and one lost update would show in rate |x| / 2.
    assert np.abs(inputs[:, :size] - expected[0]).max() < 4 * rate**2
    assert np.abs(outputs[:, :size] - expected[1]).max() < 4 * rate**2


def test_great_scores_saturate_and_keep_the_loss_right():
    weights, inputs, outputs = weights_for(2, 16, 1, 1, seed=0)
    inputs[:], outputs[:] = 0, 0
    inputs[1, 0], outputs[0, 0], outputs[1, 0] = 50, -1, 1  # the positive pair scores -50, the negative one 50
    work = workspace(2, 1, 1, weights)
    work.kept[:2], work.first[0], work.last[0] = [0, 1], 0, 2
    _, loss = train_centers(0, 1, 0.5, sampling_for(2, 1, 1), weights, work)
    assert loss == pytest.approx(100, rel=1e-6)
    assert inputs[1, 0] == pytest.approx(50 - 0.5 * 1 - 0.5 * 1) and outputs[0, 0] == pytest.approx(-1 + 0.5 * 50)


def test_the_loss_of_millions_of_pairs_stays_right():
    """Sums of exponents beyond 2**24 would not be exact in float32."""
    words, tokens, window = 10, 4_000, 1_500
    weights, inputs, outputs = weights_for(words, 1, window, 5, seed=0)
    inputs[:, 0], outputs[:, 0] = (
        50,
        1,
    )  # every score is 50: the center's pair costs exp(-50), a negative's 50 + exp(-50)
    text = text_in_order(np.random.default_rng(0).integers(0, words, tokens).astype(np.int32), np.array([tokens]))
    sampling, work = sampling_for(words, window, 5), workspace(tokens, window, 5, weights)
    pairs, loss = train_block(text, Block(0, tokens, 0, 0.0), sampling, weights, work)
    assert pairs > 4_000_000
    assert loss == pytest.approx(pairs * 250, rel=1e-6)  # exp is off by 3e-7 of 50, the products by far less


def test_an_edit_of_what_kernels_import_reaches_the_cache():
    digest = sources_digest("compilation", "copying", "draws", "simd", "tiles", "workspace")
    assert digest == SOURCES_DIGEST, (
        f'write SOURCES_DIGEST = "{digest}" to w2v/kernels.py, so that kernels are compiled anew'
    )
