"""A primal-dual interior point method that solves WIDTH instances of one problem side by side.

The barrier problems of min F(x) subject to g(x) <= 0, h(x) = 0 are solved for mu -> 0 (Fiacco and McCormick 1968; Nocedal and
Wright 2006, chapter 19), with the step of `newton_step`. A step is taken where it lessens the l1 merit function, or halves the
residual of the equations.

Every lane is an instance with a state of its own: one pass of the loop evaluates all lanes at their trial points; where a trial
is refused the lane's step is halved, where it is taken the next step is found; a lane that ends is given the next instance.
"""

import math
from typing import Any

from numba import njit

from lagrangian.numeric.lane_memory import (
    ALPHA,
    DELTA,
    DUAL_STEP,
    ERROR,
    FAILURES,
    FRESH,
    LOGARITHMS,
    LONGEST,
    MERIT,
    MISSED,
    MU,
    PASSES,
    PENALTY,
    RESIDUAL,
    SCALARS,
    SLOPE,
    VALUE,
    Array,
    Options,
    Results,
    Structure,
    Workspace,
    compiled,
    workspace,
)
from lagrangian.numeric.lanes import FAST, WIDTH, call_evaluation, read, select, write
from lagrangian.numeric.newton_step import assemble, at_least, at_most, direction, solve_newton

CONVERGED, STALLED, LIMIT, UNDEFINED = 1, 2, 3, 4

_ARMIJO = 1e-4
_LEAST_STEP = 1e-9
_MOST_FAILURES = 6
_SCALED_TO = 100.0
_FIRST_MU, _LEAST_MU = 0.1, 1e-13
_LEAST_SLACK = 0.1
_ROUNDING = 1e-13
_SLACKS_IN_PRODUCT = 8
_FIRST_DELTA, _LEAST_DELTA = 1e-2, 1e-3


@compiled
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


@compiled
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
        value, scale = read(work.out, 1 + n + i), read(values, places.scale + 1 + i)
        multiplier = read(work.weights, 1 + i) / scale
        for place in range(structure.jacobian_starts[i], structure.jacobian_starts[i + 1]):
            j = structure.jacobian_columns[place]
            write(
                values,
                places.stationarity + j,
                read(values, places.stationarity + j) + multiplier * read(work.out, 1 + n + k + place),
            )
        if i < mi:
            slack = read(values, places.trial_slack + i)
            primal = at_least(primal, value / scale)
            complementary = at_least(complementary, math.fabs(value * multiplier))
            error = at_least(error, math.fabs(slack * multiplier - mu))
            product = product * slack
            if i % _SLACKS_IN_PRODUCT == _SLACKS_IN_PRODUCT - 1 or i == mi - 1:
                logarithms = logarithms + math.log(product)
                product = sigma * 0.0 + 1.0
            value = value + slack
        else:
            primal = at_least(primal, math.fabs(value) / scale)
        missed = missed + math.fabs(value)
        error = at_least(error, math.fabs(value))
    stationarity, undefined = sigma * 0.0, sigma * 0.0
    for j in range(n):
        slope = read(values, places.stationarity + j)
        stationarity = at_least(stationarity, math.fabs(slope))
        undefined = undefined + 0.0 * slope
    # a maximum may forget a number that is none, a sum does not
    error = at_least(error, stationarity) + undefined
    residual = at_least(at_least(stationarity, complementary) / sigma, primal)
    return missed, logarithms, residual, error


@compiled
def _set_trial(structure: Structure, work: Workspace, alpha: Any, dual_step: Any) -> None:
    """The trial point, and the weights of the Lagrangian there: multipliers times the scales of their functions."""
    values = work.values
    n, mi, me, places = structure.variables, structure.inequalities, structure.equalities, structure.places
    for j in range(n):
        write(work.trial_x, j, read(values, places.x + j) + alpha * read(values, places.step_x + j))
    for i in range(mi):
        write(
            values,
            places.trial_slack + i,
            read(values, places.slack + i) + alpha * read(values, places.step_slack + i),
        )
    for i in range(mi + me):
        step = dual_step if i < mi else alpha
        multiplier = read(values, places.multiplier + i) + step * read(values, places.step_multiplier + i)
        write(work.weights, 1 + i, multiplier * read(values, places.scale + 1 + i))


@compiled
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
        multiplier = read(work.weights, 1 + i) / read(values, places.scale + 1 + i)
        write(values, places.multiplier + i, select(taken, multiplier, read(values, places.multiplier + i)))


