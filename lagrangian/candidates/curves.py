"""Feasible curves to infinity along which the objective falls without bound or to a limit.

x_i(t) = p_i + a_i t**k_i for the free variables, those that an equality determines as rational functions solved for. Floating
point only chooses which curves to look at; what is returned has been decided exactly, by the signs of leading coefficients
beyond the last real root.
"""

import math
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import sympy
from sympy import Dummy, Expr, Poly, Rational, Symbol

from lagrangian.problem.canonical import CanonicalProblem

TIME = Symbol("t", positive=True)
MOST_CURVES = 20_000
EXACT_CHECKS = 12
FAR = (1e3, 1e4, 1e5)


@dataclass(frozen=True)
class FeasibleCurve:
    """Points x(t), feasible for every t >= ``start``, along which the canonical objective tends to ``limit`` (maybe -oo)."""

    parameter: Symbol
    coordinates: dict[Symbol, Expr]
    start: Rational
    limit: Expr


def falling_curves(
    canonical: CanonicalProblem,
    base_points: Sequence[Sequence[Rational]],
    below: float,
    deadline: float = math.inf,
) -> list[FeasibleCurve]:
    """Feasible curves with a limit less than ``below``, the lowest limit first; empty if none was found.

    ``deadline`` is in the seconds of time.monotonic(); curves that were not looked at by then are left out.

    >>> from sympy import symbols
    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, y = symbols("x y")
    >>> (curve,) = falling_curves(canonicalize(Problem(y, [x * y >= 1, x >= 0]))[0], [], math.inf)[:1]
    >>> sorted(map(str, curve.coordinates.values())), curve.limit
    (['1/t', 't'], 0)
    """
    eliminated = eliminate_equalities(canonical)
    if eliminated is None:
        return []
    free, solved = eliminated
    ranked = _ranked_by_floats(canonical, free, solved, base_points, deadline)
    found = []
    for estimate, placement in ranked[:EXACT_CHECKS]:
        if estimate < below and time.monotonic() < deadline:
            everything = {**placement, **{v: e.xreplace(placement) for v, e in solved.items()}}
            curve = decided_curve(canonical, {v: everything[v] for v in canonical.variables})
            if curve is not None and curve.limit < below:
                found.append(curve)
    return sorted(found, key=lambda curve: (curve.limit is not sympy.S.NegativeInfinity, curve.limit))


def eliminate_equalities(canonical: CanonicalProblem) -> tuple[list[Symbol], dict[Symbol, Expr]] | None:
    """The free variables and the others as rational functions of them; None where an equality is neither linear nor a circle."""
    solved: dict[Symbol, Expr] = {}
    parameters: list[Symbol] = []
    for equality in canonical.equalities:
        expression = sympy.numer(sympy.together(equality.expression.xreplace(solved)))
        if expression == 0:
            continue
        candidates = [v for v in canonical.variables if v not in solved and sympy.degree(expression, v) == 1]
        if not candidates:
            pair = _circle(expression, canonical.variables)
            if pair is None or set(pair) & set(solved):
                return None
            c, s = pair
            # the circle without (-1, 0), and that point as the limit
            parameter = Dummy("p", real=True)
            parameters.append(parameter)
            circle = {c: (1 - parameter**2) / (1 + parameter**2), s: 2 * parameter / (1 + parameter**2)}
            solved = {**{v: e.xreplace(circle) for v, e in solved.items()}, **circle}
            continue
        variable = min(candidates, key=lambda v: len(Poly(expression, v).coeff_monomial(v).free_symbols))
        coefficients = Poly(expression, variable)
        solution = -coefficients.coeff_monomial(1) / coefficients.coeff_monomial(variable)
        solved = {v: e.xreplace({variable: solution}) for v, e in solved.items()}
        solved[variable] = solution
    return [*(v for v in canonical.variables if v not in solved), *parameters], solved


def _circle(expression: Expr, variables: Sequence[Symbol]) -> tuple[Symbol, Symbol] | None:
    """The two variables of c**2 + s**2 = 1, as it is written for an angle."""
    names = [v for v in variables if v in expression.free_symbols]
    if len(names) != 2 or sympy.expand(expression - names[0] ** 2 - names[1] ** 2 + 1) != 0:
        return None
    return names[0], names[1]


def _placements(free: list[Symbol], base_points: Sequence[dict[Symbol, Rational]]) -> Iterator[dict[Symbol, Expr]]:
    powers = [TIME, -TIME, 1 / TIME, -1 / TIME, TIME**2, -(TIME**2), TIME**-2, TIME**3, -(TIME**3)]
    shapes = [sympy.Integer(0), *powers] if len(free) <= 3 else [sympy.Integer(0), TIME, -TIME]
    centers = [dict.fromkeys(free, sympy.Integer(number)) for number in (0, 1, -1)]
    zero = sympy.Integer(0)
    for start in (*centers, *({v: point.get(v, zero) for v in free} for point in base_points)):
        for chosen in product(shapes, repeat=len(free)):
            if any(shape != 0 for shape in chosen):
                yield {variable: start[variable] + shape for variable, shape in zip(free, chosen, strict=True)}


