"""Newton's method on the KKT equations of the active constraints: from a good point in floating point to one good to rounding."""

import numpy as np

from lagrangian.numeric.functions import NumericFunctions, Vector

MOST_STEPS = 8
ACTIVE = 1e-6
STATIONARY = 1e-8
STEP = 1e-6


def polished(functions: NumericFunctions, point: Vector) -> Vector | None:
    """A KKT point near a given one; None where the active set does not fit or the steps do not settle.

    Args:
        functions: the problem.
        point: feasible up to about 1e-8, of shape (n,).
    """
    m, n = functions.inequality_count, functions.dimension
    values = functions.values(point)
    count = len(values) - 1
    active = [1 + i for i in range(m) if values[1 + i] > -ACTIVE * (1.0 + float(np.abs(point).max()))]
    held = [*active, *range(1 + m, 1 + count)]
    jacobian = functions.jacobian(point)
    if not np.isfinite(jacobian).all():
        return None
    multipliers = np.linalg.lstsq(jacobian[held].T, -jacobian[0], rcond=None)[0]
    here = point.copy()
    for _ in range(MOST_STEPS):
        residual = _residual(functions, here, multipliers, held)
        matrix = np.zeros((n + len(held), n + len(held)))
        for j in range(n):
            shift = np.zeros(n)
            shift[j] = STEP * (1.0 + abs(here[j]))
            ahead = _residual(functions, here + shift, multipliers, held)
            behind = _residual(functions, here - shift, multipliers, held)
            matrix[:, j] = (ahead - behind) / (2 * shift[j])
        matrix[:n, n:] = functions.jacobian(here)[held].T
        if not (np.isfinite(matrix).all() and np.isfinite(residual).all()):
            return None
        step = np.linalg.lstsq(matrix, -residual, rcond=None)[0]
        here, multipliers = here + step[:n], multipliers + step[n:]
    settled = np.abs(_residual(functions, here, multipliers, held)).max() <= STATIONARY * (1.0 + np.abs(jacobian).max())
    signs = (multipliers[: len(active)] >= -STATIONARY * (1.0 + np.abs(jacobian).max())).all()
    return here if settled and signs and np.isfinite(here).all() else None


def _residual(functions: NumericFunctions, point: Vector, multipliers: Vector, held: list[int]) -> Vector:
    """Stationarity and the held constraints."""
    jacobian = functions.jacobian(point)
    return np.concatenate([jacobian[0] + jacobian[held].T @ multipliers, functions.values(point)[held]])
