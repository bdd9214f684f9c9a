"""The canonical form: minimize F subject to g <= 0 and h = 0, with the way back. Signs are decided here and nowhere else.

F = f for a minimization and -f for a maximization; g = lhs - rhs for <= and <, rhs - lhs for >= and >; h = lhs - rhs.
Inside, L = F + sum(mu_i g_i) + sum(lambda_j h_j) with mu >= 0. With b the right side as written,

    d(optimal value as stated) / db  =  -mu (<=), +mu (>=), -lambda (=)   for a minimization, and the opposite for a maximization.
"""

from dataclasses import dataclass
from typing import Any

from sympy import Eq, Expr, Ge, Gt, Lt, Symbol
from sympy.core.relational import Relational

from lagrangian.problem.problem import Problem, Sense


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
class CanonicalProblem:
    """minimize F(x) subject to g_i(x) <= 0 (or < 0), h_j(x) = 0, x real, some x integer."""

    objective: Expr
    inequalities: tuple[Inequality, ...]
    equalities: tuple[Equality, ...]
    variables: tuple[Symbol, ...]
    parameters: tuple[Symbol, ...]
    assumptions: tuple[Relational, ...]
    integers: frozenset[Symbol]


@dataclass(frozen=True, slots=True)
class Restoration:
    """The way back from the canonical form: variables, senses and signs as the user stated them."""

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


def canonicalize(problem: Problem) -> tuple[CanonicalProblem, Restoration]:
    """The canonical form of a problem and the way back.

    The variables become real symbols of the same names: what else their assumptions said has become constraints. Parameters
    are real too, and keep what their assumptions say.

    >>> from sympy import symbols
    >>> x, y = symbols("x y")
    >>> canonical, restoration = canonicalize(Problem(x * y, [x + y <= 4, x >= 1], over=[x, y], sense="max"))
    >>> canonical.objective, [inequality.expression for inequality in canonical.inequalities]
    (-x*y, [x + y - 4, 1 - x])
    >>> restoration.shadow_price(x + y <= 4, 2), restoration.shadow_price(x >= 1, 0)
    (2, 0)
    """
    variables = tuple(Symbol(variable.name, real=True) for variable in problem.over)
    parameters = tuple(_real(parameter) for parameter in problem.parameters)
    renamed = zip((*problem.over, *problem.parameters), (*variables, *parameters), strict=True)
    rename = {stated: symbol for stated, symbol in renamed if stated != symbol}
    restoration = Restoration(problem, variables, parameters)
    inequalities, equalities = [], []
    for stated in problem.all_constraints:
        expression = side_sign(stated) * (_renamed(stated.lhs, rename) - _renamed(stated.rhs, rename))
        if isinstance(stated, Eq):
            equalities.append(Equality(expression, stated))
        else:
            inequalities.append(Inequality(expression, stated, strict=isinstance(stated, Lt | Gt)))
    canonical = CanonicalProblem(
        objective=restoration.objective_sign * _renamed(problem.objective, rename),
        inequalities=tuple(inequalities),
        equalities=tuple(equalities),
        variables=variables,
        parameters=parameters,
        assumptions=tuple(_renamed(relation, rename) for relation in problem.assumptions),
        integers=frozenset(rename.get(variable, variable) for variable in problem.integers),
    )
    return canonical, restoration


def _renamed(expression: Any, rename: dict[Symbol, Symbol]) -> Any:
    """The expression in other symbols; untouched where there are none, since rebuilding many arguments of Max takes long."""
    return expression.xreplace(rename) if rename else expression


def _real(parameter: Symbol) -> Symbol:
    if parameter.is_real:
        return parameter
    return Symbol(parameter.name, **{**parameter.assumptions0, "real": True})
