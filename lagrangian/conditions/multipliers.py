"""First derivatives at one point, exactly: the multipliers that fit, and the Hessian of the Lagrangian that they belong to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np
from flint import fmpq_mpoly

from lagrangian.algebra.matrices import (
    Matrix,
    Vector,
    determinant,
    echelon,
    inertia,
    null_space,
    quadratic_form,
    rank,
    solve_combination,
)
from lagrangian.algebra.numbers import AlgebraicPoint, FieldElement
from lagrangian.algebra.polynomials import gradient
from lagrangian.problem.lifting import PolynomialProblem

FLOAT_BITS = 64
LEAST_MULTIPLIER = 1e-9


@dataclass(frozen=True, eq=False)
class Multipliers:
    """mu for the active inequalities and lambda for the equalities in grad F + sum(mu grad g) + sum(lambda grad h) = 0."""

    inequalities: dict[int, FieldElement]
    equalities: tuple[FieldElement, ...]


@dataclass(frozen=True, eq=False)
class Local:
    """First derivatives at the point: the objective's gradient and those of the active constraints, with their indices."""

    problem: PolynomialProblem
    point: AlgebraicPoint
    active: tuple[int, ...]
    objective: Vector
    inequality_rows: Matrix
    equality_rows: Matrix

    @property
    def one(self) -> FieldElement:
        return self.point.value(self.problem.ring.constant(1))


def multipliers_at(problem: PolynomialProblem, point: AlgebraicPoint, active_set: frozenset[int]) -> Multipliers | None:
    """Exact multipliers of a point: the unique ones under LICQ, else some with mu >= 0 if there are any; None without any."""
    local = local_derivatives(problem, point, tuple(sorted(active_set)))
    rows = [*local.inequality_rows, *local.equality_rows]
    if rank(rows) == len(rows):
        return fitting_multipliers(local, tuple(range(len(local.active))))
    for used in chain(_suggested(local), independent_subsets(local)):
        multipliers = fitting_multipliers(local, used)
        if multipliers is not None and all(mu.sign() >= 0 for mu in multipliers.inequalities.values()):
            return multipliers
    return None


def _suggested(local: Local) -> Iterator[tuple[int, ...]]:
    """The set that nonnegative least squares in floating point end with (Lawson and Hanson 1974), to be tried first."""
    from scipy.optimize import nnls  # SciPy is slow to import, and most points do not need it

    count = len(local.active)
    columns = [*local.inequality_rows, *local.equality_rows, *([-x for x in row] for row in local.equality_rows)]
    matrix = np.array([[float(x.enclosure(FLOAT_BITS).mid()) for x in column] for column in columns]).T
    try:
        found, _ = nnls(matrix, -np.array([float(slope.enclosure(FLOAT_BITS).mid()) for slope in local.objective]))
    except RuntimeError:  # too many iterations
        return
    used = tuple(int(k) for k in np.flatnonzero(found[:count] > LEAST_MULTIPLIER))
    rows = [*(local.inequality_rows[k] for k in used), *local.equality_rows]
    if rank(rows) == len(rows):
        yield used


def local_derivatives(problem: PolynomialProblem, point: AlgebraicPoint, active: tuple[int, ...]) -> Local:
    def slopes(polynomial: fmpq_mpoly) -> Vector:
        return [point.value(part) for part in gradient(polynomial, problem.dimension)]

    return Local(
        problem,
        point,
        active,
        slopes(problem.objective),
        [slopes(problem.inequalities[i]) for i in active],
        [slopes(h) for h in problem.equalities],
    )


def fitting_multipliers(local: Local, used: tuple[int, ...]) -> Multipliers | None:
    """Multipliers that vanish but for the inequalities at the positions ``used`` of the active set, or None."""
    rows = [*(local.inequality_rows[k] for k in used), *local.equality_rows]
    solution = solve_combination(rows, [-slope for slope in local.objective])
    if solution is None:
        return None
    zero = local.one - 1
    inequalities = dict.fromkeys(local.active, zero)
    inequalities.update((local.active[k], solution[place]) for place, k in enumerate(used))
    return Multipliers(inequalities, tuple(solution[len(used) :]))


def lagrangian_hessian(local: Local, multipliers: Multipliers) -> Matrix:
    inequalities = [multipliers.inequalities[i] for i in local.active]
    return weighted_hessian(local, local.one, inequalities, multipliers.equalities)


def weighted_hessian(
    local: Local, objective: FieldElement, inequalities: Sequence[FieldElement], equalities: Sequence[FieldElement]
) -> Matrix:
    """The Hessian of the sum of the objective, the active inequalities and the equations with these weights."""
    problem, count = local.problem, local.problem.dimension
    weighted = [
        (objective, problem.objective),
        *zip(inequalities, (problem.inequalities[i] for i in local.active), strict=True),
        *zip(equalities, problem.equalities, strict=True),
    ]
    rows = [[local.one - 1] * count for _ in range(count)]
    for weight, polynomial in weighted:
        if weight.is_zero():
            continue
        for i, slope in enumerate(gradient(polynomial, count)):
            for j in range(i + 1):
                second = slope.derivative(j)
                if second != 0:
                    rows[i][j] = rows[j][i] = rows[i][j] + weight * local.point.value(second)
    return rows


def reduced_inertia(local: Local, hessian: Matrix, used: list[int]) -> tuple[int, int, int]:
    """The Hessian's inertia on the tangent space of the chosen active constraints."""
    rows = [*(local.inequality_rows[k] for k in used), *local.equality_rows]
    basis = null_space(rows, local.one, local.problem.dimension)
    return inertia(quadratic_form(hessian, basis)) if basis else (0, 0, 0)


def independent_subsets(local: Local) -> Iterator[tuple[int, ...]]:
    """Sets of active inequalities with independent gradients (Caratheodory: multipliers need no more), small ones first."""
    base = rank(local.equality_rows)
    for size in range(local.problem.dimension - base + 1):
        for used in combinations(range(len(local.active)), size):
            rows = [*(local.inequality_rows[k] for k in used), *local.equality_rows]
            if rank(rows) == base + size:
                yield used


def independent_rows(rows: Matrix) -> list[int]:
    """The places of rows that span all, each not spanned by those before it."""
    return echelon([list(column) for column in zip(*rows, strict=True)])[1] if rows else []


def bordered_minors(problem: PolynomialProblem, point: AlgebraicPoint) -> tuple[FieldElement, ...]:
    """The leading principal minors of [[0, J], [J^T, H]] of orders 2 m + 1 to n + m, for a problem without inequalities.

    Their signs decide a strict extremum (Bellman 1960). Empty without equations, or where the gradients of the
    equations are dependent.
    """
    local = local_derivatives(problem, point, ())
    border, count = len(local.equality_rows), problem.dimension
    multipliers = fitting_multipliers(local, ()) if border and rank(local.equality_rows) == border else None
    if multipliers is None:
        return ()
    zero = local.one - 1
    hessian = lagrangian_hessian(local, multipliers)
    matrix = [[zero] * border + row for row in local.equality_rows]
    matrix += [[*(row[i] for row in local.equality_rows), *hessian[i]] for i in range(count)]
    return tuple(
        determinant([row[:size] for row in matrix[:size]]) for size in range(2 * border + 1, border + count + 1)
    )
