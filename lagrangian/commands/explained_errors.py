"""Errors as the command prints them: what is wrong, the offending text with a caret under it, and what may be meant."""

from typing import TextIO

from lagrangian.commands.parser import PROGRAM, one_line
from lagrangian.errors import LagrangianError, TextError
from lagrangian.screen import columns_of, screen_of

INDENT = "    "
# the columns for the text, where the output is no terminal
WIDTH = 100
DOTS = "..."
RED, GREEN, PLAIN = "\033[1;31m", "\033[32m", "\033[0m"


def explained(error: LagrangianError, stream: TextIO, when: str = "auto") -> str:
    """The lines to print for an error: one, and for an error in a text the text, the caret, and a correction if there is one."""
    screen = screen_of(stream, when)
    red, green, plain = (RED, GREEN, PLAIN) if screen is not None and screen.colors else ("", "", "")
    lines = [f"{red}{PROGRAM}:{plain} {one_line(str(error))}"]
    if isinstance(error, TextError) and error.text and error.position is not None:
        width = (WIDTH if screen is None else screen.width) - len(INDENT)
        text, caret = with_caret(error.text, error.position, error.length, width)
        lines += ["", INDENT + text, f"{INDENT}{red}{caret}{plain}"]
        correction = _correction(error)
        if correction is not None:
            lines.append(f"{INDENT}did you mean: {green}{_on_one_line(correction)}{plain}")
    return "\n".join(lines)


def with_caret(text: str, position: int, length: int, width: int) -> tuple[str, str]:
    """The part of a text around a position, in one line, and the line with the caret under it.

    >>> print("\\n".join(with_caret("x + 2y <= 1", 6, 1, 80)))
    x + 2y <= 1
         ^
    """
    begin = max(0, min(position - 1, len(text)) - width)
    part = text[begin : position - 1 + width]  # no more is looked at of a long text
    shown = _on_one_line(part)
    at = min(position - 1, len(text)) - begin
    first, last = 0, len(shown)
    while columns_of(shown[first:at]) > width // 2:
        first += 1
    left = DOTS if begin + first else ""
    room = width - len(left)
    is_cut = begin + last < len(text)
    while columns_of(shown[first:last]) > room - (len(DOTS) if is_cut else 0):
        last, is_cut = last - 1, True
    marked = max(1, columns_of(shown[at : min(at + length, last)]))
    line = left + shown[first:last] + (DOTS if is_cut else "")
    return line, " " * columns_of(left + shown[first:at]) + "^" + "~" * (marked - 1)


def _on_one_line(text: str) -> str:
    """The text with a space for each tab or line end, and with none of the letters that move a cursor."""
    return "".join(letter if letter.isprintable() else " " if letter.isspace() else "?" for letter in text)


def _correction(error: TextError) -> str | None:
    from lagrangian.problem.corrections import corrected  # SymPy, which has read the text

    return corrected(error)
