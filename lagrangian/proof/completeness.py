"""Checks that a list of Fritz John points is complete: every support system is built anew and its stated zeros are tested.

The argument is that of `lagrangian.candidates.active_sets`. The systems here are the minors in all variables, with the
gradients of the affine constraints among the rows, where the solver eliminates variables first. A statement about the zeros
of an ideal I is tested in I itself: a polynomial vanishes on all complex zeros of I if and only if some power of it lies in I
(Hilbert's Nullstellensatz), and membership is a remainder modulo a Groebner basis that FLINT computes again.
"""

from collections.abc import Callable, Sequence

import flint
from flint import fmpq, fmpq_mpoly, fmpq_poly

from lagrangian.algebra.numbers import AlgebraicPoint, FieldElement, RealRoot, compare, real_roots
from lagrangian.algebra.zeros import FactoredZeros, FiniteZeros, NoZeros, ZeroFamily, Zeros
from lagrangian.conditions.screening import Screen
from lagrangian.conditions.symmetry import moved, moved_inequalities
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.proof.evidence import ListEvidence, SupportEvidence
from lagrangian.proof.support_systems import curved_subsets, face_key, faces, on_face, support_system

# the basis' size, the terms of a polynomial and the bits of a coefficient at which a check is given up
LIMITS = (300, 2000, 10000)
LARGEST_POWER = 32

PointTest = Callable[[AlgebraicPoint], bool]
ValueTest = Callable[[FieldElement], bool]
# the face, written out, and the curved inequalities held active on it
Key = tuple[str, frozenset[int]]


def list_is_complete(
    evidence: ListEvidence, point_test: PointTest, value_test: ValueTest, upper: fmpq | None = None
) -> bool:
    """Whether every feasible Fritz John point passes ``point_test`` or lies in a family whose value passes ``value_test``.

    A family whose value does not pass must be shown to be empty by the evidence. A support that is not listed must be excluded by
    bounds: no feasible point, or none with an objective of at most ``upper``, has its constraints active; or a symmetry of the
    problem carries a listed support to it, whose points are then tested together with their images.
    """
    problem = evidence.problem
    given = {(face_key(problem, s.affine), frozenset(s.curved)): s for s in evidence.supports}
    carried = _carried(problem, given)
    if carried is None:
        return False
    screen = Screen(problem, upper)
    listed = {key for key, _ in (*given, *carried)}
    settled: set[Key] = set()
    for affine, key in faces(problem, lambda face, key: key not in listed and screen.excludes(face)):
        for curved in curved_subsets(problem, affine):
            support = key, frozenset(curved)
            source = support if support in given else carried.get(support)
            if source is None:
                if not screen.excludes((*affine, *curved)):
                    return False
            elif source not in settled:
                if not _support_holds(evidence, given[source], point_test, value_test):
                    return False
                settled.add(source)
    return True


def _carried(problem: PolynomialProblem, given: dict[Key, SupportEvidence]) -> dict[Key, Key] | None:
    """The supports that symmetries make of given ones, each with its source; None if some map is no symmetry."""
    found: dict[Key, Key] = {}
    for source, support in given.items():
        for symmetry in support.images:
            places = moved_inequalities(problem, symmetry)
            if places is None:
                return None
            affine, curved = (moved(indices, places) for indices in (support.affine, support.curved))
            found[face_key(problem, sorted(affine)), curved] = source
    return found


def _support_holds(
    evidence: ListEvidence, support: SupportEvidence, point_test: PointTest, value_test: ValueTest
) -> bool:
    """Whether the stated zeros are all, and they and their images pass; the values of families are those of their images."""

    def all_pass(point: AlgebraicPoint) -> bool:
        return point_test(point) and all(point_test(symmetry.image(point)) for symmetry in support.images)

    problem = evidence.problem
    ideal = Ideal(problem, support_system(problem, support.affine, support.curved))
    return _zeros_hold(evidence, ideal, support, support.zeros, all_pass, value_test)


