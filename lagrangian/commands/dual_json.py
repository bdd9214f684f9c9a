"""Duality as one JSON object."""

from typing import Any

from sympy import Expr

from lagrangian.duality.dual_gap import Duality


def dual_as_json(found: Duality) -> dict[str, Any]:
    """Duality as docs/problem-files.md describes it, all numbers as exact strings."""
    function = found.dual.function
    new = {str(symbol): str(relation) for symbol, relation in function.introduced}
    pieces = [{"value": str(p.value), "where": [str(c) for c in p.conditions]} for p in function.pieces]
    return {
        "multipliers": {**{str(term.multiplier): str(term.stated) for term in function.terms}, **new},
        "kept": [str(relation) for relation in (*function.kept, *function.region)],
        "dual_function": pieces if function.is_known else None,
        "dual_problem": _problem_as_json(found),
        "primal_value": _text(found.primal_value),
        "dual_value": _text(found.dual_value),
        "gap": _text(found.gap),
        "reason": found.reason.name.lower(),
        "sentence": found.sentence,
        "dual_point": None if found.multipliers is None else {str(s): str(e) for s, e in found.multipliers.items()},
    }


def _problem_as_json(found: Duality) -> dict[str, Any] | None:
    function = found.dual.function
    if not function.is_known or not function.multipliers or not found.dual.forms:
        return None
    problem = found.dual.problem
    return {
        "vars": [str(symbol) for symbol in problem.over],
        "sense": problem.sense.value,
        "objective": str(problem.objective),
        "constraints": [str(relation) for relation in problem.all_constraints],
    }


def _text(value: Expr | None) -> str | None:
    return None if value is None else str(value)
