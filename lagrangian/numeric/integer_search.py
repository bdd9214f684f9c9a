"""Points of problems with integers by branch and bound on local solutions of continuous relaxations.

The relaxation has the bounds of the integer variables as parameters, and a second problem has the integers themselves as
parameters: each is compiled once, and `solve_batch` solves the children of several nodes in one call. The value of a node is
the best local solution that some starts lead to: a bound where the relaxation is convex, a guess elsewhere. So nothing is proved
here; points are what is looked for (Land and Doig 1960; Gupta and Ravindran 1985).
"""

import heapq
import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Eq, Expr, Ge, Le, Symbol
from sympy.core.relational import Relational

from lagrangian.numeric.batch import solve_batch
from lagrangian.numeric.batch_solution import BatchStatus
from lagrangian.numeric.compiled import CompiledProblem, compile_problem
from lagrangian.numeric.local import box
from lagrangian.numeric.nlp_solvers import FEASIBLE, Evaluator, Found, starting_points
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.problem import Problem

Vector = NDArray[np.float64]
BRANCH_AND_BOUND = "branch and bound"

USABLE = (BatchStatus.LOCAL, BatchStatus.ROUNDED, BatchStatus.EXCLUDED)
# integers without bounds are looked for between these
FARTHEST = 1e6
# how many nodes are opened at once, from how many starts each child is solved, how many nodes there are at most
AT_ONCE, STARTS, MOST_NODES = 8, 3, 20_000
INTEGRAL = 1e-5
# values that differ by less, by 1 + |value|, are the same
SAME = 1e-7
# the names of the bounds, and how much wider they are in the relaxation: between equal ones there is no room for a barrier
ENDS, ROOM = ("low", "high"), 1e-7


@dataclass(order=True, frozen=True)
class _Node:
    """Bounds of the integers with the best local solution of the relaxation between them; ``number`` breaks ties."""

    value: float
    number: int
    low: Vector = field(compare=False)
    high: Vector = field(compare=False)
    point: Vector = field(compare=False)


