"""A certificate by dynamic programming: all states of a linear problem in integers are gone through again."""

from dataclasses import dataclass

from flint import fmpq

from lagrangian.conditions.linear_integers import LinearIntegers, Sweep, linear_integers, swept
from lagrangian.logic import Truth
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.certificate import Certificate, Claim
from lagrangian.proof.lifted import ranges_of

MOST_STATES = 20_000_000
MOST_OPTIMA = 64


@dataclass(frozen=True, eq=False)
class DynamicProgrammingCertificate(Certificate):
    """The least value of a linear problem in bounded integers: ``optima`` are points with it, all of them where ``is_complete``.

    Without optima, that there is no feasible point.
    """

    problem: CanonicalProblem
    sweep: Sweep
    optima: tuple[tuple[int, ...], ...]
    is_complete: bool

    kind = "dynamic programming"

    @property
    def claim(self) -> Claim:  # type: ignore[override]
        return Claim.GLOBAL_OPTIMUM if self.optima else Claim.INFEASIBLE

    @property
    def program(self) -> LinearIntegers | None:
        ranges = ranges_of(self.problem)
        return None if ranges is None else linear_integers(self.problem, ranges)

    @property
    def value(self) -> fmpq | None:
        program = self.program
        return program.value(program.cost(self.optima[0])) if program is not None and self.optima else None

    def verify(self) -> Truth:
        program = self.program
        if program is None or not self.sweep.is_valid(program):
            return False
        count = len(program.costs)
        if not all(len(point) == count and program.is_feasible(point) for point in self.optima):
            return False
        found = swept(program, self.sweep, MOST_STATES)
        if found is None:
            return None
        if not self.optima:
            return found.least is None and self.sweep.most is None
        # points above the bound were dropped
        costs = {program.cost(point) for point in self.optima}
        if costs != {found.least} or (self.sweep.most is not None and self.sweep.most < next(iter(costs))):
            return False
        if not self.is_complete:
            return True
        listed = set()
        for point in found.optima(program, self.sweep):
            listed.add(point)
            if len(listed) > len(self.optima):
                return False
        return not self.sweep.dominance and listed == set(self.optima)

    def explanation(self) -> tuple[str, ...]:
        if not self.optima:
            return (
                "Variable by variable, all sums that the rows can have are gone through: none ends in a feasible point.",
            )
        return (
            "Variable by variable, all sums that the rows can have are gone through, each with its least cost. What cannot end "
            "better than the points shown, by the Lagrangian bound with fixed multipliers, is dropped.",
            "The points shown are all that have the value."
            if self.is_complete
            else "The point shown has the least value.",
        )
