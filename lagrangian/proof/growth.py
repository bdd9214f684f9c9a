"""Quadratic growth: a sum of squares that shows that the sublevel sets of the objective are bounded."""

from dataclasses import dataclass

from flint import fmpq, fmpq_mpoly

from lagrangian.algebra.numbers import RATIONALS
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.proof.squares import SquaresIdentity, extended, extended_ring


@dataclass(frozen=True, eq=False)
class QuadraticGrowth:
    """F + constant >= rate |x|**2 on the feasible set, with rate > 0: the sublevel sets of F are bounded."""

    constant: fmpq
    rate: fmpq
    identity: SquaresIdentity

    def holds(self, problem: PolynomialProblem) -> bool:
        target = growth_target(problem, self.constant, self.rate)
        return (
            self.rate > 0
            and self.identity.number == RATIONALS
            and self.identity.shows_nonnegative(problem, extended(target, extended_ring(problem)))
        )


def growth_target(problem: PolynomialProblem, constant: fmpq, rate: fmpq) -> fmpq_mpoly:
    """F + constant - rate |x|**2."""
    return problem.objective + constant - rate * sum((x * x for x in problem.ring.generators), problem.ring.constant(0))
