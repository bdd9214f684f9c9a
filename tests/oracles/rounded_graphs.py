"""What floating point may make of an expression graph: each operation in ball arithmetic, widened by its rounding error.

By the standard model of rounding (Higham 2002, section 2.2) fl(a op b) = (a op b)(1 + d) with |d| <= u = 2**-53, but for numbers
below 2**-1022; functions of C's library are taken to be within 8 units in the last place, and special functions within the bounds
that `lagrangian.numeric.special_functions` states. A constant of the graph is the float
nearest to a real number, so that number lies in its ball too. Hence the ball of a node holds the exact value of the formula and
whatever floating point, with products and sums fused or not, gives for it: the two differ by at most the ball's diameter.
"""

import math
from collections.abc import Mapping, Sequence

from flint import acb, arb, ctx

UNIT = 2.0**-53
FUNCTION = 16 * UNIT
_SMALLEST = arb(2) ** -1074
_EXACT = {"negate", "absolute", "maximum", "minimum", "select", "sign", "floor", "ceil"}
_METHODS = {
    "exp": "exp", "log": "log", "sin": "sin", "cos": "cos", "tan": "tan", "asin": "asin", "acos": "acos", "atan": "atan",
    "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "asinh": "asinh", "acosh": "acosh", "atanh": "atanh", "erf": "erf",
    "erfc": "erfc",
}  # fmt: skip


class Undecided(Exception):
    """A condition holds for some numbers of the balls and not for others."""


UNDECIDED = object()


def balls(instructions: Sequence, inputs: Mapping[tuple[str, int], float]) -> list:
    """The ball, or truth value, of each node; None where it has no real value, UNDECIDED after an undecided condition."""
    ctx.prec = 200
    found: list = []
    for operation, operands in instructions:
        if operation == "input":
            found.append(arb(inputs[operands]))
        elif operation == "number":
            found.append(None if math.isnan(operands[0]) else _widened(arb(operands[0]), UNIT))
        else:
            found.append(_rounded(operation, [found[operand] for operand in operands], instructions, operands))
    return found


def _rounded(operation: str, values: list, instructions: Sequence, operands: Sequence[int]):
    try:
        return _ball(operation, values, instructions, operands)
    except Undecided:
        return UNDECIDED


def _ball(operation: str, values: list, instructions: Sequence, operands: Sequence[int]):
    if operation == "select" and values[0] is not UNDECIDED:
        return values[1] if values[0] else values[2]
    if UNDECIDED in values:
        raise Undecided
    if any(value is None for value in values):
        return False if operation in _RELATIONS else None
    exact, error = _value(operation, values, [instructions[operand] for operand in operands])
    if isinstance(exact, bool) or exact is None:
        return exact
    return _widened(exact, error) if exact.is_finite() else None


def _widened(ball: arb, error: float) -> arb:
    if error == 0:
        return ball
    return ball + (abs(ball).upper() * arb(error) + _SMALLEST) * arb(0, 1)


def _value(operation: str, values: list, made_of: list):
    if operation in _RELATIONS:
        return _holds(_RELATIONS[operation], values[0] - values[1]), 0.0
    if operation in _LOGIC:
        return _LOGIC[operation](*values), 0.0
    if operation == "power":
        return _power(values, made_of[1])
    if operation in _SPECIAL:
        # an order is an integer, and no rounded number
        orders = [int(made_of[0][1][0])] if len(values) == 2 else []
        exact, size, units = _SPECIAL[operation](*orders, values[-1])
        return exact + abs(size).upper() * arb(units * UNIT) * arb(0, 1), 0.0
    if operation in _METHODS:
        return getattr(values[0], _METHODS[operation])(), FUNCTION
    return _ARITHMETIC[operation](*values), 0.0 if operation in _EXACT else UNIT


def _power(values: list, exponent: tuple):
    base = values[0]
    if exponent[0] != "number" or exponent[1][0] % 0.5:
        if base < 0:
            return None, 0.0
        if not base > 0:
            raise Undecided
        return base ** values[1], FUNCTION
    number = exponent[1][0]
    if number % 1 and not base >= 0:
        if base < 0:
            return None, 0.0
        raise Undecided
    root = base.sqrt() if number % 1 else arb(1)
    whole = base ** int(abs(number) // 1)
    exact = root * whole
    return (1 / exact if number < 0 else exact), (abs(number) + 2) * UNIT * 1.001


def _sign(value: arb) -> arb:
    if value == 0:
        return arb(0)
    return arb(1) if _holds(lambda d: d > 0, value) else arb(-1)


def _holds(test, difference: arb) -> bool:
    """Whether the test holds for the difference of two sides; undecided where it does for some numbers of the ball only."""
    if difference == 0 or not difference.contains(0):
        return bool(test(difference))
    raise Undecided


def _step(value: arb, method: str) -> arb:
    rounded = getattr(value, method)()
    if not rounded.rad() == 0:
        raise Undecided
    return rounded


def _polygamma(order: int, x: arb) -> tuple[arb, arb, int]:
    value = acb(x).polygamma(acb(order)).real
    allowance = arb(0) if x > 0 else arb((order + 1) * 2**order * math.factorial(order))
    return value, 1 + abs(value) + allowance, 16


def _bessel_y(order: int, x: arb) -> tuple[arb, arb, int]:
    value = x.bessel_y(arb(order))
    return value, 1 + abs(value), 16 + abs(order)


# the exact value, what the error is measured by, and how many units of rounding of that it has at most
_SPECIAL = {
    "gamma": lambda x: (x.gamma(), x.gamma(), 16),
    "loggamma": lambda x: (x.lgamma(), 1 + abs(x.lgamma()), 16),
    "polygamma": _polygamma,
    "bessel_j": lambda n, x: (x.bessel_j(arb(n)), 1 + abs(x.bessel_j(arb(n))), 16),
    "bessel_y": _bessel_y,
    "lambert_w": lambda x: (x.lambertw(), x.lambertw(), 16),
}
_RELATIONS = {
    "less": lambda d: d < 0,
    "less_equal": lambda d: d <= 0,
    "greater": lambda d: d > 0,
    "greater_equal": lambda d: d >= 0,
    "equal": lambda d: d == 0,
    "unequal": lambda d: d != 0,
}
_LOGIC = {
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "not": lambda a: not a,
}
_ARITHMETIC = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "negate": lambda a: -a,
    "absolute": lambda a: abs(a),
    "maximum": lambda a, b: a.max(b),
    "minimum": lambda a, b: a.min(b),
    "sign": _sign,
    "floor": lambda a: _step(a, "floor"),
    "ceil": lambda a: _step(a, "ceil"),
    "atan2": lambda a, b: arb.atan2(a, b),
}
