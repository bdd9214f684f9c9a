"""z3 on a formula, in a process of its own that can be ended: its own time limit is not always kept."""

import time

from lagrangian.logic import Truth
from lagrangian.processes.calls import call_with_limit
from lagrangian.proof.satisfiability import is_satisfiable, z3_is_installed

LONGEST_RUN_S = 10.0
NOT_INSTALLED = "z3 is not installed; pip install lagrangian-w2v[exact] brings it"


def refuted_by_z3(formula: str, deadline: float = float("inf")) -> str | None:
    """None where z3 finds that a formula has no solution, else why it does not.

    Args:
        formula: assertions in SMT-LIB 2.
        deadline: in the seconds of time.monotonic().
    """
    if not z3_is_installed():
        return NOT_INSTALLED
    limit = min(LONGEST_RUN_S, deadline - time.monotonic())
    if limit <= 0:
        return "the time limit came"
    answer: Truth = call_with_limit(is_satisfiable, (formula, limit), limit + 1.0, may_fail=True)
    if answer is True:
        return "a solution exists"
    return "no answer in the time given to it" if answer is None else None
