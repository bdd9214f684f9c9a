"""Shadow prices of linear and convex quadratic programs, with the ranges in which they stay valid; of coefficients too.

In a linear program an optimal basis is pivoted (`linear_ranging`). In a quadratic one right sides move along `value_pieces`;
where a linear program has no vertex, a coefficient of the objective is a right side of the dual program

    maximize a_0.mu + e_0.lambda   subject to   c + A^T mu + E^T lambda = 0,  mu >= 0

whose value is the same (Dantzig 1963, Linear Programming and Extensions, chapter 12).
"""

import time

import sympy
from flint import fmpq
from sympy import Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.polynomials import to_rational
from lagrangian.candidates.affine import Row
from lagrangian.candidates.linear import LinearKKT, QuadraticProgram, quadratic_program, solve_convex
from lagrangian.duality.linear_dictionary import Dictionary, Label, optimal_dictionary
from lagrangian.duality.linear_ranging import coefficient_reach, right_side_reach
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
NOTHING_THERE = OneSided(SlopeKind.INFEASIBLE, reason="no point is feasible to that side")
UNBOUNDED_THERE = OneSided(SlopeKind.UNBOUNDED, reason="the problem is unbounded to that side")
NO_OPTIMUM = "the objective is convex along the equations only, and not shown to have an optimum to that side"


def convex_program(
    canonical: CanonicalProblem, deadline: float, known: LinearKKT | None = None
) -> tuple[QuadraticProgram, LinearKKT] | None:
    """The data of a linear or convex quadratic program with an optimum of it; None for all other problems.

    A strict inequality counts as a weak one: where it holds at some feasible point the infimum is the same.

    Args:
        known: what may be an optimum with its multipliers; it is checked.
    """
    try:
        polynomial, lifting = lift(canonical)
    except NotPolynomialError:
        return None
    program = None if lifting.definitions else quadratic_program(polynomial)
    if program is None:
        return None
    if known is not None and is_linear(program) and satisfies_kkt(program, known):
        return program, known
    try:
        found = solve_convex(program, deadline)
    except TimeoutError:
        return None
    return (program, found) if isinstance(found, LinearKKT) else None


def satisfies_kkt(program: QuadraticProgram, found: LinearKKT) -> bool:
    """Whether a point is an optimum of a linear program, by its multipliers."""
    rows = [*program.inequalities, *program.equalities]
    weights = [*found.inequality_multipliers, *found.equality_multipliers]
    if len(found.point) != program.dimension or len(rows) != len(weights):
        return False
    for k, slope in enumerate(program.slope):
        if slope + sum((w * row[k] for w, row in zip(weights, rows, strict=True) if w != 0), ZERO) != 0:
            return False
    values = [sum((a * x for a, x in zip(row, found.point, strict=False)), row[-1]) for row in rows]
    signs = zip(values, found.inequality_multipliers, strict=False)
    return all(v <= 0 <= mu and v * mu == 0 for v, mu in signs) and not any(values[len(program.inequalities) :])


def is_linear(program: QuadraticProgram) -> bool:
    return all(value == 0 for row in program.hessian for value in row)


def right_side_slopes(
    canonical: CanonicalProblem,
    program: QuadraticProgram,
    optimum: LinearKKT,
    objective_sign: int,
    deadline: float,
    count: int,
) -> list[ConstraintSensitivity]:
    """The derivatives by the right sides of the first ``count`` inequalities, and of all equations."""
    dictionary = optimal_dictionary(program, optimum) if is_linear(program) else None
    places: list[tuple[Label, Relational]] = [
        (("g", i), g.stated) for i, g in enumerate(canonical.inequalities[:count])
    ]
    places += [(("h", j), h.stated) for j, h in enumerate(canonical.equalities)]
    found = []
    for label, stated in places:
        if dictionary is not None:
            up, down = (_ranged(dictionary, label, sign, deadline) for sign in (1, -1))
        else:
            up, down = (_side(program, optimum, label, sign, deadline) for sign in (1, -1))
        found.append(stated_slopes(stated, objective_sign, up, down))
    return found


