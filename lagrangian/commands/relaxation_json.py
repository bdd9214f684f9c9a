"""A relaxation and the optimum that follows from it as one JSON object."""

from typing import Any

from sympy import Expr, Symbol

from lagrangian.commands.relaxation_text import dual_function, written_relation
from lagrangian.duality.relaxation import Relaxation, RelaxedOptimum
from lagrangian.solution import Solution


def relaxation_as_json(relaxation: Relaxation, bound: Expr) -> dict[str, Any]:
    """The relaxation as docs/problem-files.md describes it, all numbers as exact strings."""
    one = len(relaxation.relaxed) == 1
    function, ends = dual_function(relaxation), relaxation.breakpoints() if one else None
    point = relaxation.feasible_point
    return {
        "relaxed": [written_relation(relation) for relation in relaxation.relaxed],
        "kept": [written_relation(relation) for relation in relaxation.kept],
        "dual_function": None if function is None else str(function),
        "breakpoints": None if ends is None else [str(end) for end in ends],
        "multipliers": {written_relation(relation): str(value) for relation, value in relaxation.multipliers.items()},
        "multipliers_are_best": relaxation.is_best,
        "relaxation_bound": str(bound),
        "rounded_bound": str(relaxation.rounded_bound),
        "feasible": None if point is None else {"value": str(relaxation.feasible_value), "x": _as_json(point)},
        "relaxation_gap": None if relaxation.gap is None else str(relaxation.gap),
    }


def _as_json(point: dict[Symbol, Expr]) -> dict[str, str]:
    return {str(variable): str(number) for variable, number in point.items()}


def optimum_as_json(optimum: RelaxedOptimum) -> dict[str, Any]:
    """The optimum as docs/problem-files.md describes it."""
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
