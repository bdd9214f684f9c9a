"""Branch and bound for linear problems with continuous and integer variables, by exact multipliers of all rows.

Each node solves its linear relaxation in floating point. Where that decides something, the exact point and multipliers are
taken from it (`linear_optimum`): they close nodes, also those that are as good as the best point, and give points whose
continuous variables are exact. A node without a point is closed by multipliers of the least sum of violations.
"""

import heapq
import time
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np
from flint import fmpq

from lagrangian.conditions.integer_programs import IntegerProgram, IntegerRow, separable_bound
from lagrangian.conditions.range_reduction import Ranges
from lagrangian.proof.mixed_tree import IntegerSplit, MixedStep, RowsLeaf, contradict, has_right_signs
from lagrangian.relaxations.linear_optimum import FloatingOptimum, LinearOptimum, floating_optimum, linear_optimum

FRACTIONAL = 1e-6
CLOSE = 1e-7
GRID = 2**20
# nodes between two attempts to round a point of the linear relaxation
ROUNDED_EVERY = 8

Point = tuple[fmpq, ...]


@dataclass(eq=False)
class Node:
    """Ranges, the bound of the node that they come from, and what was found out about them: one step, and parts."""

    ranges: Ranges
    bound: fmpq | None
    step: MixedStep | None = None
    parts: tuple["Node", ...] = ()


@dataclass(frozen=True, eq=False)
class MixedResult:
    """The best point, a lower bound of all costs (None: not known), and the steps of the proof where the search was complete."""

    best: Point | None
    bound: fmpq | None
    steps: tuple[MixedStep, ...] | None
    nodes: int
    reason: str = ""


def mixed_search(program: IntegerProgram, deadline: float) -> MixedResult:
    """Search all ranges, least bounds first, until nothing better can be left, or until the deadline."""
    low, high = (np.array(side, dtype=np.int64) for side in zip(*program.ranges, strict=True))
    if (low > high).any():
        return MixedResult(None, None, (RowsLeaf(tuple(fmpq(0) for _ in program.rows), True),), 0)
    return _Search(program, deadline).run(Node((low, high), None))


def completed(program: IntegerProgram, point: np.ndarray, ranges: Ranges) -> Point | None:
    """The best feasible point with the integers of a point, rounded; None where there is none, or none is found."""
    low, high = ranges[0].copy(), ranges[1].copy()
    for i in range(len(low)):
        if i not in program.reals:
            low[i] = high[i] = min(max(round(float(point[i])), int(low[i])), int(high[i]))
    found = linear_optimum(program, (low, high))
    return None if found is None else found.point


