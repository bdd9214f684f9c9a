"""The KKT system of an active set along a path: points on it, tangents, and Newton's method.

With the active constraints c_A and their multipliers nu the system is

    dF/dx + J_A^T nu = 0,    c_A = 0        in z = (x, nu, p),

one equation less than unknowns: a curve. Its derivative is M = [H, J_A^T, d2L/dxdp; J_A, 0, dc_A/dp]; a tangent t is a vector of
its null space, and dx/dp = t_x / t_p is what the implicit function theorem says. One more equation closes the system: a value of
the parameter, a place along the tangent (Keller 1977), or an event.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lagrangian.numeric.path_functions import Array, PathFunctions, Values

EPSILON = float(np.finfo(float).eps)
MOST_ITERATIONS = 12
SETTLED = 1e-13
# below this share of the greatest singular value rows count as dependent
DEPENDENT = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class PathPoint:
    """A point of the curve of an active set.

    Attributes:
        x: shape (n,).
        multipliers: of all constraints, 0 for those that are not active, shape (k,).
        parameter: p.
        active: the places of the active constraints, ascending, equations among them.
        values: the functions there.
    """

    x: Array
    multipliers: Array
    parameter: float
    active: tuple[int, ...]
    values: Values

    @property
    def unknowns(self) -> Array:
        """z = (x, nu, p)."""
        return np.concatenate([self.x, self.multipliers[list(self.active)], [self.parameter]])

    @property
    def matrix(self) -> Array:
        """M, of shape (n + a, n + a + 1)."""
        n, a = len(self.x), len(self.active)
        rows = self.values.jacobian[list(self.active)]
        matrix = np.zeros((n + a, n + a + 1))
        matrix[:n, :n] = self.values.hessian
        matrix[:n, n:-1] = rows.T
        matrix[n:, :n] = rows
        matrix[:n, -1] = self.values.cross
        matrix[n:, -1] = self.values.constraint_slopes[list(self.active)]
        return matrix

    @property
    def defect(self) -> Array:
        """By how much the equations of the system fail, shape (n + a,)."""
        stationarity = self.values.gradient + self.values.jacobian.T @ self.multipliers
        return np.concatenate([stationarity, self.values.constraints[list(self.active)]])

    @property
    def is_defined(self) -> bool:
        """Whether all functions have values."""
        return bool(np.isfinite(self.defect).all() and np.isfinite(self.matrix).all())

    @property
    def slope(self) -> float:
        """dL/dp, which is dV/dp by the envelope theorem."""
        return self.values.objective_slope + float(self.values.constraint_slopes @ self.multipliers)


# the value and the gradient, by z, of the equation that closes the system
Closing = Callable[[PathPoint], tuple[float, Array]]


def point_at(functions: PathFunctions, active: tuple[int, ...], unknowns: Array) -> PathPoint:
    """The point with these unknowns z."""
    n, _, k = functions.shape
    multipliers = np.zeros(k)
    multipliers[list(active)] = unknowns[n:-1]
    x, parameter = unknowns[:n].copy(), float(unknowns[-1])
    return PathPoint(x, multipliers, parameter, active, functions.at(x, multipliers, parameter))


@dataclass(frozen=True, slots=True, eq=False)
class Corrected:
    """Where Newton's method came to, after how many steps, and how far the parameter may be from that of the exact solution."""

    point: PathPoint
    iterations: int
    error: float


def corrected(
    functions: PathFunctions, active: tuple[int, ...], unknowns: Array, closing: Closing, tolerance: float
) -> Corrected | None:
    """Newton's method to rounding; None where it does not contract, or ends above the tolerance and above rounding."""
    point, last, iterations = point_at(functions, active, unknowns), np.inf, 0
    while iterations < MOST_ITERATIONS:
        iterations += 1
        step = _newton_step(point, closing)
        if step is None:
            return None
        length = float(np.max(np.abs(step) / (1.0 + np.abs(point.unknowns))))
        is_settled = length <= SETTLED or (length >= 0.5 * last and last <= 1e-9)
        if not is_settled and length > 0.5 * last:
            return None
        point, last = point_at(functions, active, point.unknowns + step), length
        if is_settled:
            break
    if not point.is_defined or (np.abs(point.defect) > np.maximum(tolerance, rounding_of_defect(point))).any():
        return None
    return Corrected(point, iterations, _error(point, closing))


def _newton_step(point: PathPoint, closing: Closing) -> Array | None:
    if not point.is_defined:
        return None
    value, row = closing(point)
    try:
        step = np.linalg.solve(np.vstack([point.matrix, row]), -np.append(point.defect, value))
    except np.linalg.LinAlgError:
        return None
    return step if np.isfinite(step).all() else None


