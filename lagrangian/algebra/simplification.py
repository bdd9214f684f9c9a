"""Shorter forms of numbers and formulas."""

import sympy
from sympy import CRootOf, Expr, Pow


def shortened(value: Expr) -> Expr:
    """As SymPy simplifies a value, unless a log(a) + b log(b) becomes log(a**a b**b).

    Polynomials in the roots of others are left alone, since it would take long.

    >>> x = sympy.Symbol("x", positive=True)
    >>> a, b = sympy.sqrt(2), sympy.sqrt(3)
    >>> shortened((x**2 - 1) / (x - 1)), shortened(a * sympy.log(2) + b * sympy.log(3))
    (x + 1, sqrt(2)*log(2) + sqrt(3)*log(3))
    """
    if value.has(CRootOf):
        return value
    simplified = sympy.simplify(value)
    return simplified if _irrational_powers(simplified) <= _irrational_powers(value) else value


def _irrational_powers(value: Expr) -> int:
    return sum(power.exp.is_number and not power.exp.is_Rational for power in value.atoms(Pow))
