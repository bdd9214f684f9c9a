"""What is shown of problems, conditions, answers and certificates."""

from collections.abc import Iterator
from enum import Enum
from typing import Any

from sympy import Eq, Le, Lt, Symbol

from lagrangian.conditions.kkt import FritzJohnSystem, KKTSystem, groups_of
from lagrangian.conditions.lagrange import Lagrangian
from lagrangian.conditions.qualification import Qualification
from lagrangian.errors import LagrangianError
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.problem.problem import Problem, Sense
from lagrangian.progress import Progress
from lagrangian.proof.certificate import Certificate
from lagrangian.report.answer_blocks import answer, family, headline
from lagrangian.report.blocks import Block, Formulas, Step, Table, listed, say
from lagrangian.report.condition_steps import statement
from lagrangian.report.numbers import short_form
from lagrangian.report.shown_parts import decided, lines, place, steps_of, untitled
from lagrangian.solution import Solution, SolutionFamily, StationaryPoint
from lagrangian.verification import Verification


@steps_of.register
def _enum(value: Enum) -> tuple[Step, ...]:
    word = value.name.lower() if isinstance(value.value, int) else str(value.value)
    return untitled(say(word.replace("_", " ")))


@steps_of.register
def _error(error: LagrangianError) -> tuple[Step, ...]:
    return untitled(say(f"{type(error).__name__}: {error}"))


@steps_of.register
def _progress(progress: Progress) -> tuple[Step, ...]:
    value = "" if progress.value is None else f", best value {progress.value:.10g}"
    return untitled(say(f"{progress.elapsed_s:.0f} s, {progress.stage}{value}"))


@steps_of.register
def _problem(problem: Problem) -> tuple[Step, ...]:
    return untitled(*statement(problem).blocks)


@steps_of.register
def _canonical(problem: CanonicalProblem) -> tuple[Step, ...]:
    relations = [(Lt if g.strict else Le)(g.expression, 0, evaluate=False) for g in problem.inequalities]
    relations += [Eq(h.expression, 0, evaluate=False) for h in problem.equalities]
    blocks: list[Block] = [Formulas((("minimize", problem.objective), *lines("subject to", relations).lines))]
    blocks.append(say("over the real variables ", *listed(problem.variables), "."))
    if problem.integers:
        blocks.append(say("Integers: ", *listed(v for v in problem.variables if v in problem.integers), "."))
    return untitled(*blocks)


@steps_of.register
def _restoration(restoration: Restoration) -> tuple[Step, ...]:
    sign = "the value as it is" if restoration.problem.sense is Sense.MINIMIZE else "minus the value"
    told = say(f"From the canonical form back to the problem as stated: its value is {sign} of the canonical minimum.")
    return untitled(told, *statement(restoration.problem).blocks)


@steps_of.register
def _lagrangian(lagrangian: Lagrangian) -> tuple[Step, ...]:
    blocks: list[Block] = [Formulas((("", Eq(Symbol("L"), lagrangian.written, evaluate=False)),))]
    if len(lagrangian.terms) > 1:
        blocks.append(
            Table(("multiplier", "constraint"), tuple((term.multiplier, term.stated) for term in lagrangian.terms))
        )
    return untitled(*blocks)


@steps_of.register(KKTSystem)
@steps_of.register(FritzJohnSystem)
def _conditions(system: KKTSystem | FritzJohnSystem) -> tuple[Step, ...]:
    groups = groups_of(system)
    if isinstance(system, FritzJohnSystem):
        groups = (*groups, ("nontriviality", (system.nontriviality,)))
    return untitled(Formulas(tuple(line for name, relations in groups for line in lines(name, relations).lines)))


@steps_of.register
def _qualification(found: Qualification) -> tuple[Step, ...]:
    blocks: list[Block] = [say(f"{found.explanation[:1].upper()}{found.explanation[1:]}.")]
    if found.direction:
        blocks.append(Formulas((("direction", place(found.direction)),)))
    if found.abnormal:
        weights = tuple((stated, weight) for stated, weight in found.abnormal.items() if weight != 0)
        blocks.append(Table(("constraint", "weight"), weights))
    return untitled(*blocks)


@steps_of.register
def _solution(solution: Solution) -> tuple[Step, ...]:
    first = Step("", statement(solution.problem).blocks)
    return first, Step(f"{headline(solution)} ({solution.status.value.replace('_', ' ')})", answer(solution))


@steps_of.register
def _stationary_point(point: StationaryPoint) -> tuple[Step, ...]:
    kind = f"{point.kind.value}{', a global optimum' if point.is_global else ''}"
    rows: list[tuple[str, Any]] = [("at", place(point.coordinates)), ("value", short_form(point.objective))]
    rows += [("active", point.active)] if point.active else []
    return untitled(Formulas((*rows, ("kind", kind))), say(f"Because: {point.reason}."))


@steps_of.register
def _family(found: SolutionFamily) -> tuple[Step, ...]:
    return untitled(*family(found))


@steps_of.register
def _certificate(certificate: Certificate) -> tuple[Step, ...]:
    """The argument; whether it holds is only said where it was checked, since a check may take long."""
    known = "verified" in vars(certificate)
    checked = decided(certificate.verified, "it holds", "it does NOT hold", "not decided") if known else "not yet"
    claim = Formulas((("claim", certificate.claim.value), ("proof by", certificate.kind), ("checked again", checked)))
    return untitled(claim, *_sentences(certificate))


def _sentences(certificate: Certificate) -> Iterator[Block]:
    for line in certificate.explanation():
        yield say(line) if line.endswith(".") else say(f"{line}.")


@steps_of.register
def _verification(found: Verification) -> tuple[Step, ...]:
    rows = tuple((check.statement, decided(check.truth, "yes", "NO", "not decided")) for check in found.checks)
    return untitled(say(found.sentence()), Table(("what was checked", ""), rows))
