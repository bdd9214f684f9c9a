"""The inner problem of a Lagrangian relaxation, solved exactly: what is left when constraints are moved into the objective.

With multipliers m / unit of the relaxed rows (integers m, not negative for inequalities), in units of 1 / (unit scale),

    L(m) = min  unit (costs.x + products) + sum of m_r (row_r x - limit_r)   subject to the kept rows and the ranges

is at most unit times the cost of every feasible point (Geoffrion 1974). It decomposes into the variables that no kept row
mentions, each at an end of its range or beside the vertex of its parabola, and the blocks of `relaxed_blocks`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lagrangian.conditions.conditioned_blocks import block_of
from lagrangian.conditions.integer_programs import IntegerProgram, IntegerRow
from lagrangian.conditions.relaxed_blocks import SAFE, Block, Integers, UniformBlock


@dataclass(frozen=True, eq=False)
class InnerMinimum:
    """The value L(m), a point that has it, and the slope of every variable with the multipliers in the objective."""

    value: int
    point: Integers
    slopes: Integers


class RowTerms:
    """The coefficients of some rows, by columns, for products with multipliers and points."""

    def __init__(self, rows: Sequence[IntegerRow], count: int) -> None:
        self.rows, self.count = tuple(rows), count
        places = np.array([i for row in rows for i in row.places], dtype=np.int64)
        owners = np.array([r for r, row in enumerate(rows) for _ in row.places], dtype=np.int64)
        values = np.array([a for row in rows for a in row.coefficients], dtype=object)
        order = np.argsort(places, kind="stable")
        self.places, self.owners, self.values = places[order], owners[order], values[order]
        self.columns, self.starts = np.unique(self.places, return_index=True)
        by_row = np.argsort(self.owners, kind="stable")
        self.by_row = by_row
        self.nonempty, self.row_starts = np.unique(self.owners[by_row], return_index=True)
        self.limits = [row.limit for row in rows]
        self.largest = max((abs(int(a)) for a in self.values), default=0)
        self.small = self.values.astype(np.int64) if self.largest < SAFE else None

    def coefficients(self, factor: int) -> Integers:
        """As 64-bit integers where sums of products with factors up to this are safe."""
        terms = max(len(self.values), 1)
        return self.small if self.small is not None and self.largest * factor * terms < SAFE else self.values

    def transposed(self, multipliers: Sequence[int]) -> Integers:
        """sum over the rows of m_r a_r, for every variable."""
        values = self.coefficients(max((abs(m) for m in multipliers), default=0))
        total = np.zeros(self.count, dtype=values.dtype)
        if len(self.starts):
            factors = np.array(multipliers, dtype=values.dtype)
            total[self.columns] = np.add.reduceat(values * factors[self.owners], self.starts)
        return total

    def totals(self, point: Integers) -> Integers:
        """a_r x for every row."""
        if point.dtype == object:
            return np.array([row.total(tuple(point)) for row in self.rows], dtype=object)
        return self.summed(point[self.places], int(np.abs(point).max(initial=0)))

    def summed(self, factors: Integers, largest: int) -> Integers:
        """For every row the sum of its coefficients, each times the factor at its place in the list of all of them."""
        values = self.coefficients(largest)
        total = np.zeros(len(self.rows), dtype=values.dtype)
        if len(self.row_starts):
            products = (values * factors.astype(values.dtype))[self.by_row]
            total[self.nonempty] = np.add.reduceat(products, self.row_starts)
        return total


class TooLargeError(ValueError):
    """The variables (``places``) that the kept constraints tie together are too many to be gone through."""

    def __init__(self, places: list[int]) -> None:
        super().__init__(f"{len(places)} variables that are tied together")
        self.places = places


class InnerProblem:
    """The program with some rows relaxed, prepared for many multipliers and ranges.

    Args:
        program: the problem.
        relaxed: the places of the relaxed rows among the program's, ascending.

    Raises:
        TooLargeError: where a block is too large to be solved exactly.
    """

    def __init__(self, program: IntegerProgram, relaxed: Sequence[int]) -> None:
        self.program, self.relaxed = program, tuple(relaxed)
        self.count = len(program.costs)
        chosen = set(self.relaxed)
        self.kept = [row for r, row in enumerate(program.rows) if r not in chosen]
        self.terms = RowTerms([program.rows[r] for r in self.relaxed], self.count)
        self.all_terms = RowTerms(program.rows, self.count)
        self.blocks: list[Block] = []
        self.squares = [0] * self.count
        self.loose = self._decompose()
        self.low = np.array([low for low, _ in program.ranges], dtype=np.int64)
        self.high = np.array([high for _, high in program.ranges], dtype=np.int64)
        self.costs = np.array(program.costs, dtype=object)
        self.largest_cost = max((abs(c) for c in program.costs), default=0)
        self.small_costs = self.costs.astype(np.int64) if self.largest_cost < SAFE else self.costs
        self.square = np.array(self.squares, dtype=object)
        self.largest_product = sum(abs(q) for _, _, q in program.products)

    @property
    def is_integral(self) -> bool:
        """Whether the best bound is that of the linear relaxation, since all vertices are integral (Geoffrion 1974)."""
        uniform = all(isinstance(block, UniformBlock) and block.is_integral for block in self.blocks)
        return uniform and not self.program.products

    @property
    def is_separable(self) -> bool:
        """Whether every variable stands alone, with a linear cost."""
        return not self.blocks and not self.program.products

    def _decompose(self) -> Integers:
        """The variables that stand alone, after the others have been put into blocks."""
        parent = list(range(self.count))

        def root(i: int) -> int:
            while parent[i] != i:
                parent[i] = parent[parent[i]]
                i = parent[i]
            return i

        for together in [*(row.places for row in self.kept), *((i, j) for i, j, _ in self.program.products)]:
            for i in together[1:]:
                parent[root(i)] = root(together[0])
        rows_of: dict[int, list[IntegerRow]] = {}
        for row in self.kept:
            if row.places:
                rows_of.setdefault(root(row.places[0]), []).append(row)
        tied = set(rows_of) | {root(i) for i, j, _ in self.program.products if i != j}
        members: dict[int, list[int]] = {}
        for i in range(self.count):
            if root(i) in tied:
                members.setdefault(root(i), []).append(i)
        for key, places in members.items():
            block = block_of(self.program, places, rows_of.get(key, []))
            if block is None:
                raise TooLargeError(places)
            self.blocks.append(block)
        for i, j, q in self.program.products:
            if i == j and root(i) not in tied:
                self.squares[i] = q
        return np.array([i for i in range(self.count) if root(i) not in tied], dtype=np.int64)

    def minimum(
        self, multipliers: Sequence[int], unit: int, low: Integers, high: Integers, costs: int = 1
    ) -> InnerMinimum | None:
        """L(m) over the ranges; None where the kept rows leave no point. With ``costs`` 0 the objective is left out."""
        slopes = self.slopes(multipliers, unit * costs, low, high)
        point = low.astype(object) if self.program.reals else low.copy()
        value = -sum(m * limit for m, limit in zip(multipliers, self.terms.limits, strict=True))
        value += self._settle_loose(slopes, unit * costs, low, high, point)
        for block in self.blocks:
            found = block.minimum(slopes[block.places], unit * costs, low[block.places], high[block.places])
            if found is None:
                return None
            value += found[0]
            point[block.places] = found[1]
        return InnerMinimum(value, point, slopes)

    def slopes(self, multipliers: Sequence[int], unit: int, low: Integers, high: Integers) -> Integers:
        """unit costs + multipliers times rows, in 64 bits where everything that is made of them is safe."""
        tilt = self.terms.transposed(multipliers)
        far = max(int(np.abs(low).max(initial=0)), int(np.abs(high).max(initial=0)), 1)
        largest = max(self.largest_cost + self.largest_product * far, 1)  # the unit itself has to fit, too
        steepest = unit * largest + int(np.abs(tilt).max(initial=0))
        if tilt.dtype != object and steepest * far * max(self.count, 1) < SAFE:
            return unit * self.small_costs + tilt if unit else tilt
        return unit * self.costs + tilt.astype(object)

    def _settle_loose(self, slopes: Integers, unit: int, low: Integers, high: Integers, point: Integers) -> int:
        """Put the variables that stand alone where they are best; the value of that."""
        loose = self.loose
        r, least, most = slopes[loose], low[loose], high[loose]
        best = np.where(r > 0, least, most)
        square = unit * self.square[loose]
        if not square.any():
            point[loose] = np.where(r == 0, least, best)
            return int((r * point[loose]).sum())
        square = square.astype(slopes.dtype)
        vertex = -r // np.where(square > 0, 2 * square, 1)
        choices = [least, most, np.clip(vertex, least, most), np.clip(vertex + 1, least, most)]
        values = np.array([(square * x + r) * x for x in choices])
        which = values.argmin(axis=0)
        point[loose] = np.array(choices, dtype=slopes.dtype)[which, np.arange(len(loose))].astype(np.int64)
        return int(values[which, np.arange(len(loose))].sum())
