"""From an answer and multipliers to a certificate of both values, which is checked without the solver."""

from sympy import Expr, Symbol

from lagrangian.algebra.signs import is_zero
from lagrangian.duality.dual_bound import DualBound, dual_bound
from lagrangian.duality.dual_function import DualFunction
from lagrangian.duality.dual_mixture import mixture
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.proof.duality import DualityCertificate
from lagrangian.solution import Solution
from lagrangian.status import Status


def duality_certificate(
    solution: Solution,
    function: DualFunction,
    values: tuple[Expr, Expr],
    multipliers: dict[Symbol, Expr],
    time_limit_s: float,
) -> DualityCertificate | None:
    """A certificate that p* and d* are these ``values``, or None where the inner problem is not solved to d*.

    The infimum of the Lagrangian at the multipliers is derived again by solving the inner problem, not by formulas of the dual
    function. Where the values are different, points that satisfy the constraints on average show that d* is no better.
    """
    primal, dual = values
    bound = dual_bound(function, multipliers_of_terms(function, multipliers), time_limit_s=time_limit_s)
    inner = bound.solution
    if bound.value is None or inner is None or inner.certificate is None or bound.value.is_infinite:
        return None
    if solution.certificate is None or not _are_equal(bound.value, dual):
        return None
    lagrangian = function.lagrangian
    sign, canonical = lagrangian.restoration.objective_sign, lagrangian.canonical
    named = dict(zip(lagrangian.problem.over, lagrangian.restoration.variables, strict=True))
    points = solution.points if solution.status is Status.OPTIMAL else ()
    point = {named[v]: value for v, value in points[0].items()} if points else None
    is_gap = not _are_equal(primal, dual)
    return DualityCertificate(
        canonical,
        point,
        solution.certificate if point is None or is_gap else None,
        sign * primal,
        tuple(_multiplier(function, bound, g.stated, 1) for g in canonical.inequalities),
        tuple(_multiplier(function, bound, h.stated, -sign) for h in canonical.equalities),
        canonicalize(inner.problem)[0],
        inner.certificate,
        sign * dual,
        mixture(function, inner, time_limit_s) if is_gap else (),
    )


def multipliers_of_terms(function: DualFunction, multipliers: dict[Symbol, Expr]) -> dict[Symbol, Expr]:
    """The multipliers without those of new variables."""
    return {term.multiplier: multipliers[term.multiplier] for term in function.terms}


def _are_equal(left: Expr, right: Expr) -> bool:
    return left == right or is_zero(left - right) is True


def _multiplier(function: DualFunction, bound: DualBound, stated: object, sign: int) -> Expr | None:
    """The multiplier of a constraint in canonical signs; None for one that is kept."""
    for term in function.terms:
        if term.stated == stated:
            return sign * bound.multipliers[term.multiplier]
    return None
