"""The compiled rounds of deterministic training: blocks train on copies of the rows they need, then the copies are merged.

Every block of a round sees the weights as they were when the round began, and copies are merged in the order of the
blocks. So the result depends on how a corpus is cut into blocks and rounds, and neither on the number of threads nor on their
timing.

A row r with copies c_1 ... c_m becomes r + w Σ (c_i - r). A block that needs a row often moves it most of the way to where
its gradient vanishes; m such moves added up would overshoot m - 1 times, and training diverge. Let a = rate * n * h, with n the
row's pairs in a block and h the curvature of a pair's loss. By implicit steps one block moves a row by a / (1 + a) of the way,
and m blocks in turn by m a / (1 + m a), where the moves of blocks that do not see each other add up to m a / (1 + a). Hence

    w = (1 + a) / (1 + m a),

which is 1 for rare words and 1 / m, the mean of the copies, for the most frequent ones.

Numba recompiles when this file changes, and watches no other: `SOURCES_DIGEST` brings changes of the files it imports here.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.compilation import kernel, kernel_part
from w2v.kernels import (
    MOST_FACTORS,
    begin_loss,
    choose_centers,
    draw_negatives,
    end_draws,
    first_gradient,
    list_outputs,
    log_of_product,
    score_contexts,
)
from w2v.schedule import Block
from w2v.simd import LANES, TILE_OUTPUTS, TILE_WIDTH, load, multiply, multiply_add, prefetch, splat, store, take
from w2v.tiles import copy_contexts, update_rows
from w2v.workspace import (
    RING,
    ROW_ALIGNMENT,
    Sampling,
    Text,
    Weights,
    Workspace,
    aligned_zeros,
    output_tiles,
    spare_input_rows,
)

SOURCES_DIGEST = "a0f7c0e438f8337d"

_PARTS = 64  # of the words, by number; each thread merges a range of them
_ROWS_AHEAD = 6  # between the prefetch of a row and its use
BLOCK_RESULT = np.dtype([("pairs", np.int64), ("loss", np.float64)])


class Round(NamedTuple):
    """Blocks that train side by side, as arrays with an entry for each; `results`, of BLOCK_RESULT, is written."""

    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    sentences: NDArray[np.int64]
    rates: NDArray[np.float64]
    seeds: NDArray[np.uint64]
    results: NDArray[np.void]


class Copies(NamedTuple):
    """Copies of one side's rows: of the words `words[b, :counts[b]]` for block b, from row `b * rows_each` of `rows` on.

    `pairs` float32 [words] are those that a word's row has in a block; `merging` and `merged` count a word's copies while they
    are merged, and are zero otherwise.
    """

    rows: NDArray[np.float32]
    rows_each: int
    words: NDArray[np.int32]
    counts: NDArray[np.int64]
    pairs: NDArray[np.float32]
    merging: NDArray[np.int32]
    merged: NDArray[np.int32]


class Listing(NamedTuple):
    """What one thread writes to find a block's rows: the place of each word's copy or -1, and which rows are needed in turn."""

    input_places: NDArray[np.int32]
    output_places: NDArray[np.int32]
    counts: NDArray[np.int64]
    inputs: NDArray[np.int64]
    outputs: NDArray[np.int64]


def input_copies(blocks: int, block_tokens: int, stride: int, sampling: Sampling, pairs: NDArray[np.float32]) -> Copies:
    """Room for the input rows of `blocks` blocks of at most `block_tokens` tokens, and for a block's spare input rows."""
    spare = spare_input_rows(sampling.window, sampling.negative)
    return _copies(blocks, min(block_tokens, len(pairs)), spare, stride, pairs)


def output_copies(
    blocks: int, block_tokens: int, stride: int, sampling: Sampling, pairs: NDArray[np.float32]
) -> Copies:
    """Room for the output rows of `blocks` blocks of at most `block_tokens` tokens, and for a block's spare output row."""
    return _copies(blocks, min(block_tokens * (sampling.negative + 1), len(pairs)), 1, stride, pairs)


def _copies(blocks: int, most: int, spare: int, stride: int, pairs: NDArray[np.float32]) -> Copies:
    return Copies(
        rows=aligned_zeros(blocks * (most + spare) * stride),
        rows_each=most + spare,
        words=np.zeros((blocks, most + 1), np.int32),
        counts=np.zeros(blocks, np.int64),
        pairs=pairs,
        merging=np.zeros(len(pairs), np.int32),
        merged=np.zeros(len(pairs), np.int32),
    )


