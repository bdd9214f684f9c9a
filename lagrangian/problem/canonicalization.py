"""From the problem as stated to its canonical form."""

from typing import Any

from sympy import Add, Eq, Expr, Gt, Lt, Mul, Pow, Symbol, preorder_traversal
from sympy.core.relational import Relational

from lagrangian.problem.canonical import CanonicalProblem, Equality, Inequality, Restoration, side_sign
from lagrangian.problem.domain_changes import refuse_changed_domain
from lagrangian.problem.guards import Guard, guards
from lagrangian.problem.problem import Problem


def canonicalize(problem: Problem) -> tuple[CanonicalProblem, Restoration]:
    """The canonical form of a problem and the way back.

    The variables become real symbols of the same names: what else their assumptions said has become constraints. Parameters
    are real too, and keep what their assumptions say.

    Raises:
        ProblemError: where SymPy simplifies a function to one that is defined elsewhere, such as sqrt(x**2*y) to Abs(x)*sqrt(y)
            once x is real, and the constraints do not exclude the points where that matters.

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
    refuse_changed_domain(_demands(problem, rename), canonical)
    return canonical, restoration


def _demands(problem: Problem, rename: dict[Symbol, Symbol]) -> dict[Guard, Expr]:
    """What the functions demand as they are stated, in the canonical symbols, and the function that does."""
    sides = [problem.objective, *(side for stated in problem.all_constraints for side in (stated.lhs, stated.rhs))]
    return {
        Guard(_renamed(guard.of, rename), guard.demand): side for side in sides if side.args for guard in guards(side)
    }


def _renamed(expression: Any, rename: dict[Symbol, Symbol]) -> Any:
    """The expression in other symbols; untouched where there are none, since rebuilding many arguments of Max takes long."""
    renamed = expression.xreplace(rename) if rename else expression
    return _evaluated(renamed) if any(_is_unevaluated(part) for part in preorder_traversal(renamed)) else renamed


def _is_unevaluated(part: Any) -> bool:
    """Whether SymPy would make something else of a sum, a product or a power, as it may do at any later step."""
    return isinstance(part, Add | Mul | Pow) and part.func(*part.args) != part


def _evaluated(expression: Any) -> Any:
    """The expression as SymPy makes it of its parts."""
    if not expression.args:
        return expression
    parts = [_evaluated(part) for part in expression.args]
    return expression.func(*parts) if isinstance(expression, Expr | Relational) else expression


def _real(parameter: Symbol) -> Symbol:
    if parameter.is_real:
        return parameter
    return Symbol(parameter.name, **{**parameter.assumptions0, "real": True})
