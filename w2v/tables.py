"""Results as tables in a notebook: one way for all of them, in HTML that takes its colors from what is around it."""

import dataclasses
from collections.abc import Sequence
from html import escape
from numbers import Real
from typing import Any

from w2v.readable import readable

# a notebook shows the first of many words
MOST_ROWS = 10
MOST_EXACT = 2.0**53
STYLE = "text-align:left;padding:0.2em 1.2em 0.2em 0"


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """A title, the names of the columns, and rows of text and numbers; those behind the first ones are counted."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    more: int = 0


class Tabular:
    """A value that a notebook shows as tables; without tables of its own a dataclass is one of names and values."""

    __slots__ = ()

    def _tables(self) -> tuple[Table, ...]:
        assert dataclasses.is_dataclass(self)
        named = [field.name for field in dataclasses.fields(self) if field.repr]
        rows = [(name.replace("_", " "), getattr(self, name)) for name in named]
        return (Table(type(self).__name__, ("", ""), rows),)

    def _repr_html_(self) -> str:
        return "\n".join(map(as_html, self._tables()))


def as_html(table: Table) -> str:
    """The table with everything escaped.

    >>> "&lt;b&gt;</td>" in as_html(Table("words", ("word", "count"), [("<b>", 1200)]))
    True
    """
    head = "".join(f'<th scope="col" style="{STYLE}">{escape(name)}</th>' for name in table.header)
    rows = [
        "<tr>" + "".join(f'<td style="{STYLE}">{shown(value)}</td>' for value in row) + "</tr>" for row in table.rows
    ]
    caption = f'<caption style="{STYLE};font-weight:600">{escape(table.title)}</caption>'
    start = f"<table>{caption}<thead><tr>{head}</tr></thead>" if any(table.header) else f"<table>{caption}"
    end = f"</tbody></table><p>and {table.more:,} more</p>" if table.more > 0 else "</tbody></table>"
    return "\n".join([f"{start}<tbody>", *rows, end])


def shown(value: Any) -> str:
    """A number with the digits that are read, or text, escaped."""
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, Real):
        number = float(value)
        return f"{int(number):,}" if number.is_integer() and 1 <= abs(number) < MOST_EXACT else f"{number:.4g}"
    if isinstance(value, tuple):
        first = ", ".join(map(shown, value[:MOST_ROWS]))
        return f"{first}, and {len(value) - MOST_ROWS:,} more" if len(value) > MOST_ROWS else first
    return escape(readable(str(value))) if str(value) else ""
