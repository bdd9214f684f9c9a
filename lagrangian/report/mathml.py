"""Formulas as presentation MathML for the browsers of today (MathML Core), in the order and with the names of the text form."""

import re
from collections.abc import Callable
from typing import Any, ClassVar

import sympy
from sympy import Basic, Expr, S
from sympy.core.function import Function
from sympy.core.mul import _keep_coeff
from sympy.core.relational import Relational
from sympy.printing.precedence import PRECEDENCE, precedence_traditional
from sympy.printing.printer import Printer

from lagrangian.conditions.ordered_sum import OrderedSum, ScaledSum
from lagrangian.report.mathml_parts import (
    FUNCTION_APPLICATION,
    INVISIBLE_TIMES,
    THIN,
    bracketed,
    element,
    identifier,
    infix,
    is_word,
    listed,
    minus,
    number,
    operator,
    raised,
    row,
    words,
)
from lagrangian.report.notation import ROOT_VARIABLE, text

RELATIONS = {"==": "=", "!=": "≠", "<=": "≤", ">=": "≥", "<": "<", ">": ">"}
SUM, PRODUCT, POWER, ATOM = (PRECEDENCE[name] for name in ("Add", "Mul", "Pow", "Atom"))
# beside another factor, digits would run together with it, and a fraction would be taken for a part of a mixed number
STARTS_WITH_NUMBER = re.compile(r"(<mrow>|<msup>)*<(mn|mfrac)>")
HALF = sympy.Rational(1, 2)


def mathml(value: Any) -> str:
    """A formula as the inside of a <math> element.

    >>> x, y = sympy.symbols("x y")
    >>> mathml(x**2 <= 1)
    '<mrow><msup><mi>x</mi><mn>2</mn></msup><mo form="infix">≤</mo><mn>1</mn></mrow>'
    """
    return MathMLPrinter().doprint(value)


def pieces(value: Any) -> list[str]:
    """A formula in parts between which a line may end: the sides of a relation and the terms of sums.

    >>> x, y = sympy.symbols("x y")
    >>> len(pieces(sympy.Le(x + y, 1)))
    3
    """
    return MathMLPrinter().pieces(value)


