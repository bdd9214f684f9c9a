"""Many instances of one problem: arrays of parameters in, arrays of solutions out."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Symbol
from tqdm.auto import tqdm

from lagrangian.errors import ProblemError
from lagrangian.numeric import interior_point
from lagrangian.numeric.compiled import Array, CompiledProblem, compile_problem
from lagrangian.numeric.lane_memory import Options, Results, structure_of
from lagrangian.numeric.local import box
from lagrangian.problem.problem import Problem

# instances between two looks at the clock, and what one thread is given at a time
CHUNK = 4096
MOST_PASSES = 200
TOLERANCE = 1e-9
# where an instance that failed is tried again: the start, moved by so many standard deviations
RETRIES = (0.1, 0.5, 2.0)


class BatchStatus(IntEnum):
    """What is known of an instance."""

    LOCAL = interior_point.CONVERGED
    STALLED = interior_point.STALLED
    LIMIT = interior_point.LIMIT
    UNDEFINED = interior_point.UNDEFINED


@dataclass(frozen=True, slots=True, eq=False)
class BatchSolution:
    """What was found for each of b instances; arrays are read-only.

    Attributes:
        variables: the names of the columns of ``x``.
        x: shape (b, n).
        value: the stated objective there, shape (b,).
        multipliers: mu >= 0 of the k canonical inequalities, then lambda of the equations, shape (b, k), of L = F + mu g +
            lambda h.
        active_set: whether each inequality holds with equality (its multiplier is greater than its slack), shape (b,
            inequalities).
        residual: the greatest of |dL/dx|, |h|, max(g, 0) and |mu g|, shape (b,).
        status: LOCAL where the residual is at most the tolerance, else why not: STALLED (no step lessens the merit function),
            LIMIT (of passes), UNDEFINED (a function has no value at the start); shape (b,), of dtype int8 with the values of
            `BatchStatus`.
        passes: how often the functions were evaluated, shape (b,).
    """

    variables: tuple[Symbol, ...]
    x: Array
    value: Array
    multipliers: Array
    active_set: NDArray[np.bool_]
    residual: Array
    status: NDArray[np.int8]
    passes: NDArray[np.int32]

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Where the KKT conditions hold to the tolerance, shape (b,)."""
        return self.status == BatchStatus.LOCAL

    def __len__(self) -> int:
        return len(self.value)

    def __getitem__(self, variable: Symbol | str) -> Array:
        """The values of one variable, shape (b,)."""
        names = [str(v) for v in self.variables]
        if str(variable) not in names:
            raise KeyError(f"{variable} is not a variable; the variables are {', '.join(names)}")
        return self.x[:, names.index(str(variable))]


def solve_batch(
    problem: Problem | CompiledProblem,
    parameters: Mapping[Symbol | str, ArrayLike] | NDArray[Any],
    *,
    start: ArrayLike | None = None,
    tolerance: float = TOLERANCE,
    threads: int | None = None,
    progress: bool = False,
) -> BatchSolution:
    """Find a local optimum for each of many values of the parameters.

    One compiled interior-point kernel (see `lagrangian.numeric.interior_point`) solves eight instances at a time in the lanes
    of vector registers. An instance whose KKT residual stays above the tolerance is tried again from other starts and, if it
    still fails, marked. Optima are local: what is proved for single problems by `lagrangian.solve` is not proved here.

    Args:
        problem: with continuous variables; its free symbols that are not variables are the parameters. Inequalities count as
            non-strict.
        parameters: an array of shape (b,) for each parameter by its symbol or name, or a structured array; numbers serve all
            instances.
        start: where to begin, of shape (n,) or (b, n), in the order of the problem's variables. Without it, in the middle of
            the bounds.
        tolerance: the greatest KKT residual of a converged instance.
        threads: how many threads solve chunks of instances; the processors that this process may use, if None. The results are
            the same.
        progress: whether a bar shows how many instances are done.

    Raises:
        ProblemError: for parameters that are missing, unknown, not finite or of different lengths, and for integer variables.

    >>> from sympy import symbols
    >>> x, y, b = symbols("x y b")
    >>> solution = solve_batch(Problem(x**2 + y**2, [x + y >= b], over=[x, y]), {"b": [-1.0, 1.0, 2.0]})
    >>> solution.value.round(6).tolist(), solution.active_set[:, 0].tolist()
    ([0.0, 0.5, 2.0], [False, True, True])
    """
    compiled = problem if isinstance(problem, CompiledProblem) else compile_problem(problem)
    if compiled.canonical.integers:
        names = ", ".join(sorted(str(v) for v in compiled.canonical.integers))
        raise ProblemError(
            f"solve_batch takes continuous variables only; {names} must be integers: use lagrangian.solve"
        )
    values = _parameter_rows(compiled, parameters)
    starts = _starts(compiled, start, len(values))
    found = _empty(compiled, len(values))
    _run(compiled, values, starts, tolerance, threads or _processors(), found, progress)
    _try_again(compiled, values, starts, tolerance, threads or _processors(), found)
    return _solution(compiled, found)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _parameter_rows(compiled: CompiledProblem, parameters: Any) -> Array:
    """The parameters' values, of shape (b, number of parameters), checked."""
    symbols = compiled.restoration.problem.parameters
    given = _by_name(parameters)
    names = [str(symbol) for symbol in symbols]
    missing, unknown = [n for n in names if n not in given], [n for n in given if n not in names]
    if missing:
        raise ProblemError(f"no values are given for the parameter {missing[0]}; the parameters are {', '.join(names)}")
    if unknown:
        raise ProblemError(
            f"{unknown[0]} is not a parameter of the problem; the parameters are {', '.join(names) or 'none'}"
        )
    if not names:
        return np.zeros((1, 0))
    columns = [_column(name, given[name]) for name in names]
    lengths = {len(column) for column in columns if column.ndim}
    if len(lengths) > 1:
        raise ProblemError(
            f"the parameters have different lengths: {', '.join(map(str, sorted(lengths)))}; one value for each is wanted"
        )
    count = lengths.pop() if lengths else 1
    return np.ascontiguousarray(np.stack([np.broadcast_to(column, count) for column in columns], axis=1))


