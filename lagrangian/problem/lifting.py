"""Problems that become polynomial with new variables: quotients, roots, Abs, Max, Min and algebraic numbers.

    1/u  ->  z with z u = 1            u**(1/q)  ->  r >= 0 with r**q = u            |u|  ->  a >= 0 with a**2 = u**2
    Max(u_1, ..., u_k)  ->  m >= u_i with prod (m - u_i) = 0                         Min(...) = -Max(-...)

The feasible set of the lifted problem is the graph of the new variables over the feasible set (and the domain) of the old
one, and it is closed where all inequalities are. Local and global optima, and the multipliers of the old constraints, are
the same in both.
"""

from dataclasses import dataclass, field
from typing import Any

import sympy
from flint import fmpq_mpoly
from sympy import Abs, Dummy, Expr, Integer, Max, Min, Pow, Rational, Symbol

from lagrangian.algebra.polynomials import Ring
from lagrangian.problem.canonical import CanonicalProblem


@dataclass(frozen=True, eq=False)
class PolynomialProblem:
    """minimize objective subject to inequalities <= 0 and equalities = 0, all polynomials of one ring over Q.

    The first inequalities and equalities are those of the canonical problem, in order; ``strict`` holds the indices of those
    that are < 0. ``facts`` are polynomials that are <= 0 on the whole feasible set and need no multiplier.
    """

    ring: Ring
    objective: fmpq_mpoly
    inequalities: tuple[fmpq_mpoly, ...]
    equalities: tuple[fmpq_mpoly, ...]
    strict: frozenset[int] = frozenset()
    facts: tuple[fmpq_mpoly, ...] = ()

    @property
    def dimension(self) -> int:
        return len(self.ring.variables)


@dataclass(frozen=True)
class Lifting:
    """The way back from a lifted problem: its first variables are the old ones; ``definitions`` say what the others are."""

    variables: tuple[Symbol, ...]
    definitions: dict[Symbol, Expr]

    def original(self, coordinates: tuple[Any, ...]) -> tuple[Any, ...]:
        return coordinates[: len(self.variables)]


class NotPolynomialError(Exception):
    """An expression outside the class that lifting reaches; the message names it. Internal: it becomes a status."""


@dataclass
class _Lift:
    """Rewrites expressions; collects the new variables and what defines them."""

    nonnegative: set[Symbol]
    definitions: dict[Symbol, Expr] = field(default_factory=dict)
    known: dict[Expr, Expr] = field(default_factory=dict)
    inequalities: list[Expr] = field(default_factory=list)
    equalities: list[Expr] = field(default_factory=list)
    facts: list[Expr] = field(default_factory=list)

    def rewrite(self, expression: Expr) -> Expr:
        if expression.is_Symbol or isinstance(expression, Rational):
            return expression
        if expression not in self.known:
            self.known[expression] = self._rewrite(expression)
        return self.known[expression]

    def _rewrite(self, expression: Expr) -> Expr:
        if expression.is_Add or expression.is_Mul:
            return expression.func(*(self.rewrite(argument) for argument in expression.args))
        if isinstance(expression, Pow):
            return self._power(expression)
        if isinstance(expression, Abs):
            return self._absolute(expression)
        if isinstance(expression, Max):
            return self._maximum(expression, [self.rewrite(argument) for argument in expression.args])
        if isinstance(expression, Min):
            return -self._maximum(-expression, [-self.rewrite(argument) for argument in expression.args])
        raise NotPolynomialError(f"{expression} is neither polynomial nor made so by new variables")

    def _power(self, power: Pow) -> Expr:
        base, exponent = power.args
        if not isinstance(exponent, Rational):
            raise NotPolynomialError(f"{power} has an exponent that is no rational number")
        value = self._root(base, int(exponent.q)) if exponent.q != 1 else self.rewrite(base)
        if exponent.p >= 0:
            return value ** int(exponent.p)
        return self._inverse(sympy.root(base, exponent.q), value) ** int(-exponent.p)

    def _root(self, base: Expr, degree: int) -> Expr:
        definition = sympy.root(base, degree)
        if definition not in self.known:
            radicand = self.rewrite(base)
            variable = self._new("r", definition)
            self.equalities.append(variable**degree - radicand)
            self.inequalities.append(-variable)
            self.nonnegative.add(variable)
            self.known[definition] = variable
        return self.known[definition]

    def _inverse(self, base: Expr, value: Expr) -> Expr:
        definition = 1 / base
        if definition not in self.known:
            variable = self._new("z", definition)
            self.equalities.append(variable * value - 1)
            # a reciprocal is never zero, so its sign, where it is known, is a fact and never an active constraint
            if self._is_nonnegative(value):
                self.facts.append(-variable)
                self.nonnegative.add(variable)
            elif self._is_nonnegative(-value):
                self.facts.append(variable)
            self.known[definition] = variable
        return self.known[definition]

    def _absolute(self, expression: Expr) -> Expr:
        value = self.rewrite(expression.args[0])
        variable = self._new("a", expression)
        self.equalities.append(variable**2 - value**2)
        self.inequalities.append(-variable)
        self.nonnegative.add(variable)
        return variable

    def _maximum(self, definition: Expr, values: list[Expr]) -> Expr:
        variable = self._new("m", definition)
        self.equalities.append(sympy.prod([variable - value for value in values]))
        self.inequalities += [value - variable for value in values]
        return variable

    def _new(self, letter: str, definition: Expr) -> Symbol:
        variable = Dummy(f"{letter}{len(self.definitions) + 1}", real=True)
        self.definitions[variable] = definition
        return variable

    def _is_nonnegative(self, value: Expr) -> bool:
        """Whether every term of a polynomial is >= 0 by the signs of its coefficient and its variables."""
        return all(_term_is_nonnegative(term, self.nonnegative) for term in sympy.Add.make_args(sympy.expand(value)))


