"""Constants such as pi taken out: with x_i = t**a_i y_i every function becomes t**e times one in which t does not occur.

For a can, 2 pi r**2 + 2 pi r h with pi r**2 h = V, r = pi**(-1/3) r' and h = pi**(-1/3) h' do it. The exponents a_i, and the e of
each function, solve one linear equation for each term. The constant term of the objective is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sympy
from sympy import Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.changes.change import Change, Preimages, relation_of
from lagrangian.problem.canonical import CanonicalProblem

MOST_TERMS = 200


@dataclass(frozen=True)
class ScaleChange(Change):
    """x = factor y with a number factor > 0."""

    factor: Expr

    def rewritten(self, expression: Expr) -> Expr:
        return expression.xreplace({self.old: self.factor * self.new[0]})

    def stated_in_old(self) -> dict[Symbol, Expr]:
        return {self.new[0]: self.old / self.factor}

    def conditions(self) -> tuple[Relational, ...]:
        return ()

    def bound(self, limit: Expr, *, is_upper: bool, strict: bool) -> Relational:
        return relation_of(self.new[0], powers_joined(limit / self.factor), is_upper=is_upper, strict=strict)

    def preimages(self, values: Sequence[Expr]) -> Preimages:
        return Preimages((self.factor * values[0],))


def powers_joined(expression: Expr) -> Expr:
    return sympy.powsimp(sympy.expand(expression), force=False)


@dataclass(frozen=True)
class _Term:
    """One term: the exponents of the constants that are not algebraic numbers, and those of the variables."""

    constants: dict[Expr, Expr]
    variables: dict[Symbol, Expr]


def scale_changes(canonical: CanonicalProblem) -> tuple[ScaleChange, ...]:
    """Changes after which no function holds a constant that is no algebraic number, but for a factor; empty if there are none.

    >>> r, h = sympy.symbols("r h", real=True)
    >>> from lagrangian.problem.canonical import Equality
    >>> volume = Equality(sympy.pi * r**2 * h - 1, sympy.Eq(h, r))
    >>> problem = CanonicalProblem(2 * sympy.pi * r * (r + h), (), (volume,), (r, h), (), (), frozenset())
    >>> [change.factor for change in scale_changes(problem)]
    [pi**(-1/3), pi**(-1/3)]
    """
    everything = [canonical.objective, *(g.expression for g in canonical.inequalities)]
    everything += [h.expression for h in canonical.equalities]
    listed = [_terms(expression, canonical.variables) for expression in everything]
    if any(terms is None for terms in listed):
        return ()
    functions = [terms for terms in listed if terms is not None]
    functions[0] = [term for term in functions[0] if term.variables]
    constants = sorted({constant for terms in functions for term in terms for constant in term.constants}, key=str)
    factors: dict[Symbol, Expr] = dict.fromkeys(canonical.variables, sympy.Integer(1))
    for constant in constants:
        exponents = _exponents(functions, constant, canonical.variables)
        if exponents is None:
            return ()
        for variable, exponent in exponents.items():
            factors[variable] *= constant**exponent
    return tuple(
        ScaleChange(variable, (Symbol(f"scaled_{variable.name}", real=True),), factor)
        for variable, factor in factors.items()
        if factor != 1
    )


def _exponents(
    functions: list[list[_Term]], constant: Expr, variables: tuple[Symbol, ...]
) -> dict[Symbol, Expr] | None:
    """a with sum(a_i x_i) + p the same in all terms of a function; p is the constant's exponent and x_i the variables'."""
    unknowns = {variable: sympy.Dummy(variable.name) for variable in variables}
    equations = []
    for terms in functions:
        totals = [
            term.constants.get(constant, sympy.Integer(0))
            + sum((power * unknowns[v] for v, power in term.variables.items()), sympy.Integer(0))
            for term in terms
        ]
        equations += [total - totals[0] for total in totals[1:]]
    symbols = list(unknowns.values())
    solved = sympy.linsolve([e for e in equations if e != 0] or [sympy.Integer(0)], *symbols)
    for values in solved:
        chosen = [value.xreplace(dict.fromkeys(symbols, sympy.Integer(0))) for value in values]
        return dict(zip(variables, chosen, strict=True))
    return None


def _terms(expression: Expr, variables: tuple[Symbol, ...]) -> list[_Term] | None:
    """The terms of a sum of products of powers; None for anything else."""
    terms = sympy.Add.make_args(sympy.expand(expression))
    if len(terms) > MOST_TERMS:
        return None
    found = [_term(term, variables) for term in terms]
    return None if any(term is None for term in found) else [term for term in found if term is not None]


def _term(term: Expr, variables: tuple[Symbol, ...]) -> _Term | None:
    constants: dict[Expr, Expr] = {}
    powers: dict[Symbol, Expr] = {}
    for factor in sympy.Mul.make_args(term):
        base, exponent = factor.as_base_exp()
        if not factor.free_symbols:
            if factor.is_algebraic:
                continue
            if not isinstance(exponent, sympy.Rational) or not base.is_positive:
                base, exponent = factor, sympy.Integer(1)
            if base.is_positive is not True:
                return None
            constants[base] = constants.get(base, sympy.Integer(0)) + exponent
        elif base in variables and isinstance(exponent, sympy.Rational):
            powers[base] = powers.get(base, sympy.Integer(0)) + exponent
        else:
            return None
    return _Term(constants, powers)


def common_factor(expression: Expr, variables: tuple[Symbol, ...]) -> Expr:
    """The product of powers of constants that are not algebraic numbers in the first term: a positive number.

    >>> x = Symbol("x", real=True)
    >>> common_factor(2 * sympy.pi**2 * x - sympy.pi**2, (x,))
    pi**2
    """
    terms = _terms(expression, variables)
    if not terms:
        return sympy.Integer(1)
    factor: Expr = sympy.Integer(1)
    for base, exponent in terms[0].constants.items():
        factor *= base**exponent
    return factor
