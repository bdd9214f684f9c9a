"""The Karush-Kuhn-Tucker system, and Fritz John's, which needs no constraint qualification."""

from dataclasses import dataclass

import sympy
from sympy import Eq, Expr, Ge, Symbol
from sympy.core.relational import Relational

from lagrangian.conditions.lagrange import Convention, Lagrangian, lagrangian_of
from lagrangian.problem.problem import Problem
from lagrangian.shown import Shown


@dataclass(frozen=True, slots=True)
class KKTSystem(Shown):
    """The four groups of the KKT conditions (Karush 1939; Kuhn and Tucker 1951), each a tuple of relations.

        dL/dx = 0,    g <= 0 and h = 0,    mu >= 0,    mu_i g_i = 0,

    with the signs of the Lagrangian's `Convention`. Constraints are as stated; an inequality enters slackness as lhs - rhs >= 0.

    >>> from sympy import symbols
    >>> x = symbols("x")
    >>> system = kkt_system_of(Problem(x**2, [x >= 1], over=[x]))
    >>> system.stationarity, system.primal_feasibility
    ((Eq(-mu + 2*x, 0),), (x >= 1,))
    >>> system.dual_feasibility, system.complementary_slackness
    ((mu >= 0,), (Eq(mu*(x - 1), 0),))
    """

    lagrangian: Lagrangian
    stationarity: tuple[Relational, ...]
    primal_feasibility: tuple[Relational, ...]
    dual_feasibility: tuple[Relational, ...]
    complementary_slackness: tuple[Relational, ...]


@dataclass(frozen=True, slots=True)
class FritzJohnSystem(Shown):
    """Fritz John's conditions (1948): the objective has a multiplier mu_0 >= 0 too, and not all multipliers are zero.

    Every local optimum satisfies them, without any constraint qualification. ``nontriviality`` is
    mu_0 + sum mu + sum abs(lambda) > 0.

    >>> from sympy import symbols
    >>> x = symbols("x")
    >>> fritz_john_system_of(Problem(x, [x**2 <= 0], over=[x])).stationarity
    (Eq(2*mu*x + mu_0, 0),)
    """

    lagrangian: Lagrangian
    objective_multiplier: Symbol
    stationarity: tuple[Relational, ...]
    primal_feasibility: tuple[Relational, ...]
    dual_feasibility: tuple[Relational, ...]
    complementary_slackness: tuple[Relational, ...]
    nontriviality: Relational


def kkt_system(lagrangian: Lagrangian) -> KKTSystem:
    """The KKT system that belongs to a Lagrangian, in its convention; `Problem.kkt` has it in one step.

    >>> from sympy import symbols
    >>> x = symbols("x")
    >>> kkt_system(Problem(x**2, [x >= 1], over=[x]).lagrangian()).stationarity
    (Eq(-mu + 2*x, 0),)
    """
    return KKTSystem(
        lagrangian,
        lagrangian.gradient_equations,
        tuple(term.stated for term in lagrangian.terms),
        tuple(Ge(term.multiplier, 0, evaluate=False) for term in lagrangian.inequality_terms),
        _slackness(lagrangian),
    )


def kkt_system_of(problem: Problem, convention: Convention = Convention.TEXTBOOK) -> KKTSystem:
    """The KKT system of a problem as stated."""
    return kkt_system(lagrangian_of(problem, convention))


def fritz_john_system(lagrangian: Lagrangian) -> FritzJohnSystem:
    """Fritz John's system that belongs to a Lagrangian; `Problem.fritz_john` has it in one step.

    >>> from sympy import symbols
    >>> x = symbols("x")
    >>> fritz_john_system(Problem(x, [x**2 <= 0], over=[x]).lagrangian()).nontriviality
    mu + mu_0 > 0
    """
    taken = {symbol.name for symbol in (*lagrangian.problem.over, *lagrangian.problem.parameters)}
    name = "mu_0"
    while name in taken:
        name += "'"
    weight = Symbol(name, nonnegative=True)
    expression = weight * lagrangian.objective + sum(term.expression for term in lagrangian.terms)
    sizes: list[Expr] = [weight, *(abs(term.multiplier) for term in lagrangian.terms)]
    return FritzJohnSystem(
        lagrangian,
        weight,
        tuple(Eq(sympy.diff(expression, variable), 0, evaluate=False) for variable in lagrangian.problem.over),
        tuple(term.stated for term in lagrangian.terms),
        tuple(
            Ge(multiplier, 0, evaluate=False)
            for multiplier in (weight, *(term.multiplier for term in lagrangian.inequality_terms))
        ),
        _slackness(lagrangian),
        sympy.Gt(sympy.Add(*sizes), 0, evaluate=False),
    )


def fritz_john_system_of(problem: Problem, convention: Convention = Convention.TEXTBOOK) -> FritzJohnSystem:
    """Fritz John's system of a problem as stated."""
    return fritz_john_system(lagrangian_of(problem, convention))


def _slackness(lagrangian: Lagrangian) -> tuple[Relational, ...]:
    return tuple(Eq(term.multiplier * term.slack, 0, evaluate=False) for term in lagrangian.inequality_terms)


def groups_of(system: KKTSystem | FritzJohnSystem) -> tuple[tuple[str, tuple[Relational, ...]], ...]:
    """The named groups of conditions, without the empty ones."""
    groups = (
        ("stationarity", system.stationarity),
        ("primal feasibility", system.primal_feasibility),
        ("dual feasibility", system.dual_feasibility),
        ("complementary slackness", system.complementary_slackness),
    )
    return tuple((name, relations) for name, relations in groups if relations)
