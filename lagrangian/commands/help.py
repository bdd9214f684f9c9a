"""The command `lagrangian help`: what --help prints, of the whole or of one command."""

import argparse
from typing import Any

from lagrangian.commands.parser import Parser, add_command

EXAMPLES = """\
  all options of solve
    $ lagrangian help solve
"""


def add_to(commands: Any, parser: Parser) -> None:
    """Make the command known; `parser` is that of the whole."""
    summary = "describe a command, as its --help does"
    command = add_command(commands, "help", run, summary, "Describe a command, or list all of them.", EXAMPLES)
    command.add_argument(
        "name", nargs="?", choices=list(commands.choices), metavar="COMMAND", help="which one (default: all)"
    )
    command.set_defaults(parsers={None: parser, **commands.choices})


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    options.parsers[options.name].print_help()
    return 0
