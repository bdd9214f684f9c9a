"""A certificate about a problem with fewer variables, carried back along the equations that define the others."""

from dataclasses import dataclass

from lagrangian.logic import Truth, all3
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.reductions import Substitution, replay
from lagrangian.proof.about import is_about, is_same_problem
from lagrangian.proof.certificate import Certificate, Claim


@dataclass(frozen=True, eq=False)
class ReducedCertificate(Certificate):
    """What is proved of the reduced problem holds of the stated one: feasible points belong to each other, with equal values."""

    problem: CanonicalProblem
    steps: tuple[Substitution, ...]
    inner_problem: CanonicalProblem
    inner: Certificate

    @property
    def kind(self) -> str:  # type: ignore[override]
        return self.inner.kind

    @property
    def claim(self) -> Claim:  # type: ignore[override]
        return self.inner.claim

    def verify(self) -> Truth:
        reduced = replay(self.problem, self.steps)
        if reduced is None or not is_same_problem(reduced, self.inner_problem):
            return False
        return all3([is_about(self.inner, self.inner_problem), self.inner.verified])

    def explanation(self) -> tuple[str, ...]:
        replaced = "; ".join(f"{step.variable} = {step.definition}" for step in self.steps)
        return (
            f"Equations define some variables, which are replaced, with what was demanded of them: {replaced}.",
            *self.inner.explanation(),
        )
