"""Problems with integer and continuous variables by cases: each continuous problem that matters is solved by itself, exactly.

Either all assignments are listed, where the integers are few, or branch and bound over boxes leaves those that may be as good
as the best one. What solves a continuous problem comes from above, as a function of the problem and of the time it may take.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from flint import fmpq
from sympy import Eq, Le, Lt

from lagrangian.candidates.spatial import Goal, Search
from lagrangian.checking import holds
from lagrangian.conditions.assignments import Assignment, UndecidedSignError, fixed
from lagrangian.conditions.propagation import bounding_box
from lagrangian.conditions.relaxation import Box, factored
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.problem.problem import Problem
from lagrangian.proof.cases import Case, CasesCertificate, NoOthers, Others, OthersAbove
from lagrangian.proof.certificate import Claim
from lagrangian.proof.claims import ClaimedValue, ball_of, claimed_value, compare_numbers
from lagrangian.proof.lifted import integer_places, lifted_without_integers, ranges_of
from lagrangian.prove_spatial import as_tree, first_feasible
from lagrangian.solution import Solution

Solver = Callable[[Problem, float], Solution]

# how many assignments are looked at one by one, and how many continuous problems may be left of them
MOST_LISTED = 5_000
MOST_CASES = 60
# how far above the best value other assignments are shown to lie, by 1 + |value|
MARGIN = fmpq(1, 10**5)
# seconds for one continuous problem, and the part of the time that is left for it
LONGEST_CASE_S = 6.0
CASE_SHARE = 0.3
LEAST_CASE_S = 0.5
CHECKING_SHARE = 0.25
# the part of the time for a first feasible point
FIRST_SHARE = 0.15


@dataclass(frozen=True, eq=False)
class Solved:
    """A case with what is proved of it, and the solution of the continuous problem, if one was left."""

    case: Case
    claim: Claim
    value: ClaimedValue | None = None
    solution: Solution | None = None


@dataclass(frozen=True, eq=False)
class CasesOutcome:
    """A proof, with the cases that have the best value."""

    certificate: CasesCertificate
    best: tuple[Solved, ...]


@dataclass(eq=False)
class Casebook:
    """The cases solved so far, the best value among them, and the value above which no other assignment matters."""

    problem: CanonicalProblem
    solver: Solver
    deadline: float
    solved: dict[Assignment, Solved] = field(default_factory=dict)
    failed: set[Assignment] = field(default_factory=set)
    best: ClaimedValue | None = None
    threshold: fmpq | None = None

    def look_at(self, assignment: Assignment) -> Solved | None:
        """What holds of an assignment; None where that was not found out."""
        if assignment in self.failed:
            return None
        if assignment not in self.solved:
            found = self._solve(assignment)
            if found is None:
                self.failed.add(assignment)
                return None
            self.solved[assignment] = found
            self._compare(found)
        return self.solved[assignment]

    @property
    def is_unbounded(self) -> bool:
        return any(s.claim is Claim.UNBOUNDED for s in self.solved.values())

    def _solve(self, assignment: Assignment) -> Solved | None:
        try:
            left = fixed(self.problem, assignment)
        except UndecidedSignError:
            return None
        if left is None:
            return Solved(Case(assignment), Claim.INFEASIBLE)
        if not left.variables:
            return Solved(Case(assignment), Claim.GLOBAL_OPTIMUM, ClaimedValue(left.objective, True))
        now = time.monotonic()
        limit = min(LONGEST_CASE_S, CASE_SHARE * (self.deadline - now))
        if limit < LEAST_CASE_S:
            return None
        solution = self.solver(stated(left), limit)
        certificate = solution.certificate
        if certificate is None or certificate.verified is not True or certificate.claim is Claim.LOCAL_OPTIMUM:
            return None
        value = claimed_value(certificate)
        if value is None and certificate.claim not in (Claim.INFEASIBLE, Claim.UNBOUNDED):
            return None
        return Solved(Case(assignment, certificate), certificate.claim, value, solution)

    def _compare(self, found: Solved) -> None:
        if found.value is None:
            return
        order = -1 if self.best is None else compare_numbers(found.value.low, self.best.low)
        if order == -1:
            self.best = found.value
            high = _above(found.value.low)
            self.threshold = None if high is None else high + MARGIN * (1 + abs(high))


def stated(canonical: CanonicalProblem) -> Problem:
    """The canonical problem as one that can be solved by itself."""
    inequalities: list[Any] = [
        (Lt if g.strict else Le)(g.expression, 0, evaluate=False) for g in canonical.inequalities
    ]
    equalities: list[Any] = [Eq(h.expression, 0, evaluate=False) for h in canonical.equalities]
    return Problem(
        canonical.objective, [*inequalities, *equalities], over=canonical.variables, integers=canonical.integers
    )


def _above(value: Any) -> fmpq | None:
    """A short rational number that is not less."""
    ball = ball_of(value, 64)
    if ball is None:
        return None
    return fmpq((ball.upper().fmpq() * 2**40).ceil(), 2**40)


def prove_by_listing(problem: CanonicalProblem, solver: Solver, deadline: float) -> CasesOutcome | None:
    """All assignments one by one, where they are few; None where they are many, or one of them is not solved."""
    ranges = ranges_of(problem)
    count = 1
    for low, high in ranges or ():
        count *= max(0, high - low + 1)
    if ranges is None or count > MOST_LISTED:
        return None
    try:
        everything = product(*(range(low, high + 1) for low, high in ranges))
        open_ = [assignment for assignment in everything if fixed(problem, assignment) is not None]
    except UndecidedSignError:
        return None
    if len(open_) > MOST_CASES:
        return None
    book = Casebook(problem, solver, _until(deadline))
    for assignment in open_:
        if book.look_at(assignment) is None or time.monotonic() > book.deadline:
            return None
        if book.is_unbounded:
            break
    return _outcome(book, NoOthers(), deadline)


def prove_by_search(problem: CanonicalProblem, solver: Solver, deadline: float) -> CasesOutcome | None:
    """Branch and bound over boxes, whose open leaves are solved as cases.

    Args:
        problem: polynomial after new variables.
        solver: solves a continuous problem within some seconds.
        deadline: in the seconds of time.monotonic().
    """
    lifted = lifted_without_integers(problem)
    if lifted is None:
        return None
    places = integer_places(problem)
    book = Casebook(problem, solver, _until(deadline))
    now = time.monotonic()
    point = first_feasible(lifted, places, now + FIRST_SHARE * (book.deadline - now))
    if point is not None:
        book.look_at(tuple(int(point.center[i].p) for i in sorted(places)))
    search = _search(lifted, sorted(places), book)
    if search is None:
        return None
    cutoff = book.threshold
    closed = search.run()
    if book.is_unbounded:
        return _outcome(book, NoOthers(), deadline)
    if not closed or (book.best is not None and book.threshold is None):
        return None
    return _outcome(book, OthersAbove(as_tree(search.root, cutoff), book.threshold, cutoff), deadline)


def _search(lifted: PolynomialProblem, places: list[int], book: Casebook) -> Search | None:
    products = factored(lifted, frozenset(places))
    box = bounding_box(products, book.threshold)
    if box is None:
        return None

    def settle(box: Box) -> bool:
        sides = [box[i] for i in places]
        if any(low != high for low, high in sides):
            return False
        found = book.look_at(tuple(int(low.p) for low, _ in sides))
        if found is not None and book.threshold is not None:
            search.aim(Goal(book.threshold, book.threshold, is_strict=True))
        return found is not None

    search = Search(products, lifted, box, None, lambda near: None, _no_goal, False, book.deadline, settle)
    if book.threshold is not None:
        search.aim(Goal(book.threshold, book.threshold, is_strict=True))
    return search


def _no_goal(upper: fmpq) -> Goal:
    return Goal(upper, upper, is_strict=True)


def _outcome(book: Casebook, others: Others, deadline: float) -> CasesOutcome | None:
    """The claim that the cases allow, checked."""
    cases = tuple(s.case for s in book.solved.values())
    if book.is_unbounded:
        unbounded = tuple(s for s in book.solved.values() if s.claim is Claim.UNBOUNDED)
        certificate = CasesCertificate(book.problem, (unbounded[0].case,), others, Claim.UNBOUNDED)
        return CasesOutcome(certificate, unbounded) if holds(certificate, deadline) else None
    if book.best is None:
        certificate = CasesCertificate(book.problem, cases, others, Claim.INFEASIBLE)
        return CasesOutcome(certificate, ()) if holds(certificate, deadline) else None
    value = book.best.low
    best = tuple(s for s in book.solved.values() if s.value is not None and compare_numbers(s.value.low, value) == 0)
    reached = tuple(s for s in best if s.claim is Claim.GLOBAL_OPTIMUM and s.value is not None and s.value.is_exact)
    claim = Claim.GLOBAL_OPTIMUM if reached else Claim.NOT_ATTAINED
    certificate = CasesCertificate(book.problem, cases, others, claim, value)
    return CasesOutcome(certificate, reached or best) if holds(certificate, deadline) else None


def _until(deadline: float) -> float:
    now = time.monotonic()
    return deadline - CHECKING_SHARE * (deadline - now) if deadline < float("inf") else deadline
