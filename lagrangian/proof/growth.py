"""Quadratic growth: a sum of squares that shows that the sublevel sets of the objective are bounded."""

from dataclasses import dataclass

from flint import fmpq, fmpq_mpoly

from lagrangian.algebra.numbers import RATIONALS
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.proof.squares import SquaresIdentity, extended, extended_ring


@dataclass(frozen=True, eq=False)
class QuadraticGrowth:
    """F + constant >= rate |x|**2 on the feasible set, with rate > 0: the sublevel sets of F are bounded.

    Without the objective, constant >= rate |x|**2: the feasible set itself is bounded.
    """

    constant: fmpq
    rate: fmpq
    identity: SquaresIdentity
    with_objective: bool = True

    def holds(self, problem: PolynomialProblem) -> bool:
        target = growth_target(problem, self.constant, self.rate, self.with_objective)
        return (
            self.rate > 0
            and self.identity.number == RATIONALS
            and self.identity.shows_nonnegative(problem, extended(target, extended_ring(problem)))
        )


def growth_target(problem: PolynomialProblem, constant: fmpq, rate: fmpq, with_objective: bool) -> fmpq_mpoly:
    """F + constant - rate |x|**2, or the same without F."""
    distance = sum((x * x for x in problem.ring.generators), problem.ring.constant(0))
    return (problem.objective if with_objective else problem.ring.constant(0)) + constant - rate * distance
