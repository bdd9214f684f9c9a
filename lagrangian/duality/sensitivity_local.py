"""Shadow prices of problems that are not convex, from the multipliers at all their optima.

If the feasible points that are not much worse than the optimum stay in one bounded set for all right sides nearby, the functions
are smooth, and the active gradients are independent at every optimum x with multipliers mu(x), then

    p'(0+) = min over the optima of -mu_i(x),      p'(0-) = max over the optima of -mu_i(x)

(Gauvin and Dubeau 1982, Differential properties of the marginal function in mathematical programming; Danskin 1966).
"""

import time

import sympy

from lagrangian.duality.closed_numbers import UndecidedSignError
from lagrangian.duality.gradients import Coordinates, gradients_at
from lagrangian.duality.multiplier_sets import Gradients, as_expression, multiplier_interval
from lagrangian.duality.slopes import ConstraintSensitivity, OneSided, finite, stated_slopes, undecided
from lagrangian.duality.stays_bounded import stays_bounded
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.claims import compare_numbers

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
        bounded = stays_bounded(canonical, min(deadline, time.monotonic() + LIMIT_S))
    except UndecidedSignError as error:
        return [stated_slopes(relation, 1, undecided(str(error)), undecided(str(error))) for relation in stated]
    return [
        stated_slopes(relation, objective_sign, *_sides(values))
        if bounded is True or (bounded and relation in bounded)
        else stated_slopes(relation, 1, undecided(NOT_BOUNDED), undecided(NOT_BOUNDED))
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
