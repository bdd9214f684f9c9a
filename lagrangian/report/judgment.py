"""What becomes of a solution of the KKT equations: which condition it violates, by exact signs, or that it is a KKT point."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

import sympy
from sympy import Eq, Expr, Ge, Le
from sympy.core.relational import Relational

from lagrangian.algebra.numbers import FieldElement, compare
from lagrangian.algebra.signs import is_nonnegative, is_positive, is_zero
from lagrangian.exact_numbers import ExactNumber
from lagrangian.logic import Truth, all3
from lagrangian.report.blocks import Sentence, listed, say
from lagrangian.report.kkt_equations import Held, KKTEquations
from lagrangian.report.numbers import short_form
from lagrangian.report.rays import range_of
from lagrangian.report.remaining import value_at
from lagrangian.report.systems import Found, Infinite, number_form


class Fate(Enum):
    """What becomes of a solution of a case's equations."""

    KKT = "a KKT point"
    DUAL = "dual feasibility fails"
    PRIMAL = "primal feasibility fails"
    KNOWN = "found before"
    OPEN = "not decided"


@dataclass(frozen=True, eq=False, slots=True)
class Judged:
    """A solution of a case's equations, whether it is feasible, what becomes of it, and why in words."""

    found: Found
    feasible: Truth
    fate: Fate
    reason: Sentence


def judge(
    equations: KKTEquations, active: Sequence[int], found: Found, earlier: Sequence[tuple[int, Judged]] = ()
) -> Judged:
    """The first condition that fails, or the number of the case in which the same point was found before."""
    others = [held for i, held in enumerate(equations.inequalities) if i not in active]
    primal = [(held, holds_at(equations, found, held)) for held in others]
    dual = [(held, _sign_holds(equations, found, held)) for held in (equations.inequalities[i] for i in active)]
    feasible = all3(truth for _, truth in primal)
    for held, truth in dual:
        if truth is False:
            return Judged(found, feasible, Fate.DUAL, say(*_negative(found, held), ": dual feasibility fails."))
    for held, truth in primal:
        if truth is False:
            return Judged(found, feasible, Fate.PRIMAL, say(*violation(equations, found, held), "."))
    undecided = list(_open(found, primal, dual))
    if undecided:
        needed = [part for parts in undecided for part in (", ", *parts)][1:]
        return Judged(found, feasible, Fate.OPEN, say("a KKT point exactly where ", *needed, "."))
    known = next((number for number, other in earlier if same_place(equations, found, other.found)), None)
    if known is not None:
        return Judged(found, feasible, Fate.KNOWN, say(f"the point of case {known} again."))
    value = short_form(number_at(found, equations.objective))
    return Judged(found, feasible, Fate.KKT, say("all conditions hold: a KKT point with the value ", value, "."))


def judge_family(
    equations: KKTEquations, active: Sequence[int], family: Infinite, earlier: Sequence[tuple[int, Judged]] = ()
) -> tuple[Sentence, Judged | None]:
    """What the conditions leave of infinitely many solutions, in words, and the point where they leave a single one.

    Only solutions with one free number, in which the conditions are affine, are examined.
    """
    others = [held for i, held in enumerate(equations.inequalities) if i not in active]
    held_active = [equations.inequalities[i] for i in active]
    needs = [(held.stated, -held.function) for held in others if not held.strict]
    needs += [(Ge(held.multiplier, 0, evaluate=False), held.multiplier) for held in held_active]
    wide = len(family.free) != 1 or bool(family.equations) or len(needs) < len(others) + len(active)
    free = family.free[0]
    conditions = [need.xreplace(family.values) for _, need in needs]
    found = None if wide else range_of(conditions, free, equations.assumptions)
    if found is None:
        return say("which of these are KKT points is not examined here."), None
    bounding = [stated for (stated, _), condition in zip(needs, conditions, strict=True) if condition.has(free)]
    if found.empty:
        return say("no value of ", free, " satisfies ", *listed(bounding or [stated for stated, _ in needs]), "."), None
    if found.point is None:
        where = [Ge(free, found.low, evaluate=False)] if found.low is not None else []
        where += [Le(free, found.high, evaluate=False)] if found.high is not None else []
        return say(
            "all conditions hold", *((" for ", *listed(where)) if where else ()), ": infinitely many KKT points."
        ), None
    values = {symbol: number_form(value.xreplace({free: found.point})) for symbol, value in family.values.items()}
    judged = judge(equations, active, Found(values), earlier)
    only = Eq(free, found.point, evaluate=False)
    return say(*listed(bounding), " leave ", only, " only: ", *judged.reason.parts), judged


