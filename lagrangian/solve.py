"""The pipeline: the problem in all its forms, one method after another, the best answer."""

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sympy import Symbol

from lagrangian.errors import ProblemError
from lagrangian.methods.running import Run
from lagrangian.problem.problem import Problem, Sense
from lagrangian.progress import ProgressLine, Report
from lagrangian.solution import Solution

INTERRUPTED = "interrupted"


def solve(
    problem: Problem,
    *,
    time_limit_s: float | None = None,
    memory_limit_mb: int | None = None,
    progress: Report | bool = False,
) -> Solution:
    """The answer to a problem: its status with a verified certificate, or the best candidate and what is missing.

    All methods run in processes of their own. An interrupt (Ctrl-C) ends them, and what is known by then is returned, with
    "interrupted" as the first thing missing.

    Args:
        problem: what to solve. Polynomials, quotients, roots, Abs, Max, Min and algebraic numbers are treated completely;
            problems with parameters are proved where they are convex, those with exp, log or sin also over boxes.
        time_limit_s: seconds after which the answer comes with what is known, at most about two seconds late. Without a limit
            every method has its own, and all of them together some ten minutes.
        memory_limit_mb: megabytes that a method's process may take beyond those it starts with; without it a quarter of the
            machine's memory, at most four gigabytes. A method that needs more fails, and others go on.
        progress: a function that is called with a `Progress` some ten times a second, or True for a line on standard error
            from the third second on.

    Raises:
        ProblemError: for a limit that is no positive number.

    >>> from sympy import symbols
    >>> x = symbols("x")
    >>> solve(Problem(x + 1 / x, [x >= 0], over=[x])).points
    ({x: 1},)
    """
    if time_limit_s is not None and not time_limit_s > 0:
        raise ProblemError(f"time_limit_s is {time_limit_s}; write a positive number of seconds, or None for no limit")
    if memory_limit_mb is not None and not memory_limit_mb > 0:
        raise ProblemError(f"memory_limit_mb is {memory_limit_mb}; write a positive number of megabytes, or None")
    started = time.monotonic()
    deadline = started + (time_limit_s if time_limit_s is not None else float("inf"))
    line = ProgressLine() if progress is True else None
    run = Run(problem, deadline, memory_limit_mb, line if isinstance(progress, bool) else progress)
    try:
        run.go()
        solution = run.answer()
    except KeyboardInterrupt:
        solution = run.answer()
        solution = replace(solution, missing=(INTERRUPTED, *solution.missing))
    finally:
        if line is not None:
            line.clear()
    return replace(solution, elapsed_s=time.monotonic() - started)


def minimize(
    objective: Any,
    constraints: Iterable[Any] = (),
    *,
    over: Iterable[Symbol] | Symbol | None = None,
    time_limit_s: float | None = None,
    memory_limit_mb: int | None = None,
    progress: Report | bool = False,
    **statement: Any,
) -> Solution:
    """Where an objective is least: the answer of `solve` to the `Problem` of these arguments with ``sense="min"``.

    Args:
        objective: what is to be made least.
        constraints: relations, see `Problem`.
        over: the variables, see `Problem`.
        time_limit_s, memory_limit_mb, progress: see `solve`.
        statement: other arguments of `Problem`, such as ``bounds``, ``integers`` and ``assumptions``.

    Raises:
        ProblemError: for what is no problem, and a limit that is no positive number.

    >>> from sympy import Eq, symbols
    >>> x, y = symbols("x y")
    >>> minimize(x + y, [Eq(x**2 + y**2, 1)], over=[x, y]).value
    -sqrt(2)
    """
    problem = Problem(objective, constraints, over=over, sense=Sense.MINIMIZE, **statement)
    return solve(problem, time_limit_s=time_limit_s, memory_limit_mb=memory_limit_mb, progress=progress)


def maximize(
    objective: Any,
    constraints: Iterable[Any] = (),
    *,
    over: Iterable[Symbol] | Symbol | None = None,
    time_limit_s: float | None = None,
    memory_limit_mb: int | None = None,
    progress: Report | bool = False,
    **statement: Any,
) -> Solution:
    """Where an objective is greatest: the answer of `solve` to the `Problem` of these arguments with ``sense="max"``.

    Args:
        objective: what is to be made greatest.
        constraints: relations, see `Problem`.
        over: the variables, see `Problem`.
        time_limit_s, memory_limit_mb, progress: see `solve`.
        statement: other arguments of `Problem`, such as ``bounds``, ``integers`` and ``assumptions``.

    Raises:
        ProblemError: for what is no problem, and a limit that is no positive number.

    >>> from sympy import Eq, symbols
    >>> x, y, b = symbols("x y b", positive=True)
    >>> solution = maximize(x * y, [Eq(x + y, b)], over=[x, y])
    >>> solution.value, solution.points, solution.shadow_price(Eq(x + y, b))
    (b**2/4, ({x: b/2, y: b/2},), b/2)
    """
    problem = Problem(objective, constraints, over=over, sense=Sense.MAXIMIZE, **statement)
    return solve(problem, time_limit_s=time_limit_s, memory_limit_mb=memory_limit_mb, progress=progress)
