"""The continuous problem that is left when all integer variables are given values."""

from collections.abc import Mapping
from dataclasses import replace

import sympy
from sympy import Expr, Integer, Pow, Symbol

from lagrangian.algebra.signs import is_nonnegative, is_positive, is_zero
from lagrangian.logic import Truth
from lagrangian.problem.canonical import CanonicalProblem, Equality, Inequality
from lagrangian.problem.reductions import demands_after, demands_of

Assignment = tuple[int, ...]


class UndecidedSignError(Exception):
    """The sign of a number could not be decided; internal: the assignment is not used."""


def integer_variables(canonical: CanonicalProblem) -> tuple[Symbol, ...]:
    """The integer variables in the problem's order, which is that of assignments."""
    return tuple(v for v in canonical.variables if v in canonical.integers)


def fixed(canonical: CanonicalProblem, assignment: Assignment) -> CanonicalProblem | None:
    """The problem in the continuous variables for given values of the integer ones; None where it has no feasible point.

    Constraints that become true numbers are left out. Where one becomes false, or a function undefined, nothing is feasible.

    Raises:
        UndecidedSignError: if the sign of a number could not be decided.

    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, n = sympy.symbols("x n")
    >>> canonical, _ = canonicalize(Problem(x**2 + n, [x * n >= 1, n <= 4], over=[x, n], integers=[n]))
    >>> [g.expression for g in fixed(canonical, (2,)).inequalities], fixed(canonical, (5,))
    ([1 - 2*x], None)
    """
    values = dict(zip(integer_variables(canonical), map(Integer, assignment), strict=True))
    expressions = canonical.functions
    if not all(_is_defined(expression, values) for expression in expressions):
        return None
    inequalities = [replace(g, expression=g.expression.xreplace(values)) for g in canonical.inequalities]
    equalities = [replace(h, expression=h.expression.xreplace(values)) for h in canonical.equalities]
    whole = replace(
        canonical,
        objective=canonical.objective.xreplace(values),
        inequalities=tuple(inequalities),
        equalities=tuple(equalities),
    )
    demanded = {demand for demand in demands_after(canonical, values) if not demand[1].is_number}
    if not demanded <= demands_of(whole):
        raise UndecidedSignError("a function that is not defined everywhere, such as 0*log(x), is no longer there")
    constraints: list[Inequality | Equality] = [*inequalities, *equalities]
    truths = {id(c): _truth(c) for c in constraints if c.expression.is_number}
    if False in truths.values():
        return None
    return replace(
        whole,
        inequalities=tuple(g for g in inequalities if id(g) not in truths),
        equalities=tuple(h for h in equalities if id(h) not in truths),
        variables=tuple(v for v in canonical.variables if v not in values),
        integers=frozenset(),
    )


def _truth(constraint: Inequality | Equality) -> bool:
    """Whether a constraint without variables holds."""
    value = constraint.expression
    if value.has(sympy.I, sympy.zoo, sympy.nan, sympy.oo) or value.is_real is False:
        return False
    truth: Truth = (
        is_zero(value)
        if isinstance(constraint, Equality)
        else is_positive(-value)
        if constraint.strict
        else is_nonnegative(-value)
    )
    if truth is None:
        raise UndecidedSignError(f"the sign of {value} is not decided")
    return truth


def _is_defined(expression: Expr, values: Mapping[Symbol, Integer]) -> bool:
    """Whether all parts in integer variables alone have real values there; the others are left to the continuous problem."""
    for part in sympy.preorder_traversal(expression):
        if not part.free_symbols or not part.free_symbols <= set(values):
            continue
        if isinstance(part, Pow) and not _power_is_defined(part.base.xreplace(values), part.exp.xreplace(values)):
            return False
        if isinstance(part, sympy.log) and not _decided(is_positive(part.args[0].xreplace(values))):
            return False
        if isinstance(part, sympy.asin | sympy.acos) and not _decided(
            is_nonnegative(1 - part.args[0].xreplace(values) ** 2)
        ):
            return False
    value = expression.xreplace(dict(values))
    return not value.has(sympy.I, sympy.zoo, sympy.nan, sympy.oo)


def _power_is_defined(base: Expr, exponent: Expr) -> bool:
    if isinstance(exponent, Integer):
        return exponent >= 0 or not _decided(is_zero(base))
    if _decided(is_positive(base)):
        return True
    return _decided(is_zero(base)) and _decided(is_positive(exponent))


def _decided(truth: Truth) -> bool:
    if truth is None:
        raise UndecidedSignError("the sign of a number is not decided")
    return truth
