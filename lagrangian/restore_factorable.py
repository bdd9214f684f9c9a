"""The answers of branch and bound with relaxations of functions, in the user's own terms."""

from dataclasses import replace

import flint
import sympy
from flint import arb
from sympy import Symbol

from lagrangian.algebra.polynomials import to_rational
from lagrangian.exact_numbers import PRECISION, EnclosedNumber, ExactNumber
from lagrangian.numeric.local import NumericCandidate
from lagrangian.problem.canonical import Restoration
from lagrangian.proof.factorable import FactorableCertificate
from lagrangian.solution import Solution
from lagrangian.status import Status


def restore_factorable(
    solution: Solution,
    certificate: FactorableCertificate,
    restoration: Restoration,
    elapsed_s: float,
    estimate: NumericCandidate | None,
) -> Solution:
    """An enclosed optimum with an estimate of its point, or no feasible point."""
    known = replace(
        solution, families=(), multipliers={}, shadow_prices={}, certificate=certificate, elapsed_s=elapsed_s
    )
    lower, upper = certificate.lower, certificate.upper
    if certificate.point is None or lower is None or upper is None:
        return replace(known, status=Status.INFEASIBLE, optimum=None, coordinates=(), missing=())
    with flint.ctx.workprec(PRECISION):
        middle, radius = arb((lower + upper) / 2), arb((upper - lower) / 2)
        ball = arb(middle.mid(), (radius + middle.rad()).upper()) * restoration.objective_sign
    low, high = float(to_rational(lower)), float(to_rational(upper))
    point, value = certificate.point.center, high
    if estimate is not None and estimate.value < high + (high - low):
        point, value = estimate.point, min(max(estimate.value, low), high)
    names, integers = zip(restoration.problem.over, point, strict=True), restoration.problem.integers
    return replace(
        known,
        status=Status.OPTIMAL,
        optimum=EnclosedNumber(restoration.value(value), ball),
        coordinates=({v: _coordinate(v, x, integers) for v, x in names},),
        missing=(
            "the exact value: it is enclosed, and the point is an estimate; others with that value were not looked for",
        ),
    )


def _coordinate(variable: Symbol, value: float, integers: frozenset[Symbol]) -> ExactNumber:
    return ExactNumber(sympy.Integer(round(value))) if variable in integers else EnclosedNumber(float(value))
