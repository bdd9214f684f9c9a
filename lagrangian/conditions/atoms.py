"""Functions of one variable in linear relaxations: their values, slopes and curvatures, enclosed by fractions.

On [l, h] let m <= f'' <= M. For m <= 0 the function f - m/2 (u - c)**2 is convex and lies above its tangent at c in [l, h], and
(u - c)**2 is at most its chord, so that

    f(u) >= f(c) + f'(c) (u - c) + m/2 (u - c)**2 >= f(c) + f'(c) (u - c) + m/2 ((l + h - 2 c) (u - c) + (c - l) (h - c)),

likewise from above with M >= 0. Where f is convex (m >= 0) these are its tangents, and the chord bounds it from above; where it
is concave, the other way around (Androulakis, Maranas and Floudas 1995; Tawarmalani and Sahinidis 2004).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from flint import arb, fmpq

from lagrangian.algebra.rational_intervals import EVERYWHERE, ZERO, Side, down, ends_of, is_nothing, up


class Function(Enum):
    """The functions that relaxations know; POWER has an exponent."""

    EXP = "exp"
    LOG = "log"
    POWER = "power"
    SIN = "sin"
    COS = "cos"
    ABSOLUTE = "absolute"
    ENTROPY = "entropy"


@dataclass(frozen=True, slots=True)
class Atom:
    """z = f(u) for the u at the place ``argument``; the entropy is u log u, 0 at 0."""

    function: Function
    argument: int
    exponent: fmpq | None = None

    @property
    def _p(self) -> fmpq:
        assert self.exponent is not None
        return self.exponent

    @property
    def domain(self) -> Side:
        """The closure of where the function is defined, as far as it is one interval."""
        if self.function in (Function.LOG, Function.ENTROPY) or (self.function is Function.POWER and self._p.q != 1):
            return ZERO, None
        return EVERYWHERE

    def value(self, at: fmpq) -> tuple[fmpq, fmpq]:
        """Two fractions between which f(at) lies. Raises ValueError where it is not defined."""
        return self._at(at, self._ball)

    def slope(self, at: fmpq) -> tuple[fmpq, fmpq]:
        """Two fractions between which f'(at) lies. Raises ValueError where it is not defined."""
        if self.function is Function.ABSOLUTE:
            sign = fmpq(1 if at >= 0 else -1)  # at zero a subgradient
            return sign, sign
        return self._at(at, self._slope_ball)

    def _at(self, at: fmpq, function: Callable[[arb], arb]) -> tuple[fmpq, fmpq]:
        return ends_of(function, at)

    def _ball(self, u: arb) -> arb:
        kind = self.function
        if kind is Function.POWER:
            return _power(u, self._p)
        if kind is Function.ENTROPY:
            return arb(0) if u.is_zero() else u * u.log()
        return _BALLS[kind](u)

    def _slope_ball(self, u: arb) -> arb:
        kind = self.function
        if kind is Function.POWER:
            return arb(self._p) * _power(u, self._p - 1)
        if kind is Function.ENTROPY:
            return u.log() + 1
        return _SLOPES[kind](u)

    def curvature(self, low: fmpq, high: fmpq) -> tuple[fmpq | None, fmpq | None]:
        """m <= f'' <= M on [low, high]; None for an end that is not known: (0, None) for convex f, (None, 0) for concave f."""
        kind = self.function
        if kind in (Function.EXP, Function.ABSOLUTE, Function.ENTROPY):
            return ZERO, None
        if kind is Function.LOG:
            return None, ZERO
        if kind is Function.POWER:
            return self._power_curvature(low, high)
        middle, radius = (low + high) / 2, (high - low) / 2
        return ends_of(lambda u: -self._ball(u), middle, radius)

    def _power_curvature(self, low: fmpq, high: fmpq) -> tuple[fmpq | None, fmpq | None]:
        p = self._p
        if low >= 0:
            return (ZERO, None) if p * (p - 1) >= 0 else (None, ZERO)
        if p.q != 1:
            return None, None
        even = int(p.p) % 2 == 0
        if high <= 0:
            convex = even if p * (p - 1) > 0 else not even
            return (ZERO, None) if convex else (None, ZERO)
        if p < 0:
            return None, None
        if even:
            return ZERO, None
        return down(p * (p - 1) * low ** int(p.p - 2)), up(p * (p - 1) * high ** int(p.p - 2))

    def image(self, side: Side) -> Side:
        """What the values lie in."""
        low, high = side
        domain = self.domain
        if domain[0] is not None:
            low = domain[0] if low is None else max(low, domain[0])
        if is_nothing((low, high)):
            return EVERYWHERE
        kind = self.function
        if kind in (Function.EXP, Function.LOG):
            floor = ZERO if kind is Function.EXP else None
            return self._end(low, 0, floor), self._end(high, 1, None)
        if kind is Function.POWER:
            return self._power_image(low, high)
        if kind is Function.ABSOLUTE:
            tops = None if low is None or high is None else max(-low, high)
            bottom = low if low is not None and low > 0 else (-high if high is not None and high < 0 else ZERO)
            return bottom, tops
        if kind is Function.ENTROPY:
            ends = [self._end(end, 1, None) for end in (low, high)]
            top = None if None in ends else max(end for end in ends if end is not None)
            bottom = self._end(low, 0, None) if low is not None and low * 2 > 1 else fmpq(-3679, 10000)
            return bottom, top
        if low is None or high is None:
            return fmpq(-1), fmpq(1)
        found = ends_of(self._ball, (low + high) / 2, (high - low) / 2)
        return max(found[0], fmpq(-1)), min(found[1], fmpq(1))

    def _end(self, at: fmpq | None, side: int, otherwise: fmpq | None) -> fmpq | None:
        """The value at an end, rounded down (side 0) or up; ``otherwise`` where the end is infinite or a pole."""
        if at is None:
            return otherwise
        try:
            return self.value(at)[side]
        except ValueError:
            return otherwise

    def _power_image(self, low: fmpq | None, high: fmpq | None) -> Side:
        p = self._p
        if low is not None and low >= 0:
            if p > 0:
                return self._end(low, 0, ZERO), self._end(high, 1, None)
            return self._end(high, 0, ZERO), self._end(low, 1, None)
        even = p.q == 1 and int(p.p) % 2 == 0
        if p < 0:
            if high is None or high >= 0:
                return (ZERO, None) if even else EVERYWHERE
            ends = (self._end(low, 0, ZERO), self._end(high, 1, None))
            return ends if even else (self._end(high, 0, None), self._end(low, 1, ZERO))
        if not even:
            return self._end(low, 0, None), self._end(high, 1, None)
        if high is not None and high <= 0:
            return self._end(high, 0, ZERO), self._end(low, 1, None)
        tops = [self._end(low, 1, None), self._end(high, 1, None)]
        return ZERO, None if None in tops else max(top for top in tops if top is not None)

    def preimage(self, values: Side, known: Side) -> Side:
        """What u lies in, within ``known``, if f(u) lies in ``values``."""
        low, high = values
        kind = self.function
        if kind is Function.EXP:
            inverse = Atom(Function.LOG, 0)
            return (
                inverse._end(low, 0, None) if low is not None and low > 0 else None,
                inverse._end(high, 1, None) if high is not None and high > 0 else None,
            )
        if kind is Function.LOG:
            inverse = Atom(Function.EXP, 0)
            return inverse._end(low, 0, ZERO), inverse._end(high, 1, None)
        if kind is Function.ABSOLUTE:
            return (None if high is None else -high), high
        if kind is Function.POWER:
            return self._power_preimage(values, known)
        return EVERYWHERE

    def _power_preimage(self, values: Side, known: Side) -> Side:
        p = self._p
        inverse = Atom(Function.POWER, 0, 1 / p)
        low, high = values
        positive = known[0] is not None and known[0] >= 0
        if positive:
            low = ZERO if low is None or low < 0 else low
            if p > 0:
                return inverse._end(low, 0, ZERO), (inverse._end(high, 1, None) if high is None or high >= 0 else None)
            return (
                inverse._end(high, 0, ZERO) if high is not None and high > 0 else ZERO,
                inverse._end(low, 1, None) if low > 0 else None,
            )
        if p > 0 and p.q == 1 and int(p.p) % 2 == 0 and high is not None and high >= 0:
            root = inverse._end(high, 1, None)
            return (None if root is None else -root), root
        return EVERYWHERE


