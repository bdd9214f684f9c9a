"""SymPy expressions as straight-line programs on arrays of boxes, with derivatives as further lines of the program.

A program is a list of operations on earlier lines, each distinct operation once. Derivatives are formed line by line (forward
mode), so the same arithmetic encloses values, slopes and curvatures. At kinks of Abs and Max the hull of all slopes is taken.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy
from flint import arb
from sympy import Abs, Expr, Max, Min, Symbol

from lagrangian.algebra import interval_arrays as arrays
from lagrangian.algebra import interval_functions as functions
from lagrangian.algebra.balls import enclose, may_be_integer
from lagrangian.algebra.interval_arrays import Array, Ends, Interval, Mask

MOST_LINES = 200_000


class NotEnclosableError(Exception):
    """An expression that the package cannot enclose; the message names it. Internal: it becomes a status."""


@dataclass(frozen=True, slots=True)
class Line:
    """One operation: its name, the earlier lines it works on, and a constant (a variable's place, an exponent, a number)."""

    operation: str
    arguments: tuple[int, ...] = ()
    constant: Any = None


@dataclass(frozen=True, slots=True)
class Enclosures:
    """Enclosures of several lines over N boxes, with the boxes where some point, or every point, lies outside the domain.

    ``edge`` says where some point may lie on the boundary of the domain.
    """

    intervals: tuple[Interval, ...]
    partial: Mask
    empty: Mask
    edge: Mask


@dataclass(eq=False)
class Program:
    """Lines under construction: `add` compiles an expression, `derivative` differentiates a line.

    >>> x, y = sympy.symbols("x y", real=True)
    >>> program = Program((x, y))
    >>> value = program.add(x * sympy.exp(y))
    >>> slope = program.derivative(value, 1)
    >>> box = np.array([[1.0, 0.0]]), np.array([[2.0, 0.0]])
    >>> found = program.evaluate([value, slope], box, Ends.PROVED)
    >>> [[round(float(end[0]), 6) for end in interval] for interval in found.intervals]
    [[1.0, 2.0], [1.0, 2.0]]
    """

    variables: tuple[Symbol, ...]
    lines: list[Line] = field(default_factory=list)
    places: dict[Line, int] = field(default_factory=dict)
    compiled: dict[Expr, int] = field(default_factory=dict)
    derivatives: dict[tuple[int, int], int] = field(default_factory=dict)

    def add(self, expression: Expr) -> int:
        """The line that computes an expression. Raises NotEnclosableError."""
        if expression not in self.compiled:
            self.compiled[expression] = self._compile(expression)
        return self.compiled[expression]

    def derivative(self, line: int, variable: int) -> int:
        """The line that computes the partial derivative of a line."""
        key = (line, variable)
        if key not in self.derivatives:
            self.derivatives[key] = self._differentiate(line, variable)
        return self.derivatives[key]

    def evaluate(self, outputs: Sequence[int], box: Interval, how: Ends) -> Enclosures:
        """Enclosures of the outputs over N boxes, whose ends are arrays of shape (N, n)."""
        found, partial, empty = self.values(outputs, box, how)
        edge = partial.copy()
        for place in found:
            line = self.lines[place]
            if line.operation in _CLOSED_DOMAINS:
                least, most = _CLOSED_DOMAINS[line.operation]
                low, high = found[line.arguments[0]]
                edge |= (low <= least) | ((high >= most) & (most < np.inf))
        return Enclosures(tuple(found[place] for place in outputs), partial, empty, edge)

    def values(self, outputs: Sequence[int], box: Interval, how: Ends) -> tuple[dict[int, Interval], Mask, Mask]:
        """Enclosures of all lines that the outputs need, by line, with both masks of `Enclosures`."""
        count = len(box[0])
        partial, empty = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
        found: dict[int, Interval] = {}
        with np.errstate(all="ignore"):
            for place in self.needed(outputs):
                line = self.lines[place]
                values, outside, nowhere = _RULES[line.operation](line, [found[a] for a in line.arguments], box, how)
                found[place] = values
                if outside is not None:
                    partial |= outside
                if nowhere is not None:
                    empty |= nowhere
        return found, partial, empty

    def needed(self, outputs: Sequence[int]) -> list[int]:
        """The lines that the outputs are made of, in the order in which they can be computed."""
        needed, pending = set(outputs), list(outputs)
        while pending:
            for argument in self.lines[pending.pop()].arguments:
                if argument not in needed:
                    needed.add(argument)
                    pending.append(argument)
        return sorted(needed)

    def _line(self, operation: str, *arguments: int, constant: Any = None) -> int:
        line = Line(operation, arguments, constant)
        if line not in self.places:
            if len(self.lines) >= MOST_LINES:
                raise NotEnclosableError("the program of the problem's derivatives is too long")
            self.places[line] = len(self.lines)
            self.lines.append(line)
        return self.places[line]

    def _number(self, value: Expr) -> int:
        ball = enclose(value)
        if ball is None:
            raise NotEnclosableError(f"{value} cannot be enclosed")
        return self._line("number", constant=arrays.float_interval(ball))

    def _exactly(self, line: int, value: float) -> bool:
        return self.lines[line].operation == "number" and self.lines[line].constant == (value, value)

    def _sum(self, x: int, y: int) -> int:
        if self._exactly(x, 0.0):
            return y
        return x if self._exactly(y, 0.0) else self._line("add", x, y)

    def _times(self, x: int, y: int) -> int:
        if self._exactly(x, 0.0) or self._exactly(y, 0.0):
            return self._line("number", constant=(0.0, 0.0))
        if self._exactly(x, 1.0):
            return y
        if self._exactly(y, 1.0):
            return x
        return self._line("square", x) if x == y else self._line("multiply", *sorted((x, y)))

    def _constant(self, value: float) -> int:
        return self._line("number", constant=(value, value))

    def _minus(self, x: int) -> int:
        return self._constant(0.0) if self._exactly(x, 0.0) else self._line("negative", x)

    def _compile(self, expression: Expr) -> int:
        if expression in self.variables:
            return self._line("variable", constant=self.variables.index(expression))
        if not expression.free_symbols:
            return self._number(expression)
        if expression.is_Add:
            numbers, rest = expression.as_coeff_Add()
            total = self._constant(0.0)
            for term in sympy.Add.make_args(rest):
                total = self._sum(total, self.add(term))
            return self._sum(total, self._number(numbers))
        if expression.is_Mul:
            return self._product(expression)
        if expression.is_Pow:
            return self._power(*expression.as_base_exp())
        if isinstance(expression, Abs):
            return self._line("absolute", self.add(expression.args[0]))
        if isinstance(expression, Max | Min):
            return self._extremum(expression)
        name = _NAMES.get(expression.func)
        if name is None or len(expression.args) != 1:
            raise NotEnclosableError(f"{expression.func} has no enclosure in the package")
        return self._line(name, self.add(expression.args[0]))

    def _product(self, expression: Expr) -> int:
        number, rest = expression.as_coeff_Mul()
        if number == -1:
            return self._minus(self.add(rest))
        total = self._constant(1.0)
        for factor in sympy.Mul.make_args(rest):
            total = self._times(total, self.add(factor))
        return self._times(total, self._number(number))

    def _power(self, base: Expr, exponent: Expr) -> int:
        if base == sympy.E:
            return self._line("exp", self.add(exponent))
        if isinstance(base, sympy.tan) and exponent.is_even and exponent > 2:
            # a square is large near a pole on both sides of it, where the tangent can be anything
            secant = sympy.cos(base.args[0]) ** -2
            return self._integer_power(self._sum(self.add(secant), self._constant(-1.0)), int(exponent) // 2)
        inner = self.add(base)
        if isinstance(exponent, sympy.Integer):
            power = self._integer_power(inner, abs(int(exponent)))
            return power if exponent > 0 else self._line("reciprocal", power)
        if not exponent.free_symbols:
            if exponent in (sympy.Rational(1, 2), sympy.Rational(-1, 2)):
                root = self._line("square_root", inner)
                return root if exponent > 0 else self._line("reciprocal", root)
            if may_be_integer(exponent):
                raise NotEnclosableError(f"{exponent} cannot be told from an integer, whose powers have another domain")
            return self._line("real_power", inner, constant=exponent)
        logarithm = self._line("logarithm_of_base", inner)
        return self._line("exp", self._times(self.add(exponent), logarithm))

    def _integer_power(self, line: int, exponent: int) -> int:
        if exponent == 0:
            return self._constant(1.0)
        if exponent == 1:
            return line
        return self._line("square", line) if exponent == 2 else self._line("power", line, constant=exponent)

    def _extremum(self, expression: Expr) -> int:
        sign = isinstance(expression, Min)
        lines = [self.add(argument) for argument in expression.args]
        lines = [self._minus(line) for line in lines] if sign else lines
        total = lines[0]
        for line in lines[1:]:
            total = self._line("maximum", total, line)
        return self._minus(total) if sign else total

    def _differentiate(self, place: int, variable: int) -> int:
        line = self.lines[place]
        name, inner = line.operation, line.arguments
        if name == "variable":
            return self._constant(1.0 if line.constant == variable else 0.0)
        slopes = [self.derivative(argument, variable) for argument in inner]
        if all(self._exactly(slope, 0.0) for slope in slopes):
            return self._constant(0.0)
        if name == "add":
            return self._sum(*slopes)
        if name == "multiply":
            return self._sum(self._times(slopes[0], inner[1]), self._times(inner[0], slopes[1]))
        if name == "maximum":
            # max(u, v) = v + max(u - v, 0)
            step = self._line("step", self._sum(inner[0], self._minus(inner[1])))
            rest = self._sum(self._constant(1.0), self._minus(step))
            return self._sum(self._times(step, slopes[0]), self._times(rest, slopes[1]))
        return self._times(self._outer_slope(line, place), slopes[0])

    def _outer_slope(self, line: Line, place: int) -> int:
        """The derivative of an operation of one argument by that argument."""
        u = line.arguments[0]
        one, two = self._constant(1.0), self._constant(2.0)
        line_of: Callable[..., int] = self._line
        name = line.operation
        if name == "negative":
            return self._constant(-1.0)
        if name == "square":
            return self._times(two, u)
        if name == "power":
            exponent = int(line.constant)
            return self._times(self._constant(float(exponent)), self._integer_power(u, exponent - 1))
        if name == "reciprocal":
            return self._minus(line_of("square", place))
        if name == "square_root":
            return self._times(self._constant(0.5), line_of("reciprocal", place))
        if name == "real_power":
            exponent_ = line.constant
            assert isinstance(exponent_, Expr)
            return self._times(self._number(exponent_), self._power_of_line(u, exponent_ - 1))
        if name == "cos":
            return self._minus(line_of("sin", u))
        if name in ("tan", "tanh"):
            square = line_of("square", place)
            return self._sum(one, square if name == "tan" else self._minus(square))
        if name in ("logarithm", "logarithm_of_base"):
            return line_of("reciprocal", u)
        if name == "atan":
            return line_of("reciprocal", self._sum(one, line_of("square", u)))
        if name in ("asin", "acos"):
            root = line_of("square_root", self._sum(one, self._minus(line_of("square", u))))
            slope = line_of("reciprocal", root)
            return slope if name == "asin" else self._minus(slope)
        if name == "erf":
            factor = self._number(2 / sympy.sqrt(sympy.pi))
            return self._times(factor, line_of("exp", self._minus(line_of("square", u))))
        if name == "exp":
            return place
        simple = {"sin": "cos", "sinh": "cosh", "cosh": "sinh", "absolute": "sign", "sign": "flat", "step": "flat"}
        if name in simple:
            return line_of(simple[name], u)
        raise NotEnclosableError(f"{name} is not differentiated")

    def _power_of_line(self, line: int, exponent: Expr) -> int:
        if exponent == sympy.Rational(1, 2):
            return self._line("square_root", line)
        if isinstance(exponent, sympy.Integer):
            return self._integer_power(line, int(exponent))
        return self._line("real_power", line, constant=exponent)


Rule = Callable[[Line, list[Interval], Interval, Ends], tuple[Interval, Mask | None, Mask | None]]


def _variable(line: Line, _: list[Interval], box: Interval, how: Ends) -> tuple[Interval, None, None]:
    place = line.constant
    return (box[0][:, place], box[1][:, place]), None, None


def _constant_rule(line: Line, _: list[Interval], box: Interval, how: Ends) -> tuple[Interval, None, None]:
    low, high = line.constant
    shape: Array = np.empty(len(box[0]))
    return (np.full_like(shape, low), np.full_like(shape, high)), None, None


def _total(function: Callable[..., Interval]) -> Rule:
    return lambda line, values, box, how: (function(*values), None, None)


def _power_rule(line: Line, values: list[Interval], box: Interval, how: Ends) -> tuple[Interval, None, None]:
    return arrays.integer_power(values[0], int(line.constant)), None, None


def _real_power_rule(line: Line, values: list[Interval], box: Interval, how: Ends) -> tuple[Interval, Mask, Mask]:
    exponent = line.constant
    assert isinstance(exponent, Expr)

    def ball() -> arb:
        found = enclose(exponent, 64)
        assert found is not None
        return found

    return functions.real_power(values[0], arrays.float_interval(ball()), ball, how)


def _base_rule(line: Line, values: list[Interval], box: Interval, how: Ends) -> tuple[Interval, Mask, Mask]:
    """log u for u**w: nothing is known where u may be negative, since u**w is defined there for some w."""
    (low, high), partial, _ = functions.logarithm(values[0], how, zero_allowed=True)
    known = values[0][0] >= 0
    undefined = values[0][0] <= 0
    return (np.where(known, low, -np.inf), np.where(known, high, np.inf)), partial | undefined, np.zeros_like(partial)


def _flat_rule(line: Line, values: list[Interval], box: Interval, how: Ends) -> tuple[Interval, Mask, None]:
    interval, kink = arrays.flat(values[0])
    return interval, kink, None


def _increasing(name: str) -> Rule:
    return lambda line, values, box, how: functions.increasing(name, values[0], how)


_RULES: dict[str, Rule] = {
    "variable": _variable,
    "number": _constant_rule,
    "add": _total(arrays.add),
    "multiply": _total(arrays.multiply),
    "negative": _total(arrays.negative),
    "absolute": _total(arrays.absolute),
    "maximum": _total(arrays.maximum),
    "square": _total(lambda a: arrays.integer_power(a, 2)),
    "sign": _total(arrays.sign),
    "step": _total(arrays.step),
    "flat": _flat_rule,
    "power": _power_rule,
    "reciprocal": lambda line, values, box, how: arrays.reciprocal(values[0]),
    "square_root": lambda line, values, box, how: arrays.square_root(values[0]),
    "real_power": _real_power_rule,
    "logarithm": lambda line, values, box, how: functions.logarithm(values[0], how),
    "logarithm_of_base": _base_rule,
    "sin": lambda line, values, box, how: functions.sine(values[0], how),
    "cos": lambda line, values, box, how: functions.cosine(values[0], how),
    "tan": lambda line, values, box, how: functions.tangent(values[0], how),
    "asin": lambda line, values, box, how: functions.arcsine(values[0], how),
    "acos": lambda line, values, box, how: functions.arccosine(values[0], how),
    "cosh": lambda line, values, box, how: functions.hyperbolic_cosine(values[0], how),
    **{name: _increasing(name) for name in ("exp", "atan", "sinh", "tanh", "erf")},
}
# the domains that hold their boundaries
_CLOSED_DOMAINS = {
    "square_root": (0.0, np.inf),
    "real_power": (0.0, np.inf),
    "asin": (-1.0, 1.0),
    "acos": (-1.0, 1.0),
}
_NAMES = {
    sympy.exp: "exp",
    sympy.log: "logarithm",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.tan: "tan",
    sympy.asin: "asin",
    sympy.acos: "acos",
    sympy.atan: "atan",
    sympy.sinh: "sinh",
    sympy.cosh: "cosh",
    sympy.tanh: "tanh",
    sympy.erf: "erf",
}
