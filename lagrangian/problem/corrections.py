"""What a text may have been meant to say: small repairs where the parser stopped, kept only if the whole is read then."""

import re
from collections.abc import Callable, Collection
from difflib import get_close_matches

from sympy import Eq, Symbol

from lagrangian.errors import ParseError, TextError
from lagrangian.problem.arithmetic import FUNCTIONS
from lagrangian.problem.parsing import IN_OTHER_WORDS, names_in, parse_relations

LONGEST = 200
MOST_REPAIRS = 8

_CHARACTERS = {
    "^": "**",
    "[": "(",
    "{": "(",
    "]": ")",
    "}": ")",
    "\u200b": "",
    "\u200c": "",
    "\u200d": "",
    "\ufeff": "",
}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_OTHER_NAMES = {
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "tg": "tan",
    "ctg": "cot",
    "arctg": "atan",
    "Sqrt": "sqrt",
    "root": "sqrt",
    "Log": "log",
    "Ln": "log",
    "Exp": "exp",
    "fabs": "Abs",
    "absolute": "Abs",
}
_NAME = re.compile(r"[^\W\d]\w*")
_OPERAND = re.compile(r"\s*([^\W\d]\w*|[0-9.]+)(?=\s*(?:[-+)=<>,]|\*(?!\*)|/|\Z))")
_RELATION = re.compile(r"[<>=≤⩽≥⩾]|\Z")


def corrected(error: TextError) -> str | None:
    """The text of an error as it may be meant, or None: never more than a proposal.

    >>> corrected(ParseError("...", "2x + sin y <= x^2"))
    '2*x + sin(y) <= x**2'
    """
    text = error.text
    if text is None or len(text) > LONGEST:
        return None
    for _ in range(MOST_REPAIRS):
        found = _first_error(text, error.names)
        if found is None:
            return text if text != error.text else None
        step = _step(text, found, error.names)
        if step is None:
            return None
        text = step
    return None


def _first_error(text: str, names: tuple[str, ...] | None) -> ParseError | None:
    """Where the text is no expression and no relation; without known names, each that occurs is one."""
    try:
        known = names_in(text) if names is None else names
        parse_relations(text, {name: Symbol(name, real=True) for name in known}, bare=Eq, demands={})
    except ParseError as error:
        return error
    return None


def _step(text: str, error: ParseError, names: tuple[str, ...] | None) -> str | None:
    """The text after the repair that leaves the least of it unread, if there is one that changes what is wrong."""
    if error.position is None:
        return None
    steps = []
    for repair in _REPAIRS:
        candidate = repair(text, error.position - 1, names or ())
        after = error if candidate is None else _first_error(candidate, names)
        if candidate is not None and (after is None or str(after) != str(error)):
            unread = 0 if after is None else len(candidate) - (after.position or 0) + 1
            steps.append((unread, candidate))
    return min(steps)[1] if steps else None


def _character(text: str, at: int, names: tuple[str, ...]) -> str | None:
    """x^2, x², [x], e^x."""
    if re.search(r"(?<!\w)e\Z", text[:at]) and text[at : at + 1] == "^" and "e" not in names:
        return f"{text[: at - 1]}E**{text[at + 1 :]}"
    if text[at : at + 1] in _CHARACTERS and at < len(text):
        return text[:at] + _CHARACTERS[text[at]] + text[at + 1 :]
    raised = re.match("[⁰¹²³⁴⁵⁶⁷⁸⁹]+", text[at:])
    return None if raised is None else f"{text[:at]}**{raised[0].translate(_SUPERSCRIPTS)}{text[at + raised.end() :]}"


def _root_or_absolute(text: str, at: int, names: tuple[str, ...]) -> str | None:
    """√x, √(x + 1), |x|."""
    if text[at : at + 1] == "√":
        operand = re.match(r"\s*([^\W\d]\w*|[0-9.]+)", text[at + 1 :])
        inside = "" if operand is None else f"({operand[1]})"
        return f"{text[:at]}sqrt{inside}{text[at + 1 + (operand.end() if operand else 0) :]}"
    closing = text.find("|", at + 1)
    if text[at : at + 1] == "|" and closing > 0:
        return f"{text[:at]}Abs({text[at + 1 : closing]}){text[closing + 1 :]}"
    return None


def _relation(text: str, at: int, names: tuple[str, ...]) -> str | None:
    """=> and =<, as some write >= and <=."""
    return f"{text[: at - 1]}{text[at]}={text[at + 1 :]}" if text[at - 1 : at + 1] in ("=>", "=<") else None


def _decimal_comma(text: str, at: int, names: tuple[str, ...]) -> str | None:
    return f"{text[:at]}.{text[at + 1 :]}" if re.fullmatch(r"\d,\d", text[max(at - 1, 0) : at + 2]) else None


def _name(text: str, at: int, names: tuple[str, ...]) -> str | None:
    """sin x, sine(x), x(y + 1), and names that are nearly those of variables."""
    found = _NAME.match(text, at)
    if found is None:
        return None
    name, rest = found[0], text[found.end() :]
    if rest.startswith("("):
        if name in names or (not names and re.search(rf"\b{name}\b(?!\()", text)):
            return f"{text[: found.end()]}*{rest}"
        near = [_OTHER_NAMES[name]] if name in _OTHER_NAMES else _near(name, FUNCTIONS)
    elif name in FUNCTIONS:
        operand = _OPERAND.match(rest)
        return None if operand is None else f"{text[: found.end()]}({operand[1]}){rest[operand.end() :]}"
    else:
        near = _near(name, names)
    return text[:at] + near[0] + rest if near else None


def _near(name: str, known: Collection[str]) -> list[str]:
    return [] if name in IN_OTHER_WORDS else get_close_matches(name, known, n=1, cutoff=0.75)


def _product(text: str, at: int, names: tuple[str, ...]) -> str | None:
    """2x, x y, (x + 1)(x - 1)."""
    begins = at > 0 and re.match(r"[\w(]", text[at:]) and re.search(r"[\w)]\s*$", text[:at])
    return f"{text[:at].rstrip()}*{text[at:]}" if begins else None


def _bracket(text: str, at: int, names: tuple[str, ...]) -> str | None:
    """(x + 1, x + 1)."""
    if text[at : at + 1] == ")" and not text[at + 1 :].strip():
        return text[:at]
    if text[at : at + 1] != "(":
        return None
    end = _RELATION.search(text, at)
    before = text[: end.start() if end else len(text)]
    return f"{before.rstrip()}){' ' if before != before.rstrip() else ''}{text[len(before) :]}"


_Repair = Callable[[str, int, tuple[str, ...]], str | None]
_REPAIRS: tuple[_Repair, ...] = (_character, _root_or_absolute, _relation, _decimal_comma, _name, _product, _bracket)
