"""Linear and convex quadratic programs of any size, solved exactly by complementary pivoting.

    minimize x.Q x / 2 + c.x  subject to  A x <= b,   Q positive semidefinite

The KKT conditions are a linear complementarity problem w = M z + q, w, z >= 0, w.z = 0. Lemke's method (1965) with lexicographic
ratios ends, for such M, at a solution, or on a ray, which happens only where there is none (Cottle, Pang and Stone 1992, theorem
4.4.12). Rational arithmetic throughout. Feasible points, Farkas multipliers and recession directions are nearest points, and so
found in the same way.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from flint import fmpq

from lagrangian.candidates.affine import AffineSubspace, Row, affine_row, solve_rows
from lagrangian.problem.lifting import PolynomialProblem

Vector = list[fmpq]
Matrix = list[Vector]


@dataclass(frozen=True, eq=False)
class LinearKKT:
    """A KKT point of a quadratic program with multipliers for its inequalities (mu) and equalities (lambda)."""

    point: Vector
    inequality_multipliers: Vector
    equality_multipliers: Vector


@dataclass(frozen=True, eq=False)
class Farkas:
    """mu >= 0 and lambda with sum(mu_i g_i) + sum(lambda_j h_j) = 1 for all x: the affine constraints contradict each other."""

    inequality_multipliers: Vector
    equality_multipliers: Vector


@dataclass(frozen=True, eq=False)
class Recession:
    """A feasible point and a direction along which the constraints go on to hold and the objective falls linearly."""

    point: Vector
    direction: Vector


@dataclass(frozen=True, eq=False)
class QuadraticProgram:
    """The data of a program whose constraints are all affine: rows (a, a_0) stand for a.x + a_0 <= 0 or = 0."""

    hessian: Matrix
    slope: Vector
    inequalities: list[Row]
    equalities: list[Row]

    @property
    def dimension(self) -> int:
        return len(self.slope)


def quadratic_program(problem: PolynomialProblem) -> QuadraticProgram | None:
    """The problem's data, or None if a constraint is curved or the objective's degree is above two."""
    count = problem.dimension
    inequalities = [affine_row(g, count) for g in problem.inequalities]
    equalities = [affine_row(h, count) for h in problem.equalities]
    if problem.objective.total_degree() > 2 or None in inequalities or None in equalities:
        return None
    origin = [fmpq(0)] * count
    firsts = [problem.objective.derivative(i) for i in range(count)]
    hessian = [[first.derivative(j)(*origin) for j in range(count)] for first in firsts]
    slope = [first(*origin) for first in firsts]
    return QuadraticProgram(
        hessian, slope, [row for row in inequalities if row is not None], [row for row in equalities if row is not None]
    )


def solve_convex(program: QuadraticProgram, deadline: float = float("inf")) -> LinearKKT | Farkas | Recession | None:
    """A KKT point, or the reason why there is none; None if the Hessian is not positive semidefinite on the equations.

    Raises TimeoutError after the deadline, in the seconds of time.monotonic().

    >>> one, zero = fmpq(1), fmpq(0)
    >>> rows = [(one, one, fmpq(-4)), (-one, zero, zero), (zero, -one, zero)]
    >>> solve_convex(QuadraticProgram([[zero, zero], [zero, zero]], [fmpq(-3), fmpq(-2)], rows, [])).point
    [4, 0]
    """
    space = solve_rows(program.equalities, program.dimension)
    if space is None:
        return _farkas(program, deadline)
    basis, start = _directions(space)
    hessian = _congruent(program.hessian, basis)
    if not is_positive_semidefinite(hessian):
        return None
    gradient = [a + b for a, b in zip(program.slope, _times(program.hessian, start), strict=True)]
    slope = [_dot(gradient, vector) for vector in basis]
    rows = [[_dot(row[:-1], vector) for vector in basis] for row in program.inequalities]
    right = [-(_dot(row[:-1], start) + row[-1]) for row in program.inequalities]
    found = complementary_point(hessian, slope, rows, right, deadline)
    if found is not None:
        free, mu = found
        point = [x + sum((t * v[i] for t, v in zip(free, basis, strict=True)), fmpq(0)) for i, x in enumerate(start)]
        return LinearKKT(point, mu, _equality_multipliers(program, point, mu))
    feasible = complementary_point(_identity(len(basis)), [fmpq(0)] * len(basis), rows, right, deadline)
    if feasible is None:
        return _farkas(program, deadline)
    point = [x + sum((t * v[i] for t, v in zip(feasible[0], basis, strict=True)), fmpq(0)) for i, x in enumerate(start)]
    return _recession(program, point, deadline)


def complementary_point(
    hessian: Matrix, slope: Vector, rows: Matrix, right: Vector, deadline: float
) -> tuple[Vector, Vector] | None:
    """(x, mu) with Q x + c + A^T mu = 0, A x <= b, mu >= 0 and mu.(b - A x) = 0; None if there is none.

    Free variables are differences of two that are not negative.
    """
    count, held = len(slope), len(rows)
    columns = [[row[j] for row in rows] for j in range(count)]
    matrix = [[*hessian[i], *(-v for v in hessian[i]), *columns[i]] for i in range(count)]
    matrix += [[-value for value in line] for line in matrix]
    matrix += [[*(-v for v in row), *row, *([fmpq(0)] * held)] for row in rows]
    solution = lemke(matrix, [*slope, *(-value for value in slope), *right], deadline)
    if solution is None:
        return None
    return [solution[i] - solution[count + i] for i in range(count)], solution[2 * count :]


def lemke(matrix: Matrix, right: Vector, deadline: float = float("inf")) -> Vector | None:
    """z >= 0 with w = M z + q >= 0 and w.z = 0, or None where the method ends on a ray.

    Raises TimeoutError after the deadline, in the seconds of time.monotonic().
    """
    size = len(right)
    if all(value >= 0 for value in right):
        return [fmpq(0)] * size
    artificial = 2 * size
    # the columns: w, z, the artificial variable, the right side; the rows are w - M z - z0 = q
    table = [
        [*(fmpq(int(i == j)) for j in range(size)), *(-v for v in matrix[i]), fmpq(-1), right[i]] for i in range(size)
    ]
    basic = list(range(size))
    leaving_row = min(range(size), key=lambda i: [table[i][-1], *table[i][:size]])
    entering = artificial
    while True:
        if time.monotonic() > deadline:
            raise TimeoutError
        leaving = basic[leaving_row]
        _pivot(table, leaving_row, entering)
        basic[leaving_row] = entering
        if leaving == artificial:
            break
        entering = leaving + size if leaving < size else leaving - size
        positive = [i for i in range(size) if table[i][entering] > 0]
        if not positive:
            return None
        leaving_row = min(positive, key=lambda i: _ratios(table[i], entering, size, prefer=basic[i] == artificial))
    values = dict(zip(basic, (row[-1] for row in table), strict=True))
    return [values.get(size + i, fmpq(0)) for i in range(size)]


def _ratios(row: Vector, entering: int, size: int, *, prefer: bool) -> list[fmpq]:
    """The lexicographic ratio; of two rows with the same first ratio the artificial variable's leaves first."""
    pivot = row[entering]
    return [row[-1] / pivot, fmpq(int(not prefer)), *(value / pivot for value in row[:size])]


