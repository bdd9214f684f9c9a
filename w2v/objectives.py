"""The losses: which output rows each center meets, with what labels, and what its scores become.

A center's list has for each output row y_j the number of its positives a_j, the number of all its examples b_j, and an offset
o_j that is subtracted from its scores: z_ij = x_i·y_j - o_j. The loss of row x_i and its gradients, downhill, are

    sigmoid:  Σ_j b_j log(1 + exp(z_ij)) - a_j z_ij,                  g_ij = a_j - b_j σ(z_ij)
    softmax:  log Σ_j b_j exp(z_ij) - Σ_j a_j z_ij  with Σ_j a_j = 1, g_ij = a_j - b_j exp(z_ij) / Σ_l b_l exp(z_il)

| loss | output rows | a, b | o |
| --- | --- | --- | --- |
| negative sampling | the center, k distinct other words | 1, 1 and 0, 1 | 0 |
| noise-contrastive | the center, and candidates drawn n_j times | 1, 1 and 0, n_j; their sum if drawn | log k q(w) |
| sampled softmax | the center, and other candidates drawn n_j times | 1, 1 and 0, n_j | log k q(w), or 0 for the center |
| full softmax | every word | 1, 1 for the center, 0, 1 for others | 0 |
| hierarchical softmax | the inner nodes above the center | turn, 1 | 0 |

with k q(w) how often a word is expected among the candidates (candidates.py).
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.candidates import Candidates, Drawn, draw, nothing_drawn
from w2v.compilation import implements, kernel_part
from w2v.copying import Copied, InPlace
from w2v.draws import GOLDEN, scramble, word_of
from w2v.huffman import Paths
from w2v.simd import (
    LANES,
    TILE_OUTPUTS,
    add,
    clamp,
    divide,
    exp2,
    load,
    log2,
    multiply,
    multiply_add,
    splat,
    store,
    sum_lanes,
)
from w2v.workspace import RING, ROW_ALIGNMENT, Weights

_LOG2_E, _LOG_2 = np.float32(math.log2(math.e)), np.float32(math.log(2))
_GREATEST_SCORE = np.float32(60)  # exp stays finite; beyond it σ is 0 or 1 in float32 by far
_LEAST_POWER = np.float32(-100)  # 2**-100 beside the greatest term, 1, is nothing
_NEVER = np.float32(1e30)  # the offset of places in a list where no output row stands


class NegativeSampling(NamedTuple):
    """`negative` distinct words other than the center, from an alias table."""

    noise: NDArray[np.uint64]
    negative: int


class NoiseContrastive(NamedTuple):
    candidates: Candidates


class SampledSoftmax(NamedTuple):
    candidates: Candidates


class FullSoftmax(NamedTuple):
    words: int


class HierarchicalSoftmax(NamedTuple):
    paths: Paths


Objective = NegativeSampling | NoiseContrastive | SampledSoftmax | FullSoftmax | HierarchicalSoftmax


class Outputs(NamedTuple):
    """The lists of the centers in flight, and the scores of one, all of them written by one thread.

    A center's list is a slot of `width` places of `rows` int64 and, float32, `positives` a, `counts` b and `offsets` o. Its
    `scores`, float32, are a row of `width` for each input row; `lanes` has room for single vectors. `source` tells which rows are
    trained.
    """

    rows: NDArray[np.int64]
    positives: NDArray[np.float32]
    counts: NDArray[np.float32]
    offsets: NDArray[np.float32]
    sizes: NDArray[np.int64]
    scores: NDArray[np.float32]
    lanes: NDArray[np.float32]
    drawn: Drawn
    width: int
    source: InPlace | Copied


def longest_list(objective: Objective) -> int:
    """How many output rows a center can have.

    >>> longest_list(FullSoftmax(1000))
    1000
    """
    match objective:
        case NegativeSampling():
            return objective.negative + 1
        case NoiseContrastive() | SampledSoftmax():
            return objective.candidates.draws.size + 1
        case FullSoftmax():
            return objective.words
        case HierarchicalSoftmax():
            return int(np.diff(objective.paths.starts).max())


def empty_outputs(objective: Objective, words: int, input_rows: int, weights: Weights) -> Outputs:
    """Room for the lists of an objective, and for the scores of at most so many input rows."""
    # A tile's scores are written in whole vectors, which reach behind its last output.
    width = -(-longest_list(objective) // ROW_ALIGNMENT) * ROW_ALIGNMENT + 2 * ROW_ALIGNMENT
    candidates = objective.candidates if isinstance(objective, NoiseContrastive | SampledSoftmax) else None
    outputs = Outputs(
        rows=np.full(RING * width, weights.spare_output, np.int64),
        positives=np.zeros(RING * width, np.float32),
        counts=np.zeros(RING * width, np.float32),
        offsets=np.full(RING * width, _NEVER, np.float32),
        sizes=np.zeros(RING, np.int64),
        scores=np.zeros(input_rows * width, np.float32),
        lanes=np.zeros(4 * ROW_ALIGNMENT, np.float32),
        drawn=nothing_drawn(candidates.draws.size, words) if candidates else nothing_drawn(0, 0),
        width=width,
        source=InPlace(weights.stride),
    )
    if isinstance(objective, FullSoftmax):  # the same list for all centers but for the label
        outputs.rows.reshape(RING, width)[:, :words] = weights.stride * np.arange(words)
        outputs.counts.reshape(RING, width)[:, :words] = 1
        outputs.offsets.reshape(RING, width)[:, :words] = 0
    return outputs


# --- which output rows --------------------------------------------------------------------------------------------


@kernel_part
def _enter(place: Any, row: Any, positives: Any, count: Any, offset: Any, outputs: Outputs) -> None:
    outputs.rows[place] = row
    outputs.positives[place] = positives
    outputs.counts[place] = count
    outputs.offsets[place] = offset


@kernel_part
def _fill_up(slot: Any, size: Any, weights: Weights, outputs: Outputs) -> Any:
    """End a list of `size` rows with places where none stands, up to the end of its last tile and vector."""
    for place in range(slot + size, slot + min(size + ROW_ALIGNMENT + TILE_OUTPUTS, outputs.width)):
        _enter(place, weights.spare_output, 0, 0, _NEVER, outputs)
    return size


def list_outputs(
    objective: Any, center: Any, number: Any, slot: Any, random: NDArray[np.uint64], weights: Weights, outputs: Outputs
) -> Any:
    """Write the list of a center, the block's `number`-th, to a slot; returns its size. Implemented for each objective."""
    raise NotImplementedError


