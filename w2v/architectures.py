"""The input side: a row for each context (skip-gram), or one row for all of them (continuous bag of words)."""

from typing import Any, NamedTuple

import numpy as np

from w2v.compilation import implements, kernel_part
from w2v.objectives import Outputs
from w2v.simd import LANES, TILE_CONTEXTS, TILE_OUTPUTS, add, load, multiply, splat, store, store_all, take
from w2v.tiles import copy_contexts, tile_scores, update_rows
from w2v.workspace import Weights, Workspace


class SkipGram(NamedTuple):
    """Each context predicts the center by its own row."""

    window: int


class Cbow(NamedTuple):
    """All contexts together predict the center by h, the mean of their rows or their sum.

    Each of the m rows gets the gradient of h as it is; or divided by m, where `divided` is 1: the exact gradient for the mean.
    """

    window: int
    mean: int
    divided: int


def gather(architecture: Any, count: Any, weights: Weights, work: Workspace) -> Any:
    """Make the input rows of the `count` contexts in work.contexts; returns how many. Implemented for each architecture."""
    raise NotImplementedError


@implements(gather, SkipGram)
def _gather_contexts(architecture: Any, count: Any, weights: Weights, work: Workspace) -> Any:
    return count


@implements(gather, Cbow)
def _gather_mean(architecture: Any, count: Any, weights: Weights, work: Workspace) -> Any:
    """The mean or sum goes to the first spare row; the second, for its gradient, becomes zero."""
    scale = splat(np.float32(1) / np.float32(count) if architecture.mean == 1 else np.float32(1))
    for k in range(0, weights.stride, LANES):
        total = splat(np.float32(0))
        for i in range(count):
            total = add(total, load(weights.inputs, work.contexts[i] + k))
        store(weights.inputs, work.snapshots[0] + k, multiply(total, scale))
        store(weights.inputs, work.snapshots[1] + k, splat(np.float32(0)))
    return min(count, 1)


@kernel_part
def _score(contexts: Any, first: Any, rows: Any, column: Any, weights: Weights, outputs: Outputs) -> None:
    """Write the scores of a tile from input row `first` on, each input row's behind one another."""
    store_all(outputs.lanes, 0, tile_scores(contexts, rows, weights))
    for i in range(len(contexts)):
        place = (first + i) * outputs.width + column
        for lane in range(0, TILE_OUTPUTS, LANES):
            store(outputs.scores, place + lane, load(outputs.lanes, i * TILE_OUTPUTS + lane))


def score(
    architecture: Any, count: Any, rows: Any, column: Any, weights: Weights, work: Workspace, outputs: Outputs
) -> None:
    """Score all `count` input rows with a tuple of output rows. Implemented for each architecture."""
    raise NotImplementedError


@implements(score, SkipGram)
def _score_contexts(
    architecture: Any, count: Any, rows: Any, column: Any, weights: Weights, work: Workspace, outputs: Outputs
) -> None:
    i = 0
    while count - i >= TILE_CONTEXTS:
        _score(take(work.contexts, i, TILE_CONTEXTS), i, rows, column, weights, outputs)
        i += TILE_CONTEXTS
    while count - i >= 1:
        _score(take(work.contexts, i, 1), i, rows, column, weights, outputs)
        i += 1


@implements(score, Cbow)
def _score_mean(
    architecture: Any, count: Any, rows: Any, column: Any, weights: Weights, work: Workspace, outputs: Outputs
) -> None:
    _score(take(work.snapshots, 0, 1), 0, rows, column, weights, outputs)


def update(
    architecture: Any,
    count: Any,
    slot: Any,
    coming: Any,
    tiles: Any,
    weights: Weights,
    work: Workspace,
    outputs: Outputs,
) -> None:
    """Apply the gradients that stand in place of the scores; fetch meanwhile the rows of the list in the slot `coming`.

    `count` are the contexts. Implemented for each architecture.
    """
    raise NotImplementedError


@kernel_part
def _update(
    count: Any, rows: Any, before: Any, slot: Any, coming: Any, tiles: Any, weights: Weights, outputs: Outputs
) -> None:
    for tile in range(tiles):
        column = tile * TILE_OUTPUTS
        row = take(outputs.rows, slot + column, TILE_OUTPUTS)
        soon = take(outputs.rows, coming + column, TILE_OUTPUTS)
        update_rows(count, rows, before, row, outputs.scores, column, outputs.width, soon, weights)


@implements(update, SkipGram)
def _update_contexts(
    architecture: Any,
    count: Any,
    slot: Any,
    coming: Any,
    tiles: Any,
    weights: Weights,
    work: Workspace,
    outputs: Outputs,
) -> None:
    before = work.contexts
    if tiles > 1:
        copy_contexts(count, weights, work)
        before = work.snapshots
    _update(count, work.contexts, before, slot, coming, tiles, weights, outputs)


@implements(update, Cbow)
def _update_mean(
    architecture: Any,
    count: Any,
    slot: Any,
    coming: Any,
    tiles: Any,
    weights: Weights,
    work: Workspace,
    outputs: Outputs,
) -> None:
    _update(1, work.snapshots[1:], work.snapshots, slot, coming, tiles, weights, outputs)
    scale = splat(np.float32(1) / np.float32(count) if architecture.divided == 1 else np.float32(1))
    for k in range(0, weights.stride, LANES):
        step = multiply(scale, load(weights.inputs, work.snapshots[1] + k))
        for i in range(count):
            row = work.contexts[i] + k
            store(weights.inputs, row, add(step, load(weights.inputs, row)))
