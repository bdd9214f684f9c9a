"""Text to SymPy expressions and relations, safely: own tokens, own grammar, never eval, sympify or a lookup by attribute.

    relation    expression (("=" | "==" | "<=" | ">=" | "<" | ">") expression)+
    expression  product (("+" | "-") product)*
    product     factor (("*" | "/") factor)*
    factor      ("+" | "-") factor | operand ["**" factor]
    operand     number | name | name "(" expression ("," expression)* ")" | "(" expression ")"

As in Python, -x**2 is -(x**2) and 2**3**2 is 2**(3**2). A name that is given as a symbol is that symbol, even if it is called
E or pi. Brackets are kept in a list and not on Python's stack, and the size of a number is estimated before it is computed:
SymPy alone would work on 9**9**9**9 for ever.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import pairwise
from typing import NoReturn

import sympy
from sympy import Add, And, E, Eq, Expr, Ge, Gt, Le, Lt, Max, Min, Mul, Pow, Rational, S, Symbol, log
from sympy.core.relational import Relational

from lagrangian.errors import ParseError
from lagrangian.problem.tokens import MAX_DIGITS, Kind, Token, clip, exact_number, refuse, tokenize

# the largest published problem needs 2,449 tokens in 6,431 characters, 3 levels of brackets and the exponent 12
MAX_NESTING = 30
MAX_EXPONENT = 1000
MAX_ARGUMENTS = 100
MAX_WORK = 30_000
MAX_DEGREE = 30

_MAX_BITS = MAX_DIGITS * math.log2(10)
_CONSTANTS = {"pi": sympy.pi, "E": E}
_FUNCTIONS: dict[str, Callable[..., Expr]] = {
    "exp": sympy.exp,
    "log": log,
    "ln": log,
    "sqrt": sympy.sqrt,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": sympy.tan,
    "asin": sympy.asin,
    "acos": sympy.acos,
    "atan": sympy.atan,
    "sinh": sympy.sinh,
    "cosh": sympy.cosh,
    "tanh": sympy.tanh,
    "erf": sympy.erf,
    "Abs": sympy.Abs,
    "abs": sympy.Abs,
    "Max": Max,
    "max": Max,
    "Min": Min,
    "min": Min,
}
_MOST_ARGUMENTS = {log: 2, Max: MAX_ARGUMENTS, Min: MAX_ARGUMENTS}
_RESERVED = _CONSTANTS.keys() | _FUNCTIONS.keys()
_RELATIONS: dict[str, type[Relational]] = {"=": Eq, "==": Eq, "<=": Le, ">=": Ge, "<": Lt, ">": Gt}
_NOT_REAL = "every number must be real and finite"
_NO_BOUND = f"{_NOT_REAL}; a bound that is not there is null"
_NO_NUMBERS = {"I": _NOT_REAL, "nan": _NOT_REAL, "oo": _NO_BOUND, "inf": _NO_BOUND, "Infinity": _NO_BOUND}
_UNEXPECTED = {
    ")": "it closes no bracket",
    ",": "a decimal has a point, and only the arguments of a function are separated by commas",
}


def parse_expression(text: str, symbols: Mapping[str, Symbol]) -> Expr:
    """The SymPy expression that a text states, with decimals as exact rationals.

    The grammar is that of the module. Functions: exp log (with a base as second argument, if any) sqrt sin cos tan asin acos
    atan sinh cosh tanh erf Abs Max Min, and the aliases ln abs max min. Constants: pi E.

    Args:
        text: the expression.
        symbols: the symbol for each name that may occur.

    Raises:
        ParseError: in one line, with the offending piece, its position and what to write instead; also for values that are
            not real and finite, and beyond the limits of this module and of tokens.py.

    >>> x = Symbol("x")
    >>> parse_expression("-x**2 + 0.1*exp(2*x)/3", {"x": x})
    -x**2 + exp(2*x)/30
    """
    sides, signs = _Reader(text, symbols).read()
    if signs:
        refuse(
            signs[0], f"the relation {signs[0].text!r}", "write an expression here; relations go among the constraints"
        )
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
    text: str, symbols: Mapping[str, Symbol], bare: type[Relational] | None = None
) -> tuple[Relational, ...]:
    """The relations of a text, unevaluated, those of a chain one by one.

    Args:
        text: a relation or a chain of relations.
        symbols: the symbol for each name that may occur.
        bare: the relation to zero that an expression alone stands for; without it, an expression alone is an error.

    Raises:
        ParseError: as `parse_expression`, and where there is no relation.

    >>> x = Symbol("x")
    >>> parse_relations("0 <= x <= 1", {"x": x}), parse_relations("x**2 - 1", {"x": x}, bare=Eq)
    ((0 <= x, x <= 1), (Eq(x**2 - 1, 0),))
    """
    sides, signs = _Reader(text, symbols).read()
    if signs:
        pairs = zip(signs, pairwise(sides), strict=True)
        return tuple(_RELATIONS[sign.text](left, right, evaluate=False) for sign, (left, right) in pairs)
    if bare is None:
        raise ParseError(f"{clip(text)!r} is no relation; write one with == <= >= < or >")
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
                raise ParseError(f"{problem} ({type(error).__name__}); write it simpler") from error
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
            refuse(opening, f"the expression is {clip(side)}, which is not real and finite,", _NOT_REAL)
        if any(_bits(number) > _MAX_BITS for number in side.atoms(Rational)):
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
                    _refuse_sign_search(base, token)
                value = _power(base, value, token)
            else:
                value = -value if token.text == "-" else _power(value, S.NegativeOne, token)
            value = self._counted(value, token)
        level.factors.append(value)
        self.value = None

    def _end_product(self) -> None:
        self._end_factor()
        level = self.levels[-1]
        level.terms.append(self._counted(_product(level.factors, level.opening), level.opening))
        level.factors = []

    def _end_sum(self) -> Expr:
        self._end_product()
        level = self.levels[-1]
        terms, level.terms = level.terms, []
        return self._counted(_sum(terms, level.opening), level.opening)

    def _called(self, function: Token, arguments: list[Expr]) -> Expr:
        for argument in arguments:
            _refuse_sign_search(argument, function)
        return self._counted(_call(function, arguments), function)

    def _counted(self, value: Expr, token: Token) -> Expr:
        """The value, unless SymPy has now worked for seconds: 2*(2*(...)) goes through all terms at every bracket."""
        self.work += 4 * _evaluation_cost(value) if value.is_number else len(value.args)
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
        if token.text in _CONSTANTS:
            return _CONSTANTS[token.text]
        if token.text in _FUNCTIONS:
            refuse(token, f"the function {token.text!r} has no argument", f"write {token.text}(...)")
        return _refuse_unknown(token, "name", [*self.symbols, *_CONSTANTS])

    def _callable(self, token: Token) -> Token:
        if token.text in self.symbols:
            name = clip(token.text)
            refuse(token, f"{name!r} is a symbol here, not a function", f"write {name}*(...), or rename the symbol")
        if token.text not in _FUNCTIONS:
            _refuse_unknown(token, "function", list(_FUNCTIONS))
        return token


def _refuse_unknown(token: Token, word: str, known: list[str]) -> NoReturn:
    close = get_close_matches(token.text, known, n=1)
    guess = f"did you mean {clip(close[0])!r}? " if close else ""
    listed = f"{guess}the known ones are {clip(', '.join(known), 150)}"
    refuse(token, f"unknown {word} {clip(token.text)!r}", _NO_NUMBERS.get(token.text, listed))


def _bits(number: Rational) -> float:
    """The size of numerator and denominator, 0 for 0 and 1."""
    return math.log2(max(abs(number.p), number.q))


def _refuse_sign_search(argument: Expr, token: Token) -> None:
    """SymPy isolates the roots of a polynomial to learn its sign, if its only symbol has one: hours for degree 200."""
    free = argument.free_symbols
    if len(free) == 1 and any(symbol.is_nonnegative or symbol.is_nonpositive for symbol in free):
        degree = _degree(argument)
        if degree > MAX_DEGREE:
            problem = f"the degree {clip(degree)} in {free.pop()} alone is too high for {token.text!r}"
            refuse(token, problem, f"the limit is {MAX_DEGREE} for a symbol of known sign")


def _degree(expression: Expr) -> int:
    """A bound of the degree of the polynomials that a function's argument is made of."""
    if isinstance(expression, Symbol):
        return 1
    degrees = [_degree(part) for part in expression.args]
    if isinstance(expression, Pow) and isinstance(expression.exp, Rational):
        return degrees[0] * int(abs(expression.exp.p))
    return sum(degrees) if expression.is_Mul else max(degrees, default=0)


