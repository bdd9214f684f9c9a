"""All zeros of a face's system: boxes are narrowed and cut until each holds none, or lies where a known zero is alone."""

import time

import numpy as np
from numpy.typing import NDArray

from lagrangian.algebra.interval_arrays import Array, Ends
from lagrangian.candidates.growing_trees import Growing, narrow, split
from lagrangian.conditions.box_tree import Node
from lagrangian.conditions.interval_model import Boxes, IntervalModel, middle
from lagrangian.conditions.stationary_faces import Isolated
from lagrangian.proof.stationary_list import FaceEvidence

Numbers = NDArray[np.int64]

MOST_NODES = 60_000
MOST_ZEROS = 300
CHUNK = 512
# so many boxes of a chunk are begun from in search of a zero
MOST_STARTS = 16
NEWTON_STEPS = 30
# the radii of the box that holds a zero, and of that in which it is alone, by 1 + |x| and by the width of the box begun from
RADII = (1e-14, 1e-12, 1e-10)
SURROUNDINGS = (2.0, 1.0, 0.5, 0.2, 0.05, 0.01, 1e-3, 1e-4)


def all_zeros(model: IntervalModel, deadline: float) -> FaceEvidence | None:
    """The complete list of zeros; None where it is not finished in time, or some zero is not regular."""
    growing = Growing()
    zeros: list[Isolated] = []
    stack = [(model.region, growing.add(1))]
    limits = np.full(CHUNK, np.inf)
    while stack:
        if time.monotonic() > deadline or len(growing.kinds) > MOST_NODES or len(zeros) > MOST_ZEROS:
            return None
        boxes, nodes = stack.pop()
        if len(nodes) > CHUNK:
            stack.append((boxes.take(np.arange(CHUNK, len(nodes))), nodes[CHUNK:]))
            boxes, nodes = boxes.take(np.arange(CHUNK)), nodes[:CHUNK]
        boxes, nodes = _refer(boxes, nodes, zeros, 0, growing)
        first = len(zeros)
        for place in range(min(len(nodes), MOST_STARTS)):
            found = _zero_in(model, boxes.low[place], boxes.high[place])
            if found is not None and not any(_same(found, other) for other in zeros):
                zeros.append(found)
        boxes, nodes = _refer(boxes, nodes, zeros, first, growing)
        if not len(nodes):
            continue
        lines = [model.objective, *model.inequalities, *model.equalities]
        defined = ~model.program.evaluate(lines, (boxes.low, boxes.high), Ends.FAST).partial
        left = np.arange(len(nodes))
        if defined.all():
            smaller, left = narrow(model, boxes, nodes, growing, limits[: len(nodes)])
            if smaller is not None:
                stack.append(smaller)
        if len(left):
            halves = split(model, boxes.take(left), nodes[left], growing)
            if halves is None:
                return None
            stack.append(halves)
    return FaceEvidence(growing.tree(), tuple(zeros))


def _refer(boxes: Boxes, nodes: Numbers, zeros: list[Isolated], first: int, growing: Growing) -> tuple[Boxes, Numbers]:
    """Settle the boxes around known zeros; the others."""
    open_ = np.ones(len(nodes), dtype=bool)
    for number, zero in enumerate(zeros[first:], start=first):
        inside = np.flatnonzero(zero.surrounds(boxes) & open_)
        for node in nodes[inside].tolist():
            growing.kinds[node] = int(Node.EXACT)
            growing.references[node] = number
        open_[inside] = False
    left = np.flatnonzero(open_)
    return boxes.take(left), nodes[left]


def _same(left: Isolated, right: Isolated) -> bool:
    """Whether both are one zero: the one lies where the other is alone."""
    return bool(((right.outer_low <= left.low) & (left.high <= right.outer_high)).all())


def _zero_in(model: IntervalModel, low: Array, high: Array) -> Isolated | None:
    """A zero near the box by Newton's method, with boxes around it: the smallest that holds it, the largest where it is alone."""
    point = _newton(model, middle(Boxes(low[None], high[None], np.zeros((1, len(low)), dtype=bool)))[0])
    width = high - low
    if point is None or (point < low - width).any() or (point > high + width).any():
        return None
    for radius in RADII:
        room = radius * (1.0 + np.abs(point))
        inner = point - room, point + room
        if not Isolated(*inner, *inner).holds(model):
            continue
        for share in SURROUNDINGS:
            outer_low = np.clip(point - share * width, model.low_ends[0], inner[0])
            outer_high = np.clip(point + share * width, inner[1], model.high_ends[1])
            found = Isolated(*inner, outer_low, outer_high)
            if found.holds(model):
                return found
        return Isolated(*inner, *inner)
    return None


def _newton(model: IntervalModel, point: Array) -> Array | None:
    n, lines = model.dimension, list(model.equalities)
    slopes = [k for line in lines for k in model.gradient(line)]
    for _ in range(NEWTON_STEPS):
        found = model.program.evaluate([*lines, *slopes], (point[None], point[None]), Ends.FAST)
        with np.errstate(invalid="ignore"):
            values = np.array([0.5 * (low[0] + high[0]) for low, high in found.intervals])
        if not np.isfinite(values).all():
            return None
        try:
            step = np.linalg.solve(values[n:].reshape(n, n), values[:n])
        except np.linalg.LinAlgError:
            return None
        point = point - step
        if (np.abs(step) <= 1e-15 * (1.0 + np.abs(point))).all():
            break
    return point if np.isfinite(point).all() else None