def _error(point: PathPoint, closing: Closing) -> float:
    """|last row of the inverse| times the residual and its rounding: the parameter's distance to first order, doubled."""
    value, row = closing(point)
    matrix = np.vstack([point.matrix, row])
    last = 16 * EPSILON * (1.0 + float(np.abs(row) @ np.abs(point.unknowns)))
    residual = np.abs(np.append(point.defect, value)) + np.append(rounding_of_defect(point), last)
    unit = np.zeros(len(row))
    unit[-1] = 1.0
    try:
        weights = np.abs(np.linalg.solve(matrix.T, unit))
    except np.linalg.LinAlgError:
        return float("inf")
    return 2.0 * float(weights @ residual)


def rounding_of_defect(point: PathPoint) -> Array:
    """What rounding may leave of the equations: some units in the last place of the terms that cancel in them."""
    gradient = np.append(np.abs(point.values.gradient), np.zeros(len(point.active)))
    return np.asarray(16 * EPSILON * (1.0 + np.abs(point.matrix) @ np.abs(point.unknowns) + gradient))


def at_parameter(parameter: float) -> Closing:
    """p = a number."""

    def closing(point: PathPoint) -> tuple[float, Array]:
        row = np.zeros(len(point.unknowns))
        row[-1] = 1.0
        return point.parameter - parameter, row

    return closing


def along(row: Array, place: Array) -> Closing:
    """row (z - place) = 0: the plane through the predicted place across the tangent."""
    return lambda point: (float(row @ (point.unknowns - place)), row)


def at_event(constraint: int) -> Closing:
    """An active constraint's multiplier is 0; the function of one that is not active is 0."""

    def closing(point: PathPoint) -> tuple[float, Array]:
        row, n = np.zeros(len(point.unknowns)), len(point.x)
        if constraint in point.active:
            row[n + point.active.index(constraint)] = 1.0
            return float(point.multipliers[constraint]), row
        row[:n], row[-1] = point.values.jacobian[constraint], point.values.constraint_slopes[constraint]
        return float(point.values.constraints[constraint]), row

    return closing


def tangent(point: PathPoint, scale: Array, before: Array) -> Array | None:
    """The unit tangent that points the way of ``before``, with lengths in units of ``scale``; None where there is none."""
    row = before / scale**2
    right = np.zeros(len(row))
    right[-1] = 1.0
    try:
        found = np.linalg.solve(np.vstack([point.matrix, row]), right)
    except np.linalg.LinAlgError:
        return None
    length = float(np.linalg.norm(found / scale))
    return np.asarray(found / length, dtype=np.float64) if np.isfinite(length) and length > 0 else None


def scales(point: PathPoint, reach: float) -> Array:
    """Units of length for x, for the multipliers and, the length of the whole interval, for p."""
    x = max(1.0, float(np.abs(point.x).max(initial=0.0)))
    multiplier = max(1.0, float(np.abs(point.multipliers).max(initial=0.0)))
    return np.concatenate([np.full(len(point.x), x), np.full(len(point.active), multiplier), [reach]])


def are_independent(rows: Array, least: float = DEPENDENT) -> bool:
    """Whether gradients are linearly independent: the least singular value of their unit vectors is above ``least``."""
    if len(rows) == 0:
        return True
    if rows.shape[0] > rows.shape[1]:
        return False
    sizes = np.linalg.norm(rows, axis=1)
    if not sizes.min() > 0:
        return False
    return bool(np.linalg.svd(rows / sizes[:, None], compute_uv=False)[-1] > least)


def independent(jacobian: Array, order: Sequence[int]) -> tuple[int, ...]:
    """The constraints, taken in an order, whose gradients are independent of those before; ascending."""
    chosen: list[int] = []
    for i in order:
        if are_independent(jacobian[[*chosen, i]]):
            chosen.append(i)
    return tuple(sorted(chosen))


def curvature(point: PathPoint) -> float:
    """The least eigenvalue of the Hessian on the null space of the active gradients, relative to its size; inf for no space."""
    rows = point.values.jacobian[list(point.active)]
    if len(rows) >= len(point.x):
        return float("inf")
    basis = np.linalg.qr(rows.T, mode="complete")[0][:, len(rows) :] if len(rows) else np.eye(len(point.x))
    reduced = basis.T @ point.values.hessian @ basis
    size = float(np.abs(point.values.hessian).max())
    return float(np.linalg.eigvalsh(reduced)[0]) / size if size > 0 else 0.0


def kkt_residual(point: PathPoint, inequalities: int) -> float:
    """The greatest of |dL/dx|, |h|, max(g, 0), max(-mu, 0) and |mu g|."""
    g, mu = point.values.constraints[:inequalities], point.multipliers[:inequalities]
    stationarity = point.values.gradient + point.values.jacobian.T @ point.multipliers
    parts = (np.abs(stationarity), np.abs(point.values.constraints[inequalities:]), g, -mu, np.abs(mu * g))
    return max(float(part.max(initial=0.0)) for part in parts)
