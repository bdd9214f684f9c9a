"""Which constraint qualifications hold at a point, each decided exactly and with the witness that shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.closed_form import closed_form
from lagrangian.algebra.matrices import Vector, null_space, rank, solve_combination
from lagrangian.algebra.numbers import AlgebraicPoint
from lagrangian.conditions.cones import combined, cone_of, dot, positive_dependences
from lagrangian.conditions.multipliers import Local, local_derivatives
from lagrangian.logic import Truth
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.shown import Shown

MOST_ACTIVE = 10
LARGEST_DEGREE_SHOWN = 4


@dataclass(frozen=True, eq=False)
class Qualification(Shown):
    """The constraint qualifications at a point: any of them makes the KKT conditions necessary for a local minimum there.

    ``licq``: the gradients of all active constraints are linearly independent. ``mfcq``: those of the equations are,
    and along ``direction`` d every active inequality g <= 0 has grad g . d < 0 and every equation grad h . d = 0
    (Mangasarian and Fromovitz 1967); None where it was not decided. ``affine``: all active constraints are affine.
    Where MFCQ fails, ``abnormal`` holds multipliers of the constraints, not all zero and >= 0 for inequalities g <=
    0, with sum(mu grad g) + sum(lambda grad h) = 0: by Motzkin's theorem (1936) there is no such direction then.
    ``direction`` and ``abnormal`` are None where they would be too long to write down.

    >>> from sympy import symbols
    >>> from lagrangian import minimize
    >>> x = symbols("x")
    >>> (point,) = minimize(x, [x**2 <= 0], over=[x]).stationary_points
    >>> point.qualification.holds, point.qualification.abnormal
    (False, {x**2 <= 0: 1})
    """

    licq: bool
    mfcq: Truth
    affine: bool
    direction: dict[Symbol, Expr] | None = None
    abnormal: dict[Relational, Expr] | None = None
    unconstrained: bool = False

    @property
    def holds(self) -> Truth:
        """Whether one of them holds."""
        return True if self.licq or self.affine else self.mfcq

    @property
    def explanation(self) -> str:
        """Which one holds, or that none does and what follows, in words."""
        if self.unconstrained:
            return "no constraint is active"
        if self.licq:
            return "LICQ: the gradients of the active constraints are linearly independent"
        if self.mfcq:
            return "MFCQ, though not LICQ: some direction leads into the interior of all active inequalities, along the equations"
        if self.affine:
            return "the active constraints are affine, which is a constraint qualification: neither LICQ nor MFCQ holds"
        if self.mfcq is None:
            return "LICQ does not hold, and MFCQ was not decided"
        return (
            "no constraint qualification: the gradients of the active constraints add up to zero with weights that are "
            "not all zero (and >= 0 for inequalities), so that a minimum need not be a KKT point"
        )


def qualification_at(
    problem: PolynomialProblem,
    point: AlgebraicPoint,
    active_set: frozenset[int],
    variables: Sequence[Symbol],
    inequalities: Sequence[Relational],
    equalities: Sequence[Relational],
) -> Qualification:
    """The constraint qualifications at a point, for variables and constraints under the names and in the form given."""
    local = local_derivatives(problem, point, tuple(sorted(active_set)))
    rows = [*local.inequality_rows, *local.equality_rows]
    active = [problem.inequalities[i] for i in local.active]
    affine = all(polynomial.total_degree() <= 1 for polynomial in (*active, *problem.equalities))
    licq = rank(rows) == len(rows)
    short = point.root.degree <= LARGEST_DEGREE_SHOWN
    direction = _direction_under_licq(local) if licq and short else None
    weights: Vector | None = None
    mfcq: Truth = True
    if not licq:
        mfcq, direction, weights = _mangasarian_fromovitz(local)
    stated = [*(inequalities[i] for i in local.active if i < len(inequalities)), *equalities]
    return Qualification(
        licq,
        mfcq,
        affine,
        {v: closed_form(x) for v, x in zip(variables, direction, strict=False)} if direction and short else None,
        {s: closed_form(w) for s, w in zip(stated, weights, strict=False)} if weights and short else None,
        unconstrained=not rows,
    )


def _direction_under_licq(local: Local) -> Vector | None:
    """d with slope -1 along every active inequality and 0 along every equation."""
    rows = [*local.inequality_rows, *local.equality_rows]
    target = [-local.one] * len(local.inequality_rows) + [local.one - 1] * len(local.equality_rows)
    if not rows:
        return [local.one - 1] * local.problem.dimension
    return solve_combination([[row[j] for row in rows] for j in range(local.problem.dimension)], target)


def _mangasarian_fromovitz(local: Local) -> tuple[Truth, Vector | None, Vector | None]:
    """Whether MFCQ holds, with the direction, or the weights of the active inequalities and equations that exclude one."""
    one, count = local.one, local.problem.dimension
    zeros = [one - 1] * len(local.inequality_rows)
    if local.equality_rows and rank(local.equality_rows) < len(local.equality_rows):
        columns = [[row[j] for row in local.equality_rows] for j in range(count)]
        return False, None, [*zeros, *null_space(columns, one, len(local.equality_rows))[0]]
    if len(local.inequality_rows) > MOST_ACTIVE:
        return None, None, None
    tangent = null_space(local.equality_rows, one, count)
    along = [[dot(row, vector) for vector in tangent] for row in local.inequality_rows]
    weights = next(positive_dependences(along, one), None) if tangent else [one, *zeros[1:]]
    if weights is not None:
        return False, None, [*weights, *_weights_of_equations(local, weights)]
    rays = cone_of(along, len(tangent), one).rays
    total = combined([one] * len(rays), rays)
    return True, combined(total, tangent), None


def _weights_of_equations(local: Local, weights: Vector) -> Vector:
    total = combined(weights, local.inequality_rows)
    found = solve_combination(local.equality_rows, [-value for value in total])
    assert found is not None, "the sum vanishes on the tangent space of the equations"
    return found
