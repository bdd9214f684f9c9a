"""Linear programs of many variables: HiGHS says which rows hold with equality, and rational arithmetic finds the point there.

What HiGHS says (Huangfu and Hall 2018) is a guess. The point, the multipliers, the contradiction or the direction that
follow from it by exact linear equations are returned only where they satisfy all that they have to; else there is no
answer, and complementary pivoting may find one.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import fmpq, fmpq_mat
from numpy.typing import NDArray

from lagrangian.candidates.affine import Row
from lagrangian.candidates.linear import Farkas, LinearKKT, QuadraticProgram, Recession, Vector

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = NDArray[np.float64]
TINY = 1e-7
# a linear system of more unknowns takes rational arithmetic long
MOST_UNKNOWN = 400
GRID = 2**20
# what SciPy's linprog says
FOUND, INFEASIBLE = 0, 2


def near_floats(program: QuadraticProgram) -> LinearKKT | Farkas | Recession | None:
    """The answer to a linear program; None where it is quadratic, too large, or where the guess does not lead to one.

    >>> one, zero = fmpq(1), fmpq(0)
    >>> rows = [(one, one, fmpq(-4)), (-one, zero, zero), (zero, -one, zero)]
    >>> near_floats(QuadraticProgram([[zero, zero], [zero, zero]], [fmpq(-3), fmpq(-2)], rows, [])).point
    [4, 0]
    """
    if any(entry != 0 for line in program.hessian for entry in line):
        return None
    found = _linprog(program.slope, program.inequalities, program.equalities)
    if found.status == FOUND:
        return _optimum(program, found)
    return _contradiction(program) if found.status == INFEASIBLE else _ray(program)


def _linprog(slope: Vector, inequalities: list[Row], equalities: list[Row], bound: float | None = None) -> Any:
    """The linear program in floating point, with variables that are free or between -bound and bound."""
    from scipy.optimize import linprog  # SciPy is slow to import, and the command line reaches this module at its start

    parts = [_matrix(rows) if rows else (None, None) for rows in (inequalities, equalities)]
    sides = (None if bound is None else -bound, bound)
    return linprog([float(c) for c in map(_float, slope)], *parts[0], *parts[1], bounds=sides, method="highs")


def _matrix(rows: list[Row]) -> "tuple[csr_array, Floats]":
    from scipy.sparse import csr_array  # as above

    dense = np.array([[_float(entry) for entry in row] for row in rows])
    return csr_array(dense[:, :-1]), -dense[:, -1]


def _float(value: fmpq) -> float:
    return int(value.p) / int(value.q)


def _optimum(program: QuadraticProgram, found: Any) -> LinearKKT | None:
    held = len(program.inequalities)
    point = _point(program.inequalities, program.equalities, found.x)
    if point is None:
        return None
    guessed = -found.ineqlin.marginals if held else np.zeros(0)
    support = [i for i in range(held) if guessed[i] > TINY * (1.0 + np.abs(guessed).max())]
    rows = [*(program.inequalities[i] for i in support), *program.equalities]
    near = [*(float(guessed[i]) for i in support), *(-found.eqlin.marginals if program.equalities else ())]
    system = [[*(row[j] for row in rows), -program.slope[j]] for j in range(program.dimension)]
    solved = solution_near(system, near)
    if solved is None or any(mu < 0 for mu in solved[: len(support)]):
        return None
    if any(_value(program.inequalities[i], point) != 0 for i in support):
        return None
    multipliers = [fmpq(0)] * held
    for i, mu in zip(support, solved, strict=False):
        multipliers[i] = mu
    return LinearKKT(point, multipliers, solved[len(support) :])


def _point(inequalities: list[Row], equalities: list[Row], near: Floats) -> Vector | None:
    """The point on the rows that hold with equality near a given one; None where it is not feasible."""
    tight = [row for row in inequalities if _is_tight(row, near)]
    system = [[*row[:-1], -row[-1]] for row in (*equalities, *tight)]
    point = solution_near(system, [float(x) for x in near])
    if point is None or any(_value(row, point) > 0 for row in inequalities):
        return None
    return point if all(_value(row, point) == 0 for row in equalities) else None


def _is_tight(row: Row, point: Floats) -> bool:
    terms = np.array([_float(a) for a in row[:-1]]) * point
    constant = _float(row[-1])
    return bool(abs(terms.sum() + constant) <= TINY * (1.0 + abs(constant) + np.abs(terms).max(initial=0.0)))


def _value(row: Row, point: Sequence[fmpq]) -> fmpq:
    return sum((a * x for a, x in zip(row, point, strict=False) if a != 0), row[-1])


def _contradiction(program: QuadraticProgram) -> Farkas | None:
    """Multipliers whose combination of the constraints is the constant 1, few of them other than zero."""
    held, rows = len(program.inequalities), [*program.inequalities, *program.equalities]
    count = len(rows)
    conditions = [(*(row[j] for row in rows), fmpq(-int(j == program.dimension))) for j in range(program.dimension + 1)]
    signs = [(*(fmpq(-int(i == k)) for i in range(count)), fmpq(0)) for k in range(held)]
    slope = [fmpq(int(k < held)) for k in range(count)]
    found = _linprog(slope, signs, conditions)
    if found.status != FOUND:
        return None
    multipliers = _point(signs, conditions, found.x)
    return None if multipliers is None else Farkas(multipliers[:held], multipliers[held:])


def _ray(program: QuadraticProgram) -> Recession | None:
    """A feasible point, and the steepest direction in a box along which the constraints go on to hold."""
    count = program.dimension
    inside = _linprog([fmpq(0)] * count, program.inequalities, program.equalities)
    point = _point(program.inequalities, program.equalities, inside.x) if inside.status == FOUND else None
    if point is None:
        return None
    along = [(*row[:-1], fmpq(0)) for row in program.inequalities]
    still = [(*row[:-1], fmpq(0)) for row in program.equalities]
    found = _linprog(program.slope, along, still, bound=1.0)
    if found.status != FOUND:
        return None
    walls = [(*(fmpq(s * int(i == j)) for i in range(count)), fmpq(-1)) for j in range(count) for s in (1, -1)]
    direction = _point([*along, *walls], still, found.x)
    fall = None if direction is None else _value((*program.slope, fmpq(0)), direction)
    if direction is None or fall is None or fall >= 0:
        return None
    return Recession(point, [step / -fall for step in direction])


def solution_near(system: Sequence[Sequence[fmpq]], near: Sequence[float]) -> Vector | None:
    """A solution of the equations (their last column is the right side); unknowns that are left free stay near what is given."""
    count = len(near)
    if count > MOST_UNKNOWN:
        return None
    solution = [fmpq(round(x * GRID), GRID) for x in near]
    if not system:
        return solution
    reduced, rank = fmpq_mat(len(system), count + 1, [entry for line in system for entry in line]).rref()
    pivots = []
    for i in range(rank):
        pivot = next(k for k in range(count + 1) if reduced[i, k] != 0)
        if pivot == count:
            return None
        pivots.append(pivot)
    free = sorted(set(range(count)) - set(pivots))
    for i, pivot in enumerate(pivots):
        solution[pivot] = reduced[i, count] - sum((reduced[i, k] * solution[k] for k in free), fmpq(0))
    return solution
