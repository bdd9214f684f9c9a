"""Lower bounds over boxes from multipliers: F >= L wherever g <= 0 and h = 0, with mu >= 0, penalties r, s >= 0 and

    L = F + sum(mu g + r g**2) + sum(lambda h + s h**2),        r = 0 wherever g may be less than -mu / r on the box.

With L'' + alpha I positive definite on a box that holds c (alpha may be negative),

    L(x) >= L(c) + L'(c) (x - c) - alpha/2 |x - c|^2,

whose least value over the box is seen term by term. Where F and g are convex and h affine, the multipliers of a KKT point
close the whole box at once (Lagrange duality); alpha makes up for Hessians that are only semidefinite. Near a minimizer with
strict complementarity and the second-order condition on the tangent space the penalties make L convex, so that the box around
it need not be small.

Sources: Boyd and Vandenberghe (2004), Convex Optimization, section 5.1.3; Adjiman, Dallwig, Floudas and Neumaier (1998) for
alpha; Hestenes (1969), Multiplier and Gradient Methods, for the penalties.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lagrangian.algebra import interval_arrays as arrays
from lagrangian.algebra.interval_arrays import Array, Ends, Interval, Mask
from lagrangian.conditions.interval_model import Boxes, IntervalModel
from lagrangian.conditions.interval_rules import pivots_are_positive


@dataclass(frozen=True, eq=False)
class Expansions:
    """What F, g and h are at points c of N boxes, and on all of these boxes.

    K functions, n variables: ``values`` and ``on_box`` have the shape (K, N), ``slopes`` (at c) and ``slopes_on_box`` (K, n, N),
    ``curvature`` (on the box) (K, n (n + 1) / 2, N), the lower triangle row by row. ``usable``: c is in the box, all is defined.
    """

    boxes: Boxes
    center: Interval
    values: Interval
    slopes: Interval
    on_box: Interval
    slopes_on_box: Interval
    curvature: Interval
    usable: Mask

    def take(self, places: NDArray[np.int64]) -> "Expansions":
        def some(interval: Interval) -> Interval:
            return interval[0][..., places], interval[1][..., places]

        return Expansions(
            self.boxes.take(places),
            (self.center[0][places], self.center[1][places]),
            some(self.values),
            some(self.slopes),
            some(self.on_box),
            some(self.slopes_on_box),
            some(self.curvature),
            self.usable[places],
        )


def expansions(model: IntervalModel, boxes: Boxes, points: Array, how: Ends) -> Expansions:
    """Evaluate all that bounds at the points c, of shape (N, n), need."""
    center = np.where(boxes.held, boxes.low, points), np.where(boxes.held, boxes.high, points)
    lines = [model.objective, *model.inequalities, *model.equalities]
    gradients = [k for line in lines for k in model.gradient(line)]
    hessians = [k for line in lines for k in model.hessian(line)]
    at_center = model.program.evaluate([*lines, *gradients], center, how)
    over_box = model.program.evaluate([*lines, *gradients, *hessians], (boxes.low, boxes.high), how)
    inside = ((points >= boxes.low) & (points <= boxes.high) | boxes.held).all(axis=1)
    count, n = len(lines), model.dimension
    cuts = (count, count * (1 + n))
    return Expansions(
        boxes,
        center,
        _stacked(at_center.intervals[:count], (count, -1)),
        _stacked(at_center.intervals[count:], (count, n, -1)),
        _stacked(over_box.intervals[:count], (count, -1)),
        _stacked(over_box.intervals[count : cuts[1]], (count, n, -1)),
        _stacked(over_box.intervals[cuts[1] :], (count, n * (n + 1) // 2, -1)),
        inside & ~at_center.partial & ~over_box.partial,
    )


def _stacked(intervals: tuple[Interval, ...], shape: tuple[int, ...]) -> Interval:
    low, high = (np.array([interval[end] for interval in intervals]) for end in (0, 1))
    width = low.shape[1] if low.size else 0
    return low.reshape((*shape[:-1], width)), high.reshape((*shape[:-1], width))


def lagrangian_bound(model: IntervalModel, found: Expansions, weights: Array, penalties: Array, shifts: Array) -> Array:
    """Lower bounds of F over the feasible points of each box; -oo where the rule does not apply.

    Args:
        model: the problem, with m inequalities and p equations.
        found: the expansions on N boxes.
        weights: (mu, lambda), of shape (N, m + p), mu >= 0.
        penalties: (r, s), of shape (N, m + p), r, s >= 0.
        shifts: alpha, of shape (N,).
    """
    m, n = len(model.inequalities), model.dimension
    allowed = np.isfinite(weights).all(axis=1) & (weights[:, :m] >= 0).all(axis=1) & np.isfinite(shifts)
    allowed &= np.isfinite(penalties).all(axis=1) & (penalties >= 0).all(axis=1)
    with np.errstate(all="ignore"):
        value, slopes, curvature = _lagrangian(found, weights, _allowed_penalties(found, weights, penalties, m))
        flat = _flat_variables(curvature, n)
        definite = _is_definite(curvature, found.boxes, shifts, flat)
        total = value[0], value[1]
        boxes, center = found.boxes, found.center
        for i in range(n):
            slope = slopes[0][i], slopes[1][i]
            # where L is affine in a variable, a negative alpha says nothing of it
            bend = np.where(flat[i] & (shifts < 0), 0.0, -0.5 * shifts)
            half = (bend, bend)
            step = arrays.add((boxes.low[:, i], boxes.high[:, i]), arrays.negative((center[0][:, i], center[1][:, i])))
            term = arrays.add(arrays.multiply(slope, step), arrays.multiply(half, arrays.integer_power(step, 2)))
            # the least value on the whole line, where alpha < 0
            square = arrays.integer_power(slope, 2)[1]
            lowest = arrays.below(arrays.below(square / (2.0 * shifts)))
            strong = (shifts < 0) & ~flat[i] & ~(term[0] > lowest)
            term = np.where(strong, lowest, term[0]), np.where(strong, np.inf, term[1])
            still = boxes.held[:, i]
            total = arrays.add(total, (np.where(still, 0.0, term[0]), np.where(still, 0.0, term[1])))
    usable = found.usable & allowed & definite & np.isfinite(total[0])
    return np.where(usable, total[0], -np.inf)


def _allowed_penalties(found: Expansions, weights: Array, penalties: Array, m: int) -> Array:
    """The penalties, zero for inequalities that fall below -mu / r somewhere on the box: r g >= -mu is needed there."""
    allowed = penalties.copy()
    for k in range(m):
        lowest = arrays.multiply((penalties[:, k], penalties[:, k]), (found.on_box[0][1 + k], found.on_box[1][1 + k]))
        allowed[:, k] = np.where(lowest[0] >= -weights[:, k], penalties[:, k], 0.0)
    return allowed


def _lagrangian(found: Expansions, weights: Array, penalties: Array) -> tuple[Interval, Interval, Interval]:
    """L and L' at c, and L'' on the box."""
    value = found.values[0][0], found.values[1][0]
    slopes = found.slopes[0][0], found.slopes[1][0]
    curvature = found.curvature[0][0], found.curvature[1][0]
    n = len(slopes[0])
    rows, columns = np.tril_indices(n)
    for k in range(weights.shape[1]):
        weight = weights[:, k], weights[:, k]
        own = [(end[0][1 + k], end[1][1 + k]) for end in (found.values, found.slopes, found.curvature)]
        if weight[0].any():
            value = arrays.add(value, arrays.multiply(weight, own[0]))
            slopes = arrays.add(slopes, arrays.multiply(weight, own[1]))
            curvature = arrays.add(curvature, arrays.multiply(weight, own[2]))
        if not penalties[:, k].any():
            continue
        penalty = penalties[:, k], penalties[:, k]
        twice = 2.0 * penalties[:, k], 2.0 * penalties[:, k]
        value = arrays.add(value, arrays.multiply(penalty, arrays.integer_power(own[0], 2)))
        slopes = arrays.add(slopes, arrays.multiply(arrays.multiply(twice, own[0]), own[1]))
        steep = found.slopes_on_box[0][1 + k], found.slopes_on_box[1][1 + k]
        # (g**2)'' / 2 = g' g'^T + g g''; squares on the diagonal
        products = arrays.multiply((steep[0][rows], steep[1][rows]), (steep[0][columns], steep[1][columns]))
        squares = arrays.integer_power((steep[0][rows], steep[1][rows]), 2)
        diagonal = (rows == columns)[:, None]
        outer = np.where(diagonal, squares[0], products[0]), np.where(diagonal, squares[1], products[1])
        bent = arrays.multiply((found.on_box[0][1 + k], found.on_box[1][1 + k]), own[2])
        curvature = arrays.add(curvature, arrays.multiply(twice, arrays.add(outer, bent)))
    return value, slopes, curvature


