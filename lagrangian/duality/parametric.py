"""Problems with parameters: one exact answer for each region of parameters."""

import time
from functools import partial

from lagrangian.duality.parametric_answers import answers
from lagrangian.duality.parametric_branches import (
    Branch,
    best_of_branches,
    count_kinks,
    integer_branches,
    kink_branches,
)
from lagrangian.duality.parametric_kinks import merged_regions, without_new_variables
from lagrangian.duality.parametric_regions import ParametricRegion
from lagrangian.duality.parametric_solution import ParametricSolution
from lagrangian.duality.smooth_form import KINKS, smooth_form
from lagrangian.errors import ProblemError
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem
from lagrangian.status import Status

MOST_KINKS = 5
TIME_IS_UP = "the time limit came before the regions covered all parameters"


def solve_parametric(problem: Problem, *, time_limit_s: float | None = None) -> ParametricSolution:
    """The answer to a problem for all admissible values of its parameters, region by region.

    Linear and convex quadratic programs with rational numbers in their matrices, and parameters in the linear cost and in the
    right sides, are answered completely: optimal, not attained, infeasible and unbounded parameters, by critical regions (Gal and
    Nedoma 1972; Bemporad, Morari, Dua and Pistikopoulos 2002). Other convex problems have a region for each KKT point in closed
    form; quadratic programs that are not convex, for some parameters or for all, the best KKT point of a complete list. Absolute
    values, maxima and minima that bend upward are new variables; those that bend the other way, and the values of bounded integer
    variables, are taken one by one. What is not decided is a region of status UNDECIDED with a reason.

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
    try:
        return _solved(problem, deadline)
    except TimeoutError:
        return _undecided(problem, TIME_IS_UP)


def _solved(problem: Problem, deadline: float) -> ParametricSolution:
    if problem.integers:
        return _best(problem, integer_branches(problem), deadline)
    canonical, restoration = canonicalize(problem)
    smooth, definitions = smooth_form(canonical)
    if any(function.has(*KINKS) for function in smooth.functions):
        branches = kink_branches(problem)
        if branches and count_kinks(problem) <= MOST_KINKS:
            return _best(problem, branches, deadline)
        # a new variable takes the place of each kink, or none does
        smooth, definitions = canonical, {}
    regions, missing = answers(smooth, restoration, deadline)
    if definitions:
        regions = merged_regions([without_new_variables(r, canonical) for r in regions], problem.assumptions)
    return ParametricSolution(problem, tuple(regions), tuple(missing))


def _best(problem: Problem, branches: list[Branch] | str, deadline: float) -> ParametricSolution:
    """The best of several problems; those that are not decided for some parameters leave these undecided."""
    if isinstance(branches, str):
        return _undecided(problem, branches)
    found = best_of_branches(problem, branches, partial(_solved, deadline=deadline), deadline)
    if isinstance(found, str):
        return _undecided(problem, found)
    missing = dict.fromkeys(region.reason for region in found if region.status is Status.UNDECIDED)
    return ParametricSolution(problem, tuple(found), tuple(missing))


def _undecided(problem: Problem, reason: str) -> ParametricSolution:
    return ParametricSolution(problem, (ParametricRegion(Status.UNDECIDED, (), reason=reason),), (reason,))
