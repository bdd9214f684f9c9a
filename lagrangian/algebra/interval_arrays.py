"""Interval arithmetic with outward rounding on arrays: pairs (low, high) of float64 arrays, one interval a place.

Sums, products, quotients and square roots are correctly rounded by IEEE 754, so one step of nextafter makes them rigorous.
Other functions are rigorous in `Ends.PROVED`, where python-flint encloses every end point, and only very likely so in
`Ends.FAST`, which serves to find proofs but not to check them. Points outside a function's domain are left out: the interval
returned encloses the values at the others, and two masks tell where such points may lie and where there is nothing else.

Sources: Moore, Kearfott and Cloud (2009), Introduction to Interval Analysis; Knuth (1997), section 4.2.2, for the error of a sum.
"""

import math
from collections.abc import Callable
from enum import Enum

import flint
import numpy as np
from flint import arb
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Interval = tuple[Array, Array]

# beyond this, an argument of sine and cosine is not reduced: the range is taken to be all of [-1, 1]
LARGEST_ANGLE = 1e9
FAST_MARGIN = 2.0**-48


class Ends(Enum):
    """How functions are evaluated at the ends of intervals: by NumPy with a margin, or enclosed by python-flint."""

    FAST = "fast"
    PROVED = "proved"


def below(values: Array) -> Array:
    return np.nextafter(values, -np.inf)


def above(values: Array) -> Array:
    return np.nextafter(values, np.inf)


def negative(a: Interval) -> Interval:
    return -a[1], -a[0]


def add(a: Interval, b: Interval) -> Interval:
    """The sum, rounded only where the rounding error (Knuth's two-sum) has the wrong sign.

    >>> one = np.array([1.0])
    >>> [float(end[0]) for end in add((one, one), (-one, -one))]
    [0.0, 0.0]
    """
    low, high = a[0] + b[0], a[1] + b[1]
    low = np.where(_rounding_error(a[0], b[0], low) < 0, below(low), low)
    high = np.where(_rounding_error(a[1], b[1], high) > 0, above(high), high)
    return np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)


def _rounding_error(x: Array, y: Array, total: Array) -> Array:
    with np.errstate(invalid="ignore"):
        part = total - x
        error = (x - (total - part)) + (y - part)
    # an overflow of finite numbers to infinity is corrected below by the caller's step towards the finite side
    return np.where(np.isfinite(total), error, np.where(np.isfinite(x) & np.isfinite(y), -np.sign(total), 0.0))


def multiply(a: Interval, b: Interval) -> Interval:
    """The product; 0 times an infinite end is 0, since the numbers themselves are finite."""
    with np.errstate(invalid="ignore"):
        products = np.stack([a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1]])
    products = np.where(np.isnan(products), 0.0, products)
    low, high = below(products.min(axis=0)), above(products.max(axis=0))
    same = ((a[0] >= 0) & (b[0] >= 0)) | ((a[1] <= 0) & (b[1] <= 0))
    opposite = ((a[0] >= 0) & (b[1] <= 0)) | ((a[1] <= 0) & (b[0] >= 0))
    zero = ((a[0] == 0) & (a[1] == 0)) | ((b[0] == 0) & (b[1] == 0))
    low = np.where(same, np.maximum(low, 0.0), low)
    high = np.where(opposite, np.minimum(high, 0.0), high)
    return np.where(zero, 0.0, low), np.where(zero, 0.0, high)


def absolute(a: Interval) -> Interval:
    low = np.maximum(np.maximum(a[0], -a[1]), 0.0)
    return low, np.maximum(-a[0], a[1])


def maximum(a: Interval, b: Interval) -> Interval:
    return np.maximum(a[0], b[0]), np.maximum(a[1], b[1])


def integer_power(a: Interval, exponent: int) -> Interval:
    """a**exponent for exponent >= 1 by repeated squaring of the ends.

    >>> low, high = integer_power((np.array([-2.0]), np.array([1.0])), 2)
    >>> float(low[0]), 4.0 <= float(high[0]) < 4.0001
    (0.0, True)
    """
    if exponent % 2 == 0:
        a = absolute(a)
        low = _nonnegative_power(a[0], exponent, below)
        return np.maximum(low, 0.0), _nonnegative_power(a[1], exponent, above)
    low, high = (
        np.where(
            end >= 0, _nonnegative_power(np.abs(end), exponent, up), -_nonnegative_power(np.abs(end), exponent, down)
        )
        for end, up, down in ((a[0], below, above), (a[1], above, below))
    )
    return low, high


