"""Branch and bound over boxes: the search for a tree whose leaves are all closed, and for better feasible points on the way.

Nodes are taken by their bounds, the least first. A node's linear program (McCormick's relaxation with tangents of convex forms)
gives multipliers; sides of the first box, and of others where it pays, are moved by linear programs of their own; then the box is
cut in the variable whose products the relaxation misses most. A better point takes effect for all nodes examined after it.
"""

import heapq
import itertools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from lagrangian.candidates.relaxed import Multipliers, Relaxation, rounded
from lagrangian.conditions.atoms import Atom
from lagrangian.conditions.cuts import Cut, CutMaker, Cutoff
from lagrangian.conditions.existence import FeasibleBox
from lagrangian.conditions.propagation import finite, tightened
from lagrangian.conditions.relaxation import (
    AffineForm,
    Box,
    Combination,
    Constant,
    Definition,
    FactoredProblem,
    Product,
    Quotient,
    RelativeEntropy,
    halves_of,
    is_feasible,
    moved_side,
    single_point,
    suffices,
    with_side,
)
from lagrangian.problem.lifting import PolynomialProblem

Vector = NDArray[np.float64]

MOST_NODES = 100_000
# a cut leaves at least this share of the side on either side
LEAST_SHARE = 0.15
# how far from an integer a value in floating point counts as fractional, and what makes a point in floating point better
INTEGRAL = 1e-6
GAIN = fmpq(1, 10**9)
# tangents: rounds at the first node and at others, how many a round, and what a round must gain to be followed by another
ROUNDS, ROUNDS_BELOW, TANGENTS = 12, 3, 12
LEAST_GAIN = 0.02
# moving sides: the share of the time, at which depths, rounds, what a round must take off a side to be followed by another
NARROWING_SHARE, NARROWING_PERIOD = 0.5, 1
NARROWING_SHARE_OF_INTEGERS, NARROWING_PERIOD_OF_INTEGERS = 0.25, 5
# a side that some solution has come to within this share of the width cannot be moved
REACHED = 0.02
NARROWING_ROUNDS = 6
LEAST_NARROWING = 0.1
# the optima that are listed before the list is given up
MOST_OPTIMA = 64


@dataclass(eq=False)
class Node:
    """A box in the tree, and what was found there: multipliers that close it, sides that were moved, or a cut with its halves."""

    box: Box
    bound: fmpq
    depth: int = 0
    upper: fmpq | None = None
    cuts: tuple[Cut, ...] = ()
    multipliers: Multipliers = ()
    is_empty: bool = False
    moved: tuple[tuple[int, bool, Multipliers], ...] = ()
    variable: int = -1
    at: fmpq = field(default_factory=lambda: fmpq(0))
    children: tuple["Node", ...] = ()
    tangents: tuple[Cut, ...] = ()


@dataclass(frozen=True, eq=False)
class Goal:
    """What a search is to show: that no value is below ``lower``, where a feasible point has at most ``upper``.

    Where ``is_strict``, every leaf must lie above ``upper`` or be a single point, so that all optima are listed.
    """

    lower: fmpq
    upper: fmpq
    is_strict: bool = False

    def is_met(self, problem: FactoredProblem, bound: fmpq) -> bool:
        return bool(bound > self.upper) if self.is_strict else suffices(problem, bound, self.lower)


