"""Problems of one or two variables as pictures: the objective, the feasible set, all candidates, and gradients at the optimum."""

import math
from collections.abc import Mapping
from itertools import combinations, product
from os import PathLike

import sympy
from sympy import Abs, Eq, Expr, Gt, Lt, Max, Min, Piecewise, Symbol

from lagrangian.algebra.signs import holds, is_zero
from lagrangian.conditions.second_order import Kind
from lagrangian.errors import ProblemError
from lagrangian.exact_numbers import ExactNumber
from lagrangian.logic import all3
from lagrangian.problem.problem import Problem, Sense
from lagrangian.report.notation import text
from lagrangian.report.numbers import LARGEST_DEGREE, short_form
from lagrangian.report.picture import (
    Area,
    Arrow,
    Contours,
    Curve,
    Item,
    Level,
    Mark,
    Number,
    Panel,
    Picture,
    Range,
    Role,
    Rule,
    Strip,
    saved,
)
from lagrangian.report.picture_sampling import condition_of, conditions_of, line_places, sampled
from lagrangian.report.picture_windows import Shown, heights, is_even, is_finite, line_window, number, plane_window
from lagrangian.solution import Solution, StationaryPoint, unanswered
from lagrangian.status import Status

MOST_MARKS = 60
MOST_NAMED = 5
MOST_LATTICE = 400
MOST_ARROWS = 2
ROLES = {
    Kind.STRICT_LOCAL_MINIMUM: Role.MINIMUM,
    Kind.LOCAL_MINIMUM: Role.MINIMUM,
    Kind.STRICT_LOCAL_MAXIMUM: Role.MAXIMUM,
    Kind.LOCAL_MAXIMUM: Role.MAXIMUM,
    Kind.SADDLE: Role.SADDLE,
}


def plot_solution(solution: Solution, path: str | PathLike[str] | None = None) -> Picture:
    """A problem of one or two variables with its answer; written to a file where ``path`` names one.

    For one variable the objective over the line, with the part that is feasible; for two its contours, the feasible set, the
    boundaries of the constraints, and at the optimum the gradients of the objective and of the active constraints: by
    stationarity the former is a combination of the latter, and parallel where there is one. All candidates are marked by kind.

    Raises:
        ProblemError: for more variables, and for a problem with parameters.
        MissingExtraError: where a file is named and Matplotlib is not installed.

    >>> from sympy import Eq, symbols
    >>> from lagrangian import maximize
    >>> x, y = symbols("x y")
    >>> picture = plot_solution(maximize(x * y, [Eq(x + y, 2)], over=[x, y]))
    >>> for arrow in picture.panels[0].of(Role.OBJECTIVE_GRADIENT) + picture.panels[0].of(Role.CONSTRAINT_GRADIENT):
    ...     print(arrow.start, arrow.direction)
    (1, 1) (1, 1)
    (1, 1) (1, 1)
    """
    problem = solution.problem
    if problem.parameters:
        known = ", ".join(map(str, problem.parameters))
        raise ProblemError(
            f"the problem has the parameters {known}; put numbers in their place to draw it, or draw the answer over them: "
            "solve_parametric(problem).plot()"
        )
    if len(problem.over) > 2:
        raise ProblemError(f"the problem has {len(problem.over)} variables; pictures show one or two")
    panel = _line_panel(solution) if len(problem.over) == 1 else _plane_panel(solution)
    return saved(Picture(_title(solution), (panel,)), path)


def plot_problem(problem: Problem, path: str | PathLike[str] | None = None) -> Picture:
    """A problem of one or two variables without its answer, see `plot_solution`."""
    return plot_solution(unanswered(problem), path)


def _title(solution: Solution) -> str:
    verb = "maximize" if solution.problem.sense is Sense.MAXIMIZE else "minimize"
    stated = f"{verb} {text(solution.problem.objective)}"
    if solution.optimum is None:
        ending = solution.status.value if solution.status in (Status.INFEASIBLE, Status.UNBOUNDED) else ""
    else:
        words = {Status.OPTIMAL: "optimum", Status.NOT_ATTAINED: "not attained,"}.get(solution.status, "best known")
        ending = f"{words} {_short(solution.optimum)}"
    return f"{stated}: {ending}" if ending else stated


def _short(value: ExactNumber) -> str:
    form = short_form(value)
    return form if isinstance(form, str) else text(form)


def _equal(value: ExactNumber) -> str:
    shown = _short(value)
    return shown if shown.startswith("≈") else f"= {shown}"


def _functions(problem: Problem) -> Shown:
    relations = problem.all_constraints
    return Shown(
        problem.over,
        [condition_of(r) for r in relations if not isinstance(r, Eq)],
        [condition_of(r) for r in relations if isinstance(r, Eq)],
        [problem.objective],
    )


