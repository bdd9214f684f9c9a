"""Right sides that do not matter, in any problem: those of constraints that are slack at an optimum, or idle altogether.

A tighter constraint that some optimum still satisfies leaves the value as it is. A looser one leaves it too if the problem
without the constraint has the same value, since that of every looser one lies between both.
"""

import time

import sympy
from sympy import Eq, Le, Lt

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.signs import is_positive, is_zero
from lagrangian.duality.gradients import Coordinates
from lagrangian.duality.slopes import ConstraintSensitivity, OneSided, finite, stated_slopes, undecided
from lagrangian.errors import ProblemError
from lagrangian.problem.canonical import CanonicalProblem, Inequality
from lagrangian.problem.problem import Problem
from lagrangian.solve import solve
from lagrangian.status import Status

# of the time left at the start: all problems without a constraint together, and one of them
SHARE_OF_SOLVING, SHARE_OF_ONE = 0.3, 0.1


def slopes_of_slack(
    canonical: CanonicalProblem, point: Coordinates, objective_sign: int, deadline: float, count: int
) -> list[ConstraintSensitivity]:
    """Zero for the sides of inequalities that are shown not to matter; all else is undecided.

    Args:
        point: an optimum, with exact coordinates under the canonical variables.
    """
    now = time.monotonic()
    until, most = now + (deadline - now) * SHARE_OF_SOLVING, (deadline - now) * SHARE_OF_ONE
    found = []
    for inequality in canonical.inequalities[:count]:
        down = finite(sympy.Integer(0)) if _is_slack(canonical, inequality, point) else undecided("")
        up = _when_loosened(canonical, inequality, point, min(until, time.monotonic() + most))
        found.append(stated_slopes(inequality.stated, objective_sign, up, down))
    return found + [stated_slopes(h.stated, 1, undecided(""), undecided("")) for h in canonical.equalities]


def _is_slack(canonical: CanonicalProblem, inequality: Inequality, point: Coordinates) -> bool:
    value = inequality.expression.xreplace({v: number.expression for v, number in point.items()})
    ball = enclose(value) if value.is_number else None
    if ball is not None:
        return bool(ball < 0)
    return is_positive(-value, canonical.assumptions) is True


def _when_loosened(canonical: CanonicalProblem, left_out: Inequality, point: Coordinates, deadline: float) -> OneSided:
    limit = deadline - time.monotonic()
    if limit <= 0:
        return undecided("")
    stated = [
        (Lt if g.strict else Le)(g.expression, 0, evaluate=False) for g in canonical.inequalities if g is not left_out
    ]
    stated += [Eq(h.expression, 0, evaluate=False) for h in canonical.equalities]
    try:
        without = Problem(canonical.objective, stated, over=canonical.variables, assumptions=canonical.assumptions)
        answer = solve(without, time_limit_s=limit)
    except ProblemError:  # a function that is defined elsewhere without the constraint
        return undecided("")
    value = canonical.objective.xreplace({v: number.expression for v, number in point.items()})
    same = answer.status is Status.OPTIMAL and answer.value is not None and is_zero(answer.value - value) is True
    return finite(sympy.Integer(0)) if same else undecided("")