@dataclass(eq=False)
class Search:
    """A search tree that grows until all its leaves are closed.

    ``improve`` looks for a feasible point near one in floating point, ``upper_of`` gives a value that it has at most (by default
    that of a `FeasibleBox`); ``goal_of`` says what is to be shown once a value is known. ``settle`` may close a box that would
    be cut otherwise. ``on_better`` is called with every better point, and
    ``may_close`` asked of boxes of z whose bound meets the goal. Only a polynomial problem's single points are judged on
    their own.
    """

    problem: FactoredProblem
    polynomial: PolynomialProblem | None
    box: Box
    best: Any
    improve: Callable[[Vector], Any]
    goal_of: Callable[[fmpq], Goal]
    lists_optima: bool
    deadline: float
    settle: Callable[[Box], bool] | None = None
    on_better: Callable[[Any], None] | None = None
    upper_of: Callable[[Any], fmpq] | None = None
    may_close: Callable[[Box], bool] | None = None

    def __post_init__(self) -> None:
        self.maker = CutMaker(self.problem)
        self.optima: list[tuple[fmpq, ...]] = []
        self.root = Node(self.box, fmpq(-(10**30)))
        self._started = time.monotonic()
        self._narrowed_s = 0.0
        self._goal: Goal | None = None
        integral = bool(self.problem.integers)
        self._share = NARROWING_SHARE_OF_INTEGERS if integral else NARROWING_SHARE
        self._period = NARROWING_PERIOD_OF_INTEGERS if integral else NARROWING_PERIOD
        self._counter = itertools.count()
        self._heap: list[tuple[float, int, Node]] = [(0.0, next(self._counter), self.root)]
        self.adopt(self.best)

    @property
    def upper(self) -> fmpq | None:
        return None if self._goal is None else self._goal.upper

    @property
    def goal(self) -> Goal | None:
        return self._goal

    def _upper_of(self, point: Any) -> fmpq:
        if self.upper_of is not None:
            return self.upper_of(point)
        return fmpq(point.value(self.polynomial)[1])

    def _may_close(self, box: Box, bound: fmpq) -> bool:
        """Whether a box of z that may hold the minimum leaves no doubt that there is one."""
        above = self._goal is not None and bool(bound > self._goal.upper)
        return above or self.may_close is None or self.may_close(box)

    def adopt(self, point: Any) -> None:
        """Keep a feasible point that is better than the known one."""
        if point is None:
            return
        upper = self._upper_of(point)
        if self._goal is None or upper < self._goal.upper:
            self.best, self._goal, self.optima = point, self._goal_for(upper), []
            if self.on_better is not None:
                self.on_better(point)

    def _goal_for(self, upper: fmpq) -> Goal:
        goal = self.goal_of(upper)
        return Goal(goal.lower, goal.upper, self.lists_optima)

    def run(self) -> bool:
        """Whether all leaves were closed in time; ``root`` is the tree, ``best`` the best point. It may be called again."""
        while self._heap:
            if time.monotonic() > self.deadline or next(self._counter) > MOST_NODES:
                return False
            node = heapq.heappop(self._heap)[2]
            if not self._examine(node):
                self._heap = [(-math.inf, 0, node)]  # nothing will close it
                return False
            while node.moved:
                node = node.children[0]
            for child in node.children:
                heapq.heappush(self._heap, (float(child.bound), next(self._counter), child))
        return True

    @property
    def least_bound(self) -> float:
        """The least bound of an open node; minus infinity where the search is stuck."""
        return self._heap[0][0] if self._heap else math.inf

    def give_up_list(self) -> None:
        """List the optima no longer: what was closed stays closed."""
        self.lists_optima, self.optima = False, []
        if self._goal is not None:
            self._goal = self._goal_for(self._goal.upper)

    def _examine(self, node: Node) -> bool:
        """Close a node, or give it children; False where it can be neither closed nor cut."""
        node.upper = self.upper
        left = tightened(self.problem, node.box, node.upper)
        if left is None:
            node.is_empty = True
            return True
        node.box = finite(left[: self.problem.count]) or node.box
        single = single_point(node.box)
        if single is not None and self.polynomial is not None:
            return self._take(single, self.polynomial)
        box = finite(left)
        if box is None:  # a function has a pole there
            return self._cut(node, None)
        relaxation = Relaxation(self.problem, self.maker, box, node.upper, list(node.tangents))
        solved = self._bounded(node, relaxation)
        if solved is None:
            return self._empty_or_cut(node, relaxation)
        point, bound, multipliers = solved
        self._adopt_near(point)
        node.bound = max(node.bound, bound)
        if self._goal is not None and self._goal.is_met(self.problem, bound) and self._may_close(box, bound):
            node.multipliers, node.cuts = relaxation.used(multipliers)
            return True
        if self._may_narrow(node):
            inner = self._narrowed(node, relaxation, point)
            if inner is not None:
                return self._examine(inner)
        return self._cut(node, point)

    def _take(self, single: tuple[fmpq, ...], polynomial: PolynomialProblem) -> bool:
        """Close a box of one point; False where it may not be closed."""
        if not is_feasible(polynomial, single):
            return True
        if self.settle is not None:
            return self.settle(tuple((x, x) for x in single))
        self.adopt(FeasibleBox(single))
        if self.lists_optima and self._goal is not None and polynomial.objective(*single) == self._goal.upper:
            self.optima.append(single)
            if len(self.optima) > MOST_OPTIMA:
                self.give_up_list()
        return True

    def _adopt_near(self, point: Vector) -> None:
        self.adopt(self.improve(point[: self.problem.count]))

    def _bounded(self, node: Node, relaxation: Relaxation) -> tuple[Vector, fmpq, Multipliers] | None:
        """The solution of the relaxation after some rounds of tangents, its bound and multipliers; None without one."""
        found = relaxation.least(self.problem.objective)
        value = -math.inf
        for _ in range(ROUNDS if node.depth == 0 else ROUNDS_BELOW):
            if found is None:
                return None
            if found[1] - value <= LEAST_GAIN * (1e-3 + self._gap(value)) or self._is_enough(found[1]):
                break
            value = found[1]
            cuts = relaxation.violated(found[0], TANGENTS)
            if not cuts:
                break
            relaxation.add(cuts)
            found = relaxation.least(self.problem.objective) or found
        if found is None:
            return None
        point, _, multipliers = found
        node.tangents = tuple(cut for cut in relaxation.used(multipliers)[1] if not isinstance(cut, Cutoff))
        return point, relaxation.bound(self.problem.objective, multipliers), multipliers

    def _gap(self, value: float) -> float:
        """How far a bound is from its goal."""
        if self._goal is None or value == -math.inf:
            return 1.0
        return max(0.0, float(self._goal.lower) - value)

    def _is_enough(self, value: float) -> bool:
        step = self.problem.step
        if self._goal is None:
            return False
        margin = 1e-7 * (1.0 + abs(value))
        target = self._goal.upper if self._goal.is_strict else self._goal.lower - (step or 0)
        return value > float(target) + margin

    def _empty_or_cut(self, node: Node, relaxation: Relaxation) -> bool:
        multipliers = relaxation.contradiction()
        if relaxation.bound(None, multipliers) > 0:
            node.multipliers, node.cuts = relaxation.used(multipliers)
            node.is_empty = True
            return True
        return self._cut(node, None)

    def _may_narrow(self, node: Node) -> bool:
        elapsed = time.monotonic() - self._started
        return node.upper is not None and (
            node.depth == 0 or (node.depth % self._period == 0 and self._narrowed_s < self._share * elapsed)
        )

    def _narrowed(self, node: Node, relaxation: Relaxation, point: Vector) -> Node | None:
        """The node for the box with sides moved by linear programs over the relaxation with a cutoff; None for no progress."""
        started = time.monotonic()
        until = started + self._share * max(0.0, self.deadline - started)
        relaxation.add([Cutoff()])
        box = node.box
        moved = []
        least, most = point.copy(), point.copy()
        for variable in self._nonlinear():
            for is_upper in (False, True):
                if time.monotonic() > until or box[variable][0] >= box[variable][1]:
                    break
                reached = most[variable] if is_upper else least[variable]
                side_end, width_now = float(box[variable][is_upper]), float(box[variable][1] - box[variable][0])
                if abs(reached - side_end) <= REACHED * width_now:
                    continue
                form = AffineForm({variable: fmpq(-1 if is_upper else 1)}, fmpq(0))
                found = relaxation.least(form)
                if found is None:
                    continue
                least, most = np.minimum(least, found[0]), np.maximum(most, found[0])
                bound = relaxation.bound(form, found[2])
                side = moved_side(self.problem, box[variable], variable, is_upper, bound)
                width = box[variable][1] - box[variable][0]
                if side is not None and width - max(side[1] - side[0], fmpq(0)) > width / 50:
                    box = with_side(box, variable, side)
                    moved.append((variable, is_upper, found[2]))
                    if side[0] > side[1]:
                        break
        self._narrowed_s += time.monotonic() - started
        if not moved:
            return None
        return self._with_moved(node, relaxation, box, moved)

    def _with_moved(
        self, node: Node, relaxation: Relaxation, box: Box, moved: list[tuple[int, bool, Multipliers]]
    ) -> Node:
        node.cuts = tuple(relaxation.cuts)
        node.moved = tuple(moved)
        shares = [
            float((after[1] - after[0]) / (before[1] - before[0]))
            for before, after in zip(node.box, box, strict=True)
            if before[1] > before[0]
        ]
        again = min(shares) < 1 - LEAST_NARROWING and node.depth == 0
        inner = Node(box, node.bound, 0 if again else 1 + node.depth, node.upper, tangents=node.tangents)
        node.children = (inner,)
        return inner

    def _nonlinear(self) -> list[int]:
        """The variables in products first, integers after them."""
        curved = [k for k, d in self.problem.defined if not isinstance(d, Combination | Constant)]
        inside = sorted(self.problem.variables_in(*curved))
        return [*inside, *sorted(self.problem.integers - set(inside))]

    def aim(self, goal: Goal) -> None:
        """Show something else from here on."""
        self._goal = goal

    def _cut(self, node: Node, point: Vector | None) -> bool:
        if self.settle is not None and self.settle(node.box):
            return True
        node.variable, node.at = _where_to_cut(self.problem, node.box, point)
        halves = halves_of(node.box, node.variable, node.at, self.problem.integers)
        if halves is None:
            return False
        node.children = tuple(Node(half, node.bound, node.depth + 1, tangents=node.tangents) for half in halves)
        return True


