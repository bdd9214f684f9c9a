"""A derivation as Markdown with formulas between dollar signs."""

from collections.abc import Sequence
from typing import Any

import sympy

from lagrangian.report.blocks import Block, Case, Formulas, Sentence, Step


def render(steps: Sequence[Step]) -> str:
    """Headings, lists of formulas, and tables."""
    parts = []
    for number, step in enumerate(steps, start=1):
        parts.append(f"### {number}. {step.title}")
        parts += [_block(block) for block in step.blocks]
    return "\n\n".join(parts) + "\n"


def inline(value: Any) -> str:
    """Text, or formulas between dollar signs; a bar would end a table's cell."""
    if isinstance(value, str):
        return value.replace("|", "\\|")
    if isinstance(value, tuple):
        return ", ".join(inline(part) for part in value)
    return f"${sympy.latex(value)}$".replace("|", "\\vert ")


def _block(block: Block) -> str:
    if isinstance(block, Sentence):
        return "".join(inline(part) for part in block.parts)
    if isinstance(block, Formulas):
        return "\n".join(f"- {inline(label)}{' ' if label else ''}{inline(value)}" for label, value in block.lines)
    if isinstance(block, Case):
        return _case(block)
    lines = [block.header, ("---",) * len(block.header), *block.rows]
    return "\n".join("| " + " | ".join(inline(value) for value in row) + " |" for row in lines)


def _case(case: Case) -> str:
    """The title in bold and what belongs to it as a quotation, which nests."""
    inside = "\n\n".join([*map(_block, case.blocks), f"**→** {_block(case.outcome)}"])
    return f"**{_block(case.title)}**\n\n" + "\n".join(f"> {line}".rstrip() for line in inside.split("\n"))
