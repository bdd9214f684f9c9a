"""The linear relaxation of an integer program, solved exactly: a point and multipliers of all rows with the same value.

HiGHS says which variables lie between the ends of their ranges and which rows have multipliers; what these are then follows
from linear equations, solved in rational arithmetic. Weak duality proves both: for multipliers m with the right signs

    c.x  >=  sum over j of min(slope_j low_j, slope_j high_j) - m.b,     slope = c + m A,

for all feasible x, and where a feasible point has equality there, it is optimal, and so are the multipliers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from lagrangian.candidates.linear_floats import TINY, solution_near
from lagrangian.conditions.integer_programs import IntegerProgram, IntegerRow, separable_bound
from lagrangian.conditions.range_reduction import Ranges

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FloatingOptimum:
    """What HiGHS says: a point and multipliers of all rows, in floating point."""

    point: Floats
    multipliers: Floats
    value: float


@dataclass(frozen=True, eq=False)
class LinearOptimum:
    """An optimal point of the linear relaxation and best multipliers of all rows, both proved."""

    point: tuple[fmpq, ...]
    multipliers: tuple[fmpq, ...]
    value: fmpq


def floating_optimum(program: IntegerProgram, ranges: Ranges) -> FloatingOptimum | None:
    """The linear relaxation over the ranges in floating point; None where HiGHS finds no optimum."""
    from scipy.optimize import linprog  # SciPy is slow to import, and the command line reaches this module at its start

    proper = [(row, r) for r, row in enumerate(program.rows) if row.places]
    upper = [(row, r) for row, r in proper if not row.is_equation]
    exact = [(row, r) for row, r in proper if row.is_equation]
    count = len(program.costs)
    parts = [(_matrix(rows, count), [float(row.limit) for row, _ in rows]) for rows in (upper, exact)]
    arguments = [part if rows else None for rows, pair in zip((upper, exact), parts, strict=True) for part in pair]
    costs = np.array(program.costs, dtype=float)
    found = linprog(costs, *arguments, bounds=np.column_stack(ranges).astype(float), method="highs")
    if found.x is None or found.status != 0:
        return None
    multipliers = np.zeros(len(program.rows))
    multipliers[[r for _, r in upper]] = -found.ineqlin.marginals
    multipliers[[r for _, r in exact]] = -found.eqlin.marginals
    return FloatingOptimum(np.asarray(found.x), multipliers, float(found.fun))


def _matrix(rows: list[tuple[IntegerRow, int]], count: int) -> "csr_array":
    from scipy.sparse import csr_array  # as above

    values = [float(a) for row, _ in rows for a in row.coefficients]
    places = [i for row, _ in rows for i in row.places]
    starts = np.cumsum([0, *(len(row.places) for row, _ in rows)])
    return csr_array((values, places, starts), shape=(len(rows), count))


def linear_optimum(
    program: IntegerProgram, ranges: Ranges, found: FloatingOptimum | None = None
) -> LinearOptimum | None:
    """The exact optimum near what HiGHS finds; None where it finds none, or where its values do not lead to one."""
    found = floating_optimum(program, ranges) if found is None else found
    if found is None or program.products:
        return None
    point = _exact_point(program, ranges, found)
    multipliers = None if point is None else _exact_multipliers(program, found)
    if point is None or multipliers is None or not _is_in(program, ranges, point):
        return None
    value = sum((c * x for c, x in zip(program.costs, point, strict=True)), fmpq(0))
    return LinearOptimum(point, multipliers, value) if separable_bound(program, multipliers, ranges) == value else None


def _is_in(program: IntegerProgram, ranges: Ranges, point: Sequence[fmpq]) -> bool:
    inside = all(int(low) <= x <= int(high) for x, low, high in zip(point, *ranges, strict=True))
    return inside and all(row.holds(tuple(point)) for row in program.rows)


def _exact_point(program: IntegerProgram, ranges: Ranges, found: FloatingOptimum) -> tuple[fmpq, ...] | None:
    """Variables at an end stay there; the others follow from the rows that hold with equality."""
    low, high = (side.astype(float) for side in ranges)
    width = TINY * (1.0 + np.abs(found.point))
    at_low, at_high = found.point - low <= width, high - found.point <= width
    exact = [fmpq(int(ranges[0][j] if at_low[j] else ranges[1][j])) for j in range(len(low))]
    unknown = np.flatnonzero(~at_low & ~at_high).tolist()
    tight = [row for row in program.rows if row.places and _is_tight(row, found.point)]
    place = {j: k for k, j in enumerate(unknown)}
    system = []
    for row in tight:
        line, right = [fmpq(0)] * len(unknown), fmpq(row.limit)
        for j, a in zip(row.places, row.coefficients, strict=True):
            if j in place:
                line[place[j]] = fmpq(a)
            else:
                right -= a * exact[j]
        system.append([*line, right])
    solved = solution_near(system, [float(found.point[j]) for j in unknown])
    if solved is None:
        return None
    for j, x in zip(unknown, solved, strict=True):
        exact[j] = x
    return tuple(exact)


def _is_tight(row: IntegerRow, point: Floats) -> bool:
    if row.is_equation:
        return True
    terms = np.array(row.coefficients, dtype=float) * point[list(row.places)]
    return bool(abs(terms.sum() - row.limit) <= TINY * (1.0 + abs(row.limit) + np.abs(terms).max()))


def _exact_multipliers(program: IntegerProgram, found: FloatingOptimum) -> tuple[fmpq, ...] | None:
    """Rows without a multiplier stay so; the others follow from the variables that have no reduced cost."""
    count = len(program.costs)
    slopes, sizes = np.array(program.costs, dtype=float), np.abs(np.array(program.costs, dtype=float))
    columns: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for r, row in enumerate(program.rows):
        for j, a in zip(row.places, row.coefficients, strict=True):
            columns[j].append((r, a))
            slopes[j] += a * found.multipliers[r]
            sizes[j] = max(sizes[j], abs(a * found.multipliers[r]))
    largest = np.array([float(max(map(abs, row.coefficients), default=1)) for row in program.rows])
    unknown = np.flatnonzero(np.abs(found.multipliers) * largest > TINY * (1.0 + sizes.max(initial=0.0))).tolist()
    place = {r: k for k, r in enumerate(unknown)}
    system = []
    for j in np.flatnonzero(np.abs(slopes) <= TINY * (1.0 + sizes)).tolist():
        line = [fmpq(0)] * len(unknown)
        for r, a in columns[j]:
            if r in place:
                line[place[r]] = fmpq(a)
        system.append([*line, fmpq(-program.costs[j])])
    solved = solution_near(system, [float(found.multipliers[r]) for r in unknown])
    exact = [fmpq(0)] * len(program.rows)
    for r, m in zip(unknown, solved or (), strict=False):
        exact[r] = m
    wrong = any(m < 0 and not row.is_equation for m, row in zip(exact, program.rows, strict=True))
    return None if solved is None or wrong else tuple(exact)
