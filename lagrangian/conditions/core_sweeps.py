"""One knapsack row gone through state by state, breadth first, with the Lagrangian bound at a fixed multiplier.

A state is what the variables decided so far need of the row, with the least cost. States that another one dominates (it needs no
more and costs no more) are dropped, and so are those whose bound says that they cannot end below the cost to be beaten (dynamic
programming in the core: Pisinger 1997). Arrays are ordered by what states need.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from lagrangian.conditions.inner_problems import SAFE, InnerProblem
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
    inner: InnerProblem, multiplier: int, unit: int, wanted: int, ranges: Ranges, most_states: int
) -> CoreSweep | None:
    """The best point with a cost of at most ``wanted``; None for too many states, or numbers that 64 bits do not hold."""
    low, high = ranges
    found = inner.minimum((multiplier,), unit, low, high)
    if found is None or found.slopes.dtype == object or unit * abs(wanted) >= SAFE:
        return None
    core = _Core.of(inner, multiplier, found.slopes, low, high)
    slack = unit * wanted - found.value
    if slack < 0 or core.room < 0:
        return CoreSweep(None)
    state = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    layers, visited = [state], 0
    for depth in range(len(core.order)):
        state = core.decided(state, depth, slack)
        layers.append(state)
        visited += len(state[0])
        if visited > most_states:
            return None
    needs, lost = state
    total = lost + multiplier * (core.room - needs)
    if not len(total) or int(total.min()) > slack:
        return CoreSweep(None)
    return CoreSweep(core.traced(layers, int(total.argmin()), low))


@dataclass(frozen=True, eq=False)
class _Core:
    """The variables that are not fixed, those with the steepest slopes first.

    Counted are steps up from the low ends, what they need of the ``room``, and what they lose against the inner minimum. A point
    costs, times the unit, the inner minimum and its losses and the multiplier times the room that it leaves.
    """

    multiplier: int
    room: int
    order: list[int]
    weights: list[int]
    losses: list[list[int]]
    rest: list[int]

    @classmethod
    def of(cls, inner: InnerProblem, multiplier: int, slopes: Integers, low: Integers, high: Integers) -> "_Core":
        row = inner.program.rows[0]
        weights = np.zeros(inner.count, dtype=np.int64)
        weights[list(row.places)] = row.coefficients
        free = np.flatnonzero(high > low)
        order = free[np.argsort(-np.abs(slopes[free]), kind="stable")].tolist()
        losses = [
            [r * t if r >= 0 else r * (t - gap) for t in range(gap + 1)]
            for r, gap in ((int(slopes[i]), int(high[i] - low[i])) for i in order)
        ]
        heavy = [int(weights[i]) * int(high[i] - low[i]) for i in order]
        rest = [sum(heavy)]
        for need in heavy:
            rest.append(rest[-1] - need)
        room = row.limit - int((weights * low).sum())
        return cls(multiplier, room, order, weights[order].tolist(), losses, rest)

    def decided(self, state: State, depth: int, slack: int) -> State:
        """The states after one more variable, without those that are dominated or lose too much."""
        parts = []
        for steps, loss in enumerate(self.losses[depth]):
            need = steps * self.weights[depth]
            needs, lost = state[0] + need, state[1] + loss
            # what the variables left cannot fill stays room, which the multiplier counts
            left = np.maximum(self.room - self.rest[depth + 1] - needs, 0)
            keep = (needs <= self.room) & (lost + self.multiplier * left <= slack)
            parts.append((needs[keep], lost[keep]))
        needs, lost = (np.concatenate(column) for column in zip(*parts, strict=True))
        cost = lost - self.multiplier * needs
        order = np.lexsort((cost, needs))
        needs, lost, cost = needs[order], lost[order], cost[order]
        best = np.minimum.accumulate(cost)
        kept = np.ones(len(cost), dtype=bool)
        kept[1:] = cost[1:] < best[:-1]
        return needs[kept], lost[kept]

    def traced(self, layers: list[State], place: int, low: Integers) -> Integers:
        """The point that leads to a state of the last layer."""
        point = low.copy()
        need, loss = (int(column[place]) for column in layers[-1])
        for depth in range(len(self.order) - 1, -1, -1):
            for steps, own in enumerate(self.losses[depth]):
                before = need - steps * self.weights[depth]
                at = int(np.searchsorted(layers[depth][0], before))
                if at < len(layers[depth][0]) and layers[depth][0][at] == before and layers[depth][1][at] == loss - own:
                    point[self.order[depth]] += steps
                    need, loss = before, loss - own
                    break
        return point
