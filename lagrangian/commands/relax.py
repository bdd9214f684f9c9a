"""The command `lagrangian relax`: an integer problem with constraints in the Lagrangian, to its proved optimum."""

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING, Any

from lagrangian.commands.certificates import save_certificate
from lagrangian.commands.options import add_certificate, add_time_limit, deadline_of, left_until
from lagrangian.commands.parser import add_command
from lagrangian.errors import ProblemError
from lagrangian.screen import fitted, screen_of

if TYPE_CHECKING:
    from sympy.core.relational import Relational

    from lagrangian.problem.problem import Problem

# of the time there is, what the search for multipliers may take
SHARE_OF_MULTIPLIERS = 0.4
EXAMPLES = """\
  a knapsack, its capacity relaxed
    $ lagrangian relax knapsack.json
  the first and the third constraint relaxed, for a program
    $ lagrangian relax problem.json --constraints 1,3 --json
"""


def add_to(commands: Any) -> None:
    """Make the command known."""
    command = add_command(
        commands,
        "relax",
        run,
        "Lagrangian relaxation and branch and bound of an integer problem",
        "Put constraints of a linear or quadratic problem in bounded integers (of linear ones also in continuous "
        "variables) into the Lagrangian; print the dual function, the best multipliers and their bound, a feasible point, and "
        "the optimum with its proof.",
        EXAMPLES,
        "%(prog)s FILE [OPTION ...]",
    )
    command.add_argument("problem", metavar="FILE", help="a problem file (*.json) with integer variables")
    command.add_argument(
        "--constraints",
        metavar="NUMBERS",
        help='those to relax, such as 1,3: counted from 1 through "eq" and then "ineq" (default: all that leave no structure)',
    )
    answer = command.add_argument_group("the answer")
    answer.add_argument("--json", action="store_true", help="print the answer as one JSON object, for programs")
    add_certificate(answer)
    add_time_limit(command)


def run(options: argparse.Namespace) -> int:
    """Run the command; exit status 0 whenever there is an answer."""
    # SymPy takes half a second to import: not for --help
    from lagrangian.commands.relaxation_json import optimum_as_json, relaxation_as_json
    from lagrangian.commands.relaxation_text import optimum_lines, relaxation_lines
    from lagrangian.duality.relaxation import relax
    from lagrangian.problem.files import read_problem

    started, deadline = time.monotonic(), deadline_of(options)
    problem = read_problem(options.problem)
    chosen = None if options.constraints is None else _numbered(problem, options.constraints)
    relaxation = relax(problem, chosen, time_limit_s=left_until(deadline) * SHARE_OF_MULTIPLIERS)
    bound = relaxation.bound  # the multipliers take their share of the time here
    left = left_until(deadline)
    optimum = relaxation.solve(None if left == float("inf") else left)
    if options.json:
        answer = {**relaxation_as_json(relaxation, bound), **optimum_as_json(optimum)}
        print(json.dumps({**answer, "seconds": round(time.monotonic() - started, 3)}))
    else:
        lines = [*relaxation_lines(relaxation), *optimum_lines(optimum)]
        print(fitted("\n".join(lines), screen_of(sys.stdout)))
    save_certificate(optimum.solution, options.certificate, "nothing was proved")
    return 0


def _numbered(problem: "Problem", text: str) -> "list[Relational]":
    """The constraints that --constraints names."""
    count = len(problem.constraints)
    chosen = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        if not part.isdecimal() or not 1 <= int(part) <= count:
            raise ProblemError(f"--constraints has {part!r}; write numbers from 1 to {count} with commas")
        chosen.append(problem.constraints[int(part) - 1])
    return chosen
