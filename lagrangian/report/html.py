"""A derivation as HTML: sections with headings, formulas in MathML, tables with headers, cases that fold."""

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from sympy import Basic

from lagrangian.report.blocks import Block, Case, Formulas, Sentence, Step, Table
from lagrangian.report.mathml import mathml, pieces
from lagrangian.report.mathml_parts import identifier
from lagrangian.report.notation import text

# in letters of the text form: a formula that is longer may be broken into lines
LONGEST_LINE = 24
MOST_ROWS = 12
MOST_LINES = 24
# of several formulas in a row that fill lines, large fractions would touch each other
MOST_LARGE = 4
APPROXIMATE = re.compile(r"([^\W\d]\w*'*) (≈ [-+.\de]+)")
NEGATIVE = re.compile(r"(?<![\w)\]-])-(?=\d)")
HEADING = 3


def render(steps: Sequence[Step], heading: int = HEADING) -> str:
    """A section a step, with numbered headings of this level.

    >>> from lagrangian.report.blocks import say
    >>> print(render([Step("The end", (say("a < b"),))]))
    <section class="step">
    <h3>1. The end</h3>
    <p>a &lt; b</p>
    </section>
    """
    parts = []
    for number, step in enumerate(steps, start=1):
        title = f"<h{heading}>{number}. {escape(step.title)}</h{heading}>"
        parts.append("\n".join(['<section class="step">', title, *map(block, step.blocks), "</section>"]))
    return "\n".join(parts)


def block(value: Block) -> str:
    """One block of a step."""
    if isinstance(value, Sentence):
        return f"<p>{sentence(value)}</p>"
    if isinstance(value, Formulas):
        return _formulas(value)
    return _case(value) if isinstance(value, Case) else table(value)


def sentence(value: Sentence) -> str:
    return "".join(inline(part) for part in value.parts)


def inline(value: Any) -> str:
    """Text, escaped, or a formula within a line, or several with commas."""
    return _shown(value, "")


def display(value: Any) -> str:
    """The same in a line of its own, where fractions are large."""
    return _shown(value, ' displaystyle="true"')


def _shown(value: Any, style: str) -> str:
    if isinstance(value, str):
        return _words(value, style)
    if isinstance(value, tuple):
        style = style if len(value) <= MOST_LARGE else ""
        return ", ".join(_shown(part, style) for part in value)
    if not isinstance(value, Basic) or len(text(value)) <= LONGEST_LINE:
        return f"<math{style}>{mathml(value)}</math>"
    lines = [f"<math{style}>{piece}</math>" for piece in pieces(value)]
    return f'<span class="long">{"<wbr>".join(lines)}</span>'


def _words(value: str, style: str) -> str:
    """Text with the minus sign of negative numbers; "x ≈ 1.5" has a name in front and stays in one line."""
    named = APPROXIMATE.fullmatch(value)
    if named is not None and not (named[1].isalpha() and len(named[1]) > 1):  # "value ≈ 1.5" begins with a word
        return f"<math{style}>{identifier(named[1])}</math>{escape(_set(' ' + named[2]))}"
    return escape(_set(value))


def _set(words: str) -> str:
    return NEGATIVE.sub("−", words).replace(" ≈ ", "\u00a0≈\u00a0").replace("≈ ", "≈\u00a0")


def _formulas(value: Formulas) -> str:
    """A table of labels and formulas, which keeps its columns where no style sheet is."""
    labels = any(label for label, _ in value.lines)
    rows = []
    for label, formula in value.lines:
        first = f'<th scope="row">{inline(label)}</th>' if labels else ""
        rows.append(f"<tr>{first}<td>{display(formula)}</td></tr>")
    shown = "\n".join(['<table class="formulas">', *rows[:MOST_LINES], "</table>"])
    if len(rows) <= MOST_LINES:
        return shown
    summary = f"<details><summary>{len(rows) - MOST_LINES} more</summary>"
    return "\n".join([shown, summary, '<table class="formulas">', *rows[MOST_LINES:], "</table>", "</details>"])


def table(value: Table) -> str:
    """A table with a header; what is beyond its first rows is folded."""
    shown, rest = value.rows[:MOST_ROWS], value.rows[MOST_ROWS:]
    parts = [_rows(value.header, shown)]
    if rest:
        word = "row" if len(rest) == 1 else "rows"
        parts += [f"<details><summary>{len(rest)} more {word}</summary>", _rows(value.header, rest), "</details>"]
    return "\n".join(parts)


def _rows(header: Sequence[Any], rows: Sequence[Sequence[Any]]) -> str:
    head = "".join(f'<th scope="col">{inline(value)}</th>' for value in header)
    body = ["<tr>" + "".join(f"<td>{display(value)}</td>" for value in row) + "</tr>" for row in rows]
    start = f'<div class="wide"><table class="data"><thead><tr>{head}</tr></thead><tbody>'
    return "\n".join([start, *body, "</tbody></table></div>"])


def _case(case: Case) -> str:
    """The title, which unfolds what belongs to it, and below it, always to be seen, the outcome."""
    title = f"<details><summary>{sentence(case.title)}</summary>"
    outcome = f'<p class="outcome">→ {sentence(case.outcome)}</p>'
    return "\n".join(['<div class="case">', title, *map(block, case.blocks), "</details>", outcome, "</div>"])
