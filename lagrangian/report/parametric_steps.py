"""The answer to a problem with parameters as steps of the report: what holds in each region, and whether the regions cover."""

from typing import Any

from sympy import Basic, Eq

from lagrangian.duality.parametric_regions import ParametricRegion
from lagrangian.duality.parametric_solution import ParametricSolution
from lagrangian.report.blocks import Block, Formulas, Step, listed, say
from lagrangian.report.steps import Derivation
from lagrangian.status import Status


def parametric_derivation(solution: ParametricSolution) -> Derivation:
    """The regions alone, as a derivation that every form of the report renders."""
    return Derivation((regions_step(solution),))


def regions_step(solution: ParametricSolution) -> Step:
    """One step: the regions with their answers, then the cover."""
    blocks: list[Block] = []
    for region in solution.regions:
        blocks += _region(region)
    blocks.append(say(_cover(solution)))
    blocks += [say(f"Missing: {reason}.") for reason in solution.missing]
    return Step(f"The answer by regions of the parameters: {len(solution.regions)}", tuple(blocks))


def _region(region: ParametricRegion) -> list[Block]:
    where = ["Where ", *listed(region.relations)] if region.relations else ["For all parameters"]
    blocks: list[Block] = [say(*where, f": {region.status.value}, because {region.reason}.")]
    lines: list[tuple[str | Basic, Any]] = []
    if region.value is not None:
        lines.append(("value" if region.status is Status.OPTIMAL else "bound", region.value))
    if region.status is Status.OPTIMAL:
        lines += [("", Eq(variable, place, evaluate=False)) for variable, place in (region.point or {}).items()]
        lines += [("active", stated) for stated in region.active_set]
        lines += [
            ("shadow price", (stated, price)) for stated, price in (region.shadow_prices or {}).items() if price != 0
        ]
    return [*blocks, Formulas(tuple(lines))] if lines else blocks


def _cover(solution: ParametricSolution) -> str:
    covers = {True: "The regions cover all admissible parameters", None: "Whether the regions cover was not decided"}
    overlaps = {True: "they overlap at most on their boundaries", None: "whether they overlap was not decided"}
    cover = covers.get(solution.covers, "The regions do NOT cover all parameters")
    if solution.covers and solution.is_decided is not True:
        cover += ", but in some of them nothing is decided"
    return f"{cover}; {overlaps.get(solution.overlaps_only_on_boundaries, 'they overlap')}."
