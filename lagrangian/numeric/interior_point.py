"""A primal-dual interior point method that solves WIDTH instances of one problem side by side.

The barrier problems of min F(x) subject to g(x) <= 0, h(x) = 0 are solved for mu -> 0 (Fiacco and McCormick 1968; Nocedal and
Wright 2006, chapter 19), with the step of `newton_step`. A step is taken where it lessens the l1 merit function, or halves the
residual of the equations.

Every lane is an instance with a state of its own: one pass of the loop evaluates all lanes at their trial points; where a trial
is refused it is corrected for the curvature of the constraints or shortened, where it is taken the next step is found; a lane
that ends is given the next instance. At the end come a few steps of Newton's method for mu = 0, which bring what is active and
what is not to rounding.

Numba recompiles when this file changes, and watches no other: `SOURCES_DIGEST` brings changes of the files that it imports here.
"""

import math
from typing import Any

from numba import njit

from lagrangian.numeric.lane_memory import (
    ALPHA,
    ASKED,
    BEST,
    CLEAR,
    CONVEX,
    CORRECTED,
    DELTA,
    DONE,
    DUAL_STEP,
    ENDING,
    ENDS,
    ERROR,
    FAILURES,
    FRESH,
    LOGARITHMS,
    LONGEST,
    MERIT,
    MISSED,
    MU,
    NEXT_ENDING,
    PASSES,
    PENALTY,
    PRIMAL,
    RESIDUAL,
    SCALARS,
    SINCE,
    SLOPE,
    STRAY,
    TAKEN,
    VALUE,
    Options,
    Results,
    Starts,
    Structure,
    Workspace,
    borrowed_structure,
    borrowed_workspace,
    inlined,
    workspace,
)
from lagrangian.numeric.lanes import FAST, WIDTH, call_evaluation, read, select, write
from lagrangian.numeric.newton_step import (
    assemble,
    at_least,
    at_most,
    correct_trial,
    direction,
    factorize,
    solve_newton,
)

SOURCES_DIGEST = "5cf2699b872d3f45"

CONVERGED, ROUNDED, STALLED, LIMIT, UNDEFINED, DIVERGED = 1, 2, 3, 4, 5, 6

_ARMIJO = 1e-4
_LEAST_STEP = 1e-8
_MOST_FAILURES = 6
_SCALED_TO = 100.0
_FIRST_MU, _LEAST_MU = 0.1, 1e-13
_LEAST_SLACK = 0.1
# of an instance that begins where its neighbor has ended
_WARM_MU, _WARM_SLACK = 1e-4, 1e-3
_ROUNDING = 1e-13
_SLACKS_IN_PRODUCT = 8
# the first addition to a singular matrix: far from a solution a small one would make steps beyond all measure
_FIRST_DELTA, _FAR_DELTA, _LEAST_DELTA = 1e-8, 1e-2, 1e-18
_MOST_ADDITIONS = 12
# the end game: steps of Newton's method for mu = 0, from this residual on
_ENDING = 1e-3
# one of slack and multiplier is this small beside the other where a constraint is clearly active or clearly not
_CLEAR = 1e-2
# multipliers of inactive constraints that can become zeros without harm, as a share of the tolerance
_STRAY = 1e-3
_SHRINKS_TO = 1e-6
# so many passes without a residual of half the size are looked at: is it rounding that is left?
_PATIENCE = 12
_BOTTOMLESS, _STILL_FALLING = -1e18, -1e8
# what is left by rounding: at most this share of the tolerance times the greatest term, which counts up to a bound
_SHARE, _GREATEST_TERM = 1e-2, 1e12
_GREATEST_PENALTY, _GREATEST_MULTIPLIER = 1e8, 1e6
_NEAR = 1.0
# by less than this a constraint is not missed
_MISSED = 1e-12
# an addition to the diagonal that rounding alone does not ask for
_BENT = 1e-6


@inlined
def _scale_functions(structure: Structure, work: Workspace) -> None:
    """The functions' values and slopes times the scale of each."""
    values = work.values
    n, k, places = structure.variables, structure.inequalities + structure.equalities, structure.places
    factor = read(values, places.scale)
    for i in range(1 + n):
        write(work.out, i, read(work.out, i) * factor)
    for i in range(k):
        factor = read(values, places.scale + 1 + i)
        write(work.out, 1 + n + i, read(work.out, 1 + n + i) * factor)
        for place in range(structure.jacobian_starts[i], structure.jacobian_starts[i + 1]):
            at = 1 + n + k + place
            write(work.out, at, read(work.out, at) * factor)


