"""What numbers and polynomials that come from a file must satisfy: the code that computes with them takes it for granted.

That a number p(t)/q(t) is zero only if p is, for example, rests on t being a root of an irreducible polynomial prime to q.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flint import fmpz_poly

from lagrangian.algebra.numbers import AlgebraicPoint, FieldElement, RealRoot, real_roots
from lagrangian.problem.lifting import PolynomialProblem

LARGEST_DEGREE = 500
LARGEST_COEFFICIENTS = 2_000_000


def is_admissible(value: Any) -> bool:
    """Whether a record keeps the rules of its class; True for classes without any.

    >>> is_admissible(RealRoot(fmpz_poly([-2, 0, 1]), 1)), is_admissible(RealRoot(fmpz_poly([2, -3, 1]), 1))
    (True, False)
    """
    rule = _RULES.get(type(value))
    return rule is None or rule(value)


def _root(root: RealRoot) -> bool:
    modulus = root.modulus
    bits = sum(int(abs(c)).bit_length() for c in modulus.coeffs())
    if not 1 <= modulus.degree() <= LARGEST_DEGREE or bits > LARGEST_COEFFICIENTS:
        return False
    return 0 <= root.index < _number_of_real_roots(tuple(map(int, modulus.coeffs())))


@lru_cache(maxsize=1000)
def _number_of_real_roots(coefficients: tuple[int, ...]) -> int:
    """Of a primitive irreducible polynomial with a positive leading coefficient; 0 for all others."""
    modulus = fmpz_poly(list(coefficients))
    unit, factors = modulus.factor()
    if unit != 1 or len(factors) != 1 or factors[0] != (modulus, 1):
        return 0
    return len(real_roots(modulus))


def _element(element: FieldElement) -> bool:
    modulus = element.root.rational_modulus
    return (
        element.polynomial.degree() < modulus.degree()
        and element.denominator.degree() < modulus.degree()
        and element.denominator != 0
    )


def _point(point: AlgebraicPoint) -> bool:
    return all(element.root == point.root for element in point.coordinates)


def _problem(problem: PolynomialProblem) -> bool:
    context, count = problem.ring.context, len(problem.inequalities)
    functions = (problem.objective, *problem.inequalities, *problem.equalities, *problem.facts)
    return all(f.context() == context for f in functions) and all(0 <= i < count for i in problem.strict)


_RULES: dict[type, Callable[[Any], bool]] = {
    RealRoot: _root,
    FieldElement: _element,
    AlgebraicPoint: _point,
    PolynomialProblem: _problem,
}
