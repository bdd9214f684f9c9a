"""The page that `lagrangian solve --html` writes, in time, and as a whole or not at all."""

import os
from functools import partial
from pathlib import Path

from lagrangian.commands.written import in_decimals
from lagrangian.duality.parametric_solution import ParametricSolution
from lagrangian.errors import ReportFileError
from lagrangian.processes.calls import call_with_limit
from lagrangian.report.page import report_page
from lagrangian.solution import Solution
from lagrangian.stored import write_whole

DERIVATION_SHARE = 0.6


def refuse_unwritable(path: str) -> None:
    """Before anything is computed. Raises ReportFileError for a folder that is not there, or no file can be written to."""
    folder = Path(path).parent
    if Path(path).is_dir():
        raise ReportFileError(f"{path[:200]!r} is a folder; write the name of a file, such as report.html")
    if not folder.is_dir():
        raise ReportFileError(f"{path[:200]!r} cannot be written: there is no folder {str(folder)[:200]!r}")
    if not os.access(folder, os.W_OK):
        raise ReportFileError(
            f"{path[:200]!r} cannot be written: the folder {str(folder)[:200]!r} is not to be written to"
        )


def write_page(solution: Solution, regions: ParametricSolution | None, path: str, limit_s: float) -> None:
    """Write the page; without the derivation and in decimals where it is not written down in time."""
    whole = partial(report_page, time_limit_s=DERIVATION_SHARE * limit_s)
    page = call_with_limit(whole, (solution, regions), limit_s)
    write_whole(page or report_page(in_decimals(solution), regions, detail=None), path, ReportFileError)
