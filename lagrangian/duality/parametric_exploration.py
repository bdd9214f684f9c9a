"""The critical regions of a parametric linear or convex quadratic program, by points that no region covers yet.

A working set W of inequalities, taken as equations, gives z(t) and mu(t) as affine functions, which satisfy the KKT conditions on
the polyhedron {A z(t) <= b(t), mu(t) >= 0} (Bemporad, Morari, Dua and Pistikopoulos 2002). Cells that no region covers are kept:
at a point of one the program is solved, a working set is chosen whose region holds the point, and is taken out of all cells. When
no cell with an interior is left, the regions cover the set: their union is closed and lies densely in it.
"""

import time
from dataclasses import dataclass

from flint import fmpq, fmpq_mat

from lagrangian.candidates.linear import complementary_point
from lagrangian.duality.parametric_cones import null_basis, stacked
from lagrangian.duality.parametric_polyhedra import (
    Condition,
    Row,
    generic_points,
    has_interior,
    needed,
    negated,
    pieces_outside,
    value_at,
)
from lagrangian.duality.parametric_program import ParametricProgram
from lagrangian.duality.parametric_sets import ParameterSet

Vector = list[fmpq]


@dataclass(frozen=True, eq=False)
class CriticalRegion:
    """A polyhedron of parameters with the optimizer and the multipliers of all inequalities as affine functions on it."""

    conditions: tuple[Condition, ...]
    optimizer: fmpq_mat
    multipliers: fmpq_mat


def critical_regions(
    program: ParametricProgram, parameters: ParameterSet, deadline: float = float("inf")
) -> list[CriticalRegion]:
    """Regions that cover a set of parameters, with an interior in its hull, and overlap at most on their boundaries.

    The program, without equations, has an optimum for every parameter of the set, and no line in a set of optima.

    Raises:
        TimeoutError: after the deadline, in the seconds of time.monotonic().
    """
    count, inside = parameters.count, parameters.closed_conditions
    found: list[CriticalRegion] = []
    cells = [list(inside)]
    while cells:
        cell = cells.pop()
        whole = _region_in(program, cell, count, deadline)
        whole_conditions = needed(whole.conditions, inside, count)
        pieces = [whole_conditions]
        for earlier in found:
            pieces = [rest for piece in pieces for rest in _outside(piece, earlier.conditions, inside, count)]
        found += [CriticalRegion(tuple(piece), whole.optimizer, whole.multipliers) for piece in pieces]
        cells = [piece for old in (*cells, cell) for piece in pieces_outside(old, whole_conditions, count)]
    return found


def _outside(
    piece: list[Condition], region: tuple[Condition, ...], inside: list[Condition], count: int
) -> list[list[Condition]]:
    if not has_interior([*inside, *piece, *region], count):
        return [piece]
    return [needed(rest, inside, count) for rest in pieces_outside([*inside, *piece], region, count)]


def _region_in(program: ParametricProgram, cell: list[Condition], count: int, deadline: float) -> CriticalRegion:
    """The region of a point of the cell, with an interior in common: only finitely many hyperplanes have points without one."""
    for point in generic_points(cell, count):
        if time.monotonic() > deadline:
            raise TimeoutError
        region = region_of(program, working_set(program, point, deadline))
        if region is not None and has_interior([*cell, *region.conditions], count):
            return region
    raise AssertionError("the points go on")


def region_of(program: ParametricProgram, working: list[int]) -> CriticalRegion | None:
    """The solution of the KKT system of a working set, and where it is primal and dual feasible; None for a singular system."""
    size, held = program.dimension, len(working)
    rows, right = program.rows.tolist(), program.right.tolist()
    matrix = fmpq_mat(size + held, size + held)
    sides = fmpq_mat(size + held, program.slope.ncols())
    _fill(matrix, program.hessian.tolist(), 0, 0)
    _fill(sides, (program.slope * fmpq(-1)).tolist(), 0, 0)
    for place, i in enumerate(working):
        _fill(matrix, [rows[i]], size + place, 0)
        _fill(matrix, [[value] for value in rows[i]], 0, size + place)
        _fill(sides, [right[i]], size + place, 0)
    try:
        solution = matrix.solve(sides).tolist() if size + held else []
    except ZeroDivisionError:
        return None
    optimizer = fmpq_mat(size, sides.ncols(), [v for row in solution[:size] for v in row])
    multipliers = fmpq_mat(len(rows), sides.ncols())
    for place, i in enumerate(working):
        _fill(multipliers, [solution[size + place]], i, 0)
    return CriticalRegion(_conditions(program, working, optimizer, multipliers), optimizer, multipliers)


