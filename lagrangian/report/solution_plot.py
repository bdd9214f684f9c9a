"""Problems as pictures: the objective, the feasible set, all candidates, and gradients; of more variables than two a section."""

import textwrap
from collections.abc import Iterable, Mapping
from os import PathLike
from typing import Any

from sympy import Float, Symbol

from lagrangian.problem.problem import Problem, Sense
from lagrangian.report.notation import text
from lagrangian.report.picture import Picture, saved
from lagrangian.report.section import Section, section
from lagrangian.report.solution_gradients import Gradients, gradients_at
from lagrangian.report.solution_panels import line_panel, plane_panel, short
from lagrangian.solution import Solution, unanswered
from lagrangian.status import Status

LONGEST_NUMBER = 24
LONGEST_OBJECTIVE = 110


def plot_solution(
    solution: Solution,
    path: str | PathLike[str] | None = None,
    *,
    along: Iterable[Symbol] | Symbol | None = None,
    at: Mapping[Symbol, Any] | None = None,
    gradients: Gradients | str = Gradients.OPTIMA,
) -> Picture:
    """A problem with its answer; written to a file where ``path`` names one.

    For one variable the objective over the line, with the part that is feasible; for two its contours, the feasible set, the
    boundaries of the constraints, and at the optima the gradients of the objective and of the active constraints: by
    stationarity the former is a combination of the latter, and parallel where there is one. The functions are turned so that
    the weights are the multipliers: the gradient lies in the cone of those of the inequalities, which is shaded where it is more
    than a ray. All candidates are marked by kind. Problems of more variables are cut.

    Args:
        solution: of a problem without parameters.
        path: the file to be written, in the format that its ending names, such as .svg, .png or .pdf.
        along: one or two variables, for a section in which the others are fixed.
        at: numbers for variables that the section fixes; without one they stay at the first optimum.
        gradients: "optima", "candidates" (there too), "curves" (and along all boundaries too) or "none".

    Raises:
        ProblemError: for parameters, more variables without ``along``, or arguments that do not fit.
        MissingExtraError: where a file is named and Matplotlib is not installed.

    >>> from sympy import Eq, symbols
    >>> from lagrangian import maximize
    >>> from lagrangian.report.picture import Role
    >>> x, y = symbols("x y")
    >>> picture = plot_solution(maximize(x * y, [Eq(x + y, 2)], over=[x, y]))
    >>> for arrow in picture.panels[0].of(Role.OBJECTIVE_GRADIENT) + picture.panels[0].of(Role.CONSTRAINT_GRADIENT):
    ...     print(arrow.start, arrow.direction)
    (1, 1) (1, 1)
    (1, 1) (1, 1)
    """
    where = gradients_at(gradients)
    cut = section(solution, along, at)
    panel = line_panel(cut.seen) if len(cut.along) == 1 else plane_panel(cut, where)
    return saved(Picture(title_of(cut), (panel,)), path)


def plot_problem(
    problem: Problem,
    path: str | PathLike[str] | None = None,
    *,
    along: Iterable[Symbol] | Symbol | None = None,
    at: Mapping[Symbol, Any] | None = None,
) -> Picture:
    """A problem without its answer, see `plot_solution`; a section needs numbers for all variables that it fixes."""
    return plot_solution(unanswered(problem), path, along=along, at=at)


def title_of(cut: Section) -> str:
    """The problem with its answer, and where it is cut."""
    solution = cut.whole
    verb = "maximize" if solution.problem.sense is Sense.MAXIMIZE else "minimize"
    stated = f"{verb} {textwrap.shorten(text(solution.problem.objective), LONGEST_OBJECTIVE, placeholder=' …')}"
    if solution.optimum is None:
        ending = solution.status.value if solution.status in (Status.INFEASIBLE, Status.UNBOUNDED) else ""
    else:
        words = {Status.OPTIMAL: "optimum", Status.NOT_ATTAINED: "not attained,"}.get(solution.status, "best known")
        ending = f"{words} {short(solution.optimum)}"
    fixed = ", ".join(f"{text(variable)} = {shortened(value)}" for variable, value in cut.fixed.items())
    where = f"; section at {fixed}" if fixed else ""
    return f"{stated}: {ending}{where}" if ending else f"{stated}{where}"


def shortened(value: Any) -> str:
    """A number as it is where that is short, else its digits."""
    written = text(value)
    return written if len(written) <= LONGEST_NUMBER and not value.has(Float) else f"{float(value):.6g}"
