"""From points that solvers suggest to local solutions in the user's terms, with what is proved of each."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import flint
import numpy as np
import sympy
from flint import arb
from numpy.typing import NDArray
from sympy import Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.ball_program import balls_of
from lagrangian.algebra.interval_program import NotEnclosableError
from lagrangian.algebra.signs import is_nonpositive, is_zero
from lagrangian.conditions.convexity import convexity
from lagrangian.conditions.kkt_balls import BITS, KKTProgram, Zero, kkt_program
from lagrangian.conditions.kkt_judgment import Verdict
from lagrangian.numeric.kkt_verification import verify_near
from lagrangian.numeric.local import box
from lagrangian.numeric.nlp_linear import QuadraticForm, is_convex
from lagrangian.numeric.nlp_result import ClosedForm, Interval, LocalSolution, ends
from lagrangian.numeric.nlp_solvers import Evaluator, Found, starting_points
from lagrangian.numeric.recognition import closed_point, readable
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.processes.calls import call_with_limit
from lagrangian.status import Status

Vector = NDArray[np.float64]
Number = TypeVar("Number")
Programs = dict[tuple[int, ...], tuple[KKTProgram | None, str]]

# points that differ by no more, by 1 + |x|, are one before and after polishing; values that differ by no more are the same
SAME_PLACE = 1e-5
SAME = 1e-9
# how many distinct points are verified, and how long convexity may take to be decided
MOST_VERIFIED = 32
CONVEXITY_S = 1.0
# how long a closed form may be looked for, and proved
CLOSED_FORM_S = 2.0
# problems of no more operations are decided at once, without another process
SHORT = 80
ACTIVE = 1e-6


@dataclass(frozen=True, eq=False)
class Search:
    """What a search is about: the problem in both forms, its functions (compiled, or of degree two), and until when."""

    canonical: CanonicalProblem
    restoration: Restoration
    evaluator: Evaluator | None
    form: QuadraticForm | None
    deadline: float

    def floats(self, point: Vector) -> "Floats":
        """What a residual needs, at a point."""
        if self.evaluator is not None:
            values = self.evaluator.at(point)
            return Floats(values.objective, values.constraints, values.slope, values.rows)
        assert self.form is not None
        form = self.form
        return Floats(form.value(point), form.rows @ point - form.right, form.curvature @ point + form.slope, form.rows)


@dataclass(frozen=True, eq=False)
class Floats:
    """F, c, dF/dx and dc/dx at a point."""

    objective: float
    constraints: Vector
    slope: Vector
    rows: Vector


def local_solutions(search: Search, found: Sequence[Found], verify: bool) -> tuple[LocalSolution, ...]:
    """The distinct points with what is proved of each, best value first; of equal values the verified ones first.

    Points with which their solver was not satisfied count where they are verified, or where there are no others.
    """
    some_converged = any(one.converged for one in found)
    programs: Programs = {}
    kept: list[tuple[Vector, LocalSolution]] = []
    for number, (one, count) in enumerate(_distinct(found)):
        verdict, kkt = Verdict(False, "not asked for, or no time was left"), None
        if verify and number < MOST_VERIFIED and (number == 0 or time.monotonic() < search.deadline):
            verdict, kkt = _verified(search, one, programs)
        if some_converged and not (one.converged or verdict.verified):
            continue
        point, solution = _solution(search, one, count, verdict, kkt)
        if not any((np.abs(other - point) <= SAME * (1.0 + np.abs(other))).all() for other, _ in kept):
            kept.append((point, solution))
    return _ordered([solution for _, solution in kept], search.restoration.objective_sign)


def _distinct(found: Iterable[Found]) -> list[tuple[Found, int]]:
    """Each point once, best value first, and how many starts led to it."""
    kept: list[tuple[Found, int]] = []
    for one in sorted(found, key=lambda f: f.value):
        for place, (other, count) in enumerate(kept):
            if (np.abs(one.point - other.point) <= SAME_PLACE * (1.0 + np.abs(other.point))).all():
                better = one if one.miss < other.miss and one.converged >= other.converged else other
                kept[place] = (better, count + 1)
                break
        else:
            kept.append((one, 1))
    return kept


def _ordered(solutions: list[LocalSolution], sign: int) -> tuple[LocalSolution, ...]:
    best = min((sign * solution.value for solution in solutions), default=0.0)

    def order(solution: LocalSolution) -> tuple[float, bool, bool]:
        value = sign * solution.value
        tied = value <= best + SAME * (1.0 + abs(best))
        return (best if tied else value, not solution.verified, solution.is_strict_local_optimum is not True)

    return tuple(sorted(solutions, key=order))


# --- proofs ---------------------------------------------------------------------------------------------------------


def _verified(search: Search, one: Found, programs: Programs) -> tuple[Verdict, KKTProgram | None]:
    """The verdict on a point; integers are held at their values."""
    whole = np.array([v in search.canonical.integers for v in search.canonical.variables], dtype=bool)
    held = tuple(int(value) for value in one.point[whole])
    if held not in programs:
        programs[held] = _program(_with_integers(search.canonical, held))
    kkt, reason = programs[held]
    if kkt is None:
        return Verdict(False, reason), None
    if whole.all():
        return _at_integers(kkt.canonical), None
    return verify_near(kkt, one.point[~whole], one.multipliers), kkt


def _program(canonical: CanonicalProblem) -> tuple[KKTProgram | None, str]:
    try:
        return kkt_program(canonical), ""
    except NotEnclosableError as error:
        return None, str(error)


def _with_integers(canonical: CanonicalProblem, held: tuple[int, ...]) -> CanonicalProblem:
    """The problem with numbers in the places of its integer variables."""
    if not canonical.integers:
        return canonical
    names = [v for v in canonical.variables if v in canonical.integers]
    values = {v: sympy.Integer(number) for v, number in zip(names, held, strict=True)}
    return replace(
        canonical,
        objective=canonical.objective.xreplace(values),
        inequalities=tuple(replace(g, expression=g.expression.xreplace(values)) for g in canonical.inequalities),
        equalities=tuple(replace(h, expression=h.expression.xreplace(values)) for h in canonical.equalities),
        variables=tuple(v for v in canonical.variables if v not in canonical.integers),
        integers=frozenset(),
    )


def _at_integers(canonical: CanonicalProblem) -> Verdict:
    """Whether a point of integers is feasible, exactly."""
    if any(g.strict for g in canonical.inequalities):
        return Verdict(False, "there are strict inequalities between integers")
    holds = all(is_nonpositive(g.expression) is True for g in canonical.inequalities)
    if not holds or not all(is_zero(h.expression) is True for h in canonical.equalities):
        return Verdict(False, "the point of integers is not seen to be feasible")
    return Verdict(True, "the point of integers is feasible, exactly; that no other is better is not proved", True)


def status_of(search: Search, solutions: tuple[LocalSolution, ...]) -> tuple[Status, str]:
    """What is known of the problem, by its best solution, and why."""
    best = solutions[0]
    if not best.verified:
        return Status.UNDECIDED, f"not verified: {best.reason}"
    if not search.canonical.integers and _is_convex(search):
        return Status.OPTIMAL, f"{best.reason}; the problem is convex, so that a KKT point is a global optimum"
    if best.is_strict_local_optimum is not True:
        return Status.UNDECIDED, best.reason
    if search.canonical.integers:
        return Status.LOCAL, f"{best.reason}; that no other integers are better is not proved"
    return Status.LOCAL, best.reason


def _is_convex(search: Search) -> bool:
    """Whether the package's rules show the problem to be convex; they are not asked where floats see that it is not."""
    if search.form is not None and search.form.is_linear:
        return True
    if search.form is not None and not is_convex(search.form):
        return False
    if search.evaluator is not None and not _seems_convex(search.canonical, search.evaluator):
        return False
    if sum(function.count_ops() for function in search.canonical.functions) <= SHORT:
        return convexity(search.canonical).truth is True
    limit = min(CONVEXITY_S, max(search.deadline - time.monotonic(), 0.1))
    found = call_with_limit(convexity, (search.canonical,), limit)
    return found is not None and found.truth is True


