"""Duality as steps: the Lagrangian, its infimum, the dual problem, both values and the gap."""

from typing import Any

from sympy import Eq, Symbol

from lagrangian.conditions.ordered_sum import ordered_sum, scaled, terms_of
from lagrangian.duality.dual_function import DualFunction
from lagrangian.duality.dual_gap import Duality, Reason
from lagrangian.duality.dual_problem import DualProblem
from lagrangian.problem.problem import Sense
from lagrangian.report.blocks import Block, Formulas, Step, Table, listed, say
from lagrangian.report.notation import text
from lagrangian.report.steps import Derivation

MOST_ROWS = 24


def dual_derivation(found: Duality) -> Derivation:
    """The derivation of the dual and what it says of the answer."""
    dual = found.dual
    steps = [_lagrangian(dual.function), _infimum(dual), _function(dual.function)]
    if dual.function.is_known and dual.function.multipliers and dual.forms:
        steps.append(_problem(dual))
    return Derivation((*steps, _gap(found)))


def _lagrangian(function: DualFunction) -> Step:
    terms = [scaled(term.sign * term.multiplier, term.written_slack) for term in function.terms]
    written = ordered_sum([*terms_of(function.lagrangian.objective), *terms])
    blocks: list[Block] = [Formulas((("", Eq(Symbol("L"), written, evaluate=False)),))]
    if len(function.terms) > 1:
        rows = tuple((term.multiplier, term.stated) for term in function.terms)
        blocks.append(Table(("multiplier", "constraint"), rows))
    if function.kept:
        blocks.append(say("Without a multiplier, as limits of the inner problem: ", *listed(function.kept), "."))
    return Step("The Lagrangian", tuple(blocks))


def _infimum(dual: DualProblem) -> Step:
    function = dual.function
    if function.missing is not None:
        return Step("The inner problem", (say("It is not decided: ", function.missing, "."),))
    blocks: list[Block] = []
    if function.region:
        where = listed(function.region)
        blocks.append(say("The functions are taken where they are convex, which the constraints imply: ", *where, "."))
    if function.introduced:
        rows = tuple((multiplier, relation) for multiplier, relation in function.introduced)
        blocks += [
            say("New variables stand for the arguments of the functions, which makes these independent."),
            Table(("multiplier", "relation"), rows),
        ]
    if function.constant != 0:
        blocks.append(Formulas((("constant", function.constant),)))
    for block in function.blocks:
        blocks += [
            Formulas(((f"inf over {', '.join(map(text, block.variables))} of", block.function),)),
            say(f"{block.reason[:1].upper()}{block.reason[1:]}."),
        ]
    least = "the infimum of L" if function.sign > 0 else "the supremum of L, as minus the infimum of -L"
    title = f"The inner problem: {least}"
    return Step(title, tuple(blocks) or (say("There is nothing to minimize over."),))


def _function(function: DualFunction) -> Step:
    if function.missing is not None:
        return Step("The dual function", (say("There is no closed form of it here."),))
    infinite = "-∞" if function.sign > 0 else "∞"
    name = f"g({', '.join(map(text, function.multipliers))})"
    if not function.pieces:
        return Step("The dual function", (say(f"{name} = {infinite} for all multipliers."),))
    rows: list[tuple[Any, Any]] = [
        (part.value, part.conditions or "everywhere") for part in function.pieces[:MOST_ROWS]
    ]
    if any(part.conditions for part in function.pieces):
        rows.append((infinite, "elsewhere"))
    blocks: list[Block] = [Table((name, "where"), tuple(rows))]
    if len(function.pieces) > MOST_ROWS or not function.is_complete:
        blocks.append(say("There are more cases than are shown."))
    return Step("The dual function", tuple(blocks))


def _problem(dual: DualProblem) -> Step:
    form = dual.forms[0]
    problem = form.problem
    verb = "maximize" if problem.sense is Sense.MAXIMIZE else "minimize"
    labels = ["subject to", *[""] * len(problem.all_constraints)]
    lines = [(verb, problem.objective), *zip(labels, problem.all_constraints, strict=False)]
    blocks: list[Block] = [Formulas(tuple(lines))]
    if form.determined:
        equal = [Eq(symbol, value, evaluate=False) for symbol, value in form.determined.items()]
        blocks.append(say("The other multipliers follow: ", *listed(equal), "."))
    if len(dual.forms) > 1:
        blocks.append(say("It is stated for the first case of the dual function."))
    return Step("The dual problem", tuple(blocks))


def _gap(found: Duality) -> Step:
    values = (("p*", found.primal_value), ("d*", found.dual_value), ("gap", found.gap))
    blocks: list[Block] = [Formulas(tuple((name, "not known" if value is None else value) for name, value in values))]
    if found.multipliers:
        equal = tuple(Eq(symbol, value, evaluate=False) for symbol, value in found.multipliers.items())
        blocks.append(Formulas((("attained at", equal),)))
    title = "The gap" if found.reason is not Reason.NOT_DECIDED else "The gap: not decided"
    blocks.append(say(f"{found.sentence[:1].upper()}{found.sentence[1:]}."))
    return Step(title, tuple(blocks))
