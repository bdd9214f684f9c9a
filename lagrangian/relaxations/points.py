"""Feasible points from points of the inner problem: repaired, then improved, greedily and by exchanges.

All of it is a suggestion in floating point; a point counts once it is feasible in integers, with its exact cost.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lagrangian.conditions.inner_problems import InnerMinimum
from lagrangian.conditions.integer_programs import IntegerProgram
from lagrangian.conditions.range_reduction import Ranges

Floats = NDArray[np.float64]
Point = tuple[int, ...]

MOST_ENTRIES = 4_000_000
MOST_STEPS = 2000
MOST_EXCHANGES = 60
EXCHANGED = 70
MOST_FIRST = 40
TINY = 1e-9
ROUNDED_UP = 1e-6


@dataclass(frozen=True, eq=False)
class Moves:
    """Steps of single variables: their places, how far, what they add to the rows (a column each) and to the cost."""

    places: NDArray[np.int64]
    steps: Floats
    columns: Floats
    costs: Floats

    def chosen(self, mask: NDArray[np.bool_]) -> "Moves":
        return Moves(self.places[mask], self.steps[mask], self.columns[:, mask], self.costs[mask])


class PrimalHeuristic:
    """Repairs and improves points of one program."""

    def __init__(self, program: IntegerProgram) -> None:
        self.program = program
        count = len(program.costs)
        self.is_small = len(program.rows) * count <= MOST_ENTRIES
        self.costs = np.array(program.costs, dtype=float)
        rows = len(program.rows) if self.is_small else 0
        self.matrix = np.zeros((rows, count))
        self.limits = np.zeros(rows)
        self.exact = np.array([row.is_equation for row in program.rows[:rows]], dtype=bool)
        for r, row in enumerate(program.rows[:rows]):
            size = float(max((abs(a) for a in row.coefficients), default=1))
            self.matrix[r, list(row.places)] = np.array(row.coefficients, dtype=float) / size
            self.limits[r] = row.limit / size
        self.coupling = [(i, j, float(q)) for i, j, q in program.products]

    def from_linear(self, found: Floats, ranges: Ranges) -> Point | None:
        """A feasible point near one of the linear relaxation, its fractions rounded up, or to the nearest integers."""
        if not self.is_small:
            return None
        low, high = (side.astype(float) for side in ranges)
        points = []
        for near in (np.ceil(found - ROUNDED_UP), np.rint(found)):
            repaired = self._repaired(near, low, high)
            point = None if repaired is None else self._checked(self._greedy(repaired, low, high))
            points += [] if point is None else [point]
        return min(points, key=self.program.cost, default=None)

    def from_inner(self, found: InnerMinimum, ranges: Ranges) -> Point | None:
        """A feasible point near the inner problem's; None where none is found."""
        if not self.is_small:
            return self._checked(found.point.astype(float))
        low, high = (side.astype(float) for side in ranges)
        point = self._repaired(found.point.astype(float), low, high)
        if point is None:
            return None
        point = self._greedy(point, low, high)
        if not self.coupling:
            likely = np.argsort(np.abs(found.slopes.astype(float)), kind="stable")[:EXCHANGED]
            point = self._exchanged(point, low, high, likely)
        return self._checked(point)

    def _checked(self, point: Floats) -> Point | None:
        integers = tuple(int(x) for x in np.rint(point))
        return integers if self.program.is_feasible(integers) else None

    def _violation(self, excess: Floats) -> Floats:
        """How far rows are from holding, summed; ``excess`` has a column for each point."""
        exact = self.exact.reshape(-1, *([1] * (excess.ndim - 1)))
        away = np.where(exact, np.abs(excess), np.maximum(excess, 0.0))
        return np.where(away > TINY, away, 0.0).sum(axis=0)

    def _moves(self, point: Floats, low: Floats, high: Floats, excess: Floats | None = None) -> Moves:
        """One step up or down for every variable that has room, and for wide ranges as many as the worst row needs."""
        listed = []
        wide = np.flatnonzero(high - low > 1.5)
        for sign in (1.0, -1.0):
            room = high - point if sign > 0 else point - low
            listed.append((np.flatnonzero(room > 0.5), sign, 1.0))
            if excess is None or not len(wide):
                continue
            worst = int(np.argmax(np.where(self.exact, np.abs(excess), excess)))
            per_step = np.abs(self.matrix[worst, wide])
            needed = np.ceil(abs(excess[worst]) / np.where(per_step > 0, per_step, np.inf) - TINY)
            far = np.minimum(needed, room[wide])
            listed += [(wide[k : k + 1], sign, float(far[k])) for k in np.flatnonzero(far > 1.5)]
        places = np.concatenate([part[0] for part in listed])
        steps = np.concatenate([np.full(len(part), sign * far) for part, sign, far in listed])
        return Moves(places, steps, self.matrix[:, places] * steps, self._added_costs(point, places, steps))

    def _added_costs(self, point: Floats, places: NDArray[np.int64], steps: Floats) -> Floats:
        slope, bend = self.costs.copy(), np.zeros(len(point))
        for i, j, q in self.coupling:
            slope[i] += q * point[j]
            slope[j] += q * point[i]
            bend[i] += q if i == j else 0.0
        return slope[places] * steps + bend[places] * steps**2

    def _repaired(self, point: Floats, low: Floats, high: Floats) -> Floats | None:
        """Steps that cost least for what they repair, until all rows hold."""
        point = np.clip(point, low, high)
        for _ in range(MOST_STEPS):
            excess = self.matrix @ point - self.limits
            violation = float(self._violation(excess))
            if violation == 0.0:
                return point
            moves = self._moves(point, low, high, excess)
            gain = violation - self._violation(excess[:, None] + moves.columns)
            useful = gain > TINY
            if not useful.any():
                pair = self._repairing_pair(moves, excess, violation)
                if pair is None:
                    return None
                for k in pair:
                    point[moves.places[k]] += moves.steps[k]
                point = np.clip(point, low, high)
                continue
            scores = np.where(useful, moves.costs / np.where(useful, gain, 1.0), np.inf)
            best = int(np.argmin(scores))
            point[moves.places[best]] += moves.steps[best]
        return None

    def _repairing_pair(self, moves: Moves, excess: Floats, violation: float) -> tuple[int, int] | None:
        """Two steps that repair something together, such as opening a facility and using it, the first in the worst row."""
        worst = int(np.argmax(np.where(self.exact, np.abs(excess), excess)))
        helpful = np.flatnonzero(moves.columns[worst] * excess[worst] < 0)[:MOST_FIRST]
        best: tuple[float, int, int] | None = None
        for k in helpful:
            after = self._violation((excess + moves.columns[:, k])[:, None] + moves.columns)
            gain = np.where(moves.places != moves.places[k], violation - after, 0.0)
            scores = np.where(gain > TINY, (moves.costs + moves.costs[k]) / np.where(gain > TINY, gain, 1.0), np.inf)
            other = int(np.argmin(scores))
            if np.isfinite(scores[other]) and (best is None or scores[other] < best[0]):
                best = float(scores[other]), int(k), other
        return None if best is None else best[1:]

    def _greedy(self, point: Floats, low: Floats, high: Floats) -> Floats:
        """Steps that lower the cost most for what they need, as long as all rows hold."""
        for _ in range(MOST_STEPS):
            moves = self._moves(point, low, high)
            moves = moves.chosen(moves.costs < -TINY)
            room = self.limits - self.matrix @ point
            fits = self._violation(moves.columns - room[:, None]) == 0.0
            if not fits.any():
                break
            moves = moves.chosen(fits)
            share = (np.maximum(moves.columns, 0.0) / np.maximum(room, 1e-3)[:, None]).sum(axis=0)
            best = int(np.argmin(moves.costs / (share + 1e-3)))
            point[moves.places[best]] += moves.steps[best]
        return point

    def _exchanged(self, point: Floats, low: Floats, high: Floats, likely: NDArray[np.int64]) -> Floats:
        """Pairs of steps among the likely variables that lower the cost, the best one at a time."""
        mask = np.zeros(len(point), dtype=bool)
        mask[likely] = True
        for _ in range(MOST_EXCHANGES):
            moves = self._moves(point, low, high)
            moves = moves.chosen(mask[moves.places])
            best = min(self._pairs(moves, self.limits - self.matrix @ point), default=None)
            if best is None:
                break
            for k in best[1:]:
                point[moves.places[k]] += moves.steps[k]
            point = self._greedy(point, low, high)
        return point

    def _pairs(self, moves: Moves, room: Floats) -> Iterator[tuple[float, int, int]]:
        """Pairs of moves of different variables that lower the cost and keep all rows, with what they add to it."""
        for k in range(len(moves.places)):
            costs = moves.costs + moves.costs[k]
            possible = np.flatnonzero((costs < -TINY) & (moves.places != moves.places[k]))
            if not len(possible):
                continue
            excess = moves.columns[:, possible] + (moves.columns[:, k] - room)[:, None]
            fits = possible[self._violation(excess) == 0.0]
            if len(fits):
                other = int(fits[np.argmin(costs[fits])])
                yield float(costs[other]), k, other
