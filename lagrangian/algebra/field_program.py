"""Straight-line programs evaluated in a number field, exactly.

A line that leaves the field, such as an exponential of anything but zero, has no value, and then the whole has none. Square
roots that lie in the field are guessed from their digits and proved by squaring.
"""

from collections.abc import Callable, Sequence
from typing import Any

import flint
from flint import arb, fmpq, fmpq_poly
from sympy import Expr

from lagrangian.algebra.integer_relations import element_guess
from lagrangian.algebra.interval_program import Line, Program
from lagrangian.algebra.numbers import FieldElement, RealRoot

# digits from which the roots of elements are guessed, in bits
BITS = 800
LARGEST_EXPONENT = 64


def elements_of(program: Program, outputs: Sequence[int], values: Sequence[FieldElement]) -> list[FieldElement] | None:
    """The outputs at a point of a number field, exactly; None where they are undefined there, or not seen to be in the field.

    >>> import sympy
    >>> from flint import fmpz_poly
    >>> from lagrangian.algebra.ball_program import ExactProgram
    >>> x = sympy.Symbol("x", real=True)
    >>> program = ExactProgram((x,))
    >>> line = program.add(sympy.sqrt(3 + 2 * x) - x)
    >>> root = RealRoot(fmpz_poly([-2, 0, 1]), 1)
    >>> elements_of(program, [line], [FieldElement(root, fmpq_poly([0, 1]))])[0].rational()
    1
    """
    root = values[0].root
    found: dict[int, FieldElement] = {}
    for place in program.needed(outputs):
        line = program.lines[place]
        rule = _RULES.get(line.operation)
        value = None if rule is None else rule(line, [found[argument] for argument in line.arguments], values, root)
        if value is None:
            return None
        found[place] = value
    return [found[place] for place in outputs]


def _rational(value: fmpq, root: RealRoot) -> FieldElement:
    return FieldElement(root, fmpq_poly([value]))


def _number(line: Line, _: Any, __: Any, root: RealRoot) -> FieldElement | None:
    if isinstance(line.constant, tuple):
        return _rational(arb(line.constant[0]).fmpq(), root)
    number: Expr = line.constant
    if number.is_Rational:
        return _rational(fmpq(int(number.p), int(number.q)), root)
    if number.is_Pow and number.exp.is_Rational and number.base.is_Rational:
        return _power_of(_rational(fmpq(int(number.base.p), int(number.base.q)), root), number.exp)
    return None


def _power_of(base: FieldElement, exponent: Any) -> FieldElement | None:
    """A rational power of an element that is not negative."""
    p, q = int(exponent.p), int(exponent.q)
    if max(abs(p), q) > LARGEST_EXPONENT or base.sign() < 0 or (p < 0 and base.is_zero()):
        return None
    found = base if q == 1 else _root_of(base, q)
    if found is None:
        return None
    power = _whole_power(found, abs(p))
    return power if p >= 0 else power.inverse()


def _root_of(base: FieldElement, degree: int) -> FieldElement | None:
    """The root in the field that is not negative, guessed and proved; None where none is found."""
    if base.is_zero():
        return base
    with flint.ctx.workprec(BITS):
        guess = element_guess(base.enclosure(BITS).root(degree), base.root, BITS)
    if guess is None or guess.sign() < 0 or not (_whole_power(guess, degree) - base).is_zero():
        return None
    return guess


def _whole_power(base: FieldElement, exponent: int) -> FieldElement:
    result = _rational(fmpq(1), base.root)
    for _ in range(exponent):
        result = result * base
    return result


def _whole(line: Line, arguments: list[FieldElement], *_: Any) -> FieldElement | None:
    exponent = int(line.constant)
    return _whole_power(arguments[0], exponent) if 0 <= exponent <= LARGEST_EXPONENT else None


def _real(line: Line, arguments: list[FieldElement], *_: Any) -> FieldElement | None:
    return _power_of(arguments[0], line.constant) if line.constant.is_Rational and arguments[0].sign() > 0 else None


def _sign(value: FieldElement) -> FieldElement | None:
    sign = value.sign()
    return _rational(fmpq(sign), value.root) if sign else None


def _step(value: FieldElement) -> FieldElement | None:
    sign = value.sign()
    return _rational(fmpq(int(sign > 0)), value.root) if sign else None


def _at(place: int, result: int) -> Callable[[FieldElement], FieldElement | None]:
    """A function that is in the field at one number only."""
    return lambda value: _rational(fmpq(result), value.root) if (value - fmpq(place)).is_zero() else None


def _of(function: Callable[..., FieldElement | None]) -> Callable[..., FieldElement | None]:
    return lambda line, arguments, values, root: function(*arguments)


_RULES: dict[str, Callable[..., FieldElement | None]] = {
    "variable": lambda line, arguments, values, root: values[line.constant],
    "number": _number,
    "add": _of(lambda a, b: a + b),
    "multiply": _of(lambda a, b: a * b),
    "negative": _of(lambda a: -a),
    "square": _of(lambda a: a * a),
    "power": _whole,
    "reciprocal": _of(lambda a: None if a.is_zero() else a.inverse()),
    "square_root": _of(lambda a: _root_of(a, 2) if a.sign() > 0 else None),
    "real_power": _real,
    "sign": _of(_sign),
    "step": _of(_step),
    "flat": _of(lambda a: None if a.is_zero() else a * 0),
    "absolute": _of(lambda a: a if a.sign() >= 0 else -a),
    "maximum": _of(lambda a, b: a if (a - b).sign() >= 0 else b),
    "exp": _of(_at(0, 1)),
    "logarithm": _of(_at(1, 0)),
    "sin": _of(_at(0, 0)),
    "cos": _of(_at(0, 1)),
}
