"""The canonical form: minimize F subject to g <= 0 and h = 0, with the way back. Signs are decided here and nowhere else.

F = f for a minimization and -f for a maximization; g = lhs - rhs for <= and <, rhs - lhs for >= and >; h = lhs - rhs.
Inside, L = F + sum(mu_i g_i) + sum(lambda_j h_j) with mu >= 0. With b the right side as written,

    d(optimal value as stated) / db  =  -mu (<=), +mu (>=), -lambda (=)   for a minimization, and the opposite for a maximization.
"""

from dataclasses import dataclass
from typing import Any

from sympy import Eq, Expr, Ge, Gt, Symbol
from sympy.core.relational import Relational

from lagrangian.problem.problem import Problem, Sense
from lagrangian.shown import Shown


@dataclass(frozen=True, slots=True)
class Inequality:
    """g <= 0, or g < 0 where ``strict``, that stands for the relation ``stated``."""

    expression: Expr
    stated: Relational
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Equality:
    """h = 0 that stands for the relation ``stated``."""

    expression: Expr
    stated: Relational


@dataclass(frozen=True, slots=True)
class CanonicalProblem(Shown):
    """minimize F(x) subject to g_i(x) <= 0 (or < 0), h_j(x) = 0, x real, some x integer; made by `canonicalize`."""

    objective: Expr
    inequalities: tuple[Inequality, ...]
    equalities: tuple[Equality, ...]
    variables: tuple[Symbol, ...]
    parameters: tuple[Symbol, ...]
    assumptions: tuple[Relational, ...]
    integers: frozenset[Symbol]

    @property
    def functions(self) -> tuple[Expr, ...]:
        """The objective, then the inequalities, then the equalities."""
        return (
            self.objective,
            *(g.expression for g in self.inequalities),
            *(h.expression for h in self.equalities),
        )


@dataclass(frozen=True, slots=True)
class Restoration(Shown):
    """The way back from the canonical form: variables, senses and signs as the user stated them.

    >>> from sympy import symbols
    >>> from lagrangian import canonicalize
    >>> x = symbols("x")
    >>> canonical, restoration = canonicalize(Problem(x, [x <= 3], over=[x], sense="max"))
    >>> canonical.objective, restoration.value(-3), restoration.shadow_price(x <= 3, 1)
    (-x, 3, 1)
    """

    problem: Problem
    variables: tuple[Symbol, ...]
    parameters: tuple[Symbol, ...] = ()

    @property
    def objective_sign(self) -> int:
        """f = objective_sign * F."""
        return 1 if self.problem.sense is Sense.MINIMIZE else -1

    def value(self, canonical_value: Any) -> Any:
        """The value of the stated objective."""
        return self.objective_sign * canonical_value

    def expression(self, expression: Expr) -> Expr:
        """The same expression in the user's own symbols."""
        canonical = (*self.variables, *self.parameters)
        return expression.xreplace(dict(zip(canonical, (*self.problem.over, *self.problem.parameters), strict=True)))

    def shadow_price(self, stated: Relational, multiplier: Any) -> Any:
        """d(optimal value as stated) / d(right side as written), from the canonical multiplier."""
        return self.objective_sign * side_sign(stated) * -multiplier

    def textbook_multiplier(self, stated: Relational, multiplier: Any) -> Any:
        """The multiplier of L = f - sum(lambda (lhs - rhs)) for an equation; for an inequality it is mu >= 0 itself."""
        return self.shadow_price(stated, multiplier) if isinstance(stated, Eq) else multiplier


def side_sign(stated: Relational) -> int:
    """+1 where the canonical expression is lhs - rhs, -1 where it is rhs - lhs."""
    return -1 if isinstance(stated, Ge | Gt) else 1
