"""A certificate about a sum of functions of different variables, from one about each of them."""

from dataclasses import dataclass

import sympy
from sympy import Expr

from lagrangian.logic import Truth, all3
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.certificate import Certificate, Claim
from lagrangian.proof.claims import as_expression, claimed_value
from lagrangian.proof.intervals import is_sum_of
from lagrangian.proof.reduced import is_about

FEASIBLE = (Claim.GLOBAL_OPTIMUM, Claim.NOT_ATTAINED, Claim.UNBOUNDED)


@dataclass(frozen=True, eq=False)
class SeparableCertificate(Certificate):
    """inf sum F_i(x_i) = sum inf F_i(x_i), attained if every part is; each constraint is one of a single part.

    One part without feasible points leaves none for the whole; one that is unbounded makes the whole so, if all are feasible.
    """

    problem: CanonicalProblem
    parts: tuple[CanonicalProblem, ...]
    proofs: tuple[Certificate, ...]

    kind = "sum of parts"

    @property
    def claim(self) -> Claim:  # type: ignore[override]
        claims = [proof.claim for proof in self.proofs]
        for claim in (Claim.INFEASIBLE, Claim.UNBOUNDED, Claim.NOT_ATTAINED):
            if claim in claims:
                return claim
        return Claim.GLOBAL_OPTIMUM

    @property
    def value(self) -> Expr | None:
        """The sum of the parts' values; None where there is none, or not all are known exactly."""
        values = [claimed_value(proof) for proof in self.proofs]
        if self.claim not in (Claim.GLOBAL_OPTIMUM, Claim.NOT_ATTAINED) or any(v is None for v in values):
            return None
        return sympy.Add(*(as_expression(v.low) for v in values if v is not None))

    def verify(self) -> Truth:
        if len(self.parts) != len(self.proofs) or not self.parts or not is_sum_of(self.problem, list(self.parts)):
            return False
        if any(not is_about(proof, part) for proof, part in zip(self.proofs, self.parts, strict=True)):
            return False
        if self.claim is Claim.INFEASIBLE:
            empty = [proof for proof in self.proofs if proof.claim is Claim.INFEASIBLE]
            return True if any(proof.verified for proof in empty) else None
        exact = all(value is not None and value.is_exact for value in map(claimed_value, self.proofs))
        if any(proof.claim not in FEASIBLE for proof in self.proofs) or not (exact or self.claim is Claim.UNBOUNDED):
            return False
        return all3(proof.verified for proof in self.proofs)

    def explanation(self) -> tuple[str, ...]:
        lines = [
            f"The objective is a sum of {len(self.parts)} functions of different variables; each is treated alone."
        ]
        for part, proof in zip(self.parts, self.proofs, strict=True):
            lines += [f"{part.objective}:", *proof.explanation()]
        return tuple(lines)
