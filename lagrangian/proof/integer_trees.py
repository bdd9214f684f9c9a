"""What the certificates by Lagrangian relaxation have in common: the program that they are about, and what they claim."""

from collections.abc import Sequence
from functools import cached_property

from flint import fmpq

from lagrangian.conditions.integer_programs import IntegerProgram, NotIntegerProgramError, integer_program
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.certificate import Certificate, Claim


class IntegerTreeCertificate(Certificate):
    """That ``best`` has the least value, or that there is no feasible point where it is None; by a tree of ranges.

    Points are those of `integer_program`.
    """

    problem: CanonicalProblem
    best: Sequence[int | fmpq] | None

    kind = "Lagrangian relaxation"

    @property
    def claim(self) -> Claim:  # type: ignore[override]
        return Claim.INFEASIBLE if self.best is None else Claim.GLOBAL_OPTIMUM

    @cached_property
    def program(self) -> IntegerProgram | None:
        try:
            return integer_program(self.problem)
        except NotIntegerProgramError:
            return None

    @property
    def value(self) -> fmpq | None:
        if self.program is None or self.best is None:
            return None
        return self.program.value(self.program.cost(tuple(self.best)))
