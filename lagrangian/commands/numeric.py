"""The command `lagrangian numeric`: local solutions in floating point, with what is proved of each."""

import argparse
import json
from typing import Any

from lagrangian.commands.options import add_statement, add_time_limit, deadline_of, left_until
from lagrangian.errors import ProblemError


def add_to(commands: Any) -> None:
    """Make the command known."""
    command = commands.add_parser(
        "numeric",
        help="local solutions in floating point, polished and verified",
        description="Solve a problem by interior points, SLSQP, trust regions, HiGHS or what else is installed, from several "
        "starts; polish each point by Newton's method, and prove by ball arithmetic that it is a strict local optimum.",
    )
    command.set_defaults(run=run)
    add_statement(command)
    command.add_argument(
        "--start", metavar="NUMBERS", help="where to begin, with commas, in the order of the variables"
    )
    command.add_argument("--starts", type=int, default=8, metavar="COUNT", help="from how many starts (default 8)")
    command.add_argument("--seed", type=int, default=0, help="of the random starts (default 0)")
    command.add_argument(
        "--method",
        default="auto",
        help="auto, kernel, slsqp, trust-constr, ipopt, highs, clarabel, basin-hopping or branch-and-bound",
    )
    command.add_argument("--json", action="store_true", help="print the answer as one JSON object")
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
    print(json.dumps(numeric_as_json(result)) if options.json else str(result))
    return 0


def _numbers(text: str) -> list[float]:
    from sympy import Rational  # as above

    try:
        return [float(Rational(part.strip())) for part in text.split(",")]
    except (TypeError, ValueError):
        raise ProblemError(f"--start is {text!r}; write one number for each variable, such as 1,-2.5,0") from None
