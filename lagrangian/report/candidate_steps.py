"""The candidates with what each of them is and why, as a step of a derivation."""

from typing import Any

import sympy
from sympy import Basic, Eq, Symbol

from lagrangian.conditions.lagrange import Lagrangian
from lagrangian.problem.problem import Sense
from lagrangian.proof.stationary_list import StationaryListCertificate
from lagrangian.report.blocks import Block, Formulas, Step, Table, listed, say
from lagrangian.report.numbers import short_form
from lagrangian.solution import Solution, SolutionFamily, StationaryPoint

MOST_ROWS = 30


def candidates(solution: Solution, lagrangian: Lagrangian) -> Step:
    found = solution.stationary_points
    blocks: list[Block] = []
    if found:
        blocks.append(_table_of_candidates(solution, found[:MOST_ROWS]))
        if len(found) > MOST_ROWS:
            blocks.append(say(f"{len(found) - MOST_ROWS} more candidates with worse values are left out of the table."))
        blocks += _reasons(found[:MOST_ROWS], lagrangian)
    for family in solution.families:
        blocks += _family(family)
    if not blocks:
        known = "The conditions have no feasible solution." if solution.complete else "No feasible solution was found."
        blocks.append(say(known))
    blocks.append(say(_completeness(solution)))
    return Step("The solutions of these conditions", tuple(blocks))


def _family(family: SolutionFamily) -> list[Block]:
    start = (f"Infinitely many points (dimension {family.dimension}) with the value ", family.value)
    example = say("for example ", *listed(_equations(family.sample)), ".")
    if not family.equations:
        return [say(*start, ": all feasible ones,"), example]
    equations = Formulas(tuple(("", equation) for equation in family.equations))
    counters = {s for equation in family.equations for s in equation.free_symbols - set(family.sample) if s.is_integer}
    of_integers = [say("for all integers ", *listed(sorted(counters, key=str)), ",")] if counters else []
    return [say(*start, ": the feasible ones of"), equations, *of_integers, example]


def _equations(point: dict[Symbol, sympy.Expr]) -> list[Basic]:
    return [Eq(variable, value, evaluate=False) for variable, value in point.items()]


def _completeness(solution: Solution) -> str:
    if not solution.complete:
        return "The list may not be complete."
    if isinstance(solution.certificate, StationaryListCertificate):
        return "The list is complete: interval Newton methods show that there are no others."
    if solution.leaves_out_families:
        return (
            "Every isolated candidate is on the list: each set of active constraints was solved exactly, Fritz John points "
            "included. Sets of infinitely many candidates are on it only where they are optimal."
        )
    if not solution.problem.all_constraints:
        return "The list is complete: the gradient equations were solved exactly."
    return "The list is complete: every set of active constraints was solved exactly, Fritz John points included."


def _table_of_candidates(solution: Solution, found: tuple[StationaryPoint, ...]) -> Table:
    has_inequalities = any(not isinstance(c, Eq) for c in solution.problem.all_constraints)
    has_minors = any(point.bordered_minors for point in found)
    header = (*solution.problem.over, "value")
    header += ("active",) if has_inequalities else ()
    header += ("bordered minors",) if has_minors else ()
    rows = []
    for point in found:
        row: tuple[Any, ...] = (*(short_form(x) for x in point.coordinates.values()), short_form(point.objective))
        row += (point.active or "none",) if has_inequalities else ()
        row += (point.bordered_minors,) if has_minors else ()
        rows.append((*row, _kind(point, solution)))
    return Table((*header, "what it is"), tuple(rows))


def _kind(point: StationaryPoint, solution: Solution) -> str:
    if point.is_global:
        return f"global {'minimum' if solution.problem.sense is Sense.MINIMIZE else 'maximum'}"
    return point.kind.value


def _reasons(found: tuple[StationaryPoint, ...], lagrangian: Lagrangian) -> list[Block]:
    """The bordered Hessian where minors of it are shown, and why each kind was given, each distinct reason once."""
    blocks: list[Block] = []
    if any(point.bordered_minors for point in found):
        blocks.append(say("The bordered Hessian of L, whose last leading principal minors are in the table:"))
        blocks.append(Formulas((("", lagrangian.bordered_hessian),)))
    seen: dict[str, str] = {}
    for point in found:
        seen.setdefault(point.reason, point.kind.value)
    blocks += [say(f"{kind}: {reason}.") for reason, kind in seen.items()]
    return [*blocks, *_qualifications(found)]


def _qualifications(found: tuple[StationaryPoint, ...]) -> list[Block]:
    """Where LICQ fails: which qualification holds, or that a point is no KKT point but one of Fritz John's, with the weights."""
    blocks: list[Block] = []
    for point in found:
        qualification = point.qualification
        if qualification is None or qualification.licq:
            continue
        place = listed(Eq(v, short_form(x), evaluate=False) for v, x in point.coordinates.items())
        blocks.append(say("At ", *place, f": {qualification.explanation}."))
        if qualification.holds is False and qualification.abnormal:
            rows = tuple((stated, weight) for stated, weight in qualification.abnormal.items() if weight != 0)
            blocks.append(say("Fritz John's conditions hold there with mu_0 = 0 and these multipliers:"))
            blocks.append(Table(("constraint", "multiplier"), rows))
    return blocks
