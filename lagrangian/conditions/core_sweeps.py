"""One knapsack row gone through state by state, breadth first, with the Lagrangian bound at a fixed multiplier.

Counted from the minimizer of the inner problem, a state is what the variables decided so far add to the row, with what they
lose. Together with the multiplier times the room that is left in the end, that is what a point costs above the inner minimum.
States that another one dominates (it adds no more and costs no more) are dropped, and so are those that cannot end below the
cost to be beaten: what a state adds too much, or too little, must be made up for by the variables left, each at no less than
the least loss a unit (dynamic programming in the core: Pisinger 1997). Arrays are ordered by what states add.
"""

import time
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from lagrangian.conditions.inner_problems import SAFE, InnerMinimum, InnerProblem
from lagrangian.conditions.range_reduction import Ranges
from lagrangian.conditions.relaxed_blocks import Integers

State: TypeAlias = tuple[Integers, Integers]


@dataclass(frozen=True, eq=False)
class CoreSweep:
    """The best point with a cost that beats what was known; None if there is none."""

    point: Integers | None


def is_core(inner: InnerProblem) -> bool:
    """Whether a program is one inequality in positive coefficients, relaxed, with a linear objective."""
    rows = inner.program.rows
    return (
        len(rows) == 1
        and inner.relaxed == (0,)
        and not inner.program.products
        and not rows[0].is_equation
        and all(a > 0 for a in rows[0].coefficients)
    )


def core_sweep(
    inner: InnerProblem,
    multiplier: int,
    unit: int,
    wanted: int,
    ranges: Ranges,
    most_states: int,
    *,
    widest: int | None = None,
    deadline: float = float("inf"),
) -> CoreSweep | None:
    """The best point with a cost of at most ``wanted``; None for too many states or numbers beyond 64 bits, or for want of time.

    With ``widest`` only so many states are kept after each variable: then a point may be good, and its absence says nothing.
    """
    found = inner.minimum((multiplier,), unit, *ranges)
    if found is None or found.slopes.dtype == object:
        return None
    slack = unit * wanted - found.value
    if slack < 0:
        return CoreSweep(None)
    core = _Core.of(inner, multiplier, found, ranges)
    if core.largest * (slack + core.largest) >= SAFE:
        return None
    return _swept(core, slack, unit * inner.program.step, most_states, widest, deadline)


def _swept(
    core: "_Core", slack: int, step: int, most_states: int, widest: int | None, deadline: float
) -> CoreSweep | None:
    """All variables in their order; a state with the rest left where it is is a point, and better ones lower what is wanted."""
    state = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    layers, visited = [state], 0
    best: tuple[int, int] | None = None
    for depth in range(len(core.order) + 1):
        added, lost = state
        total = np.where(added <= core.room, lost + core.multiplier * (core.room - added), SAFE)
        place = int(total.argmin()) if len(total) else -1
        if place >= 0 and int(total[place]) <= slack:
            best, slack = (depth, place), int(total[place]) - step
        visited += len(added)
        if slack < 0 or not len(added) or depth == len(core.order):
            break
        if visited > most_states or time.monotonic() > deadline:
            return None
        state = core.decided(state, depth, slack)
        state = state if widest is None else core.thinned(state, depth + 1, widest)
        layers.append(state)
    return CoreSweep(None if best is None else core.traced(layers, *best))


