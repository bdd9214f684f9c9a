"""Problems with functions of one variable by branch and bound with linear relaxations, as stated and in logarithms."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from lagrangian.algebra.interval_program import NotEnclosableError
from lagrangian.algebra.rational_intervals import rational
from lagrangian.candidates.interval_feasible import enclosure_near
from lagrangian.candidates.spatial import Goal, Search
from lagrangian.checking import holds
from lagrangian.conditions.factorable import NotFactorableError, factored_functions, in_logarithms
from lagrangian.conditions.interval_existence import FeasibleEnclosure
from lagrangian.conditions.interval_model import IntervalModel, interval_model
from lagrangian.conditions.propagation import bounding_box
from lagrangian.conditions.relaxation import Box, FactoredProblem
from lagrangian.numeric.functions import NumericFunctions, numeric_functions
from lagrangian.numeric.local import NumericCandidate, local_solution, numeric_candidates
from lagrangian.numeric.local import box as stated_box
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.reductions import bounds_of
from lagrangian.proof.factorable import ExactPoint, FactorableCertificate, is_continuous
from lagrangian.prove_spatial import as_tree

Vector = NDArray[np.float64]

# where no point is given: the part of the time for a first feasible one, how many starts, within what size
FIRST_POINT_SHARE = 0.15
MOST_STARTS = 50
LARGEST = 1e3

# the widths of the enclosures that are tried, wide ones first, by 1 + |value|
RELATIVE_GAPS = (fmpq(1, 10**6), fmpq(1, 10**9))
# the parts of the time in which each form shows how good it is, for checking the tree, and for local solutions on the way
TRIAL_SHARE = 0.15
CHECKING_SHARE = 0.25
LOCAL_SHARE, IDLE_SHARE = 0.3, 0.03
# local solutions that are always tried, and how many without a gain are many; what is a gain, by 1 + |value|
ALWAYS, MOST_IDLE = 3, 30
GAIN = 1e-7
# a narrower enclosure is tried for so many times the time that the wide one took, and a second
NARROWER_SHARE = 1
# denominators of the fractions near a point that are tried
DENOMINATORS = (1, 10, 1000, 10**6)

Point = FeasibleEnclosure | ExactPoint


@dataclass(frozen=True, eq=False)
class Form:
    """A problem's relaxation, in logarithms of the variables at the places ``logarithms``, if any."""

    problem: FactoredProblem
    logarithms: tuple[int, ...]

    def point(self, near: Vector) -> Vector:
        """The variables' own values."""
        found = near.copy()
        places = list(self.logarithms)
        found[places] = np.exp(found[places])
        return found


def enclose_by_relaxations(
    canonical: CanonicalProblem, candidates: Sequence[NumericCandidate], deadline: float
) -> FactorableCertificate | None:
    """Enclose the least value of a problem without parameters; None where that was not possible in time.

    Args:
        canonical: the problem.
        candidates: good points in floating point; without any, the proof that nothing is feasible is tried.
        deadline: in the seconds of time.monotonic().
    """
    if any(g.strict for g in canonical.inequalities):
        return None
    try:
        model = interval_model(canonical)
        forms = _forms(canonical)
    except (NotFactorableError, NotEnclosableError):
        return None
    improver = Improver(model, numeric_functions(canonical), *stated_box(canonical))
    points = [candidate.point for candidate in candidates]
    if not points and not canonical.integers:
        points = _from_logarithms(canonical, forms[0], deadline)
    best = improver.best_of(points)
    if best is None and points:
        return None
    if canonical.integers:
        if any(form.problem.step is not None for form in forms):  # values on a lattice are left to others
            return None
        best = improver.first(time.monotonic() + FIRST_POINT_SHARE * (deadline - time.monotonic()))
    improver.known = float("inf") if best is None else best.objective(model)[1]
    found = None
    for gap in RELATIVE_GAPS:
        started = time.monotonic()
        certificate = _closed(canonical, forms, improver, best, gap, deadline)
        if certificate is None:
            break
        found, best = certificate, certificate.point
        now = time.monotonic()
        deadline = min(deadline, now + NARROWER_SHARE * (now - started) + 1.0)
        forms = [form for form in forms if bool(form.logarithms) == found.logarithmic]
        if best is None:
            break
    return found


def _from_logarithms(canonical: CanonicalProblem, form: Form, deadline: float) -> list[Vector]:
    """The best local solution in the logarithms, in which local methods succeed where ranges are wide."""
    stated = in_logarithms(canonical) if form.logarithms else None
    if stated is None:
        return []
    until = time.monotonic() + FIRST_POINT_SHARE * (deadline - time.monotonic())
    found = numeric_candidates(stated, until, most=MOST_STARTS)
    return [form.point(candidate.point) for candidate in found[:1]]


def _forms(canonical: CanonicalProblem) -> list[Form]:
    """In logarithms first, where powers and products of several variables with positive bounds become convex terms."""
    plain = Form(factored_functions(canonical), ())
    stated = in_logarithms(canonical)
    if stated is None:
        return [plain]
    positive = tuple(i for i, (low, _) in enumerate(bounds_of(canonical).values()) if low > 0)
    try:
        logarithmic = Form(factored_functions(stated), positive)
    except NotFactorableError:
        return [plain]
    return [logarithmic, plain]


