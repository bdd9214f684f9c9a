"""Curves along which an objective falls, without bound or to a limit: guessed by floats, decided by orders of growth.

Each free variable is p + a t**k, p + a exp(t) or p + a exp(-t), several of them at different rates; the others follow from the
equations that determine them.
"""

import math
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

import sympy
from sympy import Expr, Symbol

from lagrangian.candidates.curves import eliminate_equalities
from lagrangian.conditions.growth_curves import GrowthCurve, curves_from, is_feasible_along, limit_along
from lagrangian.problem.canonical import CanonicalProblem

TIME = Symbol("t", positive=True)
TIMES = (6.0, 20.0, 60.0)
MOST_PLACEMENTS = 30_000
MOST_DECIDED = 30
MOST_VARIABLES = 4

Shape = tuple[Expr, Callable[[float], float]]
STILL: Shape = (sympy.Integer(0), lambda t: 0.0)
POWERS: tuple[Shape, ...] = (
    STILL,
    (TIME, lambda t: t),
    (-TIME, lambda t: -t),
    (1 / TIME, lambda t: 1 / t),
    (-1 / TIME, lambda t: -1 / t),
)
MORE: tuple[Shape, ...] = (
    (TIME**2, lambda t: t * t),
    (-(TIME**2), lambda t: -t * t),
    (TIME**-2, lambda t: 1 / (t * t)),
    (sympy.exp(TIME), math.exp),
    (-sympy.exp(TIME), lambda t: -math.exp(t)),
    (sympy.exp(-TIME), lambda t: math.exp(-t)),
)


@dataclass(frozen=True, eq=False)
class FallingCurve:
    """A feasible curve and what the canonical objective tends to along it (a number, or -oo)."""

    curve: GrowthCurve
    limit: Expr


def growing_curves(canonical: CanonicalProblem, deadline: float) -> list[FallingCurve]:
    """Feasible curves along which the objective falls, those without bound first, then the lowest limits.

    >>> x, y = sympy.symbols("x y", real=True)
    >>> problem = CanonicalProblem(sympy.exp(x) - y, (), (), (x, y), (), (), frozenset())
    >>> growing_curves(problem, float("inf"))[0].limit
    -oo
    """
    try:
        eliminated = eliminate_equalities(canonical)
    except sympy.PolynomialError:
        return []
    if eliminated is None or len(eliminated[0]) > MOST_VARIABLES or canonical.parameters or canonical.integers:
        return []
    free, solved = eliminated
    found: list[FallingCurve] = []
    for placement in _ranked(canonical, free, solved, deadline)[:MOST_DECIDED]:
        if time.monotonic() > deadline:
            break
        places = {**placement, **{v: e.xreplace(placement) for v, e in solved.items()}}
        curve = _decided(canonical, {v: places[v] for v in canonical.variables})
        if curve is not None:
            found.append(curve)
            if curve.limit == -sympy.oo:
                break
    return sorted(found, key=lambda f: (f.limit != -sympy.oo, -math.inf if f.limit == -sympy.oo else float(f.limit)))


def _decided(canonical: CanonicalProblem, places: dict[Symbol, Expr]) -> FallingCurve | None:
    for curve in curves_from(TIME, places):
        feasible = is_feasible_along(canonical, curve)
        if feasible is False:
            return None
        limit = limit_along(canonical.objective, curve) if feasible else None
        if limit is not None:
            return FallingCurve(curve, limit) if limit != sympy.oo else None
    return None


def _ranked(
    canonical: CanonicalProblem, free: list[Symbol], solved: dict[Symbol, Expr], deadline: float
) -> list[dict[Symbol, Expr]]:
    """Placements that look feasible far out and along which the objective falls, by its value there; simple ones first."""
    functions = [
        sympy.lambdify([free], expression.xreplace(solved), "math")
        for expression in (canonical.objective, *(g.expression for g in canonical.inequalities))
    ]
    ranked = []
    for _, (placement, paths) in zip(range(MOST_PLACEMENTS), _placements(free), strict=False):
        if time.monotonic() > deadline:
            break
        values = _values(functions, paths)
        if values is not None and values[-1] < values[0]:
            ranked.append((values[-1], placement))
    return [placement for _, placement in sorted(ranked, key=lambda pair: round(pair[0], 3))]


def _placements(free: list[Symbol]) -> Iterator[tuple[dict[Symbol, Expr], list[Callable[[float], float]]]]:
    shapes = (*POWERS, *MORE[: {1: 6, 2: 6, 3: 2}.get(len(free), 0)])
    for center in (0, 1, -1):
        for chosen in product(shapes, repeat=len(free)):
            if all(shape is STILL for shape in chosen):
                continue
            placement = {v: center + shape for v, (shape, _) in zip(free, chosen, strict=True)}
            yield placement, [partial(_shifted, path, center) for _, path in chosen]


def _shifted(path: Callable[[float], float], center: int, moment: float) -> float:
    return center + path(moment)


def _values(functions: Sequence[Callable], paths: Sequence[Callable[[float], float]]) -> list[float] | None:
    """The objective along a curve, or None where a constraint fails far out."""
    values: list[float] = []
    for moment in TIMES:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value, *slacks = (float(f([path(moment) for path in paths])) for f in functions)
        except OverflowError:
            return values if len(values) > 1 else None
        except (ArithmeticError, ValueError, TypeError):
            return None
        if math.isnan(value) or any(not slack <= 1e-9 for slack in slacks):
            return None
        values.append(value)
    return values