def _line_panel(solution: Solution) -> Panel:
    problem = solution.problem
    (variable,) = problem.over
    shown = _functions(problem)
    marks = _marks(solution)
    optima = [float(mark.point[0]) for mark in marks if mark.role is Role.OPTIMUM]
    window = line_window(shown, optima, [float(mark.point[0]) for mark in marks])
    places = line_places(window, shown.conditions, variable)
    levels = [float(mark.point[1]) for mark in marks if window[0] <= float(mark.point[0]) <= window[1]]
    inside = conditions_of(problem.all_constraints)
    items: list[Item] = [Curve(problem.objective, variable, "", Role.OUTSIDE)]
    items.append(Curve(problem.objective, variable, text(problem.objective), Role.OBJECTIVE, inside))
    if inside:
        items.insert(0, Strip(inside, variable, _feasible_label(problem), Role.FEASIBLE))
    if solution.status is Status.NOT_ATTAINED and solution.optimum is not None:
        items.append(Rule(solution.optimum, f"{_short(solution.optimum)}, not attained", Role.OPTIMAL_LEVEL))
        levels.append(float(solution.optimum))
    values = sampled(problem.objective, [variable], [places])
    held = shown.on_line(places)
    vertical = heights([values[held] if held.any() else values], levels)
    lattice = _lattice(problem, (window, vertical))
    return Panel((text(variable), "objective"), window, vertical, (*items, *lattice, *_within(marks, window)))


def _within(marks: list[Mark], horizontal: Range, vertical: Range | None = None) -> list[Mark]:
    """The marks that can be seen: the others are in no legend."""
    low, high = vertical or (-math.inf, math.inf)
    return [
        m for m in marks if horizontal[0] <= float(m.point[0]) <= horizontal[1] and low <= float(m.point[1]) <= high
    ]


def _plane_panel(solution: Solution) -> Panel:
    problem = solution.problem
    shown = _functions(problem)
    marks = _marks(solution)
    places = {role: [(float(m.point[0]), float(m.point[1])) for m in marks if m.role is role] for role in Role}
    others = [place for role, listed in places.items() if role is not Role.OPTIMUM for place in listed]
    curves = _families(solution)
    horizontal, vertical = plane_window(shown, places[Role.OPTIMUM], others, [curve.expression for curve in curves])
    items = [*_surface(solution, shown), *_boundaries(problem), *_level_of_optimum(solution), *curves]
    items += [*_lattice(problem, (horizontal, vertical)), *_arrows(solution), *_within(marks, horizontal, vertical)]
    first, second = problem.over
    return Panel((text(first), text(second)), horizontal, vertical, tuple(items), is_even(horizontal, vertical))


def _surface(solution: Solution, shown: Shown) -> list[Item]:
    problem = solution.problem
    first, second = problem.over
    items: list[Item] = []
    if shown.conditions and solution.status is not Status.INFEASIBLE:
        label = "inequalities hold" if shown.equations else _feasible_label(problem)
        items.append(Area(shown.conditions, (first, second), label, Role.FEASIBLE, shown.defined))
    if problem.objective.free_symbols:
        label = f"contours of {text(problem.objective)}"
        items.append(Contours(problem.objective, (first, second), label, Role.OBJECTIVE))
    return items


def _feasible_label(problem: Problem) -> str:
    return "feasible, but for integrality" if problem.integers else "feasible set"


def _boundaries(problem: Problem) -> list[Item]:
    first, second = problem.over
    relations = problem.all_constraints
    few = len(relations) <= MOST_NAMED
    items: list[Item] = []
    for shade, relation in enumerate(relations):
        role = Role.CONSTRAINT
        if isinstance(relation, Eq):
            role = Role.EQUATION
        elif isinstance(relation, Gt | Lt):
            role = Role.STRICT
        label = text(relation) if few else f"{len(relations)} constraints"
        zero = sympy.Integer(0)
        items.append(Level(condition_of(relation), (first, second), zero, label, role, (), shade))
    return items


def _level_of_optimum(solution: Solution) -> list[Item]:
    problem = solution.problem
    if solution.optimum is None or not problem.objective.free_symbols or not is_finite(float(solution.optimum)):
        return []
    first, second = problem.over
    label = f"objective {_equal(solution.optimum)}"
    return [Level(problem.objective, (first, second), solution.optimum, label, Role.OPTIMAL_LEVEL)]


def _families(solution: Solution) -> list[Level]:
    """Curves of optima: a family in the plane with one equation; of others the sample is marked."""
    first, second = solution.problem.over
    inside = tuple(condition_of(r) for r in solution.problem.all_constraints if not isinstance(r, Eq))
    return [
        Level(condition_of(family.equations[0]), (first, second), sympy.Integer(0), "optima", Role.OPTIMUM, inside)
        for family in solution.families
        if len(family.equations) == 1 and family.dimension == 1
    ]


def _marks(solution: Solution) -> list[Mark]:
    """The candidates by kind, then the optima, which lie above them."""
    optima = _optima(solution)
    taken = [(float(mark.point[0]), float(mark.point[1])) for mark in optima]
    candidates = (_candidate(solution.problem, point) for point in solution.stationary_points[:MOST_MARKS])
    others = [mark for mark in candidates if is_finite(*map(float, mark.point)) and not _is_taken(mark, taken)]
    return [*others, *optima]


