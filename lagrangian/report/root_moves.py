"""Moves that read an unknown off one equation: linear, a polynomial in it alone, quadratic with a square as its discriminant."""

import sympy
from sympy import Eq, Expr, Symbol

from lagrangian.report.blocks import say
from lagrangian.report.moves import LARGEST_SOLUTION, Move, labelled_lines, linear_parts, put, unknowns_of, valued
from lagrangian.report.real_zeros import isolated, real_zeros
from lagrangian.report.systems import Equation, System, shown

MOST_ROOTS = 9


def value_of_one_unknown(system: System) -> Move | None:
    """2 x = 6."""
    for equation in system.equations:
        unknowns = unknowns_of(system, equation)
        parts = linear_parts(equation.left, unknowns[0]) if len(unknowns) == 1 else None
        if parts is not None and system.is_nonzero(parts[0]):
            return put(system, equation, unknowns[0], -parts[1] / parts[0])
    return None


def roots_of_one_unknown(system: System) -> Move | None:
    """x**2 = 3, where all roots are square roots or simpler."""
    for equation in system.equations:
        unknowns = unknowns_of(system, equation)
        if len(unknowns) == 1:
            roots = real_zeros(equation.left, unknowns[0], system.assumptions)
            if roots is not None and len(roots) <= MOST_ROOTS and not any(_is_hard(root) for root in roots):
                return _roots(system, equation, unknowns[0], roots)
    return None


def _is_hard(root: Expr) -> bool:
    """Whether SymPy computes badly with a number."""
    return root.has(sympy.CRootOf) or any(
        power.exp.is_Rational and power.exp.q > 2 for power in root.atoms(sympy.Pow) if power.base.is_number
    )


def hard_roots(system: System) -> Move | None:
    """Roots of higher degree, when they end the solving: no other equation is left."""
    if len(system.equations) != 1:
        return None
    (equation,) = system.equations
    unknowns = unknowns_of(system, equation)
    roots = real_zeros(equation.left, unknowns[0], system.assumptions) if len(unknowns) == 1 else None
    return None if roots is None or len(roots) > MOST_ROOTS else _roots(system, equation, unknowns[0], roots)


def _roots(system: System, equation: Equation, unknown: Symbol, roots: list[Expr]) -> Move:
    if len(roots) == 1:
        return put(system, equation, unknown, roots[0])
    if not roots:
        stated = labelled_lines([(equation.label, shown(equation.left, system.unknowns))])
        return Move((stated, say("This equation has no real solution.")), ())
    equal = [Eq(unknown, root, evaluate=False) for root in roots]
    said = [part for each in equal for part in (" or ", each)][1:]
    cases = tuple(valued(system, equation, unknown, root, say(each)) for root, each in zip(roots, equal, strict=True))
    return Move((say("From ", equation.label, ": ", *said, "."),), cases)


def quadratic_form(system: System) -> Move | None:
    """x**2 + 2 x y = y**2: quadratic in x with a discriminant c y**2, so that x = (-1 - sqrt(2)) y or x = (-1 + sqrt(2)) y."""
    for equation in system.equations:
        for unknown in unknowns_of(system, equation):
            roots = _quadratic_roots(equation.left, unknown)
            if roots is not None:
                equal = [Eq(unknown, root, evaluate=False) for root in roots]
                said = [part for each in equal for part in (" or ", each)][1:]
                cases = [
                    valued(system, equation, unknown, root, say(each)) for root, each in zip(roots, equal, strict=True)
                ]
                return Move((say("From ", equation.label, ": ", *said, "."),), tuple(cases))
    return None


def _quadratic_roots(left: Expr, unknown: Symbol) -> list[Expr] | None:
    polynomial = left.as_poly(unknown)
    if polynomial is None or polynomial.degree() != 2 or not polynomial.LC().is_Rational:
        return None
    a, b, c = polynomial.all_coeffs()
    number, rest = sympy.factor(b**2 - 4 * a * c).as_coeff_Mul()
    root = sympy.sqrt(rest)
    if not number.is_positive or (root.has(sympy.Pow) and not root.is_polynomial()):
        return None
    width = sympy.sqrt(number) * (root.args[0] if isinstance(root, sympy.Abs) else root)
    return [sympy.factor_terms(sympy.expand((-b + sign * width) / (2 * a))) for sign in (-1, 1)]


def inverse_function(system: System) -> Move | None:
    """log(x) = λ gives x = exp(λ); exp(x) = u gives x = log(u), and u > 0."""
    for equation in system.equations:
        for unknown in unknowns_of(system, equation) if equation.left.has(sympy.exp, sympy.log) else ():
            solved = isolated(equation.left, unknown)
            if solved is not None and sympy.count_ops(solved[0]) <= LARGEST_SOLUTION:
                return put(system, equation, unknown, solved[0])
    return None
