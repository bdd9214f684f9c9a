"""The answers to problems in one variable, and those that a curve gives, in the user's own terms."""

from dataclasses import replace
from functools import partial

import sympy
from sympy import Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_nonnegative, is_zero
from lagrangian.conditions.second_order import Kind
from lagrangian.exact_numbers import ExactNumber
from lagrangian.problem.canonical import CanonicalProblem, Equality, Inequality, Restoration
from lagrangian.proof.certificate import Claim
from lagrangian.proof.curves import GrowthCertificate, GrowthInfimumCertificate
from lagrangian.prove_line import LineOutcome
from lagrangian.solution import Solution, StationaryPoint
from lagrangian.status import Status

STATUS = {
    Claim.GLOBAL_OPTIMUM: Status.OPTIMAL,
    Claim.NOT_ATTAINED: Status.NOT_ATTAINED,
    Claim.UNBOUNDED: Status.UNBOUNDED,
    Claim.INFEASIBLE: Status.INFEASIBLE,
}


def restore_line(
    solution: Solution, outcome: LineOutcome, canonical: CanonicalProblem, restoration: Restoration
) -> Solution:
    """The solution that a decision about one variable stands for; multipliers where one constraint is active, and smooth.

    With several optima the best value need not have a derivative: a bound may move one of them and leave the others.
    """
    (stated,) = restoration.problem.over
    value = None if outcome.value is None else ExactNumber(restoration.value(outcome.value))
    multipliers: dict[Relational, Expr] = {}
    prices: dict[Relational, Expr] = {}
    if outcome.optima:
        found = _multipliers(canonical, outcome.optima[0])
        multipliers = {c: restoration.textbook_multiplier(c, m) for c, m in found.items()}
        single = len(outcome.optima) == 1
        prices = {c: restoration.shadow_price(c, m) for c, m in found.items()} if single else {}
    return replace(
        solution,
        status=STATUS[outcome.certificate.claim],
        optimum=value,
        coordinates=tuple({stated: ExactNumber(point)} for point in outcome.optima),
        families=(),
        multipliers=multipliers,
        shadow_prices=prices,
        certificate=outcome.certificate,
        missing=(),
        complete=False,
        classify=partial(_optimal_points, outcome.optima, value, canonical, restoration),
    )


def restore_growth(
    solution: Solution, certificate: GrowthCertificate | GrowthInfimumCertificate, restoration: Restoration
) -> Solution:
    """The solution of a problem without optimum."""
    infimum = certificate.infimum if isinstance(certificate, GrowthInfimumCertificate) else None
    return replace(
        solution,
        status=STATUS[certificate.claim],
        optimum=None if infimum is None else ExactNumber(restoration.value(infimum)),
        coordinates=(),
        families=(),
        multipliers={},
        shadow_prices={},
        certificate=certificate,
        missing=(),
    )


def _multipliers(canonical: CanonicalProblem, point: Expr) -> dict[Relational, Expr]:
    """mu = -F' / g' of the only active constraint, zero for the others; none where that is not so simple."""
    variable = canonical.variables[0]
    rule = {variable: point}
    slope = sympy.diff(canonical.objective, variable).xreplace(rule)
    constraints: list[Inequality | Equality] = [*canonical.inequalities, *canonical.equalities]
    active = [c for c in constraints if is_zero(c.expression.xreplace(rule)) is not False]
    found: dict[Relational, Expr] = {c.stated: sympy.Integer(0) for c in constraints}
    if not active:
        return found
    normal = sympy.diff(active[0].expression, variable).xreplace(rule)
    if slope.has(sympy.sign, sympy.Heaviside, sympy.Derivative) or _has_kink(canonical.objective, rule):
        return {}
    if len(active) > 1 or not (slope.is_finite and normal.is_finite and normal.is_nonzero):
        return {}
    multiplier = sympy.simplify(-slope / normal)
    if active[0] in canonical.inequalities and is_nonnegative(multiplier) is not True:
        return {}
    return {**found, active[0].stated: multiplier}


def _has_kink(function: Expr, rule: dict[Symbol, Expr]) -> bool:
    """Whether some |u| may have u = 0, or some maximum or minimum equal arguments, at a point."""
    meeting = [part.args[0] for part in function.atoms(sympy.Abs)]
    for part in function.atoms(sympy.Max, sympy.Min):
        meeting += [a - b for i, a in enumerate(part.args) for b in part.args[i + 1 :]]
    return any(is_zero(difference.xreplace(rule)) is not False for difference in meeting)


def _optimal_points(
    optima: tuple[Expr, ...], value: ExactNumber | None, canonical: CanonicalProblem, restoration: Restoration
) -> tuple[StationaryPoint, ...]:
    (stated,) = restoration.problem.over
    variable: Symbol = canonical.variables[0]
    kind = Kind.STRICT_LOCAL_MINIMUM if restoration.objective_sign > 0 else Kind.STRICT_LOCAL_MAXIMUM
    found = []
    for point in optima if value is not None else ():
        active = tuple(
            g.stated for g in canonical.inequalities if is_zero(g.expression.xreplace({variable: point})) is True
        )
        reason = "all other feasible points near it lie on its other side, by the certificate"
        assert value is not None
        found.append(StationaryPoint({stated: ExactNumber(point)}, value, kind, reason, active, is_global=True))
    return tuple(found)
