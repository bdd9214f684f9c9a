"""The moves by which a system is solved by hand. Each is a consequence for real unknowns: no solution is lost by it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sympy
from sympy import Eq, Expr, Symbol

from lagrangian.algebra.signs import is_zero
from lagrangian.report.blocks import Block, Formulas, Sentence, say
from lagrangian.report.systems import Equation, System, shown, tidy

UNDEFINED = (sympy.zoo, sympy.nan, sympy.oo)
# more operations than these are no longer done by hand
LARGEST_EQUATION = 60
LARGEST_SOLUTION = 24
# how many operations it may cost to express a variable by multipliers
PREFERENCE = 5
# and how many to replace a variable inside such a function
INSIDE = 30
# equations with fewer operations than these stand in one sentence
SHORT = 14


@dataclass(frozen=True, eq=False, slots=True)
class Move:
    """What is said, and the cases that follow; one case without a title goes on. Without any, the last sentence is why."""

    blocks: tuple[Block, ...]
    cases: tuple["Following", ...]


@dataclass(frozen=True, eq=False, slots=True)
class Following:
    """A case: its title, what it begins with, and what is left to be solved in it."""

    title: Sentence | None
    blocks: tuple[Block, ...]
    system: System


def unknowns_of(system: System, equation: Equation) -> list[Symbol]:
    return [unknown for unknown in system.unknowns if equation.left.has(unknown)]


def linear_parts(left: Expr, unknown: Symbol) -> tuple[Expr, Expr] | None:
    """a and b of left = a u + b, free of u; None where it is not linear in u."""
    expanded = sympy.expand(left)
    slope, rest = expanded.coeff(unknown, 1), expanded.coeff(unknown, 0)
    is_linear = slope != 0 and not rest.has(unknown) and sympy.expand(slope * unknown + rest - expanded) == 0
    return (slope, rest) if is_linear else None


def linear_equations(system: System) -> Iterator[tuple[Equation, Symbol, Expr, Expr]]:
    for equation in system.equations:
        if sympy.count_ops(equation.left) > LARGEST_EQUATION:
            continue
        for unknown in unknowns_of(system, equation):
            parts = linear_parts(equation.left, unknown)
            if parts is not None:
                yield equation, unknown, *parts


def penalty(unknown: Symbol) -> int:
    """Variables are expressed by multipliers rather than multipliers by variables."""
    return PREFERENCE if unknown.name.startswith(("lambda", "mu")) else 0


def size_after(system: System, unknown: Symbol, value: Expr) -> int | None:
    """The operations in all equations after a replacement; None where one of them becomes too long."""
    if sympy.count_ops(value) > LARGEST_SOLUTION:
        return None
    rest = tuple(other for other in system.unknowns if other != unknown)
    lefts = [tidy(e.left.xreplace({unknown: value}), rest) if e.left.has(unknown) else e.left for e in system.equations]
    sizes = [int(sympy.count_ops(left)) for left in lefts]
    if max(sizes, default=0) > LARGEST_EQUATION:
        return None
    inside = any(part.has(unknown) for e in system.equations for part in _curved_parts(e.left))
    return sum(sizes) + int(sympy.count_ops(value)) + penalty(unknown) + inside * INSIDE


def _curved_parts(left: Expr) -> Iterator[Expr]:
    """Exponentials, logarithms and powers that are not whole, into which nothing long is put."""
    yield from left.atoms(sympy.exp, sympy.log)
    yield from (power for power in left.atoms(sympy.Pow) if not power.exp.is_Integer)


def valued(system: System, equation: Equation, unknown: Symbol, value: Expr, title: Sentence | None) -> Following:
    """What follows where an unknown has a value because of an equation; the equations that change are shown."""
    after, changed = replaced(system, equation, unknown, value)
    lines = labelled_lines([(f"{e.label} becomes", shown(e.left, after.unknowns)) for e in changed])
    return Following(title, (lines,) if changed else (), after)


def replaced(system: System, equation: Equation, unknown: Symbol, value: Expr) -> tuple[System, list[Equation]]:
    """The system with an unknown replaced, without the equation that gave its value, and the equations that changed."""
    without = replace(system, equations=tuple(e for e in system.equations if e.label != equation.label))
    after = without.with_value(unknown, value)
    before = {e.label: e.left for e in system.equations}
    changed = [e for e in after.equations if before.get(e.label) != e.left and unknowns_of(after, e)]
    return after, [e for e in changed if not e.left.has(*UNDEFINED)]


def put(system: System, equation: Equation, unknown: Symbol, value: Expr) -> Move:
    """An unknown is replaced by its value; the equations that change are shown, in the same sentence where they are short."""
    after, changed = replaced(system, equation, unknown, value)
    is_given = shown(equation.left, system.unknowns) == Eq(unknown, after.found[unknown], evaluate=False)
    start = ("With ",) if is_given else ("From ", equation.label, ": ")
    equal = Eq(unknown, after.found[unknown], evaluate=False)
    relations = [(e.label, shown(e.left, after.unknowns)) for e in changed]
    blocks: tuple[Block, ...] = ()
    if not relations:
        blocks = () if is_given else (say(*start, equal, "."),)
    elif sum(int(sympy.count_ops(relation)) for _, relation in relations) <= SHORT:
        told = [part for label, relation in relations for part in (", ", f"{label} becomes ", relation)][1:]
        blocks = (say(*start, equal, ", " if is_given else "; ", *told, "."),)
    else:
        lines = labelled_lines([(f"{label} becomes", relation) for label, relation in relations])
        blocks = (say(*start, equal, ":" if is_given else "."), lines)
    return Move(blocks, (Following(None, (), after),))


def labelled_lines(lines: list[tuple[str, Expr]]) -> Formulas:
    return Formulas(tuple(lines))


def contradiction(system: System) -> Equation | None:
    """An equation without unknowns that says c = 0 for a number c that is not zero."""
    for equation in system.equations:
        if not unknowns_of(system, equation) and is_zero(equation.left) is False:
            return equation
    return None
