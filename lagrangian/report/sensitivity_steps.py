"""Shadow prices and what parameters do, as tables."""

from typing import Any

import sympy
from sympy import Eq, Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.duality.parameter_effects import ComparativeStatics, Envelope
from lagrangian.duality.sensitivity import RegionEnvelope, Sensitivity
from lagrangian.duality.slopes import CoefficientSensitivity, ConstraintSensitivity, OneSided, SlopeKind
from lagrangian.logic import Truth
from lagrangian.problem.problem import Sense
from lagrangian.report.blocks import Block, Step, Table, say
from lagrangian.report.notation import text
from lagrangian.report.steps import Derivation

WORDS = {
    SlopeKind.INFEASIBLE: "nothing feasible",
    SlopeKind.UNBOUNDED: "unbounded",
    SlopeKind.UNDECIDED: "undecided",
}


def sensitivity_derivation(sensitivity: Sensitivity) -> Derivation:
    """A table of shadow prices, one of coefficients, the envelope theorem and comparative statics, as far as there are any."""
    steps = []
    if sensitivity.regions:
        steps += [_region(number, found) for number, found in enumerate(sensitivity.regions, start=1)]
    elif sensitivity.constraints:
        steps.append(_prices(sensitivity))
    if sensitivity.coefficients:
        steps.append(_coefficients(sensitivity.coefficients))
    if sensitivity.envelope:
        steps.append(Step("The envelope theorem", (_envelope(sensitivity.envelope),)))
    if sensitivity.statics is not None:
        steps.append(_statics(sensitivity.statics))
    if not steps:
        steps.append(Step("Sensitivity", (say("The problem has neither constraints nor parameters."),)))
    return Derivation(tuple(steps))


def _region(number: int, found: RegionEnvelope) -> Step:
    region = found.region
    where = "for all parameters" if not region.relations else " and ".join(map(text, region.relations))
    prices = region.shadow_prices or {}
    rows = [(relation, prices.get(relation, "not unique")) for relation in region.multipliers or {}]
    blocks: list[Block] = [say(f"Where {where}, the value is ", region.value, ".")]
    if rows:
        blocks.append(Table(("constraint", "shadow price"), tuple(rows)))
    if found.envelope:
        blocks.append(_envelope(found.envelope))
    return Step(f"Region {number}", tuple(blocks))


def _envelope(entries: tuple[Envelope, ...]) -> Table:
    header = ("parameter p", "dV/dp, by differentiating V", "dL/dp at the optimum", "")
    return Table(
        header, tuple((e.parameter, e.value_derivative, e.lagrangian_derivative, _verdict(e.agrees)) for e in entries)
    )


def _verdict(agrees: Truth) -> str:
    if agrees is None:
        return "not decided"
    return "equal" if agrees else "NOT equal"


def _prices(sensitivity: Sensitivity) -> Step:
    word = "minimum" if sensitivity.problem.sense is Sense.MINIMIZE else "maximum"
    ranged = any(entry.valid_range is not None for entry in sensitivity.constraints)
    header = ("constraint", "shadow price", "to the left", "to the right", *(["right sides"] if ranged else []))
    rows = [_price_row(entry, ranged=ranged) for entry in sensitivity.constraints]
    blocks: list[Block] = [
        say(f"The rate at which the {word} grows with the right side of a constraint, as it is written."),
        Table(header, tuple(rows)),
    ]
    if ranged:
        blocks.append(say("To each side the price holds over these right sides; δ is the change of the right side."))
    notes = [f"{text(entry.constraint)}: {reason}." for entry in sensitivity.constraints for reason in entry.reasons]
    blocks += [say(note) for note in dict.fromkeys(notes)]
    return Step("Shadow prices", tuple(blocks))


def _price_row(entry: ConstraintSensitivity, *, ranged: bool) -> tuple[Any, ...]:
    price = entry.shadow_price
    row: tuple[Any, ...] = (entry.constraint, "none" if price is None else price, _side(entry.left), _side(entry.right))
    return (*row, _interval(entry.constraint, entry)) if ranged else row


def _side(side: OneSided) -> Any:
    if side.value is None:
        return WORDS[side.kind]
    if side.price is not None and side.price.free_symbols:
        return side.price.xreplace({s: Symbol("δ", real=True) for s in side.price.free_symbols})
    return side.value


def _interval(constraint: Relational, entry: ConstraintSensitivity) -> str:
    if entry.valid_range is None:
        return "not known"
    return _between(constraint.rhs, entry.valid_range)


def _between(middle: Expr, change: tuple[Expr, Expr]) -> str:
    low, high = (None if abs(end) == sympy.oo else text(sympy.expand(middle + end)) for end in change)
    if low is None and high is None:
        return "all"
    if low is None:
        return f"up to {high}"
    return f"from {low} on" if high is None else f"{low} to {high}"


def _coefficients(entries: tuple[CoefficientSensitivity, ...]) -> Step:
    rows = []
    for entry in entries:
        interval = "not known" if entry.valid_range is None else _between(entry.coefficient, entry.valid_range)
        rows.append((entry.variable, entry.coefficient, _side(entry.left), _side(entry.right), interval))
    header = ("variable", "coefficient", "to the left", "to the right", "coefficients")
    sentence = (
        "The rate at which the value grows with a coefficient of the objective is the variable's value at the optimum."
    )
    return Step("Coefficients of the objective", (say(sentence), Table(header, tuple(rows))))


def _statics(statics: ComparativeStatics) -> Step:
    title = "Comparative statics, by the implicit function theorem"
    if statics.reason:
        return Step(title, (say(f"Not known: {statics.reason}."),))
    parameters = tuple(statics.values)
    rows: list[tuple[Any, ...]] = []
    for variable, value in statics.point.items():
        rows.append((variable, value, *(statics.points[variable, p] for p in parameters)))
    for relation in dict.fromkeys(relation for relation, _ in statics.multipliers):
        name = f"multiplier of {text(relation)}"
        rows.append((name, "", *(statics.multipliers[relation, p] for p in parameters)))
    rows.append(("optimal value", "", *(statics.values[p] for p in parameters)))
    header = ("", "at the optimum", *(f"by {text(p)}" for p in parameters))
    blocks: list[Block] = [Table(header, tuple(rows))]
    if statics.at:
        place = ", ".join(text(Eq(p, value, evaluate=False)) for p, value in statics.at.items())
        blocks.insert(0, say(f"Where {place}:"))
    return Step(title, tuple(blocks))
