"""The command `lagrangian sensitivity`: shadow prices from both sides, their ranges, and what parameters do."""

import argparse
import json
import sys
import time
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lagrangian.commands.options import (
    USAGE,
    add_forms,
    add_limits,
    add_statement,
    deadline_of,
    left_until,
    shows_progress,
)
from lagrangian.commands.parser import add_command
from lagrangian.errors import MethodFailedWarning, ProblemError
from lagrangian.progress import stage_shown
from lagrangian.screen import screen_of

if TYPE_CHECKING:
    from sympy import Expr, Symbol

    from lagrangian.problem.problem import Problem

# of the time there is, what solving may take; the rest is for the sensitivities
SHARE_OF_SOLVING = 0.6
EXAMPLES = """\
  what another hour of machine time is worth, and up to where
    $ lagrangian sensitivity "3*x + 5*y" --maximize \\
        --subject-to "2*y <= 12" --subject-to "3*x + 2*y <= 18"
  how the answer moves with b, at b = 2
    $ lagrangian sensitivity "(x - b)**2 + b*x" --over x --at b=2
"""


def add_to(commands: Any) -> None:
    """Make the command known."""
    command = add_command(
        commands,
        "sensitivity",
        run,
        "shadow prices, their ranges, and the effect of parameters",
        "Solve a problem and print how its optimal value answers to right sides, coefficients and parameters.",
        EXAMPLES,
        USAGE,
    )
    add_statement(command)
    add_forms(command, "the tables").add_argument(
        "--at",
        metavar="VALUES",
        help="numbers for all parameters, such as 'b=2, c=1/3', to look at one point only",
    )
    add_limits(command)


def run(options: argparse.Namespace) -> int:
    """Run the command; exit status 0 whenever there is an answer."""
    # SymPy takes half a second to import: not for --help
    from lagrangian.commands.sensitivity_json import sensitivity_as_json
    from lagrangian.commands.statement import problem_within
    from lagrangian.commands.written import rendered
    from lagrangian.duality.parameter_effects import problem_at, statics_of
    from lagrangian.duality.parameter_values import parameter_values
    from lagrangian.duality.sensitivity import sensitivity
    from lagrangian.report.sensitivity_steps import sensitivity_derivation
    from lagrangian.solve import solve

    started, deadline = time.monotonic(), deadline_of(options)
    problem = problem_within(options, deadline)
    base = {} if options.at is None else parameter_values(problem, _values(problem, options.at))
    stated = problem_at(problem, base) if base else problem
    left = left_until(deadline)
    limit = None if left == float("inf") else left * SHARE_OF_SOLVING
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MethodFailedWarning)  # the answer says itself what has failed
        progress = shows_progress(options)
        solution = solve(stated, time_limit_s=limit, memory_limit_mb=options.memory_limit, progress=progress)
        with stage_shown("shadow prices", started, shown=progress):
            found = sensitivity(solution, time_limit_s=left_until(deadline))
    statics = statics_of(problem, solution, base) if base else found.statics
    found = replace(found, statics=statics)
    if options.json:
        value = None if solution.value is None else str(solution.value)
        answer = {"status": solution.status.value, "value": value, **sensitivity_as_json(found)}
        print(json.dumps({**answer, "seconds": round(time.monotonic() - started, 3)}))
    else:
        value = "" if solution.value is None else f", value {solution.value}"
        print(("region by region" if found.regions else f"{solution.status.value}{value}") + "\n")
        screen = screen_of(sys.stdout, options.color)
        print(rendered(sensitivity_derivation(found).steps, options.form, screen), end="")
    return 0


def _values(problem: "Problem", text: str) -> "dict[Symbol, Expr]":
    """The numbers that --at gives the parameters."""
    from lagrangian.problem.parsing import parse_expression  # as above

    named = {str(parameter): parameter for parameter in problem.parameters}
    values = {}
    for part in text.split(","):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        if not equals or name not in named:
            known = ", ".join(named) or "none"
            raise ProblemError(f"--at has {part.strip()!r}; write NAME=NUMBER for each of the parameters: {known}")
        values[named[name]] = parse_expression(number, {})
    return values
