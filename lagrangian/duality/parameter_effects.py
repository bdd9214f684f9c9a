"""What parameters do to an optimum: the envelope theorem, and comparative statics by the implicit function theorem."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_zero
from lagrangian.duality.active_system import ActiveSystem, active_system
from lagrangian.duality.closed_numbers import UndecidedSignError
from lagrangian.duality.multiplier_sets import as_expression
from lagrangian.duality.parameter_values import parameter_values, relations_at
from lagrangian.errors import ProblemError
from lagrangian.exact_numbers import ExactNumber
from lagrangian.logic import Truth
from lagrangian.problem.canonical import Restoration
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem
from lagrangian.proof.convexity import ConvexityCertificate
from lagrangian.prove import NOT_LISTED
from lagrangian.shown import Shown
from lagrangian.solution import Solution
from lagrangian.solve import solve
from lagrangian.status import Status

TIME_LIMIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Envelope(Shown):
    """dV/dp of the value in closed form beside dL/dp at the optimum, multipliers held, and whether they are equal."""

    parameter: Symbol
    value_derivative: Expr
    lagrangian_derivative: Expr
    agrees: Truth


def envelope(solution: Solution) -> tuple[Envelope, ...]:
    """The envelope theorem dV/dp = dL/dp (Samuelson 1947), checked for every parameter by differentiating V.

    >>> from sympy import Eq, symbols
    >>> from lagrangian import maximize
    >>> x, y, b = symbols("x y b", positive=True)
    >>> (checked,) = envelope(maximize(x * y, [Eq(x + y, b)], over=[x, y]))
    >>> checked.value_derivative, checked.lagrangian_derivative, checked.agrees
    (b/2, b/2, True)
    """
    if solution.value is None or not solution.points:
        return ()
    return envelope_of(solution.problem, solution.value, solution.points[0], solution.multipliers)


def envelope_of(
    problem: Problem, value: Expr, point: Mapping[Symbol, Expr], multipliers: Mapping[Relational, Expr]
) -> tuple[Envelope, ...]:
    """The same for an optimum and its multipliers in the textbook's signs, as a region of a `ParametricSolution` has them."""
    lagrangian = problem.lagrangian()
    values: dict[Symbol, Expr] = dict(point)
    values |= {symbol: multipliers.get(s, sympy.nan) for s, symbol in lagrangian.multipliers.items()}
    found = []
    for parameter in problem.parameters:
        by_value = sympy.simplify(sympy.diff(value, parameter))
        by_lagrangian = sympy.simplify(sympy.diff(lagrangian.expression, parameter).xreplace(values))
        if not by_lagrangian.has(sympy.nan):
            found.append(Envelope(parameter, by_value, by_lagrangian, is_zero(by_value - by_lagrangian)))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class ComparativeStatics(Shown):
    """How an optimum and its multipliers move with the parameters, to first order; or the ``reason`` why that is not known.

    ``points[x, p]`` is dx*/dp, ``multipliers[constraint, p]`` the derivative of the multiplier in the textbook's signs (for an
    equation the shadow price, for an inequality mu >= 0), ``values[p]`` is dV/dp. The optimum is followed as a local one.
    """

    at: dict[Symbol, Expr]
    point: dict[Symbol, Expr]
    points: dict[tuple[Symbol, Symbol], Expr]
    multipliers: dict[tuple[Relational, Symbol], Expr]
    values: dict[Symbol, Expr]
    reason: str = ""


def comparative_statics(
    problem: Problem, at: Mapping[Symbol, Any] | None = None, *, time_limit_s: float = TIME_LIMIT_S
) -> ComparativeStatics:
    """dx*/dp, dmu*/dp, dlambda*/dp and dV/dp by the implicit function theorem on the active KKT system.

    Args:
        problem: with parameters.
        at: a number for every parameter, for a problem that has no solution in closed form; without it the closed form is used.
        time_limit_s: what solving may take.

    Raises:
        ProblemError: where ``at`` does not give every parameter one number that its assumptions allow.

    >>> from sympy import symbols
    >>> x, p = symbols("x p", real=True)
    >>> found = comparative_statics(Problem(x**4 + x**2 - p * x, over=[x]), at={p: 6})
    >>> found.point, found.points[x, p]
    ({x: 1}, 1/14)
    """
    if not problem.parameters:
        raise ProblemError("the problem has no parameters; leave a symbol out of over to make it one")
    base = {} if at is None else parameter_values(problem, at)
    solution = solve(problem if at is None else problem_at(problem, base), time_limit_s=time_limit_s)
    return statics_of(problem, solution, base)


