"""One piece of a path: steps along the tangent, corrected by Newton's method, from event to event until the piece ends.

Steps are measured along the curve (Keller 1977; Allgower and Georg 1990, chapter 6), so that a turning point is an ordinary point
of it: the place where the parameter stops to grow. Between two points every function that must stay nonnegative is taken as the
cubic with the values and slopes that are known at both ends; a step is shortened where such a cubic falls below zero and returns.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from lagrangian.numeric.path_functions import Array, PathFunctions
from lagrangian.numeric.path_switching import LEAST_CURVATURE, NEAR, continued, is_blocked
from lagrangian.numeric.path_system import (
    EPSILON,
    Corrected,
    PathPoint,
    along,
    are_independent,
    at_event,
    at_parameter,
    corrected,
    curvature,
    scales,
    tangent,
)

LONGEST = 0.2
SHORTEST = 1e-9
MOST_STEPS = 20_000
# what a constraint or multiplier may fall below zero by rounding
BELOW = 1e-11
# the cosine of the greatest angle between the tangents at both ends of a step, and how far Newton's method may move a prediction
LEAST_COSINE = 0.95
FARTHEST = 0.25
GREAT = 1e6
# what is great and would be infinite so near, in units of the whole interval, grows without bound
CLOSE = 1e-9


class EndReason(Enum):
    """Why a piece of a path ends."""

    LIMIT = "the limit of the interval"
    BLOCKED = "to first order, no step beyond is feasible"
    FOLD = "the local optimum ends in a fold: it meets a stationary point of another kind"
    BIFURCATION = "the second-order condition fails: the reduced Hessian loses its definiteness"
    DEPENDENT = "the gradients of the active constraints become dependent: the branch turns back"
    JUMP = "no active set continues the solution: it jumps, or there is none beyond"
    DIVERGED = "the solution or its multipliers grow beyond what is followed"
    STALLED = "Newton's method finds no solution beyond: a function may be undefined there"
    STEPS = "the greatest number of steps was reached"


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """An event: the point with the active set before, the constraints that enter and leave, and the parameter's error."""

    point: PathPoint
    entering: tuple[int, ...]
    leaving: tuple[int, ...]
    error: float


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """The points of a piece in the order of tracing, each event once with either active set, and how it ended."""

    points: tuple[PathPoint, ...]
    changes: tuple[Change, ...]
    reason: EndReason
    error: float


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What stays the same while a piece is traced.

    Attributes:
        functions: of the problem.
        target: where the parameter is to come to.
        reach: the length of the whole interval, the unit of the parameter.
        widest: the longest step of the parameter.
        tolerance: the greatest residual of a point.
    """

    functions: PathFunctions
    target: float
    direction: int
    reach: float
    widest: float
    tolerance: float


@dataclass(slots=True)
class _State:
    """A point with its tangent, the length of the next step, and how much curve is left before a fold, if one was seen.

    Beyond ``great`` an unknown may be growing without bound.
    """

    point: PathPoint
    tangent: Array
    scale: Array
    length: float
    great: float
    left: float = float("inf")


def trace(course: Course, start: PathPoint) -> Trace:
    """Follow the curve from a point, whose active set is that of the side where it goes, to the target or its end."""
    points: list[PathPoint] = [start]
    changes: list[Change] = []
    reason, error = EndReason.LIMIT, 0.0
    state = _set_out(course, start)
    for _ in range(MOST_STEPS):
        if course.direction * (course.target - points[-1].parameter) <= 0:
            break
        ended = (EndReason.JUMP, rounding(start)) if state is None else _end(course, state)
        if ended is not None:
            reason, error = ended
            break
        assert state is not None
        found = _advance(course, state)
        if isinstance(found, PathPoint):
            points.append(found)
        elif found is not None:
            reached, switched = found
            _step_back(course, points, reached.point)
            points.append(reached.point)
            if switched is None:
                reason, error = reason_of_block(course, reached.point), reached.error
                break
            changes.append(_change(reached, switched))
            points.append(switched)
            state = _set_out(course, switched)
    else:
        reason, error = EndReason.STEPS, rounding(points[-1])
    return Trace(tuple(points), tuple(changes), reason, error)


def _step_back(course: Course, points: list[PathPoint], event: PathPoint) -> None:
    """Take away a last point that lies beyond an event by rounding."""
    is_beyond = course.direction * (event.parameter - points[-1].parameter) <= 0
    if is_beyond and len(points) > 1 and points[-2].active == event.active:
        points.pop()


def _change(reached: Corrected, switched: PathPoint) -> Change:
    before, after = set(reached.point.active), set(switched.active)
    return Change(reached.point, tuple(sorted(after - before)), tuple(sorted(before - after)), reached.error)


def rounding(point: PathPoint) -> float:
    """How far the parameter of a point may be off by rounding alone."""
    return 8 * EPSILON * (1.0 + abs(point.parameter))


def _set_out(course: Course, point: PathPoint) -> _State | None:
    """The state at the beginning of a segment, its tangent in the course's direction."""
    scale = scales(point, course.reach)
    before = np.zeros(len(scale))
    before[-1] = course.direction * course.reach
    found = tangent(point, scale, before)
    if found is None or found[-1] * course.direction <= 0:
        return None
    great = GREAT * (1.0 + float(np.abs(point.unknowns).max()))
    return _State(point, found, scale, LONGEST / 4, great)


