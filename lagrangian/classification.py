"""What each candidate is, by every means there is, the cheap ones first."""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from lagrangian.algebra.numbers import AlgebraicPoint
from lagrangian.candidates.weighted_cones import least_sign, signs_by_cones
from lagrangian.conditions.local_constraints import simplified_near
from lagrangian.conditions.second_order import Kind, SecondOrder, kind_of, second_order
from lagrangian.problem.lifting import PolynomialProblem

# seconds for one degenerate point, and for the terms of higher order of all points together
POINT_LIMIT_S = 5.0
LIST_LIMIT_S = 30.0


def classify_point(
    problem: PolynomialProblem, point: AlgebraicPoint, active_set: frozenset[int], deadline: float
) -> SecondOrder:
    """The kind of a Fritz John point and the reason: second order, higher orders, Fritz John's conditions, leading forms.

    >>> import sympy
    >>> from flint import fmpq
    >>> from lagrangian.algebra.numbers import rational_point
    >>> from lagrangian.algebra.polynomials import Ring
    >>> x, y = sympy.symbols("x y")
    >>> ring = Ring((x, y))
    >>> cusp = PolynomialProblem(ring, ring.polynomial(x), (), (ring.polynomial(y**2 - x**3),))
    >>> classify_point(cusp, rational_point([fmpq(0), fmpq(0)]), frozenset(), float("inf")).kind
    <Kind.STRICT_LOCAL_MINIMUM: 'strict local minimum'>
    """
    deadline = min(deadline, time.monotonic() + POINT_LIMIT_S)
    least = partial(least_sign, deadline=deadline)
    judged = second_order(problem, point, active_set, least, deadline)
    if judged.kind is not Kind.DEGENERATE or judged.licq or time.monotonic() > deadline:
        return judged
    active: Sequence[int] = sorted(active_set)
    simpler = simplified_near(problem, point, active)
    if simpler is not None:
        problem, reduced = simpler
        active = sorted(reduced)
        again = second_order(problem, point, reduced, least, deadline)
        if again.kind is not Kind.DEGENERATE:
            return replace(
                judged, kind=again.kind, reason=f"{_start(judged)}; with simpler constraints, {again.reason}"
            )
    signs, reason = signs_by_cones(problem, point, active, deadline)
    kind = kind_of(signs)
    if kind is Kind.DEGENERATE:
        return replace(judged, reason=f"{judged.reason}, and {reason}")
    return replace(judged, kind=kind, reason=f"{_start(judged)}; decided by {reason}")


def _start(judged: SecondOrder) -> str:
    return judged.reason.split(";")[0]
