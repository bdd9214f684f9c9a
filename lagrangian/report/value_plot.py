"""The value function of one parameter as a picture, with the tangent whose slope is the multiplier."""

from collections.abc import Mapping
from os import PathLike
from typing import Any

import sympy
from sympy import Expr, Symbol

from lagrangian.duality.parameter_values import parameter_values
from lagrangian.errors import ProblemError
from lagrangian.report.notation import text
from lagrangian.report.picture import Curve, Mark, Panel, Picture, Range, Role, Rule, saved
from lagrangian.report.picture_sampling import line_places, sampled
from lagrangian.report.picture_windows import heights
from lagrangian.solution import Solution


def plot_value(
    solution: Solution,
    parameter: Symbol,
    at: Mapping[Symbol, Any] | None = None,
    path: str | PathLike[str] | None = None,
    *,
    span: Range | None = None,
) -> Picture:
    """V over one parameter, with its tangent at a point; written to a file where ``path`` names one.

    By the envelope theorem the slope is dL/dp: the shadow price, where the parameter is the right side of a constraint alone.

    Args:
        solution: with a value in closed form.
        parameter: what V is drawn over.
        at: a number for every parameter; where ``parameter`` has it, the tangent touches.
        path: the file to be written, in the format that its ending names, such as .png, .svg or .pdf.
        span: the ends of the axis; without it from a quarter to twice the value of ``parameter``, or two around it.

    Raises:
        ProblemError: where the value has no closed form, ``parameter`` is none, ``at`` does not fit, or V is not real there.
        MissingExtraError: where a file is named and Matplotlib is not installed.

    >>> from lagrangian import minimize
    >>> x, b = sympy.symbols("x b", positive=True)
    >>> picture = plot_value(minimize(x**2, [x >= b], over=[x]), b, {b: 3})
    >>> picture.panels[0].of(Role.TANGENT)[0].expression
    6*b - 9
    """
    if solution.value is None or parameter not in solution.problem.parameters:
        known = ", ".join(map(str, solution.problem.parameters)) or "none"
        raise ProblemError(
            f"there is no value in closed form to draw over {parameter}; the problem's parameters are {known}"
        )
    base = parameter_values(solution.problem, at or {})
    place = base.pop(parameter)
    value = solution.value.xreplace(base)
    slope = sympy.simplify(sympy.diff(value, parameter).xreplace({parameter: place}))
    level = value.xreplace({parameter: place})
    if not (level.is_real and slope.is_real):
        raise ProblemError(f"the value is no smooth real function at {parameter} = {place}; choose another point")
    window = span or _span(float(place))
    return saved(Picture("The value function and its slope", (_panel(value, (parameter, place, slope), window),)), path)


def _span(middle: float) -> Range:
    return (middle / 4, middle * 2) if middle > 0 else (middle - 2, middle + 2)


def _panel(value: Expr, touching: tuple[Symbol, Expr, Expr], window: Range) -> Panel:
    parameter, place, slope = touching
    level = value.xreplace({parameter: place})
    tangent = sympy.expand(level + slope * (parameter - place))
    name = text(parameter)
    items = (
        Rule(place, f"{name} = {text(place)}", Role.BREAKPOINT, is_vertical=True),
        Curve(value, parameter, f"V({name}), the best value", Role.OBJECTIVE),
        Curve(tangent, parameter, f"tangent, slope {text(slope)}", Role.TANGENT),
        Mark((place, level), f"V({text(place)}) = {text(level)}", Role.OPTIMUM),
    )
    places = line_places(window, (), parameter)
    vertical = heights([sampled(value, [parameter], [places])], [float(level)])
    return Panel((name, f"V({name})"), window, vertical, items)
