"""Systems that were solved by hand, and the KKT conditions case by case, as blocks of a derivation."""

from collections.abc import Callable, Iterator

from sympy import Eq, Expr, S

from lagrangian.report.blocks import Block, Case, Formulas, Sentence, Step, listed, say
from lagrangian.report.cases import Cases, CaseWorked
from lagrangian.report.dependent import DependentSet
from lagrangian.report.judgment import Fate, equals, holds_at, violation
from lagrangian.report.kkt_equations import Held, KKTEquations
from lagrangian.report.systems import Ending, Equation, Fork, Found, GivenUp, Infinite, Nothing, Worked, shown

Verdict = Callable[[Found | Infinite], Sentence]
Count = Callable[[Worked], Sentence]


def counted(worked: Worked) -> Sentence:
    """How many solutions several cases have together."""
    leaves = list(worked.leaves())
    count = sum(isinstance(leaf, Found) for leaf in leaves)
    words = {0: "No solution", 1: "One solution"}.get(count, f"{count} solutions")
    if any(isinstance(leaf, Infinite) for leaf in leaves):
        words = f"{words}, besides infinitely many" if count else "Infinitely many solutions"
    if any(isinstance(leaf, GivenUp) for leaf in leaves):
        words = f"{words} found, and a part that is not solved here"
    return say(f"{words}.")


def solving_blocks(
    worked: Worked, verdict: Verdict | None = None, count: Count = counted
) -> tuple[tuple[Block, ...], Sentence]:
    """The moves with the cases nested, and how it ends; ``verdict`` says something of each solution behind its values."""
    if not isinstance(worked.ending, Fork):
        return worked.blocks, _outcome(worked.ending, verdict)
    nested = []
    for branch in worked.ending.branches:
        blocks, outcome = solving_blocks(branch.worked, verdict, count)
        nested.append(Case(branch.title, blocks, outcome))
    return (*worked.blocks, *nested), count(worked)


def _outcome(ending: Ending, verdict: Verdict | None) -> Sentence:
    if isinstance(ending, Found):
        values = point_of(ending)
        return say(*values, ": ", *verdict(ending).parts) if verdict else say(*values, ".")
    if isinstance(ending, Infinite):
        values = _infinite(ending)
        return say(*values, ": ", *verdict(ending).parts) if verdict else say(*values, ".")
    if isinstance(ending, Nothing):
        return say("Impossible: ", *_begun_small(ending.reason))
    assert isinstance(ending, GivenUp)
    return ending.reason


def _begun_small(sentence: Sentence) -> tuple[str | Expr, ...]:
    first, *rest = sentence.parts
    return (f"{first[:1].lower()}{first[1:]}", *rest) if isinstance(first, str) else sentence.parts


def _infinite(ending: Infinite) -> list[str | Expr]:
    fixed = [Eq(symbol, value, evaluate=False) for symbol, value in ending.values.items() if symbol != value]
    where = (" with ", *listed(ending.equations)) if ending.equations else ()
    return [*listed(fixed), *([", "] if fixed else []), "for all real ", *listed(ending.free), *where]


def point_of(found: Found) -> list[str | Expr]:
    """The values of all unknowns, as parts of a sentence."""
    parts: list[str | Expr] = []
    for symbol, number in found.numbers.items():
        parts += [", "] if parts else []
        parts += equals(symbol, number)
    return parts


def cases_step(cases: Cases) -> Step:
    """Every case with its equations, their solution, and why it dies or survives."""
    equations = cases.equations
    blocks: list[Block] = [_introduction(cases)]
    blocks += [_case(equations, case) for case in cases.worked]
    blocks += _not_solved(cases)
    blocks.append(_survivors(cases))
    return Step("The KKT conditions, case by case", tuple(blocks))


def _introduction(cases: Cases) -> Sentence:
    told = "By complementary slackness each inequality is active (it holds as an equation) or its multiplier is zero."
    if any(held.strict for held in cases.equations.inequalities):
        told += " A strict inequality is never active."
    possible = 2 ** sum(not held.strict for held in cases.equations.inequalities)
    if cases.total < possible:
        told += (
            " Multipliers can be chosen with independent gradients (Caratheodory), so that not all are needed at once."
        )
    return say(f"{told} That makes {cases.total} case{'s' if cases.total != 1 else ''}.")


