"""Sums printed in the order in which a textbook writes them, f first, then - λ (g - b): to look at, not to compute with."""

from typing import Any

from sympy import Add, Expr


class OrderedSum(Expr):
    """A sum whose terms stay as and where they are.

    >>> from sympy import symbols
    >>> x, y, multiplier = symbols("x y lambda")
    >>> OrderedSum(x * y, scaled(-multiplier, difference(x + y, 10 + x**2)))
    x*y - lambda*(x + y - x**2 - 10)
    """

    def _sympystr(self, printer: Any) -> str:
        return _joined([printer._print(term) for term in self.args])

    def _latex(self, printer: Any) -> str:
        return _joined([printer._print(term) for term in self.args])


class ScaledSum(Expr):
    """A factor times an ordered sum, in brackets."""

    def _sympystr(self, printer: Any) -> str:
        factor, total = map(printer._print, self.args)
        return f"{factor}*({total})"

    def _latex(self, printer: Any) -> str:
        factor, total = map(printer._print, self.args)
        return f"{factor} \\left({total}\\right)"


def ordered_sum(terms: list[Expr]) -> Expr:
    return OrderedSum(*terms) if len(terms) > 1 else Add(*terms)


def difference(left: Expr, right: Expr) -> Expr:
    """left - right with the terms of each in their usual order, those of the left side first."""
    return ordered_sum([*terms_of(left), *(-term for term in terms_of(right))])


def scaled(factor: Expr, expression: Expr) -> Expr:
    """factor times expression, not expanded."""
    return ScaledSum(factor, expression) if isinstance(expression, OrderedSum) else factor * expression


def terms_of(expression: Expr) -> list[Expr]:
    """The terms of a sum in the order in which SymPy prints them, none for zero."""
    return [term for term in expression.as_ordered_terms() if term != 0]


def _joined(printed: list[str]) -> str:
    first, *rest = printed
    return first + "".join(f" - {term[1:].lstrip()}" if term.startswith("-") else f" + {term}" for term in rest)
