"""A solution as one JSON object."""

from typing import Any

from sympy import Rational, Symbol

from lagrangian.commands.number_ends import number_ends
from lagrangian.exact_numbers import ExactNumber
from lagrangian.solution import Solution


def as_json(solution: Solution) -> dict[str, Any]:
    """The answer as one JSON object, as docs/problem-files.md describes it."""
    certificate = solution.certificate
    number = solution.optimum
    return {
        "status": solution.status.value,
        "value": None if number is None else str(number.expression),
        "value_float": None if number is None or number.expression.free_symbols else float(number),
        "value_interval": _interval_as_json(solution.value_interval),
        "exact": number is not None and number.is_exact,
        "points": [_point_as_json(point) for point in _reported_points(solution)],
        "multipliers": {str(stated): str(value) for stated, value in solution.multipliers.items()},
        "multiplier_intervals": {
            str(stated): _interval_as_json(solution.multiplier_interval(stated)) for stated in solution.multiplier_balls
        },
        "certificate": None
        if certificate is None
        else {
            "claim": certificate.claim.scope,
            "kind": certificate.kind,
            "verified": certificate.verified is True,
        },
        "seconds": round(solution.elapsed_s, 3),
        "message": "; ".join(solution.missing),
        "tried": list(solution.tried),
    }


def _interval_as_json(interval: tuple[Rational, Rational] | None) -> list[str] | None:
    return None if interval is None else number_ends(interval)


def _reported_points(solution: Solution) -> list[dict[Symbol, ExactNumber]]:
    """All isolated optima, then a sample of each infinite family, each point once."""
    samples = [{v: ExactNumber(e) for v, e in family.sample.items()} for family in solution.families]
    points = [*solution.coordinates, *samples]
    return list({str([n.expression for n in point.values()]): point for point in points}.values())


def _point_as_json(point: dict[Symbol, ExactNumber]) -> dict[str, Any]:
    return {
        "x": {str(variable): str(number.expression) for variable, number in point.items()},
        "x_float": {
            str(variable): None if number.expression.free_symbols else float(number)
            for variable, number in point.items()
        },
    }
