"""The answers that interval branch and bound gives, in the user's own terms."""

from dataclasses import replace

import flint
import sympy
from flint import arb
from sympy import Expr, Symbol

from lagrangian.algebra.polynomials import to_fmpq
from lagrangian.exact_numbers import PRECISION, EnclosedNumber, ExactNumber
from lagrangian.numeric.local import NumericCandidate
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.proof.intervals import IntervalCertificate
from lagrangian.solution import Solution
from lagrangian.status import Status


def restore_exact_boxes(
    solution: Solution,
    certificate: IntervalCertificate,
    optima: tuple[dict[Symbol, Expr], ...],
    restoration: Restoration,
    elapsed_s: float,
) -> Solution:
    """The optimum in closed form, with all points that have it."""
    names = tuple(zip(restoration.variables, restoration.problem.over, strict=True))
    value = restoration.value(certificate.value)
    return replace(
        solution,
        status=Status.OPTIMAL,
        optimum=ExactNumber(value),
        coordinates=tuple({stated: ExactNumber(point[v]) for v, stated in names} for point in optima),
        certificate=certificate,
        missing=(),
        elapsed_s=elapsed_s,
    )


def restore_enclosed_by_boxes(
    solution: Solution,
    certificate: IntervalCertificate,
    restoration: Restoration,
    elapsed_s: float,
    estimates: tuple[NumericCandidate, ...] = (),
) -> Solution:
    """An enclosed optimum with the estimates of its points that are in floating point, or no feasible point."""
    known = replace(
        solution, families=(), multipliers={}, shadow_prices={}, certificate=certificate, elapsed_s=elapsed_s
    )
    upper = certificate.upper
    if not certificate.points or upper is None:
        return replace(known, status=Status.INFEASIBLE, optimum=None, coordinates=(), missing=())
    lower = certificate.lower
    with flint.ctx.workprec(PRECISION):
        middle, radius = arb(to_fmpq(lower + upper) / 2), arb(to_fmpq(upper - lower) / 2)
        ball = arb(middle.mid(), (radius + middle.rad()).upper()) * restoration.objective_sign
    names = tuple(zip(restoration.variables, restoration.problem.over, strict=True))
    feasible = {v: x for point in certificate.points for v, x in point.items()}
    width = float(upper - lower)
    close = [e for e in estimates if float(lower) <= e.value <= float(upper) + width and e.residual == 0.0]
    shown = [dict(zip(restoration.variables, map(sympy.Float, e.point.tolist()), strict=True)) for e in close]
    value = min([float(upper), *(max(e.value, float(lower)) for e in close)])
    return replace(
        known,
        status=Status.OPTIMAL,
        optimum=EnclosedNumber(restoration.value(value), ball),
        coordinates=tuple(
            {
                stated: ExactNumber(point[v]) if v in certificate.problem.integers else EnclosedNumber(float(point[v]))
                for v, stated in names
            }
            for point in (shown or [feasible])
        ),
        missing=("the exact value: it is enclosed, and the points are estimates; there may be others with that value",),
    )


def restore_feasible_point(
    solution: Solution, point: dict[Symbol, Expr], canonical: CanonicalProblem, restoration: Restoration
) -> Solution:
    """An undecided answer that shows a feasible point: its value is attained, whether it is the best is not known."""
    names = zip(restoration.variables, restoration.problem.over, strict=True)
    value = restoration.value(canonical.objective.xreplace(point))
    return replace(
        solution,
        status=Status.UNDECIDED,
        optimum=ExactNumber(value),
        coordinates=({stated: ExactNumber(point[v]) for v, stated in names},),
        certificate=None,
        missing=("any proof that the point is optimal: it is the best feasible one that was found", *solution.missing),
    )