@compiled
def _next_mu(structure: Structure, work: Workspace, error: Any) -> Any:
    """The barrier parameter by how far and how unevenly s z is from zero (Vanderbei and Shanno 1999, section 2)."""
    values = work.values
    mi, places = structure.inequalities, structure.places
    mu = read(work.scalars, MU)
    if mi == 0:
        return mu * 0.0
    total, least = mu * 0.0, mu * 0.0 + math.inf
    for i in range(mi):
        product = read(values, places.slack + i) * read(values, places.multiplier + i)
        total = total + product
        least = at_most(least, product)
    average = total / mi
    evenness = least / average
    ratio = at_most(0.05 * (1.0 - evenness) / evenness, 2.0)
    share = 0.1 * ratio * ratio * ratio
    # not faster than the other residuals fall, and at last by squares
    share = at_least(share, select(error > 100.0 * average, 0.3, at_most(0.05, math.sqrt(average))))
    return at_least(average * share, _LEAST_MU)


@compiled
def _step(structure: Structure, work: Workspace, taken: Any) -> None:
    """The next trial point of every lane: a new direction where the last trial was taken, half the step where it was not."""
    scalars = work.scalars
    value = read(work.out, 0)
    mu = read(scalars, MU)
    assemble(structure, work)
    good = solve_newton(structure, work)
    missed, logarithms = read(scalars, MISSED), read(scalars, LOGARITHMS)
    primal, dual, slope, steepest = direction(structure, work, taken & good)
    moved = taken & good
    needed = select((missed > 0.0) & (slope > 0.0), slope / (0.7 * at_least(missed, 1e-300)), 0.0)
    penalty = read(scalars, PENALTY)
    needed = at_least(1.5 * needed, 1.2 * steepest)
    penalty = select(moved, at_least(needed, 0.3 * penalty), penalty)
    write(scalars, PENALTY, penalty)
    # the merit function at the point, with the new barrier parameter and penalty
    merit = value - mu * logarithms + penalty * missed
    write(scalars, MERIT, select(moved, merit, read(scalars, MERIT)))
    write(scalars, SLOPE, select(moved, slope - penalty * missed, read(scalars, SLOPE)))
    delta, failures = read(scalars, DELTA), read(scalars, FAILURES)
    alpha = select(moved, primal, 0.5 * read(scalars, ALPHA))
    lost = (~taken) & (alpha < _LEAST_STEP)
    again = (taken & (~good)) | lost
    # a step that had to be shortened asks for more, a whole one for less
    last = read(scalars, ALPHA)
    more, less = 4.0 * delta, select(delta > _LEAST_DELTA, delta / 2.0, 0.0)
    changed = select(
        last >= 0.99 * read(scalars, LONGEST), less, select(last < 0.3 * read(scalars, LONGEST), more, delta)
    )
    delta = select(again, at_least(more, _FIRST_DELTA), select(moved, changed, delta))
    write(scalars, LONGEST, select(moved, primal, read(scalars, LONGEST)))
    write(scalars, DELTA, delta)
    write(scalars, FAILURES, failures + select(lost, 1.0, 0.0))
    write(scalars, FRESH, select(again, 1.0, 0.0))
    alpha = select(again, 0.0, alpha)
    dual_step = select(moved, dual, select(again, 0.0, read(scalars, DUAL_STEP)))
    write(scalars, ALPHA, alpha)
    write(scalars, DUAL_STEP, dual_step)
    _set_trial(structure, work, alpha, dual_step)


@compiled
def _judge(structure: Structure, work: Workspace) -> Any:
    """Which lanes _take their trial points, and what is then known of them."""
    values = work.values
    scalars, places = work.scalars, structure.places
    missed, logarithms, residual, error = _measure(structure, work)
    value, mu = read(work.out, 0), read(scalars, MU)
    merit = value - mu * logarithms + read(scalars, PENALTY) * missed
    before = read(scalars, MERIT)
    limit = before + _ARMIJO * read(scalars, ALPHA) * read(scalars, SLOPE) + _ROUNDING * math.fabs(before)
    fine = (math.fabs(merit) < 1e200) & (error < 1e200)
    taken = fine & ((merit <= limit) | (error <= 0.5 * read(scalars, ERROR)) | (read(scalars, FRESH) > 0.5))
    _take(structure, work, taken)
    write(scalars, RESIDUAL, select(taken, residual, read(scalars, RESIDUAL)))
    write(scalars, VALUE, select(taken, value / read(values, places.scale), read(scalars, VALUE)))
    write(scalars, MISSED, select(taken, missed, read(scalars, MISSED)))
    write(scalars, LOGARITHMS, select(taken, logarithms, read(scalars, LOGARITHMS)))
    write(scalars, PASSES, read(scalars, PASSES) + 1.0)
    write(scalars, MU, select(taken, _next_mu(structure, work, error), mu))
    write(scalars, ERROR, select(taken, error, read(scalars, ERROR)))
    return taken


