"""The command `lagrangian dual`: the Lagrange dual of a problem, both values, and the gap with its reason."""

import argparse
import json
import sys
import time
import warnings
from typing import Any

from lagrangian.commands.certificates import save_certificate
from lagrangian.commands.options import (
    USAGE,
    add_certificate,
    add_forms,
    add_limits,
    add_statement,
    deadline_of,
    left_until,
    shows_progress,
)
from lagrangian.commands.parser import add_command
from lagrangian.errors import MethodFailedWarning
from lagrangian.progress import stage_shown
from lagrangian.screen import screen_of

# of the time there is, what solving the primal may take; the rest is for the dual
SHARE_OF_SOLVING = 0.5
EXAMPLES = """\
  no gap, by Slater's condition
    $ lagrangian dual "x**2 + y**2" --subject-to "x + y >= 1"
  two-way partitioning: a gap
    $ lagrangian dual "x*y + x*z + y*z" --subject-to "x**2 == 1" \\
        --subject-to "y**2 == 1" --subject-to "z**2 == 1"
"""


def add_to(commands: Any) -> None:
    """Make the command known."""
    command = add_command(
        commands,
        "dual",
        run,
        "the Lagrange dual, the duality gap and its reason",
        "Derive the dual function with its domain and the dual problem, and compare the values of both problems.",
        EXAMPLES,
        USAGE,
    )
    add_statement(command)
    answer = add_forms(command)
    answer.add_argument(
        "--keep-bounds",
        action="store_true",
        help="give multipliers to the constraints only, and keep bounds as they are",
    )
    add_certificate(answer, "both values and their proof")
    add_limits(command)


def run(options: argparse.Namespace) -> int:
    """Run the command; exit status 0 whenever there is an answer."""
    # SymPy takes half a second to import: not for --help
    from lagrangian.commands.dual_json import dual_as_json
    from lagrangian.commands.statement import problem_within
    from lagrangian.commands.written import rendered
    from lagrangian.duality.dual_gap import duality
    from lagrangian.report.dual_steps import dual_derivation
    from lagrangian.solve import solve

    started, deadline = time.monotonic(), deadline_of(options)
    problem = problem_within(options, deadline)
    left = left_until(deadline)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MethodFailedWarning)  # the answer says itself what has failed
        limit = None if left == float("inf") else left * SHARE_OF_SOLVING
        progress = shows_progress(options)
        solution = solve(problem, time_limit_s=limit, memory_limit_mb=options.memory_limit, progress=progress)
        relax = problem.constraints if options.keep_bounds else None
        with stage_shown("the dual problem", started, shown=progress):
            found = duality(solution, relax, time_limit_s=left_until(deadline))
    if options.json:
        answer = {"status": solution.status.value, **dual_as_json(found)}
        print(json.dumps({**answer, "seconds": round(time.monotonic() - started, 3)}))
    else:
        print(rendered(dual_derivation(found).steps, options.form, screen_of(sys.stdout, options.color)), end="")
    save_certificate(found, options.certificate, "not both values were proved")
    return 0
