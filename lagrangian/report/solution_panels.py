"""A line or a plane with a problem in it: the objective, the feasible set, the boundaries of the constraints, all candidates."""

import math

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy import Eq, Gt, Lt

from lagrangian.exact_numbers import ExactNumber
from lagrangian.problem.problem import Problem
from lagrangian.report.notation import text
from lagrangian.report.numbers import short_form
from lagrangian.report.picture import Area, Contours, Curve, Item, Level, Mark, Panel, Range, Role, Rule, Strip
from lagrangian.report.picture_sampling import ROUNDING, condition_of, conditions_of, line_places, sampled
from lagrangian.report.picture_windows import Shown, heights, is_even, is_finite, line_window, plane_window
from lagrangian.report.section import Section
from lagrangian.report.solution_gradients import Gradients, gradient_items
from lagrangian.report.solution_marks import lattice, marks_of
from lagrangian.solution import Solution
from lagrangian.status import Status

MOST_NAMED = 8
# how much is seen above and below the candidates of one variable, by the height between them
BEYOND = 0.6
# an end of the feasible set that is so many times as far up or down as all else is not shown, if it is no optimum
OFF = 8.0
LONGEST_OBJECTIVE = 32


def short(value: ExactNumber) -> str:
    form = short_form(value)
    return form if isinstance(form, str) else text(form)


def _equal(value: ExactNumber) -> str:
    shown = short(value)
    return shown if shown.startswith("≈") else f"= {shown}"


def functions_of(problem: Problem) -> Shown:
    relations = problem.all_constraints
    return Shown(
        problem.over,
        [condition_of(r) for r in relations if not isinstance(r, Eq)],
        [condition_of(r) for r in relations if isinstance(r, Eq)],
        [problem.objective],
    )


def line_panel(solution: Solution) -> Panel:
    """The objective over one variable, with the part that is feasible, and all candidates."""
    problem = solution.problem
    (variable,) = problem.over
    shown = functions_of(problem)
    marks = marks_of(solution)
    optima = [float(mark.point[0]) for mark in marks if mark.role is Role.OPTIMUM]
    window = line_window(shown, optima, [float(mark.point[0]) for mark in marks])
    marks = _comparable(within(marks, window), problem)
    inside = conditions_of(problem.all_constraints)
    items: list[Item] = [*_strips(solution), Curve(problem.objective, variable, "", Role.OUTSIDE)]
    items.append(Curve(problem.objective, variable, text(problem.objective), Role.OBJECTIVE, inside))
    levels = [float(mark.point[1]) for mark in marks]
    if solution.status is Status.NOT_ATTAINED and solution.optimum is not None:
        items.append(Rule(solution.optimum, f"{short(solution.optimum)}, not attained", Role.OPTIMAL_LEVEL))
        levels.append(float(solution.optimum))
    places = line_places(window, shown.conditions, variable)
    values = sampled(problem.objective, [variable], [places])
    held = shown.on_line(places)
    vertical = _line_heights(places[held], values[held], marks, levels) if held.any() else heights([values], levels)
    return Panel(
        (text(variable), "objective"), window, vertical, (*items, *lattice(problem, (window, vertical)), *marks)
    )


def _comparable(marks: list[Mark], problem: Problem) -> list[Mark]:
    """The marks without ends of the feasible set so high or so low that the others would lie on one line."""
    for sign in (1, -1):
        while marks:
            levels = sorted({sign * float(mark.point[1]) for mark in marks})
            top = [mark for mark in marks if sign * float(mark.point[1]) == levels[-1]]
            are_ends = all(mark.role is not Role.OPTIMUM and _is_end(mark, problem) for mark in top)
            if not are_ends or len(levels) < 3 or levels[-1] - levels[0] <= OFF * (levels[-2] - levels[0]):
                break
            marks = [mark for mark in marks if mark not in top]
    return marks


def _is_end(mark: Mark, problem: Problem) -> bool:
    place = [np.array([float(mark.point[0])])]
    slacks = [sampled(condition_of(r), problem.over, place)[0] for r in problem.all_constraints]
    return any(abs(slack) <= ROUNDING * (1 + abs(place[0][0])) for slack in slacks)


def _strips(solution: Solution) -> list[Item]:
    """Where the problem is feasible; where it is infeasible, what each constraint allows."""
    problem = solution.problem
    (variable,) = problem.over
    relations = problem.all_constraints
    if solution.status is Status.INFEASIBLE:
        return [
            Strip(conditions_of([relation]), variable, text(relation), Role.CONSTRAINT, shade)
            for shade, relation in enumerate(relations)
        ]
    inside = conditions_of(relations)
    return [Strip(inside, variable, _feasible_label(problem), Role.FEASIBLE)] if inside else []