def _is_taken(mark: Mark, taken: list[tuple[float, float]]) -> bool:
    across, up = (float(part) for part in mark.point)
    return any(abs(across - a) <= 1e-9 * (1 + abs(a)) and abs(up - b) <= 1e-9 * (1 + abs(b)) for a, b in taken)


def _candidate(problem: Problem, point: StationaryPoint) -> Mark:
    role = ROLES.get(point.kind, Role.OTHER)
    label = "optimum" if point.is_global else point.kind.value
    return Mark(_place(problem, point.coordinates, point.objective), label, Role.OPTIMUM if point.is_global else role)


def _place(problem: Problem, coordinates: dict, value: Number) -> tuple[Number, Number]:
    found = [_number(coordinates[variable]) for variable in problem.over]
    return (found[0], found[1]) if len(found) == 2 else (found[0], _number(value))


def _number(value: Number) -> Number:
    """The expression where it is cheap to have."""
    return value.expression if isinstance(value, ExactNumber) and value.is_simple(LARGEST_DEGREE) else value


def _optima(solution: Solution) -> list[Mark]:
    problem = solution.problem
    known = solution.status is Status.OPTIMAL
    label = "optimum" if known else "best known point"
    value = solution.optimum
    found = []
    if value is not None and solution.status is not Status.NOT_ATTAINED:
        found = [
            Mark(_place(problem, p, value), label, Role.OPTIMUM) for p in solution.coordinates[:MOST_MARKS] if len(p)
        ]
    found += [
        Mark(_place(problem, family.sample, family.value), "one of infinitely many optima", Role.OPTIMUM)
        for family in solution.families
    ]
    return [mark for mark in found if is_finite(*map(number_of, mark.point))]


def number_of(value: Number) -> float:
    return float(value) if isinstance(value, ExactNumber) else number(value)


def _arrows(solution: Solution) -> list[Item]:
    """The gradients at the first optimum; none where it is not known exactly, or a function has no gradient there."""
    if solution.status is not Status.OPTIMAL or not solution.coordinates:
        return []
    point = {variable: _number(value) for variable, value in solution.coordinates[0].items()}
    if not all(isinstance(value, Expr) for value in point.values()):
        return []
    stated = solution.problem.all_constraints
    active = [(i, r) for i, r in enumerate(stated) if is_zero((r.lhs - r.rhs).xreplace(point)) is True]
    items = [
        _arrow(solution.problem, r.lhs - r.rhs, point, f"gradient of {text(r.lhs - r.rhs)}", shade)
        for shade, r in active
    ]
    objective = _arrow(solution.problem, solution.problem.objective, point, "gradient of the objective")
    return [] if objective is None else [arrow for arrow in (*items, objective) if arrow is not None]


def _arrow(problem: Problem, function: Expr, point: dict, label: str, shade: int | None = None) -> Arrow | None:
    first, second = problem.over
    if has_kink(function, point):
        return None
    slopes = [sympy.diff(function, variable).xreplace(point) for variable in (first, second)]
    if not all(slope.is_number and is_finite(number(slope)) for slope in slopes):
        return None
    if all(is_zero(slope) is not False for slope in slopes):
        return None
    role = Role.OBJECTIVE_GRADIENT if shade is None else Role.CONSTRAINT_GRADIENT
    return Arrow((point[first], point[second]), (slopes[0], slopes[1]), label, role, shade or 0)


def has_kink(function: Expr, point: Mapping[Symbol, Expr]) -> bool:
    """Whether an absolute value, a maximum or a minimum may have no derivative at a point.

    >>> x = Symbol("x", real=True)
    >>> has_kink(Abs(x - 1), {x: sympy.Integer(1)}), has_kink(Abs(x - 1), {x: sympy.Integer(2)})
    (True, False)
    """
    meeting = [absolute.args[0] for absolute in function.atoms(Abs)]
    for extremum in function.atoms(Max, Min):
        meeting += [first - second for first, second in combinations(extremum.args, 2)]
    return function.has(Piecewise) or any(is_zero(e.xreplace(point)) is not False for e in meeting)


def _lattice(problem: Problem, window: tuple[Range, Range]) -> list[Item]:
    """The feasible points of a problem in integers alone, where they are few; each is tested exactly."""
    if set(problem.integers) != set(problem.over):
        return []
    sides = window[: len(problem.over)]
    ranges = [range(int(sympy.ceiling(low)), int(sympy.floor(high)) + 1) for low, high in sides]
    if sympy.prod(map(len, ranges)) > MOST_LATTICE:
        return []
    items: list[Item] = []
    for place in product(*ranges):
        point = dict(zip(problem.over, map(sympy.Integer, place), strict=True))
        relations = (
            r.func(r.lhs.xreplace(point), r.rhs.xreplace(point), evaluate=False) for r in problem.all_constraints
        )
        if all3(holds(relation) for relation in relations):
            spot = _place(problem, point, problem.objective.xreplace(point))
            items.append(Mark(spot, "feasible integer point", Role.LATTICE))
    return items
