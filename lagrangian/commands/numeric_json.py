"""A numeric result as one JSON object."""

from typing import Any

from lagrangian.commands.number_ends import number_ends
from lagrangian.numeric.nlp_result import ClosedForm, Interval, LocalSolution, NumericResult
from lagrangian.status import Status


def numeric_as_json(result: NumericResult) -> dict[str, Any]:
    """The result as one JSON object, as docs/problem-files.md describes it."""
    best, form = result.best, result.closed_form
    proved = result.status in (Status.LOCAL, Status.OPTIMAL)
    scope, kind = "global" if result.status is Status.OPTIMAL else "local", "KKT box" if form is None else "KKT point"
    claim = {"claim": scope, "kind": kind, "verified": True}
    return {
        "status": result.status.value,
        "value": None if best is None else repr(best.value) if form is None else str(form.value),
        "value_float": result.value,
        "value_interval": _interval(result.value_interval),
        "exact": form is not None,
        "points": [] if best is None else [_point(best, form)],
        "multipliers": {str(stated): repr(value) for stated, value in result.multipliers.items()}
        if form is None
        else {str(stated): str(value) for stated, value in form.multipliers.items()},
        "multiplier_intervals": {str(s): _interval(ends) for s, ends in result.multiplier_intervals.items()},
        "certificate": claim if proved else None,
        "seconds": round(result.elapsed_s, 3),
        "message": result.reason,
        "solver": result.solver,
        "starts": result.starts,
        "others": [
            {"value_float": other.value, "verified": other.verified, **_point(other)} for other in result.solutions[1:]
        ],
    }


def _point(solution: LocalSolution, form: ClosedForm | None = None) -> dict[str, Any]:
    return {
        "x": {str(variable): repr(value) for variable, value in solution.x.items()}
        if form is None
        else {str(variable): str(value) for variable, value in form.x.items()},
        "x_float": {str(variable): value for variable, value in solution.x.items()},
        "x_interval": {str(variable): _interval(ends) for variable, ends in solution.enclosure.items()},
        "residual": solution.residual,
    }


def _interval(interval: Interval | None) -> list[str] | None:
    return None if interval is None else number_ends(interval)
