"""From a polynomial problem to a proved answer: candidates first, then the cheapest certificate that works."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import sympy
from sympy import CRootOf

from lagrangian.algebra.closed_form import closed_form
from lagrangian.algebra.matrices import null_space
from lagrangian.algebra.numbers import FieldElement, compare
from lagrangian.algebra.polynomials import gradient, to_fmpq, to_rational
from lagrangian.candidates.attainment import (
    ConeAtInfinity,
    LogarithmicCone,
    NothingBetter,
    bounded_or_coercive,
    logarithmically_bounded,
    nothing_better,
)
from lagrangian.candidates.curves import FeasibleCurve, falling_curves
from lagrangian.candidates.emptiness import Emptiness, Unknown, examine_family, examine_set
from lagrangian.candidates.enumeration import CandidateFamily, CandidatePoint, Candidates, find_candidates
from lagrangian.checking import holds
from lagrangian.conditions.convexity import Convexity, convexity
from lagrangian.conditions.multipliers import multipliers_at
from lagrangian.outcome import Family, Outcome
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.lifting import Lifting, PolynomialProblem
from lagrangian.proof.certificate import Certificate
from lagrangian.proof.convexity import ConvexityCertificate
from lagrangian.proof.enumeration import (
    EnumerationCertificate,
    InfeasibilityCertificate,
    NothingBetterCertificate,
    is_strict,
)
from lagrangian.proof.evidence import (
    Attainment,
    BoundedMonomials,
    EmptyFamily,
    ListEvidence,
    NoDirectionToInfinity,
    NothingBetterThan,
    SupportEvidence,
)
from lagrangian.proof.limits import ClosureCertificate, InfimumCertificate, UnboundedCertificate
from lagrangian.proof.second_order import LocalCertificate
from lagrangian.prove_quadratic import prove_quadratic
from lagrangian.status import Status


@dataclass
class _Search:
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
    candidates = find_candidates(replace(problem, strict=frozenset()), deadline)
    search = _Search(canonical, lifting, problem, candidates, deadline, open_questions=list(candidates.open_questions))
    value = _least_value(search)
    if value is None:
        return _without_candidate(search)
    minimizers = [p for p in candidates.points if compare(p.value, value) == 0]
    best = [*minimizers, *(f.sample for f in search.families if compare(f.family.value, value) == 0)]
    if on_best is not None and best and not problem.strict:
        on_best(best[0])
    return _with_candidate(search, value, best)


def _least_value(search: _Search) -> FieldElement | None:
    """The least value of a feasible candidate; families that could be lower are examined, those at the least value sampled."""
    points = search.candidates.points
    least = points[0].value if points else None
    for family in sorted(search.candidates.families, key=_approximate_value):
        if least is not None and compare(family.value, least) > 0:
            continue
        found = examine_family(search.closed, family, search.deadline)
        if isinstance(found, CandidatePoint):
            search.families.append(Family(family, found))
            if least is None or compare(family.value, least) < 0:
                least = family.value
        elif isinstance(found, Emptiness):
            search.empty.append((family, found))
        else:
            search.open_questions.append(f"an infinite set of critical points may hold feasible ones: {found.reason}")
    return least


def _approximate_value(family: CandidateFamily) -> float:
    return float(family.value.enclosure(64).mid())


def _with_candidate(search: _Search, value: FieldElement, best: list[CandidatePoint]) -> Outcome:
    strict = search.stated.strict
    inside = [candidate for candidate in best if is_strict(search.closed, candidate.point, strict)]
    for attempt in (_by_convexity, _by_enumeration, _by_nothing_better):
        if search.late():
            search.open_questions.append("the time limit came before a proof was found")
            break
        if not inside and attempt is not _by_enumeration:
            continue
        certificate = attempt(search, value, inside, best)
        if certificate is not None and holds(certificate, search.deadline):
            return _proved(search, certificate, value, inside or best)
    if not inside:
        return _without_strict_candidate(search, value)
    if "a better feasible point exists" in search.tried:
        return _without_minimum(search, best)
    local = _local_certificate(search, inside[0])
    return Outcome(
        Status.UNDECIDED if local is None else Status.LOCAL,
        search.candidates,
        value,
        tuple(inside),
        tuple(search.families),
        local,
        missing=tuple(search.open_questions)
        or ("no proof that the least value among the candidates is the global one",),
        tried=tuple(search.tried),
    )


def _local_certificate(search: _Search, candidate: CandidatePoint) -> LocalCertificate | None:
    multipliers = multipliers_at(search.closed, candidate.point, candidate.active_set)
    if multipliers is None:
        return None
    certificate = LocalCertificate(search.stated, candidate.point, multipliers.inequalities, multipliers.equalities)
    return certificate if holds(certificate, search.deadline) else None


def _proved(search: _Search, certificate: Certificate, value: FieldElement, best: Iterable[CandidatePoint]) -> Outcome:
    status = Status.NOT_ATTAINED if isinstance(certificate, ClosureCertificate) else Status.OPTIMAL
    points = {id(candidate): candidate for candidate in best if candidate in search.candidates.points}
    families = [f for f in search.families if compare(f.family.value, value) == 0]
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
        missing=tuple(search.open_questions),
        tried=tuple(search.tried),
    )


def _by_convexity(
    search: _Search, value: FieldElement, inside: list[CandidatePoint], best: list[CandidatePoint]
) -> Certificate | None:
    decided = convexity(search.canonical)
    if decided.truth is not True:
        search.tried.append(f"convexity: {decided.reason}")
        return None
    for candidate in inside:
        certificate = _kkt_certificate(search, decided, candidate)
        if certificate is not None:
            return certificate
    search.tried.append("convexity: no best candidate has multipliers in simple closed form")
    return None


def _kkt_certificate(search: _Search, decided: Convexity, candidate: CandidatePoint) -> ConvexityCertificate | None:
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


def _by_enumeration(
    search: _Search, value: FieldElement, inside: list[CandidatePoint], best: list[CandidatePoint]
) -> Certificate | None:
    if not search.complete:
        search.tried.append("enumeration: the list of candidates is not complete")
        return None
    attainment = _attainment(search, value)
    if attainment is None:
        return None
    evidence = list_evidence(search.candidates, search.empty)
    minimizers = tuple(candidate.point for candidate in best)
    certificate = EnumerationCertificate(search.closed, evidence, attainment, value, minimizers, search.stated.strict)
    if inside:
        return certificate
    return _closure_certificate(search, replace(certificate, strict=frozenset()), best)


def _attainment(search: _Search, value: FieldElement) -> Attainment | None:
    cone = bounded_or_coercive(search.closed, search.deadline)
    if cone is not None:
        return attainment_evidence(cone)
    logarithmic = logarithmically_bounded(search.closed, search.deadline)
    if logarithmic is not None:
        return attainment_evidence(logarithmic)
    search.tried.append("attainment: neither a bounded feasible set nor a coercive objective was shown")
    if search.late():
        return None
    found = nothing_better(search.closed, value, search.deadline)
    if isinstance(found, NothingBetter):
        return attainment_evidence(found)
    if isinstance(found, CandidatePoint):
        search.tried.append("a better feasible point exists")
    else:
        search.tried.append(f"attainment: better points could not be excluded ({found.reason})")
    return None


def _by_nothing_better(
    search: _Search, value: FieldElement, inside: list[CandidatePoint], best: list[CandidatePoint]
) -> Certificate | None:
    """For an incomplete list: no feasible point at all may be better than the best candidate."""
    if search.complete:
        return None
    found = nothing_better(search.closed, value, search.deadline)
    if not isinstance(found, NothingBetter):
        return None
    reason = attainment_evidence(found)
    assert isinstance(reason, NothingBetterThan)
    return NothingBetterCertificate(search.stated, value, inside[0].point, reason)


def _closure_certificate(
    search: _Search, closed: EnumerationCertificate, best: list[CandidatePoint]
) -> ClosureCertificate | None:
    for candidate in best:
        direction = _inward_direction(search.closed, candidate)
        if direction is not None:
            return ClosureCertificate(closed, search.stated.strict, candidate.point, direction)
    return None


def _inward_direction(problem: PolynomialProblem, candidate: CandidatePoint) -> tuple[FieldElement, ...] | None:
    """d with grad h.d = 0 and grad g.d < 0 for all active g: a combination of the projected gradients, tried term by term."""
    point, count = candidate.point, problem.dimension
    one = point.value(problem.ring.constant(1))
    tangent = null_space([[point.value(part) for part in gradient(h, count)] for h in problem.equalities], one, count)
    rows = [[point.value(part) for part in gradient(problem.inequalities[i], count)] for i in candidate.active_set]
    slopes = [[_dot(row, vector) for vector in tangent] for row in rows]
    weights = _strictly_feasible_weights(slopes, one)
    if weights is None or not tangent:
        return None
    direction = [one - one] * count
    for weight, vector in zip(weights, tangent, strict=True):
        direction = [total + weight * part for total, part in zip(direction, vector, strict=True)]
    return tuple(direction)


def _strictly_feasible_weights(slopes: list[list[FieldElement]], one: FieldElement) -> list[FieldElement] | None:
    """w with sum(slopes_ij w_j) < 0 for every i, by the perceptron's steps (Rosenblatt 1958), each of them exact."""
    if not slopes:
        return None
    weights = [one - one] * len(slopes[0])
    for _ in range(200):
        wrong = next((row for row in slopes if _dot(row, weights).sign() >= 0), None)
        if wrong is None:
            return weights
        weights = [weight - step for weight, step in zip(weights, wrong, strict=True)]
    return None


