"""What a kernel of instances side by side works with: the structure of the problem, the lanes' vectors, what is found."""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lagrangian.numeric.lanes import FAST, WIDTH

Array = NDArray[np.float64]

# the lanes' own numbers: the barrier parameter, the length of the last step, what is added to the diagonal, the penalty of the
# merit function, its value and slope, the KKT residual, whether the next trial is taken whatever it is (2: an instance has just
# begun), ...
MU, ALPHA, DELTA, PENALTY, MERIT, SLOPE, RESIDUAL, FRESH = range(8)
# ... passes and failures, the residual of the barrier problem, the step of the multipliers, the sums of the constraints' misses
# and of the slacks' logarithms, the longest step that the boundary allowed, and the objective
PASSES, FAILURES, ERROR, DUAL_STEP, MISSED, LOGARITHMS, LONGEST, VALUE = range(8, 16)
SCALARS = 16

compiled = njit(nogil=True, error_model="numpy", fastmath=FAST)


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
    """What is found for b instances: x (b, n), F (b,), multipliers (b, k), active inequalities (b, m), and the rest (b,)."""

    x: Array
    value: Array
    multipliers: Array
    active: NDArray[np.bool_]
    residual: Array
    status: NDArray[np.int8]
    passes: NDArray[np.int32]


class Options(NamedTuple):
    """The largest KKT residual of a converged instance, and the number of passes after which one is given up."""

    tolerance: float
    most_passes: int


_compiled = njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)


def structure_of(counts: tuple[int, int, int, int], jacobian: Any, hessian: Any) -> Structure:
    """The structure of a problem.

    Args:
        counts: the numbers of variables, inequalities, equalities and parameters.
        jacobian, hessian: the patterns of d(g, h)/dx and of the lower triangle of the Lagrangian's Hessian.
    """
    n, mi, me, parameters = counts
    k = mi + me
    sizes = (n, mi, k, mi, n, mi, k, 1 + k, n, n * n, n * me, me * me, n, me)
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
