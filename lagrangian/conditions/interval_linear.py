"""Boxes made smaller by mean value forms: F - T <= 0, g <= 0 and h = 0 as linear functions with interval slopes.

On a box B with a point c, each function f is in f(c) + f'(B) (x - c). The equations are solved for as many variables, those that
matter most for the box, by a matrix near the inverse of their slopes at c (Hansen and Sengupta 1981); multiples of them are added
to F and g so that these variables nearly vanish there, which are the multipliers of a Lagrangian. The matrices and multiples
are floating-point numbers, and may be any: what follows from them is rounded outward.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lagrangian.algebra import interval_arrays as arrays
from lagrangian.algebra.interval_arrays import Array, Ends, Interval, Mask
from lagrangian.conditions.interval_model import Boxes, IntervalModel, middle

LEAST_PIVOT = 1e-10


@dataclass(frozen=True, eq=False)
class Elimination:
    """By box, multiples of p equations: ``solving``, (N, p, p), each nearly one variable; ``added`` to F and g, (N, K, p)."""

    solving: Array
    added: Array


@dataclass(frozen=True, eq=False)
class _Forms:
    """Of functions on N boxes: ``values`` at the points c, of shape (K, N), and ``slopes`` on the boxes, (K, n, N)."""

    values: Interval
    slopes: Interval


def elimination(model: IntervalModel, boxes: Boxes) -> Elimination:
    """Multiples of the equations that suit the boxes, from slopes at their middles; any would be right."""
    lines, count = _lines(model)
    n = model.dimension
    points = middle(boxes)
    center = np.where(boxes.held, boxes.low, points), np.where(boxes.held, boxes.high, points)
    gradients = [k for line in lines for k in model.gradient(line)]
    with np.errstate(all="ignore"):
        # fast ends, so that the same multiples are found when the rule is checked
        found = model.program.evaluate(gradients, center, Ends.FAST)
        slopes = np.array([0.5 * (low + high) for low, high in found.intervals]).reshape(len(lines), n, len(boxes))
        slopes = np.where(boxes.held.T, 0.0, np.nan_to_num(slopes, posinf=0.0, neginf=0.0))
        widths = np.where(boxes.held, 0.0, boxes.high - boxes.low)
        inverse, pivots = _near_inverses(slopes[count:], widths)
        own = np.stack(
            [np.take_along_axis(slopes[k].T, pivots, axis=1) for k in range(count)] or [pivots * 0.0], axis=1
        )
        return Elimination(inverse, -np.nan_to_num(own @ inverse))


def _lines(model: IntervalModel) -> tuple[list[int], int]:
    """The lines of F, g and h, and how many come before h."""
    before = [model.objective, *model.inequalities]
    return [*before, *model.independent_equalities], len(before)


def linearly_narrowed(
    model: IntervalModel, boxes: Boxes, limits: Array, multiples: Elimination, how: Ends
) -> tuple[Interval, Mask]:
    """Smaller boxes around all feasible points with F <= T, the limits, of shape (N, n), and where there are none."""
    lines, count = _lines(model)
    points = np.clip(middle(boxes), -np.finfo(float).max, np.finfo(float).max)
    center = np.where(boxes.held, boxes.low, points), np.where(boxes.held, boxes.high, points)
    low, high = boxes.low.T.copy(), boxes.high.T.copy()
    empty = np.zeros(len(boxes), dtype=bool)
    with np.errstate(all="ignore"):
        forms = _forms(model, lines, boxes, center, how)
        first = arrays.add((forms.values[0][0], forms.values[1][0]), (-limits, -limits))
        forms.values[0][0], forms.values[1][0] = first
        centers = center[0].T, center[1].T
        rows = [_combined(forms, multiples.added[:, k], count, k) for k in range(count)]
        for r in range(len(lines) - count):
            value, slopes = _combined(forms, multiples.solving[:, r], count, None)
            rows += [(value, slopes), (arrays.negative(value), arrays.negative(slopes))]
        for value, slopes in rows:
            low, high, nothing = narrow_by_row(value, slopes, centers, low, high)
            empty |= nothing
    return (low.T, high.T), empty


def _forms(model: IntervalModel, lines: list[int], boxes: Boxes, center: Interval, how: Ends) -> _Forms:
    """The forms; where a function may be undefined, nothing is said of any."""
    n, count = model.dimension, len(lines)
    gradients = [k for line in lines for k in model.gradient(line)]
    values = model.program.evaluate(lines, center, how)
    slopes = model.program.evaluate([*lines, *gradients], (boxes.low, boxes.high), how)
    unknown = values.partial | slopes.partial
    low, high = (np.array([interval[end] for interval in slopes.intervals[count:]]) for end in (0, 1))
    low, high = (end.reshape(count, n, len(boxes)) for end in (low, high))
    low, high = np.where(unknown | np.isnan(low), -np.inf, low), np.where(unknown | np.isnan(high), np.inf, high)
    held = boxes.held.T
    at_center = tuple(np.array([interval[end] for interval in values.intervals]) for end in (0, 1))
    return _Forms((at_center[0], at_center[1]), (np.where(held, 0.0, low), np.where(held, 0.0, high)))


def _near_inverses(slopes: Array, widths: Array) -> tuple[Array, NDArray[np.int64]]:
    """By box, variables to solve p equations for, (N, p), and the inverses of their slopes, (N, p, p); zero where there is none.

    The variables are chosen by elimination, those first along which the equations change most on the box.
    """
    p, n, count = slopes.shape
    rows = np.moveaxis(slopes, 2, 0)
    weighted = rows * np.where(np.isfinite(widths), widths, 1e30)[:, None, :]
    scale = np.abs(weighted).max(axis=2, initial=0.0)
    pivots = np.zeros((count, p), dtype=np.int64)
    usable = np.full(count, 0 < p <= n)
    each = np.arange(count)
    for r in range(p if n >= p else 0):
        size = np.abs(weighted[:, r])
        for s in range(r):
            size[each, pivots[:, s]] = 0.0
        pivots[:, r] = np.argmax(size, axis=1)
        largest = weighted[each, r, pivots[:, r]]
        usable &= np.abs(largest) > LEAST_PIVOT * scale[:, r]
        factor = weighted[:, r + 1 :][each, :, pivots[:, r]] / np.where(largest == 0, 1.0, largest)[:, None]
        weighted[:, r + 1 :] -= factor[:, :, None] * weighted[:, r : r + 1]
    if not p:
        return np.zeros((count, 0, 0)), pivots
    square = np.take_along_axis(rows, pivots[:, None, :], axis=2)
    usable &= np.isfinite(square).all(axis=(1, 2))
    square = np.where(usable[:, None, None], square, np.eye(p))
    try:
        inverse = np.linalg.inv(square)
    except np.linalg.LinAlgError:
        return np.zeros((count, p, p)), pivots
    return np.where(usable[:, None, None] & np.isfinite(inverse), inverse, 0.0), pivots


def _combined(forms: _Forms, weights: Array, first: int, k: int | None) -> tuple[Interval, Interval]:
    """Form k, if one is given, plus the equations' forms, which begin at ``first``, times weights of shape (N, p)."""
    shape = forms.slopes[0].shape[1:]
    value: Interval = (np.zeros(shape[1]), np.zeros(shape[1]))
    slopes: Interval = (np.zeros(shape), np.zeros(shape))
    if k is not None:
        value, slopes = (forms.values[0][k], forms.values[1][k]), (forms.slopes[0][k], forms.slopes[1][k])
    for s in range(weights.shape[1]):
        weight = weights[:, s], weights[:, s]
        place = first + s
        value = arrays.add(value, arrays.multiply(weight, (forms.values[0][place], forms.values[1][place])))
        slopes = arrays.add(slopes, arrays.multiply(weight, (forms.slopes[0][place], forms.slopes[1][place])))
    return value, slopes


def narrow_by_row(
    value: Interval, slopes: Interval, center: Interval, low: Array, high: Array
) -> tuple[Array, Array, Mask]:
    """What value + slopes (x - c) <= 0 leaves of low <= x <= high, all but the value of shape (n, N)."""
    steps = arrays.add((low, high), arrays.negative(center))
    terms = arrays.multiply(slopes, steps)[0]
    before, after = np.empty_like(terms), np.empty_like(terms)
    total = value[0]
    for i in range(len(terms)):
        before[i] = total
        total = arrays.below(total + terms[i])
    empty = total > 0
    rest = np.zeros_like(value[0])
    for i in range(len(terms) - 1, -1, -1):
        after[i] = rest
        rest = arrays.below(rest + terms[i])
    room = -arrays.below(before + after)
    room = np.where(np.isnan(room), np.inf, room)
    limit = arrays.multiply((np.full_like(room, -np.inf), room), arrays.reciprocal(slopes)[0])
    zero = (slopes[0] <= 0) & (slopes[1] >= 0) & (room >= 0)
    least, most = arrays.add(center, limit)
    low = np.where(zero, low, np.fmax(low, least))
    high = np.where(zero, high, np.fmin(high, most))
    return low, high, empty
