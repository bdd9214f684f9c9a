"""Which kind of block some variables and kept constraints are, and blocks that fall apart where one variable is fixed.

The latter are those of problems with fixed charges: with y fixed, x_j <= y are ranges of their own, and sum d_j x_j <= c y is
one knapsack. For each value of y what is left is solved as blocks and single variables, and the best value is taken.
"""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from lagrangian.conditions.integer_programs import IntegerProgram, IntegerRow
from lagrangian.conditions.relaxed_blocks import (
    Block,
    Found,
    FractionalBlock,
    Integers,
    KnapsackBlock,
    ListedBlock,
    UniformBlock,
)

# values that a variable may have to be fixed in turn, and how many variables are fixed one within the other
MOST_VALUES = 64
DEEPEST = 3
# a list of so few points is gone through faster than cases are
FEW_POINTS = 500


def block_of(program: IntegerProgram, places: list[int], rows: list[IntegerRow], depth: int = 0) -> Block | None:
    """The block of these variables and kept constraints; None where it is too large."""
    tied = set(places)
    products = [p for p in program.products if p[0] in tied]
    if not program.reals.isdisjoint(tied):
        return _real_block(program, places, rows, depth)
    few: Block | None
    if len(rows) == 1 and not products:
        if len(set(rows[0].coefficients)) == 1:
            return UniformBlock.of(rows[0])
        knapsack = KnapsackBlock.of(rows[0], program.ranges)
        if knapsack is not None:
            return knapsack
    few = ListedBlock.of(program, places, rows, products, FEW_POINTS)
    if few is None and not products and len(rows) > 1 and depth < DEEPEST:
        few = ConditionedBlock.of(program, places, rows, depth)
    return few or ListedBlock.of(program, places, rows, products)


def _real_block(program: IntegerProgram, places: list[int], rows: list[IntegerRow], depth: int) -> Block | None:
    """A block with continuous variables: one row of them alone, or cases of an integer variable that lead to such rows."""
    if len(rows) == 1 and program.reals.issuperset(places):
        row = rows[0]
        return FractionalBlock(np.array(row.places), row.coefficients, row.limit, row.is_equation)
    return ConditionedBlock.of(program, places, rows, depth) if depth < DEEPEST else None


@dataclass(frozen=True, eq=False)
class Case:
    """What one value of the variable leaves: ranges by constraints on single variables, and blocks of the others."""

    low: Integers
    high: Integers
    blocks: tuple[tuple[Integers, Block], ...]
    loose: Integers


@dataclass(frozen=True, eq=False)
class ConditionedBlock(Block):
    """A case for each value of the variable at ``key``, from ``first`` on; None for one that no point has.

    Blocks of a case come with the positions of their variables among ``places``.
    """

    places: Integers
    key: int
    first: int
    cases: tuple[Case | None, ...]

    @classmethod
    def of(
        cls, program: IntegerProgram, places: list[int], rows: list[IntegerRow], depth: int
    ) -> "ConditionedBlock | None":
        """The variable in most of the rows is fixed; None where it has many values, or where it leaves too large a block."""
        uses = Counter(i for row in rows for i in row.places)
        integers = [i for i in places if i not in program.reals]
        few = [i for i in integers if program.ranges[i][1] - program.ranges[i][0] < MOST_VALUES]
        fixed = max(few, key=lambda i: uses[i], default=None)
        if fixed is None or (uses[fixed] < 2 and len(integers) == len(places)):
            return None
        first, last = program.ranges[fixed]
        cases = []
        for value in range(first, last + 1):
            is_small, case = _case(program, places, rows, (fixed, value), depth)
            if not is_small:
                return None
            cases.append(case)
        return cls(np.array(places), places.index(fixed), first, tuple(cases))

    def minimum(self, slopes: Integers, unit: int, low: Integers, high: Integers) -> Found:
        best: Found = None
        for value in range(int(low[self.key]), int(high[self.key]) + 1):
            case = self.cases[value - self.first] if 0 <= value - self.first < len(self.cases) else None
            found = None if case is None else _case_minimum(case, slopes, unit, low, high)
            if found is not None and (best is None or found[0] < best[0]):
                best = found
        return best


def _case_minimum(case: Case, slopes: Integers, unit: int, low: Integers, high: Integers) -> Found:
    low, high = np.maximum(low, case.low), np.minimum(high, case.high)
    if (low > high).any():
        return None
    point = np.where(slopes > 0, low, high)
    value = int((slopes[case.loose] * point[case.loose]).sum())
    for positions, block in case.blocks:
        found = block.minimum(slopes[positions], unit, low[positions], high[positions])
        if found is None:
            return None
        value += found[0]
        point = point.astype(found[1].dtype) if found[1].dtype == object else point
        point[positions] = found[1]
    return value, point


def _case(
    program: IntegerProgram, places: list[int], rows: list[IntegerRow], fixed: tuple[int, int], depth: int
) -> tuple[bool, Case | None]:
    """What is left with a variable fixed (None: no point), and whether it is small enough."""
    place, value = fixed
    sides = {i: program.ranges[i] for i in places}
    sides[place] = value, value
    left = []
    for row in (_without(row, place, value) for row in rows):
        if len(row.places) > 1:
            left.append(row)
        elif not program.reals.isdisjoint(row.places) and row.limit % row.coefficients[0]:
            return False, None  # the range of a continuous variable would have an end that is no integer
        elif not _narrowed(sides, row):
            return True, None
    ranges = tuple(sides.get(i, side) for i, side in enumerate(program.ranges))
    narrowed = replace(program, ranges=ranges)
    position = {i: k for k, i in enumerate(places)}
    blocks = []
    for members, tied in components(left):
        block = block_of(narrowed, members, tied, depth + 1)
        if block is None:
            return False, None
        blocks.append((np.array([position[int(i)] for i in block.places]), block))
    inside = {int(k) for positions, _ in blocks for k in positions}
    loose = np.array([k for k in range(len(places)) if k not in inside], dtype=np.int64)
    low, high = (np.array([sides[i][end] for i in places], dtype=np.int64) for end in (0, 1))
    return True, Case(low, high, tuple(blocks), loose)


def _without(row: IntegerRow, place: int, value: int) -> IntegerRow:
    """The row with a value in place of a variable."""
    if place not in row.places:
        return row
    k = row.places.index(place)
    return replace(
        row,
        places=row.places[:k] + row.places[k + 1 :],
        coefficients=row.coefficients[:k] + row.coefficients[k + 1 :],
        limit=row.limit - row.coefficients[k] * value,
    )


def _narrowed(sides: dict[int, tuple[int, int]], row: IntegerRow) -> bool:
    """Take a row on at most one variable into its range; False where it cannot hold."""
    if not row.places:
        return row.holds(())
    (i,), (a,) = row.places, row.coefficients
    low, high = sides[i]
    if a > 0 or row.is_equation:
        high = min(high, row.limit // a)
    if a < 0 or row.is_equation:
        low = max(low, -(row.limit // -a))
    if row.is_equation and row.limit % a:
        return False
    sides[i] = low, high
    return low <= high


def components(rows: list[IntegerRow]) -> list[tuple[list[int], list[IntegerRow]]]:
    """Rows that share variables together, with their variables."""
    found: list[tuple[set[int], list[IntegerRow]]] = []
    for row in rows:
        places, tied = set(row.places), [row]
        apart = []
        for others, theirs in found:
            if others.isdisjoint(places):
                apart.append((others, theirs))
            else:
                places, tied = places | others, theirs + tied
        found = [*apart, (places, tied)]
    return [(sorted(places), tied) for places, tied in found]
