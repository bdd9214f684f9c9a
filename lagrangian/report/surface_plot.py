"""The objective over the plane as a surface, with the constraints lifted onto it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Eq, Expr, Float, Symbol

from lagrangian.errors import ProblemError
from lagrangian.report.notation import text
from lagrangian.report.picture import Lift, Picture, Pin, Range, Role, Sheet, Space, SpaceItem, saved
from lagrangian.report.picture_sampling import conditions_of, drawable, holding, plane_places, sampled
from lagrangian.report.picture_visibility import is_hidden
from lagrangian.report.picture_windows import heights
from lagrangian.report.section import Section, section
from lagrangian.report.solution_marks import marks_of
from lagrangian.report.solution_panels import boundaries, functions_of, window_of, within
from lagrangian.report.solution_plot import title_of
from lagrangian.solution import Solution

ELEVATION = 32.0
AZIMUTHS = (-60.0, -35.0, -80.0, -125.0, -150.0, 30.0, 60.0, 125.0, 150.0)
COARSE = 61
# how much is seen above and below what matters most, by its own height
BEYOND = 0.7


def plot_surface(
    solution: Solution,
    path: str | PathLike[str] | None = None,
    *,
    along: Iterable[Symbol] | Symbol | None = None,
    at: Mapping[Symbol, Any] | None = None,
) -> Picture:
    """The objective over two variables as a surface; written to a file where ``path`` names one.

    The surface is colored where all inequalities hold and pale elsewhere; boundaries and equations are lifted onto it, and the
    candidates stand on it. What lies behind it is dotted; of some views that with the most candidates in front is taken.

    Args:
        solution: of a problem without parameters; one of more variables is cut, see `plot_solution`.
        path: the file to be written, in the format that its ending names, such as .svg, .png or .pdf.
        along: two variables, for a section in which the others are fixed.
        at: numbers for variables that the section fixes; without one they stay at the first optimum.

    Raises:
        ProblemError: for parameters, for other than two variables, or where the objective is nowhere real in what is seen.
        MissingExtraError: where a file is named and Matplotlib is not installed.

    >>> from sympy import Eq, symbols
    >>> from lagrangian import minimize
    >>> x, y = symbols("x y")
    >>> picture = plot_surface(minimize(x**2 + y**2, [Eq(x + y, 2)], over=[x, y]))
    >>> picture.panels[0].of(Role.OPTIMUM)[0].point, picture.panels[0].of(Role.EQUATION)[0].surface
    ((1, 1, 2), x**2 + y**2)
    """
    cut = section(solution, along, at)
    if len(cut.along) != 2:
        raise ProblemError(
            f"a surface needs two variables, and there is {cut.along[0]} alone; plot() draws the objective over it"
        )
    return saved(Picture(title_of(cut), (_space(cut),)), path)


def _space(cut: Section) -> Space:
    problem = cut.seen.problem
    first, second = cut.along
    shown = functions_of(problem)
    marks = marks_of(cut.seen)
    horizontal, vertical = window_of(cut.seen, shown, marks)
    pins = [_pin(mark, cut) for mark in within(marks, horizontal, vertical)]
    levels = boundaries(problem)
    inside = conditions_of(r for r in problem.all_constraints if not isinstance(r, Eq))
    sides = _heights(
        problem.objective, cut.along, (horizontal, vertical), inside, [float(pin.point[2]) for pin in pins]
    )
    label = "objective, the feasible part" if inside else "objective"
    items: list[SpaceItem] = [Sheet(problem.objective, (first, second), label, Role.OBJECTIVE, inside)]
    items += [Lift(level, problem.objective) for level in levels]
    items += [pin for pin in pins if sides[0] <= float(pin.point[2]) <= sides[1]]
    names = text(first), text(second), "objective"
    space = Space(names, horizontal, vertical, sides, tuple(items), (ELEVATION, AZIMUTHS[0]))
    return _best_view(space)


def _pin(mark: Any, cut: Section) -> Pin:
    across, up = mark.point
    point = dict(zip(cut.along, (_expression(across), _expression(up)), strict=True))
    return Pin((across, up, cut.seen.problem.objective.xreplace(point)), mark.label, mark.role)


def _expression(value: Any) -> Expr:
    return value if isinstance(value, Expr) else Float(float(value))


def _heights(
    objective: Expr,
    over: tuple[Symbol, ...],
    window: tuple[Range, Range],
    inside: tuple[Expr, ...],
    levels: list[float],
) -> Range:
    """All heights of the feasible part, or of the whole where that is not much more."""
    places = plane_places(*window, COARSE)
    values = drawable(objective, over, places)
    held = np.where(holding(inside, over, places), values, np.nan)
    if not np.isfinite(values).any():
        raise ProblemError(f"the objective {text(objective)} is nowhere real where the picture would show it")
    low, high = heights([held if np.isfinite(held).any() else values], levels)
    reach = BEYOND * (high - low)
    return max(low - reach, min(low, float(np.nanmin(values)))), min(high + reach, max(high, float(np.nanmax(values))))


def _best_view(space: Space) -> Space:
    """The view with the most candidates in front of the surface, optima first."""
    pins = [item for item in space.items if isinstance(item, Pin)]
    if not pins:
        return space
    sheet = next(item for item in space.items if isinstance(item, Sheet))
    points = np.array([[float(part) for part in pin.point] for pin in pins])
    weights = np.array([len(pins) + 1 if pin.role is Role.OPTIMUM else 1 for pin in pins])
    views = [replace(space, view=(ELEVATION, azimuth)) for azimuth in AZIMUTHS]

    def surface(places: Sequence[NDArray]) -> NDArray:
        return sampled(sheet.expression, sheet.symbols, places)

    return max(views, key=lambda view: float(weights[~is_hidden(points, surface, view)].sum()))
