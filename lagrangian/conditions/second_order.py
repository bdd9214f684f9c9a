"""Multipliers and second-order conditions at one point, exactly: what kind of critical point it is, and why.

At a point with independent active gradients (LICQ) the multipliers are unique. If they are >= 0, H is the Hessian of the
Lagrangian and W the directions with zero slope along the constraints that hold with a multiplier that is not zero:
H positive definite on W proves a strict local minimum; a negative direction of H within all active constraints refutes a local
minimum (Nocedal and Wright 2006, theorems 12.5 and 12.6). For maxima all signs turn round.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import combinations

from flint import fmpq_mpoly

from lagrangian.algebra.matrices import (
    Matrix,
    Vector,
    determinant,
    inertia,
    null_space,
    quadratic_form,
    rank,
    solve_combination,
)
from lagrangian.algebra.numbers import AlgebraicPoint, FieldElement
from lagrangian.algebra.polynomials import gradient
from lagrangian.conditions.ball_inertia import signs_in_balls
from lagrangian.logic import Truth, all3, not3
from lagrangian.problem.lifting import PolynomialProblem


class Kind(Enum):
    """What a candidate is for the objective that was examined."""

    STRICT_LOCAL_MINIMUM = "strict local minimum"
    LOCAL_MINIMUM = "local minimum"
    STRICT_LOCAL_MAXIMUM = "strict local maximum"
    LOCAL_MAXIMUM = "local maximum"
    SADDLE = "saddle point"
    ISOLATED = "isolated feasible point"
    DEGENERATE = "degenerate"
    UNDECIDED = "not classified"


@dataclass(frozen=True, eq=False)
class Multipliers:
    """mu for the active inequalities and lambda for the equalities in grad F + sum(mu grad g) + sum(lambda grad h) = 0."""

    inequalities: dict[int, FieldElement]
    equalities: tuple[FieldElement, ...]


@dataclass(frozen=True, eq=False)
class SecondOrder:
    """The kind of a point, the reason in words, and what it rests on.

    ``multiplier_signs`` holds the signs of the multipliers of the active inequalities, None where there are no multipliers;
    ``eigenvalue_signs`` counts positive, negative and zero eigenvalues of the reduced Hessian, where it was computed.
    """

    kind: Kind
    reason: str
    licq: bool
    multiplier_signs: dict[int, int] | None
    eigenvalue_signs: tuple[int, int, int] | None = None


@dataclass(frozen=True, eq=False)
class _Local:
    """First derivatives at the point: the objective's gradient and those of the active constraints, with their indices."""

    problem: PolynomialProblem
    point: AlgebraicPoint
    active: tuple[int, ...]
    objective: Vector
    inequality_rows: Matrix
    equality_rows: Matrix

    @property
    def one(self) -> FieldElement:
        return self.point.value(self.problem.ring.constant(1))


def second_order(problem: PolynomialProblem, point: AlgebraicPoint, active_set: frozenset[int]) -> SecondOrder:
    """Classify a Fritz John point of a polynomial problem.

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
    local = _local(problem, point, active)
    rows = [*local.inequality_rows, *local.equality_rows]
    if rank(rows) == len(rows):
        return _with_unique_multipliers(local)
    return _without_licq(local)


def multipliers_at(problem: PolynomialProblem, point: AlgebraicPoint, active_set: frozenset[int]) -> Multipliers | None:
    """Exact multipliers of a point: the unique ones under LICQ, else some with mu >= 0 if there are any; None without any."""
    local = _local(problem, point, tuple(sorted(active_set)))
    rows = [*local.inequality_rows, *local.equality_rows]
    if rank(rows) == len(rows):
        return _multipliers(local, tuple(range(len(local.active))))
    for used in _independent_subsets(local):
        multipliers = _multipliers(local, used)
        if multipliers is not None and all(mu.sign() >= 0 for mu in multipliers.inequalities.values()):
            return multipliers
    return None


def _local(problem: PolynomialProblem, point: AlgebraicPoint, active: tuple[int, ...]) -> _Local:
    def slopes(polynomial: fmpq_mpoly) -> Vector:
        return [point.value(part) for part in gradient(polynomial, problem.dimension)]

    return _Local(
        problem,
        point,
        active,
        slopes(problem.objective),
        [slopes(problem.inequalities[i]) for i in active],
        [slopes(h) for h in problem.equalities],
    )


def _multipliers(local: _Local, used: tuple[int, ...]) -> Multipliers | None:
    """Multipliers that vanish but for the inequalities at the positions ``used`` of the active set, or None."""
    rows = [*(local.inequality_rows[k] for k in used), *local.equality_rows]
    solution = solve_combination(rows, [-slope for slope in local.objective])
    if solution is None:
        return None
    zero = local.one - 1
    inequalities = dict.fromkeys(local.active, zero)
    inequalities.update((local.active[k], solution[place]) for place, k in enumerate(used))
    return Multipliers(inequalities, tuple(solution[len(used) :]))


def _with_unique_multipliers(local: _Local) -> SecondOrder:
    multipliers = _multipliers(local, tuple(range(len(local.active))))
    if multipliers is None:
        reason = "the active gradients are independent and do not span the objective's: not stationary"
        return SecondOrder(Kind.SADDLE, reason, True, None)
    signs = {i: mu.sign() for i, mu in multipliers.inequalities.items()}
    hessian = _lagrangian_hessian(local, multipliers)
    strong = [k for k, i in enumerate(local.active) if signs[i] != 0]
    outer = _reduced_inertia(local, hessian, strong)
    inner = outer if len(strong) == len(signs) else _reduced_inertia(local, hessian, list(range(len(signs))))
    judged = judge(signs, outer, inner)
    if (
        judged.kind is Kind.DEGENERATE
        and local.problem.dimension == 1
        and not local.active
        and not local.problem.equalities
    ):
        kind, reason = _by_higher_derivatives(local)
        return SecondOrder(kind, reason, True, signs, judged.eigenvalue_signs)
    return judged


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


def _lagrangian_hessian(local: _Local, multipliers: Multipliers) -> Matrix:
    problem, point, count = local.problem, local.point, local.problem.dimension
    weighted = [
        (local.one, problem.objective),
        *((multipliers.inequalities[i], problem.inequalities[i]) for i in local.active),
        *zip(multipliers.equalities, problem.equalities, strict=True),
    ]
    rows = []
    for i in range(count):
        row = []
        for j in range(count):
            total = local.one - 1
            for weight, polynomial in weighted:
                second = polynomial.derivative(i).derivative(j)
                if second != 0 and not weight.is_zero():
                    total = total + weight * point.value(second)
            row.append(total)
        rows.append(row)
    return rows


def _reduced_inertia(local: _Local, hessian: Matrix, used: list[int]) -> tuple[int, int, int]:
    """The Hessian's inertia on the tangent space of the chosen active constraints."""
    rows = [*(local.inequality_rows[k] for k in used), *local.equality_rows]
    basis = null_space(rows, local.one, local.problem.dimension)
    return inertia(quadratic_form(hessian, basis)) if basis else (0, 0, 0)


