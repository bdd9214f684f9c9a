"""The problem without the variables that equations define."""

from collections.abc import Sequence

from lagrangian.checking import holds
from lagrangian.methods.enclosing import by_functions, by_intervals, by_relaxations
from lagrangian.methods.exact import changed_variables, whole_line
from lagrangian.methods.numeric import local_solutions, some_local_solutions
from lagrangian.methods.task import Finding, Known, Task, nothing_known, prepare
from lagrangian.methods.turns import (
    Turn,
    is_bounded_only,
    is_constrained,
    is_continuous,
    is_low_transcendental,
    is_not_polynomial,
    is_on_line,
    taken,
)
from lagrangian.problem.reductions import reduce_problem
from lagrangian.processes.calls import untold
from lagrangian.restore_reduced import restore_reduced, stated_again

# on a line, in other variables, or over boxes in few dimensions
QUICK_TURNS: tuple[Turn, ...] = (
    Turn("changes of variables", changed_variables, is_not_polynomial, 0.50, 60.0),
    Turn("one variable", whole_line, is_on_line, 0.90, 20.0),
    Turn("local solutions", some_local_solutions, is_low_transcendental, 0.15, 4.0),
    Turn("interval branch and bound", by_intervals, is_low_transcendental, 0.95, 60.0),
)
TURNS: tuple[Turn, ...] = (
    Turn("local solutions", local_solutions, is_continuous, 0.15, 4.0),
    Turn("interval branch and bound", by_intervals, is_bounded_only, 0.60, 60.0),
    Turn("interval branch and bound", by_intervals, is_low_transcendental, 0.50, 60.0),
    Turn("relaxations of functions", by_functions, is_continuous, 0.50, 60.0),
    Turn("branch and bound with relaxations", by_relaxations, is_continuous, 0.60, 60.0),
    Turn("interval branch and bound", by_intervals, is_constrained, 0.95, 60.0),
)


def without_defined_variables(task: Task, known: Known, deadline: float) -> Finding:
    """The answer to the problem with fewer variables, found over boxes."""
    return _with_fewer(TURNS, task, known, deadline)


def quickly_without_defined_variables(task: Task, known: Known, deadline: float) -> Finding:
    """The same where few variables are left, or others make it polynomial."""
    return _with_fewer(QUICK_TURNS, task, known, deadline)


def _with_fewer(turns: Sequence[Turn], task: Task, known: Known, deadline: float) -> Finding:
    reduction = reduce_problem(task.canonical)
    if reduction is None:
        return Finding()
    problem = stated_again(reduction)
    reduced = prepare(problem)
    with untold():
        inner = taken(turns, reduced, nothing_known(problem), deadline).solution
    if inner.certificate is None:
        return Finding(reason="fewer variables: no optimum was proved without those that equations define")
    found = restore_reduced(inner, reduced.canonical, reduction, known.solution, task.canonical, task.restoration)
    if found.certificate is None or not holds(found.certificate, deadline):
        return Finding(reason="fewer variables: the proof could not be checked in time")
    return Finding(found)
