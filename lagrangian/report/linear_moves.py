"""Moves by an equation that is linear in an unknown: replaced at once, divided by what cannot vanish, or in two cases."""

from dataclasses import replace

import sympy
from sympy import Eq, Expr, Ne, Symbol

from lagrangian.report.blocks import listed, say
from lagrangian.report.moves import Following, Move, labelled_lines, linear_equations, put, replaced, size_after, valued
from lagrangian.report.product_moves import distinct_factors
from lagrangian.report.systems import Equation, System, shown, tidy


def substitution(system: System) -> Move | None:
    """y = 2 x: the unknown whose replacement leaves the shortest equations."""
    best: tuple[int, Equation, Symbol, Expr] | None = None
    for equation, unknown, slope, rest in linear_equations(system):
        if not system.is_nonzero(slope):
            continue
        value = -rest / slope if slope.is_number else sympy.cancel(-rest / slope)
        size = size_after(system, unknown, value)
        if size is not None and (best is None or size < best[0]):
            best = size, equation, unknown, value
    return None if best is None else put(system, *best[1:])


def division(system: System) -> Move | None:
    """2 λ x = 1: the factor of x cannot be zero, since 0 = 1 is impossible."""
    best: tuple[int, Equation, Symbol, Expr, Expr] | None = None
    for equation, unknown, slope, rest in linear_equations(system):
        if rest.free_symbols & set(system.unknowns) or not system.is_nonzero(rest):
            continue
        value = -rest / slope
        size = size_after(system, unknown, value)
        if size is not None and (best is None or size < best[0]):
            best = size, equation, unknown, slope, value
    if best is None:
        return None
    _, equation, unknown, slope, value = best
    factors = distinct_factors(slope, system.unknowns)
    after, changed = replaced(system.without(factors), equation, unknown, value)
    not_zero = listed([shown(factor, system.unknowns, Ne) for factor in factors])
    said = say(
        "From ", equation.label, ": ", *not_zero, " (else ", shown_impossible(equation, slope, unknown), "), and ",
        Eq(unknown, value, evaluate=False), ".",
    )  # fmt: skip
    lines = labelled_lines([(f"{e.label} becomes", shown(e.left, after.unknowns)) for e in changed])
    return Move((said, lines) if changed else (said,), (Following(None, (), after),))


def shown_impossible(equation: Equation, slope: Expr, unknown: Symbol) -> Eq:
    """What an equation a u + b = 0 says where a = 0: 0 = -b."""
    rest = sympy.expand(equation.left - slope * unknown)
    return Eq(sympy.S.Zero, rest if not rest.could_extract_minus_sign() else -rest, evaluate=False)


def case_distinction(system: System) -> Move | None:
    """a u + b = 0: either a = 0, and then b = 0, or u = -b / a."""
    best: tuple[int, Equation, Symbol, Expr, Expr] | None = None
    for equation, unknown, slope, rest in linear_equations(system):
        value = sympy.cancel(-rest / slope)
        size = size_after(system, unknown, value)
        if size is not None and (best is None or size < best[0]):
            best = size, equation, unknown, slope, value
    if best is None:
        return None
    _, equation, unknown, slope, value = best
    rest = sympy.expand(equation.left - slope * unknown)
    vanishing = system.with_left(equation, tidy(rest, system.unknowns))
    vanishing = replace(vanishing, equations=(*vanishing.equations, Equation(f"{equation.label}'", slope)))
    solved = system.without(distinct_factors(slope, system.unknowns))
    said = say(equation.label, " is linear in ", unknown, ": its factor is zero or not.")
    other_case = say(shown(slope, system.unknowns, Ne), ", ", Eq(unknown, value, evaluate=False))
    branches = (
        Following(say(shown(slope, system.unknowns)), (), vanishing),
        valued(solved, equation, unknown, value, other_case),
    )
    return Move((said,), branches)
