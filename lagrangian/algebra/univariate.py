"""Polynomials in one variable over a real number field: their real roots counted, sorted by multiplicity, and found.

Roots are counted by Sturm's theorem (1829); multiplicities are told apart by Yun's algorithm (1976). All signs are
exact.
"""

from collections.abc import Sequence
from itertools import pairwise

from flint import fmpq_poly

from lagrangian.algebra.numbers import FieldElement, real_roots

# coefficients from the constant term up, the last one not zero
Polynomial = list[FieldElement]


def trimmed(coefficients: Sequence[FieldElement]) -> Polynomial:
    found = list(coefficients)
    while found and found[-1].is_zero():
        found.pop()
    return found


def evaluate(polynomial: Polynomial, at: FieldElement) -> FieldElement:
    total = at * 0
    for coefficient in reversed(polynomial):
        total = total * at + coefficient
    return total


def quotient_and_remainder(left: Polynomial, right: Polynomial) -> tuple[Polynomial, Polynomial]:
    rest, inverse = list(left), right[-1].inverse()
    quotient = [right[-1] * 0] * max(len(left) - len(right) + 1, 0)
    for place in reversed(range(len(quotient))):
        factor = rest[place + len(right) - 1] * inverse
        quotient[place] = factor
        for k, coefficient in enumerate(right):
            rest[place + k] = rest[place + k] - factor * coefficient
    return trimmed(quotient), trimmed(rest[: len(right) - 1])


def _derivative(polynomial: Polynomial) -> Polynomial:
    return [coefficient * power for power, coefficient in enumerate(polynomial)][1:]


def _gcd(left: Polynomial, right: Polynomial) -> Polynomial:
    while right:
        left, right = right, quotient_and_remainder(left, right)[1]
    inverse = left[-1].inverse()
    return [coefficient * inverse for coefficient in left]


def by_multiplicity(polynomial: Polynomial) -> list[tuple[Polynomial, int]]:
    """Polynomials without multiple roots, with the multiplicity that their roots have in the one given.

    >>> from lagrangian.algebra.numbers import RATIONALS
    >>> one = FieldElement(RATIONALS, fmpq_poly([1]))
    >>> double = by_multiplicity([one, one * -2, one])             # (a - 1)**2
    >>> [([c.rational() for c in factor], multiplicity) for factor, multiplicity in double]
    [([-1, 1], 2)]
    """
    found = []
    slope = _derivative(polynomial)
    if not slope:
        return []
    common = _gcd(polynomial, slope)
    rest = quotient_and_remainder(polynomial, common)[0]
    multiplicity = 1
    while len(rest) > 1:
        shared = _gcd(rest, common)
        simple = quotient_and_remainder(rest, shared)[0]
        if len(simple) > 1:
            found.append((simple, multiplicity))
        rest, common = shared, quotient_and_remainder(common, shared)[0]
        multiplicity += 1
    return found


def count_real_roots(polynomial: Polynomial) -> int:
    """How many different real roots a polynomial has.

    >>> from lagrangian.algebra.numbers import RATIONALS
    >>> one = FieldElement(RATIONALS, fmpq_poly([1]))
    >>> count_real_roots([one * -2, one * 0, one]), count_real_roots([one, one * 0, one])
    (2, 0)
    """
    sequence = [polynomial, _derivative(polynomial)]
    while sequence[-1]:
        sequence.append([-c for c in quotient_and_remainder(sequence[-2], sequence[-1])[1]])
    leading = [(p[-1].sign(), (len(p) - 1) % 2) for p in sequence[:-1]]
    below = [sign * (-1 if odd else 1) for sign, odd in leading]
    above = [sign for sign, _ in leading]
    return _changes(below) - _changes(above)


def _changes(signs: list[int]) -> int:
    return sum(1 for before, after in pairwise(signs) if before != after)


def real_roots_of(simple: Polynomial) -> list[FieldElement] | None:
    """The real roots of a polynomial without multiple ones, each in its own field; None where they need a tower of fields."""
    if len(simple) == 2:
        return [-simple[0] * simple[1].inverse()]
    if count_real_roots(simple) == 0:
        return []
    if simple[0].root.degree > 1:
        return None
    rational = fmpq_poly([coefficient.normalized().polynomial[0] for coefficient in simple])
    return [FieldElement(root, fmpq_poly([0, 1]) % root.rational_modulus) for root in real_roots(rational.numer())]


def in_field_of(value: FieldElement, element: FieldElement) -> FieldElement:
    """A rational number, or a number of the same field, as one of the field that ``element`` lies in."""
    if value.root is element.root or element.root.degree == 1 or value.root.degree > 1:
        return value
    return FieldElement(element.root, value.normalized().polynomial)
