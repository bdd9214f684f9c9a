"""Boxes made smaller by bounds on lines of a program: hull consistency, forward and backward (Benhamou et al. 1999, HC4).

The lines are enclosed from the variables up; bounds on some of them are then passed down, each operation narrowing the lines that
it works on to those values with which its own can be reached. A point of the box that satisfies the bounds is never lost. Points
where a function is undefined may be lost, but not by its domain alone: sqrt(u) tells nothing about the sign of u.
"""

from collections.abc import Callable, Sequence

import numpy as np
from flint import arb

from lagrangian.algebra import interval_arrays as arrays
from lagrangian.algebra import interval_functions as functions
from lagrangian.algebra.balls import enclose
from lagrangian.algebra.interval_arrays import Array, Ends, Interval, Mask
from lagrangian.algebra.interval_program import Line, Program

# less than a quarter of a turn; beyond so many half turns, angles are not reduced
QUARTER = 1.5707963
MOST_TURNS = 1e6
_PI: Interval = (np.array([3.141592653589793]), np.array([3.1415926535897936]))


def contract(
    program: Program, targets: Sequence[tuple[int, float | Array, float | Array]], box: Interval, how: Ends
) -> tuple[Interval, Mask]:
    """Smaller boxes around all points at which each target line lies between two numbers; and where there is no such point.

    Args:
        program: the lines.
        targets: lines with the least and the greatest value they may take, one for all boxes or one for each.
        box: N boxes, the ends of shape (N, n).
        how: whether the ends are proved.

    >>> import sympy
    >>> x, y = sympy.symbols("x y", real=True)
    >>> program = Program((x, y))
    >>> circle = program.add(x**2 + y**2)
    >>> (low, high), empty = contract(program, [(circle, 0.0, 1.0)], (np.full((1, 2), -9.0), np.full((1, 2), 9.0)), Ends.PROVED)
    >>> bool((low >= -1.001).all() and (high <= 1.001).all()), bool(empty[0])
    (True, False)
    """
    found, _, empty = program.values([target for target, _, _ in targets], box, how)
    low, high = box[0].copy(), box[1].copy()
    with np.errstate(all="ignore"):
        for target, least, most in targets:
            found[target] = np.maximum(found[target][0], least), np.minimum(found[target][1], most)
        for place in sorted(found, reverse=True):
            line, value = program.lines[place], found[place]
            empty |= value[0] > value[1]
            if line.operation == "variable":
                i = int(line.constant)
                low[:, i], high[:, i] = np.maximum(low[:, i], value[0]), np.minimum(high[:, i], value[1])
            inverse = _INVERSES.get(line.operation)
            if inverse is None:
                continue
            for argument, narrowed in zip(
                line.arguments, inverse(line, value, [found[a] for a in line.arguments], how), strict=True
            ):
                found[argument] = _meet(found[argument], narrowed)
    return (low, high), empty | (low > high).any(axis=1)


def _meet(a: Interval, b: Interval) -> Interval:
    """The intersection; an end that is no number tells nothing."""
    return np.fmax(a[0], b[0]), np.fmin(a[1], b[1])


Inverse = Callable[[Line, Interval, list[Interval], Ends], list[Interval]]


def _subtract(a: Interval, b: Interval) -> Interval:
    return arrays.add(a, arrays.negative(b))


def _of_sum(line: Line, value: Interval, inner: list[Interval], how: Ends) -> list[Interval]:
    return [_subtract(value, inner[1]), _subtract(value, inner[0])]


def _of_product(line: Line, value: Interval, inner: list[Interval], how: Ends) -> list[Interval]:
    return [_quotient(value, inner[1]), _quotient(value, inner[0])]


def _quotient(value: Interval, factor: Interval) -> Interval:
    """What x can be where x times the factor is the value: everything, where both may be zero."""
    (low, high), _, _ = arrays.reciprocal(factor)
    both = (factor[0] <= 0) & (factor[1] >= 0) & (value[0] <= 0) & (value[1] >= 0)
    quotient = arrays.multiply(value, (low, high))
    return np.where(both, -np.inf, quotient[0]), np.where(both, np.inf, quotient[1])


def _of_even(a: Interval, root: Interval) -> Interval:
    """Where |u| lies between the ends of a root, and u in a."""
    least, most = np.maximum(root[0], 0.0), root[1]
    low = np.where(a[0] > -least, least, -most)
    high = np.where(a[1] < least, -least, most)
    return np.where(least > 0, low, -most), np.where(least > 0, high, most)


def _of_absolute(line: Line, value: Interval, inner: list[Interval], how: Ends) -> list[Interval]:
    return [_of_even(inner[0], value)]


def _of_square(line: Line, value: Interval, inner: list[Interval], how: Ends) -> list[Interval]:
    return [_of_even(inner[0], arrays.square_root(value)[0])]