def _seems_convex(canonical: CanonicalProblem, evaluator: Evaluator) -> bool:
    """Whether the Hessians of F and g have no negative eigenvalue at two points, as far as floats tell."""
    low, high = box(canonical)
    k, m = evaluator.constraint_count, len(canonical.inequalities)
    for point in starting_points(low, high, None, 3, 0)[[0, 2]]:
        for place in range(1 + m):
            matrix = evaluator.at(point, np.eye(1 + k)[place]).curvature
            scale = float(np.abs(matrix).max(initial=0.0))
            if np.isfinite(matrix).all() and np.linalg.eigvalsh(matrix).min() < -1e-9 * scale:
                return False
    return True


# --- in the user's terms --------------------------------------------------------------------------------------------


def _solution(
    search: Search, one: Found, count: int, verdict: Verdict, kkt: KKTProgram | None
) -> tuple[Vector, LocalSolution]:
    """The point, polished where it is verified, and all that is told of it."""
    canonical, restoration = search.canonical, search.restoration
    zero = verdict.zero if verdict.verified and kkt is not None else None
    point, multipliers, m = one.point, one.multipliers, len(canonical.inequalities)
    if zero is not None and kkt is not None:
        point, multipliers = _middles(canonical, one.point, zero.inner, kkt.dimension)
    floats = search.floats(point)
    if multipliers is None:
        multipliers = _estimated(floats, m)
    scale = 1.0 + float(np.abs(point).max(initial=0.0))
    seem_active = [i for i in range(m) if floats.constraints[i] > -ACTIVE * scale]
    pairs = _by_relation(search, multipliers.tolist())
    has_prices = verdict.verified and verdict.is_unique and not canonical.integers
    intervals = _multiplier_intervals(search, kkt, zero)
    return point, LocalSolution(
        x=dict(zip(restoration.problem.over, map(float, point), strict=True)),
        value=restoration.value(floats.objective) + 0.0,
        verified=verdict.verified,
        reason=verdict.reason,
        is_strict_local_optimum=verdict.is_strict_minimum,
        enclosure={} if zero is None else _box_of(search, zero.inner),
        alone_in={} if zero is None else _box_of(search, zero.outer),
        value_interval=None if zero is None else _value_interval(kkt, zero, restoration.objective_sign),
        multipliers={stated: restoration.textbook_multiplier(stated, value) + 0.0 for stated, value in pairs},
        shadow_prices={s: restoration.shadow_price(s, value) + 0.0 for s, value in pairs} if has_prices else {},
        active_set=_active(search, seem_active if zero is None else verdict.active),
        residual=_residual(floats, multipliers, m),
        solver=one.solver,
        found=count,
        multiplier_intervals={s: multiplier for s, multiplier, _ in intervals},
        price_intervals={s: price for s, _, price in intervals if has_prices},
        recognize=partial(_closed_form, search, kkt, zero, has_prices=has_prices),
    )


