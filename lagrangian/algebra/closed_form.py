"""Real algebraic numbers as SymPy expressions: rationals, square roots and nested roots where they are simple, else CRootOf.

Every form is equal to the number by construction, never by a numerical coincidence.
"""

import sympy
from flint import fmpq, fmpq_poly, fmpz_poly
from sympy import CRootOf, Expr, Symbol

from lagrangian.algebra.numbers import FieldElement, RealRoot
from lagrangian.algebra.polynomials import to_rational

ROOT_SYMBOL = Symbol("x")


def closed_form(element: FieldElement) -> Expr:
    """The real number as a SymPy expression.

    The minimal polynomial, shifted so that its second coefficient vanishes, is looked at: a polynomial in z**k is solved for
    z**k first and the real k-th root with the known sign is taken; degree two is solved by the quadratic formula.

    >>> t = RealRoot(fmpz_poly([-7, 3, -3, 1]), 0)                 # (x - 1)**3 = 6
    >>> closed_form(FieldElement(t, fmpq_poly([0, 1])))
    1 + 6**(1/3)
    >>> closed_form(FieldElement(RealRoot(fmpz_poly([1, -1, 0, 0, 0, 1]), 0), fmpq_poly([0, 1])))
    CRootOf(x**5 - x + 1, 0)
    """
    number = element.number
    if number.degree == 1:
        return to_rational(_linear_root(number))
    shift = _vertex(number.modulus)
    if number.degree == 2:
        return _quadratic_root(number, shift)
    step = _deflation(number.modulus, shift)
    if step == 1:
        return _root_object(number)
    shifted = FieldElement(number, fmpq_poly([-shift, 1]))
    power = shifted
    for _ in range(step - 1):
        power = power * shifted
    inner = closed_form(power)
    if inner.has(CRootOf):
        return _root_object(number)
    magnitude = inner if power.sign() >= 0 else -inner
    return to_rational(shift) + shifted.sign() * _positive_root(magnitude, step)


def _linear_root(number: RealRoot) -> fmpq:
    constant, leading = number.modulus.coeffs()
    return fmpq(-constant, leading)


def _vertex(modulus: fmpz_poly) -> fmpq:
    """The shift s for which p(z + s) has no term of degree n - 1."""
    degree = modulus.degree()
    return fmpq(-modulus[degree - 1], degree * modulus[degree])


def _quadratic_root(number: RealRoot, shift: fmpq) -> Expr:
    constant, linear, leading = (sympy.Integer(int(value)) for value in number.modulus.coeffs())
    radical = sympy.sqrt(linear**2 - 4 * leading * constant) / (2 * leading)
    return to_rational(shift) + (radical if number.index == 1 else -radical)


def _deflation(modulus: fmpz_poly, shift: fmpq) -> int:
    """The largest k such that p(z + shift) is a polynomial in z**k."""
    exponents = [power for power, value in enumerate(fmpq_poly(modulus)(fmpq_poly([shift, 1])).coeffs()) if value != 0]
    return int(sympy.igcd(*exponents))


def _positive_root(magnitude: Expr, step: int) -> Expr:
    """The real root of a number that is not negative, with nested square roots opened where that is possible."""
    root = sympy.root(magnitude, step)
    if step % 2 == 0 and not magnitude.is_Rational:
        return sympy.sqrtdenest(root)
    return root


def _root_object(number: RealRoot) -> Expr:
    coefficients = [int(value) for value in reversed(number.modulus.coeffs())]
    return CRootOf(sympy.Poly(coefficients, ROOT_SYMBOL), number.index)