def _of_power(line: Line, value: Interval, inner: list[Interval], how: Ends) -> list[Interval]:
    exponent = int(line.constant)
    if exponent % 2 == 0:
        positive = np.maximum(value[0], 0.0), np.maximum(value[1], 0.0)
        return [_of_even(inner[0], _root(positive, exponent, how))]
    upper, lower = _root((value[0], value[1]), exponent, how), _root((-value[1], -value[0]), exponent, how)
    low = np.where(value[0] >= 0, upper[0], -lower[1])
    high = np.where(value[1] >= 0, upper[1], -lower[0])
    return [(low, high)]


def _root(a: Interval, degree: int, how: Ends) -> Interval:
    """The roots of an interval's numbers that are not negative."""
    return _positive_power((np.maximum(a[0], 0.0), np.maximum(a[1], 0.0)), 1.0 / degree, degree, how)


def _positive_power(a: Interval, exponent: float, degree: int, how: Ends) -> Interval:
    scalar = (lambda x: np.power(x, exponent), lambda x: x.root(degree))
    ends = []
    for place, end in enumerate(a):
        inside = (end > 0) & np.isfinite(end)
        found = arrays.ends(scalar, np.where(inside, end, 1.0), how)[place]
        at_infinity = (1e17 ** (1.0 / degree), np.inf)[place]
        ends.append(np.where(inside, np.maximum(found, 0.0), np.where(end <= 0, 0.0, at_infinity)))
    return ends[0], ends[1]


def _of_reciprocal(line: Line, value: Interval, inner: list[Interval], how: Ends) -> list[Interval]:
    (low, high), _, empty = arrays.reciprocal(value)
    inside = (value[0] < 0) & (value[1] > 0)
    return [(np.where(inside | empty, -np.inf, low), np.where(inside | empty, np.inf, high))]


def _of_square_root(line: Line, value: Interval, inner: list[Interval], how: Ends) -> list[Interval]:
    square = arrays.integer_power((np.maximum(value[0], 0.0), np.maximum(value[1], 0.0)), 2)
    return [(np.where(value[0] > 0, square[0], -np.inf), square[1])]


def _of_exponential(line: Line, value: Interval, inner: list[Interval], how: Ends) -> list[Interval]:
    (low, high), _, empty = functions.logarithm(value, how, zero_allowed=True)
    return [(low, np.where(empty | (value[1] <= 0), np.inf, high))]


def _of_logarithm(line: Line, value: Interval, inner: list[Interval], how: Ends) -> list[Interval]:
    (low, high), _, _ = functions.increasing("exp", value, how)
    return [(np.where(low > 0, low, -np.inf), high)]


def _of_maximum(line: Line, value: Interval, inner: list[Interval], how: Ends) -> list[Interval]:
    # one of both is the maximum: where the other cannot be, this one is
    return [(np.where(other[1] < value[0], value[0], -np.inf), value[1]) for other in inner[::-1]]


def _of_real_power(line: Line, value: Interval, inner: list[Interval], how: Ends) -> list[Interval]:
    exponent = 1 / line.constant

    def ball() -> arb:
        found = enclose(exponent, 64)
        assert found is not None
        return found

    positive = np.maximum(value[0], 0.0), np.maximum(value[1], 0.0)
    (low, high), _, _ = functions.real_power(positive, arrays.float_interval(ball()), ball, how)
    return [(np.where(low > 0, low, -np.inf), high)]


def _of_wave(shift: float) -> Inverse:
    """u, where sin(u + shift) is the value and u + shift lies between two extrema that follow each other."""

    def inverse(line: Line, value: Interval, inner: list[Interval], how: Ends) -> list[Interval]:
        offset = arrays.multiply((np.full_like(value[0], shift),) * 2, _PI)
        angle = arrays.add(inner[0], offset)
        turns = np.rint(np.nan_to_num(0.5 * (angle[0] + angle[1]) / np.pi))
        base = arrays.multiply((turns, turns), _PI)
        reduced = _subtract(angle, base)
        usable = (reduced[0] >= -QUARTER) & (reduced[1] <= QUARTER) & (np.abs(turns) < MOST_TURNS)
        odd = turns % 2 != 0
        signed = np.where(odd, -value[1], value[0]), np.where(odd, -value[0], value[1])
        (low, high), _, _ = functions.arcsine(signed, how)
        low, high = _subtract(arrays.add((low, high), base), offset)
        return [(np.where(usable, low, -np.inf), np.where(usable, high, np.inf))]

    return inverse


_INVERSES: dict[str, Inverse] = {
    "add": _of_sum,
    "multiply": _of_product,
    "negative": lambda line, value, inner, how: [arrays.negative(value)],
    "absolute": _of_absolute,
    "square": _of_square,
    "power": _of_power,
    "reciprocal": _of_reciprocal,
    "square_root": _of_square_root,
    "exp": _of_exponential,
    "logarithm": _of_logarithm,
    "maximum": _of_maximum,
    "real_power": _of_real_power,
    "sin": _of_wave(0.0),
    "cos": _of_wave(0.5),
}
