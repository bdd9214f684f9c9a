"""What each candidate is, by every means there is, the cheap ones first."""

import time
from dataclasses import replace
from functools import partial

from lagrangian.algebra.numbers import AlgebraicPoint
from lagrangian.candidates.weighted_cones import least_sign, signs_by_cones
from lagrangian.conditions.germ_signs import NOWHERE, Signs
from lagrangian.conditions.local_constraints import branches_near
from lagrangian.conditions.second_order import Kind, SecondOrder, kind_of, second_order, second_order_anywhere, signs_of
from lagrangian.conditions.weighted_forms import LeastSign
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
    branches = branches_near(problem, point, sorted(active_set))
    signs, reasons = NOWHERE, []
    for branch, active in branches:
        found, reason = _signs_on_branch(branch, point, active, least, deadline)
        signs = signs.united(found)
        reasons.append(reason)
    kind = kind_of(signs)
    start = judged.reason.split(";")[0]
    parts = "" if len(branches) == 1 else f"on the {len(branches)} branches of the feasible set: "
    return replace(judged, kind=kind, reason=f"{start}; {parts}{'; '.join(dict.fromkeys(reasons))}")


def _signs_on_branch(
    problem: PolynomialProblem, point: AlgebraicPoint, active: frozenset[int], least: LeastSign, deadline: float
) -> tuple[Signs, str]:
    again = second_order_anywhere(problem, point, active, least, deadline)
    if again.kind is not Kind.DEGENERATE:
        return signs_of(again), again.reason
    signs, reason = signs_by_cones(problem, point, sorted(active), deadline)
    return signs, reason if signs.is_decided else f"{again.reason}, and {reason}"
