"""The multipliers that give a Lagrangian relaxation its best bound.

The dual function L(m) = min over x of costs.x + m.(A x - b) is concave and piecewise linear: a minimizer x at m gives the cut
L(m') <= costs.x + m'.(A x - b). One multiplier is found exactly by intersecting the cuts on both sides of the maximum;
several by cutting planes (Kelley 1960; Cheney and Goldstein 1959), in floating point first and then, where there are few, in
rational arithmetic until cut and bound meet. Whatever floating point suggests, a bound is that of rational multipliers,
evaluated exactly.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TypeAlias

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from lagrangian.candidates.linear import Farkas, LinearKKT, QuadraticProgram, Recession, solve_convex
from lagrangian.conditions.inner_problems import InnerMinimum, InnerProblem
from lagrangian.conditions.integer_programs import IntegerProgram, IntegerRow
from lagrangian.conditions.range_reduction import Ranges
from lagrangian.proof.relaxation_tree import integral
from lagrangian.relaxations.linear_optimum import FloatingOptimum, LinearOptimum, floating_optimum, linear_optimum

GRID = 2**16
DENOMINATORS = (1, 60, 1000)
LARGEST_UNIT = 2**30
MOST_CUTS = 120
# cutting planes in rational arithmetic are followed for at most this many multipliers and rounds
MOST_EXACT = 8
EXACT_ROUNDS = 40
TOLERANCE = 1e-7
WIDEST = 2.0**20
NARROWEST = 1e-3

Floats = NDArray[np.float64]
# cost and slope of a point of the inner problem: fractions where variables are continuous
Line: TypeAlias = tuple[int | fmpq, tuple[int | fmpq, ...]]


@dataclass(frozen=True, eq=False)
class DualPoint:
    """The dual function at rational multipliers: L = cost + sum of m_r slope_r, with the minimizer that it belongs to."""

    multipliers: tuple[fmpq, ...]
    value: fmpq
    point: tuple[int | fmpq, ...]
    cost: int | fmpq
    slope: tuple[int | fmpq, ...]


@dataclass(frozen=True, eq=False)
class DualFunction:
    """The inner problem over ranges, as a function of the multipliers of the relaxed rows (in integers)."""

    inner: InnerProblem
    ranges: Ranges

    def at(self, multipliers: Sequence[fmpq]) -> DualPoint | None:
        """None where the kept rows leave no point."""
        scaled, unit = integral(multipliers)
        found = self.inner.minimum(scaled, unit, *self.ranges)
        return None if found is None else self.cut(multipliers, fmpq(found.value) / unit, found)

    def cut(self, multipliers: Sequence[fmpq], value: fmpq, found: InnerMinimum) -> DualPoint:
        """The line that belongs to a point of the inner problem."""
        point = tuple(found.point.tolist())
        totals = self.inner.terms.totals(found.point).tolist()
        slope = tuple(total - limit for total, limit in zip(totals, self.inner.terms.limits, strict=True))
        cost = self.inner.program.cost(point)
        return DualPoint(tuple(multipliers), value, point, cost, slope)

    @property
    def rows(self) -> tuple[IntegerRow, ...]:
        return self.inner.terms.rows


@dataclass(frozen=True, eq=False)
class BestMultipliers:
    """The best dual point found; ``is_best`` where no multipliers are better.

    A ``ray`` of multipliers along which the dual function grows without end proves that there is no feasible point.
    """

    found: DualPoint
    is_best: bool
    ray: tuple[fmpq, ...] | None = None


def best_multipliers(dual: DualFunction, deadline: float = float("inf")) -> BestMultipliers | None:
    """The best multipliers, exactly where there is one, or few; None where the kept rows leave no point."""
    if len(dual.rows) == 1:
        return best_multiplier(dual)
    floating = None if dual.inner.program.products else floating_optimum(dual.inner.program, dual.ranges)
    exact = None if floating is None else linear_optimum(dual.inner.program, dual.ranges, floating)
    found = _suggested(dual, floating, exact)
    if found is None or not dual.rows:
        return None if found is None else BestMultipliers(found, True)
    if exact is not None and dual.inner.is_integral:
        # the linear relaxation's value is the most that such multipliers can give
        return BestMultipliers(found, found.value == exact.value)
    cuts = [found] if dual.inner.is_integral else _cutting_planes(dual, found, deadline)
    best = max(cuts, key=lambda cut: cut.value)
    return _exactly(dual, cuts, best, deadline)


def _is_saddle(dual: DualFunction, found: DualPoint) -> bool:
    """Whether the minimizer is feasible and complementary: then its cost is the bound, and both are best."""
    holds = all(s == 0 if row.is_equation else s <= 0 for s, row in zip(found.slope, dual.rows, strict=True))
    return holds and found.value == found.cost


def far_multiplier(dual: DualFunction) -> fmpq:
    """A multiplier beyond all breakpoints: two lines of different integer slopes meet where costs differ by as much."""
    program = dual.inner.program
    low, high = (list(map(int, side)) for side in dual.ranges)
    spread = sum(abs(c) * (last - first) for c, first, last in zip(program.costs, low, high, strict=True))
    spread += sum(
        2 * abs(q) * max(abs(low[i]), abs(high[i])) * max(abs(low[j]), abs(high[j])) for i, j, q in program.products
    )
    return fmpq(spread + 1)


def far_point(dual: DualFunction, sign: int) -> DualPoint | None:
    """The dual function of one multiplier beyond all breakpoints on a side, where its line has the least slope of all."""
    if not dual.inner.program.reals:
        return dual.at((sign * far_multiplier(dual),))
    steepest = dual.inner.minimum((sign,), 1, *dual.ranges, costs=0)
    if steepest is None:
        return None
    multiplier = fmpq(sign)
    found = dual.at((multiplier,))
    while found is not None and sign * found.slope[0] != steepest.value:
        multiplier *= 2
        found = dual.at((multiplier,))
    return found


def best_multiplier(dual: DualFunction) -> BestMultipliers | None:
    """One multiplier, exactly: lines on both sides of the maximum are intersected until their meeting point is on the graph."""
    left = far_point(dual, -1) if dual.rows[0].is_equation else dual.at((fmpq(0),))
    right = far_point(dual, 1)
    if left is None or right is None:
        return None
    if right.slope[0] > 0:
        return BestMultipliers(right, True, (fmpq(1),))
    if left.slope[0] < 0 and dual.rows[0].is_equation:
        return BestMultipliers(left, True, (fmpq(-1),))
    if left.slope[0] <= 0:
        return BestMultipliers(left, True)
    while right.slope[0] < 0:
        meeting = fmpq(right.cost - left.cost) / (left.slope[0] - right.slope[0])
        found = dual.at((meeting,))
        if found is None:
            return None
        if found.value == left.cost + meeting * left.slope[0] or found.slope[0] == 0:
            return BestMultipliers(found, True)
        left, right = (found, right) if found.slope[0] > 0 else (left, found)
    return BestMultipliers(right, True)


def linear_relaxation(dual: DualFunction) -> tuple[Floats, Floats] | None:
    """Multipliers of the relaxed rows in the linear relaxation, and its point, in floating point; None where HiGHS gives none."""
    found = floating_optimum(dual.inner.program, dual.ranges)
    return None if found is None else (found.multipliers[list(dual.inner.relaxed)], found.point)


def on_grid(dual: DualFunction, suggested: Sequence[float] | Floats) -> tuple[fmpq, ...]:
    """Rational multipliers near those suggested, with the right signs and one small denominator."""
    return tuple(
        fmpq(round(m * GRID) if row.is_equation else max(round(m * GRID), 0), GRID)
        for m, row in zip(suggested, dual.rows, strict=True)
    )


def _suggested(dual: DualFunction, floating: FloatingOptimum | None, exact: LinearOptimum | None) -> DualPoint | None:
    """The best of the linear relaxation's multipliers (exact ones, or rounded in several ways) and of none at all."""
    choices = [tuple(fmpq(0) for _ in dual.rows)]
    if exact is not None:
        choices.append(tuple(exact.multipliers[r] for r in dual.inner.relaxed))
    elif floating is not None:
        relaxed = floating.multipliers[list(dual.inner.relaxed)]
        choices.append(on_grid(dual, relaxed))
        choices += [near for most in DENOMINATORS if (near := _simple(dual, relaxed, most)) is not None]
    found = [point for choice in choices if (point := dual.at(choice)) is not None]
    return max(found, key=lambda point: point.value, default=None)


