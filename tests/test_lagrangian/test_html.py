"""Derivations as HTML fragments: well-formed, escaped, with headers, and folded where they are long."""

import xml.etree.ElementTree as ET

import pytest
from sympy import Eq, Symbol, symbols

from lagrangian import LagrangianError, maximize, minimize
from lagrangian.report import html
from lagrangian.report.blocks import Case, Formulas, Step, Table, say

x, y, b = symbols("x y b", real=True)
HOSTILE = "<script>alert(1)</script> & \"quoted\" 'too'"


def tree(fragment):
    """The fragment as XML, which it is as long as every element is closed and everything is escaped."""
    return ET.fromstring(f"<div>{fragment.replace('<wbr>', '')}</div>")


@pytest.fixture(scope="module")
def solution():
    return maximize(x * y, [Eq(x + y, 10), x >= 1], over=[x, y])


def test_a_derivation_has_a_section_a_step_and_the_same_titles_as_the_text(solution):
    page = tree(solution.explain("html"))
    titles = [heading.text for heading in page.iter("h3")]
    text = solution.explain()
    assert titles and all(title in text for title in titles)
    assert len(page.findall("section")) == len(titles)
    assert all(table.find("thead/tr/th") is not None for table in page.iter("table") if table.get("class") == "data")


def test_full_detail_is_rendered_too(solution):
    assert tree(solution.explain("html", detail="full")) is not None


def test_everything_from_outside_is_escaped():
    name = Symbol(HOSTILE)
    blocks = (
        say(HOSTILE, name),
        Formulas(((HOSTILE, HOSTILE), (name, name))),
        Table((HOSTILE, name), ((HOSTILE, name),)),
        Case(say(HOSTILE), (say(HOSTILE),), say(HOSTILE)),
    )
    page = tree(html.render([Step(HOSTILE, blocks)]))
    assert page.find(".//script") is None
    assert "".join(page.itertext()).count("<script>alert(1)</script>") == 1 + 2 + 4 + 4 + 3


def test_symbols_of_a_problem_stay_text():
    name = Symbol("<img src=x>", real=True)
    page = tree(minimize(name**2, [name >= 1], over=[name]).explain("html"))
    assert page.find(".//img") is None and "<img src=x>" in "".join(page.itertext())


def test_long_tables_fold_what_is_beyond_their_first_rows():
    rows = tuple((f"row {number}", x**number) for number in range(40))
    page = tree(html.table(Table(("name", "value"), rows)))
    first, folded = page.find("div/table"), page.find("details")
    assert len(first.findall("tbody/tr")) == html.MOST_ROWS
    assert folded.find("summary").text == "28 more rows"
    assert len(folded.findall(".//tbody/tr")) == 28 and folded.find(".//th[@scope='col']") is not None
    assert tree(html.table(Table(("name", "value"), rows[:12]))).find("details") is None


def test_many_formulas_fold_too():
    lines = tuple(("subject to" if not number else "", x >= number) for number in range(1, 61))
    page = tree(html.block(Formulas(lines)))
    assert len(page.findall("table/tr")) == html.MOST_LINES
    assert page.find("details/summary").text == "36 more" and len(page.findall("details/table/tr")) == 36


def test_long_formulas_may_be_broken_between_their_terms():
    long = Eq(x, sum(Symbol(f"a_{number}") * x**number for number in range(30)), evaluate=False)
    shown = html.inline(long)
    lines = tree(shown).findall("span/math")
    assert len(lines) == 31 and shown.count("<wbr>") == 30
    assert "".join("".join(line.itertext()) for line in lines).startswith("x=")
    assert html.inline(Eq(x, 1)).count("<math") == 1


def test_a_case_folds_its_blocks_and_shows_its_outcome():
    inner = Case(say("inner"), (say("deep"),), say("dies"))
    case = tree(html.block(Case(say("outer"), (inner,), say("lives")))).find("div")
    assert [child.tag for child in case] == ["details", "p"]
    assert case.find("details/summary").text == "outer" and case.find("p").text == "→ lives"
    assert case.find("details/div/details/p").text == "deep"


def test_other_derivations_have_the_form_too(solution):
    assert tree(solution.sensitivity().explain("html")).find("section") is not None
    with pytest.raises(LagrangianError, match="there is no form 'htm' of a derivation"):
        solution.explain("htm")
