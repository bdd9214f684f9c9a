"""The solution of a problem as a function of one parameter: pieces, segments of one active set, and the events between them."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol
from sympy.core.relational import Relational

from lagrangian.errors import ProblemError
from lagrangian.numeric.path_functions import Array, PathFunctions
from lagrangian.numeric.path_system import PathPoint, kkt_residual
from lagrangian.numeric.path_tracing import Course, EndReason, trace
from lagrangian.problem.canonical import Restoration
from lagrangian.problem.problem import Problem
from lagrangian.shown import Shown

if TYPE_CHECKING:  # a report reads this answer
    from lagrangian.report.picture import Picture

GREATEST_RESIDUAL = 1e-9
# ends of pieces that differ by less are one point, where a branch passes into another
APART = 1e-4


@dataclass(frozen=True, slots=True)
class PathEvent:
    """Where the active set changes: ``parameter`` is right up to ``error``, to first order and with rounding counted.

    ``entering`` are the constraints that become active as the parameter grows, ``leaving`` those that cease to be.
    """

    parameter: float
    error: float
    entering: tuple[Relational, ...]
    leaving: tuple[Relational, ...]

    def __str__(self) -> str:
        parts = [f"{c} becomes active" for c in self.entering] + [f"{c} becomes inactive" for c in self.leaving]
        return f"{self.parameter:.12g}: {', '.join(parts)}"


@dataclass(frozen=True, slots=True)
class PathEnd:
    """Where a piece begins or ends, up to ``error``, and why."""

    parameter: float
    error: float
    reason: EndReason


@dataclass(frozen=True, slots=True)
class PathSegment:
    """An interval of the parameter with one active set; ``first`` and ``last`` are the places of its points, both inclusive."""

    low: float
    high: float
    active_set: tuple[Relational, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class PathPiece:
    """A branch without jumps, from ``start`` to ``end``; its segments follow each other without gaps."""

    start: PathEnd
    end: PathEnd
    segments: tuple[PathSegment, ...]
    events: tuple[PathEvent, ...]


@dataclass(frozen=True, slots=True)
class PathGap:
    """An interval without a path: no local solution was found there, or none that is isolated (``found_some``)."""

    low: float
    high: float
    found_some: bool

    def __str__(self) -> str:
        reason = "the solutions found are not isolated" if self.found_some else "no solution found"
        return f"from {self.low:.12g} to {self.high:.12g}: {reason}"


@dataclass(frozen=True, slots=True)
class PathValue:
    """The solution at one value of the parameter, with the signs of `lagrangian.Solution`; ``slope`` is dV/dp."""

    parameter: float
    x: dict[Symbol, float]
    value: float
    slope: float
    multipliers: dict[Relational, float]
    shadow_prices: dict[Relational, float]
    active_set: tuple[Relational, ...]
    residual: float


@dataclass(frozen=True, slots=True, eq=False)
class SolutionPath(Shown):
    """A local solution as a function of one parameter; arrays are read-only, with one row for each of m points.

    At every point the KKT conditions hold up to ``residual``, the gradients of the active constraints are independent, and the
    Hessian of the Lagrangian is positive definite on their null space: each is a strict local optimum, as far as floating point
    tells. Nothing is proved, and no optimum is known to be global.

    Attributes:
        problem, parameter, others: what was asked; ``others`` are the values of the other parameters.
        constraints: as stated, bounds among them: the columns of ``multipliers`` and ``shadow_prices``.
        p: values of the parameter, ascending within each piece; an event is there twice, with either active set, shape (m,).
        x: shape (m, n), columns as in ``problem.over``.
        value, slope: V and dV/dp = dL/dp (the envelope theorem), as stated, shape (m,).
        multipliers: mu >= 0 of inequalities; those of equations as in L = f - lambda (lhs - rhs), shape (m, k).
        shadow_prices: the rates of V by the right sides as written, shape (m, k).
        residual: the greatest of |dL/dx|, |h|, max(g, 0), max(-mu, 0) and |mu g|, shape (m,).
        is_event: whether the active set changes at a point, shape (m,).
        piece: which piece a point belongs to, shape (m,).
        pieces: ascending; where one ends and the next begins with another x, the solution jumps.
        gaps: intervals of the parameter without a path.
        better: values of the parameter at which another local solution with a better value was found.
    """

    problem: Problem
    parameter: Symbol
    others: Mapping[Symbol, float]
    constraints: tuple[Relational, ...]
    p: Array
    x: Array
    value: Array
    slope: Array
    multipliers: Array
    shadow_prices: Array
    residual: Array
    is_event: NDArray[np.bool_]
    piece: NDArray[np.int64]
    pieces: tuple[PathPiece, ...]
    gaps: tuple[PathGap, ...]
    better: Array
    functions: PathFunctions
    points: tuple[PathPoint, ...]
    restoration: Restoration

    @property
    def events(self) -> tuple[PathEvent, ...]:
        """All changes of the active set, ascending."""
        return tuple(event for piece in self.pieces for event in piece.events)

    @property
    def segments(self) -> tuple[PathSegment, ...]:
        """All intervals with one active set, ascending."""
        return tuple(segment for piece in self.pieces for segment in piece.segments)

    @property
    def jumps(self) -> tuple[float, ...]:
        """Where one piece ends and the next begins with another x, up to their errors."""
        found = []
        for before, after in pairwise(self.pieces):
            last, first = self.x[before.segments[-1].last], self.x[after.segments[0].first]
            is_near = after.start.parameter - before.end.parameter <= before.end.error + after.start.error
            if is_near and (np.abs(first - last) > APART * (1.0 + np.abs(last))).any():
                found.append(after.start.parameter)
        return tuple(found)

    def __len__(self) -> int:
        return len(self.p)

    def __getitem__(self, variable: Symbol | str) -> Array:
        """The values of one variable, shape (m,)."""
        names = [str(v) for v in self.problem.over]
        if str(variable) not in names:
            raise KeyError(f"{variable} is not a variable; the variables are {', '.join(names)}")
        return self.x[:, names.index(str(variable))]

    def at(self, parameter: float) -> PathValue:
        """The solution at one value of the parameter, by Newton's method from the nearest point of the path.

        At a jump it is that of the piece which begins there.

        Raises:
            ProblemError: where the path has no solution, or none with a KKT residual of at most 1e-9 (or of rounding, where
                that is more).
        """
        place = self._nearest(float(parameter))
        point = self.points[place]
        direction = 1 if parameter >= point.parameter else -1
        reach = max(self.p[-1] - self.p[0], abs(parameter) * 1e-6, 1e-300)
        course = Course(self.functions, float(parameter), direction, reach, reach, GREATEST_RESIDUAL)
        found = trace(course, point)
        if found.reason is not EndReason.LIMIT:
            raise ProblemError(f"Newton's method did not reach {self.parameter} = {parameter}: {found.reason.value}")
        return self._restored(found.points[-1], kkt_residual(found.points[-1], self.functions.shape[1]))

    def _nearest(self, parameter: float) -> int:
        """The place of the nearest point in the last segment that holds a value of the parameter."""
        segments = [s for s in self.segments if s.low <= parameter <= s.high]
        if not segments:
            known = ", ".join(f"[{p.start.parameter:.6g}, {p.end.parameter:.6g}]" for p in self.pieces) or "nowhere"
            raise ProblemError(f"the path has no solution at {self.parameter} = {parameter}; it is known on {known}")
        segment = segments[-1]
        after = segment.first + bisect_right(self.p[segment.first : segment.last + 1].tolist(), parameter)
        around = [i for i in (after - 1, after) if segment.first <= i <= segment.last]
        return min(around, key=lambda i: abs(self.p[i] - parameter))

    def _restored(self, point: PathPoint, residual: float) -> PathValue:
        sign = self.restoration.objective_sign
        pairs = list(zip(self.constraints, point.multipliers.tolist(), strict=True))
        return PathValue(
            point.parameter,
            dict(zip(self.problem.over, point.x.tolist(), strict=True)),
            sign * point.values.objective,
            sign * point.slope,
            {c: self.restoration.textbook_multiplier(c, v) for c, v in pairs},
            {c: self.restoration.shadow_price(c, v) for c, v in pairs},
            tuple(self.constraints[i] for i in point.active),
            residual,
        )

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Copies of all arrays by name, with the names of variables and constraints, the events and the ends of the pieces."""
        names = ("p", "x", "value", "slope", "multipliers", "shadow_prices", "residual", "is_event", "piece", "better")
        arrays = {name: getattr(self, name).copy() for name in names}
        ends = [(p.start.parameter, p.end.parameter, p.start.error, p.end.error) for p in self.pieces]
        return arrays | {
            "variables": np.array([str(v) for v in self.problem.over]),
            "constraints": np.array([str(c) for c in self.constraints]),
            "events": np.array([(e.parameter, e.error) for e in self.events]).reshape(-1, 2),
            "event_texts": np.array([str(e) for e in self.events]),
            "ends": np.array(ends).reshape(-1, 4),
            "end_reasons": np.array([[p.start.reason.name, p.end.reason.name] for p in self.pieces]).reshape(-1, 2),
            "gaps": np.array([(gap.low, gap.high) for gap in self.gaps]).reshape(-1, 2),
        }

    def to_npz(self, path: str | PathLike[str]) -> None:
        """Write `to_arrays` to a compressed file for numpy.load; it holds numbers and texts only."""
        np.savez_compressed(path, allow_pickle=False, **self.to_arrays())

    def plot(self, path: str | PathLike[str] | None = None) -> "Picture":
        """The optimal point, the value and the active sets over the parameter; see `lagrangian.report.path_plot`."""
        from lagrangian.report.path_plot import plot_path  # the layer above

        return plot_path(self, path)

    def __str__(self) -> str:
        lines = []
        for piece in self.pieces:
            lines.append(f"{self.parameter} = {piece.start.parameter:.12g}: begins ({piece.start.reason.value})")
            lines += [f"{self.parameter} = {event}" for event in piece.events]
            lines.append(f"{self.parameter} = {piece.end.parameter:.12g}: ends ({piece.end.reason.value})")
        lines += [f"{self.parameter} {gap}" for gap in self.gaps]
        return "\n".join(lines)
