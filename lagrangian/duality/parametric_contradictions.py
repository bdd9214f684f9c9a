"""Whether conditions that are affine in monomials of parameters contradict each other, by products of them.

In the space of the monomials a set may have points to which no parameters belong. Products of conditions with positive
parameters, and of two conditions, hold as well, and are affine in more monomials: if these conditions together have no solution,
the first ones have none (the first level of the hierarchy of Sherali and Adams 1990). A linear program decides, exactly.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations_with_replacement

from sympy import Expr, Symbol

from lagrangian.duality.parametric_polyhedra import Condition, is_empty
from lagrangian.duality.parametric_reading import Generators, sign_conditions

MOST_TERMS = 160


def contradict(conditions: Sequence[Condition], generators: Generators) -> bool:
    """Whether no parameters satisfy the conditions; False where this was not found.

    >>> from flint import fmpq
    >>> from sympy import symbols
    >>> p, q = symbols("p q", positive=True)
    >>> generators, one, zero = Generators([p, q, p * q]), fmpq(1), fmpq(0)
    >>> at_least_one = [Condition((-one, zero, zero, one)), Condition((zero, -one, zero, one))]         # p >= 1, q >= 1
    >>> contradict([*at_least_one, Condition((zero, zero, one, -one), True)], generators)               # p q < 1
    True
    """
    stated = [(generators.expression(condition.row), condition.strict) for condition in conditions]
    symbols = sorted({symbol for term in generators.terms for symbol in term.free_symbols}, key=str)
    for level in (stated, _with_products(stated, symbols)):
        larger = Generators(list(generators.terms))
        read = [(larger.coefficients(expression), strict) for expression, strict in level]
        if len(larger.terms) > MOST_TERMS:
            return False
        rows = [Condition(larger.row(coefficients), strict) for coefficients, strict in read]
        if is_empty([*rows, *sign_conditions(larger)], len(larger.terms)):
            return True
    return False


def _with_products(stated: Sequence[tuple[Expr, bool]], symbols: Iterable[Symbol]) -> list[tuple[Expr, bool]]:
    """e <= 0 gives p e <= 0 for p >= 0; e, f <= 0 give -e f <= 0; strict ones strict products."""
    found = list(stated)
    for symbol in symbols:
        if symbol.is_nonnegative:
            found += [(symbol * e, strict and bool(symbol.is_positive)) for e, strict in stated]
    found += [(-e * f, s and t) for (e, s), (f, t) in combinations_with_replacement(stated, 2)]
    return found
