"""Problems with parameters: one exact answer for each region of parameters."""

import time

from lagrangian.duality.parametric_convex import convex_answer
from lagrangian.duality.parametric_linear import parts_of
from lagrangian.duality.parametric_reading import read_program
from lagrangian.duality.parametric_regions import ParametricRegion, region_of_part, region_of_piece, relations_of
from lagrangian.duality.parametric_solution import ParametricSolution
from lagrangian.errors import ProblemError
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem
from lagrangian.status import Status

NOT_FOUND = "no KKT point in closed form was found, nor a contradiction of the constraints"
MANY_PARTS = "whether the regions cover all parameters: too many parts were left over to be examined"
TIME_IS_UP = "the time limit came before the regions covered all parameters"


def solve_parametric(problem: Problem, *, time_limit_s: float | None = None) -> ParametricSolution:
    """The answer to a problem for all admissible values of its parameters, region by region.

    Linear and convex quadratic programs with rational numbers in their matrices, and parameters in the linear cost and in the
    right sides, are answered completely: optimal, not attained, infeasible and unbounded parameters, by critical regions (Gal and
    Nedoma 1972; Bemporad, Morari, Dua and Pistikopoulos 2002). Other
    convex problems have a region for each KKT point in closed form. What is not decided is a region of status UNDECIDED with a
    reason.

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
        return _solved(problem, deadline)
    except TimeoutError:
        return _undecided(problem, TIME_IS_UP)


def _solved(problem: Problem, deadline: float) -> ParametricSolution:
    canonical, restoration = canonicalize(problem)
    read = read_program(canonical)
    parts = None if isinstance(read, str) else parts_of(read.program, read.admissible, deadline)
    if parts is None or isinstance(read, str):
        return _as_convex_problem(canonical, restoration, deadline)
    found = [region_of_part(part, read.admissible, read.generators, canonical, restoration) for part in parts]
    regions = tuple(region for region in found if region is not None)
    return ParametricSolution(problem, regions, tuple(r.reason for r in regions if r.status is Status.UNDECIDED))


def _as_convex_problem(canonical: CanonicalProblem, restoration: Restoration, deadline: float) -> ParametricSolution:
    answer = convex_answer(canonical, deadline)
    if isinstance(answer, str):
        return _undecided(restoration.problem, answer)
    found = [region_of_piece(piece, answer, canonical, restoration) for piece in answer.pieces]
    regions = [region for region in found if region is not None]
    for cell in answer.left or ():
        relations = relations_of(cell.on_its_hull(), answer.admissible, answer.generators, restoration)
        if relations is not None:
            regions.append(ParametricRegion(Status.UNDECIDED, relations, reason=NOT_FOUND))
    missing = dict.fromkeys(region.reason for region in regions if region.status is Status.UNDECIDED)
    if answer.left is None:
        missing[MANY_PARTS] = None
    return ParametricSolution(restoration.problem, tuple(regions), tuple(missing))


def _undecided(problem: Problem, reason: str) -> ParametricSolution:
    return ParametricSolution(problem, (ParametricRegion(Status.UNDECIDED, (), reason=reason),), (reason,))
