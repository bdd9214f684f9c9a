"""Points in floating point that are proved to be strict local optima, as answers: in closed form where that is proved too."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import flint
import sympy
from flint import arb
from sympy import Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.interval_program import NotEnclosableError
from lagrangian.conditions.kkt_balls import BITS, KKTProgram, Zero, kkt_program
from lagrangian.conditions.kkt_closed_form import expression_of
from lagrangian.conditions.kkt_judgment import judged
from lagrangian.exact_numbers import EnclosedNumber, ExactNumber
from lagrangian.numeric.kkt_verification import verify_near
from lagrangian.numeric.local import NumericCandidate
from lagrangian.numeric.recognition import closed_point
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.proof.kkt_box import KKTBoxCertificate, kkt_box_certificate
from lagrangian.proof.kkt_point import KKTPointCertificate
from lagrangian.solution import Solution
from lagrangian.status import Status

Number = TypeVar("Number")

# a KKT point whose value is farther away, by 1 + |value|, is not the candidate
SAME_VALUE = 1e-6


def local_certificate(canonical: CanonicalProblem, candidate: NumericCandidate) -> KKTBoxCertificate | None:
    """The proof, checked, that a strict local minimum with the value of the candidate lies near it; None where there is none."""
    try:
        kkt = kkt_program(canonical)
    except NotEnclosableError:
        return None
    verdict = verify_near(kkt, candidate.point)
    if verdict.zero is None or verdict.is_strict_minimum is not True:
        return None
    certificate = kkt_box_certificate(kkt, verdict.zero)
    if certificate is None:
        return None
    far = abs(float(arb(certificate.lower)) - candidate.value) > SAME_VALUE * (1.0 + abs(candidate.value))
    return None if far or certificate.verified is not True else certificate


def closed_certificate(box: KKTBoxCertificate) -> KKTPointCertificate | None:
    """The proof, checked, that the local minimum in a box is a point in closed form; None where none is found and proved."""
    kkt = kkt_program(box.problem)
    zero = box.zero(kkt)
    point = None if zero is None else closed_point(kkt, zero)
    if point is None:
        return None
    certificate = KKTPointCertificate(box, point.coordinates, point.multipliers, point.value)
    return certificate if certificate.verified is True else None


def restore_local(
    solution: Solution,
    candidate: NumericCandidate,
    certificate: KKTBoxCertificate | KKTPointCertificate,
    restoration: Restoration,
) -> Solution:
    """An answer with the local optimum that the certificate is about."""
    box = certificate.box if isinstance(certificate, KKTPointCertificate) else certificate
    kkt = kkt_program(box.problem)
    zero = box.zero(kkt)
    if zero is None:
        return solution
    missing = "a proof that no other point is better"
    if certificate is box:
        missing += ", and closed forms"
    missing += (
        f": the point was found in floating point, by {candidate.source}, and is proved to be a strict local optimum"
    )
    known = replace(
        solution,
        status=Status.LOCAL,
        families=(),
        certificate=certificate,
        missing=(missing, *solution.missing),
    )
    has_prices = judged(kkt, zero)[0].is_unique
    if isinstance(certificate, KKTPointCertificate):
        return _in_closed_form(known, certificate, restoration, has_prices=has_prices)
    return _in_balls(known, kkt, zero, certificate, restoration, has_prices=has_prices)


def _in_closed_form(
    solution: Solution, certificate: KKTPointCertificate, restoration: Restoration, *, has_prices: bool
) -> Solution:
    sign = restoration.objective_sign
    pairs = _by_relation(certificate.problem, restoration, [expression_of(m) for m in certificate.multipliers])
    multipliers: dict[Relational, Expr] = {s: restoration.textbook_multiplier(s, m) for s, m in pairs}
    coordinates = map(ExactNumber, certificate.coordinates)
    return replace(
        solution,
        optimum=ExactNumber(certificate.value, sign),
        coordinates=(dict(zip(restoration.problem.over, coordinates, strict=True)),),
        multipliers=multipliers,
        shadow_prices={s: restoration.shadow_price(s, m) for s, m in pairs} if has_prices else {},
    )


def _in_balls(
    solution: Solution,
    kkt: KKTProgram,
    zero: Zero,
    certificate: KKTBoxCertificate,
    restoration: Restoration,
    *,
    has_prices: bool,
) -> Solution:
    with flint.ctx.workprec(BITS):
        middle, radius = arb(certificate.lower + certificate.upper) / 2, arb(certificate.upper - certificate.lower)
        value = arb(middle.mid(), (radius + middle.rad()).upper()) * restoration.objective_sign
        pairs = _by_relation(certificate.problem, restoration, zero.inner[kkt.dimension :])
        multipliers = {s: restoration.textbook_multiplier(s, ball) for s, ball in pairs}
        prices = {s: restoration.shadow_price(s, ball) for s, ball in pairs} if has_prices else {}
    point: dict[Symbol, ExactNumber] = {
        v: EnclosedNumber(float(ball.mid()), ball)
        for v, ball in zip(restoration.problem.over, zero.inner, strict=False)
    }
    return replace(
        solution,
        optimum=EnclosedNumber(float(value.mid()), value),
        coordinates=(point,),
        multipliers={s: _middle(ball) for s, ball in multipliers.items()},
        shadow_prices={s: _middle(ball) for s, ball in prices.items()},
        multiplier_balls=multipliers,
        price_balls=prices,
    )


def _middle(ball: arb) -> Expr:
    """The middle as a Float; zero itself for a constraint that is not active."""
    return sympy.Integer(0) if ball == 0 else sympy.Float(float(ball.mid()), 17)


def _by_relation(
    canonical: CanonicalProblem, restoration: Restoration, values: Sequence[Number]
) -> list[tuple[Relational, Number]]:
    """Numbers for all constraints under the relations as stated, in the order in which they are stated."""
    stated = [*(g.stated for g in canonical.inequalities), *(h.stated for h in canonical.equalities)]
    order = {relation: place for place, relation in enumerate(restoration.problem.all_constraints)}
    return sorted(zip(stated, values, strict=True), key=lambda pair: order[pair[0]])