@dataclass(frozen=True, eq=False)
class IntegerSearch:
    """What the search needs: the problem, where its integers stand, and the compiled relaxation and continuous rest."""

    canonical: CanonicalProblem
    evaluator: Evaluator
    whole: NDArray[np.bool_]
    relaxed: CompiledProblem
    rest: CompiledProblem | None

    def points(self, starts: Vector, seed: int, deadline: float) -> Iterator[Found]:
        """Feasible points with integers, each better than those before; in the time there is."""
        low, high = (bound.copy() for bound in box(self.canonical))
        low[self.whole] = np.clip(np.ceil(low[self.whole] - INTEGRAL), -FARTHEST, FARTHEST)
        high[self.whole] = np.clip(np.floor(high[self.whole] + INTEGRAL), -FARTHEST, FARTHEST)
        numbers, tried, best = itertools.count(), set[tuple[float, ...]](), np.inf
        if (low > high).any():
            return
        open_nodes = self._solved([(low, high)], starts, numbers)
        waiting = list(open_nodes)
        while True:
            for found in self._completed(waiting, tried, seed):
                if found.value < best:
                    best = found.value
                    yield found
            limit = best - SAME * (1.0 + abs(best)) if np.isfinite(best) else np.inf
            open_nodes = [n for n in open_nodes if n.value < limit and self._fraction(n.point).max() > INTEGRAL]
            if not open_nodes or next(numbers) > MOST_NODES or time.monotonic() > deadline:
                return
            heapq.heapify(open_nodes)
            chosen = [heapq.heappop(open_nodes) for _ in range(min(AT_ONCE, len(open_nodes)))]
            waiting = [child for node in chosen for child in self._solved(self._split(node), node.point, numbers, seed)]
            open_nodes += waiting

    def _fraction(self, point: Vector) -> Vector:
        """How far the integers of a point are from whole numbers; 0 for other variables."""
        return np.where(self.whole, np.abs(point - np.round(point)), 0.0)

    def _split(self, node: _Node) -> list[tuple[Vector, Vector]]:
        """The bounds of both children, which differ in the variable that is farthest from a whole number."""
        place = int(np.argmax(self._fraction(node.point)))
        below, above = node.high.copy(), node.low.copy()
        below[place] = np.floor(node.point[place])
        above[place] = below[place] + 1.0
        return [(node.low, below), (above, node.high)]

    def _solved(
        self, boxes: Sequence[tuple[Vector, Vector]], first: Vector, numbers: Iterator[int], seed: int = 0
    ) -> list[_Node]:
        """The boxes in which the relaxation has a local solution, each with its best one."""
        kept = [(low, high) for low, high in boxes if (low <= high).all()]
        starts = [
            np.clip(first, low, high)
            if first.ndim > 1
            else starting_points(low, high, np.clip(first, low, high), STARTS, seed)
            for low, high in kept
        ]
        if not kept:
            return []
        ends = np.array([[low[self.whole] - ROOM, high[self.whole] + ROOM] for low, high in kept])
        values = {f"{end}{i}": ends[:, side, i] for side, end in enumerate(ENDS) for i in range(ends.shape[2])}
        found = self._batch(self.relaxed, values, np.array(starts))
        return [
            _Node(value, next(numbers), low, high, point)
            for (low, high), (value, point) in zip(kept, found, strict=True)
            if point is not None
        ]

    def _batch(
        self, compiled: CompiledProblem, values: Mapping[str, Vector], starts: Vector
    ) -> list[tuple[float, Vector | None]]:
        """The best value and point for each of some values of the parameters, from starts of shape (values, starts, variables).

        There is no point where none was solved.
        """
        groups, count, n = starts.shape
        known = {str(symbol) for symbol in compiled.restoration.problem.parameters}
        columns: dict[Symbol | str, ArrayLike] = {k: np.repeat(v, count) for k, v in values.items() if k in known}
        found = solve_batch(compiled, columns, start=starts.reshape(-1, n), threads=1)
        scores = np.where(np.isin(found.status, USABLE), found.value, np.inf).reshape(groups, count)
        best = scores.argmin(axis=1)
        points = found.x.reshape(groups, count, n)
        return [(float(scores[i, b]), points[i, b] if np.isfinite(scores[i, b]) else None) for i, b in enumerate(best)]

    def _completed(self, nodes: Sequence[_Node], tried: set[tuple[float, ...]], seed: int) -> Iterator[Found]:
        """Feasible points with the integers of the nodes rounded, those of no earlier ones."""
        for node in nodes:
            place = np.where(self.whole, np.clip(np.round(node.point), node.low, node.high), node.point)
            key = tuple(place[self.whole].tolist())
            if key in tried:
                continue
            tried.add(key)
            if self.rest is not None:
                starts = starting_points(
                    node.low[~self.whole], node.high[~self.whole], place[~self.whole], STARTS, seed
                )
                values = {f"x{i}": place[[i]] for i in np.flatnonzero(self.whole)}
                _, inner = self._batch(self.rest, values, starts[None])[0]
                if inner is None:
                    continue
                place[~self.whole] = inner
            found = self._measured(place)
            if found is not None:
                yield found

    def _measured(self, point: Vector) -> Found | None:
        values, m = self.evaluator.at(point), self.evaluator.compiled.inequality_count
        miss = float(max(values.constraints[:m].max(initial=0.0), np.abs(values.constraints[m:]).max(initial=0.0)))
        if not (np.isfinite(values.objective) and miss <= FEASIBLE * (1.0 + float(np.abs(point).max(initial=0.0)))):
            return None
        return Found(point.copy(), values.objective, None, miss, True, BRANCH_AND_BOUND)


def integer_search(canonical: CanonicalProblem, evaluator: Evaluator) -> IntegerSearch:
    """The search of a problem, with its relaxation and its continuous rest compiled."""
    whole = np.array([v in canonical.integers for v in canonical.variables], dtype=bool)
    real = {v: Symbol(f"x{i}", real=True) for i, v in enumerate(canonical.variables)}
    integers = [real[v] for v in canonical.variables if v in canonical.integers]
    ends = [[Symbol(f"{name}{i}", real=True) for i in range(len(integers))] for name in ENDS]
    limits = [Ge(v, low, evaluate=False) for v, low in zip(integers, ends[0], strict=True)]
    limits += [Le(v, high, evaluate=False) for v, high in zip(integers, ends[1], strict=True)]
    objective, relations = _stated(canonical, real)
    relaxed = Problem(objective, [*relations, *limits], over=tuple(real.values()))
    free = tuple(v for v in real.values() if v not in integers)
    rest = None
    if free:
        kept = [relation for relation in relations if not relation.free_symbols.isdisjoint(free)]
        rest = Problem(objective, kept, over=free)
    return IntegerSearch(
        canonical, evaluator, whole, compile_problem(relaxed), None if rest is None else compile_problem(rest)
    )


def _stated(canonical: CanonicalProblem, real: Mapping[Symbol, Symbol]) -> tuple[Expr, list[Relational]]:
    """The objective, and all constraints, of the problem without integrality; strict inequalities as weak ones."""
    relations: list[Relational] = [Le(g.expression.xreplace(real), 0, evaluate=False) for g in canonical.inequalities]
    relations += [Eq(h.expression.xreplace(real), 0, evaluate=False) for h in canonical.equalities]
    return canonical.objective.xreplace(real), relations
