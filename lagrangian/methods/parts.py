"""Objectives that are sums of functions of different variables, each of them minimized alone."""

import time

from sympy import Eq, Le, Lt

from lagrangian.checking import holds
from lagrangian.methods.exact import changed_variables, closed_forms, complete_list, whole_line
from lagrangian.methods.infinity import unbounded_curve
from lagrangian.methods.integers import INTEGER_TURNS
from lagrangian.methods.task import Finding, Known, Task, nothing_known, prepare
from lagrangian.methods.turns import Turn, is_not_polynomial, is_on_line, is_polynomial, may_be_unbounded, taken
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.problem import Problem
from lagrangian.processes.calls import share_of_time, untold
from lagrangian.proof.separable import SeparableCertificate
from lagrangian.prove_intervals import separated
from lagrangian.restore_parts import restore_parts

TURNS: tuple[Turn, ...] = (
    Turn("curves to infinity", unbounded_curve, may_be_unbounded, 0.10, 2.0),
    Turn("complete list of candidates", complete_list, is_polynomial, 0.60, 60.0),
    Turn("changes of variables", changed_variables, is_not_polynomial, 0.40, 60.0),
    Turn("one variable", whole_line, is_on_line, 0.60, 60.0),
    Turn("points in closed form", closed_forms, is_not_polynomial, 0.90, 20.0),
    *INTEGER_TURNS,
)
UNDECIDED = "a sum of parts: one of them was not decided"


def by_parts(task: Task, known: Known, deadline: float) -> Finding:
    """The answer from those to the parts, where all are decided exactly."""
    parts = separated(task.canonical)
    if len(parts) < 2:
        return Finding()
    answers = []
    for place, part in enumerate(parts):
        until = time.monotonic() + share_of_time(deadline, 1.0) / (len(parts) - place)
        with untold():
            answers.append(taken(TURNS, prepare(stated(part)), nothing_known(stated(part)), until))
        if not answers[-1].is_decided:
            return Finding(reason=UNDECIDED)
    solutions = [answer.solution for answer in answers]
    proofs = tuple(s.certificate for s in solutions if s.certificate is not None)
    certificate = SeparableCertificate(task.canonical, parts, proofs)
    if len(proofs) < len(parts) or not holds(certificate, deadline):
        return Finding(reason=UNDECIDED)
    return Finding(restore_parts(known.solution, solutions, certificate, task.restoration))


def stated(part: CanonicalProblem) -> Problem:
    """A canonical problem as a statement of its own."""
    constraints = [(Lt if g.strict else Le)(g.expression, 0, evaluate=False) for g in part.inequalities]
    constraints += [Eq(h.expression, 0, evaluate=False) for h in part.equalities]
    return Problem(part.objective, constraints, over=part.variables, integers=part.integers)
