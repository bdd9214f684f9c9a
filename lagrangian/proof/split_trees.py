"""Trees of splits whose leaves have multipliers of all rows: one step of the certificate `relaxation_tree`, checked as arrays.

With every row in the Lagrangian, its least value over ranges of integers is a sum over the variables:

    unit c.x + m.(A x - b)  >=  sum over j of min(slope_j low_j, slope_j high_j) - m.b,     slope = unit c + m A

for multipliers m that are not negative for inequalities. A leaf is closed where that is more than unit times the cost that is
wanted, or where the same without costs is more than zero: then the rows contradict each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lagrangian.conditions.inner_problems import SAFE
from lagrangian.conditions.integer_programs import IntegerProgram
from lagrangian.conditions.range_reduction import Ranges

AT_ONCE = 2048


@dataclass(frozen=True, eq=False)
class SplitTree:
    """The tree in the order of a depth-first walk.

    Args:
        entries: pairs (place, at), a split of which the part x_place <= at comes next; (-2 - place, at), one of which the
            part x_place >= at + 1 does; (-1, row), a leaf.
        multipliers: rows of integers, one for each row of the program; several leaves may have the same.
        unit: over which they are the multipliers; positive.
    """

    entries: NDArray[np.int64]
    multipliers: NDArray[np.int64]
    unit: int

    def closes(self, program: IntegerProgram, wanted: int | None, ranges: Ranges) -> bool:
        """Whether no feasible point within the ranges costs ``wanted`` or less (or none is feasible, where that is None)."""
        if program.products or self.unit < 1 or not self._is_admissible(program):
            return False
        arrays = _Arrays.of(program, self.multipliers, self.unit, ranges)
        boxes: list[tuple[Any, Any]] = []
        rows: list[int] = []
        for row, low, high in self._leaves(ranges):
            if row < 0:
                return False
            rows.append(row)
            boxes.append((low, high))
            if len(rows) == AT_ONCE:
                if not arrays.all_closed(self.multipliers, wanted, rows, boxes):
                    return False
                rows, boxes = [], []
        return not rows or arrays.all_closed(self.multipliers, wanted, rows, boxes)

    def _is_admissible(self, program: IntegerProgram) -> bool:
        """Whether arrays have the right forms, places and signs."""
        entries, multipliers = self.entries, self.multipliers
        if entries.ndim != 2 or entries.shape[1] != 2 or multipliers.ndim != 2 or not len(entries):
            return False
        # not by the absolute value, which -2**63 does not have among 64-bit integers
        if multipliers.shape[1] != len(program.rows) or (multipliers > SAFE).any() or (multipliers < -SAFE).any():
            return False
        kinds, ats = entries[:, 0], entries[:, 1]
        places = np.where(kinds < -1, -2 - kinds, kinds)
        leaves = kinds == -1
        inside = (ats[leaves] >= 0).all() and (ats[leaves] < len(multipliers)).all()
        split = (places[~leaves] < len(program.costs)).all() and (ats[~leaves] <= SAFE).all()
        split = split and (ats[~leaves] >= -SAFE).all()
        exact = np.array([row.is_equation for row in program.rows], dtype=bool)
        return bool(inside and split and (multipliers[:, ~exact] >= 0).all())

    def _leaves(self, ranges: Ranges) -> Iterator[tuple[int, Any, Any]]:
        """The leaves with their ranges; -1 in place of a row where entries do not lead through all parts."""
        stack = [ranges]
        for kind, at in self.entries.tolist():
            if not stack:
                yield -1, None, None
                return
            low, high = stack.pop()
            if kind == -1:
                if (low <= high).all():
                    yield at, low, high
                continue
            place = kind if kind >= 0 else -2 - kind
            below, above = high.copy(), low.copy()
            below[place], above[place] = min(high[place], at), max(low[place], at + 1)
            parts = [(above, high), (low, below)]
            stack += parts if kind >= 0 else parts[::-1]
        if stack:
            yield -1, None, None


@dataclass(frozen=True, eq=False)
class _Arrays:
    """The program as arrays, of 64-bit integers where all sums are known to fit and of Python's integers elsewhere."""

    costs: Any
    matrix: Any
    limits: Any
    unit: int

    @classmethod
    def of(cls, program: IntegerProgram, multipliers: NDArray[np.int64], unit: int, ranges: Ranges) -> "_Arrays":
        far = max(int(np.abs(side).max(initial=1)) for side in ranges)
        largest = int(np.abs(multipliers).max(initial=1))
        sizes = sum(abs(a) for row in program.rows for a in row.coefficients) * far
        sizes += sum(abs(row.limit) for row in program.rows)
        total = unit * max(sum(map(abs, program.costs)), 1) * far + largest * sizes
        kind: Any = np.int64 if total < SAFE else object
        matrix = np.zeros((len(program.rows), len(program.costs)), dtype=kind)
        for r, row in enumerate(program.rows):
            matrix[r, list(row.places)] = row.coefficients
        return cls(np.array(program.costs, kind), matrix, np.array([row.limit for row in program.rows], kind), unit)

    def all_closed(
        self, multipliers: NDArray[np.int64], wanted: int | None, rows: list[int], boxes: list[tuple[Any, Any]]
    ) -> bool:
        chosen = multipliers[rows].astype(self.costs.dtype)
        tilt, fixed = chosen @ self.matrix, chosen @ self.limits
        low, high = (np.array(side) for side in zip(*boxes, strict=True))
        closed = _least(tilt, low, high) > fixed
        if wanted is not None:
            closed |= _least(tilt + self.unit * self.costs, low, high) - fixed > self.unit * wanted
        return bool(closed.all())


def _least(slopes: Any, low: Any, high: Any) -> Any:
    return (slopes * np.where(slopes > 0, low, high)).sum(axis=1)
