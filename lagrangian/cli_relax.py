"""The command `lagrangian relax`: an integer problem with constraints in the Lagrangian, to its proved optimum."""

import argparse
import json
import time
from collections.abc import Iterator
from typing import Any

from sympy import Expr, Piecewise, Symbol, sstr
from sympy.core.relational import Relational

from lagrangian.cli_options import add_time_limit
from lagrangian.duality.relaxation import Relaxation, RelaxedOptimum, relax
from lagrangian.errors import ProblemError
from lagrangian.problem.files import read_problem
from lagrangian.problem.problem import Problem
from lagrangian.solution import Solution

LEAST_TIME_S = 0.1
# of the time there is, what the search for multipliers may take
SHARE_OF_MULTIPLIERS = 0.4
MOST_SHOWN = 12
LONG_SUM = 200
MOST_SHOWN_VARIABLES = 40


def add_relax(commands: Any) -> None:
    """Add the command and its arguments."""
    command = commands.add_parser(
        "relax",
        help="Lagrangian relaxation and branch and bound of an integer problem",
        description="Put constraints of a linear or quadratic problem in bounded integers (of linear ones also in continuous "
        "variables) into the Lagrangian; print the dual function, the best multipliers and their bound, a feasible point, and "
        "the optimum with its proof.",
    )
    command.add_argument("problem", metavar="FILE", help="a problem file (*.json) with integer variables")
    command.add_argument(
        "--constraints",
        metavar="NUMBERS",
        help='those to relax, such as 1,3: counted from 1 through "eq" and then "ineq"; without it, all that leave no structure',
    )
    command.add_argument("--json", action="store_true", help="print the answer as one JSON object")
    add_time_limit(command)
    command.add_argument(
        "--certificate",
        metavar="OUT",
        help="write the problem, the answer and its proof to a file, for lagrangian verify",
    )


def run_relax(options: argparse.Namespace, deadline: float) -> int:
    """Run the command; exit status 0 whenever there is an answer."""
    started = time.monotonic()
    problem = read_problem(options.problem)
    chosen = None if options.constraints is None else _numbered(problem, options.constraints)
    left = max(deadline - time.monotonic(), LEAST_TIME_S)
    relaxation = relax(problem, chosen, time_limit_s=left * SHARE_OF_MULTIPLIERS)
    bound = relaxation.bound  # the multipliers take their share of the time here
    left = max(deadline - time.monotonic(), LEAST_TIME_S)
    optimum = relaxation.solve(None if left == float("inf") else left)
    if options.json:
        answer = {**_relaxation_as_json(relaxation, bound), **_optimum_as_json(optimum)}
        print(json.dumps({**answer, "seconds": round(time.monotonic() - started, 3)}))
    else:
        print("\n".join([*_relaxation_lines(relaxation), *_optimum_lines(optimum)]))
    if options.certificate is not None and optimum.solution.certificate is not None:
        optimum.solution.save_certificate(options.certificate)
    return 0


def _numbered(problem: Problem, text: str) -> list[Relational]:
    """The constraints that --constraints names."""
    count = len(problem.constraints)
    chosen = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        if not part.isdecimal() or not 1 <= int(part) <= count:
            raise ProblemError(f"--constraints has {part!r}; write numbers from 1 to {count} with commas")
        chosen.append(problem.constraints[int(part) - 1])
    return chosen


def _dual_function(relaxation: Relaxation) -> Expr | None:
    return relaxation.dual_function() if len(relaxation.relaxed) == 1 else None


def _relaxation_lines(relaxation: Relaxation) -> Iterator[str]:
    for word, relations in (("relaxed", relaxation.relaxed), ("kept", relaxation.kept)):
        yield f"{word}:"
        yield from _listed(relations, relaxation)
    function = _dual_function(relaxation)
    if function is not None:
        yield "dual function:"
        yield from _pieces(function)
    best = "no multipliers give a better one" if relaxation.is_best else "it is not proved that none are better"
    yield f"bound: {relaxation.bound}, rounded to a possible value {relaxation.rounded_bound} ({best})"
    if relaxation.feasible_point is None:
        yield "feasible point: none was found before branching"
    else:
        yield f"feasible point: {_point(relaxation.feasible_point)}"
        yield f"    value {relaxation.feasible_value}, gap {relaxation.gap}"