@inlined
def _measure(structure: Structure, work: Workspace) -> Any:
    """At the trial point: the sum of the constraints' misses, that of the logarithms of the slacks, and the KKT residual.

    The residual is that of the problem as it is, not as it is scaled; beside it the greatest |s z - mu| or miss, for the
    barrier problem.
    """
    values = work.values
    n, mi, me, places = structure.variables, structure.inequalities, structure.equalities, structure.places
    k = mi + me
    for j in range(n):
        write(values, places.stationarity + j, read(work.out, 1 + j))
    sigma = read(values, places.scale)
    missed, primal, error, complementary = sigma * 0.0, sigma * 0.0, sigma * 0.0, sigma * 0.0
    # one logarithm for the product of a few slacks
    logarithms, product = sigma * 0.0, sigma * 0.0 + 1.0
    mu = read(work.scalars, MU)
    for i in range(k):
        value, inverse = read(work.out, 1 + n + i), read(values, places.inverse_scale + 1 + i)
        multiplier = read(work.weights, 1 + i) * inverse
        for place in range(structure.jacobian_starts[i], structure.jacobian_starts[i + 1]):
            j = structure.jacobian_columns[place]
            write(
                values,
                places.stationarity + j,
                read(values, places.stationarity + j) + multiplier * read(work.out, 1 + n + k + place),
            )
        if i < mi:
            slack = read(values, places.trial_slack + i)
            primal = at_least(primal, value * inverse)
            complementary = at_least(complementary, math.fabs(value * multiplier))
            error = at_least(error, math.fabs(slack * multiplier - mu))
            product = product * slack
            if i % _SLACKS_IN_PRODUCT == _SLACKS_IN_PRODUCT - 1 or i == mi - 1:
                logarithms = logarithms + math.log(product)
                product = sigma * 0.0 + 1.0
            value = value + slack
        else:
            primal = at_least(primal, math.fabs(value) * inverse)
        missed = missed + math.fabs(value)
        error = at_least(error, math.fabs(value))
    stationarity, undefined = sigma * 0.0, missed * 0.0
    for j in range(n):
        slope = read(values, places.stationarity + j)
        stationarity = at_least(stationarity, math.fabs(slope))
        undefined = undefined + 0.0 * slope
    # a maximum may forget a number that is none, a sum does not
    error = at_least(error, stationarity) + undefined
    residual = at_least(at_least(stationarity, complementary) * read(values, places.inverse_scale), primal) + undefined
    return missed, logarithms, residual, error, primal


@inlined
def _set_trial(structure: Structure, work: Workspace, alpha: Any, dual_step: Any) -> None:
    """The trial point, and the weights of the Lagrangian there: multipliers times the scales of their functions."""
    values = work.values
    n, mi, me, places = structure.variables, structure.inequalities, structure.equalities, structure.places
    for j in range(n):
        write(work.trial_x, j, read(values, places.x + j) + alpha * read(values, places.step_x + j))
    for i in range(mi):
        slack = read(values, places.slack + i)
        trial = at_least(slack + alpha * read(values, places.step_slack + i), _SHRINKS_TO * slack)
        write(values, places.trial_slack + i, trial)
    for i in range(mi + me):
        step = dual_step if i < mi else alpha
        before = read(values, places.multiplier + i)
        multiplier = before + step * read(values, places.step_multiplier + i)
        if i < mi:
            multiplier = at_least(multiplier, _SHRINKS_TO * before)
        write(work.weights, 1 + i, multiplier * read(values, places.scale + 1 + i))


@inlined
def _take(structure: Structure, work: Workspace, taken: Any) -> None:
    """The trial becomes the point where it was taken."""
    values = work.values
    n, mi, me, places = structure.variables, structure.inequalities, structure.equalities, structure.places
    for j in range(n):
        write(values, places.x + j, select(taken, read(work.trial_x, j), read(values, places.x + j)))
    for i in range(mi):
        write(
            values,
            places.slack + i,
            select(taken, read(values, places.trial_slack + i), read(values, places.slack + i)),
        )
    for i in range(mi + me):
        multiplier = read(work.weights, 1 + i) * read(values, places.inverse_scale + 1 + i)
        write(values, places.multiplier + i, select(taken, multiplier, read(values, places.multiplier + i)))


