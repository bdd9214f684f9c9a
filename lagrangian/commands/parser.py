"""The parser of the command: short errors with near suggestions, and help that says everything."""

import argparse
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from textwrap import fill
from typing import Any, NoReturn

from lagrangian.screen import screen_of

PROGRAM = "lagrangian"
LONGEST_MESSAGE = 500
WIDEST_HELP = 100

COMMON_HELP = """\
exit status:
  0    there is an answer, whatever it is (of verify: the certificate proves what it says)
  1    of verify: it does not
  2    bad input: what is wrong is said on standard error
  130  interrupted (Ctrl-C); solve prints what was known by then

environment:
  NO_COLOR     no color, if it is set and not empty; --color always is stronger
  FORCE_COLOR  color even where the output is no terminal
  COLUMNS      the width to write for, in place of the terminal's

see also:
  lagrangian help COMMAND; docs/command-line.md, docs/problem-files.md, docs/theory.md
"""


class HelpFormatter(argparse.HelpFormatter):
    """Fills each line of a text on its own; indented lines hang, and those of a command (with $ or --) stay as they are."""

    def __init__(self, prog: str, **options: Any) -> None:
        width = min(shutil.get_terminal_size().columns - 2, WIDEST_HELP)
        super().__init__(prog, max_help_position=28, width=max(width, 30), **options)

    def add_argument(self, action: argparse.Action) -> None:
        """As argparse does, but with room for the indented names of commands."""
        super().add_argument(action)
        for command in self._iter_indented_subactions(action):
            length = len(self._format_action_invocation(command)) + self._current_indent
            self._action_max_length = max(self._action_max_length, length)

    def _format_usage(self, usage: str | None, *others: Any) -> str:
        if usage is None:
            return super()._format_usage(usage, *others)
        lines = (usage % {"prog": self._prog}).splitlines()
        leads = ["usage: ", *[" " * len("usage: ")] * (len(lines) - 1)]
        hanging = " " * (len("usage: ") + 4)
        filled = [
            fill(line, self._width, initial_indent=lead, subsequent_indent=hanging, break_on_hyphens=False)
            for lead, line in zip(leads, lines, strict=True)
        ]
        return "\n".join(filled) + "\n\n"

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(_filled(line, width, indent) for line in text.splitlines())


def _filled(line: str, width: int, indent: str) -> str:
    lead = indent + line[: len(line) - len(line.lstrip())]
    if not line.strip() or line.lstrip().startswith(("$", "--")):
        return indent + line
    term = re.match(r"\s+\S+\s{2,}", line)  # such as "  NO_COLOR     no color"
    hanging = len(term[0]) if term else len(lead)
    return fill(line.strip(), max(width, hanging + 20), initial_indent=lead, subsequent_indent=" " * hanging)


class Parser(argparse.ArgumentParser):
    """Ends with one line and exit status 2 on bad options, with what may be meant; an objective may begin with a minus."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=HelpFormatter, **options)
        self.color = False  # from Python 3.14 on, argparse has colors of its own
        # what begins with one minus is no option here but for -h: -x**2 is an objective
        self._negative_number_matcher = re.compile(r"-[^-]")

    def print_help(self, file: Any = None) -> None:
        """The help, with bold headings on a terminal."""
        stream = sys.stdout if file is None else file
        screen = screen_of(stream)
        bold = r"\033[1m\1\033[0m" if screen is not None and screen.colors else r"\1"
        stream.write(re.sub(r"^([a-z][a-z ]*:)", bold, self.format_help(), flags=re.MULTILINE))

    def error(self, message: str) -> NoReturn:
        """One line and exit status 2, in place of the usage and the message."""
        self.exit(2, f"{PROGRAM}: {one_line(message)}; see {self.prog} --help\n")

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does, but an unknown option gets the nearest known one."""
        options, unknown = self.parse_known_args(args, namespace)
        if unknown:
            command: Parser = getattr(options, "parser", self)
            known = [name for action in command._actions for name in action.option_strings]
            command.error(
                f"unrecognized arguments: {' '.join(unknown)}{did_you_mean(unknown[0].partition('=')[0], known)}"
            )
        return options

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            raise argparse.ArgumentError(action, error.message + did_you_mean(value, action.choices or ())) from None


def did_you_mean(written: object, known: Iterable[object]) -> str:
    """The nearest of the known words as a question, or nothing.

    >>> did_you_mean("--colour", ["--json", "--color"])
    ' (did you mean --color?)'
    """
    close = get_close_matches(str(written)[:100], [str(word) for word in known], n=1, cutoff=0.6)
    return f" (did you mean {close[0]}?)" if close else ""


def one_line(message: str) -> str:
    """A message without line ends, of at most 500 characters."""
    folded = " ".join(message.split())
    return folded if len(folded) <= LONGEST_MESSAGE else f"{folded[: LONGEST_MESSAGE - 3]}..."


def add_command(
    commands: Any,
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
    description: str,
    examples: str,
    usage: str | None = None,
) -> Parser:
    """A new command, for `run` to do.

    Args:
        commands: what add_subparsers has returned.
        name: of the command.
        run: what does it; returns the exit status.
        summary: the line in the list of all commands.
        description: what it does, in whole sentences.
        examples: pairs of lines: what one wants, and the command that does it, after "$ ".
        usage: what stands behind the name, in place of all options.
    """
    epilog = f"examples:\n{examples}\n{COMMON_HELP}"
    command: Parser = commands.add_parser(name, help=summary, description=description, epilog=epilog, usage=usage)
    command.set_defaults(run=run, parser=command)
    return command


class VersionAction(argparse.Action):
    """Prints the version, which is looked up only then."""

    def __init__(self, option_strings: Any, dest: str, **options: Any) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, help="print the version and exit")

    def __call__(self, parser: argparse.ArgumentParser, *others: Any) -> None:
        from importlib.metadata import version  # it takes as long to import as all the rest

        print(f"{PROGRAM} {version('lagrangian-w2v')}")
        parser.exit()
