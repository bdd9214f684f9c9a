"""The step of Newton's method on the KKT conditions of a barrier problem, for WIDTH instances side by side.

With slacks s > 0 and multipliers z of g <= 0, y of h = 0, the slacks are eliminated from

    dF + J_g' z + J_h' y = 0,   g + s = 0,   h = 0,   s_i z_i = mu

and what is left is solved by a Cholesky factorization of H + J_g' (z/s) J_g + rho J_h' J_h + delta I and of its Schur complement
(Nocedal and Wright 2006, sections 16.2 and 19.3). A pivot that is not positive shows that delta must be greater for the step to
go down.
"""

import math
from typing import Any

from lagrangian.numeric.lane_memory import DELTA, MU, Structure, Workspace, inlined
from lagrangian.numeric.lanes import read, select, write

_LEAST_PIVOT = 1e-13
_LEAST_SQUARE = 1e-4
_NEAR = 1e-10
# how much of the way to the boundary a step may go
_TO_BOUNDARY = 0.995
_RHO, _GREATEST_WEIGHT = 10.0, 1e8


@inlined
def at_least(a: Any, b: Any) -> Any:
    return select(a > b, a, b)


@inlined
def at_most(a: Any, b: Any) -> Any:
    return select(a < b, a, b)


@inlined
def assemble(structure: Structure, work: Workspace, corrected: Any) -> None:
    """The lower triangle of H + J_g' (z/s) J_g + rho J_h' J_h + delta I, and the right side; rows of n entries.

    Where a trial is to be corrected the right side is what the trial misses, and neither objective nor barrier counts.
    """
    values = work.values
    n, mi, me, places = structure.variables, structure.inequalities, structure.equalities, structure.places
    k = mi + me
    delta, mu = read(work.scalars, DELTA), read(work.scalars, MU)
    zero = mu * 0.0
    for i in range(n):
        for j in range(i + 1):
            write(values, places.matrix + i * n + j, zero)
        write(values, places.matrix + i * n + i, delta)
        write(values, places.right + i, select(corrected, zero, -read(work.out, 1 + i)))
    start = 1 + n + k + len(structure.jacobian_rows)
    curvature = zero + 1.0
    for place in range(len(structure.hessian_rows)):
        at = places.matrix + structure.hessian_rows[place] * n + structure.hessian_columns[place]
        entry = read(work.out, start + place)
        curvature = at_least(curvature, math.fabs(entry))
        write(values, at, read(values, at) + entry)
    hardness = 1.0 / (_GREATEST_WEIGHT * curvature)
    for i in range(k):
        value, square = read(work.out, 1 + n + i), _square(structure, work, i)
        if i < mi:
            slack, z = read(values, places.slack + i), read(values, places.multiplier + i)
            # a weight beyond all measure would drown the curvature in its rounding
            inverse = 1.0 / at_least(slack, z * square * hardness)
            write(values, places.inverse_soft + i, inverse)
            weight = z * inverse
            kept = select(corrected, zero, z + (mu - slack * z) * inverse)
            pull = kept + weight * (value + select(corrected, read(values, places.trial_slack + i), slack))
        else:
            # so much that only the curvature along the equalities decides whether the matrix is positive definite
            weight = _RHO * curvature / square
            pull = weight * value
            write(values, places.right_equalities + i - mi, -value)
        _add_row(structure, work, i, weight, pull)


@inlined
def _square(structure: Structure, work: Workspace, i: int) -> Any:
    """The square of the length of a constraint's gradient, not much less than 1."""
    first = 1 + structure.variables + structure.inequalities + structure.equalities
    total = read(work.scalars, MU) * 0.0 + _LEAST_SQUARE
    for place in range(structure.jacobian_starts[i], structure.jacobian_starts[i + 1]):
        slope = read(work.out, first + place)
        total = total + slope * slope
    return total


