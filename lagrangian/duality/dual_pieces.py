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
    """``value`` where all ``conditions`` hold."""

    value: Expr
    conditions: tuple[Relational, ...] = ()


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
) -> Piece | None:
    """The piece with the conditions that are not certain; None where one of them never holds.

    >>> m, n = Symbol("m", nonnegative=True), Symbol("n", real=True)
    >>> piece(m, [nonnegative(2 * n), nonnegative(m), positive(1 + m)])
    Piece(value=m, conditions=(n >= 0,))
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
    return Piece(value, tuple(kept))


def found(*candidates: Piece | None) -> tuple[Piece, ...]:
    """The pieces that exist."""
    return tuple(candidate for candidate in candidates if candidate is not None)


def together(first: Piece, second: Piece, assumptions: tuple[Relational, ...] = ()) -> Piece | None:
    """The sum of two infima over different variables."""
    conditions = (*first.conditions, *second.conditions)
    return piece(first.value + second.value, conditions, assumptions)


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
    """The relation as left side against zero, without a common factor of its numbers.

    An affine function keeps its factor: with it, the dual of the dual of a linear program is that program.
    """
    left = sympy.expand(relation.lhs - relation.rhs)
    if left.is_Mul:
        factor, rest = left.as_coeff_Mul()
        left = rest if factor > 0 else -rest
    elif left.is_Add and not all(term.as_coeff_Mul()[1].is_Symbol or term.is_number for term in left.args):
        left = left.as_content_primitive()[1]
    return relation.func(left, 0, evaluate=False)


def decided(relation: Relational, assumptions: tuple[Relational, ...] = ()) -> Truth:
    """Whether a condition holds for all multipliers (True) or for none (False).

    A polynomial is left to what SymPy's assumptions say of its terms and factors: other forms of it are looked for in vain.
    """
    left = relation.lhs
    polynomial = None if left.is_number else left.as_poly(*sorted(left.free_symbols, key=str))
    if polynomial is None or assumptions:
        return holds(relation, assumptions)
    forms = [left] if polynomial.total_degree() < 2 else [left, sympy.factor(left)]
    for form in forms:
        truth = _seen(relation.func, form)
        if truth is not None:
            return truth
    return None


def _seen(kind: type[Relational], side: Expr) -> Truth:
    """What the assumptions of the symbols say of a relation with zero."""
    if kind is Eq:
        return None if side.is_zero is None else bool(side.is_zero)
    always, never = (side.is_positive, side.is_nonpositive) if kind is Gt else (side.is_nonnegative, side.is_negative)
    return True if always else (False if never else None)


def met(
    conditions: Iterable[Relational], values: dict[Symbol, Expr], assumptions: tuple[Relational, ...] = ()
) -> Truth:
    """Whether conditions hold at values of the multipliers."""
    return all3(
        holds(condition.func(condition.lhs.xreplace(values), condition.rhs, evaluate=False), assumptions)
        for condition in conditions
    )
