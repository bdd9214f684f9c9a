"""Points in floating point that are proved to be strict local optima, as answers."""

from dataclasses import replace

import flint
from flint import arb
from sympy import Symbol

from lagrangian.algebra.interval_program import NotEnclosableError
from lagrangian.conditions.kkt_balls import BITS, kkt_program
from lagrangian.exact_numbers import EnclosedNumber, ExactNumber
from lagrangian.numeric.kkt_verification import verify_near
from lagrangian.numeric.local import NumericCandidate
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.proof.kkt_box import KKTBoxCertificate, kkt_box_certificate
from lagrangian.solution import Solution
from lagrangian.status import Status

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


def restore_local(
    solution: Solution,
    candidate: NumericCandidate,
    certificate: KKTBoxCertificate,
    restoration: Restoration,
) -> Solution:
    """An answer with the local optimum that the certificate is about."""
    zero = certificate.zero(kkt_program(certificate.problem))
    if zero is None:
        return solution
    with flint.ctx.workprec(BITS):
        middle, radius = arb(certificate.lower + certificate.upper) / 2, arb(certificate.upper - certificate.lower)
        value = arb(middle.mid(), (radius + middle.rad()).upper()) * restoration.objective_sign
    point: dict[Symbol, ExactNumber] = {
        v: EnclosedNumber(float(ball.mid()), ball)
        for v, ball in zip(restoration.problem.over, zero.inner, strict=False)
    }
    what = (
        "a proof that no other point is better, and closed forms: the point was found in floating point, by "
        f"{candidate.source}, and is proved to be a strict local optimum"
    )
    return replace(
        solution,
        status=Status.LOCAL,
        optimum=EnclosedNumber(float(value.mid()), value),
        coordinates=(point,),
        families=(),
        multipliers={},
        shadow_prices={},
        certificate=certificate,
        missing=(what, *solution.missing),
    )
