"""Many instances of one problem: arrays of parameters in, arrays of solutions out."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Symbol
from tqdm.auto import tqdm

from lagrangian.errors import ProblemError
from lagrangian.numeric.batch_executors import solve_elsewhere
from lagrangian.numeric.batch_parameters import parameter_rows, starts_for
from lagrangian.numeric.batch_running import Settings, processors, solve_rows
from lagrangian.numeric.batch_solution import BatchSolution, BatchStatus
from lagrangian.numeric.compiled import Array, CompiledProblem, compile_problem
from lagrangian.numeric.lane_memory import Results
from lagrangian.problem.problem import Problem

TOLERANCE = 1e-9


def solve_batch(
    problem: Problem | CompiledProblem,
    parameters: Mapping[Symbol | str, ArrayLike] | NDArray[Any] | None = None,
    *,
    start: ArrayLike | BatchSolution | None = None,
    path: bool = False,
    tolerance: float = TOLERANCE,
    threads: int | None = None,
    progress: bool = False,
    executor: Any = None,
) -> BatchSolution:
    """Find a local optimum for each of many values of the parameters.

    One compiled interior-point kernel (see `lagrangian.numeric.interior_point`) solves eight instances at a time in the lanes
    of vector registers. An instance whose KKT residual stays above the tolerance is tried again from other starts and, if it
    still fails, marked: see `BatchStatus`. Optima are local: what is proved for single problems by `lagrangian.solve` is not
    proved here. What is found for an instance depends neither on the other instances nor on the number of threads.

    Args:
        problem: with continuous variables; its free symbols that are not variables are the parameters.
        parameters: an array of shape (b,) for each parameter by its symbol or name, or a structured array; numbers serve all
            instances. A problem without parameters has as many instances as starts.
        start: where to begin, of shape (n,) or (b, n), in the order of the problem's variables, or a solution of the same problem
            whose points and multipliers are near. Without it, inside the bounds.
        path: whether an instance begins where the one before it has ended, for parameters that change little from one to the next
            (in stretches of at most 512 instances, which are the same for any number of threads).
        tolerance: the greatest KKT residual of a converged instance.
        threads: how many threads solve chunks of instances; the processors that this process may use, if None.
        progress: whether a bar shows how many instances are done.
        executor: "ray" for the workers of a Ray cluster (the one that is connected, else one on this machine), or a
            concurrent.futures.Executor; with the same results on processors of the same kind.

    Raises:
        ProblemError: for parameters that are missing, unknown, not finite or of different lengths, for integer variables, and
            for starts, tolerances and executors that are none.
        MissingExtraError: for Ray where it is not installed.

    >>> from sympy import symbols
    >>> x, y, b = symbols("x y b")
    >>> solution = solve_batch(Problem(x**2 + y**2, [x + y >= b], over=[x, y]), {"b": [-1.0, 1.0, 2.0]})
    >>> solution.value.round(6).tolist(), solution.active_set[:, 0].tolist()
    ([0.0, 0.5, 2.0], [False, True, True])
    """
    compiled = problem if isinstance(problem, CompiledProblem) else compile_problem(problem)
    _check(compiled, tolerance, threads)
    values = parameter_rows(compiled, parameters, _instances(start))
    starts = starts_for(compiled, start, values)
    settings = Settings(tolerance, threads or processors(), path)
    with _Bar(total=len(values), unit="instances", disable=not progress) as bar:
        if executor is None:
            found = solve_rows(compiled, values, starts, settings, bar.update)
        else:
            found = solve_elsewhere(compiled, values, starts, settings, executor, bar.update)
    return _solution(compiled, values, found)


class _Bar(tqdm):
    """A bar without tqdm's thread, which would outlive it: where there are threads, `solve` may not fork its processes."""

    monitor_interval = 0


def _check(compiled: CompiledProblem, tolerance: float, threads: int | None) -> None:
    if compiled.canonical.integers:
        names = ", ".join(sorted(str(v) for v in compiled.canonical.integers))
        raise ProblemError(
            f"solve_batch takes continuous variables only; {names} must be integers: use lagrangian.solve"
        )
    if not 0 < tolerance < 1:
        raise ProblemError(f"the tolerance is {tolerance!r}; a number between 0 and 1 is wanted, such as 1e-9")
    if threads is not None and threads < 1:
        raise ProblemError(f"threads is {threads!r}; a positive number is wanted, or None for all processors")


def _instances(start: Any) -> int:
    """How many instances a problem without parameters has: one for each start."""
    if isinstance(start, BatchSolution):
        return len(start)
    return np.shape(start)[0] if start is not None and np.ndim(start) == 2 else 1


def _solution(compiled: CompiledProblem, values: Array, found: Results) -> BatchSolution:
    """In the stated sense, and read-only."""
    strict = np.array([g.strict for g in compiled.canonical.inequalities], dtype=np.bool_)
    limits = (found.active & strict).any(axis=1) & np.isin(found.status, (BatchStatus.LOCAL, BatchStatus.ROUNDED))
    found.status[limits] = BatchStatus.EXCLUDED
    value = compiled.restoration.objective_sign * found.value
    arrays = (found.x, value, found.multipliers, found.active, found.residual, found.status, found.passes)
    minimum = (found.curvature == 1) & np.isin(found.status, (BatchStatus.LOCAL, BatchStatus.ROUNDED))
    for array in (*arrays, minimum, values):
        array.flags.writeable = False
    return BatchSolution(*arrays, minimum, values, compiled.canonical, compiled.restoration)
