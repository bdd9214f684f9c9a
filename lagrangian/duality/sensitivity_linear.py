"""Shadow prices of linear and convex quadratic programs, with the ranges in which they stay valid; of coefficients too.

Right sides move along `value_pieces`. A coefficient of a linear objective is a right side of the dual program

    maximize a_0.mu + e_0.lambda   subject to   c + A^T mu + E^T lambda = 0,  mu >= 0

whose value is the same (Dantzig 1963, Linear Programming and Extensions, chapter 12).
"""

import time

import sympy
from flint import fmpq
from sympy import Expr, Symbol

from lagrangian.algebra.polynomials import to_rational
from lagrangian.candidates.affine import Row
from lagrangian.candidates.linear import LinearKKT, QuadraticProgram, quadratic_program, solve_convex
from lagrangian.duality.slopes import (
    INCREMENT,
    CoefficientSensitivity,
    ConstraintSensitivity,
    OneSided,
    SlopeKind,
    stated_slopes,
    undecided,
)
from lagrangian.duality.value_pieces import ZERO, Line, NoOptimumError, Piece, first_piece
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.lifting import NotPolynomialError, lift

OUT_OF_TIME = "the time was over before this was computed"
NO_OPTIMUM = "the objective is convex along the equations only, and not shown to have an optimum to that side"


def convex_program(canonical: CanonicalProblem, deadline: float) -> QuadraticProgram | None:
    """The data of a linear or convex quadratic program that has an optimum; None for all other problems.

    A strict inequality counts as a weak one: where it holds at some feasible point the infimum is the same.
    """
    try:
        polynomial, lifting = lift(canonical)
    except NotPolynomialError:
        return None
    program = None if lifting.definitions else quadratic_program(polynomial)
    try:
        found = None if program is None else solve_convex(program, deadline)
    except TimeoutError:
        return None
    return program if isinstance(found, LinearKKT) else None


def is_linear(program: QuadraticProgram) -> bool:
    return all(value == 0 for row in program.hessian for value in row)


def right_side_slopes(
    canonical: CanonicalProblem, program: QuadraticProgram, objective_sign: int, deadline: float, count: int
) -> list[ConstraintSensitivity]:
    """The derivatives by the right sides of the first ``count`` inequalities, and of all equations."""
    found = []
    optimum = _optimum(program, deadline)
    for place, inequality in enumerate(canonical.inequalities[:count]):
        up, down = (_side(program, optimum, place, sign, deadline, is_equation=False) for sign in (1, -1))
        found.append(stated_slopes(inequality.stated, objective_sign, up, down))
    for place, equality in enumerate(canonical.equalities):
        up, down = (_side(program, optimum, place, sign, deadline, is_equation=True) for sign in (1, -1))
        found.append(stated_slopes(equality.stated, objective_sign, up, down))
    return found


def _side(
    program: QuadraticProgram, optimum: LinearKKT | None, place: int, sign: int, deadline: float, *, is_equation: bool
) -> OneSided:
    try:
        piece = _first_piece(Line(program, place, sign, is_equation, deadline), optimum)
    except TimeoutError:
        return undecided(OUT_OF_TIME)
    except NoOptimumError:
        return undecided(NO_OPTIMUM)
    if piece is None:
        return OneSided(SlopeKind.INFEASIBLE, reason="no point is feasible to that side")
    return _one_sided(piece)


def _first_piece(line: Line, optimum: LinearKKT | None) -> Piece | None:
    if time.monotonic() > line.deadline:
        raise TimeoutError
    return first_piece(line, optimum)


def _optimum(program: QuadraticProgram, deadline: float) -> LinearKKT | None:
    """A KKT point of the program itself, where one is found in time."""
    try:
        found = solve_convex(program, deadline)
    except TimeoutError:
        return None
    return found if isinstance(found, LinearKKT) else None


def _one_sided(piece: Piece) -> OneSided:
    slope, bend = to_rational(piece.linear), to_rational(piece.quadratic)
    reach = sympy.oo if piece.high is None else to_rational(piece.high)
    return OneSided(SlopeKind.FINITE, slope, reach=reach, price=slope + 2 * bend * INCREMENT)


def coefficient_slopes(
    program: QuadraticProgram, variables: tuple[Symbol, ...], objective_sign: int, deadline: float
) -> list[CoefficientSensitivity]:
    """The derivatives of a linear program's value by the coefficients of its objective, with their ranges.

    The slope is the variable's value at the optimum; where there are several optima it is the least one to one side and the
    greatest one to the other (Danskin 1966).
    """
    dual = dual_program(program)
    optimum = _optimum(dual, deadline)
    found = []
    for place, variable in enumerate(variables):
        # c_place + t stands in equation number ``place``, whose constant grows by t; a maximization has -c
        sides = [_coefficient_side(dual, optimum, place, direction, objective_sign, deadline) for direction in (-1, 1)]
        coefficient: Expr = objective_sign * to_rational(program.slope[place])
        found.append(CoefficientSensitivity(sides[0], sides[1], variable, coefficient))
    return found


def _coefficient_side(
    dual: QuadraticProgram, optimum: LinearKKT | None, place: int, direction: int, objective_sign: int, deadline: float
) -> OneSided:
    try:
        line = Line(dual, place, -direction * objective_sign, is_equation=True, deadline=deadline)
        piece = _first_piece(line, optimum)
    except TimeoutError:
        return undecided(OUT_OF_TIME)
    if piece is None:
        return OneSided(SlopeKind.UNBOUNDED, reason="the problem is unbounded to that side")
    slope = -direction * objective_sign * to_rational(piece.linear)
    reach = sympy.oo if piece.high is None else to_rational(piece.high)
    return OneSided(SlopeKind.FINITE, slope, reach=reach, price=slope)


def dual_program(program: QuadraticProgram) -> QuadraticProgram:
    """min -a_0.mu - e_0.lambda subject to c + A^T mu + E^T lambda = 0, mu >= 0: minus the value of a linear program.

    >>> one = fmpq(1)
    >>> dual_program(QuadraticProgram([[ZERO]], [one], [(-one, one)], [])).equalities
    [(-1, 1)]
    """
    rows = [*program.inequalities, *program.equalities]
    size = len(rows)
    equalities: list[Row] = [(*(row[j] for row in rows), program.slope[j]) for j in range(program.dimension)]
    signs: list[Row] = [tuple(fmpq(-int(i == k)) for i in range(size + 1)) for k in range(len(program.inequalities))]
    return QuadraticProgram([[ZERO] * size for _ in range(size)], [-row[-1] for row in rows], signs, equalities)
