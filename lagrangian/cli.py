"""The command `lagrangian`: solve a problem file, or a problem written on the command line."""

import os
import sys
from collections.abc import Sequence

from lagrangian.commands import (
    completion,
    dual,
    explained_errors,
    help,
    numeric,
    path,
    relax,
    sensitivity,
    solve,
    verify,
)
from lagrangian.commands.parser import COMMON_HELP, PROGRAM, Parser, VersionAction
from lagrangian.errors import LagrangianError
from lagrangian.screen import write_any_letter

EXAMPLES = """\
examples:
  the largest rectangle with a half perimeter of 10
    $ lagrangian solve "x*y" --maximize --subject-to "x + y == 10"
  a problem in a file, its answer with the proof, and the proof checked again
    $ lagrangian solve problem.json --certificate answer.json
    $ lagrangian verify answer.json --problem problem.json
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; exit status 0 whenever there is an answer, 130 where an interrupt cut it short, 2 for bad input.

    For verify: 0 for proved, 1 for not proved.
    """
    write_any_letter(sys.stdout, sys.stderr)
    parser = command_parser()
    completion.complete_if_asked(parser)
    options = parser.parse_args(arguments)
    try:
        status = options.run(options)
        sys.stdout.flush()
        return status
    except LagrangianError as error:
        print(explained_errors.explained(error, sys.stderr, getattr(options, "color", "auto")), file=sys.stderr)
        return 2
    except BrokenPipeError:
        # whoever read the output has gone: Python would write what is left once more, and complain
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        return 0
    except KeyboardInterrupt:
        print(f"{PROGRAM}: interrupted", file=sys.stderr)
        return 130


def command_parser() -> Parser:
    """The parser with all commands."""
    description = "Constrained optimization, answered exactly and with proof."
    parser = Parser(prog=PROGRAM, description=description, epilog=f"{EXAMPLES}\n{COMMON_HELP}")
    parser.add_argument("--version", action=VersionAction)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", title="commands")
    for module in (solve, dual, sensitivity, relax, numeric, path, verify, completion):
        module.add_to(commands)
    help.add_to(commands, parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
