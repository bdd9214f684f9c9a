"""Shadow prices of convex problems from the set of all multipliers, which is the same at every optimum.

With p(u) = min {F : g_i <= u, the other constraints as they are} convex, and Slater's condition for the other constraints,

    the subdifferential of p at 0 = {-mu_i : (mu, lambda) in M},     p'(0+) = -min mu_i,     p'(0-) = -max mu_i

(Rockafellar 1970, Convex Analysis, theorems 23.1, 23.4 and 28.2; Boyd and Vandenberghe 2004, section 5.6). Where mu_i has no
greatest value nothing is feasible for u < 0: a convex p that is finite somewhere on that side has a finite slope. Where M is
empty p'(0+) = -oo, and p'(0-) <= p'(0+) leaves nothing feasible for u < 0.
"""

import time
from collections.abc import Callable
from dataclasses import replace

import sympy
from sympy import Expr
from sympy.core.relational import Relational

from lagrangian.duality.closed_numbers import UndecidedSignError
from lagrangian.duality.gradients import Coordinates, gradients_at
from lagrangian.duality.multiplier_sets import Gradients, Interval, as_expression, multiplier_interval
from lagrangian.duality.slater import Slater, slater_of
from lagrangian.duality.slopes import ConstraintSensitivity, OneSided, SlopeKind, finite, stated_slopes, undecided
from lagrangian.logic import Truth
from lagrangian.problem.canonical import CanonicalProblem

NOTHING_FEASIBLE = OneSided(SlopeKind.INFEASIBLE, reason="no point is feasible to that side")
SHARE_OF_ONE = 0.3
NOT_SHOWN_CONVEX = "the problem is not shown to be convex for right sides to that side"
NOT_QUALIFIED = (
    "Slater's condition is not shown for the other constraints: multipliers need not describe the value function"
)


def convex_slopes(
    canonical: CanonicalProblem,
    point: Coordinates,
    objective_sign: int,
    qualification: Slater,
    deadline: float,
    count: int,
) -> list[ConstraintSensitivity]:
    """The derivatives by the right sides of the first ``count`` inequalities and of all equations of a convex problem.

    Args:
        point: an optimum, with exact coordinates under the canonical variables.
        qualification: Slater's condition for the problem, whose ``kept`` constraints the problem needs to be convex.
    """
    try:
        gradients = gradients_at(canonical, point)
    except UndecidedSignError as error:
        return _all_undecided(canonical, count, str(error))

    def qualified(left_out: Relational) -> Truth:
        if qualification.holds:
            return True
        now = time.monotonic()
        until = now + (deadline - now) * SHARE_OF_ONE
        return slater_of(_without(canonical, left_out), (), until).holds if now < deadline else None

    found = []
    for place, inequality in enumerate(canonical.inequalities[:count]):
        row = gradients.active.index(place) if place in gradients.active else None
        sides = _sides(gradients, row, inequality.stated, qualified, is_equation=False)
        if inequality.stated in qualification.kept:
            # a tighter constraint leaves the problem convex, a looser one may not
            sides = (undecided(NOT_SHOWN_CONVEX), sides[1])
        found.append(stated_slopes(inequality.stated, objective_sign, *sides))
    for place, equality in enumerate(canonical.equalities):
        row = len(gradients.active) + place
        sides = _sides(gradients, row, equality.stated, qualified, is_equation=True)
        if equality.stated in qualification.kept:
            sides = (undecided(NOT_SHOWN_CONVEX), undecided(NOT_SHOWN_CONVEX))
        found.append(stated_slopes(equality.stated, objective_sign, *sides))
    return found


def _all_undecided(canonical: CanonicalProblem, count: int, reason: str) -> list[ConstraintSensitivity]:
    stated = [g.stated for g in canonical.inequalities[:count]] + [h.stated for h in canonical.equalities]
    return [stated_slopes(relation, 1, undecided(reason), undecided(reason)) for relation in stated]


def _sides(
    gradients: Gradients,
    row: int | None,
    stated: Relational,
    qualified: Callable[[Relational], Truth],
    *,
    is_equation: bool,
) -> tuple[OneSided, OneSided]:
    """The derivatives of the canonical value to both sides."""
    if row is None:
        return finite(sympy.Integer(0)), finite(sympy.Integer(0))
    if qualified(stated) is not True:
        return undecided(NOT_QUALIFIED), undecided(NOT_QUALIFIED)
    try:
        interval = multiplier_interval(gradients, row)
    except UndecidedSignError as error:
        return undecided(str(error)), undecided(str(error))
    return slopes_of(interval, is_equation=is_equation)


def slopes_of(interval: Interval, *, is_equation: bool) -> tuple[OneSided, OneSided]:
    """p'(u) to the right of 0, and the derivative of p(-u), from the interval of a multiplier of a convex problem."""
    if interval.is_empty:
        reason = "no multipliers exist: the value function has an infinite slope"
        if is_equation:
            return undecided(f"{reason} to one side"), undecided(f"{reason} to one side")
        return OneSided(SlopeKind.INFINITE, -sympy.oo, reason), NOTHING_FEASIBLE
    up = NOTHING_FEASIBLE if interval.low is None else finite(-_tidy(as_expression(interval.low)))
    down = NOTHING_FEASIBLE if interval.high is None else finite(_tidy(as_expression(interval.high)))
    return up, down


def _tidy(value: Expr) -> Expr:
    return sympy.simplify(value) if value.free_symbols else value


def _without(canonical: CanonicalProblem, left_out: Relational) -> CanonicalProblem:
    return replace(
        canonical,
        inequalities=tuple(g for g in canonical.inequalities if g.stated is not left_out),
        equalities=tuple(h for h in canonical.equalities if h.stated is not left_out),
    )
