"""Pictures in words: what is drawn where, for those who cannot see it."""

from collections.abc import Callable
from typing import Any

from sympy import Expr, Float

from lagrangian.report.notation import text
from lagrangian.report.picture import (
    Area,
    Arrow,
    Band,
    Bar,
    Cone,
    Contours,
    Curve,
    Level,
    Lift,
    Mark,
    Panel,
    Path,
    Picture,
    Pin,
    Rule,
    Sheet,
    Space,
    Strip,
    Vector,
)
from lagrangian.report.picture_notation import typeset

LONGEST_NUMBER = 18
# of one kind; the others are counted
MOST_NAMED = 6


def described(picture: Picture) -> str:
    """The title, the axes, and everything that is drawn, in sentences; points of one kind are told together.

    >>> from sympy import symbols
    >>> from lagrangian.report.picture import Role
    >>> x = symbols("x")
    >>> curve, mark = Curve(x**2, x, "x²", Role.OBJECTIVE), Mark((0, 0), "optimum", Role.OPTIMUM)
    >>> described(Picture("minimize x²: optimum 0", (Panel(("x", "objective"), (-1.0, 1.0), (0.0, 1.0), (curve, mark)),)))
    'minimize x²: optimum 0. Across: x from -1 to 1; up: objective from 0 to 1. Curve: x². Optimum at (0, 0).'
    """
    title = [f"{typeset(picture.title)}."] if picture.title else []
    return " ".join([*title, *(part for panel in picture.panels for part in _sentences(panel))])


def _sentences(panel: Panel | Space) -> list[str]:
    sides = [panel.horizontal, panel.vertical, *([panel.heights] if isinstance(panel, Space) else [])]
    names = ("Across", "back", "up") if isinstance(panel, Space) else ("Across", "up")
    axes = (
        f"{name}: {typeset(label)} from {low:.4g} to {high:.4g}"
        for name, label, (low, high) in zip(names, panel.labels, sides, strict=True)
    )
    grouped: dict[str, list[str]] = {}
    for item in panel.items:
        head, place = SAID[type(item)](item)
        if head:
            grouped.setdefault(head, []).append(place)
    return [f"{'; '.join(axes)}.", *(f"{_upper(head)}{_listed(places)}." for head, places in grouped.items())]


def _upper(sentence: str) -> str:
    """A word of its own begins with a capital letter; a formula stays as it is."""
    word = sentence.split()[0].rstrip(":")
    return sentence[0].upper() + sentence[1:] if word.isalpha() and len(word) > 1 else sentence


def _listed(places: list[str]) -> str:
    found = [place for place in dict.fromkeys(places) if place]
    more = [f" and {len(found) - MOST_NAMED} more"] if len(found) > MOST_NAMED else []
    return ("" if not found else " " + "; ".join(found[:MOST_NAMED])) + "".join(more)


def number_in_words(value: Any) -> str:
    """A number as it is where that is short, else its digits."""
    written = text(value) if isinstance(value, Expr) and not value.has(Float) else ""
    return typeset(written) if written and len(written) <= LONGEST_NUMBER else f"{float(value):.6g}"


def _point(numbers: Any) -> str:
    return f"({', '.join(map(number_in_words, numbers))})"


def _graph(item: Curve) -> tuple[str, str]:
    # the objective outside the feasible set has no name of its own
    return (f"curve: {typeset(item.label)}", "") if item.label else ("", "")


def _line(item: Path) -> tuple[str, str]:
    return (f"line: {typeset(item.label)}, through", f"{len(item.points)} points") if item.label else ("", "")


def _level(item: Level | Lift) -> tuple[str, str]:
    where = " on the surface" if isinstance(item, Lift) else ""
    return f"{item.role.value}{where}: {typeset(item.label)}", ""


def _shaded(item: Area | Strip) -> tuple[str, str]:
    return f"shaded: {typeset(item.label)}", ""


def _mark(item: Mark | Pin) -> tuple[str, str]:
    return f"{typeset(item.label)} at", _point(item.point)


def _arrow(item: Arrow) -> tuple[str, str]:
    return f"arrow {typeset(item.label)}", f"at {_point(item.start)} toward {_point(item.direction)}"


SAID: dict[type, Callable[[Any], tuple[str, str]]] = {
    Curve: _graph,
    Path: _line,
    Contours: lambda item: (typeset(item.label), ""),
    Level: _level,
    Area: _shaded,
    Strip: _shaded,
    Band: lambda item: (
        f"band: {typeset(item.label)}, from",
        f"{number_in_words(item.low)} to {number_in_words(item.high)}",
    ),
    Bar: lambda item: (
        f"bar: {typeset(item.label)}, from",
        f"{number_in_words(item.low)} to {number_in_words(item.high)}",
    ),
    Rule: lambda item: (f"{item.role.value}: {typeset(item.label)}" if item.label else "", ""),
    Mark: _mark,
    Arrow: _arrow,
    Vector: lambda item: (f"arrow {typeset(item.label)}", f"from {_point(item.start)} to {_point(item.end)}"),
    Cone: lambda item: (f"shaded: {typeset(item.label)}", f"at {_point(item.start)}"),
    Sheet: lambda item: (f"surface: {typeset(item.label)}", ""),
    Lift: _level,
    Pin: _mark,
}
