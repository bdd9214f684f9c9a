"""The command `lagrangian sensitivity`: shadow prices from both sides, their ranges, and what parameters do."""

import argparse
import json
import time
import warnings
from dataclasses import replace
from typing import Any

import sympy
from sympy import Expr

from lagrangian.cli_options import add_limits, add_statement, problem_within
from lagrangian.duality.parameter_effects import ComparativeStatics, Envelope, problem_at, statics_of
from lagrangian.duality.parameter_values import parameter_values
from lagrangian.duality.sensitivity import Sensitivity, sensitivity
from lagrangian.duality.slopes import OneSided
from lagrangian.errors import MethodFailedWarning, ProblemError
from lagrangian.problem.parsing import parse_expression
from lagrangian.problem.problem import Problem
from lagrangian.report.sensitivity_steps import sensitivity_derivation
from lagrangian.solve import solve

# of the time there is, what solving may take; the rest is for the sensitivities
SHARE_OF_SOLVING = 0.6
LEAST_TIME_S = 0.1


def add_sensitivity(commands: Any) -> None:
    """Add the command and its arguments."""
    command = commands.add_parser(
        "sensitivity",
        help="shadow prices, their ranges, and the effect of parameters",
        description="Solve a problem and print how its optimal value answers to right sides, coefficients and parameters.",
    )
    add_statement(command)
    command.add_argument(
        "--at", metavar="VALUES", help="numbers for all parameters, such as 'b=2, c=1/3', to look at one point only"
    )
    command.add_argument("--json", action="store_true", help="print the answer as one JSON object")
    command.add_argument("--form", choices=("text", "markdown", "latex"), default="text", help="the form of the tables")
    add_limits(command)


def run_sensitivity(options: argparse.Namespace, deadline: float) -> int:
    """Run the command; exit status 0 whenever there is an answer."""
    started = time.monotonic()
    problem = problem_within(options, deadline)
    base = {} if options.at is None else parameter_values(problem, _values(problem, options.at))
    stated = problem_at(problem, base) if base else problem
    left = max(deadline - time.monotonic(), LEAST_TIME_S)
    limit = None if left == float("inf") else left * SHARE_OF_SOLVING
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MethodFailedWarning)  # the answer says itself what has failed
        solution = solve(stated, time_limit_s=limit, memory_limit_mb=options.memory_limit)
        found = sensitivity(solution, time_limit_s=max(deadline - time.monotonic(), LEAST_TIME_S))
    statics = statics_of(problem, solution, base) if base else found.statics
    found = replace(found, statics=statics)
    if options.json:
        value = None if solution.value is None else str(solution.value)
        answer = {"status": solution.status.value, "value": value, **sensitivity_as_json(found)}
        print(json.dumps({**answer, "seconds": round(time.monotonic() - started, 3)}))
    else:
        value = "" if solution.value is None else f", value {solution.value}"
        print(("region by region" if found.regions else f"{solution.status.value}{value}") + "\n")
        print(sensitivity_derivation(found).render(options.form), end="")
    return 0


def _values(problem: Problem, text: str) -> dict[sympy.Symbol, Expr]:
    """The numbers that --at gives the parameters."""
    named = {str(parameter): parameter for parameter in problem.parameters}
    values = {}
    for part in text.split(","):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        if not equals or name not in named:
            known = ", ".join(named) or "none"
            raise ProblemError(f"--at has {part.strip()!r}; write NAME=NUMBER for each of the parameters: {known}")
        values[named[name]] = parse_expression(number, {})
    return values


def sensitivity_as_json(found: Sensitivity) -> dict[str, Any]:
    """The sensitivities as docs/problem-files.md describes them, all numbers as exact strings."""
    return {
        "constraints": [
            {
                "constraint": str(entry.constraint),
                "shadow_price": _text(entry.shadow_price),
                "left": _side(entry.left),
                "right": _side(entry.right),
                "valid_range": _range(entry.valid_range),
            }
            for entry in found.constraints
        ],
        "coefficients": [
            {
                "variable": str(entry.variable),
                "coefficient": str(entry.coefficient),
                "left": _side(entry.left),
                "right": _side(entry.right),
                "valid_range": _range(entry.valid_range),
            }
            for entry in found.coefficients
        ],
        "envelope": _envelope(found.envelope),
        "statics": None if found.statics is None else _statics(found.statics),
        "regions": [
            {
                "relations": [str(relation) for relation in entry.region.relations],
                "value": str(entry.region.value),
                "shadow_prices": {str(s): str(price) for s, price in (entry.region.shadow_prices or {}).items()},
                "envelope": _envelope(entry.envelope),
            }
            for entry in found.regions
        ],
    }


def _envelope(entries: tuple[Envelope, ...]) -> list[dict[str, Any]]:
    return [
        {
            "parameter": str(entry.parameter),
            "value_derivative": str(entry.value_derivative),
            "lagrangian_derivative": str(entry.lagrangian_derivative),
            "agrees": entry.agrees,
        }
        for entry in entries
    ]


def _side(side: OneSided) -> dict[str, Any]:
    return {
        "kind": side.kind.value,
        "value": _text(side.value),
        "price": _text(side.price),
        "reach": _text(side.reach),
        "reason": side.reason or None,
    }


def _range(increments: tuple[Expr, Expr] | None) -> list[str] | None:
    return None if increments is None else [str(end) for end in increments]


def _statics(statics: ComparativeStatics) -> dict[str, Any]:
    points: dict[str, dict[str, str]] = {}
    for (variable, parameter), value in statics.points.items():
        points.setdefault(str(variable), {})[str(parameter)] = str(value)
    multipliers: dict[str, dict[str, str]] = {}
    for (relation, parameter), value in statics.multipliers.items():
        multipliers.setdefault(str(relation), {})[str(parameter)] = str(value)
    return {
        "at": {str(parameter): str(value) for parameter, value in statics.at.items()},
        "points": points,
        "multipliers": multipliers,
        "value": {str(parameter): str(value) for parameter, value in statics.values.items()},
        "reason": statics.reason or None,
    }


def _text(value: Expr | None) -> str | None:
    return None if value is None else str(value)
