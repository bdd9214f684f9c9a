"""What is known of the complex zeros of a polynomial system: none, finitely many, whole families, or not decided.

Only data: what a certificate stores and a verifier reads. The engines that find it are elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flint import fmpq, fmpq_mpoly, fmpq_poly, fmpz_poly

from lagrangian.algebra.numbers import AlgebraicPoint, FieldElement, RealRoot, real_roots


@dataclass(frozen=True)
class NoZeros:
    """The ideal is the whole ring: 1 is a combination of the equations."""


@dataclass(frozen=True, eq=False)
class FiniteZeros:
    """Finitely many zeros, in shape position: x_i = coordinates[i](t) for every root t of a squarefree polynomial.

    ``form`` holds the integer coefficients of t as a linear form in the variables. ``proved`` is False for an engine that
    may have lost zeros (a Monte Carlo computation).
    """

    form: tuple[int, ...]
    modulus: fmpz_poly
    coordinates: tuple[fmpq_poly, ...]
    proved: bool = True

    def real_points(self) -> list[AlgebraicPoint]:
        """The real zeros, each over the irreducible factor of the modulus that its t belongs to."""
        return [point_at(root, self.coordinates) for root in real_roots(self.modulus)]


@dataclass(frozen=True, eq=False)
class ZeroFamily:
    """Zeros of positive dimension on which the objective takes finitely many values: the roots of ``values``.

    ``basis`` generates the ideal (a Groebner basis, degree reverse lexicographic).
    """

    basis: tuple[fmpq_mpoly, ...]
    dimension: int
    values: fmpz_poly


@dataclass(frozen=True, eq=False)
class FactoredZeros:
    """A union: the product of ``factors`` vanishes on all zeros, and ``parts[i]`` are those where ``factors[i]`` does."""

    factors: tuple[fmpq_mpoly, ...]
    parts: tuple["Zeros", ...]


@dataclass(frozen=True)
class Undecided:
    """The engine gave up; ``reason`` says why."""

    reason: str


Zeros = NoZeros | FiniteZeros | ZeroFamily | FactoredZeros | Undecided


def point_at(root: RealRoot, coordinates: Sequence[fmpq_poly]) -> AlgebraicPoint:
    modulus = root.rational_modulus
    elements = tuple(FieldElement(root, polynomial % modulus) for polynomial in coordinates)
    return AlgebraicPoint(root, elements)


def substitute(polynomial: fmpq_mpoly, coordinates: Sequence[fmpq_poly], modulus: fmpq_poly) -> fmpq_poly:
    """polynomial(coordinates(t)) modulo the modulus."""
    tables = [[fmpq_poly([1]), coordinate % modulus] for coordinate in coordinates]
    total = fmpq_poly([0])
    for monomial, coefficient in polynomial.terms():
        term = fmpq_poly([fmpq(coefficient)])
        for exponent, table in zip(monomial, tables, strict=True):
            while len(table) <= exponent:
                table.append(table[-1] * table[1] % modulus)
            if exponent:
                term = term * table[exponent] % modulus
        total += term
    return total
