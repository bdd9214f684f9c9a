"""The least value of a small linear or convex quadratic program, by trying every set of active rows, in Fractions.

A minimizer of x.Q x / 2 + c.x over {A x <= b, E x = d} lies in the relative interior of some face. On the face's affine hull it
is stationary, and every minimizer of a convex function over that hull that is feasible gives the same value: the least value
over all faces whose KKT system has a feasible solution. Bounded feasible sets only.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

Vector = list[Fraction]


def least_value(
    hessian: Sequence[Vector],
    slope: Vector,
    below: Sequence[tuple[Vector, Fraction]],
    held: Sequence[tuple[Vector, Fraction]],
) -> Fraction | None:
    """min x.Q x / 2 + c.x subject to a.x <= b for ``below`` and e.x = d for ``held``; None where nothing is feasible."""
    count = len(slope)
    best: Fraction | None = None
    for size in range(count + 1):
        for chosen in combinations(below, size):
            point = _stationary(hessian, slope, [*chosen, *held])
            if point is None or any(_dot(a, point) > b for a, b in below):
                continue
            value = _dot(slope, point) + _dot([_dot(row, point) for row in hessian], point) / 2
            best = value if best is None else min(best, value)
    return best


def _stationary(hessian: Sequence[Vector], slope: Vector, rows: Sequence[tuple[Vector, Fraction]]) -> Vector | None:
    """The only x with Q x + c in the span of the rows and the rows as equations; None where there is none or not just one."""
    count, size = len(slope), len(rows)
    system = [[*hessian[i], *(row[0][i] for row in rows), -slope[i]] for i in range(count)]
    system += [[*row, *([Fraction(0)] * size), right] for row, right in rows]
    return _solved(system, count)


def _solved(system: list[Vector], count: int) -> Vector | None:
    """The first unknowns of a linear system where they are determined."""
    width = len(system[0]) - 1
    rows, pivots = [list(row) for row in system], []
    for column in range(width):
        height = len(pivots)
        pivot = next((i for i in range(height, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[height], rows[pivot] = rows[pivot], rows[height]
        rows[height] = [value / rows[height][column] for value in rows[height]]
        for i in range(len(rows)):
            if i != height and rows[i][column]:
                factor = rows[i][column]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[height], strict=True)]
        pivots.append(column)
    if any(row[-1] for row in rows[len(pivots) :]):
        return None
    point = []
    for column in range(count):
        if column not in pivots:
            return None
        row = rows[pivots.index(column)]
        if any(row[j] for j in range(count) if j != column):
            return None
        # unknowns that are not determined must not enter
        if any(row[j] for j in range(count, width) if j not in pivots):
            return None
        point.append(row[-1])
    return point


def _dot(left: Sequence[Fraction], right: Sequence[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(left, right, strict=True)), Fraction(0))