@dataclass(eq=False)
class _Search:
    program: IntegerProgram
    deadline: float
    best: Point | None = None
    known: fmpq | None = None
    nodes: int = 0
    is_complete: bool = True
    order: "count[int]" = field(default_factory=count)

    def run(self, root: Node) -> MixedResult:
        waiting = [(fmpq(0), next(self.order), root)]
        while waiting and time.monotonic() <= self.deadline and self.is_complete:
            node = heapq.heappop(waiting)[-1]
            self.nodes += 1
            for part in self._treated(node):
                assert part.bound is not None  # `_split` gives one to each part
                heapq.heappush(waiting, (part.bound, next(self.order), part))
        if not waiting and self.is_complete:
            return MixedResult(self.best, self.known, tuple(_steps(root)), self.nodes)
        reason = f"the time was over after {self.nodes} nodes"
        if not self.is_complete:
            reason = f"after {self.nodes} nodes, what a linear program says in floating point has no exact counterpart"
        return MixedResult(self.best, self._lowest(root, [bound for bound, _, _ in waiting]), None, self.nodes, reason)

    def _lowest(self, root: Node, waiting: list[fmpq]) -> fmpq | None:
        """A lower bound of all costs, from the nodes that wait and from the best point."""
        if root.bound is None or not self.is_complete:
            return root.bound
        return min([*waiting, *([] if self.known is None else [self.known])])

    def _treated(self, node: Node) -> tuple[Node, ...]:
        floating = floating_optimum(self.program, node.ranges)
        if floating is None:
            return self._contradicted(node)
        if self.nodes % ROUNDED_EVERY == 1:
            for point in (floating.point, np.ceil(floating.point - FRACTIONAL)):
                self._offer(completed(self.program, point, node.ranges))
        rounded = self._rounded(floating)
        bound = separable_bound(self.program, rounded, node.ranges)
        node.bound = bound if node.bound is None else max(bound, node.bound)
        if self.known is not None and bound >= self.known:
            return self._closed(node, rounded)
        place = self._fraction(floating)
        is_close = self.known is not None and floating.value >= float(self.known) - CLOSE * (1.0 + abs(floating.value))
        if place is None or is_close:
            exact = linear_optimum(self.program, node.ranges, floating)
            if exact is not None and self._exactly_closed(node, exact):
                return ()
        return self._split(node, place, floating)

    def _exactly_closed(self, node: Node, exact: LinearOptimum) -> bool:
        node.bound = exact.value
        if self.program.is_feasible(exact.point):
            self._offer(exact.point)
        if self.known is None or exact.value < self.known:
            return False
        self._closed(node, exact.multipliers)
        return True

    def _closed(self, node: Node, multipliers: tuple[fmpq, ...]) -> tuple[Node, ...]:
        node.step = RowsLeaf(multipliers, False)
        return ()

    def _offer(self, point: Point | None) -> None:
        if point is None or not self.program.is_feasible(point):
            return
        cost = fmpq(self.program.cost(point))
        if self.known is None or cost < self.known:
            self.best, self.known = point, cost

    def _rounded(self, floating: FloatingOptimum) -> tuple[fmpq, ...]:
        """The multipliers on a grid, with the right signs."""
        return tuple(
            fmpq(round(m * GRID) if row.is_equation else max(round(m * GRID), 0), GRID)
            for m, row in zip(floating.multipliers, self.program.rows, strict=True)
        )

    def _fraction(self, floating: FloatingOptimum) -> int | None:
        """The integer variable that is farthest from an integer."""
        away = np.abs(floating.point - np.rint(floating.point))
        away[list(self.program.reals)] = 0.0
        place = int(np.argmax(away))
        return place if away[place] > FRACTIONAL else None

    def _split(self, node: Node, place: int | None, floating: FloatingOptimum) -> tuple[Node, ...]:
        """Two parts; without a fraction any integer variable that is not fixed. Without one of these, the search gives up."""
        low, high = node.ranges
        free = [i for i in range(len(low)) if i not in self.program.reals and low[i] < high[i]]
        if place is None and not free:
            self.is_complete = False
            return ()
        place = free[0] if place is None else place
        at = min(max(int(np.floor(floating.point[place])), int(low[place])), int(high[place]) - 1)
        return self._parted(node, place, at)

    def _parted(self, node: Node, place: int, at: int) -> tuple[Node, ...]:
        (low, high), bound = node.ranges, node.bound if node.bound is not None else fmpq(0)
        below, above = high.copy(), low.copy()
        below[place], above[place] = at, at + 1
        node.step = IntegerSplit(place, at)
        node.parts = Node((low, below), bound), Node((above, high), bound)
        return node.parts

    def _contradicted(self, node: Node) -> tuple[Node, ...]:
        """Multipliers for which the rows contradict each other; without them, another split, or an end of the search."""
        multipliers = contradiction(self.program, node.ranges)
        if multipliers is not None:
            node.step = RowsLeaf(multipliers, True)
            return ()
        low, high = node.ranges
        free = [i for i in range(len(low)) if i not in self.program.reals and low[i] < high[i]]
        if not free:
            self.is_complete = False
            return ()
        return self._parted(node, free[0], (int(low[free[0]]) + int(high[free[0]])) // 2)


def contradiction(program: IntegerProgram, ranges: Ranges) -> tuple[fmpq, ...] | None:
    """Multipliers of the least sum of violations of the rows, where these show that it is not zero; None where none are found."""
    counted = len(program.costs)
    rows: list[IntegerRow] = []
    reach = 0
    for row in program.rows:
        signs = (-1, 1) if row.is_equation else (-1,)
        places = (*row.places, *range(counted, counted + len(signs)))
        rows.append(replace(row, places=places, coefficients=(*row.coefficients, *signs)))
        counted += len(signs)
        ends = zip(row.places, row.coefficients, strict=True)
        far = sum(abs(a) * max(abs(int(ranges[0][i])), abs(int(ranges[1][i]))) for i, a in ends)
        reach = max(reach, far + abs(row.limit))
    added = counted - len(program.costs)
    costs = (*(0,) * len(program.costs), *(1,) * added)
    relaxed = IntegerProgram(costs, (), 1, fmpq(0), tuple(rows), ())
    sides = tuple(
        np.array([*map(int, side), *(end,) * added], dtype=object) for side, end in zip(ranges, (0, reach), strict=True)
    )
    found = linear_optimum(relaxed, (sides[0], sides[1]))
    if found is None or not has_right_signs(program, found.multipliers):
        return None
    low, high = (tuple(map(int, side)) for side in ranges)
    return found.multipliers if contradict(program, found.multipliers, (low, high)) else None


def _steps(root: Node) -> list[MixedStep]:
    """In the order of a depth-first walk."""
    found: list[MixedStep] = []
    stack = [root]
    while stack:
        node = stack.pop()
        assert node.step is not None  # all nodes of a complete search have one
        found.append(node.step)
        stack += reversed(node.parts)
    return found