def _line_heights(places: NDArray, values: NDArray, marks: list[Mark], levels: list[float]) -> Range:
    """All that lies between the candidates, and of what lies beyond them no more than would leave them apart."""
    at = [float(mark.point[0]) for mark in marks]
    between = (places >= min(at)) & (places <= max(at)) if at else np.zeros(places.shape, dtype=bool)
    if len(set(at)) < 2 or not np.isfinite(values[between]).any():
        return heights([values], levels)
    low, high = heights([values[between]], levels)
    lowest, highest, reach = float(np.nanmin(values)), float(np.nanmax(values)), BEYOND * (high - low)
    return min(low, max(lowest, low - reach)), max(high, min(highest, high + reach))


def within(marks: list[Mark], horizontal: Range, vertical: Range | None = None) -> list[Mark]:
    """The marks that can be seen: the others are in no legend."""
    low, high = vertical or (-math.inf, math.inf)
    return [
        m for m in marks if horizontal[0] <= float(m.point[0]) <= horizontal[1] and low <= float(m.point[1]) <= high
    ]


def plane_panel(section: Section, gradients: Gradients) -> Panel:
    """The plane of two variables: contours, the feasible set, boundaries, gradients, candidates."""
    solution = section.seen
    problem = solution.problem
    shown = functions_of(problem)
    marks = marks_of(solution)
    horizontal, vertical = window_of(solution, shown, marks)
    items = [*_surface(solution, shown), *boundaries(problem), *_level_of_optimum(solution), *families(solution)]
    items += lattice(problem, (horizontal, vertical))
    items += gradient_items(section, gradients, (horizontal, vertical))
    items += within(marks, horizontal, vertical)
    first, second = problem.over
    return Panel((text(first), text(second)), horizontal, vertical, tuple(items), is_even(horizontal, vertical))


def window_of(solution: Solution, shown: Shown, marks: list[Mark]) -> tuple[Range, Range]:
    """The part of the plane that is to be seen."""
    places = {role: [(float(m.point[0]), float(m.point[1])) for m in marks if m.role is role] for role in Role}
    others = [place for role, listed in places.items() if role is not Role.OPTIMUM for place in listed]
    curves = [curve.expression for curve in families(solution)]
    return plane_window(shown, places[Role.OPTIMUM], others, curves)


def _surface(solution: Solution, shown: Shown) -> list[Item]:
    problem = solution.problem
    first, second = problem.over
    items: list[Item] = []
    if shown.conditions and solution.status is not Status.INFEASIBLE:
        label = "inequalities hold" if shown.equations else _feasible_label(problem)
        items.append(Area(shown.conditions, (first, second), label, Role.FEASIBLE, shown.defined))
    if problem.objective.free_symbols:
        written = text(problem.objective)
        label = f"contours of {written if len(written) <= LONGEST_OBJECTIVE else 'the objective'}"
        items.append(Contours(problem.objective, (first, second), label, Role.OBJECTIVE, (), shown.conditions))
    return items


def _feasible_label(problem: Problem) -> str:
    return "feasible, but for integrality" if problem.integers else "feasible set"


def boundaries(problem: Problem) -> list[Level]:
    """Where each constraint holds with equality; several are numbered."""
    first, second = problem.over
    relations = problem.all_constraints
    is_named = 1 < len(relations) <= MOST_NAMED
    items: list[Level] = []
    for shade, relation in enumerate(relations):
        role = Role.CONSTRAINT
        if isinstance(relation, Eq):
            role = Role.EQUATION
        elif isinstance(relation, Gt | Lt):
            role = Role.STRICT
        label = text(relation) if len(relations) <= MOST_NAMED else f"{len(relations)} constraints"
        name = str(shade + 1) if is_named else ""
        zero = sympy.Integer(0)
        items.append(Level(condition_of(relation), (first, second), zero, label, role, (), shade, name))
    return items


def _level_of_optimum(solution: Solution) -> list[Item]:
    problem = solution.problem
    if solution.optimum is None or not problem.objective.free_symbols or not is_finite(float(solution.optimum)):
        return []
    first, second = problem.over
    label = f"objective {_equal(solution.optimum)}"
    return [Level(problem.objective, (first, second), solution.optimum, label, Role.OPTIMAL_LEVEL)]


def families(solution: Solution) -> list[Level]:
    """Curves of optima: a family in the plane with one equation; of others the sample is marked."""
    first, second = solution.problem.over
    inside = tuple(condition_of(r) for r in solution.problem.all_constraints if not isinstance(r, Eq))
    return [
        Level(condition_of(family.equations[0]), (first, second), sympy.Integer(0), "optima", Role.OPTIMUM, inside)
        for family in solution.families
        if len(family.equations) == 1 and family.dimension == 1
    ]
