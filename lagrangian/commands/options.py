"""The options that commands have in common: how a problem is stated, in which form it is answered, and what that may take."""

import argparse
import sys
import time
from typing import Any

# two problems at once on two busy cores have an answer before a minute is over
DEFAULT_TIME_LIMIT_S = 45.0
LEAST_TIME_S = 0.1
FORMS = ("text", "markdown", "latex")
# how a problem is stated
USAGE = "%(prog)s OBJECTIVE [--maximize] [--subject-to RELATION ...] [OPTION ...]\n%(prog)s FILE [OPTION ...]"
COLORS = ("auto", "always", "never")


def deadline_of(options: argparse.Namespace) -> float:
    """When the time that the options give is over, in the seconds of time.monotonic()."""
    return time.monotonic() + (options.time_limit or float("inf"))


def left_until(deadline: float) -> float:
    """The seconds that are left, at least enough to say what is known."""
    return max(deadline - time.monotonic(), LEAST_TIME_S)


def shows_progress(options: argparse.Namespace) -> bool:
    """Whether someone looks who wants to see how far it is."""
    return sys.stderr is not None and sys.stderr.isatty() and not (options.json or options.quiet)


def add_statement(command: argparse.ArgumentParser) -> None:
    """The arguments that state a problem: a file, or an objective with its constraints."""
    group = command.add_argument_group("the problem")
    group.add_argument(
        "problem",
        metavar="FILE or OBJECTIVE",
        help="a problem file (*.json), or an objective such as 'x*y', with ** for powers",
    )
    sense = group.add_mutually_exclusive_group()
    sense.add_argument("--maximize", action="store_true", help="maximize the objective")
    sense.add_argument("--minimize", action="store_true", help="minimize the objective (the default)")
    group.add_argument(
        "--subject-to",
        action="append",
        default=[],
        metavar="RELATION",
        help="a constraint with ==, <=, >=, < or >, such as 'x + y == 10' or '0 <= x <= 1'; may be repeated",
    )
    group.add_argument(
        "--over",
        metavar="NAMES",
        help="the variables, with commas, such as x,y; the other names are parameters (default: every name is a variable)",
    )


def add_forms(command: argparse.ArgumentParser, what: str = "the derivation") -> Any:
    """The arguments that say in which form an answer is printed; the group, for more of them."""
    group = command.add_argument_group("the answer")
    forms = group.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="print the answer as one JSON object, for programs")
    forms.add_argument(
        "--form", choices=FORMS, default="text", help=f"the form of {what}: text (default), markdown or latex"
    )
    for form in FORMS[1:]:
        forms.add_argument(
            f"--{form}", dest="form", action="store_const", const=form, help=f"the same as --form {form}"
        )
    add_color(group)
    group.add_argument(
        "--quiet", action="store_true", help="no progress line, which a terminal shows from the third second on"
    )
    return group


def add_color(group: Any) -> None:
    """The argument that says when to color."""
    group.add_argument(
        "--color",
        choices=COLORS,
        default="auto",
        metavar="WHEN",
        help="auto (default): color and fit the width where the output is a terminal; always; never",
    )


def add_certificate(group: Any, what: str = "the answer and its proof") -> None:
    """The argument that names a file for the certificate."""
    group.add_argument(
        "--certificate", metavar="OUT", help=f"write the problem, {what} to this file, for lagrangian verify"
    )


def add_time_limit(command: argparse.ArgumentParser) -> Any:
    """The argument that limits time; its group, for more of them."""
    group = command.add_argument_group("limits")
    group.add_argument(
        "--time-limit",
        type=seconds,
        default=DEFAULT_TIME_LIMIT_S,
        metavar="SECONDS",
        help=f"answer after this time with what is known; 0 for no limit (default {DEFAULT_TIME_LIMIT_S:g})",
    )
    return group


def add_limits(command: argparse.ArgumentParser) -> None:
    """The arguments that limit time and memory."""
    add_time_limit(command).add_argument(
        "--memory-limit",
        type=megabytes,
        default=None,
        metavar="MEGABYTES",
        help="what a method may take (default: a quarter of the machine's memory, at most 4000)",
    )


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
