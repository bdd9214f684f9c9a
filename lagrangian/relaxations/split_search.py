"""Branch and bound with all rows in the Lagrangian, in compiled kernels: what `search` hands over where it takes long.

The kernels need 64-bit integers; a problem whose numbers are too large for that, or whose tables are, is left to the search
in Python. The walk starts anew with more nodes as long as there is time, since what it has found by then makes it shorter.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lagrangian.conditions.inner_problems import SAFE
from lagrangian.conditions.integer_programs import IntegerProgram
from lagrangian.conditions.range_reduction import Ranges
from lagrangian.proof.split_trees import SplitTree

if TYPE_CHECKING:
    from lagrangian.relaxations.split_kernels import Levels, Rows, Tree

Point = tuple[int, ...]

FIRST_NODES = 2_000
GROWTH = 8
LARGEST_UNIT = 2**24
SMALLEST_UNIT = 2**10
MOST_NUMBERS = 12_000_000
MOST_LEVELS = 2_000
MOST_ENTRIES = 4_000_000
# what Numba may take for the kernels, once on a machine
COMPILING_S = 20.0
NONE_YET = -(2**62)


@dataclass(frozen=True, eq=False)
class Walked:
    """The best point met (None: no better one), a lower bound of all costs, and the tree where the walk was complete."""

    best: Point | None
    bound: int | None
    tree: SplitTree | None
    nodes: int


def split_search(program: IntegerProgram, ranges: Ranges, wanted: int | None, deadline: float) -> Walked | None:
    """Search the ranges for a point that costs ``wanted`` or less; None for a program that the kernels do not take."""
    from lagrangian.relaxations import (
        split_kernels as kernels,
    )  # Numba is slow to import, and many searches do not come here

    rows = _rows(program, ranges) if _is_affordable(deadline) else None
    levels = None if rows is None else _levels(program, ranges)
    if rows is None or levels is None:
        return None
    best, bound, nodes = None, None, FIRST_NODES
    while True:
        started = time.monotonic()
        # an earlier walk has narrowed the ranges at the root
        levels.low[0], levels.high[0], levels.pending[0] = *ranges, 0
        tree = _tree(program, nodes, _unwanted(program, ranges) if wanted is None else wanted)
        done = kernels.walk(rows, levels, tree, nodes)
        if tree.progress[kernels.HAS_POINT]:
            best, wanted = tuple(map(int, tree.point)), int(tree.progress[kernels.WANTED])
        walked = int(tree.progress[kernels.NODES])
        if done:
            return Walked(best, None, _split_tree(rows, tree), walked)
        lowest = int(tree.progress[kernels.BOUND])
        if lowest > NONE_YET:
            found = -(-lowest // (rows.unit * rows.step)) * rows.step
            bound = found if bound is None else max(bound, found)
        took = time.monotonic() - started
        left = deadline - time.monotonic()
        if walked < nodes or 2 * nodes > MOST_ENTRIES or took * 2 > left:
            return Walked(best, bound, None, walked)
        nodes = int(nodes * min(GROWTH, max(2.0, left / max(took, 1e-3) / 2)))


def _is_affordable(deadline: float) -> bool:
    """Whether the kernels are compiled, here or on disk, or there is time for it."""
    from lagrangian.relaxations.split_kernels import walk  # as above

    kept = Path(walk.stats.cache_path or ".").glob("split_kernels.walk*.nbi")
    return bool(walk.signatures) or deadline - time.monotonic() > COMPILING_S or any(kept)


def _unwanted(program: IntegerProgram, ranges: Ranges) -> int:
    """A cost that no point exceeds."""
    return sum(max(c * int(low), c * int(high)) for c, low, high in zip(program.costs, *ranges, strict=True))


def _rows(program: IntegerProgram, ranges: Ranges) -> "Rows | None":
    """The program as arrays, with a unit for multipliers whose sums fit; None where there is none."""
    from lagrangian.relaxations.split_kernels import Rows  # as above

    far = max(int(np.abs(side).max(initial=1)) for side in ranges)
    sizes = sum(abs(a) for row in program.rows for a in row.coefficients) * far
    sizes += sum(abs(row.limit) for row in program.rows)
    costs = sum(map(abs, program.costs)) * far
    unit = LARGEST_UNIT
    while unit * costs >= SAFE // 4:
        unit //= 2
    most = SAFE // (2 * max(sizes, 1))
    if program.products or unit < SMALLEST_UNIT or most < SMALLEST_UNIT:
        return None
    listed = sorted(
        (i, r, a) for r, row in enumerate(program.rows) for i, a in zip(row.places, row.coefficients, strict=True)
    )
    starts = np.searchsorted([i for i, _, _ in listed], np.arange(len(program.costs) + 1))
    places, entries = (np.array([entry[k] for entry in listed], dtype=np.int64) for k in (1, 2))
    scales = [float(max(map(abs, row.coefficients), default=1)) for row in program.rows]
    return Rows(
        np.array(program.costs, dtype=np.int64), np.array([row.limit for row in program.rows], dtype=np.int64),
        np.array([row.is_equation for row in program.rows], dtype=np.bool_), starts.astype(np.int64), places, entries,
        np.array(scales), unit, program.step, most,
    )  # fmt: skip


def _levels(program: IntegerProgram, ranges: Ranges) -> "Levels | None":
    """Room for as many levels as there may be, at most; None where a few of them are too large."""
    from lagrangian.relaxations.split_kernels import Levels  # as above

    rows, count = len(program.rows), len(program.costs)
    deepest = sum((int(high) - int(low)).bit_length() * 2 for low, high in zip(*ranges, strict=True)) + 2
    depth = min(deepest, MOST_LEVELS, MOST_NUMBERS // max((rows + 4) * (count + 4), 1))
    if depth < min(deepest, 50):
        return None
    integers = [np.zeros((depth, n), dtype=np.int64) for n in (rows, count, count, count)]
    basic, nonbasic, low, high = integers
    return Levels(
        np.zeros((depth, rows, count)), np.zeros((depth, rows)), np.zeros((depth, count)), basic, nonbasic,
        np.zeros((depth, count), dtype=np.bool_), low, high, np.zeros(depth),
        np.full(depth, NONE_YET, dtype=np.int64), np.zeros((depth, 4), dtype=np.int64),
    )  # fmt: skip


def _tree(program: IntegerProgram, nodes: int, wanted: int) -> "Tree":
    from lagrangian.relaxations.split_kernels import WANTED, Tree  # as above

    count = len(program.costs)
    progress = np.zeros(6, dtype=np.int64)
    progress[WANTED] = wanted
    room = 2 * nodes + 8
    return Tree(
        np.zeros((8 * room + 4 * count, 2), dtype=np.int64), np.zeros((room, len(program.rows)), dtype=np.int64),
        np.zeros(count, dtype=np.int64), progress,
    )  # fmt: skip


def _split_tree(rows: "Rows", tree: "Tree") -> SplitTree:
    from lagrangian.relaxations.split_kernels import ENTRIES, USED  # as above

    entries, multipliers = tree.entries[: tree.progress[ENTRIES]], tree.multipliers[: tree.progress[USED]]
    return SplitTree(entries.copy(), multipliers.copy(), rows.unit)
