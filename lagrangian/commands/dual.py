"""The command `lagrangian dual`: the Lagrange dual of a problem, both values, and the gap with its reason."""

import argparse
import json
import sys
import time
import warnings
from typing import TYPE_CHECKING, Any

from lagrangian.commands.options import FORMS, add_limits, add_statement, deadline_of, left_until
from lagrangian.errors import MethodFailedWarning

if TYPE_CHECKING:
    from lagrangian.duality.dual_gap import Duality

# of the time there is, what solving the primal may take; the rest is for the dual
SHARE_OF_SOLVING = 0.5


def add_to(commands: Any) -> None:
    """Make the command known."""
    command = commands.add_parser(
        "dual",
        help="the Lagrange dual, the duality gap and its reason",
        description="Derive the dual function with its domain and the dual problem, and compare the values of both problems.",
    )
    command.set_defaults(run=run)
    add_statement(command)
    command.add_argument(
        "--keep-bounds",
        action="store_true",
        help="give multipliers to the constraints only, and keep bounds as they are",
    )
    command.add_argument("--json", action="store_true", help="print the answer as one JSON object")
    command.add_argument("--form", choices=FORMS, default="text", help="the form of the derivation")
    add_limits(command)
    command.add_argument(
        "--certificate",
        metavar="FILE",
        help="write the problem, both values and their proof to a file, for lagrangian verify",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command; exit status 0 whenever there is an answer."""
    # SymPy takes half a second to import: not for --help
    from lagrangian.commands.dual_json import dual_as_json
    from lagrangian.commands.statement import problem_within
    from lagrangian.duality.dual_gap import duality
    from lagrangian.report.dual_steps import dual_derivation
    from lagrangian.solve import solve

    started, deadline = time.monotonic(), deadline_of(options)
    problem = problem_within(options, deadline)
    left = left_until(deadline)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MethodFailedWarning)  # the answer says itself what has failed
        limit = None if left == float("inf") else left * SHARE_OF_SOLVING
        solution = solve(problem, time_limit_s=limit, memory_limit_mb=options.memory_limit)
        relax = problem.constraints if options.keep_bounds else None
        found = duality(solution, relax, time_limit_s=left_until(deadline))
    if options.json:
        answer = {"status": solution.status.value, **dual_as_json(found)}
        print(json.dumps({**answer, "seconds": round(time.monotonic() - started, 3)}))
    else:
        print(dual_derivation(found).render(options.form), end="")
    if options.certificate is not None:
        _save(found, options.certificate)
    return 0


def _save(found: "Duality", path: str) -> None:
    if found.certificate is None:
        print(f"lagrangian: not both values were proved, so {path} is not written", file=sys.stderr)
    else:
        found.save_certificate(path)
