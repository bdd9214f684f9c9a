"""Arithmetic whose size is estimated before it is computed: SymPy alone would work on 9**9**9**9 for ever."""

import math
from collections.abc import Callable
from typing import Any, NoReturn

import sympy
from sympy import Add, E, Expr, Max, Min, Mul, Pow, Rational, S, Symbol, log

from lagrangian.problem.guards import Guard, call_guard, power_guard
from lagrangian.problem.tokens import MAX_DIGITS, Token, clip, refuse

MAX_EXPONENT = 1000
MAX_ARGUMENTS = 100
MAX_DEGREE = 30

NOT_REAL = "every number must be real and finite"

MAX_BITS = MAX_DIGITS * math.log2(10)
CONSTANTS = {"pi": sympy.pi, "E": E}
FUNCTIONS: dict[str, Any] = {
    "exp": sympy.exp,
    "log": log,
    "ln": log,
    "sqrt": sympy.sqrt,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": sympy.tan,
    "cot": sympy.cot,
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


def bits(number: Rational) -> float:
    """The size of numerator and denominator, 0 for 0 and 1."""
    return math.log2(max(abs(number.p), number.q))


def refuse_sign_search(argument: Expr, token: Token) -> None:
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


def evaluation_cost(constant: Expr) -> int:
    """About how many numbers SymPy computes to evaluate a constant: it evaluates the argument of a function twice."""
    if isinstance(constant, Rational):
        return int(bits(constant)) // 64
    inner = sum(map(evaluation_cost, constant.args))
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
        refuse(token, f"{stated} is {clip(value)}, which is not a finite real number,", NOT_REAL)
    return value


def _is_finite_real(constant: Expr) -> bool:
    if constant.is_extended_real is None:
        # SymPy does not know it of (-1)**E
        return bool(constant.evalf(5).is_extended_real)
    return constant.is_extended_real and constant.is_finite is not False


def power(base: Expr, exponent: Expr, token: Token) -> Expr:
    """base**exponent, unless that is too large to compute."""
    if base is S.Zero and exponent.is_number and exponent.is_negative:
        refuse(token, "division by zero", NOT_REAL)
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
        if abs(exponent.p / exponent.q) * bits(base) > MAX_BITS:
            _refuse_size(Pow(base, exponent, evaluate=False), token)
        return
    for constant in _constants_of(exponent):
        size = _refuse_exponent(constant, token)
        base_size = _size(base, token) if base.is_number else 1.0
        if base_size == 0 and constant.is_extended_negative:
            refuse(token, f"division by {clip(base)}, which cannot be told from zero,", NOT_REAL)
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


def product(factors: list[Expr], token: Token) -> Expr:
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
    if max(above, below, sum(map(math.log2, roots))) > MAX_BITS:
        refuse(token, "a product has too many digits", f"the limit is {MAX_DIGITS}")
    return Mul(*factors)


def total(terms: list[Expr], token: Token) -> Expr:
    """The sum, unless a number in it (x/3 + x/5 + x/7 + ...) grows too large."""
    fractions: dict[Expr, Rational] = {}
    for term in terms:
        for coefficient, rest in (part.as_coeff_Mul() for part in Add.make_args(term)):
            if coefficient.q != 1:
                fractions[rest] = coefficient + fractions.get(rest, 0)
                if bits(fractions[rest]) > MAX_BITS:
                    refuse(token, "a sum has too many digits", f"the limit is {MAX_DIGITS}")
    return Add(*terms)


def call(name: Token, arguments: list[Expr]) -> Expr:
    """The function called by name, at these arguments."""
    function = FUNCTIONS[name.text]
    most = _MOST_ARGUMENTS.get(function, 1)
    if len(arguments) > most:
        refuse(name, f"{name.text} has {len(arguments)} arguments", f"the limit is {most}")
    for argument in arguments:
        if argument.is_number:
            _size(argument, name)
    if function is sympy.exp:
        return power(E, arguments[0], name)
    if function is sympy.sqrt:
        return power(arguments[0], S.Half, name)
    if function in (Max, Min):
        return _extremum(function, arguments, name)
    if function is log and len(arguments) == 2:
        return _logarithm(arguments[0], arguments[1], name)
    if function in (sympy.sinh, sympy.cosh):
        _refuse_large_power(E, arguments[0], name)
    return _finite_real(function, tuple(arguments), name)


def guards_of_call(name: str, arguments: list[Expr]) -> list[Guard | None]:
    """What a function demands of its arguments, whatever SymPy makes of it."""
    function, argument = FUNCTIONS[name], arguments[0]
    if function is sympy.sqrt:
        return [power_guard(argument, S.Half)]
    if function is log and len(arguments) == 2 and arguments[1].free_symbols:
        base = arguments[1]
        return [call_guard(log, (argument,)), call_guard(log, (base,)), power_guard(log(base), S.NegativeOne)]
    return [call_guard(function, (argument,))] if argument.free_symbols else []


def _logarithm(argument: Expr, base: Expr, token: Token) -> Expr:
    divisor = _finite_real(log, (base,), token)
    if divisor == 0:
        refuse(token, "the base of a logarithm is 1", "write another base")
    if isinstance(argument, Rational) and isinstance(base, Rational):
        return _finite_real(log, (argument, base), token)
    return _finite_real(log, (argument,), token) * power(divisor, S.NegativeOne, token)


def _extremum(function: Callable[..., Expr], arguments: list[Expr], token: Token) -> Expr:
    """Max or Min with its rational numbers compared; SymPy compares all arguments in pairs, which takes it minutes for 100."""
    parts = dict.fromkeys(part for item in arguments for part in (item.args if item.func is function else (item,)))
    if len(parts) > MAX_ARGUMENTS:
        refuse(token, f"{token.text} has {len(parts)} arguments", f"the limit is {MAX_ARGUMENTS}")
    numbers = [part for part in parts if isinstance(part, Rational)]
    others = [part for part in parts if not isinstance(part, Rational)]
    kept = [*others, *([max(numbers) if function is Max else min(numbers)] if numbers else [])]
    return function(*kept, evaluate=False) if len(kept) > 1 else kept[0]
