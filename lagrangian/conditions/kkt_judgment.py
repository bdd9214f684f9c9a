"""What the signs of balls prove of a zero of the KKT equations: that it is a KKT point, and a strict local minimum.

Multipliers are positive, inactive constraints hold with room, and the Hessian of the Lagrangian is positive definite on the null
space of the active gradients (second-order sufficient conditions; Nocedal and Wright 2006, theorem 12.6). What balls leave open,
such as a multiplier of zero, is decided at the point itself where it is rational.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import flint
from flint import arb

from lagrangian.algebra.ball_program import balls_of, fractions_of
from lagrangian.conditions.ball_inertia import bordered_inertia
from lagrangian.conditions.kkt_balls import BITS, Held, KKTProgram, Zero, exact_zero
from lagrangian.logic import Truth


@dataclass(frozen=True, eq=False)
class Verdict:
    """What is known of the KKT point near a given point.

    Attributes:
        verified: whether a KKT point lies in the inner box of ``zero``, for certain, and no other zero of its equations in the
            outer one.
        reason: what is proved, or why nothing is.
        is_strict_minimum: whether it is a strict local minimum; None where that is not decided.
        is_unique: whether its multipliers are the only ones and those of inequalities positive.
        active: the inequalities that hold with equality, by number.
        zero: where it is; None where nothing is verified.
    """

    verified: bool
    reason: str
    is_strict_minimum: Truth = None
    is_unique: bool = False
    active: tuple[int, ...] = ()
    zero: Zero | None = None


def judged(kkt: KKTProgram, zero: Zero) -> tuple[Verdict, Held | None]:
    """Signs of multipliers and constraints at a zero, then second-order conditions; and what a wrong sign suggests instead."""
    signs = _signs(kkt, zero)
    if signs is None:
        return Verdict(False, "a function is undefined at the point, or may be"), None
    refused = _wrong_signs(kkt, zero, signs)
    if refused is not None:
        return refused
    m, held = len(kkt.canonical.inequalities), zero.held
    active = tuple(i for i in signs if i < m and (i in held or signs[i] == 0))
    for i in active:
        if kkt.canonical.inequalities[i].strict:
            return Verdict(
                False, f"{_stated(kkt, i)} is strict and holds with equality: the point is not feasible"
            ), None
    strong = tuple(i for i in held if i >= m or signs[i] == 1)
    plain = strong == held and all(signs[i] == -1 for i in signs if i not in held)
    is_strict_minimum, reason = _second_order(kkt, zero, strong, plain=plain)
    return Verdict(True, reason, is_strict_minimum, plain, active, zero), None


def _wrong_signs(kkt: KKTProgram, zero: Zero, signs: dict[int, int | None]) -> tuple[Verdict, Held | None] | None:
    """Why a zero is no KKT point, or is not seen to be one, and which constraints to hold instead; None where all signs fit."""
    m, held = len(kkt.canonical.inequalities), zero.held
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
    undecided = [i for i in signs if signs[i] is None]
    return (Verdict(False, _open(kkt, zero, undecided[0])), None) if undecided else None


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
        return True, "a KKT point in its box, and a strict local optimum by second-order sufficient conditions"
    if plain:
        kind = "a saddle point, or an optimum of the other sense" if counts[0] == 0 else "a saddle point"
        return False, f"a KKT point in its box, and no local optimum: the reduced Hessian shows {kind}"
    return None, "a KKT point; second-order conditions are not decided: some active constraint has the multiplier zero"


def _stated(kkt: KKTProgram, i: int) -> str:
    m = len(kkt.canonical.inequalities)
    return str(kkt.canonical.inequalities[i].stated if i < m else kkt.canonical.equalities[i - m].stated)