@inlined
def _add_row(structure: Structure, work: Workspace, i: int, weight: Any, pull: Any) -> None:
    """Add weight times the outer product of a constraint's gradient, and take pull times the gradient from the right side."""
    values, n, places = work.values, structure.variables, structure.places
    first = 1 + n + structure.inequalities + structure.equalities
    for a in range(structure.jacobian_starts[i], structure.jacobian_starts[i + 1]):
        row, slope = structure.jacobian_columns[a], read(work.out, first + a)
        write(values, places.right + row, read(values, places.right + row) - slope * pull)
        weighted = weight * slope
        for b in range(structure.jacobian_starts[i], a + 1):
            at = places.matrix + row * n + structure.jacobian_columns[b]
            write(values, at, read(values, at) + weighted * read(work.out, first + b))


@inlined
def _factorize(values: Any, start: Any, n: int) -> Any:
    """The Cholesky factor of a matrix in place, with the reciprocals of its diagonal; by how much the first bad pivot misses."""
    deficit = read(values, start) * 0.0
    for j in range(n):
        row = start + j * n
        pivot = read(values, row + j)
        least = _LEAST_PIVOT * math.fabs(pivot) + 1e-30
        for k in range(j):
            entry = read(values, row + k)
            pivot = pivot - entry * entry
        good = pivot > least
        # what follows a bad pivot means nothing
        deficit = select(good | (deficit > 0.0), deficit, least - pivot)
        inverse = 1.0 / math.sqrt(select(good, pivot, 1.0))
        write(values, row + j, inverse)
        for i in range(j + 1, n):
            other = start + i * n
            entry = read(values, other + j)
            for k in range(j):
                entry = entry - read(values, other + k) * read(values, row + k)
            write(values, other + j, entry * inverse)
    return deficit


@inlined
def _forward(values: Any, start: Any, n: int, vector: Any, stride: Any) -> None:
    """L**-1 v in place; entry i of v stands at vector + i stride."""
    for i in range(n):
        row = start + i * n
        value = read(values, vector + i * stride)
        for k in range(i):
            value = value - read(values, row + k) * read(values, vector + k * stride)
        write(values, vector + i * stride, value * read(values, row + i))


@inlined
def _backward(values: Any, start: Any, n: int, vector: Any) -> None:
    """L'**-1 v in place."""
    for i in range(n - 1, -1, -1):
        value = read(values, vector + i)
        for k in range(i + 1, n):
            value = value - read(values, start + k * n + i) * read(values, vector + k)
        write(values, vector + i, value * read(values, start + i * n + i))


@inlined
def factorize(structure: Structure, work: Workspace) -> Any:
    """Factorize the matrix; how much the diagonal lacks for the step to go down, 0 where it lacks nothing, nan for nan."""
    return _factorize(work.values, structure.places.matrix, structure.variables)


@inlined
def _schur(structure: Structure, work: Workspace) -> None:
    """S = A K**-1 A' and its right side, for A = J_h; `cross` becomes L**-1 A'."""
    values = work.values
    n, mi, me, places = structure.variables, structure.inequalities, structure.equalities, structure.places
    k = mi + me
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


@inlined
def solve_newton(structure: Structure, work: Workspace, corrected: Any) -> None:
    """The step of x in work.right and the new multipliers of h in work.right_equalities, from the factorized matrix."""
    values = work.values
    n, mi, me, places = structure.variables, structure.inequalities, structure.equalities, structure.places
    _forward(values, places.matrix, n, places.right, 1)
    if me > 0:
        _schur(structure, work)
        for e in range(me):
            # equations that depend on one another leave S singular: multipliers stay near what they are (Rockafellar 1976)
            at = places.schur + e * me + e
            diagonal = read(values, at)
            near = _NEAR * diagonal + 1e-30
            write(values, at, diagonal + near)
            kept = select(corrected, 0.0, near * read(values, places.multiplier + mi + e))
            write(values, places.right_equalities + e, read(values, places.right_equalities + e) + kept)
        _factorize(values, places.schur, me)
        _forward(values, places.schur, me, places.right_equalities, 1)
        _backward(values, places.schur, me, places.right_equalities)
        for i in range(n):
            total = read(values, places.right + i)
            for e in range(me):
                total = total - read(values, places.cross + i * me + e) * read(values, places.right_equalities + e)
            write(values, places.right + i, total)
    _backward(values, places.matrix, n, places.right)


