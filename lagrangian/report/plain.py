"""A derivation as plain text for a terminal."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from sympy import MatrixBase

from lagrangian.report.blocks import Block, Case, Sentence, Step, Table
from lagrangian.report.notation import text

INDENT = "    "
WIDTH = 100
ARROW = "→ "


def render(steps: Sequence[Step]) -> str:
    """Numbered steps, sentences in lines of 100 letters, formulas indented and aligned, tables in columns."""
    parts = []
    for number, step in enumerate(steps, start=1):
        lines = [f"{number}. {step.title}", ""]
        for block in step.blocks:
            lines += [*(INDENT + line for line in _block(block)), ""]
        parts.append("\n".join(lines).rstrip())
    return "\n\n".join(parts) + "\n"


def blocks(values: Sequence[Block]) -> str:
    """Blocks alone, with an empty line between them."""
    return "\n\n".join("\n".join(_block(value)) for value in values)


def cell(value: Any) -> str:
    """Text as it is, formulas in one line, several formulas with commas."""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return ", ".join(cell(part) for part in value)
    return text(value)


def _block(block: Block, width: int = WIDTH) -> list[str]:
    if isinstance(block, Sentence):
        return _wrapped(block, width)
    if isinstance(block, Table):
        return _columns([block.header, *block.rows], ruled=True)
    if isinstance(block, Case):
        return _case(block, width)
    if any(isinstance(value, MatrixBase) for _, value in block.lines):
        return [line for label, value in block.lines for line in _labelled(cell(label), value)]
    labels = any(label for label, _ in block.lines)
    return _columns([(label, value) if labels else (value,) for label, value in block.lines], ruled=False)


def _labelled(label: str, value: Any) -> list[str]:
    """A matrix in rows, or another formula, with the label before its first line."""
    lines = _columns(value.tolist(), ruled=False) if isinstance(value, MatrixBase) else [cell(value)]
    before = f"{label}  " if label else ""
    return [(before if not number else " " * len(before)) + line for number, line in enumerate(lines)]


def _case(case: Case, width: int) -> list[str]:
    """The title, the blocks indented without empty lines between them, and the outcome behind an arrow."""
    inner = width - len(INDENT)
    lines = [INDENT + line for block in case.blocks for line in _block(block, inner)]
    first, *rest = _wrapped(case.outcome, inner - len(ARROW))
    behind = [f"{INDENT}{ARROW}{first}", *(INDENT + " " * len(ARROW) + line for line in rest)]
    return [*_wrapped(case.title, width), *lines, *behind]


def _wrapped(sentence: Sentence, width: int) -> list[str]:
    words = "".join(cell(part) for part in sentence.parts)
    return wrap(words, width, break_long_words=False, break_on_hyphens=False) or [""]


def _columns(rows: Sequence[Sequence[Any]], *, ruled: bool) -> list[str]:
    cells = [[cell(value) for value in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    lines = ["  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]] if ruled else lines