@inlined
def _next_mu(structure: Structure, work: Workspace, error: Any) -> Any:
    """The barrier parameter by how far and how unevenly s z is from zero (Vanderbei and Shanno 1999, section 2)."""
    values = work.values
    mi, places = structure.inequalities, structure.places
    mu = read(work.scalars, MU)
    if mi == 0:
        return mu * 0.0
    total, least, clear, stray = mu * 0.0, mu * 0.0 + math.inf, mu * 0.0, mu * 0.0
    for i in range(mi):
        slack, multiplier = read(values, places.slack + i), read(values, places.multiplier + i)
        product = slack * multiplier
        clear = at_most(clear, _CLEAR * (slack * slack + multiplier * multiplier) - product)
        stray = at_least(stray, select(multiplier <= slack, multiplier, 0.0))
        total = total + product
        least = at_most(least, product)
    write(work.scalars, CLEAR, clear)
    write(work.scalars, STRAY, stray)
    average = total / mi
    evenness = least / average
    ratio = at_most(0.05 * (1.0 - evenness) / evenness, 2.0)
    share = 0.1 * ratio * ratio * ratio
    # not faster than the other residuals fall, and at last by squares
    slow = select(error > 1e4 * average, 1.0, 0.3)
    share = at_least(share, select(error > 100.0 * average, slow, at_most(0.05, math.sqrt(average))))
    return at_least(average * share, _LEAST_MU)


@inlined
def _any(work: Workspace, condition: Any) -> bool:
    """Whether a condition holds in a lane."""
    write(work.scalars, ASKED, select(condition, 1.0, 0.0))
    found = 0.0
    for lane in range(WIDTH):
        found = max(found, work.scalars[ASKED, lane])
    return found > 0.5


@inlined
def _positive_curvature(structure: Structure, work: Workspace, taken: Any, corrected: Any) -> Any:
    """Factorize the matrices, adding to the diagonals of taken lanes until their steps go down; what is missing still."""
    scalars = work.scalars
    near = (read(scalars, ERROR) < 1e-2) | (read(scalars, ENDING) > 0.5)
    last = read(scalars, DELTA) / 8.0
    delta = select(near | (last < _LEAST_DELTA), 0.0, last)
    write(scalars, DELTA, select(taken, delta, read(scalars, DELTA)))
    additions = 0
    while True:
        assemble(structure, work, corrected)
        deficit = factorize(structure, work)
        waits = taken & (~(deficit <= 0.0))
        additions += 1
        if additions > _MOST_ADDITIONS or not _any(work, waits):
            break
        delta = read(scalars, DELTA)
        more = at_least(at_least(4.0 * delta, 2.0 * deficit), select(near, _FIRST_DELTA, _FAR_DELTA))
        write(scalars, DELTA, select(waits, more, delta))
    write(scalars, CONVEX, select(taken, select(read(scalars, DELTA) > 0.0, 0.0, 1.0), read(scalars, CONVEX)))
    return deficit


@inlined
def _set_merit(work: Workspace, moved: Any, slope: Any, steepest: Any) -> None:
    """The merit function at a point with a new direction: its penalty, value and slope."""
    scalars = work.scalars
    missed = read(scalars, MISSED)
    needed = select((missed > _MISSED) & (slope > 0.0), slope / (0.7 * at_least(missed, _MISSED)), 0.0)
    needed = at_least(1.5 * needed, 1.2 * steepest)
    penalty = read(scalars, PENALTY)
    penalty = select(moved, at_least(needed, 0.3 * penalty), penalty)
    merit = read(work.out, 0) - read(scalars, MU) * read(scalars, LOGARITHMS) + penalty * missed
    write(scalars, PENALTY, penalty)
    write(scalars, MERIT, select(moved, merit, read(scalars, MERIT)))
    write(scalars, SLOPE, select(moved, at_most(slope - penalty * missed, 0.0), read(scalars, SLOPE)))


