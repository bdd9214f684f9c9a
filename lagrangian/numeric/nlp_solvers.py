"""Local solvers behind one door: each takes a compiled problem and starts, and gives points with estimates of multipliers.

What they say is a suggestion: `lagrangian.numeric.kkt_verification` proves or refuses it.
"""

import itertools
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lagrangian.errors import MissingExtraError
from lagrangian.numeric import interior_point
from lagrangian.numeric.compiled import CompiledProblem
from lagrangian.numeric.lane_memory import cold_starts, empty_results, options_of, structure_of
from lagrangian.numeric.lanes import WIDTH

Vector = NDArray[np.float64]

# a KKT residual that counts as convergence, how far constraints may be missed, and when solvers give up
TOLERANCE = 1e-9
FEASIBLE = 1e-8
MOST_PASSES = 300
MOST_ITERATIONS = 500
KERNEL, SLSQP, TRUST_CONSTR, IPOPT = "interior point kernel", "SLSQP (SciPy)", "trust-constr (SciPy)", "Ipopt"


@dataclass(frozen=True, eq=False)
class Found:
    """Where a solver ended: x of shape (n,), F there, the multipliers of g and h where it has some, and how good it is.

    ``converged`` says that the solver itself was satisfied; ``miss`` is by how much a constraint is missed.
    """

    point: Vector
    value: float
    multipliers: Vector | None
    miss: float
    converged: bool
    solver: str


# --- functions with exact derivatives, as SciPy and Ipopt take them -------------------------------------------------


@dataclass(frozen=True, eq=False)
class Values:
    """F, dF/dx (n,), c (k,), dc/dx (k, n), and d^2/dx^2 of the weighted sum of F and c (n, n), at a point."""

    objective: float
    slope: Vector
    constraints: Vector
    rows: Vector
    curvature: Vector


class Evaluator:
    """All functions of a compiled problem in one call, by the code that the kernel runs: nothing else has to be compiled."""

    def __init__(self, compiled: CompiledProblem) -> None:
        self.compiled = compiled
        self.constraint_count = compiled.inequality_count + compiled.equality_count
        self._function = compiled.evaluate_lanes().ctypes
        self._arrays = [
            np.zeros((count, WIDTH)) for count in (compiled.dimension, 1 + self.constraint_count, 1, compiled.size)
        ]
        self._pointers = [a.ctypes.data_as(kind) for a, kind in zip(self._arrays, self._function.argtypes, strict=True)]

    def at(self, point: Vector, weights: Vector | None = None) -> Values:
        """The values at a point of shape (n,); ``weights`` are those of F and c in the curvature, of F alone if None."""
        x, multipliers, _, out = self._arrays
        x[:] = np.asarray(point, dtype=np.float64)[:, None]
        multipliers[:] = np.eye(1, len(multipliers)).T if weights is None else np.asarray(weights)[:, None]
        self._function(*self._pointers)
        n, k, compiled = len(x), self.constraint_count, self.compiled
        places = len(compiled.jacobian_pattern.rows)
        ends = np.cumsum([1, n, k, places])
        objective, slope, constraints, entries, curvature = np.split(out[:, 0].copy(), ends)
        return Values(
            float(objective[0]),
            slope,
            constraints,
            compiled.jacobian_pattern.dense(entries),
            compiled.hessian_pattern.symmetric(curvature),
        )


def _finite(value: Any, instead: float = 1e30) -> Any:
    return np.clip(np.nan_to_num(value, nan=instead), -1e30, 1e30)


def _objective(evaluator: Evaluator) -> Callable[[Vector], float]:
    return lambda x: float(_finite(evaluator.at(x).objective))


def _slope(evaluator: Evaluator) -> Callable[[Vector], Vector]:
    return lambda x: _finite(evaluator.at(x).slope, 0.0)


def _curvature(evaluator: Evaluator) -> Callable[[Vector], Vector]:
    return lambda x: _finite(evaluator.at(x).curvature, 0.0)


def _parts(compiled: CompiledProblem) -> list[tuple[str, slice]]:
    m, k = compiled.inequality_count, compiled.inequality_count + compiled.equality_count
    return [(kind, part) for kind, part in (("ineq", slice(0, m)), ("eq", slice(m, k))) if part.start < part.stop]


