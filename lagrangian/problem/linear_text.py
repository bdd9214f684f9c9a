"""Long texts that are linear, read in one pass: thousands of terms such as 12*x7, far beyond what the grammar allows in general.

    side   [sign] term (sign term)*        term   number "*" name | name | number

The limits of the grammar are there for texts that are short and mean much. A linear sum means no more than it says.
"""

import re
from collections.abc import Mapping

from sympy import Add, Expr, Integer, Mul, Rational, S, Symbol

from lagrangian.problem.tokens import Kind, Token

# shorter texts take the way of all others
LONG = 20_000
LONGEST = 400_000

_TERM = re.compile(
    r"\s*([+-]?)\s*(?:([0-9]{1,40}(?:\.[0-9]{0,40})?)(?:\s*\*\s*([^\W\d]\w{0,99}))?|([^\W\d]\w{0,99}))\s*(?=[+\-<>=]|\Z)"
)
_SIGN = re.compile(r"==|<=|>=|=|<|>")


def linear_sides(text: str, symbols: Mapping[str, Symbol]) -> tuple[list[Expr], list[Token]] | None:
    """The sides of a long text and the relation signs between them; None for a text that is short or not linear.

    >>> x, y = Symbol("x"), Symbol("y")
    >>> sides, signs = linear_sides("x + " * 10_000 + "2.5*y - 3 <= y", {"x": x, "y": y})
    >>> sides, [sign.text for sign in signs]
    ([10000*x + 5*y/2 - 3, y], ['<='])
    """
    if not isinstance(text, str) or not LONG <= len(text) <= LONGEST:
        return None
    sides: list[Expr] = []
    signs: list[Token] = []
    at = 0
    while True:
        found = _side(text, at, symbols)
        if found is None:
            return None
        side, at = found
        sides.append(side)
        if at == len(text):
            return sides, signs
        sign = _SIGN.match(text, at)
        if sign is None:
            return None
        signs.append(Token(Kind.SIGN, sign[0], at + 1))
        at = sign.end()


def _side(text: str, at: int, symbols: Mapping[str, Symbol]) -> tuple[Expr, int] | None:
    """The sum from a place on, and where it ends."""
    terms: dict[Expr, Rational] = {}
    begin = at
    while (found := _TERM.match(text, at)) is not None:
        sign, number, factor, alone = found.groups()
        if at > begin and not sign:
            return None
        name = factor or alone
        if name is not None and name not in symbols:
            return None
        value = S.One if number is None else _number(number)
        key = S.One if name is None else symbols[name]
        terms[key] = terms.get(key, S.Zero) + (-value if sign == "-" else value)
        at = found.end()
    if at == begin:
        return None
    return Add(*(Mul(value, key) for key, value in terms.items())), at


def _number(text: str) -> Rational:
    whole, _, fraction = text.partition(".")
    return Integer(whole) if not fraction else Rational(int(whole + fraction), 10 ** len(fraction))
