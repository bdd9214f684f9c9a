"""The step of Newton's method on the KKT conditions of a barrier problem, for WIDTH instances side by side.

With slacks s > 0 and multipliers z of g <= 0, y of h = 0, the slacks are eliminated from

    dF + J_g' z + J_h' y = 0,   g + s = 0,   h = 0,   s_i z_i = mu

and what is left is solved by a Cholesky factorization of H + J_g' (z/s) J_g + rho J_h' J_h + delta I and of its Schur complement
(Nocedal and Wright 2006, sections 16.2 and 19.3). A pivot that is not positive shows that delta must be greater for the step to
go down.
"""

import math
from typing import Any

from lagrangian.numeric.lane_memory import DELTA, MU, Structure, Workspace, compiled
from lagrangian.numeric.lanes import read, select, write

_LEAST_PIVOT = 1e-13
_RHO = 10.0


@compiled
def at_least(a: Any, b: Any) -> Any:
    return select(a > b, a, b)


@compiled
def at_most(a: Any, b: Any) -> Any:
    return select(a < b, a, b)


@compiled
def assemble(structure: Structure, work: Workspace) -> None:
    """The lower triangle of H + J_g' (z/s) J_g + rho J_h' J_h + delta I, and the right side; rows of n entries."""
    values = work.values
    n, mi, me, places = structure.variables, structure.inequalities, structure.equalities, structure.places
    k = mi + me
    delta, mu = read(work.scalars, DELTA), read(work.scalars, MU)
    zero = mu * 0.0
    for i in range(n):
        for j in range(i + 1):
            write(values, places.matrix + i * n + j, zero)
        write(values, places.matrix + i * n + i, delta)
        write(values, places.right + i, -read(work.out, 1 + i))
    start = 1 + n + k + len(structure.jacobian_rows)
    curvature = zero + 1.0
    for place in range(len(structure.hessian_rows)):
        at = places.matrix + structure.hessian_rows[place] * n + structure.hessian_columns[place]
        entry = read(work.out, start + place)
        curvature = at_least(curvature, math.fabs(entry))
        write(values, at, read(values, at) + entry)
    # so much that only the curvature along the equalities decides whether the matrix is positive definite
    rho = _RHO * curvature
    for i in range(k):
        value = read(work.out, 1 + n + i)
        if i < mi:
            slack = read(values, places.slack + i)
            weight = read(values, places.multiplier + i) / slack
            pull = mu / slack + weight * (value + slack)
        else:
            weight = rho
            pull = rho * value
            write(values, places.right_equalities + i - mi, -value)
        for a in range(structure.jacobian_starts[i], structure.jacobian_starts[i + 1]):
            row, slope = structure.jacobian_columns[a], read(work.out, 1 + n + k + a)
            write(values, places.right + row, read(values, places.right + row) - slope * pull)
            weighted = weight * slope
            for b in range(structure.jacobian_starts[i], a + 1):
                at = row * n + structure.jacobian_columns[b]
                write(
                    values,
                    places.matrix + at,
                    read(values, places.matrix + at) + weighted * read(work.out, 1 + n + k + b),
                )


@compiled
def _factorize(values: Any, start: Any, n: int) -> Any:
    """The Cholesky factor of a matrix in place, with the reciprocals of its diagonal; the lanes whose pivots were positive."""
    good = read(values, start) < math.inf
    for j in range(n):
        row = start + j * n
        pivot = read(values, row + j)
        least = _LEAST_PIVOT * math.fabs(pivot) + 1e-20
        for k in range(j):
            entry = read(values, row + k)
            pivot = pivot - entry * entry
        good = good & (pivot > least)
        inverse = 1.0 / math.sqrt(select(pivot > least, pivot, 1.0))
        write(values, row + j, inverse)
        for i in range(j + 1, n):
            other = start + i * n
            entry = read(values, other + j)
            for k in range(j):
                entry = entry - read(values, other + k) * read(values, row + k)
            write(values, other + j, entry * inverse)
    return good


@compiled
def _forward(values: Any, start: Any, n: int, vector: Any, stride: Any) -> None:
    """L**-1 v in place; entry i of v stands at vector + i stride."""
    for i in range(n):
        row = start + i * n
        value = read(values, vector + i * stride)
        for k in range(i):
            value = value - read(values, row + k) * read(values, vector + k * stride)
        write(values, vector + i * stride, value * read(values, row + i))


