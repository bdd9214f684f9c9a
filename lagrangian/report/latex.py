"""A derivation as LaTeX: paragraphs with aligned formulas, for a document that loads amsmath."""

from collections.abc import Sequence
from typing import Any

import sympy

from lagrangian.report.blocks import Block, Case, Formulas, Sentence, Step, Table

SPECIAL = {
    "&": r"\&",
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "~": r"\textasciitilde{}",
    "%": r"\%",
    "_": r"\_",
    "#": r"\#",
    "^": r"\textasciicircum{}",
    "<": "$<$",
    ">": "$>$",
    "≈": r"$\approx$",
    "∇": r"$\nabla$",
    "λ": r"$\lambda$",
    "μ": r"$\mu$",
    "π": r"$\pi$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "√": r"$\surd$",
    "−": "$-$",
    "∂": r"$\partial$",
    "→": r"$\to$",
    "∞": r"$\infty$",
    "≠": r"$\neq$",
    "·": r"$\cdot$",
    "²": r"$^2$",
    "ᵀ": r"$^{\mathsf{T}}$",
}


def render(steps: Sequence[Step]) -> str:
    """One paragraph heading a step, formulas in align*, tables in tabular."""
    parts = []
    for step in steps:
        parts.append(f"\\paragraph{{{words(step.title)}.}}")
        parts += [_block(block) for block in step.blocks]
    return "\n".join(parts) + "\n"


def words(sentence: str) -> str:
    """Text with the characters escaped that LaTeX reserves."""
    return "".join(SPECIAL.get(character, character) for character in sentence)


def inline(value: Any) -> str:
    """Text, or a formula between dollar signs."""
    return words(value) if isinstance(value, str) else f"${formula(value)}$"


def formula(value: Any) -> str:
    if isinstance(value, str):
        return f"\\text{{{words(value)}}}"
    if isinstance(value, tuple):
        return ",\\; ".join(formula(part) for part in value)
    return sympy.latex(value)


def _block(block: Block) -> str:
    if isinstance(block, Sentence):
        return "".join(inline(part) for part in block.parts) + "\n"
    if isinstance(block, Formulas):
        lines = [f"  {formula(label)} &\\quad {formula(value)}" for label, value in block.lines]
        return "\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}"
    return _case(block) if isinstance(block, Case) else _table(block)


def _case(case: Case) -> str:
    """The title in bold, and what belongs to it in a quotation, which nests."""
    inside = [*map(_block, case.blocks), f"$\\Rightarrow$ {_block(case.outcome)}"]
    return "\n".join([f"\\textbf{{{_block(case.title).rstrip()}}}", "\\begin{quote}", *inside, "\\end{quote}"])


def _table(block: Table) -> str:
    rows = [" & ".join(inline(value) for value in row) + " \\\\" for row in (block.header, *block.rows)]
    body = "\n".join([rows[0] + " \\hline", *rows[1:]])
    return f"\\begin{{center}}\\begin{{tabular}}{{{'l' * len(block.header)}}}\n{body}\n\\end{{tabular}}\\end{{center}}"
