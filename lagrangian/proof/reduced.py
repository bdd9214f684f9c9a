"""A certificate about a problem with fewer variables, carried back along the equations that define the others."""

from dataclasses import dataclass

from lagrangian.logic import Truth, all3
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.lifting import NotPolynomialError, PolynomialProblem, lift
from lagrangian.problem.reductions import Substitution, replay
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


def is_same_problem(left: CanonicalProblem, right: CanonicalProblem) -> bool:
    """Whether two problems are the same but for the relations that their constraints stand for."""
    return (
        left.objective == right.objective
        and [(g.expression, g.strict) for g in left.inequalities]
        == [(g.expression, g.strict) for g in right.inequalities]
        and [h.expression for h in left.equalities] == [h.expression for h in right.equalities]
        and (left.variables, left.parameters, left.integers) == (right.variables, right.parameters, right.integers)
    )


def is_about(certificate: Certificate, problem: CanonicalProblem) -> bool:
    """Whether a certificate speaks of this problem, or of the polynomial one that it becomes."""
    about = getattr(certificate, "problem", None) or getattr(getattr(certificate, "closed", None), "problem", None)
    if isinstance(about, CanonicalProblem):
        return is_same_problem(about, problem)
    if not isinstance(about, PolynomialProblem):
        return False
    try:
        lifted, _ = lift(problem)
    except NotPolynomialError:
        return False
    return (
        str(lifted.objective) == str(about.objective)
        and list(map(str, lifted.inequalities)) == list(map(str, about.inequalities))
        and list(map(str, lifted.equalities)) == list(map(str, about.equalities))
        and (certificate.claim is Claim.INFEASIBLE or lifted.strict == getattr(certificate, "strict", about.strict))
    )
