"""What `lagrangian solve` adds where a problem has parameters and no single formula answers it: the answer region by region."""

from typing import Any

from lagrangian.duality.parametric import solve_parametric
from lagrangian.duality.parametric_regions import ParametricRegion
from lagrangian.duality.parametric_solution import ParametricSolution
from lagrangian.processes.calls import call_with_limit
from lagrangian.solution import Solution
from lagrangian.status import Status


def regions_of(solution: Solution, limit_s: float) -> ParametricSolution | None:
    """The answer by regions, where the problem has parameters and was not decided, and some region is known in time."""
    if not solution.problem.parameters or solution.status is not Status.UNDECIDED:
        return None
    found = call_with_limit(solve_parametric, (solution.problem,), limit_s, may_fail=True)
    if found is None or all(region.status is Status.UNDECIDED for region in found.regions):
        return None
    return found


def regions_as_json(solution: ParametricSolution) -> list[dict[str, Any]]:
    """One object a region, with exact texts."""
    return [_as_json(region) for region in solution.regions]


def _as_json(region: ParametricRegion) -> dict[str, Any]:
    return {
        "where": [str(relation) for relation in region.relations],
        "status": region.status.value,
        "value": None if region.value is None else str(region.value),
        "x": {str(variable): str(place) for variable, place in (region.point or {}).items()},
        "multipliers": {str(stated): str(value) for stated, value in (region.multipliers or {}).items()},
        "active": [str(stated) for stated in region.active_set],
    }