@implements(list_outputs, NegativeSampling)
def _list_negatives(
    objective: Any, center: Any, number: Any, slot: Any, random: NDArray[np.uint64], weights: Weights, outputs: Outputs
) -> Any:
    _enter(slot, center * weights.stride, 1, 1, 0, outputs)
    repeated: Any = 0
    for place in range(slot + 1, slot + objective.negative + 1):
        row = word_of(objective.noise, scramble(random[0] + np.uint64(place - slot) * GOLDEN)) * weights.stride
        _enter(place, row, 0, 1, 0, outputs)
        for before in range(slot, place):
            repeated += np.int64(outputs.rows[before] == row)
    if repeated > 0:
        _replace_repeated(objective, slot, random[0], weights, outputs)
    random[0] += np.uint64(objective.negative) * GOLDEN
    return _fill_up(slot, objective.negative + 1, weights, outputs)


@kernel_part
def _replace_repeated(objective: Any, slot: Any, counter: Any, weights: Weights, outputs: Outputs) -> None:
    """Let each word that is in the list already give way to another, as in kernels.py."""
    for size in range(1, objective.negative + 1):
        draw = scramble(counter + np.uint64(size) * GOLDEN)
        same: Any = 0
        while same < size:
            row = word_of(objective.noise, draw) * weights.stride
            outputs.rows[slot + size] = row
            same = 0
            while outputs.rows[slot + same] != row:
                same += 1
            draw = scramble(draw + GOLDEN)


@kernel_part
def _list_candidates(
    source: Candidates, center: Any, number: Any, slot: Any, random: Any, weights: Weights, outputs: Outputs
) -> Any:
    if number % max(source.shared, 1) == 0 and (source.shared > 0 or number == 0):
        draw(source.draws, random, outputs.drawn)
    words, times, places, offsets = outputs.drawn.words, outputs.drawn.times, outputs.drawn.places, source.offsets
    _enter(slot, center * weights.stride, 1, 1, source.center_offsets[center], outputs)
    size = outputs.drawn.found[0] + 1
    for i in range(size - 1):
        word = words[i]
        _enter(slot + 1 + i, word * weights.stride, 0, times[i], offsets[word], outputs)
    if places[center] > 0:  # a row stands in a list only once
        _enter(slot + np.int64(places[center]), weights.spare_output, 0, 0, _NEVER, outputs)
    return _fill_up(slot, size, weights, outputs)


@implements(list_outputs, NoiseContrastive)
def _list_noise(
    objective: Any, center: Any, number: Any, slot: Any, random: NDArray[np.uint64], weights: Weights, outputs: Outputs
) -> Any:
    size = _list_candidates(objective.candidates, center, number, slot, random, weights, outputs)
    place = np.int64(outputs.drawn.places[center])
    if place > 0:
        outputs.counts[slot] += outputs.drawn.times[place - 1]
    return size