def _pivot(table: Matrix, pivot_row: int, column: int) -> None:
    pivot = table[pivot_row][column]
    table[pivot_row] = [value / pivot for value in table[pivot_row]]
    for i, row in enumerate(table):
        if i != pivot_row and row[column] != 0:
            factor = row[column]
            table[i] = [a - factor * b if b != 0 else a for a, b in zip(row, table[pivot_row], strict=True)]


def _directions(space: AffineSubspace) -> tuple[Matrix, Vector]:
    """A basis of the directions of an affine subspace, and the point of it whose free variables are zero."""
    count = space.count
    start = [space.rows[i][count] if i in space.rows else fmpq(0) for i in range(count)]
    basis = [[space.rows[i][j] if i in space.rows else fmpq(int(i == j)) for i in range(count)] for j in space.free]
    return basis, start


def _farkas(program: QuadraticProgram, deadline: float) -> Farkas | None:
    """Multipliers whose combination of the constraints is the constant 1: the shortest ones, a nearest point."""
    held, count = len(program.inequalities), program.dimension
    rows = [*program.inequalities, *program.equalities]
    # unknowns y: sum(y_k rows_k) = (0, ..., 0, 1), y_k >= 0 for the inequalities
    conditions = [(*(row[j] for row in rows), fmpq(-int(j == count))) for j in range(count + 1)]
    space = solve_rows(conditions, len(rows))
    if space is None:
        return None
    basis, start = _directions(space)
    signs = [[-vector[k] for vector in basis] for k in range(held)]
    gram = [[_dot(a, b) for b in basis] for a in basis]
    slope = [_dot(start, vector) for vector in basis]
    found = complementary_point(gram, slope, signs, start[:held], deadline)
    if found is None:
        return None
    values = [y + sum((t * v[k] for t, v in zip(found[0], basis, strict=True)), fmpq(0)) for k, y in enumerate(start)]
    return Farkas(values[:held], values[held:])


