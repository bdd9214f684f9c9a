"""Elementary functions on arrays of intervals: ends by NumPy or python-flint, extrema in between by their positions.

Every function takes an interval and `Ends` and returns (interval, where some points are outside its domain, where all are).
"""

from collections.abc import Callable

import numpy as np
from flint import arb

from lagrangian.algebra.interval_arrays import LARGEST_ANGLE, Array, Ends, Interval, Mask, ends

Result = tuple[Interval, Mask, Mask]
Scalar = tuple[Callable[[Array], Array], Callable[[arb], arb]]


def _erf(values: Array) -> Array:
    from scipy.special import erf  # slow to import, and rarely needed

    return erf(values)


_EXP: Scalar = (np.exp, arb.exp)
_LOG: Scalar = (np.log, arb.log)
_SIN: Scalar = (np.sin, arb.sin)
_COS: Scalar = (np.cos, arb.cos)
_TAN: Scalar = (np.tan, arb.tan)
_INCREASING: dict[str, tuple[Scalar, float, float]] = {
    # name: (function, limits at -oo and +oo)
    "exp": (_EXP, 0.0, np.inf),
    "atan": ((np.arctan, arb.atan), -1.5707963267948968, 1.5707963267948968),
    "sinh": ((np.sinh, arb.sinh), -np.inf, np.inf),
    "tanh": ((np.tanh, arb.tanh), -1.0, 1.0),
    "erf": ((_erf, arb.erf), -1.0, 1.0),
}


def _no(a: Interval) -> Mask:
    return np.zeros(a[0].shape, dtype=bool)


def _monotone(scalar: Scalar, a: Interval, how: Ends, least: float, most: float) -> Interval:
    """An increasing function with limits least and most at the infinities."""
    finite_low, finite_high = np.isfinite(a[0]), np.isfinite(a[1])
    low = ends(scalar, np.where(finite_low, a[0], 0.0), how)[0]
    high = ends(scalar, np.where(finite_high, a[1], 0.0), how)[1]
    low = np.where(finite_low, np.maximum(low, least), np.where(a[0] < 0, least, most if most < np.inf else 1e308))
    high = np.where(finite_high, np.minimum(high, most), np.where(a[1] > 0, most, least if least > -np.inf else -1e308))
    return np.where(np.isnan(low), least, low), np.where(np.isnan(high), most, high)


def increasing(name: str, a: Interval, how: Ends) -> Result:
    """exp, atan, sinh, tanh or erf, which increase on the whole line.

    >>> (low, high), _, _ = increasing("exp", (np.array([-np.inf]), np.array([0.0])), Ends.PROVED)
    >>> float(low[0]), 1.0 <= float(high[0]) < 1.0001
    (0.0, True)
    """
    scalar, least, most = _INCREASING[name]
    return _monotone(scalar, a, how, least, most), _no(a), _no(a)


def hyperbolic_cosine(a: Interval, how: Ends) -> Result:
    low = np.maximum(np.maximum(a[0], -a[1]), 0.0)
    high = np.maximum(-a[0], a[1])
    return _monotone((np.cosh, arb.cosh), (low, high), how, 1.0, np.inf), _no(a), _no(a)


def logarithm(a: Interval, how: Ends, *, zero_allowed: bool = False) -> Result:
    """log a; with ``zero_allowed`` an argument 0 counts as -oo, inside the domain (for powers)."""
    outside = a[0] < 0 if zero_allowed else a[0] <= 0
    empty = a[1] < 0 if zero_allowed else a[1] <= 0
    positive_low, positive_high = (a[0] > 0) & np.isfinite(a[0]), (a[1] > 0) & np.isfinite(a[1])
    low = ends(_LOG, np.where(positive_low, a[0], 1.0), how)[0]
    high = ends(_LOG, np.where(positive_high, a[1], 1.0), how)[1]
    low = np.where(positive_low, low, np.where(a[0] > 0, 709.0, -np.inf))
    high = np.where(positive_high, high, np.where(a[1] > 0, np.inf, -1e308))
    return (low, high), outside, empty


