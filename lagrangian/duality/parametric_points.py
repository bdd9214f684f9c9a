"""KKT points of one active set with free parameters, in closed form.

The inequalities of the active set are taken as equations. A linear system is solved over the field of rational functions of
the parameters. Else each variable is solved for in the stationarity conditions, where these are linear in the variables or each
has one variable alone, and the multipliers from what is left; last SymPy is asked for the whole system.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sympy
from sympy import Dummy, Expr, Pow, Symbol, log
from sympy.solvers.solveset import NonlinearError

from lagrangian.algebra.signs import is_zero
from lagrangian.logic import Truth, all3
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.processes.calls import call_with_limit, share_of_time
from lagrangian.processes.processor_time import within_processor_time

# of processor time, so that a busy machine does not change the answer; waiting ends too
LIMIT_OF_ONE_SOLVE_S, MOST_WAITING_S = 10.0, 120.0
SHARE_OF_ONE_SOLVE = 0.25
UNDEFINED = (sympy.I, sympy.nan, sympy.zoo, sympy.oo, sympy.S.NegativeInfinity)
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
    """The solutions that were found, and whether there can be no others."""
    if (linear := _linear_solution(system.equations, system.unknowns)) is not None:
        return linear, True
    places, fixing = _fixed(system)
    rest = _System(
        [e.xreplace(places) for e, v in zip(system.stationarity, system.variables, strict=True) if v not in places],
        [g.xreplace(places) for g, m in zip(system.held, system.multipliers, strict=True) if m not in fixing],
        tuple(v for v in system.variables if v not in places),
        [m for m in system.multipliers if m not in fixing],
    )
    at_fixed = [e.xreplace(places) for e, v in zip(system.stationarity, system.variables, strict=True) if v in places]
    if any(equation.has(*UNDEFINED) for equation in (*rest.equations, *at_fixed)):
        return [], True
    found = []
    for inner in _nonlinear_solutions(rest, deadline):
        for outer in _linear_solution([e.xreplace(inner) for e in at_fixed], fixing) or []:
            found.append(places | inner | outer)
    return found, False


def _fixed(system: _System) -> tuple[Values, list[Symbol]]:
    """Variables that active constraints, one after another, set to functions of the parameters, and their multipliers."""
    places: Values = {}
    fixing: list[Symbol] = []
    changed = True
    while changed:
        changed = False
        for held, multiplier in zip(system.held, system.multipliers, strict=True):
            function = held.xreplace(places)
            left = function.free_symbols & set(system.variables)
            if multiplier in fixing or len(left) != 1:
                continue
            (variable,) = left
            solution = _linear_solution([function], [variable])
            if solution:
                places, changed = places | solution[0], True
                fixing.append(multiplier)
    return places, fixing


def _nonlinear_solutions(system: _System, deadline: float) -> list[Values]:
    if not system.unknowns:
        return [{}] if all(is_zero(equation) for equation in system.equations) else []
    if (linear := _linear_solution(system.equations, system.unknowns)) is not None:
        return linear
    for method in (_by_elimination, _all_at_once):
        limit = min(MOST_WAITING_S, share_of_time(deadline, SHARE_OF_ONE_SOLVE))
        work = (method, (system,), LIMIT_OF_ONE_SOLVE_S)
        found = call_with_limit(within_processor_time, work, limit, may_fail=True)
        if found is not None:
            return found
    return []


def _linear_solution(equations: list[Expr], unknowns: Sequence[Symbol]) -> list[Values] | None:
    """The only solution, or none where there is none or are many; None for a system that is not linear."""
    if not unknowns and not equations:
        return [{}]
    try:
        rows, right = sympy.linear_eq_to_matrix(equations, *unknowns)
    except (NonlinearError, ValueError):
        return None
    found = sympy.linsolve((rows, right), *unknowns)
    solutions = [dict(zip(unknowns, values, strict=True)) for values in found]
    return [s for s in solutions if not any(value.free_symbols & set(unknowns) for value in s.values())]


def _by_elimination(system: _System) -> list[Values] | None:
    """Variables from stationarity, then multipliers from the active constraints; None where stationarity does not give them."""
    ways = _places(system)
    if ways is None:
        return None
    found = []
    for stated in ways:
        places = {variable: sympy.expand_power_base(place) for variable, place in stated.items()}
        rest = [sympy.expand_power_base(sympy.expand_mul(equation.xreplace(places))) for equation in system.held]
        if (by_power := _by_one_power(rest, places, system)) is not None:
            found.append(by_power)
            continue
        solutions = sympy.solve(rest, system.multipliers, dict=True) if system.multipliers else [{}]
        for solution in solutions:
            if set(solution) == set(system.multipliers):
                found.append({v: place.xreplace(solution) for v, place in places.items()} | solution)
    return found


def _by_one_power(rest: list[Expr], places: Values, system: _System) -> Values | None:
    """A mu^e + B = 0, with one multiplier and no other power of it: mu^e = -B/A, which the variables are multiples of."""
    if len(rest) != 1:
        return None
    (equation,), (multiplier,) = rest, system.multipliers
    powers = {part for part in equation.atoms(Pow) if part.base == multiplier}
    if len(powers) != 1 or not multiplier.is_positive:
        return None
    (power,) = powers
    slope, constant = equation.coeff(power), equation.coeff(power, 0)
    if slope.has(multiplier) or constant.has(multiplier) or sympy.expand_mul(slope * power + constant - equation) != 0:
        return None
    level = -constant / slope
    solution = {variable: place.xreplace({power: level}) for variable, place in places.items()}
    return solution | {multiplier: level ** (1 / power.exp)}


def _places(system: _System) -> list[Values] | None:
    """The variables as functions of the multipliers, in all ways that stationarity allows; None where it mixes them."""
    linear = _linear_solution(system.stationarity, system.variables)
    if linear is not None:
        return linear or None
    ways: list[Values] = [{}]
    for variable, equation in zip(system.variables, system.stationarity, strict=True):
        if equation.free_symbols & set(system.variables) != {variable}:
            return None
        ways = [way | {variable: solution} for way in ways for solution in sympy.solve(equation, variable)]
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
    if any(value.has(*UNDEFINED, sympy.Piecewise) for value in solution.values()):
        return False
    return all3(_vanishes(equation.xreplace(solution)) for equation in system.equations) is True


def _vanishes(value: Expr) -> Truth:
    """Whether an expression is zero: a difference of two positive products by their logarithms."""
    if value.is_Add and len(value.args) == 2:
        left, right = sorted((value.args[0], -value.args[1]), key=str)
        left, right = (-left, -right) if left.is_negative else (left, right)
        if left.is_positive and right.is_positive and is_zero(sympy.expand_log(log(left) - log(right))):
            return True
    return is_zero(value)


def _point(canonical: CanonicalProblem, active: Sequence[int], system: _System, solution: Values) -> ParametricPoint:
    values = [solution[symbol] for symbol in system.multipliers]
    mu = [sympy.S.Zero] * len(canonical.inequalities)
    for place, i in enumerate(active):
        mu[i] = values[place]
    point = {variable: solution[variable] for variable in canonical.variables}
    return ParametricPoint(tuple(active), point, tuple(mu), tuple(values[len(active) :]))
