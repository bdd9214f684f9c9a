"""Closed forms of algebraic numbers of degree three and more, where there are short ones: cosines, real roots, square roots.

Each form is equal to the number by an identity of polynomials; which of its conjugates is meant is seen from the
order of the real roots, or from balls that exclude all others.
"""

from collections.abc import Iterator
from math import gcd

import flint
import sympy
from flint import fmpq, fmpq_poly, fmpz_poly
from sympy import CRootOf, Expr, Rational

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.closed_form import closed_form
from lagrangian.algebra.numbers import FieldElement, RealRoot, real_roots
from lagrangian.algebra.polynomials import to_rational

LONGEST_FORM = 72
LARGEST_DEGREE_OF_COSINES = 12


def readable_form(element: FieldElement) -> Expr:
    """The closed form of a real number, CRootOf only where no short one is known.

    >>> from lagrangian.algebra.numbers import real_roots
    >>> def largest(*coefficients):
    ...     root = real_roots(fmpz_poly(list(coefficients)))[-1]
    ...     return FieldElement(root, fmpq_poly([0, 1]) % root.rational_modulus)
    >>> readable_form(largest(1, -3, 0, 1))          # three real roots, but no real radicals
    2*cos(2*pi/9)
    >>> readable_form(largest(-2, 3, 0, 1))
    -1/(1 + sqrt(2))**(1/3) + (1 + sqrt(2))**(1/3)
    >>> readable_form(largest(-1, -1, 0, 0, 0, 1))
    CRootOf(x**5 - x - 1, 0)
    """
    form = closed_form(element)
    if not form.has(CRootOf):
        return form
    number = element.number
    for attempt in (_cosine, _cardano, _nested_square_roots):
        found = attempt(number)
        if found is not None and len(str(found)) <= LONGEST_FORM:
            return found
    return form


def _centered(modulus: fmpz_poly) -> tuple[fmpq_poly, fmpq]:
    """The monic polynomial with roots z - s, and the mean s of the roots z."""
    degree = modulus.degree()
    shift = fmpq(-modulus[degree - 1], degree * modulus[degree])
    monic = fmpq_poly(modulus) / fmpq(modulus[degree])
    return monic(fmpq_poly([shift, 1])), shift


def _cosine(number: RealRoot) -> Expr | None:
    """a + b cos(2 pi k / n), from the minimal polynomial of 2 cos(2 pi / n), whose roots are ordered as their angles are."""
    degree = number.degree
    if not 3 <= degree <= LARGEST_DEGREE_OF_COSINES:
        return None
    centered, shift = _centered(number.modulus)
    for order in _orders(degree):
        cosines, mean = _centered(fmpz_poly.cos_minpoly(order))
        ratio = to_rational(centered[degree - 2] / cosines[degree - 2])
        root = sympy.sqrt(ratio) if ratio > 0 else None
        if not isinstance(root, Rational):
            continue
        for scale in (fmpq(int(root.p), int(root.q)), fmpq(-int(root.p), int(root.q))):
            if all(centered[k] == scale ** (degree - k) * cosines[k] for k in range(degree)):
                place = number.index if scale > 0 else degree - 1 - number.index
                turns = [k for k in range(order // 2, 0, -1) if gcd(k, order) == 1]
                cosine = sympy.cos(2 * sympy.pi * Rational(turns[place], order))
                return to_rational(shift - scale * mean) + to_rational(2 * scale) * cosine
    return None


def _orders(degree: int) -> Iterator[int]:
    """The n for which 2 cos(2 pi / n) has this degree, half of Euler's totient."""
    for order in range(3, 12 * degree + 7):
        if sympy.totient(order) == 2 * degree:
            yield order


def _cardano(number: RealRoot) -> Expr | None:
    """The one real root of a cubic polynomial by real cube roots (Cardano 1545)."""
    if number.degree != 3:
        return None
    centered, shift = _centered(number.modulus)
    p, q = to_rational(centered[1]), to_rational(centered[0])
    discriminant = (q / 2) ** 2 + (p / 3) ** 3
    if discriminant <= 0:
        return None
    # the larger of the two cube roots has the sign of -q; their product is -p / 3
    radicand = sympy.Abs(q) / 2 + sympy.sqrt(discriminant)
    larger = (-1 if q > 0 else 1) * sympy.cbrt(radicand)
    return to_rational(shift) + larger - p / (3 * larger)


def _nested_square_roots(number: RealRoot) -> Expr | None:
    """A root of a quartic polynomial whose field has a quadratic subfield: by a rational root of the resolvent (Ferrari 1540)."""
    if number.degree != 4:
        return None
    centered, shift = _centered(number.modulus)
    p, q, r = (centered[k] for k in (2, 1, 0))
    resolvent = fmpq_poly([-q * q, p * p - 4 * r, 2 * p, 1])
    roots = [fmpq(-f[0], f[1]) for f, _ in resolvent.numer().factor()[1] if f.degree() == 1]
    for square in (to_rational(root) for root in roots if root > 0):
        half = sympy.sqrt(square)
        found = []
        for sign in (1, -1):
            inner = -square - 2 * to_rational(p) - sign * 2 * to_rational(q) / half
            found += [to_rational(shift) + (sign * half + outer * sympy.sqrt(inner)) / 2 for outer in (1, -1)]
        chosen = _equal_one(number, found)
        if chosen is not None:
            return sympy.sqrtdenest(chosen)
    return None


def _equal_one(number: RealRoot, forms: list[Expr]) -> Expr | None:
    """The form that is the number, of forms that are all roots of its polynomial: real, and apart from the other real roots."""
    for bits in (128, 512):
        others = [root for root in real_roots(number.modulus) if root.index != number.index]
        for form in forms:
            ball = enclose(form, bits)
            with flint.ctx.workprec(bits):
                if ball is not None and not any(ball.overlaps(other.enclosure(bits)) for other in others):
                    return form
    return None
