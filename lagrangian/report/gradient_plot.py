"""The gradients at one point as vectors to scale: how multipliers add up those of constraints to that of the objective."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np
import sympy
from sympy import Eq, Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_zero
from lagrangian.errors import ProblemError
from lagrangian.report.notation import text
from lagrangian.report.picture import Cone, Item, Panel, Picture, Range, Role, Rule, Vector, saved
from lagrangian.report.picture_windows import number
from lagrangian.report.section import Section, given_number, lies_in, section
from lagrangian.report.solution_gradients import active_at, gradient_at, turned_function
from lagrangian.report.solution_plot import shortened
from lagrangian.solution import Solution

MARGIN = 0.18
ZERO = sympy.Integer(0)


@dataclass(frozen=True, eq=False)
class Weighted:
    """An active constraint: its place, the function that is drawn, its gradient by all variables, its weight, if there is one."""

    shade: int
    stated: Relational
    function: Expr
    gradient: tuple[Expr, ...]
    weight: Expr | None


def plot_gradients(
    solution: Solution,
    path: str | PathLike[str] | None = None,
    *,
    point: Mapping[Symbol, Any] | None = None,
    along: Iterable[Symbol] | Symbol | None = None,
) -> Picture:
    """The gradient of the objective as the sum of those of the active constraints; written to a file where ``path`` names one.

    All vectors start at the origin or at the end of another one, and are to scale. The functions are turned as in
    `plot_solution`: at a KKT point the weights are the multipliers, and >= 0 for inequalities. Where there are no weights, as at
    Fritz John points where no constraint qualification holds, or at points that are not stationary, the title says so.

    Args:
        solution: of a problem without parameters.
        path: the file to be written, in the format that its ending names, such as .svg, .png or .pdf.
        point: a number for each variable; without it the first optimum.
        along: the two variables whose derivatives are drawn, where the problem has more.

    Raises:
        ProblemError: for parameters, one variable, no point, or a function that has no gradient there.
        MissingExtraError: where a file is named and Matplotlib is not installed.

    >>> from sympy import symbols
    >>> from lagrangian import minimize
    >>> x, y = symbols("x y")
    >>> plot_gradients(minimize(2*x + 3*y, [x + y >= 4, x + 3*y >= 6], over=[x, y])).title
    'At x = 3, y = 1: ∇f = 3/2 ∇(x + y - 4) + 1/2 ∇(x + 3*y - 6)'
    """
    cut = section(solution, along)
    if len(cut.along) != 2:
        raise ProblemError(f"gradients need two variables to be drawn, and there is {cut.along[0]} alone")
    place = _place(cut, point)
    over = solution.problem.over
    steep = gradient_at(solution.problem.objective, over, place)
    if steep is None:
        raise ProblemError(f"the objective {text(solution.problem.objective)} has no gradient at {_named(place)}")
    parts = _weighted(solution, place, steep)
    title = f"At {_named(place)}: {_sum(parts, steep)}"
    return saved(Picture(title, (_panel(cut, parts, steep),)), path)


def _place(cut: Section, point: Mapping[Symbol, Any] | None) -> dict[Symbol, Expr]:
    if point is None:
        if not cut.points():
            raise ProblemError(
                "no optimum is known whose gradients could be drawn; give a point, point={x: ..., y: ...}"
            )
        return cut.points()[0]
    over = cut.whole.problem.over
    found = {variable: given_number(value, f"the point gives {variable}") for variable, value in point.items()}
    if set(found) != set(over):
        raise ProblemError(f"the point is {point}; write a number for each of {', '.join(map(str, over))}")
    return found


def _weighted(solution: Solution, place: dict[Symbol, Expr], steep: tuple[Expr, ...]) -> list[Weighted]:
    problem = solution.problem
    active = []
    for shade, relation in active_at(problem, place):
        function = turned_function(problem, relation)
        slopes = gradient_at(function, problem.over, place)
        if slopes is None:
            raise ProblemError(f"{text(function)} has no gradient at {_named(place)}")
        active.append((shade, relation, function, slopes))
    weights = _weights(solution, place, steep, [(relation, slopes) for _, relation, _, slopes in active])
    return [Weighted(*part, weight) for part, weight in zip(active, weights, strict=True)]


def _weights(
    solution: Solution,
    place: dict[Symbol, Expr],
    steep: tuple[Expr, ...],
    active: list[tuple[Relational, tuple[Expr, ...]]],
) -> list[Expr | None]:
    """The multipliers that are known at the first optimum; elsewhere the weights that solve the linear system, if any do."""
    known = [solution.multipliers.get(relation) for relation, _ in active]
    is_first = bool(solution.coordinates) and lies_in(solution.coordinates[0], place)
    if is_first and all(weight is not None for weight in known) and active:
        return known
    columns = [slopes for _, slopes in active]
    if not columns or any(entry.has(sympy.Float) for entry in (*steep, *sum(columns, ()))):
        return [None] * len(active)
    matrix, target = sympy.Matrix(columns).T, sympy.Matrix(steep)
    try:
        found, free = matrix.gauss_jordan_solve(target)
    except ValueError:
        return [None] * len(active)
    weights = found.xreplace(dict.fromkeys(free, ZERO))
    # elimination may take for a pivot what is zero and was not seen to be
    is_right = all(is_zero(rest) is True for rest in matrix * weights - target)
    return list(weights) if is_right else [None] * len(active)


def _named(place: Mapping[Symbol, Expr]) -> str:
    return ", ".join(f"{text(variable)} = {shortened(value)}" for variable, value in place.items())


def _sum(parts: list[Weighted], steep: tuple[Expr, ...]) -> str:
    if all(is_zero(slope) is True for slope in steep):
        return "∇f = 0"
    if not parts:
        return "∇f is not zero, and no constraint is active"
    if any(part.weight is None for part in parts):
        is_proved = all(slope.is_Rational for part in parts for slope in (*part.gradient, *steep))
        return f"∇f is {'no' if is_proved else 'not known to be a'} weighted sum of the gradients of the active constraints"
    terms = [f"{_times(part.weight)}∇({text(part.function)})" for part in parts if part.weight != 0]
    return f"∇f = {' + '.join(terms)}".replace("+ -", "- ")


def _times(weight: Expr | None) -> str:
    written = "" if weight is None else shortened(weight)
    return {"1": "", "-1": "-"}.get(written, f"{written} ")


def _panel(cut: Section, parts: list[Weighted], steep: tuple[Expr, ...]) -> Panel:
    over = cut.whole.problem.over
    axes = [over.index(variable) for variable in cut.along]

    def seen(gradient: tuple[Expr, ...]) -> tuple[Expr, Expr]:
        return gradient[axes[0]], gradient[axes[1]]

    origin = (ZERO, ZERO)
    items: list[Item] = [Rule(ZERO, "", Role.OUTLINE), Rule(ZERO, "", Role.OUTLINE, is_vertical=True)]
    items += _cone(parts, seen)
    end = origin
    chain: list[Item] = []
    for part in parts:
        drawn = seen(part.gradient)
        name = f"∇({text(part.function)})"
        if any(drawn):
            items.append(Vector(origin, drawn, name, Role.PART, part.shade))
        if part.weight is not None and part.weight != 0:
            start, end = end, (end[0] + part.weight * drawn[0], end[1] + part.weight * drawn[1])
            label = f"{_times(part.weight)}{name}"
            chain.append(Vector(start, end, label, Role.CONSTRAINT_GRADIENT, part.shade))
    items += chain
    if any(seen(steep)):
        items.append(Vector(origin, seen(steep), "∇f", Role.OBJECTIVE_GRADIENT))
    ends = [origin, *(item.end for item in items if isinstance(item, Vector))]
    horizontal, vertical = _square([(number(a), number(b)) for a, b in ends])
    names = [f"∂/∂{text(variable)}" for variable in cut.along]
    return Panel((names[0], names[1]), horizontal, vertical, tuple(items), is_equal=True)


def _cone(parts: list[Weighted], seen: Any) -> list[Item]:
    """The cone of the gradients, where it is more than a ray or a line."""
    generators = []
    for part in parts:
        drawn = seen(part.gradient)
        if any(drawn):
            generators += [drawn, (-drawn[0], -drawn[1])] if isinstance(part.stated, Eq) else [drawn]
    if len(generators) < 2 or all(isinstance(part.stated, Eq) for part in parts):
        return []
    return [Cone((ZERO, ZERO), tuple(generators), "cone of the active gradients", Role.CONE)]


def _square(points: list[tuple[float, float]]) -> tuple[Range, Range]:
    """A square with a margin around points."""
    places = np.array(points)
    low, high = places.min(axis=0), places.max(axis=0)
    half = max(float((high - low).max()), 1e-300) * (0.5 + MARGIN)
    middle = (low + high) / 2
    sides = [(float(m - half), float(m + half)) for m in middle]
    return sides[0], sides[1]
