"""The pipeline: state, canonicalize, lift, find candidates, prove, restore."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sympy import Expr, Symbol

from lagrangian.candidates.enumeration import nothing_listed
from lagrangian.candidates.worker import call_with_limit
from lagrangian.checking import holds
from lagrangian.conditions.signs import is_zero
from lagrangian.errors import ProblemError
from lagrangian.numeric.local import NumericCandidate, interior_candidates, numeric_candidates
from lagrangian.outcome import Outcome
from lagrangian.problem.canonical import CanonicalProblem, Restoration, canonicalize
from lagrangian.problem.lifting import Lifting, NotPolynomialError, PolynomialProblem, lift
from lagrangian.problem.monotone import strip_outer_function
from lagrangian.problem.problem import Problem, Sense
from lagrangian.problem.reductions import reduce_problem
from lagrangian.proof.spatial import SpatialCertificate
from lagrangian.prove import prove
from lagrangian.prove_changed import prove_changed
from lagrangian.prove_intervals import (
    enclose_by_boxes,
    optima_of,
    prove_exactly_by_boxes,
    prove_integers_by_boxes,
    refute_by_boxes,
)
from lagrangian.prove_spatial import prove_in_a_box, prove_with_integers
from lagrangian.prove_symbolic import prove_symbolically
from lagrangian.restore import Setting, restore, restore_enclosed, restore_feasible, restore_numeric, restore_symbolic
from lagrangian.restore_intervals import restore_enclosed_by_boxes, restore_exact_boxes, restore_feasible_point
from lagrangian.restore_reduced import nothing_known, restore_reduced, stated_again
from lagrangian.solution import Solution
from lagrangian.status import Status

# the part of the time limit for the exact methods, and that of what is left for finding a good point in floating point
EXACT_SHARE = 0.5
NUMERIC_SHARE = 0.4
LONGEST_NUMERIC_SEARCH_S = 8.0
LONGEST_BRANCH_AND_BOUND_S = 60.0
# the part of the exact methods' time for new variables in which a problem is polynomial
CHANGED_SHARE = 0.5
# the part of the exact methods' time that SymPy gets for functions that are not polynomial: its solver often does not end
SYMBOLIC_SHARE = 0.6
# the part of the time for showing that points in closed form are the optima, and for enclosures by intervals alone
EXACT_BOX_SHARE = 0.25
INTERVAL_SHARE = 0.6
# the part of the time for linear relaxations where there are integers
RELAXATION_SHARE = 0.45
# the part of the time for the problem with fewer variables, where equations define some
REDUCED_SHARE = 0.5
# how long a single step of the exact methods may overrun their time
LONGEST_DELAY_S = 2.5


def solve(problem: Problem, *, time_limit_s: float | None = None) -> Solution:
    """The answer to a problem: its status with a verified certificate, or the best candidate and what is missing.

    Args:
        problem: what to solve. Polynomials, quotients, roots, Abs, Max, Min and algebraic numbers are treated completely;
            problems with parameters are proved where they are convex, those with exp, log or sin also over boxes.
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
    reduced = _solve_reduced(solution, canonical, restoration, _until(started + limit, REDUCED_SHARE))
    if reduced is not None:
        return replace(reduced, elapsed_s=time.monotonic() - started)
    return _solve_in_floating_point(solution, canonical, restoration, started, started + limit)


def _solve_reduced(
    solution: Solution, canonical: CanonicalProblem, restoration: Restoration, deadline: float
) -> Solution | None:
    """The proved answer over boxes to the problem without the variables that equations define; None where there is none."""
    reduction = reduce_problem(canonical)
    if reduction is None:
        return None
    problem = stated_again(reduction)
    inner_canonical, inner_restoration = canonicalize(problem)
    now = time.monotonic()
    inner = _solve_in_floating_point(nothing_known(problem), inner_canonical, inner_restoration, now, deadline)
    if inner.certificate is None:
        return None
    found = restore_reduced(inner, inner_canonical, reduction, solution, canonical, restoration)
    return found if found.certificate is not None and holds(found.certificate, deadline) else None


def _solve_exactly(canonical: CanonicalProblem, restoration: Restoration, started: float, deadline: float) -> Solution:
    inner, outer = strip_outer_function(canonical) or (canonical, None)
    try:
        polynomial, lifting = lift(inner)
    except NotPolynomialError as reason:
        changed = prove_changed(canonical, restoration, _until(deadline, CHANGED_SHARE))
        if changed is not None:
            return replace(changed, elapsed_s=time.monotonic() - started)
        symbolic = prove_symbolically(canonical, str(reason), _until(deadline, SYMBOLIC_SHARE))
        return restore_symbolic(symbolic, canonical, restoration, time.monotonic() - started)
    outcome = _prove_in_time(inner, polynomial, lifting, deadline)
    setting = Setting(canonical, inner, restoration, lifting, outer)
    return restore(outcome, setting, time.monotonic() - started)