def _by_name(parameters: Any) -> dict[str, Any]:
    if isinstance(parameters, Mapping):
        return {str(name): values for name, values in parameters.items()}
    names = getattr(getattr(parameters, "dtype", None), "names", None)
    if names is None:
        raise ProblemError(
            f"the parameters are a {type(parameters).__name__}; give a mapping from names to arrays, or a structured array"
        )
    return {name: parameters[name] for name in names}


def _column(name: str, values: Any) -> Array:
    try:
        column = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ProblemError(f"the values of {name} are not real numbers: {values!r}"[:300]) from None
    if column.ndim > 1:
        raise ProblemError(
            f"the values of {name} have shape {column.shape}; one dimension is wanted, one value for each instance"
        )
    if not np.isfinite(column).all():
        place = int(np.flatnonzero(~np.isfinite(np.atleast_1d(column)))[0])
        raise ProblemError(
            f"the value of {name} for instance {place} is {np.atleast_1d(column)[place]}; it must be finite"
        )
    return column


def _starts(compiled: CompiledProblem, start: ArrayLike | None, count: int) -> Array:
    n = compiled.dimension
    if start is None:
        return _middle(compiled)[None]
    found = np.atleast_2d(np.asarray(start, dtype=np.float64))
    if found.shape not in ((1, n), (count, n)) or not np.isfinite(found).all():
        raise ProblemError(
            f"the start has shape {np.shape(start)}; finite numbers of shape ({n},) or ({count}, {n}) are wanted"
        )
    return np.ascontiguousarray(found)


def _middle(compiled: CompiledProblem) -> Array:
    """The middle of the box that numbers bound; one inside a single bound; else a little off zero, where many slopes vanish."""
    low, high = box(compiled.canonical)
    both = np.isfinite(low) & np.isfinite(high)
    middle = np.where(both, (np.where(both, low, 0.0) + np.where(both, high, 0.0)) / 2, 0.1)
    middle = np.where(np.isfinite(low) & ~both, low + 1.0, middle)
    return np.where(np.isfinite(high) & ~both, high - 1.0, middle)


def _empty(compiled: CompiledProblem, count: int) -> Results:
    k = compiled.inequality_count + compiled.equality_count
    return Results(
        np.full((count, compiled.dimension), np.nan),
        np.full(count, np.nan),
        np.full((count, k), np.nan),
        np.zeros((count, compiled.inequality_count), dtype=np.bool_),
        np.full(count, np.inf),
        np.zeros(count, dtype=np.int8),
        np.zeros(count, dtype=np.int32),
    )


def _run(
    compiled: CompiledProblem,
    values: Array,
    starts: Array,
    tolerance: float,
    threads: int,
    found: Results,
    progress: bool,
) -> None:
    """Solve all instances, chunk by chunk; which lane an instance is given does not change what is found for it."""
    function = compiled.evaluate_lanes()
    structure = structure_of(
        (compiled.dimension, compiled.inequality_count, compiled.equality_count, values.shape[1]),
        compiled.jacobian_pattern,
        compiled.hessian_pattern,
    )
    options = Options(tolerance, MOST_PASSES)

    def solve(first: int) -> int:
        last = min(first + CHUNK, len(values))
        interior_point.run(function.address, structure, first, last, starts, values, options, found)
        return last - first

    bar = tqdm(total=len(values), unit="instances", disable=not progress)
    with bar, ThreadPoolExecutor(threads) as pool:
        for done in pool.map(solve, range(0, len(values), CHUNK)):
            bar.update(done)


def _try_again(
    compiled: CompiledProblem,
    values: Array,
    starts: Array,
    tolerance: float,
    threads: int,
    found: Results,
) -> None:
    """Other starts for the instances that failed; what is found better is kept."""
    random = np.random.default_rng(0)
    for spread in RETRIES:
        failed = np.flatnonzero(found.status != BatchStatus.LOCAL)
        if not len(failed):
            return
        start = starts[failed] if len(starts) > 1 else starts
        moved = start + spread * (1.0 + np.abs(start)) * random.normal(size=compiled.dimension)
        again = _empty(compiled, len(failed))
        _run(compiled, values[failed], np.ascontiguousarray(moved), tolerance, threads, again, progress=False)
        better = again.residual < found.residual[failed]
        arrays: list[tuple[NDArray[Any], NDArray[Any]]] = list(zip(found, again, strict=True))
        for kept, new in arrays:
            kept[failed[better]] = new[better]


def _solution(compiled: CompiledProblem, found: Results) -> BatchSolution:
    """In the stated sense and the stated order, and read-only."""
    value = compiled.restoration.objective_sign * found.value
    arrays = (found.x, value, found.multipliers, found.active, found.residual, found.status, found.passes)
    for array in arrays:
        array.flags.writeable = False
    return BatchSolution(compiled.restoration.problem.over, *arrays)
