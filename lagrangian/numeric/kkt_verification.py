"""A KKT point near a point in floating point: which constraints are active there, Newton's method, and what is then proved.

Floats only suggest where to look and which constraints are active; what is proved is in `lagrangian.conditions.kkt_judgment`.
"""

from collections.abc import Iterator, Sequence

import flint
import numpy as np
from flint import arb, arb_mat
from numpy.typing import NDArray

from lagrangian.algebra.ball_program import balls_of
from lagrangian.conditions.kkt_balls import BITS, Held, KKTProgram, isolate, system_matrix, unit, unknown_places
from lagrangian.conditions.kkt_judgment import Verdict, judged

Vector = NDArray[np.float64]

# which constraints count as active, by 1 + |x|, before anything is proved
ACTIVE = (1e-6, 1e-4)
INDEPENDENT = 1e-8
# a KKT point that is farther away than this, by 1 + |x|, is another one
NEAR = 1e-3
MOST_REPAIRS = 3
# Newton's method settles up to its last bits, or is given up
MOST_STEPS = 14
SPARE_BITS = 56
SINGULAR = (
    "the KKT equations are singular there, or nearly so: second-order conditions or LICQ fail, or the point lies at a kink or "
    "where a function is undefined"
)


def verify_near(kkt: KKTProgram, point: Vector, multipliers: Vector | None = None) -> Verdict:
    """Look for a KKT point near a point, of shape (n,), and prove what can be proved of it.

    ``multipliers`` are estimates for g, then h; without them they come from a least squares problem.
    """
    verdict = Verdict(False, "a function or its slopes are undefined at the point, or it lies at a kink")
    seen: set[Held] = set()
    for held, guess in _active_sets(kkt, point, multipliers):
        for _ in range(MOST_REPAIRS):
            if held in seen:
                break
            seen.add(held)
            verdict, repaired = _attempt(kkt, held, point, guess)
            if verdict.verified or repaired is None:
                break
            held = repaired
        if verdict.verified:
            return verdict
    return verdict


def _attempt(kkt: KKTProgram, held: Held, point: Vector, guess: Vector) -> tuple[Verdict, Held | None]:
    """The verdict for one active set, and another set that may be the right one."""
    middle = newton(kkt, held, [*point, *guess])
    if middle is None:
        return Verdict(False, SINGULAR), None
    far = [abs(float(value) - x) > NEAR * (1 + abs(x)) for value, x in zip(middle, point, strict=False)]
    if any(far):
        return Verdict(False, "no KKT point with these active constraints is near"), None
    zero = isolate(kkt, held, middle)
    if zero is None:
        return Verdict(False, SINGULAR), None
    return judged(kkt, zero)


def newton(
    kkt: KKTProgram, held: Held, start: Sequence[float] | Sequence[arb], bits: int = BITS
) -> tuple[arb, ...] | None:
    """Where Newton's method on the system ends, in exact binary numbers of so many bits; None where it does not settle.

    ``start`` has x and all multipliers; those of constraints that are not held become zero.
    """
    settled = unit(SPARE_BITS - bits)
    with flint.ctx.workprec(bits):
        places = unknown_places(kkt, held)
        values = [arb(value) if i in set(places) else arb(0) for i, value in enumerate(start)]
        for _ in range(MOST_STEPS):
            step = _newton_step(kkt, held, values)
            if step is None:
                return None
            for place, change in zip(places, step, strict=True):
                values[place] = (values[place] + change).mid()
            if all(abs(change) < settled * (1 + abs(values[p])) for p, change in zip(places, step, strict=True)):
                return tuple(values)
    return None


def _newton_step(kkt: KKTProgram, held: Held, values: Sequence[arb]) -> list[arb] | None:
    residual = balls_of(kkt.program, kkt.equations(held), values)
    matrix = system_matrix(kkt, held, values)
    if residual is None or matrix is None:
        return None
    try:
        step = matrix.mid().solve(-arb_mat([[value.mid()] for value in residual]))
    except ZeroDivisionError:
        return None
    return [step[i, 0].mid() for i in range(len(residual))]


# --- which constraints to take as active ----------------------------------------------------------------------------


def _active_sets(kkt: KKTProgram, point: Vector, multipliers: Vector | None) -> Iterator[tuple[Held, Vector]]:
    """Active sets with estimates of the multipliers, the likeliest first; constraints held have independent gradients."""
    m, k = len(kkt.canonical.inequalities), len(kkt.constraints)
    found = _values_and_slopes(kkt, point)
    if found is None:
        return
    values, slopes, rows = found
    sets = []
    if multipliers is not None:
        sets.append([i for i in range(m) if multipliers[i] > -values[i]])
    scale = 1.0 + float(np.abs(point).max(initial=0.0))
    sets += [[i for i in range(m) if values[i] > -share * scale] for share in ACTIVE]
    for inequalities in sets:
        weights = _weights(slopes, rows, inequalities, range(m, k))
        order = [
            *range(m, k),
            *sorted(inequalities, key=lambda i: (weights[i] <= 0, values[i] < -1e-9 * scale, -values[i])),
        ]
        held = _independent(rows, order)
        yield held, weights if multipliers is None else np.where(weights > 0, weights, multipliers)


def _values_and_slopes(kkt: KKTProgram, point: Vector) -> tuple[Vector, Vector, Vector] | None:
    """The constraints, the gradient of the objective and the Jacobian as floats."""
    n, k = kkt.dimension, len(kkt.constraints)
    lines = [*kkt.constraints, *(kkt.program.derivative(kkt.objective, j) for j in range(n))]
    lines += [line for row in kkt.jacobian(tuple(range(k))) for line in row]
    with flint.ctx.workprec(BITS):
        found = balls_of(kkt.program, lines, [*(arb(x) for x in point), *([arb(0)] * k)])
    if found is None:
        return None
    floats = np.array([float(ball) for ball in found])
    return floats[:k], floats[k : k + n], floats[k + n :].reshape(k, n)


def _weights(slopes: Vector, rows: Vector, inequalities: Sequence[int], equalities: range) -> Vector:
    """Multipliers that make the Lagrangian's slope least, nonnegative for inequalities (Lawson and Hanson 1974)."""
    from scipy.optimize import nnls  # SciPy takes a third of a second to import

    weights = np.zeros(len(rows))
    columns = [*inequalities, *equalities, *equalities]
    signs = np.array([1.0] * (len(inequalities) + len(equalities)) + [-1.0] * len(equalities))
    if not columns or not np.isfinite(rows).all() or not np.isfinite(slopes).all():
        return weights
    try:
        found, _ = nnls((rows[columns] * signs[:, None]).T, -slopes)
    except RuntimeError:
        return weights
    np.add.at(weights, columns, signs * found)
    return weights


def _independent(rows: Vector, order: Sequence[int]) -> Held:
    """The constraints, in this order, whose gradients do not depend on those before them, as far as floats tell."""
    kept: list[int] = []
    basis: list[Vector] = []
    for i in order:
        size = float(np.linalg.norm(rows[i]))
        rest = rows[i] / size if size > 0 and np.isfinite(size) else np.zeros(rows.shape[1])
        for _ in range(2):
            for direction in basis:
                rest = rest - (rest @ direction) * direction
        length = float(np.linalg.norm(rest))
        if length > INDEPENDENT:
            kept.append(i)
            basis.append(rest / length)
    return tuple(sorted(kept))
