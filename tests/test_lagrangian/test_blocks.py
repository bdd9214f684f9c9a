"""Every kind of block is rendered in every form, with all its parts."""

import re
from typing import Any, get_args

import pytest
from sympy import Eq, Ge, Matrix, symbols

from lagrangian import LagrangianError, minimize
from lagrangian.report import html, latex, markdown, plain
from lagrangian.report.blocks import Block, Case, Formulas, Sentence, Step, Table, say

x, y, mu = symbols("x y mu")
FORMS = {"text": plain.render, "markdown": markdown.render, "latex": latex.render, "html": html.render}
INNER = Case(say("Inner ", Eq(x, 3)), (say("inside words"),), say("inner outcome"))
BLOCKS: dict[type, Any] = {
    Sentence: say("plain words ", x),
    Formulas: Formulas((("label", Eq(x, 2)), ("several", (Eq(x, 2), "or text")))),
    Table: Table(("head", x), ((Eq(x, 2), "a cell"),)),
    Case: Case(say("Outer ", Ge(mu, 0)), (Formulas((("", Eq(y, 1)),)), INNER), say("outer outcome ", x)),
}
PARTS: dict[type, tuple[str, ...]] = {
    Sentence: ("plain words",),
    Formulas: ("label", "several", "or text"),
    Table: ("head", "a cell"),
    Case: ("Outer", "Inner", "inside words", "inner outcome", "outer outcome"),
}


def test_the_examples_hold_every_kind_of_block() -> None:
    assert set(BLOCKS) == set(get_args(Block)) == set(PARTS)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", BLOCKS)
def test_every_form_renders_every_kind_of_block(kind: type, form: str) -> None:
    told = FORMS[form]([Step("A title", (BLOCKS[kind],))])
    places = [told.index(part) for part in ("A title", *PARTS[kind])]
    assert places == sorted(places), "the parts come in their order"
    if form == "latex":
        assert told.count("\\begin{") == told.count("\\end{")


def test_cases_nest_in_text() -> None:
    told = plain.render([Step("Cases", (BLOCKS[Case],))])
    assert [line.rstrip() for line in told.splitlines()[2:]] == [
        "    Outer μ ≥ 0",
        "        y = 1",
        "        Inner x = 3",
        "            inside words",
        "            → inner outcome",
        "        → outer outcome x",
    ]


def test_nested_cases_are_nested_quotations_in_markdown() -> None:
    told = markdown.render([Step("Cases", (BLOCKS[Case],))])
    assert "\n**Outer $\\mu \\geq 0$**\n" in told
    assert "\n> **Inner $x = 3$**\n" in told
    assert "\n> > inside words\n" in told


def test_long_lines_of_a_case_fit_a_terminal() -> None:
    words = "word " * 60
    told = plain.render([Step("Cases", (Case(say(words), (say(words),), say(words)),))])
    assert max(map(len, told.splitlines())) <= 104
    assert len(re.findall("word", told)) == 180


def test_a_matrix_keeps_its_label() -> None:
    told = plain.render([Step("A matrix", (Formulas((("H", Matrix([[1, 20], [3, 4]])),)),))])
    assert "    H  1  20\n       3  4\n" in told


@pytest.mark.parametrize("detail", ["long", "", None])
def test_an_unknown_detail_is_an_error(detail: Any) -> None:
    with pytest.raises(
        LagrangianError, match=f"there is no detail {detail!r} of a derivation; write one of short, full"
    ):
        minimize(x**2, over=[x]).explain(detail=detail)
