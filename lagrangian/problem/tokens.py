"""The words of the package's own language for expressions, and the limits that keep hostile text cheap.

number   12   0.5   .5   1e-6          exact: 0.5 is 1/2
name     a letter or _, then letters, digits and _
sign     + - * / ** ( ) , = == <= >= < >

Signs that come with text from a printed page mean what they mean there: − × · ÷ ≤ ≥ are read as - * * / <= >=.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple, NoReturn

from sympy import Rational

from lagrangian.errors import ParseError

MAX_CHARACTERS = 100_000
MAX_TOKENS = 20_000
MAX_NAME_CHARACTERS = 100
MAX_DIGITS = 300

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign>\*\*|[<>=!]=|[-+*/(),<>=−‐‑‒–×·⋅∙∗÷∕⁄≤⩽≥⩾]))"
)
_SPACE = re.compile(r"\s*")

PRINTED_SIGNS = {
    **dict.fromkeys("−‐‑‒–", "-"),
    **dict.fromkeys("×·⋅∙∗", "*"),
    **dict.fromkeys("÷∕⁄", "/"),
    **dict.fromkeys("≤⩽", "<="),
    **dict.fromkeys("≥⩾", ">="),
}

_INSTEAD = {
    "^": "write ** for a power",
    "≠": "only = == <= >= < > are relations",
    "!": "there is no factorial; only = == <= >= < > are relations",
    "√": "write sqrt(...)",
    **{digit: f"write **{number}" for number, digit in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **dict.fromkeys("\u200b\u200c\u200d\ufeff", "delete this invisible character"),
    "∞": "leave a bound null where there is none",
    "|": "write Abs(...)",
    "[": "write round brackets",
    "]": "write round brackets",
    "{": "write round brackets",
    "}": "write round brackets",
    ".": "a point belongs into a number, as in 0.5; nothing has attributes",
    "&": "write each relation as a constraint of its own",
    "%": "write a fraction, as in 5/100",
}


class Kind(Enum):
    """What a token is."""

    NUMBER = "number"
    NAME = "name"
    SIGN = "sign"
    END = "end"


class Token(NamedTuple):
    """One word of the text; ``position`` counts its characters from 1."""

    kind: Kind
    text: str
    position: int


def refuse(token: Token, problem: str, remedy: str) -> NoReturn:
    """Raise the ParseError that says what is wrong, where, and what to write instead."""
    length = len(token.text) if token.kind in (Kind.NAME, Kind.NUMBER) else 1
    raise ParseError(f"{problem} at position {token.position}; {remedy}", position=token.position, length=length)


def clip(text: object, length: int = 40) -> str:
    """A text short enough to be shown."""
    shown = str(text)
    return shown if len(shown) <= length else f"{shown[: length - 3]}..."


def is_name(text: str) -> bool:
    """Whether a text can name a variable.

    >>> is_name("x_1"), is_name("λ"), is_name("2x"), is_name("x.y")
    (True, True, False, False)
    """
    return text.isidentifier() and len(text) <= MAX_NAME_CHARACTERS


def tokenize(text: str) -> list[Token]:
    """The tokens of a text, with one of kind END behind them.

    Raises:
        ParseError: for a character outside the grammar, a number of more than 300 digits, and a text or a name too long.

    >>> [token.text for token in tokenize("2*x**-1.5 <= 1e3")]
    ['2', '*', 'x', '**', '-', '1.5', '<=', '1e3', '']
    """
    try:
        return list(_tokens(text))
    except ParseError as error:
        error.text = text if isinstance(text, str) else None
        raise


def _tokens(text: str) -> Iterator[Token]:
    if not isinstance(text, str):
        raise ParseError(f"{clip(repr(text))} is no text but a {type(text).__name__}; write the expression as text")
    if len(text) > MAX_CHARACTERS:
        raise ParseError(f"the text has {len(text)} characters; the limit is {MAX_CHARACTERS}")
    at = count = 0
    while (found := _TOKEN.match(text, at)) is not None:
        kind = Kind(found.lastgroup)
        word = found[kind.value]
        token = Token(kind, PRINTED_SIGNS.get(word, word), found.start(kind.value) + 1)
        _check(token)
        yield token
        count += 1
        if count > MAX_TOKENS:
            raise ParseError(f"the text has too many numbers, names and signs; the limit is {MAX_TOKENS}")
        at = found.end()
    space = _SPACE.match(text, at)
    end = at if space is None else space.end()
    if end < len(text):
        _refuse_character(Token(Kind.END, "", end + 1), text[end])
    yield Token(Kind.END, "", end + 1)


def _check(token: Token) -> None:
    if token.kind is Kind.NAME and not is_name(token.text):
        if len(token.text) > MAX_NAME_CHARACTERS:
            limit = f"the limit is {MAX_NAME_CHARACTERS}"
            refuse(token, f"the name {clip(token.text)!r} has {len(token.text)} characters", limit)
        at = next(at for at in range(1, len(token.text) + 1) if not token.text[:at].isidentifier()) - 1
        _refuse_character(token._replace(position=token.position + at), token.text[at])
    if token.text == "!=":
        refuse(token, "unsupported relation '!='", "only = == <= >= < > are relations")


def _refuse_character(token: Token, character: str) -> NoReturn:
    remedy = _INSTEAD.get(character, "write numbers, names, + - * / ** ( ) , and = == <= >= < >")
    refuse(token, f"unexpected character {character!r}", remedy)


def exact_number(token: Token) -> Rational:
    """The exact rational number that a token of kind NUMBER stands for.

    Raises:
        ParseError: if it has more than 300 digits or an exponent beyond that.

    >>> exact_number(tokenize("1.25e-2")[0])
    1/80
    """
    mantissa, _, exponent = token.text.lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0") or "0"
    # int() of a text of a million digits takes seconds: its length is looked at first
    if len(digits) > MAX_DIGITS or len(exponent) > MAX_DIGITS:
        refuse(token, f"the number {clip(token.text)} has too many digits", f"the limit is {MAX_DIGITS}")
    shift = int(exponent or "0") - len(fraction)
    if not -MAX_DIGITS <= shift <= MAX_DIGITS:
        refuse(token, f"the number {clip(token.text)} is too large or too small", f"the limit is 1e{MAX_DIGITS}")
    return Rational(int(digits) * 10 ** max(shift, 0), 10 ** max(-shift, 0))
