"""What the commands have in common: how a problem is stated on the command line, and what it may take."""

import argparse
import time
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from pathlib import Path

from sympy import Rational, Symbol

from lagrangian.errors import ProblemError
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.domain_changes import refuse_changed_domain
from lagrangian.problem.files import read_problem
from lagrangian.problem.parsing import Demands, names_in, parse_expression, parse_relations
from lagrangian.problem.problem import Problem, Sense
from lagrangian.processes.calls import call_with_limit

# two problems at once on two busy cores have an answer before a minute is over
DEFAULT_TIME_LIMIT_S = 45.0
INTERVAL_DIGITS = 25


def add_statement(command: argparse.ArgumentParser) -> None:
    """The arguments that state a problem: a file, or an objective with its constraints."""
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


def add_time_limit(command: argparse.ArgumentParser) -> None:
    """The argument that limits time."""
    command.add_argument(
        "--time-limit",
        type=seconds,
        default=DEFAULT_TIME_LIMIT_S,
        metavar="SECONDS",
        help=f"answer after this time with what is known; 0 for no limit (default {DEFAULT_TIME_LIMIT_S:g})",
    )


def add_limits(command: argparse.ArgumentParser) -> None:
    """The arguments that limit time and memory."""
    add_time_limit(command)
    command.add_argument(
        "--memory-limit",
        type=megabytes,
        default=None,
        metavar="MEGABYTES",
        help="what a method may take; without it a quarter of the machine's memory, at most four gigabytes",
    )


def problem_within(options: argparse.Namespace, deadline: float) -> Problem:
    """The problem that the options state. Raises ProblemError where they state none, or where reading takes too long."""
    problem = call_with_limit(stated_problem, (options,), deadline - time.monotonic())
    if problem is None:
        raise ProblemError("reading the problem took all the time or memory there is; state it in a shorter form")
    return problem


def seconds(text: str) -> float:
    """A time limit as it is written on the command line."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write seconds, such as 30, or 0 for no limit")
    return value


def megabytes(text: str) -> int:
    """A memory limit as it is written on the command line."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write megabytes, such as 1000")
    return int(text)


def stated_problem(options: argparse.Namespace) -> Problem:
    """The problem that the options state. Raises ProblemError where they state none."""
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
    demands: Demands = {}
    problem = Problem(
        parse_expression(options.problem, symbols, demands),
        [relation for text in options.subject_to for relation in parse_relations(text, symbols, demands=demands)],
        over=over,
        sense=Sense.MAXIMIZE if options.maximize else Sense.MINIMIZE,
    )
    refuse_changed_domain(demands, canonicalize(problem)[0])
    return problem


def number_ends(interval: tuple[Rational, Rational]) -> list[str]:
    """The ends as decimals, the lower one rounded down and the upper one up."""
    roundings = (ROUND_FLOOR, ROUND_CEILING)
    ends = zip(interval, roundings, strict=True)
    return [
        str(Context(INTERVAL_DIGITS, rounding).divide(Decimal(int(e.p)), Decimal(int(e.q)))) for e, rounding in ends
    ]
