"""What a derivation is made of: steps of sentences, formulas, tables and cases, which every form of the report shares."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sympy import Basic


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in parts: words as text, formulas as SymPy objects."""

    parts: tuple[str | Basic, ...]


@dataclass(frozen=True, slots=True)
class Formulas:
    """Labelled lines, each a formula, several formulas, or text."""

    lines: tuple[tuple[str | Basic, Any], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A header and rows of cells: formulas, tuples of formulas, or text."""

    header: tuple[str | Basic, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A part of a step with blocks of its own, cases among them, and how it ends: "impossible: 1 = 0", "one point"."""

    title: Sentence
    blocks: "tuple[Block, ...]"
    outcome: Sentence


Block = Sentence | Formulas | Table | Case


@dataclass(frozen=True, slots=True)
class Step:
    """One titled step of a derivation."""

    title: str
    blocks: tuple[Block, ...]


def say(*parts: str | Basic) -> Sentence:
    return Sentence(parts)


def listed(items: Iterable[Basic]) -> list[str | Basic]:
    """Formulas with commas between them, as parts of a sentence."""
    parts: list[str | Basic] = []
    for item in items:
        parts += [", ", item] if parts else [item]
    return parts
