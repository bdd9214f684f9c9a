"""Why a box holds no feasible point below a threshold: rules that each hold by themselves, applied to many boxes at a time.

A box is a product of closed intervals, and a face of one where variables are held at one of its ends. Let T be the threshold.

- *constraints*: some g > 0, or some h != 0, or some function is undefined, on all of the box.
- *value*: F >= T on the box, by its interval extension or by the mean value form F(c) + F'(B) (B - c).
- *slope*: F has a partial derivative without zero along a free variable whose ends are inside the region, no constraint is
  active, and all functions are defined nearby. Take feasible points whose values tend to the infimum; if that is below T, and
  every other rule holds on its boxes, they have a limit in a box of this kind, where a small step leads below the infimum.
- *narrowing*: constraints and F <= T leave only points of a smaller box, or none, by their operations one by one
  (`lagrangian.algebra.interval_contraction`), and by mean value forms (`lagrangian.conditions.interval_linear`).
- *stationarity*: as *slope*, for the part of a box in which a slope is not zero (`lagrangian.conditions.interval_stationarity`).
- *convexity*: F'' is positive definite on the box, so F >= F(c) + F'(c) (x - c) >= T there.
- *face*: dF/dx_i >= 0 on the box and no constraint is active: no point is below those of the lower face (or the upper, for <= 0).

Sources: Hansen and Walster (2004), Global Optimization Using Interval Analysis, chapters 12 to 14; Neumaier (1990), Interval
Methods for Systems of Equations.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lagrangian.algebra.interval_arrays import Array, Ends, Interval, Mask, add, multiply, negative, reciprocal
from lagrangian.algebra.interval_contraction import contract
from lagrangian.conditions.interval_linear import elimination, linearly_narrowed
from lagrangian.conditions.interval_model import Boxes, IntervalModel, middle
from lagrangian.conditions.interval_stationarity import narrowed_by_stationarity

NARROWINGS = 2


@dataclass(frozen=True, eq=False)
class Judged:
    """What the rules without second derivatives say of N boxes.

    ``bound`` is a lower bound of F over the feasible points of each box, +oo for boxes that a rule excludes; ``face`` is
    1 + i or -1 - i where the box may be replaced by its upper or lower face in variable i, else 0; ``slopes`` is F's gradient.
    ``partial`` are the boxes on which some function is not, or may not be, defined everywhere.
    """

    bound: Array
    face: NDArray[np.int64]
    slopes: Interval
    smooth: Mask
    inactive: Mask
    partial: Mask


def judge(model: IntervalModel, boxes: Boxes, how: Ends, threshold: float) -> Judged:
    """The rules *constraints*, *value*, *slope* and *face*."""
    count, n = len(boxes), model.dimension
    lines = [model.objective, *model.inequalities, *model.equalities]
    values = model.program.evaluate(lines, (boxes.low, boxes.high), how)
    bound = values.intervals[0][0].copy()
    excluded = values.empty.copy()
    m = len(model.inequalities)
    inactive = ~values.partial
    for low, high in values.intervals[1 : 1 + m]:
        excluded |= low > 0
        inactive &= high < 0
    for low, high in values.intervals[1 + m :]:
        excluded |= (low > 0) | (high < 0)
        inactive &= False
    bound[excluded] = np.inf
    slopes = np.full((count, n), -np.inf), np.full((count, n), np.inf)
    smooth = np.zeros(count, dtype=bool)
    face = np.zeros(count, dtype=np.int64)
    places = np.flatnonzero((bound < threshold) & ~values.partial)
    if len(places):
        inner = boxes.take(places)
        gradient = _gradient(model, inner, model.objective, how)
        smooth[places] = gradient[2]
        slopes[0][places], slopes[1][places] = gradient[0], gradient[1]
        bound[places] = np.maximum(
            bound[places], _mean_value(model, inner, gradient[:2], gradient[2], model.objective, how)
        )
        for line in model.inequalities:
            excluded[places] |= _linear_exclusion(model, inner, line, how, both=False)
        for line in model.equalities:
            excluded[places] |= _linear_exclusion(model, inner, line, how, both=True)
        usable = gradient[2] & inactive[places]
        steep, faces = _slope_rules(model, inner, gradient[:2], usable)
        excluded[places] |= steep & ~values.edge[places]
        face[places] = faces
        bound[excluded] = np.inf
    return Judged(bound, face, slopes, smooth, inactive, values.partial)


def _gradient(model: IntervalModel, boxes: Boxes, line: int, how: Ends) -> tuple[Array, Array, Mask]:
    found = model.program.evaluate(model.gradient(line), (boxes.low, boxes.high), how)
    low = np.stack([interval[0] for interval in found.intervals], axis=1)
    high = np.stack([interval[1] for interval in found.intervals], axis=1)
    for i, product in enumerate(model.factored if line == model.objective else ()):
        if product is not None:
            other = model.program.evaluate([product], (boxes.low, boxes.high), how)
            known = ~other.partial
            low[known, i] = np.maximum(low[known, i], other.intervals[0][0][known])
            high[known, i] = np.minimum(high[known, i], other.intervals[0][1][known])
    smooth = ~found.partial & np.isfinite(low).all(axis=1) & np.isfinite(high).all(axis=1)
    return low, high, ~found.partial & (smooth | ~np.isnan(low).any(axis=1))


def is_unbounded(boxes: Boxes) -> Mask:
    """Which boxes have an infinite side."""
    infinite: Mask = ~(np.isfinite(boxes.low) & np.isfinite(boxes.high))
    return np.any(infinite, axis=1)


def _at(boxes: Boxes, points: Array) -> Interval:
    """The points as thin boxes: held variables keep the interval that encloses their one number."""
    return np.where(boxes.held, boxes.low, points), np.where(boxes.held, boxes.high, points)


def _mean_value(model: IntervalModel, boxes: Boxes, slopes: Interval, smooth: Mask, line: int, how: Ends) -> Array:
    center = _at(boxes, middle(boxes))
    at_center = model.program.evaluate([line], center, how)
    bound = _linear_bound(at_center.intervals[0], slopes, center, boxes)
    return np.where(smooth & ~at_center.partial & np.isfinite(bound), bound, -np.inf)


def _linear_bound(value: Interval, slopes: Interval, center: Interval, boxes: Boxes) -> Array:
    """The least value + sum slope_i (x_i - c_i) over the box; held variables do not move."""
    total = value
    for i in range(boxes.low.shape[1]):
        step = add((boxes.low[:, i], boxes.high[:, i]), negative((center[0][:, i], center[1][:, i])))
        term = multiply((slopes[0][:, i], slopes[1][:, i]), step)
        still = boxes.held[:, i]
        total = add(total, (np.where(still, 0.0, term[0]), np.where(still, 0.0, term[1])))
    return total[0]


def _linear_exclusion(model: IntervalModel, boxes: Boxes, line: int, how: Ends, *, both: bool) -> Mask:
    """Whether the mean value form shows that g > 0, or that h is not zero, on the box."""
    low, high, smooth = _gradient(model, boxes, line, how)
    if not smooth.any():
        return np.zeros(len(boxes), dtype=bool)
    center = _at(boxes, middle(boxes))
    value = model.program.evaluate([line], center, how)
    usable = smooth & ~value.partial
    excluded = usable & (_linear_bound(value.intervals[0], (low, high), center, boxes) > 0)
    if both:
        excluded |= usable & (_linear_bound(negative(value.intervals[0]), (-high, -low), center, boxes) > 0)
    return excluded


def _slope_rules(model: IntervalModel, boxes: Boxes, slopes: Interval, usable: Mask) -> tuple[Mask, NDArray[np.int64]]:
    bounded = (np.isfinite(boxes.low) & np.isfinite(boxes.high)).all(axis=1)
    excluded = np.zeros(len(boxes), dtype=bool)
    face = np.zeros(len(boxes), dtype=np.int64)
    for i in range(model.dimension):
        if model.integers[i]:  # it cannot move by a little
            continue
        free = usable & ~boxes.held[:, i] & (boxes.high[:, i] > boxes.low[:, i])
        rising, falling = free & (slopes[0][:, i] > 0), free & (slopes[1][:, i] < 0)
        excluded |= bounded & rising & (boxes.low[:, i] > model.low_ends[1, i])
        excluded |= bounded & falling & (boxes.high[:, i] < model.high_ends[0, i])
        flat_or_rising = free & (slopes[0][:, i] >= 0) & np.isfinite(boxes.low[:, i]) & (face == 0)
        face[flat_or_rising] = -1 - i
        flat_or_falling = free & (slopes[1][:, i] <= 0) & np.isfinite(boxes.high[:, i]) & (face == 0)
        face[flat_or_falling] = 1 + i
    return excluded, face


def faces(model: IntervalModel, boxes: Boxes, face: NDArray[np.int64]) -> Boxes:
    """The faces that `Judged.face` names: the variable is held at the box's end, or at the bound that lies in it."""
    low, high, held = boxes.low.copy(), boxes.high.copy(), boxes.held.copy()
    rows = np.arange(len(boxes))
    i = np.abs(face) - 1
    lower = face < 0
    end = np.where(lower, low[rows, i], high[rows, i])
    at_bound = np.where(lower, end <= model.low_ends[1, i], end >= model.high_ends[0, i])
    low[rows, i] = np.where(at_bound, np.where(lower, model.low_ends[0, i], model.high_ends[0, i]), end)
    high[rows, i] = np.where(at_bound, np.where(lower, model.low_ends[1, i], model.high_ends[1, i]), end)
    held[rows, i] = True
    return Boxes(low, high, held)


