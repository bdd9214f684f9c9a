"""Branch and bound over boxes: floating point finds the multipliers, and every bound is computed from them exactly.

Nodes are taken by their bounds, the least first. A node's linear program (McCormick's relaxation) gives multipliers; the box is
cut in the variable whose products the relaxation misses most.
"""

import heapq
import itertools
import math
import time
from dataclasses import dataclass, field

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from lagrangian.conditions.relaxation import (
    AffineForm,
    Box,
    FactoredProblem,
    box_of_products,
    combined_bound,
    halves_of,
    is_feasible,
    product_rows,
    single_point,
    suffices,
    tightened,
)
from lagrangian.problem.lifting import PolynomialProblem

MOST_NODES = 20_000
# multipliers below this are dropped, the others rounded to this many bits
LEAST_MULTIPLIER = 1e-11
BITS = 40
# a cut leaves at least this share of the side on either side
LEAST_SHARE = 0.15
# how far from an integer a value in floating point counts as fractional, and what makes a better point worth a new start
INTEGRAL = 1e-6
GAIN = fmpq(1, 10**9)


@dataclass(eq=False)
class Node:
    """A box in the tree; once it is examined, the multipliers that bound or empty it, or the cut and its two halves."""

    box: Box
    bound: fmpq
    multipliers: tuple[tuple[int, fmpq], ...] = ()
    is_empty: bool = False
    variable: int = -1
    at: fmpq = field(default_factory=lambda: fmpq(0))
    halves: tuple["Node", "Node"] | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """How a search ended: with a tree all of whose leaves are closed, with a better feasible point, or with neither.

    ``optima`` are the boxes that are single points with the known value.
    """

    root: Node | None = None
    point: tuple[fmpq, ...] | None = None
    optima: tuple[tuple[fmpq, ...], ...] = ()


def search_tree(
    problem: FactoredProblem, polynomial: PolynomialProblem, box: Box, goal: tuple[fmpq, fmpq] | None, deadline: float
) -> Found:
    """Close all leaves, or find a feasible point that is better than the one known.

    Args:
        problem: what to bound.
        polynomial: the same problem, for checking points.
        box: the box of x that holds the feasible set.
        goal: the lower bound to prove and a feasible value; None to look for a first feasible point.
        deadline: in the seconds of time.monotonic().
    """
    counter = itertools.count()
    root = Node(box, fmpq(-(10**30)))
    optima: list[tuple[fmpq, ...]] = []
    heap: list[tuple[float, int, Node]] = [(float("-inf"), next(counter), root)]
    while heap:
        if time.monotonic() > deadline or next(counter) > MOST_NODES:
            return Found()
        _, _, node = heapq.heappop(heap)
        examined = _examine(problem, node, goal)
        single = None if examined is not None else single_point(node.box)
        if single is not None and is_feasible(polynomial, single):
            value = polynomial.objective(*single)
            if goal is None or value < goal[1]:
                return Found(point=single)
            if value == goal[1]:
                optima.append(single)
        if examined is None:
            continue
        cut, solution = examined
        point = None if solution is None else _better_point(problem, polynomial, solution, goal)
        if point is not None:
            return Found(point=point)
        node.variable, node.at = cut
        halves = halves_of(node.box, node.variable, node.at, problem.integers)
        if halves is None:
            return Found()
        node.halves = (Node(halves[0], node.bound), Node(halves[1], node.bound))
        for half in node.halves:
            heapq.heappush(heap, (float(half.bound), next(counter), half))
    return Found(root, optima=tuple(optima))


def _better_point(
    problem: FactoredProblem,
    polynomial: PolynomialProblem,
    solution: NDArray[np.float64],
    goal: tuple[fmpq, fmpq] | None,
) -> tuple[fmpq, ...] | None:
    """A feasible point near the solution of a relaxation, integers rounded to the nearest, down or up; None without one."""
    for rounding in (round, math.floor, math.ceil):
        point = tuple(
            fmpq(rounding(float(value))) if i in problem.integers else rounded(float(value))
            for i, value in enumerate(solution[: problem.count])
        )
        better = goal is None or polynomial.objective(*point) < goal[1] - GAIN * (1 + abs(goal[1]))
        if better and is_feasible(polynomial, point):
            return point
    return None


def _examine(
    problem: FactoredProblem, node: Node, goal: tuple[fmpq, fmpq] | None
) -> tuple[tuple[int, fmpq], NDArray[np.float64] | None] | None:
    """Close a node, or say where to cut it, and where the relaxation has its least value."""
    left = tightened(problem, node.box, None if goal is None else goal[1])
    if left is None:
        node.is_empty = True
        return None
    node.box = left
    if single_point(left) is not None:
        return None
    box = box_of_products(problem, left)
    rows = [*problem.inequalities, *problem.equalities, *product_rows(problem, box)]
    solved = _relaxation(problem, rows, box)
    if solved is not None:
        point, multipliers = solved
        bound = combined_bound(problem.objective, rows, dict(multipliers), box)
        node.bound = max(node.bound, bound)
        if goal is not None and suffices(problem, bound, goal[0]):
            node.multipliers = multipliers
            return None
        return _cut(problem, node.box, point), point
    multipliers = _contradiction(problem, rows, box)
    if combined_bound(None, rows, dict(multipliers), box) > 0:
        node.multipliers, node.is_empty = multipliers, True
        return None
    return _cut(problem, node.box, None), None


