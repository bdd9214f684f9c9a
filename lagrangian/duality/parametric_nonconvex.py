"""Quadratic programs that are not convex for all parameters: infeasible, unbounded and solved parameters, and the best KKT point.

The parameters are cut into those without feasible points (Farkas), those for which the objective falls along a direction that
constraints do not end, and those with an optimum. There the value is the least one in a complete list of KKT points.
"""

from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

import sympy
from sympy import Expr, ImmutableMatrix

from lagrangian.duality.parametric_best import Candidate, Cell, TooManyCellsError, best_cells, merged
from lagrangian.duality.parametric_curvature import (
    MOST_ACTIVE_SETS,
    Curvature,
    NotTreatedError,
    candidates_of,
    curvature_of,
    definite_on,
    is_tie,
    null_space,
)
from lagrangian.duality.parametric_linear import parts_of
from lagrangian.duality.parametric_reading import ReadProgram, read_program
from lagrangian.duality.parametric_recession import conditions_of_set, directions, falling, flat_slopes, resting
from lagrangian.duality.parametric_signs import SignCondition
from lagrangian.duality.parametric_space import Conditions, ParameterSpace, negation
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.status import Status

TOO_MANY = "the values of the KKT points divide the parameters into too many cells"
OPEN = "whether an optimum is attained is open where the curvature along an endless direction vanishes"
OPEN_BOUNDARY = (
    "the least value over the closure is taken where a strict inequality fails; whether also elsewhere is open"
)


@dataclass(frozen=True, eq=False)
class Outcome:
    """Parameters with one answer: the KKT point of a candidate, or the status alone."""

    status: Status
    conditions: Conditions
    best: Candidate | None = None
    reason: str = ""


def nonconvex_answer(canonical: CanonicalProblem, deadline: float = float("inf")) -> list[Outcome] | str:
    """The outcomes for all admissible parameters, UNDECIDED ones among them; a text that says why the problem is not treated.

    Raises:
        TimeoutError: after the deadline, in the seconds of time.monotonic().

    >>> from sympy import symbols
    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, a = symbols("x a", real=True)
    >>> outcomes = nonconvex_answer(canonicalize(Problem(a * x**2, [x >= -1, x <= 2], over=[x]))[0])
    >>> [(outcome.conditions[0].expression, outcome.best.value) for outcome in outcomes]
    [(a, 4*a), (-a, 0)]
    """
    curvature = curvature_of(canonical)
    if curvature is None:
        return "the objective is not quadratic, or a constraint is not affine"
    if not _has_rational_coefficients(curvature):
        return "a coefficient is no quotient of polynomials in the parameters that is defined for all of them"
    try:
        return _outcomes(curvature, ParameterSpace(canonical.assumptions, deadline), deadline)
    except NotTreatedError as error:
        return str(error)
    except TooManyCellsError:
        return TOO_MANY


def _has_rational_coefficients(curvature: Curvature) -> bool:
    space, symbols = ParameterSpace(curvature.canonical.assumptions), curvature.canonical.parameters
    for function in curvature.canonical.functions:
        upper, lower = sympy.fraction(sympy.together(function))
        if not all(_is_rational(part, (*symbols, *curvature.canonical.variables)) for part in (upper, lower)):
            return False
        if lower != 1 and space.core(lower, (), exact=True) not in (1, -1):
            return False
    return True


def _is_rational(expression: Expr, symbols: tuple[sympy.Symbol, ...]) -> bool:
    try:
        return sympy.Poly(expression, *symbols).domain in (sympy.ZZ, sympy.QQ)
    except sympy.PolynomialError:
        return False


def _outcomes(curvature: Curvature, space: ParameterSpace, deadline: float) -> list[Outcome]:
    if null_space(curvature.equation_gradients, space) is None:
        raise NotTreatedError("the equations are dependent")
    rays = directions(curvature, space)
    read = read_program(replace(curvature.canonical, objective=sympy.S.Zero))
    if isinstance(read, str) and rays:
        raise NotTreatedError("the constraints have coefficients that are no rational numbers, and endless directions")
    empty = [] if isinstance(read, str) else _infeasible(read, deadline)
    found = [Outcome(Status.INFEASIBLE, conditions) for conditions in empty]
    left = _without(space, [()], empty)
    if rays:
        flat = flat_slopes(curvature, rays, deadline)
        left, ended = divided(space, left, list(falling(curvature, rays, flat, space)))
        found += [Outcome(Status.UNBOUNDED, cell.conditions) for cell in merged(space, [Cell(c) for c in ended])]
        open_cells, left = divided(space, left, list(resting(curvature, rays, flat, space)))
        found += [Outcome(Status.UNDECIDED, conditions, reason=OPEN) for conditions in open_cells]
        left = [cell.conditions for cell in merged(space, [Cell(conditions) for conditions in left])]
    cells = best_cells(space, left, candidates_of(curvature, space, deadline), partial(_tie, curvature, space))
    for cell in cells:
        if cell.best is not None:
            found += _attained(curvature, cell.conditions, cell.best, space)
        elif isinstance(read, str):
            found.append(Outcome(Status.INFEASIBLE, cell.conditions))
    return found


