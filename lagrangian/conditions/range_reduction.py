"""Smaller ranges of integer variables: by each row alone, and by the Lagrangian bound with fixed multipliers.

A row sum a x <= b bounds each of its variables by what the others add at least. With a bound L for the inner problem and a
cost that is to be beaten, a variable that stands alone in it with slope r can leave its best end by at most (wanted - L) /
|r| (reduction by reduced costs: Crowder, Johnson and Padberg 1983).
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from lagrangian.conditions.inner_problems import SAFE, InnerMinimum, InnerProblem, RowTerms
from lagrangian.conditions.relaxed_blocks import Integers

Ranges: TypeAlias = tuple[Integers, Integers]
ROUNDS = 4


def propagated(terms: RowTerms, low: Integers, high: Integers) -> Ranges | None:
    """The ranges that all rows leave, after some rounds; None where one of them cannot hold."""
    if (low > high).any() or any(not row.places and not row.holds(()) for row in terms.rows):
        return None
    for _ in range(ROUNDS):
        before = low, high
        for sign in (1, -1):
            found = _round(terms, sign, low, high)
            if found is None:
                return None
            low, high = found
        if (low == before[0]).all() and (high == before[1]).all():
            break
    return low, high


def _round(terms: RowTerms, sign: int, low: Integers, high: Integers) -> Ranges | None:
    """All rows once, as sum a x <= b for sign 1; the equations also as sum -a x <= -b for sign -1."""
    if not len(terms.values):
        return low, high
    chosen = np.array([sign > 0 or row.is_equation for row in terms.rows])
    if not chosen.any():
        return low, high
    far = max(int(np.abs(low).max()), int(np.abs(high).max()), 1)
    a = sign * terms.coefficients(far)
    start = np.where(a > 0, low[terms.places], high[terms.places])
    least = sign * terms.summed(start, far)
    limits = np.array([sign * limit for limit in terms.limits], dtype=object)
    room = limits - least
    if (room[chosen] < 0).any():
        return None
    usable = chosen[terms.owners]
    if not usable.any():
        return low, high
    space, sizes = room[terms.owners][usable], np.abs(a[usable])
    if sizes.dtype != object and int(space.max()) < SAFE:
        space = space.astype(np.int64)
    steps = np.minimum(space // sizes, SAFE).astype(np.int64)
    low, high = low.copy(), high.copy()
    up, places, begin = a[usable] > 0, terms.places[usable], start[usable]
    np.minimum.at(high, places[up], begin[up] + steps[up])
    np.maximum.at(low, places[~up], begin[~up] - steps[~up])
    return None if (low > high).any() else (low, high)


def reduced(
    inner: InnerProblem, multipliers: Sequence[int], unit: int, wanted: int | None, low: Integers, high: Integers
) -> Ranges | None:
    """The ranges outside of which no feasible point costs ``wanted`` or less; None where there is none at all."""
    ranges = propagated(inner.all_terms, low, high)
    if ranges is None:
        return None
    found = inner.minimum(multipliers, unit, *ranges)
    if found is None or (wanted is not None and found.value > unit * wanted):
        return None
    if wanted is None:
        return ranges
    return propagated(inner.all_terms, *_by_slopes(inner, found, unit * wanted - found.value, *ranges))


def _by_slopes(inner: InnerProblem, found: InnerMinimum, slack: int, low: Integers, high: Integers) -> Ranges:
    """Linear variables that stand alone move from their best end by at most slack / |slope|."""
    linear = inner.loose[inner.square[inner.loose] == 0]
    slopes = found.slopes[linear]
    size = np.abs(slopes)
    if slopes.dtype != object and slack < SAFE:
        steps = slack // np.maximum(size, 1)
    else:
        steps = np.array([min(slack // max(int(r), 1), SAFE) for r in size], dtype=np.int64)
    steps = np.where(size == 0, np.int64(SAFE), steps).astype(np.int64)
    steps = np.minimum(steps, high[linear] - low[linear])
    low, high = low.copy(), high.copy()
    rising, falling = slopes > 0, slopes < 0
    high[linear[rising]] = low[linear[rising]] + steps[rising]
    low[linear[falling]] = high[linear[falling]] - steps[falling]
    return low, high
