"""Corrections: what is proposed is read by the parser, and means what the text means to a mathematician."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Le, Symbol, cos, sin, sqrt

from lagrangian import ParseError, parse_expression
from lagrangian.problem.corrections import corrected
from lagrangian.problem.parsing import names_in, parse_relations

x, y = Symbol("x", real=True), Symbol("y", real=True)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("x^2 + y", x**2 + y),
        ("x² + y¹⁰", x**2 + y**10),
        ("2x", 2 * x),
        ("2 x y", 2 * x * y),
        ("(x + 1)(x - 1)", (x + 1) * (x - 1)),
        ("3(x + y)", 3 * (x + y)),
        ("x(y + 1) + x", x * (y + 1) + x),
        ("sin x", sin(x)),
        ("2cos(x) + 3sin y", 2 * cos(x) + 3 * sin(y)),
        ("sine(x) + arcsin(1)*0", sin(x)),
        ("√2*y + √(x)", sqrt(2) * y + sqrt(x)),
        ("|x| + [y]", abs(x) + y),
        ("0,5*x", x / 2),
        ("(x + (y", x + y),
        ("x + y)", x + y),
        ("x\u200b + y", x + y),
    ],
)
def test_what_is_meant(text: str, meant) -> None:
    with pytest.raises(ParseError) as failure:
        parse_expression(text, {"x": x, "y": y})
    assert parse_expression(corrected(failure.value), {"x": x, "y": y}) == meant


@pytest.mark.parametrize(
    ("text", "meant"), [("x => 1", "x >= 1"), ("2x =< y", "2*x <= y"), ("sin(x <= 1", "sin(x) <= 1")]
)
def test_relations(text: str, meant: str) -> None:
    with pytest.raises(ParseError) as failure:
        parse_relations(text, {"x": x, "y": y})
    assert corrected(failure.value) == meant


@pytest.mark.parametrize(
    "text",
    [
        "sin x**2",
        "sin 2 x",
        "log10(x)",
        "arcsinh(x)",
        "x ** ** 2",
        "x +",
        "y!",
        "9**9**9**9",
        "x != 1",
        "x'",
        "",
        "^" * 300,
    ],
)
def test_what_may_mean_two_things_or_nothing_is_not_corrected(text: str) -> None:
    with pytest.raises(ParseError) as failure:
        parse_expression(text, {"x": x, "y": y})
    assert corrected(failure.value) is None


def test_names_that_are_nearly_known() -> None:
    with pytest.raises(ParseError) as failure:
        parse_expression("price*quantitty", {"price": x, "quantity": y})
    assert corrected(failure.value) == "price*quantity"


@given(st.text("xy2^(+*|)[]√² ,<=", max_size=12))
def test_every_correction_is_read(text: str) -> None:
    try:
        parse_relations(text, {name: Symbol(name, real=True) for name in names_in(text)}, demands={})
    except ParseError as error:
        proposal = corrected(error)
        if proposal is not None:
            parse_relations(
                proposal, {name: Symbol(name, real=True) for name in names_in(proposal)}, bare=Le, demands={}
            )
