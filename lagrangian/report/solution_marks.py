"""The points in pictures of problems: optima, candidates by kind, and feasible integer points."""

from itertools import product

import sympy
from sympy import Expr, Symbol

from lagrangian.algebra.signs import holds
from lagrangian.conditions.second_order import Kind
from lagrangian.exact_numbers import ExactNumber
from lagrangian.logic import all3
from lagrangian.problem.problem import Problem
from lagrangian.report.numbers import LARGEST_DEGREE
from lagrangian.report.picture import Item, Mark, Number, Range, Role
from lagrangian.report.picture_windows import is_finite, number
from lagrangian.solution import Solution, SolutionFamily, StationaryPoint
from lagrangian.status import Status

MOST_MARKS = 60
MOST_LATTICE = 400
# so many periods to both sides are looked at for more optima of a periodic function
PERIODS = 2
ROLES = {
    Kind.STRICT_LOCAL_MINIMUM: Role.MINIMUM,
    Kind.LOCAL_MINIMUM: Role.MINIMUM,
    Kind.STRICT_LOCAL_MAXIMUM: Role.MAXIMUM,
    Kind.LOCAL_MAXIMUM: Role.MAXIMUM,
    Kind.SADDLE: Role.SADDLE,
}


def marks_of(solution: Solution) -> list[Mark]:
    """The candidates by kind, then the optima, which lie above them."""
    optima = _optima(solution)
    taken = [(float(mark.point[0]), float(mark.point[1])) for mark in optima]
    candidates = [_candidate(solution.problem, point) for point in solution.stationary_points[:MOST_MARKS]]
    candidates += _repeated(solution, candidates)
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
        Mark(place, "one of infinitely many optima", Role.OPTIMUM)
        for family in solution.families
        for place in [_place(problem, family.sample, family.value), *_members(problem, family)]
    ]
    return [mark for mark in found if is_finite(*map(number_of, mark.point))]


def _members(problem: Problem, family: SolutionFamily) -> list[tuple[Number, Number]]:
    """Neighbors of the sample, where a family of numbers has a formula with an integer in it."""
    formula = _formula(problem, family)
    if formula is None:
        return []
    value, counter = formula
    members = [value.xreplace({counter: sympy.Integer(k)}) for k in range(-PERIODS, PERIODS + 1)]
    sample = family.sample[problem.over[0]]
    return [
        (member, family.value) for member in members if member != sample and _is_near(member, sample, value, counter)
    ]


def _is_near(member: Expr, sample: Expr, value: Expr, counter: Symbol) -> bool:
    return abs(number(member - sample)) <= 1.01 * abs(number(value.diff(counter)))


def _formula(problem: Problem, family: SolutionFamily) -> tuple[Expr, Symbol] | None:
    """What a family of numbers is, linear in one integer."""
    if len(problem.over) != 1 or len(family.equations) != 1 or family.equations[0].lhs != problem.over[0]:
        return None
    value = family.equations[0].rhs
    counters = value.free_symbols
    if len(counters) != 1 or not value.diff(*counters).is_number:
        return None
    return value, next(iter(counters))


def _repeated(solution: Solution, candidates: list[Mark]) -> list[Mark]:
    """The candidates one period to both sides, where the functions of one variable have the period of a family of optima."""
    problem = solution.problem
    found = []
    for family in solution.families:
        formula = _formula(problem, family)
        if formula is None or problem.all_constraints:
            continue
        period = formula[0].diff(formula[1])
        shifted = problem.objective.xreplace({problem.over[0]: problem.over[0] + period})
        if sympy.expand_trig(shifted - problem.objective).equals(0):
            found += [
                Mark((mark.point[0] + side * period, mark.point[1]), mark.label, mark.role)
                for mark in candidates
                for side in (-1, 1)
                if isinstance(mark.point[0], Expr)
            ]
    return found


def lattice(problem: Problem, window: tuple[Range, Range]) -> list[Item]:
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


def number_of(value: Number) -> float:
    return float(value) if isinstance(value, ExactNumber) else number(value)