def _dot(left: list[FieldElement], right: list[FieldElement]) -> FieldElement:
    total = left[0] * right[0]
    for a, b in zip(left[1:], right[1:], strict=True):
        total = total + a * b
    return total


def _without_candidate(search: _Search) -> Outcome:
    """No feasible candidate: the set is empty, or the objective has no minimum on it."""
    if not search.late():
        found = examine_set(search.closed, search.deadline)
        if isinstance(found, Emptiness):
            return _infeasible(search, search.stated, found)
        if isinstance(found, CandidatePoint) and search.complete:
            return _without_minimum(search, [found])
        if isinstance(found, Unknown):
            search.open_questions.append(f"feasibility: {found.reason}")
    return Outcome(
        Status.UNDECIDED,
        search.candidates,
        missing=tuple(search.open_questions) or ("no feasible candidate was found",),
        tried=tuple(search.tried),
    )


def _infeasible(search: _Search, problem: PolynomialProblem, found: Emptiness) -> Outcome:
    certificate = InfeasibilityCertificate(problem, emptiness_evidence(found))
    if holds(certificate, search.deadline):
        return Outcome(Status.INFEASIBLE, search.candidates, certificate=certificate)
    return Outcome(Status.UNDECIDED, search.candidates, missing=("the proof of infeasibility could not be verified",))