@inlined
def _step(structure: Structure, work: Workspace, taken: Any) -> None:
    """The next trial point of every lane.

    A new direction where the last trial was taken; where it was refused, a correction of it the first time, then a shorter step.
    """
    scalars = work.scalars
    ended = (~taken) & (read(scalars, ENDING) > 0.5)
    ending = taken & (read(scalars, RESIDUAL) <= read(scalars, NEXT_ENDING)) & (read(scalars, CLEAR) >= 0.0)
    write(scalars, MU, select(ending, 0.0, read(scalars, MU)))
    write(scalars, ENDING, select(ending, 1.0, 0.0))
    last, longest = read(scalars, ALPHA), read(scalars, LONGEST)
    first = (~taken) & (~ended) & (read(scalars, CORRECTED) < 0.5) & (last >= longest)
    corrected = first & (read(scalars, FRESH) < 0.5)
    deficit = _positive_curvature(structure, work, taken, corrected)
    corrected = corrected & (deficit <= 0.0)
    moved = taken & (deficit <= 0.0)
    solve_newton(structure, work, corrected)
    primal, dual, slope, steepest = direction(structure, work, moved)
    _set_merit(work, moved, slope, steepest)
    primal, dual = select(ending, 1.0, primal), select(ending, 1.0, dual)
    shorter = select(corrected, last, select(last > 0.2 * longest, 0.5, 0.25) * last)
    alpha = select(moved, primal, shorter)
    lost = (~taken) & (alpha < _LEAST_STEP)
    again = (taken & (~moved)) | lost | ended
    delta = read(scalars, DELTA)
    short = moved & (last < 0.1 * longest)
    write(scalars, DELTA, select(lost | short, at_least(10.0 * delta, _FIRST_DELTA), delta))
    write(scalars, FAILURES, read(scalars, FAILURES) + select((taken & (~moved)) | lost, 1.0, 0.0))
    write(scalars, NEXT_ENDING, select(ended, 1e-2 * read(scalars, RESIDUAL), read(scalars, NEXT_ENDING)))
    write(scalars, FRESH, select(again, 1.0, 0.0))
    write(scalars, LONGEST, select(moved, primal, longest))
    write(scalars, CORRECTED, select(corrected, 1.0, select(moved | again, 0.0, 2.0)))
    alpha = select(again, 0.0, alpha)
    dual = select(moved, dual, select(again, 0.0, read(scalars, DUAL_STEP)))
    write(scalars, ALPHA, alpha)
    write(scalars, DUAL_STEP, dual)
    _next_trial(structure, work, alpha, dual, corrected)


@inlined
def _next_trial(structure: Structure, work: Workspace, alpha: Any, dual_step: Any, corrected: Any) -> None:
    """Set the trials; a corrected one stays near the trial that was refused."""
    _set_trial(structure, work, alpha, dual_step)
    if _any(work, corrected):
        correct_trial(structure, work, corrected)


@inlined
def _judge(structure: Structure, work: Workspace, options: Options) -> Any:
    """Which lanes take their trial points, and what is then known of them."""
    values = work.values
    scalars, places = work.scalars, structure.places
    missed, logarithms, residual, error, primal = _measure(structure, work)
    value, mu = read(work.out, 0), read(scalars, MU)
    merit = value - mu * logarithms + read(scalars, PENALTY) * missed
    before, ending = read(scalars, MERIT), read(scalars, ENDING) > 0.5
    limit = before + _ARMIJO * read(scalars, ALPHA) * read(scalars, SLOPE) + _ROUNDING * math.fabs(before)
    fine = (math.fabs(merit) < 1e200) & (error < 1e200)
    # far from a solution a residual may fall without end, as behind a kink
    near = (read(scalars, ERROR) < _NEAR) & (error <= 0.5 * read(scalars, ERROR))
    better = (merit <= limit) | near | (read(scalars, FRESH) > 0.5)
    good = residual <= at_least(0.1 * read(scalars, RESIDUAL), mu * 0.0 + options.tolerance)
    taken = fine & ((ending & good) | ((~ending) & better))
    _take(structure, work, taken)
    residual = select(taken, residual, read(scalars, RESIDUAL))
    write(scalars, RESIDUAL, residual)
    write(scalars, PRIMAL, select(taken, primal, read(scalars, PRIMAL)))
    write(scalars, VALUE, select(taken, value * read(values, places.inverse_scale), read(scalars, VALUE)))
    write(scalars, MISSED, select(taken, missed, read(scalars, MISSED)))
    write(scalars, LOGARITHMS, select(taken, logarithms, read(scalars, LOGARITHMS)))
    write(scalars, PASSES, read(scalars, PASSES) + 1.0)
    write(scalars, MU, select(taken, _next_mu(structure, work, error), mu))
    write(scalars, ERROR, select(taken, error, read(scalars, ERROR)))
    best = read(scalars, BEST)
    improved = residual < 0.5 * best
    write(scalars, BEST, select(improved, residual, best))
    write(scalars, SINCE, select(improved, 0.0, read(scalars, SINCE) + 1.0))
    ended = read(scalars, PASSES) > 1.5
    if structure.inequalities > 0:
        # where a constraint is nearly active the barrier moves x by the root of mu
        trim = (read(scalars, STRAY) <= _STRAY * options.tolerance) | (~taken)
        ended = (ending & trim) | ((read(scalars, CLEAR) < 0.0) & (read(scalars, MU) <= 10.0 * _LEAST_MU))
    done = (residual <= options.tolerance) & ended
    write(scalars, DONE, select(done, select(taken, 1.0, 2.0), 0.0))
    write(scalars, TAKEN, select(taken, 1.0, 0.0))
    passes = read(scalars, PASSES)
    ends = done | (passes >= options.most_passes) | (read(scalars, FAILURES) > _MOST_FAILURES)
    ends = ends | (read(scalars, SINCE) > _PATIENCE) | (read(scalars, VALUE) < _BOTTOMLESS) | (~(residual < math.inf))
    write(scalars, ENDS, select(ends, 1.0, 0.0))
    return taken


