"""What a certificate proves of the value: a number exactly, or an interval that holds it."""

from collections.abc import Callable
from typing import Any, TypeAlias

from flint import arb, fmpq
from sympy import Expr, Rational

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.closed_form import closed_form
from lagrangian.algebra.numbers import AlgebraicPoint, FieldElement
from lagrangian.algebra.polynomials import to_fmpq, to_rational
from lagrangian.proof.certificate import Certificate, Claim
from lagrangian.proof.changes import ChangeCertificate
from lagrangian.proof.convexity import ConvexityCertificate
from lagrangian.proof.intervals import IntervalCertificate
from lagrangian.proof.limits import ClosureCertificate, InfimumCertificate
from lagrangian.proof.monotone import MonotoneCertificate
from lagrangian.proof.second_order import LocalCertificate

Bounds = tuple[fmpq, fmpq]
ProvedValue: TypeAlias = FieldElement | Expr | Bounds | None


def proved_value(certificate: Certificate) -> ProvedValue:
    """The value of the canonical objective that the certificate proves; None where it proves none, or none that can be read.

    For NOT_ATTAINED it is the infimum, for LOCAL_OPTIMUM the value at the point.
    """
    if isinstance(certificate, MonotoneCertificate):
        outer, inner = certificate.outer, certificate.inner
        if inner.claim is Claim.UNBOUNDED:
            return outer.offset if certificate.claim is Claim.NOT_ATTAINED else None
        return _carried(outer.value, proved_value(inner))
    if isinstance(certificate, ChangeCertificate):
        reduced = certificate.reduced
        if reduced is None:
            return None
        return _carried(lambda w: reduced.scale * w + reduced.offset, proved_value(certificate.inner))
    if isinstance(certificate, ClosureCertificate):
        return certificate.closed.value
    if isinstance(certificate, ConvexityCertificate):
        return certificate.problem.objective.xreplace(certificate.point)
    if isinstance(certificate, LocalCertificate):
        return certificate.point.value(certificate.problem.objective)
    if isinstance(certificate, InfimumCertificate):
        return certificate.infimum
    if isinstance(certificate, IntervalCertificate):
        return _of_boxes(certificate)
    carried = getattr(certificate, "inner", None)
    return proved_value(carried) if isinstance(carried, Certificate) else _stated(certificate)


def algebraic_points(certificate: Certificate) -> tuple[AlgebraicPoint, ...]:
    """The points in number fields whose feasibility the certificate shows, with the coordinates of lifted variables."""
    points = [
        *getattr(certificate, "minimizers", ()),
        *(getattr(certificate, part, None) for part in ("minimizer", "point")),
    ]
    return tuple(point for point in points if isinstance(point, AlgebraicPoint))


def _of_boxes(certificate: IntervalCertificate) -> ProvedValue:
    if not certificate.points:
        return None
    if certificate.is_exact:
        return certificate.value
    upper = certificate.upper
    return None if upper is None else (to_fmpq(certificate.lower), to_fmpq(upper))


def _stated(certificate: Certificate) -> ProvedValue:
    """The value, or its bounds, as the certificate's fields have them."""
    value = getattr(certificate, "value", None)
    if isinstance(value, fmpq):
        return to_rational(value)
    if isinstance(value, FieldElement | Expr):
        return value
    low, high = (_as_fraction(getattr(certificate, end, None)) for end in ("lower", "upper"))
    if low is None or high is None:
        return None
    return to_rational(low) if low == high else (low, high)


def _as_fraction(end: Any) -> fmpq | None:
    return end if isinstance(end, fmpq) else to_fmpq(end) if isinstance(end, Rational) else None


def _carried(increasing: Callable[[Expr], Expr], inner: ProvedValue) -> ProvedValue:
    """What an increasing function makes of a proved value."""
    if inner is None:
        return None
    if isinstance(inner, tuple):
        low, high = (enclose(increasing(to_rational(end))) for end in inner)
        return None if low is None or high is None else (_fraction(low.lower()), _fraction(high.upper()))
    return increasing(closed_form(inner) if isinstance(inner, FieldElement) else inner)


def _fraction(end: arb) -> fmpq:
    return end.fmpq()
