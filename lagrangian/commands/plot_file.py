"""The picture that `lagrangian solve --plot` writes."""

import argparse
from importlib.util import find_spec
from pathlib import Path

from sympy import Symbol

from lagrangian.commands.page_file import refuse_unwritable
from lagrangian.duality.parametric_solution import ParametricSolution
from lagrangian.errors import MissingExtraError, ProblemError, ReportFileError
from lagrangian.problem.problem import Problem
from lagrangian.solution import Solution

ENDINGS = (".svg", ".png", ".pdf")


def refuse_undrawable(options: argparse.Namespace) -> None:
    """Before anything is computed: a file that can be written, in a format that is known, and Matplotlib to draw it.

    Raises ReportFileError, MissingExtraError, and ProblemError for --along without --plot.
    """
    if options.plot is None:
        if options.along is not None:
            raise ProblemError("--along says how --plot cuts the problem; add --plot FILE")
        return
    refuse_unwritable(options.plot)
    if Path(options.plot).suffix.lower() not in ENDINGS:
        raise ReportFileError(f"{options.plot[:200]!r} names no format of a picture; end it in {', '.join(ENDINGS)}")
    if find_spec("matplotlib") is None:
        raise MissingExtraError("pictures need Matplotlib; install it with pip install '.[plot]'")


def section_of(problem: Problem, options: argparse.Namespace) -> tuple[Symbol, ...] | None:
    """The variables that --along names, before anything is computed; None for a picture of the whole.

    Raises ProblemError for a name that is no variable, and where a problem of more than two variables comes without names.
    """
    if options.plot is None:
        return None
    by_name = {variable.name: variable for variable in problem.over}
    if options.along is None:
        if len(problem.over) > 2 and not problem.parameters:
            first = ",".join(list(by_name)[:2])
            raise ProblemError(
                f"the problem has {len(problem.over)} variables; pictures show one or two: add --along {first} for a section"
            )
        return None
    names = [name.strip() for name in options.along.split(",")]
    strange = [name for name in names if name not in by_name]
    if strange:
        raise ProblemError(
            f"--along has {strange[0][:200]!r}, which is no variable; the problem has {', '.join(by_name)}"
        )
    return tuple(by_name[name] for name in names)


def write_picture(
    solution: Solution, regions: ParametricSolution | None, path: str | None, along: tuple[Symbol, ...] | None
) -> None:
    """Draw the answer, or the regions of one with parameters, to a file where one is named."""
    if path is not None and regions is not None:
        regions.plot(path)
    elif path is not None:
        solution.plot(path, along=along)
