"""Good points in floating point: they prove nothing, and later methods start from them."""

from lagrangian.methods.task import Finding, Known, Task
from lagrangian.numeric.local import numeric_candidates
from lagrangian.processes.calls import tell


def local_solutions(task: Task, known: Known, deadline: float) -> Finding:
    """Local solutions from many starts."""
    candidates = numeric_candidates(task.canonical, deadline, on_better=tell)
    return Finding(
        candidates=candidates, reason="" if candidates else "local solutions: no start led to a feasible point"
    )
