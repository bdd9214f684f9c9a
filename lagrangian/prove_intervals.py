"""Problems with functions that are not polynomial: the optimum proved, or enclosed, by interval branch and bound."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

import numpy as np
import sympy
from sympy import Expr, Symbol

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.interval_arrays import Array, float_interval
from lagrangian.algebra.interval_program import NotEnclosableError
from lagrangian.algebra.signs import is_zero
from lagrangian.candidates.interval_feasible import enclosure_near
from lagrangian.candidates.intervals import search_boxes
from lagrangian.checking import holds
from lagrangian.conditions.box_tree import Node, Tree
from lagrangian.conditions.interval_existence import FeasibleEnclosure
from lagrangian.conditions.interval_model import IntervalModel, interval_model
from lagrangian.numeric.local import NumericCandidate, interior_candidates, numeric_candidate
from lagrangian.problem.canonical import CanonicalProblem, Equality, Inequality
from lagrangian.proof.intervals import (
    BoxProof,
    IntervalCertificate,
    center_of,
    enclosure_at,
    is_feasible_exactly,
    value_step,
)

# the widths of the enclosures that are tried, wide ones first, by 1 + |value|
RELATIVE_GAPS = (1e-6, 1e-9)
# how far above an exact value the boxes away from its points are shown to lie, by 1 + |value|
EXACT_MARGIN = 1e-7
# the part of the time for one search, and for finding starting points
SEARCH_SHARE = 0.5
NUMERIC_SHARE = 0.2
LONGEST_NUMERIC_SEARCH_S = 3.0
LONGEST_IMPROVEMENT_S = 1.0
MOST_IMPROVEMENTS = 20
MOST_TIES = 64
# the part of the time for the search where a check follows
CHECKED_SHARE = 0.8
DENOMINATORS = (1, 10, 1000, 10**6)

Point = dict[Symbol, Expr]


def prove_exactly_by_boxes(
    canonical: CanonicalProblem, points: Sequence[Point], deadline: float
) -> IntervalCertificate | None:
    """That points in closed form, all with one value, are the optima: every box lies above them, or is convex around one.

    Args:
        canonical: a problem without constraints other than bounds, parameters and integers.
        points: stationary points with the least value known.
        deadline: in the seconds of time.monotonic().
    """
    models = _models(canonical)
    if models is None or not points:
        return None
    parts = []
    for model in models:
        own = _distinct([{v: point[v] for v in model.canonical.variables} for point in points])
        value = enclose(model.canonical.objective.xreplace(own[0]))
        if value is None:
            return None
        threshold = float_interval(value)[1]
        threshold += EXACT_MARGIN * (1.0 + abs(threshold))
        found = search_boxes(model, threshold, _share(deadline), own, -math.inf)
        if found.tree is None:
            return None
        parts.append(BoxProof(model.canonical, threshold, found.tree, tuple(own)))
    chosen = tuple(part.exact_points[0] for part in parts)
    certificate = IntervalCertificate(canonical, tuple(parts), chosen, is_exact=True)
    return certificate if holds(certificate, deadline) else None


def optima_of(certificate: IntervalCertificate) -> tuple[Point, ...]:
    """All points with an exact value: one of each part's."""
    if all(not part.exact_points for part in certificate.parts):
        return ({v: x for point in certificate.points for v, x in point.items()},)
    lists = [
        [p for p in part.exact_points if _same_value(part.problem.objective, p, chosen)]
        for part, chosen in zip(certificate.parts, certificate.points, strict=True)
    ]
    combined = [{v: x for piece in pieces for v, x in piece.items()} for pieces in product(*lists)]
    return tuple(combined[:MOST_TIES])


def _same_value(objective: Expr, left: Point, right: Point) -> bool:
    return is_zero(objective.xreplace(left) - objective.xreplace(right)) is True


def enclose_by_boxes(
    canonical: CanonicalProblem, near: NumericCandidate | None, deadline: float
) -> IntervalCertificate | None:
    """The optimal value between two numbers, the upper one that at a feasible point; None where that was not possible in time.

    Args:
        canonical: without parameters and integers.
        near: a good point, if one is known.
        deadline: in the seconds of time.monotonic().
    """
    models = _models(canonical)
    if models is None:
        return None
    starts = [_start(model, near, canonical, len(models), deadline) for model in models]
    if any(start is None for start in starts):
        return None
    best = None
    for gap in RELATIVE_GAPS:
        certificate = _enclosed(canonical, models, [s for s in starts if s is not None], gap / len(models), deadline)
        if certificate is None:
            break
        best = certificate
    return best