def holds_at(equations: KKTEquations, found: Found, held: Held) -> Truth:
    """Whether an inequality g <= 0, or g < 0, holds at a point."""
    return _sign(found, -held.function, equations, strict=held.strict)


def _sign_holds(equations: KKTEquations, found: Found, held: Held) -> Truth:
    return _sign(found, held.multiplier, equations, strict=False)


def _sign(found: Found, expression: Expr, equations: KKTEquations, *, strict: bool) -> Truth:
    """Whether an expression is >= 0, or > 0, at a point; None also where it is not defined."""
    source = number_at(found, expression).signed_source
    if isinstance(source, FieldElement):
        return source.sign() > 0 if strict else source.sign() >= 0
    if source.has(sympy.nan, sympy.zoo, sympy.oo):
        return None
    return (is_positive if strict else is_nonnegative)(source, equations.assumptions)


def number_at(found: Found, expression: Expr) -> ExactNumber:
    """The value of an expression at a point."""
    if found.exact is not None:
        value = value_at(found.exact, tuple(found.values), expression)
        if value is not None:
            return ExactNumber(value)
    return ExactNumber(number_form(expression.xreplace(found.values)))


def equals(name: Expr, number: ExactNumber) -> tuple[str | Expr, ...]:
    """name = number as parts of a sentence, with a decimal where the number has no short form."""
    form = short_form(number)
    return (name, f" {form}") if isinstance(form, str) else (Eq(name, form, evaluate=False),)


def _negative(found: Found, held: Held) -> tuple[str | Expr, ...]:
    return (*equals(held.multiplier, number_at(found, held.multiplier)), " < 0")


def violation(equations: KKTEquations, found: Found, held: Held) -> tuple[str | Expr, ...]:
    """The sides of a constraint at a point that violates it."""
    variables = set(equations.rename)
    sides = [side for side in (held.stated.lhs, held.stated.rhs) if side.free_symbols & variables]
    values = [equals(side, number_at(found, side.xreplace(equations.rename))) for side in sides]
    told = [part for value in values for part in (" and ", *value)][1:]
    return (*told, " violates ", held.stated)


def _open(
    found: Found, primal: Sequence[tuple[Held, Truth]], dual: Sequence[tuple[Held, Truth]]
) -> Iterator[tuple[str | Expr | Relational, ...]]:
    """The conditions that are not decided, or hold for some values of the parameters only."""
    for held, truth in dual:
        if truth is None:
            yield (*equals(held.multiplier, number_at(found, held.multiplier)), " is >= 0")
    for held, truth in primal:
        if truth is None:
            yield (held.stated, " holds")


def same_place(equations: KKTEquations, left: Found, right: Found) -> bool:
    """Whether two solutions are shown to have the same values of the variables."""
    return all(_is_equal(left.numbers[v], right.numbers[v]) for v in equations.variables)


def _is_equal(left: ExactNumber, right: ExactNumber) -> bool:
    mine, yours = left.signed_source, right.signed_source
    if isinstance(mine, FieldElement) and isinstance(yours, FieldElement):
        return compare(mine, yours) == 0
    return is_zero(left.expression - right.expression) is True
