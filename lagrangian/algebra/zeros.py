"""What is known of the complex zeros of a polynomial system: none, finitely many, whole families, or not decided.

Only data: what a certificate stores and a verifier reads. The engines that find it are elsewhere.
"""

import time
from dataclasses import dataclass, field

from flint import fmpq_mpoly, fmpq_poly, fmpz_poly

from lagrangian.algebra.numbers import ONE, AlgebraicPoint, FieldElement, RealRoot, real_roots


@dataclass(frozen=True)
class NoZeros:
    """The ideal is the whole ring: 1 is a combination of the equations. ``proved`` as for `FiniteZeros`."""

    proved: bool = True


@dataclass(frozen=True, eq=False)
class FiniteZeros:
    """Finitely many zeros: x_i = numerators[i](t) / denominator(t) for every root t of a squarefree polynomial.

    ``form`` holds the integer coefficients of t as a linear form in the variables. ``proved`` is False for an engine that
    may have lost zeros (a Monte Carlo computation).
    """

    form: tuple[int, ...]
    modulus: fmpz_poly
    numerators: tuple[fmpq_poly, ...]
    denominator: fmpq_poly = field(default_factory=lambda: ONE)
    proved: bool = True

    def real_points(self) -> list[AlgebraicPoint]:
        """The real zeros, each over the irreducible factor of the modulus that its t belongs to."""
        return [self.point_at(root) for root in real_roots(self.modulus)]

    def point_at(self, root: RealRoot) -> AlgebraicPoint:
        modulus = root.rational_modulus
        below = self.denominator % modulus
        elements = (FieldElement(root, numerator % modulus, below).simplified() for numerator in self.numerators)
        return AlgebraicPoint(root, tuple(elements))

    def satisfies(self, polynomial: fmpq_mpoly, deadline: float = float("inf")) -> bool:
        """Whether a polynomial vanishes at all these zeros: back substitution, exact.

        Raises TimeoutError after the deadline, in the seconds of time.monotonic().
        """
        modulus = fmpq_poly(self.modulus)
        degree = int(max(polynomial.total_degree(), 0))
        tables = [[ONE, part % modulus] for part in (*self.numerators, self.denominator)]
        total = fmpq_poly([0])
        for monomial, coefficient in polynomial.terms():
            if time.monotonic() > deadline:
                raise TimeoutError
            exponents = [int(power) for power in monomial]
            term = fmpq_poly([coefficient])
            # every term is brought over denominator**degree
            for exponent, table in zip((*exponents, degree - sum(exponents)), tables, strict=True):
                while len(table) <= exponent:
                    table.append(table[-1] * table[1] % modulus)
                if exponent:
                    term = term * table[exponent] % modulus
            total += term
        return bool(total == 0)


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
