"""Multipliers and second-order conditions at one point, exactly: what kind of critical point it is, and why.

At a point with independent active gradients (LICQ) the multipliers are unique. If they are >= 0, H is the Hessian of
the Lagrangian and W the directions with zero slope along the constraints that hold with a multiplier that is not
zero: H positive definite on W proves a strict local minimum; a negative direction of H within all active constraints
refutes a local minimum (Nocedal and Wright 2006, theorems 12.5 and 12.6). For maxima all signs turn round. Where this
does not decide, the terms of higher order are asked (``degenerate``), and with dependent gradients the conditions of
Fritz John (``fritz_john``).
"""

from dataclasses import dataclass, replace
from enum import Enum
from itertools import islice
from math import inf

from lagrangian.algebra.matrices import rank
from lagrangian.algebra.numbers import AlgebraicPoint
from lagrangian.conditions.ball_inertia import signs_in_balls
from lagrangian.conditions.degenerate import HigherOrder, higher_order, undecidable
from lagrangian.conditions.fritz_john import fritz_john_judgment
from lagrangian.conditions.germ_signs import BOTH, UNKNOWN, Signs
from lagrangian.conditions.local_germ import LocalProblem
from lagrangian.conditions.multipliers import (
    Local,
    fitting_multipliers,
    independent_rows,
    independent_subsets,
    lagrangian_hessian,
    local_derivatives,
    reduced_inertia,
)
from lagrangian.conditions.weighted_forms import LeastSign
from lagrangian.logic import Truth, all3, not3
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.shown import Displayed

MOST_SUBSETS = 2000
MOST_RELAXATIONS = 12
NOT_STATIONARY = "the active gradients are independent and do not span the objective's: not stationary"


class Kind(Displayed, Enum):
    """What a candidate is for the objective that was examined.

    Attributes:
        STRICT_LOCAL_MINIMUM: all other feasible points nearby have greater values.
        LOCAL_MINIMUM: no feasible point nearby has a lesser value; whether some have the same is not said.
        STRICT_LOCAL_MAXIMUM, LOCAL_MAXIMUM: the same for greater values.
        SADDLE: there are feasible points as near as one likes with greater and with lesser values.
        ISOLATED: no other point nearby is feasible.
        DEGENERATE: no test decided, those of higher order included.
        UNDECIDED: it was not examined.

    >>> from sympy import symbols
    >>> from lagrangian import minimize
    >>> x, y = symbols("x y")
    >>> [point.kind.value for point in minimize(x**3 - 3 * x + y**2, [x >= -3], over=[x, y]).stationary_points]
    ['strict local minimum', 'strict local minimum', 'saddle point']
    """

    STRICT_LOCAL_MINIMUM = "strict local minimum"
    LOCAL_MINIMUM = "local minimum"
    STRICT_LOCAL_MAXIMUM = "strict local maximum"
    LOCAL_MAXIMUM = "local maximum"
    SADDLE = "saddle point"
    ISOLATED = "isolated feasible point"
    DEGENERATE = "degenerate"
    UNDECIDED = "not classified"


# what an extremum of a larger set says of the signs on a smaller one
EXTREMA = {
    Kind.STRICT_LOCAL_MINIMUM: Signs(None, False, False),
    Kind.LOCAL_MINIMUM: Signs(None, False, None),
    Kind.STRICT_LOCAL_MAXIMUM: Signs(False, None, False),
    Kind.LOCAL_MAXIMUM: Signs(False, None, None),
    Kind.ISOLATED: Signs(False, False, False),
}


@dataclass(frozen=True, eq=False)
class SecondOrder:
    """The kind of a point, the reason in words, and what it rests on.

    ``multiplier_signs`` holds the signs of the multipliers of the active inequalities, None where there are no
    multipliers; ``eigenvalue_signs`` counts positive, negative and zero eigenvalues of the reduced Hessian, where it
    was computed.
    """

    kind: Kind
    reason: str
    licq: bool
    multiplier_signs: dict[int, int] | None
    eigenvalue_signs: tuple[int, int, int] | None = None


