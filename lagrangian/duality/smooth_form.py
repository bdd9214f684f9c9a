"""Abs, Max and Min that bend a function upward, replaced by new variables: t >= u and t >= -u in place of |u|.

    minimize F + c |u|   or   g + c |u| <= 0,   c >= 0

have the same value, whatever their right sides, with c t in place of c |u|: least t is |u|. What is left has gradients.
"""

from dataclasses import dataclass, field, replace

import sympy
from sympy import Abs, Expr, Integer, Le, Max, Min, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_nonnegative
from lagrangian.problem.canonical import CanonicalProblem, Inequality

KINKS = (Abs, Max, Min)


@dataclass
class _Smoothing:
    variables: tuple[Symbol, ...]
    parameters: tuple[Symbol, ...]
    assumptions: tuple[Relational, ...] = ()
    definitions: dict[Symbol, Expr] = field(default_factory=dict)
    known: dict[Expr, Symbol] = field(default_factory=dict)
    inequalities: list[Expr] = field(default_factory=list)

    def rewrite(self, expression: Expr) -> Expr:
        """A function <= w exactly where, for some values of the new variables, the old one is."""
        if not expression.has(Abs, Max, Min):
            return expression
        return sympy.Add(*(self._term(term) for term in sympy.Add.make_args(sympy.expand(expression))))

    def _term(self, term: Expr) -> Expr:
        factor, atom = term.as_independent(*self.variables, as_Add=False)
        arguments = _arguments(atom)
        if isinstance(atom, Min) and is_nonnegative(-factor, self.assumptions):
            factor, arguments = -factor, [-argument for argument in atom.args]
        elif arguments is None or is_nonnegative(factor, self.assumptions) is not True:
            return term
        return factor * self._above(arguments)

    def _above(self, arguments: list[Expr]) -> Symbol:
        definition = Max(*arguments)
        if definition not in self.known:
            fresh = self._fresh()
            self.known[definition] = fresh
            self.definitions[fresh] = definition
            self.inequalities += [self.rewrite(argument) - fresh for argument in arguments]
        return self.known[definition]

    def _fresh(self) -> Symbol:
        taken = {symbol.name for symbol in (*self.variables, *self.parameters, *self.definitions)}
        number = next(n for n in range(1, len(taken) + 2) if f"t_{n}" not in taken)
        return Symbol(f"t_{number}", real=True)


def _arguments(atom: Expr) -> list[Expr] | None:
    if isinstance(atom, Abs):
        return [atom.args[0], -atom.args[0]]
    return list(atom.args) if isinstance(atom, Max) else None


def smooth_form(canonical: CanonicalProblem) -> tuple[CanonicalProblem, dict[Symbol, Expr]]:
    """A problem of the same value with fewer kinks, its first inequalities those of the old one, and the new variables' meaning.

    >>> from sympy import symbols
    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, y = symbols("x y")
    >>> smooth, definitions = smooth_form(canonicalize(Problem(2 * Abs(x - 1) + y**2, over=[x, y]))[0])
    >>> smooth.objective, [g.expression for g in smooth.inequalities]
    (2*t_1 + y**2, [-t_1 + x - 1, -t_1 - x + 1])
    """
    if not any(function.has(Abs, Max, Min) for function in canonical.functions):
        return canonical, {}
    lifter = _Smoothing(canonical.variables, canonical.parameters, canonical.assumptions)
    objective = lifter.rewrite(canonical.objective)
    kept = [replace(g, expression=lifter.rewrite(g.expression)) for g in canonical.inequalities]
    added = [Inequality(g, Le(g, Integer(0), evaluate=False)) for g in lifter.inequalities]
    smooth = replace(
        canonical,
        objective=objective,
        inequalities=(*kept, *added),
        variables=(*canonical.variables, *lifter.definitions),
    )
    return smooth, lifter.definitions
