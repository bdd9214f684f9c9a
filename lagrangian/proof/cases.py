"""A certificate by cases: the integer variables take few values that matter, and each continuous problem left is proved."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from flint import fmpq
from sympy import Expr

from lagrangian.algebra.numbers import FieldElement
from lagrangian.conditions.assignments import Assignment, UndecidedSignError, fixed, integer_variables
from lagrangian.conditions.cuts import CutMaker
from lagrangian.conditions.relaxation import Box, factored
from lagrangian.logic import Truth
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.about import is_about
from lagrangian.proof.certificate import Certificate, Claim
from lagrangian.proof.claims import ClaimedValue, claimed_value, compare_numbers
from lagrangian.proof.lifted import integer_places, lifted_without_integers, ranges_of
from lagrangian.proof.spatial import Leaf, Tree, lies_above, tree_holds

# the assignments that may be listed one by one
MOST_ASSIGNMENTS = 100_000


@dataclass(frozen=True, eq=False)
class Case:
    """Values of the integer variables, and a certificate for the problem that they leave.

    There is none where nothing is left to prove: a constraint is violated, or all variables are integers.
    """

    assignment: Assignment
    certificate: Certificate | None = None


@dataclass(frozen=True, eq=False)
class NoOthers:
    """Constraints bound the integer variables, and every assignment within the bounds is a case, or violates a constraint."""

    @property
    def threshold(self) -> None:
        """Nothing is left outside the cases."""
        return None

    def holds(self, problem: CanonicalProblem, cases: frozenset[Assignment]) -> Truth:
        ranges = ranges_of(problem)
        if ranges is None:
            return None
        count = 1
        for low, high in ranges:
            count *= max(0, high - low + 1)
        if count > MOST_ASSIGNMENTS:
            return None
        everything = product(*(range(low, high + 1) for low, high in ranges))
        return all(assignment in cases or fixed(problem, assignment) is None for assignment in everything)

    def explanation(self) -> str:
        return "The constraints bound the integer variables, so that there are no other values than those looked at."


@dataclass(frozen=True, eq=False)
class OthersAbove:
    """A tree of boxes (see `lagrangian.proof.spatial`) shows that every point outside the cases has a value above ``threshold``.

    Without a threshold, that nothing is feasible outside them.
    """

    tree: Tree
    threshold: fmpq | None
    cutoff: fmpq | None

    def holds(self, problem: CanonicalProblem, cases: frozenset[Assignment]) -> Truth:
        lifted = lifted_without_integers(problem)
        if lifted is None:
            return None
        places = integer_places(problem)
        maker = CutMaker(factored(lifted, places))
        is_case = _case_test(sorted(places), cases)

        def closes(leaf: Leaf, box: Box, upper: fmpq | None) -> bool:
            return is_case(box) or lies_above(maker, lifted, leaf, box, upper, self.threshold)

        return self._is_above(self.cutoff) and tree_holds(maker, self.tree, self.cutoff, self._is_above, closes)

    def _is_above(self, cutoff: fmpq | None) -> bool:
        return cutoff is None or (self.threshold is not None and cutoff >= self.threshold)

    def explanation(self) -> str:
        if self.threshold is None:
            return "Linear relaxations over boxes show that nothing is feasible for any other values of the integer variables."
        return (
            "Linear relaxations over boxes show that for all other values of the integer variables the objective, of the problem "
            f"written as a minimization, is above {float(self.threshold):.10g}."
        )


Others = NoOthers | OthersAbove


def _case_test(places: list[int], cases: frozenset[Assignment]) -> Callable[[Box], bool]:
    def is_case(box: Box) -> bool:
        sides = [box[i] for i in places]
        return all(low == high for low, high in sides) and tuple(int(low.p) for low, _ in sides) in cases

    return is_case


@dataclass(frozen=True, eq=False)
class CasesCertificate(Certificate):
    """What holds of the cases holds of the problem: the least value of a case, where ``others`` has nothing below it.

    ``value`` is the optimal value, for ``NOT_ATTAINED`` the infimum; None for the other claims.
    """

    problem: CanonicalProblem
    cases: tuple[Case, ...]
    others: Others
    claim: Claim
    value: FieldElement | Expr | fmpq | None = None

    kind = "integer cases"

    def verify(self) -> Truth:
        try:
            judged = [self._judged(case) for case in self.cases]
            if any(answer is None for answer in judged):
                return None
            known = [answer for answer in judged if answer is not None]
            if self.claim is Claim.UNBOUNDED:
                return any(claim is Claim.UNBOUNDED for claim, _ in known)
            return self._nothing_is_below(known) and self.others.holds(self.problem, self._assignments)
        except UndecidedSignError:
            return None

    @cached_property
    def _assignments(self) -> frozenset[Assignment]:
        return frozenset(case.assignment for case in self.cases)

    def _judged(self, case: Case) -> tuple[Claim, ClaimedValue | None] | None:
        """What is proved of a case; None where nothing is."""
        if len(case.assignment) != len(integer_variables(self.problem)):
            return None
        left = fixed(self.problem, case.assignment)
        if left is None:
            return Claim.INFEASIBLE, None
        if not left.variables:
            return Claim.GLOBAL_OPTIMUM, ClaimedValue(left.objective, True)
        certificate = case.certificate
        if certificate is None or not is_about(certificate, left) or certificate.verified is not True:
            return None
        if certificate.claim in (Claim.INFEASIBLE, Claim.UNBOUNDED):
            return certificate.claim, None
        value = claimed_value(certificate)
        return None if value is None or certificate.claim is Claim.LOCAL_OPTIMUM else (certificate.claim, value)

    def _nothing_is_below(self, known: list[tuple[Claim, ClaimedValue | None]]) -> bool:
        """Whether the claim is right as far as the cases go, and the threshold for the others is above the value."""
        if any(claim is Claim.UNBOUNDED for claim, _ in known):
            return False
        values = [(claim, value) for claim, value in known if value is not None]
        threshold = self.others.threshold
        if self.claim is Claim.INFEASIBLE:
            return not values and threshold is None and self.value is None
        if self.value is None or (threshold is not None and compare_numbers(threshold, self.value) != 1):
            return False
        orders = [compare_numbers(value.low, self.value) for _, value in values]
        equal = [pair for pair, order in zip(values, orders, strict=True) if order == 0]
        if any(order is None or order < 0 for order in orders):
            return False
        reached = any(claim is Claim.GLOBAL_OPTIMUM and value.is_exact for claim, value in equal)
        if self.claim is Claim.GLOBAL_OPTIMUM:
            return reached
        # an enclosed optimum that begins at the infimum may be it
        approached = [claim is Claim.NOT_ATTAINED for claim, _ in equal]
        return self.claim is Claim.NOT_ATTAINED and any(approached) and all(approached)

    def explanation(self) -> tuple[str, ...]:
        names = ", ".join(map(str, integer_variables(self.problem)))
        count = len(self.cases)
        return (
            f"For {count} choice{'s' if count != 1 else ''} of values for the integer variables {names} the problem that is "
            "left is solved by itself, with a certificate of its own.",
            self.others.explanation(),
            *self._best_case(),
        )

    def _best_case(self) -> tuple[str, ...]:
        names = integer_variables(self.problem)
        for case in self.cases:
            value = None if case.certificate is None else claimed_value(case.certificate)
            if value is not None and self.value is not None and compare_numbers(value.low, self.value) == 0:
                chosen = ", ".join(f"{n} = {v}" for n, v in zip(names, case.assignment, strict=True))
                assert case.certificate is not None
                return (f"With {chosen}:", *case.certificate.explanation())
        return ()
