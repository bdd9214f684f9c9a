"""Exact minima of linear functions over the small problems that are left when constraints are relaxed.

A block is a set of variables that the kept constraints tie together. Each kind answers, for slopes r (integers) and ranges,

    minimize r.x + u (products of x)   subject to the kept constraints of the block,   low <= x <= high

exactly: one constraint with equal coefficients greedily, one knapsack by dynamic programming over its capacity (Bellman
1957), anything else from the list of its feasible points. Arrays hold 64-bit integers where sums are known to fit, and
Python's integers elsewhere.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import gcd
from typing import Any, TypeAlias

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from lagrangian.conditions.integer_programs import IntegerProgram, IntegerRow

Integers: TypeAlias = NDArray[Any]
# a value may be a fraction where variables are continuous
Found: TypeAlias = tuple[Any, Integers] | None

# sums below this cannot overflow 64 bits, whatever their order
SAFE = 2**61
MOST_CELLS = 60_000_000
MOST_POINTS = 200_000


class Block(ABC):
    """Variables (``places``) that kept constraints or products tie together."""

    places: Integers

    @abstractmethod
    def minimum(self, slopes: Integers, unit: int, low: Integers, high: Integers) -> Found:
        """The least value and a point that has it; None where there is no feasible point. Arguments are those of the block."""


@dataclass(frozen=True, eq=False)
class UniformBlock(Block):
    """sum of x <= most, or >= least, or both: the variables with the smallest slopes go up first.

    ``is_integral``: real x with the same constraint have no better minimum, since the limit is a multiple of the coefficient.
    """

    places: Integers
    least: int | None
    most: int | None
    is_integral: bool

    @classmethod
    def of(cls, row: IntegerRow) -> "UniformBlock":
        a, places = row.coefficients[0], np.array(row.places)
        down, up = row.limit // a, -(row.limit // -a)
        if row.is_equation:
            return cls(places, up, down, up == down)  # contradictory where a does not divide the limit
        return cls(places, None, down, up == down) if a > 0 else cls(places, up, None, up == down)

    def minimum(self, slopes: Integers, unit: int, low: Integers, high: Integers) -> Found:
        order = np.argsort(slopes, kind="stable")
        gaps = (high - low)[order]
        at_low = int(low.sum())
        wanted = int(gaps[slopes[order] < 0].sum())
        if self.most is not None:
            wanted = min(wanted, self.most - at_low)
        if self.least is not None:
            wanted = max(wanted, self.least - at_low)
        if not 0 <= wanted <= int(gaps.sum()) or (self.most is not None and at_low + wanted > self.most):
            return None
        before = np.cumsum(gaps) - gaps
        point = low.copy()
        point[order] += np.clip(wanted - before, 0, gaps)
        return int((slopes * point).sum()), point


@dataclass(frozen=True, eq=False)
class KnapsackBlock(Block):
    """One constraint with any coefficients: variables are counted from the end at which they need least of it."""

    places: Integers
    weights: Integers
    limit: int
    is_equation: bool

    @classmethod
    def of(cls, row: IntegerRow, ranges: tuple[tuple[int, int], ...]) -> "KnapsackBlock | None":
        """None where the table would be too large."""
        common = gcd(*row.coefficients)
        if row.is_equation and row.limit % common:
            return None
        weights, limit = [a // common for a in row.coefficients], row.limit // common
        inner = [ranges[i] for i in row.places]
        least = sum(min(a * low, a * high) for a, (low, high) in zip(weights, inner, strict=True))
        parts = sum((high - low + 1).bit_length() for low, high in inner)
        if parts * max(limit - least + 1, 1) > MOST_CELLS:
            return None
        largest = sum(abs(a) * max(abs(low), abs(high), 1) for a, (low, high) in zip(weights, inner, strict=True))
        kind = np.int64 if largest < SAFE else object
        return cls(np.array(row.places), np.array(weights, dtype=kind), limit, row.is_equation)

    def minimum(self, slopes: Integers, unit: int, low: Integers, high: Integers) -> Found:
        first = np.where(self.weights > 0, low, high)
        sizes, gaps = np.abs(self.weights), high - low
        worth = np.where(self.weights > 0, slopes, -slopes)
        capacity = self.limit - int((self.weights * first).sum())
        if capacity < 0:
            return None
        steps = self._steps(worth, sizes, gaps, capacity)
        if steps is None:
            return None
        point = first + np.where(self.weights > 0, steps, -steps)
        return int((slopes * point).sum()), point

    def _steps(self, worth: Integers, sizes: Integers, gaps: Integers, capacity: int) -> Integers | None:
        """How far each variable goes from its first end; parts of 1, 2, 4, ... steps make every number up to the gap."""
        useful = range(len(gaps)) if self.is_equation else np.flatnonzero(worth < 0).tolist()
        parts = [(i, n) for i in useful for n in _parts(int(gaps[i]), capacity // int(sizes[i]))]
        best = np.zeros(capacity + 1, dtype=worth.dtype)
        reached = np.zeros(capacity + 1, dtype=bool)
        reached[0 if self.is_equation else slice(None)] = True
        taken = np.zeros((len(parts), capacity + 1), dtype=bool)
        for k, (i, n) in enumerate(parts):
            size = n * int(sizes[i])
            new = best[: capacity + 1 - size] + n * worth[i]
            better = reached[: capacity + 1 - size] & (~reached[size:] | (new < best[size:]))
            taken[k, size:] = better
            best[size:] = np.where(better, new, best[size:])
            reached[size:] |= better
        if not reached[capacity]:
            return None
        steps = np.zeros(len(gaps), dtype=np.int64)
        left = capacity
        for k in range(len(parts) - 1, -1, -1):
            if taken[k, left]:
                i, n = parts[k]
                steps[i] += n
                left -= n * int(sizes[i])
        return steps


def _parts(gap: int, most: int) -> list[int]:
    """Numbers whose partial sums are 0, 1, ..., min(gap, most)."""
    left, part, parts = min(gap, most), 1, []
    while left > 0:
        parts.append(min(part, left))
        left -= parts[-1]
        part *= 2
    return parts


@dataclass(frozen=True, eq=False)
class FractionalBlock(Block):
    """One constraint in continuous variables: from their better ends, those move that lose least a unit (Dantzig 1957)."""

    places: Integers
    weights: tuple[int, ...]
    limit: int
    is_equation: bool

    def minimum(self, slopes: Integers, unit: int, low: Integers, high: Integers) -> Found:
        ends = list(zip(map(int, slopes), map(int, low), map(int, high), strict=True))
        point = [fmpq(least if s > 0 else most) for s, least, most in ends]
        missing = self.limit - sum((a * x for a, x in zip(self.weights, point, strict=True)), fmpq(0))
        if missing > 0 and not self.is_equation:
            missing = fmpq(0)
        order = sorted(range(len(point)), key=lambda k: fmpq(abs(ends[k][0]), abs(self.weights[k])))
        for k in order:
            a, (_, least, most) = self.weights[k], ends[k]
            target = point[k] + missing / a
            moved = min(max(target, fmpq(least)), fmpq(most))
            missing -= a * (moved - point[k])
            point[k] = moved
        if missing != 0:
            return None
        value = sum((s * x for (s, _, _), x in zip(ends, point, strict=True)), fmpq(0))
        return value, np.array(point, dtype=object)


@dataclass(frozen=True, eq=False)
class ListedBlock(Block):
    """All feasible points, with what the products are there."""

    places: Integers
    points: Integers
    products: Integers

    @classmethod
    def of(
        cls,
        program: IntegerProgram,
        places: list[int],
        rows: list[IntegerRow],
        products: list[tuple[int, int, int]],
        most: int = MOST_POINTS,
    ) -> "ListedBlock | None":
        """None where there are more points than ``most``."""
        column = {place: k for k, place in enumerate(places)}
        matrix = np.zeros((len(rows), len(places)), dtype=object)
        for r, row in enumerate(rows):
            for i, a in zip(row.places, row.coefficients, strict=True):
                matrix[r, column[i]] = a
        points = _feasible_points(matrix, rows, [program.ranges[i] for i in places], most)
        if points is None:
            return None
        values = np.zeros(len(points), dtype=object)
        wide = points.astype(object)
        for i, j, q in products:
            values += q * wide[:, column[i]] * wide[:, column[j]]
        return cls(np.array(places), points, values)

    def minimum(self, slopes: Integers, unit: int, low: Integers, high: Integers) -> Found:
        inside = ((self.points >= low) & (self.points <= high)).all(axis=1)
        points = self.points[inside]
        if not len(points):
            return None
        values = points.astype(slopes.dtype) @ slopes + (unit * self.products[inside]).astype(slopes.dtype)
        place = int(np.argmin(values))
        return int(values[place]), points[place]


def _feasible_points(
    matrix: Integers, rows: list[IntegerRow], ranges: list[tuple[int, int]], most_points: int
) -> Integers | None:
    """Variable by variable, dropping what no choice of the others makes feasible; None for too many."""
    least = _rests(matrix, ranges, np.minimum)
    most = _rests(matrix, ranges, np.maximum)
    limits = np.array([row.limit for row in rows], dtype=object)
    exact = np.array([row.is_equation for row in rows], dtype=bool)
    points = np.zeros((1, 0), dtype=np.int64)
    sums = np.zeros((1, len(rows)), dtype=object)
    for k, (low, high) in enumerate(ranges):
        if len(points) * max(high - low + 1, 0) > 4 * most_points:
            return None
        values = np.arange(low, high + 1)
        points = np.column_stack([np.repeat(points, len(values), axis=0), np.tile(values, len(points))])
        sums = np.repeat(sums, len(values), axis=0) + np.outer(points[:, -1].astype(object), matrix[:, k])
        possible = (sums + least[k + 1] <= limits).all(axis=1)
        possible &= ((sums + most[k + 1] >= limits) | ~exact).all(axis=1)
        points, sums = points[possible], sums[possible]
        if len(points) > most_points:
            return None
    return points


def _rests(matrix: Integers, ranges: list[tuple[int, int]], choose: Any) -> list[Integers]:
    """For every number of variables decided, what the others add to the rows at least, or at most."""
    rests = [np.zeros(len(matrix), dtype=object)]
    for k in range(len(ranges) - 1, -1, -1):
        low, high = ranges[k]
        rests.append(rests[-1] + choose(matrix[:, k] * low, matrix[:, k] * high))
    return rests[::-1]