class Ideal:
    """The ideal of a system, with one variable T more at the end that serves to speak of values."""

    def __init__(self, problem: PolynomialProblem, generators: Sequence[fmpq_mpoly]) -> None:
        self.count = problem.dimension
        names = tuple(f"x{i}" for i in range(self.count + 1))
        self.context = flint.fmpq_mpoly_ctx.get(names, flint.Ordering.degrevlex)
        self.integral = flint.fmpz_mpoly_ctx.get(names, flint.Ordering.degrevlex)
        self.variables = self.context.gens()
        self.generators = [self.embed(polynomial) for polynomial in generators if polynomial != 0]

    def embed(self, polynomial: fmpq_mpoly) -> fmpq_mpoly:
        return self.context.from_dict({(*map(int, key), 0): value for key, value in polynomial.to_dict().items()})

    def with_generators(self, *more: fmpq_mpoly) -> "Ideal":
        larger = object.__new__(Ideal)
        larger.__dict__.update(self.__dict__)
        larger.generators = [*self.generators, *more]
        return larger

    def basis(self) -> flint.fmpz_mpoly_vec | None:
        vector = flint.fmpz_mpoly_vec([self._primitive(g) for g in self.generators], self.integral)
        basis, finished = vector.buchberger_naive(LIMITS)
        return basis.autoreduction() if finished else None

    def is_everything(self) -> bool:
        """Whether 1 is in the ideal: there are no complex zeros."""
        if not self.generators:
            return False
        basis = self.basis()
        return basis is not None and any(polynomial.is_constant() and polynomial != 0 for polynomial in basis)

    def forces(self, polynomials: Sequence[fmpq_mpoly]) -> bool:
        """Whether all the polynomials (with T among their variables) vanish on all complex zeros."""
        basis = self.basis()
        return basis is not None and all(self._some_power_reduces(p, basis) for p in polynomials)

    def _some_power_reduces(self, polynomial: fmpq_mpoly, basis: flint.fmpz_mpoly_vec) -> bool:
        if polynomial == 0:
            return True
        if len(basis) == 0:
            return False
        power, exponent = self._primitive(polynomial), 1
        while exponent <= LARGEST_POWER:
            power = power.reduction_primitive_part(basis)
            if power == 0:
                return True
            power, exponent = power * power, 2 * exponent
        return False

    def _primitive(self, polynomial: fmpq_mpoly) -> flint.fmpz_mpoly:
        terms = polynomial.to_dict()
        denominator = flint.fmpz(1)
        for value in terms.values():
            denominator = denominator.lcm(value.q)
        return self.integral.from_dict({key: int(value * denominator) for key, value in terms.items()}).primitive()[1]

    def univariate(self, polynomial: fmpq_poly, at: fmpq_mpoly) -> fmpq_mpoly:
        total = self.context.constant(0)
        for coefficient in reversed(polynomial.coeffs()):
            total = total * at + coefficient
        return total


def _zeros_hold(
    evidence: ListEvidence,
    ideal: Ideal,
    support: SupportEvidence,
    zeros: Zeros,
    point_test: PointTest,
    value_test: ValueTest,
) -> bool:
    if isinstance(zeros, NoZeros):
        return ideal.is_everything()
    if isinstance(zeros, FiniteZeros):
        return _finite_zeros_hold(evidence, ideal, support, zeros, point_test)
    if isinstance(zeros, ZeroFamily):
        return _family_holds(evidence, ideal, zeros, value_test)
    if isinstance(zeros, FactoredZeros):
        factors = [_lift_from_face(ideal, support, factor) for factor in zeros.factors]
        product = ideal.context.constant(1)
        for factor in factors:
            product *= factor
        return ideal.forces([product]) and all(
            _zeros_hold(evidence, ideal.with_generators(factor), support, part, point_test, value_test)
            for factor, part in zip(factors, zeros.parts, strict=True)
        )
    return False


def _lift_from_face(ideal: Ideal, support: SupportEvidence, polynomial: fmpq_mpoly) -> fmpq_mpoly:
    return polynomial.compose(*(ideal.variables[i] for i in support.free), ctx=ideal.context)