def _ranged(dictionary: Dictionary, label: Label, sign: int, deadline: float) -> OneSided:
    """By pivots from one optimal basis."""
    try:
        found = right_side_reach(dictionary, label, sign, deadline)
    except TimeoutError:
        return undecided(OUT_OF_TIME)
    return NOTHING_THERE if found is None else _constant(found.slope, found.length)


def _constant(slope: fmpq, length: fmpq | None) -> OneSided:
    price = to_rational(slope)
    return OneSided(SlopeKind.FINITE, price, reach=sympy.oo if length is None else to_rational(length), price=price)


def _side(program: QuadraticProgram, optimum: LinearKKT, label: Label, sign: int, deadline: float) -> OneSided:
    """By the pieces of the value along the right side."""
    try:
        piece = _first_piece(Line(program, label[1], sign, label[0] == "h", deadline), optimum)
    except TimeoutError:
        return undecided(OUT_OF_TIME)
    except NoOptimumError:
        return undecided(NO_OPTIMUM)
    return NOTHING_THERE if piece is None else _one_sided(piece)


def _first_piece(line: Line, optimum: LinearKKT | None) -> Piece | None:
    if time.monotonic() > line.deadline:
        raise TimeoutError
    return first_piece(line, optimum)


def _one_sided(piece: Piece) -> OneSided:
    slope, bend = to_rational(piece.linear), to_rational(piece.quadratic)
    reach = sympy.oo if piece.high is None else to_rational(piece.high)
    return OneSided(SlopeKind.FINITE, slope, reach=reach, price=slope + 2 * bend * INCREMENT)


def coefficient_slopes(
    program: QuadraticProgram,
    optimum: LinearKKT,
    variables: tuple[Symbol, ...],
    objective_sign: int,
    deadline: float,
) -> list[CoefficientSensitivity]:
    """The derivatives of a linear program's value by the coefficients of its objective, with their ranges.

    The slope is the variable's value at the optimum; where there are several optima it is the least one to one side and the
    greatest one to the other (Danskin 1966).
    """
    dictionary = optimal_dictionary(program, optimum)
    dual = None if dictionary is not None else dual_program(program)
    dual_optimum = None if dual is None else _optimum(dual, deadline)
    found = []
    for place, variable in enumerate(variables):
        sides = []
        for direction in (-1, 1):
            if dictionary is not None:
                sides.append(_ranged_coefficient(dictionary, place, direction * objective_sign, deadline))
            elif dual is not None:
                sides.append(_coefficient_side(dual, dual_optimum, place, direction, objective_sign, deadline))
        coefficient: Expr = objective_sign * to_rational(program.slope[place])
        found.append(CoefficientSensitivity(sides[0], sides[1], variable, coefficient))
    return found


def _ranged_coefficient(dictionary: Dictionary, place: int, sign: int, deadline: float) -> OneSided:
    try:
        found = coefficient_reach(dictionary, place, sign, deadline)
    except TimeoutError:
        return undecided(OUT_OF_TIME)
    return UNBOUNDED_THERE if found is None else _constant(found.slope, found.length)


def _optimum(program: QuadraticProgram, deadline: float) -> LinearKKT | None:
    """A KKT point of a program, where one is found in time."""
    try:
        found = solve_convex(program, deadline)
    except TimeoutError:
        return None
    return found if isinstance(found, LinearKKT) else None


def _coefficient_side(
    dual: QuadraticProgram, optimum: LinearKKT | None, place: int, direction: int, objective_sign: int, deadline: float
) -> OneSided:
    """Where no basis is known: c_place + t stands in equation number ``place`` of the dual, whose constant grows by t."""
    try:
        line = Line(dual, place, -direction * objective_sign, is_equation=True, deadline=deadline)
        piece = _first_piece(line, optimum)
    except TimeoutError:
        return undecided(OUT_OF_TIME)
    if piece is None:
        return UNBOUNDED_THERE
    return _constant(-direction * objective_sign * piece.linear, piece.high)


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
