"""Lower bounds over boxes from multipliers: F >= F + sum(mu g) + sum(lambda h) wherever g <= 0 and h = 0, for mu >= 0.

With L that sum, and L'' + alpha I positive definite on a box that holds c (alpha may be negative),

    L(x) >= L(c) + L'(c) (x - c) - alpha/2 |x - c|^2,

whose least value over the box is seen term by term. Where F and g are convex and h affine, the multipliers of a KKT point
close the whole box at once (Lagrange duality); alpha makes up for Hessians that are only semidefinite.

Source: Boyd and Vandenberghe (2004), Convex Optimization, section 5.1.3; Adjiman, Dallwig, Floudas and Neumaier (1998) for alpha.
"""

import numpy as np

from lagrangian.algebra import interval_arrays as arrays
from lagrangian.algebra.interval_arrays import Array, Ends, Interval, Mask
from lagrangian.conditions.interval_model import Boxes, IntervalModel
from lagrangian.conditions.interval_rules import pivots_are_positive


def lagrangian_bound(
    model: IntervalModel, boxes: Boxes, points: Array, weights: Array, shifts: Array, how: Ends
) -> Array:
    """Lower bounds of F over the feasible points of each box; -oo where the rule does not apply.

    Args:
        model: the problem, with m inequalities and p equations.
        boxes: N boxes.
        points: c, of shape (N, n), inside the boxes.
        weights: (mu, lambda), of shape (N, m + p), mu >= 0.
        shifts: alpha, of shape (N,).
        how: whether the ends are proved.
    """
    n = model.dimension
    center = np.where(boxes.held, boxes.low, points), np.where(boxes.held, boxes.high, points)
    lines = [model.objective, *model.inequalities, *model.equalities]
    inside = ((points >= boxes.low) & (points <= boxes.high) | boxes.held).all(axis=1)
    allowed = (
        np.isfinite(weights).all(axis=1)
        & (weights[:, : len(model.inequalities)] >= 0).all(axis=1)
        & np.isfinite(shifts)
    )
    with np.errstate(all="ignore"):
        value, partial = _combined(model, [[line] for line in lines], center, weights, how)
        slopes, also = _combined(model, [model.gradient(line) for line in lines], center, weights, how)
        curvature, undefined = _combined(
            model, [model.hessian(line) for line in lines], (boxes.low, boxes.high), weights, how
        )
        definite = _is_definite(curvature, boxes, shifts, n)
        total = value[0]
        half = (-0.5 * shifts, -0.5 * shifts)
        for i in range(n):
            step = arrays.add((boxes.low[:, i], boxes.high[:, i]), arrays.negative((center[0][:, i], center[1][:, i])))
            term = arrays.add(arrays.multiply(slopes[i], step), arrays.multiply(half, arrays.integer_power(step, 2)))
            # the least value on the whole line, where alpha < 0
            square = arrays.integer_power(slopes[i], 2)[1]
            lowest = arrays.below(arrays.below(square / (2.0 * shifts)))
            strong = (shifts < 0) & ~(term[0] > lowest)
            term = np.where(strong, lowest, term[0]), np.where(strong, np.inf, term[1])
            still = boxes.held[:, i]
            total = arrays.add(total, (np.where(still, 0.0, term[0]), np.where(still, 0.0, term[1])))
    usable = inside & allowed & definite & ~partial & ~also & ~undefined & np.isfinite(total[0])
    return np.where(usable, total[0], -np.inf)


def _combined(
    model: IntervalModel, lines: list[list[int]], where: Interval, weights: Array, how: Ends
) -> tuple[list[Interval], Mask]:
    """The sums of the lines of F and of the constraints' multiplied by their weights; and where one is undefined."""
    width = len(lines[0])
    found = model.program.evaluate([line for group in lines for line in group], where, how)
    totals = list(found.intervals[:width])
    for k in range(1, len(lines)):
        weight = weights[:, k - 1]
        if not weight.any():
            continue
        for j in range(width):
            totals[j] = arrays.add(totals[j], arrays.multiply((weight, weight), found.intervals[k * width + j]))
    return totals, found.partial


def _is_definite(curvature: list[Interval], boxes: Boxes, shifts: Array, n: int) -> Mask:
    entries: dict[tuple[int, int], Interval] = {}
    pairs = [(i, j) for i in range(n) for j in range(i + 1)]
    flat = np.ones((n, len(shifts)), dtype=bool)
    for (i, j), (low, high) in zip(pairs, curvature, strict=True):
        zero = (low == 0) & (high == 0)
        flat[i] &= zero
        flat[j] &= zero
    for (i, j), (low, high) in zip(pairs, curvature, strict=True):
        if i == j:
            low, high = arrays.add((low, high), (shifts, shifts))
        # a variable that is held takes no part, nor does one in which L is affine, unless curvature is claimed of it (alpha < 0)
        still = boxes.held[:, i] | boxes.held[:, j] | ((flat[i] | flat[j]) & (shifts >= 0))
        fixed = 1.0 if i == j else 0.0
        entries[i, j] = np.where(still, fixed, low), np.where(still, fixed, high)
    return pivots_are_positive(entries, n)
