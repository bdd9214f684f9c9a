"""The gradients of a problem's functions at a point, exactly, where they exist."""

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

import sympy
from flint import fmpq_poly
from sympy import Abs, Expr, Max, Min, Symbol

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.numbers import RATIONALS, AlgebraicPoint, FieldElement
from lagrangian.algebra.polynomials import Ring, to_fmpq
from lagrangian.algebra.signs import is_positive, is_zero
from lagrangian.duality.closed_numbers import ClosedNumber, UndecidedSignError, is_certainly_nonzero
from lagrangian.duality.multiplier_sets import Gradients
from lagrangian.duality.strict_points import strict_conditions
from lagrangian.exact_numbers import ExactNumber
from lagrangian.logic import all3, not3
from lagrangian.problem.canonical import CanonicalProblem

Coordinates = Mapping[Symbol, ExactNumber]


def gradients_at(canonical: CanonicalProblem, point: Coordinates) -> Gradients:
    """The gradients of F, the active g and the h at a feasible point, in one number field where that is possible.

    Args:
        point: exact coordinates under the canonical variables, and numbers in place of the parameters if they are to have some.

    Raises:
        UndecidedSignError: where some function may have no gradient, or it is open whether a constraint is active.
    """
    refuse_missing_gradients(canonical, {v: number.expression for v, number in point.items()})
    number = evaluation(canonical, point)
    active = tuple(i for i, g in enumerate(canonical.inequalities) if number(g.expression).is_zero())

    def slopes(function: Expr) -> list[Any]:
        return [number(sympy.diff(function, variable)) for variable in canonical.variables]

    return Gradients(
        slopes(canonical.objective),
        active,
        [slopes(canonical.inequalities[i].expression) for i in active],
        [slopes(h.expression) for h in canonical.equalities],
    )


def refuse_missing_gradients(canonical: CanonicalProblem, point: dict[Symbol, Expr]) -> None:
    """Raises UndecidedSignError where some function may have no gradient at the point."""
    conditions = strict_conditions(canonical)
    inside = all3(
        [
            *(is_positive(u.xreplace(point), canonical.assumptions) for u in conditions.domain),
            *(is_certainly_nonzero(u.xreplace(point)) or not3(is_zero(u.xreplace(point))) for u in conditions.nonzero),
            None if conditions.unknown else True,
        ]
    )
    if inside is not True:
        raise UndecidedSignError("the optimum is not shown to lie in the interior of the functions' domain")
    bends = set().union(*(_differences(f) for f in canonical.functions))
    if any(is_zero(difference.xreplace(point)) is not False for difference in bends):
        raise UndecidedSignError("some function has a kink at the optimum, or may have one")


def _differences(function: Expr) -> set[Expr]:
    """What is zero where an absolute value, a maximum or a minimum has a kink."""
    found = {atom.args[0] for atom in function.atoms(Abs)}
    for atom in function.atoms(Max, Min):
        found |= {a - b for a, b in combinations(atom.args, 2)}
    return found


def certainly_independent(canonical: CanonicalProblem, point: Coordinates) -> bool:
    """Whether the gradients of all constraints that may be active at a point are independent, by balls alone.

    Then a point has one vector of multipliers at most, whichever of these constraints are active. Nothing has to be zero.
    """
    values = {v: number.expression for v, number in point.items()}
    held = [h.expression for h in canonical.equalities]
    for inequality in canonical.inequalities:
        ball = enclose(inequality.expression.xreplace(values))
        if ball is None or not ball < 0:
            held.append(inequality.expression)
    rows = [[enclose(sympy.diff(f, v).xreplace(values)) for v in canonical.variables] for f in held]
    return all(entry is not None for row in rows for entry in row) and _has_full_rank(rows)


def _has_full_rank(rows: list[list[Any]]) -> bool:
    """Elimination on balls, each pivot shown not to be zero."""
    while rows:
        first, *rest = rows
        place = max(range(len(first)), key=lambda j: float(abs(first[j]).lower()), default=None)
        if place is None or first[place].contains(0):
            return False
        rows = [
            [a - row[place] / first[place] * b for j, (a, b) in enumerate(zip(row, first, strict=True)) if j != place]
            for row in rest
        ]
    return True


def evaluation(canonical: CanonicalProblem, point: Coordinates) -> Callable[[Expr], Any]:
    """How an expression in the symbols of ``point`` is evaluated: in one number field where possible, or in closed form."""
    ring = Ring(tuple(point))
    algebraic = _algebraic(point)
    if algebraic is not None and all(ring.polynomial(f) is not None for f in canonical.functions):
        return lambda expression: algebraic.value(ring.polynomial(sympy.expand(expression)))
    values = {v: number.expression for v, number in point.items()}
    return lambda expression: ClosedNumber(expression.xreplace(values), canonical.assumptions)


def _algebraic(point: Coordinates) -> AlgebraicPoint | None:
    """The point with all coordinates in one number field; None where they are not given so."""
    sources = [number.signed_source for number in point.values()]
    elements = [source for source in sources if isinstance(source, FieldElement)]
    others = [source for source in sources if isinstance(source, Expr)]
    if not all(source.is_Rational for source in others) or any(e.root != elements[0].root for e in elements):
        return None
    root = elements[0].root if elements else RATIONALS
    return AlgebraicPoint(
        root, tuple(s if isinstance(s, FieldElement) else FieldElement(root, fmpq_poly([to_fmpq(s)])) for s in sources)
    )
