"""The derivation of an answer as steps that every form of the report shares."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Basic, Eq, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_zero
from lagrangian.conditions.kkt import groups_of, kkt_system
from lagrangian.conditions.lagrange import Lagrangian, lagrangian_of
from lagrangian.conditions.ordered_sum import scaled
from lagrangian.errors import LagrangianError
from lagrangian.problem.problem import Sense
from lagrangian.proof.kkt_box import KKTBoxCertificate
from lagrangian.proof.kkt_point import KKTPointCertificate
from lagrangian.proof.stationary_list import StationaryListCertificate
from lagrangian.report.blocks import Block, Formulas, Step, Table, listed, say
from lagrangian.report.integers import classification
from lagrangian.report.numbers import optimum, short_form
from lagrangian.solution import Solution, SolutionFamily, StationaryPoint
from lagrangian.status import Status

DETAILS = ("short", "full")
MOST_ROWS = 30
NO_CALCULUS = (
    "An integer cannot move by a little: the KKT conditions say nothing of it, and the proof does without them."
)


@dataclass(frozen=True, slots=True)
class Derivation:
    """All steps from the problem to the answer."""

    steps: tuple[Step, ...]

    def render(self, form: str = "text") -> str:
        """The derivation as "text", "markdown", "latex" or "html". Raises LagrangianError for another form."""
        from lagrangian.report import html, latex, markdown, plain  # they import the blocks from here

        forms = {"text": plain.render, "markdown": markdown.render, "latex": latex.render, "html": html.render}
        if form not in forms:
            raise LagrangianError(f"there is no form {form!r} of a derivation; write one of {', '.join(forms)}")
        return forms[form](self.steps)


def derivation(solution: Solution, detail: str = "short") -> Derivation:
    """The worked example: problem, Lagrangian, conditions, candidates, the winner and why, shadow prices, what was tried.

    Raises LagrangianError for a detail that is neither "short" nor "full".
    """
    if detail not in DETAILS:
        raise LagrangianError(f"there is no detail {detail!r} of a derivation; write one of {', '.join(DETAILS)}")
    lagrangian = lagrangian_of(solution.problem)
    steps = [statement(solution)]
    if solution.problem.integers:
        steps.append(Step("What kind of problem it is", (say(classification(solution.problem)), say(NO_CALCULUS))))
    else:
        if lagrangian.terms:
            steps.append(_lagrangian_step(lagrangian))
        steps += [_conditions(lagrangian), _candidates(solution, lagrangian)]
    steps.append(_verdict(solution))
    if solution.multipliers:
        steps.append(_prices(solution, lagrangian))
    if solution.tried:
        failed = tuple(say(f"{line[:1].upper()}{line[1:]}.") for line in solution.tried)
        steps.append(Step("What was tried", failed))
    return Derivation(tuple(steps))


def statement(solution: Solution) -> Step:
    """The first step: the problem as it is stated."""
    problem = solution.problem
    constraints = problem.all_constraints
    labels = ["subject to", *[""] * len(constraints)]
    lines = [(_verb(solution), problem.objective), *zip(labels, constraints, strict=False)]
    closing: list[str | Basic] = ["over the real variables ", *listed(problem.over)]
    if problem.parameters:
        word = "parameter" if len(problem.parameters) == 1 else "parameters"
        closing += [f", with the {word} ", *listed(problem.parameters)]
    if problem.integers:
        closing += [", of which integer: ", *listed([v for v in problem.over if v in problem.integers])]
    return Step("The problem", (Formulas(tuple(lines)), say(*closing, ".")))


def _verb(solution: Solution) -> str:
    return "minimize" if solution.problem.sense is Sense.MINIMIZE else "maximize"


def _lagrangian_step(lagrangian: Lagrangian) -> Step:
    blocks: list[Block] = [Formulas((("", Eq(Symbol("L"), lagrangian.written, evaluate=False)),))]
    if len(lagrangian.terms) > 1:
        rows = tuple((term.multiplier, term.stated) for term in lagrangian.terms)
        blocks.append(Table(("multiplier", "constraint"), rows))
    return Step("The Lagrangian", tuple(blocks))


def _conditions(lagrangian: Lagrangian) -> Step:
    over, objective = lagrangian.problem.over, lagrangian.problem.objective
    if not lagrangian.terms:
        equations = [Eq(_derivative(objective, v), 0, evaluate=False) for v in over]
        return Step("Stationary points: the gradient vanishes", (_by_variable(over, equations),))
    if not lagrangian.inequality_terms:
        return _gradient_equations(lagrangian)
    lines = [
        (name if first else "", relation)
        for name, relations in _groups(lagrangian)
        for first, relation in zip((True, *[False] * len(relations)), relations, strict=False)
    ]
    return Step("The Karush-Kuhn-Tucker conditions", (Formulas(tuple(lines)),))


def _groups(lagrangian: Lagrangian) -> list[tuple[str, tuple[Relational, ...]]]:
    """The groups of conditions with the slacks as they are written."""
    slackness = tuple(
        Eq(scaled(term.multiplier, term.written_slack), 0, evaluate=False) for term in lagrangian.inequality_terms
    )
    groups = dict(groups_of(kkt_system(lagrangian)))
    return list((groups | {"complementary slackness": slackness}).items())


def _gradient_equations(lagrangian: Lagrangian) -> Step:
    over, terms = lagrangian.problem.over, lagrangian.equality_terms
    equations = [
        Eq(
            _derivative(lagrangian.problem.objective, variable),
            sympy.Add(*(term.multiplier * sympy.diff(term.slack, variable) for term in terms)),
            evaluate=False,
        )
        for variable in over
    ]
    unknowns = [*over, *(term.multiplier for term in terms)]
    return Step(
        "Gradient equations: ∇f = λ ∇g, together with the constraints",
        (
            _by_variable(over, equations),
            Formulas(tuple(("constraint", term.stated) for term in terms)),
            say(f"These are {len(unknowns)} equations for ", *listed(unknowns), "."),
        ),
    )


def _derivative(expression: sympy.Expr, variable: Symbol) -> sympy.Expr:
    """The derivative, multiplied out where that makes it shorter."""
    found = sympy.diff(expression, variable)
    return min(found, sympy.expand(found), key=sympy.count_ops)


def _by_variable(over: Iterable[Symbol], equations: Iterable[Relational]) -> Formulas:
    return Formulas(tuple((f"∂/∂{variable}", equation) for variable, equation in zip(over, equations, strict=True)))


def _candidates(solution: Solution, lagrangian: Lagrangian) -> Step:
    found = solution.stationary_points
    blocks: list[Block] = []
    if found:
        blocks.append(_table_of_candidates(solution, found[:MOST_ROWS]))
        if len(found) > MOST_ROWS:
            blocks.append(say(f"{len(found) - MOST_ROWS} more candidates with worse values are left out of the table."))
        blocks += _reasons(found[:MOST_ROWS], lagrangian)
    for family in solution.families:
        blocks += _family(family)
    if not blocks:
        known = "The conditions have no feasible solution." if solution.complete else "No feasible solution was found."
        blocks.append(say(known))
    blocks.append(say(_completeness(solution)))
    return Step("The solutions of these conditions", tuple(blocks))


def _family(family: SolutionFamily) -> list[Block]:
    start = (f"Infinitely many points (dimension {family.dimension}) with the value ", family.value)
    example = say("for example ", *listed(_equations(family.sample)), ".")
    if not family.equations:
        return [say(*start, ": all feasible ones,"), example]
    equations = Formulas(tuple(("", equation) for equation in family.equations))
    counters = {s for equation in family.equations for s in equation.free_symbols - set(family.sample) if s.is_integer}
    of_integers = [say("for all integers ", *listed(sorted(counters, key=str)), ",")] if counters else []
    return [say(*start, ": the feasible ones of"), equations, *of_integers, example]


def _equations(point: dict[Symbol, sympy.Expr]) -> list[Basic]:
    return [Eq(variable, value, evaluate=False) for variable, value in point.items()]


def _completeness(solution: Solution) -> str:
    if not solution.complete:
        return "The list may not be complete."
    if isinstance(solution.certificate, StationaryListCertificate):
        return "The list is complete: interval Newton methods show that there are no others."
    if not solution.problem.all_constraints:
        return "The list is complete: the gradient equations were solved exactly."
    return "The list is complete: every set of active constraints was solved exactly, Fritz John points included."


def _table_of_candidates(solution: Solution, found: tuple[StationaryPoint, ...]) -> Table:
    has_inequalities = any(not isinstance(c, Eq) for c in solution.problem.all_constraints)
    has_minors = any(point.bordered_minors for point in found)
    header = (*solution.problem.over, "value")
    header += ("active",) if has_inequalities else ()
    header += ("bordered minors",) if has_minors else ()
    rows = []
    for point in found:
        row: tuple[Any, ...] = (*(short_form(x) for x in point.coordinates.values()), short_form(point.objective))
        row += (point.active or "none",) if has_inequalities else ()
        row += (point.bordered_minors,) if has_minors else ()
        rows.append((*row, _kind(point, solution)))
    return Table((*header, "what it is"), tuple(rows))


def _kind(point: StationaryPoint, solution: Solution) -> str:
    if point.is_global:
        return f"global {'minimum' if solution.problem.sense is Sense.MINIMIZE else 'maximum'}"
    return point.kind.value


def _reasons(found: tuple[StationaryPoint, ...], lagrangian: Lagrangian) -> list[Block]:
    """The bordered Hessian where minors of it are shown, and why each kind was given, each distinct reason once."""
    blocks: list[Block] = []
    if any(point.bordered_minors for point in found):
        blocks.append(say("The bordered Hessian of L, whose last leading principal minors are in the table:"))
        blocks.append(Formulas((("", lagrangian.bordered_hessian),)))
    seen: dict[str, str] = {}
    for point in found:
        seen.setdefault(point.reason, point.kind.value)
    blocks += [say(f"{kind}: {reason}.") for reason, kind in seen.items()]
    return [*blocks, *_qualifications(found)]


def _qualifications(found: tuple[StationaryPoint, ...]) -> list[Block]:
    """Where LICQ fails: which qualification holds, or that a point is no KKT point but one of Fritz John's, with the weights."""
    blocks: list[Block] = []
    for point in found:
        qualification = point.qualification
        if qualification is None or qualification.licq:
            continue
        place = listed(Eq(v, short_form(x), evaluate=False) for v, x in point.coordinates.items())
        blocks.append(say("At ", *place, f": {qualification.explanation}."))
        if qualification.holds is False and qualification.abnormal:
            rows = tuple((stated, weight) for stated, weight in qualification.abnormal.items() if weight != 0)
            blocks.append(say("Fritz John's conditions hold there with mu_0 = 0 and these multipliers:"))
            blocks.append(Table(("constraint", "multiplier"), rows))
    return blocks


def _verdict(solution: Solution) -> Step:
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


def _prices(solution: Solution, lagrangian: Lagrangian) -> Step:
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
