"""The command `lagrangian numeric`: local solutions in floating point, with what is proved of each."""

import argparse
import json
import time
from typing import Any

from sympy import Rational

from lagrangian.cli_options import add_statement, add_time_limit, number_ends, problem_within
from lagrangian.errors import ProblemError
from lagrangian.numeric.nlp_result import ClosedForm, Interval, LocalSolution, NumericResult
from lagrangian.status import Status

LEAST_TIME_S = 0.1


def add_numeric(commands: Any) -> None:
    """Add the command and its arguments."""
    command = commands.add_parser(
        "numeric",
        help="local solutions in floating point, polished and verified",
        description="Solve a problem by interior points, SLSQP, trust regions, HiGHS or what else is installed, from several "
        "starts; polish each point by Newton's method, and prove by ball arithmetic that it is a strict local optimum.",
    )
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


def run_numeric(options: argparse.Namespace, deadline: float) -> int:
    """Run the command; exit status 0 whenever there is an answer."""
    from lagrangian.numeric.nlp import solve_numeric  # Numba takes a third of a second to import

    problem = problem_within(options, deadline)
    start = None if options.start is None else _numbers(options.start)
    left = max(deadline - time.monotonic(), LEAST_TIME_S)
    result = solve_numeric(
        problem, start=start, starts=options.starts, seed=options.seed, time_limit_s=left, method=options.method
    )
    print(json.dumps(numeric_as_json(result)) if options.json else str(result))
    return 0


def _numbers(text: str) -> list[float]:
    try:
        return [float(Rational(part.strip())) for part in text.split(",")]
    except (TypeError, ValueError):
        raise ProblemError(f"--start is {text!r}; write one number for each variable, such as 1,-2.5,0") from None


def numeric_as_json(result: NumericResult) -> dict[str, Any]:
    """The result as one JSON object, as docs/problem-files.md describes it."""
    best, form = result.best, result.closed_form
    proved = result.status in (Status.LOCAL, Status.OPTIMAL)
    scope, kind = "global" if result.status is Status.OPTIMAL else "local", "KKT box" if form is None else "KKT point"
    claim = {"claim": scope, "kind": kind, "verified": True}
    return {
        "status": result.status.value,
        "value": None if best is None else repr(best.value) if form is None else str(form.value),
        "value_float": result.value,
        "value_interval": _interval(result.value_interval),
        "exact": form is not None,
        "points": [] if best is None else [_point(best, form)],
        "multipliers": {str(stated): repr(value) for stated, value in result.multipliers.items()}
        if form is None
        else {str(stated): str(value) for stated, value in form.multipliers.items()},
        "multiplier_intervals": {str(s): _interval(ends) for s, ends in result.multiplier_intervals.items()},
        "certificate": claim if proved else None,
        "seconds": round(result.elapsed_s, 3),
        "message": result.reason,
        "solver": result.solver,
        "starts": result.starts,
        "others": [
            {"value_float": other.value, "verified": other.verified, **_point(other)} for other in result.solutions[1:]
        ],
    }


def _point(solution: LocalSolution, form: ClosedForm | None = None) -> dict[str, Any]:
    return {
        "x": {str(variable): repr(value) for variable, value in solution.x.items()}
        if form is None
        else {str(variable): str(value) for variable, value in form.x.items()},
        "x_float": {str(variable): value for variable, value in solution.x.items()},
        "x_interval": {str(variable): _interval(ends) for variable, ends in solution.enclosure.items()},
        "residual": solution.residual,
    }


def _interval(interval: Interval | None) -> list[str] | None:
    return None if interval is None else number_ends(interval)
