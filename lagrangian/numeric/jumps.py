"""Feasible integer points by jumps: one variable at a time takes the value that violates the constraints least.

Where no jump lessens the weighted violation, the weights of the violated constraints grow by one, so that the search leaves
(Morris 1993, the breakout method; Luteberget and Sartor 2023, feasibility jump). Once a point is feasible, the objective is
demanded to be less. Nothing is proved: a point that is found is to be checked exactly.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import sympy
from numpy.typing import NDArray

from lagrangian.problem.canonical import CanonicalProblem

Vector = NDArray[np.float64]
Measure = Callable[[Vector], Vector]

# values of one variable that are tried in one step, jumps from one start, how often a jump at random leaves a local minimum,
# and the gain that is demanded, by 1 + |value|
MOST_VALUES = 41
MOST_JUMPS = 400
KICK = 0.2
GAIN = 1e-9
FEASIBLE = 1e-9
# what stands for undefined values
LARGEST = 1e30


@dataclass(frozen=True)
class IntegerPoint:
    """Values of all variables, feasible up to rounding, and the objective there."""

    values: tuple[int, ...]
    objective: float


def integer_point(
    canonical: CanonicalProblem, ranges: tuple[tuple[int, int], ...], deadline: float
) -> IntegerPoint | None:
    """The best point found until the deadline (in the seconds of time.monotonic()); None where none was feasible.

    Args:
        canonical: a problem without parameters in which all variables take integer values.
        ranges: the least and the greatest value of each variable.

    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, y = sympy.symbols("x y")
    >>> canonical, _ = canonicalize(Problem(x + y, [x * y >= 5, x <= 4, y <= 4], over=[x, y]))
    >>> integer_point(canonical, ((0, 4), (0, 4)), time.monotonic() + 0.1).objective
    5.0
    """
    low, high = np.array(ranges, dtype=np.float64).T
    random = np.random.default_rng(0)
    measure = _measure(canonical)
    best: IntegerPoint | None = None
    while time.monotonic() < deadline:
        start = np.rint(low + random.random(len(low)) * (high - low))
        best = _from(start, measure, (low, high), random, best, deadline)
    return best


def _measure(canonical: CanonicalProblem) -> Measure:
    """The objective and then how far each constraint is violated, by columns, at points that are rows."""
    lines = [canonical.objective]
    lines += [sympy.Max(0, g.expression, evaluate=False) for g in canonical.inequalities]
    lines += [sympy.Abs(h.expression, evaluate=False) for h in canonical.equalities]
    functions = sympy.lambdify([canonical.variables], lines, "numpy", cse=True)

    def measure(points: Vector) -> Vector:
        with np.errstate(all="ignore"):
            columns = [np.broadcast_to(c, len(points)) for c in functions(points.T)]
        return np.nan_to_num(np.stack(columns, axis=1).astype(np.float64), nan=LARGEST, posinf=LARGEST, neginf=-LARGEST)

    return measure


def _from(
    point: Vector,
    measure: Measure,
    ends: tuple[Vector, Vector],
    random: np.random.Generator,
    best: IntegerPoint | None,
    deadline: float,
) -> IntegerPoint | None:
    """The best point on a way of jumps from a start, where it is better than the one before."""
    weights = np.ones(measure(point[None]).shape[1])
    for _ in range(MOST_JUMPS):
        if time.monotonic() > deadline:
            break
        points = np.vstack([point[None], _neighbors(point, ends, random)])
        found = measure(points)
        feasible = np.flatnonzero((found[:, 1:] <= FEASIBLE).all(axis=1))
        if len(feasible):
            place = feasible[np.argmin(found[feasible, 0])]
            if best is None or found[place, 0] < best.objective:
                best = IntegerPoint(tuple(int(x) for x in points[place]), float(found[place, 0]))
        wanted = np.inf if best is None else best.objective - GAIN * (1.0 + abs(best.objective))
        missed = np.column_stack([np.maximum(found[:, 0] - wanted, 0.0), found[:, 1:]])
        scores = missed @ weights
        place = int(np.argmin(scores))
        if scores[place] >= scores[0]:
            weights += missed[0] > 0
            place = int(random.integers(len(points))) if random.random() < KICK else 0
        point = points[place]
    return best


def _neighbors(point: Vector, ends: tuple[Vector, Vector], random: np.random.Generator) -> Vector:
    """All points that differ in one variable; of many values, the next ones, the ends and some others."""
    rows = []
    for i, (low, high) in enumerate(zip(*ends, strict=True)):
        values = np.arange(low, high + 1) if high - low < MOST_VALUES else _some(point[i], low, high, random)
        moved = np.repeat(point[None], len(values), axis=0)
        moved[:, i] = values
        rows.append(moved)
    return np.vstack(rows)


def _some(here: float, low: float, high: float, random: np.random.Generator) -> Vector:
    steps = 2.0 ** np.arange(8)
    others = np.rint(low + random.random(8) * (high - low))
    return np.unique(np.clip(np.concatenate([here - steps, here + steps, others, [low, high]]), low, high))