def _simple(dual: DualFunction, suggested: Floats, most: int) -> tuple[fmpq, ...] | None:
    """The nearest fractions with denominators up to ``most``; None where their common denominator is large."""
    near = [Fraction(float(m)).limit_denominator(most) for m in suggested]
    if lcm(1, *(m.denominator for m in near)) > LARGEST_UNIT:
        return None
    signed = [m if row.is_equation else max(m, Fraction(0)) for m, row in zip(near, dual.rows, strict=True)]
    return tuple(fmpq(m.numerator, m.denominator) for m in signed)


def _cutting_planes(dual: DualFunction, start: DualPoint, deadline: float) -> list[DualPoint]:
    """Cuts around the maximum, by linear programs in a box that moves with the best point and grows where it is reached."""
    cuts, best = {(start.cost, start.slope): start}, start
    width = first = 1.0 + max(abs(as_float(m)) for m in start.multipliers)
    for _ in range(MOST_CUTS):
        # where the box grows on and on there is no maximum, and HiGHS would lose its way among such numbers
        if time.monotonic() > deadline or width > WIDEST * first:
            break
        center = np.array([as_float(m) for m in best.multipliers])
        master = _master(dual, list(cuts.values()), center, width)
        found = None if master is None else dual.at(on_grid(dual, master[0]))
        if master is None or found is None:
            break
        cuts[found.cost, found.slope] = found
        gap = master[1] - as_float(best.value)
        at_edge = np.abs(master[0] - center).max() > 0.99 * width
        if gap <= TOLERANCE * (1.0 + abs(master[1])) and not at_edge:
            break
        enough = as_float(found.value) > as_float(best.value) + 0.1 * gap
        width = width * 2.0 if at_edge and enough else width if enough else max(width * 0.7, NARROWEST)
        best = max(best, found, key=lambda cut: cut.value)
    return [*cuts.values(), best]


