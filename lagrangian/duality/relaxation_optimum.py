"""What a search ends with, in the terms of the problem as stated."""

from collections.abc import Sequence
from dataclasses import dataclass

import sympy
from flint import fmpq
from sympy import Expr, Symbol

from lagrangian.algebra.polynomials import to_rational
from lagrangian.conditions.integer_programs import IntegerProgram
from lagrangian.exact_numbers import ExactNumber
from lagrangian.problem.canonical import Restoration
from lagrangian.problem.problem import Problem
from lagrangian.proof.certificate import Certificate
from lagrangian.shown import Shown
from lagrangian.solution import Solution
from lagrangian.status import Status

OTHERS = "other points with the same value: they were not listed"


@dataclass(frozen=True, eq=False)
class RelaxedOptimum(Shown):
    """What branch and bound ends with: the solution, a bound for all values, the gap between both, and the nodes searched.

    The gap is 0 where the optimum is proved, and None where no feasible point is known.
    """

    solution: Solution
    bound: Expr
    gap: Expr | None
    nodes: int


@dataclass(frozen=True, eq=False)
class SearchEnd:
    """The best point, a lower bound of all costs (None: not known), and the proof, or the reason why there is none."""

    best: Sequence[int | fmpq] | None
    bound: int | fmpq | None
    certificate: Certificate | None
    nodes: int
    reason: str


@dataclass(frozen=True, eq=False)
class StatedTerms:
    """From numbers of the integer program, which minimizes, to those of the problem."""

    problem: Problem
    restoration: Restoration
    program: IntegerProgram

    def value(self, inside: fmpq) -> Expr:
        """An objective value, of the minimization."""
        return self.restoration.value(to_rational(inside))

    def cost(self, cost: int | fmpq) -> Expr:
        """What a cost in the program's units is worth."""
        return self.value(self.program.value(cost))

    def point(self, point: Sequence[int | fmpq]) -> dict[Symbol, Expr]:
        divisors = self.program.divisors or (1,) * len(point)
        parts = zip(self.problem.over, point, divisors, strict=True)
        return {variable: to_rational(fmpq(x) / divisor) for variable, x, divisor in parts}

    def optimum(self, point: Sequence[int | fmpq]) -> ExactNumber:
        cost = to_rational(self.program.value(self.program.cost(tuple(point))))
        return ExactNumber(cost, self.restoration.objective_sign)


def relaxed_optimum(terms: StatedTerms, found: SearchEnd, bound: Expr, elapsed_s: float) -> RelaxedOptimum:
    """Optimal or infeasible only where the proof has been checked; ``bound`` holds where the search has none."""
    best, certificate = found.best, found.certificate
    proved = certificate is not None and certificate.verified is True
    missing = found.reason
    if certificate is not None:
        missing = OTHERS if proved else "the proof takes more states than may be gone through"
    bound = bound if found.bound is None else terms.cost(found.bound)
    optimum = None if best is None else terms.optimum(best)
    solution = Solution(
        problem=terms.problem,
        status=Status.UNDECIDED if not proved else Status.INFEASIBLE if best is None else Status.OPTIMAL,
        optimum=optimum,
        coordinates=() if best is None else ({v: ExactNumber(x) for v, x in terms.point(best).items()},),
        families=(),
        multipliers={},
        shadow_prices={},
        certificate=certificate if proved else None,
        missing=() if proved and best is None else (missing,),
        tried=(),
        elapsed_s=elapsed_s,
        complete=False,
        classify=tuple,
    )
    gap = None if optimum is None else sympy.Abs(optimum.expression - bound)
    return RelaxedOptimum(solution, bound, gap, found.nodes)
