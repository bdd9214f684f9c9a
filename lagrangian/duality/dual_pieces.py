"""Values with the conditions under which they hold: what an infimum over x is, as a function of the multipliers.

Where the conditions of no piece hold the infimum is minus infinity.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import sympy
from sympy import Eq, Expr, Ge, Gt, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import holds
from lagrangian.logic import Truth, all3


@dataclass(frozen=True, slots=True)
class Piece:
    """``value`` where all ``conditions`` hold; with ``auxiliary`` symbols, its supremum over those that satisfy them."""

    value: Expr
    conditions: tuple[Relational, ...] = ()
    auxiliary: tuple[Symbol, ...] = ()


def nonnegative(expression: Expr) -> Relational:
    return Ge(expression, 0, evaluate=False)


def positive(expression: Expr) -> Relational:
    return Gt(expression, 0, evaluate=False)


def zero(expression: Expr) -> Relational:
    return Eq(expression, 0, evaluate=False)


def piece(
    value: Expr,
    conditions: Iterable[Relational],
    assumptions: tuple[Relational, ...] = (),
    auxiliary: tuple[Symbol, ...] = (),
) -> Piece | None:
    """The piece with the conditions that are not certain; None where one of them never holds.

    >>> m, n = Symbol("m", nonnegative=True), Symbol("n", real=True)
    >>> piece(m, [nonnegative(2 * m + 4 * n), nonnegative(m), positive(1 + m)])
    Piece(value=m, conditions=(m + 2*n >= 0,), auxiliary=())
    >>> piece(m, [zero(m + 1)]) is None
    True
    """
    kept: dict[Relational, None] = {}
    for condition in _sharpened([_primitive(condition) for condition in conditions]):
        relation = _primitive(condition)
        truth = decided(relation, assumptions)
        if truth is False:
            return None
        if truth is None:
            kept[relation] = None
    if any(
        positive(side) in kept
        for relation in kept
        if isinstance(relation, Eq)
        for side in (relation.lhs, -relation.lhs)
    ):
        return None
    return Piece(value, tuple(kept), auxiliary)


def found(*candidates: Piece | None) -> tuple[Piece, ...]:
    """The pieces that exist."""
    return tuple(candidate for candidate in candidates if candidate is not None)


def together(first: Piece, second: Piece, assumptions: tuple[Relational, ...] = ()) -> Piece | None:
    """The sum of two infima over different variables."""
    conditions = (*first.conditions, *second.conditions)
    return piece(first.value + second.value, conditions, assumptions, (*first.auxiliary, *second.auxiliary))


def _sharpened(relations: list[Relational]) -> list[Relational]:
    """Equations in place of u >= 0 with -u >= 0, and of u >= 0 for a u that is never positive."""
    sides = {relation.lhs for relation in relations if isinstance(relation, Ge)}
    sharp = []
    for relation in relations:
        never_positive = isinstance(relation, Ge) and not relation.lhs.is_number and relation.lhs.is_nonpositive
        if never_positive or (isinstance(relation, Ge) and sympy.expand(-relation.lhs) in sides):
            root = sympy.radsimp(relation.lhs.as_coeff_Mul()[1])
            relation = zero(root.base if root.is_Pow and root.exp.is_positive else relation.lhs)
        sharp.append(relation)
    return sharp


def _primitive(relation: Relational) -> Relational:
    """The relation without a common factor of its numbers, as left side against zero."""
    left = sympy.expand(relation.lhs - relation.rhs)
    if left.is_Add:
        left = left.as_content_primitive()[1]
    elif left.is_Mul:
        factor, rest = left.as_coeff_Mul()
        left = rest if factor > 0 else -rest
    return relation.func(left, 0, evaluate=False)


def decided(relation: Relational, assumptions: tuple[Relational, ...] = ()) -> Truth:
    """Whether a condition holds for all multipliers (True) or for none (False).

    A linear one is left to what SymPy's assumptions say of its terms: searching for other forms of it is in vain.
    """
    left = relation.lhs
    polynomial = None if left.is_number else left.as_poly(*sorted(left.free_symbols, key=str))
    if polynomial is None or polynomial.total_degree() > 1 or assumptions:
        return holds(relation, assumptions)
    if isinstance(relation, Eq):
        return None if left.is_zero is None else bool(left.is_zero)
    if isinstance(relation, Gt):
        return True if left.is_positive else (False if left.is_nonpositive else None)
    return True if left.is_nonnegative else (False if left.is_negative else None)


def met(
    conditions: Iterable[Relational], values: dict[Symbol, Expr], assumptions: tuple[Relational, ...] = ()
) -> Truth:
    """Whether conditions hold at values of the multipliers."""
    return all3(
        holds(condition.func(condition.lhs.xreplace(values), condition.rhs, evaluate=False), assumptions)
        for condition in conditions
    )
