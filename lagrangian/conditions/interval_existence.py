"""Feasible points that no closed form is known for: a small box in which a system of equations has a zero, for any functions.

Some variables are held at numbers, as many others y as there are equations H are solved for. With a matrix C near the inverse
of H'(c) and the box Y = c + [-r, r], a zero of H lies in Y if

    |C H(c)| + |I - C H'(Y)| r <= r   and   |I - C H'(Y)| r < r,

since y - C H(y) then maps Y into itself and C is not singular (Krawczyk 1969; Moore 1977; Brouwer's theorem). At kinks of Abs
and Max, H' holds all slopes of Clarke's Jacobian, for which the mean value theorem is true as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sympy
from sympy import Expr, Symbol

from lagrangian.algebra import interval_arrays as arrays
from lagrangian.algebra.interval_arrays import Array, Ends, Interval
from lagrangian.algebra.signs import is_nonnegative, is_positive, is_zero
from lagrangian.conditions.interval_model import IntervalModel
from lagrangian.problem.canonical import Equality, Inequality

CENTER_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class FeasibleEnclosure:
    """A box ``low`` <= x <= ``high``, arrays of shape (n,), in which there is a feasible point.

    Variables that are not ``solved`` for are held: at a floating-point number, or at a bound, whose enclosure the box then has.
    The equations are the equalities, but for affine ones that follow from others, and the inequalities ``active``, which are
    places in `IntervalModel.inequalities`. Equalities in held variables alone are none of them: they are decided exactly, such
    as y = log(1 + x) at the bounds x = y = 0, and so are inequalities in held variables that rounding leaves undecided.
    """

    low: Array
    high: Array
    solved: tuple[int, ...]
    active: tuple[int, ...] = ()

    @property
    def center(self) -> Array:
        return _center(self.low, self.high)

    def objective(self, model: IntervalModel) -> tuple[float, float]:
        """Two numbers between which the objective lies on the box; infinities where it may be undefined."""
        found = model.program.evaluate([model.objective], (self.low[None], self.high[None]), Ends.PROVED)
        low, high = found.intervals[0]
        return (-np.inf, np.inf) if found.partial[0] else (float(low[0]), float(high[0]))

    def holds(self, model: IntervalModel) -> bool:
        """Whether the box holds a feasible point, for certain."""
        if not self._is_well_formed(model) or not self._bounds_hold(model):
            return False
        lines = [model.objective, *model.inequalities, *model.equalities]
        found = model.program.evaluate(lines, (self.low[None], self.high[None]), Ends.PROVED)
        if found.partial[0]:
            return False
        for place, inequality in enumerate(model.general_inequalities):
            high = found.intervals[1 + place][1][0]
            if place in self.active:
                if inequality.strict:
                    return False
            elif model.is_between_integers(inequality):
                continue
            elif not (high < 0 if inequality.strict else high <= 0) and not self._satisfied_exactly(model, inequality):
                return False
        decided = decided_equalities(model, self.solved)
        if not all(is_zero(h.expression.xreplace(self._held_values(model))) for h in decided.values()):
            return False
        equations = [model.inequalities[place] for place in self.active]
        equations += [line for line in model.continuous_equalities if line not in decided]
        return self._integers_satisfy(model) and has_zero(model, equations, self.low, self.high, self.solved)

    def _satisfied_exactly(self, model: IntervalModel, inequality: Inequality) -> bool:
        """Whether an inequality in held variables alone holds at their exact values."""
        values = self._held_values(model)
        if not inequality.expression.free_symbols <= values.keys():
            return False
        slack = -inequality.expression.xreplace(values)
        return (is_positive(slack) if inequality.strict else is_nonnegative(slack)) is True

    def _held_values(self, model: IntervalModel) -> dict[Symbol, Expr]:
        """The exact values of the variables that are held: those of floating-point numbers, or bounds that are none."""
        values: dict[Symbol, Expr] = {}
        for i, variable in enumerate(model.canonical.variables):
            low, high = self.low[i], self.high[i]
            if i in self.solved:
                continue
            if low == high:
                values[variable] = sympy.Rational(*float(low).as_integer_ratio())
            else:
                is_low = model.low_ends[0, i] == low and model.low_ends[1, i] == high
                values[variable] = model.low[i] if is_low else model.high[i]
        return values

    def _integers_satisfy(self, model: IntervalModel) -> bool:
        """Whether the constraints between integers hold, exactly: outward rounding would leave 1 + 1 - 2 <= 0 undecided."""
        variables = model.canonical.variables
        point = {
            v: sympy.Integer(int(x)) for v, x in zip(variables, self.low, strict=True) if v in model.canonical.integers
        }
        chosen = [g for g in model.canonical.inequalities if model.is_between_integers(g)]
        values = [(g.expression.xreplace(point), g.strict) for g in chosen]
        zeros = [h.expression.xreplace(point) for h in model.canonical.equalities if model.is_between_integers(h)]
        return all(is_positive(-v) if strict else is_nonnegative(-v) for v, strict in values) and all(
            map(is_zero, zeros)
        )

    def _is_well_formed(self, model: IntervalModel) -> bool:
        n, count = model.dimension, len(model.inequalities)
        if self.low.shape != (n,) or self.high.shape != (n,) or not np.isfinite([self.low, self.high]).all():
            return False
        if len(set(self.solved)) < len(self.solved) or len(set(self.active)) < len(self.active):
            return False
        return all(0 <= i < n for i in self.solved) and all(0 <= k < count for k in self.active)

    def _bounds_hold(self, model: IntervalModel) -> bool:
        strict = {v for g in model.canonical.inequalities if g.strict for v in g.expression.free_symbols}
        for i, variable in enumerate(model.canonical.variables):
            low, high = self.low[i], self.high[i]
            inside = bool(model.low_ends[1, i] <= low <= high <= model.high_ends[0, i])
            if variable in strict:
                inside = bool(model.low_ends[1, i] < low <= high < model.high_ends[0, i])
            at_bound = variable not in strict and self._is_at_bound(model, i)
            if i in self.solved:
                if not inside or model.integers[i]:
                    return False
            elif not (at_bound or (inside and low == high)) or (model.integers[i] and (low != high or low % 1 != 0)):
                return False
        return True

    def _is_at_bound(self, model: IntervalModel, i: int) -> bool:
        """Whether the variable is at a bound, one that does not lie beyond the other bound."""
        ordered = bool(model.low_ends[1, i] <= model.high_ends[0, i]) or model.low[i] == model.high[i]
        ends = (model.low_ends[:, i], model.high_ends[:, i])
        return ordered and any(self.low[i] == end[0] and self.high[i] == end[1] for end in ends)


def decided_equalities(model: IntervalModel, solved: Sequence[int]) -> dict[int, Equality]:
    """Of the equalities that count as equations, by line, those in none of the variables that are solved for."""
    names = {model.canonical.variables[i] for i in solved}
    stated = dict(zip(model.equalities, model.canonical.equalities, strict=True))
    return {k: stated[k] for k in model.continuous_equalities if stated[k].expression.free_symbols.isdisjoint(names)}


def has_zero(model: IntervalModel, lines: list[int], low: Array, high: Array, solved: tuple[int, ...]) -> bool:
    """Whether the lines have a common zero in the box, whatever values in it the variables that are not solved for take."""
    size = len(solved)
    if len(lines) != size:
        return False
    if size == 0:
        return True
    center = _center(low, high)
    found = spread_and_room(model, lines, low, high, solved)
    places = list(solved)
    first, last = low.copy(), high.copy()
    first[places] = last[places] = center[places]
    at_center = model.program.evaluate(lines, (first[None], last[None]), Ends.PROVED)
    if found is None or at_center.partial[0]:
        return False
    spread, _, inverse = found
    radius = arrays.below(np.minimum(center - low, high - center))[places]
    shift = _largest(_product(inverse, _matrix(at_center.intervals, 1)))[:, 0]
    moved = arrays.add((shift, shift), (spread, spread))[1]
    return bool((radius > 0).all() and (spread < radius).all() and (moved <= radius).all())


def spread_and_room(
    model: IntervalModel, lines: list[int], low: Array, high: Array, solved: tuple[int, ...]
) -> tuple[Array, Array, Array] | None:
    """|I - C H'(Y)| r and r, where the box reaches from its center by at most r in the variables solved for; and C.

    If the first is less than the second, C H' has an inverse all over the box, row by row, and H is injective on it.
    """
    size, places, center = len(solved), list(solved), _center(low, high)
    slopes = [model.program.derivative(line, i) for line in lines for i in solved]
    over_box = model.program.evaluate([*slopes, *lines], (low[None], high[None]), Ends.PROVED)
    if over_box.partial[0]:
        return None
    jacobian = _matrix(over_box.intervals[: size * size], size)
    with np.errstate(all="ignore"):
        inverse = _near_inverse(0.5 * (jacobian[0] + jacobian[1]))
    if inverse is None:
        return None
    defect = arrays.add((np.eye(size), np.eye(size)), arrays.negative(_product(inverse, jacobian)))
    room = np.maximum(arrays.above(high - center), arrays.above(center - low))[places]
    spread = _product(_largest(defect), (room[:, None], room[:, None]))[1][:, 0]
    return spread, room, inverse


def _center(low: Array, high: Array) -> Array:
    return np.clip(low + CENTER_SHARE * (high - low), low, high)


def _matrix(intervals: tuple[Interval, ...], width: int) -> Interval:
    low, high = (np.array([interval[end][0] for interval in intervals]).reshape(-1, width) for end in (0, 1))
    return low, high


def _largest(entries: Interval) -> Array:
    return np.maximum(np.abs(entries[0]), np.abs(entries[1]))


def _product(left: Array, right: Interval) -> Interval:
    """A matrix times an interval matrix, rounded outward."""
    total: Interval = (np.zeros((len(left), right[0].shape[1])), np.zeros((len(left), right[0].shape[1])))
    with np.errstate(all="ignore"):
        for k in range(left.shape[1]):
            column = left[:, k : k + 1] * np.ones_like(right[0][k : k + 1])
            row = tuple(np.broadcast_to(end[k : k + 1], column.shape) for end in right)
            total = arrays.add(total, arrays.multiply((column, column), (row[0], row[1])))
    return total


def _near_inverse(matrix: Array) -> Array | None:
    try:
        inverse: Array = np.linalg.inv(matrix).astype(np.float64)
    except np.linalg.LinAlgError:
        return None
    return inverse if np.isfinite(inverse).all() else None
