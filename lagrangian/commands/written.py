"""What `lagrangian solve` prints, in time."""

import argparse
import json
from dataclasses import replace

from sympy import Symbol

from lagrangian.commands.regions import regions_as_json
from lagrangian.commands.solution_json import as_json
from lagrangian.duality.parametric_solution import ParametricSolution
from lagrangian.exact_numbers import EnclosedNumber, ExactNumber
from lagrangian.processes.calls import call_with_limit
from lagrangian.report.parametric_steps import regions_step
from lagrangian.report.steps import Derivation, derivation
from lagrangian.solution import Solution

NOT_WRITTEN = "the closed forms: writing them down took too long"


def written(solution: Solution, regions: ParametricSolution | None, options: argparse.Namespace, limit_s: float) -> str:
    """The answer as text; in decimals where closed forms are not written down in time."""
    if options.json:
        answer = call_with_limit(as_json, (solution,), limit_s) or as_json(in_decimals(solution))
        return json.dumps(answer if regions is None else {**answer, "regions": regions_as_json(regions)})
    return call_with_limit(_explained, (solution, regions, options.form), limit_s) or _in_short(solution)


def _explained(solution: Solution, regions: ParametricSolution | None, form: str) -> str:
    if regions is None:
        return solution.explain(form)
    return Derivation((*derivation(solution).steps, regions_step(regions))).render(form)


def _in_short(solution: Solution) -> str:
    """The answer in a few lines."""
    lines = [f"status: {solution.status.value}"]
    if solution.problem.parameters:
        return "\n".join([*lines, f"value: {solution.value}", f"missing: {NOT_WRITTEN}", ""])
    if solution.optimum is not None:
        lines.append(f"value: {float(solution.optimum):.10g}")
    for point in solution.coordinates:
        lines.append("at: " + ", ".join(f"{variable} = {float(number):.10g}" for variable, number in point.items()))
    return "\n".join([*lines, f"missing: {NOT_WRITTEN}", ""])


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