def _term_is_nonnegative(term: Expr, nonnegative: set[Symbol]) -> bool:
    coefficient, factors = term.as_coeff_mul()
    return bool(coefficient >= 0) and all(
        base in nonnegative or (isinstance(exponent, Integer) and exponent % 2 == 0)
        for base, exponent in (factor.as_base_exp() for factor in factors)
    )


def lift(canonical: CanonicalProblem) -> tuple[PolynomialProblem, Lifting]:
    """The polynomial problem that a canonical problem is, after new variables, and the way back.

    Raises:
        NotPolynomialError: for anything beyond polynomials, quotients, roots, Abs, Max, Min and algebraic numbers, for free
            parameters and for integer variables.

    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x = Symbol("x")
    >>> polynomial, lifting = lift(canonicalize(Problem(x + 1 / x, [x >= 0]))[0])
    >>> polynomial.objective, polynomial.equalities, polynomial.facts
    (x0 + x1, (x0*x1 - 1,), (-x1,))
    """
    if canonical.parameters:
        raise NotPolynomialError(f"the answer depends on {', '.join(map(str, canonical.parameters))}")
    if canonical.integers:
        raise NotPolynomialError(f"{', '.join(sorted(map(str, canonical.integers)))} take integer values only")
    lifter = _Lift(_nonnegative_variables(canonical))
    objective = lifter.rewrite(canonical.objective)
    inequalities = [lifter.rewrite(inequality.expression) for inequality in canonical.inequalities]
    equalities = [lifter.rewrite(equality.expression) for equality in canonical.equalities]
    ring = Ring((*canonical.variables, *lifter.definitions))
    problem = PolynomialProblem(
        ring=ring,
        objective=_polynomial(ring, objective),
        inequalities=tuple(_polynomial(ring, g) for g in (*inequalities, *lifter.inequalities)),
        equalities=tuple(_polynomial(ring, h) for h in (*equalities, *lifter.equalities)),
        strict=frozenset(i for i, inequality in enumerate(canonical.inequalities) if inequality.strict),
        facts=tuple(_polynomial(ring, g) for g in lifter.facts),
    )
    return problem, Lifting(canonical.variables, dict(lifter.definitions))


def _polynomial(ring: Ring, expression: Expr) -> fmpq_mpoly:
    polynomial = ring.polynomial(expression)
    if polynomial is None:
        raise NotPolynomialError(f"{expression} has coefficients that are not algebraic numbers")
    return polynomial


def _nonnegative_variables(canonical: CanonicalProblem) -> set[Symbol]:
    """The variables with a constraint c - x <= 0 for some number c >= 0."""
    found = set()
    for inequality in canonical.inequalities:
        for variable in inequality.expression.free_symbols & set(canonical.variables):
            rest = inequality.expression + variable
            if isinstance(rest, Rational) and rest >= 0:
                found.add(variable)
    return found