def _finite_zeros_hold(
    evidence: ListEvidence, ideal: Ideal, support: SupportEvidence, zeros: FiniteZeros, point_test: PointTest
) -> bool:
    """All complex zeros are those stated, and the real ones among them pass or are infeasible."""
    _, images = on_face(evidence.problem, support.affine)
    free = {i for i, image in enumerate(images) if image == evidence.problem.ring.generators[i]}
    # the zero polynomial has every number as a root and none that is listed
    if zeros.modulus == 0 or free != set(support.free) or len(free) != len(support.free):
        return False
    time = ideal.variables[-1]
    form = sum(
        (ideal.variables[i] * c for i, c in zip(support.free, zeros.form, strict=True) if c), ideal.context.constant(0)
    )
    modulus = fmpq_poly(zeros.modulus)
    if modulus.gcd(zeros.denominator).degree() > 0:
        return False
    stated = [ideal.univariate(modulus, time)]
    below = ideal.univariate(zeros.denominator, time)
    for i, numerator in zip(support.free, zeros.numerators, strict=True):
        stated.append(below * ideal.variables[i] - ideal.univariate(numerator, time))
    if not ideal.with_generators(time - form).forces(stated):
        return False
    for root in real_roots(zeros.modulus):
        point = _point(evidence.problem, root, support, zeros, images)
        if not _is_infeasible(evidence.problem, point) and not point_test(point):
            return False
    return True


def _point(
    problem: PolynomialProblem, root: RealRoot, support: SupportEvidence, zeros: FiniteZeros, images: list[fmpq_mpoly]
) -> AlgebraicPoint:
    """The point in all variables, of which the free ones determine the others."""
    known = dict(zip(support.free, zeros.point_at(root).coordinates, strict=True))
    zero = FieldElement(root, fmpq_poly([0]), zeros.denominator % root.rational_modulus).simplified()
    partial = AlgebraicPoint(root, tuple(known.get(i, zero) for i in range(problem.dimension)))
    return AlgebraicPoint(
        root,
        tuple(known[i] if i in known else partial.value(image) for i, image in enumerate(images)),
    )


def _is_infeasible(problem: PolynomialProblem, point: AlgebraicPoint) -> bool:
    return any(point.sign(g) > 0 for g in problem.inequalities) or any(point.sign(h) != 0 for h in problem.equalities)


def _family_holds(evidence: ListEvidence, ideal: Ideal, family: ZeroFamily, value_test: ValueTest) -> bool:
    """On all zeros the objective is a root of the stated polynomial, and each real root passes or its family is empty."""
    level = ideal.univariate(fmpq_poly(family.values), ideal.embed(evidence.problem.objective))
    if family.values == 0 or not ideal.forces([level]):
        return False
    for root in real_roots(family.values):
        value = FieldElement(root, fmpq_poly([0, 1]) % root.rational_modulus)
        if not value_test(value) and not _is_shown_empty(evidence, ideal, value):
            return False
    return True


def _is_shown_empty(evidence: ListEvidence, ideal: Ideal, value: FieldElement) -> bool:
    """Whether some proof of emptiness covers the zeros of the ideal with this objective value."""
    for empty in evidence.empty_families:
        if compare(empty.value, value) != 0:
            continue
        larger = empty.proof.problem
        minimal = fmpq_poly(value.number.modulus)
        at_level = ideal.with_generators(ideal.univariate(minimal, ideal.embed(evidence.problem.objective)))
        known = {str(g) for g in evidence.problem.inequalities}
        if (
            all(str(g) in known for g in larger.inequalities)
            and at_level.forces([ideal.embed(h) for h in larger.equalities])
            and set_is_empty(empty.proof)
        ):
            return True
    return False


def set_is_empty(evidence: ListEvidence) -> bool:
    """Whether the evidence proves that its problem has no feasible point: the nearest one to some point does not exist."""
    return is_squared_distance(evidence.problem) and list_is_complete(evidence, lambda _: False, lambda _: False)


def is_squared_distance(problem: PolynomialProblem) -> bool:
    """Whether the objective is sum((x_i - a_i)**2) for some a."""
    rest = problem.objective
    total = fmpq(0)
    for i, x in enumerate(problem.ring.generators):
        linear = problem.objective.to_dict().get(tuple(int(i == j) for j in range(problem.dimension)), fmpq(0))
        rest = rest - x * x - linear * x
        total += linear * linear / 4
    return bool(rest == total)
