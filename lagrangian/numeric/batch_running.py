"""Instances solved chunk by chunk in threads, and what is done for those that fail."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Eq, Le, Symbol

from lagrangian.numeric import interior_point
from lagrangian.numeric.batch_parameters import numbers_leave_room
from lagrangian.numeric.batch_solution import BatchStatus
from lagrangian.numeric.compiled import Array, CompiledProblem, compile_problem
from lagrangian.numeric.lane_memory import Results, Starts, Structure, empty_results, options_of, structure_of
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.problem import Problem

# instances that one thread is given at a time; along a path, each begins eight stretches
CHUNK = 4096
MOST_PASSES = 120
# where an instance that failed is tried again: the start, moved by so many standard deviations
RETRIES = (0.5, 0.1, 2.0)
# a miss of the constraints that is not rounding
INFEASIBLE = 1e-6
# the residual of least misses, and how small it must be beside them to call them stationary
_TIGHT, _STATIONARY = 1e-12, 1e-6
# how far beside a saddle point, and how much lower, relative to sizes
_ASIDE, _LOWER = 1e-2, 1e-9


@dataclass(frozen=True, slots=True)
class Settings:
    """How a batch is solved: the greatest residual, the threads, and whether instances begin where those before them end."""

    tolerance: float
    threads: int
    path: bool


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def solve_rows(
    compiled: CompiledProblem, values: Array, starts: Starts, settings: Settings, told: Callable[[int], Any]
) -> Results:
    """All instances, with other starts for those that fail.

    Args:
        told: called with the number of instances that have just been done.
    """
    found = _empty(compiled, len(values))
    _run(compiled, values, starts, settings, found, told)
    quiet = Settings(settings.tolerance, settings.threads, path=False)
    random = np.random.default_rng(0)
    for attempt, spread in enumerate(RETRIES):
        if attempt == 1:
            _towards_feasibility(compiled, values, quiet, found)
        _try_again(compiled, values, starts, quiet, found, spread * random.normal(size=compiled.dimension))
    _leave_saddles(compiled, values, quiet, found, random.normal(size=compiled.dimension))
    return found


def _structure(compiled: CompiledProblem) -> Structure:
    return structure_of(
        (compiled.dimension, compiled.inequality_count, compiled.equality_count, len(compiled.canonical.parameters)),
        compiled.jacobian_pattern,
        compiled.hessian_pattern,
    )


def _empty(compiled: CompiledProblem, total: int) -> Results:
    return empty_results(_structure(compiled), total)


def _run(
    compiled: CompiledProblem,
    values: Array,
    starts: Starts,
    settings: Settings,
    found: Results,
    told: Callable[[int], Any],
    most_passes: int = MOST_PASSES,
) -> None:
    """Solve all instances once; which lane or thread an instance is given does not change what is found for it."""
    function = compiled.evaluate_lanes()
    structure = _structure(compiled)
    stop = np.zeros(1, dtype=np.int8)
    options = options_of(settings.tolerance, most_passes, path=settings.path, stop=stop)

    def solve(first: int) -> int:
        last = min(first + CHUNK, len(values))
        interior_point.run(function.address, structure, first, last, starts, values, options, found)
        return last - first

    pool = ThreadPoolExecutor(settings.threads)
    try:
        for done in pool.map(solve, range(0, len(values), CHUNK)):
            told(done)
    finally:
        # after an interrupt: the kernels end at their next pass, and nothing that waits begins
        stop[0] = 1
        pool.shutdown(cancel_futures=True)


def _failed(found: Results) -> NDArray[np.int64]:
    good = (BatchStatus.LOCAL, BatchStatus.ROUNDED, BatchStatus.DIVERGED)
    return np.flatnonzero(~np.isin(found.status, good))


def _rows(starts: Array, rows: NDArray[np.int64]) -> Array:
    return starts[rows] if len(starts) > 1 else starts


def _keep(found: Results, rows: NDArray[np.int64], again: Results) -> None:
    """What is better than before: a converged instance, or one with a smaller residual of the same kind."""
    ranks = np.array([0, 3, 2, 0, 0, 0, 2, 1, 0])
    before, after = ranks[found.status[rows]], ranks[again.status]
    better = (after > before) | ((after == before) & (again.residual < found.residual[rows]))
    again.passes[:] += found.passes[rows]
    found.passes[rows] = again.passes
    _copy(found, rows, again, better)


def _copy(found: Results, rows: NDArray[np.int64], again: Results, chosen: NDArray[np.bool_]) -> None:
    arrays: list[tuple[NDArray[Any], NDArray[Any]]] = list(zip(found, again, strict=True))
    for kept, new in arrays:
        kept[rows[chosen]] = new[chosen]


def _try_again(
    compiled: CompiledProblem, values: Array, starts: Starts, settings: Settings, found: Results, aside: Array
) -> None:
    """Another start for the instances that failed, moved in the same way whatever else is in the batch."""
    rows = _failed(found)
    if len(rows):
        start = _rows(starts.x, rows)
        again = _empty(compiled, len(rows))
        _run(compiled, values[rows], _cold(start + aside * (1.0 + np.abs(start)), starts), settings, again, _silent)
        _keep(found, rows, again)


def _cold(x: Array, starts: Starts) -> Starts:
    return Starts(np.ascontiguousarray(x), np.zeros((0, starts.multipliers.shape[1])))


def _silent(done: int) -> None:
    """Tell nothing."""


# --- feasibility --------------------------------------------------------------------------------------------------------


def _towards_feasibility(compiled: CompiledProblem, values: Array, settings: Settings, found: Results) -> None:
    """For instances that ended at points that miss their constraints: the nearest points in the sense of least squares.

    Where something is missing still they are infeasible, as far as can be seen from there; the others are solved from there.
    """
    rows = np.array([i for i in _failed(found) if _misses(compiled, found.x[i], values[i])], dtype=np.int64)
    if not len(rows):
        return
    elastic = _elastic(compiled.canonical)
    places = [compiled.canonical.parameters.index(p) for p in elastic.restoration.problem.parameters]
    n = compiled.dimension
    if elastic.dimension == n:
        return
    begun = np.hstack([found.x[rows], np.zeros((len(rows), elastic.dimension - n))])
    least = _empty(elastic, len(rows))
    inner = np.ascontiguousarray(values[rows][:, places])
    tight = Settings(_TIGHT, settings.threads, path=False)
    _run(elastic, inner, Starts(begun, least.multipliers[:0]), tight, least, _silent)
    misses = np.abs(least.x[:, n:]).max(axis=1)
    stuck = (misses > INFEASIBLE) & (least.residual <= _STATIONARY * misses)
    again = _empty(compiled, len(rows))
    _run(
        compiled,
        values[rows],
        Starts(np.ascontiguousarray(least.x[:, :n]), again.multipliers[:0]),
        settings,
        again,
        _silent,
    )
    again.passes[:] += least.passes
    _keep(found, rows, again)
    stuck &= np.isin(found.status[rows], (BatchStatus.STALLED, BatchStatus.LIMIT))
    _mark_infeasible(compiled, values, found, rows[stuck], least.x[stuck, :n])


def _mark_infeasible(
    compiled: CompiledProblem, values: Array, found: Results, rows: NDArray[np.int64], x: Array
) -> None:
    """Instances whose misses are stationary at x: that point and what is missing there are their result, without multipliers."""
    there = _empty(compiled, len(rows))
    one = Settings(1.0, 1, path=False)
    _run(
        compiled,
        values[rows],
        Starts(np.ascontiguousarray(x), there.multipliers[:0]),
        one,
        there,
        _silent,
        most_passes=1,
    )
    found.x[rows], found.value[rows] = x, there.value
    found.status[rows] = BatchStatus.LOCALLY_INFEASIBLE
    found.multipliers[rows] = np.nan
    found.active[rows] = False
    found.residual[rows] = [_greatest_miss(compiled, x[i], values[row]) for i, row in enumerate(rows)]


def _leave_saddles(compiled: CompiledProblem, values: Array, settings: Settings, found: Results, aside: Array) -> None:
    """Where the Lagrangian curves down along the active constraints: a start beside that point, and what is lower is kept."""
    rows = np.flatnonzero((found.status == BatchStatus.LOCAL) & (found.curvature < 0))
    if not len(rows):
        return
    x, again = found.x[rows], _empty(compiled, len(rows))
    _run(
        compiled,
        values[rows],
        Starts(x + _ASIDE * (1.0 + np.abs(x)) * aside, again.multipliers[:0]),
        settings,
        again,
        _silent,
    )
    found.passes[rows] += again.passes
    again.passes[:] = found.passes[rows]
    lower = again.value < found.value[rows] - _LOWER * (1.0 + np.abs(found.value[rows]))
    _copy(found, rows, again, lower & (again.status == BatchStatus.LOCAL))


def _greatest_miss(compiled: CompiledProblem, x: Array, p: Array) -> float:
    """By how much a point misses its constraints."""
    out = np.empty(compiled.inequality_count + compiled.equality_count)
    compiled.constraints(x, p, out)
    out[compiled.inequality_count :] = np.abs(out[compiled.inequality_count :])
    return float(out.max(initial=0.0))


def _misses(compiled: CompiledProblem, x: Array, p: Array) -> bool:
    """Whether a point misses a constraint by more than rounding."""
    return bool(np.isfinite(x).all()) and _greatest_miss(compiled, x, p) > INFEASIBLE


@lru_cache(maxsize=32)
def _elastic(canonical: CanonicalProblem) -> CompiledProblem:
    """minimize (t't + e'e)/2 subject to g(x) <= t and h(x) = e; bounds of variables by numbers stay, if they leave something."""
    consistent = numbers_leave_room(canonical)
    constraints: list[Any] = []
    taken = {str(s) for s in (*canonical.variables, *canonical.parameters)}
    fresh = (Symbol(name) for name in (f"t{i}" for i in count()) if name not in taken)
    added = []
    for inequality in canonical.inequalities:
        free = inequality.expression.free_symbols
        if consistent and len(free) == 1 and not inequality.expression.diff(*free).free_symbols:
            constraints.append(Le(inequality.expression, 0))
        else:
            added.append(next(fresh))
            constraints.append(Le(inequality.expression - added[-1], 0))
    for equality in canonical.equalities:
        added.append(next(fresh))
        constraints.append(Eq(equality.expression - added[-1], 0))
    objective = sum(a**2 for a in added) / 2
    return compile_problem(Problem(objective, constraints, over=[*canonical.variables, *added]))


def parts(total: int, size: int) -> Iterator[slice]:
    """Slices of a whole number of chunks, so that what is found does not depend on how a batch is divided."""
    size = max(size // CHUNK, 1) * CHUNK
    return (slice(first, min(first + size, total)) for first in range(0, total, size))
