"""A certificate about w carried over to a exp(sign(a) w) + c, which increases with w."""

from dataclasses import dataclass, replace

import sympy

from lagrangian.logic import Truth, all3
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.domain_changes import have_same_domain
from lagrangian.problem.monotone import OuterFunction
from lagrangian.proof.about import is_about
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
        outer, inner_problem = self.outer, self.inner_problem
        constants = outer.scale.free_symbols | outer.offset.free_symbols
        checks = [
            constants.isdisjoint(inner_problem.variables),
            outer.scale.is_positive or outer.scale.is_negative or False,
            sympy.expand(outer.value(inner_problem.objective) - self.problem.objective) == 0,
            have_same_domain([inner_problem.objective], [self.problem.objective], self.problem),
            replace(inner_problem, objective=self.problem.objective) == self.problem,
            is_about(self.inner, inner_problem),
        ]
        return all3([*checks, self.inner.verified]) if all3(checks) is True else all3(checks)

    def explanation(self) -> tuple[str, ...]:
        inner = self.inner_problem.objective
        return (f"The objective increases with {inner}, so it is enough to minimize that.", *self.inner.explanation())
