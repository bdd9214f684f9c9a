"""Convex problems beyond linear and quadratic programs: one region for each KKT point in closed form.

In a convex problem a KKT point is a global optimum for exactly those parameters for which it satisfies the other constraints and
its multipliers are not negative. These conditions are relations in the parameters. Parameters for which weights y >= 0 make a
contradiction of the affine constraints are infeasible (Farkas 1902). What neither covers stays open, and is said to be.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import sympy
from flint import fmpq
from sympy import Expr, Pow, log

from lagrangian.conditions.convexity import convexity
from lagrangian.duality.parametric_contradictions import contradict
from lagrangian.duality.parametric_infeasible import contradictions, is_affine
from lagrangian.duality.parametric_logarithm import with_logarithm
from lagrangian.duality.parametric_points import ParametricPoint, points_of, simplest
from lagrangian.duality.parametric_polyhedra import Condition, has_interior, pieces_outside
from lagrangian.duality.parametric_reading import Generators, admissible_parameters
from lagrangian.duality.parametric_sets import ParameterSet
from lagrangian.duality.parametric_signs import SignCondition, Signs, alternatives, simplified
from lagrangian.duality.parametric_substitutions import Substitution, substituted
from lagrangian.problem.canonical import CanonicalProblem

MOST_ACTIVE_SETS = 256
MOST_CELLS = 100
# a KKT point, and conditions under which it is the optimum
Optimum = tuple[ParametricPoint, list[SignCondition]]
NOT_SMOOTH = (sympy.Abs, sympy.Max, sympy.Min, sympy.sign, sympy.floor, sympy.ceiling)


@dataclass(frozen=True, eq=False)
class ConvexPiece:
    """Parameters with a KKT point, or without feasible points where ``point`` is None."""

    parameters: ParameterSet
    point: ParametricPoint | None


@dataclass(frozen=True, eq=False)
class ConvexAnswer:
    """Pieces without common interiors, and what of the admissible parameters none of them holds; None where that is not known."""

    pieces: tuple[ConvexPiece, ...]
    left: tuple[ParameterSet, ...] | None
    admissible: ParameterSet
    generators: Generators


def convex_answer(canonical: CanonicalProblem, deadline: float = float("inf")) -> ConvexAnswer | str:
    """The pieces of a convex problem; a text that says why it is not treated.

    Raises:
        ProblemError: where no parameters satisfy the assumptions.
        TimeoutError: after the deadline, in the seconds of time.monotonic().
    """
    if any(function.has(*NOT_SMOOTH) for function in canonical.functions):
        return "a function has no derivative everywhere, and parameters beside it"
    inner, substitution = substituted(canonical)
    found = _global_optima(inner, deadline)
    if isinstance(found, str):
        return found
    empty = [*contradictions(inner), *_unreachable(inner, deadline)]
    described = [*((None, c) for c in empty), *((_point_back(point, substitution), c) for point, c in found)]
    generators = Generators(list(canonical.parameters))
    read = [(point, _coefficients(conditions, generators, substitution)) for point, conditions in described]
    admissible = admissible_parameters(canonical.assumptions, generators)
    pieces: list[ConvexPiece] = []
    for point, listed in read:
        rows = [Condition(generators.row(coefficients), strict) for coefficients, strict in listed]
        pieces += [ConvexPiece(part, point) for part in _new_parts(admissible.where(rows), pieces)]
    left = _left(admissible, pieces, deadline)
    if left is not None:
        left = tuple(cell for cell in left if not contradict(cell.conditions, generators))
    return ConvexAnswer(tuple(pieces), left, admissible, generators)


def _global_optima(canonical: CanonicalProblem, deadline: float) -> list[Optimum] | str:
    """KKT points of the problem, or of the logarithm of a product; a text where neither is shown to be convex."""
    logarithmic = with_logarithm(canonical)
    if logarithmic is not None and convexity(logarithmic).truth:
        return [(_scaled(point, canonical), conditions) for point, conditions in optima_of(logarithmic, deadline)]
    decided = convexity(canonical)
    return optima_of(canonical, deadline) if decided.truth else decided.reason


def optima_of(canonical: CanonicalProblem, deadline: float) -> list[Optimum]:
    """KKT points, each with conditions under which it is the optimum, given that the problem is convex."""
    return [
        (point, conditions) for point in _points(canonical, deadline) for conditions in _conditions(canonical, point)
    ]


def _unreachable(canonical: CanonicalProblem, deadline: float) -> Iterator[list[SignCondition]]:
    """Conditions under which the least value of a curved constraint's function, subject to the affine ones, is positive."""
    curved = [g for g in canonical.inequalities if not is_affine(g.expression, canonical.variables)]
    affine = tuple(g for g in canonical.inequalities if g not in curved)
    for inequality in curved:
        problem = replace(canonical, objective=inequality.expression, inequalities=affine)
        if convexity(problem).truth is not True:
            continue
        for point, conditions in optima_of(problem, deadline):
            least = inequality.expression.xreplace(point.point)
            positive = simplified(SignCondition(-least, strict=not inequality.strict), Signs(canonical.assumptions))
            if positive is not None:
                yield [*conditions, *positive]


