"""One free number that conditions a + b t >= 0 bound: which values are left, exactly."""

from collections.abc import Sequence
from dataclasses import dataclass

import sympy
from sympy import Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_nonnegative, is_positive, is_zero


@dataclass(frozen=True, slots=True)
class Range:
    """low <= t <= high, either of them None where there is no bound; nothing at all where ``empty``."""

    low: Expr | None
    high: Expr | None
    empty: bool = False

    @property
    def point(self) -> Expr | None:
        """The only value, if there is one."""
        if self.low is None or self.high is None or self.empty:
            return None
        return self.low if is_zero(self.high - self.low) else None


def range_of(conditions: Sequence[Expr], free: Symbol, assumptions: Sequence[Relational] = ()) -> Range | None:
    """The values of a number at which all conditions are >= 0; None where one is not affine in it, or a sign is not decided.

    >>> t = Symbol("t", real=True)
    >>> range_of([t, 2 - t], t), range_of([t, -t], t).point, range_of([t, -1 - t], t).empty
    (Range(low=0, high=2, empty=False), 0, True)
    """
    low: Expr | None = None
    high: Expr | None = None
    for condition in conditions:
        expanded = sympy.expand(condition)
        slope, rest = expanded.coeff(free, 1), expanded.coeff(free, 0)
        if sympy.expand(slope * free + rest - expanded) != 0 or rest.has(free):
            return None
        if slope == 0:
            holds = is_nonnegative(rest, assumptions)
            if holds is not True:
                return Range(None, None, empty=True) if holds is False else None
            continue
        bound = -rest / slope
        rises = is_positive(slope, assumptions)
        if rises is None:
            return None
        if rises:
            low = bound if low is None else _larger(low, bound, assumptions)
            if low is None:
                return None
        else:
            lowered = -bound if high is None else _larger(-high, -bound, assumptions)
            if lowered is None:
                return None
            high = -lowered
    if low is None or high is None:
        return Range(low, high)
    fits = is_nonnegative(high - low, assumptions)
    return None if fits is None else Range(low, high, empty=not fits)


def _larger(left: Expr, right: Expr, assumptions: Sequence[Relational]) -> Expr | None:
    order = is_nonnegative(left - right, assumptions)
    return None if order is None else left if order else right
