"""Local solutions of a problem from one or many starts, polished, and verified by balls."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol

from lagrangian.errors import ProblemError
from lagrangian.numeric.compiled import CompiledProblem, compile_problem
from lagrangian.numeric.integer_search import integer_search
from lagrangian.numeric.local import box
from lagrangian.numeric.nlp_answers import Search, local_solutions, status_of
from lagrangian.numeric.nlp_linear import CLARABEL, HIGHS, QuadraticForm, by_clarabel, by_highs, quadratic_form
from lagrangian.numeric.nlp_result import LocalSolution, NumericResult
from lagrangian.numeric.nlp_solvers import NONLINEAR, Evaluator, Found, by_kernel, has_ipopt, starting_points
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem
from lagrangian.status import Status

Vector = NDArray[np.float64]

TIME_LIMIT_S = 30.0
STARTS = 8
METHODS = ("auto", *NONLINEAR, "highs", "clarabel", "basin-hopping", "branch-and-bound")
# how far basin hopping moves from the best point, by 1 + |x|, round after round
HOPS = (0.1, 0.5, 1.0, 3.0)


def solve_numeric(
    problem: Problem | CompiledProblem,
    *,
    start: Mapping[Symbol | str, Any] | Sequence[Any] | None = None,
    starts: int = STARTS,
    seed: int = 0,
    time_limit_s: float = TIME_LIMIT_S,
    method: str = "auto",
    verify: bool = True,
) -> NumericResult:
    """Find local solutions from several starts, polish them, and prove what can be proved of each.

    A solver suggests points. Newton's method on the KKT equations of the active constraints takes each to 60 digits; Krawczyk's
    operator then proves that a KKT point lies in a small box, and the inertia of [[d^2L/dx^2, A^T], [A, 0]] over that box, with
    positive multipliers, that it is a strict local optimum. Where the problem is convex by the rules of
    `lagrangian.conditions.convexity`, it is a global one.

    Args:
        problem: without parameters.
        start: where to begin: numbers for all variables, by symbol or name, or in the order of the problem's variables.
        starts: from how many points to start: the given one or the middle of the bounds, then others, a fixed sequence by seed.
        seed: of the random starts.
        time_limit_s: no further solver run or verification begins after this time; compilation is not counted.
        method: "auto" takes HiGHS for linear problems and the package's interior point kernel for others, with Ipopt where it is
            installed, SLSQP and trust-constr after it where it finds nothing; with integers branch and bound on the kernel's
            solutions, see `integer_search`. "kernel", "slsqp", "trust-constr", "ipopt", "highs", "branch-and-bound" and
            "clarabel" (convex quadratic programs) take just that; "basin-hopping" starts again and again around the best point.
        verify: whether to polish and verify.

    Raises:
        ProblemError: for parameters, a method that does not take the problem, a start or a method that is none, and for a
            function that has no compiled form.
        MissingExtraError: for a method whose package is not installed.

    Sources: Krawczyk (1969); Nocedal and Wright (2006), theorem 12.6; Gould (1985) for the inertia.

    >>> from sympy import Rational, symbols
    >>> x, y = symbols("x y")
    >>> result = solve_numeric(Problem(x * y, [x**2 + 2 * y**2 <= 4], over=[x, y]))
    >>> result.status, round(result.value, 9), len(result.solutions)
    (<Status.LOCAL: 'local'>, -1.414213562, 2)
    >>> low, high = result.value_interval
    >>> low**2 >= 2 >= high**2, high - low < Rational(1, 10**18)
    (True, True)
    """
    _refuse(method, starts, time_limit_s)
    begun = time.monotonic()
    if isinstance(problem, CompiledProblem):
        canonical, restoration = problem.canonical, problem.restoration
    else:
        canonical, restoration = canonicalize(problem)
    _refuse_parameters(canonical, restoration)
    first = None if start is None else _start(start, restoration)
    # what is compiled already is solved as it is
    wanted = method in ("highs", "clarabel") or bool(canonical.integers)
    wanted = wanted or (method == "auto" and not isinstance(problem, CompiledProblem))
    form = quadratic_form(canonical) if wanted else None
    _refuse_class(canonical, method, form)
    if form is not None and ((form.is_linear and method != "branch-and-bound") or method == "clarabel"):
        search = Search(canonical, restoration, None, form, begun + time_limit_s)
        found, message = _by_form(form, canonical, method)
        return _result(search, local_solutions(search, found, verify), message, 1, begun, 0.0)
    compiling = time.monotonic()
    evaluator = Evaluator(problem if isinstance(problem, CompiledProblem) else compile_problem(problem))
    compilation_s = time.monotonic() - compiling
    search = Search(canonical, restoration, evaluator, None, begun + compilation_s + time_limit_s)
    solutions = _by_solvers(search, evaluator, method, first, (starts, seed), verify)
    return _result(search, solutions, "no start led to a feasible point", starts, begun, compilation_s)


def _result(
    search: Search, solutions: tuple[LocalSolution, ...], message: str, starts: int, begun: float, compilation_s: float
) -> NumericResult:
    status, reason = status_of(search, solutions) if solutions else (Status.UNDECIDED, message)
    return NumericResult(
        search.restoration.problem,
        status,
        reason,
        solutions,
        starts,
        solutions[0].solver if solutions else "",
        time.monotonic() - begun - compilation_s,
        compilation_s,
    )


# --- what is asked for ----------------------------------------------------------------------------------------------


def _refuse(method: str, starts: int, time_limit_s: float) -> None:
    if method not in METHODS:
        raise ProblemError(f"the method is {method!r}; the methods are {', '.join(METHODS)}")
    if isinstance(starts, bool) or not isinstance(starts, int) or starts < 1:
        raise ProblemError(f"starts is {starts!r}; write how many starts there are, a whole number from 1")
    if not time_limit_s > 0:
        raise ProblemError(f"time_limit_s is {time_limit_s!r}; write a positive number of seconds")


def _refuse_parameters(canonical: CanonicalProblem, restoration: Restoration) -> None:
    if canonical.parameters:
        names = ", ".join(map(str, restoration.problem.parameters))
        raise ProblemError(
            f"the problem has parameters: {names}; put numbers in their places, or use solve_batch for many values at once"
        )


def _refuse_class(canonical: CanonicalProblem, method: str, form: QuadraticForm | None) -> None:
    """A method for a class of problems takes no others, and integers are for HiGHS and for branch and bound."""
    linear = form is not None and form.is_linear
    if method == "highs" and not linear:
        raise ProblemError("method='highs' takes linear problems only; write method='auto'")
    if canonical.integers and method not in ("auto", "highs", "branch-and-bound"):
        names = ", ".join(sorted(map(str, canonical.integers)))
        raise ProblemError(
            f"{names} must be integers: write method='auto' or 'branch-and-bound', or 'highs' for a linear problem"
        )
    if method == "branch-and-bound" and not canonical.integers:
        raise ProblemError("method='branch-and-bound' takes problems with integers; write method='auto'")
    if method == "clarabel" and form is None:
        raise ProblemError("method='clarabel' takes quadratic objectives with affine constraints; write method='auto'")


def _start(start: Any, restoration: Restoration) -> Vector:
    """The start in the order of the variables, shape (n,)."""
    over = restoration.problem.over
    if isinstance(start, Mapping):
        given = {str(name): value for name, value in start.items()}
        names = [str(variable) for variable in over]
        unknown, missing = [n for n in given if n not in names], [n for n in names if n not in given]
        if unknown:
            raise ProblemError(
                f"the start names {unknown[0]}, which is no variable; the variables are {', '.join(names)}"
            )
        if missing:
            raise ProblemError(f"the start gives no number for {missing[0]}; give one for each of {', '.join(names)}")
        start = [given[name] for name in names]
    try:
        point = np.array([float(value) for value in start], dtype=np.float64)
    except (TypeError, ValueError):
        raise ProblemError(f"the start is {start!r}; write one number for each variable") from None
    if point.shape != (len(over),) or not np.isfinite(point).all():
        raise ProblemError(f"the start is {start!r}; {len(over)} finite numbers are wanted, one for each variable")
    return point


# --- points that solvers suggest ------------------------------------------------------------------------------------


def _by_form(form: QuadraticForm, canonical: CanonicalProblem, method: str) -> tuple[list[Found], str]:
    """The answer of HiGHS to a linear program, or of Clarabel to a convex quadratic one; and what it says where it has none."""
    multipliers = None
    if method == "clarabel":
        point, multipliers, message = by_clarabel(form)
    else:
        integers = np.array([v in canonical.integers for v in canonical.variables], dtype=bool)
        point, message = by_highs(form, integers)
    name = CLARABEL if method == "clarabel" else HIGHS
    if point is None:
        return [], f"{name}: {message}; this is not proved here, lagrangian.solve decides it"
    return [Found(point, form.value(point), multipliers, 0.0, True, name)], ""


def _by_solvers(
    search: Search, evaluator: Evaluator, method: str, first: Vector | None, sequence: tuple[int, int], verify: bool
) -> tuple[LocalSolution, ...]:
    """Where solvers end. One after the other is asked until one is satisfied with a point, or a point is verified."""
    low, high = box(search.canonical)
    starts = starting_points(low, high, first, *sequence)
    if search.canonical.integers:
        integral = integer_search(search.canonical, evaluator).points(starts, sequence[1], search.deadline)
        return local_solutions(search, list(integral), verify)
    if method == "basin-hopping":
        return local_solutions(search, list(_hopping(evaluator, starts, sequence[1], search.deadline)), verify)
    names = [method] if method != "auto" else ["kernel", *(["ipopt"] if has_ipopt() else []), "slsqp", "trust-constr"]
    found: list[Found] = []
    solutions: tuple[LocalSolution, ...] = ()
    for name in names:
        if found and time.monotonic() > search.deadline:
            break
        found += NONLINEAR[name](evaluator, starts, search.deadline)
        solutions = local_solutions(search, found, verify)
        if any(one.converged for one in found) or any(solution.verified for solution in solutions):
            break
    return solutions


def _hopping(evaluator: Evaluator, starts: Vector, seed: int, deadline: float) -> Iterator[Found]:
    """Eight starts at a time, all but the first eight around the best point so far (Wales and Doye 1997)."""
    random = np.random.default_rng(seed)
    best: Found | None = None
    for number, first in enumerate(range(0, len(starts), STARTS)):
        chunk = starts[first : first + STARTS]
        if best is not None:
            moves = HOPS[number % len(HOPS)] * (1.0 + np.abs(best.point)) * random.normal(size=chunk.shape)
            chunk = best.point + moves
        for found in by_kernel(evaluator, chunk, deadline):
            yield found
            if found.converged and (best is None or found.value < best.value):
                best = found
        if time.monotonic() > deadline:
            return
