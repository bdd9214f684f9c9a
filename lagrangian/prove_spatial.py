"""Polynomial problems in a box whose candidates are too many to list: branch and bound, also with integer variables."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import sympy
from flint import fmpq
from numpy.typing import NDArray
from sympy import Expr, Symbol

from lagrangian.candidates.feasible import feasible_near
from lagrangian.candidates.spatial import Goal, Node, Search, rounded_points
from lagrangian.checking import holds
from lagrangian.conditions.existence import FeasibleBox
from lagrangian.conditions.propagation import bounding_box
from lagrangian.conditions.relaxation import FactoredProblem, factored, is_feasible
from lagrangian.numeric.functions import NumericFunctions
from lagrangian.numeric.local import NumericCandidate
from lagrangian.numeric.polynomials import local_candidate, polynomial_functions, stated_box
from lagrangian.problem.lifting import Lifting, PolynomialProblem
from lagrangian.proof.spatial import Improved, Leaf, Move, Narrowed, SpatialCertificate, Split, Tree

Vector = NDArray[np.float64]
OnBetter = Callable[[FeasibleBox], None]

# the widths of the enclosures that are tried, wide ones first, by 1 + |value|
RELATIVE_GAPS = (fmpq(1, 10**6), fmpq(1, 10**9))
# a narrower enclosure is tried if this many times the time of the last is left
WORTH_ANOTHER = 4
# the part of the time that is left for checking the tree, for listing all optima, and for local solutions during the search
CHECKING_SHARE = 0.25
LISTING_SHARE = 0.5
LOCAL_SHARE = 0.3
# starts for a first feasible point, and the part of the time for them
MOST_STARTS = 100
# the cubes in which a feasible point is looked for where variables are not bounded, and the part of the time for each
CUBES = (10, 1000)
CUBE_SHARE = 0.15
FIRST_SHARE = 0.3
LARGEST = 1e3


@dataclass(frozen=True, eq=False)
class SpatialOutcome:
    """A proof, or the best feasible point alone, with the value that it has at most."""

    certificate: SpatialCertificate | None
    point: FeasibleBox | None
    upper: fmpq | None


def prove_in_a_box(
    problem: PolynomialProblem, lifting: Lifting, candidates: Sequence[NumericCandidate], deadline: float
) -> SpatialCertificate | None:
    """Enclose the least value of a problem whose better points lie in a box; None where that was not possible in time.

    Args:
        problem: without strict inequalities.
        lifting: how its later variables are defined by the first ones.
        candidates: good points in floating point, some of them with a margin to the inequalities.
        deadline: in the seconds of time.monotonic().
    """
    if problem.strict:
        return None
    points = [
        feasible_near(problem, frozenset(), given)
        for given in map(completing(lifting), candidates)
        if given is not None
    ]
    known = [point for point in points if point is not None]
    if not known:
        return None
    best = min(known, key=lambda point: point.value(problem)[1])
    return _narrowing_down(problem, frozenset(), best, deadline).certificate


def prove_with_integers(
    problem: PolynomialProblem, integers: frozenset[int], deadline: float, on_better: OnBetter | None = None
) -> SpatialOutcome:
    """The least value of a problem some of whose variables take integer values only, or that nothing is feasible.

    The value is exact where the objective has integer variables only, else enclosed. ``on_better`` is called with every feasible
    point that is better than those before.
    """
    if problem.strict:
        return SpatialOutcome(None, None, None)
    point = None
    if bounding_box(factored(problem, integers), None) is None:
        point = feasible_somewhere(problem, integers, deadline)
    return _narrowing_down(problem, integers, point, deadline, on_better)


def feasible_somewhere(problem: PolynomialProblem, integers: frozenset[int], deadline: float) -> FeasibleBox | None:
    """A feasible point near local solutions, or in a cube that is searched; None where none was found in time."""
    now = time.monotonic()
    point = first_feasible(problem, integers, now + CUBE_SHARE * (deadline - now))
    for size in CUBES if point is None else ():
        now = time.monotonic()
        cube = [sign * x - size for x in problem.ring.generators for sign in (1, -1)]
        boxed = replace(problem, objective=problem.ring.constant(0), inequalities=(*problem.inequalities, *cube))
        point = _narrowing_down(boxed, integers, None, now + CUBE_SHARE * (deadline - now)).point
        if point is not None:
            break
    return point


def first_feasible(problem: PolynomialProblem, integers: frozenset[int], deadline: float) -> FeasibleBox | None:
    """A feasible point near local solutions with rounded integers; None where none was found in time."""
    return Improver(problem, factored(problem, integers)).first(deadline)


def _narrowing_down(
    problem: PolynomialProblem,
    integers: frozenset[int],
    point: FeasibleBox | None,
    deadline: float,
    on_better: OnBetter | None = None,
) -> SpatialOutcome:
    """Enclosures one after the other, as long as there is time for another."""
    found = SpatialOutcome(None, point, None)
    for gap in RELATIVE_GAPS:
        started = time.monotonic()
        outcome = _search(problem, integers, found.point, gap, deadline, on_better)
        if outcome.certificate is None:
            return outcome if found.certificate is None else found
        found = outcome
        took = time.monotonic() - started
        if outcome.certificate.is_exact or outcome.point is None or deadline - time.monotonic() < WORTH_ANOTHER * took:
            break
    return found


def _search(
    problem: PolynomialProblem,
    integers: frozenset[int],
    point: FeasibleBox | None,
    gap: fmpq,
    deadline: float,
    on_better: OnBetter | None,
) -> SpatialOutcome:
    """Search until all leaves are closed, then check the tree."""
    products = factored(problem, integers)
    now = time.monotonic()
    until = deadline - CHECKING_SHARE * (deadline - now)
    improver = Improver(problem, products)
    if point is None:
        point = improver.first(now + FIRST_SHARE * (until - now))
    cutoff = None if point is None else point.value(problem)[1]
    box = bounding_box(products, cutoff)
    if box is None:
        return SpatialOutcome(None, point, cutoff)
    lists = products.has_integers_only
    goals = _goals(problem, products, gap)
    search = Search(products, problem, box, point, improver, goals, lists, until, on_better=on_better)
    if lists:
        search.deadline = now + LISTING_SHARE * (until - now)
    closed = search.run()
    if not closed and lists:
        search = Search(products, problem, box, search.best, improver, goals, False, until, on_better=on_better)
        closed = search.run()
    if not closed:
        return SpatialOutcome(None, search.best, search.upper)
    goal = search.goal
    certificate = SpatialCertificate(
        problem,
        as_tree(search.root, cutoff),
        search.best,
        None if goal is None else goal.lower,
        None if goal is None else goal.upper,
        integers,
        tuple(search.optima) if search.lists_optima else (),
        cutoff,
    )
    return SpatialOutcome(certificate if holds(certificate, deadline) else None, search.best, search.upper)


def _goals(problem: PolynomialProblem, products: FactoredProblem, gap: fmpq) -> Callable[[fmpq], Goal]:
    """What to show of a value: that it is the least where values have a least distance, else up to the gap."""

    def goal(upper: fmpq) -> Goal:
        return Goal(upper if products.step is not None else upper - gap * (1 + abs(upper)), upper)

    return goal


@dataclass(eq=False)
class Improver:
    """Looks for feasible points near points in floating point, by rounding, and by local solutions with the integers held."""

    problem: PolynomialProblem
    products: FactoredProblem
    functions: NumericFunctions = field(init=False)
    seen: set[tuple[int, ...]] = field(default_factory=set)
    calls: int = 0
    used_s: float = 0.0

    def __post_init__(self) -> None:
        self.functions = polynomial_functions(self.problem)
        self.low, self.high = stated_box(self.problem)
        self.started = time.monotonic()

    def first(self, deadline: float) -> FeasibleBox | None:
        """A first feasible point, from a fixed sequence of starts."""
        random = np.random.default_rng(0)
        low, high = np.maximum(self.low, -LARGEST), np.minimum(self.high, LARGEST)
        for number in range(MOST_STARTS):
            if time.monotonic() > deadline:
                break
            start = np.clip(
                np.ones(len(low)) if number == 0 else low + random.random(len(low)) * (high - low), low, high
            )
            if number % 2:
                start = np.clip(random.normal(size=len(low)) * 3.0, low, high)
            found = self._local(start)
            if found is not None:
                return found
        return None

    def __call__(self, near: Vector) -> FeasibleBox | None:
        """The best point found near a solution of a relaxation; None without one."""
        self.calls += 1
        integers = self.products.integers
        points = [p for p in rounded_points(near, integers) if is_feasible(self.problem, p)]
        found = [FeasibleBox(p) for p in points]
        elapsed = time.monotonic() - self.started
        if not self.products.has_integers_only and (self.calls < 4 or self.used_s < LOCAL_SHARE * elapsed):
            local = self._from_relaxation(near)
            found += [] if local is None else [local]
        return min(found, key=lambda point: point.value(self.problem)[1], default=None)

    def _from_relaxation(self, near: Vector) -> FeasibleBox | None:
        integers = sorted(self.products.integers)
        key = tuple(round(float(near[i])) for i in integers)
        if integers and key in self.seen:
            return None
        self.seen.add(key)
        return self._local(near)

    def _local(self, near: Vector) -> FeasibleBox | None:
        """A local solution with the integers held at rounded values, made exact."""
        started = time.monotonic()
        low, high = self.low.copy(), self.high.copy()
        start = near.copy()
        for i in self.products.integers:
            low[i] = high[i] = start[i] = round(float(np.clip(near[i], low[i], high[i])))
        found = None
        for margin in (0.0, 1e-7):
            candidate = local_candidate(self.functions, start, low, high, margin)
            if candidate is not None:
                found = feasible_near(self.problem, self.products.integers, candidate.point)
            if candidate is None or found is not None:
                break
        self.used_s += time.monotonic() - started
        return found


def completing(lifting: Lifting) -> Callable[[NumericCandidate], Vector | None]:
    """The values of all variables, also of those that the lifting has added, at a candidate; None where one is not defined."""
    names = list(lifting.variables)
    definitions: list[Expr] = list(lifting.definitions.values())
    evaluate = sympy.lambdify([names], definitions, modules="numpy")

    def completed(candidate: NumericCandidate) -> Vector | None:
        added: list[Symbol] = evaluate(candidate.point) if definitions else []
        values = np.array([*candidate.point, *added], dtype=complex)
        return values.real if np.isfinite(values.real).all() and not values.imag.any() else None

    return completed


def as_tree(root: Node, cutoff: fmpq | None) -> Tree:
    """The nodes as plain records, from the leaves up, without recursion."""
    uppers: dict[int, fmpq | None] = {id(root): cutoff}
    made: dict[int, Tree] = {}
    stack = [root]
    while stack:
        node = stack[-1]
        if any(id(child) not in made for child in node.children):
            uppers |= {id(child): node.upper for child in node.children}
            stack += node.children
            continue
        tree: Tree
        if not node.children:
            tree = Leaf(node.multipliers, node.is_empty, node.cuts)
        elif node.moved:
            tree = Narrowed(tuple(Move(*move) for move in node.moved), node.cuts, made[id(node.children[0])])
        else:
            tree = Split(node.variable, node.at, made[id(node.children[0])], made[id(node.children[1])])
        changed = node.upper is not None and node.upper != uppers[id(node)]
        made[id(node)] = Improved(node.upper, tree) if changed and node.upper is not None else tree
        stack.pop()
    return made[id(root)]
