"""Intervals with rational ends, rounded outward to short fractions; None stands for an end at infinity."""

from collections.abc import Callable
from fractions import Fraction

import flint
from flint import arb, fmpq

Side = tuple[fmpq | None, fmpq | None]
ZERO = fmpq(0)
# significant bits of the ends, and of the balls that functions are evaluated in
BITS = 40
PRECISION = 96
EVERYWHERE: Side = (None, None)


def up(value: fmpq) -> fmpq:
    """A number with a short numerator and denominator that is not less, by at most 2**-BITS of its size."""
    if value == 0 or (int(value.q).bit_length() <= BITS and int(value.p).bit_length() <= BITS):
        return value
    shift = BITS - (int(value.p).bit_length() - int(value.q).bit_length())
    if shift >= 0:
        return fmpq((value * 2**shift).ceil(), 2**shift)
    return fmpq((value / 2**-shift).ceil() * 2**-shift)


def down(value: fmpq) -> fmpq:
    """A number with a short numerator and denominator that is not greater."""
    return -up(-value)


def outward(low: fmpq | None, high: fmpq | None) -> Side:
    return None if low is None else down(low), None if high is None else up(high)


def tighter(known: Side, found: Side) -> Side:
    """The intersection of two intervals; its low end may lie above its high end."""
    lows = [value for value in (known[0], found[0]) if value is not None]
    highs = [value for value in (known[1], found[1]) if value is not None]
    return max(lows, default=None), min(highs, default=None)


def is_nothing(side: Side) -> bool:
    return side[0] is not None and side[1] is not None and side[0] > side[1]


def multiply(left: Side, right: Side) -> Side:
    """All products.

    >>> multiply((fmpq(1), None), (fmpq(-2), fmpq(3)))
    (None, None)
    >>> multiply((fmpq(1), None), (fmpq(2), fmpq(3)))
    (2, None)
    """
    ends = [_product(a, b) for a in _ends(left) for b in _ends(right)]
    low = None if any(sign < 0 for sign, _ in ends) else min(value for sign, value in ends if sign == 0)
    high = None if any(sign > 0 for sign, _ in ends) else max(value for sign, value in ends if sign == 0)
    return outward(low, high)


# an end is (0, value), or (-1, 0) and (1, 0) for the infinite ones
End = tuple[int, fmpq]


def _ends(side: Side) -> tuple[End, End]:
    return (-1, ZERO) if side[0] is None else (0, side[0]), (1, ZERO) if side[1] is None else (0, side[1])


def _product(left: End, right: End) -> End:
    if left in _NAUGHT or right in _NAUGHT:
        return (0, ZERO)
    if left[0] == right[0] == 0:
        return (0, left[1] * right[1])
    return (_sign(left) * _sign(right), ZERO)


_NAUGHT = ((0, ZERO),)


def _sign(end: End) -> int:
    return end[0] or (1 if end[1] > 0 else -1)


def square(side: Side) -> Side:
    """All squares."""
    high = multiply(side, side)[1]
    holds_zero = (side[0] is None or side[0] <= 0) and (side[1] is None or side[1] >= 0)
    if holds_zero:
        return ZERO, high
    ends = [down(end * end) for end in side if end is not None]
    return (min(ends), high) if ends else (ZERO, high)


def reciprocal(side: Side) -> Side:
    """All 1 / v for v in an interval on one side of zero; everything for others."""
    low, high = side
    if is_nothing(side):
        return EVERYWHERE
    if low is not None and low > 0:
        return outward(ZERO if high is None else 1 / high, 1 / low)
    if high is not None and high < 0:
        return outward(1 / high, ZERO if low is None else 1 / low)
    if low is not None and low == 0:
        return outward(None if high is None or high == 0 else 1 / high, None)
    if high is not None and high == 0:
        return outward(None, None if low is None or low == 0 else 1 / low)
    return EVERYWHERE


def root_side(side: Side) -> Side:
    """All u with u**2 in the interval."""
    high = side[1]
    if high is None or high < 0:
        return EVERYWHERE
    root = root_above(high)
    return -root, root


def root_above(value: fmpq) -> fmpq:
    """A rational number whose square is not less."""
    return ends_of(arb.sqrt, value)[1] if value != 0 else ZERO


# values beyond this count as infinite
HUGE = arb(10) ** 300
# and smaller ones as this small
LEAST = fmpq(1, 10**300)
TINY = arb(LEAST)


def ends_of(function: Callable[[arb], arb], middle: fmpq, radius: fmpq = ZERO) -> tuple[fmpq, fmpq]:
    """Short fractions between which the function's values on a ball lie. Raises ValueError where they are not finite."""
    with flint.ctx.workprec(PRECISION):
        found = function(arb(middle) + arb(0, 1) * arb(radius)) if radius else function(arb(middle))
        if not found.is_finite() or abs(found).lower() > HUGE:
            raise ValueError("not finite, or too large")
        # a number near zero would have a denominator of millions of digits
        low, high = found.lower(), found.upper()
        low_end = down(low.fmpq()) if abs(low) > TINY or low == 0 else (ZERO if low > 0 else -LEAST)
        high_end = up(high.fmpq()) if abs(high) > TINY or high == 0 else (ZERO if high < 0 else LEAST)
        return low_end, high_end


def rational(value: float) -> fmpq:
    """The rational number that a floating-point number is."""
    exact = Fraction(value)
    return fmpq(exact.numerator, exact.denominator)
