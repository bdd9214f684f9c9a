"""The active set on one side of a point where it changes.

At such a point some active constraints have the multiplier 0, or more constraints hold with equality than are independent. On the
side where the parameter grows (d = 1) or falls (d = -1), the solution moves along dx that solves

    minimize  dx' H dx / 2 + d dx' d2L/dxdp   subject to   J_i dx + d dc_i/dp = 0 for strictly active i, <= 0 for the others,

a small quadratic program (Jittorntrum 1984; Kojima 1980 for multipliers that are not unique). Its active set is searched among
the sets of constraints that hold with equality there, those that differ least from the present one first: multipliers must exist,
those that are 0 must not fall, constraints outside must not be broken, and the reduced Hessian must be definite.
"""

import itertools
from collections.abc import Iterator

import numpy as np

from lagrangian.numeric.path_functions import Array, PathFunctions
from lagrangian.numeric.path_system import PathPoint, are_independent, curvature, rounding_of_defect, scales, tangent

# a constraint this near to zero holds with equality, a multiplier this near counts as 0
NEAR = 1e-8
# a rate of change in the wrong direction up to this size is rounding
ROUNDING = 1e-9
LEAST_CURVATURE = 1e-9
# a tangent whose part in the parameter is no greater than this is vertical: other unknowns may change very fast in their units
STANDSTILL = 1e-13
MOST_SETS = 5000


def continued(functions: PathFunctions, point: PathPoint, direction: int, reach: float) -> PathPoint | None:
    """The same point with the active set that holds on one side of it; None where no set continues the solution there."""
    for active in itertools.islice(_sets(functions, point), MOST_SETS):
        candidate = with_active(functions, point, active)
        if candidate is not None and _is_consistent(candidate, _touching(functions, point), direction, reach):
            return candidate
    return None


def with_active(functions: PathFunctions, point: PathPoint, active: tuple[int, ...]) -> PathPoint | None:
    """The point with multipliers of these constraints alone; None where there are none, or where they are not unique."""
    rows = point.values.jacobian[list(active)]
    if not are_independent(rows):
        return None
    multipliers = np.zeros(functions.shape[2])
    gradient = point.values.gradient
    if active:
        multipliers[list(active)] = np.linalg.lstsq(rows.T, -gradient, rcond=None)[0]
    near = max(NEAR * (1.0 + np.abs(gradient).max(initial=0.0)), zero(point))
    if np.abs(gradient + point.values.jacobian.T @ multipliers).max(initial=0.0) > near:
        return None
    inequalities = [i for i in active if i < functions.shape[1]]
    if (multipliers[inequalities] < -near).any():
        return None
    values = functions.at(point.x, multipliers, point.parameter)
    return PathPoint(point.x, multipliers, point.parameter, active, values)


def zero(point: PathPoint) -> float:
    """Up to where a multiplier counts as 0."""
    return max(NEAR, float(rounding_of_defect(point).max(initial=0.0)))


def _touching(functions: PathFunctions, point: PathPoint) -> list[int]:
    """The inequalities that hold with equality."""
    m = functions.shape[1]
    size = 1.0 + np.abs(point.values.jacobian[:m]).max(axis=1, initial=0.0)
    near = np.abs(point.values.constraints[:m]) <= NEAR * size
    return sorted({*np.flatnonzero(near).tolist(), *(i for i in point.active if i < m)})


def _sets(functions: PathFunctions, point: PathPoint) -> Iterator[tuple[int, ...]]:
    """Active sets, those that differ in the fewest constraints from the present one first."""
    m = functions.shape[1]
    equations = range(m, functions.shape[2])
    touching = _touching(functions, point)
    free = touching
    if are_independent(point.values.jacobian[[*touching, *equations]]):
        free = [i for i in touching if abs(point.multipliers[i]) <= zero(point)]
    present = set(point.active)
    for count in range(len(free) + 1):
        for changed in itertools.combinations(free, count):
            active = sorted(present.symmetric_difference(changed))
            if len(active) <= functions.shape[0]:
                yield tuple(active)


def _is_consistent(candidate: PathPoint, touching: list[int], direction: int, reach: float) -> bool:
    """Whether the tangent keeps multipliers that are 0 from falling, and constraints outside from being broken."""
    if not curvature(candidate) > LEAST_CURVATURE:
        return False
    rates = rates_of(candidate, direction, reach)
    if rates is None:
        return False
    multipliers, constraints = rates
    size = 1.0 + max(np.abs(multipliers).max(initial=0.0), np.abs(constraints).max(initial=0.0))
    zeros = [i for i in touching if i in candidate.active and candidate.multipliers[i] <= zero(candidate)]
    outside = [i for i in touching if i not in candidate.active]
    return bool((multipliers[zeros] >= -ROUNDING * size).all() and (constraints[outside] <= ROUNDING * size).all())


def rates_of(point: PathPoint, direction: int, reach: float) -> tuple[Array, Array] | None:
    """How multipliers and constraints change as p moves by 1 in a direction; None where the curve does not go there."""
    scale = scales(point, reach)
    before = np.zeros(len(scale))
    before[-1] = direction * reach
    found = tangent(point, scale, before)
    if found is None or not found[-1] * direction > STANDSTILL * reach:
        return None
    found = found / abs(found[-1])
    n = len(point.x)
    multipliers = np.zeros(len(point.multipliers))
    multipliers[list(point.active)] = found[n:-1]
    constraints = point.values.jacobian @ found[:n] + point.values.constraint_slopes * found[-1]
    return multipliers, constraints


def is_blocked(functions: PathFunctions, point: PathPoint, direction: int) -> bool | None:
    """Whether the linearized active constraints contradict each other on a side: no dx has J dx + d dc/dp <= 0 (= 0).

    None where the linear program has no clear answer.
    """
    # SciPy takes a third of a second to import and is needed only where a path ends
    from scipy.optimize import linprog

    m, touching = functions.shape[1], _touching(functions, point)
    slopes = -direction * point.values.constraint_slopes
    found = linprog(
        np.zeros(functions.shape[0]),
        A_ub=point.values.jacobian[touching] if touching else None,
        b_ub=slopes[touching] if touching else None,
        A_eq=point.values.jacobian[m:] if functions.shape[2] > m else None,
        b_eq=slopes[m:] if functions.shape[2] > m else None,
        bounds=(None, None),
    )
    return {0: False, 2: True}.get(found.status)