def listing(words: int, block_tokens: int, negative: int) -> Listing:
    """Allocate what a thread needs for blocks of at most `block_tokens` tokens."""
    return Listing(
        input_places=np.full(words, -1, np.int32),
        output_places=np.full(words, -1, np.int32),
        counts=np.zeros(2, np.int64),
        inputs=np.zeros(block_tokens, np.int64),
        outputs=np.zeros((block_tokens + 1) * output_tiles(negative) * TILE_OUTPUTS, np.int64),
    )


@kernel_part
def _place(word: Any, side: Any, places: NDArray[np.int32], words: NDArray[np.int32], counts: NDArray[np.int64]) -> Any:
    """The place of a word's copy; a word without one gets the next. Which it is cannot be predicted: hence no branch."""
    known = np.int64(places[word])
    count = counts[side]
    new = known < 0
    place = count if new else known
    places[word] = place
    words[count] = word
    counts[side] = count + np.int64(new)
    return place


@kernel_part
def _list_rows(
    centers: Any,
    block: Any,
    stride: Any,
    sampling: Sampling,
    inputs: Copies,
    outputs: Copies,
    work: Workspace,
    own: Listing,
) -> None:
    """Draw all negatives of a block, give every word that it needs a place, and list the rows center by center."""
    width = work.outputs.shape[0] // RING
    input_words, output_words = inputs.words[block], outputs.words[block]
    first_input, first_output = block * inputs.rows_each, block * outputs.rows_each
    own.counts[:] = 0
    own.outputs[: (centers + 1) * width] = (first_output + outputs.rows_each - 1) * stride
    for center in range(centers):
        word = work.kept[center]
        place = _place(word, 0, own.input_places, input_words, own.counts)
        own.inputs[center] = (first_input + place) * stride
        draw_negatives(center, centers, sampling, work)
        list_outputs(word, center, 0, 1, sampling, work)
        for drawn in range(sampling.negative + 1):
            place = _place(work.outputs[drawn], 1, own.output_places, output_words, own.counts)
            own.outputs[center * width + drawn] = (first_output + place) * stride
    end_draws(centers, sampling, work)
    inputs.counts[block] = own.counts[0]
    outputs.counts[block] = own.counts[1]


@kernel_part
def _copy_rows(block: Any, rows: NDArray[np.float32], stride: Any, copies: Copies, places: NDArray[np.int32]) -> None:
    """Copy the listed rows, and forget the places of their words."""
    words = copies.words[block]
    count = copies.counts[block]
    for place in range(count):
        places[words[place]] = -1
        row = np.int64(words[place]) * stride
        soon = np.int64(words[min(place + _ROWS_AHEAD, count - 1)]) * stride
        copy = (block * copies.rows_each + place) * stride
        for k in range(0, stride, ROW_ALIGNMENT):
            prefetch(rows, soon + k)
            for lanes in range(k, k + ROW_ALIGNMENT, LANES):
                store(copies.rows, copy + lanes, load(rows, row + lanes))


@kernel_part
def _train_listed(centers: Any, learning_rate: Any, weights: Weights, work: Workspace, own: Listing) -> Any:
    """Train on the chosen centers with the listed rows, all of which are copies; returns their pairs and losses."""
    rate = splat(np.float32(learning_rate))
    width = work.outputs.shape[0] // RING
    tiles = width // TILE_OUTPUTS
    begin_loss(work)
    for i in range(work.snapshots.shape[0]):
        work.snapshots[i] = weights.spare_inputs + i * weights.stride
    before = work.contexts if tiles == 1 else work.snapshots
    pairs: Any = 0
    loss = 0.0
    factors: Any = 0
    for center in range(centers):
        count: Any = 0
        for position in range(work.first[center], work.last[center]):
            work.contexts[count] = own.inputs[position]
            count += np.int64(position != center)
        for tile in range(tiles):
            outputs = take(own.outputs, center * width + tile * TILE_OUTPUTS, TILE_OUTPUTS)
            score_contexts(count, outputs, tile, rate, weights, work)
        if tiles > 1:
            copy_contexts(count, weights, work)
        for tile in range(tiles):
            outputs = take(own.outputs, center * width + tile * TILE_OUTPUTS, TILE_OUTPUTS)
            soon = take(own.outputs, (center + 1) * width + tile * TILE_OUTPUTS, TILE_OUTPUTS)
            start = first_gradient(tile, work)
            update_rows(count, work.contexts, before, outputs, work.gradients, start, TILE_WIDTH, soon, weights)
        pairs += count
        factors += 2 * count * tiles
        if factors > MOST_FACTORS:
            loss += log_of_product(work)
            begin_loss(work)
            factors = 0
    return pairs, loss + log_of_product(work)