def _evaluation_cost(constant: Expr) -> int:
    """About how many numbers SymPy computes to evaluate a constant: it evaluates the argument of a function twice."""
    if isinstance(constant, Rational):
        return int(_bits(constant)) // 64
    inner = sum(map(_evaluation_cost, constant.args))
    return inner if constant.is_Add or constant.is_Mul else 2 * inner + 1


def _size(constant: Expr, token: Token) -> float:
    """|constant|, unless it is too large to go on with: sin(exp(10**9)) needs a billion digits of pi."""
    if isinstance(constant, Rational):
        return abs(constant.p / constant.q)
    value = abs(constant.evalf(5))
    if value > 10**MAX_DIGITS:
        _refuse_size(constant, token)
    return float(value)


def _refuse_size(constant: Expr, token: Token) -> NoReturn:
    refuse(token, f"the number {clip(constant)} is too large", f"the limit is 1e{MAX_DIGITS}")


def _finite_real(function: Callable[..., Expr], arguments: tuple[Expr, ...], token: Token) -> Expr:
    """function(*arguments), unless that is a number that is not real or not finite."""
    value = function(*arguments)
    if value is S.NaN or (value.is_number and not _is_finite_real(value)):
        stated = clip(function(*arguments, evaluate=False))
        refuse(token, f"{stated} is {clip(value)}, which is not a finite real number,", _NOT_REAL)
    return value