def _statements(evaluator: Evaluator, *, with_hessians: bool) -> list[dict[str, Any]]:
    """The constraints as dictionaries: -g >= 0, and h = 0."""

    def stated(kind: str, part: slice) -> dict[str, Any]:
        sign = -1.0 if kind == "ineq" else 1.0

        def curvature(x: Vector, multipliers: Vector) -> Vector:
            weights = np.zeros(1 + evaluator.constraint_count)
            weights[1:][part] = sign * np.asarray(multipliers)
            return _finite(evaluator.at(x, weights).curvature, 0.0)

        found = {
            "type": kind,
            "fun": lambda x: sign * _finite(evaluator.at(x).constraints[part], 1e6),
            "jac": lambda x: sign * _finite(evaluator.at(x).rows[part], 0.0),
        }
        return {**found, "hess": curvature} if with_hessians else found

    return [stated(kind, part) for kind, part in _parts(evaluator.compiled)]


def _each(
    solve: Callable[[Vector], Any], evaluator: Evaluator, starts: Vector, deadline: float, name: str
) -> Iterator[Found]:
    """One start after the other; a start that a solver cannot take leads nowhere."""
    for number, start in enumerate(starts):
        if number and time.monotonic() > deadline:
            return
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                ended = solve(start)
            except (ValueError, ArithmeticError, np.linalg.LinAlgError):
                continue
        point = np.asarray(ended.x, dtype=np.float64)
        found = _measured(evaluator, point, name, converged=bool(ended.success))
        if found is not None:
            yield found


def by_kernel(evaluator: Evaluator, starts: Vector, deadline: float) -> Iterator[Found]:
    """The package's interior point kernel, all starts side by side in the lanes of vector registers."""
    compiled = evaluator.compiled
    structure = structure_of(
        (compiled.dimension, compiled.inequality_count, compiled.equality_count, 0),
        compiled.jacobian_pattern,
        compiled.hessian_pattern,
    )
    address = compiled.evaluate_lanes().address
    for first in range(0, len(starts), WIDTH):
        if first and time.monotonic() > deadline:
            return
        chunk = np.ascontiguousarray(starts[first : first + WIDTH])
        results = empty_results(structure, len(chunk))
        parameters = np.zeros((len(chunk), 0))
        options = options_of(TOLERANCE, MOST_PASSES)
        begun = cold_starts(structure, chunk)
        interior_point.run(address, structure, 0, len(chunk), begun, parameters, options, results)
        for i in range(len(chunk)):
            found = _measured(evaluator, results.x[i], KERNEL, results.multipliers[i])
            if found is not None:
                converged = bool(results.status[i] == interior_point.CONVERGED)
                yield Found(found.point, found.value, found.multipliers, found.miss, converged, KERNEL)


def _measured(
    evaluator: Evaluator, point: Vector, solver: str, multipliers: Vector | None = None, *, converged: bool = True
) -> Found | None:
    """A point with its value and by how much it misses the constraints; None where it is no use."""
    if not np.isfinite(point).all():
        return None
    values = evaluator.at(point)
    value, constraints, m = values.objective, values.constraints, evaluator.compiled.inequality_count
    miss = float(np.maximum(constraints[:m], 0.0).max(initial=0.0) + np.abs(constraints[m:]).max(initial=0.0))
    if not np.isfinite(value) or not miss <= FEASIBLE * (1.0 + float(np.abs(point).max(initial=0.0))):
        return None
    if multipliers is not None and not np.isfinite(multipliers).all():
        multipliers = None
    return Found(point, value, multipliers, miss, converged, solver)


def by_slsqp(evaluator: Evaluator, starts: Vector, deadline: float) -> Iterator[Found]:
    """Sequential least squares programming (Kraft 1988) by SciPy, with exact gradients."""
    from scipy.optimize import minimize  # SciPy takes a third of a second to import

    statements = _statements(evaluator, with_hessians=False)

    def solve(start: Vector) -> Any:
        options = {"maxiter": MOST_ITERATIONS, "ftol": 1e-14}
        return minimize(
            _objective(evaluator), start, jac=_slope(evaluator), constraints=statements, method="SLSQP", options=options
        )

    return _each(solve, evaluator, starts, deadline, SLSQP)