def _nonnegative_power(base: Array, exponent: int, rounded: Callable[[Array], Array]) -> Array:
    result = None
    power = base
    while exponent:
        if exponent % 2:
            result = power if result is None else _product(result, power, rounded)
        exponent //= 2
        if exponent:
            power = _product(power, power, rounded)
    assert result is not None
    return result


def _product(x: Array, y: Array, rounded: Callable[[Array], Array]) -> Array:
    """The product of nonnegative numbers; zero and one are exact."""
    product = x * y
    exact = (x == 0) | (y == 0) | (x == 1) | (y == 1)
    return np.where(exact, np.where((x == 0) | (y == 0), 0.0, product), np.maximum(rounded(product), 0.0))


def reciprocal(a: Interval) -> tuple[Interval, Mask, Mask]:
    """1/a, where zero may lie in a, and where a is zero."""
    low, high = a
    partial, empty = (low <= 0) & (high >= 0), (low == 0) & (high == 0)
    with np.errstate(
        over="ignore"
    ):  # the reciprocal of a subnormal number is infinite, which is what an end of an interval may be
        inverse_low = np.where((low < 0) & (high >= 0), -np.inf, below(1.0 / np.where(high == 0, 1.0, high)))
        inverse_high = np.where((low <= 0) & (high > 0), np.inf, above(1.0 / np.where(low == 0, 1.0, low)))
    inverse_low = np.where((low >= 0) & (high > 0), np.maximum(inverse_low, 0.0), inverse_low)
    inverse_high = np.where((high <= 0) & (low < 0), np.minimum(inverse_high, 0.0), inverse_high)
    return (np.where(empty, -np.inf, inverse_low), np.where(empty, np.inf, inverse_high)), partial, empty


def square_root(a: Interval) -> tuple[Interval, Mask, Mask]:
    low, high = np.maximum(a[0], 0.0), np.maximum(a[1], 0.0)
    return (np.maximum(below(np.sqrt(low)), 0.0), np.where(high == 0, 0.0, above(np.sqrt(high)))), a[0] < 0, a[1] < 0


def sign(a: Interval) -> Interval:
    """The derivative of |a|, all slopes between -1 and 1 at the kink."""
    return np.where(a[0] > 0, 1.0, -1.0), np.where(a[1] < 0, -1.0, 1.0)


def step(a: Interval) -> Interval:
    """The derivative of max(a, 0), all slopes between 0 and 1 at the kink."""
    return np.where(a[0] > 0, 1.0, 0.0), np.where(a[1] < 0, 0.0, 1.0)


def flat(a: Interval) -> tuple[Interval, Mask]:
    """The derivative of a step: zero away from the kink, undefined where it may lie in a."""
    kink = (a[0] <= 0) & (a[1] >= 0)
    return (np.where(kink, -np.inf, 0.0), np.where(kink, np.inf, 0.0)), kink


def ends(function: tuple[Callable[[Array], Array], Callable[[arb], arb]], values: Array, how: Ends) -> Interval:
    """Enclosures of a function at single numbers: by NumPy with a margin, or by python-flint."""
    fast, proved = function
    if how is Ends.FAST:
        found = fast(values)
        margin = FAST_MARGIN * np.abs(found) + 1e-300
        return found - margin, found + margin
    distinct, places = np.unique(values, return_inverse=True)
    low, high = np.empty(len(distinct)), np.empty(len(distinct))
    with flint.ctx.workprec(64):
        for place, value in enumerate(distinct.tolist()):
            low[place], high[place] = _float_ends(proved(arb(value)))
    places = places.reshape(values.shape)
    return low[places], high[places]


def _float_ends(ball: arb) -> tuple[float, float]:
    if not ball.is_finite():
        return -np.inf, np.inf
    return math.nextafter(float(ball.lower()), -math.inf), math.nextafter(float(ball.upper()), math.inf)


def float_interval(ball: arb) -> tuple[float, float]:
    """The ends of a ball as floating-point numbers, rounded outward; exact where the ball is one such number."""
    if ball.is_exact() and arb(float(ball)) == ball:
        return float(ball), float(ball)
    return _float_ends(ball)
