"""Formulas as text: x², √2, ≤, λ."""

from typing import Any

import sympy
from sympy import Expr
from sympy.core.relational import Relational
from sympy.printing.str import StrPrinter

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
GREEK = {
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "sigma": "σ",
    "theta": "θ",
    "pi": "π",
}
ROOT_VARIABLE = sympy.Symbol("t")
RELATIONS = {"==": "=", "<=": "≤", ">=": "≥", "<": "<", ">": ">", "!=": "≠"}


class TextPrinter(StrPrinter):
    """SymPy's one-line form with superscripts, root signs, Greek letters and mathematical relation signs."""

    def _print_Symbol(self, symbol: sympy.Symbol) -> str:
        head, underscore, tail = symbol.name.partition("_")
        return GREEK.get(head, head) + underscore + tail

    _print_Dummy = _print_Symbol

    def _print_Pow(self, power: sympy.Pow, rational: bool = False) -> str:
        base, exponent = power.base, power.exp
        if exponent == sympy.Rational(1, 2):
            inside = self._print(base)
            return f"√{inside}" if base.is_Integer or base.is_Symbol else f"√({inside})"
        if exponent.is_Integer and exponent > 1:
            inside = self.parenthesize(base, sympy.printing.precedence.PRECEDENCE["Pow"])
            return inside + str(exponent).translate(SUPERSCRIPTS)
        return super()._print_Pow(power, rational=rational)

    def _print_ComplexRootOf(self, root: sympy.CRootOf) -> str:
        return f"root {root.index + 1} of {self._print(root.poly.as_expr(ROOT_VARIABLE))}"

    def _print_Derivative(self, derivative: sympy.Derivative) -> str:
        return f"d({self._print(derivative.expr)})/d{self._print(derivative.variables[0])}"

    def _print_Limit(self, limit: sympy.Limit) -> str:
        function, variable, place, side = limit.args
        beside = "" if place in (sympy.oo, -sympy.oo) else str(side)
        return f"lim {self._print(variable)} → {self._print(place)}{beside} of {self._print(function)}"

    def _print_Infinity(self, _: Expr) -> str:
        return "∞"

    def _print_NegativeInfinity(self, _: Expr) -> str:
        return "-∞"

    def _print_Pi(self, _: Expr) -> str:
        return "π"

    def _print_Relational(self, relation: Relational) -> str:
        sign = RELATIONS.get(relation.rel_op, relation.rel_op)
        return f"{self._print(relation.lhs)} {sign} {self._print(relation.rhs)}"


def text(value: Any) -> str:
    """One line of text for an expression or a relation.

    >>> x, y = sympy.symbols("x y")
    >>> text(sympy.Le(x**2 + sympy.sqrt(2) * y, 1))
    'x² + √2*y ≤ 1'
    """
    return TextPrinter().doprint(value)
