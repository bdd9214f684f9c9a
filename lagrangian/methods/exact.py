"""Exact methods: the complete list of candidates, and KKT points in closed form."""

import time
from dataclasses import replace

import numpy as np
from flint import fmpq

from lagrangian.candidates.active_sets import support_count
from lagrangian.candidates.enumeration import CandidatePoint
from lagrangian.candidates.workload import workload_s
from lagrangian.conditions.convexity import convexity
from lagrangian.conditions.screening import Screen
from lagrangian.exact_numbers import ExactNumber
from lagrangian.methods.numeric import some_local_solutions
from lagrangian.methods.task import Finding, Known, Task, exact_points
from lagrangian.numeric.local import NumericCandidate
from lagrangian.processes.calls import tell
from lagrangian.prove import prove
from lagrangian.prove_changed import prove_changed
from lagrangian.prove_intervals import optima_of, prove_exactly_by_boxes
from lagrangian.prove_line import prove_on_line
from lagrangian.prove_quadratic import prove_quadratic
from lagrangian.prove_symbolic import prove_symbolically
from lagrangian.restore import restore, restore_symbolic
from lagrangian.restore_intervals import restore_exact_boxes
from lagrangian.restore_line import restore_line

# a list is begun early if its estimated time is at most this many times what it is given: the estimate is a rough one
MOST_WORK = 4.0
COUNTING_SHARE = 0.25
# with more sets of active constraints a good value is looked for first, in this part of the time
MANY_SUPPORTS = 150
LOCAL_SHARE = 0.2
ROUGHLY = 1e-6


def quadratic_program(task: Task, known: Known, deadline: float) -> Finding:
    """One KKT point of a linear or convex quadratic program with many faces, or why there is none."""
    assert task.polynomial is not None and task.lifting is not None
    outcome = prove_quadratic(task.inner, task.polynomial, task.lifting, deadline)
    return Finding() if outcome is None else Finding(restore(outcome, task.setting, 0.0))


def short_list(task: Task, known: Known, deadline: float) -> Finding:
    """The complete list, unless it is too long for the time: many systems with many zeros are better left for later."""
    assert task.polynomial is not None
    given_s = deadline - time.monotonic()
    found, upper = Finding(), None
    if task.is_continuous and task.outer is None and support_count(task.polynomial) > MANY_SUPPORTS:
        found = some_local_solutions(task, known, time.monotonic() + LOCAL_SHARE * given_s)
        # a rough bound, since all that depends on it is whether to begin
        upper = fmpq(*(found.candidates[0].value + ROUGHLY).as_integer_ratio()) if found.candidates else None
    closed, most_s = replace(task.polynomial, strict=frozenset()), MOST_WORK * given_s
    counted_by = time.monotonic() + COUNTING_SHARE * given_s
    if workload_s(closed, most_s, counted_by, Screen(closed, upper)) > most_s:
        return found
    return replace(complete_list(task, known, deadline), candidates=found.candidates)


def complete_list(task: Task, known: Known, deadline: float) -> Finding:
    """Every candidate of a polynomial problem, with the cheapest certificate that the best one is the optimum."""
    assert task.polynomial is not None and task.lifting is not None
    outcome = prove(task.inner, task.polynomial, task.lifting, deadline, lambda best: tell(_estimate(task, best)))
    return Finding(restore(outcome, task.setting, 0.0))


def _estimate(task: Task, candidate: CandidatePoint) -> NumericCandidate:
    """A candidate of the list in floating point, in canonical terms."""
    setting = task.setting
    point = np.array([float(ExactNumber(x)) for x in setting.lifting.original(candidate.point.coordinates)])
    return NumericCandidate(point, task.restoration.value(float(setting.number(candidate.value))), 0.0)


def changed_variables(task: Task, known: Known, deadline: float) -> Finding:
    """The complete list in new variables, in which the problem is polynomial."""
    solution = prove_changed(task.canonical, task.restoration, deadline)
    reason = "changes of variables: none was found that makes the problem polynomial and leads to a decision"
    return Finding(solution, reason="" if solution is not None else reason)


def whole_line(task: Task, known: Known, deadline: float) -> Finding:
    """One real variable: stationary points and limits, with all of the line covered."""
    outcome = prove_on_line(task.canonical, deadline)
    if outcome is None:
        return Finding(reason="one variable: some stationary point, limit or sign on the line was not decided")
    return Finding(restore_line(known.solution, outcome, task.canonical, task.restoration))


def closed_forms(task: Task, known: Known, deadline: float) -> Finding:
    """KKT points that SymPy finds where functions are not polynomial, or parameters are free."""
    outcome = prove_symbolically(task.canonical, task.not_polynomial, deadline)
    return Finding(restore_symbolic(outcome, task.canonical, task.restoration, 0.0))


def convex_closed_forms(task: Task, known: Known, deadline: float) -> Finding:
    """As `closed_forms` where any KKT point is the optimum: with fewer variables it might be enclosed before it is found."""
    return closed_forms(task, known, deadline) if convexity(task.canonical).truth else Finding()


def boxes_around_closed_forms(task: Task, known: Known, deadline: float) -> Finding:
    """Points in closed form are the optima: every box lies above them, or the objective is convex on it around one of them."""
    points = exact_points(task, known)
    if not points:
        return Finding()
    certificate = prove_exactly_by_boxes(task.canonical, points, deadline)
    if certificate is None:
        return Finding(
            reason="boxes around the best points in closed form: not all others were shown to lie above them"
        )
    optima = optima_of(certificate)
    return Finding(restore_exact_boxes(known.solution, certificate, optima, task.restoration, 0.0))