class MathMLPrinter(Printer):
    """SymPy's expressions, each method one kind; what no method knows is written as text."""

    printmethod = "_no_method_of_an_expression"
    _default_settings: ClassVar[dict[str, Any]] = {"order": None}
    emptyPrinter: ClassVar[Callable[[Any], str]] = staticmethod(lambda value: words(text(value)))

    def _within(self, expression: Any, level: int, *, strict: bool = False) -> str:
        """In brackets where it binds less than what is around it; ``strict``: also where it binds as much."""
        shown, binding = self._print(expression), binding_of(expression)
        return bracketed(shown) if binding < level or (strict and binding == level) else shown

    def pieces(self, value: Any) -> list[str]:
        """The formula in parts, each but the first with the sign in front that joins it to what is before."""
        if isinstance(value, Relational):
            first, *others = self.pieces(value.rhs)
            return [*self.pieces(value.lhs), row(infix(_sign(value)), first), *others]
        if isinstance(value, sympy.Add):
            return self._signed(self._as_ordered_terms(value))
        if isinstance(value, sympy.CRootOf):
            first, *others = self.pieces(value.poly.as_expr(ROOT_VARIABLE))
            return [row(words(f"root {value.index + 1} of "), first), *others]
        return self._signed(list(value.args)) if isinstance(value, OrderedSum) else [self._print(value)]

    # sums and products

    def _print_Add(self, total: sympy.Add) -> str:
        return row(*self._signed(self._as_ordered_terms(total)))

    def _print_OrderedSum(self, total: OrderedSum) -> str:
        return row(*self._signed(list(total.args)))

    def _print_ScaledSum(self, product: ScaledSum) -> str:
        factor, total = product.args
        negative, size = split_sign(factor)
        shown = row(self._within(size, PRODUCT), operator(INVISIBLE_TIMES), bracketed(self._print(total)))
        return row(minus(), shown) if negative else shown

    def _signed(self, terms: list[Any]) -> list[str]:
        """Each term with its sign, the first one without a plus."""
        parts: list[str] = []
        for term in terms:
            negative, size = split_sign(term)
            shown = self._within(size, SUM, strict=True)
            if parts:
                shown = row(infix("−" if negative else "+"), shown)
            elif negative:
                shown = row(minus(), shown)
            parts.append(shown)
        return parts

    def _print_Mul(self, product: sympy.Mul) -> str:
        negative, size = split_sign(product)
        if negative:
            return row(minus(), self._within(size, PRODUCT))
        above, below = over_and_under(product)
        if below:
            return element("mfrac", self._factors(above), self._factors(below))
        return self._factors(above)

    def _factors(self, factors: list[Any]) -> str:
        if len(factors) <= 1:
            return self._print(factors[0]) if factors else number("1")
        shown: list[str] = []
        for place, factor in enumerate(factors):
            part = self._within(factor, PRODUCT)
            if shown:
                shown += _between(factors[place - 1], factor, shown[-1], part)
            shown.append(part)
        return row(*shown)

    # powers and roots

    def _print_Pow(self, power: sympy.Pow) -> str:
        base, exponent = power.args
        if exponent.is_Rational and exponent.is_negative:
            return element("mfrac", number("1"), self._raised(base, -exponent))
        return self._raised(base, exponent)

    def _raised(self, base: Any, exponent: Any) -> str:
        if exponent == 1:
            return self._print(base)
        if exponent == HALF:
            return element("msqrt", self._print(base))
        if exponent.is_Rational and exponent.p == 1:
            return element("mroot", self._print(base), self._print(exponent.q))
        if isinstance(base, Function) and exponent.is_Integer and type(base).__name__ in NAMED:
            return self._named(base, exponent)
        return raised(self._within(base, ATOM), self._exponent(exponent))

    def _exponent(self, exponent: Any) -> str:
        """A fraction in one line, since it is small."""
        if exponent.is_Rational and not exponent.is_Integer:
            shown = row(number(str(abs(exponent.p))), operator("/", lspace="0", rspace="0"), number(str(exponent.q)))
            return row(minus(), shown) if exponent.is_negative else shown
        return self._print(exponent)

    def _print_exp(self, function: Expr) -> str:
        return element("msup", element("mi", "e"), self._exponent(function.args[0]))

    # numbers and names

    def _print_Symbol(self, symbol: sympy.Symbol) -> str:
        return identifier(symbol.name)

    _print_Dummy = _print_Symbol

    def _print_Integer(self, value: sympy.Integer) -> str:
        return _signed_number(str(abs(value)), bool(value < 0))

    def _print_int(self, value: int) -> str:
        return _signed_number(str(abs(value)), value < 0)

    def _print_Rational(self, value: sympy.Rational) -> str:
        shown = element("mfrac", number(str(abs(value.p))), number(str(value.q)))
        return row(minus(), shown) if value.p < 0 else shown

    def _print_Float(self, value: sympy.Float) -> str:
        mantissa, _, power = text(abs(value)).partition("e")
        shown = number(mantissa)
        if power:
            raised = element("msup", number("10"), self._print(sympy.Integer(power)))
            shown = row(shown, infix("×"), raised)
        return row(minus(), shown) if value < 0 else shown

    def _print_Pi(self, _: Any) -> str:
        return element("mi", "π")

    def _print_Exp1(self, _: Any) -> str:
        return element("mi", "e")

    def _print_ImaginaryUnit(self, _: Any) -> str:
        return element("mi", "i")

    def _print_Infinity(self, _: Any) -> str:
        return element("mi", "∞")

    def _print_NegativeInfinity(self, _: Any) -> str:
        return row(minus(), element("mi", "∞"))

    def _print_ComplexRootOf(self, root: sympy.CRootOf) -> str:
        return row(words(f"root {root.index + 1} of "), self._print(root.poly.as_expr(ROOT_VARIABLE)))

    # functions

    def _print_Function(self, function: Expr) -> str:
        return self._named(function)

    def _named(self, function: Expr, exponent: Any = None) -> str:
        name = type(function).__name__
        shown = element("mi", NAMED[name]) if name in NAMED else identifier(name)
        if exponent is not None:
            shown = element("msup", shown, self._print(exponent))
        arguments = listed([self._print(argument) for argument in function.args])
        return row(shown, operator(FUNCTION_APPLICATION), bracketed(*arguments))

    _print_Max = _print_Min = _print_LatticeOp = _print_Function

    def _print_Abs(self, function: Expr) -> str:
        return bracketed(self._print(function.args[0]), left="|", right="|")

    def _print_floor(self, function: Expr) -> str:
        return bracketed(self._print(function.args[0]), left="⌊", right="⌋")

    def _print_ceiling(self, function: Expr) -> str:
        return bracketed(self._print(function.args[0]), left="⌈", right="⌉")

    def _print_factorial(self, function: Expr) -> str:
        return row(self._within(function.args[0], ATOM), operator("!", form="postfix"))

    def _print_Derivative(self, derivative: sympy.Derivative) -> str:
        below = row(element("mi", "d"), self._print(derivative.variables[0]))
        return row(element("mfrac", element("mi", "d"), below), bracketed(self._print(derivative.expr)))

    def _print_Piecewise(self, function: sympy.Piecewise) -> str:
        rows = []
        for value, condition in function.args:
            where = words("otherwise") if condition == S.true else row(words("if "), self._print(condition))
            rows.append(element("mtr", _left(self._print(value)), _left(where)))
        return row(operator("{", form="prefix", fence="true"), element("mtable", *rows))

    # relations, conditions, and what has many parts

    def _print_Relational(self, relation: Relational) -> str:
        return row(self._print(relation.lhs), infix(_sign(relation)), self._print(relation.rhs))

    def _print_And(self, condition: sympy.And) -> str:
        return self._joined(condition, "and")

    def _print_Or(self, condition: sympy.Or) -> str:
        return self._joined(condition, "or")

    def _joined(self, condition: Any, word: str) -> str:
        parts: list[str] = []
        for argument in sorted(condition.args, key=sympy.default_sort_key):
            shown = self._print(argument)
            part = bracketed(shown) if isinstance(argument, sympy.And | sympy.Or) else shown
            parts += [words(f" {word} "), part] if parts else [part]
        return row(*parts)

    def _print_MatrixBase(self, matrix: Any) -> str:
        rows = [element("mtr", *(element("mtd", self._print(e)) for e in line)) for line in matrix.tolist()]
        return bracketed(element("mtable", *rows), left="[", right="]")

    _print_ImmutableDenseMatrix = _print_MutableDenseMatrix = _print_MatrixBase

    def _print_tuple(self, values: Any) -> str:
        return bracketed(*listed([self._print(value) for value in values]))

    _print_Tuple = _print_list = _print_tuple

    def _print_dict(self, values: dict[Any, Any]) -> str:
        """A point: its coordinates with commas between them."""
        return row(*listed([row(self._print(k), infix("="), self._print(v)) for k, v in values.items()]))

    def _print_FiniteSet(self, values: sympy.FiniteSet) -> str:
        shown = [self._print(value) for value in sorted(values, key=sympy.default_sort_key)]
        return bracketed(*listed(shown), left="{", right="}")

    def _print_Interval(self, interval: sympy.Interval) -> str:
        left, right = "(" if interval.left_open else "[", ")" if interval.right_open else "]"
        return bracketed(*listed([self._print(interval.start), self._print(interval.end)]), left=left, right=right)


