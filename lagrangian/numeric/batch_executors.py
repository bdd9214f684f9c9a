"""Batches on other processes and machines: parts of the rows are solved by an executor, or by the workers of a Ray cluster."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from functools import lru_cache
from typing import Any

import numpy as np

from lagrangian.errors import MissingExtraError, ProblemError
from lagrangian.numeric.batch_running import Settings, parts, solve_rows
from lagrangian.numeric.compiled import Array, CompiledProblem, compile_problem
from lagrangian.numeric.lane_memory import Results, Starts
from lagrangian.problem.problem import Problem

PART = 65536
# parts that are sent before the first has come back, so that memory stays bounded
AHEAD = 64


def solve_elsewhere(
    compiled: CompiledProblem,
    values: Array,
    starts: Starts,
    settings: Settings,
    executor: Any,
    told: Callable[[int], Any],
) -> Results:
    """All instances by an executor's workers, with the results of `solve_rows`."""
    problem = compiled.restoration.problem
    tasks = (_task(problem, values, starts, settings, part) for part in parts(len(values), PART))
    found: list[tuple[Any, ...]] = []
    for results in _by_ray(tasks) if executor == "ray" else _by_executor(tasks, executor):
        found.append(results)
        told(len(results[1]))
    if not found:
        return solve_rows(compiled, values, starts, settings, told)
    return Results(*(np.concatenate(arrays) for arrays in zip(*found, strict=True)))


def _task(problem: Problem, values: Array, starts: Starts, settings: Settings, part: slice) -> tuple[Any, ...]:
    x = starts.x[part] if len(starts.x) > 1 else starts.x
    multipliers = starts.multipliers[part] if len(starts.multipliers) > 1 else starts.multipliers
    return problem, values[part], x, multipliers, Settings(settings.tolerance, 1, settings.path)


@lru_cache(maxsize=8)
def _compiled(problem: Problem) -> CompiledProblem:
    return compile_problem(problem)


def solve_part(problem: Problem, values: Array, x: Array, multipliers: Array, settings: Settings) -> tuple[Any, ...]:
    """What a worker does: compile the problem, once, and solve some rows."""
    # what arrives from another process may lie in memory that is read-only
    starts = Starts(np.array(x), np.array(multipliers))
    return tuple(solve_rows(_compiled(problem), np.array(values), starts, settings, lambda done: None))


def _by_executor(tasks: Iterator[tuple[Any, ...]], executor: Any) -> Iterator[tuple[Any, ...]]:
    if not isinstance(executor, Executor):
        raise ProblemError(
            f'the executor is {executor!r}; "ray" or a concurrent.futures.Executor is wanted, or None for threads'
        )
    waiting: deque[Any] = deque()
    try:
        for task in tasks:
            waiting.append(executor.submit(solve_part, *task))
            if len(waiting) >= AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _by_ray(tasks: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    try:
        import ray  # an optional extra
    except ImportError:
        raise MissingExtraError(
            "a batch on a Ray cluster needs ray; install it with: pip install 'lagrangian-w2v[ray]'"
        ) from None
    if not ray.is_initialized():
        ray.init(log_to_driver=False)
    remote = ray.remote(num_cpus=1)(solve_part)
    waiting: deque[Any] = deque()
    try:
        for task in tasks:
            waiting.append(remote.remote(*task))
            if len(waiting) >= AHEAD:
                yield ray.get(waiting.popleft())
        while waiting:
            yield ray.get(waiting.popleft())
    finally:
        for reference in waiting:
            ray.cancel(reference)
