"""Linear problems with integer variables by Lagrangian relaxation, the constraints to relax chosen by their structure."""

from lagrangian.checking import holds
from lagrangian.conditions.inner_problems import InnerProblem, TooLargeError
from lagrangian.conditions.integer_programs import IntegerProgram, NotIntegerProgramError, integer_program
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.mixed_tree import MixedTreeCertificate
from lagrangian.proof.relaxation_tree import RelaxationTreeCertificate
from lagrangian.relaxations.mixed_search import mixed_search
from lagrangian.relaxations.search import searched
from lagrangian.relaxations.structure import rows_to_relax


def prove_relaxing(
    problem: CanonicalProblem, deadline: float
) -> RelaxationTreeCertificate | MixedTreeCertificate | None:
    """The optimum, or that there is no feasible point; None for another problem, and where the time does not suffice."""
    try:
        program = integer_program(problem)
        certificate = _certificate(problem, program, deadline)
    except (NotIntegerProgramError, TooLargeError):
        return None
    return certificate if certificate is not None and holds(certificate, deadline) else None


def _certificate(
    problem: CanonicalProblem, program: IntegerProgram, deadline: float
) -> RelaxationTreeCertificate | MixedTreeCertificate | None:
    if program.reals:
        mixed = mixed_search(program, deadline)
        return None if mixed.steps is None else MixedTreeCertificate(problem, mixed.best, mixed.steps)
    inner = InnerProblem(program, rows_to_relax(program))
    found = searched(inner, deadline)
    if found.steps is None:
        return None
    return RelaxationTreeCertificate(problem, inner.relaxed, found.best, found.steps)