def second_order(
    problem: PolynomialProblem,
    point: AlgebraicPoint,
    active_set: frozenset[int],
    least_sign: LeastSign = undecidable,
    deadline: float = inf,
) -> SecondOrder:
    """Classify a Fritz John point of a polynomial problem; at other points ``second_order_anywhere`` is right.

    ``least_sign`` is asked for the least sign of weighted forms in three variables or more; ``deadline``, in the
    seconds of time.monotonic(), ends the search in higher orders.

    >>> import sympy
    >>> from flint import fmpq
    >>> from lagrangian.algebra.numbers import rational_point
    >>> from lagrangian.algebra.polynomials import Ring
    >>> x, y = sympy.symbols("x y")
    >>> ring = Ring((x, y))
    >>> saddle = PolynomialProblem(ring, ring.polynomial(x**2 - y**2), (), ())
    >>> second_order(saddle, rational_point([fmpq(0), fmpq(0)]), frozenset()).kind
    <Kind.SADDLE: 'saddle point'>
    """
    active = tuple(sorted(active_set))
    in_balls = signs_in_balls(problem, point, active)
    if in_balls is not None:
        return judge(*in_balls)
    local = local_derivatives(problem, point, active)
    rows = [*local.inequality_rows, *local.equality_rows]
    if rank(rows) < len(rows):
        return _without_licq(local, least_sign, deadline)
    judged, signs = _with_unique_multipliers(local)
    if judged.kind is not Kind.DEGENERATE:
        return judged
    return _by_higher_order(local, judged, signs, least_sign, deadline)


def second_order_anywhere(
    problem: PolynomialProblem,
    point: AlgebraicPoint,
    active_set: frozenset[int],
    least_sign: LeastSign = undecidable,
    deadline: float = inf,
) -> SecondOrder:
    """The same at a feasible point that need not be a Fritz John point: whether it is one is examined first."""
    local = local_derivatives(problem, point, tuple(sorted(active_set)))
    rows = [*local.inequality_rows, *local.equality_rows]
    if rank(rows) == len(rows) and fitting_multipliers(local, tuple(range(len(local.active)))) is None:
        return SecondOrder(Kind.SADDLE, NOT_STATIONARY, True, None)
    return second_order(problem, point, active_set, least_sign, deadline)


def has_licq(problem: PolynomialProblem, point: AlgebraicPoint, active_set: frozenset[int]) -> bool:
    """Whether the gradients of all active constraints are independent, which makes the multipliers unique."""
    local = local_derivatives(problem, point, tuple(sorted(active_set)))
    rows = [*local.inequality_rows, *local.equality_rows]
    return rank(rows) == len(rows)


def _with_unique_multipliers(local: Local) -> tuple[SecondOrder, dict[int, int]]:
    multipliers = fitting_multipliers(local, tuple(range(len(local.active))))
    if multipliers is None:
        return SecondOrder(Kind.SADDLE, NOT_STATIONARY, True, None), {}
    signs = {i: mu.sign() for i, mu in multipliers.inequalities.items()}
    hessian = lagrangian_hessian(local, multipliers)
    strong = [k for k, i in enumerate(local.active) if signs[i] != 0]
    outer = reduced_inertia(local, hessian, strong)
    inner = outer if len(strong) == len(signs) else reduced_inertia(local, hessian, list(range(len(signs))))
    return judge(signs, outer, inner), signs