def by_trust_constr(evaluator: Evaluator, starts: Vector, deadline: float) -> Iterator[Found]:
    """The trust region interior point method (Byrd, Hribar and Nocedal 1999) by SciPy, with exact Hessians."""
    from scipy.optimize import NonlinearConstraint, minimize  # SciPy takes a third of a second to import

    def constraint(kind: str, part: slice) -> Any:
        stated = next(s for s in _statements(evaluator, with_hessians=True) if s["type"] == kind)
        return NonlinearConstraint(
            stated["fun"], 0.0, np.inf if kind == "ineq" else 0.0, jac=stated["jac"], hess=stated["hess"]
        )

    constraints = [constraint(kind, part) for kind, part in _parts(evaluator.compiled)]

    def solve(start: Vector) -> Any:
        options = {"maxiter": MOST_ITERATIONS, "gtol": 1e-9, "xtol": 1e-12}
        return minimize(
            _objective(evaluator),
            start,
            jac=_slope(evaluator),
            hess=_curvature(evaluator),
            constraints=constraints,
            method="trust-constr",
            options=options,
        )

    return _each(solve, evaluator, starts, deadline, TRUST_CONSTR)


@cache
def has_ipopt() -> bool:
    """Whether the package cyipopt is there."""
    return find_spec("cyipopt") is not None


def by_ipopt(evaluator: Evaluator, starts: Vector, deadline: float) -> Iterator[Found]:
    """Ipopt (Wächter and Biegler 2006) by cyipopt, with exact Hessians. Raises MissingExtraError without it."""
    if not has_ipopt():
        raise MissingExtraError(
            "Ipopt is not installed; write pip install 'lagrangian-w2v[numeric]' (or, where there is no wheel, conda install "
            "cyipopt), or method='auto'"
        )
    from cyipopt import minimize_ipopt  # an extra

    statements = _statements(evaluator, with_hessians=True)

    def solve(start: Vector) -> Any:
        return minimize_ipopt(
            _objective(evaluator),
            start,
            jac=_slope(evaluator),
            hess=_curvature(evaluator),
            constraints=statements,
            tol=1e-10,
            options={"max_iter": MOST_ITERATIONS, "print_level": 0},
        )

    return _each(solve, evaluator, starts, deadline, IPOPT)


NONLINEAR: dict[str, Callable[[Evaluator, Vector, float], Iterator[Found]]] = {
    "kernel": by_kernel,
    "slsqp": by_slsqp,
    "trust-constr": by_trust_constr,
    "ipopt": by_ipopt,
}


# --- starts ---------------------------------------------------------------------------------------------------------


def starting_points(low: Vector, high: Vector, first: Vector | None, count: int, seed: int) -> Vector:
    """``count`` starts, shape (count, n): the given one or the middle of the box, then random ones, a fixed sequence by seed."""
    random = np.random.default_rng(seed)
    rows = list(itertools.islice(_sequence(low, high, first, random), count))
    return np.array(rows, dtype=np.float64).reshape(count, len(low))


SPREADS = (1.0, 3.0, 10.0, 0.3, 100.0)


def _sequence(low: Vector, high: Vector, first: Vector | None, random: np.random.Generator) -> Iterator[Vector]:
    bounded = np.isfinite(low) & np.isfinite(high)
    width = np.where(bounded, high, 0.0) - np.where(bounded, low, 0.0)
    middle = np.clip(np.where(bounded, np.where(bounded, low, 0.0) + width / 2, 0.1), low, high)
    yield middle if first is None else first
    yield np.clip(np.ones(len(low)), low, high)
    for number in itertools.count():
        spread = SPREADS[number % len(SPREADS)]
        center = middle if first is None else first
        around = np.clip(center + random.normal(size=len(low)) * spread, low, high)
        inside = np.where(bounded, low, 0.0) + random.random(len(low)) * width
        yield np.where(bounded & (number % 2 == 0), inside, around)
