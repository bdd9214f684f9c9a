"""What a KKT point with free parameters is, by the leading principal minors of its bordered Hessian (Bellman 1960).

With B = [[0, J], [J^T, H]], m independent active gradients J whose first m columns are nonsingular, and H the Hessian of L: the
signs of the minors of orders 2m, ..., m + n change as often as H has negative eigenvalues on the tangent space, if none vanishes.
"""

from collections.abc import Sequence
from itertools import pairwise

import sympy
from sympy import Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.signs import is_positive, is_zero
from lagrangian.conditions.second_order import Kind, SecondOrder, judge
from lagrangian.problem.canonical import CanonicalProblem

MOST_ROWS = 8
LARGEST_ORDER = 10


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
    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, y = symbols("x y", real=True)
    >>> a = symbols("a", positive=True)
    >>> canonical, _ = canonicalize(Problem(a * x**2 - y**2, over=[x, y]))
    >>> symbolic_second_order(canonical, {x: 0, y: 0}, (), ()).kind
    <Kind.SADDLE: 'saddle point'>
    """
    active = {i: mu for i, mu in enumerate(inequality_multipliers) if mu != 0}
    signs: dict[int, int] = {}
    for i, inequality in enumerate(canonical.inequalities):
        sign = _sign(active.get(i, -inequality.expression.xreplace(point)), canonical.assumptions)
        if sign == 0 or (sign < 0 and i not in active):
            return _undecided(
                "whether a multiplier is positive, or a constraint slack, is open or depends on the parameters"
            )
        if i in active:
            signs[i] = objective_sign * sign
    held = [canonical.inequalities[i].expression for i in active] + [h.expression for h in canonical.equalities]
    minors = _minor_signs(canonical, point, held, [*active.values(), *equality_multipliers])
    if minors is None:
        higher = _by_derivatives(canonical, point, objective_sign) if not held else None
        return higher or _undecided("the signs of the bordered Hessian's minors could not be decided")
    negative = sum(1 for before, after in pairwise(minors) if before != after)
    positive = len(minors) - 1 - negative
    inertia = (positive, negative, 0) if objective_sign > 0 else (negative, positive, 0)
    return judge(signs, inertia, inertia)


def _by_derivatives(canonical: CanonicalProblem, point: dict[Symbol, Expr], objective_sign: int) -> SecondOrder | None:
    """In one variable without active constraints: the first derivative that does not vanish, of order three to ten."""
    if len(canonical.variables) != 1:
        return None
    (variable,) = canonical.variables
    derivative = sympy.diff(canonical.objective, variable, 2)
    if is_zero(derivative.xreplace(point)) is not True:
        return None
    for order in range(3, LARGEST_ORDER + 1):
        derivative = sympy.diff(derivative, variable)
        value = derivative.xreplace(point)
        sign = objective_sign * _sign(value, canonical.assumptions)
        if sign:
            word = "positive" if sign > 0 else "negative"
            reason = f"the first derivative that does not vanish has order {order} and is {word}"
            if order % 2:
                return SecondOrder(Kind.SADDLE, f"{reason}: a point of inflection", True, {})
            kind = Kind.STRICT_LOCAL_MINIMUM if sign > 0 else Kind.STRICT_LOCAL_MAXIMUM
            return SecondOrder(kind, reason, True, {})
        if is_zero(value) is not True:
            return None
    return None


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
    # products of sums that were never put together take determinants minutes
    hessian = hessian.extract(order, order).applyfunc(
        lambda entry: sympy.factor(entry) if entry.free_symbols else entry
    )
    jacobian = jacobian.extract(range(count), order)
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
    ball = enclose(value) if value.is_number else None
    if ball is not None and not ball.contains(0):
        return 1 if ball > 0 else -1
    value = sympy.factor(value)
    if is_positive(value, assumptions) is True:
        return 1
    return -1 if is_positive(-value, assumptions) is True else 0