@inlined
def _load_instance(
    structure: Structure, work: Workspace, lane: int, instance: int, starts: Starts, parameters: Any, neighbor: bool
) -> None:
    """Begin an instance in a lane; from what stands there, where that is the solution of a neighbor."""
    values = work.values
    n, mi, me, places = structure.variables, structure.inequalities, structure.equalities, structure.places
    work.instance[lane] = instance
    row = instance if starts.x.shape[0] > 1 else 0
    sigma = values[places.scale, lane]
    warm = neighbor or starts.multipliers.shape[0] > 0
    for j in range(n):
        work.trial_x[j, lane] = values[places.x + j, lane] if neighbor else starts.x[row, j]
        values[places.step_x + j, lane] = 0.0
    for j in range(parameters.shape[1]):
        work.parameters[j, lane] = parameters[instance, j]
    for i in range(mi + me):
        scale = values[places.scale + 1 + i, lane]
        if neighbor:
            work.weights[1 + i, lane] = values[places.multiplier + i, lane] * scale / sigma
        elif warm:
            row = instance if starts.multipliers.shape[0] > 1 else 0
            work.weights[1 + i, lane] = starts.multipliers[row, i]
        else:
            work.weights[1 + i, lane] = 1.0 if i < mi else 0.0
        values[places.scale + 1 + i, lane] = 1.0
        values[places.inverse_scale + 1 + i, lane] = 1.0
        values[places.multiplier + i, lane] = 0.0
    for i in range(mi):
        values[places.slack + i, lane] = 1.0
        values[places.trial_slack + i, lane] = 1.0
    work.weights[0, lane] = 1.0
    values[places.scale, lane] = 1.0
    values[places.inverse_scale, lane] = 1.0
    for i in range(SCALARS):
        work.scalars[i, lane] = 0.0
    work.scalars[MU, lane] = _WARM_MU if warm else _FIRST_MU
    work.scalars[FRESH, lane] = 3.0 if warm else 2.0
    work.scalars[PENALTY, lane] = 1.0
    work.scalars[NEXT_ENDING, lane] = _ENDING
    work.scalars[ERROR, lane] = math.inf
    work.scalars[RESIDUAL, lane] = math.inf
    work.scalars[BEST, lane] = math.inf


