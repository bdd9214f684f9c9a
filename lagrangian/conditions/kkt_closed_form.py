"""A KKT point in closed form, and the proof that it is the zero of the KKT equations that a box holds.

The box holds one zero and no other. So a point in it that satisfies the equations exactly is that zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import flint
import sympy
from flint import arb
from sympy import Expr

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.closed_form import closed_form
from lagrangian.algebra.field_program import elements_of
from lagrangian.algebra.numbers import FieldElement
from lagrangian.algebra.signs import is_zero
from lagrangian.conditions.kkt_balls import BITS, KKTProgram, Zero
from lagrangian.logic import Truth, all3

ClosedNumber: TypeAlias = FieldElement | Expr
# beyond the precision of the box, so that rounding does not carry a number out of it
CLOSED_BITS = 2 * BITS


@dataclass(frozen=True, eq=False)
class ClosedPoint:
    """A point with its multipliers (of g, then h) and the value of F, each an element of a number field or an expression."""

    coordinates: tuple[ClosedNumber, ...]
    multipliers: tuple[ClosedNumber, ...]
    value: ClosedNumber

    @property
    def unknowns(self) -> tuple[ClosedNumber, ...]:
        return (*self.coordinates, *self.multipliers)


def is_closed_form(kkt: KKTProgram, zero: Zero, point: ClosedPoint) -> Truth:
    """Whether the zero is this point, and F has this value there.

    True only where every number lies in the box that holds no other zero, and every equation holds exactly. None where that is
    not decided.
    """
    if len(point.coordinates) != kkt.dimension or len(point.multipliers) != len(kkt.constraints):
        return False
    inside = _is_inside(zero, point)
    if inside is not True:
        return inside
    elements = [number for number in point.unknowns if isinstance(number, FieldElement)]
    if len(elements) == len(point.unknowns) and len({element.root for element in elements}) == 1:
        found = elements_of(kkt.program, [*kkt.equations(zero.held), kkt.objective], elements)
        if found is not None:
            return all(value.is_zero() for value in found[:-1]) and _is_equal(found[-1], point.value)
    return _holds_as_expressions(kkt, zero, point)


def _is_inside(zero: Zero, point: ClosedPoint) -> Truth:
    """Whether all numbers lie in the outer box; multipliers of constraints that are not held must be zero itself."""
    dimension = len(point.coordinates)
    for place, (number, ball) in enumerate(zip(point.unknowns, zero.outer, strict=True)):
        if place >= dimension and place - dimension not in zero.held:
            if _is_zero(number) is not True:
                return False
            continue
        value = enclosure_of(number, CLOSED_BITS)
        if value is None:
            return None
        with flint.ctx.workprec(CLOSED_BITS):
            if not ball.contains(value):
                return None if ball.overlaps(value) else False
    return True


def enclosure_of(number: ClosedNumber, bits: int) -> arb | None:
    """A ball that holds the number; None for an expression that is no real number, or cannot be enclosed."""
    if isinstance(number, FieldElement):
        return number.enclosure(bits)
    return enclose(number, bits) if number.is_number else None


def expression_of(number: ClosedNumber) -> Expr:
    return closed_form(number) if isinstance(number, FieldElement) else number


def _is_zero(number: ClosedNumber) -> Truth:
    return number.is_zero() if isinstance(number, FieldElement) else is_zero(number)


def _is_equal(element: FieldElement, value: ClosedNumber) -> Truth:
    if isinstance(value, FieldElement) and value.root == element.root:
        return (element - value).is_zero()
    return is_zero(closed_form(element) - expression_of(value))


def _holds_as_expressions(kkt: KKTProgram, zero: Zero, point: ClosedPoint) -> Truth:
    residuals = residual_expressions(kkt, zero.held, point.coordinates, point.multipliers)
    value = objective_at(kkt, point.coordinates) - expression_of(point.value)
    return all3(is_zero(residual) for residual in (*residuals, value))


def _names(kkt: KKTProgram, coordinates: Sequence[ClosedNumber]) -> dict[Expr, Expr]:
    return dict(zip(kkt.canonical.variables, map(expression_of, coordinates), strict=True))


def objective_at(kkt: KKTProgram, coordinates: Sequence[ClosedNumber]) -> Expr:
    """F at a point, as an expression."""
    return kkt.canonical.objective.xreplace(_names(kkt, coordinates))


def residual_expressions(
    kkt: KKTProgram, held: Sequence[int], coordinates: Sequence[ClosedNumber], multipliers: Sequence[ClosedNumber]
) -> list[Expr]:
    """dL/dx and the constraints held, as expressions at a point."""
    names, functions = _names(kkt, coordinates), kkt.canonical.functions
    terms = [(sympy.Integer(1), functions[0]), *((expression_of(multipliers[i]), functions[1 + i]) for i in held)]
    slopes = [
        sympy.Add(*(weight * function.diff(variable).xreplace(names) for weight, function in terms))
        for variable in kkt.canonical.variables
    ]
    return [*slopes, *(functions[1 + i].xreplace(names) for i in held)]
