"""The answer in short, as blocks: the status in words, the value, the points, multipliers and shadow prices."""

from dataclasses import replace
from typing import Any

from sympy import Eq, Expr, Float
from sympy.core.relational import Relational

from lagrangian.conditions.lagrange import lagrangian_of
from lagrangian.duality.parametric_regions import ParametricRegion
from lagrangian.exact_numbers import ExactNumber
from lagrangian.problem.problem import Sense
from lagrangian.report.blocks import Block, Formulas, Table, listed, say
from lagrangian.report.notation import text
from lagrangian.report.numbers import optimum, short_form
from lagrangian.solution import Solution, SolutionFamily
from lagrangian.status import Status

MOST_POINTS = 8


def headline(solution: Solution) -> str:
    """The status in a few words."""
    minimize = solution.problem.sense is Sense.MINIMIZE
    least, way = ("minimum", "below") if minimize else ("maximum", "above")
    return {
        Status.OPTIMAL: f"The global {least}",
        Status.INFEASIBLE: "No point is feasible",
        Status.UNBOUNDED: f"The objective is unbounded {way}",
        Status.NOT_ATTAINED: f"The {'infimum' if minimize else 'supremum'} is not attained",
        Status.LOCAL: f"A local {least}, the best that is known",
        Status.UNDECIDED: "Not decided",
    }[solution.status]


def answer(solution: Solution) -> tuple[Block, ...]:
    """Value, points, families, multipliers with shadow prices, and what is missing."""
    shown = replace(solution, coordinates=solution.coordinates[:MOST_POINTS])
    blocks = optimum(shown, exactly=False)
    more = len(solution.coordinates) - MOST_POINTS
    if more > 0:
        blocks.append(say(f"There {'is 1 more point' if more == 1 else f'are {more} more points'} with this value."))
    for found in solution.families:
        blocks += family(found)
    if solution.multipliers:
        blocks.append(prices(solution))
    return (*blocks, *(say(f"Missing: {line}.") for line in solution.missing))


def regions(found: tuple[ParametricRegion, ...]) -> tuple[Block, ...]:
    """The answer in each region of the parameters."""
    rows = []
    for region in found:
        point = tuple(Eq(variable, place, evaluate=False) for variable, place in (region.point or {}).items())
        value = "" if region.value is None else region.value
        rows.append((region.relations or "everywhere", region.status.value.replace("_", " "), value, point))
    return (Table(("where", "status", "value", "at"), tuple(rows)),)


def family(found: SolutionFamily) -> list[Block]:
    """Infinitely many points, by their equations and one of them."""
    example = [Eq(variable, value, evaluate=False) for variable, value in found.sample.items()]
    start = f"Infinitely many points (dimension {found.dimension}) with the value "
    if not found.equations:
        return [say(start, found.value, ": all feasible ones, for example ", *listed(example), ".")]
    equations = Formulas(tuple(("", equation) for equation in found.equations))
    return [say(start, found.value, ": the feasible ones of"), equations, say("for example ", *listed(example), ".")]


def prices(solution: Solution) -> Table:
    """The multiplier of each constraint and its shadow price."""
    names = lagrangian_of(solution.problem).multipliers
    rows = tuple(_row(stated, value, names, solution) for stated, value in solution.multipliers.items())
    return Table(("constraint", "multiplier", "shadow price"), rows)


def _row(stated: Relational, value: Expr, names: dict[Relational, Any], solution: Solution) -> tuple[Any, ...]:
    price = solution.shadow_prices.get(stated)
    shown = short_value(value)
    named = f"{text(names[stated])} {shown}" if isinstance(shown, str) else Eq(names[stated], shown, evaluate=False)
    return stated, named, "not unique" if price is None else short_value(price)


def short_value(value: Expr) -> Any:
    """An exact number or formula where it is short, a decimal with a sign that it is one where it is not."""
    if value.has(Float) and not value.free_symbols:
        return f"≈ {float(value):.10g}"
    return short_form(ExactNumber(value))
