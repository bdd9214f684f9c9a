"""Certificates of affine constraints that contradict each other (Farkas 1902)."""

from dataclasses import dataclass

import sympy
from sympy import Expr

from lagrangian.logic import Truth
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.certificate import Certificate, Claim


@dataclass(frozen=True, eq=False)
class FarkasCertificate(Certificate):
    """mu >= 0 and lambda with sum(mu_i g_i) + sum(lambda_j h_j) = c > 0 identically: no point has all g <= 0 and h = 0."""

    problem: CanonicalProblem
    inequality_multipliers: tuple[Expr, ...]
    equality_multipliers: tuple[Expr, ...]

    kind = "linear"
    claim = Claim.INFEASIBLE

    def verify(self) -> Truth:
        if not all(value.is_Rational and value >= 0 for value in self.inequality_multipliers):
            return False
        if not all(value.is_Rational for value in self.equality_multipliers):  # 1/h times h would be 1
            return False
        terms = [
            mu * g.expression for mu, g in zip(self.inequality_multipliers, self.problem.inequalities, strict=True)
        ]
        terms += [
            value * h.expression for value, h in zip(self.equality_multipliers, self.problem.equalities, strict=True)
        ]
        combination = sympy.expand(sympy.Add(*terms))
        return bool(combination.is_Rational and combination > 0)

    def explanation(self) -> tuple[str, ...]:
        return (
            "Multiplied by numbers that are not negative and added up, the constraints say that a positive number is <= 0:",
            *(
                f"{mu} times ({g.stated})"
                for mu, g in zip(self.inequality_multipliers, self.problem.inequalities, strict=True)
                if mu != 0
            ),
            *(
                f"{value} times ({h.stated})"
                for value, h in zip(self.equality_multipliers, self.problem.equalities, strict=True)
                if value != 0
            ),
        )
