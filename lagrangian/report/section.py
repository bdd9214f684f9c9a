"""A problem cut along one or two of its variables, the others at fixed numbers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy
from sympy import Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.errors import ProblemError
from lagrangian.exact_numbers import ExactNumber
from lagrangian.problem.problem import Problem
from lagrangian.report.numbers import LARGEST_DEGREE
from lagrangian.solution import Solution
from lagrangian.status import Status

# coordinates of points that were computed in different ways are the same up to this
SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Section:
    """``seen`` is the solution with the variables of ``fixed`` replaced by their numbers, and what lies in the section left.

    Without fixed variables it is the whole solution itself.
    """

    whole: Solution
    seen: Solution
    fixed: dict[Symbol, Expr]

    @property
    def along(self) -> tuple[Symbol, ...]:
        return self.seen.problem.over

    @property
    def places(self) -> dict[int, int]:
        """Of each constraint of the whole, by its place there, the place among those that are seen."""
        seen = list(self.seen.problem.all_constraints)
        cuts = ((place, cut(relation, self.fixed)) for place, relation in enumerate(self.whole.problem.all_constraints))
        return {place: seen.index(relation) for place, relation in cuts if relation in seen}

    def points(self) -> list[dict[Symbol, Expr]]:
        """The optima that lie in the section, with all their coordinates."""
        found = [{v: cheap_number(n) for v, n in point.items()} for point in _optima(self.whole)]
        return [point for point in found if lies_in(point, self.fixed)]


def section(
    solution: Solution, along: Iterable[Symbol] | Symbol | None = None, at: Mapping[Symbol, Any] | None = None
) -> Section:
    """The section along one or two variables through the first optimum, or where ``at`` says.

    An optimum of the whole problem that lies in the section is one of the section, which is a smaller set.

    Args:
        solution: of a problem without parameters.
        along: one or two variables; not needed for a problem that has no more.
        at: numbers for the other variables; those that it leaves out stay at the first optimum.

    Raises:
        ProblemError: for parameters, for other than one or two variables, or where no point is known to cut through.

    >>> from sympy import Eq, symbols
    >>> from lagrangian import minimize
    >>> x, y, z = symbols("x y z")
    >>> cut = section(minimize(x**2 + y**2 + z**2, [Eq(x + y + z, 3)], over=[x, y, z]), (x, y))
    >>> cut.fixed, cut.seen.problem.objective, cut.seen.problem.constraints
    ({z: 1}, x**2 + y**2 + 1, (Eq(x + y + 1, 3),))
    """
    problem = solution.problem
    if problem.parameters:
        known = ", ".join(map(str, problem.parameters))
        raise ProblemError(
            f"the problem has the parameters {known}; put numbers in their place to draw it, or draw the answer over them: "
            "solve_parametric(problem).plot()"
        )
    chosen = _chosen(problem, along)
    if set(chosen) == set(problem.over) and not at:
        return Section(solution, _turned(solution, chosen), {})
    fixed = _fixed(solution, chosen, at or {})
    return Section(solution, _restricted(solution, chosen, fixed), fixed)


def _chosen(problem: Problem, along: Iterable[Symbol] | Symbol | None) -> tuple[Symbol, ...]:
    if along is None:
        if len(problem.over) > 2:
            names = ", ".join(map(str, problem.over[:2]))
            raise ProblemError(
                f"the problem has {len(problem.over)} variables; pictures show one or two: write along=({names}) for a section "
                "through the optimum, the other variables fixed there"
            )
        return problem.over
    chosen = (along,) if isinstance(along, Symbol) else tuple(along)
    known = ", ".join(map(str, problem.over))
    strange = [symbol for symbol in chosen if symbol not in problem.over]
    if strange:
        raise ProblemError(f"along has {strange[0]}, which is no variable of the problem; it has {known}")
    if not 1 <= len(set(chosen)) == len(chosen) <= 2:
        raise ProblemError(f"along is {chosen}; write one variable or two different ones of {known}")
    return chosen


def _fixed(solution: Solution, chosen: tuple[Symbol, ...], at: Mapping[Symbol, Any]) -> dict[Symbol, Expr]:
    others = [variable for variable in solution.problem.over if variable not in chosen]
    strange = [symbol for symbol in at if symbol not in others]
    if strange:
        known = ", ".join(map(str, others)) or "none"
        raise ProblemError(f"at gives {strange[0]} a number, which the section does not fix; it fixes {known}")
    point = next(iter(_optima(solution)), {})
    fixed = {}
    for variable in others:
        if variable not in at and variable not in point:
            raise ProblemError(f"no optimum is known to cut through; give {variable} a number, at={{{variable}: ...}}")
        given = variable in at
        fixed[variable] = given_number(at[variable], f"at gives {variable}") if given else cheap_number(point[variable])
    return fixed


def given_number(value: Any, place: str) -> Expr:
    """A number that someone wrote, as a SymPy expression. Raises ProblemError for anything else."""
    try:
        found = sympy.sympify(value, strict=True)
    except (sympy.SympifyError, TypeError, ValueError):
        found = None
    if isinstance(found, Expr) and found.is_number and found.is_extended_real is not False and found.is_finite:
        return found
    raise ProblemError(f"{place} the value {value!r}; write a finite real number")


def _optima(solution: Solution) -> list[dict[Symbol, ExactNumber]]:
    """The isolated optima, or one of each family where there is none."""
    samples = [{v: ExactNumber(value) for v, value in family.sample.items()} for family in solution.families]
    return [point for point in solution.coordinates if point] or samples


def cheap_number(value: Expr | ExactNumber) -> Expr:
    """The number as it is where that is cheap to have, else its digits."""
    if isinstance(value, Expr):
        return value
    return value.expression if value.is_simple(LARGEST_DEGREE) else sympy.Float(float(value))


def lies_in(point: Mapping[Symbol, Any], fixed: Mapping[Symbol, Expr]) -> bool:
    """Whether a point has the fixed coordinates, up to rounding."""
    return all(abs(float(point[v]) - float(value)) <= SAME * (1 + abs(float(value))) for v, value in fixed.items())


def cut(relation: Relational, fixed: Mapping[Symbol, Expr]) -> Relational:
    """A constraint with numbers in place of some variables; decimals are exact, as in a problem."""
    there = {v: sympy.Rational(str(value)) if value.is_Float else value for v, value in fixed.items()}
    return relation.func(relation.lhs.xreplace(there), relation.rhs.xreplace(there), evaluate=False)


def _turned(solution: Solution, chosen: tuple[Symbol, ...]) -> Solution:
    """The solution with its variables in another order."""
    problem = solution.problem
    if chosen == problem.over:
        return solution
    relations = problem.all_constraints
    turned = Problem(problem.objective, relations, over=chosen, sense=problem.sense, integers=problem.integers)
    return replace(solution, problem=turned)


def _restricted(solution: Solution, chosen: tuple[Symbol, ...], fixed: dict[Symbol, Expr]) -> Solution:
    problem = solution.problem
    relations = [cut(r, fixed) for r in problem.all_constraints if r.free_symbols & set(chosen)]
    objective = problem.objective.xreplace(fixed)
    seen = Problem(
        objective, relations, over=chosen, sense=problem.sense, integers=[v for v in chosen if v in problem.integers]
    )
    coordinates = tuple(
        {variable: point[variable] for variable in chosen} for point in _optima(solution) if lies_in(point, fixed)
    )
    holds = bool(coordinates) and solution.status in (Status.OPTIMAL, Status.LOCAL)
    candidates = tuple(
        replace(p, coordinates={variable: p.coordinates[variable] for variable in chosen})
        for p in solution.stationary_points
        if lies_in(p.coordinates, fixed)
    )
    return replace(
        solution,
        problem=seen,
        status=solution.status if holds else Status.UNDECIDED,
        optimum=solution.optimum if holds else None,
        coordinates=coordinates,
        families=(),
        classify=lambda: candidates,
    )
