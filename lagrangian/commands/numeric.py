"""The command `lagrangian numeric`: local solutions in floating point, with what is proved of each."""

import argparse
import json
import sys
from typing import Any

from lagrangian.commands.options import USAGE, add_statement, add_time_limit, deadline_of, left_until
from lagrangian.commands.parser import add_command
from lagrangian.errors import ProblemError
from lagrangian.screen import fitted, screen_of

EXAMPLES = """\
  from eight random starts
    $ lagrangian numeric "exp(x) + (x - y)**4" --subject-to "x**2 + y**2 <= 4"
  from a point of one's own, by one method
    $ lagrangian numeric "(1 - x)**2 + 100*(y - x**2)**2" --start=-1.2,1 \\
        --starts 1 --method slsqp
"""


def add_to(commands: Any) -> None:
    """Make the command known."""
    command = add_command(
        commands,
        "numeric",
        run,
        "local solutions in floating point, polished and verified",
        "Solve a problem by interior points, SLSQP, trust regions, HiGHS or what else is installed, from several "
        "starts; polish each point by Newton's method, and prove by ball arithmetic that it is a strict local optimum.",
        EXAMPLES,
        USAGE,
    )
    add_statement(command)
    search = command.add_argument_group("the search")
    search.add_argument(
        "--start", metavar="NUMBERS", help="where to begin, with commas, in the order of the variables, such as 1,-2.5"
    )
    search.add_argument("--starts", type=int, default=8, metavar="COUNT", help="from how many starts (default 8)")
    search.add_argument("--seed", type=int, default=0, help="of the random starts, a whole number (default 0)")
    search.add_argument(
        "--method",
        default="auto",
        metavar="NAME",
        help="auto (default), kernel, slsqp, trust-constr, ipopt, highs, clarabel, basin-hopping or branch-and-bound",
    )
    answer = command.add_argument_group("the answer")
    answer.add_argument("--json", action="store_true", help="print the answer as one JSON object, for programs")
    add_time_limit(command)


def run(options: argparse.Namespace) -> int:
    """Run the command; exit status 0 whenever there is an answer."""
    # SymPy and Numba take a second to import: not for --help
    from lagrangian.commands.numeric_json import numeric_as_json
    from lagrangian.commands.statement import problem_within
    from lagrangian.numeric.nlp import solve_numeric

    deadline = deadline_of(options)
    problem = problem_within(options, deadline)
    start = None if options.start is None else _numbers(options.start)
    result = solve_numeric(
        problem,
        start=start,
        starts=options.starts,
        seed=options.seed,
        time_limit_s=left_until(deadline),
        method=options.method,
    )
    print(json.dumps(numeric_as_json(result)) if options.json else fitted(str(result), screen_of(sys.stdout)))
    return 0


def _numbers(text: str) -> list[float]:
    from sympy import Rational  # as above

    try:
        return [float(Rational(part.strip())) for part in text.split(",")]
    except (TypeError, ValueError):
        raise ProblemError(f"--start is {text!r}; write one number for each variable, such as 1,-2.5,0") from None
