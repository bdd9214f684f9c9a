"""Boxes that hold a feasible point for certain, near a point in floating point, for any functions.

The constraints that the point makes equations are solved for as many variables; the others stay at their bounds, or where
they are.
"""

from collections.abc import Iterator

import numpy as np

from lagrangian.algebra.interval_arrays import Array, Ends
from lagrangian.conditions.interval_existence import FeasibleEnclosure, decided_equalities
from lagrangian.conditions.interval_model import IntervalModel

# how near a constraint is to an equation, by the size of its slopes and the point's
TOLERANCE = 1e-6
LEAST_PIVOT = 1e-9
NEWTON_STEPS = 12
# radii that are tried, by 1 + |x|, and by the shift of a Newton step
RADII = (1e-15, 1e-14, 1e-12, 1e-10, 1e-8)
SHIFTS = 4.0


def enclosure_near(model: IntervalModel, near: Array) -> FeasibleEnclosure | None:
    """The best of the boxes found near a given point; None without one.

    Args:
        model: the problem; its integer variables are held at the nearest integers.
        near: feasible up to rounding.
    """
    with np.errstate(all="ignore"):
        for at_bounds, active in _choices(model, near):
            found = _solve(model, near, at_bounds, active)
            if found is not None:
                return found
    return None


def _choices(model: IntervalModel, near: Array) -> Iterator[tuple[Array, tuple[int, ...]]]:
    """Which variables are held at a bound (-1, 0 or 1), and which inequalities are equations: all that are near, then fewer."""
    room = TOLERANCE * (1.0 + np.abs(near))
    at_bounds = np.where(near <= model.low_ends[1] + room, -1, np.where(near >= model.high_ends[0] - room, 1, 0))
    active = _active(model, near)
    nowhere = np.zeros_like(at_bounds)
    yield at_bounds, active
    if active:
        yield at_bounds, ()
    if at_bounds.any():
        if active:
            yield nowhere, active
        yield nowhere, ()


def _active(model: IntervalModel, near: Array) -> tuple[int, ...]:
    values, slopes = _values(model, list(model.inequalities), near), _slopes(model, list(model.inequalities), near)
    scale = 1.0 + np.abs(slopes) @ (1.0 + np.abs(near))
    strict = np.array([g.strict for g in model.general_inequalities], dtype=bool)
    return tuple(np.flatnonzero((values >= -TOLERANCE * scale) & ~strict).tolist())


def _values(model: IntervalModel, lines: list[int], point: Array) -> Array:
    found = model.program.evaluate(lines, (point[None], point[None]), Ends.FAST)
    return np.nan_to_num(np.array([0.5 * (low[0] + high[0]) for low, high in found.intervals]))


def _slopes(model: IntervalModel, lines: list[int], point: Array) -> Array:
    derivatives = [k for line in lines for k in model.gradient(line)]
    return _values(model, derivatives, point).reshape(len(lines), model.dimension)


def _solve(model: IntervalModel, near: Array, at_bounds: Array, active: tuple[int, ...]) -> FeasibleEnclosure | None:
    low, high = _held(model, near, at_bounds)
    point = np.clip(0.5 * (low + high), low, high)
    free = np.flatnonzero((at_bounds == 0) & ~model.integers)
    # those in variables that are held alone hold there or not
    decided = decided_equalities(model, free.tolist())
    equalities = [line for line in model.continuous_equalities if line not in decided]
    chosen = _pivots(_slopes(model, [*equalities, *(model.inequalities[k] for k in active)], point)[:, free])
    if any(k not in chosen for k in range(len(equalities))):
        return None
    kept = tuple(active[k - len(equalities)] for k in sorted(chosen) if k >= len(equalities))
    solved = [int(free[column]) for column in chosen.values()]
    lines = [model.inequalities[k] for k in kept] + equalities
    shift = np.zeros(len(solved))
    for _ in range(NEWTON_STEPS if solved else 0):
        step = _newton_step(model, lines, solved, point)
        if step is None:
            return None
        point[solved] -= step
        shift = np.abs(step)
    return _smallest_box(model, low, high, point, shift, tuple(solved), kept)


def _held(model: IntervalModel, near: Array, at_bounds: Array) -> tuple[Array, Array]:
    """The ends of the variables that are held: of a bound, of an integer, or the point itself."""
    inside = np.clip(near, model.low_ends[1], model.high_ends[0])
    inside = np.where(model.integers, np.rint(inside), inside)
    ends = []
    for side in (0, 1):
        end = np.where(at_bounds < 0, model.low_ends[side], np.where(at_bounds > 0, model.high_ends[side], inside))
        ends.append(end)
    return ends[0], ends[1]


def _pivots(rows: Array) -> dict[int, int]:
    """By row, the column of its pivot in an elimination; rows that depend on others before them have none."""
    rows = rows.copy()
    scale = np.abs(rows).max(axis=1, initial=0.0)
    chosen: dict[int, int] = {}
    for number in range(len(rows)):
        size = np.abs(rows[number])
        size[list(chosen.values())] = 0.0
        if not size.size or size.max() <= LEAST_PIVOT * max(float(scale[number]), 1e-300):
            continue
        column = int(np.argmax(size))
        chosen[number] = column
        for other in range(number + 1, len(rows)):
            rows[other] -= rows[other, column] / rows[number, column] * rows[number]
    return chosen


def _newton_step(model: IntervalModel, lines: list[int], solved: list[int], point: Array) -> Array | None:
    try:
        slopes, missed = _slopes(model, lines, point)[:, solved], _values(model, lines, point)
        step: Array = np.linalg.solve(slopes, missed).astype(np.float64)
    except np.linalg.LinAlgError:
        return None
    return step if np.isfinite(step).all() else None


def _smallest_box(
    model: IntervalModel,
    low: Array,
    high: Array,
    point: Array,
    shift: Array,
    solved: tuple[int, ...],
    active: tuple[int, ...],
) -> FeasibleEnclosure | None:
    places = list(solved)
    for radius in RADII if solved else RADII[:1]:
        low, high = low.copy(), high.copy()
        room = SHIFTS * shift + radius * (1.0 + np.abs(point[places]))
        low[places], high[places] = point[places] - room, point[places] + room
        found = FeasibleEnclosure(low, high, solved, active)
        if found.holds(model):
            return found
    return None
