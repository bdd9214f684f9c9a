"""The ways to prove that the least value among the candidates is the global one, from the cheapest to the dearest."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import sympy
from sympy import CRootOf

from lagrangian.algebra.closed_form import closed_form
from lagrangian.algebra.numbers import FieldElement
from lagrangian.candidates.attainment import NothingBetter, bounded_or_coercive, logarithmically_bounded, nothing_better
from lagrangian.candidates.emptiness import Emptiness
from lagrangian.candidates.enumeration import CandidateFamily, CandidatePoint, Candidates
from lagrangian.candidates.inward import inward_direction
from lagrangian.candidates.satisfiability import refuted_by_z3
from lagrangian.candidates.sum_of_squares import NoSquares, attained_bound, quadratic_growth
from lagrangian.conditions.convexity import Convexity, convexity
from lagrangian.conditions.multipliers import multipliers_at
from lagrangian.outcome import Family
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.lifting import Lifting, PolynomialProblem
from lagrangian.processes.calls import call_with_limit, share_of_time
from lagrangian.proof.certificate import Certificate
from lagrangian.proof.convexity import ConvexityCertificate
from lagrangian.proof.enumeration import EnumerationCertificate, NothingBetterCertificate
from lagrangian.proof.evidence import Attainment, GrowthBySquares, NothingBetterThan
from lagrangian.proof.limits import ClosureCertificate
from lagrangian.proof.satisfiability import Z3Certificate
from lagrangian.proof.sum_of_squares import SumOfSquaresCertificate
from lagrangian.prove_records import attainment_evidence, list_evidence

# the part of the time that is left that one attempt may take
SHARE = 0.5
BETTER_POINT = "nothing better: a better feasible point exists"


@dataclass
class Search:
    """The state of one run: what has been found so far."""

    canonical: CanonicalProblem
    lifting: Lifting
    stated: PolynomialProblem
    candidates: Candidates
    deadline: float
    families: list[Family] = field(default_factory=list)
    empty: list[tuple[CandidateFamily, Emptiness]] = field(default_factory=list)
    open_questions: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)

    @property
    def closed(self) -> PolynomialProblem:
        return self.candidates.problem

    @property
    def complete(self) -> bool:
        return not self.open_questions

    def late(self) -> bool:
        return time.monotonic() > self.deadline

    def until(self, share: float = SHARE) -> float:
        """When an attempt that begins now has to end."""
        return time.monotonic() + share_of_time(self.deadline, share)


@dataclass(frozen=True, eq=False)
class Best:
    """The least value of a feasible candidate, all candidates that have it, and those that satisfy strict inequalities."""

    value: FieldElement
    points: list[CandidatePoint]
    inside: list[CandidatePoint]


Attempt = Callable[[Search, Best], Certificate | None]


def by_convexity(search: Search, best: Best) -> Certificate | None:
    """A KKT point of a convex problem."""
    decided = convexity(search.canonical)
    if decided.truth is not True:
        search.tried.append(f"convexity: {decided.reason}")
        return None
    for candidate in best.inside:
        certificate = _kkt_certificate(search, decided, candidate)
        if certificate is not None:
            return certificate
    search.tried.append("convexity: no best candidate has multipliers in simple closed form")
    return None


def _kkt_certificate(search: Search, decided: Convexity, candidate: CandidatePoint) -> ConvexityCertificate | None:
    multipliers = multipliers_at(search.closed, candidate.point, candidate.active_set)
    if multipliers is None:
        return None
    coordinates = search.lifting.original(candidate.point.coordinates)
    count = len(search.canonical.inequalities)
    zero = sympy.Integer(0)
    mu = [closed_form(multipliers.inequalities[i]) if i in multipliers.inequalities else zero for i in range(count)]
    lam = [closed_form(value) for value in multipliers.equalities[: len(search.canonical.equalities)]]
    point = [closed_form(value) for value in coordinates]
    if any(value.has(CRootOf) for value in (*mu, *lam, *point)):
        return None
    names = dict(zip(search.canonical.variables, point, strict=True))
    return ConvexityCertificate(search.canonical, decided, names, tuple(mu), tuple(lam))


def by_enumeration(search: Search, best: Best) -> Certificate | None:
    """A complete list of candidates, and the proof that a minimum exists."""
    if not search.complete:
        search.tried.append("enumeration: the list of candidates is not complete")
        return None
    reason = _attainment(search)
    return None if reason is None else _listed(search, best, reason)


def by_nothing_better(search: Search, best: Best) -> Certificate | None:
    """The set of better feasible points is empty: with a complete list for the existence of a minimum, else by itself."""
    found = nothing_better(search.closed, best.value, search.until())
    if isinstance(found, CandidatePoint):
        search.tried.append(BETTER_POINT)
        return None
    if not isinstance(found, NothingBetter):
        search.tried.append(f"nothing better: better points could not be excluded ({found.reason})")
        return None
    reason = attainment_evidence(found)
    if search.complete:
        return _listed(search, best, reason)
    assert isinstance(reason, NothingBetterThan)
    if not best.inside:
        search.tried.append("nothing better: the best points violate a strict inequality")
        return None
    return NothingBetterCertificate(search.stated, best.value, best.inside[0].point, reason)


def by_squares(search: Search, best: Best) -> Certificate | None:
    """F - v as a sum of squares."""
    points = [candidate.point for candidate in best.inside]
    if not points:
        search.tried.append("sum of squares: the best points violate a strict inequality")
        return None
    found = in_time(attained_bound, (search.stated, best.value, points, search.until()), search)
    if found is None or isinstance(found, NoSquares):
        search.tried.append(f"sum of squares: {found.reason if found else 'not found in the time given to it'}")
        return None
    return SumOfSquaresCertificate(search.stated, best.value, tuple(points), found.identity, found.power)


def by_z3(search: Search, best: Best) -> Certificate | None:
    """z3 on "feasible and better"."""
    if not best.inside:
        return None
    points = tuple(candidate.point for candidate in best.inside)
    certificate = Z3Certificate(search.stated, best.value, points)
    reason = refuted_by_z3(certificate.formula, search.until())
    if reason is not None:
        search.tried.append(f"z3: {reason}")
        return None
    return certificate


ATTEMPTS: tuple[Attempt, ...] = (by_convexity, by_enumeration, by_squares, by_nothing_better, by_z3)


def in_time(function: Callable[..., Any], arguments: tuple[Any, ...], search: Search) -> Any:
    """function(*arguments); None where it takes more than its share of the time that is left."""
    if search.deadline == float("inf"):
        return function(*arguments)
    return call_with_limit(function, arguments, share_of_time(search.deadline, SHARE))


def _attainment(search: Search) -> Attainment | None:
    cone = bounded_or_coercive(search.closed, search.until())
    if cone is not None:
        return attainment_evidence(cone)
    logarithmic = logarithmically_bounded(search.closed, search.until())
    if logarithmic is not None:
        return attainment_evidence(logarithmic)
    growth = in_time(quadratic_growth, (search.closed, (), search.until()), search)
    if growth is not None and not isinstance(growth, NoSquares):
        return GrowthBySquares(growth)
    search.tried.append("attainment: neither a bounded feasible set nor a coercive objective was shown")
    return None


def _listed(search: Search, best: Best, reason: Attainment) -> Certificate | None:
    evidence = list_evidence(search.candidates, search.empty)
    minimizers = tuple(candidate.point for candidate in best.points)
    certificate = EnumerationCertificate(search.closed, evidence, reason, best.value, minimizers, search.stated.strict)
    if best.inside:
        return certificate
    return _closure_certificate(search, replace(certificate, strict=frozenset()), best.points)


def _closure_certificate(
    search: Search, closed: EnumerationCertificate, best: list[CandidatePoint]
) -> ClosureCertificate | None:
    for candidate in best:
        direction = inward_direction(search.closed, candidate)
        if direction is not None:
            return ClosureCertificate(closed, search.stated.strict, candidate.point, direction)
    return None