def _listed(relations: tuple[Relational, ...], relaxation: Relaxation) -> Iterator[str]:
    """Constraints with their numbers, and the multipliers of those that have one."""
    if not relations:
        yield "    none"
    numbers = {relation: n for n, relation in enumerate(relaxation.problem.constraints, start=1)}
    for relation in relations[:MOST_SHOWN]:
        multiplier = relaxation.multipliers.get(relation)
        shown = "" if multiplier is None else f"    multiplier {multiplier}"
        yield f"    {numbers[relation]}. {_short(_text(relation))}{shown}"
    if len(relations) > MOST_SHOWN:
        yield f"    and {len(relations) - MOST_SHOWN} more"


def _text(relation: Relational) -> str:
    """The constraint as text; the terms of long sums in any order, since SymPy takes long to sort them."""
    is_long = max(len(side.args) for side in relation.args) > LONG_SUM
    return str(sstr(relation, order="none" if is_long else None))


def _short(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:70]} ... {text[-25:]}"


def _pieces(function: Expr) -> Iterator[str]:
    parts = function.args if isinstance(function, Piecewise) else [(function, True)]
    for expression, condition in parts[:MOST_SHOWN]:
        yield f"    {expression}" + ("" if condition == True else f"    for {condition}")  # noqa: E712
    if len(parts) > MOST_SHOWN:
        yield f"    and {len(parts) - MOST_SHOWN} more pieces"


def _point(point: dict[Symbol, Expr]) -> str:
    """The variables that are not zero."""
    shown = [f"{variable} = {number}" for variable, number in point.items() if number != 0]
    text = ", ".join(shown[:MOST_SHOWN_VARIABLES]) or "all variables 0"
    rest = f" and {len(shown) - MOST_SHOWN_VARIABLES} more" if len(shown) > MOST_SHOWN_VARIABLES else ""
    return text + rest + (", the others 0" if shown and len(shown) < len(point) else "")


def _optimum_lines(optimum: RelaxedOptimum) -> Iterator[str]:
    solution = optimum.solution
    value = "" if solution.value is None else f", value {solution.value}"
    yield f"{solution.status.value}{value} ({optimum.nodes} node{'' if optimum.nodes == 1 else 's'})"
    if solution.coordinates:
        yield f"    at {_point(solution.points[0])}"
    if solution.certificate is None:
        yield f"    bound {optimum.bound}, gap {'unknown' if optimum.gap is None else optimum.gap}"
    else:
        yield f"    proof: {solution.certificate.kind}, {'verified' if solution.certificate.verified is True else 'not verified'}"
        yield from (f"    {sentence}" for sentence in solution.certificate.explanation())
    yield from (f"    {reason}" for reason in solution.missing)


def _relaxation_as_json(relaxation: Relaxation, bound: Expr) -> dict[str, Any]:
    one = len(relaxation.relaxed) == 1
    function, ends = _dual_function(relaxation), relaxation.breakpoints() if one else None
    point = relaxation.feasible_point
    return {
        "relaxed": [_text(relation) for relation in relaxation.relaxed],
        "kept": [_text(relation) for relation in relaxation.kept],
        "dual_function": None if function is None else str(function),
        "breakpoints": None if ends is None else [str(end) for end in ends],
        "multipliers": {_text(relation): str(value) for relation, value in relaxation.multipliers.items()},
        "multipliers_are_best": relaxation.is_best,
        "relaxation_bound": str(bound),
        "rounded_bound": str(relaxation.rounded_bound),
        "feasible": None if point is None else {"value": str(relaxation.feasible_value), "x": _as_json(point)},
        "relaxation_gap": None if relaxation.gap is None else str(relaxation.gap),
    }


def _as_json(point: dict[Symbol, Expr]) -> dict[str, str]:
    return {str(variable): str(number) for variable, number in point.items()}


def _optimum_as_json(optimum: RelaxedOptimum) -> dict[str, Any]:
    solution = optimum.solution
    return {
        "status": solution.status.value,
        "value": None if solution.value is None else str(solution.value),
        "points": [_as_json(point) for point in solution.points],
        "bound": str(optimum.bound),
        "gap": None if optimum.gap is None else str(optimum.gap),
        "nodes": optimum.nodes,
        "certificate": _certificate_as_json(solution),
        "message": "; ".join(solution.missing),
    }


def _certificate_as_json(solution: Solution) -> dict[str, Any] | None:
    certificate = solution.certificate
    if certificate is None:
        return None
    return {"claim": certificate.claim.scope, "kind": certificate.kind, "verified": certificate.verified is True}
