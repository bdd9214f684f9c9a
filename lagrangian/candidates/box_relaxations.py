"""Continuous relaxations over single boxes in floating point: where they are least, and the multipliers there.

They propose: what they say is used only after a check in interval arithmetic, or of a point in exact arithmetic.
"""

import time
import warnings
from dataclasses import dataclass, replace

import numpy as np

from lagrangian.algebra.interval_arrays import Array
from lagrangian.conditions.interval_model import Boxes, IntervalModel, middle
from lagrangian.numeric.functions import NumericFunctions, numeric_functions
from lagrangian.numeric.local import local_solution
from lagrangian.problem.canonical import CanonicalProblem

# so many boxes at a time are relaxed, the others are cut without
MOST_AT_A_TIME = 48
ACTIVE = 1e-6
INTEGRAL = 1e-6
# by how much constraints are kept away from, so that rounding leaves a point feasible
MARGINS = (0.0, 1e-9, 1e-8, 1e-7, 1e-6)


@dataclass(frozen=True, eq=False)
class RelaxedProblem:
    """F, g and h without the bounds, as functions; the bounds are the boxes'."""

    functions: NumericFunctions
    inequality_count: int


@dataclass(frozen=True, eq=False)
class Relaxation:
    """What is known of one box: a point that is about least, and (mu, lambda) there."""

    place: int
    point: Array
    value: float
    weights: Array


def relaxed_problem(model: IntervalModel) -> RelaxedProblem:
    canonical: CanonicalProblem = replace(
        model.canonical, inequalities=model.general_inequalities, integers=frozenset()
    )
    return RelaxedProblem(numeric_functions(canonical), len(canonical.inequalities))


def relaxations(
    model: IntervalModel, relaxed: RelaxedProblem, boxes: Boxes, near: Array | None, deadline: float
) -> list[Relaxation]:
    """Relaxations of the last boxes, which are the next to be cut; from ``near``, where a box holds it, else from the middle."""
    found = []
    starts = middle(boxes)
    for place in range(max(0, len(boxes) - MOST_AT_A_TIME), len(boxes)):
        if time.monotonic() > deadline:
            break
        low, high = boxes.low[place], boxes.high[place]
        holds_near = near is not None and ((low <= near) & (near <= high)).all()
        if holds_near and near is not None:
            point, value = near, float(relaxed.functions.values(near)[0])
        else:
            solved = local_solution(relaxed.functions, starts[place], low, high, margin=0.0, loosely=True)
            if solved is None:
                continue
            point, value = solved.point, solved.value
        found.append(Relaxation(place, point, value, _multipliers(relaxed, point, low, high)))
    return found


def _multipliers(relaxed: RelaxedProblem, point: Array, low: Array, high: Array) -> Array:
    """The multipliers that leave the least slope, by nonnegative least squares (Lawson and Hanson 1974)."""
    from scipy.optimize import nnls  # slow to import, and not needed by most problems

    m = relaxed.inequality_count
    values, jacobian = relaxed.functions.values(point), np.nan_to_num(relaxed.functions.jacobian(point))
    count, n = len(values) - 1, len(point)
    scale = 1.0 + np.abs(values[1:])
    active = [k for k in range(m) if values[1 + k] > -ACTIVE * scale[k]]
    held = range(m, count)
    room = ACTIVE * (1.0 + np.abs(point))
    columns = [jacobian[1 + k] for k in active]
    columns += [sign * jacobian[1 + k] for k in held for sign in (1.0, -1.0)]
    columns += [-np.eye(n)[i] for i in range(n) if point[i] - low[i] <= room[i]]
    columns += [np.eye(n)[i] for i in range(n) if high[i] - point[i] <= room[i]]
    weights = np.zeros(count)
    if not columns:
        return weights
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            solved = nnls(np.array(columns).T, -jacobian[0])[0]
        except (RuntimeError, ValueError):
            return weights
    weights[active] = solved[: len(active)]
    for number, k in enumerate(held):
        first = len(active) + 2 * number
        weights[k] = solved[first] - solved[first + 1]
    return weights


def candidates_near(
    model: IntervalModel, relaxed: RelaxedProblem, relaxation: Relaxation, low: Array, high: Array
) -> list[Array]:
    """Points to try: the integers rounded, the other variables solved for again, with margins to the constraints."""
    integers = model.integers
    if not integers.any():
        return [relaxation.point]
    found = []
    for rounding in (np.rint, np.floor, np.ceil):
        fixed = rounding(relaxation.point)
        if ((fixed < low) | (fixed > high))[integers].any():
            continue
        if integers.all():
            found.append(fixed)
            continue
        lows, highs = np.where(integers, fixed, low), np.where(integers, fixed, high)
        for margin in MARGINS:
            solved = local_solution(
                relaxed.functions, np.clip(relaxation.point, lows, highs), lows, highs, margin=margin
            )
            if solved is not None:
                found.append(np.where(integers, fixed, solved.point))
    return found
