"""Trees of boxes that cover a region, and what closes a leaf at a stationary point in closed form."""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy import Expr, Symbol

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.interval_arrays import Array, Ends, float_interval
from lagrangian.algebra.signs import is_positive, is_zero
from lagrangian.conditions.interval_model import Boxes, IntervalModel
from lagrangian.conditions.interval_rules import curvature_is_positive

# beyond this, not all integers are floating-point numbers
LARGEST_INTEGER = 2.0**52


class Node(IntEnum):
    """What is said of a box: it is split at a point, replaced by a face or a smaller box, or settled by a rule."""

    SPLIT = 0
    FACE = 1
    SETTLED = 2
    CONVEX = 3
    EXACT = 4
    LAGRANGIAN = 5
    NARROWED = 6
    EMPTY = 7


@dataclass(frozen=True, eq=False)
class Tree:
    """N nodes: their kinds, the first of their children (two for a split, one for a face or a smaller box), and data.

    ``variable`` is that of a split, or the face as in `Judged.face`; ``point`` that of a split. By node, ``centers`` are the
    points at which leaves are bounded by tangents, ``references`` the exact points that exact leaves refer to, ``weights`` of
    Lagrangian leaves the multipliers (mu, lambda), the penalties (r, s) and alpha, and ``boxes`` the ends of smaller boxes.
    """

    kinds: NDArray[np.int8]
    children: NDArray[np.int64]
    variable: NDArray[np.int64]
    point: Array
    centers: dict[int, Array]
    references: dict[int, int]
    weights: dict[int, Array]
    boxes: dict[int, tuple[Array, Array]] = field(default_factory=dict)

    def is_well_formed(self, exact_count: int) -> bool:
        """Whether all that nodes refer to is there: it may come from a file."""
        count = len(self.kinds)
        if not count or not (len(self.children) == len(self.variable) == len(self.point) == count):
            return False
        splits, single = self.kinds == Node.SPLIT, (self.kinds == Node.FACE) | (self.kinds == Node.NARROWED)
        first, last = self.children, self.children + splits
        exact = np.flatnonzero(self.kinds == Node.EXACT).tolist()
        return bool(
            ((self.kinds >= min(Node)) & (self.kinds <= max(Node))).all()
            and ((first[splits | single] > 0) & (last[splits | single] < count)).all()
            and all(0 <= self.references.get(node, -1) < exact_count for node in exact)
        )

    @property
    def leaf_count(self) -> int:
        return int(((self.kinds >= Node.SETTLED) & (self.kinds != Node.NARROWED)).sum())


def split_boxes(
    model: IntervalModel, boxes: Boxes, variable: NDArray[np.int64], point: Array
) -> tuple[Boxes, Boxes] | None:
    """Both halves of each box, or None where a point is not inside or the variable is held.

    Of an integer variable, one half ends at the integer below the point, and the other one begins at the next.
    """
    rows = np.arange(len(boxes))
    inside = (boxes.low[rows, variable] <= point) & (point <= boxes.high[rows, variable])
    if not (inside & ~boxes.held[rows, variable]).all():
        return None
    left_high, right_low = boxes.high.copy(), boxes.low.copy()
    integer = model.integers[variable]
    below = np.floor(point)
    if not (np.abs(below[integer]) < LARGEST_INTEGER).all():
        return None
    left_high[rows, variable] = np.where(integer, below, point)
    right_low[rows, variable] = np.where(integer, below + 1.0, point)
    return Boxes(boxes.low, left_high, boxes.held), Boxes(right_low, boxes.high, boxes.held)


def exact_signs(model: IntervalModel, point: dict[Symbol, Expr]) -> NDArray[np.int64] | None:
    """The signs of F's partial derivatives at an exact point; None if undecided.

    A sign other than zero is accepted only where the point lies on the bound that the sign points to.
    """
    canonical = model.canonical
    signs = []
    for i, variable in enumerate(canonical.variables):
        slope = sympy.diff(canonical.objective, variable).xreplace(point)
        if is_zero(slope) is True:
            signs.append(0)
        elif is_positive(slope) is True and _same(point[variable], model.low[i]):
            signs.append(1)
        elif is_positive(-slope) is True and _same(point[variable], model.high[i]):
            signs.append(-1)
        else:
            return None
    return np.array(signs)


def exact_float(value: float) -> Expr:
    """A floating-point number as the rational number that it is."""
    return sympy.Rational(*value.as_integer_ratio())


def _same(left: Expr, right: Expr) -> bool:
    return right.is_finite is not False and is_zero(left - right) is True


def exact_leaf_holds(
    model: IntervalModel, box: Boxes, point: dict[Symbol, Expr], signs: NDArray | None, how: Ends = Ends.PROVED
) -> bool:
    """F is convex on the hull of the box and a point that satisfies the first-order conditions: F >= F(point) there.

    Variables that are held must be so at the point's own coordinate.
    """
    if signs is None or not model.is_box:
        return False
    low, high = box.low.copy(), box.high.copy()
    for i, variable in enumerate(model.canonical.variables):
        ball = enclose(point[variable])
        if ball is None:
            return False
        first, last = float_interval(ball)
        if box.held[0, i] and not _held_at(model, box, i, point[variable]):
            return False
        low[0, i], high[0, i] = min(low[0, i], first), max(high[0, i], last)
    return bool(curvature_is_positive(model, Boxes(low, high, box.held), how)[0])


def _held_at(model: IntervalModel, box: Boxes, i: int, coordinate: Expr) -> bool:
    low, high = float(box.low[0, i]), float(box.high[0, i])
    if low == high and is_zero(coordinate - exact_float(low)) is True:
        return True
    at_low = (low, high) == (model.low_ends[0, i], model.low_ends[1, i]) and _same(coordinate, model.low[i])
    return at_low or (
        (low, high) == (model.high_ends[0, i], model.high_ends[1, i]) and _same(coordinate, model.high[i])
    )
