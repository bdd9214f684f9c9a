"""A second look at an answer by regions: the KKT conditions as identities in the parameters, from the result alone.

Nothing is used of how the regions were found. In a convex problem the KKT conditions prove the optimum; elsewhere they are
necessary, and that no other point is better is not looked at again. Infeasible and unbounded regions have no point to look at.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sympy
from sympy import Eq, Expr

from lagrangian.algebra.signs import is_zero
from lagrangian.duality.parametric_regions import ParametricRegion
from lagrangian.duality.parametric_signs import SignCondition
from lagrangian.duality.parametric_space import ParameterSpace, conditions_of_relations
from lagrangian.duality.smooth_form import KINKS
from lagrangian.logic import Truth, all3
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem
from lagrangian.status import Status


@dataclass(frozen=True, eq=False)
class RegionCheck:
    """Three-valued: what holds for all parameters of a region. None where it was not decided, or there is nothing to look at."""

    region: ParametricRegion
    value: Truth = None
    stationarity: Truth = None
    primal_feasibility: Truth = None
    dual_feasibility: Truth = None
    complementary_slackness: Truth = None

    @property
    def truth(self) -> Truth:
        """Whether all conditions hold."""
        conditions = (self.stationarity, self.primal_feasibility, self.dual_feasibility, self.complementary_slackness)
        return all3((self.value, *conditions))


@dataclass(frozen=True, eq=False)
class ParametricVerification:
    """The checks of all regions; whether regions with an answer cover the admissible parameters; whether interiors meet."""

    regions: tuple[RegionCheck, ...]
    is_decided: Truth
    overlaps_only_on_boundaries: Truth

    @property
    def truth(self) -> Truth:
        """Whether every optimal region satisfies the KKT conditions, and the regions cover and do not overlap."""
        optimal = [check.truth for check in self.regions if check.region.status is Status.OPTIMAL]
        return all3((*optimal, self.is_decided, self.overlaps_only_on_boundaries))


def checks_of(problem: Problem, regions: Sequence[ParametricRegion]) -> tuple[RegionCheck, ...]:
    """Look at each region again.

    >>> from sympy import symbols
    >>> from lagrangian import Problem, solve_parametric
    >>> x, b = symbols("x b", real=True)
    >>> problem = Problem(x**2, [x >= b], over=[x])
    >>> [check.truth for check in checks_of(problem, solve_parametric(problem).regions)]
    [True, True]
    """
    canonical, restoration = canonicalize(problem)
    return tuple(_check(region, canonical, restoration) for region in regions)


def _check(region: ParametricRegion, canonical: CanonicalProblem, restoration: Restoration) -> RegionCheck:
    if region.status is not Status.OPTIMAL or region.point is None or region.value is None:
        return RegionCheck(region)
    point, problem = region.point, restoration.problem
    space, given = ParameterSpace(problem.assumptions), conditions_of_relations(region.relations)
    slacks = [restoration.expression(g.expression).xreplace(point) for g in canonical.inequalities]
    held = [restoration.expression(h.expression).xreplace(point) for h in canonical.equalities]
    found = RegionCheck(
        region,
        value=_is_zero_there(problem.objective.xreplace(point) - region.value, region),
        primal_feasibility=all3(
            [*(_is_nonpositive(g, space, given) for g in slacks), *(_is_zero_there(h, region) for h in held)]
        ),
    )
    if not region.multipliers:
        return (
            found
            if canonical.inequalities or canonical.equalities
            else _with_stationarity(found, canonical, restoration)
        )
    mu = [region.multipliers[g.stated] for g in canonical.inequalities]
    found = replace(
        found,
        dual_feasibility=all3(_is_nonpositive(-value, space, given) for value in mu),
        complementary_slackness=all3(_is_zero_there(value * g, region) for value, g in zip(mu, slacks, strict=True)),
    )
    return _with_stationarity(found, canonical, restoration)


def _with_stationarity(check: RegionCheck, canonical: CanonicalProblem, restoration: Restoration) -> RegionCheck:
    """The gradient of F + sum(mu g) + sum(lambda h) at the point."""
    if any(function.has(*KINKS) for function in canonical.functions):
        return check
    multipliers, sign = check.region.multipliers or {}, restoration.objective_sign
    total = canonical.objective
    lagrangian = restoration.expression(total)
    for inequality in canonical.inequalities:
        lagrangian += multipliers[inequality.stated] * restoration.expression(inequality.expression)
    for equality in canonical.equalities:
        lagrangian -= sign * multipliers[equality.stated] * restoration.expression(equality.expression)
    slopes = [sympy.diff(lagrangian, v).xreplace(check.region.point or {}) for v in restoration.problem.over]
    stationarity = all3(_is_zero_there(slope, check.region) for slope in slopes)
    nothing_else = not canonical.inequalities and not canonical.equalities
    if nothing_else:
        check = replace(check, dual_feasibility=True, complementary_slackness=True)
    return replace(check, stationarity=stationarity)


def _is_zero_there(expression: Expr, region: ParametricRegion) -> Truth:
    """Whether a function of the parameters vanishes on a region: identically, or by its equations."""
    fixed = {r.lhs: r.rhs for r in region.relations if isinstance(r, Eq) and r.lhs.is_Symbol}
    return is_zero(sympy.simplify(expression.xreplace(fixed)))


def _is_nonpositive(expression: Expr, space: ParameterSpace, given: list[SignCondition]) -> Truth:
    core = space.core(expression, given, exact=True)
    if core.is_number:
        return None if core.is_nonpositive is None else bool(core.is_nonpositive)
    return True if space.implies(given, SignCondition(core)) else None
