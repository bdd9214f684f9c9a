"""Rigorous enclosures of SymPy expressions without free symbols, in python-flint's ball arithmetic."""

from typing import Any

import flint
import sympy
from flint import arb, fmpq
from sympy import CRootOf, Expr


def enclose(expression: Expr, bits: int = 128) -> arb | None:
    """A ball that holds the real value of a constant expression, or None where the package cannot evaluate it.

    >>> x = sympy.sqrt(2) + sympy.exp(1)
    >>> enclose(x, 64).contains(arb(fmpq(4132495, 10**6)))
    False
    >>> round(float(enclose(x, 64)), 12)
    4.132495390832
    """
    with flint.ctx.workprec(bits):
        value = _enclose(expression)
    return value if value is not None and value.is_finite() else None


def may_be_integer(number: Expr) -> bool:
    """Whether a real number is an integer, or not shown to be none: SymPy keeps 2 sin(1)**2 + 2 cos(1)**2 as it is.

    >>> [may_be_integer(number) for number in (sympy.Rational(1, 3), sympy.sqrt(2), 2 * sympy.sin(1)**2 + 2 * sympy.cos(1)**2)]
    [False, False, True]
    """
    ball = enclose(number)
    return ball is None or bool(ball.contains_integer())


def _enclose(expression: Expr) -> arb | None:
    if isinstance(expression, sympy.Rational):
        return arb(fmpq(int(expression.p), int(expression.q)))
    if expression in _CONSTANTS:
        return _CONSTANTS[expression]()
    if isinstance(expression, CRootOf):
        return _enclose_root(expression)
    values: list[Any] = [_enclose(argument) for argument in expression.args]
    if not values or any(value is None for value in values):
        return None
    if expression.is_Add:
        return sum(values[1:], values[0])
    if expression.is_Mul:
        product = values[0]
        for value in values[1:]:
            product *= value
        return product
    if expression.is_Pow:
        return _power(expression, *values)
    if isinstance(expression, sympy.Abs):
        return abs(values[0])
    if isinstance(expression, sympy.Max | sympy.Min):
        result = values[0]
        for value in values[1:]:
            result = result.max(value) if isinstance(expression, sympy.Max) else result.min(value)
        return result
    function = _FUNCTIONS.get(expression.func)
    return function(values[0]) if function is not None and len(values) == 1 else None


def _power(expression: Expr, base: arb, exponent: arb) -> arb | None:
    power = expression.exp
    if isinstance(power, sympy.Integer):
        return base ** int(power)
    if isinstance(power, sympy.Rational) and base >= 0:
        root = base.root(int(power.q)) if power.q != 2 else base.sqrt()
        return root ** int(power.p)
    return (base.log() * exponent).exp() if base > 0 else None


def _enclose_root(root: CRootOf) -> arb | None:
    polynomial = root.poly.set_domain("ZZ")
    coefficients = [int(value) for value in reversed(polynomial.all_coeffs())]
    real = [
        ball.real
        for ball, _ in flint.fmpz_poly(coefficients).complex_roots()
        if ball.imag.is_exact() and ball.imag == 0
    ]
    real.sort(key=lambda ball: ball.mid().fmpq())
    return real[root.index] if root.index < len(real) else None


_CONSTANTS = {sympy.pi: arb.pi, sympy.E: arb.const_e, sympy.GoldenRatio: lambda: (1 + arb(5).sqrt()) / 2}
_FUNCTIONS = {
    sympy.exp: arb.exp,
    sympy.log: arb.log,
    sympy.sin: arb.sin,
    sympy.cos: arb.cos,
    sympy.tan: arb.tan,
    sympy.asin: arb.asin,
    sympy.acos: arb.acos,
    sympy.atan: arb.atan,
    sympy.sinh: arb.sinh,
    sympy.cosh: arb.cosh,
    sympy.tanh: arb.tanh,
    sympy.erf: arb.erf,
    sympy.LambertW: arb.lambertw,
}