def _case(equations: KKTEquations, case: CaseWorked) -> Case:
    judged = {id(each.found): each for each in case.judged}

    def count(worked: Worked) -> Sentence:
        points = [judged[id(leaf)] for leaf in worked.leaves() if id(leaf) in judged]
        good = sum(each.fate is Fate.KKT for each in points)
        said = counted(worked)
        if not points:
            return said
        words = {0: "none of them a new KKT point", len(points): "all of them KKT points", 1: "one of them a KKT point"}
        many = words.get(good, f"{good} of them KKT points")
        one = "a KKT point" if good else "no new KKT point"
        return say(f"{str(said.parts[0])[:-1]}, {one if len(points) == 1 else many}.")

    blocks, outcome = solving_blocks(case.worked, lambda leaf: case.reasons[id(leaf)], count)
    held = [equations.inequalities[i].stated for i in case.active]
    names = [Eq(relation.lhs, relation.rhs, evaluate=False) for relation in held]
    idle = [h.multiplier for i, h in enumerate(equations.inequalities) if i not in case.active]
    title = say(f"Case {case.number}: ", *(listed(names) if names else ["no inequality is active"]), *_zero(idle), ".")
    return Case(title, (_system(equations, case), *blocks), outcome)


def _zero(idle: list[Expr]) -> list[str | Expr]:
    if not idle:
        return []
    return ["; ", *listed(Eq(multiplier, S.Zero, evaluate=False) for multiplier in idle)]


def _system(equations: KKTEquations, case: CaseWorked) -> Formulas:
    return numbered(equations.labelled(case.active), equations.unknowns(case.active))


def numbered(rows: list[Equation], unknowns: list[Expr]) -> Formulas:
    """Equations with their numbers."""
    return Formulas(tuple((row.label, shown(row.left, tuple(unknowns))) for row in rows))


def _not_solved(cases: Cases) -> Iterator[Block]:
    names = [listed(_as_equations(tuple(cases.equations.inequalities[i] for i in pair))) for pair in cases.impossible]
    for pair in names:
        yield say("No point has ", *pair, ": these equations contradict each other.")
    if cases.excluded > len(names):
        yield say(f"So {cases.excluded} cases, in which such equations are among the active ones, are impossible.")
    if cases.left_out:
        yield say(f"{cases.left_out} more cases are left out here: they are too many, or too long, to be written down.")


def _survivors(cases: Cases) -> Sentence:
    points = [judged for case in cases.worked for judged in case.judged if judged.fate is Fate.KKT]
    leaves = [leaf for case in cases.worked for leaf in case.worked.leaves()]
    undecided = any(judged.fate is Fate.OPEN for case in cases.worked for judged in case.judged)
    more = ""
    if undecided or cases.left_out or any(isinstance(leaf, GivenUp | Infinite) for leaf in leaves):
        more = " Parts are left open above, so there may be others."
    if not points:
        return say(f"No KKT point was found in these cases.{more}")
    told: list[str | Expr] = []
    for judged in points:
        told += ["; " if told else "", *_place(cases.equations, judged.found)]
    return say("The KKT points of these cases: ", *told, f".{more}")


def _place(equations: KKTEquations, found: Found) -> Iterator[str | Expr]:
    first = True
    for variable in equations.variables:
        if not first:
            yield ", "
        yield from equals(variable, found.numbers[variable])
        first = False


def dependent_step(equations: KKTEquations, found: list[DependentSet], everything: bool) -> Step:
    """Where the active gradients are dependent, set by set, and what the points found there are."""
    blocks: list[Block] = []
    if not found and everything:
        blocks.append(say(AFFINE))
    else:
        blocks.append(say(DEPENDENT))
    regular = [each for each in found if all(isinstance(leaf, Nothing) for leaf in each.worked.leaves())]
    blocks += [_dependent(equations, each) for each in found if each not in regular]
    if regular:
        names = [part for each in regular for part in ("; ", *listed(_as_equations(each.held)))][1:]
        blocks.append(say("Nowhere dependent are the gradients of: ", *names, "."))
    if not everything:
        blocks.append(say("Other sets of constraints are not examined here."))
    return Step("Where the active gradients are dependent", tuple(blocks))


AFFINE = "All constraints are affine, which is a constraint qualification: every optimum satisfies the KKT conditions."
DEPENDENT = (
    "Where the gradients of the active constraints are dependent an optimum need not have multipliers (Fritz John, mu_0 = 0). "
    "These points are looked for apart."
)


def _as_equations(held: tuple[Held, ...]) -> list[Expr]:
    return [Eq(each.stated.lhs, each.stated.rhs, evaluate=False) for each in held]


def _dependent(equations: KKTEquations, each: DependentSet) -> Case:
    feasible = {id(found): truth for found, truth in each.feasible}
    others = [held for held in equations.inequalities if held not in each.held]

    def verdict(leaf: Found | Infinite) -> Sentence:
        if isinstance(leaf, Infinite):
            return say("which of these are feasible is not examined here.")
        if feasible[id(leaf)] is None:
            return say("whether it is feasible is not decided here.")
        if feasible[id(leaf)]:
            return say("feasible, and so a candidate.")
        violated = next(held for held in others if holds_at(equations, leaf, held) is False)
        return say(*violation(equations, leaf, violated), ".")

    blocks, outcome = solving_blocks(each.worked, verdict)
    rows = numbered(list(each.rows), list(equations.variables))
    return Case(say("Gradients of ", *listed(_as_equations(each.held)), ":"), (rows, *blocks), outcome)
