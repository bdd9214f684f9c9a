"""Moves between equations: a square put into the others, and a common unknown lost by multiplying crosswise."""

from dataclasses import replace
from itertools import combinations

import sympy
from sympy import Eq, Expr, Symbol

from lagrangian.report.blocks import say
from lagrangian.report.moves import (
    LARGEST_EQUATION,
    PREFERENCE,
    Following,
    Move,
    labelled_lines,
    linear_equations,
    linear_parts,
    penalty,
    unknowns_of,
)
from lagrangian.report.product_moves import LARGEST_FACTOR, distinct_factors, factored
from lagrangian.report.systems import Equation, System, shown, tidy, without_repetition


def power(system: System) -> Move | None:
    """x**2 = 2 y**2: the square is put into the other equations, once for each unknown."""
    best: tuple[int, Equation, Symbol, System] | None = None
    for equation in system.equations:
        for unknown in unknowns_of(system, equation):
            if unknown in system.squared or sympy.count_ops(equation.left) > LARGEST_EQUATION:
                continue
            value = _square_of(system, equation, unknown)
            if value is not None:
                after = _with_square(system, equation, unknown, value)
                size = sum(int(sympy.count_ops(e.left)) for e in after.equations)
                others = sum(e.left.has(unknown) for e in after.equations)
                if others == 1 and (best is None or size < best[0]):
                    best = size, equation, unknown, after
    if best is None:
        return None
    _, equation, unknown, after = best
    before = {e.label: e.left for e in system.equations}
    changed = [e for e in after.equations if before.get(e.label) != e.left]
    said = say(
        "From ", equation.label, ": ", Eq(unknown**2, _square_of(system, equation, unknown), evaluate=False), "."
    )
    lines = labelled_lines([(f"{e.label} becomes", shown(e.left, system.unknowns)) for e in changed])
    return Move((said, lines), (Following(None, (), after),)) if changed else None


def _square_of(system: System, equation: Equation, unknown: Symbol) -> Expr | None:
    """The square of an unknown that an equation gives, free of it."""
    square = sympy.Dummy("square")
    left = equation.left.xreplace({unknown**2: square})
    parts = linear_parts(left, square) if not left.has(unknown) else None
    return -parts[1] / parts[0] if parts is not None and parts[0].is_number else None


def _with_square(system: System, equation: Equation, unknown: Symbol, value: Expr) -> System:
    """The system with the square replaced in all other equations that are polynomials in the unknown."""
    rows = []
    for other in system.equations:
        polynomial = None if other is equation else other.left.as_poly(unknown)
        if polynomial is None or polynomial.degree() < 2:
            rows.append(other)
        else:
            rest = sympy.rem(polynomial, sympy.Poly(unknown**2 - value, unknown)).as_expr()
            rows.append(Equation(other.label, tidy(rest, system.unknowns)))
    return replace(system, equations=without_repetition(rows), squared=system.squared | {unknown})


def elimination_of_a_factor(system: System) -> Move | None:
    """a = λ b and c = λ d give a d = c b: used where that product splits into short factors."""
    best: tuple[int, Symbol, Equation, Equation, Expr] | None = None
    linear = [entry for entry in linear_equations(system) if not system.is_nonzero(entry[2])]
    for (first, u, a, b), (second, v, c, d) in combinations(linear, 2):
        if u != v or first is second:
            continue
        crossed = tidy(a * d - b * c, system.unknowns)
        if crossed == 0 or crossed.has(u) or any(crossed in (e.left, -e.left) for e in system.equations):
            continue
        sizes = [sympy.count_ops(factor) for factor in distinct_factors(crossed, system.unknowns)]
        splits = len(sizes) > 1 or sympy.count_ops(crossed) <= LARGEST_FACTOR
        cost = sum(sizes) + PREFERENCE - penalty(u)
        if splits and (best is None or cost < best[0]):
            best = cost, u, first, second, crossed
    if best is None:
        return None
    _, unknown, first, second, crossed = best
    label = f"({1 + max((_number(e.label) for e in system.equations), default=0)})"
    added = replace(system, equations=(*system.equations, Equation(label, crossed)))
    said = say("Multiplied crosswise, ", first.label, " and ", second.label, " lose ", unknown, ":")
    line = labelled_lines([(label, Eq(factored(crossed), 0, evaluate=False))])
    return Move((said, line), (Following(None, (), added),))


def _number(label: str) -> int:
    digits = label.strip("()")
    return int(digits) if digits.isdecimal() else 0
