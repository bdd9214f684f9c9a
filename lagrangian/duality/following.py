"""Shadow prices where the implicit function theorem follows the optimum of a problem that stays convex.

If a problem is convex for every right side u near 0, and at its optimum the active multipliers are positive and the Jacobian of
the active KKT system is regular, then KKT points x(u) move smoothly, each is a global optimum, and p'(0) = -multiplier. The value
need not be convex in u: max x y with x + y = b has b**2/4.
"""

from dataclasses import replace

from sympy import Dummy, Gt, Lt

from lagrangian.duality.active_system import ActiveSystem, active_system
from lagrangian.duality.closed_numbers import UndecidedSignError
from lagrangian.duality.gradients import Coordinates
from lagrangian.duality.multiplier_sets import as_expression
from lagrangian.duality.slater import why_not_convex
from lagrangian.duality.slopes import ConstraintSensitivity, OneSided, finite, stated_slopes, undecided
from lagrangian.problem.canonical import CanonicalProblem, Equality, Inequality

NOT_CONVEX_NEARBY = "the problem is not shown to be convex for other right sides of this constraint"


def followed_slopes(
    canonical: CanonicalProblem, point: Coordinates, objective_sign: int, count: int
) -> list[ConstraintSensitivity]:
    """The derivatives by the right sides of the first ``count`` inequalities and of all equations.

    Args:
        point: an optimum, with exact coordinates under the canonical variables.
    """
    constraints: list[Inequality | Equality] = [*canonical.inequalities[:count], *canonical.equalities]
    try:
        system = active_system(canonical, point)
        reason = system.why_not_regular
    except UndecidedSignError as error:
        reason = str(error)
    if reason is not None:
        return [stated_slopes(c.stated, 1, undecided(reason), undecided(reason)) for c in constraints]
    return [stated_slopes(c.stated, objective_sign, *_sides(system, c)) for c in constraints]


def _sides(system: ActiveSystem, constraint: Inequality | Equality) -> tuple[OneSided, OneSided]:
    canonical = system.canonical
    row = system.gradients.row_of(canonical, constraint)
    if why_not_convex(_shifted(canonical, constraint)) is not None:
        return undecided(NOT_CONVEX_NEARBY), undecided(NOT_CONVEX_NEARBY)
    multiplier = system.gradients.objective[0] * 0 if row is None else system.multipliers[row]
    value = as_expression(multiplier)
    return finite(-value), finite(value)


def _shifted(canonical: CanonicalProblem, constraint: Inequality | Equality) -> CanonicalProblem:
    """The problem with the right side of one constraint moved by a new parameter between -1 and 1."""
    moved = Dummy("u", real=True)

    return replace(
        canonical,
        inequalities=tuple(
            replace(g, expression=g.expression - moved) if g is constraint else g for g in canonical.inequalities
        ),
        equalities=tuple(
            replace(h, expression=h.expression - moved) if h is constraint else h for h in canonical.equalities
        ),
        parameters=(*canonical.parameters, moved),
        assumptions=(*canonical.assumptions, Gt(moved, -1, evaluate=False), Lt(moved, 1, evaluate=False)),
    )
