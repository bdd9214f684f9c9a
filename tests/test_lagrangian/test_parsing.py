"""The parser against Python's own parser, against SymPy's printer, and against everything hostile."""

import ast
import time
from fractions import Fraction
from pathlib import Path

import pytest
import sympy
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sympy import Abs, And, E, Eq, Expr, Ge, Gt, Le, Lt, Max, Min, Rational, Symbol, cos, erf, exp, log, pi, sin, sqrt

import lagrangian
from lagrangian.errors import ParseError
from lagrangian.problem.parsing import names_in, parse_expression, parse_relation, parse_relations

SYMBOLS = {name: Symbol(name, real=True) for name in ("x", "y", "z", "x1", "lambda", "α")}
x, y, z = (SYMBOLS[name] for name in "xyz")
UNHURRIED = settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])


def parse(text: str) -> Expr:
    return parse_expression(text, SYMBOLS)


def message(text: str) -> str:
    with pytest.raises(ParseError) as caught:
        parse(text)
    (line,) = str(caught.value).splitlines()
    return line


# --- agreement with independent readers ---------------------------------------------------------------------------------


class NoRationalError(Exception):
    """The oracle does not know: an irrational power, or a number too large for it."""


def python_value(text: str) -> Fraction:
    """The value of arithmetic text by Python's parser and exact fractions."""
    return _value(ast.parse(text, mode="eval").body, text)


def _value(node: ast.AST, text: str) -> Fraction:
    if isinstance(node, ast.Constant):
        return Fraction(ast.get_source_segment(text, node))
    if isinstance(node, ast.UnaryOp):
        operand = _value(node.operand, text)
        return -operand if isinstance(node.op, ast.USub) else operand
    assert isinstance(node, ast.BinOp)
    left, right = _value(node.left, text), _value(node.right, text)
    match node.op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
    if right.denominator != 1 or abs(right) > 20 or max(abs(left.numerator), left.denominator) > 10**9:
        raise NoRationalError
    return left**right.numerator


numbers = st.one_of(
    st.integers(0, 30).map(str),
    st.decimals(0, 20, places=2).map(str),
    st.sampled_from(["1e-6", "2.5E2", ".5", "3.", "007.50", "1e+1"]),
)
arithmetic = st.recursive(
    numbers,
    lambda inner: st.one_of(
        st.builds("({})".format, inner),
        st.builds("{}{}".format, st.sampled_from("-+"), inner),
        st.builds("{} {} {}".format, inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner),
        st.builds("{}**{}".format, inner, st.sampled_from(["2", "-1", "3", "-2"])),
    ),
    max_leaves=12,
)


@UNHURRIED
@given(arithmetic)
def test_arithmetic_agrees_with_python(text: str) -> None:
    source = text.replace("007.50", "7.50")
    try:
        expected = python_value(source)
    except ZeroDivisionError:
        with pytest.raises(ParseError, match="division by zero|zoo|no finite"):
            parse(text)
        return
    except NoRationalError:
        assume(False)
    assert parse(text) == Rational(expected.numerator, expected.denominator)


leaves = st.one_of(
    st.sampled_from([x, y, z, SYMBOLS["lambda"], SYMBOLS["α"], pi, E]),
    st.fractions(-20, 20, max_denominator=12).map(lambda value: Rational(value.numerator, value.denominator)),
)
functions = st.sampled_from(
    [exp, log, sqrt, sin, cos, erf, Abs, sympy.tan, sympy.asin, sympy.atan, sympy.sinh, sympy.cosh, sympy.tanh]
)
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: sympy.Add(*parts)),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: sympy.Mul(*parts)),
        st.builds(sympy.Pow, inner, st.sampled_from([2, 3, -1, -2, Rational(1, 2), Rational(-2, 3), y])),
        st.builds(lambda function, argument: function(argument), functions, inner),
        st.builds(lambda function, parts: function(*parts), st.sampled_from([Max, Min]), st.lists(leaves, min_size=2, max_size=3)),
    ),
    max_leaves=8,
)


def is_real_and_finite(expression: Expr) -> bool:
    parts = list(sympy.preorder_traversal(expression))
    return not expression.has(sympy.I, sympy.zoo, sympy.nan, sympy.oo) and all(
        part.is_extended_real is not False for part in parts if part.is_number
    )


def same_values(left: Expr, right: Expr) -> bool:
    """For the few expressions that SymPy does not keep in one form, such as Abs(x)**(3/2) and sqrt(Abs(x))*Abs(x)."""
    point = {symbol: Rational(k + 3, 7) for k, symbol in enumerate(SYMBOLS.values())}
    return abs((left - right).subs(point).evalf(20)) < 1e-15


@UNHURRIED
@given(expressions.filter(is_real_and_finite))
def test_what_sympy_prints_reads_back_equal(expression: Expr) -> None:
    try:
        read = parse(str(expression))
    except ParseError as error:
        assert "the limit is" in str(error)
    else:
        assert read == expression or same_values(read, expression)
