"""What a KKT point with free parameters is, by the leading principal minors of its bordered Hessian (Bellman 1960).

With B = [[0, J], [J^T, H]], m independent active gradients J whose first m columns are nonsingular, and H the Hessian of L: the
signs of the minors of orders 2m, ..., m + n change as often as H has negative eigenvalues on the tangent space, if none vanishes.
"""

from collections.abc import Sequence
from itertools import pairwise

import sympy
from sympy import Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.conditions.second_order import Kind, SecondOrder, judge
from lagrangian.conditions.signs import is_positive, is_zero
from lagrangian.problem.canonical import CanonicalProblem

MOST_ROWS = 8


def symbolic_second_order(
    canonical: CanonicalProblem,
    point: dict[Symbol, Expr],
    inequality_multipliers: Sequence[Expr],
    equality_multipliers: Sequence[Expr],
    objective_sign: int = 1,
) -> SecondOrder:
    """The kind of a KKT point, for all values that the assumptions leave to the parameters; Kind.UNDECIDED where signs are open.

    ``objective_sign`` is -1 to say what the point is for -F, the objective of a maximization.

    >>> from sympy import symbols
    >>> from lagrangian.problem.canonical import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, y = symbols("x y", real=True)
    >>> a = symbols("a", positive=True)
    >>> canonical, _ = canonicalize(Problem(a * x**2 - y**2, over=[x, y]))
    >>> symbolic_second_order(canonical, {x: 0, y: 0}, (), ()).kind
    <Kind.SADDLE: 'saddle point'>
    """
    active = [i for i, mu in enumerate(inequality_multipliers) if mu != 0]
    for i, inequality in enumerate(canonical.inequalities):
        decided = inequality_multipliers[i] if i in active else -inequality.expression.xreplace(point)
        if is_positive(decided, canonical.assumptions) is not True:
            return _undecided("whether a multiplier is positive, or a constraint slack, depends on the parameters")
    held = [canonical.inequalities[i].expression for i in active] + [h.expression for h in canonical.equalities]
    factors = [inequality_multipliers[i] for i in active] + list(equality_multipliers)
    signs = _minor_signs(canonical, point, held, factors)
    if signs is None:
        return _undecided("the signs of the bordered Hessian's minors could not be decided")
    negative = sum(1 for before, after in pairwise(signs) if before != after)
    positive = len(signs) - 1 - negative
    inertia = (positive, negative, 0) if objective_sign > 0 else (negative, positive, 0)
    return judge(dict.fromkeys(active, objective_sign), inertia, inertia)


def _undecided(reason: str) -> SecondOrder:
    return SecondOrder(Kind.UNDECIDED, reason, False, None)


def _minor_signs(
    canonical: CanonicalProblem, point: dict[Symbol, Expr], held: list[Expr], factors: list[Expr]
) -> list[int] | None:
    """The signs of the leading principal minors of orders 2m, ..., m + n; None where one vanishes or is open."""
    variables = list(canonical.variables)
    count = len(held)
    if count > len(variables) or count + len(variables) > MOST_ROWS:
        return None
    lagrangian = canonical.objective + sympy.Add(*(factor * h for factor, h in zip(factors, held, strict=True)))
    hessian = sympy.hessian(lagrangian, variables).xreplace(point)
    jacobian = sympy.Matrix(count, len(variables), lambda i, j: sympy.diff(held[i], variables[j]).xreplace(point))
    order = _columns_first(jacobian)
    if order is None:
        return None
    jacobian, hessian = jacobian.extract(range(count), order), hessian.extract(order, order)
    border = sympy.zeros(count, count)
    bordered = sympy.Matrix(sympy.BlockMatrix([[border, jacobian], [jacobian.T, hessian]]))
    signs = []
    for size in range(2 * count, count + len(variables) + 1):
        sign = _sign(
            bordered[:size, :size].det(method="berkowitz") if size else sympy.Integer(1), canonical.assumptions
        )
        if sign == 0:
            return None
        signs.append(sign)
    return signs


def _columns_first(jacobian: sympy.Matrix) -> list[int] | None:
    """The columns in an order whose first m are independent for all parameters."""
    count, width = jacobian.shape
    for chosen in sympy.utilities.iterables.subsets(range(width), count):
        if not count or is_zero(jacobian.extract(range(count), list(chosen)).det()) is False:
            return [*chosen, *(j for j in range(width) if j not in chosen)]
    return None


def _sign(value: Expr, assumptions: Sequence[Relational]) -> int:
    """1 or -1, or 0 where the sign is open or the value vanishes."""
    value = sympy.factor(value)
    if is_positive(value, assumptions) is True:
        return 1
    return -1 if is_positive(-value, assumptions) is True else 0