def _fill(matrix: fmpq_mat, block: list[list[fmpq]], top: int, left: int) -> None:
    for i, line in enumerate(block):
        for j, value in enumerate(line):
            matrix[top + i, left + j] = value


def _conditions(
    program: ParametricProgram, working: list[int], optimizer: fmpq_mat, multipliers: fmpq_mat
) -> tuple[Condition, ...]:
    """Primal feasibility of the other inequalities, dual feasibility of the working set."""
    excess = (program.rows * optimizer - program.right).tolist()
    signs = multipliers.tolist()
    return tuple(
        Condition(negated(tuple(signs[i])) if i in working else tuple(excess[i])) for i in range(program.rows.nrows())
    )


def working_set(program: ParametricProgram, point: Vector, deadline: float = float("inf")) -> list[int]:
    """Independent active inequalities at an optimal vertex for one parameter, among them all that have a multiplier > 0.

    A vertex of the set of optima: a direction in which neither an active inequality nor the gradient changes is followed until
    another inequality becomes active.
    """
    hessian, rows = program.hessian.tolist(), program.rows.tolist()
    slope = [value_at(tuple(row), point) for row in program.slope.tolist()]
    right = [value_at(tuple(row), point) for row in program.right.tolist()]
    found = complementary_point(hessian, slope, rows, right, deadline)
    assert found is not None, "an optimum exists"
    z, mu = _vertex(program, found[0], right), list(found[1])
    active = [i for i, row in enumerate(rows) if _dot(row, z) == right[i]]
    strong = _independent_support(rows, mu)
    for i in active:
        if i not in strong and _selected(program, [*strong, i]).rank() > len(strong):
            strong.append(i)
    return sorted(strong)


def _vertex(program: ParametricProgram, z: Vector, right: Vector) -> Vector:
    rows = program.rows.tolist()
    while True:
        active = [i for i, row in enumerate(rows) if _dot(row, z) == right[i]]
        directions = null_basis(stacked(program.hessian, _selected(program, active)))
        if not directions:
            return z
        direction = directions[0]
        slopes = [_dot(row, direction) for row in rows]
        if all(slope <= 0 for slope in slopes):
            direction, slopes = tuple(-d for d in direction), [-slope for slope in slopes]
        steps = [(right[i] - _dot(rows[i], z)) / slope for i, slope in enumerate(slopes) if slope > 0]
        length = min(steps)
        z = [a + length * d for a, d in zip(z, direction, strict=True)]


def _independent_support(rows: list[Vector], mu: Vector) -> list[int]:
    """The support of multipliers with the same sum(mu_i a_i) and independent a_i: one mu_i after another is brought to zero."""
    while True:
        support = [i for i, value in enumerate(mu) if value != 0]
        width = len(rows[0]) if rows else 0
        columns = fmpq_mat(len(support), width, [v for i in support for v in rows[i]]).transpose()
        dependences = null_basis(columns)
        if not dependences:
            return support
        weights = dependences[0]
        if all(weight <= 0 for weight in weights):
            weights = tuple(-weight for weight in weights)
        length = min(mu[i] / weight for i, weight in zip(support, weights, strict=True) if weight > 0)
        for i, weight in zip(support, weights, strict=True):
            mu[i] -= length * weight


def _selected(program: ParametricProgram, chosen: list[int]) -> fmpq_mat:
    rows = program.rows.tolist()
    return fmpq_mat(len(chosen), program.dimension, [v for i in chosen for v in rows[i]])


def _dot(left: Row | Vector, right: Row | Vector) -> fmpq:
    return sum((a * b for a, b in zip(left, right, strict=True)), fmpq(0))