def _relaxation(
    problem: FactoredProblem, rows: list[AffineForm], box: Box
) -> tuple[NDArray[np.float64], tuple[tuple[int, fmpq], ...]] | None:
    """The solution of the linear program and its multipliers; None where the program has none."""
    from scipy.optimize import linprog

    matrix, right = _arrays(rows, len(box))
    cost = np.zeros(len(box))
    for j, value in problem.objective.coefficients.items():
        cost[j] = float(value)
    equations = _equation_mask(problem, len(rows))
    bounds = [(float(low), float(high)) for low, high in box]
    found = linprog(
        cost,
        A_ub=matrix[~equations],
        b_ub=right[~equations],
        A_eq=matrix[equations] if equations.any() else None,
        b_eq=right[equations] if equations.any() else None,
        bounds=bounds,
        method="highs",
    )
    if found.status != 0:
        return None
    multipliers = np.zeros(len(rows))
    multipliers[~equations] = np.maximum(-found.ineqlin.marginals, 0.0)
    if equations.any():
        multipliers[equations] = -found.eqlin.marginals
    return found.x, _exact(multipliers)


def _contradiction(problem: FactoredProblem, rows: list[AffineForm], box: Box) -> tuple[tuple[int, fmpq], ...]:
    """Multipliers from the least amount by which all constraints together must be missed."""
    from scipy.optimize import linprog

    matrix, right = _arrays(rows, len(box))
    equations = _equation_mask(problem, len(rows))
    held = len(problem.inequalities) + len(problem.equalities)
    slack = np.zeros(len(rows))
    slack[:held] = -1.0
    upper = np.column_stack([matrix, slack])
    mirrored = np.column_stack([-matrix[equations], slack[equations]])
    found = linprog(
        np.eye(len(box) + 1)[-1],
        A_ub=np.vstack([upper, mirrored]),
        b_ub=np.concatenate([right, -right[equations]]),
        bounds=[*((float(low), float(high)) for low, high in box), (0, None)],
        method="highs",
    )
    if found.status != 0:
        return ()
    multipliers = np.maximum(-found.ineqlin.marginals, 0.0)
    total = multipliers[: len(rows)]
    total[equations] -= multipliers[len(rows) :]
    return _exact(total)


def _arrays(rows: list[AffineForm], width: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    matrix = np.zeros((len(rows), width))
    for number, row in enumerate(rows):
        for j, value in row.coefficients.items():
            matrix[number, j] = float(value)
    return matrix, np.array([-float(row.constant) for row in rows])


def _equation_mask(problem: FactoredProblem, count: int) -> NDArray[np.bool_]:
    numbers = np.arange(count)
    first = len(problem.inequalities)
    return (numbers >= first) & (numbers < first + len(problem.equalities))


def _exact(multipliers: NDArray[np.float64]) -> tuple[tuple[int, fmpq], ...]:
    """Rational multipliers near given ones: every choice is valid, short ones are quick to check."""
    return tuple(
        (number, rounded(float(value)))
        for number, value in enumerate(multipliers)
        if np.isfinite(value) and abs(value) > LEAST_MULTIPLIER
    )


def rounded(value: float) -> fmpq:
    """A dyadic number with 40 significant bits near a float."""
    mantissa, exponent = np.frexp(value)
    scaled = round(float(mantissa) * 2**BITS)
    shift = int(exponent) - BITS
    return fmpq(scaled * 2**shift) if shift >= 0 else fmpq(scaled, 2**-shift)


def _cut(problem: FactoredProblem, box: Box, point: NDArray[np.float64] | None) -> tuple[int, fmpq]:
    """The variable and the value to cut at.

    An integer variable whose value is farthest from an integer, else the variable whose products the relaxation misses most,
    else the widest side in its middle.
    """
    fractional = _most_fractional(problem, point)
    if fractional is not None and point is not None:
        return fractional, fmpq(math.floor(float(point[fractional])))
    widths = np.array([float(high - low) for low, high in box])
    scores = np.zeros(problem.count)
    if point is not None:
        for k, (i, j) in enumerate(problem.products, start=problem.count):
            gap = abs(point[k] - point[i] * point[j])
            for variable in _variables_in(problem, i) | _variables_in(problem, j):
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


def _most_fractional(problem: FactoredProblem, point: NDArray[np.float64] | None) -> int | None:
    if point is None or not problem.integers:
        return None
    distance = {i: abs(float(point[i]) - round(float(point[i]))) for i in sorted(problem.integers)}
    farthest = max(distance, key=lambda i: distance[i])
    return farthest if distance[farthest] > INTEGRAL else None


def _variables_in(problem: FactoredProblem, place: int) -> set[int]:
    if place < problem.count:
        return {place}
    i, j = problem.products[place - problem.count]
    return _variables_in(problem, i) | _variables_in(problem, j)