def _closed_form(search: Search, kkt: KKTProgram | None, zero: Zero | None, *, has_prices: bool) -> ClosedForm | None:
    """The zero in closed form, where it is found and proved in time; none beside integers, which are held at their values."""
    if kkt is None or zero is None or search.canonical.integers:
        return None
    found = call_with_limit(closed_point, (kkt, zero), CLOSED_FORM_S, may_fail=True)
    if found is None:
        return None
    restoration = search.restoration
    pairs = _by_relation(search, [readable(number) for number in found.multipliers])
    return ClosedForm(
        dict(zip(restoration.problem.over, map(readable, found.coordinates), strict=True)),
        restoration.value(readable(found.value)),
        {s: restoration.textbook_multiplier(s, number) for s, number in pairs},
        {s: restoration.shadow_price(s, number) for s, number in pairs} if has_prices else {},
    )


def _middles(canonical: CanonicalProblem, point: Vector, inner: Sequence[arb], dimension: int) -> tuple[Vector, Vector]:
    """The middles of the balls as floats: x, with the integers among them, and the multipliers."""
    polished = point.copy()
    free = [i for i, v in enumerate(canonical.variables) if v not in canonical.integers]
    polished[free] = [float(ball.mid()) for ball in inner[:dimension]]
    return polished, np.array([float(ball.mid()) for ball in inner[dimension:]])