def _without_licq(local: _Local) -> SecondOrder:
    """Dependent active gradients: some multipliers with the second-order condition still prove a strict local extremum."""
    found: dict[int, int] | None = None
    for used in _independent_subsets(local):
        multipliers = _multipliers(local, used)
        if multipliers is None:
            continue
        signs = {i: mu.sign() for i, mu in multipliers.inequalities.items()}
        for direction, kind in ((1, Kind.STRICT_LOCAL_MINIMUM), (-1, Kind.STRICT_LOCAL_MAXIMUM)):
            if all(sign * direction >= 0 for sign in signs.values()):
                found = found or signs
                strong = [k for k, i in enumerate(local.active) if signs[i]]
                counts = _reduced_inertia(local, _lagrangian_hessian(local, multipliers), strong)
                if (counts if direction > 0 else _turned(counts))[1:] == (0, 0):
                    reason = f"dependent active gradients, but {_reason(kind, signs, counts)}"
                    return SecondOrder(kind, reason, False, signs, counts)
    if found is None:
        reason = "dependent active gradients and no multipliers of one sign: a Fritz John point"
        return SecondOrder(Kind.DEGENERATE, reason, False, None)
    return SecondOrder(
        Kind.DEGENERATE, "dependent active gradients: the second-order test does not decide", False, found
    )


def _independent_subsets(local: _Local) -> Iterator[tuple[int, ...]]:
    """Sets of active inequalities with independent gradients (Caratheodory: multipliers need no more), small ones first."""
    base = rank(local.equality_rows)
    for size in range(local.problem.dimension - base + 1):
        for used in combinations(range(len(local.active)), size):
            rows = [*(local.inequality_rows[k] for k in used), *local.equality_rows]
            if rank(rows) == base + size:
                yield used


def _by_higher_derivatives(local: _Local) -> tuple[Kind, str]:
    """One variable, no constraint: the first derivative that does not vanish decides."""
    order, derivative = 2, local.problem.objective.derivative(0).derivative(0)
    while derivative != 0:
        sign = local.point.sign(derivative)
        if sign:
            word = "positive" if sign > 0 else "negative"
            reason = f"the first derivative that does not vanish has order {order} and is {word}"
            if order % 2:
                return Kind.SADDLE, f"{reason}: a point of inflection"
            return (Kind.STRICT_LOCAL_MINIMUM if sign > 0 else Kind.STRICT_LOCAL_MAXIMUM), reason
        order, derivative = order + 1, derivative.derivative(0)
    return Kind.DEGENERATE, "the objective is constant"


def bordered_minors(problem: PolynomialProblem, point: AlgebraicPoint) -> tuple[FieldElement, ...]:
    """The leading principal minors of [[0, J], [J^T, H]] of orders 2 m + 1 to n + m, for a problem without inequalities.

    Their signs decide a strict extremum (Bellman 1960). Empty without equations, or where the gradients of the equations are
    dependent.
    """
    local = _local(problem, point, ())
    border, count = len(local.equality_rows), problem.dimension
    multipliers = _multipliers(local, ()) if border and rank(local.equality_rows) == border else None
    if multipliers is None:
        return ()
    zero = local.one - 1
    hessian = _lagrangian_hessian(local, multipliers)
    matrix = [[zero] * border + row for row in local.equality_rows]
    matrix += [[*(row[i] for row in local.equality_rows), *hessian[i]] for i in range(count)]
    return tuple(
        determinant([row[:size] for row in matrix[:size]]) for size in range(2 * border + 1, border + count + 1)
    )