def _points(canonical: CanonicalProblem, deadline: float) -> Iterator[ParametricPoint]:
    most = len(canonical.variables) - len(canonical.equalities)
    may_hold = [i for i, g in enumerate(canonical.inequalities) if not g.strict]
    active_sets = (chosen for size in range(max(most, 0) + 1) for chosen in combinations(may_hold, size))
    for _, active in zip(range(MOST_ACTIVE_SETS), active_sets, strict=False):
        if time.monotonic() > deadline:
            raise TimeoutError
        yield from points_of(canonical, active, deadline)


def _conditions(canonical: CanonicalProblem, found: ParametricPoint) -> Iterator[list[SignCondition]]:
    """Where the point is defined, primal and dual feasible, in one way for each sign that denominators may have."""
    values = [*found.point.values(), *found.inequality_multipliers, *found.equality_multipliers]
    at_point = [function.xreplace(found.point) for function in canonical.functions]
    if any(value.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo, sympy.I) for value in at_point):
        return
    stated = [SignCondition(-mu) for i, mu in enumerate(found.inequality_multipliers) if i in found.active]
    for i, inequality in enumerate(canonical.inequalities):
        if i not in found.active:
            stated.append(SignCondition(at_point[1 + i], inequality.strict))
    for domain, signs in alternatives(values, _arguments(canonical, found), Signs(canonical.assumptions)):
        parts = [simplified(condition, signs) for condition in stated]
        if all(part is not None for part in parts):
            yield domain + [condition for part in parts if part is not None for condition in part]


def _arguments(canonical: CanonicalProblem, found: ParametricPoint) -> list[Expr]:
    """What must be positive at the point for the functions to have derivatives there."""
    arguments: dict[Expr, None] = {}
    for function in canonical.functions:
        for part in sympy.preorder_traversal(function):
            if not part.free_symbols & set(canonical.variables):
                continue
            if isinstance(part, log):
                arguments[part.args[0]] = None
            elif (
                isinstance(part, Pow) and not (part.exp.is_integer and part.exp.is_nonnegative) and part.base != sympy.E
            ):
                arguments[part.base] = None
    return [sympy.factor(sympy.together(argument.xreplace(found.point))) for argument in arguments]


def _coefficients(
    conditions: Sequence[SignCondition], generators: Generators, substitution: Substitution
) -> list[tuple[dict[Expr, fmpq], bool]]:
    return [(generators.coefficients(substitution.back(c.expression)), c.strict) for c in conditions]


def _scaled(found: ParametricPoint, canonical: CanonicalProblem) -> ParametricPoint:
    """With the multipliers of the product in place of those of its logarithm."""
    value = -canonical.objective.xreplace(found.point)
    mu, lam = (
        tuple(simplest(value * multiplier) for multiplier in multipliers)
        for multipliers in (found.inequality_multipliers, found.equality_multipliers)
    )
    return replace(found, inequality_multipliers=mu, equality_multipliers=lam)


def _point_back(found: ParametricPoint, substitution: Substitution) -> ParametricPoint:
    if not substitution.forward:
        return found
    mu, lam = (
        tuple(simplest(substitution.back(value)) for value in values)
        for values in (found.inequality_multipliers, found.equality_multipliers)
    )
    point = {variable: simplest(substitution.back(value)) for variable, value in found.point.items()}
    return replace(found, point=point, inequality_multipliers=mu, equality_multipliers=lam)


def _new_parts(region: ParameterSet, pieces: Sequence[ConvexPiece]) -> list[ParameterSet]:
    """What of a region with an interior none of the pieces holds, in parts that do not overlap."""
    parts = [region] if has_interior(region.closed_conditions, region.count) else []
    for piece in pieces:
        parts = [rest for part in parts for rest in _outside(part, piece.parameters)]
    return parts


def _outside(part: ParameterSet, other: ParameterSet) -> list[ParameterSet]:
    given = list(part.conditions)
    if not has_interior([*given, *other.conditions], part.count):
        return [part]
    return [part.where(piece) for piece in pieces_outside(given, other.conditions, part.count)]


def _left(admissible: ParameterSet, pieces: Sequence[ConvexPiece], deadline: float) -> tuple[ParameterSet, ...] | None:
    """What no piece holds, as cells; None where there are too many of them, or the time is up."""
    cells = [admissible]
    for piece in pieces:
        remaining: list[ParameterSet] = []
        for cell in cells:
            remaining += _without(cell, piece.parameters)
            if len(remaining) > MOST_CELLS or time.monotonic() > deadline:
                return None
        cells = remaining
    return tuple(cells)


def _without(cell: ParameterSet, piece: ParameterSet) -> Iterator[ParameterSet]:
    if cell.where(piece.conditions).is_empty:
        yield cell
        return
    for condition in piece.conditions:
        outside = cell.where([condition.negation])
        if not outside.is_empty:
            yield outside
        cell = cell.where([condition])
