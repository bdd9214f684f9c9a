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


def is_zero_combination(number: Expr, is_zero: Callable[[Expr], Truth]) -> Truth:
    """Whether c_1 log(a_1) + ... + c_n log(a_n) vanishes, for rational c and positive a: whether a_1**c_1 ... a_n**c_n is 1.

    None for other numbers. ``is_zero`` decides for the difference of that product and 1.

    >>> from sympy import log, sqrt
    >>> decide = lambda number: sympy.simplify(number) == 0
    >>> is_zero_combination(2 * log(1 + sqrt(2)) - log(3 + 2 * sqrt(2)), decide), is_zero_combination(log(2) - 1, decide)
    (True, None)
    """
    weights: dict[Expr, Rational] = {}
    for term in sympy.Add.make_args(sympy.expand_mul(number)):
        weight, logarithm = term.as_coeff_Mul()
        if not isinstance(logarithm, sympy.log) or not weight.is_Rational:
            return None
        weights[logarithm.args[0]] = weights.get(logarithm.args[0], sympy.Integer(0)) + weight
    balls = [enclose(argument) for argument in weights]
    if not weights or any(ball is None or not ball > 0 for ball in balls):
        return None
    scale = sympy.ilcm(1, *(weight.q for weight in weights.values()))
    return is_zero(sympy.Mul(*(argument ** (scale * weight) for argument, weight in weights.items())) - 1)