def _tie(curvature: Curvature, space: ParameterSpace, one: Candidate, other: Candidate, given: Conditions) -> bool:
    return is_tie(curvature, space, one, other, given)


def _infeasible(read: ReadProgram, deadline: float) -> list[Conditions]:
    parts = parts_of(read.program, read.admissible, deadline) or []
    return [conditions_of_set(p.parameters, read.generators) for p in parts if p.status is Status.INFEASIBLE]


def _without(space: ParameterSpace, cells: list[Conditions], removed: list[Conditions]) -> list[Conditions]:
    for conditions in removed:
        cells = [space.pruned(part) for cell in cells for part in _outside(space, cell, conditions)]
    return [cell.conditions for cell in merged(space, [Cell(conditions) for conditions in cells])]


def _outside(space: ParameterSpace, cell: Conditions, conditions: Conditions) -> list[Conditions]:
    return [cell] if space.is_empty((*cell, *conditions)) else space.outside(cell, conditions)


def divided(
    space: ParameterSpace, cells: list[Conditions], alternatives: list[Conditions]
) -> tuple[list[Conditions], list[Conditions]]:
    """The parts where none of the alternatives holds, and those where one does."""
    inside: list[Conditions] = []
    for conditions in alternatives:
        outside: list[Conditions] = []
        for cell in cells:
            both = (*cell, *conditions)
            if not space.is_empty(both):
                inside.append(space.pruned(both))
            outside += [space.pruned(part) for part in _outside(space, cell, conditions)]
        cells = outside
    return cells, inside


def _attained(curvature: Curvature, conditions: Conditions, best: Candidate, space: ParameterSpace) -> list[Outcome]:
    """The parameters at which the point satisfies the strict inequalities too, and the others."""
    found: list[Outcome] = []
    for inequality in (g for g in curvature.canonical.inequalities if g.strict):
        core = space.core(inequality.expression.xreplace(best.answer.point), conditions, exact=True)
        below = SignCondition(core, strict=True)
        on_boundary = (*conditions, negation(below))
        if not space.is_empty(on_boundary):
            found += _at_boundary(curvature, space.pruned(on_boundary), best, space)
            conditions = (*conditions, below)
    if not space.is_empty(conditions):
        found.append(Outcome(Status.OPTIMAL, space.pruned(conditions), best))
    return found


def _at_boundary(curvature: Curvature, conditions: Conditions, best: Candidate, space: ParameterSpace) -> list[Outcome]:
    """The optimum over the closure breaks a strict inequality: not attained where it is the only one, or no other can be one."""
    if _bends_down_inside(curvature, conditions, space):
        return [Outcome(Status.NOT_ATTAINED, conditions, best)]
    definite = definite_on(curvature.hessian, ImmutableMatrix.eye(curvature.dimension), space)
    feasible = _is_cut(curvature)
    if definite is None or not feasible:
        return [Outcome(Status.UNDECIDED, conditions, reason=OPEN_BOUNDARY)]
    found = [
        Outcome(Status.UNDECIDED, space.pruned(part), reason=OPEN_BOUNDARY)
        for part in space.outside(conditions, definite)
    ]
    inside = (*conditions, *definite)
    if not space.is_empty(inside):
        found.append(Outcome(Status.NOT_ATTAINED, space.pruned(inside), best))
    return found


def _is_cut(curvature: Curvature) -> bool:
    """Whether parameters without points that satisfy the strict inequalities too were taken out before."""
    return not isinstance(read_program(replace(curvature.canonical, objective=sympy.S.Zero)), str)


def _bends_down_inside(curvature: Curvature, conditions: Conditions, space: ParameterSpace) -> bool:
    """Whether the objective bends down along every face on which the strict inequalities hold: no optimum lies there."""
    weak = [i for i, g in enumerate(curvature.canonical.inequalities) if not g.strict]
    sets = [s for size in range(min(len(weak), curvature.dimension) + 1) for s in combinations(weak, size)]
    if not _is_cut(curvature) or len(sets) > MOST_ACTIVE_SETS:
        return False
    for basis in (null_space(curvature.on(active), space) for active in sets):
        if basis is not None:
            reduced = basis.T * curvature.hessian * basis
            diagonal = [reduced[k, k] for k in range(reduced.rows)]
            if not any(space.implies(conditions, SignCondition(sympy.expand(d), strict=True)) for d in diagonal):
                return False
    return True
