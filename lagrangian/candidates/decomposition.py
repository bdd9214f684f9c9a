"""The zeros of a support system, taken apart until each part is empty, finite, or a family with a constant objective."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import flint
from flint import fmpq_mpoly

from lagrangian.algebra.polynomials import Ring, factorization
from lagrangian.algebra.zeros import FactoredZeros, FiniteZeros, NoZeros, Undecided, ZeroFamily, Zeros
from lagrangian.candidates.groebner import InfinitelyManyZeros, solve_by_groebner, value_polynomial
from lagrangian.candidates.msolve import solve_by_msolve
from lagrangian.processes.calls import call_with_limit, share_of_time

LARGEST_DEPTH = 8
# systems with a larger Bezout number are solved in a process of their own, which gets a share of the time that is left
SMALL_SYSTEM = 40
LARGEST_SHARE = 0.2


def decompose(
    ring: Ring, equations: Sequence[fmpq_mpoly], objective: fmpq_mpoly, deadline: float = float("inf"), depth: int = 0
) -> Zeros:
    """What is known of the zeros of ``equations``, with the values of ``objective`` where there are infinitely many.

    Systems that are too large in process go to msolve, where it is installed. An infinite zero set is split along a basis
    polynomial that factors; one that does not split is a family, provided the objective has finitely many values on it.
    """
    zeros = _solve_in_time(ring, equations, deadline)
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
    values = _within(value_polynomial, (ring, zeros.basis, objective), deadline)
    if values is None:
        return Undecided("the objective is not constant on an infinite set of critical points")
    return ZeroFamily(tuple(ring.rational(polynomial) for polynomial in zeros.basis), zeros.dimension, values)


def _solve_in_time(
    ring: Ring, equations: Sequence[fmpq_mpoly], deadline: float
) -> NoZeros | FiniteZeros | InfinitelyManyZeros | Undecided:
    if bezout_bound(ring, equations) <= SMALL_SYSTEM:
        return solve_by_groebner(ring, equations)
    found = _within(solve_by_groebner, (ring, equations), deadline)
    return found or Undecided("the Groebner basis was not found in the time given to it")


def bezout_bound(ring: Ring, equations: Sequence[fmpq_mpoly]) -> int:
    """The product of the largest degrees, one a variable: no bound for more equations than variables, but a measure."""
    degrees = sorted((int(equation.total_degree()) for equation in equations if equation != 0), reverse=True)
    return math.prod(degrees[: len(ring.variables)])


def _within(function: Callable[..., Any], arguments: tuple[Any, ...], deadline: float) -> Any:
    """function(*arguments); None if it takes longer than its share of the time that is left."""
    limit = share_of_time(deadline, LARGEST_SHARE)
    return function(*arguments) if limit == float("inf") else call_with_limit(function, arguments, limit)


def _splitting_factors(basis: flint.fmpz_mpoly_vec) -> list[flint.fmpz_mpoly]:
    """The distinct factors of a basis polynomial that has several, or a single repeated one; empty if there is none."""
    for polynomial in basis:
        factors = factorization(polynomial)[1]
        if len(factors) > 1 or (factors and factors[0][1] > 1):
            return [factor for factor, _ in factors]
    return []