@inlined
def _begin(structure: Structure, work: Workspace, lane: int) -> None:
    """Scales, slacks and multipliers of a lane that has just been given an instance, from the functions at its start.

    The Hessian there is that of the first weights, which the step from the start may well have.
    """
    values = work.values
    n, mi, me, places = structure.variables, structure.inequalities, structure.equalities, structure.places
    k = mi + me
    warm = work.scalars[FRESH, lane] == 3.0
    sigma = _scale(work.out, 1, 1 + n, lane)
    values[places.scale, lane], values[places.inverse_scale, lane] = sigma, 1.0 / sigma
    work.weights[0, lane] = sigma
    first = 1 + n + k
    for i in range(k):
        scale = _scale(work.out, first + structure.jacobian_starts[i], first + structure.jacobian_starts[i + 1], lane)
        values[places.scale + 1 + i, lane], values[places.inverse_scale + 1 + i, lane] = scale, 1.0 / scale
        multiplier = sigma * work.weights[1 + i, lane] / scale if warm else 0.0
        if i < mi:
            slack = max(-work.out[1 + n + i, lane] * scale, _WARM_SLACK if warm else _LEAST_SLACK)
            multiplier = max(multiplier, _WARM_MU / slack) if warm else min(max(_FIRST_MU / slack, 1e-2), 1e2)
            values[places.trial_slack + i, lane] = slack
        work.weights[1 + i, lane] = scale * multiplier
    first += len(structure.jacobian_rows)
    for place in range(first, first + len(structure.hessian_rows)):
        work.out[place, lane] *= sigma


@inlined
def _scale(out: Any, first: int, last: int, lane: int) -> float:
    """What makes the greatest of some slopes at most _SCALED_TO."""
    steepest = 0.0
    for place in range(first, last):
        steepest = max(steepest, abs(out[place, lane]))
    return min(1.0, _SCALED_TO / steepest) if steepest < math.inf and steepest > 0.0 else 1.0


@inlined
def _trim(structure: Structure, work: Workspace, lane: int, tolerance: float) -> None:
    """Multipliers of inactive constraints become exact zeros, where the residual stays within the tolerance."""
    values, places = work.values, structure.places
    first = 1 + structure.variables + structure.inequalities + structure.equalities
    change = 0.0
    for i in range(structure.inequalities):
        multiplier = values[places.multiplier + i, lane]
        if multiplier <= values[places.slack + i, lane]:
            steepest = 0.0
            for place in range(structure.jacobian_starts[i], structure.jacobian_starts[i + 1]):
                steepest = max(steepest, abs(work.out[first + place, lane]))
            change += multiplier * steepest
    residual = work.scalars[RESIDUAL, lane] + change / values[places.scale, lane]
    if residual <= tolerance:
        work.scalars[RESIDUAL, lane] = residual
        for i in range(structure.inequalities):
            if values[places.multiplier + i, lane] <= values[places.slack + i, lane]:
                values[places.multiplier + i, lane] = 0.0


@inlined
def _only_rounding(structure: Structure, work: Workspace, lane: int, tolerance: float) -> bool:
    """Whether the KKT conditions hold up to a small share of the greatest of their terms.

    The terms of dL/dx_j are dF/dx_j and the m_i dc_i/dx_j, those of c_i are c_i itself and the x_j dc_i/dx_j.
    """
    values, out, places = work.values, work.out, structure.places
    n, mi, k = structure.variables, structure.inequalities, structure.inequalities + structure.equalities
    sigma = values[places.scale, lane]
    if work.scalars[TAKEN, lane] < 0.5:
        # `out` is that of another point
        return False
    greatest, primal = 1.0, 1.0
    for j in range(n):
        greatest = max(greatest, abs(out[1 + j, lane]) / sigma)
    for i in range(k):
        scale = values[places.scale + 1 + i, lane]
        if not abs(values[places.multiplier + i, lane]) <= _GREATEST_MULTIPLIER:
            # multipliers that grow without bound, where there are none, are no excuse
            return False
        multiplier = abs(values[places.multiplier + i, lane]) / sigma
        for place in range(structure.jacobian_starts[i], structure.jacobian_starts[i + 1]):
            slope = abs(out[1 + n + k + place, lane])
            size = slope * abs(values[places.x + structure.jacobian_columns[place], lane])
            primal = max(primal, size / scale)
            greatest = max(greatest, slope * multiplier)
            if i < mi:
                greatest = max(greatest, size * multiplier)
    share = _SHARE * tolerance
    fits = work.scalars[PRIMAL, lane] <= share * min(primal, _GREATEST_TERM)
    return fits and work.scalars[RESIDUAL, lane] <= share * min(max(primal, greatest), _GREATEST_TERM)