def face_holds(model: IntervalModel, boxes: Boxes, face: NDArray[np.int64], how: Ends) -> Mask:
    """Whether the rule *face* allows to replace each box by the face named."""
    values = model.program.evaluate([model.objective, *model.inequalities], (boxes.low, boxes.high), how)
    holds = ~values.partial & (len(model.equalities) == 0)
    for _, high in values.intervals[1:]:
        holds &= high < 0
    low, high, smooth = _gradient(model, boxes, model.objective, how)
    rows, i = np.arange(len(boxes)), np.abs(face) - 1
    lower = face < 0
    end = np.where(lower, boxes.low[rows, i], boxes.high[rows, i])
    signed = np.where(lower, low[rows, i] >= 0, high[rows, i] <= 0)
    return holds & smooth & signed & np.isfinite(end) & ~boxes.held[rows, i] & ~model.integers[i]


def narrowed(model: IntervalModel, boxes: Boxes, limits: Array, how: Ends) -> tuple[Boxes, Mask]:
    """The rules *narrowing* and *stationarity*: smaller boxes around all minimizers with F <= T, and where there can be none."""
    inside, empty = narrowed_by_constraints(model, boxes, limits, how)
    inside, nothing = narrowed_by_stationarity(model, inside, how)
    return inside, empty | nothing