def _solve_in_floating_point(
    solution: Solution, canonical: CanonicalProblem, restoration: Restoration, started: float, deadline: float
) -> Solution:
    """A better answer than an exact one without proof: an optimum proved or enclosed over boxes, or a numerical candidate."""
    now = time.monotonic()
    boxes_until = min(deadline, now + LONGEST_BRANCH_AND_BOUND_S)
    exact = prove_exactly_by_boxes(
        canonical, _exact_points(solution, restoration), _until(boxes_until, EXACT_BOX_SHARE)
    )
    if exact is not None:
        elapsed_s = time.monotonic() - started
        return restore_exact_boxes(solution, exact, optima_of(exact), restoration, elapsed_s)
    numeric_until = min(now + LONGEST_NUMERIC_SEARCH_S, _until(deadline, NUMERIC_SHARE))
    candidates = numeric_candidates(canonical, numeric_until)
    estimate = candidates[0] if candidates else None
    known = [c for c in (_exact_candidate(solution, restoration), estimate) if c is not None]
    best = min(known, key=lambda c: c.value) if known else None
    for method in _enclosing_methods(canonical):
        found = method(solution, canonical, restoration, (best, *candidates), boxes_until)
        if found is not None:
            return replace(found, elapsed_s=time.monotonic() - started)
    return restore_numeric(solution, estimate, restoration, time.monotonic() - started)


def _enclosing_methods(canonical: CanonicalProblem) -> tuple[Callable[..., Solution | None], ...]:
    """Interval arithmetic alone is the quicker one where bounds are the only constraints."""
    if all(len(g.expression.free_symbols) == 1 for g in canonical.inequalities) and not canonical.equalities:
        return _by_intervals, _by_relaxations
    return _by_relaxations, _by_intervals


def _by_intervals(
    solution: Solution,
    canonical: CanonicalProblem,
    restoration: Restoration,
    known: Sequence[NumericCandidate | None],
    deadline: float,
) -> Solution | None:
    """An enclosure by interval branch and bound, or the proof that nothing is feasible."""
    deadline = _until(deadline, INTERVAL_SHARE)
    best, *estimates = known
    certificate = refute_by_boxes(canonical, deadline) if best is None else enclose_by_boxes(canonical, best, deadline)
    if certificate is None:
        return None
    shown = tuple(e for e in estimates if e is not None)
    return restore_enclosed_by_boxes(solution, certificate, restoration, 0.0, shown)


def _by_relaxations(
    solution: Solution,
    canonical: CanonicalProblem,
    restoration: Restoration,
    known: Sequence[NumericCandidate | None],
    deadline: float,
) -> Solution | None:
    """An enclosure by branch and bound with linear relaxations, for what becomes polynomial."""
    best = known[0]
    if best is None:
        return None
    certificate = _enclose(canonical, best, deadline)
    return None if certificate is None else restore_enclosed(solution, certificate, restoration, 0.0, best)


def _exact_points(solution: Solution, restoration: Restoration) -> list[dict[Symbol, Expr]]:
    """The stationary points with the best value, where all of it is known exactly."""
    if solution.optimum is None or not solution.optimum.is_exact:
        return []
    best = [
        p for p in solution.stationary_points if is_zero(p.objective.expression - solution.optimum.expression) is True
    ]
    names = dict(zip(restoration.problem.over, restoration.variables, strict=True))
    return [{names[v]: number.expression for v, number in p.coordinates.items()} for p in best]


def _until(deadline: float, share: float) -> float:
    """When a share of the time that is left will have passed."""
    if deadline == float("inf"):
        return deadline
    now = time.monotonic()
    return now + share * (deadline - now)


def _solve_with_integers(
    solution: Solution, canonical: CanonicalProblem, restoration: Restoration, started: float, deadline: float
) -> Solution:
    """Branch and bound with linear relaxations for what becomes polynomial, then in interval arithmetic."""
    until = min(deadline, started + LONGEST_BRANCH_AND_BOUND_S)
    missing = "branch and bound over boxes came to no end"
    undecided = replace(solution, missing=(missing,))
    try:
        polynomial, lifting = lift(replace(canonical, integers=frozenset()))
    except NotPolynomialError:
        pass
    else:
        places = frozenset(i for i, variable in enumerate(lifting.variables) if variable in canonical.integers)
        outcome = prove_with_integers(polynomial, places, _until(until, RELAXATION_SHARE))
        if outcome.certificate is not None:
            return restore_enclosed(solution, outcome.certificate, restoration, time.monotonic() - started)
        undecided = restore_feasible(undecided, polynomial, outcome.point, restoration, 0.0)
    found, point = prove_integers_by_boxes(canonical, until)
    elapsed_s = time.monotonic() - started
    if found is None:
        if point is not None and undecided.optimum is None:
            undecided = restore_feasible_point(undecided, point, canonical, restoration)
        return replace(undecided, elapsed_s=elapsed_s)
    if found.is_exact:
        exact = restore_exact_boxes(solution, found, optima_of(found), restoration, elapsed_s)
        return replace(exact, missing=("other points with the same value: they were not looked for",))
    return restore_enclosed_by_boxes(solution, found, restoration, elapsed_s)


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
