"""Answers with one or two parameters as pictures: V and x* over one with breakpoints, or the critical regions in the plane."""

from os import PathLike

from numpy.typing import NDArray
from sympy import Expr, Symbol

from lagrangian.algebra.signs import is_nonnegative
from lagrangian.duality.parametric_regions import ParametricRegion
from lagrangian.duality.parametric_solution import ParametricSolution
from lagrangian.errors import ProblemError
from lagrangian.report.notation import text
from lagrangian.report.picture import Area, Curve, Item, Panel, Picture, Range, Role, Rule, Strip, saved
from lagrangian.report.picture_sampling import (
    condition_of,
    conditions_of,
    holding,
    line_places,
    plane_places,
    sampled,
    zeros,
)
from lagrangian.report.picture_windows import heights, is_even, number
from lagrangian.status import Status

SCALES = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 1000.0)
SEEN = 0.01
GRID = 101
MOST_DRAWN = 5


def plot_parametric(solution: ParametricSolution, path: str | PathLike[str] | None = None) -> Picture:
    """The value and the optimal point over one parameter, or the regions of two; written to a file where ``path`` names one.

    Raises:
        ProblemError: for no parameter, or more than two.
        MissingExtraError: where a file is named and Matplotlib is not installed.

    >>> from sympy import symbols
    >>> from lagrangian import Problem, solve_parametric
    >>> x, b = symbols("x b", real=True)
    >>> picture = plot_parametric(solve_parametric(Problem(x**2, [x >= b], over=[x])))
    >>> [(curve.expression, curve.inside, curve.label) for curve in picture.panels[0].of(Role.REGION)]
    [(b**2, (b,), 'active: x ≥ b'), (0, (-b,), 'nothing active')]
    >>> [rule.level for rule in picture.panels[0].of(Role.BREAKPOINT)]
    [0]
    """
    parameters = solution.parameters
    if not 1 <= len(parameters) <= 2:
        raise ProblemError(
            f"the problem has {len(parameters)} parameters; pictures show one or two: put numbers in the place of others"
        )
    if len(parameters) == 2:
        return saved(Picture("The answer in the plane of the parameters", (_regions(solution),)), path)
    window = _window(solution, parameters[0])
    panels = _values(solution, window), _points(solution, window)
    return saved(Picture("The optimal value and the optimal point", panels), path)


def conditions(region: ParametricRegion, solution: ParametricSolution) -> tuple[Expr, ...]:
    """What is >= 0 in a region: its own relations, the assumptions, and the signs of the parameters."""
    signs = [p for p in solution.parameters if p.is_nonnegative] + [-p for p in solution.parameters if p.is_nonpositive]
    relations = (*region.relations, *solution.problem.assumptions)
    return tuple(dict.fromkeys((*conditions_of(relations), *signs)))


def breakpoints(solution: ParametricSolution) -> tuple[Expr, ...]:
    """Where regions of one parameter end, exactly and ascending: zeros of their relations that the other relations allow."""
    (parameter,) = solution.parameters
    found = {
        zero: None
        for region in solution.regions
        for relation in region.relations
        for zero in zeros(condition_of(relation), parameter)
        if all(is_nonnegative(c.xreplace({parameter: zero})) is True for c in conditions(region, solution))
    }
    return tuple(sorted(found, key=number))


def _window(solution: ParametricSolution, parameter: Symbol) -> Range:
    limits = [end for relation in solution.problem.assumptions for end in zeros(condition_of(relation), parameter)]
    ends = [number(end) for end in (*breakpoints(solution), *limits)]
    reach = max(ends) - min(ends) if len(ends) > 1 else abs(ends[0]) if ends else 2.0
    reach = reach or 2.0
    beyond = reach if len(ends) < 2 else 0.6 * reach
    low, high = (min(ends) - beyond, max(ends) + beyond) if ends else (-reach, reach)
    return (0.0 if parameter.is_nonnegative else low), (0.0 if parameter.is_nonpositive else high)


def _values(solution: ParametricSolution, window: Range) -> Panel:
    (parameter,) = solution.parameters
    items, graphs = value_items(solution, window)
    return Panel((text(parameter), f"V({text(parameter)})"), window, heights(graphs), tuple(items))


def value_items(solution: ParametricSolution, window: Range) -> tuple[list[Item], list[NDArray]]:
    """V over one parameter, region by region, with where regions end; and its values in the window."""
    (parameter,) = solution.parameters
    items: list[Item] = list(_ends(solution))
    graphs = []
    for shade, region in enumerate(solution.regions):
        inside = conditions(region, solution)
        if region.value is None:
            items.append(Strip(inside, parameter, region.status.value.replace("_", " "), Role.NO_OPTIMUM))
            continue
        items.append(Curve(region.value, parameter, _activity(region), Role.REGION, inside, shade))
        graphs.append(_graph(region.value, parameter, inside, window))
    return items, graphs


def _graph(value: Expr, parameter: Symbol, inside: tuple[Expr, ...], window: Range) -> NDArray:
    places = line_places(window, inside, parameter)
    return sampled(value, [parameter], [places[holding(inside, [parameter], [places])]])


def _activity(region: ParametricRegion) -> str:
    if region.status is not Status.OPTIMAL:
        return region.status.value.replace("_", " ")
    return f"active: {', '.join(map(text, region.active_set))}" if region.active_set else "nothing active"


def _ends(solution: ParametricSolution) -> list[Item]:
    (parameter,) = solution.parameters
    return [
        Rule(end, f"{text(parameter)} = {text(end)}", Role.BREAKPOINT, is_vertical=True)
        for end in breakpoints(solution)
    ]


def _points(solution: ParametricSolution, window: Range) -> Panel:
    (parameter,) = solution.parameters
    items: list[Item] = list(_ends(solution))
    graphs = []
    for region in solution.regions:
        inside = conditions(region, solution)
        if region.point is None or region.status is not Status.OPTIMAL:
            continue
        for shade, variable in enumerate(solution.problem.over[:MOST_DRAWN]):
            place = region.point[variable]
            items.append(Curve(place, parameter, f"{text(variable)}*", Role.REGION, inside, shade))
            graphs.append(_graph(place, parameter, inside, window))
    return Panel((text(parameter), "optimal point"), window, heights(graphs), tuple(items))


def _regions(solution: ParametricSolution) -> Panel:
    first, second = solution.parameters
    horizontal, vertical = _plane(solution)
    items: list[Item] = []
    for shade, region in enumerate(solution.regions):
        inside, name = conditions(region, solution), str(shade + 1)
        role = Role.NO_OPTIMUM if region.value is None else Role.REGION
        items.append(Area(inside, (first, second), f"{name}: {_activity(region)}", role, (), name, shade))
    return Panel((text(first), text(second)), horizontal, vertical, tuple(items), is_even(horizontal, vertical))


def _plane(solution: ParametricSolution) -> tuple[Range, Range]:
    """The smallest of some squares around the origin in which the most regions are seen."""
    best: tuple[int, tuple[Range, Range]] | None = None
    for scale in SCALES:
        sides = [_axis(parameter, scale) for parameter in solution.parameters]
        places = plane_places(sides[0], sides[1], GRID)
        held = [holding(conditions(region, solution), solution.parameters, places) for region in solution.regions]
        seen = sum(inside.mean() >= SEEN for inside in held)
        if best is None or seen > best[0]:
            best = int(seen), (sides[0], sides[1])
    assert best is not None
    return best[1]


def _axis(parameter: Symbol, scale: float) -> Range:
    if parameter.is_nonnegative:
        return 0.0, scale
    return (-scale, 0.0) if parameter.is_nonpositive else (-scale, scale)
