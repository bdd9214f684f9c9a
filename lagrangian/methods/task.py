"""What every method is given, and what it gives back."""

from dataclasses import dataclass, field, replace

import numpy as np
from sympy import Expr, Symbol

from lagrangian.checking import holds
from lagrangian.numeric.local import NumericCandidate
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.lifting import Lifting, NotPolynomialError, PolynomialProblem, lift
from lagrangian.problem.monotone import OuterFunction, strip_outer_function
from lagrangian.problem.problem import Problem
from lagrangian.proof.certificate import CLAIMS
from lagrangian.restore import Setting
from lagrangian.solution import Solution, unanswered
from lagrangian.status import Status

OPEN = (Status.LOCAL, Status.UNDECIDED)
# by how much a value must be less to be better, by 1 + |value|
GAIN = 1e-6


@dataclass(frozen=True, eq=False)
class Task:
    """A problem in the forms that methods need: canonical, without an increasing function around it, polynomial if it becomes so.

    ``polynomial`` and ``lifting`` are None where ``not_polynomial`` says why. All of it can be pickled.
    """

    canonical: CanonicalProblem
    restoration: Restoration
    inner: CanonicalProblem
    outer: OuterFunction | None
    polynomial: PolynomialProblem | None
    lifting: Lifting | None
    not_polynomial: str = ""

    @property
    def has_parameters(self) -> bool:
        return bool(self.canonical.parameters)

    @property
    def has_integers(self) -> bool:
        return bool(self.canonical.integers)

    @property
    def is_continuous(self) -> bool:
        """Neither parameters nor integers."""
        return not self.has_parameters and not self.has_integers

    @property
    def setting(self) -> Setting:
        """The way back from the polynomial problem."""
        assert self.lifting is not None
        return Setting(self.canonical, self.inner, self.restoration, self.lifting, self.outer)


@dataclass(frozen=True, eq=False)
class Finding:
    """What a method has come to: an answer, good points for later methods, or a sentence that says why it failed."""

    solution: Solution | None = None
    candidates: tuple[NumericCandidate, ...] = ()
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Known:
    """The best answer so far, and good points in floating point, best first, in canonical terms."""

    solution: Solution
    candidates: tuple[NumericCandidate, ...] = field(default=())

    def after(self, finding: Finding) -> "Known":
        """With what another method has found: the better answer, all points, one more sentence of what was tried."""
        solution, tried = self.solution, self.solution.tried
        if finding.solution is not None:
            tried = _joined(tried, finding.solution.tried)
            solution = finding.solution if is_better(finding.solution, solution) else solution
        if finding.reason:
            tried = _joined(tried, (finding.reason,))
        solution = replace(solution, tried=tried)
        return Known(solution, tuple(sorted((*finding.candidates, *self.candidates), key=lambda c: c.value)))

    @property
    def is_decided(self) -> bool:
        return self.solution.status not in OPEN


def checked(finding: Finding, name: str, deadline: float) -> Finding:
    """The finding, without an answer that claims a proof which does not hold, or was not checked in time."""
    solution = finding.solution
    if solution is None or solution.status in OPEN:
        return finding
    certificate = solution.certificate
    if certificate is not None and CLAIMS.get(solution.status) is certificate.claim and holds(certificate, deadline):
        return finding
    reason = f"{name}: the certificate could not be verified"
    return replace(finding, solution=None, reason="; ".join(filter(None, (reason, finding.reason))))


def _joined(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def is_better(left: Solution, right: Solution) -> bool:
    """A decided answer before an open one, exact before enclosed, with a complete list before without; then a better value."""
    if (left.status in OPEN) != (right.status in OPEN):
        return left.status not in OPEN
    if left.optimum is None or right.optimum is None:
        return right.optimum is None
    if left.status not in OPEN:
        return (left.optimum.is_exact, left.complete) > (right.optimum.is_exact, right.complete)
    if left.optimum.expression.free_symbols or right.optimum.expression.free_symbols:
        return False
    sign = 1 if left.problem.sense.value == "min" else -1
    return sign * float(left.optimum) < sign * float(right.optimum) - GAIN * (1 + abs(float(right.optimum)))


def prepare(problem: Problem) -> Task:
    """The problem in all its forms.

    >>> from sympy import symbols
    >>> x = symbols("x")
    >>> prepare(Problem(x**2, [x >= 1])).polynomial.dimension
    1
    """
    canonical, restoration = canonicalize(problem)
    inner, outer = strip_outer_function(canonical) or (canonical, None)
    try:
        polynomial, lifting = lift(inner)
    except NotPolynomialError as reason:
        return Task(canonical, restoration, inner, outer, None, None, str(reason))
    return Task(canonical, restoration, inner, outer, polynomial, lifting)


def nothing_known(problem: Problem) -> Known:
    return Known(unanswered(problem))


def best_candidate(task: Task, known: Known) -> NumericCandidate | None:
    """The best point that is known, of the exact methods or in floating point."""
    found = [*known.candidates[:1], *exact_candidates(task, known)]
    return min(found, key=lambda c: c.value, default=None)


def exact_candidates(task: Task, known: Known) -> list[NumericCandidate]:
    """The best point of the exact methods in floating point, if there is one."""
    solution = known.solution
    if solution.optimum is None or not solution.coordinates:
        return []
    point = np.array([float(number) for number in solution.coordinates[0].values()])
    return [NumericCandidate(point, float(task.restoration.value(float(solution.optimum))), 0.0)]


def exact_points(task: Task, known: Known) -> list[dict[Symbol, Expr]]:
    """The points with the best value, in canonical symbols, where all of it is known exactly."""
    solution = known.solution
    if solution.optimum is None or not solution.optimum.is_exact:
        return []
    names = dict(zip(task.restoration.problem.over, task.restoration.variables, strict=True))
    return [{names[v]: number.expression for v, number in point.items()} for point in solution.coordinates]
