"""The pipeline: state, canonicalize, lift, find candidates, prove, restore."""

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from sympy import Symbol

from lagrangian.candidates.enumeration import nothing_listed
from lagrangian.candidates.worker import call_with_limit
from lagrangian.errors import ProblemError
from lagrangian.numeric.local import NumericCandidate, interior_candidates, numeric_candidate
from lagrangian.outcome import Outcome
from lagrangian.problem.canonical import CanonicalProblem, Restoration, canonicalize
from lagrangian.problem.lifting import Lifting, NotPolynomialError, PolynomialProblem, lift
from lagrangian.problem.monotone import strip_outer_function
from lagrangian.problem.problem import Problem, Sense
from lagrangian.proof.spatial import SpatialCertificate
from lagrangian.prove import prove
from lagrangian.prove_spatial import prove_in_a_box, prove_with_integers
from lagrangian.prove_symbolic import prove_symbolically
from lagrangian.restore import Setting, restore, restore_enclosed, restore_feasible, restore_numeric, restore_symbolic
from lagrangian.solution import Solution
from lagrangian.status import Status

# the part of the time limit for the exact methods, and that of what is left for finding a good point in floating point
EXACT_SHARE = 0.5
NUMERIC_SHARE = 0.4
LONGEST_NUMERIC_SEARCH_S = 5.0
LONGEST_BRANCH_AND_BOUND_S = 60.0
# how long a single step of the exact methods may overrun their time
LONGEST_DELAY_S = 2.5


def solve(problem: Problem, *, time_limit_s: float | None = None) -> Solution:
    """The answer to a problem: its status with a verified certificate, or the best candidate and what is missing.

    Args:
        problem: what to solve. Polynomials, quotients, roots, Abs, Max, Min and algebraic numbers are treated completely;
            problems with parameters, exp or log are proved where they are convex.
        time_limit_s: seconds after which no further step is begun.

    Raises:
        ProblemError: for a time limit that is no positive number.

    >>> from sympy import symbols
    >>> x = symbols("x")
    >>> solve(Problem(x + 1 / x, [x >= 0], over=[x])).points
    ({x: 1},)
    """
    if time_limit_s is not None and not time_limit_s > 0:
        raise ProblemError(f"time_limit_s is {time_limit_s}; write a positive number of seconds, or None for no limit")
    started = time.monotonic()
    limit = time_limit_s if time_limit_s is not None else float("inf")
    canonical, restoration = canonicalize(problem)
    solution = _solve_exactly(canonical, restoration, started, started + EXACT_SHARE * limit)
    if solution.status not in (Status.LOCAL, Status.UNDECIDED) or canonical.parameters:
        return solution
    if canonical.integers:
        return _solve_with_integers(solution, canonical, restoration, started, started + limit)
    return _solve_in_floating_point(solution, canonical, restoration, started, started + limit)


def _solve_exactly(canonical: CanonicalProblem, restoration: Restoration, started: float, deadline: float) -> Solution:
    inner, outer = strip_outer_function(canonical) or (canonical, None)
    try:
        polynomial, lifting = lift(inner)
    except NotPolynomialError as reason:
        symbolic = prove_symbolically(canonical, str(reason), deadline)
        return restore_symbolic(symbolic, canonical, restoration, time.monotonic() - started)
    outcome = _prove_in_time(inner, polynomial, lifting, deadline)
    setting = Setting(canonical, inner, restoration, lifting, outer)
    return restore(outcome, setting, time.monotonic() - started)


def _solve_in_floating_point(
    solution: Solution, canonical: CanonicalProblem, restoration: Restoration, started: float, deadline: float
) -> Solution:
    """A better answer than an exact one without proof: an enclosed optimum, or a numerical candidate."""
    now = time.monotonic()
    candidate = numeric_candidate(
        canonical, min(now + LONGEST_NUMERIC_SEARCH_S, now + NUMERIC_SHARE * (deadline - now))
    )
    known = [c for c in (_exact_candidate(solution, restoration), candidate) if c is not None]
    if known:
        best = min(known, key=lambda c: c.value)
        certificate = _enclose(canonical, best, min(deadline, now + LONGEST_BRANCH_AND_BOUND_S))
        if certificate is not None:
            return restore_enclosed(solution, certificate, restoration, time.monotonic() - started, best)
    return restore_numeric(solution, candidate, restoration, time.monotonic() - started)


