"""The complete list: every support system solved, every real feasible zero kept, families with sample points."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cmp_to_key
from itertools import product

from flint import fmpq, fmpq_mpoly, fmpq_poly, fmpz_poly

from lagrangian.algebra.numbers import (
    AlgebraicPoint,
    FieldElement,
    RealRoot,
    compare,
    real_roots,
    same_point,
)
from lagrangian.algebra.polynomials import Ring
from lagrangian.algebra.zeros import FactoredZeros, FiniteZeros, NoZeros, Undecided, ZeroFamily, Zeros
from lagrangian.candidates.active_sets import SupportSystem, support_count, support_systems
from lagrangian.candidates.affine import AffineSubspace
from lagrangian.candidates.decomposition import decompose
from lagrangian.candidates.orbits import SupportOrbits
from lagrangian.candidates.symmetries import symmetry_generators
from lagrangian.conditions.screening import Screen
from lagrangian.conditions.symmetry import Symmetry, moved, moved_inequalities
from lagrangian.problem.lifting import PolynomialProblem

# with fewer sets of active constraints symmetries are not worth a search
FEW_SUPPORTS = 12


@dataclass(frozen=True, eq=False)
class SupportRecord:
    """One support system and what is known of its zeros: a line of the proof that the list is complete.

    Each of the symmetries ``images`` carries the zeros to those of another support, which has no record of its own.
    """

    system: SupportSystem
    zeros: Zeros
    images: tuple[Symmetry, ...] = ()


@dataclass(frozen=True, eq=False)
class CandidatePoint:
    """A feasible zero of some support system: a point, its objective value F, and the inequalities active there."""

    point: AlgebraicPoint
    value: FieldElement
    active_set: frozenset[int]


@dataclass(frozen=True, eq=False)
class CandidateFamily:
    """Infinitely many complex zeros with one real objective value F; which of them are real and feasible is left open.

    ``equations`` describe the family in the problem's ring; ``dimension`` is that of its complex points; ``zeros`` is the
    part of a record that it comes from.
    """

    equations: tuple[fmpq_mpoly, ...]
    dimension: int
    value: FieldElement
    zeros: ZeroFamily


@dataclass(frozen=True, eq=False)
class Candidates:
    """Every feasible point that can be a local minimizer or maximizer, as far as it could be found.

    ``open_questions`` is empty if every system was solved; the list is then complete, unless ``unproved`` systems were solved by
    an engine that does not prove that it found all zeros. Points with a value above ``upper``, where that is given, may be
    missing: the list then holds every point that can be a global minimizer, and is not complete.
    """

    problem: PolynomialProblem
    records: tuple[SupportRecord, ...]
    points: tuple[CandidatePoint, ...]
    families: tuple[CandidateFamily, ...]
    open_questions: tuple[str, ...]
    unproved: int = 0
    upper: fmpq | None = None

    @property
    def complete(self) -> bool:
        return not self.open_questions and not self.unproved and self.upper is None


def nothing_listed(problem: PolynomialProblem) -> Candidates:
    """The list of a problem that was not examined."""
    return Candidates(problem, (), (), (), ("the active sets were not examined",))


def find_candidates(
    problem: PolynomialProblem,
    deadline: float = float("inf"),
    upper: fmpq | None = None,
    symmetries: Sequence[Symmetry] | None = None,
) -> Candidates:
    """Solve every support system of a polynomial problem; strict inequalities are taken as closed.

    ``deadline`` is in the seconds of time.monotonic(); what is left undone by then is an open question. With a value ``upper``
    that some feasible point has at most, systems are left out where bounds show that all their points are worse. Of systems that
    are images of each other under ``symmetries`` one is solved; these maps are looked for where they are not given.

    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> ring = Ring((x, y))
    >>> circle = PolynomialProblem(ring, ring.polynomial(x + y), (), (ring.polynomial(x**2 + y**2 - 2),))
    >>> [[c.rational() for c in candidate.point.coordinates] for candidate in find_candidates(circle).points]
    [[-1, -1], [1, 1]]
    """
    records: dict[SupportSystem, SupportRecord] = {}
    open_questions = []
    orbits = SupportOrbits(problem, _symmetries(problem) if symmetries is None else symmetries)
    try:
        for system in support_systems(problem, deadline, Screen(problem, upper)):
            if time.monotonic() > deadline:
                raise TimeoutError
            source = orbits.source(system)
            if source is not None:
                solved = records[source.system]
                records[source.system] = replace(solved, images=(*solved.images, source.symmetry))
                continue
            zeros = decompose(system.ring, system.equations, system.space.restrict(problem.objective), deadline)
            records[system] = SupportRecord(system, zeros)
            reasons = [part.reason for part in leaves(zeros) if isinstance(part, Undecided)]
            open_questions += [f"active set {_names(system)}: {reason}" for reason in reasons]
    except TimeoutError:
        open_questions.append("the time limit came before every set of active constraints was examined")
    listed = tuple(records.values())
    points, all_examined = _feasible_points(problem, listed, deadline)
    if not all_examined:
        open_questions.append("the time limit came before the feasibility of every candidate was examined")
    families = _families(problem, listed)
    unproved = sum(
        isinstance(p, FiniteZeros | NoZeros) and not p.proved for record in listed for p in leaves(record.zeros)
    )
    questions = tuple(dict.fromkeys(open_questions))
    return Candidates(problem, listed, tuple(points), tuple(families), questions, unproved, upper)


def _symmetries(problem: PolynomialProblem) -> tuple[Symmetry, ...]:
    return symmetry_generators(problem) if support_count(problem) >= FEW_SUPPORTS else ()


def _names(system: SupportSystem) -> str:
    return "{" + ", ".join(str(i + 1) for i in system.support) + "}"


def leaves(zeros: Zeros) -> Iterator[NoZeros | FiniteZeros | ZeroFamily | Undecided]:
    if isinstance(zeros, FactoredZeros):
        for part in zeros.parts:
            yield from leaves(part)
    else:
        yield zeros


def embed(space: AffineSubspace, point: AlgebraicPoint) -> AlgebraicPoint:
    """A point given by the free variables of a subspace, in all variables."""
    free = dict(zip(space.free, point.coordinates, strict=True))
    coordinates = []
    for i in range(space.count):
        if i in free:
            coordinates.append(free[i])
        else:
            row = space.rows[i]
            # starting from a multiple of a coordinate keeps the common denominator of all
            start = next(iter(free.values()), FieldElement(point.root, fmpq_poly([0]))) * 0
            value = start + row[space.count]
            for j, element in free.items():
                if row[j] != 0:
                    value = value + element * row[j]
            coordinates.append(value)
    return AlgebraicPoint(point.root, tuple(coordinates))


def candidate_at(
    problem: PolynomialProblem, point: AlgebraicPoint, active: Iterable[int] = ()
) -> CandidatePoint | None:
    """The candidate at a point that satisfies the equalities and has ``active`` inequalities active; None if infeasible."""
    found = set(active)
    for i, inequality in enumerate(problem.inequalities):
        if i not in found:
            sign = point.sign(inequality)
            if sign > 0:
                return None
            if sign == 0:
                found.add(i)
    return CandidatePoint(point, point.value(problem.objective), frozenset(found))


def _feasible_points(
    problem: PolynomialProblem, records: Sequence[SupportRecord], deadline: float
) -> tuple[list[CandidatePoint], bool]:
    """The feasible ones among the zeros, in the order of their values, and whether all zeros were examined in time."""
    found: list[CandidatePoint] = []
    buckets: dict[tuple[int, ...], list[CandidatePoint]] = {}
    in_time = True
    parts = [(r, p) for r in records for p in leaves(r.zeros) if isinstance(p, FiniteZeros)]
    # zeros of low degree first: they are cheap to examine
    for record, part in sorted(parts, key=lambda pair: pair[1].modulus.degree()):
        in_time = time.monotonic() < deadline
        if not in_time:
            break
        for local in part.real_points():
            candidate = candidate_at(problem, embed(record.system.space, local), record.system.support)
            if candidate is not None:
                everywhere = [candidate, *_images(problem, candidate, record.images)]
                found += [each for each in everywhere if _is_new(each, buckets)]
    return sorted(found, key=cmp_to_key(by_value)), in_time


def _images(
    problem: PolynomialProblem, candidate: CandidatePoint, symmetries: Iterable[Symmetry]
) -> Iterator[CandidatePoint]:
    for symmetry in symmetries:
        places = moved_inequalities(problem, symmetry)
        if places is not None:
            yield CandidatePoint(symmetry.image(candidate.point), candidate.value, moved(candidate.active_set, places))


def by_value(left: CandidatePoint, right: CandidatePoint) -> int:
    return compare(left.value, right.value)


def _is_new(candidate: CandidatePoint, buckets: dict[tuple[int, ...], list[CandidatePoint]]) -> bool:
    """Whether the point has not been seen; equal points share a bucket of rounded coordinates or a neighbouring one."""
    values = [float(element.enclosure(64).mid()) * 1e6 for element in candidate.point.coordinates]
    keys = {tuple(corner) for corner in product(*({round(v - 0.01), round(v + 0.01)} for v in values))}
    for key in keys:
        for other in buckets.get(key, []):
            if other.active_set == candidate.active_set and same_point(other.point, candidate.point):
                return False
    buckets.setdefault(tuple(round(v) for v in values), []).append(candidate)
    return True


def _families(problem: PolynomialProblem, records: Iterable[SupportRecord]) -> list[CandidateFamily]:
    found = []
    for record in records:
        for part in leaves(record.zeros):
            if isinstance(part, ZeroFamily):
                own = [_family(problem, record.system, part, root) for root in real_roots(part.values)]
                found += [*own, *(_family_image(family, symmetry) for symmetry in record.images for family in own)]
    return found


def _family_image(family: CandidateFamily, symmetry: Symmetry) -> CandidateFamily:
    back = symmetry.inverse()
    return replace(family, equations=tuple(back.pulled_back(equation) for equation in family.equations))


def _family(problem: PolynomialProblem, system: SupportSystem, family: ZeroFamily, root: RealRoot) -> CandidateFamily:
    ring, _ = system.space.substitution
    level = _at_level(system.space.restrict(problem.objective), root.modulus, ring)
    equations = _in_all_variables(problem.ring, system.space, (*family.basis, level))
    value = FieldElement(root, fmpq_poly([0, 1]) % root.rational_modulus)
    return CandidateFamily(equations, family.dimension, value, family)


def _at_level(objective: fmpq_mpoly, modulus: fmpz_poly, ring: Ring) -> fmpq_mpoly:
    """q(f) for the minimal polynomial q of a value: zero where f takes it or one of its conjugates."""
    total = ring.constant(0)
    for coefficient in reversed(modulus.coeffs()):
        total = total * objective + fmpq(coefficient)
    return total


def _in_all_variables(ring: Ring, space: AffineSubspace, equations: Iterable[fmpq_mpoly]) -> tuple[fmpq_mpoly, ...]:
    generators = ring.generators
    images = [generators[i] for i in space.free]
    local = [e.compose(*images, ctx=ring.context) if images else ring.constant(0) for e in equations]
    affine = []
    for pivot, row in space.rows.items():
        function = generators[pivot] - row[space.count]
        for j in space.free:
            function -= row[j] * generators[j]
        affine.append(function)
    return tuple(e for e in (*affine, *local) if e != 0)