def real_power(a: Interval, exponent: tuple[float, float], ball: Callable[[], arb], how: Ends) -> Result:
    """a**c for a constant c that is no integer, defined for a >= 0 (a > 0 where c < 0)."""
    rising = exponent[0] > 0
    middle = (exponent[0] + exponent[1]) / 2
    scalar: Scalar = (lambda x: np.power(x, middle), lambda x: (x.log() * ball()).exp())
    partial, empty = (a[0] < 0, a[1] < 0) if rising else (a[0] <= 0, a[1] <= 0)
    values = []
    for place, end in enumerate(a if rising else (a[1], a[0])):
        inside = (end > 0) & np.isfinite(end)
        found = ends(scalar, np.where(inside, end, 1.0), how)[place]
        found = np.where(np.isnan(found), (0.0, np.inf)[place], found)
        at_zero, at_infinity = (0.0, (1.0, np.inf)[place]) if rising else ((1.0, np.inf)[place], 0.0)
        values.append(np.where(inside, found, np.where(end <= 0, at_zero, at_infinity)))
    return (np.maximum(values[0], 0.0), values[1]), partial, empty


def _meets(a: Interval, offset: float, period: float) -> Mask:
    """Whether offset + k period may lie in the interval for some integer k; True if in doubt."""
    low, high = (a[0] - offset) / period, (a[1] - offset) / period
    slack = 1e-14 * (1.0 + np.maximum(np.abs(low), np.abs(high)))
    return np.ceil(low - slack) <= high + slack


def _wave(scalar: Scalar, a: Interval, how: Ends, crest: float) -> Result:
    wide = ~((np.abs(a[0]) < LARGEST_ANGLE) & (np.abs(a[1]) < LARGEST_ANGLE))
    inner = np.where(wide, 0.0, a[0]), np.where(wide, 0.0, a[1])
    left, right = ends(scalar, inner[0], how), ends(scalar, inner[1], how)
    low, high = np.minimum(left[0], right[0]), np.maximum(left[1], right[1])
    low = np.where(wide | _meets(inner, crest + np.pi, 2 * np.pi), -1.0, np.maximum(low, -1.0))
    high = np.where(wide | _meets(inner, crest, 2 * np.pi), 1.0, np.minimum(high, 1.0))
    return (low, high), _no(a), _no(a)


def sine(a: Interval, how: Ends) -> Result:
    return _wave(_SIN, a, how, np.pi / 2)


def cosine(a: Interval, how: Ends) -> Result:
    """cos a.

    >>> (low, high), _, _ = cosine((np.array([-1.0]), np.array([4.0])), Ends.PROVED)
    >>> float(low[0]), float(high[0])
    (-1.0, 1.0)
    """
    return _wave(_COS, a, how, 0.0)


def tangent(a: Interval, how: Ends) -> Result:
    wide = ~((np.abs(a[0]) < LARGEST_ANGLE) & (np.abs(a[1]) < LARGEST_ANGLE))
    inner = np.where(wide, 0.0, a[0]), np.where(wide, 0.0, a[1])
    pole = wide | _meets(inner, np.pi / 2, np.pi)
    low, high = ends(_TAN, inner[0], how)[0], ends(_TAN, inner[1], how)[1]
    return (np.where(pole, -np.inf, low), np.where(pole, np.inf, high)), pole, _no(a)


def _inverse_wave(scalar: Scalar, a: Interval, how: Ends, *, rising: bool) -> Result:
    inner = np.clip(a[0], -1.0, 1.0), np.clip(a[1], -1.0, 1.0)
    first, last = inner if rising else (inner[1], inner[0])
    values = ends(scalar, first, how)[0], ends(scalar, last, how)[1]
    return values, (a[0] < -1) | (a[1] > 1), (a[1] < -1) | (a[0] > 1)


def arcsine(a: Interval, how: Ends) -> Result:
    return _inverse_wave((np.arcsin, arb.asin), a, how, rising=True)


def arccosine(a: Interval, how: Ends) -> Result:
    return _inverse_wave((np.arccos, arb.acos), a, how, rising=False)
