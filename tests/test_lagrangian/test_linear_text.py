"""Long linear texts: read as the grammar reads them, and left to it wherever they are not plainly linear."""

import random

import pytest
from sympy import Rational, Symbol

from lagrangian.errors import ParseError
from lagrangian.problem import linear_text
from lagrangian.problem.linear_text import linear_sides
from lagrangian.problem.parsing import parse_expression, parse_relations

NAMES = {f"v_{i}": Symbol(f"v_{i}", real=True) for i in range(40)}


def text_of(seed: int) -> str:
    draw = random.Random(seed)
    sides = []
    for _ in range(draw.randint(1, 3)):
        terms = []
        for _ in range(draw.randint(1, 60)):
            number = draw.choice(["7", "12", "0.25", "3.", "1000000007"])
            name = draw.choice(list(NAMES))
            terms.append(draw.choice([name, number, f"{number}*{name}", f"{number} * {name}"]))
        signs = [draw.choice([" + ", "-", " - ", "+"]) for _ in terms]
        sides.append(
            draw.choice(["", "-", "+ "]) + "".join(t + s for t, s in zip(terms, signs, strict=True)).rstrip(" +-")
        )
    return draw.choice([" <= ", "==", " >= ", "<"]).join(sides)


@pytest.mark.parametrize("seed", range(30))
def test_the_same_as_by_the_grammar(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = text_of(seed)
    expected = (
        parse_relations(text, NAMES, bare=None) if any(s in text for s in "<>=") else parse_expression(text, NAMES)
    )
    monkeypatch.setattr(linear_text, "LONG", 0)
    assert linear_sides(text, NAMES) is not None
    found = parse_relations(text, NAMES, bare=None) if any(s in text for s in "<>=") else parse_expression(text, NAMES)
    assert found == expected


def test_ten_thousand_terms() -> None:
    names = {f"x{i}": Symbol(f"x{i}", real=True) for i in range(10_000)}
    text = " + ".join(f"{i % 997 + 1}*x{i}" for i in range(10_000))
    (relation,) = parse_relations(f"{text} <= 123456", names)
    assert relation.rhs == 123456 and len(relation.lhs.args) == 10_000
    assert relation.lhs.as_coefficients_dict()[names["x996"]] == 997
    assert parse_expression(f"{text} - 0.5", names).as_coefficients_dict()[1] == Rational(-1, 2)


@pytest.mark.parametrize(
    "text",
    ["x*y", "x**2", "2x", "x +", "+ + x", "x y", "sin(x)", "(x)", "x/2", "1e5*x", "z", "", "<= x", "x <= ", "x*2", "9" * 41],
)  # fmt: skip
def test_what_is_not_plainly_linear_is_left_to_the_grammar(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear_text, "LONG", 0)
    assert linear_sides(text, {"x": Symbol("x"), "y": Symbol("y")}) is None


def test_limits_of_the_grammar_hold_for_all_else() -> None:
    x = Symbol("x")
    with pytest.raises(ParseError, match="limit is 100000"):
        parse_expression("x*x + " * 30_000 + "x", {"x": x})
    with pytest.raises(ParseError, match="limit is 100000"):
        parse_expression("x + " * 300_000 + "x", {"x": x})
