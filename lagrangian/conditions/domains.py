"""Where elementary functions are defined, as functions of real numbers: three-valued, at points in closed form."""

from collections.abc import Callable

import sympy
from sympy import Expr, Pow, Symbol

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.signs import is_nonnegative, is_positive, is_zero
from lagrangian.logic import Truth, all3, not3
from lagrangian.problem.guards import TOTAL


def is_defined(expression: Expr, point: dict[Symbol, Expr]) -> Truth:
    """Whether every part of an expression is a real number at a point; False only where one certainly is not.

    Powers with exponents that are no integers are those of numbers >= 0, and of numbers > 0 where the exponent may be
    negative. What SymPy has simplified before (x/x to 1) is not seen.

    >>> x = Symbol("x", real=True)
    >>> [is_defined(sympy.sqrt(x) * sympy.sqrt(x - 3), {x: sympy.Integer(number)}) for number in (-1, 4)]
    [False, True]
    """
    if not expression.free_symbols:
        return _is_real(expression)
    if expression.is_Symbol:
        return _is_real(point[expression]) if expression in point else None
    inner = all3(is_defined(argument, point) for argument in expression.args)
    if inner is not True:
        return inner
    return _is_inside(expression, [argument.xreplace(point) for argument in expression.args])


def _is_real(number: Expr) -> Truth:
    return True if enclose(number) is not None else None


def _is_inside(expression: Expr, values: list[Expr]) -> Truth:
    """Whether an operation is defined for these real numbers."""
    if expression.is_Add or expression.is_Mul or isinstance(expression, TOTAL):
        return True
    if isinstance(expression, Pow):
        return _power_is_defined(*values)
    test = _TESTS.get(expression.func)
    return test(values[0]) if test is not None else None


def _power_is_defined(base: Expr, exponent: Expr) -> Truth:
    if isinstance(exponent, sympy.Integer):
        return True if exponent >= 0 else not3(is_zero(base))
    positive = is_positive(base)
    if positive:
        return True
    if is_nonnegative(base) is False:
        # an exponent that is an integer by accident is not called undefined
        return False if exponent.is_integer is False else None
    if is_zero(base):
        rising = is_positive(exponent)
        return True if rising else (False if is_positive(-exponent) else None)
    return None


def _within_one(value: Expr) -> Truth:
    return all3([is_nonnegative(1 - value), is_nonnegative(1 + value)])


_TESTS: dict[type, Callable[[Expr], Truth]] = {
    sympy.log: is_positive,
    sympy.tan: lambda value: not3(is_zero(sympy.cos(value))),
    sympy.asin: _within_one,
    sympy.acos: _within_one,
}