def _end(course: Course, state: _State) -> tuple[EndReason, float] | None:
    """The reason why no step is made from a state any more, and how far the end may be from it in the parameter."""
    point = state.point
    far = state.left if np.isfinite(state.left) else SHORTEST
    onward = 4 * far * abs(state.tangent[-1]) + rounding(point)
    if np.abs(point.unknowns[:-1]).max() > state.great and _distance_of_pole(state) <= CLOSE * course.reach:
        return EndReason.DIVERGED, _distance_of_pole(state) + rounding(point)
    if state.left < 10 * SHORTEST:
        return _kind_of_fold(course, state), onward
    if state.length < SHORTEST:
        great = np.abs(point.unknowns[:-1]).max() > state.great / GREAT**0.5
        return (EndReason.DIVERGED if great else EndReason.STALLED), max(_distance_of_pole(state), onward)
    return None


def _distance_of_pole(state: _State) -> float:
    """How far a pole of a power of the parameter may be: |dp/du u| for the unknown u that grows the most."""
    unknowns = state.point.unknowns[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.abs(state.tangent[:-1] / unknowns)
    fastest = float(growth[np.argmax(np.abs(unknowns))]) if len(unknowns) else 0.0
    return 2 * abs(float(state.tangent[-1])) / fastest if fastest > 0 else float("inf")


def _kind_of_fold(course: Course, state: _State) -> EndReason:
    """At a fold the parameter stands still along the curve; else the curve goes on, and its points are no minima."""
    if abs(state.tangent[-1]) / course.reach > 1e-4:
        return EndReason.BIFURCATION
    rows = state.point.values.jacobian[list(state.point.active)]
    return EndReason.FOLD if are_independent(rows, least=1e-4) else EndReason.DEPENDENT


def reason_of_block(course: Course, point: PathPoint) -> EndReason:
    """Why no active set continues the solution at a point."""
    blocked = is_blocked(course.functions, point, course.direction)
    return EndReason.BLOCKED if blocked else EndReason.JUMP


def margins(functions: PathFunctions, point: PathPoint) -> Array:
    """What must not be negative, one number for each inequality: -g where it is not active, mu where it is."""
    m = functions.shape[1]
    found = -point.values.constraints[:m]
    for i in point.active:
        if i < m:
            found[i] = point.multipliers[i]
    return found


def rounding_of_margins(functions: PathFunctions, point: PathPoint) -> Array:
    """What the margins may fall below zero by rounding."""
    m = functions.shape[1]
    terms = np.abs(point.values.jacobian[:m]) @ np.abs(point.x)
    terms += np.abs(point.values.constraint_slopes[:m] * point.parameter)
    active = [i for i in point.active if i < m]
    terms[active] = np.abs(point.multipliers).max(initial=0.0)
    return np.asarray(BELOW + 16 * EPSILON * terms)


def _margin_slopes(functions: PathFunctions, point: PathPoint, step: Array) -> Array:
    """The margins' derivatives along a step of the unknowns."""
    m, n = functions.shape[1], len(point.x)
    found = -(point.values.jacobian[:m] @ step[:n] + point.values.constraint_slopes[:m] * step[-1])
    for place, i in enumerate(point.active):
        if i < m:
            found[i] = step[n + place]
    return found


def _advance(course: Course, state: _State) -> PathPoint | tuple[Corrected, PathPoint | None] | None:
    """One step: the next point, or an event with the point beyond it; None where the step must be shorter first."""
    length = min(state.length, state.left / 2)
    share = abs(state.tangent[-1])
    if share * length > course.widest:
        length = course.widest / share
    ahead = course.direction * (course.target - state.point.parameter)
    is_last = share * length >= ahead
    if is_last:
        length = ahead / share
    found = _stepped(course, state, length, is_last)
    if found is not None and course.direction * (course.target - found[0].point.parameter) < 0:
        found = _stepped(course, state, length, is_last=True)
    if found is None:
        state.length = length / 2
        return None
    reached, onward = found
    if onward[-1] * course.direction <= 0 or not curvature(reached.point) > LEAST_CURVATURE:
        # a fold lies ahead, unless an event comes first
        event = _first_event(course, state, reached, onward, length)
        state.length, state.left = length / 2, length if event is None else state.left
        return event if isinstance(event, tuple) else None
    event = _first_event(course, state, reached, onward, length)
    if event == "shorter":
        state.length = length / 2
        return None
    if isinstance(event, tuple):
        return event
    _move(course, state, reached, onward, length)
    return reached.point


def _move(course: Course, state: _State, reached: Corrected, onward: Array, length: float) -> None:
    scale = scales(reached.point, course.reach)
    state.point, state.scale, state.left = reached.point, scale, state.left - length
    state.tangent = onward / np.linalg.norm(onward / scale)
    state.length = min(LONGEST, 2 * length if reached.iterations <= 4 else length)


def _stepped(course: Course, state: _State, length: float, is_last: bool) -> tuple[Corrected, Array] | None:
    """The corrected point and its tangent; None where Newton's method failed or went far, or the curve bends too much."""
    predicted = state.point.unknowns + length * state.tangent
    closing = at_parameter(course.target) if is_last else along(state.tangent / state.scale**2, predicted)
    reached = corrected(course.functions, state.point.active, predicted, closing, course.tolerance)
    if reached is None:
        return None
    moved = np.linalg.norm((reached.point.unknowns - predicted) / state.scale)
    onward = tangent(reached.point, state.scale, state.tangent)
    if onward is None or moved > FARTHEST * length + 1e-12:
        return None
    if float((onward / state.scale) @ (state.tangent / state.scale)) < LEAST_COSINE:
        return None
    return reached, onward


def _first_event(
    course: Course, state: _State, reached: Corrected, onward: Array, length: float
) -> tuple[Corrected, PathPoint | None] | str | None:
    """The first event on a step with the point beyond it, None for none, "shorter" where the step hides more than one."""
    functions = course.functions
    before, after = margins(functions, state.point), margins(functions, reached.point)
    slopes = length * _margin_slopes(functions, state.point, state.tangent)
    ends = length * _margin_slopes(functions, reached.point, onward)
    below = rounding_of_margins(functions, reached.point)
    crossed = [i for i in range(len(before)) if after[i] < -below[i]]
    if not crossed:
        return "shorter" if length > 1e3 * SHORTEST and _dips(before, after, slopes, ends) else None
    shares = [first_zero(before[i], after[i], slopes[i], ends[i]) for i in crossed]
    first = int(np.argmin(shares))
    # what has just been switched is zero at the beginning and does not fall there: it is no event again
    if before[crossed[first]] <= NEAR and slopes[crossed[first]] >= -BELOW:
        return "shorter"
    return _located(course, state, reached, crossed[first], shares[first]) or "shorter"


def _located(
    course: Course, state: _State, reached: Corrected, constraint: int, share: float
) -> tuple[Corrected, PathPoint | None] | None:
    """The event of a constraint on a step by Newton's method; None where another event comes before it."""
    start, end = state.point.unknowns, reached.point.unknowns
    found = corrected(
        course.functions, state.point.active, start + share * (end - start), at_event(constraint), course.tolerance
    )
    if found is None or not curvature(found.point) > LEAST_CURVATURE:
        return None
    place = float((found.point.unknowns - start) / state.scale @ ((end - start) / state.scale))
    whole = float(np.sum(((end - start) / state.scale) ** 2))
    if not -1e-12 <= place <= whole * (1 + 1e-9) + 1e-12:
        return None
    if (margins(course.functions, found.point) < -1e3 * rounding_of_margins(course.functions, found.point)).any():
        return None
    if course.direction * (course.target - found.point.parameter) < 0:
        return None
    return found, continued(course.functions, found.point, course.direction, course.reach)


def _cubic(before: Any, after: Any, slopes: Any, ends: Any, share: Any) -> Any:
    """The cubics on [0, 1] with these values and slopes at both ends."""
    t = share
    return (
        (1 + 2 * t) * (1 - t) ** 2 * before
        + t * (1 - t) ** 2 * slopes
        + t**2 * (3 - 2 * t) * after
        + t**2 * (t - 1) * ends
    )


def _dips(before: Array, after: Array, slopes: Array, ends: Array) -> bool:
    """Whether a margin that is positive at both ends of a step seems to be negative between them."""
    shares = np.linspace(0.1, 0.9, 9)[:, None]
    size = BELOW + 1e-6 * (np.abs(before) + np.abs(after))
    return bool((_cubic(before, after, slopes, ends, shares) < -size).any())


def first_zero(before: float, after: float, slope: float, end: float) -> float:
    """Where the cubic with these values and slopes at 0 and 1 becomes negative.

    >>> round(first_zero(1.0, -1.0, -2.0, -2.0), 9)
    0.5
    """
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        if _cubic(before, after, slope, end, middle) >= 0:
            low = middle
        else:
            high = middle
    return high if high - low > 0.5 else (low + high) / 2
