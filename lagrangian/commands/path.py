"""The command `lagrangian path`: the solution of a problem as a function of one of its parameters."""

import argparse
import json
from typing import TYPE_CHECKING, Any

from lagrangian.commands.options import add_statement
from lagrangian.commands.parser import add_command
from lagrangian.errors import ProblemError

if TYPE_CHECKING:
    from lagrangian.numeric.path_solution import SolutionPath

ROWS = 11
EXAMPLES = """\
  where the bound on x begins to matter
    $ lagrangian path "(x - b)**2" --over x --subject-to "x <= 1" \\
        --parameter b --from 0 --to 2
"""


def add_to(commands: Any) -> None:
    """Make the command known."""
    command = add_command(
        commands,
        "path",
        run,
        "the solution as a function of one parameter, followed numerically",
        "Follow a local solution as one parameter grows; print where the active set changes, where pieces begin "
        "and end, and a table of the solution. Nothing is proved: use solve for exact regions of the parameters.",
        EXAMPLES,
        "%(prog)s PROBLEM --parameter NAME --from NUMBER --to NUMBER [OPTION ...]",
    )
    add_statement(command)
    parameter = command.add_argument_group("the parameter")
    parameter.add_argument("--parameter", required=True, metavar="NAME", help="the parameter that moves")
    parameter.add_argument("--from", dest="low", required=True, type=float, metavar="NUMBER", help="its least value")
    parameter.add_argument("--to", dest="high", required=True, type=float, metavar="NUMBER", help="its greatest value")
    parameter.add_argument(
        "--other",
        action="append",
        default=[],
        metavar="NAME=NUMBER",
        help="another parameter, such as b=1.5; may be repeated",
    )
    answer = command.add_argument_group("the answer")
    answer.add_argument("--plot", metavar="FILE", help="draw the path to a file (.svg, .png or .pdf; extra plot)")
    answer.add_argument("--npz", metavar="FILE", help="write all arrays to a file for numpy.load")
    answer.add_argument("--json", action="store_true", help="print the answer as one JSON object, for programs")


def run(options: argparse.Namespace) -> int:
    """Run the command; exit status 0 whenever there is an answer."""
    # SymPy and Numba take a second to import: not for --help
    from lagrangian.commands.path_json import path_as_json
    from lagrangian.commands.statement import stated_problem
    from lagrangian.numeric.path import follow_path

    problem = stated_problem(options)
    path = follow_path(problem, options.parameter, options.low, options.high, others=dict(map(_other, options.other)))
    if options.plot is not None:
        path.plot(options.plot)
    if options.npz is not None:
        path.to_npz(options.npz)
    print(json.dumps(path_as_json(path)) if options.json else f"{path}\n{_table(path)}".rstrip())
    return 0


def _other(written: str) -> tuple[str, float]:
    name, _, value = written.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError:
        raise ProblemError(f"--other {written!r} gives no number; write NAME=NUMBER, such as b=1.5") from None


def _table(path: "SolutionPath") -> str:
    """The solution at evenly spaced values of the parameter, as far as there is one."""
    import numpy as np  # as above

    if not len(path):
        return ""
    names = [str(path.parameter), *map(str, path.problem.over), "value", "dV/dp"]
    rows = [names]
    for place in np.linspace(path.p.min(), path.p.max(), ROWS).tolist():
        if any(segment.low <= place <= segment.high for segment in path.segments):
            found = path.at(place)
            rows.append([f"{n:.7g}" for n in (place, *found.x.values(), found.value, found.slope)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n" + "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
    )
