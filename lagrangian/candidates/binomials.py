"""KKT systems of revenues and costs made of powers, such as Cobb and Douglas's: equations of two terms in positive variables.

Multipliers stand in such a system linearly and are eliminated first. An equation c1 m1 + c2 m2 = 0 between two products of powers
of positive variables then says m1/m2 = -c2/c1, which is solved for one of the variables and put into the others, until none is
left. Factors that both terms have in common cancel, so that revenues such as (x^r + y^r)^(1/r) are served too.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

import sympy
from sympy import Dummy, Expr, Rational, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_positive, is_zero
from lagrangian.problem.canonical import CanonicalProblem


class _NotOfThisFormError(Exception):
    """The system is not one of equations with two terms, or a sign that is needed is open."""


def binomial_solutions(
    canonical: CanonicalProblem, equations: Sequence[Expr], multipliers: Sequence[Symbol]
) -> list[dict[Symbol, Expr]] | None:
    """All solutions of a KKT system of that form, at most one; None for another system.

    Args:
        canonical: the problem, whose variables must be shown positive by a strict constraint or by a power.
        equations: expressions that are zero.
        multipliers: the unknowns beside the variables, which must stand in the equations linearly.

    >>> from sympy import Eq, cbrt, symbols
    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, y, b = symbols("x y b", positive=True)
    >>> canonical, _ = canonicalize(Problem(cbrt(x * y), [Eq(x + 8 * y, b)], over=[x, y], sense="max"))
    >>> x, y = canonical.variables
    >>> multiplier = sympy.Symbol("lambda")
    >>> lagrangian = canonical.objective + multiplier * canonical.equalities[0].expression
    >>> system = [lagrangian.diff(v) for v in (x, y, multiplier)]
    >>> binomial_solutions(canonical, system, [multiplier])[0][x]
    b/2
    """
    variables = canonical.variables
    if not all(_is_shown_positive(v, canonical, equations) for v in variables):
        return None
    positive = {v: Dummy(v.name, positive=True) for v in (*variables, *_positive_parameters(canonical, equations))}
    assumptions = tuple(a.xreplace(positive) for a in canonical.assumptions)
    system = [_expanded(e.xreplace(positive)) for e in equations]
    unknown = [positive[v] for v in variables]
    try:
        system, found = _without_multipliers(system, multipliers, unknown, assumptions)
        solved = _solve(system, unknown, assumptions)
    except _NotOfThisFormError:
        return None
    if solved is None:
        return []
    values = _put_back(found + solved)
    back = {dummy: symbol for symbol, dummy in positive.items()}
    return [{back.get(symbol, symbol): value.xreplace(back) for symbol, value in values.items()}]


def _is_shown_positive(variable: Symbol, canonical: CanonicalProblem, equations: Sequence[Expr]) -> bool:
    """By a strict bound, or because the equations have a power of it that is real and finite for positive numbers only."""
    if any(g.strict and g.expression == -variable for g in canonical.inequalities):
        return True
    powers = {p.exp for e in equations for p in e.atoms(sympy.Pow) if p.base == variable}
    return any(e.is_Rational and not e.is_integer for e in powers) and any(e.is_negative for e in powers)


def _positive_parameters(canonical: CanonicalProblem, equations: Sequence[Expr]) -> list[Symbol]:
    free = set().union(*(e.free_symbols for e in equations)) - set(canonical.variables)
    return sorted((s for s in free if is_positive(s, canonical.assumptions) is True), key=str)


def _without_multipliers(
    system: list[Expr], multipliers: Sequence[Symbol], unknown: Sequence[Symbol], assumptions: Sequence[Relational]
) -> tuple[list[Expr], list[tuple[Symbol, Expr]]]:
    """The equations that are left once each multiplier is expressed by the others of its equation."""
    found = []
    for multiplier in multipliers:
        place = next((i for i, e in enumerate(system) if e.has(multiplier)), None)
        if place is None:
            raise _NotOfThisFormError
        slope = sympy.diff(system[place], multiplier)
        terms = _terms(slope, unknown)
        if slope.has(*multipliers) or len(terms) != 1 or not _is_nonzero(next(iter(terms.values())), assumptions):
            raise _NotOfThisFormError
        value = _expanded((multiplier * slope - system[place]) / slope)
        found.append((multiplier, value))
        system = [_expanded(e.xreplace({multiplier: value})) for i, e in enumerate(system) if i != place]
    return system, found


def _solve(
    system: list[Expr], unknown: Sequence[Symbol], assumptions: Sequence[Relational]
) -> list[tuple[Symbol, Expr]] | None:
    """Each variable by those solved after it; None where an equation has no solution in positive numbers."""
    found: list[tuple[Symbol, Expr]] = []
    while system:
        by_terms = [(e, _terms(e, unknown)) for e in system]
        if all(len(terms) > 2 for _, terms in by_terms):
            by_terms = [(e, _terms(_without_positive_factors(e, unknown), unknown)) for e in system]
        if any(len(terms) == 1 and _is_nonzero(next(iter(terms.values())), assumptions) for _, terms in by_terms):
            return None
        equation, terms = next(((e, t) for e, t in by_terms if len(t) == 2), (None, {}))
        if equation is None:
            raise _NotOfThisFormError
        (first, a), (second, b) = terms.items()
        ratio = sympy.factor(-b / a)
        if is_positive(-ratio, assumptions) is True:
            return None
        if is_positive(ratio, assumptions) is not True:
            raise _NotOfThisFormError
        variable, value = _root(first / second, ratio, unknown)
        found.append((variable, value))
        rest = [e for e in system if e is not equation]
        system = [e for e in (_expanded(e.xreplace({variable: value})) for e in rest) if e != 0]
    if len(found) != len(unknown):
        raise _NotOfThisFormError
    return found


def _expanded(expression: Expr) -> Expr:
    """Multiplied out but for powers of sums, which cancel where two terms have them in common."""
    terms = sympy.Add.make_args(expression)
    return sympy.Add(*(sympy.expand_mul(term, deep=False) for term in terms))


def _without_positive_factors(expression: Expr, unknown: Sequence[Symbol]) -> Expr:
    """Zero where the expression is: sums such as sqrt(x) + sqrt(y) that both sides of an equation have in common are left out."""
    powers = (power for power in expression.atoms(sympy.Pow) if power.base in unknown and power.exp.is_Rational)
    order = math.lcm(*(int(power.exp.q) for power in powers))
    roots = {v: Dummy(positive=True) for v in unknown}
    polynomial = expression.xreplace({v: root**order for v, root in roots.items()})
    factors = [factor for factor in sympy.Mul.make_args(sympy.factor(polynomial)) if factor.is_positive is not True]
    return _expanded(sympy.Mul(*factors).xreplace({root: v ** Rational(1, order) for v, root in roots.items()}))


def _terms(expression: Expr, unknown: Sequence[Symbol]) -> Mapping[Expr, Expr]:
    """The coefficients of the terms by what they have of the variables; those that are zero are left out."""
    sums: dict[Expr, Expr] = defaultdict(lambda: sympy.Integer(0))
    for term in sympy.Add.make_args(expression):
        coefficient, product = term.as_independent(*unknown, as_Add=False)
        if product.is_positive is not True:  # signs are those of the coefficients alone
            raise _NotOfThisFormError
        sums[product] += coefficient
    return {product: value for product, value in sums.items() if is_zero(value) is not True}


def _root(product: Expr, ratio: Expr, unknown: Sequence[Symbol]) -> tuple[Symbol, Expr]:
    """One of the variables, where a product of their powers is equal to a positive ratio."""
    powers = product.as_powers_dict()
    if set(powers) - set(unknown) - {sympy.Integer(1)}:
        raise _NotOfThisFormError
    variable = next((v for v in unknown if v in powers and powers[v].is_nonzero), None)
    if variable is None:
        raise _NotOfThisFormError
    exponent = powers[variable]
    others = sympy.Mul(*(v ** (-p / exponent) for v, p in powers.items() if v != variable))
    return variable, sympy.powsimp(ratio ** (1 / exponent)) * others


def _is_nonzero(value: Expr, assumptions: Sequence[Relational]) -> bool:
    return is_positive(value, assumptions) is True or is_positive(-value, assumptions) is True


def _put_back(found: Sequence[tuple[Symbol, Expr]]) -> dict[Symbol, Expr]:
    """The values without unknowns, from the last to the first."""
    values: dict[Symbol, Expr] = {}
    for symbol, value in reversed(found):
        values[symbol] = sympy.powsimp(sympy.factor_terms(value.xreplace(values)))
    return values
