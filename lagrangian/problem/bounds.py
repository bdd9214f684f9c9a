"""Bounds: the inequalities that hold one variable alone."""

from collections.abc import Iterable
from dataclasses import dataclass

import sympy
from sympy import Dummy, Expr, Symbol

from lagrangian.algebra.signs import is_nonnegative, is_positive
from lagrangian.problem.canonical import CanonicalProblem


@dataclass(frozen=True)
class Bound:
    """x <= limit or x >= limit, the constraint number ``place`` among the inequalities."""

    place: int
    limit: Expr
    is_upper: bool
    strict: bool


def bound_of(expression: Expr, variables: Iterable[Symbol]) -> tuple[Symbol, Expr, bool] | None:
    """(x, limit, whether it is an upper one) for a x - b <= 0 with a number a that is not zero; None for other expressions.

    >>> x, y = sympy.symbols("x y", real=True)
    >>> bound_of(3 - 2 * x, [x, y])
    (x, 3/2, False)
    """
    used = expression.free_symbols & set(variables)
    if len(used) != 1:
        return None
    variable = next(iter(used))
    # x (1/x + 1) has the derivative 1, and is not defined everywhere
    if not expression.is_polynomial(variable):
        return None
    slope = sympy.diff(expression, variable)
    if slope.free_symbols or slope.is_positive is None or slope.is_zero is not False:
        return None
    rest = sympy.expand(expression - slope * variable)
    return (variable, -rest / slope, bool(slope.is_positive)) if not rest.free_symbols else None


def bounds_on(canonical: CanonicalProblem) -> dict[Symbol, list[Bound]]:
    """The bounds on single variables among the inequalities."""
    found: dict[Symbol, list[Bound]] = {}
    for place, inequality in enumerate(canonical.inequalities):
        bound = bound_of(inequality.expression, canonical.variables)
        if bound is not None:
            variable, limit, is_upper = bound
            found.setdefault(variable, []).append(Bound(place, limit, is_upper, inequality.strict))
    return found


def signed_symbols(problem: CanonicalProblem) -> dict[Symbol, Expr]:
    """Variables that bounds keep above a number c >= 0 (or below one <= 0), written with symbols of known sign."""
    signed: dict[Symbol, Expr] = {}
    for variable, bounds in bounds_on(problem).items():
        for bound in bounds:
            sign = -1 if bound.is_upper else 1
            if is_nonnegative(sign * bound.limit) is True:
                strictly = bound.strict or is_positive(sign * bound.limit) is True
                kind = {"positive": True} if strictly else {"nonnegative": True}
                if variable not in signed or strictly:
                    signed[variable] = sign * Dummy(variable.name, **kind)
    return signed