def as_float(value: fmpq | int) -> float:
    return int(fmpq(value).p) / int(fmpq(value).q)


def _master(dual: DualFunction, cuts: list[DualPoint], center: Floats, width: float) -> tuple[Floats, float] | None:
    """The multipliers in the box for which the least of the cuts is greatest, and that."""
    from scipy.optimize import linprog  # as above

    matrix = np.array([[1.0, *(-as_float(s) for s in cut.slope)] for cut in cuts])
    right = np.array([as_float(cut.cost) for cut in cuts])
    sides = [
        (m - width if row.is_equation else max(m - width, 0.0), max(m + width, 0.0))
        for m, row in zip(center, dual.rows, strict=True)
    ]
    found = linprog([-1.0, *([0.0] * len(center))], matrix, right, bounds=[(None, None), *sides], method="highs")
    return None if found.status != 0 else (np.asarray(found.x[1:]), float(found.x[0]))


def _exactly(dual: DualFunction, cuts: list[DualPoint], best: DualPoint, deadline: float) -> BestMultipliers:
    """Cutting planes in rational arithmetic: where the least cut and the dual function meet, the maximum is proved."""
    lines = {(cut.cost, cut.slope) for cut in cuts}
    for _ in range(EXACT_ROUNDS):
        if time.monotonic() > deadline:
            break
        try:
            top = _near_master(dual, lines, best) or _exact_master(dual, lines, deadline)
        except TimeoutError:
            break
        if isinstance(top, Farkas) or top is None:
            break
        if isinstance(top, Recession):
            # along the direction all lines rise; it is a ray unless a line that is not known yet falls
            ray = tuple(top.direction[1:])
            found = _along(dual, ray)
            if found is None:
                return BestMultipliers(best, True, ray)
        else:
            highest, *multipliers = top.point
            found = dual.at(multipliers)
            if found is None:
                break
            best = max(best, found, key=lambda cut: cut.value)
            # no multipliers are better than the least cut at its highest
            if best.value == highest:
                return BestMultipliers(best, True)
        lines.add((found.cost, found.slope))
    return BestMultipliers(best, _is_saddle(dual, best))


def _along(dual: DualFunction, ray: tuple[fmpq, ...]) -> DualPoint | None:
    """A line that does not rise along the ray; None where all do."""
    found = dual.inner.minimum(*integral(ray), *dual.ranges, costs=0)
    return None if found is None or found.value > 0 else dual.cut(ray, fmpq(0), found)


def _near_master(dual: DualFunction, lines: set[Line], best: DualPoint) -> LinearOptimum | None:
    """The greatest least of the lines, exactly, where it has multipliers within a box around the best ones."""
    rows = []
    for n, (cost, slope) in enumerate(sorted(lines)):
        (right, *entries), unit = integral([fmpq(cost), *map(fmpq, slope)])
        rows.append(IntegerRow(tuple(range(len(slope) + 1)), (unit, *(-s for s in entries)), right, 1, False, n))
    far = 2 * max((abs(int(m.ceil())) for m in best.multipliers), default=0) + 8
    least = [-far if row.is_equation else 0 for row in dual.rows]
    reach = sum(max(s * far, s * low) for s, low in zip(best.slope, least, strict=True)) + abs(best.cost)
    highest = int(fmpq(reach).ceil()) + 1
    ranges = ((-highest, highest), *((low, far) for low in least))
    master = IntegerProgram((-1, *(0 for _ in least)), (), 1, fmpq(0), tuple(rows), ranges)
    sides = np.array([low for low, _ in ranges], dtype=object), np.array([high for _, high in ranges], dtype=object)
    found = linear_optimum(master, sides)
    inside = found is not None and all(
        x < far and (x > low or not row.is_equation)
        for x, low, row in zip(found.point[1:], least, dual.rows, strict=True)
    )
    return found if inside else None


def _exact_master(dual: DualFunction, lines: set[Line], deadline: float) -> LinearKKT | Farkas | Recession | None:
    """The greatest least of the lines, with the multipliers that have it, or the direction in which it grows without end."""
    count = len(dual.rows)
    if count > MOST_EXACT:
        return None
    zero = fmpq(0)
    rows = [(fmpq(1), *(fmpq(-s) for s in slope), fmpq(-cost)) for cost, slope in sorted(lines)]
    for r, row in enumerate(dual.rows):
        if not row.is_equation:
            rows.append((zero, *(fmpq(-1) if k == r else zero for k in range(count)), zero))
    hessian = [[zero] * (count + 1) for _ in range(count + 1)]
    return solve_convex(QuadraticProgram(hessian, [fmpq(-1), *([zero] * count)], rows, []), deadline)