@implements(list_outputs, SampledSoftmax)
def _list_sample(
    objective: Any, center: Any, number: Any, slot: Any, random: NDArray[np.uint64], weights: Weights, outputs: Outputs
) -> Any:
    return _list_candidates(objective.candidates, center, number, slot, random, weights, outputs)


@implements(list_outputs, FullSoftmax)
def _list_words(
    objective: Any, center: Any, number: Any, slot: Any, random: NDArray[np.uint64], weights: Weights, outputs: Outputs
) -> Any:
    outputs.positives[slot : slot + objective.words] = 0
    outputs.positives[slot + center] = 1
    return objective.words


@implements(list_outputs, HierarchicalSoftmax)
def _list_nodes(
    objective: Any, center: Any, number: Any, slot: Any, random: NDArray[np.uint64], weights: Weights, outputs: Outputs
) -> Any:
    start = objective.paths.starts[center]
    size = objective.paths.starts[center + 1] - start
    for i in range(size):
        row = np.int64(objective.paths.nodes[start + i]) * weights.stride
        _enter(slot + i, row, objective.paths.turns[start + i], 1, 0, outputs)
    return _fill_up(slot, size, weights, outputs)


# --- what scores become -------------------------------------------------------------------------------------------


def activate(objective: Any, start: Any, slot: Any, size: Any, rate: Any, outputs: Outputs) -> Any:
    """Turn the scores of one input row, from `start` on, into gradients times the rate; returns the row's loss.

    Implemented for each objective.
    """
    raise NotImplementedError


def _sigmoid(objective: Any, start: Any, slot: Any, size: Any, rate: Any, outputs: Outputs) -> Any:
    one = splat(np.float32(1))
    total = splat(np.float32(0))
    for j in range(0, size, LANES):
        positives, counts = load(outputs.positives, slot + j), load(outputs.counts, slot + j)
        minus_one = splat(np.float32(-1))
        score = multiply_add(load(outputs.offsets, slot + j), minus_one, load(outputs.scores, start + j))
        score = clamp(score, splat(-_GREATEST_SCORE), splat(_GREATEST_SCORE))
        odds = add(exp2(multiply(score, splat(-_LOG2_E))), one)  # 1 + exp(-z) = 1 / σ(z)
        softplus = multiply_add(log2(odds), splat(_LOG_2), score)
        total = multiply_add(counts, softplus, multiply_add(multiply(positives, minus_one), score, total))
        gradient = multiply_add(multiply(counts, minus_one), divide(one, odds), positives)
        store(outputs.scores, start + j, multiply(gradient, rate))
    store(outputs.lanes, 0, sum_lanes((total,))[0])
    return np.float64(outputs.lanes[0])


@kernel_part
def _greatest(values: Any, outputs: Outputs) -> Any:
    """A vector whose lanes are all the greatest lane of another one."""
    store(outputs.lanes, 0, values)
    greatest = outputs.lanes[0]
    for lane in range(1, LANES):
        greatest = max(greatest, outputs.lanes[lane])
    return splat(greatest)


def _softmax(objective: Any, start: Any, slot: Any, size: Any, rate: Any, outputs: Outputs) -> Any:
    minus_one = splat(np.float32(-1))
    infinity = splat(np.float32(np.inf))
    greatest = splat(-_NEVER)
    for j in range(0, size, LANES):
        score = multiply_add(load(outputs.offsets, slot + j), minus_one, load(outputs.scores, start + j))
        score = multiply(score, splat(_LOG2_E))  # from here on all exponentials are powers of two
        store(outputs.scores, start + j, score)
        greatest = clamp(score, greatest, infinity)
    shift = multiply(_greatest(greatest, outputs), minus_one)
    total = splat(np.float32(0))
    positive = splat(np.float32(0))
    for j in range(0, size, LANES):
        score = add(load(outputs.scores, start + j), shift)
        positive = multiply_add(load(outputs.positives, slot + j), score, positive)
        power = exp2(clamp(score, splat(_LEAST_POWER), splat(np.float32(0))))
        term = multiply(load(outputs.counts, slot + j), power)
        store(outputs.scores, start + j, term)
        total = add(total, term)
    whole = sum_lanes((total,))[0]
    share = divide(minus_one, whole)
    for j in range(0, size, LANES):
        gradient = multiply_add(load(outputs.scores, start + j), share, load(outputs.positives, slot + j))
        store(outputs.scores, start + j, multiply(gradient, rate))
    loss = multiply_add(sum_lanes((positive,))[0], minus_one, log2(whole))
    store(outputs.lanes, 0, multiply(loss, splat(_LOG_2)))
    return np.float64(outputs.lanes[0])


for _kind in (NegativeSampling, NoiseContrastive, HierarchicalSoftmax):
    implements(activate, _kind)(_sigmoid)
implements(activate, SampledSoftmax)(_softmax)
implements(activate, FullSoftmax)(_softmax)