def _solve_with_integers(
    solution: Solution, canonical: CanonicalProblem, restoration: Restoration, started: float, deadline: float
) -> Solution:
    try:
        polynomial, lifting = lift(replace(canonical, integers=frozenset()))
    except NotPolynomialError as reason:
        return replace(solution, missing=(f"integer variables are supported in polynomial problems only: {reason}",))
    places = frozenset(i for i, variable in enumerate(lifting.variables) if variable in canonical.integers)
    outcome = prove_with_integers(polynomial, places, min(deadline, started + LONGEST_BRANCH_AND_BOUND_S))
    elapsed_s = time.monotonic() - started
    if outcome.certificate is None:
        missing = replace(solution, missing=("branch and bound over boxes came to no end",))
        return restore_feasible(missing, polynomial, outcome.point, restoration, elapsed_s)
    return restore_enclosed(solution, outcome.certificate, restoration, elapsed_s)


def _exact_candidate(solution: Solution, restoration: Restoration) -> NumericCandidate | None:
    """The best point of the exact methods in floating point."""
    if solution.optimum is None or not solution.coordinates:
        return None
    point = np.array([float(number) for number in solution.coordinates[0].values()])
    return NumericCandidate(point, float(restoration.value(float(solution.optimum))), 0.0)


def _enclose(canonical: CanonicalProblem, near: NumericCandidate, deadline: float) -> SpatialCertificate | None:
    try:
        polynomial, lifting = lift(canonical)
    except NotPolynomialError:
        return None
    return prove_in_a_box(polynomial, lifting, [near, *interior_candidates(canonical, near)], deadline)


def _prove_in_time(
    canonical: CanonicalProblem, polynomial: PolynomialProblem, lifting: Lifting, deadline: float
) -> Outcome:
    if deadline == float("inf"):
        return prove(canonical, polynomial, lifting)
    limit = deadline + LONGEST_DELAY_S - time.monotonic()
    outcome = call_with_limit(prove, (canonical, polynomial, lifting, deadline), limit)
    return outcome or Outcome(
        Status.UNDECIDED, nothing_listed(polynomial), missing=("the exact methods ran out of time",)
    )


def minimize(
    objective: Any,
    constraints: Iterable[Any] = (),
    *,
    over: Iterable[Symbol] | Symbol | None = None,
    time_limit_s: float | None = None,
    **statement: Any,
) -> Solution:
    """solve(Problem(objective, constraints, over=over, sense="min", ...)); the other arguments are those of `Problem`.

    >>> from sympy import Eq, symbols
    >>> x, y = symbols("x y")
    >>> minimize(x + y, [Eq(x**2 + y**2, 1)], over=[x, y]).value
    -sqrt(2)
    """
    problem = Problem(objective, constraints, over=over, sense=Sense.MINIMIZE, **statement)
    return solve(problem, time_limit_s=time_limit_s)


def maximize(
    objective: Any,
    constraints: Iterable[Any] = (),
    *,
    over: Iterable[Symbol] | Symbol | None = None,
    time_limit_s: float | None = None,
    **statement: Any,
) -> Solution:
    """solve(Problem(objective, constraints, over=over, sense="max", ...)); the other arguments are those of `Problem`.

    >>> from sympy import Eq, symbols
    >>> x, y, b = symbols("x y b", positive=True)
    >>> solution = maximize(x * y, [Eq(x + y, b)], over=[x, y])
    >>> solution.value, solution.points, solution.shadow_price(Eq(x + y, b))
    (b**2/4, ({x: b/2, y: b/2},), b/2)
    """
    problem = Problem(objective, constraints, over=over, sense=Sense.MAXIMIZE, **statement)
    return solve(problem, time_limit_s=time_limit_s)
