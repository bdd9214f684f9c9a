"""Multipliers and shadow prices of exact optima, by the constraints as stated."""

import sympy
from sympy import Expr
from sympy.core.relational import Relational

from lagrangian.algebra.closed_form import closed_form
from lagrangian.algebra.numbers import compare
from lagrangian.candidates.enumeration import CandidatePoint
from lagrangian.conditions.multipliers import Multipliers, multipliers_at
from lagrangian.conditions.second_order import has_licq
from lagrangian.outcome import Outcome
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.proof.convexity import ConvexityCertificate
from lagrangian.setting import Setting

# with more optima their multipliers are not compared, and no shadow prices are given
MOST_COMPARED = 8


def multipliers_and_prices(
    outcome: Outcome, setting: Setting, candidate: CandidatePoint | None
) -> tuple[dict[Relational, Expr], dict[Relational, Expr]]:
    """The multipliers at an optimum and, where they are unique and those of all optima, the shadow prices."""
    if candidate is None:
        return {}, {}
    problem = outcome.candidates.problem
    found = multipliers_at(problem, candidate.point, candidate.active_set)
    if found is None:
        return {}, {}
    unique = has_licq(problem, candidate.point, candidate.active_set) and _are_those_of_all_optima(
        found, outcome, setting
    )
    pairs = _stated_multipliers(found, setting)
    slope = setting.slope(candidate.value)
    restoration = setting.restoration
    multipliers = {stated: restoration.textbook_multiplier(stated, slope * value) for stated, value in pairs}
    prices = {stated: restoration.shadow_price(stated, slope * value) for stated, value in pairs} if unique else {}
    return multipliers, prices


def _are_those_of_all_optima(found: Multipliers, outcome: Outcome, setting: Setting) -> bool:
    """Whether all optima have these multipliers: else the best value has no derivative, as that of -x**2 on [-1, 1].

    The multipliers of a convex problem fit all of its optima. Of other infinite sets only a sample is known.
    """
    if isinstance(outcome.certificate, ConvexityCertificate):
        return True
    if outcome.families or len(outcome.best) > MOST_COMPARED:
        return False
    return all(_has_multipliers(found, outcome.candidates.problem, other, setting) for other in outcome.best[1:])


def _has_multipliers(
    expected: Multipliers, problem: PolynomialProblem, candidate: CandidatePoint, setting: Setting
) -> bool:
    """Whether the multipliers of the stated constraints at a point are the expected ones, and unique."""
    found = multipliers_at(problem, candidate.point, candidate.active_set)
    if found is None or not has_licq(problem, candidate.point, candidate.active_set):
        return False
    zero = candidate.value * 0
    pairs = [
        (expected.inequalities.get(i, zero), found.inequalities.get(i, zero))
        for i in range(len(setting.canonical.inequalities))
    ]
    pairs += list(zip(expected.equalities, found.equalities, strict=True))[: len(setting.canonical.equalities)]
    return all(compare(one, other) == 0 for one, other in pairs)


def _stated_multipliers(found: Multipliers, setting: Setting) -> list[tuple[Relational, Expr]]:
    zero = sympy.Integer(0)
    canonical = setting.canonical
    inequalities = [
        (inequality.stated, closed_form(found.inequalities[i]) if i in found.inequalities else zero)
        for i, inequality in enumerate(canonical.inequalities)
    ]
    equalities = [(h.stated, closed_form(v)) for h, v in zip(canonical.equalities, found.equalities, strict=False)]
    order = {stated: place for place, stated in enumerate(setting.restoration.problem.all_constraints)}
    return sorted([*inequalities, *equalities], key=lambda pair: order[pair[0]])