def _is_finite_real(constant: Expr) -> bool:
    if constant.is_extended_real is None:
        # SymPy does not know it of (-1)**E
        return bool(constant.evalf(5).is_extended_real)
    return constant.is_extended_real and constant.is_finite is not False


def _power(base: Expr, exponent: Expr, token: Token) -> Expr:
    """base**exponent, unless that is too large to compute."""
    if base is S.Zero and exponent.is_number and exponent.is_negative:
        refuse(token, "division by zero", _NOT_REAL)
    _refuse_large_power(base, exponent, token)
    if base is E:
        return _finite_real(sympy.exp, (exponent,), token)
    value = _finite_real(Pow, (base, exponent), token)
    for factor in Mul.make_args(value):
        # ((x**99)**99)**99 is a single power to SymPy
        if isinstance(factor, Pow) and isinstance(factor.exp, Rational) and not factor.base.is_number:
            _refuse_exponent(factor.exp, token)
    return value


def _refuse_large_power(base: Expr, exponent: Expr, token: Token) -> None:
    if isinstance(base, Rational) and isinstance(exponent, Rational):
        if abs(exponent.p / exponent.q) * _bits(base) > _MAX_BITS:
            _refuse_size(Pow(base, exponent, evaluate=False), token)
        return
    for constant in _constants_of(exponent):
        size = _refuse_exponent(constant, token)
        base_size = _size(base, token) if base.is_number else 1.0
        if base_size == 0 and constant.is_extended_negative:
            refuse(token, f"division by {clip(base)}, which cannot be told from zero,", _NOT_REAL)
        if base_size and size * abs(math.log10(base_size)) > MAX_DIGITS:
            _refuse_size(Pow(base, constant, evaluate=False), token)


def _constants_of(exponent: Expr) -> list[Expr]:
    """The numbers that become exponents of their own: the constant terms, and c in c*log(x), as exp(c*log(x)) is x**c."""
    if isinstance(exponent, Rational):
        return [exponent]
    constants = []
    for term in Add.make_args(exponent):
        factors = Mul.make_args(term)
        if term.is_number or any(isinstance(factor, log) for factor in factors):
            constants.append(Mul(*(factor for factor in factors if factor.is_number)))
    return constants


