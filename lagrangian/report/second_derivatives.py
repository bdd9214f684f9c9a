"""The second-order test worked out at each stationary point: bordered minors, or the Hessian with its minors and eigenvalues."""

from collections.abc import Iterator

import sympy
from sympy import Expr, ImmutableMatrix, Symbol

from lagrangian.conditions.lagrange import Lagrangian
from lagrangian.report.blocks import Block, Case, Formulas, Step, say
from lagrangian.report.case_steps import point_of
from lagrangian.report.judgment import equals, number_at
from lagrangian.report.kkt_equations import KKTEquations
from lagrangian.report.numbers import short_form
from lagrangian.report.systems import Found, Worked
from lagrangian.solution import Solution, StationaryPoint

MOST_POINTS = 12
LARGEST_MATRIX = 6
BORDERED = (
    "The bordered Hessian has zeros, the gradients of the constraints around it, and the Hessian of L. With m equations the "
    "leading principal minors of orders 2 m + 1 to n + m all have the sign of (-1)^m at a strict local minimum; at a strict "
    "local maximum they alternate, the last with the sign of (-1)^n."
)
PLAIN = (
    "At a stationary point the Hessian decides where it is definite: all leading principal minors positive, a strict local "
    "minimum; alternating, the first negative, a strict local maximum; eigenvalues of both signs, a saddle point."
)


def second_derivative_step(
    solution: Solution, lagrangian: Lagrangian, equations: KKTEquations, worked: Worked
) -> Step | None:
    """The test at each solution of the equations; None where there are none, or the matrices are too large to look at."""
    points = [leaf for leaf in worked.leaves() if isinstance(leaf, Found)]
    if not points or len(equations.variables) + len(equations.equalities) > LARGEST_MATRIX:
        return None
    matrix = lagrangian.bordered_hessian.xreplace(equations.rename)
    border = len(equations.equalities)
    label = "B =" if border else "H ="
    blocks: list[Block] = [say(BORDERED if border else PLAIN), Formulas(((label, ImmutableMatrix(matrix)),))]
    blocks += [_at(solution, equations, matrix, border, point) for point in points[:MOST_POINTS]]
    if len(points) > MOST_POINTS:
        blocks.append(say(f"{len(points) - MOST_POINTS} more points are left out here."))
    return Step("The second derivatives at these points", tuple(blocks))


def _at(solution: Solution, equations: KKTEquations, matrix: ImmutableMatrix, border: int, point: Found) -> Case:
    forms = [short_form(number_at(point, entry)) for entry in matrix]
    blocks: list[Block] = []
    if not any(isinstance(form, str) for form in forms):
        blocks.append(Formulas((("", ImmutableMatrix(matrix.rows, matrix.cols, forms)),)))
    blocks += list(_minors(matrix, border, point))
    stationary = _stationary(solution, equations, point)
    outcome = (
        say(f"{stationary.kind.value}: {stationary.reason}.") if stationary else say("It is not among the candidates.")
    )
    return Case(say("At ", *point_of(point), ":"), tuple(blocks), outcome)


def _minors(matrix: ImmutableMatrix, border: int, point: Found) -> Iterator[Block]:
    """The minors that the test looks at, and for two variables without equations the eigenvalues."""
    orders = range(2 * border + 1, matrix.rows + 1)
    told: list[str | Expr] = []
    for order in orders:
        minor = matrix[:order, :order].det(method="berkowitz")
        told += [", "] if told else []
        told += equals(Symbol(f"D_{order}"), number_at(point, minor))
    yield say("Leading principal minors: ", *told, ".")
    if not border and matrix.rows == 2:
        yield _eigenvalues(matrix, point)


def _eigenvalues(matrix: ImmutableMatrix, point: Found) -> Block:
    """The roots of t**2 - trace t + determinant, which are real for a symmetric matrix."""
    trace, determinant = number_at(point, matrix.trace()).expression, number_at(point, matrix.det()).expression
    width = sympy.sqrt(sympy.expand(trace**2 - 4 * determinant))
    told: list[str | Expr] = []
    for sign, name in ((-1, "t_1"), (1, "t_2")):
        told += [", "] if told else []
        told += equals(Symbol(name), number_at(Found({}), (trace + sign * width) / 2))
    return say("Eigenvalues: ", *told, ".")


def _stationary(solution: Solution, equations: KKTEquations, point: Found) -> StationaryPoint | None:
    """The candidate at a point, by balls that overlap: candidates are far apart compared with the balls' width."""
    back = {symbol: stated for stated, symbol in equations.rename.items()}
    for candidate in solution.stationary_points:
        balls = [(point.numbers[v].ball(), candidate.coordinates[back[v]].ball()) for v in equations.variables]
        if all(mine is not None and other is not None and mine.overlaps(other) for mine, other in balls):
            return candidate
    return None
