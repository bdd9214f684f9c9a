"""exp(a x) as a variable u > 0, log(x) as a free variable w."""

from collections.abc import Sequence
from dataclasses import dataclass

import sympy
from sympy import Dummy, Expr, Pow, Symbol
from sympy.core.relational import Gt, Le, Relational

from lagrangian.algebra.signs import is_positive
from lagrangian.changes.change import (
    Change,
    NotChangeableError,
    Preimages,
    common_rate,
    free_expressions,
    relation_of,
)
from lagrangian.problem.canonical import CanonicalProblem


@dataclass(frozen=True)
class ExponentialChange(Change):
    """u = exp(rate x) > 0, x = log(u) / rate, rate > 0."""

    rate: Expr

    def rewritten(self, expression: Expr) -> Expr:
        positive = Dummy(positive=True)
        changed = in_exponentials(expression).xreplace({self.old: sympy.log(positive) / self.rate})
        spread = changed.replace(sympy.exp, lambda exponent: sympy.exp(sympy.expand(exponent)))
        return spread.xreplace({positive: self.new[0]})

    def stated_in_old(self) -> dict[Symbol, Expr]:
        return {self.new[0]: sympy.exp(self.rate * self.old)}

    def conditions(self) -> tuple[Relational, ...]:
        return (Gt(self.new[0], 0, evaluate=False),)

    def bound(self, limit: Expr, *, is_upper: bool, strict: bool) -> Relational | None:
        return relation_of(self.new[0], sympy.exp(self.rate * limit), is_upper=is_upper, strict=strict)

    def preimages(self, values: Sequence[Expr]) -> Preimages:
        return Preimages((sympy.log(values[0]) / self.rate,))


@dataclass(frozen=True)
class LogarithmicChange(Change):
    """w = log(x), x = exp(w): for a variable that occurs in log(x), which is defined for x > 0 only."""

    def rewritten(self, expression: Expr) -> Expr:
        positive = Dummy(positive=True)
        spread = sympy.expand_log(expression.xreplace({self.old: positive}))
        return spread.xreplace({sympy.log(positive): self.new[0]}).xreplace({positive: sympy.exp(self.new[0])})

    def stated_in_old(self) -> dict[Symbol, Expr]:
        return {self.new[0]: sympy.log(self.old)}

    def conditions(self) -> tuple[Relational, ...]:
        return ()

    def bound(self, limit: Expr, *, is_upper: bool, strict: bool) -> Relational | None:
        positive = is_positive(limit)
        if positive is None:
            raise NotChangeableError(f"the sign of {limit} was not decided")
        if positive:
            return relation_of(self.new[0], sympy.log(limit), is_upper=is_upper, strict=strict)
        # x >= 0 and the like say nothing of log(x); x <= 0 leaves nothing, which -1 >= 0 says
        return None if not is_upper else Le(1, 0, evaluate=False)

    def preimages(self, values: Sequence[Expr]) -> Preimages:
        return Preimages((sympy.exp(values[0]),))


def in_exponentials(expression: Expr) -> Expr:
    """Hyperbolic functions and powers b**x of numbers b > 0 as exponentials.

    >>> x = Symbol("x", real=True)
    >>> in_exponentials(2**x), in_exponentials(sympy.cosh(x))
    (exp(x*log(2)), exp(x)/2 + exp(-x)/2)
    """
    found = expression.rewrite([sympy.sinh, sympy.cosh, sympy.tanh, sympy.coth], sympy.exp)
    powers = {
        power: sympy.exp(power.exp * sympy.log(power.base))
        for power in found.atoms(Pow)
        if power.base.is_number and power.base != sympy.E and power.base.is_positive and power.exp.free_symbols
    }
    return found.xreplace(powers)


def exponential_change(canonical: CanonicalProblem, variable: Symbol) -> ExponentialChange | None:
    """The change that makes all functions of a variable functions of exp(a x), if it occurs in exponentials alone.

    >>> x = Symbol("x", real=True)
    >>> problem = CanonicalProblem(sympy.exp(2 * x) - sympy.exp(x / 2), (), (), (x,), (), (), frozenset())
    >>> exponential_change(problem, x).rate
    1/2
    """
    expressions = [in_exponentials(expression) for expression in free_expressions(canonical, variable)]
    rates = set()
    for expression in expressions:
        for power in expression.atoms(sympy.exp):
            if power.has(variable):
                exponent = sympy.expand(power.args[0])
                slope = exponent.coeff(variable)
                if (exponent - slope * variable).has(variable) or slope.free_symbols:
                    return None
                rates.add(slope)
    if not rates:
        return None
    rate = common_rate(sorted(rates, key=str))
    if rate is None:
        return None
    change = ExponentialChange(variable, (Symbol(f"exp_{variable.name}", real=True),), rate)
    return change if all(_is_exponential(change, expression) for expression in expressions) else None


def _is_exponential(change: ExponentialChange, expression: Expr) -> bool:
    """Whether the old variable is gone, with its logarithm."""
    rewritten = change.rewritten(expression)
    return not rewritten.has(change.old) and not any(part.has(change.new[0]) for part in rewritten.atoms(sympy.log))


def logarithmic_change(canonical: CanonicalProblem, variable: Symbol) -> LogarithmicChange | None:
    """The change that makes log(x) a variable, if x occurs nowhere else."""
    expressions = free_expressions(canonical, variable)
    change = LogarithmicChange(variable, (Symbol(f"log_{variable.name}", real=True),))
    if not any(_needs_positive(expression, variable) for expression in expressions):
        return None
    rewritten = [change.rewritten(expression) for expression in expressions]
    new = change.new[0]
    left = any(e.has(variable, sympy.I) or any(p.has(new) for p in e.atoms(sympy.exp)) for e in rewritten)
    return None if left else change


def _needs_positive(expression: Expr, variable: Symbol) -> bool:
    """Whether log(c x) with a number c > 0 occurs, so that the expression is defined for x > 0 only."""
    ratios = [part.args[0] / variable for part in expression.atoms(sympy.log)]
    return any(not ratio.free_symbols and ratio.is_positive is True for ratio in ratios)
