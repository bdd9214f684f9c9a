"""Linear problems in integers: a good point and multipliers from floating point, the proof by dynamic programming."""

import time
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from lagrangian.checking import holds
from lagrangian.conditions.linear_integers import UNIT, LinearIntegers, Sweep, linear_integers, swept
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.dynamic_programming import MOST_OPTIMA, DynamicProgrammingCertificate
from lagrangian.proof.lifted import ranges_of

# the states that are gone through for a list of all optima, and with dominance for one
MOST_STATES = 300_000
MOST_DOMINATED = 3_000_000
# the widest range of a variable, and the part of the time for a point in floating point
MOST_VALUES = 100_000
POINT_SHARE = 0.4


def prove_dynamically(problem: CanonicalProblem, deadline: float) -> DynamicProgrammingCertificate | None:
    """The optimum of a linear problem in bounded integer variables; None where there are too many states."""
    ranges = ranges_of(problem)
    program = None if ranges is None else linear_integers(problem, ranges)
    if program is None or sum(high - low for low, high in program.ranges) > MOST_VALUES:
        return None
    now = time.monotonic()
    point = _good_point(program, POINT_SHARE * (deadline - now))
    multipliers = _multipliers(program)
    order = _order(program, multipliers)
    most = None if point is None else program.cost(point)
    has_one_row = len(program.rows) == 1 and not program.is_equation[0]
    for dominance in (False, True) if has_one_row else (False,):
        sweep = Sweep(order, multipliers, most, dominance)
        found = swept(program, sweep, MOST_DOMINATED if dominance else MOST_STATES)
        if found is None:
            continue
        optima = tuple(islice(found.optima(program, sweep), MOST_OPTIMA + 1))
        if not optima and most is not None:
            return None
        is_complete = not dominance and len(optima) <= MOST_OPTIMA
        shown = optima if is_complete else optima[:1]
        certificate = DynamicProgrammingCertificate(problem, sweep, shown, is_complete)
        return certificate if holds(certificate, deadline) else None
    return None


def _arrays(program: LinearIntegers) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    rows = np.array(program.rows, dtype=float).reshape(len(program.rows), len(program.costs))
    limits = np.array(program.limits, dtype=float)
    return rows, limits, np.where(program.is_equation, limits, -np.inf)


def _good_point(program: LinearIntegers, limit_s: float) -> tuple[int, ...] | None:
    """A feasible point that is optimal as far as floating point tells."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # slow to import

    rows, high, low = _arrays(program)
    found = milp(
        np.array(program.costs, dtype=float),
        integrality=np.ones(len(program.costs)),
        bounds=Bounds(*np.array(program.ranges, dtype=float).T),
        constraints=[LinearConstraint(rows, low, high)] if len(rows) else [],
        options={"time_limit": max(0.1, limit_s), "mip_rel_gap": 0.0},
    )
    if found.x is None:
        return None
    point = tuple(round(float(value)) for value in found.x)
    return point if program.is_feasible(point) else None


def _multipliers(program: LinearIntegers) -> tuple[int, ...]:
    """Those of the linear relaxation, rounded; zeros where it has no solution."""
    from scipy.optimize import linprog

    rows, limits, _ = _arrays(program)
    equations = np.array(program.is_equation, dtype=bool)
    values = np.zeros(len(rows))
    found = linprog(
        np.array(program.costs, dtype=float),
        A_ub=rows[~equations],
        b_ub=limits[~equations],
        A_eq=rows[equations] if equations.any() else None,
        b_eq=limits[equations] if equations.any() else None,
        bounds=program.ranges,
        method="highs",
    )
    if found.status == 0:
        values[~equations] = np.maximum(-found.ineqlin.marginals, 0.0)
        if equations.any():
            values[equations] = -found.eqlin.marginals
    return tuple(round(float(value) * UNIT) for value in values)


def _order(program: LinearIntegers, multipliers: tuple[int, ...]) -> tuple[int, ...]:
    """Variables first of which all values but one cost much by the multipliers."""
    slopes = [
        abs(c * UNIT + sum(m * row[i] for m, row in zip(multipliers, program.rows, strict=True)))
        for i, c in enumerate(program.costs)
    ]
    return tuple(sorted(range(len(slopes)), key=lambda i: -slopes[i]))