def _ranked_by_floats(
    canonical: CanonicalProblem,
    free: list[Symbol],
    solved: dict[Symbol, Expr],
    base_points: Sequence[Sequence[Rational]],
    deadline: float,
) -> list[tuple[float, dict[Symbol, Expr]]]:
    """The placements that look feasible far out, by the objective's value there."""
    functions = [
        sympy.lambdify([free], expression.xreplace(solved), "math")
        for expression in (canonical.objective, *(g.expression for g in canonical.inequalities))
    ]
    starts = [dict(zip(canonical.variables, point, strict=True)) for point in base_points]
    ranked = []
    for _, placement in zip(range(MOST_CURVES), _placements(free, starts), strict=False):
        if time.monotonic() > deadline:
            break
        values = _far_values(functions, [_function_of_time(placement[v]) for v in free])
        if values is not None and values[-1] < values[0] - 1e-9 * abs(values[0]):
            estimate = -math.inf if values[-1] < min(10 * values[0], -1e3) else values[-1]
            ranked.append((estimate, placement))
    # curves with nearly the same value far out keep the order in which they are made: simple shapes first
    return sorted(ranked, key=lambda pair: round(pair[0], 1) if math.isfinite(pair[0]) else pair[0])


@lru_cache(maxsize=4096)
def _function_of_time(coordinate: Expr) -> Callable:
    return sympy.lambdify(TIME, coordinate, "math")


def _far_values(functions: Sequence[Callable], coordinates: Iterable[Callable]) -> list[float] | None:
    """The objective far out along a curve, or None where a constraint fails there."""
    listed = list(coordinates)
    values = []
    for moment in FAR:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                point = [float(coordinate(moment)) for coordinate in listed]
                value, *slacks = (float(function(point)) for function in functions)
        except (ArithmeticError, ValueError, TypeError):
            return None
        if not math.isfinite(value) or any(not slack <= 1e-9 for slack in slacks):
            return None
        values.append(value)
    return values


def decided_curve(canonical: CanonicalProblem, coordinates: dict[Symbol, Expr]) -> FeasibleCurve | None:
    """The curve with these coordinates, from where on it is feasible, and its limit; None where that is not the case."""
    below, zero = [g.expression for g in canonical.inequalities], [h.expression for h in canonical.equalities]
    expressions = [canonical.objective, *below, *zero]
    bounds = [Rational(1)]
    for base in {power.base for e in expressions for power in e.atoms(sympy.Pow) if power.exp.is_negative}:
        sign, bound = _sign_far_out(base.xreplace(coordinates)) or (0, Rational(0))
        if sign == 0:
            return None
        bounds.append(bound)
    for inequality in canonical.inequalities:
        decided = _sign_far_out(inequality.expression.xreplace(coordinates))
        if decided is None or decided[0] > 0 or (inequality.strict and decided[0] == 0):
            return None
        bounds.append(decided[1])
    for expression in [*(expression.xreplace(coordinates) for expression in zero), *coordinates.values()]:
        decided = _sign_far_out(expression)
        if decided is None:
            return None
        bounds.append(decided[1])
    if any(_sign_far_out(expression.xreplace(coordinates)) != (0, 0) for expression in zero):
        return None
    limit = limit_far_out(canonical.objective.xreplace(coordinates))
    return None if limit is None else FeasibleCurve(TIME, coordinates, max(bounds), limit)


def _fraction(expression: Expr) -> tuple[Poly, Poly] | None:
    """Numerator and denominator as polynomials in t over Q, or None if the expression is no rational function of t."""
    try:
        numerator, denominator = sympy.fraction(sympy.cancel(sympy.together(expression)))
        return Poly(numerator, TIME, domain="QQ"), Poly(denominator, TIME, domain="QQ")
    except (sympy.PolynomialError, sympy.CoercionFailed):
        return None


def _sign_far_out(expression: Expr) -> tuple[int, Rational] | None:
    """The sign of a rational function of t for all large t, and a bound from which on it holds."""
    if expression.has(sympy.zoo, sympy.nan, sympy.oo):
        return None
    parts = _fraction(expression)
    if parts is None:
        return None
    numerator, denominator = parts
    if numerator.is_zero:
        return 0, Rational(0)
    bound = max(_root_bound(numerator), _root_bound(denominator))
    return (1 if numerator.LC() * denominator.LC() > 0 else -1), bound


def _root_bound(polynomial: Poly) -> Rational:
    """Cauchy's bound: no root is larger in size than 1 + max |a_i / a_n|."""
    if polynomial.degree() < 1:
        return Rational(0)
    leading, *rest = polynomial.all_coeffs()
    return 1 + max(abs(Rational(value) / leading) for value in rest)


def limit_far_out(expression: Expr) -> Expr | None:
    """The limit of a rational function of t as t grows: a rational number, oo or -oo."""
    parts = _fraction(expression)
    if parts is None:
        return None
    numerator, denominator = parts
    if numerator.is_zero or numerator.degree() < denominator.degree():
        return sympy.Integer(0)
    ratio = Rational(numerator.LC()) / denominator.LC()
    if numerator.degree() == denominator.degree():
        return ratio
    return sympy.oo if ratio > 0 else -sympy.oo
