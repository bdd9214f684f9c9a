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
from w2v.copying import Copied, forget_places, place_of, prefetch_row
from w2v.kernels import centers_at_once, choose_centers, train_centers
from w2v.schedule import Block
from w2v.simd import LANES, load, multiply, multiply_add, prefetch, splat, store
from w2v.workspace import (
    ROW_ALIGNMENT,
    Sampling,
    Text,
    Weights,
    Workspace,
    aligned_zeros,
    spare_input_rows,
    workspace,
)

SOURCES_DIGEST = "2022c45a549a83d4"

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


class Stage(NamedTuple):
    """What all threads share: the text, the rows as they were when the round began, and room for the copies of its blocks.

    `weights.inputs` are the rows of which copies are made: the words' or, with n-grams, those of the parts. `at_once` centers may
    go into one product of the loss.
    """

    text: Text
    sampling: Sampling
    at_once: int
    weights: Weights
    inputs: Copies
    outputs: Copies


class Places(NamedTuple):
    """Which copy each row has, int32 [rows], -1 for none; `found` int64 [1] is how many there are."""

    places: NDArray[np.int32]
    found: NDArray[np.int64]


class Own(NamedTuple):
    """What one thread writes. `local` has the stride and the spare rows of a block's own matrices."""

    work: Workspace
    local: Weights
    inputs: Places
    outputs: Places


def stage(
    blocks: int,
    block_tokens: int,
    text: Text,
    sampling: Sampling,
    weights: Weights,
    pairs: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> Stage:
    """Room for so many blocks of at most `block_tokens` tokens; `pairs` are those of input and of output rows."""
    words, spare = len(sampling.keep), spare_input_rows(sampling.window, sampling.negative)
    outputs = min(block_tokens * (sampling.negative + 1), words)
    return Stage(
        text,
        sampling,
        centers_at_once(sampling),
        weights,
        copies(blocks, min(block_tokens, words), spare, weights.stride, pairs[0]),
        copies(blocks, outputs, 1, weights.stride, pairs[1]),
    )


def copies(blocks: int, most: int, spare: int, stride: int, pairs: NDArray[np.float32]) -> Copies:
    """Room for `most` copies and for so many spare rows of each of the blocks."""
    return Copies(
        rows=aligned_zeros(blocks * (most + spare) * stride),
        rows_each=most + spare,
        words=np.zeros((blocks, most), np.int32),
        counts=np.zeros(blocks, np.int64),
        pairs=pairs,
        merging=np.zeros(len(pairs), np.int32),
        merged=np.zeros(len(pairs), np.int32),
    )


def local_weights(block_tokens: int, stage: Stage) -> Weights:
    """Where the spare rows stand in the matrices of a block: behind the room for copies."""
    stride = stage.weights.stride
    return stage.weights._replace(
        spare_inputs=min(block_tokens, len(stage.sampling.keep)) * stride,
        spare_output=(stage.outputs.rows_each - 1) * stride,
    )


def own_room(work: Workspace, local: Weights, stage: Stage) -> Own:
    """What one thread needs, with a workspace for `local_weights`."""
    return Own(
        work._replace(centers=np.zeros_like(work.kept)),
        local,
        no_places(len(stage.inputs.pairs)),
        no_places(len(stage.outputs.pairs)),
    )


def own_room_for_pairs(block_tokens: int, stage: Stage) -> Own:
    """What one thread needs for skip-gram with negative sampling in blocks of at most so many tokens."""
    local = local_weights(block_tokens, stage)
    return own_room(workspace(block_tokens, stage.sampling.window, stage.sampling.negative, local), local, stage)


def no_places(rows: int) -> Places:
    """Room for the places of so many rows, none of which has a copy."""
    return Places(np.full(rows, -1, np.int32), np.zeros(1, np.int64))


@kernel_part
def choose_centers_of(block: Any, blocks: Round, stage: Stage, work: Workspace) -> Any:
    """Choose the centers of a block, whose draws begin anew; returns how many there are."""
    work.random[0] = blocks.seeds[block]
    span = Block(blocks.starts[block], blocks.stops[block], blocks.sentences[block], blocks.rates[block])
    centers = choose_centers(stage.text, span, stage.sampling, work)
    for center in range(centers):
        work.centers[center] = work.kept[center]
    return centers


@kernel_part
def copies_of(block: Any, matrix: NDArray[np.float32], stride: Any, copies: Copies, own: Places) -> Any:
    """The copies of a block, none at first."""
    size = copies.rows_each * stride
    rows = copies.rows[block * size : (block + 1) * size]
    return Copied(matrix, rows, copies.words[block], own.places, own.found)


@kernel_part
def copy_inputs(centers: Any, stride: Any, inputs: Copied, work: Workspace) -> None:
    """Let the contexts of all centers name copies."""
    for center in range(centers):
        prefetch_row(np.int64(work.centers[min(center + _ROWS_AHEAD, centers - 1)]), stride, inputs)
        work.kept[center] = place_of(np.int64(work.centers[center]), stride, inputs)


@kernel_part
def end_copies(block: Any, copies: Copies, copied: Copied) -> None:
    """Leave the copies of a block to be merged."""
    copies.counts[block] = copied.found[0]
    forget_places(copied)


@kernel_part
def _working_on(work: Workspace, copied: Copied) -> Any:
    return Workspace(
        work.kept,
        work.centers,
        work.first,
        work.last,
        work.negatives,
        work.outputs,
        work.contexts,
        work.snapshots,
        work.gradients,
        work.signs,
        work.loss,
        work.random,
        copied,
    )


@kernel
def train_share(share: NDArray[np.int64], blocks: Round, stage: Stage, own: Own) -> None:
    """Train every `share[1]`-th block of a round from block `share[0]` on, each on copies of its rows; reads the weights."""
    stride = own.local.stride
    for block in range(share[0], blocks.seeds.shape[0], share[1]):
        centers = choose_centers_of(block, blocks, stage, own.work)
        inputs = copies_of(block, stage.weights.inputs, stride, stage.inputs, own.inputs)
        outputs = copies_of(block, stage.weights.outputs, stride, stage.outputs, own.outputs)
        copy_inputs(centers, stride, inputs, own.work)
        weights = Weights(inputs.copies, outputs.copies, stride, own.local.spare_inputs, own.local.spare_output)
        work = _working_on(own.work, outputs)
        pairs = 0
        loss = 0.0
        for begin in range(0, max(centers, 1), stage.at_once):
            end = min(begin + stage.at_once, centers)
            more_pairs, more_loss = train_centers(begin, end, blocks.rates[block], stage.sampling, weights, work)
            pairs += more_pairs
            loss += more_loss
        end_copies(block, stage.inputs, inputs)
        end_copies(block, stage.outputs, outputs)
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
def merge_share(share: NDArray[np.int64], blocks: Round, steepness: NDArray[np.float32], stage: Stage) -> None:
    """Merge the copies of part `share[0]` of `share[1]` parts of the words into the weights, in the order of the blocks."""
    count = blocks.seeds.shape[0]
    weights = stage.weights
    _merge_rows(share, count, steepness[0], weights.inputs, weights.stride, stage.inputs)
    _merge_rows(share, count, steepness[1], weights.outputs, weights.stride, stage.outputs)