def _by_higher_order(
    local: Local, judged: SecondOrder, signs: dict[int, int], least_sign: LeastSign, deadline: float
) -> SecondOrder:
    """On the face where the inequalities with a multiplier that is not zero hold as equations, by terms of higher order.

    With mu > 0 the objective grows with the slack of the constraint, so that it has a minimum exactly if it has one
    on the face.
    """
    problem = local.problem
    strong = tuple(problem.inequalities[i] for i in local.active if signs[i])
    weak = tuple(problem.inequalities[i] for i in local.active if not signs[i])
    face = LocalProblem(problem.objective, (*problem.equalities, *strong), weak, local.point)
    found = higher_order(face, least_sign, deadline)
    taken = found.signs
    if strong:
        rising = next(sign for sign in signs.values() if sign) > 0
        taken = replace(taken, positive=True) if rising else replace(taken, negative=True)
    return _with_signs(judged, HigherOrder(taken, found.reason), "the second-order test does not decide")


def _with_signs(judged: SecondOrder, found: HigherOrder, before: str) -> SecondOrder:
    kind = kind_of(found.signs)
    start = judged.reason.replace(before, found.reason) if before in judged.reason else found.reason
    if kind is not Kind.DEGENERATE:
        return replace(judged, kind=kind, reason=start)
    half = {(True, None): ", so that it is no maximum", (None, True): ", so that it is no minimum"}
    known = half.get((found.signs.positive, found.signs.negative), "")
    return replace(judged, reason=f"{judged.reason}, and neither do higher orders: {found.reason}{known}")


def signs_of(judged: SecondOrder) -> Signs:
    """What a kind says of the signs of the objective's difference nearby."""
    known = EXTREMA.get(judged.kind, BOTH if judged.kind is Kind.SADDLE else UNKNOWN)
    if not judged.licq or judged.kind not in EXTREMA:
        return known
    # with independent gradients a minimum or maximum that is not isolated or constant has values beside its own
    rising = known.negative is False and known.zero is False and known.positive is None
    falling = known.positive is False and known.zero is False and known.negative is None
    return replace(known, positive=True) if rising else replace(known, negative=True) if falling else known


def kind_of(signs: Signs) -> Kind:
    """What a point is whose neighbors have these signs of the objective's difference.

    >>> kind_of(Signs(True, False, True))
    <Kind.LOCAL_MINIMUM: 'local minimum'>
    """
    if signs.is_strict_minimum and signs.is_strict_maximum:
        return Kind.ISOLATED
    if signs.is_strict_minimum:
        return Kind.STRICT_LOCAL_MINIMUM
    if signs.is_strict_maximum:
        return Kind.STRICT_LOCAL_MAXIMUM
    if signs.negative is False:
        return Kind.LOCAL_MINIMUM
    if signs.positive is False:
        return Kind.LOCAL_MAXIMUM
    return Kind.SADDLE if signs.is_saddle else Kind.DEGENERATE


def judge(signs: dict[int, int], outer: tuple[int, int, int], inner: tuple[int, int, int]) -> SecondOrder:
    """The kind from the multipliers' signs and the inertia on the tangent spaces of the strongly active and all active ones."""
    minimum = _extremum(all(sign >= 0 for sign in signs.values()), outer, inner)
    maximum = _extremum(all(sign <= 0 for sign in signs.values()), _turned(outer), _turned(inner))
    kind = _kind(minimum, maximum)
    return SecondOrder(kind, _reason(kind, signs, outer), True, signs, outer)


def _extremum(possible: bool, outer: tuple[int, int, int], inner: tuple[int, int, int]) -> Truth:
    """Whether it is a strict minimum, from the signs of the multipliers and the inertia on the outer and inner subspace."""
    if not possible or inner[1] > 0:
        return False
    return True if outer[1] == outer[2] == 0 else None


def _turned(counts: tuple[int, int, int]) -> tuple[int, int, int]:
    return counts[1], counts[0], counts[2]


def _kind(minimum: Truth, maximum: Truth) -> Kind:
    if minimum and maximum:
        return Kind.ISOLATED
    if minimum:
        return Kind.STRICT_LOCAL_MINIMUM
    if maximum:
        return Kind.STRICT_LOCAL_MAXIMUM
    return Kind.SADDLE if all3([not3(minimum), not3(maximum)]) else Kind.DEGENERATE


