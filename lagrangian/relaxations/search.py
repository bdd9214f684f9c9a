"""Branch and bound on the Lagrangian bound, to the proved optimum or to a bound and the time limit.

Every node has ranges and multipliers. The multipliers of a node are those of the linear relaxation where the inner problem
can give no better bound, and else come from a few subgradient steps (Held, Wolfe and Crowder 1974) from those of its parent;
ranges are reduced by them; what is left is split at a variable in which the points met disagree. The steps that led to the
end are the certificate. After a few nodes a linear problem is handed over to the compiled search of `split_search`, which has
all rows in the Lagrangian and makes up for its weaker bounds by its speed; what it leaves open comes back.
"""

import heapq
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from lagrangian.conditions.core_sweeps import CoreSweep, core_sweep, is_core
from lagrangian.conditions.inner_problems import InnerMinimum, InnerProblem
from lagrangian.conditions.range_reduction import Ranges, reduced
from lagrangian.proof.relaxation_tree import (
    CoreLeaf,
    LagrangianLeaf,
    Multipliers,
    RangeReduction,
    RangeSplit,
    Step,
    scaled_multipliers,
)
from lagrangian.relaxations.multipliers import (
    BestMultipliers,
    DualFunction,
    as_float,
    best_multiplier,
    best_multipliers,
    linear_relaxation,
    on_grid,
)
from lagrangian.relaxations.points import Point, PrimalHeuristic
from lagrangian.relaxations.split_search import split_search

Floats = NDArray[np.float64]

SUBGRADIENT_STEPS = 25
# nodes after which the compiled search begins
HANDED_OVER = 8
MOST_STATES = 16_000_000
MOST_STATES_LATER = 200_000
# states kept after each variable, and in all, where only a good point is looked for
WIDEST_BEAM = 1000
BEAM_STATES = 12_000_000


@dataclass(eq=False)
class Node:
    """Ranges to be searched, the steps taken there so far, and the nodes that they were split into."""

    ranges: Ranges
    multipliers: Multipliers
    bound: int | None
    steps: list[Step] = field(default_factory=list)
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, eq=False)
class SearchResult:
    """The best point, a lower bound of all costs (None: not known), and the steps of the proof where the search was complete."""

    best: Point | None
    bound: int | None
    steps: tuple[Step, ...] | None
    nodes: int


def branch_and_bound(inner: InnerProblem, start: Multipliers, best: Point | None, deadline: float) -> SearchResult:
    """Search all ranges until nothing better than the best point can be left, or until the deadline."""
    return _Search(inner, best, deadline).run(start)


def searched(inner: InnerProblem, deadline: float) -> SearchResult:
    """The search from the multipliers of the linear relaxation, or from the best ones where it has none."""
    dual = DualFunction(inner, (inner.low, inner.high))
    nothing = LagrangianLeaf(tuple(fmpq(0) for _ in dual.rows), False)
    if (inner.low > inner.high).any():
        return SearchResult(None, None, (nothing,), 0)
    relaxed = linear_relaxation(dual) if len(dual.rows) > 1 and not inner.program.products else None
    if relaxed is not None:
        multipliers, point = relaxed
        near = tuple(map(round, point.tolist()))
        best = near if inner.program.is_feasible(near) else None
        return branch_and_bound(inner, on_grid(dual, multipliers), best, deadline)
    known = best_multipliers(dual, deadline)
    if known is None:
        return SearchResult(None, None, (nothing,), 0)
    return searched_from(inner, known, deadline)


def searched_from(inner: InnerProblem, best: BestMultipliers, deadline: float) -> SearchResult:
    """The search from multipliers that are known; at once at its end where they are a ray."""
    if best.ray is not None:
        return SearchResult(None, None, (LagrangianLeaf(best.ray, True),), 0)
    return branch_and_bound(inner, best.found.multipliers, None, deadline)


