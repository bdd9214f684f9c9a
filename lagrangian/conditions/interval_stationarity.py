"""Boxes made smaller by stationarity: where no constraint is active, a minimizer has no slope along a variable that can move.

On a bounded box with g < 0 everywhere, on and near which all functions are defined, dF/dx_i = 0 is asked for in the variables
whose ends are inside the region: operation by operation, and by an interval Newton step with the curvature F'' (Hansen 1980).
"""

import numpy as np

from lagrangian.algebra import interval_arrays as arrays
from lagrangian.algebra.interval_arrays import Array, Ends, Interval, Mask
from lagrangian.algebra.interval_contraction import contract
from lagrangian.conditions.interval_linear import narrow_by_row
from lagrangian.conditions.interval_model import Boxes, IntervalModel, middle

# beyond so many variables the curvature costs more than it tells
MOST_VARIABLES = 12


def narrowed_by_stationarity(model: IntervalModel, boxes: Boxes, how: Ends) -> tuple[Boxes, Mask]:
    """Smaller boxes around all points that a minimizer can be, and where there are none."""
    nothing = np.zeros(len(boxes), dtype=bool)
    if model.equalities or model.dimension > MOST_VARIABLES:
        return boxes, nothing
    movable = _movable(model, boxes, how)
    places = np.flatnonzero(movable.any(axis=1))
    if not len(places):
        return boxes, nothing
    inner, movable = boxes.take(places), movable[places]
    targets: list[tuple[int, float | Array, float | Array]] = [
        (line, np.where(movable[:, i], 0.0, -np.inf), np.where(movable[:, i], 0.0, np.inf))
        for i, line in enumerate(model.gradient(model.objective))
    ]
    (low, high), empty = contract(model.program, targets, (inner.low, inner.high), how)
    kept = inner.held | empty[:, None]
    inner = Boxes(np.where(kept, inner.low, low), np.where(kept, inner.high, high), inner.held)
    (low, high), none = _newton_step(model, inner, movable, how)
    empty |= none | (low > high).any(axis=1)
    kept = inner.held | empty[:, None]
    all_low, all_high = boxes.low.copy(), boxes.high.copy()
    all_low[places], all_high[places] = np.where(kept, inner.low, low), np.where(kept, inner.high, high)
    nothing[places] = empty
    return Boxes(all_low, all_high, boxes.held), nothing


def _movable(model: IntervalModel, boxes: Boxes, how: Ends) -> Mask:
    """By box and variable, whether a minimizer on the box can have no slope along the variable."""
    lines = [model.objective, *model.inequalities, *model.gradient(model.objective)]
    found = model.program.evaluate(lines, (boxes.low, boxes.high), how)
    usable = ~found.partial & ~found.edge & (np.isfinite(boxes.low) & np.isfinite(boxes.high)).all(axis=1)
    for _, high in found.intervals[1 : 1 + len(model.inequalities)]:
        usable &= high < 0
    inside = (boxes.low > model.low_ends[1]) & (boxes.high < model.high_ends[0])
    movable: Mask = usable[:, None] & inside & ~boxes.held & ~model.integers
    return movable


def _newton_step(model: IntervalModel, boxes: Boxes, movable: Mask, how: Ends) -> tuple[Interval, Mask]:
    """What F'(c) + F''(B) (x - c) = 0 leaves of the boxes, in the rows of the movable variables."""
    n, count = model.dimension, len(boxes)
    points = middle(boxes)
    center = np.where(boxes.held, boxes.low, points), np.where(boxes.held, boxes.high, points)
    gradient, hessian = model.gradient(model.objective), model.hessian(model.objective)
    with np.errstate(all="ignore"):
        slopes = model.program.evaluate(gradient, center, how)
        curved = model.program.evaluate(hessian, (boxes.low, boxes.high), how)
        rows = _symmetric(curved.intervals, n)
        # any matrix will do
        near = _symmetric(model.program.evaluate(hessian, center, Ends.FAST).intervals, n)
        inverse = _near_inverses(0.5 * (near[0] + near[1]), movable)
        unknown = slopes.partial | curved.partial
        low, high = boxes.low.T.copy(), boxes.high.T.copy()
        empty = np.zeros(count, dtype=bool)
        for r in range(n):
            value: Interval = (np.zeros(count), np.zeros(count))
            row: Interval = (np.zeros((n, count)), np.zeros((n, count)))
            for s in range(n):
                weight = inverse[:, r, s], inverse[:, r, s]
                value = arrays.add(value, arrays.multiply(weight, slopes.intervals[s]))
                row = arrays.add(row, arrays.multiply(weight, (rows[0][s], rows[1][s])))
            used = movable[:, r] & ~unknown
            held = boxes.held.T | ~used
            row = np.where(held, 0.0, row[0]), np.where(held, 0.0, row[1])
            value = np.where(used, value[0], 0.0), np.where(used, value[1], 0.0)
            for own, slope in ((value, row), (arrays.negative(value), arrays.negative(row))):
                low, high, none = narrow_by_row(own, slope, (center[0].T, center[1].T), low, high)
                empty |= none
    return (low.T, high.T), empty


def _symmetric(intervals: tuple[Interval, ...], n: int) -> Interval:
    """Of shape (n, n, N), from the lower triangle row by row."""
    low, high = (np.empty((n, n, len(intervals[0][0]))) for _ in range(2))
    pairs = [(i, j) for i in range(n) for j in range(i + 1)]
    for (i, j), (first, last) in zip(pairs, intervals, strict=True):
        low[i, j] = low[j, i] = np.where(np.isnan(first), -np.inf, first)
        high[i, j] = high[j, i] = np.where(np.isnan(last), np.inf, last)
    return low, high


def _near_inverses(curvature: Array, movable: Mask) -> Array:
    """By box, about the inverse of F'' in the movable variables, zero elsewhere, of shape (N, n, n)."""
    n = len(curvature)
    matrix = np.moveaxis(np.nan_to_num(curvature, posinf=0.0, neginf=0.0), 2, 0)
    both = movable[:, :, None] & movable[:, None, :]
    matrix = np.where(both, matrix, np.eye(n))
    try:
        inverse = np.linalg.inv(matrix)
    except np.linalg.LinAlgError:
        return np.zeros_like(matrix)
    return np.where(both & np.isfinite(inverse).all(axis=(1, 2))[:, None, None], inverse, 0.0)
