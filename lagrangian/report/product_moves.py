"""The move by which a product is taken apart: one of its factors is zero."""

from dataclasses import replace

import sympy
from sympy import Eq, Expr, Ne, Symbol

from lagrangian.report.blocks import say
from lagrangian.report.moves import LARGEST_EQUATION, Following, Move, linear_equations, penalty, unknowns_of, valued
from lagrangian.report.systems import Equation, System, shown

LARGEST_FACTOR = 24


def product(system: System) -> Move | None:
    """x (y - 2) = 0: a factor is zero. Factors that cannot vanish are left out."""
    found: list[tuple[int, Equation, list[Expr], bool]] = []
    for equation in system.equations:
        if not unknowns_of(system, equation) or sympy.count_ops(equation.left) > LARGEST_EQUATION:
            continue
        factors, multiplicity = _factors(equation.left, system.unknowns)
        kept = [factor for factor in factors if not system.is_nonzero(factor)]
        if multiplicity > 1 or len(kept) < len(factors):
            found.append((sum(map(sympy.count_ops, kept)), equation, kept, len(kept) < len(factors)))
    if not found:
        return None
    size, equation, kept, divided = min(found, key=lambda entry: entry[0])
    if size > LARGEST_FACTOR * max(len(kept), 1):
        return None
    return _product_move(system, equation, kept, divided)


def _product_move(system: System, equation: Equation, kept: list[Expr], divided: bool) -> Move:
    product = Eq(factored(equation.left), 0, evaluate=False)
    if not kept:
        return Move((say(equation.label, " says ", product, "."), say("No factor of it can be zero.")), ())
    if len(kept) == 1:
        why = ", where the other factors are not zero: " if divided else ": "
        said = say(equation.label, " says ", product, why, shown(kept[0], system.unknowns), ".")
        return Move((said,), (Following(None, (), system.with_left(equation, kept[0])),))
    cases = []
    for number, factor in enumerate(kept):
        before = kept[:number]
        branch = system.with_left(equation, factor).without(before)
        others = [part for other in before for part in (", ", shown(other, system.unknowns, Ne))]
        cases.append(_with_factor(branch, Equation(equation.label, factor), others))
    return Move((say(equation.label, " says ", product, ": one of the factors is zero."),), tuple(cases))


def _with_factor(branch: System, factor: Equation, others: list[str | Expr]) -> Following:
    """The case in which a factor is zero; one that gives an unknown its value does so at once."""
    values = [
        (penalty(unknown) + sympy.count_ops(rest), unknown, -rest / slope)
        for _, unknown, slope, rest in linear_equations(replace(branch, equations=(factor,)))
        if slope.is_number
    ]
    if not values:
        return Following(say(shown(factor.left, branch.unknowns), *others), (), branch)
    _, unknown, value = min(values, key=lambda entry: entry[0])
    return valued(branch, factor, unknown, value, say(Eq(unknown, value, evaluate=False), *others))


def _factors(left: Expr, unknowns: tuple[Symbol, ...]) -> tuple[list[Expr], int]:
    """The factors that have unknowns in them, each once, and how many there are when each is counted as often as it occurs."""
    return distinct_factors(left, unknowns), sum(power for base, power in _factor_list(left) if base.has(*unknowns))


def distinct_factors(left: Expr, unknowns: tuple[Symbol, ...]) -> list[Expr]:
    """The factors of an expression that have unknowns in them, each once, short ones first.

    >>> x, y = sympy.symbols("x y")
    >>> distinct_factors(6 * x**2 * y - 6 * x**2, (x, y))
    [x, y - 1]
    """
    bases = dict.fromkeys(base for base, _ in _factor_list(left) if base.has(*unknowns))
    return sorted(bases, key=lambda base: (sympy.count_ops(base), str(base)))


def factored(left: Expr) -> Expr:
    """The product, up to its sign, that an expression is."""
    try:
        product = sympy.factor(left)
    except (sympy.PolynomialError, TypeError):  # TypeError where it cannot sort symbolic exponents
        return left
    return -product if product.could_extract_minus_sign() else product


def _factor_list(left: Expr) -> list[tuple[Expr, int]]:
    """The factors with their multiplicities; of what SymPy does not read as a polynomial, the whole."""
    try:
        return [(factor.as_base_exp()[0], int(power)) for factor, power in sympy.factor_list(left)[1]]
    except (sympy.PolynomialError, TypeError):  # TypeError where it cannot sort symbolic exponents
        parts = [part.as_base_exp() for part in sympy.Mul.make_args(sympy.factor_terms(left))]
        return [(base, 1) for base, _ in parts]
