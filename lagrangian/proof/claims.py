"""What value a certificate claims, whatever its kind: the number that other certificates compare with their own."""

from dataclasses import dataclass

from flint import arb, fmpq
from sympy import Expr

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.closed_form import closed_form
from lagrangian.algebra.numbers import FieldElement, compare
from lagrangian.algebra.polynomials import to_fmpq, to_rational
from lagrangian.algebra.signs import is_zero
from lagrangian.proof.certificate import Certificate
from lagrangian.proof.proved import proved_value

PRECISIONS = (64, 128, 256)


@dataclass(frozen=True, eq=False)
class ClaimedValue:
    """The least value, or the infimum, of the canonical objective: ``low``, exactly, or a lower bound where not ``is_exact``."""

    low: FieldElement | Expr | fmpq
    is_exact: bool


def claimed_value(certificate: Certificate) -> ClaimedValue | None:
    """The value that a certificate of an optimum or an infimum claims; None for other claims."""
    found = proved_value(certificate)
    if found is None:
        return None
    return ClaimedValue(found[0], False) if isinstance(found, tuple) else ClaimedValue(found, True)


def as_expression(number: FieldElement | Expr | fmpq) -> Expr:
    if isinstance(number, FieldElement):
        return closed_form(number)
    return to_rational(number) if isinstance(number, fmpq) else number


def compare_numbers(left: FieldElement | Expr | fmpq, right: FieldElement | Expr | fmpq) -> int | None:
    """-1, 0 or 1 as left <, =, > right; None where that is not decided.

    >>> import sympy
    >>> compare_numbers(sympy.sqrt(2), fmpq(3, 2)), compare_numbers(sympy.sqrt(2) * sympy.sqrt(3), sympy.sqrt(6))
    (-1, 0)
    """
    if isinstance(left, FieldElement) and isinstance(right, FieldElement):
        return compare(left, right)
    for bits in PRECISIONS:
        mine, yours = ball_of(left, bits), ball_of(right, bits)
        if mine is None or yours is None:
            return None
        if mine < yours:
            return -1
        if mine > yours:
            return 1
    rational = _rational(left), _rational(right)
    if rational[0] is not None and rational[1] is not None:
        return 0 if rational[0] == rational[1] else (-1 if rational[0] < rational[1] else 1)
    return 0 if is_zero(as_expression(left) - as_expression(right)) is True else None


def _rational(number: FieldElement | Expr | fmpq) -> fmpq | None:
    if isinstance(number, FieldElement):
        return number.rational()
    if isinstance(number, fmpq):
        return number
    return to_fmpq(number) if number.is_Rational else None


def ball_of(number: FieldElement | Expr | fmpq, bits: int) -> arb | None:
    """A ball that holds the number."""
    if isinstance(number, FieldElement):
        return number.enclosure(bits)
    return enclose(as_expression(number), bits)