def _closed(
    canonical: CanonicalProblem,
    forms: Sequence[Form],
    improver: "Improver",
    best: Point | None,
    gap: fmpq,
    deadline: float,
) -> FactorableCertificate | None:
    """Try all forms for a while, go on with the one whose bound is best, and check the tree."""
    now = time.monotonic()
    until = deadline - CHECKING_SHARE * (deadline - now)
    searches = [(form, _search(form, improver, best, gap)) for form in forms]
    running = [(form, search) for form, search in searches if search is not None]
    cutoff = None if best is None else improver.upper(best)
    if len(running) > 1:
        for form, search in running:
            search.deadline = time.monotonic() + TRIAL_SHARE * (until - now)
            if search.run():
                return _certificate(canonical, form, search, cutoff, deadline)
    for form, search in sorted(running, key=lambda pair: -pair[1].least_bound)[:1]:
        search.deadline = until
        for _, other in running:
            search.adopt(other.best)
        if search.run():
            return _certificate(canonical, form, search, cutoff, deadline)
    return None


def _search(form: Form, improver: "Improver", best: Point | None, gap: fmpq) -> Search | None:
    """A search that has not begun; None where the points that matter are not in a box."""
    first_box = bounding_box(form.problem, None if best is None else improver.upper(best))
    if first_box is None:
        return None

    def improve(near: Vector) -> Point | None:
        return improver(form.point(near))

    def goal(upper: fmpq) -> Goal:
        return Goal(upper - gap * (1 + abs(upper)), upper)

    def continuous(box: Box) -> bool:
        return is_continuous(form.problem, box)

    return Search(
        form.problem, None, first_box, best, improve, goal, False, 0.0, upper_of=improver.upper, may_close=continuous
    )


def _certificate(
    canonical: CanonicalProblem, form: Form, search: Search, cutoff: fmpq | None, deadline: float
) -> FactorableCertificate | None:
    reached = search.goal
    certificate = FactorableCertificate(
        canonical,
        bool(form.logarithms),
        as_tree(search.root, cutoff),
        search.best,
        None if reached is None else reached.lower,
        None if reached is None else reached.upper,
        cutoff,
    )
    return certificate if holds(certificate, deadline) else None


@dataclass(eq=False)
class Improver:
    """Feasible points near points in floating point, by local solutions."""

    model: IntervalModel
    functions: NumericFunctions
    low: Vector
    high: Vector
    known: float = float("inf")
    calls: int = 0
    last_gain: int = 0
    used_s: float = 0.0
    started: float = field(default_factory=time.monotonic)

    def upper(self, point: Point) -> fmpq:
        """A value that the feasible point has at most."""
        return rational(point.objective(self.model)[1])

    def best_of(self, points: Sequence[Vector]) -> Point | None:
        """The best feasible point near any of some points: in a small box, or with short fractions."""
        found: list[Point | None] = []
        for point in points:
            enclosure = enclosure_near(self.model, point)
            found.append(enclosure if enclosure is not None else self._fractions(point))
        usable = [point for point in found if point is not None and np.isfinite(point.objective(self.model)[1])]
        return min(usable, key=self.upper, default=None)

    def _fractions(self, near: Vector) -> ExactPoint | None:
        for denominator in DENOMINATORS:
            values = [Fraction(float(x)).limit_denominator(denominator) for x in near]
            point = ExactPoint(tuple(fmpq(x.numerator, x.denominator) for x in values))
            if point.holds(self.model):
                return point
        return None

    def first(self, deadline: float) -> Point | None:
        """A feasible point with integers in their places, from a fixed sequence of starts."""
        random = np.random.default_rng(0)
        low, high = np.maximum(self.low, -LARGEST), np.minimum(self.high, LARGEST)
        found = None
        for _ in range(MOST_STARTS):
            if found is not None or time.monotonic() > deadline:
                break
            start = low + random.random(len(low)) * (high - low)
            relaxed = local_solution(self.functions, start, self.low, self.high, 0.0, loosely=True)
            for near in (start,) if relaxed is None else (relaxed.point, start):
                self.calls, self.used_s = 0, 0.0
                found = found or self(near)
        return found

    def __call__(self, near: Vector) -> Point | None:
        self.calls += 1
        share = LOCAL_SHARE if self.calls < 2 * self.last_gain + MOST_IDLE else IDLE_SHARE
        if self.calls > ALWAYS and self.used_s > share * (time.monotonic() - self.started):
            return None
        begun = time.monotonic()
        held = self.model.integers
        start = np.clip(np.where(held, np.rint(near), near), self.low, self.high)
        low, high = np.where(held, start, self.low), np.where(held, start, self.high)
        local = local_solution(self.functions, start, low, high, 0.0, loosely=True)
        found = None
        # infinity less infinity is no number
        target = self.known - GAIN * (1.0 + abs(self.known)) if np.isfinite(self.known) else self.known
        if local is not None and local.value < target:
            found = self.best_of([local.point])
        if found is not None:
            self.known, self.last_gain = min(self.known, float(found.objective(self.model)[1])), self.calls
        self.used_s += time.monotonic() - begun
        return found
