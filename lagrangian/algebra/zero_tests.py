"""Exact tests whether numbers in closed form vanish: rational functions of one root, and combinations of logarithms."""

from collections.abc import Callable

import sympy
from sympy import CRootOf, Dummy, Expr, Rational

from lagrangian.algebra.balls import enclose
from lagrangian.logic import Truth


def is_zero_in_one_root(number: Expr) -> Truth:
    """Whether a rational function of a single CRootOf vanishes: its numerator is a multiple of the minimal polynomial.

    None for other numbers, and where the denominator vanishes.

    >>> t = CRootOf(sympy.Symbol("x") ** 5 - sympy.Symbol("x") - 1, 0)
    >>> is_zero_in_one_root(1 / t + 1 - t**4), is_zero_in_one_root(t**2 - t), is_zero_in_one_root(sympy.sqrt(2) - t)
    (True, False, None)
    """
    roots = number.atoms(CRootOf)
    if len(roots) != 1:
        return None
    root, symbol = roots.pop(), Dummy("t")
    function = number.xreplace({root: symbol})
    if not function.is_rational_function(symbol) or any(not c.is_Rational for c in function.atoms(sympy.NumberSymbol)):
        return None
    above, below = (part.as_poly(symbol) for part in sympy.fraction(sympy.together(function)))
    if above is None or below is None or not (above.domain.is_QQ or above.domain.is_ZZ) or not below.domain.is_Exact:
        return None
    modulus = root.poly.replace(symbol)
    if below.rem(modulus).is_zero:
        return None
    return bool(above.rem(modulus).is_zero)


def vanishes_as_logarithms(expression: Expr) -> bool:
    """Whether r + c_1 log(u_1) + ... is shown to vanish, u > 0 with parameters: exp(r) u_1**c_1 ... is simplified to 1.

    >>> s, t = sympy.symbols("s t", real=True)
    >>> vanishes_as_logarithms(sympy.log(sympy.exp(s) + sympy.exp(t)) + sympy.log(1 / (sympy.exp(s - t) + 1)) - t)
    True
    """
    weights, rest = _split(expression)
    if not weights or not all(argument.is_positive for argument in weights):
        return False
    scale = _common_denominator(weights)
    product = sympy.Mul(*(argument ** (scale * weight) for argument, weight in weights.items())) * sympy.exp(
        scale * rest
    )
    return bool(sympy.cancel(sympy.expand_power_exp(product) - 1) == 0)


def _split(expression: Expr) -> tuple[dict[Expr, Rational], Expr]:
    """The rational weight of each log(u) in a sum, by u, and what is left of the sum."""
    weights: dict[Expr, Rational] = {}
    rest = []
    for term in sympy.Add.make_args(sympy.expand_mul(expression)):
        weight, logarithm = term.as_coeff_Mul()
        if isinstance(logarithm, sympy.log) and weight.is_Rational:
            weights[logarithm.args[0]] = weights.get(logarithm.args[0], sympy.Integer(0)) + weight
        else:
            rest.append(term)
    return weights, sympy.Add(*rest)


def _common_denominator(weights: dict[Expr, Rational]) -> int:
    return int(sympy.ilcm(1, *(weight.q for weight in weights.values())))


def is_zero_combination(number: Expr, is_zero: Callable[[Expr], Truth]) -> Truth:
    """Whether c_1 log(a_1) + ... + c_n log(a_n) vanishes, for rational c and positive a: whether a_1**c_1 ... a_n**c_n is 1.

    None for other numbers. ``is_zero`` decides for the difference of that product and 1.

    >>> from sympy import log, sqrt
    >>> decide = lambda number: sympy.simplify(number) == 0
    >>> is_zero_combination(2 * log(1 + sqrt(2)) - log(3 + 2 * sqrt(2)), decide), is_zero_combination(log(2) - 1, decide)
    (True, None)
    """
    weights, rest = _split(number)
    if rest != 0:
        return None
    balls = [enclose(argument) for argument in weights]
    if not weights or any(ball is None or not ball > 0 for ball in balls):
        return None
    scale = _common_denominator(weights)
    return is_zero(sympy.Mul(*(argument ** (scale * weight) for argument, weight in weights.items())) - 1)
