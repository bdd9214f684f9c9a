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
        return bool(self._combination.is_Rational and self._combination > 0)

    @property
    def _combination(self) -> Expr:
        """sum(mu_i g_i) + sum(lambda_j h_j), multiplied out."""
        functions = [g.expression for g in self.problem.inequalities]
        functions += [h.expression for h in self.problem.equalities]
        multipliers = (*self.inequality_multipliers, *self.equality_multipliers)
        return sympy.expand(sympy.Add(*(m * function for m, function in zip(multipliers, functions, strict=True))))

    def explanation(self) -> tuple[str, ...]:
        inequalities = zip(self.inequality_multipliers, self.problem.inequalities, strict=True)
        equalities = zip(self.equality_multipliers, self.problem.equalities, strict=True)
        return (
            "Written as g <= 0 and h = 0, the inequalities multiplied by numbers that are not negative and the equations by any "
            "numbers add up to a false statement (Farkas):",
            *(f"{mu} times ({g.stated}): {mu} ({g.expression}) <= 0" for mu, g in inequalities if mu != 0),
            *(f"{value} times ({h.stated}): {value} ({h.expression}) = 0" for value, h in equalities if value != 0),
            f"The sum of the left sides is {self._combination}, which is not <= 0. So no point satisfies them all.",
        )