@kernel
def train_share(
    share: NDArray[np.int64],
    blocks: Round,
    text: Text,
    sampling: Sampling,
    weights: Weights,
    copies: tuple[Copies, Copies],
    work: Workspace,
    own: Listing,
) -> None:
    """Train every `share[1]`-th block of a round from block `share[0]` on, each on copies of its rows; reads the weights."""
    inputs, outputs = copies
    stride = weights.stride
    for block in range(share[0], blocks.seeds.shape[0], share[1]):
        span = Block(blocks.starts[block], blocks.stops[block], blocks.sentences[block], blocks.rates[block])
        work.random[0] = blocks.seeds[block]
        centers = choose_centers(text, span, sampling, work)
        _list_rows(centers, block, stride, sampling, inputs, outputs, work, own)
        _copy_rows(block, weights.inputs, stride, inputs, own.input_places)
        _copy_rows(block, weights.outputs, stride, outputs, own.output_places)
        spare_inputs = (block * inputs.rows_each + inputs.words.shape[1] - 1) * stride
        spare_output = ((block + 1) * outputs.rows_each - 1) * stride
        copied = Weights(inputs.rows, outputs.rows, stride, spare_inputs, spare_output)
        pairs, loss = _train_listed(centers, blocks.rates[block], copied, work, own)
        blocks.results[block].pairs = pairs
        blocks.results[block].loss = loss


@kernel_part
def _in_share(word: Any, share: NDArray[np.int64]) -> Any:
    return (word & (_PARTS - 1)) * share[1] // _PARTS == share[0]


@kernel_part
def _merge_rows(
    share: NDArray[np.int64], blocks: Any, steepness: Any, rows: NDArray[np.float32], stride: Any, copies: Copies
) -> None:
    """Merge the copies of the words of a share; `steepness` is the rate times the mean curvature of a pair."""
    for block in range(blocks):
        for place in range(copies.counts[block]):
            word = copies.words[block, place]
            if _in_share(word, share):
                copies.merging[word] += 1
    one = np.float32(1)
    for block in range(blocks):
        words = copies.words[block]
        count = copies.counts[block]
        for place in range(count):
            word = np.int64(words[place])
            if not _in_share(word, share):
                continue
            soon = np.int64(words[min(place + _ROWS_AHEAD, count - 1)]) * stride
            among = np.float32(copies.merging[word])
            crowding = steepness * copies.pairs[word]
            weight = (one + crowding) / (one + among * crowding)
            kept = splat(one - among * weight if copies.merged[word] == 0 else one)
            added = splat(weight)
            row = word * stride
            copy = (block * copies.rows_each + place) * stride
            for k in range(0, stride, ROW_ALIGNMENT):
                prefetch(rows, soon + k)
                for lanes in range(k, k + ROW_ALIGNMENT, LANES):
                    old = multiply(kept, load(rows, row + lanes))
                    store(rows, row + lanes, multiply_add(added, load(copies.rows, copy + lanes), old))
            merged = copies.merged[word] + 1
            done = merged == copies.merging[word]
            copies.merged[word] = 0 if done else merged
            copies.merging[word] = 0 if done else copies.merging[word]


@kernel
def merge_share(
    share: NDArray[np.int64],
    blocks: Round,
    steepness: NDArray[np.float32],
    weights: Weights,
    copies: tuple[Copies, Copies],
) -> None:
    """Merge the copies of part `share[0]` of `share[1]` parts of the words into the weights, in the order of the blocks."""
    inputs, outputs = copies
    count = blocks.seeds.shape[0]
    _merge_rows(share, count, steepness[0], weights.inputs, weights.stride, inputs)
    _merge_rows(share, count, steepness[1], weights.outputs, weights.stride, outputs)
