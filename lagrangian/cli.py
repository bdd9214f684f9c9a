"""The command `lagrangian`: solve a problem file, or a problem written on the command line."""

import sys
from collections.abc import Sequence

from lagrangian.commands import dual, numeric, path, relax, sensitivity, solve, verify
from lagrangian.commands.options import Parser, one_line
from lagrangian.errors import LagrangianError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; exit status 0 whenever there is an answer, 130 where an interrupt cut it short, 2 for bad input.

    For verify: 0 for proved, 1 for not proved.
    """
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except LagrangianError as error:
        print(f"lagrangian: {one_line(str(error))}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        print("lagrangian: interrupted", file=sys.stderr)
        return 130


def _parser() -> Parser:
    parser = Parser(prog="lagrangian", description="Constrained optimization, answered exactly and with proof.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (solve, dual, sensitivity, relax, numeric, path, verify):
        module.add_to(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
