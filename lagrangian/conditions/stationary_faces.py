"""The stationary points of a function on a box, face by face: where they are in systems of as many equations as unknowns.

On a face some variables are held at their bounds. A candidate for the least value has dF/dx_i = 0 in the others, and in those
that are held F does not fall into the box. Every minimizer is a candidate on the face that it lies in.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import sympy
from sympy import Abs, Expr, Max, Min, Symbol, sign

from lagrangian.algebra.interval_arrays import Array, Ends, Interval, Mask
from lagrangian.conditions.interval_existence import has_zero, spread_and_room
from lagrangian.conditions.interval_model import Boxes, IntervalModel, interval_model
from lagrangian.conditions.interval_rules import pivots_are_positive
from lagrangian.problem.canonical import CanonicalProblem, Equality, Inequality

KINKED = (Abs, Max, Min, sign)


@dataclass(frozen=True, eq=False)
class Face:
    """A face of the box and its system; ``sides`` has -1, 0 or 1 for a variable held at its lower bound, free, or at its upper.

    ``model`` has the free variables, the slopes in them as equations, and as inequalities their bounds and the signs of the
    other slopes; it is None for a corner.
    """

    sides: tuple[int, ...]
    corner: dict[Symbol, Expr]
    model: IntervalModel | None


@dataclass(frozen=True, eq=False)
class Isolated:
    """A zero of a face's system: in the box from ``low`` to ``high``, and alone in that from ``outer_low`` to ``outer_high``."""

    low: Array
    high: Array
    outer_low: Array
    outer_high: Array

    def holds(self, model: IntervalModel) -> bool:
        n, ends = model.dimension, (self.low, self.high, self.outer_low, self.outer_high)
        if any(end.shape != (n,) or not np.isfinite(end).all() for end in ends):
            return False
        nested = (self.outer_low <= self.low) & (self.low < self.high) & (self.high <= self.outer_high)
        # inside, so that steps in all directions are allowed
        inside = (model.low_ends[1] < self.low) & (self.high < model.high_ends[0])
        outer = self.outer_low[None], self.outer_high[None]
        if model.program.evaluate([model.objective], outer, Ends.PROVED).partial[0]:
            return False
        lines, everything = list(model.equalities), tuple(range(n))
        return bool(
            nested.all()
            and inside.all()
            and has_zero(model, lines, self.low, self.high, everything)
            and is_injective(model, self.outer_low, self.outer_high)
        )

    def surrounds(self, boxes: Boxes) -> Mask:
        inside: Mask = (self.outer_low <= boxes.low) & (boxes.high <= self.outer_high)
        return np.all(inside, axis=1)


def is_injective(model: IntervalModel, low: Array, high: Array) -> bool:
    """Whether the slopes of the equations show that no two points of the box have the same values: |I - C H'| r < r."""
    found = spread_and_room(model, list(model.equalities), low, high, tuple(range(model.dimension)))
    return found is not None and bool((found[0] < found[1]).all())


def is_smooth_on_a_box(canonical: CanonicalProblem) -> bool:
    """Whether the constraints are just bounds, in numbers, of all variables, and the objective has no function with kinks."""
    if canonical.equalities or canonical.parameters or canonical.integers or canonical.objective.has(*KINKED):
        return False
    if any(g.strict or len(g.expression.free_symbols) != 1 for g in canonical.inequalities):
        return False
    return set().union(*(g.expression.free_symbols for g in canonical.inequalities), set()) == set(canonical.variables)


def faces_of(model: IntervalModel) -> list[Face] | None:
    """All faces of the region of a problem whose constraints are bounds; None if a bound is missing or both are the same."""
    if not model.is_box or not (np.isfinite(model.low_ends).all() and np.isfinite(model.high_ends).all()):
        return None
    if not (model.low_ends[1] < model.high_ends[0]).all():
        return None
    return [_face(model, sides) for sides in product((0, -1, 1), repeat=model.dimension)]


def _face(model: IntervalModel, sides: tuple[int, ...]) -> Face:
    canonical = model.canonical
    ends = {v: model.low[i] if sides[i] < 0 else model.high[i] for i, v in enumerate(canonical.variables) if sides[i]}
    free = tuple(v for v in canonical.variables if v not in ends)
    if not free:
        return Face(sides, ends, None)
    slopes = [sympy.diff(canonical.objective, v).xreplace(ends) for v in canonical.variables]
    zero, true = sympy.Integer(0), sympy.true
    bounds = [g for g in canonical.inequalities if g.expression.free_symbols <= set(free)]
    signs = [
        Inequality(side * slope, true) for side, slope in zip(sides, slopes, strict=True) if side and slope != zero
    ]
    equations = [Equality(slope, true) for side, slope in zip(sides, slopes, strict=True) if not side]
    system = CanonicalProblem(
        canonical.objective.xreplace(ends), (*bounds, *signs), tuple(equations), free, (), (), frozenset()
    )
    return Face(sides, ends, interval_model(system))


