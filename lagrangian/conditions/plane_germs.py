"""The signs of a function of two variables near a zero of it, by Newton polygons (Newton 1676; Puiseux 1850).

Near the origin and for x > 0, y = a x^(p/q) with a != 0 runs through all ways to approach it. Along such a curve a
face of the Newton polygon has the least order: P(a) t^m with the polynomial P of that face, and its sign is that of
P(a), unless P(a) = 0. A root a of odd multiplicity changes the sign. At one of even multiplicity y = x^(p/q) (a + y')
leads to the same question again.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import comb, gcd, inf

from lagrangian.algebra.numbers import FieldElement
from lagrangian.algebra.series import Series
from lagrangian.algebra.univariate import Polynomial, by_multiplicity, count_real_roots, in_field_of, real_roots_of
from lagrangian.conditions.germ_signs import CONSTANT, Signs, seen

DEEPEST_RECURSION = 16


@dataclass(frozen=True, eq=False)
class _Germ:
    """Terms by their exponents. Terms x^i y^j with i + slope j >= order are unknown; slope is 1, and 0 after a substitution."""

    terms: Series
    order: float
    slope: int

    def least_unknown(self, wx: int, wy: int) -> float:
        """The least weight that an unknown term may have."""
        if self.order == inf:
            return inf
        return self.order * (min(wx, wy) if self.slope else wx)


def signs_in_the_plane(series: Series, order: float) -> Signs:
    """The signs of a series in two variables, known up to the total degree ``order``, near the origin.

    >>> from sympy import symbols
    >>> from flint import fmpq
    >>> from lagrangian.algebra.numbers import rational_point
    >>> from lagrangian.algebra.polynomials import Ring
    >>> from lagrangian.algebra.series import shifted
    >>> x, y = symbols("x y")
    >>> peano = Ring((x, y)).polynomial((y - x**2) * (y - 2 * x**2))
    >>> signs_in_the_plane(shifted(peano, rational_point([fmpq(0), fmpq(0)])), inf).is_saddle
    True
    """
    if not series:
        return CONSTANT if order == inf else seen(set(), complete=False)
    found: set[int] = set()
    complete = _axis(series, order, found)
    for mirror in (1, -1):
        if {1, -1} <= found:
            break
        half: Series = {(i, j): value * mirror**i for (i, j), value in series.items()}
        complete = _half_plane(_Germ(half, order + 1, 1), found, 0) and complete
    return seen(found, complete=complete)


def _axis(series: Series, order: float, found: set[int]) -> bool:
    """The signs on x = 0, y != 0."""
    powers = [j for i, j in series if i == 0]
    if not powers:
        found |= {0} if order == inf else set()
        return order == inf
    lowest = min(powers)
    sign = series[0, lowest].sign()
    found |= {sign, sign * (-1) ** lowest}
    return True


def _half_plane(germ: _Germ, found: set[int], depth: int) -> bool:
    """Add the signs for x > 0 near the origin; whether these are all of them."""
    if depth > DEEPEST_RECURSION or not germ.terms:
        return False
    corners = _corners(germ.terms)
    (left, top), (right, bottom) = corners[0], corners[-1]
    # the ends of the polygon are the true ones if no unknown term lies to their left or below them
    complete = left < germ.order if not germ.slope else (left == 0 and top < germ.order) or germ.order == inf
    if bottom:
        # y divides all that is known: zero on the axis if there is nothing else
        found |= {0} if germ.order == inf else set()
        complete = complete and germ.order == inf
    complete = complete and right < germ.order
    for i, j in corners:
        if _is_certain(germ, i, j, corners):
            sign = germ.terms[i, j].sign()
            found |= {sign, sign * (-1) ** j}
        else:
            complete = False
    for first, second in pairwise(corners):
        if {1, -1} <= found:
            return True
        complete = _edge(germ, first, second, found, depth) and complete
    return complete


def _corners(terms: Series) -> list[tuple[int, int]]:
    """The corners of the Newton polygon, from the left and top to the right and bottom."""
    hull: list[tuple[int, int]] = []
    lowest = inf
    for i, j in sorted((i, j) for i, j in terms):
        if j >= lowest:
            continue
        lowest = j
        while len(hull) > 1 and _turns_up(hull[-2], hull[-1], (i, j)):
            hull.pop()
        hull.append((i, j))
    return hull


def _turns_up(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) <= 0


def _is_certain(germ: _Germ, i: int, j: int, corners: list[tuple[int, int]]) -> bool:
    """Whether the corner is one of the true polygon for some weights, whatever the unknown terms are."""
    place = corners.index((i, j))
    weights = [_weights(a, b) for a, b in pairwise(corners)][max(place - 1, 0) : place + 1] or [(1, 1)]
    wx, wy = sum(w[0] for w in weights), sum(w[1] for w in weights)
    return wx * i + wy * j < germ.least_unknown(wx, wy)


def _weights(first: tuple[int, int], second: tuple[int, int]) -> tuple[int, int]:
    wx, wy = first[1] - second[1], second[0] - first[0]
    return wx // gcd(wx, wy), wy // gcd(wx, wy)


def _edge(germ: _Germ, first: tuple[int, int], second: tuple[int, int], found: set[int], depth: int) -> bool:
    """Add the signs on the curves y = a x^(wy/wx) that an edge of the polygon decides, and near its roots."""
    wx, wy = _weights(first, second)
    weight = wx * first[0] + wy * first[1]
    if weight >= germ.least_unknown(wx, wy):
        return False
    zero = germ.terms[first] * 0
    face: Polynomial = [zero] * (first[1] - second[1] + 1)
    for (i, j), value in germ.terms.items():
        if wx * i + wy * j == weight:
            face[j - second[1]] = value
    complete = True
    for factor, multiplicity in by_multiplicity(face):
        if not count_real_roots(factor):
            continue
        if multiplicity % 2:
            found |= {1, -1}
            return True
        roots = real_roots_of(factor)
        for root in roots or []:
            complete = _half_plane(_substituted(germ, (wx, wy), weight, root), found, depth + 1) and complete
        complete = complete and roots is not None
    return complete


def _substituted(germ: _Germ, weights: tuple[int, int], weight: int, root: FieldElement) -> _Germ:
    """The germ of t^-weight f(t^wx, t^wy (root + y')) in t and y'."""
    wx, wy = weights
    order = germ.least_unknown(wx, wy) - weight
    powers = [root * 0 + 1]
    terms: Series = {}
    for (i, j), value in germ.terms.items():
        power = wx * i + wy * j - weight
        if power >= order:
            continue
        while len(powers) <= j:
            powers.append(powers[-1] * root)
        lifted = in_field_of(value, root)
        for k in range(j + 1):
            added = lifted * powers[j - k] * comb(j, k)
            terms[power, k] = terms[power, k] + added if (power, k) in terms else added
    return _Germ({e: v for e, v in terms.items() if not v.is_zero()}, order, 0)
