"""What is shown of duals, sensitivities, answers by regions, and Lagrangian relaxations."""

from collections.abc import Iterable
from typing import Any

from lagrangian.duality.dual_function import DualFunction
from lagrangian.duality.dual_gap import Duality
from lagrangian.duality.dual_problem import DualProblem
from lagrangian.duality.parameter_effects import ComparativeStatics, Envelope
from lagrangian.duality.parametric_regions import ParametricRegion
from lagrangian.duality.parametric_solution import ParametricSolution
from lagrangian.duality.relaxation import Relaxation
from lagrangian.duality.relaxation_optimum import RelaxedOptimum
from lagrangian.duality.sensitivity import Sensitivity
from lagrangian.duality.slater import Slater
from lagrangian.report.answer_blocks import regions, short_value
from lagrangian.report.blocks import Block, Formulas, Step, Table, listed, say
from lagrangian.report.condition_steps import statement
from lagrangian.report.dual_steps import dual_derivation
from lagrangian.report.notation import text
from lagrangian.report.sensitivity_steps import sensitivity_derivation
from lagrangian.report.shown_parts import MOST_ENTRIES, decided, lines, place, steps_of, untitled


@steps_of.register
def _function(function: DualFunction) -> tuple[Step, ...]:
    if function.missing is not None:
        return untitled(say(f"The dual function is not decided: {function.missing}."))
    name = f"g({', '.join(map(text, function.multipliers))})"
    rows: list[tuple[Any, Any]] = [(part.value, part.conditions or "everywhere") for part in function.pieces]
    if not rows or any(part.conditions for part in function.pieces):
        rows.append(("-∞" if function.sign > 0 else "∞", "elsewhere" if rows else "everywhere"))
    return untitled(Table((name, "where"), tuple(rows[:MOST_ENTRIES])))


@steps_of.register
def _dual_problem(dual: DualProblem) -> tuple[Step, ...]:
    function = dual.function
    if function.missing is not None or not function.multipliers or not dual.forms:
        return steps_of(function)
    return Step("The dual problem", statement(dual.problem).blocks), Step(
        "The dual function", steps_of(function)[0].blocks
    )


@steps_of.register
def _duality(found: Duality) -> tuple[Step, ...]:
    return dual_derivation(found).steps


@steps_of.register
def _slater(found: Slater) -> tuple[Step, ...]:
    word = decided(found.holds, "Slater's condition holds", "Slater's condition does not hold", "Not decided")
    blocks: list[Block] = [say(f"{word}: {found.reason}.")]
    if found.point:
        blocks.append(Formulas((("strictly feasible", place(found.point)),)))
    if found.kept:
        blocks.append(say("Without a multiplier, as limits of the domain: ", *listed(found.kept), "."))
    return untitled(*blocks)


@steps_of.register
def _sensitivity(found: Sensitivity) -> tuple[Step, ...]:
    return sensitivity_derivation(found).steps


@steps_of.register
def _envelope(found: Envelope) -> tuple[Step, ...]:
    rows = (
        ("dV/dp, by differentiating V", found.value_derivative),
        ("dL/dp at the optimum", found.lagrangian_derivative),
        ("they are", decided(found.agrees, "equal", "NOT equal", "not decided to be equal")),
    )
    return untitled(Formulas((("parameter p", found.parameter), *rows)))


@steps_of.register
def _statics(statics: ComparativeStatics) -> tuple[Step, ...]:
    if statics.reason:
        return untitled(say(f"Comparative statics are not known: {statics.reason}."))
    parameters = tuple(statics.values)
    rows: list[tuple[Any, ...]] = [
        (variable, value, *(statics.points[variable, p] for p in parameters))
        for variable, value in statics.point.items()
    ]
    for stated in dict.fromkeys(relation for relation, _ in statics.multipliers):
        rates = tuple(statics.multipliers[stated, p] for p in parameters)
        rows.append((f"multiplier of {text(stated)}", "", *rates))
    rows.append(("optimal value", "", *(statics.values[p] for p in parameters)))
    header = ("", "at the optimum", *(f"by {text(p)}" for p in parameters))
    blocks: list[Block] = [say("Where ", *listed(place(statics.at)), ":")] if statics.at else []
    return untitled(*blocks, Table(header, tuple(rows)))


@steps_of.register
def _parametric(solution: ParametricSolution) -> tuple[Step, ...]:
    missing = [say(f"Missing: {reason}.") for reason in solution.missing]
    blocks = (*regions(solution.regions), *missing)
    return (*untitled(*statement(solution.problem).blocks), Step("The answer by regions", blocks))


@steps_of.register
def _region(region: ParametricRegion) -> tuple[Step, ...]:
    blocks: list[Block] = [*regions((region,)), say(f"Because {region.reason}.")] if region.reason else []
    prices = {stated: price for stated, price in (region.shadow_prices or {}).items() if price != 0}
    if prices:
        rows = tuple((stated, short_value(price)) for stated, price in prices.items())
        blocks.append(Table(("constraint", "shadow price"), rows))
    return untitled(*(blocks or regions((region,))))


@steps_of.register
def _relaxation(relaxation: Relaxation) -> tuple[Step, ...]:
    kept: Iterable[Block] = [lines("kept", relaxation.kept)] if relaxation.kept else []
    chosen = (lines("with a multiplier", relaxation.relaxed), *kept)
    return (
        *untitled(*statement(relaxation.problem).blocks),
        Step("The Lagrangian relaxation", chosen),
    )


@steps_of.register
def _relaxed_optimum(found: RelaxedOptimum) -> tuple[Step, ...]:
    gap = "no feasible point is known" if found.gap is None else found.gap
    rows = (("bound", found.bound), ("gap", gap), ("nodes", str(found.nodes)))
    return (*steps_of(found.solution), Step("The search", (Formulas(rows),)))