@compiled
def _backward(values: Any, start: Any, n: int, vector: Any) -> None:
    """L'**-1 v in place."""
    for i in range(n - 1, -1, -1):
        value = read(values, vector + i)
        for k in range(i + 1, n):
            value = value - read(values, start + k * n + i) * read(values, vector + k)
        write(values, vector + i, value * read(values, start + i * n + i))


@compiled
def solve_newton(structure: Structure, work: Workspace) -> Any:
    """The step of x in work.right and the new multipliers of h in work.right_equalities; the lanes where it goes down."""
    values = work.values
    n, mi, me, places = structure.variables, structure.inequalities, structure.equalities, structure.places
    k = mi + me
    good = _factorize(values, places.matrix, n)
    _forward(values, places.matrix, n, places.right, 1)
    if me > 0:
        zero = read(values, places.right) * 0.0
        for i in range(n * me):
            write(values, places.cross + i, zero)
        for place in range(structure.jacobian_starts[mi], structure.jacobian_starts[k]):
            at = structure.jacobian_columns[place] * me + structure.jacobian_rows[place] - mi
            write(values, places.cross + at, read(work.out, 1 + n + k + place))
        for e in range(me):
            _forward(values, places.matrix, n, places.cross + e, me)
        for e in range(me):
            # A K**-1 r - (right side of the equalities) = S y
            total = -read(values, places.right_equalities + e)
            for i in range(n):
                total = total + read(values, places.cross + i * me + e) * read(values, places.right + i)
            write(values, places.right_equalities + e, total)
            for d in range(e + 1):
                total = zero
                for i in range(n):
                    total = total + read(values, places.cross + i * me + e) * read(values, places.cross + i * me + d)
                write(values, places.schur + e * me + d, total)
        for e in range(me):
            at = e * me + e
            write(values, places.schur + at, read(values, places.schur + at) * (1.0 + 1e-12) + 1e-14)
        _factorize(values, places.schur, me)
        _forward(values, places.schur, me, places.right_equalities, 1)
        _backward(values, places.schur, me, places.right_equalities)
        for i in range(n):
            total = read(values, places.right + i)
            for e in range(me):
                total = total - read(values, places.cross + i * me + e) * read(values, places.right_equalities + e)
            write(values, places.right + i, total)
    _backward(values, places.matrix, n, places.right)
    return good


@compiled
def direction(structure: Structure, work: Workspace, taken: Any) -> Any:
    """The steps of slacks and multipliers from that of x, where a trial was taken; the lengths to the boundary, and the slopes.

    Returns the greatest primal and dual step lengths, the slope of F - mu sum(log s) along the step, and the greatest new
    multiplier.
    """
    values = work.values
    n, mi, me, places = structure.variables, structure.inequalities, structure.equalities, structure.places
    k = mi + me
    mu = read(work.scalars, MU)
    near = 0.995
    slope, steepest, primal, dual = mu * 0.0, mu * 0.0, mu * 0.0 + 1.0, mu * 0.0 + 1.0
    for j in range(n):
        step = read(values, places.right + j)
        slope = slope + step * read(work.out, 1 + j)
        write(values, places.step_x + j, select(taken, step, read(values, places.step_x + j)))
    for i in range(mi):
        slack, z = read(values, places.slack + i), read(values, places.multiplier + i)
        step = -(read(work.out, 1 + n + i) + slack)
        for place in range(structure.jacobian_starts[i], structure.jacobian_starts[i + 1]):
            step = step - read(work.out, 1 + n + k + place) * read(
                values, places.right + structure.jacobian_columns[place]
            )
        step_z = (mu - z * step) / slack - z
        slope = slope - mu * step / slack
        primal = at_most(primal, select(step < 0.0, -near * slack / step, 1.0))
        dual = at_most(dual, select(step_z < 0.0, -near * z / step_z, 1.0))
        steepest = at_least(steepest, z + step_z)
        write(values, places.step_slack + i, select(taken, step, read(values, places.step_slack + i)))
        write(
            values,
            places.step_multiplier + i,
            select(taken, step_z, read(values, places.step_multiplier + i)),
        )
    for e in range(me):
        steepest = at_least(steepest, math.fabs(read(values, places.right_equalities + e)))
        step_y = read(values, places.right_equalities + e) - read(values, places.multiplier + mi + e)
        write(
            values,
            places.step_multiplier + mi + e,
            select(taken, step_y, read(values, places.step_multiplier + mi + e)),
        )
    return primal, dual, slope, steepest