def is_candidate(model: IntervalModel, face: Face, low: Array, high: Array) -> bool | None:
    """Whether on a small box no slope across the face points inward, as far as it can be told; None where one is not known."""
    found = model.program.evaluate(model.gradient(model.objective), (low[None], high[None]), Ends.PROVED)
    if found.partial[0]:
        return None
    pairs = zip(face.sides, found.intervals, strict=True)
    return all(bool(end[1][0] >= 0) if side < 0 else bool(end[0][0] <= 0) for side, end in pairs if side)


def _whole(model: IntervalModel, face: Face, low: Array, high: Array) -> tuple[Array, Array]:
    """The box of all variables: those that are held have the enclosures of their bounds."""
    sides = np.array(face.sides)
    ends = []
    for place, own in ((0, low), (1, high)):
        end = np.where(sides < 0, model.low_ends[place], model.high_ends[place]).astype(float)
        end[sides == 0] = own
        ends.append(end)
    return ends[0], ends[1]


def box_of(model: IntervalModel, face: Face, zero: Isolated | None) -> tuple[Array, Array]:
    """Where a candidate of a face lies, in all variables."""
    nothing = np.zeros(0)
    return _whole(model, face, nothing if zero is None else zero.low, nothing if zero is None else zero.high)


def value_on(model: IntervalModel, low: Array, high: Array) -> tuple[float, float]:
    """What the objective lies between on a small box; infinities where it may be undefined."""
    whole = model.program.evaluate([model.objective], (low[None], high[None]), Ends.PROVED)
    if whole.partial[0]:
        return -np.inf, np.inf
    return float(whole.intervals[0][0][0]), float(whole.intervals[0][1][0])


def kind_on(model: IntervalModel, face: Face, low: Array, high: Array) -> str:
    """What all points of a small box that are stationary are: "minimum", "maximum" or "saddle", or "" where that is not seen."""
    slopes = model.program.evaluate(model.gradient(model.objective), (low[None], high[None]), Ends.PROVED)
    strict = all(
        end[0][0] > 0 if side < 0 else end[1][0] < 0
        for side, end in zip(face.sides, slopes.intervals, strict=True)
        if side
    )
    free = [i for i, side in enumerate(face.sides) if not side]
    if not free:
        return "minimum" if strict else ""
    curved = model.program.evaluate(model.hessian(model.objective), (low[None], high[None]), Ends.PROVED)
    if curved.partial[0] or slopes.partial[0]:
        return ""
    pairs = [(i, j) for i in range(model.dimension) for j in range(i + 1)]
    entries = dict(zip(pairs, curved.intervals, strict=True))
    own = {(a, b): entries[free[a], free[b]] for a in range(len(free)) for b in range(a + 1)}
    minus = {key: (-value[1], -value[0]) for key, value in own.items()}
    if strict and pivots_are_positive(dict(own), len(free))[0]:
        return "minimum"
    if len(free) == model.dimension and pivots_are_positive(dict(minus), len(free))[0]:
        return "maximum"
    falls, rises = _bends(own, len(free))
    return "saddle" if falls and (rises or (strict and len(free) < model.dimension)) else ""


def _bends(entries: dict[tuple[int, int], Interval], n: int) -> tuple[bool, bool]:
    """Whether some direction is seen in which the curvature is negative, and one in which it is positive."""
    middle = np.zeros((n, n))
    for (i, j), (low, high) in entries.items():
        middle[i, j] = middle[j, i] = 0.5 * (low[0] + high[0])
    vectors = np.linalg.eigh(middle)[1] if np.isfinite(middle).all() else np.zeros((n, n))
    least, most = [], []
    for vector in (vectors[:, 0], vectors[:, -1]):
        radius = sum(
            abs(vector[i] * vector[j]) * (high[0] - low[0]) * (1 if i == j else 2)
            for (i, j), (low, high) in entries.items()
        )
        value = float(vector @ middle @ vector)
        # rounding is far below a millionth of the size of the entries
        slack = radius + 1e-6 * float(np.abs(middle).max(initial=0.0))
        least.append(value + slack)
        most.append(value - slack)
    return least[0] < 0, most[1] > 0