def prove_integers_by_boxes(
    canonical: CanonicalProblem, deadline: float
) -> tuple[IntervalCertificate | None, Point | None]:
    """The optimum of a problem some of whose variables are integers, or that nothing is feasible; and the best point known.

    The value is exact where all variables are integers and the objective is a polynomial, else it is enclosed. Integer
    variables without bounds are cut for ever: then there is no certificate.
    """
    try:
        model = interval_model(canonical)
    except NotEnclosableError:
        return None, None
    point = _integer_start(model, deadline)
    step = value_step(canonical)
    while True:
        threshold, best = math.inf, math.inf
        if point is not None:
            best = enclosure_at(model, model.objective, point)[1]
            if math.isinf(best):
                return None, None
            threshold = best - (float(step) / 2 if step is not None else RELATIVE_GAPS[0] * (1.0 + abs(best)))
        found = search_boxes(
            model,
            threshold,
            _until(deadline, CHECKED_SHARE),
            (),
            threshold,
            ceiling=threshold if step is not None else best,
        )
        if found.point is not None:
            point = _exact(model, found.point)
            if is_feasible_exactly(model, point) is not True:
                return None, None
            continue
        if found.tree is None:
            return None, point
        points = () if point is None else (point,)
        certificate = IntervalCertificate(
            canonical, (BoxProof(canonical, threshold, found.tree),), points, is_exact=step is not None and bool(points)
        )
        return (certificate if holds(certificate, deadline) else None), point


def _integer_start(model: IntervalModel, deadline: float) -> Point | None:
    """A feasible point near the solution of the continuous relaxation, in fractions with short denominators."""
    relaxed = replace(model.canonical, integers=frozenset())
    near = numeric_candidate(relaxed, min(_until(deadline, NUMERIC_SHARE), time.monotonic() + LONGEST_NUMERIC_SEARCH_S))
    for rounding in () if near is None else (np.rint, np.floor, np.ceil):
        assert near is not None
        rounded = np.where(model.integers, rounding(near.point), near.point)
        for denominator in DENOMINATORS:
            values = [sympy.Rational(Fraction(float(x)).limit_denominator(denominator)) for x in rounded]
            point = dict(zip(model.canonical.variables, values, strict=True))
            if is_feasible_exactly(model, point) is True:
                return point
    return None


def refute_by_boxes(canonical: CanonicalProblem, deadline: float) -> IntervalCertificate | None:
    """That no point is feasible; None where that was not shown in time."""
    models = _models(canonical)
    for chosen in models or ():
        tree = search_boxes(chosen, math.inf, _share(deadline), (), -math.inf).tree
        if tree is None:
            continue
        parts = tuple(
            BoxProof(m.canonical, math.inf, tree) if m is chosen else BoxProof(m.canonical, -math.inf, _one_leaf())
            for m in models or ()
        )
        certificate = IntervalCertificate(canonical, parts, ())
        if holds(certificate, deadline):
            return certificate
    return None


def _one_leaf() -> Tree:
    zero = np.zeros(1, dtype=np.int64)
    return Tree(np.full(1, int(Node.SETTLED), dtype=np.int8), zero - 1, zero, np.zeros(1), {}, {}, {})


@dataclass(frozen=True, eq=False)
class _Feasible:
    """A feasible point, in fractions or, where there is an ``enclosure``, somewhere in it; its objective is at most ``value``."""

    near: Array
    point: Point
    value: float
    enclosure: FeasibleEnclosure | None = None


def _enclosed(
    canonical: CanonicalProblem, models: Sequence[IntervalModel], starts: list[_Feasible], gap: float, deadline: float
) -> IntervalCertificate | None:
    parts, known = [], []
    for place, model in enumerate(models):
        for _ in range(MOST_IMPROVEMENTS):
            start = starts[place]
            threshold = start.value - gap * (1.0 + abs(start.value))
            found = search_boxes(model, threshold, _share(deadline), (), threshold, start.near, start.value)
            if found.point is None:
                break
            improved = _improved(model, found.point, deadline)
            if improved is None or improved.value >= start.value:
                return None
            starts[place] = improved
        if found.tree is None:
            return None
        parts.append(BoxProof(model.canonical, threshold, found.tree))
        known.append(start)
    enclosures = tuple(start.enclosure for start in known)
    certificate = IntervalCertificate(
        canonical,
        tuple(parts),
        tuple(start.point for start in known),
        enclosures=enclosures if any(e is not None for e in enclosures) else (),
    )
    return certificate if holds(certificate, deadline) else None


def _improved(model: IntervalModel, point: Array, deadline: float) -> _Feasible | None:
    """The better of a point found on the way and a local solution near it."""
    here = _feasible_at(model, point)
    until = min(deadline, time.monotonic() + LONGEST_IMPROVEMENT_S)
    local = numeric_candidate(model.canonical, until, first=point, most=1)
    return _least([here, None if local is None else _feasible_near(model, local)])


