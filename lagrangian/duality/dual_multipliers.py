"""What the optimum of a convex problem says of its dual: its multipliers, and whether the theorems speak of the inner set."""

import sympy
from sympy import Eq, Expr, Ge, Integer, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_positive
from lagrangian.conditions.convexity import Curvature, Setting, curvature
from lagrangian.duality.dual_function import DualFunction
from lagrangian.problem.canonical import side_sign
from lagrangian.problem.guards import NONNEGATIVE, POSITIVE, guards
from lagrangian.proof.curvature import is_affine
from lagrangian.solution import Solution


def kkt_multipliers(solution: Solution, function: DualFunction) -> dict[Symbol, Expr] | None:
    """The multipliers of the answer for each symbol of the dual function; None where the answer has none.

    Those of new equations y = u follow from the stationarity of the Lagrangian in y at y = u(x*).
    """
    values = multipliers_of_optimum(solution, function)
    if values is None or not function.introduced:
        return values
    return _with_new(values, solution.points[0], function) if solution.points else None


def multipliers_of_optimum(solution: Solution, function: DualFunction) -> dict[Symbol, Expr] | None:
    """The multipliers of the answer for the constraints that have some; None where it has none, or they are only enclosed.

    Those of inequalities that are not active at an optimum are zero.
    """
    values: dict[Symbol, Expr] = {}
    if solution.multiplier_balls:
        return None
    for term in function.terms:
        known = solution.multipliers.get(term.stated)
        if known is None and not _is_inactive(term.stated, solution):
            return None
        values[term.multiplier] = Integer(0) if known is None else known
    return values


def _is_inactive(stated: Relational, solution: Solution) -> bool:
    if isinstance(stated, Eq) or not solution.points:
        return False
    slack = side_sign(stated) * (stated.rhs - stated.lhs)
    return is_positive(slack.xreplace(solution.points[0])) is True


def _with_new(
    values: dict[Symbol, Expr], point: dict[Symbol, Expr], function: DualFunction
) -> dict[Symbol, Expr] | None:
    places = {relation.lhs: relation.rhs.xreplace(point) for _, relation in function.introduced}
    at = {**values, **point, **places}
    found = dict(values)
    for multiplier, relation in function.introduced:
        block = next(block for block in function.blocks if relation.lhs in block.variables)
        slope = sympy.diff(block.function, relation.lhs).xreplace({**at, **found, multiplier: Integer(0)})
        if slope.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo):
            return None
        # for y >= u the term is nu (u - y), else nu (y - u)
        found[multiplier] = sympy.expand(slope if isinstance(relation, Ge) else -slope)
    return found


def is_convex_on_region(function: DualFunction, point: dict[Symbol, Expr] | None = None) -> bool:
    """Whether all functions are convex on the set of the inner problem, alone by the inequalities that limit it.

    With a ``point``, also whether those hold strictly there, so that it is an inner point of that set.
    """
    canonical, restoration = function.lagrangian.canonical, function.lagrangian.restoration
    back = dict(zip(function.lagrangian.problem.over, restoration.variables, strict=True))
    back |= dict(zip(function.lagrangian.problem.parameters, canonical.parameters, strict=True))
    stands_for = {relation.lhs: relation.rhs for _, relation in function.introduced}
    sides = {sympy.expand(relation.lhs.xreplace(stands_for).xreplace(back)) for relation in function.region}
    sides |= {sympy.expand(-g.expression) for g in canonical.inequalities if g.stated in function.kept}
    affine = frozenset(side for side in sides if is_affine(side, canonical.variables))
    if point is not None:
        place = {back.get(v, v): value.xreplace(back) for v, value in point.items()}
        if not all(is_positive(side.xreplace(place), canonical.assumptions) is True for side in affine):
            return False
    if canonical.integers or not all(is_affine(h.expression, canonical.variables) for h in canonical.equalities):
        return False
    if function.introduced:  # then the parts must be convex each, since they have variables of their own
        return function.convex_by_parts
    setting = Setting(canonical.variables, affine, canonical.assumptions)
    proofs = [curvature(f, setting) for f in (canonical.objective, *(g.expression for g in canonical.inequalities))]
    return all(proof is not None and proof.curvature is not Curvature.CONCAVE for proof in proofs)


def lies_inside(function: DualFunction, point: dict[Symbol, Expr]) -> bool:
    """Whether a point, with the values it gives to new variables, lies in the interior of the set of the inner problem."""
    places = {relation.lhs: relation.rhs.xreplace(point) for _, relation in function.introduced}
    at = {**point, **places}
    demands = {guard for block in function.blocks for guard in guards(block.function)}
    sides = [relation.lhs for relation in function.region]
    sides += [guard.of for guard in demands if guard.demand in (NONNEGATIVE, POSITIVE)]
    sides += [side_sign(r) * (r.rhs - r.lhs) for r in function.kept if not isinstance(r, Eq)]
    if any(guard.demand is None for guard in demands):
        return False
    return all(is_positive(side.xreplace(at), function.assumptions) is True for side in sides)