def _recession(program: QuadraticProgram, point: Vector, deadline: float) -> Recession | None:
    """A direction d with Q d = 0, E d = 0, A d <= 0 and (c + Q x).d = -1: again a nearest point."""
    count = program.dimension
    conditions: list[Row] = [(*row, fmpq(0)) for row in program.hessian]
    conditions += [(*row[:-1], fmpq(0)) for row in program.equalities]
    conditions.append((*program.slope, fmpq(1)))
    space = solve_rows(conditions, count)
    if space is None:
        return None
    basis, start = _directions(space)
    rows = [[_dot(row[:-1], vector) for vector in basis] for row in program.inequalities]
    right = [-_dot(row[:-1], start) for row in program.inequalities]
    found = complementary_point(_identity(len(basis)), [fmpq(0)] * len(basis), rows, right, deadline)
    if found is None:
        return None
    direction = [
        x + sum((t * v[i] for t, v in zip(found[0], basis, strict=True)), fmpq(0)) for i, x in enumerate(start)
    ]
    return Recession(point, direction)


def _equality_multipliers(program: QuadraticProgram, point: Vector, mu: Vector) -> Vector:
    """lambda with grad f + A^T mu + E^T lambda = 0; zero for equations that others imply."""
    total = [a + b for a, b in zip(program.slope, _times(program.hessian, point), strict=True)]
    for value, row in zip(mu, program.inequalities, strict=True):
        total = [a + value * b for a, b in zip(total, row, strict=False)]
    held = len(program.equalities)
    conditions = [(*(row[j] for row in program.equalities), total[j]) for j in range(program.dimension)]
    space = solve_rows(conditions, held)
    if space is None:
        raise AssertionError("a KKT point has multipliers")
    return _directions(space)[1]


def is_positive_semidefinite(matrix: Matrix) -> bool:
    """By elimination: no negative pivot, and no zero pivot with something else in its row."""
    rest = [list(row) for row in matrix]
    while rest:
        pivot = next((i for i in range(len(rest)) if rest[i][i] != 0), None)
        if pivot is None:
            return all(value == 0 for row in rest for value in row)
        diagonal = rest[pivot][pivot]
        if diagonal < 0:
            return False
        keep = [k for k in range(len(rest)) if k != pivot]
        rest = [[rest[r][c] - rest[r][pivot] * rest[pivot][c] / diagonal for c in keep] for r in keep]
    return True


def _congruent(matrix: Matrix, basis: Matrix) -> Matrix:
    images = [_times(matrix, vector) for vector in basis]
    return [[_dot(vector, image) for image in images] for vector in basis]


def _times(matrix: Matrix, vector: Sequence[fmpq]) -> Vector:
    return [_dot(row, vector) for row in matrix]


def _dot(left: Sequence[fmpq], right: Sequence[fmpq]) -> fmpq:
    return sum((a * b for a, b in zip(left, right, strict=True) if a != 0), fmpq(0))


def _identity(size: int) -> Matrix:
    return [[fmpq(int(i == j)) for j in range(size)] for i in range(size)]
