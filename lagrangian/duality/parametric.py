"""Problems with parameters: one exact answer for each region of parameters."""

import time

from lagrangian.duality.parametric_linear import parts_of
from lagrangian.duality.parametric_reading import read_program
from lagrangian.duality.parametric_regions import ParametricRegion, region_of_part
from lagrangian.duality.parametric_solution import ParametricSolution
from lagrangian.errors import ProblemError
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem
from lagrangian.status import Status

TIME_IS_UP = "the time limit came before the regions covered all parameters"


def solve_parametric(problem: Problem, *, time_limit_s: float | None = None) -> ParametricSolution:
    """The answer to a problem for all admissible values of its parameters, region by region.

    Linear and convex quadratic programs with rational numbers in their matrices, and parameters in the linear cost and in the
    right sides, are answered completely: optimal, not attained, infeasible and unbounded parameters, by critical regions (Gal and
    Nedoma 1972; Bemporad, Morari, Dua and Pistikopoulos 2002). What is not decided is a region of status UNDECIDED with a reason.

    Args:
        problem: symbols that are not variables are parameters; the assumptions of the problem and of the symbols say which values
            are admissible.
        time_limit_s: seconds after which the answer is given up.

    Raises:
        ProblemError: where no parameters satisfy the assumptions, and for a limit that is no positive number.

    >>> from sympy import symbols
    >>> x, y, b = symbols("x y b", real=True)
    >>> solution = solve_parametric(Problem(x + 2 * y, [x + y <= b, x >= 0, y >= 0, y <= 1], over=[x, y], sense="max"))
    >>> solution.value_piecewise()
    Piecewise((-oo, b < 0), (b + 1, b >= 1), (2*b, (b >= 0) & (b <= 1)), (nan, True))
    """
    if time_limit_s is not None and not time_limit_s > 0:
        raise ProblemError(f"time_limit_s is {time_limit_s}; write a positive number of seconds, or None for no limit")
    deadline = float("inf") if time_limit_s is None else time.monotonic() + time_limit_s
    if problem.integers:
        return _undecided(problem, "integer variables are not treated where there are parameters")
    try:
        return _as_program(problem, deadline)
    except TimeoutError:
        return _undecided(problem, TIME_IS_UP)


def _as_program(problem: Problem, deadline: float) -> ParametricSolution:
    canonical, restoration = canonicalize(problem)
    read = read_program(canonical)
    if isinstance(read, str):
        return _undecided(problem, f"no linear or quadratic program with rational numbers in its matrices: {read}")
    parts = parts_of(read.program, read.admissible, deadline)
    if parts is None:
        return _undecided(problem, "the objective is not convex along the equations")
    found = [region_of_part(part, read.admissible, read.generators, canonical, restoration) for part in parts]
    regions = tuple(region for region in found if region is not None)
    return ParametricSolution(problem, regions, tuple(r.reason for r in regions if r.status is Status.UNDECIDED))


def _undecided(problem: Problem, reason: str) -> ParametricSolution:
    return ParametricSolution(problem, (ParametricRegion(Status.UNDECIDED, (), reason=reason),), (reason,))