# the functions whose names stand upright
UPRIGHT: tuple[type, ...] = (
    sympy.sin,
    sympy.cos,
    sympy.tan,
    sympy.cot,
    sympy.asin,
    sympy.acos,
    sympy.atan,
    sympy.acot,
    sympy.sinh,
    sympy.cosh,
)
UPRIGHT += (sympy.tanh, sympy.coth, sympy.asinh, sympy.acosh, sympy.atanh, sympy.log, sympy.sign, sympy.erf, sympy.erfc)
NAMED = {function.__name__: function.__name__ for function in UPRIGHT}
NAMED |= {"Max": "max", "Min": "min", "LambertW": "W", "gamma": "Γ"}
FENCED = (sympy.Abs, sympy.floor, sympy.ceiling)


def binding_of(expression: Any) -> int:
    """How strongly the parts of an expression hold together, as it is written here."""
    if isinstance(expression, OrderedSum) or (isinstance(expression, Expr) and split_sign(expression)[0]):
        return SUM
    if isinstance(expression, ScaledSum):
        return PRODUCT
    if isinstance(expression, sympy.CRootOf | sympy.Piecewise | Relational):
        return 0
    if isinstance(expression, FENCED):
        return ATOM
    if isinstance(expression, sympy.exp):
        return POWER
    if isinstance(expression, sympy.Pow):
        return PRODUCT if expression.exp.is_Rational and expression.exp.is_negative else POWER
    if isinstance(expression, sympy.Rational) and not expression.is_Integer and expression > 0:
        return PRODUCT
    return int(precedence_traditional(expression)) if isinstance(expression, Basic) else ATOM


def split_sign(term: Any) -> tuple[bool, Any]:
    """Whether a minus sign comes first, and what follows it."""
    if isinstance(term, ScaledSum):
        negative, size = split_sign(term.args[0])
        return negative, ScaledSum(size, term.args[1]) if negative else term
    coefficient, rest = term.as_coeff_Mul() if isinstance(term, Expr) else (S.One, term)
    if not coefficient.is_extended_negative:
        return False, term
    return True, _keep_coeff(-coefficient, rest)


def over_and_under(product: sympy.Mul) -> tuple[list[Any], list[Any]]:
    """The factors above and below the bar of a fraction, in the order of the text form."""
    above: list[Any] = []
    below: list[Any] = []
    for factor in product.as_ordered_factors():
        exponent = factor.exp if isinstance(factor, sympy.Pow) else S.One
        if exponent.is_Rational and exponent.is_negative:
            below.append(sympy.Pow(factor.base, -exponent, evaluate=False) if exponent != -1 else factor.base)
        elif factor.is_Rational and factor.q != 1:
            above += [sympy.Integer(factor.p)] if factor.p != 1 else []
            below.insert(0, sympy.Integer(factor.q))
        else:
            above.append(factor)
    return above, below


def _sign(relation: Relational) -> str:
    return RELATIONS.get(relation.rel_op, relation.rel_op)


def _between(before: Any, after: Any, left: str, right: str) -> list[str]:
    """What stands between two factors: nothing that is seen, a dot between numbers, a little space beside words."""
    if STARTS_WITH_NUMBER.match(right):
        return [infix("·")]
    times = operator(INVISIBLE_TIMES)
    spaced = is_word(left) or is_word(right) or isinstance(before, Function) or isinstance(after, Function)
    return [times, THIN] if spaced else [times]


def _signed_number(digits: str, is_negative: bool) -> str:
    return row(minus(), number(digits)) if is_negative else number(digits)


def _left(shown: str) -> str:
    return element("mtd", shown, style="text-align: left")
