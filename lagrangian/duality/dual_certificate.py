"""From an answer and multipliers to a certificate of both values, which is checked without the solver."""

import time

import sympy
from sympy import Expr, Integer, Symbol

from lagrangian.algebra.signs import is_zero
from lagrangian.checking import holds
from lagrangian.conditions.convexity import convexity
from lagrangian.duality.dual_bound import DualBound, dual_bound, inner_problem
from lagrangian.duality.dual_function import DualFunction
from lagrangian.duality.dual_mixture import Mixture, mixture
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.proof.certificate import Certificate
from lagrangian.proof.convexity import ConvexityCertificate
from lagrangian.proof.duality import DualityCertificate
from lagrangian.solution import Solution
from lagrangian.status import Status

STATIONARITY_S = 5.0


def duality_certificate(
    solution: Solution,
    function: DualFunction,
    values: tuple[Expr, Expr],
    multipliers: dict[Symbol, Expr],
    time_limit_s: float,
) -> DualityCertificate | None:
    """A certificate that p* and d* are these ``values``, or None where the inner problem is not solved to d*.

    The infimum of the Lagrangian at the multipliers is derived again, by convexity where the optimum is a stationary point of it
    or else by solving the inner problem, not by formulas of the dual function. Where the values are different, points that
    satisfy the constraints on average show that d* is no better.
    """
    primal, dual = values
    exact, point = multipliers_of_terms(function, multipliers), _primal_point(solution, function)
    is_gap = not _are_equal(primal, dual)
    if solution.certificate is None:
        return None
    inner = None if point is None or is_gap else _by_stationarity(function, exact, point)
    average: Mixture = ()
    if inner is None:
        bound = dual_bound(function, exact, time_limit_s=time_limit_s)
        inner = _solved(bound, dual)
        average = mixture(function, bound.solution, time_limit_s) if is_gap and inner and bound.solution else ()
    if inner is None:
        return None
    sign, canonical = function.lagrangian.restoration.objective_sign, function.lagrangian.canonical
    return DualityCertificate(
        canonical,
        point,
        solution.certificate if point is None or is_gap else None,
        sign * primal,
        tuple(_multiplier(function, exact, g.stated, 1) for g in canonical.inequalities),
        tuple(_multiplier(function, exact, h.stated, -sign) for h in canonical.equalities),
        *inner,
        sign * dual,
        average,
    )


def _primal_point(solution: Solution, function: DualFunction) -> dict[Symbol, Expr] | None:
    """An optimum in the variables of the canonical form."""
    if solution.status is not Status.OPTIMAL or not solution.points:
        return None
    lagrangian = function.lagrangian
    named = dict(zip(lagrangian.problem.over, lagrangian.restoration.variables, strict=True))
    return {named[v]: value for v, value in solution.points[0].items()}


def _by_stationarity(
    function: DualFunction, multipliers: dict[Symbol, Expr], point: dict[Symbol, Expr]
) -> tuple[CanonicalProblem, Certificate] | None:
    """The inner problem is convex, and the optimum is a stationary point of it: the shortest proof, where it is one."""
    stated = inner_problem(function, multipliers)
    if stated is None or any(not value.is_real for value in point.values()):
        return None
    problem = canonicalize(stated)[0]
    proof = convexity(problem)
    if proof.truth is not True:
        return None
    zeros = tuple(Integer(0) for _ in problem.inequalities)
    certificate = ConvexityCertificate(problem, proof, point, zeros, tuple(Integer(0) for _ in problem.equalities))
    return (problem, certificate) if holds(certificate, time.monotonic() + STATIONARITY_S) else None


def _solved(bound: DualBound, dual: Expr) -> tuple[CanonicalProblem, Certificate] | None:
    """The inner problem with the certificate of its answer, if that is d*."""
    inner = bound.solution
    if bound.value is None or inner is None or inner.certificate is None or bound.value.is_infinite:
        return None
    return (canonicalize(inner.problem)[0], inner.certificate) if _are_equal(bound.value, dual) else None


def multipliers_of_terms(function: DualFunction, multipliers: dict[Symbol, Expr]) -> dict[Symbol, Expr]:
    """The multipliers without those of new variables."""
    return {term.multiplier: sympy.sympify(multipliers[term.multiplier], strict=True) for term in function.terms}


def _are_equal(left: Expr, right: Expr) -> bool:
    return left == right or is_zero(left - right) is True


def _multiplier(function: DualFunction, multipliers: dict[Symbol, Expr], stated: object, sign: int) -> Expr | None:
    """The multiplier of a constraint in canonical signs; None for one that is kept."""
    for term in function.terms:
        if term.stated == stated:
            return sign * multipliers[term.multiplier]
    return None