def _reason(kind: Kind, signs: dict[int, int], counts: tuple[int, int, int]) -> str:
    directions = sum(counts)
    if kind is Kind.ISOLATED:
        return "the active constraints leave no direction and no multiplier has a sign: both minimum and maximum"
    if kind is Kind.SADDLE and {1, -1} <= set(signs.values()):
        return "multipliers of both signs: the objective falls and rises along the constraints"
    if directions == 0:
        return "a vertex: as many active constraints as variables, all multipliers of one sign"
    space = f"on the {directions}-dimensional tangent space of the active constraints " if signs else ""
    numbers = f"{counts[0]} positive, {counts[1]} negative, {counts[2]} zero eigenvalues"
    described = f"the reduced Hessian {space}has {numbers}"
    multiplier = next((sign for sign in signs.values() if sign), 0)
    if kind is Kind.SADDLE and not (counts[0] and counts[1]):
        # with L = F + sum(mu g), F changes by mu times the slack gained when an active inequality is left
        off = (
            "falls when an active inequality is left, so it is no minimum"
            if multiplier < 0
            else ("rises when an active inequality is left, so it is no maximum")
        )
        return f"the objective {off}, and {described}"
    if kind is Kind.DEGENERATE:
        weak = " and some multipliers vanish" if 0 in signs.values() else ""
        return f"{described}{weak}: the second-order test does not decide"
    return described


def _without_licq(local: Local, least_sign: LeastSign, deadline: float) -> SecondOrder:
    """Dependent active gradients: Fritz John's conditions of second order, then sets with fewer constraints."""
    found = _signs_of_some_multipliers(local)
    abnormal = "" if found is not None else " and no multipliers of one sign: a Fritz John point"
    start = f"dependent active gradients{abnormal}"
    judgment = fritz_john_judgment(local)
    signs, reasons = (judgment.signs, [judgment.reason]) if judgment is not None else (UNKNOWN, [])
    if not signs.is_decided:
        relaxed, why = _with_fewer_constraints(local, least_sign, deadline)
        signs, reasons = signs.joined(relaxed), [*reasons, *why]
    kind = kind_of(signs)
    known = ["the second-order conditions do not decide"] if kind is Kind.DEGENERATE else []
    return SecondOrder(kind, "; ".join([start, *reasons, *known]), False, found)


def _with_fewer_constraints(local: Local, least_sign: LeastSign, deadline: float) -> tuple[Signs, list[str]]:
    """A minimum of a larger set is one of the smaller: constraints are left out until the gradients are independent."""
    problem = local.problem
    equalities = tuple(problem.equalities[j] for j in independent_rows(local.equality_rows))
    subsets = list(islice(independent_subsets(local), MOST_SUBSETS))
    largest = max((len(used) for used in subsets), default=0)
    for used in [used for used in subsets if len(used) == largest][:MOST_RELAXATIONS]:
        kept = tuple(problem.inequalities[local.active[k]] for k in used)
        smaller = replace(problem, inequalities=kept, equalities=equalities, strict=frozenset(), facts=())
        judged = second_order_anywhere(smaller, local.point, frozenset(range(len(kept))), least_sign, deadline)
        if judged.kind in EXTREMA:
            reason = f"with independent ones of the constraints alone it is one already, where {judged.reason}"
            return EXTREMA[judged.kind], [reason]
    return UNKNOWN, []


def _signs_of_some_multipliers(local: Local) -> dict[int, int] | None:
    """The signs of some multipliers of the objective that have one sign, if there are any."""
    for used in islice(independent_subsets(local), MOST_SUBSETS):
        multipliers = fitting_multipliers(local, used)
        if multipliers is not None:
            signs = {i: mu.sign() for i, mu in multipliers.inequalities.items()}
            if len({sign for sign in signs.values() if sign}) < 2:
                return signs
    return None
