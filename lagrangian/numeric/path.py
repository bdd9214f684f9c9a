"""Path following: the solution of a problem as a function of one parameter, with the points where the active set changes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, SupportsFloat

import numpy as np
from numpy.typing import ArrayLike
from sympy import Symbol

from lagrangian.errors import ProblemError
from lagrangian.numeric.batch import solve_batch
from lagrangian.numeric.batch_solution import BatchStatus
from lagrangian.numeric.compiled import CompiledProblem, compile_problem
from lagrangian.numeric.local import box
from lagrangian.numeric.path_functions import Array, PathFunctions, path_functions, refuse_kinks
from lagrangian.numeric.path_pieces import Branch, Seed, joined, read_only, solution_path
from lagrangian.numeric.path_solution import PathGap, SolutionPath
from lagrangian.numeric.path_switching import continued
from lagrangian.numeric.path_system import (
    PathPoint,
    at_parameter,
    corrected,
    independent,
    kkt_residual,
    rounding_of_defect,
)
from lagrangian.numeric.path_tracing import Course, EndReason, Trace, reason_of_block, rounding, trace
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem

TOLERANCE = 1e-9
# what Newton's method starts from: it decides itself whether a point is a solution
USABLE = (BatchStatus.LOCAL, BatchStatus.ROUNDED, BatchStatus.EXCLUDED)
STARTS = 8
SPREAD = 2.0
# a gap is searched again in so many places, so often
PLACES = 7
DEEPEST = 5
# what part of the whole interval counts as nothing
NOTHING = 1e-9
BETTER = 1e-6
# a multiplier beyond this is surely one of an active constraint
LARGE = 1e-5


def follow_path(
    problem: Problem,
    parameter: Symbol | str,
    low: SupportsFloat,
    high: SupportsFloat,
    *,
    others: Mapping[Symbol | str, SupportsFloat] | None = None,
    points: int = 101,
    tolerance: float = TOLERANCE,
    start: ArrayLike | None = None,
) -> SolutionPath:
    """Follow a local solution as one parameter goes from low to high.

    On an active set A the KKT system is a curve with the tangent of the implicit function theorem,

        H dx + J_A' dnu = -d2L/dxdp dp,    J_A dx = -dc_A/dp dp.

    It is followed by a predictor along the tangent and Newton's method as the corrector. Where a constraint becomes active or a
    multiplier 0, that equation closes the system and locates the event; the active set beyond it is that of a quadratic program.
    Where no active set continues the solution the piece ends and says why, and `solve_batch` finds where another one begins: a
    jump is never bridged.

    Args:
        problem: smooth, with continuous variables. Inequalities count as non-strict.
        parameter: which of its parameters moves.
        low, high: the ends of its interval.
        others: a number for every other parameter.
        points: solutions are first looked for at so many values of the parameter, from several starts each; no step is longer
            than the distance between two of them.
        tolerance: the greatest KKT residual of a point, at most 1e-9; where the terms that cancel are so great that rounding lets
            it come no nearer, ``residual`` says how near it is.
        start: where to look for solutions first, shape (n,), beside the other starts. The best of what is found is followed.

    Raises:
        ProblemError: for a parameter that is none, an interval or values that are not finite or that the symbols exclude, values
            that are missing, integer variables, and functions with kinks.

    Sources: Keller (1977); Allgower and Georg (1990); Guddat, Guerra Vazquez and Jongen (1990).

    >>> from sympy import symbols
    >>> x, y, b = symbols("x y b", real=True)
    >>> path = follow_path(Problem((x - b) ** 2 + (y - 1) ** 2, [x + y <= 2], over=[x, y]), b, 0, 3)
    >>> print(path)
    b = 0: begins (the limit of the interval)
    b = 1: x + y <= 2 becomes active
    b = 3: ends (the limit of the interval)
    >>> found = path.at(2)
    >>> {variable: round(place, 9) for variable, place in found.x.items()}, round(found.value, 9)
    ({x: 1.5, y: 0.5}, 0.5)
    """
    interval = _interval(problem, parameter, low, high, points, tolerance)
    symbol, values = _values(problem, parameter, others or {}, interval)
    refuse_kinks(canonicalize(problem)[0].functions)
    compiled = compile_problem(problem)
    place = problem.parameters.index(symbol)
    functions = path_functions(compiled.canonical, values, place)
    widest = (interval[1] - interval[0]) / (points - 1)
    search = _Search(compiled, functions, interval, tolerance, widest, _starts(compiled, start))
    seeds = search.seeds(np.linspace(*interval, points))
    branches, gaps = _covered(search, seeds)
    path = solution_path(compiled.restoration, compiled.canonical, symbol, functions, branches, gaps)
    return replace(path, better=_better(path, seeds))


# --- what is asked ------------------------------------------------------------------------------------------------------


def _interval(
    problem: Problem, parameter: Any, low: Any, high: Any, points: Any, tolerance: Any
) -> tuple[float, float]:
    if problem.integers:
        names = ", ".join(sorted(map(str, problem.integers)))
        raise ProblemError(
            f"a path is followed in continuous variables; {names} must be integers: use solve_parametric"
        )
    ends = _number("low", low), _number("high", high)
    if not ends[0] < ends[1]:
        raise ProblemError(f"{parameter} is to go from {low} to {high}; write a lower end and a higher one")
    if not isinstance(points, int) or isinstance(points, bool) or points < 2:
        raise ProblemError(f"points is {points!r}; write a whole number of at least 2")
    if not 0 < _number("tolerance", tolerance) <= TOLERANCE:
        raise ProblemError(f"the tolerance is {tolerance}; write a positive number of at most {TOLERANCE}")
    return ends


def _number(name: str, value: Any) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        found = math.nan
    if not math.isfinite(found):
        raise ProblemError(f"{name} is {value!r}; write a finite number")
    return found


def _values(
    problem: Problem, parameter: Any, others: Mapping[Any, Any], interval: tuple[float, float]
) -> tuple[Symbol, Array]:
    """The symbol that moves, and the values of all parameters, its own being the lower end."""
    named = {str(symbol): symbol for symbol in problem.parameters}
    given = {str(name): value for name, value in others.items()}
    if str(parameter) not in named:
        raise ProblemError(
            f"{parameter} is not a parameter of the problem; the parameters are {', '.join(named) or 'none'}"
        )
    for name in given:
        if name not in named or name == str(parameter):
            raise ProblemError(f"others gives a value for {name}, which is not another parameter of the problem")
    missing = [name for name in named if name not in given and name != str(parameter)]
    if missing:
        raise ProblemError(f"no value is given for {missing[0]}; write others={{{missing[0]}: 1.0, ...}}")
    values = {name: _number(f"the value of {name}", value) for name, value in given.items()}
    for name, value in [*values.items(), *((str(parameter), end) for end in interval)]:
        _refuse_sign(named[name], value)
    values[str(parameter)] = interval[0]
    return named[str(parameter)], np.array([values[name] for name in named])


def _refuse_sign(symbol: Symbol, value: float) -> None:
    """Ends of an open range are allowed: the path is followed to where a positive parameter is 0."""
    wrong = (value < 0 and symbol.is_nonnegative) or (value > 0 and symbol.is_nonpositive)
    if wrong:
        kind = "nonnegative" if symbol.is_nonnegative else "nonpositive"
        raise ProblemError(f"{symbol} is declared {kind} and is to be {value:g}; choose another value")


def _starts(compiled: CompiledProblem, start: ArrayLike | None) -> Array:
    """Some starts, shape (s, n): the one that is given, the middle of the bounds, and others around it."""
    n = compiled.dimension
    low, high = box(compiled.canonical)
    low, high = np.maximum(low, -1e3), np.minimum(high, 1e3)
    random = np.random.default_rng(0)
    inside = np.where(high - low < 1e3, (low + high) / 2, np.clip(0.5, low + 0.1, high - 0.1))
    width = np.minimum((high - low) / 4, SPREAD)
    starts = [np.clip(inside + width * random.normal(size=n), low, high) for _ in range(STARTS - 1)]
    given = [] if start is None else [np.asarray(start, dtype=np.float64)]
    if given and (given[0].shape != (n,) or not np.isfinite(given[0]).all()):
        raise ProblemError(f"the start has shape {given[0].shape}; finite numbers of shape ({n},) are wanted")
    return np.array([*given, inside, *starts])


# --- where pieces begin -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """What pieces are looked for with; ``widest`` is the longest step of the parameter."""

    compiled: CompiledProblem
    functions: PathFunctions
    interval: tuple[float, float]
    tolerance: float
    widest: float
    starts: Array

    @property
    def reach(self) -> float:
        return self.interval[1] - self.interval[0]

    def seeds(self, places: Array) -> list[Seed]:
        """The best local solution at each of some values of the parameter, for those where one is found."""
        count = len(self.starts)
        names = [str(s) for s in self.compiled.restoration.problem.parameters]
        columns: dict[Symbol | str, ArrayLike] = dict(zip(names, self.functions.parameters.tolist(), strict=True))
        columns[names[self.functions.place]] = np.repeat(places, count)
        found = solve_batch(self.compiled, columns, start=np.tile(self.starts, (len(places), 1)), threads=1)
        canonical = self.compiled.restoration.objective_sign * found.value
        is_solution = np.isin(found.status, USABLE)
        scores = np.where(is_solution, canonical, np.inf).reshape(len(places), count)
        best = np.argmin(scores, axis=1)
        rows = [(i, i * count + int(b)) for i, b in enumerate(best) if np.isfinite(scores[i, b])]
        return [
            Seed(float(places[i]), found.x[j], found.multipliers[j], found.active_set[j], float(canonical[j]))
            for i, j in rows
        ]

    def branch(self, seed: Seed, left: float, right: float) -> Branch | None:
        """The piece through a seed, as far as it goes between two ends; None where it is not an isolated solution."""
        point = self._on_curve(seed)
        if point is None:
            return None
        backward, forward = (self._traced(point, *side) for side in ((-1, left), (1, right)))
        return joined(point, backward, forward)

    def _traced(self, point: PathPoint, direction: int, target: float) -> Trace:
        course = Course(self.functions, target, direction, self.reach, self.widest, self.tolerance)
        begin = continued(self.functions, point, direction, self.reach)
        if begin is not None:
            return trace(course, begin)
        is_there = direction * (target - point.parameter) <= 0
        return Trace((), (), EndReason.LIMIT if is_there else reason_of_block(course, point), rounding(point))

    def _on_curve(self, seed: Seed) -> PathPoint | None:
        """The solution at a seed to rounding, with an active set whose gradients are independent."""
        m, k = self.functions.shape[1:]
        for chosen in (seed.active, seed.multipliers[:m] > LARGE):
            point = self.functions.at(seed.x, seed.multipliers, seed.parameter)
            order = sorted(np.flatnonzero(chosen).tolist(), key=lambda i: -seed.multipliers[i])
            active = independent(point.jacobian, [*range(m, k), *order])
            unknowns = np.concatenate([seed.x, seed.multipliers[list(active)], [seed.parameter]])
            found = corrected(self.functions, active, unknowns, at_parameter(seed.parameter), self.tolerance)
            if found is None:
                continue
            allowed = max(self.tolerance, float(rounding_of_defect(found.point).max()))
            if kkt_residual(found.point, m) <= allowed:
                return found.point
        return None


def _covered(search: _Search, seeds: Sequence[Seed]) -> tuple[list[Branch], list[PathGap]]:
    """Branches from the left to the right, and what lies between them without a solution."""
    branches: list[Branch] = []
    gaps: list[PathGap] = []

    def fill(left: float, right: float, depth: int, error: float) -> None:
        if right - left <= NOTHING * search.reach + error:
            return
        inner = search.seeds(np.linspace(left, right, PLACES + 2)[1:-1])
        if inner and depth < DEEPEST:
            cover(left, right, inner, depth)
        else:
            gaps.append(PathGap(left, right, bool(inner)))

    def cover(left: float, right: float, inside: Sequence[Seed], depth: int) -> None:
        reached, error = left, 0.0
        for seed in inside:
            if seed.parameter <= reached + NOTHING * search.reach and branches:
                continue
            branch = search.branch(seed, reached, right)
            if branch is not None and branch.end.parameter - branch.start.parameter > NOTHING * search.reach:
                fill(reached, branch.start.parameter, depth + 1, error + branch.start.error)
                branches.append(branch)
                reached, error = branch.end.parameter, branch.end.error
        fill(reached, right, depth + 1, error)

    cover(*search.interval, seeds, 0)
    return branches, gaps


def _better(path: SolutionPath, seeds: Sequence[Seed]) -> Array:
    """Where a seed has a better value than the path."""
    sign = path.restoration.objective_sign
    found = []
    for seed in seeds:
        if any(segment.low <= seed.parameter <= segment.high for segment in path.segments):
            value = sign * path.at(seed.parameter).value
            if seed.value < value - BETTER * (1.0 + abs(value)):
                found.append(seed.parameter)
    return read_only(np.array(found, dtype=np.float64))