class _Search:
    def __init__(self, inner: InnerProblem, best: Point | None, deadline: float) -> None:
        self.inner, self.best, self.deadline = inner, best, deadline
        self.heuristic = PrimalHeuristic(inner.program)
        self.order = count()
        self.nodes = 0
        self.step = inner.program.step
        self.thinned = False
        self.floor: int | None = None

    @property
    def wanted(self) -> int | None:
        """The greatest cost that would be better than what is known."""
        return None if self.best is None else self.inner.program.cost(self.best) - self.step

    def run(self, start: Multipliers) -> SearchResult:
        root = Node((self.inner.low, self.inner.high), start, None)
        found = self.inner.minimum(*self._scaled(root), *root.ranges)
        if found is not None:
            self._raise_bound(root, found.value, self._scaled(root)[1])
            self._offer(None if self.best is not None else self.heuristic.from_inner(found, root.ranges))
        waiting = [(0, 0, next(self.order), root)]
        while waiting and time.monotonic() <= self.deadline:
            if self.nodes == HANDED_OVER and self._handed_over(root):
                waiting.clear()
                break
            node = heapq.heappop(waiting)[-1]
            self.nodes += 1
            for child in self._treated(node):
                key = child.bound if child.bound is not None else -(2**200)
                heapq.heappush(waiting, (key, -self.nodes, next(self.order), child))
        known = None if self.best is None else self.inner.program.cost(self.best)
        if not waiting:
            return SearchResult(self.best, known, tuple(_flattened(root)), self.nodes)
        bounds = [node.bound for *_, node in waiting]
        lowest = None if None in bounds else min(b for b in bounds if b is not None)
        lowest = max((bound for bound in (lowest, self.floor) if bound is not None), default=None)
        if lowest is not None and known is not None:
            lowest = min(lowest, known)
        return SearchResult(self.best, lowest, None, self.nodes)

    def _handed_over(self, root: Node) -> bool:
        """Whether the compiled search ends; then its tree takes the place of all nodes so far."""
        reductions = [step for step in root.steps if isinstance(step, RangeReduction)]
        ranges = self.inner.low, self.inner.high
        for step in reductions:
            scaled = scaled_multipliers(self.inner, step.multipliers)
            assert scaled is not None  # as in `_scaled`
            found = reduced(self.inner, *scaled, self.wanted, *ranges)
            if found is None:
                root.steps[:], root.children = [*reductions, LagrangianLeaf(step.multipliers, False)], ()
                return True
            ranges = found
        walked = split_search(self.inner.program, ranges, self.wanted, self.deadline)
        if walked is None:
            return False
        self._offer(walked.best)
        self.nodes += walked.nodes
        self.floor = walked.bound
        if walked.tree is not None:
            root.steps[:], root.children = [*reductions, walked.tree], ()
        return walked.tree is not None

    def _treated(self, node: Node) -> tuple[Node, ...]:
        """Bound, reduce, look for better points, and split; no nodes where nothing better is left."""
        # the multipliers of the parent cost nothing, and often suffice
        if node.bound is not None and self._reduced(node) is None:
            return self._closed(node)
        middle = self._ascend(node)
        if self._reduced(node) is None:
            return self._closed(node)
        while True:
            scaled = self._scaled(node)
            found = self.inner.minimum(*scaled, *node.ranges)
            if found is None:
                return self._closed(node)
            self._raise_bound(node, found.value, scaled[1])
            if not self._improved(found, node):
                break
            if self._reduced(node) is None:
                return self._closed(node)
        if self._core_is_done(node):
            return ()
        return self._split(node, found, middle)

    def _scaled(self, node: Node) -> tuple[tuple[int, ...], int]:
        scaled = scaled_multipliers(self.inner, node.multipliers)
        assert scaled is not None  # multipliers are made with the right signs
        return scaled

    def _raise_bound(self, node: Node, value: int, unit: int) -> None:
        """Costs are multiples of the step, so that the bound is rounded up to one."""
        bound = -(-value // (unit * self.step)) * self.step
        node.bound = bound if node.bound is None else max(bound, node.bound)

    def _reduced(self, node: Node) -> Ranges | None:
        """Smaller ranges for the node; None, and nothing changed, where nothing better is left in them."""
        found = reduced(self.inner, *self._scaled(node), self.wanted, *node.ranges)
        if found is not None:
            if any((new != old).any() for new, old in zip(found, node.ranges, strict=True)):
                node.steps.append(RangeReduction(node.multipliers))
            node.ranges = found
        return found

    def _closed(self, node: Node) -> tuple[Node, ...]:
        node.steps.append(LagrangianLeaf(node.multipliers, False))
        return ()

    def _improved(self, found: InnerMinimum, node: Node) -> bool:
        """Whether a point of the inner problem leads to a better one."""
        if (
            self.best is not None
            and self.nodes % 4 != 1
            and not self.inner.program.is_feasible(tuple(map(int, found.point)))
        ):
            return False
        return self._offer(self.heuristic.from_inner(found, node.ranges))

    def _offer(self, point: Point | None) -> bool:
        cost = self.inner.program.cost
        if point is None or (self.best is not None and cost(point) >= cost(self.best)):
            return False
        self.best = point
        return True

    def _ascend(self, node: Node) -> Floats:
        """Better multipliers for the node; the middle of the points met, in which fractions say where to split."""
        dual = DualFunction(self.inner, node.ranges)
        if len(dual.rows) == 1 and self.inner.is_integral:
            found = best_multiplier(dual)
            if found is not None and found.ray is None:
                node.multipliers = found.found.multipliers
                return np.array(found.found.point, dtype=float)
        elif self.inner.is_integral and dual.rows:
            relaxed = linear_relaxation(dual)
            if relaxed is not None:
                node.multipliers = on_grid(dual, relaxed[0])
                return relaxed[1]
        return self._subgradient(node)

    def _subgradient(self, node: Node) -> Floats:
        """Steps along the slopes of the cuts, as long as they are worth it; the average of the minimizers."""
        dual = DualFunction(self.inner, node.ranges)
        best = dual.at(node.multipliers)
        if best is None:
            return np.zeros(self.inner.count)
        average = np.array(best.point, dtype=float)
        current, agility = best, 1.0
        for number in range(SUBGRADIENT_STEPS):
            target = self._target(as_float(best.value))
            slope = np.array([
                0 if s < 0 and m == 0 and not row.is_equation else s
                for s, m, row in zip(current.slope, current.multipliers, dual.rows, strict=True)
            ], dtype=float)  # fmt: skip
            size = float(slope @ slope)
            if size == 0.0 or target <= as_float(best.value):
                break
            move = agility * (target - as_float(current.value)) / size
            center = np.array([as_float(m) for m in current.multipliers])
            found = dual.at(on_grid(dual, center + move * slope))
            if found is None:
                break
            average += (np.array(found.point, dtype=float) - average) * (0.25 if number else 0.5)
            agility *= 1.0 if found.value > best.value else 0.85
            best = max(best, found, key=lambda cut: cut.value)
            current = found
        node.multipliers = best.multipliers
        return average

    def _target(self, bound: float) -> float:
        """What the subgradient steps aim at: the cost that is to be proved, or a little more than the bound."""
        return float(self.wanted + self.step) if self.wanted is not None else bound + 0.05 * abs(bound) + self.step

    def _core_is_done(self, node: Node) -> bool:
        """One knapsack row: all states are gone through, where they are not too many.

        The cost that is wanted starts at the bound and rises in doubling steps, since most states are those of a bad best point.
        """
        if not is_core(self.inner) or self.wanted is None or node.bound is None:
            return False
        most = MOST_STATES if self.nodes == 1 else MOST_STATES_LATER
        (multiplier,), unit = self._scaled(node)
        rise = 0
        while time.monotonic() <= self.deadline:
            wanted = min(node.bound + rise, self.wanted)
            ranges = reduced(self.inner, (multiplier,), unit, wanted, *node.ranges)
            swept = None if ranges is None else self._swept((multiplier, unit), wanted, ranges, most)
            if ranges is not None and swept is None:
                if not self._improved_by_likely_states(node, (multiplier, unit)):
                    return False
                continue
            if swept is not None and swept.point is not None:
                self._offer(tuple(map(int, swept.point)))
            elif wanted < self.wanted:
                node.bound, rise = wanted + self.step, 2 * rise + self.step
                continue
            node.steps.append(CoreLeaf(node.multipliers[0]))
            return True
        return False

    def _swept(
        self, scaled: tuple[int, int], wanted: int, ranges: Ranges, most: int, widest: int | None = None
    ) -> CoreSweep | None:
        return core_sweep(self.inner, *scaled, wanted, ranges, most, widest=widest, deadline=self.deadline)

    def _improved_by_likely_states(self, node: Node, scaled: tuple[int, int]) -> bool:
        """Once, where there are too many states: a better point from a few of them."""
        if self.nodes > 1 or self.thinned or self.wanted is None:
            return False
        self.thinned = True
        swept = self._swept(scaled, self.wanted, node.ranges, BEAM_STATES, WIDEST_BEAM)
        return swept is not None and swept.point is not None and self._offer(tuple(map(int, swept.point)))

    def _split(self, node: Node, found: InnerMinimum, middle: Floats) -> tuple[Node, ...]:
        low, high = node.ranges
        free = np.flatnonzero(high > low)
        if not len(free):
            return self._single(node)
        inside = np.clip(middle[free], low[free], high[free])
        fraction = np.abs(inside - np.rint(inside))
        if fraction.max() > 1e-6:
            place = int(free[np.argmax(fraction)])
            at = int(np.floor(np.clip(middle[place], low[place], high[place])))
        else:
            place = int(free[np.argmin(np.abs(found.slopes[free].astype(float)))])
            at = int(low[place] + high[place]) // 2
        at = min(max(at, int(low[place])), int(high[place]) - 1)
        lower, upper = high.copy(), low.copy()
        lower[place], upper[place] = at, at + 1
        node.steps.append(RangeSplit(place, at))
        node.children = (
            Node((low, lower), node.multipliers, node.bound),
            Node((upper, high), node.multipliers, node.bound),
        )
        return node.children

    def _single(self, node: Node) -> tuple[Node, ...]:
        """One point is left: it is offered; multipliers 0 have its cost as their bound."""
        point = tuple(map(int, node.ranges[0]))
        if self.inner.program.is_feasible(point):
            self._offer(point)
        node.multipliers = tuple(fmpq(0) for _ in self.inner.relaxed)
        return self._closed(node)


def _flattened(root: Node) -> Iterator[Step]:
    """The steps in the order of a depth-first walk."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield from node.steps
        stack += reversed(node.children)
