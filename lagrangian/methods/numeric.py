"""Good points in floating point: they prove nothing, and later methods start from them."""

from lagrangian.methods.task import Finding, Known, Task
from lagrangian.numeric.local import numeric_candidates
from lagrangian.processes.calls import tell

# a first look is over when the best value was found this often
OFTEN = 5


def some_local_solutions(task: Task, known: Known, deadline: float) -> Finding:
    """Local solutions from a few starts, more of them where the best value is not found again and again."""
    if known.candidates:
        return Finding()
    return Finding(candidates=numeric_candidates(task.canonical, deadline, enough=OFTEN, on_better=tell))


def local_solutions(task: Task, known: Known, deadline: float) -> Finding:
    """Local solutions from many starts."""
    candidates = numeric_candidates(task.canonical, deadline, on_better=tell)
    return Finding(
        candidates=candidates, reason="" if candidates else "local solutions: no start led to a feasible point"
    )
