"""Traced pieces put together: both directions from a seed as one branch, and all branches as arrays in the user's signs."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol
from sympy.core.relational import Relational

from lagrangian.numeric.path_functions import Array, PathFunctions
from lagrangian.numeric.path_solution import PathEnd, PathEvent, PathGap, PathPiece, PathSegment, SolutionPath
from lagrangian.numeric.path_system import PathPoint, kkt_residual
from lagrangian.numeric.path_tracing import Change, Trace, rounding
from lagrangian.problem.canonical import CanonicalProblem, Restoration


@dataclass(frozen=True, slots=True, eq=False)
class Seed:
    """A local solution at one value of the parameter; ``value`` is the canonical objective."""

    parameter: float
    x: Array
    multipliers: Array
    active: NDArray[np.bool_]
    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """A piece: points and changes with ascending parameters, and its ends."""

    points: tuple[PathPoint, ...]
    changes: tuple[Change, ...]
    start: PathEnd
    end: PathEnd


def joined(seed: PathPoint, backward: Trace, forward: Trace) -> Branch | None:
    """Both traces from a seed as one branch; None where neither leaves it."""
    before, after = backward.points[::-1], forward.points
    if not before and not after:
        return None
    middle: list[Change] = []
    if before and after:
        if before[-1].active == after[0].active:
            before = before[:-1]
        else:
            left, right = set(before[-1].active), set(after[0].active)
            middle = [Change(seed, tuple(sorted(right - left)), tuple(sorted(left - right)), rounding(seed))]
    turned = [Change(c.point, c.leaving, c.entering, c.error) for c in reversed(backward.changes)]
    points = (*before, *after)
    return Branch(
        points,
        (*turned, *middle, *forward.changes),
        PathEnd(points[0].parameter, backward.error, backward.reason),
        PathEnd(points[-1].parameter, forward.error, forward.reason),
    )


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """The same array, which can no longer be written to."""
    array.flags.writeable = False
    return array


def solution_path(
    restoration: Restoration,
    canonical: CanonicalProblem,
    parameter: Symbol,
    functions: PathFunctions,
    branches: Sequence[Branch],
    gaps: Sequence[PathGap],
) -> SolutionPath:
    """The branches as a `SolutionPath`, nothing said about better ones."""
    stated = (*(g.stated for g in canonical.inequalities), *(h.stated for h in canonical.equalities))
    points = tuple(point for branch in branches for point in branch.points)
    sign, n, m = restoration.objective_sign, functions.shape[0], functions.shape[1]
    multipliers = np.array([p.multipliers for p in points]).reshape(len(points), len(stated))
    parameters = restoration.problem.parameters
    fixed = {s: float(v) for s, v in zip(parameters, functions.parameters, strict=True) if s != parameter}
    return SolutionPath(
        restoration.problem,
        parameter,
        fixed,
        stated,
        read_only(np.array([p.parameter for p in points])),
        read_only(np.array([p.x for p in points]).reshape(-1, n)),
        read_only(np.array([sign * p.values.objective for p in points])),
        read_only(np.array([sign * p.slope for p in points])),
        _columns(stated, multipliers, restoration.textbook_multiplier),
        _columns(stated, multipliers, restoration.shadow_price),
        read_only(np.array([kkt_residual(p, m) for p in points])),
        read_only(np.array([flag for b in branches for flag in _at_events(b)], dtype=np.bool_)),
        read_only(np.array([i for i, b in enumerate(branches) for _ in b.points], dtype=np.int64)),
        _pieces(stated, branches),
        tuple(gaps),
        read_only(np.zeros(0)),
        functions,
        points,
        restoration,
    )


def _columns(stated: Sequence[Relational], multipliers: Array, restored: Any) -> Array:
    columns = [restored(relation, column) for relation, column in zip(stated, multipliers.T, strict=True)]
    return read_only(np.stack(columns, axis=1) if columns else multipliers.copy())


def _at_events(branch: Branch) -> list[bool]:
    changed = [one.active != other.active for one, other in pairwise(branch.points)]
    return [before or after for before, after in zip([False, *changed], [*changed, False], strict=True)]


def _pieces(stated: Sequence[Relational], branches: Sequence[Branch]) -> tuple[PathPiece, ...]:
    found, first = [], 0
    for branch in branches:
        found.append(PathPiece(branch.start, branch.end, _segments(stated, branch, first), _events(stated, branch)))
        first += len(branch.points)
    return tuple(found)


def _events(stated: Sequence[Relational], branch: Branch) -> tuple[PathEvent, ...]:
    return tuple(
        PathEvent(
            change.point.parameter,
            change.error,
            tuple(stated[i] for i in change.entering),
            tuple(stated[i] for i in change.leaving),
        )
        for change in branch.changes
    )


def _segments(stated: Sequence[Relational], branch: Branch, offset: int) -> tuple[PathSegment, ...]:
    points = branch.points
    starts = [0, *(i + 1 for i, (a, b) in enumerate(pairwise(points)) if a.active != b.active)]
    ends = [*(start - 1 for start in starts[1:]), len(points) - 1]
    return tuple(
        PathSegment(
            points[first].parameter,
            points[last].parameter,
            tuple(stated[i] for i in points[first].active),
            offset + first,
            offset + last,
        )
        for first, last in zip(starts, ends, strict=True)
    )
