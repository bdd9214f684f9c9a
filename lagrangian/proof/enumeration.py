"""Certificates that rest on a complete list of Fritz John points."""

from dataclasses import dataclass

from lagrangian.algebra.numbers import AlgebraicPoint, FieldElement, compare, same_point
from lagrangian.logic import Truth
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.proof.attainment import minimum_exists, nothing_is_better
from lagrangian.proof.attainment_words import why_attained
from lagrangian.proof.certificate import Certificate, Claim
from lagrangian.proof.completeness import list_is_complete, set_is_empty
from lagrangian.proof.evidence import (
    Attainment,
    ListEvidence,
    NothingBetterThan,
)

# the precision of the value's upper bound, above which no system has to be solved
BITS = 64


@dataclass(frozen=True, eq=False)
class EnumerationCertificate(Certificate):
    """Every minimizer is among the Fritz John points, the list is complete, a minimum exists: the least value is global.

    ``minimizers`` are all isolated points with the least value on the list; families with that value may add more.
    The list is that of the closed problem; ``strict`` names the inequalities that some minimizer must satisfy strictly.
    Karl Weierstrass for the existence; Fritz John (1948) for the list.
    """

    problem: PolynomialProblem
    evidence: ListEvidence
    attainment: Attainment
    value: FieldElement
    minimizers: tuple[AlgebraicPoint, ...]
    strict: frozenset[int] = frozenset()

    kind = "enumeration"
    claim = Claim.GLOBAL_OPTIMUM

    def verify(self) -> Truth:
        if self.evidence.problem is not self.problem or not self.minimizers:
            return False
        attained = all(
            compare(point.value(self.problem.objective), self.value) == 0 and is_feasible(self.problem, point)
            for point in self.minimizers
        )
        if not attained or not any(is_strict(self.problem, point, self.strict) for point in self.minimizers):
            return False
        if isinstance(self.attainment, NothingBetterThan):
            exists = compare(self.attainment.value, self.value) == 0 and nothing_is_better(
                self.problem, self.attainment
            )
        else:
            exists = minimum_exists(self.problem, self.attainment)
        upper = self.value.enclosure(BITS).upper().fmpq()
        return exists and list_is_complete(self.evidence, self._is_no_new_minimizer, self._is_not_below, upper)

    def _is_not_below(self, value: FieldElement) -> bool:
        return compare(value, self.value) >= 0

    def _is_no_new_minimizer(self, point: AlgebraicPoint) -> bool:
        order = compare(point.value(self.problem.objective), self.value)
        return order > 0 or (order == 0 and any(same_point(point, known) for known in self.minimizers))

    def explanation(self) -> tuple[str, ...]:
        return (
            *why_attained(self.attainment, has_strict=bool(self.strict or self.problem.strict)),
            "Where it is attained the gradients of the objective, of the active constraints and of the equations are dependent, "
            "whatever constraint qualification holds (Fritz John): one polynomial system for each set of active constraints.",
            systems_solved(self.evidence),
            "So the best candidate is the global optimum.",
        )


def systems_solved(evidence: ListEvidence) -> str:
    count = len(evidence.supports)
    if count == 0:
        return "Bounds carried through the constraints exclude every set of active constraints."
    every = count + sum(len(support.images) for support in evidence.supports)
    if every > count:
        return (
            f"Symmetries leave {count} of the {every} systems of active constraints that bounds do not exclude to be solved; "
            "this was done exactly: nothing better is left."
        )
    if count == 1:
        return "The one system of active constraints was solved exactly: the list of candidates is complete."
    return f"All {count} systems of active constraints that bounds do not exclude were solved exactly: nothing better is left."


def is_feasible(problem: PolynomialProblem, point: AlgebraicPoint) -> bool:
    """Whether a point satisfies all constraints, strict inequalities taken as closed: exactly."""
    return all(point.sign(h) == 0 for h in problem.equalities) and all(point.sign(g) <= 0 for g in problem.inequalities)


def is_strict(problem: PolynomialProblem, point: AlgebraicPoint, strict: frozenset[int]) -> bool:
    """Whether a point satisfies the inequalities with these indices strictly."""
    return all(point.sign(problem.inequalities[i]) < 0 for i in strict)


@dataclass(frozen=True, eq=False)
class InfeasibilityCertificate(Certificate):
    """A closed set that is not empty has a point nearest to any given one; the complete list of candidates for it is empty."""

    problem: PolynomialProblem
    evidence: ListEvidence

    kind = "enumeration"
    claim = Claim.INFEASIBLE

    def verify(self) -> Truth:
        return is_superset(self.evidence.problem, self.problem) and set_is_empty(self.evidence)

    def explanation(self) -> tuple[str, ...]:
        return (
            "If the feasible set were not empty it would have a point nearest to a given one (it is closed).",
            "That point would be a Fritz John point of the squared distance.",
            systems_solved(self.evidence),
            "None of them has a real feasible solution. So there is no feasible point.",
        )


@dataclass(frozen=True, eq=False)
class NothingBetterCertificate(Certificate):
    """A feasible point, and a proof that the set of feasible points with a smaller objective is empty."""

    problem: PolynomialProblem
    value: FieldElement
    minimizer: AlgebraicPoint
    reason: NothingBetterThan

    kind = "enumeration"
    claim = Claim.GLOBAL_OPTIMUM

    def verify(self) -> Truth:
        return (
            compare(self.minimizer.value(self.problem.objective), self.value) == 0
            and compare(self.reason.value, self.value) == 0
            and is_feasible(self.problem, self.minimizer)
            and is_strict(self.problem, self.minimizer, self.problem.strict)
            and nothing_is_better(self.problem, self.reason)
        )

    def explanation(self) -> tuple[str, ...]:
        return (
            *why_attained(self.reason),
            "Other points with the same value may exist: the list of candidates is not complete.",
        )


def is_superset(larger: PolynomialProblem, smaller: PolynomialProblem) -> bool:
    """Whether every constraint of ``larger`` is one of ``smaller``'s."""
    inequalities, equalities = {str(g) for g in smaller.inequalities}, {str(h) for h in smaller.equalities}
    return (
        larger.dimension == smaller.dimension
        and all(str(g) in inequalities for g in larger.inequalities)
        and all(str(h) in equalities for h in larger.equalities)
    )
