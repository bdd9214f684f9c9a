"""Curves to infinity through integer points, from curves of the problem over the reals."""

import math
from collections.abc import Iterator, Sequence

import sympy
from sympy import Expr, Poly, Symbol

from lagrangian.candidates.curves import TIME, FeasibleCurve, decided_curve, falling_curves
from lagrangian.problem.canonical import CanonicalProblem

Point = dict[Symbol, sympy.Rational]
Coordinates = dict[Symbol, Expr]


def integer_curves(
    relaxed: CanonicalProblem, integers: frozenset[Symbol], known: Sequence[Coordinates], bases: Sequence[Point]
) -> Iterator[FeasibleCurve]:
    """Feasible curves that are integral where they should be, at integer parameters.

    Args:
        relaxed: the problem over the reals.
        integers: the variables that take integer values only.
        known: coordinates of curves, in the parameter `TIME`, along which the objective falls.
        bases: feasible points with integers in their places, through which the curves are moved.
    """
    rows = [[base[v] for v in relaxed.variables] for base in bases]
    found = [*known, *(curve.coordinates for curve in falling_curves(relaxed, rows, float("inf")))]
    for coordinates in found:
        for base in (None, *bases):
            moved = _moved(coordinates, integers, base)
            curve = None if moved is None else decided_curve(relaxed, moved)
            if curve is not None:
                yield curve


def _moved(coordinates: Coordinates, integers: frozenset[Symbol], base: Point | None) -> Coordinates | None:
    """The curve with its parameter stretched and, where a base is given, begun there; None where it does not become integral."""
    stretch = 1
    for variable in integers:
        polynomial = _polynomial(coordinates[variable])
        if polynomial is None:
            return None
        *rest, first = polynomial.all_coeffs()
        if base is None and not first.is_Integer:
            return None
        stretch = math.lcm(stretch, *(int(value.q) for value in rest))
    moved = {v: sympy.sympify(e, strict=True).xreplace({TIME: stretch * TIME}) for v, e in coordinates.items()}
    if base is None:
        return {v: sympy.expand(e) if v in integers else e for v, e in moved.items()}
    return {v: _begun_at(e, base[v]) for v, e in moved.items()}


def _polynomial(expression: Expr) -> Poly | None:
    try:
        polynomial = Poly(expression, TIME, domain="QQ")
    except (sympy.PolynomialError, sympy.CoercionFailed):
        return None
    return polynomial


def _begun_at(expression: Expr, value: sympy.Rational) -> Expr:
    """The coordinate moved so that it has this value at zero; one that is no polynomial stays."""
    polynomial = _polynomial(expression)
    if polynomial is None:
        return expression
    return sympy.expand(polynomial.as_expr() - polynomial.eval(0) + value)
