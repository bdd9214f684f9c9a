"""What leads back from the polynomial problem that was solved to the problem as stated."""

from dataclasses import dataclass

import sympy
from sympy import Expr

from lagrangian.algebra.closed_form import closed_form
from lagrangian.algebra.numbers import FieldElement
from lagrangian.exact_numbers import ExactNumber
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.problem.lifting import Lifting
from lagrangian.problem.monotone import OuterFunction


@dataclass(frozen=True, eq=False)
class Setting:
    """Everything that leads back from a lifted polynomial problem to the one stated."""

    canonical: CanonicalProblem
    inner: CanonicalProblem
    restoration: Restoration
    lifting: Lifting
    outer: OuterFunction | None

    def number(self, value: FieldElement | Expr) -> ExactNumber:
        """The stated objective's value from that of the inner canonical one."""
        if self.outer is not None:
            inner = closed_form(value) if isinstance(value, FieldElement) else value
            value = self.outer.value(inner)
        return ExactNumber(value, self.restoration.objective_sign)

    def slope(self, value: FieldElement) -> Expr:
        return self.outer.slope(closed_form(value)) if self.outer is not None else sympy.Integer(1)
