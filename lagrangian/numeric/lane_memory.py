"""What a kernel of instances side by side works with: the structure of the problem, the lanes' vectors, what is found."""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lagrangian.numeric.lanes import FAST, WIDTH, borrowed

Array = NDArray[np.float64]

# the lanes' own numbers: the barrier parameter, the length of the last step, what is added to the diagonal, the penalty of the
# merit function, its value and slope, the KKT residual, whether the next trial is taken whatever it is (2: an instance has just
# begun), ...
MU, ALPHA, DELTA, PENALTY, MERIT, SLOPE, RESIDUAL, FRESH = range(8)
# ... passes and failures, the residual of the barrier problem, the step of the multipliers, the sums of the constraints' misses
# and of the slacks' logarithms, the longest step that the boundary allowed, and the objective, ...
PASSES, FAILURES, ERROR, DUAL_STEP, MISSED, LOGARITHMS, LONGEST, VALUE = range(8, 16)
# ... whether a step has been corrected (1: that is the trial, 2: it was refused), whether the trial is a step of the end game,
# below which residual the next one is tried, the least residual so far and the passes since, whether the curvature was positive
# without an addition, what is asked of all lanes, and whether the instance has converged (1: `out` is that of the point)
CORRECTED, ENDING, NEXT_ENDING, BEST, SINCE, CONVEX, ASKED, DONE = range(16, 24)
# ... whether the instance may end here, the greatest miss of a constraint, whether the active set is clear (not negative), and
# the greatest multiplier of an inactive constraint, and whether the last trial was taken
ENDS, PRIMAL, CLEAR, STRAY, TAKEN, SCALARS = 24, 25, 26, 27, 28, 29

compiled = njit(nogil=True, error_model="numpy", fastmath=FAST)
# for what is called in inner loops: a call hands over a structure and a workspace word by word
inlined = njit(nogil=True, error_model="numpy", fastmath=FAST, inline="always")


class Places(NamedTuple):
    """Where each vector begins among the rows of a workspace's values; multipliers are those of g, then of h, both scaled."""

    x: int
    slack: int
    multiplier: int
    trial_slack: int
    step_x: int
    step_slack: int
    step_multiplier: int
    scale: int
    stationarity: int
    matrix: int
    cross: int
    schur: int
    right: int
    right_equalities: int
    correction: int
    inverse_soft: int
    inverse_scale: int
    end: int


class Structure(NamedTuple):
    """The counts of a problem, where its matrices have entries (row by row), and where its vectors stand in the workspace."""

    variables: int
    inequalities: int
    equalities: int
    parameters: int
    jacobian_rows: NDArray[np.int64]
    jacobian_columns: NDArray[np.int64]
    jacobian_starts: NDArray[np.int64]
    hessian_rows: NDArray[np.int64]
    hessian_columns: NDArray[np.int64]
    places: Places


class Workspace(NamedTuple):
    """Vectors of the lanes: arrays of shape (entries, WIDTH), and the number of each lane's instance, -1 for none."""

    trial_x: Array
    weights: Array
    parameters: Array
    out: Array
    values: Array
    scalars: Array
    instance: NDArray[np.int64]


class Results(NamedTuple):
    """What is found for b instances: x (b, n), F (b,), multipliers (b, k), active inequalities (b, m), and the rest (b,).

    The curvature of L along the active constraints is 1 where it is positive, -1 where it is negative somewhere, else 0.
    """

    x: Array
    value: Array
    multipliers: Array
    active: NDArray[np.bool_]
    residual: Array
    status: NDArray[np.int8]
    passes: NDArray[np.int32]
    curvature: NDArray[np.int8]


class Starts(NamedTuple):
    """Where instances begin: x (1, n) or (b, n), and multipliers of a neighbor's solution, (0, k) where there are none."""

    x: Array
    multipliers: Array


class Options(NamedTuple):
    """How instances are solved.

    Attributes:
        tolerance: the greatest KKT residual of a converged instance.
        most_passes: after so many an instance is given up.
        path: whether an instance begins where the one before it has ended.
        stop: shape (1,); solving ends soon after it has become 1.
    """

    tolerance: float
    most_passes: int
    path: bool
    stop: NDArray[np.int8]


def empty_results(structure: Structure, count: int) -> Results:
    """Results of instances that nothing is known of."""
    n, mi, k = structure.variables, structure.inequalities, structure.inequalities + structure.equalities
    return Results(
        np.full((count, n), np.nan),
        np.full(count, np.nan),
        np.full((count, k), np.nan),
        np.zeros((count, mi), dtype=np.bool_),
        np.full(count, np.inf),
        np.zeros(count, dtype=np.int8),
        np.zeros(count, dtype=np.int32),
        np.zeros(count, dtype=np.int8),
    )


def options_of(
    tolerance: float, most_passes: int, *, path: bool = False, stop: NDArray[np.int8] | None = None
) -> Options:
    """Options of the kernel."""
    return Options(tolerance, most_passes, path, np.zeros(1, dtype=np.int8) if stop is None else stop)


def cold_starts(structure: Structure, x: Array) -> Starts:
    """Starts at points of shape (1, n) or (b, n), without multipliers."""
    return Starts(np.ascontiguousarray(x), np.zeros((0, structure.inequalities + structure.equalities)))


def structure_of(counts: tuple[int, int, int, int], jacobian: Any, hessian: Any) -> Structure:
    """The structure of a problem.

    Args:
        counts: the numbers of variables, inequalities, equalities and parameters.
        jacobian, hessian: the patterns of d(g, h)/dx and of the lower triangle of the Lagrangian's Hessian.
    """
    n, mi, me, parameters = counts
    k = mi + me
    sizes = (n, mi, k, mi, n, mi, k, 1 + k, n, n * n, n * me, me * me, n, me, mi, mi, 1 + k)
    places = Places(*np.concatenate([[0], np.cumsum(sizes)]).tolist())
    starts = np.searchsorted(jacobian.rows, np.arange(k + 1))
    return Structure(
        n, mi, me, parameters, jacobian.rows, jacobian.columns, starts, hessian.rows, hessian.columns, places
    )


@compiled
def workspace(structure: Structure) -> Workspace:
    n, k = structure.variables, structure.inequalities + structure.equalities
    size = 1 + n + k + len(structure.jacobian_rows) + len(structure.hessian_rows)
    return Workspace(
        np.zeros((n, WIDTH)),
        np.ones((1 + k, WIDTH)),
        np.zeros((structure.parameters, WIDTH)),
        np.zeros((size, WIDTH)),
        np.zeros((structure.places.end, WIDTH)),
        np.zeros((SCALARS, WIDTH)),
        np.full(WIDTH, -1),
    )


@compiled
def borrowed_structure(owner: Structure) -> Structure:
    """The same structure, for calls that count no references."""
    return Structure(
        owner.variables,
        owner.inequalities,
        owner.equalities,
        owner.parameters,
        borrowed(owner.jacobian_rows),
        borrowed(owner.jacobian_columns),
        borrowed(owner.jacobian_starts),
        borrowed(owner.hessian_rows),
        borrowed(owner.hessian_columns),
        owner.places,
    )


@compiled
def borrowed_workspace(owner: Workspace) -> Workspace:
    """The same workspace, for calls that count no references."""
    return Workspace(
        borrowed(owner.trial_x),
        borrowed(owner.weights),
        borrowed(owner.parameters),
        borrowed(owner.out),
        borrowed(owner.values),
        borrowed(owner.scalars),
        borrowed(owner.instance),
    )
