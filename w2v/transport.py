"""The least cost of moving one distribution to another."""

import numpy as np
from numpy.typing import NDArray


def transport_cost(supply: NDArray[np.float64], demand: NDArray[np.float64], distances: NDArray[np.float64]) -> float:
    """The least Σ t_ij d_ij over t >= 0 with rows that sum to the supply and columns that sum to the demand.

    A linear program, solved exactly but for rounding by HiGHS (Hitchcock 1941 states it).

    Parameters
    ----------
    supply, demand : float64 [sources], [targets], of the same sum
    distances : float64 [sources, targets]

    Examples
    --------
    >>> transport_cost(np.array([0.5, 0.5]), np.array([1.0]), np.array([[1.0], [3.0]]))
    2.0
    """
    from scipy import sparse  # here, since SciPy takes a while to import
    from scipy.optimize import linprog

    sources, targets = distances.shape
    rows = sparse.kron(sparse.identity(sources), np.ones((1, targets)))
    columns = sparse.kron(np.ones((1, sources)), sparse.identity(targets))
    # One of the equations follows from the others, and might contradict them by a rounding.
    equations = sparse.vstack([rows, columns]).tocsr()[:-1]
    sums = np.concatenate([supply, demand])[:-1]
    return float(linprog(distances.ravel(), A_eq=equations, b_eq=sums, method="highs").fun)
