"""Sums of squares: a polynomial that is nonnegative on a feasible set because an identity shows it, checked term by term.

With w_k the products of some -g_i (the empty product is 1), b_k vectors of polynomials, G_k positive semidefinite matrices and
p_j any polynomials, the identity

    q  =  sum_k w_k b_k' G_k b_k  +  sum_j p_j h_j

shows q >= 0 wherever g <= 0 and h = 0, and with q = -1 that there is no such point (Stengle 1974; Schmuedgen 1991; Putinar 1993).
The entries of b, G and p may lie in a real number field Q(t): the identity then holds modulo the minimal polynomial of t.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import flint
from flint import arb, fmpq_mpoly, fmpq_poly
from sympy import Dummy

from lagrangian.algebra.numbers import FieldElement, RealRoot
from lagrangian.algebra.polynomials import Ring
from lagrangian.problem.lifting import PolynomialProblem

# balls of this many bits show most matrices to be positive definite; the rest is left to exact arithmetic
PRECISION = 256


@dataclass(frozen=True, eq=False)
class WeightedSquares:
    """w b' G b: ``factors`` are the places of the inequalities (then the facts) whose negatives are multiplied to w.

    ``basis`` are polynomials in the problem's variables and t, ``gram`` the lower triangle of G by rows, in powers of t.
    """

    factors: tuple[int, ...]
    basis: tuple[fmpq_mpoly, ...]
    gram: tuple[tuple[fmpq_poly, ...], ...]


@dataclass(frozen=True, eq=False)
class SquaresIdentity:
    """The right side of an identity over Q(t), t = ``number``; ``multipliers`` belong to the problem's equalities, in order."""

    number: RealRoot
    squares: tuple[WeightedSquares, ...]
    multipliers: tuple[fmpq_mpoly, ...]

    def shows_nonnegative(self, problem: PolynomialProblem, target: fmpq_mpoly) -> bool:
        """Whether the identity holds for a target in the variables and t, and all its matrices are positive semidefinite."""
        return self._holds(problem, target) and all(is_psd(part.gram, self.number) for part in self.squares)

    def _holds(self, problem: PolynomialProblem, target: fmpq_mpoly) -> bool:
        ring = extended_ring(problem)
        limits = [*problem.inequalities, *problem.facts]
        polynomials = [*self.multipliers, *(b for part in self.squares for b in part.basis)]
        known = all(polynomial.context() == ring.context for polynomial in polynomials)
        if not known or len(self.multipliers) != len(problem.equalities):
            return False
        rest = target
        for part in self.squares:
            size = len(part.basis)
            if not all(0 <= i < len(limits) for i in part.factors) or [len(row) for row in part.gram] != [
                i + 1 for i in range(size)
            ]:
                return False
            weight = ring.constant(1)
            for i in part.factors:
                weight *= -extended(limits[i], ring)
            rest -= weight * quadratic_form(part.basis, part.gram, ring)
        for factor, equation in zip(self.multipliers, problem.equalities, strict=True):
            rest -= factor * extended(equation, ring)
        return bool(rest % in_last_variable(fmpq_poly(self.number.modulus), ring) == 0)


def extended_ring(problem: PolynomialProblem) -> Ring:
    """The problem's variables and a last one, t."""
    return Ring((*problem.ring.variables, Dummy("t")))


def extended(polynomial: fmpq_mpoly, ring: Ring) -> fmpq_mpoly:
    """A polynomial of the problem's ring in the ring with t."""
    return ring.context.from_dict({(*map(int, key), 0): value for key, value in polynomial.to_dict().items()})


def in_last_variable(polynomial: fmpq_poly, ring: Ring) -> fmpq_mpoly:
    """A polynomial in t as an element of the ring with t."""
    zeros = (0,) * (len(ring.variables) - 1)
    return ring.context.from_dict({(*zeros, power): value for power, value in enumerate(polynomial.coeffs())})


def quadratic_form(basis: Sequence[fmpq_mpoly], gram: Sequence[Sequence[fmpq_poly]], ring: Ring) -> fmpq_mpoly:
    """b' G b for the lower triangle of G."""
    total = ring.constant(0)
    for i, row in enumerate(gram):
        inner = ring.constant(0)
        for j, entry in enumerate(row):
            if entry != 0:
                inner += in_last_variable(entry if i == j else 2 * entry, ring) * basis[j]
        total += inner * basis[i]
    return total


def is_psd(triangle: Sequence[Sequence[fmpq_poly]], number: RealRoot) -> bool:
    """Whether a symmetric matrix over Q(t), given by its lower triangle, is positive semidefinite: exactly.

    By Lagrange's reduction: a pivot is positive unless its whole row is zero.

    >>> from lagrangian.algebra.numbers import RATIONALS
    >>> one, two = fmpq_poly([1]), fmpq_poly([2])
    >>> is_psd([[one], [two, fmpq_poly([4])]], RATIONALS), is_psd([[one], [two, fmpq_poly([3])]], RATIONALS)
    (True, False)
    """
    if _is_definite_by_balls(triangle, number):
        return True
    elements = [[FieldElement(number, entry % number.rational_modulus) for entry in row] for row in triangle]
    size = len(elements)
    rest = [[elements[max(i, j)][min(i, j)] for j in range(size)] for i in range(size)]
    while rest:
        pivot = next((i for i, row in enumerate(rest) if not row[i].is_zero()), None)
        if pivot is None:
            return all(entry.is_zero() for row in rest for entry in row)
        if rest[pivot][pivot].sign() <= 0:
            return False
        row, inverse = rest[pivot], rest[pivot][pivot].inverse()
        others = [i for i in range(len(rest)) if i != pivot]
        rest = [[rest[i][j] - row[i] * row[j] * inverse for j in others] for i in others]
    return True


def _is_definite_by_balls(triangle: Sequence[Sequence[fmpq_poly]], number: RealRoot) -> bool:
    """Whether the pivots of Cholesky's factorization, in ball arithmetic, are all positive."""
    with flint.ctx.workprec(PRECISION):
        at = number.enclosure(PRECISION)
        rows = [[entry.numer()(at) / arb(entry.denom()) if entry != 0 else arb(0) for entry in row] for row in triangle]
        for k in range(len(rows)):
            pivot = rows[k][k]
            if not pivot > 0:
                return False
            for i in range(k + 1, len(rows)):
                factor = rows[i][k] / pivot
                for j in range(k + 1, i + 1):
                    rows[i][j] -= factor * rows[j][k]
    return True
