"""The command `lagrangian`: solve a problem file, or a problem written on the command line."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sympy import Symbol

from lagrangian.errors import LagrangianError, ProblemError
from lagrangian.problem.files import read_problem
from lagrangian.problem.parsing import names_in, parse_expression, parse_relations
from lagrangian.problem.problem import Problem, Sense
from lagrangian.solution import ExactNumber, Solution
from lagrangian.solve import solve

DEFAULT_TIME_LIMIT_S = 25.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; exit status 0 whenever there is an answer, 2 for bad input."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        problem = _problem(options)
        limit = options.time_limit if options.time_limit != 0 else None
        solution = solve(problem, time_limit_s=limit)
        print(
            json.dumps(as_json(solution)) if options.json else solution.explain(options.form),
            end="\n" if options.json else "",
        )
    except LagrangianError as error:
        print(f"lagrangian: {_one_line(str(error))}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        print("lagrangian: interrupted", file=sys.stderr)
        return 130
    return 0


def _one_line(message: str) -> str:
    folded = " ".join(message.split())
    return folded if len(folded) <= 500 else f"{folded[:497]}..."


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        """One line and exit status 2, in place of the usage and the message."""
        self.exit(2, f"lagrangian: {_one_line(message)}; see lagrangian --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="lagrangian", description="Constrained optimization, answered exactly and with proof.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    command = commands.add_parser(
        "solve",
        help="solve a problem file, or an objective with --subject-to",
        description="Solve a JSON problem file, or the problem that the options state, and print the derivation.",
    )
    command.add_argument(
        "problem", metavar="FILE or OBJECTIVE", help="a problem file (*.json), or an objective such as 'x*y'"
    )
    sense = command.add_mutually_exclusive_group()
    sense.add_argument("--maximize", action="store_true", help="maximize the objective")
    sense.add_argument("--minimize", action="store_true", help="minimize the objective (the default)")
    command.add_argument(
        "--subject-to", action="append", default=[], metavar="RELATION", help="a constraint; may be repeated"
    )
    command.add_argument("--over", metavar="NAMES", help="the variables, with commas; without it every name is one")
    command.add_argument("--json", action="store_true", help="print the answer as one JSON object")
    command.add_argument(
        "--form", choices=("text", "markdown", "latex"), default="text", help="the form of the derivation"
    )
    command.add_argument(
        "--time-limit",
        type=_seconds,
        default=DEFAULT_TIME_LIMIT_S,
        metavar="SECONDS",
        help=f"begin no further step after this time; 0 for no limit (default {DEFAULT_TIME_LIMIT_S:g})",
    )
    return parser


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write seconds, such as 30, or 0 for no limit")
    return value


def _problem(options: argparse.Namespace) -> Problem:
    if options.problem.endswith(".json") or Path(options.problem[:255]).is_file():
        stated_twice = options.subject_to or options.maximize or options.minimize or options.over
        if stated_twice:
            raise ProblemError(
                "a problem file states its own sense, constraints and variables; leave the other options out"
            )
        return read_problem(options.problem)
    texts = [options.problem, *options.subject_to]
    names = sorted(set().union(*(names_in(text) for text in texts)))
    symbols = {name: Symbol(name, real=True) for name in names}
    over = None
    if options.over is not None:
        chosen = [name.strip() for name in options.over.split(",")]
        unknown = [name for name in chosen if name not in symbols]
        if unknown:
            raise ProblemError(
                f"--over names {', '.join(unknown)}, which occurs neither in the objective nor in a constraint"
            )
        over = [symbols[name] for name in chosen]
    return Problem(
        parse_expression(options.problem, symbols),
        [relation for text in options.subject_to for relation in parse_relations(text, symbols)],
        over=over,
        sense=Sense.MAXIMIZE if options.maximize else Sense.MINIMIZE,
    )


def as_json(solution: Solution) -> dict[str, Any]:
    """The answer as one JSON object, as docs/problem-files.md describes it."""
    certificate = solution.certificate
    number = solution.optimum
    return {
        "status": solution.status.value,
        "value": None if number is None else str(number.expression),
        "value_float": None if number is None or number.expression.free_symbols else float(number),
        "exact": number is not None and number.is_exact,
        "points": [_point_as_json(point) for point in _reported_points(solution)],
        "multipliers": {str(stated): str(value) for stated, value in solution.multipliers.items()},
        "certificate": None
        if certificate is None
        else {
            "claim": certificate.claim.scope,
            "kind": certificate.kind,
            "verified": certificate.verified is True,
        },
        "seconds": round(solution.elapsed_s, 3),
        "message": "; ".join(solution.missing),
    }


def _reported_points(solution: Solution) -> list[dict[Symbol, ExactNumber]]:
    """All isolated optima, then a sample of each infinite family, each point once."""
    samples = [{v: ExactNumber(e) for v, e in family.sample.items()} for family in solution.families]
    points = [*solution.coordinates, *samples]
    return list({str([n.expression for n in point.values()]): point for point in points}.values())


def _point_as_json(point: dict[Symbol, ExactNumber]) -> dict[str, Any]:
    return {
        "x": {str(variable): str(number.expression) for variable, number in point.items()},
        "x_float": {
            str(variable): None if number.expression.free_symbols else float(number)
            for variable, number in point.items()
        },
    }


if __name__ == "__main__":
    sys.exit(main())
