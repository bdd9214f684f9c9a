"""Trees of boxes while they grow: boxes are replaced by smaller ones, or cut in two."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lagrangian.algebra.interval_arrays import Array, Ends
from lagrangian.conditions.box_tree import Node, Tree, split_boxes
from lagrangian.conditions.interval_model import Boxes, IntervalModel
from lagrangian.conditions.interval_rules import narrowed

# a box is replaced by a smaller one where a side becomes shorter than this part of it; the smaller one is made a little wider
WORTHWHILE = 0.8
ROUNDING = 1e-12
# where an unbounded side is cut first
FIRST_CUT = 1.0
# a side this narrow is not cut again
LEAST_WIDTH = 1e-13


@dataclass(eq=False)
class Growing:
    """A tree while it grows; the lists are those of `Tree`."""

    kinds: list[int] = field(default_factory=list)
    children: list[int] = field(default_factory=list)
    variable: list[int] = field(default_factory=list)
    point: list[float] = field(default_factory=list)
    centers: dict[int, Array] = field(default_factory=dict)
    references: dict[int, int] = field(default_factory=dict)
    weights: dict[int, Array] = field(default_factory=dict)
    boxes: dict[int, tuple[Array, Array]] = field(default_factory=dict)

    def add(self, count: int) -> NDArray[np.int64]:
        first = len(self.kinds)
        self.kinds += [int(Node.SETTLED)] * count
        self.children += [-1] * count
        self.variable += [0] * count
        self.point += [0.0] * count
        return np.arange(first, first + count)

    def tree(self) -> Tree:
        return Tree(
            np.array(self.kinds, dtype=np.int8),
            np.array(self.children, dtype=np.int64),
            np.array(self.variable, dtype=np.int64),
            np.array(self.point),
            self.centers,
            self.references,
            self.weights,
            self.boxes,
        )


def joined(parts: Sequence[Boxes]) -> Boxes:
    return Boxes(
        np.concatenate([b.low for b in parts]),
        np.concatenate([b.high for b in parts]),
        np.concatenate([b.held for b in parts]),
    )


def narrow(
    model: IntervalModel, boxes: Boxes, nodes: NDArray[np.int64], growing: Growing, limits: Array
) -> tuple[tuple[Boxes, NDArray[np.int64]] | None, NDArray[np.int64]]:
    """Replace boxes by smaller ones where that is worth a node; and the places of those that are left as they are."""
    inside, empty = narrowed(model, boxes, limits, Ends.FAST)
    for node in nodes[empty].tolist():
        growing.kinds[node] = int(Node.EMPTY)
    room = ROUNDING * (1.0 + np.where(np.isfinite(inside.low), np.abs(inside.low), 0.0))
    low = np.maximum(inside.low - room, boxes.low)
    room = ROUNDING * (1.0 + np.where(np.isfinite(inside.high), np.abs(inside.high), 0.0))
    high = np.minimum(inside.high + room, boxes.high)
    low, high = np.where(model.integers, np.ceil(low), low), np.where(model.integers, np.floor(high), high)
    with np.errstate(invalid="ignore"):
        shrunk = (high - low < WORTHWHILE * (boxes.high - boxes.low)).any(axis=1) & ~empty
    places = np.flatnonzero(shrunk)
    left = np.flatnonzero(~shrunk & ~empty)
    if not len(places):
        return None, left
    children = growing.add(len(places))
    for place, child in zip(places.tolist(), children.tolist(), strict=True):
        node = int(nodes[place])
        growing.kinds[node], growing.children[node] = int(Node.NARROWED), child
        growing.boxes[node] = low[place], high[place]
    return (Boxes(low[places], high[places], boxes.held[places]), children), left


def cut_boxes(
    model: IntervalModel,
    boxes: Boxes,
    nodes: NDArray[np.int64],
    growing: Growing,
    variable: NDArray[np.int64],
    cuts: dict[int, tuple[int, float]],
) -> tuple[Boxes, NDArray[np.int64]] | None:
    """Both halves of every box, cut across ``variable``, or as ``cuts`` says of a node; None where one is too narrow."""
    for row, node in enumerate(nodes.tolist()):
        variable[row] = cuts[node][0] if node in cuts else variable[row]
    rows = np.arange(len(nodes))
    low, high = boxes.low[rows, variable], boxes.high[rows, variable]
    finite = np.isfinite(low) & np.isfinite(high)
    if (finite & (high - low <= LEAST_WIDTH * (1 + np.abs(np.where(finite, low, 0.0))))).any():
        return None
    point = _cut(low, high)
    for row, node in enumerate(nodes.tolist()):
        point[row] = cuts[node][1] if node in cuts else point[row]
    # the upper half of an integer variable starts one above the cut
    point = np.where(model.integers[variable], np.minimum(np.floor(point), high - 1), point)
    halves = split_boxes(model, boxes, variable, point)
    if halves is None:
        return None
    children = growing.add(2 * len(nodes))
    for row, node in enumerate(nodes.tolist()):
        growing.kinds[node], growing.children[node] = int(Node.SPLIT), int(children[2 * row])
        growing.variable[node], growing.point[node] = int(variable[row]), float(point[row])
    order = np.concatenate([children[0::2], children[1::2]])
    return joined(halves), order


def _cut(low: Array, high: Array) -> Array:
    """The middle; zero, or a power of ten times as far out, where a side is infinite."""
    with np.errstate(invalid="ignore"):
        center = 0.5 * (low + high)
    outward = np.where(low > 0, 10 * low, FIRST_CUT)
    inward = np.where(high < 0, 10 * high, -FIRST_CUT)
    both = np.isinf(low) & np.isinf(high)
    return np.where(both, 0.0, np.where(np.isinf(high), outward, np.where(np.isinf(low), inward, center)))


def split(
    model: IntervalModel, boxes: Boxes, nodes: NDArray[np.int64], growing: Growing
) -> tuple[Boxes, NDArray[np.int64]] | None:
    """Both halves of every box, cut across the side that is the longest by the region's; None where it is too short."""
    whole = model.high_ends[1] - model.low_ends[0]
    return cut_boxes(model, boxes, nodes, growing, np.argmax((boxes.high - boxes.low) / whole, axis=1), {})
