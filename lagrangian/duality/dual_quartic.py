"""The infimum over the real line of a polynomial of degree four whose coefficients depend on the multipliers.

A shift makes it a (u**4 + p u**2 + q u) + k. By symmetry it is least at a u of the sign of -q, and for r = |u| the slope
4 r**3 + 2 p r - |q| has one change of sign in its coefficients, so by Descartes' rule one positive zero: the greatest of its
real zeros. That is Cardano's for 27 q**2 + 8 p**3 > 0 and Viete's with a cosine otherwise, and the least value is
p r**2/2 - 3 |q| r/4.
"""

import sympy
from sympy import Abs, Expr, Integer, Poly, Rational, acos, cos, sqrt
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_positive
from lagrangian.duality.dual_inner import Inner
from lagrangian.duality.dual_pieces import Piece, decided, found, nonnegative, piece, positive, together, zero
from lagrangian.duality.dual_quadratic import quadratic_infimum

Answer = tuple[tuple[Piece, ...], str, bool]
REASON = "a quartic: coercive, so least at a zero of its slope, the one of the sign opposite to the odd part"


def quartic_infimum(inner: Inner) -> Answer | None:
    """The infimum for all signs of the leading coefficient; None for anything but a polynomial of degree <= 4 on the line.

    The line is taken also where powers are said to be restricted to a part of it, if the polynomial is bounded below there.

    >>> from lagrangian.problem.problem import Problem
    >>> x = sympy.Symbol("x", real=True)
    >>> g = Problem(x**4 - 2 * x**2, [x >= 0], over=[x]).dual().function
    >>> g.value_at({g.multipliers[0]: 0}), round(g.value_at({g.multipliers[0]: 24}))
    (-1, -40)
    """
    if len(inner.variables) != 1 or inner.has_bounds:
        return None
    (variable,) = inner.variables
    if not all(atom.expression.is_polynomial(variable) for atom in inner.weights):  # also those of weight zero
        return None
    polynomial = sympy.expand(inner.expression).as_poly(variable)
    if polynomial is None or polynomial.degree() > 4:
        return None
    a, b, c, d, e = (polynomial.coeff_monomial(variable**k) for k in (4, 3, 2, 1, 0))
    if any(atom.region for atom in inner.weights) and decided(positive(a), inner.assumptions) is not True:
        return None
    lower = () if decided(positive(a), inner.assumptions) is True else _of_lower_degree(a, b, c, d, e, inner)
    bent = () if a == 0 else _bent(polynomial, inner)
    return (*bent, *lower), REASON, not lower and len(bent) == 1


def least_of_convex_quartic(polynomial: Poly) -> Expr | None:
    """The least value on the line of a quartic that is shown to be convex: a > 0, and p > 0 or p = 0, for all its parameters."""
    if polynomial.degree() != 4 or is_positive(polynomial.LC()) is not True:
        return None
    p, q, rest = _depressed(polynomial)
    if p != 0 and is_positive(p) is not True:
        return None
    root = _single_root(p, q)
    return rest + polynomial.LC() * (p * root**2 / 2 - Rational(3, 4) * Abs(q) * root)


def _of_lower_degree(a: Expr, b: Expr, c: Expr, d: Expr, e: Expr, inner: Inner) -> tuple[Piece, ...]:
    """Without a fourth power there must be no third one."""
    flat = piece(e, [zero(a), zero(b)], inner.assumptions)
    if flat is None:
        return ()
    parts = quadratic_infimum(sympy.Matrix([[2 * c]]), [d], inner.assumptions)
    return found(*(together(flat, part, inner.assumptions) for part in parts))


def _bent(polynomial: Poly, inner: Inner) -> tuple[Piece, ...]:
    a = polynomial.coeff_monomial(polynomial.gen**4)
    p, q, rest = _depressed(polynomial)
    pieces = []
    for root, conditions in _greatest_roots(p, q, inner):
        value = rest + a * (p * root**2 / 2 - Rational(3, 4) * Abs(q) * root)
        pieces.append(piece(value, [positive(a), *conditions], inner.assumptions))
    return found(*pieces)


def _depressed(polynomial: Poly) -> tuple[Expr, Expr, Expr]:
    """p, q and k of a (u**4 + p u**2 + q u) + k, by a shift."""
    variable = polynomial.gen
    a, b = (polynomial.coeff_monomial(variable**k) for k in (4, 3))
    shifted = sympy.expand(polynomial.as_expr().xreplace({variable: variable - b / (4 * a)})).as_poly(variable)
    p, q = (sympy.cancel(shifted.coeff_monomial(variable**k) / a) for k in (2, 1))
    return p, q, sympy.cancel(shifted.coeff_monomial(1))


def _single_root(p: Expr, q: Expr) -> Expr:
    """The one real zero of 4 r**3 + 2 p r - |q| for 27 q**2 + 8 p**3 > 0, or p = 0 (Cardano)."""
    if p == 0:
        return (Abs(q) / 4) ** Rational(1, 3)
    apart = sympy.expand(27 * q**2 + 8 * p**3)
    cube = (Abs(q) / 8 + sqrt(apart / 1728)) ** Rational(1, 3)
    return cube - p / (6 * cube)


def _greatest_roots(p: Expr, q: Expr, inner: Inner) -> list[tuple[Expr, list[Relational]]]:
    """The greatest real zero of 4 r**3 + 2 p r - |q|, with the conditions of each formula; one of them holds always."""
    single = _single_root(p, q)
    if p == 0:
        return [(single, [])]
    apart = sympy.expand(27 * q**2 + 8 * p**3)
    size = sqrt(-p / 6)
    three = 2 * size * cos(acos(Abs(q) / (8 * size**3)) / 3)
    if decided(positive(p), inner.assumptions) is True:
        return [(single, [])]
    cases = [(single, [positive(apart)]), (three, [positive(-p), nonnegative(-apart)])]
    if decided(positive(-p), inner.assumptions) is not True:
        cases.append((Integer(0), [zero(p), zero(q)]))
    return cases
