"""What integrality alone decides: no solution by divisors or residues, and no optimum along curves through integer points."""

import time
from dataclasses import replace

import sympy
from sympy import Rational, Symbol

from lagrangian.algebra.polynomials import to_fmpq, to_rational
from lagrangian.candidates.curves import FeasibleCurve
from lagrangian.candidates.diophantine import contradicting_multipliers
from lagrangian.candidates.integer_curves import integer_curves
from lagrangian.checking import holds
from lagrangian.conditions.integral_forms import has_zero_modulo, integral_equalities, point_satisfies
from lagrangian.problem.canonical import CanonicalProblem, Equality
from lagrangian.proof.certificate import Certificate, Claim
from lagrangian.proof.integrality import (
    DivisibilityCertificate,
    IntegerCurveCertificate,
    RelaxationCertificate,
    ResidueCertificate,
)
from lagrangian.proof.lifted import integer_places, lifted_without_integers
from lagrangian.proof.limits import InfimumCertificate, UnboundedCertificate
from lagrangian.prove_spatial import feasible_somewhere
from lagrangian.solution import Solution

MODULI = (2, 3, 4, 5, 7, 8, 9, 11, 13, 16, 17, 19, 25, 27, 32)
MOST_RESIDUES = 20_000
# the part of the time for a feasible point
POINT_SHARE = 0.4
MOST_CURVES = 6


def prove_without_solution(problem: CanonicalProblem) -> Certificate | None:
    """That equations between integers have no solution, by a combination of them or modulo a small number."""
    return _by_divisors(problem) or _by_residues(problem)


def _by_divisors(problem: CanonicalProblem) -> DivisibilityCertificate | None:
    known = integral_equalities(problem)
    if not known:
        return None
    monomials = sorted({exponents for terms, _ in known.values() for exponents in terms})
    rows = [[to_fmpq(terms.get(m, Rational(0))) for m in monomials] for terms, _ in known.values()]
    found = contradicting_multipliers(rows, [to_fmpq(-constant) for _, constant in known.values()])
    if found is None:
        return None
    multipliers = tuple((number, to_rational(value)) for number, value in zip(known, found, strict=True) if value != 0)
    certificate = DivisibilityCertificate(problem, multipliers)
    return certificate if certificate.verified is True else None


def _by_residues(problem: CanonicalProblem) -> ResidueCertificate | None:
    known = list(integral_equalities(problem))
    systems = [(number,) for number in known] + ([tuple(known)] if len(known) > 1 else [])
    for numbers in systems:
        chosen: list[Equality] = [problem.equalities[number] for number in numbers]
        for modulus in MODULI:
            if has_zero_modulo(problem, chosen, modulus, MOST_RESIDUES) is False:
                certificate = ResidueCertificate(problem, numbers, modulus)
                return certificate if certificate.verified is True else None
    return None


def prove_over_the_reals(
    problem: CanonicalProblem, relaxed: CanonicalProblem, answer: Solution, deadline: float
) -> Certificate | None:
    """That nothing is feasible over the reals, or that there is no optimum, from what is known of the problem over the reals.

    Args:
        problem: with integer variables.
        relaxed: the same without integrality.
        answer: what the exact methods say of it.
        deadline: in the seconds of time.monotonic().
    """
    inner = answer.certificate
    if inner is not None and inner.claim is Claim.INFEASIBLE:
        certificate = RelaxationCertificate(problem, inner)
        return certificate if holds(certificate, deadline) else None
    known = [inner.coordinates] if isinstance(inner, UnboundedCertificate | InfimumCertificate) else []
    if inner is not None and inner.claim not in (Claim.UNBOUNDED, Claim.NOT_ATTAINED):
        return None
    bases = [base for base in _integer_points(problem, deadline) if point_satisfies(problem, base)]
    curves = integer_curves(relaxed, problem.integers, known, bases)
    for _, curve in zip(range(MOST_CURVES), curves, strict=False):
        found = _curve_certificate(problem, relaxed, curve, inner)
        if found is not None and holds(found, deadline):
            return found
    return None


def _curve_certificate(
    problem: CanonicalProblem, relaxed: CanonicalProblem, curve: FeasibleCurve, inner: Certificate | None
) -> IntegerCurveCertificate | None:
    if curve.limit is sympy.S.NegativeInfinity:
        unbounded = UnboundedCertificate(relaxed, curve.parameter, curve.coordinates, curve.start)
        return IntegerCurveCertificate(problem, unbounded)
    if isinstance(inner, InfimumCertificate) and curve.limit == inner.infimum:
        moved = replace(inner, parameter=curve.parameter, coordinates=curve.coordinates, start=curve.start)
        return IntegerCurveCertificate(problem, moved)
    return None


def _integer_points(problem: CanonicalProblem, deadline: float) -> list[dict[Symbol, Rational]]:
    """The origin, and a feasible point with integers in their places."""
    found = [dict.fromkeys(problem.variables, Rational(0))]
    lifted, places = lifted_without_integers(problem), integer_places(problem)
    if lifted is None or lifted.strict:
        return found

    point = feasible_somewhere(lifted, places, _share(deadline))
    if point is not None and point.is_point:
        values = point.center[: len(problem.variables)]
        found.append({v: to_rational(x) for v, x in zip(problem.variables, values, strict=True)})
    return found


def _share(deadline: float) -> float:
    now = time.monotonic()
    return now + POINT_SHARE * (deadline - now)
