"""Whether a closed set {g <= 0, h = 0} has a real point, by the critical points of a distance.

A closed set that is not empty has a point nearest to a given one, which is among the Fritz John points of the squared
distance. So a complete list without a feasible point proves that the set is empty (Seidenberg 1954; Safey El Din and Schost
2003 for the method of critical points), and any point on the list is a witness that it is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from flint import fmpq, fmpq_mpoly

from lagrangian.algebra.numbers import FieldElement, compare
from lagrangian.candidates.enumeration import CandidateFamily, CandidatePoint, Candidates, find_candidates
from lagrangian.problem.lifting import PolynomialProblem

DEEPEST_NESTING = 2


@dataclass(frozen=True, eq=False)
class Emptiness:
    """The reason that a set is empty: a list without a feasible point, the families in it empty in their turn.

    It is a proof once a certificate has checked that the list is complete.
    """

    candidates: Candidates
    families: tuple["Emptiness", ...]


@dataclass(frozen=True, eq=False)
class Unknown:
    """Neither a point nor a proof that there is none."""

    reason: str


def examine_set(
    problem: PolynomialProblem, deadline: float = float("inf"), depth: int = 0
) -> CandidatePoint | Emptiness | Unknown:
    """A feasible point of a problem's closed feasible set, or a proof that there is none. The objective plays no part.

    >>> import sympy
    >>> from lagrangian.algebra.polynomials import Ring
    >>> x, y = sympy.symbols("x y")
    >>> ring = Ring((x, y))
    >>> disc = ring.polynomial(x**2 + y**2 - 1)
    >>> far = PolynomialProblem(ring, ring.constant(0), (disc, ring.polynomial(2 - x - y)), ())
    >>> near = PolynomialProblem(ring, ring.constant(0), (disc, ring.polynomial(1 - x - y)), ())
    >>> type(examine_set(far)).__name__, type(examine_set(near)).__name__
    ('Emptiness', 'CandidatePoint')
    """
    nearest = replace(problem, objective=squared_distance(problem))
    candidates = find_candidates(nearest, deadline)
    if candidates.points:
        return candidates.points[0]
    if candidates.open_questions:
        return Unknown(candidates.open_questions[0])
    if candidates.families and depth >= DEEPEST_NESTING:
        return Unknown("families of critical points within families")
    proofs = []
    for family in candidates.families:
        found = examine_family(nearest, family, deadline, depth + 1)
        if not isinstance(found, Emptiness):
            return found
        proofs.append(found)
    return Emptiness(candidates, tuple(proofs))


def examine_family(
    problem: PolynomialProblem, family: CandidateFamily, deadline: float = float("inf"), depth: int = 0
) -> CandidatePoint | Emptiness | Unknown:
    """A feasible point of a family with its objective value, or a proof that there is none."""
    outcome: CandidatePoint | Emptiness | Unknown = Unknown("no subset of the family's equations could be examined")
    for equations in _equation_subsets(problem, family):
        part = replace(problem, equalities=equations)
        nearest = replace(part, objective=squared_distance(problem))
        candidates = find_candidates(nearest, deadline)
        found = _with_value(problem, family.value, candidates.points, family)
        if found is not None:
            return found
        if not candidates.open_questions and not candidates.points and not candidates.families:
            return Emptiness(candidates, ())
        if candidates.open_questions:
            outcome = Unknown(candidates.open_questions[0])
    return outcome


def _equation_subsets(problem: PolynomialProblem, family: CandidateFamily) -> list[tuple[fmpq_mpoly, ...]]:
    """All equations of a family, then as many as its codimension: fewer describe a larger set, whose emptiness is enough."""
    codimension = problem.dimension - family.dimension
    subsets = [(*family.equations, *problem.equalities)]
    if len(family.equations) > codimension:
        subsets += list(combinations(family.equations, codimension))[:20]
    elif subsets[0] != family.equations:
        subsets.insert(0, family.equations)
    return subsets


def _with_value(
    problem: PolynomialProblem, value: FieldElement, points: Sequence[CandidatePoint], family: CandidateFamily
) -> CandidatePoint | None:
    for candidate in points:
        actual = candidate.point.value(problem.objective)
        if compare(actual, value) == 0 and all(
            candidate.point.sign(e) == 0 for e in (*family.equations, *problem.equalities)
        ):
            return CandidatePoint(candidate.point, actual, candidate.active_set)
    return None


def squared_distance(problem: PolynomialProblem) -> fmpq_mpoly:
    """The squared distance to a fixed rational point, chosen off the obvious axes of symmetry."""
    total = problem.ring.constant(0)
    for i, generator in enumerate(problem.ring.generators):
        total += (generator - fmpq(3 * i + 2, 7 + i)) ** 2
    return total
