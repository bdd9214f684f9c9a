"""What the reader's screen can show: its width, whether it has colors, and how letters are spelled that it does not know."""

import codecs
import os
import shutil
import sys
import unicodedata
from dataclasses import dataclass
from io import TextIOWrapper
from textwrap import fill
from typing import TextIO

LEAST_WIDTH = 20
SPELLED = "lagrangian.spelled"
_SPELLINGS = {
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "≈": "~",
    "→": "->",
    "∞": "oo",
    "√": "sqrt",
    "∇": "grad ",
    "∂": "d",
    "…": "...",
    "−": "-",
    "–": "-",
    "—": "-",
    "·": "*",
    "×": "*",
    "÷": "/",
    "±": "+-",
    "∈": "in",
    "•": "*",
    "‖": "||",
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "ᵀ": "^T",
    "⁻": "^-",
    **{digit: f"^{number}" for number, digit in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
}


@dataclass(frozen=True, slots=True)
class Screen:
    """A terminal, or what is to be treated as one: columns, colors, and whether it knows every letter."""

    width: int
    colors: bool
    unicode: bool


def screen_of(stream: TextIO | None, when: str = "auto") -> Screen | None:
    """The screen behind a stream; None for a pipe or a file, which gets plain text.

    Args:
        stream: what is written to; None where there is none.
        when: "auto", "always" or "never", as the option --color says. NO_COLOR and FORCE_COLOR decide about "auto".

    >>> import io
    >>> screen_of(io.StringIO()), screen_of(io.StringIO(), "always").colors
    (None, True)
    """
    is_terminal = stream is not None and not stream.closed and stream.isatty()
    colors = when == "always" or (when == "auto" and _wants_colors(is_terminal))
    if stream is None or not (is_terminal or colors):
        return None
    return Screen(max(shutil.get_terminal_size().columns, LEAST_WIDTH), colors, _knows_letters(stream))


def _wants_colors(is_terminal: bool) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal and os.environ.get("TERM", "") not in ("dumb", "unknown") and _understands_escapes()


def _understands_escapes() -> bool:
    """Whether the console reads escape codes: on Windows from version 10 on, where that can be switched on."""
    if sys.platform != "win32":
        return True
    from rich.console import detect_legacy_windows  # only here: it asks the console itself

    return not detect_legacy_windows()


def _knows_letters(stream: TextIO) -> bool:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return codecs.lookup(encoding).name.startswith("utf")


def spelled(text: str) -> str:
    """A text in ASCII: signs and Greek letters as the package's own language writes them, others by their numbers.

    >>> spelled("√2*λ ≤ x², ξ")
    'sqrt2*lambda <= x^2, xi'
    """
    return "".join(letter if letter.isascii() else _spelling(letter) for letter in text)


def _spelling(letter: str) -> str:
    if letter in _SPELLINGS:
        return _SPELLINGS[letter]
    name = unicodedata.name(letter, "")
    if name.startswith("GREEK "):
        word = name.split()[-1]
        word = {"LAMDA": "LAMBDA"}.get(word, word)
        return word.capitalize() if "CAPITAL" in name else word.lower()
    if "BOX DRAWINGS" in name:
        return "|" if "VERTICAL" in name and "HORIZONTAL" not in name else "-" if name.endswith("HORIZONTAL") else "+"
    return letter.encode("ascii", "backslashreplace").decode("ascii")


def fitted(text: str, screen: Screen | None) -> str:
    """A text whose lines are wrapped where the screen ends, with hanging indents; unchanged where there is no screen.

    >>> print(fitted("    proof: one that takes long", Screen(20, False, True)))
        proof: one that
            takes long
    """
    return text if screen is None else "\n".join(_wrapped(line, screen.width) for line in text.splitlines())


def _wrapped(line: str, width: int) -> str:
    lead = line[: len(line) - len(line.lstrip())]
    hanging = lead + "    " if len(lead) + 4 <= width // 2 else lead
    return fill(
        line.strip(),
        width,
        initial_indent=lead,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def write_any_letter(*streams: TextIO | None) -> None:
    """From now on, letters that these streams cannot encode are spelled, and never raise a UnicodeEncodeError."""
    codecs.register_error(SPELLED, _spell_what_fails)
    for stream in streams:
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=SPELLED)


def _spell_what_fails(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return spelled(error.object[error.start : error.end]), error.end


def columns_of(text: str) -> int:
    """The columns that a text takes on a terminal: two for the wide letters of East Asia, none for combining marks.

    >>> columns_of("x²"), columns_of("変数"), columns_of("e\\u0301")
    (2, 4, 1)
    """
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    marks = sum(unicodedata.combining(letter) > 0 or unicodedata.category(letter) in ("Cf", "Me") for letter in text)
    return len(text) + wide - marks
