"""Conjugates of standard functions, as the infimum that the dual function needs.

For a convex phi with domain D, weights w >= 0 and slopes z,

    inf over y in D of  w phi(y) + z y  =  -w phi*(-z / w)  for w > 0,     inf over y in D of z y  for w = 0,

with phi*(s) = sup over y of s y - phi(y) (Boyd and Vandenberghe 2004, section 3.3). Each entry gives the infimum as pieces: the
first holds on a dense part of the set where it is finite, the others are its closure. With a weight w < 0 the infimum is minus
infinity, but for functions that are bounded above on a bounded set or along the edge of a cone, which say so (``below``).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import sympy
from sympy import Abs, Expr, Integer, Max, exp, log, sqrt

from lagrangian.duality.dual_pieces import Piece, found, nonnegative, piece, positive, zero

Arguments = Sequence[Expr]
Infimum = Callable[[Expr, Arguments, Arguments], tuple[Piece, ...]]
ZERO = Integer(0)


@dataclass(frozen=True, slots=True)
class Conjugate:
    """A convex function ``function(y, parameters)`` and its weighted infimum; ``rule`` says both in words."""

    name: str
    rule: str
    function: Callable[[Arguments, Arguments], Expr]
    infimum: Infimum
    below: Infimum | None = None


def _exponential(w: Expr, z: Arguments, _: Arguments) -> tuple[Piece, ...]:
    (slope,) = z
    value = -slope + slope * log(-slope / w) if w != 0 else ZERO
    return found(piece(value, [positive(w), positive(-slope)]), piece(ZERO, [zero(slope)]))


def _negative_logarithm(w: Expr, z: Arguments, _: Arguments) -> tuple[Piece, ...]:
    (slope,) = z
    value = w + w * log(slope / w) if w != 0 else ZERO
    return found(piece(value, [positive(w), positive(slope)]), piece(ZERO, [zero(w), nonnegative(slope)]))


def _entropy(w: Expr, z: Arguments, _: Arguments) -> tuple[Piece, ...]:
    (slope,) = z
    value = -w * exp(-1 - sympy.expand(slope / w)) if w != 0 else ZERO
    return found(piece(value, [positive(w)]), piece(ZERO, [zero(w), nonnegative(slope)]))


def _absolute_value(w: Expr, z: Arguments, _: Arguments) -> tuple[Piece, ...]:
    (slope,) = z
    return found(piece(ZERO, [nonnegative(w - slope), nonnegative(w + slope)]))


def _power_of_size(w: Expr, size: Expr, p: Expr) -> Expr:
    """-(p - 1) p**(-p/(p - 1)) w**(-1/(p - 1)) size**(p/(p - 1)), the least value of w y**p - size y over y >= 0."""
    if w == 0:
        return ZERO
    return -(p - 1) * p ** (-p / (p - 1)) * w ** (-1 / (p - 1)) * size ** (p / (p - 1))


def _even_power(w: Expr, z: Arguments, parameters: Arguments) -> tuple[Piece, ...]:
    (slope,), (p,) = z, parameters
    return found(piece(_power_of_size(w, Abs(slope), p), [positive(w)]), piece(ZERO, [zero(w), zero(slope)]))


def _power_above_one(w: Expr, z: Arguments, parameters: Arguments) -> tuple[Piece, ...]:
    (slope,), (p,) = z, parameters
    value = _power_of_size(w, Max(ZERO, -slope), p)
    return found(piece(value, [positive(w)]), piece(ZERO, [zero(w), nonnegative(slope)]))


def _power_below_one(w: Expr, z: Arguments, parameters: Arguments) -> tuple[Piece, ...]:
    return _geometric_mean(w, z, parameters)


def _negative_power(w: Expr, z: Arguments, parameters: Arguments) -> tuple[Piece, ...]:
    (slope,), (p,) = z, (-parameters[0],)
    value = (p + 1) * p ** (-p / (p + 1)) * w ** (1 / (p + 1)) * slope ** (p / (p + 1))
    return found(piece(value, [nonnegative(w), nonnegative(slope)]))


def _scaled_square(z: Arguments, scales: Arguments) -> Expr:
    return sympy.Add(*(slope**2 / scale for slope, scale in zip(z, scales, strict=True)))


def _norm(w: Expr, z: Arguments, parameters: Arguments) -> tuple[Piece, ...]:
    """sqrt(c + sum(d_i y_i**2)), parameters c, d_1, ..., d_n."""
    constant, scales = parameters[0], parameters[1:]
    inside = sympy.expand(w**2 - _scaled_square(z, scales))
    return found(piece(sqrt(constant) * sqrt(inside) if constant != 0 else ZERO, [nonnegative(w), nonnegative(inside)]))


def _negative_cap(w: Expr, z: Arguments, parameters: Arguments) -> tuple[Piece, ...]:
    """-sqrt(c - sum(d_i y_i**2)), parameters c, d_1, ..., d_n."""
    constant, scales = parameters[0], parameters[1:]
    return found(piece(-sqrt(constant) * sqrt(sympy.expand(w**2 + _scaled_square(z, scales))), []))


def _cap_below(_: Expr, z: Arguments, parameters: Arguments) -> tuple[Piece, ...]:
    """A concave function is least at the edge of the ball, where the root vanishes."""
    return _negative_cap(ZERO, z, parameters)


def _geometric_mean(w: Expr, z: Arguments, exponents: Arguments) -> tuple[Piece, ...]:
    """-prod(y_i**a_i) with sum(a_i) <= 1."""
    rest = 1 - sympy.Add(*exponents)
    pairs = list(zip(z, exponents, strict=True))
    if rest == 0:
        mean = sympy.Mul(*((slope / a) ** a for slope, a in pairs))
        return found(piece(ZERO, [*map(nonnegative, z), nonnegative(mean - w)]))
    value = -rest * (w * sympy.Mul(*((a / slope) ** a for slope, a in pairs))) ** (1 / rest) if 0 not in z else ZERO
    closure = piece(ZERO, [zero(w), *map(nonnegative, z)])
    return found(piece(value, map(positive, z)), closure)


def _edge(_: Expr, z: Arguments, __: Arguments) -> tuple[Piece, ...]:
    """A function that is >= 0 on the orthant and zero at its corner."""
    return found(piece(ZERO, map(nonnegative, z)))


def _square_over_linear(w: Expr, z: Arguments, _: Arguments) -> tuple[Piece, ...]:
    first, second = z
    return found(piece(ZERO, [nonnegative(second), nonnegative(4 * w * second - first**2)]))


def _reciprocal_product(w: Expr, z: Arguments, exponents: Arguments) -> tuple[Piece, ...]:
    """prod(y_i**-a_i): at the minimum z_i y_i = a_i w prod(y**-a)."""
    total = 1 + sympy.Add(*exponents)
    mean = sympy.Mul(*((slope / a) ** (a / total) for slope, a in zip(z, exponents, strict=True)))
    return found(piece(total * w ** (1 / total) * mean, [nonnegative(w), *map(nonnegative, z)]))


def _power_over_product(w: Expr, z: Arguments, parameters: Arguments) -> tuple[Piece, ...]:
    """y**p/prod(v_i**a_i), parameters p, a_1, ..., a_n with p >= 1 + sum(a_i): homogeneous of degree one if they are equal."""
    (first, *others), (p, *exponents) = z, parameters
    pairs = list(zip(others, exponents, strict=True))
    rest, closed = p - 1 - sympy.Add(*exponents), [nonnegative(w), *map(nonnegative, others)]
    if rest == 0:
        mean = (w * sympy.Mul(*((slope / a) ** a for slope, a in pairs))) ** (1 / p)
        return found(piece(ZERO, [*closed, nonnegative(first + p * mean)]))
    edge = piece(ZERO, [*closed, nonnegative(first)])
    if w == 0 or 0 in others:
        return found(edge)
    size = (Max(ZERO, -first) / p) ** (p / rest) * sympy.Mul(*((a / slope) ** (a / rest) for slope, a in pairs))
    return found(piece(-rest * w ** (-1 / rest) * size, [positive(w), *map(positive, others)]), edge)


def _relative_entropy(w: Expr, z: Arguments, _: Arguments) -> tuple[Piece, ...]:
    first, second = z
    edge = second - w * exp(-1 - sympy.expand(first / w)) if w != 0 else second
    closure = piece(ZERO, [zero(w), nonnegative(first), nonnegative(second)])
    return found(piece(ZERO, [positive(w), nonnegative(edge)]), closure)


def _maximum(w: Expr, z: Arguments, _: Arguments) -> tuple[Piece, ...]:
    return found(piece(ZERO, [*(nonnegative(-slope) for slope in z), zero(w + sympy.Add(*z))]))


def _maximum_of_sizes(w: Expr, z: Arguments, _: Arguments) -> tuple[Piece, ...]:
    """The dual norm of the greatest size is the sum of sizes: -w <= sum(+-z) <= w for all signs."""
    signs = product((1, -1), repeat=len(z))
    return found(
        piece(ZERO, [nonnegative(w + sympy.Add(*map(sympy.Mul, choice, z))) for choice in signs]),
    )


def _shares(w: Expr, shares: Arguments, conditions: Arguments) -> tuple[Piece, ...]:
    """-sum(s log(s / w)) for shares s >= 0 with sum w, where 0 log(0) is 0."""
    pieces = []
    for signs in product((True, False), repeat=len(shares)):
        demands = [(positive if sign else zero)(share) for sign, share in zip(signs, shares, strict=True)]
        present = [share for sign, share in zip(signs, shares, strict=True) if sign and share != 0]
        value = -sympy.Add(*(share * log(share / w) for share in present)) if w != 0 else ZERO
        pieces.append(piece(value, [*demands, *conditions]))
    return found(*pieces)


def _log_sum_exp(w: Expr, z: Arguments, _: Arguments) -> tuple[Piece, ...]:
    shares = [-slope for slope in z]
    return _shares(w, shares, [zero(w - sympy.Add(*shares))])


def _log_one_plus_exp(w: Expr, z: Arguments, _: Arguments) -> tuple[Piece, ...]:
    shares = [-slope for slope in z]
    return _shares(w, [*shares, sympy.expand(w - sympy.Add(*shares))], [])


def _negative_log_det(w: Expr, z: Arguments, _: Arguments) -> tuple[Piece, ...]:
    """-log(y_1 y_2 - y_3**2) over the positive definite matrices [[y_1, y_3], [y_3, y_2]]."""
    first, second, third = z
    determinant = sympy.expand(first * second - third**2 / 4)
    value = w * log(determinant) - 2 * w * log(w) + 2 * w if w != 0 and determinant != 0 else ZERO
    closure = [zero(w), nonnegative(first), nonnegative(second), nonnegative(determinant)]
    return found(piece(value, [positive(w), positive(first), positive(determinant)]), piece(ZERO, closure))


EXP = Conjugate(
    "exp", "inf w exp(y) + z y = -z + z log(-z/w) for z < 0, and 0 for z = 0", lambda y, _: exp(y[0]), _exponential
)
NEGATIVE_LOG = Conjugate(
    "-log", "inf -w log(y) + z y = w + w log(z/w) for z > 0", lambda y, _: -log(y[0]), _negative_logarithm
)
ENTROPY = Conjugate("entropy", "inf w y log(y) + z y = -w exp(-1 - z/w)", lambda y, _: y[0] * log(y[0]), _entropy)
ABS = Conjugate("|y|", "inf w |y| + z y = 0 for |z| <= w", lambda y, _: Abs(y[0]), _absolute_value)
EVEN_POWER = Conjugate(
    "|y|**p",
    "inf w |y|**p + z y = -(p - 1) p**(-q) w**(1 - q) |z|**q with 1/p + 1/q = 1",
    lambda y, p: Abs(y[0]) ** p[0],
    _even_power,
)
POWER_ABOVE_ONE = Conjugate(
    "y**p, y >= 0",
    "inf w y**p + z y = -(p - 1) p**(-q) w**(1 - q) max(0, -z)**q over y >= 0 with 1/p + 1/q = 1",
    lambda y, p: y[0] ** p[0],
    _power_above_one,
)
POWER_BELOW_ONE = Conjugate(
    "-y**p, y >= 0",
    "inf -w y**p + z y = -(1 - p) (w (p/z)**p)**(1/(1 - p)) over y >= 0 for z > 0",
    lambda y, p: -(y[0] ** p[0]),
    _power_below_one,
    _edge,
)
NEGATIVE_POWER = Conjugate(
    "y**p, p < 0, y > 0",
    "inf w y**(-p) + z y = (p + 1) p**(-p/(p + 1)) w**(1/(p + 1)) z**(p/(p + 1)) over y > 0 for z >= 0",
    lambda y, p: y[0] ** p[0],
    _negative_power,
)
NORM = Conjugate(
    "norm",
    "inf w sqrt(c + sum(d y**2)) + z y = sqrt(c) sqrt(w**2 - sum(z**2/d)) for sum(z**2/d) <= w**2",
    lambda y, p: sqrt(p[0] + sympy.Add(*(d * e**2 for d, e in zip(p[1:], y, strict=True)))),
    _norm,
)
NEGATIVE_CAP = Conjugate(
    "-sqrt(c - |y|**2)",
    "inf -w sqrt(c - sum(d y**2)) + z y = -sqrt(c) sqrt(w**2 + sum(z**2/d))",
    lambda y, p: -sqrt(p[0] - sympy.Add(*(d * e**2 for d, e in zip(p[1:], y, strict=True)))),
    _negative_cap,
    _cap_below,
)
GEOMETRIC_MEAN = Conjugate(
    "-prod(y**a)",
    "inf -w prod(y**a) + z y over y >= 0 is 0 for prod((z/a)**a) >= w where sum(a) = 1, "
    "and -r (w prod((a/z)**a))**(1/r) with r = 1 - sum(a) > 0",
    lambda y, p: -sympy.Mul(*(e**a for e, a in zip(y, p, strict=True))),
    _geometric_mean,
    _edge,
)
SQUARE_OVER_LINEAR = Conjugate(
    "u**2/v",
    "inf w u**2/v + z_1 u + z_2 v over v > 0 is 0 for z_1**2 <= 4 w z_2",
    lambda y, _: y[0] ** 2 / y[1],
    _square_over_linear,
)
RECIPROCAL_PRODUCT = Conjugate(
    "prod(y**-a), y > 0",
    "inf w prod(y**-a) + z y over y > 0 is r (w prod((z/a)**a))**(1/r) with r = 1 + sum(a) for z >= 0",
    lambda y, p: sympy.Mul(*(e**-a for e, a in zip(y, p, strict=True))),
    _reciprocal_product,
)
POWER_OVER_PRODUCT = Conjugate(
    "y**p/prod(v**a)",
    "inf w y**p/prod(v**a) + z_0 y + z v over y >= 0, v > 0 is 0 for p (w prod((z/a)**a))**(1/p) >= -z_0 where p = 1 + sum(a), "
    "and -r w**(-1/r) (max(0, -z_0)/p)**(p/r) prod((a/z)**(a/r)) with r = p - 1 - sum(a) > 0",
    lambda y, p: y[0] ** p[0] * sympy.Mul(*(e**-a for e, a in zip(y[1:], p[1:], strict=True))),
    _power_over_product,
)
RELATIVE_ENTROPY = Conjugate(
    "u log(u/v)",
    "inf w u log(u/v) + z_1 u + z_2 v over u, v > 0 is 0 for w exp(-1 - z_1/w) <= z_2",
    lambda y, _: y[0] * log(y[0] / y[1]),
    _relative_entropy,
)
MAXIMUM_OF_SIZES = Conjugate(
    "max |y|", "inf w max |y| + z y = 0 for sum |z| <= w", lambda y, _: Max(*map(Abs, y)), _maximum_of_sizes
)
MAXIMUM = Conjugate("max", "inf w max(y) + z y = 0 for z <= 0 with sum -w", lambda y, _: Max(*y), _maximum)
LOG_SUM_EXP = Conjugate(
    "log-sum-exp",
    "inf w log(sum(exp(y))) - s y = -sum(s log(s/w)) for s >= 0 with sum w",
    lambda y, _: log(sympy.Add(*map(exp, y))),
    _log_sum_exp,
)
LOG_ONE_PLUS_EXP = Conjugate(
    "log(1 + sum(exp))",
    "inf w log(1 + sum(exp(y))) - s y = -sum(s log(s/w)) - r log(r/w) for s >= 0 and r = w - sum(s) >= 0",
    lambda y, _: log(1 + sympy.Add(*map(exp, y))),
    _log_one_plus_exp,
)
NEGATIVE_LOG_DET = Conjugate(
    "-log det",
    "inf -w log(det Y) + tr(Z Y) = w log(det Z) - 2 w log(w) + 2 w over positive definite Y of order 2, for positive definite Z",
    lambda y, _: -log(y[0] * y[1] - y[2] ** 2),
    _negative_log_det,
)


def _without_rule(_: Expr, __: Arguments, ___: Arguments) -> tuple[Piece, ...]:
    raise NotImplementedError("a function outside the table has no conjugate to look up")


OTHER = Conjugate("another function", "none", lambda _, p: p[0], _without_rule)
TABLE = (
    EXP, NEGATIVE_LOG, ENTROPY, ABS, EVEN_POWER, POWER_ABOVE_ONE, POWER_BELOW_ONE, NEGATIVE_POWER, NORM, NEGATIVE_CAP,
    GEOMETRIC_MEAN, SQUARE_OVER_LINEAR, RECIPROCAL_PRODUCT, POWER_OVER_PRODUCT, RELATIVE_ENTROPY, MAXIMUM,
    MAXIMUM_OF_SIZES, LOG_SUM_EXP, LOG_ONE_PLUS_EXP, NEGATIVE_LOG_DET,
)  # fmt: skip
