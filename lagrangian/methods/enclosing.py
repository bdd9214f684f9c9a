"""Branch and bound over boxes, by linear relaxations or in interval arithmetic alone: the optimum enclosed."""

import time
from dataclasses import replace

from lagrangian.candidates.sum_of_squares import NoSquares
from lagrangian.conditions.existence import FeasibleBox
from lagrangian.methods.task import Finding, Known, Task, best_candidate
from lagrangian.numeric.local import interior_candidates
from lagrangian.problem.lifting import NotPolynomialError, lift
from lagrangian.processes.calls import tell
from lagrangian.prove_factorable import enclose_by_relaxations
from lagrangian.prove_intervals import enclose_by_boxes, optima_of, prove_integers_by_boxes, refute_by_boxes
from lagrangian.prove_spatial import prove_in_a_box, prove_with_integers
from lagrangian.prove_squares import enclose_by_squares
from lagrangian.prove_stationary import list_on_a_box
from lagrangian.restore import restore_enclosed, restore_feasible
from lagrangian.restore_factorable import restore_factorable
from lagrangian.restore_intervals import restore_enclosed_by_boxes, restore_exact_boxes, restore_feasible_point
from lagrangian.restore_stationary import restore_stationary_list
from lagrangian.solution import Solution

# how long the complete list of stationary points may take, once the optimum is known
LONGEST_LIST_S = 12.0
NOT_CLOSED = "not all boxes could be closed in the time given to it"
OTHERS = "other points with the same value: they were not looked for"


def by_intervals(task: Task, known: Known, deadline: float) -> Finding:
    """An enclosure by interval branch and bound, or the proof that nothing is feasible."""
    best = best_candidate(task, known)
    canonical = task.canonical
    certificate = refute_by_boxes(canonical, deadline) if best is None else enclose_by_boxes(canonical, best, deadline)
    if certificate is None:
        return Finding(reason=f"interval branch and bound: {NOT_CLOSED}")
    enclosed = restore_enclosed_by_boxes(known.solution, certificate, task.restoration, 0.0, known.candidates)
    # the list may come too late, the optimum is known already
    tell(Finding(enclosed))
    until = min(deadline, time.monotonic() + LONGEST_LIST_S)
    listed = list_on_a_box(canonical, until) if certificate.points else None
    return Finding(enclosed if listed is None else restore_stationary_list(known.solution, listed, task.restoration))


def by_relaxations(task: Task, known: Known, deadline: float) -> Finding:
    """An enclosure by branch and bound with linear relaxations, for what becomes polynomial."""
    best = best_candidate(task, known)
    if best is None:
        return Finding()
    try:
        polynomial, lifting = lift(task.canonical)
    except NotPolynomialError as reason:
        return Finding(reason=f"branch and bound with relaxations: {reason}")
    near = [best, *interior_candidates(task.canonical, best)]
    certificate = prove_in_a_box(polynomial, lifting, near, deadline)
    if certificate is None:
        return Finding(reason=f"branch and bound with relaxations: {NOT_CLOSED}")
    return Finding(restore_enclosed(known.solution, certificate, task.restoration, 0.0, best))


def by_squares(task: Task, known: Known, deadline: float) -> Finding:
    """An enclosure by sums of squares, for what becomes polynomial."""
    best = best_candidate(task, known)
    if best is None:
        return Finding()
    try:
        polynomial, lifting = lift(task.canonical)
    except NotPolynomialError as reason:
        return Finding(reason=f"sums of squares: {reason}")
    near = [best, *interior_candidates(task.canonical, best)]
    found = enclose_by_squares(polynomial, lifting, near, deadline)
    if isinstance(found, NoSquares):
        return Finding(reason=f"sums of squares: {found.reason}")
    return Finding(restore_enclosed(known.solution, found, task.restoration, 0.0, best))


def by_functions(task: Task, known: Known, deadline: float) -> Finding:
    """An enclosure by branch and bound with linear relaxations of products and functions of one variable."""
    best = best_candidate(task, known)
    near = [candidate for candidate in (best, *known.candidates) if candidate is not None]
    certificate = enclose_by_relaxations(task.canonical, near, deadline)
    if certificate is None:
        return Finding(reason=f"branch and bound with relaxations of functions: {NOT_CLOSED}")
    return Finding(restore_factorable(known.solution, certificate, task.restoration, 0.0, best))


def integers_by_relaxations(task: Task, known: Known, deadline: float) -> Finding:
    """Branch and bound with linear relaxations and integer variables, for what becomes polynomial."""
    try:
        polynomial, lifting = lift(replace(task.canonical, integers=frozenset()))
    except NotPolynomialError as reason:
        return Finding(reason=f"branch and bound with relaxations: {reason}")
    places = frozenset(i for i, variable in enumerate(lifting.variables) if variable in task.canonical.integers)

    def shown(point: FeasibleBox | None) -> Solution:
        return restore_feasible(known.solution, polynomial, point, task.restoration, 0.0)

    outcome = prove_with_integers(polynomial, places, deadline, lambda point: tell(Finding(shown(point))))
    if outcome.certificate is not None:
        return Finding(restore_enclosed(known.solution, outcome.certificate, task.restoration, 0.0))
    return Finding(shown(outcome.point), reason=f"branch and bound with relaxations: {NOT_CLOSED}")


def integers_by_intervals(task: Task, known: Known, deadline: float) -> Finding:
    """Interval branch and bound with integer variables."""
    found, point = prove_integers_by_boxes(task.canonical, deadline)
    if found is None:
        reason = f"interval branch and bound: {NOT_CLOSED}"
        if point is None:
            return Finding(reason=reason)
        return Finding(restore_feasible_point(known.solution, point, task.canonical, task.restoration), reason=reason)
    if found.is_exact:
        exact = restore_exact_boxes(known.solution, found, optima_of(found), task.restoration, 0.0)
        return Finding(replace(exact, missing=(OTHERS,)))
    return Finding(restore_enclosed_by_boxes(known.solution, found, task.restoration, 0.0))