def _start(
    model: IntervalModel, near: NumericCandidate | None, whole: CanonicalProblem, count: int, deadline: float
) -> _Feasible | None:
    """A feasible point for one part."""
    known = None
    if near is not None:
        place = {v: i for i, v in enumerate(whole.variables)}
        point = np.array([near.point[place[v]] for v in model.canonical.variables])
        known = NumericCandidate(point, near.value, near.residual)
    if count > 1 or known is None:
        until = min(_until(deadline, NUMERIC_SHARE / count), time.monotonic() + LONGEST_NUMERIC_SEARCH_S)
        found = numeric_candidate(model.canonical, until)
        known = found if found is not None else known
    return None if known is None else _feasible_near(model, known)


def _feasible_near(model: IntervalModel, candidate: NumericCandidate) -> _Feasible | None:
    """The point itself, moved into the bounds; a zero of its active constraints near it; or one with margins to them."""
    found = _least([_feasible_at(model, candidate.point), _enclosure_at(model, candidate.point)])
    if found is not None or model.is_box:
        return found
    inside = interior_candidates(model.canonical, candidate)
    return _least([_feasible_at(model, other.point) or _enclosure_at(model, other.point) for other in inside])


def _feasible_at(model: IntervalModel, near: Array) -> _Feasible | None:
    point = _exact(model, near)
    if is_feasible_exactly(model, point) is not True:
        return None
    value = enclosure_at(model, model.objective, point)[1]
    return None if math.isinf(value) else _Feasible(near, point, value)


def _enclosure_at(model: IntervalModel, near: Array) -> _Feasible | None:
    enclosure = None if model.is_box else enclosure_near(model, near)
    if enclosure is None:
        return None
    value = enclosure.objective(model)[1]
    return None if math.isinf(value) else _Feasible(near, center_of(model, enclosure), value, enclosure)


def _least(found: Sequence[_Feasible | None]) -> _Feasible | None:
    return min((f for f in found if f is not None), key=lambda f: f.value, default=None)


def _exact(model: IntervalModel, point: Array) -> Point:
    """The point, moved into the bounds, in fractions: a floating-point number is one."""
    inside = np.clip(point, model.low_ends[1], model.high_ends[0])
    values = [sympy.Rational(*float(x).as_integer_ratio()) for x in inside]
    return dict(zip(model.canonical.variables, values, strict=True))


def _until(deadline: float, share: float) -> float:
    now = time.monotonic()
    return now + share * (deadline - now)


def _share(deadline: float) -> float:
    return _until(deadline, SEARCH_SHARE)


def _distinct(points: Sequence[Point]) -> list[Point]:
    kept: list[Point] = []
    for point in points:
        if point not in kept:
            kept.append(point)
    return kept


def _models(canonical: CanonicalProblem) -> list[IntervalModel] | None:
    try:
        return [interval_model(part) for part in separated(canonical)]
    except NotEnclosableError:
        return None


def separated(canonical: CanonicalProblem) -> tuple[CanonicalProblem, ...]:
    """The problem as several ones in different variables whose objectives add up to it; itself where it is not a sum.

    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, y = sympy.symbols("x y")
    >>> canonical, _ = canonicalize(Problem(sympy.sin(x) + y**2 - y, [x >= 0, x <= 9], over=[x, y]))
    >>> [part.objective for part in separated(canonical)]
    [sin(x), y**2 - y]
    """
    terms = sympy.Add.make_args(sympy.expand(canonical.objective, deep=False))
    constraints: list[Inequality | Equality] = [*canonical.inequalities, *canonical.equalities]
    groups: list[set[Symbol]] = [{v} for v in canonical.variables]
    for names in [*(t.free_symbols for t in terms), *(c.expression.free_symbols for c in constraints)]:
        touched = [g for g in groups if g & names]
        groups = [g for g in groups if not g & names] + ([set().union(*touched)] if touched else [])
    if len(groups) < 2 or any(not c.expression.free_symbols for c in constraints):
        return (canonical,)
    groups.sort(key=lambda g: min(canonical.variables.index(v) for v in g))
    parts = []
    for place, group in enumerate(groups):
        own = [t for t in terms if t.free_symbols & group or (place == 0 and not t.free_symbols)]
        parts.append(
            replace(
                canonical,
                objective=sympy.Add(*own),
                inequalities=tuple(g for g in canonical.inequalities if g.expression.free_symbols & group),
                equalities=tuple(h for h in canonical.equalities if h.expression.free_symbols & group),
                variables=tuple(v for v in canonical.variables if v in group),
                integers=canonical.integers & group,
            )
        )
    return tuple(parts)