def _flat_variables(curvature: Interval, n: int) -> Mask:
    """Where L is affine in a variable: its row of L'' is zero. Of shape (n, N)."""
    flat = np.ones((n, curvature[0].shape[1]), dtype=bool)
    for place, (i, j) in enumerate(zip(*np.tril_indices(n), strict=True)):
        zero = (curvature[0][place] == 0) & (curvature[1][place] == 0)
        flat[i] &= zero
        flat[j] &= zero
    return flat


def _is_definite(curvature: Interval, boxes: Boxes, shifts: Array, flat: Mask) -> Mask:
    entries: dict[tuple[int, int], Interval] = {}
    n = len(flat)
    pairs = [(i, j) for i in range(n) for j in range(i + 1)]
    for place, (i, j) in enumerate(pairs):
        low, high = curvature[0][place], curvature[1][place]
        if i == j:
            low, high = arrays.add((low, high), (shifts, shifts))
        # a variable that is held takes no part, nor does one in which L is affine, unless curvature is claimed of it (alpha < 0)
        still = boxes.held[:, i] | boxes.held[:, j] | ((flat[i] | flat[j]) & (shifts >= 0))
        fixed = 1.0 if i == j else 0.0
        entries[i, j] = np.where(still, fixed, low), np.where(still, fixed, high)
    return pivots_are_positive(entries, n)
