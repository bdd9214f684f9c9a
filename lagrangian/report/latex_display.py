"""Blocks as one formula for MathJax and KaTeX, which know no paragraphs and no tabular: arrays within arrays."""

import textwrap
from collections.abc import Sequence

from lagrangian.report.blocks import Block, Case, Formulas, Sentence, Step, Table
from lagrangian.report.latex import formula, words

WIDTH = 90
MOST_ROWS = 30


def displayed(steps: Sequence[Step]) -> str:
    r"""All lines in one array.

    >>> from lagrangian.report.blocks import say
    >>> displayed([Step("", (say("the end"),))])
    '$\\displaystyle \\begin{array}{l} \\text{the end} \\end{array}$'
    """
    rows = []
    for step in steps:
        rows += [rf"\textbf{{{words(step.title)}}}"] if step.title else []
        rows += [line for block in step.blocks for line in _lines(block)]
    return rf"$\displaystyle {_array('l', [[row] for row in rows])}$"


def _lines(block: Block) -> list[str]:
    if isinstance(block, Sentence):
        return _sentence(block)
    if isinstance(block, Formulas):
        return [_array("ll", [[formula(label) if label else "", formula(value)] for label, value in block.lines])]
    if isinstance(block, Table):
        return _table(block)
    inside = [line for part in block.blocks for line in _lines(part)]
    return [*_sentence(block.title), *(rf"\quad {line}" for line in [*inside, *_outcome(block)])]


def _outcome(case: Case) -> list[str]:
    first, *rest = _sentence(case.outcome)
    return [rf"\Rightarrow {first}", *rest]


def _table(table: Table) -> list[str]:
    rows = [[formula(value) for value in row] for row in table.rows[:MOST_ROWS]]
    header = [formula(value) for value in table.header]
    found = [_array("l" * len(header), [header, *rows], ruled=True)]
    more = len(table.rows) - MOST_ROWS
    return [*found, rf"\text{{and {more} more}}"] if more > 0 else found


def _sentence(sentence: Sentence) -> list[str]:
    """A sentence in lines of at most so many letters, as far as its text can be broken."""
    lines, used = [""], 0
    for part in sentence.parts:
        if not isinstance(part, str):
            lines[-1] += formula(part)
            continue
        pieces = textwrap.wrap(f".{part}.", WIDTH, initial_indent=" " * min(used, WIDTH - 1), drop_whitespace=False)
        broken = "\n".join(pieces).lstrip(" ")[1:-1].split("\n")
        lines[-1] += rf"\text{{{words(broken[0])}}}"
        lines += [rf"\text{{{words(piece)}}}" for piece in broken[1:]]
        used = len(broken[-1]) if len(broken) > 1 else used + len(part)
    return lines


def _array(columns: str, rows: Sequence[Sequence[str]], *, ruled: bool = False) -> str:
    lines = [" & ".join(row) for row in rows]
    head = [lines[0] + r" \\ \hline", *lines[1:]] if ruled and len(lines) > 1 else lines
    body = r" \\ ".join(head).replace(r"\hline \\", r"\hline")
    return rf"\begin{{array}}{{{columns}}} {body} \end{{array}}"