def _refuse_exponent(exponent: Expr, token: Token) -> float:
    size = _size(exponent, token)
    if size > MAX_EXPONENT:
        refuse(token, f"the exponent {clip(exponent)} is too large", f"the limit is {MAX_EXPONENT}")
    return size


def _product(factors: list[Expr], token: Token) -> Expr:
    """The product, unless the numbers in it (3*5*..., sqrt(3)*sqrt(5)*..., x**(1/3)*x**(1/5)*...) grow too large."""
    above, below, roots = 0.0, 0.0, {1}
    for factor in factors:
        for base, exponent in (part.as_base_exp() for part in Mul.make_args(factor)):
            if isinstance(exponent, Rational):
                roots.add(exponent.q)
            if isinstance(base, Rational) and base:
                sizes = math.log2(abs(base.p)), math.log2(base.q)
                above += sizes[exponent.is_negative is True]
                below += sizes[exponent.is_negative is not True]
    if max(above, below, sum(map(math.log2, roots))) > _MAX_BITS:
        refuse(token, "a product has too many digits", f"the limit is {MAX_DIGITS}")
    return Mul(*factors)


def _sum(terms: list[Expr], token: Token) -> Expr:
    """The sum, unless a number in it (x/3 + x/5 + x/7 + ...) grows too large."""
    fractions: dict[Expr, Rational] = {}
    for term in terms:
        for coefficient, rest in (part.as_coeff_Mul() for part in Add.make_args(term)):
            if coefficient.q != 1:
                fractions[rest] = coefficient + fractions.get(rest, 0)
                if _bits(fractions[rest]) > _MAX_BITS:
                    refuse(token, "a sum has too many digits", f"the limit is {MAX_DIGITS}")
    return Add(*terms)


def _call(name: Token, arguments: list[Expr]) -> Expr:
    """The function called by name, at these arguments."""
    function = _FUNCTIONS[name.text]
    most = _MOST_ARGUMENTS.get(function, 1)
    if len(arguments) > most:
        refuse(name, f"{name.text} has {len(arguments)} arguments", f"the limit is {most}")
    for argument in arguments:
        if argument.is_number:
            _size(argument, name)
    if function is sympy.exp:
        return _power(E, arguments[0], name)
    if function is sympy.sqrt:
        return _power(arguments[0], S.Half, name)
    if function in (Max, Min):
        return _extremum(function, arguments, name)
    if function is log and len(arguments) == 2:
        return _logarithm(arguments[0], arguments[1], name)
    if function in (sympy.sinh, sympy.cosh):
        _refuse_large_power(E, arguments[0], name)
    return _finite_real(function, tuple(arguments), name)


def _logarithm(argument: Expr, base: Expr, token: Token) -> Expr:
    divisor = _finite_real(log, (base,), token)
    if divisor == 0:
        refuse(token, "the base of a logarithm is 1", "write another base")
    if isinstance(argument, Rational) and isinstance(base, Rational):
        return _finite_real(log, (argument, base), token)
    return _finite_real(log, (argument,), token) * _power(divisor, S.NegativeOne, token)


def _extremum(function: Callable[..., Expr], arguments: list[Expr], token: Token) -> Expr:
    """Max or Min with its rational numbers compared; SymPy compares all arguments in pairs, which takes it minutes for 100."""
    parts = dict.fromkeys(part for item in arguments for part in (item.args if item.func is function else (item,)))
    if len(parts) > MAX_ARGUMENTS:
        refuse(token, f"{token.text} has {len(parts)} arguments", f"the limit is {MAX_ARGUMENTS}")
    numbers = [part for part in parts if isinstance(part, Rational)]
    others = [part for part in parts if not isinstance(part, Rational)]
    kept = [*others, *([max(numbers) if function is Max else min(numbers)] if numbers else [])]
    return function(*kept, evaluate=False) if len(kept) > 1 else kept[0]
