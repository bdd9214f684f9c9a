"""A certificate about w carried over to a exp(sign(a) w) + c, which increases with w."""

from dataclasses import dataclass

import sympy

from lagrangian.logic import Truth, all3
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.monotone import OuterFunction
from lagrangian.proof.certificate import Certificate, Claim


@dataclass(frozen=True, eq=False)
class MonotoneCertificate(Certificate):
    """What is proved of the inner objective holds of the outer one: optima stay, and w -> -oo gives the limit c or -oo."""

    problem: CanonicalProblem
    inner_problem: CanonicalProblem
    outer: OuterFunction
    inner: Certificate

    @property
    def kind(self) -> str:  # type: ignore[override]
        return self.inner.kind

    @property
    def claim(self) -> Claim:  # type: ignore[override]
        if self.inner.claim is Claim.UNBOUNDED and self.outer.sign > 0:
            return Claim.NOT_ATTAINED
        return self.inner.claim

    def verify(self) -> Truth:
        same = sympy.expand(self.outer.value(self.inner_problem.objective) - self.problem.objective) == 0
        constraints = (
            self.problem.inequalities == self.inner_problem.inequalities
            and self.problem.equalities == self.inner_problem.equalities
        )
        return all3([same, constraints, self.outer.scale.is_nonzero, self.inner.verified])

    def explanation(self) -> tuple[str, ...]:
        inner = self.inner_problem.objective
        return (f"The objective increases with {inner}, so it is enough to minimize that.", *self.inner.explanation())
