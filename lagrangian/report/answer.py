"""The answer in a line or two, for whoever wants to see it first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Symbol

from lagrangian.exact_numbers import ExactNumber
from lagrangian.problem.problem import Sense
from lagrangian.report.numbers import equation, short_form
from lagrangian.report.plain import cell
from lagrangian.solution import Solution
from lagrangian.status import Status

MOST_POINTS = 2
MOST_VARIABLES = 12


@dataclass(frozen=True, slots=True)
class Answer:
    """The status, what it means in one sentence, and what is proved or missing."""

    status: Status
    sentence: str
    remarks: tuple[str, ...]

    def lines(self) -> list[str]:
        """The answer as plain text."""
        return [f"{self.status.value.replace('_', ' ')}: {self.sentence}", *(f"    {line}" for line in self.remarks)]


def answer_of(solution: Solution, regions: int = 0) -> Answer:
    """The answer that a solution is.

    Args:
        solution: what is known.
        regions: the number of regions of the parameters that are answered one by one, if that is so.

    >>> from sympy import symbols
    >>> from lagrangian import minimize
    >>> x = symbols("x")
    >>> answer_of(minimize(x**2, [x >= 1], over=[x])).sentence
    'the minimum is 1 at x = 1'
    """
    if regions:
        answers = "an answer for each of them is above"
        return Answer(solution.status, f"no single formula; {regions} regions of the parameters, {answers}", ())
    return Answer(solution.status, _sentence(solution), _remarks(solution))


def _sentence(solution: Solution) -> str:
    minimizes = solution.problem.sense is Sense.MINIMIZE
    extremum = "minimum" if minimizes else "maximum"
    value = None if solution.optimum is None else cell(short_form(solution.optimum))
    where = _where(solution)
    if solution.status is Status.INFEASIBLE:
        return "no point satisfies all constraints"
    if solution.status is Status.UNBOUNDED:
        return f"the objective has no {'lower' if minimizes else 'upper'} bound"
    if solution.status is Status.NOT_ATTAINED:
        return f"the {'infimum' if minimizes else 'supremum'} is {value}, and no point attains it"
    if solution.status is Status.OPTIMAL:
        return f"the {extremum} is {value}{where}"
    if value is None:
        return "nothing is proved, and no feasible point is known"
    if solution.status is Status.LOCAL:
        return f"a local {extremum} is {value}{where}; that it is global is not proved"
    return f"the best value known is {value}{where}; nothing is proved of it"


def _where(solution: Solution) -> str:
    points = [_place(point) for point in solution.coordinates]
    if solution.families:
        sample = _place({variable: ExactNumber(place) for variable, place in solution.families[0].sample.items()})
        return f" at infinitely many points, such as {points[0] if points else sample}"
    if len(points) > MOST_POINTS:
        return f" at {len(points)} points, the first of them {points[0]}"
    return f" at {', and at '.join(points)}" if points else ""


def _place(point: dict[Symbol, ExactNumber]) -> str:
    shown: Sequence[Any] = [cell(equation(variable, number)) for variable, number in point.items()]
    rest = [f"and {len(shown) - MOST_VARIABLES} more"] if len(shown) > MOST_VARIABLES else []
    return ", ".join([*shown[:MOST_VARIABLES], *rest])


def _remarks(solution: Solution) -> tuple[str, ...]:
    certificate = solution.certificate
    proof = []
    if certificate is not None and certificate.verified is True:
        proof = [f"proof: {certificate.kind}, checked again without the solver"]
    return (*proof, *(f"missing: {line}" for line in solution.missing))