def narrowed_by_constraints(model: IntervalModel, boxes: Boxes, limits: Array, how: Ends) -> tuple[Boxes, Mask]:
    """The rule *narrowing*: smaller boxes around all feasible points with F <= T, and where there are none.

    ``limits`` are the T of the boxes, of shape (N,); what is infinite tells nothing of F.
    """
    targets: list[tuple[int, float | Array, float | Array]] = [(model.objective, np.full(len(boxes), -np.inf), limits)]
    targets += [(line, -np.inf, 0.0) for line in (*model.inequalities, *model.implied)]
    targets += [(line, 0.0, 0.0) for line in model.equalities]
    low, high, empty = boxes.low, boxes.high, np.zeros(len(boxes), dtype=bool)
    multiples = elimination(model, boxes)
    for _ in range(NARROWINGS):
        (low, high), nothing = contract(model.program, targets, (low, high), how)
        empty |= nothing
        low, high = np.where(empty[:, None], boxes.low, low), np.where(empty[:, None], boxes.high, high)
        (low, high), nothing = linearly_narrowed(model, Boxes(low, high, boxes.held), limits, multiples, how)
        empty |= nothing
        low, high = np.where(model.integers, np.ceil(low), low), np.where(model.integers, np.floor(high), high)
        empty |= (low > high).any(axis=1)
        # a variable that is held keeps the interval that tells at which number
        kept = boxes.held | empty[:, None]
        low, high = np.where(kept, boxes.low, low), np.where(kept, boxes.high, high)
    return Boxes(low, high, boxes.held), empty


def curvature_is_positive(model: IntervalModel, boxes: Boxes, how: Ends) -> Mask:
    """Whether F'' is positive definite, in the variables that are not held, on all of each box: an interval Cholesky
    factorization without a pivot that can be zero or negative."""
    n = model.dimension
    found = model.program.evaluate(model.hessian(model.objective), (boxes.low, boxes.high), how)
    entries: dict[tuple[int, int], Interval] = {}
    place = 0
    for i in range(n):
        for j in range(i + 1):
            still = boxes.held[:, i] | boxes.held[:, j]
            fixed = 1.0 if i == j else 0.0
            low, high = found.intervals[place]
            entries[i, j] = np.where(still, fixed, low), np.where(still, fixed, high)
            place += 1
    with np.errstate(all="ignore"):
        return ~found.partial & pivots_are_positive(entries, n)


def pivots_are_positive(entries: dict[tuple[int, int], Interval], n: int) -> Mask:
    """Whether all symmetric matrices with lower triangles in ``entries`` are positive definite; False if in doubt."""
    positive = np.ones(len(entries[0, 0][0]), dtype=bool)
    for k in range(n):
        positive &= entries[k, k][0] > 0
        pivot = np.where(positive, entries[k, k][0], 1.0), np.where(positive, entries[k, k][1], 1.0)
        inverse = reciprocal(pivot)[0]
        for i in range(k + 1, n):
            factor = multiply(entries[i, k], inverse)
            for j in range(k + 1, i + 1):
                entries[i, j] = add(entries[i, j], negative(multiply(factor, entries[j, k])))
    for low, high in entries.values():
        positive &= ~(np.isnan(low) | np.isnan(high))
    return positive


def convex_bound(model: IntervalModel, boxes: Boxes, points: Array, how: Ends) -> Array:
    """F(c) + min F'(c) (x - c) over each box, a bound where F is convex on it; -oo where F or F' is undefined at c."""
    center = _at(boxes, points)
    found = model.program.evaluate([model.objective, *model.gradient(model.objective)], center, how)
    slopes = tuple(np.stack([interval[end] for interval in found.intervals[1:]], axis=1) for end in (0, 1))
    bound = _linear_bound(found.intervals[0], (slopes[0], slopes[1]), center, boxes)
    return np.where(found.partial | np.isnan(bound), -np.inf, bound)