def _where_to_cut(problem: FactoredProblem, box: Box, point: Vector | None) -> tuple[int, fmpq]:
    """The variable and the value to cut at.

    An integer variable whose value is farthest from an integer, else the variable whose products the relaxation misses most,
    else the widest side in its middle.
    """
    fractional = _most_fractional(problem, point)
    if fractional is not None and point is not None:
        low, high = box[fractional]
        return fractional, min(max(fmpq(math.floor(float(point[fractional]))), low), high - 1)
    widths = np.array([float(high - low) for low, high in box])
    scores = np.zeros(problem.count)
    if point is not None:
        for k, definition in problem.defined:
            gap = _gap(definition, k, point)
            for variable in problem.variables_in(k) if gap > 0 else ():
                scores[variable] += gap if widths[variable] > 0 else 0.0
    variable = int(np.argmax(scores * widths)) if (scores * widths).any() else int(np.argmax(widths))
    low, high = box[variable]
    share = 0.5
    if point is not None:
        inside = (point[variable] - float(low)) / max(widths[variable], 1e-300)
        share = float(np.clip(0.7 * inside + 0.15, LEAST_SHARE, 1 - LEAST_SHARE))
    at = low + (high - low) * fmpq(round(share * 1024), 1024)
    # the upper half of an integer variable starts one above the cut
    return variable, min(fmpq(at.floor()), high - 1) if variable in problem.integers else at


