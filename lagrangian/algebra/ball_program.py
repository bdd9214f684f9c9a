"""Straight-line programs with exact constants, evaluated on balls of any precision and on rational numbers.

`lagrangian.algebra.interval_program` encloses values in floating point, many boxes at once; here there is one box, and as many
bits as its question needs. A line without a finite value spoils the whole: the point may lie outside a function's domain, or at
a kink, where slopes have no value.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import flint
import sympy
from flint import acb, arb, fmpq
from sympy import Expr, Rational

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.interval_program import Line, NotEnclosableError, Program

# what a rational number may take before exact evaluation is given up, in bits
LARGEST_FRACTION = 4096


class ExactProgram(Program):
    """A program whose numbers are kept exactly, not as enclosures in floating point, and with more functions than those have.

    >>> x = sympy.Symbol("x", real=True)
    >>> program = ExactProgram((x,))
    >>> line = program.add(x**2 / 3 - 1)
    >>> fractions_of(program, [line], [Fraction(2)])
    [Fraction(1, 3)]
    >>> with flint.ctx.workprec(200):
    ...     balls_of(program, [line], [arb(2)])[0].contains(arb(fmpq(1, 3)))
    True
    """

    def _number(self, value: Expr) -> int:
        if value.is_Rational and Rational(float(value)) == value:
            return self._constant(float(value))
        if enclose(value) is None:
            raise NotEnclosableError(f"{value} cannot be enclosed")
        return self._line("number", constant=value)

    def _compile(self, expression: Expr) -> int:
        name = _MORE.get(expression.func)
        if name is None or not expression.free_symbols:
            return super()._compile(expression)
        *order, argument = expression.args
        if len(expression.args) != (2 if name in _ORDERED else 1) or not all(n.is_Integer for n in order):
            raise NotEnclosableError(f"{expression} has no enclosure in the package")
        return self._line(name, self.add(argument), constant=int(order[0]) if order else None)

    def _outer_slope(self, line: Line, place: int) -> int:
        slope = _SLOPES.get(line.operation)
        return (
            super()._outer_slope(line, place) if slope is None else slope(self, line.arguments[0], place, line.constant)
        )

    def _one_and(self, sign: int, u: int) -> int:
        """1 + u**2 or 1 - u**2."""
        square = self._line("square", u)
        return self._sum(self._constant(1.0), square if sign > 0 else self._minus(square))

    def _inverse_root(self, line: int) -> int:
        return self._line("reciprocal", self._line("square_root", line))

    def _bell(self, u: int) -> int:
        """-2/sqrt(pi) exp(-u**2)"""
        bell = self._line("exp", self._minus(self._line("square", u)))
        return self._times(self._number(-2 / sympy.sqrt(sympy.pi)), bell)

    def _polygamma(self, order: int, u: int) -> int:
        return self._line("polygamma", u, constant=order)

    def _bessel_slope(self, name: str, u: int, order: int) -> int:
        """(C_(n-1) - C_(n+1))/2 for a Bessel function C of the first or second kind."""
        below, above = (self._line(name, u, constant=order + shift) for shift in (-1, 1))
        return self._times(self._constant(0.5), self._sum(below, self._minus(above)))


# functions that have no enclosure in floating point; those of an order have it as their constant
_MORE: dict[type, str] = {
    sympy.asinh: "asinh",
    sympy.acosh: "acosh",
    sympy.atanh: "atanh",
    sympy.erfc: "erfc",
    sympy.gamma: "gamma",
    sympy.loggamma: "loggamma",
    sympy.LambertW: "lambert_w",
    sympy.polygamma: "polygamma",
    sympy.besselj: "bessel_j",
    sympy.bessely: "bessel_y",
}
_ORDERED = frozenset({"polygamma", "bessel_j", "bessel_y"})
# the line of the derivative, from the program, the argument, the value and the order
_SLOPES: dict[str, Callable[[ExactProgram, int, int, Any], int]] = {
    "asinh": lambda p, u, w, n: p._inverse_root(p._one_and(1, u)),
    "acosh": lambda p, u, w, n: p._inverse_root(p._minus(p._one_and(-1, u))),
    "atanh": lambda p, u, w, n: p._line("reciprocal", p._one_and(-1, u)),
    "erfc": lambda p, u, w, n: p._bell(u),
    "gamma": lambda p, u, w, n: p._times(w, p._polygamma(0, u)),
    "loggamma": lambda p, u, w, n: p._polygamma(0, u),
    "polygamma": lambda p, u, w, n: p._polygamma(n + 1, u),
    "lambert_w": lambda p, u, w, n: p._times(
        p._line("exp", p._minus(w)), p._line("reciprocal", p._sum(p._constant(1.0), w))
    ),
    "bessel_j": lambda p, u, w, n: p._bessel_slope("bessel_j", u, n),
    "bessel_y": lambda p, u, w, n: p._bessel_slope("bessel_y", u, n),
}


def balls_of(program: Program, outputs: Sequence[int], values: Sequence[arb]) -> list[arb] | None:
    """Balls that hold the outputs wherever the variables lie in theirs, at the precision in force.

    None where some value on the way is not finite for certain, or some slope lies at a kink.
    """
    found: dict[int, arb] = {}
    for place in program.needed(outputs):
        line = program.lines[place]
        value = _BALLS[line.operation](line, [found[argument] for argument in line.arguments], values)
        if not value.is_finite():
            return None
        found[place] = value
    return [found[place] for place in outputs]


def fractions_of(program: Program, outputs: Sequence[int], values: Sequence[Fraction]) -> list[Fraction] | None:
    """The outputs at a rational point, exactly; None where they are undefined there, or not seen to be rational."""
    found: dict[int, Fraction] = {}
    for place in program.needed(outputs):
        line = program.lines[place]
        rule = _FRACTIONS.get(line.operation)
        value = None if rule is None else rule(line, [found[argument] for argument in line.arguments], values)
        if value is None or value.numerator.bit_length() + value.denominator.bit_length() > LARGEST_FRACTION:
            return None
        found[place] = value
    return [found[place] for place in outputs]


# --- rules on balls -------------------------------------------------------------------------------------------------

_NOTHING = arb("nan")


@lru_cache(maxsize=4096)
def _enclosed(number: Expr, bits: int) -> arb:
    ball = enclose(number, bits)
    return _NOTHING if ball is None else ball


def _number_ball(line: Line, _: list[arb], values: Sequence[arb]) -> arb:
    if isinstance(line.constant, tuple):
        return arb(line.constant[0])
    return _enclosed(line.constant, flint.ctx.prec)


def _power_ball(base: arb, exponent: int) -> arb:
    """By squares: the library's own power of a ball around zero is not a number."""
    if exponent == 1:
        return base
    half = _power_ball(base, exponent // 2)
    square = half * half
    return square * base if exponent % 2 else square


def _real_power_ball(line: Line, arguments: list[arb], _: Sequence[arb]) -> arb:
    return arguments[0] ** _enclosed(line.constant, flint.ctx.prec) if arguments[0] > 0 else _NOTHING


def _sign_ball(value: arb) -> arb:
    if value > 0:
        return arb(1)
    return arb(-1) if value < 0 else _NOTHING


def _step_ball(value: arb) -> arb:
    if value > 0:
        return arb(1)
    return arb(0) if value < 0 else _NOTHING


def _flat_ball(value: arb) -> arb:
    return _NOTHING if value.contains(arb(0)) else arb(0)


def _of(function: Callable[..., arb]) -> Callable[[Line, list[arb], Sequence[arb]], arb]:
    return lambda line, arguments, values: function(*arguments)


_BALLS: dict[str, Callable[[Line, list[arb], Sequence[arb]], arb]] = {
    "variable": lambda line, arguments, values: values[line.constant],
    "number": _number_ball,
    "add": _of(lambda a, b: a + b),
    "multiply": _of(lambda a, b: a * b),
    "negative": _of(lambda a: -a),
    "absolute": _of(abs),
    "maximum": _of(lambda a, b: a.max(b)),
    "square": _of(lambda a: a * a),
    "sign": _of(_sign_ball),
    "step": _of(_step_ball),
    "flat": _of(_flat_ball),
    "power": lambda line, arguments, values: _power_ball(arguments[0], int(line.constant)),
    "reciprocal": _of(lambda a: 1 / a),
    "square_root": _of(arb.sqrt),
    "real_power": _real_power_ball,
    "logarithm": _of(arb.log),
    "logarithm_of_base": _of(arb.log),
    "exp": _of(arb.exp),
    "sin": _of(arb.sin),
    "cos": _of(arb.cos),
    "tan": _of(arb.tan),
    "asin": _of(arb.asin),
    "acos": _of(arb.acos),
    "atan": _of(arb.atan),
    "sinh": _of(arb.sinh),
    "cosh": _of(arb.cosh),
    "tanh": _of(arb.tanh),
    "erf": _of(arb.erf),
    "asinh": _of(arb.asinh),
    "acosh": _of(arb.acosh),
    "atanh": _of(arb.atanh),
    "erfc": _of(arb.erfc),
    "gamma": _of(arb.gamma),
    "loggamma": _of(lambda a: a.lgamma() if a > 0 else _NOTHING),
    "lambert_w": _of(arb.lambertw),
    "polygamma": lambda line, arguments, values: acb(arguments[0]).polygamma(acb(line.constant)).real,
    "bessel_j": lambda line, arguments, values: arguments[0].bessel_j(arb(line.constant)),
    "bessel_y": lambda line, arguments, values: (
        arguments[0].bessel_y(arb(line.constant)) if arguments[0] > 0 else _NOTHING
    ),
}

# --- rules on rational numbers --------------------------------------------------------------------------------------


def _number_fraction(line: Line, _: list[Fraction], values: Sequence[Fraction]) -> Fraction | None:
    if isinstance(line.constant, tuple):
        return Fraction(line.constant[0])
    return Fraction(int(line.constant.p), int(line.constant.q)) if line.constant.is_Rational else None


def _power_fraction(line: Line, arguments: list[Fraction], _: Sequence[Fraction]) -> Fraction | None:
    base, exponent = arguments[0], int(line.constant)
    size = base.numerator.bit_length() + base.denominator.bit_length()
    return None if size * exponent > LARGEST_FRACTION else base**exponent


def _root_fraction(value: Fraction) -> Fraction | None:
    root = sympy.sqrt(Rational(value.numerator, value.denominator)) if value > 0 else None
    return Fraction(int(root.p), int(root.q)) if root is not None and root.is_Rational else None


def _only(argument: int, result: int) -> Callable[[Fraction], Fraction | None]:
    """A function that is seen to be rational at one number only."""
    return lambda value: Fraction(result) if value == argument else None


def _exactly(function: Callable[..., Fraction | None]) -> Callable[..., Fraction | None]:
    return lambda line, arguments, values: function(*arguments)


_FRACTIONS: dict[str, Callable[[Line, list[Fraction], Sequence[Fraction]], Fraction | None]] = {
    "variable": lambda line, arguments, values: values[line.constant],
    "number": _number_fraction,
    "add": _exactly(lambda a, b: a + b),
    "multiply": _exactly(lambda a, b: a * b),
    "negative": _exactly(lambda a: -a),
    "square": _exactly(lambda a: a * a),
    "power": _power_fraction,
    "reciprocal": _exactly(lambda a: 1 / a if a else None),
    "square_root": _exactly(_root_fraction),
    "exp": _exactly(_only(0, 1)),
    "logarithm": _exactly(_only(1, 0)),
    "sin": _exactly(_only(0, 0)),
    "cos": _exactly(_only(0, 1)),
}


def ball_of(value: Any) -> arb:
    """A rational number as a ball at the precision in force."""
    return arb(fmpq(int(value.numerator), int(value.denominator)))
