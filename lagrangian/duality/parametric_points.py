"""KKT points of one active set with free parameters, in closed form.

The inequalities of the active set are taken as equations. A linear system is solved over the field of rational functions of
the parameters. Else each variable is solved for in the stationarity conditions, where these are linear in the variables or each
has one variable alone, and the multipliers from what is left; last SymPy is asked for the whole system.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sympy
from sympy import Dummy, Expr, Symbol
from sympy.solvers.solveset import NonlinearError

from lagrangian.algebra.signs import is_zero
from lagrangian.logic import all3
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.processes.calls import call_with_limit, share_of_time

LIMIT_OF_ONE_SOLVE_S = 6.0
SHARE_OF_ONE_SOLVE = 0.25
Values = dict[Symbol, Expr]


@dataclass(frozen=True, eq=False)
class ParametricPoint:
    """A point with multipliers of all constraints that satisfies stationarity, the equations and complementary slackness."""

    active: tuple[int, ...]
    point: Values
    inequality_multipliers: tuple[Expr, ...]
    equality_multipliers: tuple[Expr, ...]


@dataclass(frozen=True, eq=False)
class _System:
    stationarity: list[Expr]
    held: list[Expr]
    variables: tuple[Symbol, ...]
    multipliers: list[Symbol]

    @property
    def equations(self) -> list[Expr]:
        return [*self.stationarity, *self.held]

    @property
    def unknowns(self) -> list[Symbol]:
        return [*self.variables, *self.multipliers]


def points_of(
    canonical: CanonicalProblem, active: Sequence[int], deadline: float = float("inf")
) -> Iterator[ParametricPoint]:
    """The checked points of an active set; signs and other inequalities are not looked at.

    >>> from sympy import symbols
    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, a, b = symbols("x a b", positive=True)
    >>> canonical, _ = canonicalize(Problem(a * x**2, [x >= b], over=[x]))
    >>> [(point.point, point.inequality_multipliers[0]) for point in points_of(canonical, [0])]
    [({x: b}, 2*a*b)]
    """
    for positive in (False, True):
        system = _system(canonical, active, positive=positive)
        solutions, is_linear = _solutions(system, deadline)
        checked = [s for s in map(_simplified, solutions) if _solves(system, s)]
        yield from (_point(canonical, active, system, solution) for solution in checked)
        if checked or is_linear:
            return


def _system(canonical: CanonicalProblem, active: Sequence[int], *, positive: bool) -> _System:
    """With ``positive`` the multipliers are symbols of positive numbers, which powers of products need to be taken apart."""
    held = [canonical.inequalities[i].expression for i in active] + [h.expression for h in canonical.equalities]
    multipliers = [Dummy(f"mu{k}", positive=True) if positive else Dummy(f"mu{k}", real=True) for k in range(len(held))]
    lagrangian = canonical.objective + sympy.Add(*(m * g for m, g in zip(multipliers, held, strict=True)))
    stationarity = [sympy.diff(lagrangian, variable) for variable in canonical.variables]
    return _System(stationarity, held, canonical.variables, multipliers)


def _solutions(system: _System, deadline: float) -> tuple[list[Values], bool]:
    if (linear := _linear_solution(system.equations, system.unknowns)) is not None:
        return linear, True
    limit = min(LIMIT_OF_ONE_SOLVE_S, share_of_time(deadline, SHARE_OF_ONE_SOLVE))
    found = call_with_limit(_by_elimination, (system,), limit, may_fail=True)
    if not found:
        limit = min(LIMIT_OF_ONE_SOLVE_S, share_of_time(deadline, SHARE_OF_ONE_SOLVE))
        found = call_with_limit(_all_at_once, (system,), limit, may_fail=True)
    return found or [], False


def _linear_solution(equations: list[Expr], unknowns: Sequence[Symbol]) -> list[Values] | None:
    """The only solution, or none where there is none or are many; None for a system that is not linear."""
    try:
        rows, right = sympy.linear_eq_to_matrix(equations, *unknowns)
    except (NonlinearError, ValueError):
        return None
    found = sympy.linsolve((rows, right), *unknowns)
    solutions = [dict(zip(unknowns, values, strict=True)) for values in found]
    return [s for s in solutions if not any(value.free_symbols & set(unknowns) for value in s.values())]


def _by_elimination(system: _System) -> list[Values]:
    """Variables from stationarity, then multipliers from the active constraints."""
    found = []
    for places in _places(system):
        rest = [sympy.expand_power_base(sympy.expand(equation.xreplace(places))) for equation in system.held]
        solutions = sympy.solve(rest, system.multipliers, dict=True) if system.multipliers else [{}]
        for solution in solutions:
            if set(solution) == set(system.multipliers):
                found.append({v: place.xreplace(solution) for v, place in places.items()} | solution)
    return found


def _places(system: _System) -> list[Values]:
    """The variables as functions of the multipliers, in all ways that stationarity allows."""
    linear = _linear_solution(system.stationarity, system.variables)
    if linear is not None:
        return linear
    ways: list[Values] = [{}]
    for variable, equation in zip(system.variables, system.stationarity, strict=True):
        if equation.free_symbols & (set(system.variables) - {variable}):
            return []
        # where the variable does not occur it is held by a constraint, and SymPy has to see the whole system
        solutions = sympy.solve(equation, variable) if equation.has(variable) else []
        ways = [way | {variable: solution} for way in ways for solution in solutions]
    return ways


def _all_at_once(system: _System) -> list[Values]:
    return sympy.solve(system.equations, system.unknowns, dict=True)


def _simplified(solution: Values) -> Values:
    return {symbol: simplest(value) for symbol, value in solution.items()}


def simplest(value: Expr) -> Expr:
    """A quotient of polynomials factored, anything else as SymPy simplifies it."""
    factored = sympy.factor(sympy.together(value))
    return (
        factored
        if factored.is_rational_function()
        else min(sympy.simplify(value), factored, value, key=sympy.count_ops)
    )


def _solves(system: _System, solution: Values) -> bool:
    """Whether all equations hold identically in the parameters."""
    unknowns = set(system.unknowns)
    if set(solution) != unknowns or any(value.free_symbols & unknowns for value in solution.values()):
        return False
    if any(value.has(sympy.I, sympy.nan, sympy.zoo, sympy.oo, sympy.Piecewise) for value in solution.values()):
        return False
    return all3(is_zero(equation.xreplace(solution)) for equation in system.equations) is True


def _point(canonical: CanonicalProblem, active: Sequence[int], system: _System, solution: Values) -> ParametricPoint:
    values = [solution[symbol] for symbol in system.multipliers]
    mu = [sympy.S.Zero] * len(canonical.inequalities)
    for place, i in enumerate(active):
        mu[i] = values[place]
    point = {variable: solution[variable] for variable in canonical.variables}
    return ParametricPoint(tuple(active), point, tuple(mu), tuple(values[len(active) :]))