def _power(u: arb, p: fmpq) -> arb:
    if p.q == 1:
        return u ** int(p.p)
    if u == 0:
        return arb(0) if p > 0 else arb(float("inf"))
    if not u >= 0:
        return arb(float("nan"))
    root = u.sqrt() if p.q == 2 else u.root(int(p.q))
    return root ** int(p.p)


_BALLS: dict[Function, Callable[[arb], arb]] = {
    Function.EXP: arb.exp,
    Function.LOG: arb.log,
    Function.SIN: arb.sin,
    Function.COS: arb.cos,
    Function.ABSOLUTE: abs,
}
_SLOPES: dict[Function, Callable[[arb], arb]] = {
    Function.EXP: arb.exp,
    Function.LOG: lambda u: 1 / u,
    Function.SIN: arb.cos,
    Function.COS: lambda u: -u.sin(),
}
Line = tuple[fmpq, fmpq]


def chord(atom: Atom, low: fmpq, high: fmpq, *, above: bool) -> Line | None:
    """(a, b) with f <= a u + b on [low, high] for a convex f where ``above``, else f >= a u + b for a concave one."""
    try:
        first, last = atom.value(low)[above], atom.value(high)[above]
    except ValueError:
        return None
    slope = ZERO if low == high else (last - first) / (high - low)
    return slope, first - slope * low


def tangent(atom: Atom, low: fmpq, high: fmpq, at: fmpq, *, above: bool) -> Line | None:
    """(a, b) with f >= a u + b on [low, high], or f <= a u + b where ``above``, from the tangent at a point of it.

    >>> from flint import fmpq
    >>> slope, constant = tangent(Atom(Function.EXP, 0), fmpq(-1), fmpq(1), fmpq(0), above=False)
    >>> slope, 0 <= 1 - constant < fmpq(1, 10**9)
    (1, True)
    """
    at = min(max(at, low), high)
    try:
        bend = atom.curvature(low, high)[above]
        value, slope = atom.value(at)[above], atom.slope(at)
    except ValueError:
        return None
    if bend is None:
        return None
    bend = max(bend, ZERO) if above else min(bend, ZERO)
    middle = (slope[0] + slope[1]) / 2
    # by how much the slope may be wrong, and the bend, each at its largest on the interval
    error = (slope[1] - slope[0]) / 2 * max(high - at, at - low)
    a = middle + bend * ((low + high) / 2 - at)
    # bend/2 (u - at)**2 is at most bend/2 ((low + high - 2 at) (u - at) + (at - low) (high - at)) by its chord
    b = value - a * at + bend / 2 * (at - low) * (high - at)
    return a, b + error if above else b - error