def statics_of(problem: Problem, solution: Solution, base: Mapping[Symbol, Expr]) -> ComparativeStatics:
    """The same from a solution of the problem, or of the problem at ``base``."""
    nothing = ComparativeStatics(dict(base), {}, {}, {}, {})
    reason = _why_not(solution)
    if reason is not None:
        return _with_reason(nothing, reason)
    canonical, restoration = canonicalize(problem)
    point = canonical_point(solution.coordinates[0], restoration, base)
    try:
        system = active_system(canonical, point)
        reason = system.why_not_regular
        if reason is not None:
            return _with_reason(nothing, reason)
        return _solved(system, restoration, solution, dict(base))
    except UndecidedSignError as error:
        return _with_reason(nothing, str(error))


def _with_reason(nothing: ComparativeStatics, reason: str) -> ComparativeStatics:
    return ComparativeStatics(nothing.at, {}, {}, {}, {}, reason)


def _why_not(solution: Solution) -> str | None:
    if solution.status is not Status.OPTIMAL:
        return f"the problem is {solution.status.value}: there is no proved optimum to follow"
    if solution.families or len(solution.coordinates) != 1:
        return "there are several optima"
    if not all(number.is_exact for number in solution.coordinates[0].values()):
        return "the optimum is not known exactly"
    if solution.problem.integers:
        return "some variables take integer values only"
    return None if _is_alone(solution) else "it is not shown that there are no other optima"


def _is_alone(solution: Solution) -> bool:
    """Whether all optima are known; a convex problem has no others beside one at which the KKT system is regular."""
    listed = solution.complete or solution.missing in ((), (NOT_LISTED,))
    return listed or isinstance(solution.certificate, ConvexityCertificate)


def _solved(
    system: ActiveSystem, restoration: Restoration, solution: Solution, base: dict[Symbol, Expr]
) -> ComparativeStatics:
    canonical, problem = system.canonical, restoration.problem
    stated = [canonical.inequalities[i].stated for i in system.gradients.active]
    stated += [h.stated for h in canonical.equalities]
    points: dict[tuple[Symbol, Symbol], Expr] = {}
    multipliers: dict[tuple[Relational, Symbol], Expr] = {}
    values: dict[Symbol, Expr] = {}
    for mine, yours in zip(canonical.parameters, problem.parameters, strict=True):
        moved = [_tidy(restoration.expression(as_expression(v))) for v in system.derivatives(mine)]
        points |= {(variable, yours): value for variable, value in zip(problem.over, moved, strict=False)}
        for relation, value in zip(stated, moved[len(problem.over) :], strict=True):
            multipliers[relation, yours] = restoration.textbook_multiplier(relation, value)
        slope = restoration.value(as_expression(system.derivative_of_value(mine)))
        values[yours] = _tidy(restoration.expression(slope))
    return ComparativeStatics(base, solution.points[0], points, multipliers, values)


def _tidy(value: Expr) -> Expr:
    return sympy.simplify(value) if value.free_symbols else sympy.radsimp(value)


def canonical_point(
    coordinates: Mapping[Symbol, ExactNumber], restoration: Restoration, base: Mapping[Symbol, Expr]
) -> dict[Symbol, ExactNumber]:
    """A point under the canonical symbols, with numbers for the parameters that have some."""
    rename = dict(zip(restoration.problem.parameters, restoration.parameters, strict=True))
    point: dict[Symbol, ExactNumber] = {}
    for mine, yours in zip(restoration.variables, restoration.problem.over, strict=True):
        number = coordinates[yours]
        free = isinstance(number.signed_source, Expr) and number.signed_source.free_symbols
        point[mine] = ExactNumber(number.expression.xreplace(rename)) if free else number
    return point | {rename[parameter]: ExactNumber(value) for parameter, value in base.items()}


def problem_at(problem: Problem, base: Mapping[Symbol, Expr]) -> Problem:
    """The problem with numbers in place of its parameters."""
    relations = relations_at(problem.all_constraints, base)
    return Problem(
        problem.objective.xreplace(base), relations, over=problem.over, sense=problem.sense, integers=problem.integers
    )
