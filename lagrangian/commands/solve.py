"""The command `lagrangian solve`: the answer to a problem, with its derivation and its proof."""

import argparse
import sys
import time
import warnings
from typing import Any

from lagrangian.commands.certificates import save_certificate
from lagrangian.commands.options import (
    USAGE,
    add_certificate,
    add_forms,
    add_limits,
    add_statement,
    deadline_of,
    left_until,
    shows_progress,
)
from lagrangian.commands.parser import add_command
from lagrangian.errors import MethodFailedWarning
from lagrangian.screen import screen_of

# what closed forms may take when the time for the answer is over
WRITING_S = 3.0
EXAMPLES = """\
  the largest rectangle with a half perimeter of 10
    $ lagrangian solve "x*y" --maximize --subject-to "x + y == 10"
  the answer alone, as a formula in the parameter b
    $ lagrangian solve "(x - b)**2 + x" --over x --brief
  every case of the KKT conditions
    $ lagrangian solve "x**2 - y" --subject-to "x**2 + y**2 <= 1" --steps
  for a document; for a program
    $ lagrangian solve "x + 1/x" --subject-to "x >= 1/2" --latex
    $ lagrangian solve "x**4 - 3*x" --json
"""


def add_to(commands: Any) -> None:
    """Make the command known."""
    command = add_command(
        commands,
        "solve",
        run,
        "solve a problem file, or an objective with --subject-to",
        "Solve a problem and print its derivation: the Lagrangian, the conditions, all candidates, the optimum and why it is "
        "one, shadow prices, and the answer below. Nothing is said to be optimal, infeasible or unbounded without a proof.",
        EXAMPLES,
        USAGE,
    )
    add_statement(command)
    answer = add_forms(command)
    detail = answer.add_mutually_exclusive_group()
    detail.add_argument("--steps", action="store_true", help="work every case out, also those that come to nothing")
    detail.add_argument("--brief", action="store_true", help="print the answer alone, without the derivation")
    add_certificate(answer)
    answer.add_argument(
        "--html", metavar="FILE", help="write the answer, its picture, derivation and proof as one HTML page to a file"
    )
    answer.add_argument("--plot", metavar="FILE", help="draw the answer to a file (.svg, .png or .pdf; extra plot)")
    answer.add_argument(
        "--along", metavar="X,Y", help="with --plot: the variables of a section, the others at the optimum"
    )
    add_limits(command)


def run(options: argparse.Namespace) -> int:
    """Run the command; exit status 0 whenever there is an answer, 130 where an interrupt cut it short."""
    # SymPy takes half a second to import: not for --help
    from lagrangian.commands.page_file import refuse_unwritable, write_page
    from lagrangian.commands.plot_file import refuse_undrawable, section_of, write_picture
    from lagrangian.commands.regions import regions_of
    from lagrangian.commands.statement import problem_within
    from lagrangian.commands.written import written
    from lagrangian.solve import INTERRUPTED, solve

    if options.html is not None:
        refuse_unwritable(options.html)
    refuse_undrawable(options)
    deadline = deadline_of(options)
    problem = problem_within(options, deadline)
    along = section_of(problem, options)
    left = left_until(deadline)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MethodFailedWarning)  # the answer says itself what has failed
        solution = solve(
            problem,
            time_limit_s=None if left == float("inf") else left,
            memory_limit_mb=options.memory_limit,
            progress=shows_progress(options),
        )
    writing_s = max(deadline - time.monotonic(), WRITING_S)
    regions = regions_of(solution, writing_s)
    print(written(solution, regions, options, screen_of(sys.stdout, options.color), writing_s), end="")
    save_certificate(solution, options.certificate, "nothing was proved")
    if options.html is not None:
        write_page(solution, regions, options.html, writing_s)
    write_picture(solution, regions, options.plot, along)
    return 130 if INTERRUPTED in solution.missing else 0
