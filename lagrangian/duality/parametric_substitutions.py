"""Parameters that assumptions bound, written with parameters that are positive and nothing else.

A parameter s > e becomes e + t with t > 0, one with 0 < s < h that stands in an exponent becomes h t/(1 + t): SymPy's assumptions
then know the signs of b - c for b > c, of u + 1 for u > -1, and combine powers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import sympy
from sympy import Dummy, Expr, Gt, Lt, Pow, Symbol
from sympy.core.relational import Ge, Le, Relational

from lagrangian.algebra.signs import is_nonnegative
from lagrangian.problem.canonical import CanonicalProblem


@dataclass(eq=False)
class Substitution:
    """``forward`` has the parameters as functions of new ones, ``backward`` the new ones as functions of the parameters."""

    forward: dict[Symbol, Expr] = field(default_factory=dict)
    backward: dict[Symbol, Expr] = field(default_factory=dict)

    def back(self, expression: Expr) -> Expr:
        return expression.xreplace(self.backward)

    def add(self, symbol: Symbol, value: Expr, new: Symbol, inverse: Expr) -> None:
        self.forward = {s: e.xreplace({symbol: value}) for s, e in self.forward.items()} | {symbol: value}
        self.backward = self.backward | {new: self.back(inverse)}


def substituted(canonical: CanonicalProblem) -> tuple[CanonicalProblem, Substitution]:
    """The problem in parameters that are positive, as far as the assumptions allow, and the way back.

    >>> from sympy import symbols
    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, b, c = symbols("x b c", positive=True)
    >>> problem, substitution = substituted(canonicalize(Problem((b - c) * x**2, over=[x], assumptions=[b > c]))[0])
    >>> problem.objective.subs(problem.variables[0], 1).is_positive, substitution.back(problem.objective)
    (True, x**2*(b - c))
    """
    substitution, kept = Substitution(), []
    for relation in canonical.assumptions:
        if not _replaced(relation, canonical, substitution):
            kept.append(relation)
    forward = substitution.forward
    return replace(
        canonical,
        objective=canonical.objective.xreplace(forward),
        inequalities=tuple(replace(g, expression=g.expression.xreplace(forward)) for g in canonical.inequalities),
        equalities=tuple(replace(h, expression=h.expression.xreplace(forward)) for h in canonical.equalities),
        assumptions=tuple(relation.xreplace(forward) for relation in kept),
    ), substitution


def _replaced(relation: Relational, canonical: CanonicalProblem, substitution: Substitution) -> bool:
    if not isinstance(relation, Lt | Gt | Le | Ge):
        return False
    stated = relation.rhs - relation.lhs if isinstance(relation, Lt | Le) else relation.lhs - relation.rhs
    difference = sympy.expand(stated.xreplace(substitution.forward))
    strict = isinstance(relation, Lt | Gt)
    for symbol, slope, bound in _bounds(difference, canonical.parameters):
        new = Dummy(symbol.name, positive=True) if strict else Dummy(symbol.name, nonnegative=True)
        if slope.is_positive and _may_start_at(symbol, bound):
            substitution.add(symbol, bound + new / slope, new, slope * (symbol - bound))
            return True
        if slope.is_negative and _is_plain(symbol):
            substitution.add(symbol, bound + new / slope, new, slope * (symbol - bound))
            return True
        if (
            slope.is_negative
            and strict
            and symbol.is_positive
            and bound.is_positive
            and _in_exponents(symbol, canonical)
        ):
            substitution.add(symbol, bound * new / (1 + new), new, symbol / (bound - symbol))
            return True
    return False


def _bounds(difference: Expr, parameters: tuple[Symbol, ...]) -> Iterator[tuple[Symbol, Expr, Expr]]:
    """The parameters in which a function is affine with a number as slope, with that number and the zero."""
    for symbol in sorted(difference.free_symbols & set(parameters), key=str):
        slope = sympy.diff(difference, symbol)
        if slope.is_Rational and slope != 0:
            yield symbol, slope, sympy.expand(symbol - difference / slope)


def _may_start_at(symbol: Symbol, bound: Expr) -> bool:
    """Whether all values above the bound are ones that the symbol may have."""
    return _is_plain(symbol) or (
        bool(symbol.is_nonnegative) and _has_sign_alone(symbol) and is_nonnegative(bound) is True
    )


def _is_plain(symbol: Symbol) -> bool:
    return (
        symbol.is_nonnegative is None
        and symbol.is_nonpositive is None
        and symbol.is_nonzero is None
        and _has_sign_alone(symbol)
    )


def _has_sign_alone(symbol: Symbol) -> bool:
    """Whether the symbol may have all real values of its sign: an integer may not."""
    return symbol.is_integer is None and symbol.is_rational is None and symbol.is_algebraic is None


def _in_exponents(symbol: Symbol, canonical: CanonicalProblem) -> bool:
    return any(symbol in power.exp.free_symbols for function in canonical.functions for power in function.atoms(Pow))
