"""The equations of the KKT conditions in real symbols that look like the user's, so that zeros and signs can be decided."""

from collections.abc import Sequence
from dataclasses import dataclass

import sympy
from sympy import Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.conditions.lagrange import Lagrangian
from lagrangian.report.systems import Equation

# functions without a derivative somewhere inside their domain
KINKED = (sympy.Abs, sympy.Max, sympy.Min, sympy.sign, sympy.Piecewise, sympy.floor, sympy.ceiling)


@dataclass(frozen=True, eq=False, slots=True)
class Held:
    """A constraint: its multiplier, its function (= 0, or <= 0), and how it was stated, in the user's symbols."""

    multiplier: Symbol
    function: Expr
    stated: Relational
    strict: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class KKTEquations:
    """dL/dx = 0 with the multipliers of all constraints, in the textbook's signs.

    ``inequalities`` are g <= 0. ``rename`` turns the user's symbols into those used here, which print alike.
    """

    variables: tuple[Symbol, ...]
    objective: Expr
    stationarity: tuple[Expr, ...]
    equalities: tuple[Held, ...]
    inequalities: tuple[Held, ...]
    assumptions: tuple[Relational, ...]
    rename: dict[Symbol, Symbol]

    @property
    def multipliers(self) -> tuple[Symbol, ...]:
        return tuple(held.multiplier for held in (*self.equalities, *self.inequalities))

    @property
    def is_smooth(self) -> bool:
        """Whether all functions have derivatives wherever they are defined, but perhaps for roots at zero."""
        return not any(function.has(*KINKED) for function in self.functions)

    @property
    def functions(self) -> tuple[Expr, ...]:
        """The objective and the functions of all constraints."""
        return (self.objective, *(held.function for held in (*self.equalities, *self.inequalities)))

    @property
    def nonzero(self) -> tuple[Expr, ...]:
        """Variables that strict inequalities keep from zero."""
        signed = {held.function for held in self.inequalities if held.strict}
        return tuple(v for v in self.variables if v in signed or -v in signed)

    def gradient(self, function: Expr) -> list[Expr]:
        return [sympy.diff(function, variable) for variable in self.variables]

    def labelled(self, active: Sequence[int]) -> list[Equation]:
        """The equations that remain with these inequalities active and the multipliers of the others zero, numbered."""
        idle = {held.multiplier: sympy.S.Zero for i, held in enumerate(self.inequalities) if i not in active}
        lefts = [left.xreplace(idle) for left in self.stationarity]
        lefts += [held.function for held in self.equalities]
        lefts += [self.inequalities[i].function for i in active]
        return [Equation(f"({number})", left) for number, left in enumerate(lefts, start=1)]

    def unknowns(self, active: Sequence[int]) -> list[Symbol]:
        multipliers = [held.multiplier for held in self.equalities]
        return [*self.variables, *multipliers, *(self.inequalities[i].multiplier for i in active)]


def kkt_equations(lagrangian: Lagrangian) -> KKTEquations:
    """The conditions of a Lagrangian in the textbook's form.

    >>> from lagrangian.conditions.lagrange import lagrangian_of
    >>> from lagrangian.problem.problem import Problem
    >>> x = sympy.Symbol("x")
    >>> equations = kkt_equations(lagrangian_of(Problem(x**2, [x >= 1], over=[x])))
    >>> equations.stationarity, equations.inequalities[0].function, equations.variables[0].is_real
    ((-mu + 2*x,), 1 - x, True)
    """
    canonical, restoration = lagrangian.canonical, lagrangian.restoration
    stated = (*restoration.problem.over, *restoration.problem.parameters)
    rename = dict(zip(stated, (*restoration.variables, *restoration.parameters), strict=True))
    # a multiplier is >= 0 by a condition that is examined, not by assumption
    rename |= {term.multiplier: Symbol(term.multiplier.name, real=True) for term in lagrangian.terms}
    equalities = tuple(
        Held(rename[term.multiplier], h.expression, h.stated)
        for term, h in zip(lagrangian.equality_terms, canonical.equalities, strict=True)
    )
    inequalities = tuple(
        Held(rename[term.multiplier], g.expression, g.stated, g.strict)
        for term, g in zip(lagrangian.inequality_terms, canonical.inequalities, strict=True)
    )
    return KKTEquations(
        canonical.variables,
        restoration.objective_sign * canonical.objective,
        tuple(entry.xreplace(rename) for entry in lagrangian.gradient),
        equalities,
        inequalities,
        canonical.assumptions,
        rename,
    )