@inlined
def direction(structure: Structure, work: Workspace, moved: Any) -> Any:
    """The steps of slacks and multipliers from that of x, where a trial was taken; the lengths to the boundary, and the slopes.

    Returns the greatest primal and dual step lengths, the slope of F - mu sum(log s) along the step, and the greatest new
    multiplier.
    """
    values = work.values
    n, mi, me, places = structure.variables, structure.inequalities, structure.equalities, structure.places
    mu = read(work.scalars, MU)
    slope, steepest, primal, dual = mu * 0.0, mu * 0.0, mu * 0.0, mu * 0.0
    for j in range(n):
        step = read(values, places.right + j)
        slope = slope + step * read(work.out, 1 + j)
        write(values, places.step_x + j, select(moved, step, read(values, places.step_x + j)))
    for i in range(mi):
        slack, z = read(values, places.slack + i), read(values, places.multiplier + i)
        step = -(read(work.out, 1 + n + i) + slack) - along(structure, work, i)
        step_z = (mu - z * (slack + step)) * read(values, places.inverse_soft + i)
        relative = step / slack
        slope = slope - mu * relative
        primal = at_least(primal, -relative)
        dual = at_least(dual, -step_z / z)
        steepest = at_least(steepest, z + step_z)
        write(values, places.step_slack + i, select(moved, step, read(values, places.step_slack + i)))
        write(values, places.step_multiplier + i, select(moved, step_z, read(values, places.step_multiplier + i)))
    for e in range(me):
        multiplier = read(values, places.right_equalities + e)
        steepest = at_least(steepest, math.fabs(multiplier))
        at = places.step_multiplier + mi + e
        step_y = multiplier - read(values, places.multiplier + mi + e)
        write(values, at, select(moved, step_y, read(values, at)))
    # so far that what shrinks most keeps a small share
    primal, dual = _TO_BOUNDARY / at_least(primal, _TO_BOUNDARY), _TO_BOUNDARY / at_least(dual, _TO_BOUNDARY)
    return primal, dual, slope, steepest


@inlined
def along(structure: Structure, work: Workspace, i: int) -> Any:
    """The gradient of constraint i times the step of x."""
    first = 1 + structure.variables + structure.inequalities + structure.equalities
    total = read(work.scalars, MU) * 0.0
    for place in range(structure.jacobian_starts[i], structure.jacobian_starts[i + 1]):
        step = read(work.values, structure.places.right + structure.jacobian_columns[place])
        total = total + read(work.out, first + place) * step
    return total


@inlined
def correct_trial(structure: Structure, work: Workspace, corrected: Any) -> None:
    """Move a trial by the step that makes up for what it misses, as far as slacks stay positive.

    The second-order correction of Fletcher (1982), with the derivatives at the trial: without it a step along curved equations is
    refused again and again (Maratos 1978).
    """
    values = work.values
    n, mi, places = structure.variables, structure.inequalities, structure.places
    longest = read(work.scalars, MU) * 0.0 + _TO_BOUNDARY
    for i in range(mi):
        slack = read(values, places.trial_slack + i)
        step = -(read(work.out, 1 + n + i) + slack) - along(structure, work, i)
        longest = at_least(longest, -step / slack)
        write(values, places.correction + i, step)
    length = select(corrected, _TO_BOUNDARY / longest, 0.0)
    for i in range(mi):
        at = places.trial_slack + i
        write(values, at, read(values, at) + length * select(corrected, read(values, places.correction + i), 0.0))
    for j in range(n):
        step = select(corrected, read(values, places.right + j), 0.0)
        write(work.trial_x, j, read(work.trial_x, j) + length * step)
