"""The KKT system of the active constraints at an optimum, as equations that the implicit function theorem can follow.

    grad F + sum(mu_i grad g_i) + sum(lambda_j grad h_j) = 0,   g_i = 0 (i active),   h_j = 0

Its Jacobian in (x, mu, lambda) is K = [[H, J^T], [J, 0]]. Where K is regular and every active mu_i > 0, the solution moves
smoothly with whatever else is in the functions, and stays a KKT point with the same active set (Fiacco 1983, Introduction to
Sensitivity and Stability Analysis in Nonlinear Programming, theorem 2.4.4).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy
from sympy import Expr, Symbol

from lagrangian.algebra.matrices import rank, solve_combination
from lagrangian.duality.closed_numbers import UndecidedSignError
from lagrangian.duality.gradients import Coordinates, evaluation, gradients_at
from lagrangian.duality.multiplier_sets import Gradients
from lagrangian.problem.canonical import CanonicalProblem


@dataclass(frozen=True, eq=False)
class ActiveSystem:
    """An optimum with its multipliers: of the active inequalities first, then of the equations."""

    canonical: CanonicalProblem
    gradients: Gradients
    multipliers: list[Any]
    number: Callable[[Expr], Any]

    @property
    def held(self) -> list[Expr]:
        """The functions that are zero at the optimum and stay zero."""
        active = [self.canonical.inequalities[i].expression for i in self.gradients.active]
        return [*active, *(h.expression for h in self.canonical.equalities)]

    @cached_property
    def matrix(self) -> list[list[Any]]:
        """K, a row a list."""
        variables = self.canonical.variables
        hessian = [[self._in_lagrangian(v, w) for w in variables] for v in variables]
        rows = self.gradients.rows
        zero = self.gradients.objective[0] - self.gradients.objective[0]
        upper = [[*line, *(row[j] for row in rows)] for j, line in enumerate(hessian)]
        return upper + [[*row, *([zero] * len(rows))] for row in rows]

    def _in_lagrangian(self, *symbols: Symbol) -> Any:
        """The derivative of L by symbols, the multipliers held."""
        total = self.number(sympy.diff(self.canonical.objective, *symbols))
        for multiplier, function in zip(self.multipliers, self.held, strict=True):
            derivative = sympy.diff(function, *symbols)
            if derivative != 0:
                total = total + multiplier * self.number(derivative)
        return total

    def derivative_of_value(self, parameter: Symbol) -> Any:
        """dL/dp, which is dF*/dp by the envelope theorem."""
        return self._in_lagrangian(parameter)

    @cached_property
    def why_not_regular(self) -> str | None:
        """What stands against the implicit function theorem; None where it applies.

        Raises UndecidedSignError where a sign is open.
        """
        if any(mu.sign() <= 0 for mu in self.multipliers[: len(self.gradients.active)]):
            return "an active constraint has multiplier zero: the active set may change"
        if rank(self.matrix) < len(self.matrix):
            return "the Jacobian of the active KKT system is singular"
        return None

    def derivatives(self, parameter: Symbol) -> list[Any]:
        """d(x, mu, lambda)/dp = -K^(-1) d(KKT system)/dp."""
        system = [self._in_lagrangian(v, parameter) for v in self.canonical.variables]
        system += [self.number(sympy.diff(function, parameter)) for function in self.held]
        found = solve_combination(self.matrix, [-value for value in system])  # K is symmetric
        assert found is not None, "K is regular"
        return found


def active_system(canonical: CanonicalProblem, point: Coordinates) -> ActiveSystem:
    """The active KKT system at an optimum with unique multipliers.

    Args:
        point: exact coordinates under the canonical variables, and numbers under parameters if they are to have some.

    Raises:
        UndecidedSignError: where there is no unique multiplier, some function has no gradient, or a sign is open.
    """
    gradients = gradients_at(canonical, point)
    if not gradients.are_independent:
        raise UndecidedSignError(
            "the gradients of the active constraints are dependent, so that multipliers are not unique"
        )
    multipliers = gradients.combination
    if multipliers is None:
        raise UndecidedSignError("the optimum has no multipliers")
    return ActiveSystem(canonical, gradients, multipliers, evaluation(canonical, point))
