"""Curves x(t), t >= start, decided by orders of growth: whether they are feasible, and what the objective tends to.

Points that tend to infinity are x = t or x = -t, points that tend to p from a side x = p + 1/t or x = p - 1/t.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Dummy, Expr, Rational, Symbol

from lagrangian.conditions.growth import expand
from lagrangian.conditions.growth_terms import Expansion
from lagrangian.conditions.orders_of_growth import OutsideDomainError, UndecidedGrowthError
from lagrangian.logic import Truth, all3
from lagrangian.problem.canonical import CanonicalProblem

LEAST_START = 3


@dataclass(frozen=True, eq=False)
class GrowthCurve:
    """The points ``coordinates`` for all ``time`` >= ``start``, or for all integers, if ``time`` is one.

    ``order`` is that of Taylor's formula in expansions. For an integer k SymPy knows that sin(2 pi k) is 0.
    """

    time: Symbol
    coordinates: dict[Symbol, Expr]
    start: Rational
    order: int

    def expanded(self, expression: Expr) -> Expansion:
        """The expression along the curve. Raises UndecidedGrowthError and OutsideDomainError."""
        if self.start < LEAST_START:
            raise UndecidedGrowthError("a curve starts at 3 or later")
        # not declared positive: SymPy would write sqrt(-t) as I sqrt(t), and the square of that as -t
        real, inner = Dummy("t", real=True), Dummy("t", real=True, integer=self.time.is_integer)
        places = {v: place.xreplace({self.time: inner}) for v, place in self.coordinates.items()}
        return expand(expression.xreplace(places).xreplace({inner: real}), real, self.start, self.order)

    def sign(self, expression: Expr) -> int | None:
        """The sign of an expression all along the curve; None where it was not decided, or the expression is undefined."""
        try:
            return self.expanded(expression).sign()
        except (UndecidedGrowthError, OutsideDomainError):
            return None

    def is_real(self, variable: Symbol) -> bool:
        """Whether a coordinate is shown to be a real number all along: the square of sqrt(-t) would pass for one."""
        try:
            self.expanded(variable)
        except (UndecidedGrowthError, OutsideDomainError):
            return False
        return True

    def is_outside(self, expression: Expr) -> bool:
        """Whether the expression is undefined all along the curve."""
        try:
            self.expanded(expression)
        except OutsideDomainError:
            return True
        except UndecidedGrowthError:
            return False
        return False


def is_feasible_along(problem: CanonicalProblem, curve: GrowthCurve) -> Truth:
    """Whether all points of a curve are feasible, with a defined objective; None where that was not decided.

    >>> import sympy
    >>> x, t = Symbol("x", real=True), Symbol("t", positive=True)
    >>> problem = CanonicalProblem(sympy.log(x), (), (), (x,), (), (), frozenset())
    >>> [is_feasible_along(problem, GrowthCurve(t, {x: place}, sympy.Integer(4), 3)) for place in (1 / t, -t)]
    [True, False]
    """
    if set(curve.coordinates) != set(problem.variables) or problem.integers or problem.parameters:
        return None
    if not all(curve.is_real(variable) for variable in problem.variables):
        return None
    if is_infeasible_along(problem, curve):
        return False
    checks: list[Truth] = []
    for g in problem.inequalities:
        sign = curve.sign(g.expression)
        checks.append(None if sign is None else sign < 0 or (sign == 0 and not g.strict))
    for h in problem.equalities:
        sign = curve.sign(h.expression)
        checks.append(None if sign is None else sign == 0)
    try:
        curve.expanded(problem.objective)
    except (UndecidedGrowthError, OutsideDomainError):
        return None
    return all3(checks)


def is_infeasible_along(problem: CanonicalProblem, curve: GrowthCurve) -> bool:
    """Whether it was shown that no point of a curve is feasible: a constraint fails, or a function is undefined, on all of it."""
    functions = [problem.objective, *(g.expression for g in problem.inequalities)]
    functions += [h.expression for h in problem.equalities]
    return (
        any(curve.is_outside(function) for function in functions)
        or any((curve.sign(g.expression) or 0) > 0 for g in problem.inequalities)
        or any(g.strict and curve.sign(g.expression) == 0 for g in problem.inequalities)
        or any(curve.sign(h.expression) in (1, -1) for h in problem.equalities)
    )


def limit_along(expression: Expr, curve: GrowthCurve) -> Expr | None:
    """What an expression tends to along a curve: a number, oo or -oo; None where that was not decided."""
    try:
        return curve.expanded(expression).limit()
    except (UndecidedGrowthError, OutsideDomainError):
        return None


STARTS = tuple(Rational(2**power) for power in (2, 4, 6, 10, 14, 20, 30, 200))
ORDERS = (3, 6)


def curves_from(time: Symbol, coordinates: dict[Symbol, Expr]) -> Iterator[GrowthCurve]:
    """The same curve from later and later starts, with longer expansions after that."""
    for order in ORDERS:
        for start in STARTS:
            yield GrowthCurve(time, coordinates, start, order)
