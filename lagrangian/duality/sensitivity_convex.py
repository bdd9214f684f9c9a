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
from sympy import Abs, Expr, Max, Min
from sympy.core.relational import Relational

from lagrangian.algebra.balls import enclose
from lagrangian.duality.closed_numbers import UndecidedSignError
from lagrangian.duality.gradients import (
    Coordinates,
    certainly_independent,
    gradients_at,
    refuse_missing_gradients,
)
from lagrangian.duality.multiplier_sets import Interval, as_expression, multiplier_interval
from lagrangian.duality.slater import Slater, slater_of
from lagrangian.duality.slopes import ConstraintSensitivity, OneSided, SlopeKind, finite, stated_slopes, undecided
from lagrangian.logic import Truth
from lagrangian.problem.canonical import CanonicalProblem, Equality, Inequality

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
    known: dict[Relational, Expr],
) -> list[ConstraintSensitivity]:
    """The derivatives by the right sides of the first ``count`` inequalities and of all equations of a convex problem.

    Args:
        point: an optimum, with exact coordinates under the canonical variables.
        qualification: Slater's condition for the problem, whose ``kept`` constraints the problem needs to be convex.
        known: multipliers that the optimum has, keyed by the constraints as stated; they are used where they are the only ones.
    """
    try:
        interval_of = _intervals(canonical, point, known)
    except UndecidedSignError as error:
        return _all_undecided(canonical, count, str(error))

    def qualified(left_out: Relational) -> Truth:
        if qualification.holds:
            return True
        now = time.monotonic()
        until = now + (deadline - now) * SHARE_OF_ONE
        return slater_of(_without(canonical, left_out), (), until).holds if now < deadline else None

    found = []
    for inequality in canonical.inequalities[:count]:
        sides = _sides(interval_of(inequality), inequality.stated, qualified, is_equation=False)
        if inequality.stated in qualification.kept:
            # a tighter constraint leaves the problem convex, a looser one may not
            sides = (undecided(NOT_SHOWN_CONVEX), sides[1])
        found.append(stated_slopes(inequality.stated, objective_sign, *sides))
    for equality in canonical.equalities:
        sides = _sides(interval_of(equality), equality.stated, qualified, is_equation=True)
        if equality.stated in qualification.kept:
            sides = (undecided(NOT_SHOWN_CONVEX), undecided(NOT_SHOWN_CONVEX))
        found.append(stated_slopes(equality.stated, objective_sign, *sides))
    return found


def _intervals(
    canonical: CanonicalProblem, point: Coordinates, known: dict[Relational, Expr]
) -> Callable[[Inequality | Equality], Interval | str | None]:
    """What gives the interval of a constraint's multiplier: None for an inactive one, a text where it is not decided."""
    values = {v: number.expression for v, number in point.items()}
    if _are_the_only_ones(canonical, point, known):
        refuse_missing_gradients(canonical, values)

        def the_only_one(constraint: Inequality | Equality) -> Interval | None:
            ball = enclose(constraint.expression.xreplace(values))
            inactive = isinstance(constraint, Inequality) and ball is not None and ball < 0
            multiplier = known[constraint.stated]
            return None if inactive else Interval(multiplier, multiplier)

        return the_only_one
    gradients = gradients_at(canonical, point)

    def of_all(constraint: Inequality | Equality) -> Interval | str | None:
        row = gradients.row_of(canonical, constraint)
        try:
            return None if row is None else multiplier_interval(gradients, row)
        except UndecidedSignError as error:
            return str(error)

    return of_all


def _are_the_only_ones(canonical: CanonicalProblem, point: Coordinates, known: dict[Relational, Expr]) -> bool:
    """Whether no other multipliers can exist: the gradients are independent; and whether these seem to be right.

    The solver has them from an exact linear system; that stationarity holds up to rounding is a test of their signs.
    """
    constraints: list[Inequality | Equality] = [*canonical.inequalities, *canonical.equalities]
    if canonical.parameters or any(c.stated not in known for c in constraints):
        return False
    if any(function.has(Abs, Max, Min) for function in canonical.functions):
        return False
    values = {v: number.expression for v, number in point.items()}
    lagrangian = canonical.objective + sympy.Add(*(known[c.stated] * c.expression for c in constraints))
    slopes = [enclose(sympy.diff(lagrangian, v).xreplace(values)) for v in canonical.variables]
    return certainly_independent(canonical, point) and all(s is not None and s.contains(0) for s in slopes)


def _all_undecided(canonical: CanonicalProblem, count: int, reason: str) -> list[ConstraintSensitivity]:
    stated = [g.stated for g in canonical.inequalities[:count]] + [h.stated for h in canonical.equalities]
    return [stated_slopes(relation, 1, undecided(reason), undecided(reason)) for relation in stated]


def _sides(
    interval: Interval | str | None, stated: Relational, qualified: Callable[[Relational], Truth], *, is_equation: bool
) -> tuple[OneSided, OneSided]:
    """The derivatives of the canonical value to both sides."""
    if interval is None:
        return finite(sympy.Integer(0)), finite(sympy.Integer(0))
    if isinstance(interval, str):
        return undecided(interval), undecided(interval)
    if qualified(stated) is not True:
        return undecided(NOT_QUALIFIED), undecided(NOT_QUALIFIED)
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
