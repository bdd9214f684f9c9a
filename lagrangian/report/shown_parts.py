"""The registry of what is shown of a value: titled steps of blocks, as in a derivation, by its type."""

from collections.abc import Iterable, Mapping
from functools import singledispatch
from typing import Any

from sympy import Eq, Expr

from lagrangian.report.blocks import Block, Formulas, Step, say
from lagrangian.report.numbers import short_form

# more entries are counted, not shown: a notebook shows a page of them, not all
MOST_ENTRIES = 40


@singledispatch
def steps_of(value: Any) -> tuple[Step, ...]:
    """What is shown of a value. The modules ``shown_...`` add the types; others show their name."""
    return untitled(say(type(value).__name__))


def untitled(*blocks: Block) -> tuple[Step, ...]:
    """Blocks without a title."""
    return (Step("", blocks),)


def place(point: Mapping[Any, Any]) -> tuple[Any, ...]:
    """The coordinates of a point as equations, floats as decimals."""
    return tuple(_equation(variable, value) for variable, value in point.items())


def _equation(variable: Any, value: Any) -> Any:
    if isinstance(value, float):
        return f"{variable} ≈ {value:.10g}"
    shown = value if isinstance(value, Expr | int) else short_form(value)
    return f"{variable} {shown}" if isinstance(shown, str) else Eq(variable, shown, evaluate=False)


def lines(label: str, values: Iterable[Any]) -> Formulas:
    """Values below each other, the label before the first of them."""
    listed = list(values)
    shown: list[tuple[Any, Any]] = [(label if not n else "", value) for n, value in enumerate(listed[:MOST_ENTRIES])]
    if len(listed) > MOST_ENTRIES:
        shown.append(("", f"and {len(listed) - MOST_ENTRIES} more"))
    return Formulas(tuple(shown))


def decided(truth: bool | None, yes: str, no: str, unknown: str) -> str:
    """One of three words: what is not decided is not "no"."""
    return unknown if truth is None else yes if truth else no
