"""Whether nearly optimal points stay in one bounded set when right sides move a little.

Three arguments, none of which looks at the size of right sides: bounds that constraints hand on from variable to variable;
leading forms; and, for positive variables, exponents (see `lagrangian.candidates.attainment`). The last one needs the signs of
variables to stay, so that it says nothing of x >= 0 itself.
"""

from dataclasses import replace

import sympy
from sympy import Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_positive
from lagrangian.candidates.attainment import bounded_or_coercive, logarithmically_bounded
from lagrangian.problem.canonical import CanonicalProblem, Equality, Inequality
from lagrangian.problem.guards import guards
from lagrangian.problem.lifting import NotPolynomialError, PolynomialProblem, lift
from lagrangian.proof.attainment import minimum_exists
from lagrangian.proof.curvature import is_affine
from lagrangian.prove_records import attainment_evidence


def stays_bounded(canonical: CanonicalProblem, deadline: float) -> bool | frozenset[Relational]:
    """True for right sides of all constraints; else those constraints, as stated, for whose right sides it is shown.

    >>> from sympy import symbols
    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, y = symbols("x y")
    >>> stays_bounded(canonicalize(Problem(x * y, [x**2 + x <= 1, y >= x, x + y <= 4], over=[x, y]))[0], float("inf"))
    True
    """
    if any(guards(function) for function in canonical.functions):
        return frozenset()
    if _bounds_every_variable(canonical):
        return True
    polynomial = _polynomial(canonical)
    cone = None if polynomial is None else bounded_or_coercive(polynomial, deadline)
    if polynomial is not None and cone is not None and minimum_exists(polynomial, attainment_evidence(cone)):
        return True
    signs = _polynomial(_with_signs_as_coefficients(canonical))
    logarithms = None if signs is None else logarithmically_bounded(signs, deadline)
    if signs is None or logarithms is None or not minimum_exists(signs, attainment_evidence(logarithms)):
        return frozenset()
    constraints: list[Inequality | Equality] = [*canonical.inequalities, *canonical.equalities]
    return frozenset(c.stated for c in constraints if not is_affine(c.expression, canonical.variables))


def _polynomial(canonical: CanonicalProblem) -> PolynomialProblem | None:
    try:
        polynomial, lifting = lift(canonical)
    except NotPolynomialError:
        return None
    return None if lifting.definitions else polynomial


def _with_signs_as_coefficients(canonical: CanonicalProblem) -> CanonicalProblem:
    """The problem with 1 or -1 in place of each coefficient: which monomials bound each other depends on signs alone."""

    def changed(function: Expr) -> Expr:
        total = sympy.Integer(0)
        for term in sympy.Add.make_args(sympy.expand(function)):
            factor, rest = term.as_independent(*canonical.variables, as_Add=False)
            sign = 1 if is_positive(factor) else (-1 if is_positive(-factor) else factor)
            total += sign * rest
        return total

    return replace(
        canonical,
        objective=changed(canonical.objective),
        inequalities=tuple(replace(g, expression=changed(g.expression)) for g in canonical.inequalities),
        equalities=tuple(replace(h, expression=changed(h.expression)) for h in canonical.equalities),
    )


def _bounds_every_variable(canonical: CanonicalProblem) -> bool:
    """Whether the constraints bound all variables, one after another, whatever the size of their right sides."""
    below: set[Symbol] = set()
    above: set[Symbol] = set()
    functions = [g.expression for g in canonical.inequalities]
    functions += [sign * h.expression for h in canonical.equalities for sign in (1, -1)]
    rows = [sympy.Add.make_args(sympy.expand(function)) for function in functions]
    variables = set(canonical.variables)
    while True:
        size = len(below) + len(above)
        for row in rows:
            terms = [term for term in row if term.free_symbols & variables]
            open_ones = [term for term in terms if not _is_bounded_below(term, variables, below, above)]
            # terms that are bounded below and add up to something bounded are each bounded above
            for term in terms if not open_ones else open_ones if len(open_ones) == 1 else ():
                _learn(term, variables, below, above)
        if len(below) + len(above) == size:
            return below == above == variables


def _power_of(term: Expr, variables: set[Symbol]) -> tuple[int, Symbol, int] | None:
    """(sign, v, p) of a term c v**p with c != 0 and an integer p > 0; None for other terms."""
    factor, rest = term.as_independent(*variables, as_Add=False)
    base, exponent = rest.as_base_exp()
    sign = 1 if is_positive(factor) else (-1 if is_positive(-factor) else 0)
    if base in variables and exponent.is_Integer and exponent > 0 and sign:
        return sign, base, int(exponent)
    return None


def _is_bounded_below(term: Expr, variables: set[Symbol], below: set[Symbol], above: set[Symbol]) -> bool:
    if term.free_symbols & variables <= below & above:
        return True  # a continuous function of bounded variables
    power = _power_of(term, variables)
    if power is None:
        return False
    sign, variable, exponent = power
    if exponent % 2 == 0:
        return sign > 0
    return variable in (below if sign > 0 else above)


def _learn(term: Expr, variables: set[Symbol], below: set[Symbol], above: set[Symbol]) -> None:
    """What follows for a variable from a term that is bounded above."""
    power = _power_of(term, variables)
    if power is None:
        return
    sign, variable, exponent = power
    if exponent % 2 == 0:
        if sign > 0:
            below.add(variable)
            above.add(variable)
    else:
        (above if sign > 0 else below).add(variable)
