"""The answer with its proof, and the multipliers with the prices they mean, as steps of a derivation."""

import sympy
from sympy import Eq

from lagrangian.algebra.signs import is_zero
from lagrangian.conditions.lagrange import Lagrangian
from lagrangian.problem.problem import Sense
from lagrangian.proof.kkt_box import KKTBoxCertificate
from lagrangian.proof.kkt_point import KKTPointCertificate
from lagrangian.report.blocks import Block, Step, Table, say
from lagrangian.report.numbers import optimum
from lagrangian.solution import Solution
from lagrangian.status import Status


def verdict(solution: Solution) -> Step:
    titles = {
        Status.OPTIMAL: "The optimum, and why it is global",
        Status.LOCAL: "What is known: a local optimum",
        Status.UNDECIDED: "What is known",
        Status.INFEASIBLE: "The answer: infeasible",
        Status.UNBOUNDED: "The answer: unbounded",
        Status.NOT_ATTAINED: "The answer: a limit that is not attained",
    }
    blocks: list[Block] = []
    blocks += optimum(solution)
    if solution.certificate is not None:
        blocks += [say(line) for line in solution.certificate.explanation()]
        verdicts: dict[bool | None, str] = {
            True: "it holds",
            False: "it does NOT hold",
            None: "a step could not be decided",
        }
        outcome = verdicts[solution.certificate.verified]
        blocks.append(say(f"Certificate ({solution.certificate.kind}), checked again without the solver: {outcome}."))
    blocks += [say(f"Missing: {line}.") for line in solution.missing]
    return Step(titles[solution.status], tuple(blocks))


def prices(solution: Solution, lagrangian: Lagrangian) -> Step:
    names = lagrangian.multipliers
    rows = []
    for stated, value in solution.multipliers.items():
        price = solution.shadow_prices.get(stated, "not unique")
        rows.append((stated, Eq(names[stated], value, evaluate=False), price))
    blocks: list[Block] = [Table(("constraint", "multiplier", "shadow price"), tuple(rows))]
    word = "minimum" if solution.problem.sense is Sense.MINIMIZE else "maximum"
    if not solution.shadow_prices:
        blocks.append(say(_why_no_price(solution)))
        return Step("Multipliers and shadow prices", tuple(blocks))
    blocks.append(say(f"A shadow price is the rate at which the {word} grows with the right side of its constraint."))
    blocks += _slopes_of_the_value(solution)
    return Step("Multipliers and shadow prices", tuple(blocks))


def _why_no_price(solution: Solution) -> str:
    if isinstance(solution.certificate, KKTBoxCertificate | KKTPointCertificate):
        return "An active constraint has the multiplier zero: the value has no derivative that follows from them."
    return "The active gradients are dependent: other multipliers fit as well, and no shadow price follows."


def _slopes_of_the_value(solution: Solution) -> list[Block]:
    """dV/db = shadow price, by differentiating the value, where a parameter b is the right side of one constraint alone."""
    problem, value = solution.problem, solution.value
    if value is None:
        return []
    blocks: list[Block] = []
    for stated, price in solution.shadow_prices.items():
        elsewhere = [problem.objective, stated.lhs, *(other for other in problem.all_constraints if other != stated)]
        side = stated.rhs
        if side in problem.parameters and not any(side in expression.free_symbols for expression in elsewhere):
            slope = sympy.diff(value, side)
            if is_zero(slope - price):
                equation = Eq(sympy.Derivative(value, side), slope, evaluate=False)
                blocks.append(say("The value function has this slope: ", equation, "."))
    return blocks
