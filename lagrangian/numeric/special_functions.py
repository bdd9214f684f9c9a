"""Special functions of real numbers for compiled problems, in floating point; undefined values are nan or infinite.

With u = 2**-53, as the tests check against mpmath, errors are at most 16 u |value| for gamma and lambert_w, 16 u (1 + |value|)
for loggamma, bessel_j and polygamma of positive arguments, (16 + n) u (1 + |value|) for bessel_y, and for polygamma of negative
arguments, where great terms cancel between two poles, 16 u (1 + |value| + (n + 1) 2**n n!). C's library has gamma and its
logarithm; others are series, recurrences and asymptotic expansions, which Numba compiles into the programs that need them.

Sources: Abramowitz and Stegun (1964), chapters 6 and 9; Corless et al. (1996), On the Lambert W function.
"""

import math
from collections.abc import Callable
from fractions import Fraction

from numba import njit

# the orders that polygamma and Bessel functions may have
MOST_DERIVATIVES, MOST_ORDER = 50, 500
# beyond so much the expansions for great arguments hold
_FAR = 25.0
_SHIFTED = 10.0
_EULER = 0.5772156649015328606
# Bernoulli numbers B_2, B_4, ... over (2 j)!, and over 2 j
_BERNOULLI = (
    *(Fraction(1, 6), Fraction(-1, 30), Fraction(1, 42), Fraction(-1, 30), Fraction(5, 66), Fraction(-691, 2730)),
    *(Fraction(7, 6), Fraction(-3617, 510), Fraction(43867, 798), Fraction(-174611, 330)),
)
_OVER_FACTORIAL = tuple(float(b / math.factorial(2 * j)) for j, b in enumerate(_BERNOULLI, start=1))
_OVER_DOUBLE = tuple(float(b / (2 * j)) for j, b in enumerate(_BERNOULLI, start=1))


def _branch_point_series(count: int) -> tuple[float, ...]:
    """The coefficients of W in powers of p = sqrt(2 (e x + 1)) (Corless et al. 1996, equations 4.23 and 4.24)."""
    mu, alpha = [Fraction(-1), Fraction(1)], [Fraction(2), Fraction(-1)]
    for k in range(2, count):
        alpha.append(sum((mu[j] * mu[k + 1 - j] for j in range(2, k)), Fraction(0)))
        first = Fraction(k - 1, k + 1) * (mu[k - 2] / 2 + alpha[k - 2] / 4)
        mu.append(first - alpha[k] / 2 - mu[k - 1] / (k + 1))
    return tuple(map(float, mu))


_BRANCH_POINT = _branch_point_series(22)
_NEAR_BRANCH_POINT = 0.2
# 1/e is the sum of two floats
_INVERSE_OF_E, _REST_OF_IT = 0.36787944117144233, -1.2428753672788363e-17


def gamma(x: float) -> float:
    return math.gamma(x)


def loggamma(x: float) -> float:
    """log(gamma(x)) for positive x; it is not real for others."""
    if x > 0.0:
        return math.lgamma(x)
    return math.inf if x == 0.0 else math.nan


@njit(error_model="numpy")
def _zeta(exponent: float, first: float) -> float:
    """The sum of (first + k)**-exponent over k = 0, 1, ..., for exponents from 2 on: by Euler and Maclaurin."""
    total, at = 0.0, first
    while at < _SHIFTED + exponent:
        total += at**-exponent
        at += 1.0
    power = at**-exponent
    total += power * (at / (exponent - 1.0) + 0.5)
    factor = exponent * power / at
    for j in range(len(_OVER_FACTORIAL)):
        total += _OVER_FACTORIAL[j] * factor
        factor *= (exponent + 2 * j + 1) * (exponent + 2 * j + 2) / (at * at)
    return total


@njit(error_model="numpy")
def _digamma(x: float) -> float:
    """The derivative of log(gamma(x)) for positive x."""
    total, at = 0.0, x
    while at < _SHIFTED:
        total -= 1.0 / at
        at += 1.0
    square, tail = 1.0 / (at * at), 0.0
    for j in range(len(_OVER_DOUBLE) - 1, -1, -1):
        tail = (tail + _OVER_DOUBLE[j]) * square
    return total + math.log(at) - 0.5 / at - tail


def polygamma(order: float, x: float) -> float:
    """The derivative of log(gamma(x)) of order n + 1; for negative x by what is left over of a sum over all integers."""
    if math.isnan(x) or (x <= 0.0 and x == math.floor(x)):
        return math.nan
    rest = x - math.floor(x + 0.5)
    if order == 0.0:
        return _digamma(x) if x > 0.0 else _digamma(1.0 - x) - math.pi / math.tan(math.pi * rest)
    s = order + 1.0
    parity = 1.0 if s % 2.0 == 0.0 else -1.0
    if x > 0.0:
        total = _zeta(s, x)
    else:
        whole = rest**-s + _zeta(s, 1.0 + rest) + parity * _zeta(s, 1.0 - rest)
        total = whole - parity * _zeta(s, 1.0 - x)
    return parity * math.gamma(s) * total


@njit(error_model="numpy")
def _far_bessel(n: int, x: float) -> tuple[float, float]:
    """J_n and Y_n for great x, by Hankel's expansion (Abramowitz and Stegun 1964, 9.2.5 and 9.2.6)."""
    even, odd, term = 1.0, 0.0, 1.0
    for k in range(1, 200):
        before = abs(term)
        term *= (4.0 * n * n - (2 * k - 1) ** 2) / (8.0 * k * x)
        if abs(term) < 1e-18 or (abs(term) > before and k > n):
            break
        sign = 1.0 if k % 4 < 2 else -1.0
        if k % 2:
            odd += sign * term
        else:
            even += sign * term
    # the angle x - n pi/2 - pi/4, without rounding x once more
    root = math.sqrt(0.5)
    cosine, sine = root * (math.cos(x) + math.sin(x)), root * (math.sin(x) - math.cos(x))
    for _ in range(n % 4):
        cosine, sine = sine, -cosine
    scale = math.sqrt(2.0 / (math.pi * x))
    return scale * (even * cosine - odd * sine), scale * (even * sine + odd * cosine)


