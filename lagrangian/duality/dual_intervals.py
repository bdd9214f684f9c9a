"""Infima over one variable in an interval, whose bounds are kept in the inner problem."""

from collections.abc import Callable

import sympy
from sympy import Expr, Integer, Min, Symbol

from lagrangian.algebra.signs import is_nonnegative, is_zero
from lagrangian.conditions.domains import is_defined
from lagrangian.duality.dual_atoms import Atom, NotInTable
from lagrangian.duality.dual_inner import WHOLE, Inner
from lagrangian.duality.dual_pieces import Piece, found, nonnegative, piece, positive, together, zero
from lagrangian.logic import all3

Answer = tuple[tuple[Piece, ...], str, bool]


def infimum_on_interval(inner: Inner, weighted: Callable[..., tuple[Piece, ...]]) -> Answer:
    """The infimum over low <= x <= high, where one side may be missing.

    A convex f with D = f' is least at low if D(low) >= 0, at high if D(high) <= 0, and otherwise where it is least on the line.
    """
    (variable,) = inner.variables
    low, high = inner.intervals.get(variable, WHOLE)
    if variable in inner.integers:
        low, high = low if low is None else sympy.ceiling(low), high if high is None else sympy.floor(high)
    if not inner.weights:
        return (_linear if inner.hessian[0, 0] == 0 else _quadratic)(inner, low, high)
    return _convex(inner, low, high, weighted)


def _at(inner: Inner, place: Expr) -> Expr:
    return sympy.expand(inner.expression.xreplace({inner.variables[0]: place}))


def _slope(inner: Inner, place: Expr) -> Expr:
    return sympy.expand(sympy.diff(inner.expression, inner.variables[0]).xreplace({inner.variables[0]: place}))


def _linear(inner: Inner, low: Expr | None, high: Expr | None) -> Answer:
    (slope,) = inner.slopes
    if low is not None and high is not None:
        value = piece(Min(_at(inner, low), _at(inner, high)), [])
    elif low is not None:
        value = piece(_at(inner, low), [nonnegative(slope)], inner.assumptions)
    elif high is not None:
        value = piece(_at(inner, high), [nonnegative(-slope)], inner.assumptions)
    else:
        value = piece(Integer(0), [zero(slope)], inner.assumptions)
    return found(value), "linear over an interval: least at an end", True


def _quadratic(inner: Inner, low: Expr | None, high: Expr | None) -> Answer:
    curved = inner.hessian[0, 0]
    (slope,) = inner.slopes
    bent = Piece(Integer(0), (positive(curved),))
    convex = [
        together(p, bent, inner.assumptions) for p in _clamped(inner, low, high, (Piece(-(slope**2) / (2 * curved)),))
    ]
    if low is not None and high is not None:
        flat = piece(Min(_at(inner, low), _at(inner, high)), [nonnegative(-curved)], inner.assumptions)
    else:
        end, sign = (low, 1) if low is not None else (high, -1)
        flat = piece(_at(inner, end), [zero(curved), nonnegative(sign * slope)], inner.assumptions)
    return found(*convex, flat), "quadratic over an interval: least at an end or where it is level", False


def _clamped(inner: Inner, low: Expr | None, high: Expr | None, free: tuple[Piece, ...]) -> tuple[Piece, ...]:
    inside, ends = [], []
    if low is not None:
        ends.append(piece(_at(inner, low), [nonnegative(_slope(inner, low))], inner.assumptions))
        inside.append(nonnegative(-_slope(inner, low)))
    if high is not None:
        ends.append(piece(_at(inner, high), [nonnegative(-_slope(inner, high))], inner.assumptions))
        inside.append(nonnegative(_slope(inner, high)))
    between = Piece(Integer(0), tuple(inside))
    return found(*(together(p, between, inner.assumptions) for p in free), *ends)


def _convex(inner: Inner, low: Expr | None, high: Expr | None, weighted: Callable[..., tuple[Piece, ...]]) -> Answer:
    """One function of the table with a weight >= 0 and a linear term: convex, and differentiable at the bounds."""
    (variable,) = inner.variables
    atoms = list(inner.weights.items())
    if len(atoms) > 1 or inner.hessian[0, 0] != 0 or len(atoms[0][0].arguments) > 1:
        raise NotInTable(f"{inner.expression} with kept bounds of {variable} has no closed form")
    atom, weight = atoms[0]
    if is_nonnegative(weight, inner.assumptions) is not True:
        raise NotInTable(f"the sign of the weight {weight} of a function with kept bounds is not known")
    argument = atom.arguments[0]
    factor = sympy.diff(argument, variable)
    if is_zero(factor) is not False:
        raise NotInTable(f"it is not known whether {argument} depends on {variable}, whose bounds are kept")
    slope = sympy.expand(inner.slopes[0] / factor)
    offset = sympy.expand(-slope * argument.xreplace({variable: Integer(0)}))
    free = found(
        *(together(p, Piece(offset), inner.assumptions) for p in weighted(atom, weight, [slope], inner.assumptions))
    )
    ends = [end for end in (low, high) if end is not None]
    if not all(_is_smooth_at(atom, variable, end) for end in ends):
        raise NotInTable(f"{inner.expression} is not differentiable at a bound of {variable} that is kept")
    return _clamped(inner, low, high, free), f"convex over an interval: at an end, or by {atom.conjugate.rule}", False


def _is_smooth_at(atom: Atom, variable: Symbol, end: Expr) -> bool:
    """Whether a function and its slope are real numbers at a bound, which lies where it is convex."""
    place = {variable: end}
    slope = sympy.diff(atom.expression, variable)
    regions = [is_nonnegative(argument.xreplace(place)) for argument in atom.region]
    return all3([is_defined(atom.expression, place), is_defined(slope, place), *regions]) is True