def _box_of(search: Search, balls: Sequence[arb]) -> dict[Symbol, Interval]:
    """The balls of x as intervals, by the variables as stated; integers, which are held, are left out."""
    canonical, over = search.canonical, search.restoration.problem.over
    names = [n for v, n in zip(canonical.variables, over, strict=True) if v not in canonical.integers]
    return {name: ends(ball) for name, ball in zip(names, balls, strict=False)}


def _multiplier_intervals(
    search: Search, kkt: KKTProgram | None, zero: Zero | None
) -> list[tuple[Relational, Interval, Interval]]:
    """For every constraint as stated the interval of its multiplier, and of what would be its shadow price."""
    if kkt is None or zero is None:
        return []
    restoration = search.restoration
    with flint.ctx.workprec(BITS):
        return [
            (stated, ends(restoration.textbook_multiplier(stated, ball)), ends(restoration.shadow_price(stated, ball)))
            for stated, ball in _by_relation(search, zero.inner[kkt.dimension :])
        ]


def _value_interval(kkt: KKTProgram | None, zero: Zero, sign: int) -> Interval | None:
    if kkt is None:
        return None
    with flint.ctx.workprec(BITS):
        found = balls_of(kkt.program, [kkt.objective], zero.inner)
        return None if found is None else ends(sign * found[0])


def _estimated(floats: Floats, m: int) -> Vector:
    """Multipliers of the constraints that nearly hold with equality, by least squares."""
    k = len(floats.constraints)
    weights = np.zeros(k)
    held = [i for i in range(k) if i >= m or floats.constraints[i] > -ACTIVE]
    if held and np.isfinite(floats.rows[held]).all() and np.isfinite(floats.slope).all():
        weights[held] = np.linalg.lstsq(floats.rows[held].T, -floats.slope, rcond=None)[0]
    return weights


def _residual(floats: Floats, multipliers: Vector, m: int) -> float:
    stationarity = floats.slope + floats.rows.T @ multipliers
    misses = [np.maximum(floats.constraints[:m], 0.0), floats.constraints[m:], np.minimum(multipliers[:m], 0.0)]
    products = floats.constraints[:m] * multipliers[:m]
    return float(max(np.abs(part).max(initial=0.0) for part in (stationarity, products, *misses)))


def _by_relation(search: Search, multipliers: Sequence[Number]) -> list[tuple[Relational, Number]]:
    """The multipliers by the constraints as stated, in the order in which they are."""
    canonical, problem = search.canonical, search.restoration.problem
    stated = [*(g.stated for g in canonical.inequalities), *(h.stated for h in canonical.equalities)]
    order = {relation: place for place, relation in enumerate(problem.all_constraints)}
    pairs = list(zip(stated, multipliers, strict=True))
    return sorted(pairs, key=lambda pair: order.get(pair[0], len(order)))


def _active(search: Search, touched: Iterable[int]) -> tuple[Relational, ...]:
    canonical, problem = search.canonical, search.restoration.problem
    found = {canonical.inequalities[i].stated for i in touched} | {h.stated for h in canonical.equalities}
    return tuple(relation for relation in problem.all_constraints if relation in found)
