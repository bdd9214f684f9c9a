"""The infimum of a convex function of one variable over an interval, by its stationary point and its limits at both ends.

With F(x) = sum(w_i phi_i(x)) + s x for convex phi_i and weights w_i > 0 the slope rises from A = F'(low) to B = F'(high). For
A < 0 < B it has a zero, and F is least there; for A >= 0 it is least at the lower end, or tends to minus infinity if that is
-oo and A > 0; the other end is its mirror image (Rockafellar 1970, section 24). Weights of unknown sign that cannot be
negative are either positive or zero.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

import sympy
from sympy import Dummy, Expr, Integer, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_nonnegative, is_positive
from lagrangian.conditions.convexity import Curvature, Setting, curvature
from lagrangian.conditions.growth_curves import curves_from, limit_along
from lagrangian.duality.dual_inner import WHOLE, Inner
from lagrangian.duality.dual_pieces import Piece, decided, found, nonnegative, piece, positive, zero
from lagrangian.duality.dual_quartic import least_of_convex_quartic
from lagrangian.duality.dual_stationary import positive_zero
from lagrangian.problem.guards import NONZERO, guards

Answer = tuple[tuple[Piece, ...], str, bool]
REASON = "convex in one variable: least where its slope vanishes, or at an end where the slope keeps its sign"
MOST_SPLITS = 3
MOST_CURVES = 4
HYPERBOLIC = [sympy.sinh, sympy.cosh, sympy.tanh]


class _Undecided(Exception):
    """Some step of the derivation is not decided; another way, or none, must do."""


@dataclass(frozen=True)
class _Part:
    """weight * function, with the limits of the function's slope at both ends."""

    weight: Expr
    function: Expr
    slope: Expr
    slopes_at_ends: tuple[Expr, Expr]


@dataclass(frozen=True)
class _Line:
    """Everything of the inner problem: its parts, the slope and constant beside them, and the ends of the domain."""

    variable: Symbol
    low: Expr
    high: Expr
    parts: tuple[_Part, ...]
    slope: Expr
    constant: Expr

    def end(self, side: int) -> Expr:
        return self.low if side == 0 else self.high


def line_infimum(inner: Inner) -> Answer | None:
    """The infimum of a convex function of one variable; None where it is not shown to be one, or has no closed form.

    >>> from lagrangian.problem.problem import Problem
    >>> x = sympy.Symbol("x", real=True)
    >>> g = Problem(sympy.cosh(x), [x >= 1], over=[x]).dual().function
    >>> g.value_at({g.multipliers[0]: Integer(0)})
    1
    """
    if len(inner.variables) != 1 or inner.integers:
        return None
    try:
        line = _line(inner)
        cases = list(_cases(line, inner))
        pieces = [part for active, demands in cases for part in _pieces(line, active, demands, inner)]
    except _Undecided:
        return None
    kept = found(*pieces)
    return kept, REASON, len(kept) == 1


def _line(inner: Inner) -> _Line:
    (variable,) = inner.variables
    low, high = _domain(inner)
    curved, slope = inner.hessian[0, 0], inner.slopes[0]
    stated = [(weight, atom.expression, atom.is_in_table) for atom, weight in inner.weights.items()]
    if curved != 0:
        stated.append((curved / 2, variable**2, True))
    regions = frozenset(u for atom in inner.weights for u in atom.region)
    parts = []
    for weight, function, is_convex in stated:
        sign = 1 if is_convex else _sign_of_curvature(function, Setting((variable,), regions), low)
        curve = sign * function
        rise = sympy.diff(curve, variable)
        ends = (_limit(rise, variable, low, 1), _limit(rise, variable, high, -1))
        parts.append(_Part(sympy.expand(sign * weight), curve, rise, ends))
    return _Line(variable, low, high, tuple(parts), slope, inner.constant)


def _sign_of_curvature(function: Expr, setting: Setting, low: Expr) -> int:
    proof = curvature(function, setting)
    if proof is not None:
        return -1 if proof.curvature is Curvature.CONCAVE else 1
    (variable,) = setting.variables
    known = Dummy(positive=True) if _is_at_most(Integer(0), low) else Dummy(real=True)
    second = sympy.diff(function, variable, 2).xreplace({variable: known})
    for sign in (1, -1):
        if is_nonnegative(sign * second) is True:
            return sign
    raise _Undecided


def _domain(inner: Inner) -> tuple[Expr, Expr]:
    """The ends of the interval where everything is defined and kept bounds hold; its inside is what matters."""
    (variable,) = inner.variables
    low, high = inner.intervals.get(variable, WHOLE)
    bounds = [(-sympy.oo if low is None else low, sympy.oo if high is None else high)]
    holes = []
    demands = {guard for atom in inner.weights for guard in guards(atom.expression)}
    sides = [(guard.of, guard.demand) for guard in demands if not guard.of.is_positive]
    for side, demand in [*sides, *((u, "") for atom in inner.weights for u in atom.region)]:
        polynomial = side.as_poly(variable)
        if demand is None or polynomial is None or polynomial.degree() != 1:
            raise _Undecided
        slope, constant = polynomial.all_coeffs()
        root = -constant / slope
        if demand == NONZERO:
            holes.append(root)
        elif is_positive(slope) is None:
            raise _Undecided
        else:
            bounds.append((root, sympy.oo) if is_positive(slope) else (-sympy.oo, root))
    ends = [end for pair in bounds for end in pair]
    if not all(end.is_number for end in (*ends, *holes)):
        raise _Undecided
    low, high = sympy.Max(*(pair[0] for pair in bounds)), sympy.Min(*(pair[1] for pair in bounds))
    outside = all(_is_at_most(hole, low) or _is_at_most(high, hole) for hole in holes)
    if _is_at_most(high, low) or not (low.is_infinite or high.is_infinite or is_positive(high - low)) or not outside:
        raise _Undecided
    return low, high