@compiled
def _load_instance(
    structure: Structure, work: Workspace, lane: int, instance: int, starts: Array, parameters: Array
) -> None:
    """Begin an instance in a lane."""
    values = work.values
    n, mi, me, places = structure.variables, structure.inequalities, structure.equalities, structure.places
    work.instance[lane] = instance
    row = instance if starts.shape[0] > 1 else 0
    for j in range(n):
        work.trial_x[j, lane] = starts[row, j]
        values[places.step_x + j, lane] = 0.0
    for j in range(parameters.shape[1]):
        work.parameters[j, lane] = parameters[instance, j]
    for i in range(mi):
        values[places.trial_slack + i, lane] = 1.0
    for i in range(mi + me):
        work.weights[1 + i, lane] = 1.0 if i < mi else 0.0
        values[places.scale + 1 + i, lane] = 1.0
        values[places.multiplier + i, lane] = 0.0
    work.weights[0, lane] = 1.0
    values[places.scale, lane] = 1.0
    for i in range(SCALARS):
        work.scalars[i, lane] = 0.0
    work.scalars[MU, lane] = _FIRST_MU
    work.scalars[FRESH, lane] = 2.0
    work.scalars[PENALTY, lane] = 1.0
    work.scalars[ERROR, lane] = math.inf
    work.scalars[RESIDUAL, lane] = math.inf


@compiled
def _begin(structure: Structure, work: Workspace) -> None:
    """Scales, slacks and multipliers of the lanes that have just been given an instance, from the functions at its start."""
    values = work.values
    n, mi, me, places = structure.variables, structure.inequalities, structure.equalities, structure.places
    k = mi + me
    for lane in range(WIDTH):
        if work.scalars[FRESH, lane] != 2.0:
            continue
        steepest = 0.0
        for j in range(n):
            steepest = max(steepest, abs(work.out[1 + j, lane]))
        sigma = min(1.0, _SCALED_TO / steepest) if steepest < math.inf and steepest > 0.0 else 1.0
        values[places.scale, lane] = sigma
        work.weights[0, lane] = sigma
        for i in range(k):
            steepest = 0.0
            for place in range(structure.jacobian_starts[i], structure.jacobian_starts[i + 1]):
                steepest = max(steepest, abs(work.out[1 + n + k + place, lane]))
            scale = min(1.0, _SCALED_TO / steepest) if steepest < math.inf and steepest > 0.0 else 1.0
            values[places.scale + 1 + i, lane] = scale
            if i < mi:
                slack = max(-work.out[1 + n + i, lane] * scale, _LEAST_SLACK)
                values[places.trial_slack + i, lane] = slack
                work.weights[1 + i, lane] = scale * min(max(_FIRST_MU / slack, 1e-2), 1e2)


@compiled
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
    results.status[instance] = status
    results.passes[instance] = work.scalars[PASSES, lane]
    work.instance[lane] = -1


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def run(
    evaluate: int,
    structure: Structure,
    first: int,
    last: int,
    starts: Array,
    parameters: Array,
    options: Options,
    results: Results,
) -> None:
    """Solve the instances first, ..., last - 1.

    Args:
        evaluate: the address of a compiled problem's evaluation of lanes.
        starts: where to start, of shape (1, n) or (b, n).
        parameters: of shape (b, number of parameters).
        results: written at these instances.
    """
    work = workspace(structure)
    following = first
    for lane in range(WIDTH):
        # lanes without an instance of their own repeat the last one, and are never stored
        _load_instance(structure, work, lane, min(following, last - 1), starts, parameters)
        if following >= last:
            work.instance[lane] = -1
        following += 1
    open_instances = last - first
    while open_instances > 0:
        call_evaluation(evaluate, work.trial_x, work.weights, work.parameters, work.out)
        new = False
        for lane in range(WIDTH):
            new = new or work.scalars[FRESH, lane] == 2.0
        if new:
            _begin(structure, work)
            call_evaluation(evaluate, work.trial_x, work.weights, work.parameters, work.out)
        _scale_functions(structure, work)
        taken = _judge(structure, work)
        _step(structure, work, taken)
        for lane in range(WIDTH):
            if work.instance[lane] < 0:
                continue
            status = 0
            if work.scalars[RESIDUAL, lane] <= options.tolerance and work.scalars[PASSES, lane] > 1.5:
                status = CONVERGED
            elif work.scalars[PASSES, lane] == 1.0 and work.scalars[RESIDUAL, lane] == math.inf:
                status = UNDEFINED
            elif work.scalars[FAILURES, lane] > _MOST_FAILURES:
                status = STALLED
            elif work.scalars[PASSES, lane] >= options.most_passes:
                status = LIMIT
            if status > 0:
                _finish(structure, work, lane, results, status)
                open_instances -= 1
                if following < last:
                    _load_instance(structure, work, lane, following, starts, parameters)
                    following += 1
