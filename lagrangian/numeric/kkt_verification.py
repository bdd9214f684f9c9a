"""What is proved of a point in floating point: that a KKT point lies in a small box, alone, and is a strict local minimum.

Floats only suggest where to look and which constraints are active. The proof is that of `lagrangian.numeric.kkt_balls`, then
signs of balls: multipliers are positive, inactive constraints hold with room, and the Hessian of the Lagrangian is positive
definite on the null space of the active gradients (second-order sufficient conditions; Nocedal and Wright 2006, theorem 12.6).
What balls leave open, such as a multiplier of zero, is decided at the point itself where it is rational.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import flint
import numpy as np
from flint import arb
from numpy.typing import NDArray

from lagrangian.algebra.ball_program import balls_of, fractions_of
from lagrangian.conditions.ball_inertia import bordered_inertia
from lagrangian.logic import Truth
from lagrangian.numeric.kkt_balls import BITS, Held, KKTProgram, Zero, exact_zero, isolate, newton

Vector = NDArray[np.float64]

# which constraints count as active, by 1 + |x|, before anything is proved
ACTIVE = (1e-6, 1e-4)
INDEPENDENT = 1e-8
# a KKT point that is farther away than this, by 1 + |x|, is another one
NEAR = 1e-3
MOST_REPAIRS = 3
SINGULAR = (
    "the KKT equations are singular there, or nearly so: second-order conditions or LICQ fail, or the point lies at a kink or "
    "where a function is undefined"
)


@dataclass(frozen=True, eq=False)
class Verdict:
    """What is known of the KKT point near a given point.

    Attributes:
        verified: whether a KKT point lies in the balls ``inner``, for certain, and no other zero of its system in ``outer``.
        reason: what is proved, or why nothing is.
        is_strict_minimum: whether it is a strict local minimum; None where that is not decided.
        is_unique: whether its multipliers are the only ones and those of inequalities positive.
        active: the inequalities that hold with equality, by number.
        inner, outer: balls of x, then of all multipliers; None where no zero was isolated.
    """

    verified: bool
    reason: str
    is_strict_minimum: Truth = None
    is_unique: bool = False
    active: tuple[int, ...] = ()
    inner: tuple[arb, ...] | None = None
    outer: tuple[arb, ...] | None = None


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


def judged(kkt: KKTProgram, zero: Zero) -> tuple[Verdict, Held | None]:
    """Signs of multipliers and constraints at a zero, then second-order conditions; and what a wrong sign suggests instead."""
    signs = _signs(kkt, zero)
    if signs is None:
        return Verdict(False, "a function is undefined at the point, or may be"), None
    m = len(kkt.canonical.inequalities)
    held = zero.held
    negative = [i for i in held if i < m and signs[i] == -1]
    if negative:
        worst = min(negative, key=lambda i: float(zero.inner[kkt.dimension + i]))
        size = float(zero.inner[kkt.dimension + worst])
        reason = f"the multiplier of {_stated(kkt, worst)} is negative, {size:.6g}: no KKT point"
        return Verdict(False, reason), tuple(i for i in held if i != worst)
    missed = [i for i in signs if i not in held and (signs[i] == 1 or (signs[i] == -1 and i >= m))]
    if missed:
        return Verdict(False, f"{_stated(kkt, missed[0])} does not hold at the point"), tuple(
            sorted({*held, missed[0]})
        )
    for i in signs:
        if signs[i] is None:
            return Verdict(False, _open(kkt, zero, i)), None
    active = tuple(i for i in signs if i < m and (i in held or signs[i] == 0))
    for i in active:
        if kkt.canonical.inequalities[i].strict:
            return Verdict(
                False, f"{_stated(kkt, i)} is strict and holds with equality: the point is not feasible"
            ), None
    strong = tuple(i for i in held if i >= m or signs[i] == 1)
    plain = strong == held and all(signs[i] == -1 for i in signs if i not in held)
    is_strict_minimum, reason = _second_order(kkt, zero, strong, plain=plain)
    return Verdict(True, reason, is_strict_minimum, plain, active, zero.inner, zero.outer), None


def _signs(kkt: KKTProgram, zero: Zero) -> dict[int, int | None] | None:
    """Signs of the multipliers of inequalities that are held and of the values of constraints that are not, in their order.

    An entry is None where it is not decided; there is no answer at all where a function may be undefined: the slope of a
    logarithm is defined where it is not.
    """
    m = len(kkt.canonical.inequalities)
    with flint.ctx.workprec(BITS):
        values = balls_of(kkt.program, [*kkt.constraints, kkt.objective], zero.inner)
    if values is None:
        return None
    signs: dict[int, int | None] = {}
    for i in range(len(kkt.constraints)):
        if i not in zero.held:
            signs[i] = _sign(values[i])
        elif i < m:
            signs[i] = _sign(zero.inner[kkt.dimension + i])
    undecided = [i for i, sign in signs.items() if sign is None]
    exact = exact_zero(kkt, zero) if undecided else None
    return signs if exact is None else {**signs, **_exact_signs(kkt, zero.held, exact, undecided)}


def _open(kkt: KKTProgram, zero: Zero, i: int) -> str:
    stated = _stated(kkt, i)
    if i in zero.held:
        return (
            f"whether the multiplier of {stated} is positive or zero is not decided: no strict complementarity is shown"
        )
    return (
        f"whether {stated} holds is not decided: it seems to hold with equality, and its gradient depends on those of the other "
        "active constraints (LICQ fails)"
    )


def _sign(ball: arb) -> int | None:
    if ball > 0:
        return 1
    if ball < 0:
        return -1
    return 0 if ball == 0 else None


def _exact_signs(
    kkt: KKTProgram, held: Held, exact: Sequence[Fraction], places: Sequence[int]
) -> dict[int, int | None]:
    """Signs at a rational zero: of the multipliers of constraints held, of the values of others."""
    found: dict[int, int | None] = {}
    for i in places:
        if i in held:
            value: Fraction | None = exact[kkt.dimension + i]
        else:
            values = fractions_of(kkt.program, [kkt.constraints[i]], exact)
            value = None if values is None else values[0]
        found[i] = None if value is None else (value > 0) - (value < 0)
    return found


def _second_order(kkt: KKTProgram, zero: Zero, strong: Held, *, plain: bool) -> tuple[Truth, str]:
    """Whether the point is a strict local minimum, in words too; ``strong`` are the constraints whose multipliers are not zero.

    All directions in which the objective does not change to first order are in the null space of their gradients; where the
    multipliers are ``plain`` (unique and not zero) they are all of it.
    """
    hessian, rows = kkt.hessian(), kkt.jacobian(strong)
    lines = [line for row in (*hessian, *rows) for line in row]
    with flint.ctx.workprec(BITS):
        found = balls_of(kkt.program, lines, zero.inner)
        if found is None:
            return None, "second derivatives are undefined near the KKT point"
        entry = dict(zip(lines, found, strict=True))
        square = [[entry[hessian[max(i, j)][min(i, j)]] for j in range(len(hessian))] for i in range(len(hessian))]
        counts = bordered_inertia(square, [[entry[line] for line in row] for row in rows])
    if counts is None:
        return None, "a KKT point; its second-order conditions are not decided"
    if counts[1] == 0:
        return True, "a KKT point in its box, and a strict local minimum by second-order sufficient conditions"
    if plain:
        kind = "a saddle point or a maximum" if counts[0] == 0 else "a saddle point"
        return (
            False,
            f"a KKT point in its box, and no local minimum: the reduced Hessian has a negative eigenvalue, {kind}",
        )
    return (
        None,
        "a KKT point whose second-order conditions are not decided: some active constraint has the multiplier zero",
    )


def _stated(kkt: KKTProgram, i: int) -> str:
    m = len(kkt.canonical.inequalities)
    return str(kkt.canonical.inequalities[i].stated if i < m else kkt.canonical.equalities[i - m].stated)


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