@njit(error_model="numpy")
def _near_bessel(n: int, x: float) -> tuple[float, float, float, float]:
    """J_n, then J_0, Y_0 and Y_1, for positive x by recurrence from high orders downward (Miller 1952).

    The sums of Neumann give Y_0 and Y_1 (Abramowitz and Stegun 1964, 9.1.88).
    """
    most = max(float(n), x)
    start = 2 * ((int(most + 12.0 * most ** (1.0 / 3.0)) + 40) // 2)
    above, here, wanted, zero, one, whole, first, second = 0.0, 1e-280, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(start, -1, -1):
        # ``here`` is a multiple of J_k
        if k == n:
            wanted = here
        if k == 1:
            one = here
        if k == 0:
            zero = here
        elif k % 2 == 0:
            whole += 2.0 * here
            half = k // 2
            first += (1.0 if half % 2 else -1.0) * here / half
        else:
            half = k // 2
            if half > 0:
                second += (1.0 if half % 2 else -1.0) * k * here / (half * (half + 1.0))
        above, here = here, 2.0 * k / x * here - above
        if abs(here) > 1e100:
            above, here, wanted, one = above * 1e-100, here * 1e-100, wanted * 1e-100, one * 1e-100
            whole, first, second = whole * 1e-100, first * 1e-100, second * 1e-100
    scale = 1.0 / (whole + zero)
    zero, one = zero * scale, one * scale
    logarithm = math.log(x / 2.0) + _EULER
    y_zero = (2.0 / math.pi) * (logarithm * zero + 2.0 * first * scale)
    y_one = (2.0 / math.pi) * ((logarithm - 1.0) * one - zero / x + second * scale)
    return wanted * scale, zero, y_zero, y_one


@njit(error_model="numpy")
def _is_far(n: int, x: float) -> bool:
    return x > max(_FAR, 0.5 * n * n)


@njit(error_model="numpy")
def _small_bessel(n: int, x: float) -> float:
    """J_n for x**2 / 4 < n + 1, by its power series."""
    term = 1.0
    for k in range(1, n + 1):
        term *= x / 2.0 / k
    total, k = term, 1
    while abs(term) > 1e-18 * abs(total):
        term *= -(x * x) / 4.0 / (k * (n + k))
        total += term
        k += 1
    return total


def bessel_j(order: float, x: float) -> float:
    """J_n(x); it is even for even n and odd for odd n, in x and in n."""
    n = int(abs(order))
    sign = -1.0 if n % 2 and (x < 0.0) != (order < 0.0) else 1.0
    at = abs(x)
    if math.isnan(x):
        return x
    if math.isinf(x):
        return 0.0
    if at * at < 4.0 * (n + 1.0):
        return sign * _small_bessel(n, at)
    return sign * (_far_bessel(n, at)[0] if _is_far(n, at) else _near_bessel(n, at)[0])


def bessel_y(order: float, x: float) -> float:
    """Y_n(x) for positive x, by recurrence from Y_0 and Y_1; it is not real for negative x."""
    n = int(abs(order))
    sign = -1.0 if n % 2 and order < 0.0 else 1.0
    if math.isnan(x) or x < 0.0:
        return math.nan
    if x == 0.0:
        return -sign * math.inf
    if math.isinf(x):
        return 0.0
    if _is_far(n, x):
        return sign * _far_bessel(n, x)[1]
    if x > _FAR:
        before, here = _far_bessel(0, x)[1], _far_bessel(1, x)[1]
    else:
        _, _, before, here = _near_bessel(1, x)
    if n == 0:
        return before
    for k in range(1, n):
        before, here = here, 2.0 * k / x * here - before
        if math.isinf(here):
            break
    return sign * here


def lambert_w(x: float) -> float:
    """The principal branch of w exp(w) = x, for x from -1/e on; it is not real for others."""
    above = (x + _INVERSE_OF_E) + _REST_OF_IT
    if math.isnan(x) or above < 0.0:
        return math.nan
    if math.isinf(x) or x == 0.0:
        return x
    p = math.sqrt(2.0 * math.e * above)
    if p < _NEAR_BRANCH_POINT:
        total = 0.0
        for j in range(len(_BRANCH_POINT) - 1, -1, -1):
            total = total * p + _BRANCH_POINT[j]
        return total
    if x < 3.0:
        logarithm = math.log1p(x) if x > -0.25 else p - 1.0
        w = logarithm * (1.0 - math.log1p(logarithm) / (2.0 + logarithm)) if x > -0.25 else logarithm
    else:
        logarithm = math.log(x)
        w = logarithm - math.log(logarithm) * (1.0 - 1.0 / logarithm)
    for _ in range(8):
        # Halley's step for w - x exp(-w), which does not overflow
        miss = w - x * math.exp(-w)
        step = miss / (1.0 + w - miss * (w + 2.0) / (2.0 * (w + 1.0)))
        w -= step
        if abs(step) <= 1e-9 * abs(w):
            break
    return w


# by the name of the operation; those of two arguments have the order first
KERNELS: dict[str, Callable[..., float]] = {
    "gamma": gamma,
    "loggamma": loggamma,
    "polygamma": polygamma,
    "bessel_j": bessel_j,
    "bessel_y": bessel_y,
    "lambert_w": lambert_w,
}