def _gap(definition: Definition, k: int, point: Vector) -> float:
    """By how much a solution of the relaxation misses a definition."""
    if isinstance(definition, Product):
        return abs(float(point[k] - point[definition.left] * point[definition.right]))
    if isinstance(definition, Quotient):
        return abs(float(point[k] * point[definition.denominator] - point[definition.numerator]))
    if isinstance(definition, RelativeEntropy):
        return abs(float(point[k] - point[definition.entropy] + point[definition.product]))
    if not isinstance(definition, Atom):
        return 0.0
    try:
        return abs(float(point[k]) - float(definition.value(rounded(float(point[definition.argument])))[0]))
    except ValueError:
        return 0.0


def _most_fractional(problem: FactoredProblem, point: Vector | None) -> int | None:
    if point is None or not problem.integers:
        return None
    distance = {i: abs(float(point[i]) - round(float(point[i]))) for i in sorted(problem.integers)}
    farthest = max(distance, key=lambda i: distance[i])
    return farthest if distance[farthest] > INTEGRAL else None


def rounded_points(point: Vector, integers: frozenset[int]) -> list[tuple[fmpq, ...]]:
    """Rational points near one in floating point, integers rounded to the nearest, down or up."""
    return [
        tuple(fmpq(rounding(float(value))) if i in integers else rounded(float(value)) for i, value in enumerate(point))
        for rounding in ((round, math.floor, math.ceil) if integers else (round,))
    ]
