"""Good points in floating point: they prove nothing, and later methods start from them."""

import time
from collections.abc import Iterator

from lagrangian.methods.task import Finding, Known, Task
from lagrangian.numeric.functions import NotNumericError
from lagrangian.numeric.local import NumericCandidate, numeric_candidates
from lagrangian.processes.calls import tell

# a first look is over when the best value was found this often
OFTEN = 5
# the kernel and a problem's functions are loaded and compiled in a second or two; it may take this part of the time
LEAST_KERNEL_S, KERNEL_SHARE = 3.0, 0.6


def some_local_solutions(task: Task, known: Known, deadline: float) -> Finding:
    """Local solutions from a few starts, more of them where the best value is not found again and again."""
    if known.candidates:
        return Finding()
    try:
        return Finding(candidates=numeric_candidates(task.canonical, deadline, enough=OFTEN, on_better=tell))
    except NotNumericError:
        return Finding()  # `local_solutions` tells the reason


def local_solutions(task: Task, known: Known, deadline: float) -> Finding:
    """Local solutions from many starts: by the interior point kernel where that need not be compiled, then by SLSQP."""
    try:
        candidates = numeric_candidates(task.canonical, deadline, on_better=tell, others=_by_kernel(task, deadline))
    except NotNumericError as reason:
        return Finding(reason=f"local solutions: {reason}")
    return Finding(
        candidates=candidates, reason="" if candidates else "local solutions: no start led to a feasible point"
    )


def _by_kernel(task: Task, deadline: float) -> Iterator[NumericCandidate]:
    now = time.monotonic()
    if deadline - now < LEAST_KERNEL_S:
        return
    # Numba takes a second to import, and most problems never come here
    from lagrangian.numeric.kernel_candidates import is_kernel_cached, kernel_candidates

    if is_kernel_cached():
        yield from kernel_candidates(task.canonical, now + KERNEL_SHARE * (deadline - now))
