"""Problems with integer variables by cases: the continuous problems that are left are solved by the exact methods."""

import time

from lagrangian.methods.exact import boxes_around_closed_forms, changed_variables, closed_forms, complete_list
from lagrangian.methods.task import Finding, Known, Task, nothing_known, prepare
from lagrangian.methods.turns import Turn, is_continuous, is_not_polynomial, is_polynomial, taken
from lagrangian.problem.problem import Problem
from lagrangian.processes.calls import call_with_limit
from lagrangian.prove_cases import prove_by_listing, prove_by_search
from lagrangian.restore_cases import restore_cases
from lagrangian.solution import Solution, unanswered

# how a continuous problem that is left is solved
TURNS: tuple[Turn, ...] = (
    Turn("complete list of candidates", complete_list, is_polynomial, 0.9, 60.0),
    Turn("changes of variables", changed_variables, is_not_polynomial, 0.4, 60.0),
    Turn("points in closed form", closed_forms, is_not_polynomial, 0.6, 60.0),
    Turn("boxes around closed forms", boxes_around_closed_forms, is_continuous, 0.9, 15.0),
)
# the part of the time for listing all cases
LISTING_SHARE = 0.5


def by_cases(task: Task, known: Known, deadline: float) -> Finding:
    """All values of the integer variables that matter, each with the exact answer to the problem that they leave."""
    now = time.monotonic()
    outcome = prove_by_listing(task.canonical, solved_exactly, now + LISTING_SHARE * (deadline - now))
    if outcome is None:
        outcome = prove_by_search(task.canonical, solved_exactly, deadline)
    if outcome is None:
        return Finding(
            reason="integer cases: too many are left, or one of them is not solved exactly in the time given to it"
        )
    return Finding(restore_cases(outcome, known.solution, task.canonical, task.restoration, 0.0))


def solved_exactly(problem: Problem, limit_s: float) -> Solution:
    """What the exact methods say of a continuous problem within some seconds."""
    deadline = time.monotonic() + limit_s
    found: Solution | None = call_with_limit(_solved, (problem, deadline), limit_s, may_fail=True)
    return found if found is not None else unanswered(problem)


def _solved(problem: Problem, deadline: float) -> Solution:
    return taken(TURNS, prepare(problem), nothing_known(problem), deadline).solution
