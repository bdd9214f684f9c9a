"""The zeros of a support system, taken apart until each part is empty, finite, or a family with a constant objective."""

from collections.abc import Sequence

import flint
from flint import fmpq_mpoly

from lagrangian.algebra.polynomials import Ring
from lagrangian.algebra.zeros import FactoredZeros, Undecided, ZeroFamily, Zeros
from lagrangian.candidates.groebner import InfinitelyManyZeros, solve_by_groebner, value_polynomial
from lagrangian.candidates.msolve import solve_by_msolve

LARGEST_DEPTH = 8


def decompose(
    ring: Ring, equations: Sequence[fmpq_mpoly], objective: fmpq_mpoly, deadline: float = float("inf"), depth: int = 0
) -> Zeros:
    """What is known of the zeros of ``equations``, with the values of ``objective`` where there are infinitely many.

    Systems that are too large in process go to msolve, where it is installed. An infinite zero set is split along a basis
    polynomial that factors; one that does not split is a family, provided the objective has finitely many values on it.
    """
    zeros = solve_by_groebner(ring, equations)
    if isinstance(zeros, Undecided):
        found = solve_by_msolve(ring, equations, deadline)
        return Undecided(f"{zeros.reason}; {found.reason}") if isinstance(found, Undecided) else found
    if not isinstance(zeros, InfinitelyManyZeros):
        return zeros
    factors = _splitting_factors(zeros.basis)
    if factors and depth < LARGEST_DEPTH:
        basis = [ring.rational(polynomial) for polynomial in zeros.basis]
        rational = [ring.rational(factor) for factor in factors]
        parts = tuple(decompose(ring, [*basis, factor], objective, deadline, depth + 1) for factor in rational)
        return FactoredZeros(tuple(rational), parts)
    values = value_polynomial(ring, zeros.basis, objective)
    if values is None:
        return Undecided("the objective is not constant on an infinite set of critical points")
    return ZeroFamily(tuple(ring.rational(polynomial) for polynomial in zeros.basis), zeros.dimension, values)


def _splitting_factors(basis: flint.fmpz_mpoly_vec) -> list[flint.fmpz_mpoly]:
    """The distinct factors of a basis polynomial that has several, or a single repeated one; empty if there is none."""
    for polynomial in basis:
        factors = polynomial.factor()[1]
        if len(factors) > 1 or (factors and factors[0][1] > 1):
            return [factor for factor, _ in factors]
    return []
