"""What `lagrangian solve` prints, in time."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace

from sympy import Symbol

from lagrangian.commands.regions import regions_as_json
from lagrangian.commands.solution_json import as_json
from lagrangian.duality.parametric_solution import ParametricSolution
from lagrangian.exact_numbers import EnclosedNumber, ExactNumber
from lagrangian.processes.calls import call_with_limit
from lagrangian.report import plain
from lagrangian.report.answer import Answer, answer_of
from lagrangian.report.blocks import Step
from lagrangian.report.parametric_steps import regions_step
from lagrangian.report.steps import Derivation, derivation
from lagrangian.screen import Screen
from lagrangian.solution import Solution

NOT_WRITTEN = "the closed forms: writing them down took too long"


def written(
    solution: Solution,
    regions: ParametricSolution | None,
    options: argparse.Namespace,
    screen: Screen | None,
    limit_s: float,
) -> str:
    """The answer as text; in decimals where closed forms are not written down in time."""
    if options.json:
        answer = call_with_limit(as_json, (solution,), limit_s) or as_json(in_decimals(solution))
        return json.dumps(answer if regions is None else {**answer, "regions": regions_as_json(regions)}) + "\n"
    short = rendered((), "text", screen, answer_of(in_decimals(solution)))
    if options.brief:
        return call_with_limit(_in_brief, (solution, regions, screen), limit_s) or short
    detail = "full" if options.steps else "short"
    return call_with_limit(_explained, (solution, regions, options.form, detail, screen), limit_s) or short


def _answer(solution: Solution, regions: ParametricSolution | None) -> Answer:
    return answer_of(solution, 0 if regions is None else len(regions.regions))


def _in_brief(solution: Solution, regions: ParametricSolution | None, screen: Screen | None) -> str:
    steps = () if regions is None else (regions_step(regions),)
    return rendered(steps, "text", screen, _answer(solution, regions))


def _explained(
    solution: Solution, regions: ParametricSolution | None, form: str, detail: str, screen: Screen | None
) -> str:
    steps = derivation(solution, detail).steps
    if regions is not None:
        steps = (*steps, regions_step(regions))
    return rendered(steps, form, screen, _answer(solution, regions))


def rendered(steps: Sequence[Step], form: str, screen: Screen | None, answer: Answer | None = None) -> str:
    """Steps in a form, as text with the answer below; for a terminal, if there is one."""
    if form != "text":
        return Derivation(tuple(steps)).render(form)
    if screen is not None:
        from lagrangian.report import terminal  # Rich takes a twentieth of a second to import

        return terminal.render(steps, screen, answer)
    parts = [plain.render(steps)] if steps else []
    if answer is not None:
        parts.append("\n".join(answer.lines()) + "\n")
    return "\n".join(parts)


def in_decimals(solution: Solution) -> Solution:
    """The solution with decimals in place of closed forms, which say that they are not exact."""
    if solution.problem.parameters:  # formulas have no decimals, and are short where an answer was found
        return replace(solution, multipliers={}, shadow_prices={}, missing=(*solution.missing, NOT_WRITTEN))
    plain = solution.optimum is not None and isinstance(solution.optimum, EnclosedNumber)
    optimum = None if solution.optimum is None else EnclosedNumber(float(solution.optimum), solution.optimum.ball())
    points: tuple[dict[Symbol, ExactNumber], ...] = tuple(
        {v: EnclosedNumber(float(n), n.ball()) for v, n in point.items()} for point in solution.coordinates
    )
    missing = solution.missing if plain else (*solution.missing, NOT_WRITTEN)
    return replace(
        solution,
        optimum=optimum,
        coordinates=points,
        families=(),
        multipliers={},
        shadow_prices={},
        missing=missing,
    )
