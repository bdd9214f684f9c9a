"""Shadow prices of problems that are not convex, from the multipliers at all their optima.

If the feasible points that are not much worse than the optimum stay in one bounded set for all right sides nearby, the functions
are smooth, and the active gradients are independent at every optimum x with multipliers mu(x), then

    p'(0+) = min over the optima of -mu_i(x),      p'(0-) = max over the optima of -mu_i(x)

(Gauvin and Dubeau 1982, Differential properties of the marginal function in mathematical programming; Danskin 1966).
"""

import time

import sympy
from flint import fmpq

from lagrangian.candidates.affine import affine_row
from lagrangian.candidates.attainment import bounded_or_coercive
from lagrangian.candidates.linear import LinearKKT, QuadraticProgram, solve_convex
from lagrangian.duality.closed_numbers import UndecidedSignError
from lagrangian.duality.gradients import Coordinates, gradients_at
from lagrangian.duality.multiplier_sets import Gradients, as_expression, multiplier_interval
from lagrangian.duality.slopes import ConstraintSensitivity, OneSided, finite, stated_slopes, undecided
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.lifting import NotPolynomialError, PolynomialProblem, lift
from lagrangian.proof.attainment import minimum_exists
from lagrangian.proof.claims import compare_numbers
from lagrangian.prove_records import attainment_evidence

ZERO, ONE = fmpq(0), fmpq(1)
LIMIT_S = 10.0


def local_slopes(
    canonical: CanonicalProblem, optima: list[Coordinates], objective_sign: int, deadline: float, count: int
) -> list[ConstraintSensitivity]:
    """The derivatives by the right sides of the first ``count`` inequalities and of all equations.

    Args:
        optima: all optima, each with exact coordinates under the canonical variables.
    """
    stated = [g.stated for g in canonical.inequalities[:count]] + [h.stated for h in canonical.equalities]
    try:
        columns = _multipliers(canonical, optima, count)
        reason = None if stays_bounded(canonical, min(deadline, time.monotonic() + LIMIT_S)) else NOT_BOUNDED
    except UndecidedSignError as error:
        columns, reason = [], str(error)
    if reason is not None:
        return [stated_slopes(relation, 1, undecided(reason), undecided(reason)) for relation in stated]
    return [
        stated_slopes(relation, objective_sign, *_sides(values))
        for relation, values in zip(stated, columns, strict=True)
    ]


NOT_BOUNDED = "it is not shown that nearly optimal points stay in a bounded set when right sides move"
DEPENDENT = "the gradients of the active constraints are dependent at an optimum of a problem that is not convex"


def _multipliers(canonical: CanonicalProblem, optima: list[Coordinates], count: int) -> list[list[sympy.Expr]]:
    """For each constraint its multipliers at all optima."""
    found: list[list[sympy.Expr]] = []
    for point in optima:
        gradients = gradients_at(canonical, point)
        if not gradients.are_independent:
            raise UndecidedSignError(DEPENDENT)
        found.append(_at_one(canonical, gradients, count))
    return [list(column) for column in zip(*found, strict=True)]


def _at_one(canonical: CanonicalProblem, gradients: Gradients, count: int) -> list[sympy.Expr]:
    values = []
    for place in range(count):
        row = gradients.active.index(place) if place in gradients.active else None
        values.append(sympy.Integer(0) if row is None else _only(gradients, row))
    return values + [_only(gradients, len(gradients.active) + j) for j in range(len(canonical.equalities))]


def _only(gradients: Gradients, row: int) -> sympy.Expr:
    interval = multiplier_interval(gradients, row)
    if interval.is_empty:
        raise UndecidedSignError("no multipliers were found at an optimum")
    return as_expression(interval.low)


def _sides(multipliers: list[sympy.Expr]) -> tuple[OneSided, OneSided]:
    """The derivatives of the canonical value by u to the right, and by u of the value at -u."""
    least, greatest = multipliers[0], multipliers[0]
    for value in multipliers[1:]:
        below, above = compare_numbers(value, least), compare_numbers(value, greatest)
        if below is None or above is None:
            reason = "the multipliers at different optima could not be compared"
            return undecided(reason), undecided(reason)
        least = value if below < 0 else least
        greatest = value if above > 0 else greatest
    return finite(-greatest), finite(least)


def stays_bounded(canonical: CanonicalProblem, deadline: float) -> bool:
    """Whether the feasible points, or those with a bounded objective, stay in one bounded set when right sides move a little.

    By leading forms, which right sides do not enter, or because the affine constraints bound every variable by themselves:
    a bounded polyhedron stays in a bounded set when its right sides grow by one.
    """
    try:
        polynomial, lifting = lift(canonical)
    except NotPolynomialError:
        return False
    if lifting.definitions:
        return False
    if _affine_part_is_bounded(polynomial, deadline):
        return True
    cone = bounded_or_coercive(polynomial, deadline)
    return cone is not None and minimum_exists(polynomial, attainment_evidence(cone))


def _affine_part_is_bounded(polynomial: PolynomialProblem, deadline: float) -> bool:
    """Whether no direction d other than zero has a.d <= 0 and e.d = 0: sum(a_i.d) cannot fall, nor can any coordinate move."""
    count = polynomial.dimension
    rows = [row for g in polynomial.inequalities if (row := affine_row(g, count)) is not None]
    held = [row for h in polynomial.equalities if (row := affine_row(h, count)) is not None]
    cone = [(*row[:-1], ZERO) for row in rows]
    flat = [(*row[:-1], ZERO) for row in held]
    for place in range(count):
        for sign in (1, -1):
            if time.monotonic() > deadline:
                return False
            slope = [fmpq(-sign * int(j == place)) for j in range(count)]
            program = QuadraticProgram([[ZERO] * count for _ in range(count)], slope, cone, flat)
            if not isinstance(solve_convex(program, deadline), LinearKKT):
                return False
    return True
