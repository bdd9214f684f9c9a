"""The command `lagrangian solve`: the answer to a problem, with its derivation and its proof."""

import argparse
import sys
import time
import warnings
from typing import TYPE_CHECKING, Any

from lagrangian.commands.options import FORMS, add_limits, add_statement, deadline_of, left_until
from lagrangian.errors import MethodFailedWarning

if TYPE_CHECKING:
    from lagrangian.solution import Solution

# what closed forms may take when the time for the answer is over
WRITING_S = 3.0


def add_to(commands: Any) -> None:
    """Make the command known."""
    command = commands.add_parser(
        "solve",
        help="solve a problem file, or an objective with --subject-to",
        description="Solve a JSON problem file, or the problem that the options state, and print the derivation.",
    )
    command.set_defaults(run=run)
    add_statement(command)
    command.add_argument("--json", action="store_true", help="print the answer as one JSON object")
    command.add_argument("--form", choices=FORMS, default="text", help="the form of the derivation")
    add_limits(command)
    command.add_argument("--quiet", action="store_true", help="no progress line, which a terminal shows else")
    command.add_argument(
        "--certificate",
        metavar="FILE",
        help="write the problem, the answer and its proof to a file, for lagrangian verify",
    )
    command.add_argument(
        "--html", metavar="FILE", help="write the answer, its picture, derivation and proof as one HTML page to a file"
    )


def run(options: argparse.Namespace) -> int:
    """Run the command; exit status 0 whenever there is an answer, 130 where an interrupt cut it short."""
    # SymPy takes half a second to import: not for --help
    from lagrangian.commands.page_file import refuse_unwritable, write_page
    from lagrangian.commands.regions import regions_of
    from lagrangian.commands.statement import problem_within
    from lagrangian.commands.written import written
    from lagrangian.solve import INTERRUPTED, solve

    if options.html is not None:
        refuse_unwritable(options.html)
    deadline = deadline_of(options)
    problem = problem_within(options, deadline)
    left = left_until(deadline)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MethodFailedWarning)  # the answer says itself what has failed
        solution = solve(
            problem,
            time_limit_s=None if left == float("inf") else left,
            memory_limit_mb=options.memory_limit,
            progress=sys.stderr is not None and sys.stderr.isatty() and not (options.json or options.quiet),
        )
    writing_s = max(deadline - time.monotonic(), WRITING_S)
    regions = regions_of(solution, writing_s)
    print(written(solution, regions, options, writing_s), end="\n" if options.json else "")
    if options.certificate is not None:
        _save(solution, options.certificate)
    if options.html is not None:
        write_page(solution, regions, options.html, writing_s)
    return 130 if INTERRUPTED in solution.missing else 0


def _save(solution: "Solution", path: str) -> None:
    if solution.certificate is None:
        print(f"lagrangian: nothing was proved, so {path} is not written", file=sys.stderr)
    else:
        solution.save_certificate(path)