def _without_strict_candidate(search: _Search, value: FieldElement) -> Outcome:
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


def _without_minimum(search: _Search, feasible: list[CandidatePoint]) -> Outcome:
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
            )
    return Outcome(
        Status.UNDECIDED,
        search.candidates,
        missing=("feasible, and no candidate is a global optimum: unbounded, or an infimum that is not attained",),
        tried=tuple(search.tried),
    )


def _limit_certificate(search: _Search, curve: FeasibleCurve) -> Certificate | None:
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


def list_evidence(candidates: Candidates, empty: Iterable[tuple[CandidateFamily, Emptiness]] = ()) -> ListEvidence:
    """A complete list as the plain records that a certificate stores."""
    supports = tuple(
        SupportEvidence(record.system.affine, record.system.curved, record.system.space.free, record.zeros)
        for record in candidates.records
    )
    families = tuple(EmptyFamily(family.value, emptiness_evidence(proof)) for family, proof in empty)
    return ListEvidence(candidates.problem, supports, families)


def emptiness_evidence(emptiness: Emptiness) -> ListEvidence:
    pairs = zip(emptiness.candidates.families, emptiness.families, strict=True)
    return list_evidence(emptiness.candidates, pairs)


def attainment_evidence(found: ConeAtInfinity | LogarithmicCone | NothingBetter) -> Attainment:
    proof = emptiness_evidence(found.emptiness)
    if isinstance(found, ConeAtInfinity):
        return NoDirectionToInfinity(found.weights, found.with_objective, proof)
    if isinstance(found, LogarithmicCone):
        return BoundedMonomials(found.rows, proof)
    return NothingBetterThan(found.value, proof)