@inlined
def _status(structure: Structure, work: Workspace, lane: int, options: Options) -> int:
    """Why a lane's instance ends here; 0 where it goes on."""
    scalars, values, places = work.scalars, work.values, structure.places
    if scalars[DONE, lane] > 0.5:
        if scalars[DONE, lane] == 1.0:
            _trim(structure, work, lane, options.tolerance)
        return CONVERGED
    if scalars[PASSES, lane] == 1.0 and scalars[RESIDUAL, lane] == math.inf:
        return UNDEFINED
    if scalars[VALUE, lane] < _BOTTOMLESS and scalars[MISSED, lane] <= 1e-6 * abs(scalars[VALUE, lane]):
        return DIVERGED
    over = scalars[FAILURES, lane] > _MOST_FAILURES or scalars[PASSES, lane] >= options.most_passes
    if over and scalars[VALUE, lane] * values[places.scale, lane] < _STILL_FALLING and scalars[MISSED, lane] < 1e-6:
        return DIVERGED
    lost = scalars[SINCE, lane] > _PATIENCE and scalars[PENALTY, lane] > _GREATEST_PENALTY
    stays = over or scalars[SINCE, lane] > _PATIENCE
    if stays and scalars[RESIDUAL, lane] <= options.tolerance:
        return CONVERGED
    if stays and _only_rounding(structure, work, lane, options.tolerance):
        return ROUNDED
    if lost or scalars[FAILURES, lane] > _MOST_FAILURES:
        return STALLED
    if over:
        return LIMIT
    return 0


@inlined
def _finish(structure: Structure, work: Workspace, lane: int, results: Results, status: int) -> None:
    """Store what a lane has found, with the multipliers of the functions as they are."""
    values = work.values
    n, mi, me, places = structure.variables, structure.inequalities, structure.equalities, structure.places
    instance = work.instance[lane]
    sigma = values[places.scale, lane]
    for j in range(n):
        results.x[instance, j] = values[places.x + j, lane]
    for i in range(mi + me):
        results.multipliers[instance, i] = (
            values[places.multiplier + i, lane] * values[places.scale + 1 + i, lane] / sigma
        )
    for i in range(mi):
        slack, multiplier = values[places.slack + i, lane], values[places.multiplier + i, lane]
        results.active[instance, i] = multiplier > slack
    results.value[instance] = work.scalars[VALUE, lane]
    results.residual[instance] = work.scalars[RESIDUAL, lane]
    bent = work.scalars[DELTA, lane] > _BENT
    results.curvature[instance] = 1 if work.scalars[CONVEX, lane] > 0.5 else -1 if bent else 0
    results.status[instance] = status
    results.passes[instance] = work.scalars[PASSES, lane]


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def run(
    evaluate: int,
    problem: Structure,
    first: int,
    last: int,
    starts: Starts,
    parameters: Any,
    options: Options,
    results: Results,
) -> None:
    """Solve the instances first, ..., last - 1.

    Args:
        evaluate: the address of a compiled problem's evaluation of lanes.
        starts: where to start.
        parameters: of shape (b, number of parameters).
        results: written at these instances.
    """
    owner = workspace(problem)
    structure, work = borrowed_structure(problem), borrowed_workspace(owner)
    count = last - first
    open_instances, following = count, first
    # along a path each lane has instances next to each other, else the next one that is free
    lane_next, lane_ends = work.instance.copy(), work.instance.copy()
    for lane in range(WIDTH):
        lane_next[lane] = first + lane * count // WIDTH
        lane_ends[lane] = first + (lane + 1) * count // WIDTH if options.path else last
        work.scalars[ENDS, lane] = 1.0
    while True:
        for lane in range(WIDTH):
            if work.scalars[ENDS, lane] < 0.5:
                continue
            status = 0
            if work.instance[lane] >= 0:
                status = _status(structure, work, lane, options)
                if status == 0:
                    continue
                _finish(structure, work, lane, results, status)
                open_instances -= 1
            after = lane_next[lane] if options.path else following
            if after < lane_ends[lane]:
                neighbor = options.path and status == CONVERGED
                _load_instance(structure, work, lane, after, starts, parameters, neighbor)
            else:
                # what runs on in a lane without an instance is never stored
                work.instance[lane] = -1
            lane_next[lane] += 1
            following += 1
        if open_instances == 0 or options.stop[0] != 0:
            break
        call_evaluation(evaluate, work.trial_x, work.weights, work.parameters, work.out)
        for lane in range(WIDTH):
            if work.scalars[FRESH, lane] >= 2.0:
                _begin(structure, work, lane)
        _scale_functions(structure, work)
        taken = _judge(structure, work, options)
        _step(structure, work, taken)
    # the owner of what was lent lives until here
    owner.instance[:] = -1