@dataclass(frozen=True, eq=False)
class _Core:
    """The variables that are not fixed, those first that lose least a unit of the row.

    Args:
        start: the minimizer of the inner problem; every variable is at an end of its range.
        weights: what one step away from there adds to the row, negative for steps down.
        losses: what it loses, not negative.
        gaps: the number of steps.
        rising, falling: for every depth the least loss a unit of the variables left that add, or take away; None for none.
    """

    start: Integers
    multiplier: int
    room: int
    order: list[int]
    weights: list[int]
    losses: list[int]
    gaps: list[int]
    rising: list[Fraction | None]
    falling: list[Fraction | None]
    largest: int

    @classmethod
    def of(cls, inner: InnerProblem, multiplier: int, found: InnerMinimum, ranges: Ranges) -> "_Core":
        low, high = ranges
        row = inner.program.rows[0]
        weights = np.zeros(inner.count, dtype=np.int64)
        weights[list(row.places)] = row.coefficients
        free = np.flatnonzero((high > low) & (weights > 0))
        loss = np.abs(found.slopes)
        order = free[np.argsort(loss[free] / weights[free], kind="stable")].tolist()
        signed = [int(weights[i]) if found.point[i] == low[i] else -int(weights[i]) for i in order]
        losses = [int(loss[i]) for i in order]
        gaps = [int(high[i] - low[i]) for i in order]
        rising: list[Fraction | None] = [None]
        falling: list[Fraction | None] = [None]
        for weight, one in zip(reversed(signed), reversed(losses), strict=True):
            side, other = (rising, falling) if weight > 0 else (falling, rising)
            share = Fraction(one, abs(weight))
            side.append(share if side[-1] is None else min(side[-1], share))
            other.append(other[-1])
        room = row.limit - int(inner.all_terms.totals(found.point)[0])
        reach = abs(room) + sum(abs(w) * gap for w, gap in zip(signed, gaps, strict=True))
        largest = max([multiplier, reach, *losses, 1])
        return cls(found.point, multiplier, room, order, signed, losses, gaps, rising[::-1], falling[::-1], largest)

    def decided(self, state: State, depth: int, slack: int) -> State:
        """The states after one more variable, without those that are dominated or lose too much."""
        parts = []
        for steps in range(self.gaps[depth] + 1):
            added, lost = state[0] + steps * self.weights[depth], state[1] + steps * self.losses[depth]
            keep = (lost <= slack) & self._can_end(added - self.room, slack - lost, depth + 1)
            parts.append((added[keep], lost[keep]))
        added, lost = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.argsort(added, kind="stable")
        added, lost = added[order], lost[order]
        cost = lost - self.multiplier * added
        kept = np.ones(len(cost), dtype=bool)
        kept[1:] = cost[1:] < np.minimum.accumulate(cost)[:-1]
        added, lost = added[kept], lost[kept]
        # of two states that add the same the later one, which is better, stays
        last = np.ones(len(added), dtype=bool)
        last[:-1] = added[1:] != added[:-1]
        return added[last], lost[last]

    def _can_end(self, over: Integers, left: Integers, depth: int) -> Integers:
        """Whether what a state adds too much can be taken away, and what it leaves be filled or paid, for what is left."""
        falling, rising = self.falling[depth], self.rising[depth]
        possible = over <= 0 if falling is None else over * falling.numerator <= left * falling.denominator
        price = Fraction(self.multiplier) if rising is None else min(rising, Fraction(self.multiplier))
        return possible & (-over * price.numerator <= left * price.denominator)

    def thinned(self, state: State, depth: int, widest: int) -> State:
        """The states that are likely to lose least in the end."""
        added, lost = state
        if len(added) <= widest:
            return state
        over = (added - self.room).astype(float)
        falling, rising = (float(side or self.multiplier) for side in (self.falling[depth], self.rising[depth]))
        likely = lost + np.where(over > 0, over * falling, -over * min(rising, float(self.multiplier)))
        kept = np.sort(np.argpartition(likely, widest)[:widest])
        return added[kept], lost[kept]

    def traced(self, layers: list[State], depth: int, place: int) -> Integers:
        """The point that leads to a state, the variables after it where they are."""
        point = self.start.copy()
        added, lost = (int(column[place]) for column in layers[depth])
        for k in range(depth - 1, -1, -1):
            for steps in range(self.gaps[k] + 1):
                before, less = added - steps * self.weights[k], lost - steps * self.losses[k]
                at = int(np.searchsorted(layers[k][0], before))
                if at < len(layers[k][0]) and int(layers[k][0][at]) == before and int(layers[k][1][at]) == less:
                    point[self.order[k]] += steps if self.weights[k] > 0 else -steps
                    added, lost = before, less
                    break
        return point
