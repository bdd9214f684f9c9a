"""Turns: which method, for which tasks, and for how long."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sympy

from lagrangian.conditions.relaxation import factored
from lagrangian.methods.task import Finding, Known, Task
from lagrangian.problem.bounds import bounds_on
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.lifted import integer_places, lifted_without_integers

# so many variables are few for a search over boxes
FEW = 3

Method = Callable[[Task, Known, float], Finding]


@dataclass(frozen=True)
class Turn:
    """One method's turn: for which tasks, with which share of the time that is left, and how many seconds at most."""

    name: str
    method: Method
    applies: Callable[[Task], bool]
    share: float
    longest_s: float

    def seconds(self, left_s: float) -> float:
        """How long the turn may take where so much time is left.

        >>> Turn("nothing", lambda task, known, deadline: Finding(), is_continuous, 0.5, 60.0).seconds(40.0)
        20.0
        """
        return min(self.longest_s, self.share * left_s)


def taken(turns: Sequence[Turn], task: Task, known: Known, deadline: float) -> Known:
    """What is known after the turns that apply, in this process; it is for methods that consist of others."""
    for turn in turns:
        now = time.monotonic()
        if known.is_decided or now > deadline:
            break
        if turn.applies(task):
            known = known.after(turn.method(task, known, now + turn.seconds(deadline - now)))
    return known


def has_bounds_only(canonical: CanonicalProblem) -> bool:
    """Whether bounds are the only constraints."""
    return not canonical.equalities and all(len(g.expression.free_symbols) == 1 for g in canonical.inequalities)


def is_polynomial(task: Task) -> bool:
    return task.polynomial is not None


def is_not_polynomial(task: Task) -> bool:
    return task.polynomial is None and not task.has_integers


def is_continuous(task: Task) -> bool:
    return task.is_continuous


def may_be_unbounded(task: Task) -> bool:
    """Whether some variable of a polynomial problem has no two bounds, so that curves to infinity may be feasible."""
    if task.polynomial is None or not task.is_continuous:
        return False
    bounds = bounds_on(task.canonical)
    return any(len({b.is_upper for b in bounds.get(v, [])}) < 2 for v in task.canonical.variables)


def is_open_somewhere(task: Task) -> bool:
    """Whether several variables are left without two bounds, or a constraint is strict: an infimum may not be attained."""
    if not task.is_continuous or len(task.canonical.variables) < 2:
        return False
    bounds = bounds_on(task.canonical)
    open_ended = any(len({b.is_upper for b in bounds.get(v, [])}) < 2 for v in task.canonical.variables)
    return open_ended or any(g.strict for g in task.canonical.inequalities)


def is_several(task: Task) -> bool:
    """Several variables: some of them may be treated one by one."""
    return not task.has_parameters and len(task.canonical.variables) > 1


def is_defined_transcendental(task: Task) -> bool:
    """Not polynomial and with equations, which may define some of the variables."""
    return task.is_continuous and task.polynomial is None and bool(task.canonical.equalities)


def is_low_transcendental(task: Task) -> bool:
    """Not polynomial and with at most three variables: interval arithmetic alone is the quicker one there."""
    return task.is_continuous and task.polynomial is None and len(task.canonical.variables) <= FEW


def is_on_line(task: Task) -> bool:
    return task.is_continuous and len(task.canonical.variables) == 1


def is_bounded_only(task: Task) -> bool:
    """Interval arithmetic alone is the quicker one where bounds are the only constraints."""
    return task.is_continuous and has_bounds_only(task.canonical)


def is_constrained(task: Task) -> bool:
    return task.is_continuous and not has_bounds_only(task.canonical)


def has_integers(task: Task) -> bool:
    return task.has_integers and not task.has_parameters


def is_mixed(task: Task) -> bool:
    """Integer and continuous variables."""
    return has_integers(task) and len(task.canonical.integers) < len(task.canonical.variables)


def is_integer_alone(task: Task) -> bool:
    """All variables are integers."""
    return has_integers(task) and not is_mixed(task)


def is_linear_in_integers(task: Task) -> bool:
    """All variables are integers, and all functions affine."""
    return is_integer_alone(task) and _is_affine(task)


def is_linear_and_mixed(task: Task) -> bool:
    """Continuous variables beside integers, and all functions affine."""
    return has_integers(task) and not is_integer_alone(task) and _is_affine(task)


def _is_affine(task: Task) -> bool:
    variables = task.canonical.variables
    return all(
        f.is_polynomial(*variables) and (f.is_number or sympy.Poly(f, *variables).total_degree() <= 1)
        for f in task.canonical.functions
    )


def is_mixed_polynomial(task: Task) -> bool:
    """With an objective in continuous variables: where it has integers alone, branch and bound over boxes is exact by itself."""
    lifted = lifted_without_integers(task.canonical) if is_mixed(task) else None
    return lifted is not None and factored(lifted, integer_places(task.canonical)).step is None


def is_mixed_transcendental(task: Task) -> bool:
    return is_mixed(task) and lifted_without_integers(task.canonical) is None
