"""Gradients in the plane: of the objective and of active constraints, at optima, candidates, or along the boundaries.

The functions are turned so that at a KKT point the gradient of the objective is the sum of theirs with the multipliers as
weights: for a minimum those that are >= 0 in the feasible set, for a maximum those that are <= 0 there; of an equation the left
side less the right side.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from itertools import combinations

import sympy
from sympy import Abs, Eq, Expr, Max, Min, Piecewise, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_zero
from lagrangian.errors import ProblemError
from lagrangian.problem.problem import Problem, Sense
from lagrangian.report.notation import text
from lagrangian.report.picture import Arrow, Cone, Item, Mark, Range, Role
from lagrangian.report.picture_curves import spread_along
from lagrangian.report.picture_sampling import condition_of
from lagrangian.report.picture_windows import is_finite, number
from lagrangian.report.section import Section, cheap_number, lies_in
from lagrangian.status import Status

MOST_OPTIMA = 4
MOST_CANDIDATES = 12
# along each boundary, and how long their arrows are
ON_CURVES = 9
SMALL = 0.5
CLOSE = 1e-9
# a sum is zero that is so small beside its terms, at a point that is known to some digits
NOTHING = 1e-6


class Gradients(Enum):
    """Where a picture shows gradients."""

    OPTIMA = "optima"
    CANDIDATES = "candidates"
    CURVES = "curves"
    NONE = "none"


def gradients_at(value: Gradients | str) -> Gradients:
    """Where gradients are wanted. Raises ProblemError for anything else."""
    try:
        return Gradients(value)
    except ValueError:
        known = ", ".join(repr(place.value) for place in Gradients)
        raise ProblemError(f"gradients is {value!r}; write one of {known}") from None


def gradient_items(section: Section, where: Gradients, window: tuple[Range, Range]) -> list[Item]:
    """The arrows at the places that are wanted, with the cone of the active constraints at optima."""
    if where is Gradients.NONE:
        return []
    optima = section.points()[:MOST_OPTIMA] if section.whole.status is Status.OPTIMAL else []
    items = [item for point in optima for item in arrows_at(section, point, has_cone=True)]
    if where is not Gradients.OPTIMA:
        items += [item for point in _candidates(section, optima) for item in arrows_at(section, point)]
    if where is Gradients.CURVES:
        items += _along_curves(section, window)
    return items


def _candidates(section: Section, optima: list[dict[Symbol, Expr]]) -> Iterator[dict[Symbol, Expr]]:
    found = section.whole.stationary_points[:MOST_CANDIDATES]
    points = ({v: cheap_number(n) for v, n in p.coordinates.items()} for p in found)
    return (p for p in points if lies_in(p, section.fixed) and not any(lies_in(p, optimum) for optimum in optima))


def turned_function(problem: Problem, relation: Relational) -> Expr:
    """The function of a constraint whose gradient has the multiplier as its weight in the gradient of the objective.

    >>> from lagrangian import Problem
    >>> x, y = sympy.symbols("x y")
    >>> turned_function(Problem(x, [y <= 1]), y <= 1), turned_function(Problem(x, [y <= 1], sense="max"), y <= 1)
    (1 - y, y - 1)
    """
    function = condition_of(relation)
    return -function if problem.sense is Sense.MAXIMIZE and not isinstance(relation, Eq) else function


def active_at(problem: Problem, point: Mapping[Symbol, Expr]) -> list[tuple[int, Relational]]:
    """The constraints that hold with equality, with their places: exactly, or up to rounding at a point that is not exact."""
    found = []
    for place, relation in enumerate(problem.all_constraints):
        slack = (relation.lhs - relation.rhs).xreplace(dict(point))
        if slack.has(sympy.Float):
            is_active = abs(number(slack)) <= CLOSE * (1 + abs(number(relation.rhs.xreplace(dict(point)))))
        else:
            is_active = is_zero(slack) is True
        if is_active:
            found.append((place, relation))
    return found


def gradient_at(function: Expr, over: tuple[Symbol, ...], point: Mapping[Symbol, Expr]) -> tuple[Expr, ...] | None:
    """The derivatives by some variables at a point; None where there may be a kink, or one of them is not finite."""
    if has_kink(function, point):
        return None
    slopes = tuple(_slope(sympy.diff(function, variable), dict(point)) for variable in over)
    return slopes if all(slope.is_number and is_finite(number(slope)) for slope in slopes) else None


def _slope(derivative: Expr, point: dict[Symbol, Expr]) -> Expr:
    """The number, or zero in place of what is nothing but the rounding errors of a point that is not exact."""
    value = derivative.xreplace(point)
    if not value.has(sympy.Float):
        return value
    size = sum(abs(number(term.xreplace(point))) for term in sympy.Add.make_args(sympy.expand(derivative)))
    return sympy.Integer(0) if abs(number(value)) <= NOTHING * size else value


def arrows_at(section: Section, point: Mapping[Symbol, Expr], *, has_cone: bool = False) -> list[Item]:
    """The gradients at one point; a ring where that of an active constraint is zero; nothing where the objective has a kink."""
    problem, along = section.whole.problem, section.along
    steep = gradient_at(problem.objective, along, point)
    if steep is None:
        return []
    start = point[along[0]], point[along[1]]
    items: list[Item] = []
    generators: list[tuple[Expr, Expr]] = []
    active = active_at(problem, point)
    places = section.places
    for place, relation in active:
        function = turned_function(problem, relation)
        slopes = gradient_at(function, along, point)
        if slopes is None:
            continue
        label = f"∇({text(function)})"
        if all(is_zero(slope) is not False for slope in slopes):
            # in a section the gradient may point out of the plane
            everywhere = gradient_at(function, problem.over, point)
            is_none = everywhere is not None and all(is_zero(slope) is True for slope in everywhere)
            items += [Mark(start, f"{label} = 0", Role.NO_GRADIENT)] if is_none else []
            continue
        normal = slopes[0], slopes[1]
        items.append(Arrow(start, normal, label, Role.CONSTRAINT_GRADIENT, places.get(place, place)))
        generators += [normal, (-normal[0], -normal[1])] if isinstance(relation, Eq) else [normal]
    if has_cone and len(generators) > 1 and not all(isinstance(relation, Eq) for _, relation in active):
        items.insert(0, Cone(start, tuple(generators), "cone of the active gradients", Role.CONE))
    if any(is_zero(slope) is False for slope in steep):
        items.append(Arrow(start, (steep[0], steep[1]), "∇f", Role.OBJECTIVE_GRADIENT))
    return items


def _along_curves(section: Section, window: tuple[Range, Range]) -> list[Item]:
    """Small arrows at points of the feasible part of every boundary, where both gradients are there to be compared."""
    problem = section.seen.problem
    relations = problem.all_constraints
    over = problem.over[0], problem.over[1]
    stated = section.whole.problem.all_constraints
    items: list[Item] = []
    for place, shade in section.places.items():
        others = [r for r in relations if r is not relations[shade]]
        function = turned_function(problem, relations[shade])
        label = f"∇({text(turned_function(problem, stated[place]))})"
        for spot in spread_along(function, over, window, others, ON_CURVES):
            point = dict(zip(over, map(sympy.Float, spot), strict=True))
            slopes, steep = gradient_at(function, over, point), gradient_at(problem.objective, over, point)
            if slopes is None or steep is None or not any(slopes) or not any(steep):
                continue
            start = point[over[0]], point[over[1]]
            items.append(Arrow(start, (slopes[0], slopes[1]), label, Role.CONSTRAINT_GRADIENT, shade, SMALL))
            items.append(Arrow(start, (steep[0], steep[1]), "∇f", Role.OBJECTIVE_GRADIENT, 0, SMALL))
    return items


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
