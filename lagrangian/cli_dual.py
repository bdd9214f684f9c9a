"""The command `lagrangian dual`: the Lagrange dual of a problem, both values, and the gap with its reason."""

import argparse
import json
import sys
import time
import warnings
from typing import Any

from sympy import Expr

from lagrangian.cli_options import add_limits, add_statement, problem_within
from lagrangian.duality.dual_gap import Duality, duality
from lagrangian.errors import MethodFailedWarning
from lagrangian.report.dual_steps import dual_derivation
from lagrangian.solve import solve

# of the time there is, what solving the primal may take; the rest is for the dual
SHARE_OF_SOLVING = 0.5
LEAST_TIME_S = 0.1


def add_dual(commands: Any) -> None:
    """Add the command and its arguments."""
    command = commands.add_parser(
        "dual",
        help="the Lagrange dual, the duality gap and its reason",
        description="Derive the dual function with its domain and the dual problem, and compare the values of both problems.",
    )
    add_statement(command)
    command.add_argument(
        "--keep-bounds",
        action="store_true",
        help="give multipliers to the constraints only, and keep bounds as they are",
    )
    command.add_argument("--json", action="store_true", help="print the answer as one JSON object")
    command.add_argument(
        "--form", choices=("text", "markdown", "latex"), default="text", help="the form of the derivation"
    )
    add_limits(command)
    command.add_argument(
        "--certificate",
        metavar="FILE",
        help="write the problem, both values and their proof to a file, for lagrangian verify",
    )


def run_dual(options: argparse.Namespace, deadline: float) -> int:
    """Run the command; exit status 0 whenever there is an answer."""
    started = time.monotonic()
    problem = problem_within(options, deadline)
    left = max(deadline - time.monotonic(), LEAST_TIME_S)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MethodFailedWarning)  # the answer says itself what has failed
        limit = None if left == float("inf") else left * SHARE_OF_SOLVING
        solution = solve(problem, time_limit_s=limit, memory_limit_mb=options.memory_limit)
        relax = problem.constraints if options.keep_bounds else None
        found = duality(solution, relax, time_limit_s=max(deadline - time.monotonic(), LEAST_TIME_S))
    if options.json:
        answer = {"status": solution.status.value, **dual_as_json(found)}
        print(json.dumps({**answer, "seconds": round(time.monotonic() - started, 3)}))
    else:
        print(dual_derivation(found).render(options.form), end="")
    if options.certificate is not None:
        _save(found, options.certificate)
    return 0


def _save(found: Duality, path: str) -> None:
    if found.certificate is None:
        print(f"lagrangian: not both values were proved, so {path} is not written", file=sys.stderr)
    else:
        found.save_certificate(path)


def dual_as_json(found: Duality) -> dict[str, Any]:
    """Duality as docs/problem-files.md describes it, all numbers as exact strings."""
    function = found.dual.function
    new = {str(symbol): str(relation) for symbol, relation in function.introduced}
    pieces = [{"value": str(p.value), "where": [str(c) for c in p.conditions]} for p in function.pieces]
    return {
        "multipliers": {**{str(term.multiplier): str(term.stated) for term in function.terms}, **new},
        "kept": [str(relation) for relation in (*function.kept, *function.region)],
        "dual_function": pieces if function.is_known else None,
        "dual_problem": _problem_as_json(found),
        "primal_value": _text(found.primal_value),
        "dual_value": _text(found.dual_value),
        "gap": _text(found.gap),
        "reason": found.reason.name.lower(),
        "sentence": found.sentence,
        "dual_point": None if found.multipliers is None else {str(s): str(e) for s, e in found.multipliers.items()},
    }


def _problem_as_json(found: Duality) -> dict[str, Any] | None:
    function = found.dual.function
    if not function.is_known or not function.multipliers or not found.dual.forms:
        return None
    problem = found.dual.problem
    return {
        "vars": [str(symbol) for symbol in problem.over],
        "sense": problem.sense.value,
        "objective": str(problem.objective),
        "constraints": [str(relation) for relation in problem.all_constraints],
    }


def _text(value: Expr | None) -> str | None:
    return None if value is None else str(value)
