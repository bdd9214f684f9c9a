"""Points where the second-order test does not decide: what the terms of higher order say.

The objective near the point becomes a power series r(s, z), s >= 0, in as few variables as possible (``local_germ``).
In one variable the first term that does not vanish decides; in two, Newton polygons; in more, weighted leading forms.
Without constraints squares of factors are taken out first, which is what continua of minima come from.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

from flint import fmpq_mpoly

from lagrangian.algebra.numbers import AlgebraicPoint
from lagrangian.algebra.polynomials import factorization
from lagrangian.algebra.series import hessian
from lagrangian.conditions.copositivity import LARGEST, least_sign_on_orthant
from lagrangian.conditions.germ_signs import BOTH, CONSTANT, NOWHERE, POSITIVE, UNKNOWN, Signs
from lagrangian.conditions.local_germ import (
    Germ,
    LocalProblem,
    along_axes,
    eliminated,
    local_germ,
    squared_slacks,
    vanishing_bound,
)
from lagrangian.conditions.plane_germs import signs_in_the_plane
from lagrangian.conditions.weighted_forms import LeastSign, signs_by_forms
from lagrangian.logic import any3

# the orders tried one after the other, by the number of variables left
ORDERS = {1: (3, 4, 6, 8, 12, 20, 32), 2: (3, 4, 6, 8, 10, 14)}
ORDERS_OF_MANY = (2, 3, 4, 6)
LARGEST_DEGREE_OF_FIELD = 12
MOST_VARIABLES = 8


@dataclass(frozen=True, slots=True)
class HigherOrder:
    """The signs of f - f(p) near a point p of the feasible set, and the reason in words."""

    signs: Signs
    reason: str


def undecidable(_form: object, _weights: Sequence[int]) -> None:
    """The least sign of a form where nobody is asked for it."""


def higher_order(problem: LocalProblem, least_sign: LeastSign = undecidable, deadline: float = inf) -> HigherOrder:
    """The signs of the objective's difference near a point with independent active gradients.

    >>> from flint import fmpq
    >>> from sympy import symbols
    >>> from lagrangian.algebra.numbers import rational_point
    >>> from lagrangian.algebra.polynomials import Ring
    >>> x, y = symbols("x y")
    >>> monkey = Ring((x, y)).polynomial(x**3 - 3 * x * y**2)
    >>> found = higher_order(LocalProblem(monkey, (), (), rational_point([fmpq(0), fmpq(0)])))
    >>> found.signs.is_saddle, found.reason
    (True, 'terms of order 3 in 2 variables take both signs')
    """
    if problem.point.root.degree > LARGEST_DEGREE_OF_FIELD or problem.dimension > MOST_VARIABLES:
        return HigherOrder(
            UNKNOWN, "the terms of higher order were not examined: too large a field or too many variables"
        )
    problem = eliminated(problem) or problem
    if not problem.held and not problem.weak and problem.dimension > 1:
        found = _without_squares(problem, least_sign, deadline)
        if found is not None and found.signs.is_decided:
            return found
    return _by_series(problem, least_sign, deadline)


def _by_series(problem: LocalProblem, least_sign: LeastSign, deadline: float) -> HigherOrder:
    if not problem.is_stationary:
        return HigherOrder(UNKNOWN if problem.weak else BOTH, "the slope is not zero")
    found = HigherOrder(UNKNOWN, "the time for it was used up")
    germ = local_germ(problem, 2)
    for order in ORDERS.get(germ.width, ORDERS_OF_MANY):
        if time.monotonic() > deadline:
            break
        germ = local_germ(problem, order)
        found = _signs(problem, germ, least_sign)
        if found.signs.is_decided or germ.order == inf:
            break
    return found


def _signs(problem: LocalProblem, germ: Germ, least_sign: LeastSign) -> HigherOrder:
    """The signs of Q + r from the inertia of Q and the signs of r."""
    if germ.positive and germ.negative:
        return HigherOrder(BOTH, f"the Hessian has {germ.positive} positive and {germ.negative} negative eigenvalues")
    found = _residual(problem, germ, least_sign)
    start = _split_reason(germ)
    signs = found.signs
    if germ.positive:
        signs = BOTH if signs.negative else replace(signs, positive=True)
    elif germ.negative:
        signs = BOTH if signs.positive else replace(signs, negative=True)
    return HigherOrder(signs, start + found.reason)


def _split_reason(germ: Germ) -> str:
    count = germ.positive + germ.negative
    if not count:
        return ""
    word = "positive definite" if germ.positive else "negative definite"
    return f"the Hessian is {word} in {count} {_variables(count)}; where the slope in {_them(count)} vanishes, "


def _variables(count: int) -> str:
    return "variable" if count == 1 else "variables"


def _them(count: int) -> str:
    return "it" if count == 1 else "them"


def _residual(problem: LocalProblem, germ: Germ, least_sign: LeastSign) -> HigherOrder:
    if germ.width == 0:
        return HigherOrder(NOWHERE, "no direction is left")
    if not germ.series and germ.order >= vanishing_bound(problem, germ):
        return HigherOrder(CONSTANT, "the objective is constant")
    if germ.slacks and not germ.free and germ.width <= LARGEST:
        by_form = _on_orthant(germ)
        if by_form.signs.is_decided or (germ.width > 2 and any(sum(e) == 2 for e in germ.series)):
            return by_form
    series = squared_slacks(germ)
    if germ.width == 1:
        return _in_one_variable(germ)
    signs = signs_in_the_plane(series, germ.order) if germ.width == 2 else UNKNOWN
    if not signs.is_decided:
        turned = along_axes(series, germ.width, germ.order) if series and germ.width > 2 else series
        by_forms = signs_by_forms(turned, germ.width, germ.order, least_sign)
        signs = by_forms if germ.width > 2 or by_forms.is_decided else signs
    return HigherOrder(signs, _reason(signs, germ))


def _in_one_variable(germ: Germ) -> HigherOrder:
    """The first term decides; over s >= 0 its sign alone."""
    if not germ.series:
        signs = CONSTANT if germ.order == inf else UNKNOWN
        return HigherOrder(signs, "the objective is constant" if signs is CONSTANT else "no term was found")
    exponents = min(germ.series)
    order, sign = sum(exponents), germ.series[exponents].sign()
    word = "positive" if sign > 0 else "negative"
    reason = f"the first derivative that does not vanish has order {order} and is {word}"
    if order % 2 and not germ.slacks:
        return HigherOrder(BOTH, f"{reason}: a point of inflection")
    reason = f"{reason}, along the constraint that can be left" if germ.slacks else reason
    return HigherOrder(POSITIVE if sign > 0 else POSITIVE.turned(), reason)


def _on_orthant(germ: Germ) -> HigherOrder:
    """Quadratic terms in slacks of weakly active constraints: strictly copositive, or negative in a feasible direction."""
    one = next(iter(germ.series.values()), None)
    if one is None:
        return HigherOrder(UNKNOWN, "no term was found")
    second = hessian(germ.series, germ.width, one * 0)
    least, _ = least_sign_on_orthant(second)
    greatest, _ = least_sign_on_orthant([[-value for value in row] for row in second])
    form = "the quadratic form in the slacks of the weakly active constraints"
    if least > 0 or greatest > 0:
        word = "positive" if least > 0 else "negative"
        return HigherOrder(
            POSITIVE if least > 0 else POSITIVE.turned(), f"{form} is {word} where they are >= 0 (copositive)"
        )
    signs = Signs(True if greatest < 0 else None, True if least < 0 else None, None)
    words = {True: "takes both signs", False: "does not decide"}
    return HigherOrder(signs, f"{form} {words[signs.is_saddle]} where they are >= 0")


def _reason(signs: Signs, germ: Germ) -> str:
    lowest = min((sum(exponents) for exponents in germ.series), default=0)
    where = f"in {germ.width} variables" + (" (slacks >= 0 among them)" if germ.slacks else "")
    if signs == CONSTANT:
        return "the objective is constant"
    if signs.is_saddle:
        higher = "" if lowest % 2 else "and higher "
        return f"terms of order {lowest} {higher}{where} take both signs"
    if signs.is_decided:
        word = "positive" if signs.negative is False else "negative"
        kept = "" if signs.zero is False else ", or zero,"
        return f"terms of order {lowest} and higher {where} are {word}{kept} near the point, by their Newton polyhedron"
    return f"terms up to order {'any' if germ.order == inf else int(germ.order)} {where} do not decide"


def _without_squares(problem: LocalProblem, least_sign: LeastSign, deadline: float) -> HigherOrder | None:
    """f - f(p) = c e^2 o with all squares in e: it has the signs of c o, and zeros where e has them."""
    level = problem.point.value(problem.objective).rational()
    if level is None or problem.objective == level:
        return None
    unit, factors = factorization(problem.objective - level)
    sign = 1 if unit > 0 else -1
    odd: list[fmpq_mpoly] = []
    even: list[fmpq_mpoly] = []
    for factor, multiplicity in factors:
        at = problem.point.sign(factor)
        if at == 0:
            (odd if multiplicity % 2 else even).append(factor)
            if multiplicity % 2 and multiplicity > 1:
                even.append(factor)
        elif multiplicity % 2:
            sign *= at
    if not even:
        return None
    zeros = [_zeros_of(factor, problem.point, least_sign, deadline) for factor in even]
    if not odd:
        signs = Signs(True, False, any3(zeros))
        reason = "the difference to the value at the point is a square times a factor that is not zero there"
        return HigherOrder(signs if sign > 0 else signs.turned(), reason)
    rest = odd[0]
    for factor in odd[1:]:
        rest = rest * factor
    found = _by_series(replace(problem, objective=rest), least_sign, deadline)
    signs = replace(found.signs, zero=any3([found.signs.zero, *zeros]))
    return HigherOrder(signs if sign > 0 else signs.turned(), f"squares of factors left out, {found.reason}")


def _zeros_of(factor: fmpq_mpoly, point: AlgebraicPoint, least_sign: LeastSign, deadline: float) -> bool | None:
    """Whether a factor has zeros near the point: a change of its sign in two variables or more shows some."""
    signs = _by_series(LocalProblem(factor, (), (), point), least_sign, deadline).signs
    return True if signs.is_saddle else signs.zero
