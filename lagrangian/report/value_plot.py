"""The value function of one parameter as a picture, with the tangent whose slope is the multiplier."""

from collections.abc import Mapping
from os import PathLike
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy import Expr, Symbol

from lagrangian.duality.parameter_effects import base_point
from lagrangian.errors import MissingExtraError, ProblemError
from lagrangian.report.notation import text
from lagrangian.solution import Solution

POINTS = 241
CURVE, TANGENT, QUIET = "#1f5fa8", "#c4512d", "#777777"


def plot_value(
    solution: Solution,
    parameter: Symbol,
    at: Mapping[Symbol, Any],
    path: str | PathLike[str],
    *,
    span: tuple[float, float] | None = None,
) -> Expr:
    """Draw V over one parameter, with its tangent at a point, and write the picture to a file; the tangent's exact slope.

    By the envelope theorem the slope is dL/dp: the shadow price, where the parameter is the right side of a constraint alone.

    Args:
        solution: with a value in closed form.
        parameter: what V is drawn over.
        at: a number for every parameter; where ``parameter`` has it, the tangent touches.
        path: the file to be written, in the format that its ending names, such as .png, .svg or .pdf.
        span: the ends of the axis; without it from a quarter to twice the value of ``parameter``, or two around it.

    Raises:
        ProblemError: where the value has no closed form, ``parameter`` is none, ``at`` does not fit, or V is not real there.
        MissingExtraError: where Matplotlib is not installed.
    """
    if solution.value is None or parameter not in solution.problem.parameters:
        known = ", ".join(map(str, solution.problem.parameters)) or "none"
        raise ProblemError(
            f"there is no value in closed form to draw over {parameter}; the problem's parameters are {known}"
        )
    base = base_point(solution.problem, at)
    place = base.pop(parameter)
    value = solution.value.xreplace(base)
    slope = sympy.simplify(sympy.diff(value, parameter).xreplace({parameter: place}))
    level = value.xreplace({parameter: place})
    if not (level.is_real and slope.is_real):
        raise ProblemError(f"the value is no smooth real function at {parameter} = {place}; choose another point")
    touching = float(place), float(level), float(slope)
    _draw(_numbers(value, parameter, span or _span(touching[0])), touching, (parameter, place, slope), path)
    return slope


def _span(middle: float) -> tuple[float, float]:
    return (middle / 4, middle * 2) if middle > 0 else (middle - 2, middle + 2)


def _numbers(value: Expr, parameter: Symbol, span: tuple[float, float]) -> tuple[NDArray, NDArray]:
    """V at many places; nan where it is not real."""
    places = np.linspace(span[0], span[1], POINTS)
    function = sympy.lambdify([parameter], value, modules="numpy")
    with np.errstate(all="ignore"):
        heights = np.asarray(function(places.astype(complex)), dtype=complex) * np.ones(POINTS)
    return places, np.where(np.abs(heights.imag) < 1e-12, heights.real, np.nan)


def _draw(
    curve: tuple[NDArray, NDArray],
    touching: tuple[float, float, float],
    names: tuple[Symbol, Expr, Expr],
    path: str | PathLike[str],
) -> None:
    try:
        from matplotlib.figure import Figure  # an optional extra, slow to import
    except ImportError:
        raise MissingExtraError("pictures need Matplotlib; install it with pip install '.[plot]'") from None
    parameter, place, slope = names
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.add_subplot()
    places, heights = curve
    axes.plot(places, heights, color=CURVE, linewidth=2, label=f"V({parameter}), the best value")
    tangent = touching[1] + touching[2] * (places - touching[0])
    axes.plot(places, tangent, color=TANGENT, linestyle="--", label=f"tangent, slope λ* = {text(slope)}")
    axes.plot([touching[0]], [touching[1]], "o", color=TANGENT)
    axes.axvline(touching[0], color=QUIET, linewidth=0.8, linestyle=":")
    axes.annotate(
        f"{parameter} = {text(place)}",
        (touching[0], axes.get_ylim()[0]),
        xytext=(6, 6),
        textcoords="offset points",
        color=QUIET,
    )
    axes.set_xlabel(str(parameter))
    axes.set_ylabel(f"V({parameter})")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=160)