def _is_at_most(left: Expr, right: Expr) -> bool:
    if left.is_infinite or right.is_infinite:
        return bool(left <= right)
    return is_nonnegative(right - left) is True


def _limit(function: Expr, variable: Symbol, end: Expr, side: int) -> Expr:
    """What a function tends to at an end of the interval, from inside, by exact orders of growth."""
    if function.free_symbols - {variable}:
        raise _Undecided
    if not function.has(variable):
        return function
    time = Symbol("t", positive=True)
    place = -side * time if end.is_infinite else end + side / time
    plain = function.rewrite(HYPERBOLIC, sympy.exp)
    for curve in islice(curves_from(time, {variable: place}), MOST_CURVES):
        limit = limit_along(plain, curve)
        if limit is not None:
            return limit
    raise _Undecided


def _cases(line: _Line, inner: Inner) -> Iterator[tuple[list[_Part], list[Relational]]]:
    """The parts that are there, with the conditions: each weight is positive or zero."""
    certain, open_ = [], []
    for part in line.parts:
        if decided(positive(part.weight), inner.assumptions) is True:
            certain.append(part)
        elif decided(nonnegative(part.weight), inner.assumptions) is not True:
            raise _Undecided
        else:
            open_.append(part)
    if len(open_) > MOST_SPLITS:
        raise _Undecided
    for signs in product((True, False), repeat=len(open_)):
        chosen = list(zip(signs, open_, strict=True))
        active = [*certain, *(part for sign, part in chosen if sign)]
        yield active, [(positive if sign else zero)(part.weight) for sign, part in chosen]


def _pieces(line: _Line, active: list[_Part], demands: list[Relational], inner: Inner) -> Iterator[Piece | None]:
    slopes = [_slope_at(line, active, side) for side in (0, 1)]
    rising = zip((-1, 1), slopes, strict=True)
    inside = [positive(sign * slope) for sign, slope in rising if not slope.is_infinite]
    if active and piece(Integer(0), [*demands, *inside], inner.assumptions) is not None:
        yield piece(_least(line, active, slopes), [*demands, *inside], inner.assumptions)
    for side in (0, 1):
        yield _at_end(line, active, side, slopes[side], demands, inner)


def _slope_at(line: _Line, active: list[_Part], side: int) -> Expr:
    """F' at an end; the slope of a convex function is never +oo at the lower end, nor -oo at the upper one."""
    slopes = [part.slopes_at_ends[side] for part in active]
    if any(slope.is_infinite for slope in slopes):
        return -sympy.oo if side == 0 else sympy.oo
    return sympy.expand(line.slope + sympy.Add(*(p.weight * s for p, s in zip(active, slopes, strict=True))))


def _at_end(
    line: _Line,
    active: list[_Part],
    side: int,
    slope: Expr,
    demands: list[Relational],
    inner: Inner,
) -> Piece | None:
    """The piece where F is least at an end: its limit there, which exists as F is monotone towards that end."""
    if slope.is_infinite:
        return None
    end, sign = line.end(side), 1 if side == 0 else -1
    level = zero(slope) if end.is_infinite else nonnegative(sign * slope)
    if piece(Integer(0), [*demands, level], inner.assumptions) is None:
        return None
    total = line.constant if end.is_infinite else line.constant + line.slope * end
    for part in active:
        # at infinity, with the slope A_i taken off: those multiples of x add up to zero
        rest = part.function - part.slopes_at_ends[side] * line.variable if end.is_infinite else part.function
        limit = _limit(sympy.expand(rest), line.variable, end, sign)
        if limit.is_infinite:
            if end.is_infinite and limit == -sympy.oo:
                return None
            raise _Undecided
        total += part.weight * limit
    return piece(sympy.expand(total), [*demands, level], inner.assumptions)


def _least(line: _Line, active: list[_Part], slopes: list[Expr]) -> Expr:
    """F at the zero of its slope, which exists: the only one its equation can have."""
    weights = [Dummy(positive=True) for _ in active]
    tilt = Dummy(negative=True) if slopes[0] == line.slope else Dummy(real=True)
    if slopes[1] == line.slope:
        tilt = Dummy(positive=True)
    slope = tilt + sympy.Add(*(w * part.slope for w, part in zip(weights, active, strict=True)))
    back = dict(zip(weights, (part.weight for part in active), strict=True)) | {tilt: line.slope}
    terms = (w * part.function for w, part in zip(weights, active, strict=True))
    value = tilt * line.variable + sympy.Add(*terms).rewrite(HYPERBOLIC, sympy.exp)
    place = positive_zero(slope, line.variable, line.low)
    polynomial = sympy.expand(value).as_poly(line.variable)
    if place is not None:
        least = sympy.expand(value.xreplace({line.variable: place}))
    else:
        # what is convex on the whole line is least at its one stationary point there, which is the one inside
        least = None if polynomial is None else least_of_convex_quartic(polynomial)
    if least is None:
        raise _Undecided
    return line.constant + least.xreplace(back)
