"""Text to SymPy expressions and relations, safely: own tokens, own grammar, never eval, sympify or a lookup by attribute.

    relation    expression (("=" | "==" | "<=" | ">=" | "<" | ">") expression)+
    expression  product (("+" | "-") product)*
    product     factor (("*" | "/") factor)*
    factor      ("+" | "-") factor | operand ["**" factor]
    operand     number | name | name "(" expression ("," expression)* ")" | "(" expression ")"

As in Python, -x**2 is -(x**2) and 2**3**2 is 2**(3**2). A name that is given as a symbol is that symbol, even if it is called
E or pi. Brackets are kept in a list and not on Python's stack, and the size of a number is estimated before it is computed:
SymPy alone would work on 9**9**9**9 for ever. It simplifies what it builds, and may move the limits of where that is defined,
as in sqrt(x)**2 = x: what each operation demands of its operands is written down as the text is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import pairwise
from typing import NoReturn

import sympy
from sympy import And, Eq, Expr, Ge, Gt, Le, Lt, Rational, S, Symbol
from sympy.core.relational import Relational

from lagrangian.errors import ParseError, ProblemError
from lagrangian.problem.arithmetic import (
    CONSTANTS,
    FUNCTIONS,
    MAX_BITS,
    NOT_REAL,
    bits,
    call,
    evaluation_cost,
    guards_of_call,
    power,
    product,
    refuse_sign_search,
    total,
)
from lagrangian.problem.domain_changes import guards_of, refuse_change
from lagrangian.problem.guards import Guard, power_guard
from lagrangian.problem.linear_text import linear_sides
from lagrangian.problem.tokens import MAX_DIGITS, Kind, Token, clip, exact_number, refuse, tokenize

# the largest published problem needs 2,449 tokens in 6,431 characters, 3 levels of brackets and the exponent 12
MAX_NESTING = 30
MAX_WORK = 30_000

_RESERVED = CONSTANTS.keys() | FUNCTIONS.keys()
_RELATIONS: dict[str, type[Relational]] = {"=": Eq, "==": Eq, "<=": Le, ">=": Ge, "<": Lt, ">": Gt}

_NO_BOUND = f"{NOT_REAL}; a bound that is not there is null"
NO_NUMBERS = {"I": NOT_REAL, "nan": NOT_REAL, "oo": _NO_BOUND, "inf": _NO_BOUND, "Infinity": _NO_BOUND}
# functions that others have, in terms of those that are here
IN_OTHER_WORDS = {
    "log10": "log(x, 10)",
    "log2": "log(x, 2)",
    "cbrt": "x**(1/3)",
    "pow": "x**y",
    "square": "x**2",
    "sec": "1/cos(x)",
    "csc": "1/sin(x)",
    "cosec": "1/sin(x)",
    "coth": "cosh(x)/sinh(x)",
    **dict.fromkeys(("asinh", "arcsinh", "arsinh"), "log(x + sqrt(x**2 + 1))"),
    **dict.fromkeys(("acosh", "arccosh", "arcosh"), "log(x + sqrt(x**2 - 1))"),
    **dict.fromkeys(("atanh", "arctanh", "artanh"), "log((1 + x)/(1 - x))/2"),
    "acot": "pi/2 - atan(x)",
}
_UNEXPECTED = {
    ")": "it closes no bracket",
    ",": "a decimal has a point, and only the arguments of a function are separated by commas",
}


# what is demanded, and the text that demands it
Demands = dict[Guard, str]


def parse_expression(text: str, symbols: Mapping[str, Symbol], demands: Demands | None = None) -> Expr:
    """The SymPy expression that a text states, with decimals as exact rationals.

    The grammar is that of the module. Functions: exp log (with a base as second argument, if any) sqrt sin cos tan cot asin acos
    atan sinh cosh tanh erf Abs Max Min, and the aliases ln abs max min. Constants: pi E.

    Args:
        text: the expression.
        symbols: the symbol for each name that may occur.
        demands: if given, what the text demands is added, for `refuse_changed_domain` to judge with all constraints at hand.

    Raises:
        ParseError: in one line, with the offending piece, its position and what to write instead; also for values that are
            not real and finite, and beyond the limits of this module and of tokens.py; also, without ``demands``, for a text
            that SymPy simplifies to an expression that is defined elsewhere, unless the symbols' assumptions exclude that.

    >>> x = Symbol("x")
    >>> parse_expression("-x**2 + 0.1*exp(2*x)/3", {"x": x})
    -x**2 + exp(2*x)/30
    """
    sides, signs = _read(text, symbols, demands)
    if signs:
        found = f"the relation {signs[0].text!r} at position {signs[0].position}"
        remedy = "write an expression here; relations go among the constraints"
        raise ParseError(f"{found}; {remedy}", text, signs[0].position, len(signs[0].text))
    return sides[0]


def parse_relation(text: str, symbols: Mapping[str, Symbol]) -> Relational | And:
    """The relation that a text states, unevaluated; a chain such as -1 < u < 8 is an And.

    Args:
        text: the relation; = and == mean the same.
        symbols: the symbol for each name that may occur.

    Raises:
        ParseError: as `parse_expression`, and where there is no relation or a chain that SymPy refutes at sight.

    >>> u = Symbol("u", positive=True)
    >>> parse_relation("u > -1", {"u": u}), parse_relation("-1 < u < 8", {"u": u})
    (u > -1, (-1 < u) & (u < 8))
    """
    relations = parse_relations(text, symbols)
    stated = And(*relations) if len(relations) > 1 else relations[0]
    if stated in (S.true, S.false):
        raise ParseError(f"the chain {clip(text)!r} has collapsed to {stated}; write each of its relations on its own")
    return stated


def parse_relations(
    text: str, symbols: Mapping[str, Symbol], bare: type[Relational] | None = None, demands: Demands | None = None
) -> tuple[Relational, ...]:
    """The relations of a text, unevaluated, those of a chain one by one.

    Args:
        text: a relation or a chain of relations.
        symbols: the symbol for each name that may occur.
        bare: the relation to zero that an expression alone stands for; without it, an expression alone is an error.
        demands: as for `parse_expression`.

    Raises:
        ParseError: as `parse_expression`, and where there is no relation.

    >>> x = Symbol("x")
    >>> parse_relations("0 <= x <= 1", {"x": x}), parse_relations("x**2 - 1", {"x": x}, bare=Eq)
    ((0 <= x, x <= 1), (Eq(x**2 - 1, 0),))
    """
    sides, signs = _read(text, symbols, demands)
    if signs:
        pairs = zip(signs, pairwise(sides), strict=True)
        return tuple(_RELATIONS[sign.text](left, right, evaluate=False) for sign, (left, right) in pairs)
    if bare is None:
        message = f"{clip(text)!r} is no relation; write one with == <= >= < or >"
        raise ParseError(message, text, len(text.rstrip()) + 1, names=tuple(symbols))
    return (bare(sides[0], S.Zero, evaluate=False),)


def names_in(text: str) -> set[str]:
    """The names in a text that are neither functions nor constants, and so must be variables or parameters.

    Raises:
        ParseError: for text outside the tokens of the grammar; whether it is an expression is not looked at.

    >>> sorted(names_in("x*exp(y) <= 2*pi*r"))
    ['r', 'x', 'y']
    """
    return {
        token.text
        for token, following in pairwise(tokenize(text))
        if token.kind is Kind.NAME and following.text != "(" and token.text not in _RESERVED
    }


def _read(text: str, symbols: Mapping[str, Symbol], demands: Demands | None) -> tuple[list[Expr], list[Token]]:
    """The sides and the signs of a text; its demands are added to those given, or else looked at."""
    linear = linear_sides(text, symbols)
    if linear is not None:
        return linear
    try:
        reader = _Reader(text, symbols)
        sides, signs = reader.read()
    except ParseError as error:
        error.text, error.names = text if isinstance(text, str) else None, tuple(symbols)
        raise
    stated = dict.fromkeys(reader.guards, text)
    if demands is not None:
        demands |= stated
    else:
        try:
            refuse_change(stated, guards_of(sides))
        except ProblemError as error:
            raise ParseError(str(error), text) from None
    return sides, signs


@dataclass(slots=True)
class _Level:
    """An open bracket, or one side of a relation, and what has been read of it.

    ``waiting`` holds what waits for its last operand: "-", "/", or "**" with its base.
    """

    opening: Token
    function: Token | None = None
    nesting: int = 0
    arguments: list[Expr] = field(default_factory=list)
    terms: list[Expr] = field(default_factory=list)
    factors: list[Expr] = field(default_factory=list)
    waiting: list[tuple[Token, Expr | None]] = field(default_factory=list)


class _Reader:
    """Reads tokens from left to right; ``value`` is the operand just read, None where one is expected."""

    def __init__(self, text: str, symbols: Mapping[str, Symbol]) -> None:
        self.tokens = tokenize(text)
        self.symbols = symbols
        self.levels = [_Level(self.tokens[0])]
        self.function: Token | None = None
        self.value: Expr | None = None
        self.work = 0
        self.guards: list[Guard] = []

    def read(self) -> tuple[list[Expr], list[Token]]:
        """The sides of the relations, or the one expression, and the signs of the relations."""
        if len(self.tokens) == 1:
            raise ParseError("the text is empty; write an expression")
        sides: list[Expr] = []
        ends: list[Token] = []
        for token, following in pairwise([*self.tokens, self.tokens[-1]]):
            try:
                self._take(token, following, sides, ends)
            except ParseError:
                raise
            except Exception as error:
                # SymPy raises almost anything where it cannot evaluate: AttributeError from asin(sin(1e299))
                problem = f"SymPy cannot evaluate what stands before position {token.position}"
                message = f"{problem} ({type(error).__name__}); write it simpler"
                raise ParseError(message, position=token.position) from error
        return sides, ends[:-1]

    def _take(self, token: Token, following: Token, sides: list[Expr], ends: list[Token]) -> None:
        if self.value is None:
            self._operand(token, following)
        elif token.text in _RELATIONS or token.kind is Kind.END:
            sides.append(self._side(token))
            ends.append(token)
            self.levels = [_Level(following)]
        else:
            self._operator(token)

    def _operand(self, token: Token, following: Token) -> None:
        if token.kind is Kind.NUMBER:
            self.value = exact_number(token)
        elif token.kind is Kind.NAME and following.text == "(":
            self.function = self._callable(token)
        elif token.kind is Kind.NAME:
            self.value = self._named(token)
        elif token.text == "(":
            self.levels.append(_Level(token, self.function, self._nesting(token)))
            self.function = None
        elif token.text == "-" and not self.levels[-1].waiting:
            self.levels[-1].factors.append(S.NegativeOne)
        elif token.text == "-":
            self._wait(token)
        elif token.text != "+":
            found = f"{token.text!r} stands" if token.text else "the text ends"
            refuse(token, f"{found} where an operand is missing", "write a number, a name or a bracket there")

    def _operator(self, token: Token) -> None:
        level = self.levels[-1]
        if token.text == "**":
            self._wait(token)
        elif token.text in ("*", "/"):
            self._end_factor()
        elif token.text in ("+", "-"):
            self._end_product()
            if token.text == "-":
                level.factors.append(S.NegativeOne)
        elif token.text == "," and level.function is not None:
            level.arguments.append(self._end_sum())
        elif token.text == ")" and len(self.levels) > 1:
            value = self._end_sum()
            self.levels.pop()
            if level.function is not None:
                value = self._called(level.function, [*level.arguments, value])
            self.value = value
        else:
            refuse(
                token, f"unexpected {clip(token.text)!r}", _UNEXPECTED.get(token.text, "write * between two factors")
            )
        if token.text == "/":
            self._wait(token)

    def _side(self, token: Token) -> Expr:
        opening = self.levels[-1].opening
        if len(self.levels) > 1:
            where = f"before {token.text!r} at position {token.position}" if token.text else "at the end"
            refuse(opening, "'(' without ')'", f"close it {where}")
        side = self._end_sum()
        if side.has(sympy.I, sympy.nan, sympy.zoo, sympy.oo, -sympy.oo):
            refuse(opening, f"the expression is {clip(side)}, which is not real and finite,", NOT_REAL)
        if any(bits(number) > MAX_BITS for number in side.atoms(Rational)):
            refuse(opening, "a number in the expression has too many digits", f"the limit is {MAX_DIGITS}")
        return side

    def _end_factor(self) -> None:
        """The operand, with what waited for it, becomes a factor."""
        level = self.levels[-1]
        value: Expr = self.value
        while level.waiting:
            token, base = level.waiting.pop()
            if token.text == "**":
                if not isinstance(value, sympy.Integer):
                    refuse_sign_search(base, token)
                self._demand(power_guard(base, value))
                value = power(base, value, token)
            elif token.text == "-":
                value = -value
            else:
                self._demand(power_guard(value, S.NegativeOne))
                value = power(value, S.NegativeOne, token)
            value = self._counted(value, token)
        level.factors.append(value)
        self.value = None

    def _end_product(self) -> None:
        self._end_factor()
        level = self.levels[-1]
        level.terms.append(self._counted(product(level.factors, level.opening), level.opening))
        level.factors = []

    def _end_sum(self) -> Expr:
        self._end_product()
        level = self.levels[-1]
        terms, level.terms = level.terms, []
        return self._counted(total(terms, level.opening), level.opening)

    def _called(self, function: Token, arguments: list[Expr]) -> Expr:
        for argument in arguments:
            refuse_sign_search(argument, function)
        for guard in guards_of_call(function.text, arguments):
            self._demand(guard)
        return self._counted(call(function, arguments), function)

    def _demand(self, guard: Guard | None) -> None:
        if guard is not None and guard.of.free_symbols:
            self.guards.append(guard)

    def _counted(self, value: Expr, token: Token) -> Expr:
        """The value, unless SymPy has now worked for seconds: 2*(2*(...)) goes through all terms at every bracket."""
        self.work += 4 * evaluation_cost(value) if value.is_number else len(value.args)
        if self.work > MAX_WORK:
            refuse(
                token, "the expression is too laborious", f"the limit of {MAX_WORK} terms and evaluations is reached"
            )
        return value

    def _wait(self, token: Token) -> None:
        self._nesting(token)
        self.levels[-1].waiting.append((token, self.value))
        self.value = None

    def _nesting(self, token: Token) -> int:
        nesting = self.levels[-1].nesting + len(self.levels[-1].waiting) + 1
        if nesting > MAX_NESTING:
            refuse(token, f"{token.text!r} nests too deeply", f"the limit is {MAX_NESTING} levels")
        return nesting

    def _named(self, token: Token) -> Expr:
        if token.text in self.symbols:
            return self.symbols[token.text]
        if token.text in CONSTANTS:
            return CONSTANTS[token.text]
        if token.text in FUNCTIONS:
            refuse(token, f"the function {token.text!r} has no argument", f"write {token.text}(...)")
        return _refuse_unknown(token, "name", [*self.symbols, *CONSTANTS])

    def _callable(self, token: Token) -> Token:
        if token.text in self.symbols:
            name = clip(token.text)
            refuse(token, f"{name!r} is a symbol here, not a function", f"write {name}*(...), or rename the symbol")
        if token.text not in FUNCTIONS:
            _refuse_unknown(token, "function", list(FUNCTIONS))
        return token


def _refuse_unknown(token: Token, word: str, known: list[str]) -> NoReturn:
    if word == "function" and token.text in IN_OTHER_WORDS:
        refuse(token, f"unknown function {token.text!r}", f"write {IN_OTHER_WORDS[token.text]}")
    close = get_close_matches(token.text, known, n=1)
    guess = f"did you mean {clip(close[0])!r}? " if close else ""
    listed = f"{guess}the known ones are {clip(', '.join(known), 150)}"
    refuse(token, f"unknown {word} {clip(token.text)!r}", NO_NUMBERS.get(token.text, listed))
