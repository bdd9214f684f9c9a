"""What the commands have in common: their parser, how a problem is stated, and what an answer may take."""

import argparse
import time
from typing import Any

# two problems at once on two busy cores have an answer before a minute is over
DEFAULT_TIME_LIMIT_S = 45.0
LEAST_TIME_S = 0.1
FORMS = ("text", "markdown", "latex")


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        """One line and exit status 2, in place of the usage and the message."""
        self.exit(2, f"lagrangian: {one_line(message)}; see lagrangian --help\n")


def one_line(message: str) -> str:
    """A message without line ends, of at most 500 characters."""
    folded = " ".join(message.split())
    return folded if len(folded) <= 500 else f"{folded[:497]}..."


def deadline_of(options: argparse.Namespace) -> float:
    """When the time that the options give is over, in the seconds of time.monotonic()."""
    return time.monotonic() + (options.time_limit or float("inf"))


def left_until(deadline: float) -> float:
    """The seconds that are left, at least enough to say what is known."""
    return max(deadline - time.monotonic(), LEAST_TIME_S)


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
