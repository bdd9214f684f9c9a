"""The parts of a training step that every loss shares: a tile of scores, and the update of both sides by their gradients.

With input rows x of the contexts and output rows y, the scores are x_i·y_j. A loss makes of them gradients g_ij, each times
the learning rate and downhill; then y_j += Σ_i g_ij x_i and x_i += Σ_j g_ij y_j. Rows are named by where they start.
"""

from typing import Any

import numpy as np

from w2v.compilation import kernel_part
from w2v.simd import (
    LANES,
    add_dot,
    add_products,
    load,
    load_each,
    multiply_add,
    prefetch_each,
    splat_like,
    store,
    store_each,
    sum_lanes,
    zero_products,
)
from w2v.workspace import Weights, Workspace


@kernel_part
def list_contexts(center: Any, weights: Weights, work: Workspace) -> Any:
    """Write the rows of a center's contexts to `work.contexts`; returns how many there are."""
    count: Any = 0
    for position in range(work.first[center], work.last[center]):
        work.contexts[count] = np.int64(work.kept[position]) * weights.stride
        count += np.int64(position != center)
    return count


@kernel_part
def tile_products(contexts: Any, outputs: Any, weights: Weights) -> Any:
    """For each context row and output row the products of their numbers, summed but for the lanes."""
    dots = zero_products(contexts, outputs)
    for k in range(0, weights.stride, LANES):
        rows = load_each(weights.inputs, contexts, k)
        dots = add_products(rows, load_each(weights.outputs, outputs, k), dots)
    return dots


@kernel_part
def tile_scores(contexts: Any, outputs: Any, weights: Weights) -> Any:
    """The scores of a tuple of context rows with a tuple of output rows, [contexts, outputs], in as few vectors as hold them."""
    return sum_lanes(tile_products(contexts, outputs, weights))


@kernel_part
def update_rows(
    count: Any,
    contexts: Any,
    before: Any,
    outputs: Any,
    gradients: Any,
    start: Any,
    width: Any,
    soon: Any,
    weights: Weights,
) -> None:
    """Apply a tile's gradients to both sides; fetch meanwhile the output rows that are needed `soon`.

    `before` are the rows of the `count` contexts as they were before the center; the gradients of context i stand at
    `start + i * width`.
    """
    paired = weights.stride - weights.stride % (2 * LANES)
    for k in range(0, paired, 2 * LANES):
        prefetch_each(weights.outputs, soon, k)
        prefetch_each(weights.outputs, soon, k + LANES)
        left = load_each(weights.outputs, outputs, k)
        right = load_each(weights.outputs, outputs, k + LANES)
        new_left = left
        new_right = right
        for i in range(count):
            gradient = splat_like(gradients, start + i * width, left)
            old = before[i] + k
            new_left = multiply_add(gradient, load(weights.inputs, old), new_left)
            new_right = multiply_add(gradient, load(weights.inputs, old + LANES), new_right)
            row = contexts[i] + k
            store(weights.inputs, row, add_dot(gradient, left, load(weights.inputs, row)))
            store(weights.inputs, row + LANES, add_dot(gradient, right, load(weights.inputs, row + LANES)))
        store_each(weights.outputs, outputs, k, new_left)
        store_each(weights.outputs, outputs, k + LANES, new_right)
    for k in range(paired, weights.stride, LANES):
        prefetch_each(weights.outputs, soon, k)
        left = load_each(weights.outputs, outputs, k)
        new_left = left
        for i in range(count):
            gradient = splat_like(gradients, start + i * width, left)
            new_left = multiply_add(gradient, load(weights.inputs, before[i] + k), new_left)
            row = contexts[i] + k
            store(weights.inputs, row, add_dot(gradient, left, load(weights.inputs, row)))
        store_each(weights.outputs, outputs, k, new_left)


@kernel_part
def copy_contexts(count: Any, weights: Weights, work: Workspace) -> None:
    """Keep the rows of the `count` contexts as they are now, where `work.snapshots` says."""
    for i in range(count):
        for k in range(0, weights.stride, LANES):
            store(weights.inputs, work.snapshots[i] + k, load(weights.inputs, work.contexts[i] + k))
