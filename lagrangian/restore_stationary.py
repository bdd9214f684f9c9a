"""The answer that a complete list of enclosed stationary points gives, in the user's own terms."""

from dataclasses import replace
from functools import partial

import flint
import numpy as np
from flint import arb

from lagrangian.algebra.polynomials import to_fmpq
from lagrangian.conditions.box_tree import exact_float
from lagrangian.conditions.second_order import Kind
from lagrangian.conditions.stationary_faces import Face, kind_on
from lagrangian.exact_numbers import PRECISION, EnclosedNumber, ExactNumber
from lagrangian.problem.canonical import Restoration
from lagrangian.proof.stationary_list import StationaryListCertificate
from lagrangian.solution import Solution, StationaryPoint
from lagrangian.status import Status

KINDS = {
    "minimum": (Kind.STRICT_LOCAL_MINIMUM, Kind.STRICT_LOCAL_MAXIMUM),
    "maximum": (Kind.STRICT_LOCAL_MAXIMUM, Kind.STRICT_LOCAL_MINIMUM),
    "saddle": (Kind.SADDLE, Kind.SADDLE),
    "": (Kind.UNDECIDED, Kind.UNDECIDED),
}
REASON = "the signs of the slopes across the active bounds and of the curvature along them, on a box around the point"


def restore_stationary_list(
    solution: Solution, certificate: StationaryListCertificate, restoration: Restoration
) -> Solution:
    """The enclosed optimum, all points that may attain it, and all candidates with their kinds."""
    best = certificate.best
    return replace(
        solution,
        status=Status.OPTIMAL,
        optimum=_number(float(certificate.lower), float(certificate.upper), restoration.objective_sign),
        coordinates=tuple(_coordinates(certificate, restoration, *entry[:3]) for entry in best),
        families=(),
        multipliers={},
        shadow_prices={},
        certificate=certificate,
        missing=("closed forms: the value and the points are enclosed", *_ties(len(best))),
        complete=True,
        classify=partial(classified, certificate, restoration),
    )


def _ties(count: int) -> tuple[str, ...]:
    if count == 1:
        return ()
    return (f"whether the {count} points have the same value: they cannot be told apart, and each may be the optimum",)


def classified(certificate: StationaryListCertificate, restoration: Restoration) -> tuple[StationaryPoint, ...]:
    """All candidates, best first. The only one with the best value is a global optimum; of several none is said to be."""
    best = certificate.best
    found = []
    for face, low, high, value in certificate.candidates:
        kind = KINDS[kind_on(certificate.model, face, low, high)][0 if restoration.objective_sign > 0 else 1]
        is_best = len(best) == 1 and best[0][1] is low
        found.append(
            StationaryPoint(
                _coordinates(certificate, restoration, face, low, high),
                _number(*value, restoration.objective_sign),
                kind,
                REASON if kind is not Kind.UNDECIDED else "slopes or curvature have no certain sign",
                tuple(
                    g.stated
                    for g in certificate.problem.inequalities
                    if g.expression.free_symbols <= set(face.corner) and g.expression.xreplace(face.corner) == 0
                ),
                is_best,
            )
        )
    return tuple(found)


def _coordinates(
    certificate: StationaryListCertificate, restoration: Restoration, face: Face, low: np.ndarray, high: np.ndarray
) -> dict:
    """Bounds are exact, the other coordinates enclosed."""
    place = {v: i for i, v in enumerate(certificate.problem.variables)}
    found = {}
    for v, stated in zip(restoration.variables, restoration.problem.over, strict=True):
        i = place[v]
        found[stated] = ExactNumber(face.corner[v]) if v in face.corner else _number(float(low[i]), float(high[i]), 1)
    return found


def _number(low: float, high: float, sign: int) -> EnclosedNumber:
    """A number between two, or minus it."""
    with flint.ctx.workprec(PRECISION):
        first, last = to_fmpq(exact_float(low)), to_fmpq(exact_float(high))
        middle, radius = arb((first + last) / 2), arb((last - first) / 2)
        ball = arb(middle.mid(), (radius + middle.rad()).upper()) * sign
    return EnclosedNumber(sign * 0.5 * (low + high), ball)
