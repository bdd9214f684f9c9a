"""From a polynomial problem to a proved answer: candidates first, then the cheapest certificate that works."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cmp_to_key

import sympy
from flint import fmpq

from lagrangian.algebra.numbers import FieldElement, compare, same_point
from lagrangian.algebra.polynomials import to_fmpq, to_rational
from lagrangian.candidates.active_sets import support_count
from lagrangian.candidates.curves import FeasibleCurve, falling_curves
from lagrangian.candidates.emptiness import Emptiness, Unknown, examine_family, examine_set
from lagrangian.candidates.enumeration import CandidateFamily, CandidatePoint, Candidates, by_value, find_candidates
from lagrangian.candidates.satisfiability import refuted_by_z3
from lagrangian.candidates.sum_of_squares import NoSquares, emptiness_identity
from lagrangian.checking import holds
from lagrangian.conditions.multipliers import multipliers_at
from lagrangian.outcome import Family, Outcome
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.lifting import Lifting, PolynomialProblem
from lagrangian.proof.certificate import Certificate
from lagrangian.proof.enumeration import EnumerationCertificate, InfeasibilityCertificate, is_strict
from lagrangian.proof.limits import ClosureCertificate, InfimumCertificate, UnboundedCertificate
from lagrangian.proof.satisfiability import Z3Certificate
from lagrangian.proof.second_order import LocalCertificate
from lagrangian.proof.sum_of_squares import SquaresInfeasibility
from lagrangian.prove_attempts import ATTEMPTS, BETTER_POINT, Best, Search, in_time
from lagrangian.prove_local import local_solutions
from lagrangian.prove_quadratic import prove_quadratic
from lagrangian.prove_records import emptiness_evidence
from lagrangian.status import Status

# the part of the time for the list of candidates: what is left is for proofs that need no complete list
LISTING_SHARE = 0.55
# with more sets of active constraints a good point is looked for first, so that bounds can exclude most of them
MANY_SUPPORTS = 150
UPPER_BITS = 64
# how far from strict inequalities points are looked for
DISTANCES = (fmpq(1), fmpq(1, 16), fmpq(1, 1024))
# the parts of the time for infinite sets of critical points, with a complete list of them and without
FAMILIES_SHARE = 0.6
HASTY_SHARE = 0.1
NOT_LISTED = "other stationary points: those with worse values were not all listed"


def prove(
    canonical: CanonicalProblem,
    problem: PolynomialProblem,
    lifting: Lifting,
    deadline: float = float("inf"),
    on_best: Callable[[CandidatePoint], None] | None = None,
) -> Outcome:
    """The status of a polynomial problem with a certificate, or the best candidate and what is missing.

    ``on_best`` is called with the best candidate, a feasible point, before proofs are looked for.
    """
    quadratic = prove_quadratic(canonical, problem, lifting, deadline)
    if quadratic is not None:
        return quadratic
    closed = replace(problem, strict=frozenset())
    early = local_solutions(canonical, closed, lifting, deadline) if support_count(problem) > MANY_SUPPORTS else None
    until = time.monotonic() + LISTING_SHARE * (deadline - time.monotonic())
    candidates = find_candidates(closed, until, _upper(early))
    if candidates.open_questions:
        early = early if early is not None else local_solutions(canonical, closed, lifting, deadline)
        candidates = _joined(candidates, early)
    search = Search(canonical, lifting, problem, candidates, deadline, open_questions=list(candidates.open_questions))
    value = _least_value(search)
    if value is None:
        return _without_candidate(search)
    minimizers = [p for p in search.candidates.points if compare(p.value, value) == 0]
    search.families = [_with_strict_sample(search, f) for f in search.families]
    best = [*minimizers, *(f.sample for f in search.families if compare(f.family.value, value) == 0)]
    inside = [candidate for candidate in best if is_strict(search.closed, candidate.point, problem.strict)]
    if on_best is not None and best and not problem.strict:
        on_best(best[0])
    return _with_candidate(search, Best(value, best, inside))


def _upper(known: Sequence[CandidatePoint] | None) -> fmpq | None:
    """A fraction that is not below the least value of some feasible points."""
    values = [candidate.value.enclosure(UPPER_BITS).upper().fmpq() for candidate in known or ()]
    return min(values, default=None)


def _joined(candidates: Candidates, more: Sequence[CandidatePoint]) -> Candidates:
    """The candidates with others that are not among them."""
    points = list(candidates.points)
    for candidate in more:
        if not any(same_point(candidate.point, other.point) for other in points):
            points.append(candidate)
    return replace(candidates, points=tuple(sorted(points, key=cmp_to_key(by_value))))


def _least_value(search: Search) -> FieldElement | None:
    """The least value of a feasible candidate; families that could be lower are examined, those at the least value sampled."""
    points = search.candidates.points
    least = points[0].value if points else None
    # families count for little where the list is not complete anyway: other proofs need the time
    until = search.until(FAMILIES_SHARE if search.complete else HASTY_SHARE)
    for family in sorted(search.candidates.families, key=_approximate_value):
        if least is not None and compare(family.value, least) > 0:
            continue
        if time.monotonic() > until:
            search.open_questions.append("the time for infinite sets of critical points came to its end")
            break
        found = examine_family(search.closed, family, until)
        if isinstance(found, CandidatePoint):
            search.families.append(Family(family, found))
            if least is None or compare(family.value, least) < 0:
                least = family.value
        elif isinstance(found, Emptiness):
            search.empty.append((family, found))
        else:
            reason = f"an infinite set of critical points may hold feasible ones: {found.reason}"
            search.open_questions += [reason] if reason not in search.open_questions else []
    return least


def _with_strict_sample(search: Search, family: Family) -> Family:
    """The family with a sample at which the strict inequalities hold, where one keeps some distance from them."""
    closed, strict = search.closed, search.stated.strict
    if is_strict(closed, family.sample.point, strict):
        return family
    for distance in DISTANCES:
        tighter = tuple(g + distance if i in strict else g for i, g in enumerate(closed.inequalities))
        found = examine_family(replace(closed, inequalities=tighter), family.family, search.until(FAMILIES_SHARE))
        if isinstance(found, CandidatePoint):
            active = frozenset(i for i, g in enumerate(closed.inequalities) if found.point.sign(g) == 0)
            return Family(family.family, replace(found, active_set=active))
    return family


def _approximate_value(family: CandidateFamily) -> float:
    return float(family.value.enclosure(64).mid())


def _with_candidate(search: Search, best: Best) -> Outcome:
    for attempt in ATTEMPTS:
        if search.late():
            search.open_questions.append("the time limit came before a proof was found")
            break
        certificate = attempt(search, best)
        if certificate is not None and holds(certificate, search.deadline):
            return _proved(search, certificate, best)
        if certificate is not None:
            search.tried.append(f"{certificate.kind}: the certificate could not be verified")
    if not best.inside:
        return _without_strict_candidate(search, best.value)
    if search.complete and BETTER_POINT in search.tried:
        return _without_minimum(search, best.points)
    local = _local_certificate(search, best.inside[0])
    return Outcome(
        Status.UNDECIDED if local is None else Status.LOCAL,
        search.candidates,
        best.value,
        tuple(best.inside),
        tuple(search.families),
        local,
        missing=tuple(search.open_questions)
        or ("no proof that the least value among the candidates is the global one",),
        tried=tuple(search.tried),
    )


def _local_certificate(search: Search, candidate: CandidatePoint) -> LocalCertificate | None:
    multipliers = multipliers_at(search.closed, candidate.point, candidate.active_set)
    if multipliers is None:
        return None
    certificate = LocalCertificate(search.stated, candidate.point, multipliers.inequalities, multipliers.equalities)
    return certificate if holds(certificate, search.deadline) else None


def _proved(search: Search, certificate: Certificate, best: Best) -> Outcome:
    status = Status.NOT_ATTAINED if isinstance(certificate, ClosureCertificate) else Status.OPTIMAL
    value = best.value
    shown = best.inside or best.points
    points = {id(candidate): candidate for candidate in shown if candidate in search.candidates.points}
    equal = [f for f in search.families if compare(f.family.value, value) == 0]
    families = [f for f in equal if is_strict(search.closed, f.sample.point, search.stated.strict)]
    candidates = search.candidates
    if isinstance(certificate, EnumerationCertificate):
        candidates = replace(candidates, unproved=0)  # its check went through every system
    return Outcome(
        status,
        candidates,
        value,
        tuple(points.values()) if status is Status.OPTIMAL else (),
        tuple(families) if status is Status.OPTIMAL else (),
        certificate,
        missing=(*search.open_questions, *([NOT_LISTED] if candidates.upper is not None else [])),
        tried=tuple(search.tried),
    )


def _without_candidate(search: Search) -> Outcome:
    """No feasible candidate: the set is empty, or the objective has no minimum on it."""
    if not search.late():
        found = examine_set(search.closed, search.until())
        if isinstance(found, Emptiness):
            return _infeasible(search, InfeasibilityCertificate(search.stated, emptiness_evidence(found)))
        if isinstance(found, CandidatePoint) and search.complete:
            return _without_minimum(search, [found])
        if isinstance(found, Unknown):
            search.open_questions.append(f"feasibility: {found.reason}")
            certificate = _refutation(search)
            if certificate is not None:
                return _infeasible(search, certificate)
    return Outcome(
        Status.UNDECIDED,
        search.candidates,
        missing=tuple(search.open_questions) or ("no feasible candidate was found",),
        tried=tuple(search.tried),
    )


def _refutation(search: Search) -> Certificate | None:
    """Infeasibility without a list: -1 as a sum of squares, or z3."""
    identity = in_time(emptiness_identity, (search.stated, search.until()), search)
    if identity is not None and not isinstance(identity, NoSquares):
        return SquaresInfeasibility(search.stated, identity)
    certificate = Z3Certificate(search.stated)
    reason = refuted_by_z3(certificate.formula, search.until())
    search.tried.append(f"sum of squares: {identity.reason if identity else 'not found in the time given to it'}")
    search.tried += [] if reason is None else [f"z3: {reason}"]
    return certificate if reason is None else None


def _infeasible(search: Search, certificate: Certificate) -> Outcome:
    if holds(certificate, search.deadline):
        return Outcome(Status.INFEASIBLE, search.candidates, certificate=certificate, tried=tuple(search.tried))
    return Outcome(
        Status.UNDECIDED,
        search.candidates,
        missing=("the proof of infeasibility could not be verified",),
        tried=tuple(search.tried),
    )


def _without_strict_candidate(search: Search, value: FieldElement) -> Outcome:
    """Every best candidate of the closure violates a strict inequality, and no approach from inside was found."""
    return Outcome(
        Status.UNDECIDED,
        search.candidates,
        missing=(
            *search.open_questions,
            "the best points of the closure violate a strict inequality, and no approach was found",
        ),
        tried=tuple(search.tried),
    )


def _without_minimum(search: Search, feasible: list[CandidatePoint]) -> Outcome:
    """Feasible, with a complete list that holds no minimizer: unbounded, or an infimum that is not attained."""
    bases = [[c.rational() for c in search.lifting.original(p.point.coordinates)] for p in feasible[:3]]
    rational = [[to_rational(value) for value in base] for base in bases if all(value is not None for value in base)]
    curves = falling_curves(search.canonical, rational, float("inf"))
    for curve in curves[:4]:
        certificate = _limit_certificate(search, curve)
        if certificate is not None and holds(certificate, search.deadline):
            unbounded = isinstance(certificate, UnboundedCertificate)
            return Outcome(
                Status.UNBOUNDED if unbounded else Status.NOT_ATTAINED,
                search.candidates,
                None if unbounded else curve.limit,
                certificate=certificate,
                tried=tuple(search.tried),
            )
    return Outcome(
        Status.UNDECIDED,
        search.candidates,
        missing=("feasible, and no candidate is a global optimum: unbounded, or an infimum that is not attained",),
        tried=tuple(search.tried),
    )


def _limit_certificate(search: Search, curve: FeasibleCurve) -> Certificate | None:
    if curve.limit is sympy.S.NegativeInfinity:
        return UnboundedCertificate(search.canonical, curve.parameter, curve.coordinates, curve.start)
    if not isinstance(curve.limit, sympy.Rational):
        return None
    reached = search.closed.objective - to_fmpq(curve.limit)
    sublevel = replace(search.closed, inequalities=(*search.closed.inequalities, reached))
    found = examine_set(sublevel, search.deadline)
    if not isinstance(found, Emptiness):
        return None
    return InfimumCertificate(
        search.canonical,
        curve.parameter,
        curve.coordinates,
        curve.start,
        curve.limit,
        search.closed,
        emptiness_evidence(found),
    )
