"""The real zeros of an expression in one unknown, in closed form: exact, and complete or nothing."""

from collections.abc import Sequence

import sympy
from flint import fmpq_poly, fmpz_poly
from sympy import Expr, Poly, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.numbers import FieldElement, real_roots
from lagrangian.algebra.radicals import readable_form
from lagrangian.algebra.signs import is_nonnegative, is_positive, is_zero
from lagrangian.report.systems import multiplied_out, number_form


def real_zeros(left: Expr, unknown: Symbol, assumptions: Sequence[Relational] = ()) -> list[Expr] | None:
    """All real zeros in increasing order where they are numbers; None where they are not found for certain.

    A polynomial over Q has roots of any degree, one with other coefficients is solved up to degree two.

    >>> x, b = Symbol("x", real=True), Symbol("b", positive=True)
    >>> real_zeros(x**3 - 2 * x, x), real_zeros(x**2 + 1, x), real_zeros(x**2 - b, x)
    ([-sqrt(2), 0, sqrt(2)], [], [-sqrt(b), sqrt(b)])
    >>> real_zeros(sympy.log(x) + 1, x), real_zeros(x * sympy.exp(x) - 1, x) is None
    ([exp(-1)], True)
    """
    polynomial = left.as_poly(unknown)
    if polynomial is None or unknown in polynomial.free_symbols_in_domain:
        return _by_inverse_functions(left, unknown, assumptions)
    if polynomial.degree() > 0 and all(c.is_Rational for c in polynomial.all_coeffs()):
        return _of_rational_polynomial(polynomial)
    return _of_low_degree(polynomial, assumptions)


def _of_rational_polynomial(polynomial: Poly) -> list[Expr]:
    integral = polynomial.clear_denoms(convert=True)[1]
    roots = real_roots(fmpz_poly([int(c) for c in reversed(integral.all_coeffs())]))
    return [readable_form(FieldElement(root, fmpq_poly([0, 1]) % root.rational_modulus)) for root in roots]


def _of_low_degree(polynomial: Poly, assumptions: Sequence[Relational]) -> list[Expr] | None:
    coefficients = polynomial.all_coeffs()
    if polynomial.degree() > 2 and not any(coefficients[1:-1]):
        return _pure_roots(-coefficients[-1] / coefficients[0], polynomial.degree(), coefficients[0], assumptions)
    if len(coefficients) not in (2, 3) or not _is_nonzero(coefficients[0], assumptions):
        return None
    if len(coefficients) == 2:
        return [number_form(-coefficients[1] / coefficients[0])]
    a, b, c = coefficients
    if b == 0:
        return _square_roots(number_form(-c / a), assumptions)
    discriminant = sympy.factor(b**2 - 4 * a * c)
    if is_zero(discriminant):
        return [number_form(-b / (2 * a))]
    if is_positive(discriminant, assumptions):
        pair = [number_form((-b + sign * sympy.sqrt(discriminant)) / (2 * a)) for sign in (-1, 1)]
        return sorted(pair, key=float) if all(root.is_number for root in pair) else pair
    return [] if is_nonnegative(discriminant, assumptions) is False else None


def _pure_roots(power: Expr, degree: int, leading: Expr, assumptions: Sequence[Relational]) -> list[Expr] | None:
    """The real solutions of u**degree = power, for a power whose sign is known."""
    if not _is_nonzero(leading, assumptions):
        return None
    if is_zero(power):
        return [sympy.S.Zero]
    if is_positive(power, assumptions):
        root = sympy.root(power, degree)
        return [root] if degree % 2 else [-root, root]
    if is_positive(-power, assumptions):
        return [-sympy.root(-power, degree)] if degree % 2 else []
    return None


def _square_roots(square: Expr, assumptions: Sequence[Relational]) -> list[Expr] | None:
    if is_positive(square, assumptions):
        return [-sympy.sqrt(square), sympy.sqrt(square)]
    if is_zero(square):
        return [sympy.S.Zero]
    return [] if is_nonnegative(square, assumptions) is False else None


def _is_nonzero(value: Expr, assumptions: Sequence[Relational]) -> bool:
    return is_positive(value, assumptions) is True or is_positive(-value, assumptions) is True


def _by_inverse_functions(left: Expr, unknown: Symbol, assumptions: Sequence[Relational]) -> list[Expr] | None:
    """One zero or none, where the unknown occurs once, inside functions that are one-to-one."""
    solved = isolated(left, unknown)
    if solved is None:
        return None
    value, conditions = solved
    positive = [is_positive(condition, assumptions) for condition in conditions]
    if any(truth is False for truth in positive):
        return []
    return [value] if all(positive) else None


def isolated(left: Expr, unknown: Symbol) -> tuple[Expr, list[Expr]] | None:
    """left = 0 solved for an unknown that occurs once, inside sums, multiples, exp and log.

    The second part are what must be positive: arguments of log on the way. None where that is not the form.

    >>> x, u = sympy.symbols("x u", real=True)
    >>> isolated(2 * sympy.exp(3 * x) - u, x)
    (log(u/2)/3, [u/2])
    """
    if sum(part == unknown for part in sympy.preorder_traversal(left)) != 1:
        return None
    side, value, conditions = left, sympy.S.Zero, []
    while side != unknown:
        if side.is_Add:
            rest, side = side.as_independent(unknown, as_Add=True)
            value = value - rest
        elif side.is_Mul:
            factor, side = side.as_independent(unknown, as_Add=False)
            if not factor.is_number:
                return None
            value = value / factor
        elif isinstance(side, sympy.exp):
            conditions.append(value)
            side, value = side.args[0], sympy.log(value)
        elif isinstance(side, sympy.log):
            side, value = side.args[0], sympy.exp(value)
        else:
            return None
    return multiplied_out(value) if value.is_Add else value, conditions
