"""What `lagrangian.numeric.nlp.solve_numeric` finds, in the user's own symbols, senses and signs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import flint
from flint import arb
from sympy import Expr, Rational, Symbol
from sympy.core.relational import Relational

from lagrangian.logic import Truth
from lagrangian.problem.problem import Problem
from lagrangian.shown import Shown
from lagrangian.status import Status

Interval = tuple[Rational, Rational]


@dataclass(frozen=True, eq=False)
class ClosedForm:
    """A verified KKT point in closed form, proved: the numbers of `LocalSolution`, exactly."""

    x: dict[Symbol, Expr]
    value: Expr
    multipliers: dict[Relational, Expr]
    shadow_prices: dict[Relational, Expr]


def _no_closed_form() -> None:
    """Nothing is verified, or some variables are integers."""


@dataclass(frozen=True, eq=False)
class LocalSolution(Shown):
    """A point that a solver ended at, polished, with what is proved of it.

    Attributes:
        x: the point in floating point.
        value: the stated objective there.
        verified: whether a KKT point lies in the box ``enclosure``, for certain.
        reason: what is proved, or why nothing is.
        is_strict_local_optimum: whether that KKT point is a strict local optimum; None where it is not decided.
        enclosure: for every variable two rational numbers between which the KKT point lies; empty where none is verified.
        alone_in: a larger box in which the KKT equations of this active set have no other solution; empty likewise.
        value_interval: two rational numbers between which the objective lies at the KKT point; None likewise.
        multipliers: of every constraint as stated, in the textbook's signs, see `lagrangian.problem.canonical`.
        shadow_prices: d(local optimal value) / d(right side as written); empty where the multipliers are not proved unique.
        multiplier_intervals: two rational numbers between which each multiplier lies at the KKT point; empty where none is
            verified. ``price_intervals`` are those of the shadow prices.
        active_set: the constraints that hold with equality; equations are always among them.
        residual: the greatest of |dL/dx|, |h|, max(g, 0) and |mu g| at ``x``.
        solver: what found the point.
        found: how many of the starts led here.
    """

    x: dict[Symbol, float]
    value: float
    verified: bool
    reason: str
    is_strict_local_optimum: Truth
    enclosure: dict[Symbol, Interval]
    alone_in: dict[Symbol, Interval]
    value_interval: Interval | None
    multipliers: dict[Relational, float]
    shadow_prices: dict[Relational, float]
    active_set: tuple[Relational, ...]
    residual: float
    solver: str
    found: int = 1
    multiplier_intervals: dict[Relational, Interval] = field(default_factory=dict)
    price_intervals: dict[Relational, Interval] = field(default_factory=dict)
    recognize: Callable[[], ClosedForm | None] = _no_closed_form

    @cached_property
    def closed_form(self) -> ClosedForm | None:
        """The KKT point in closed form, where its digits suggest one and that is proved; looked for when it is asked for."""
        return self.recognize()


@dataclass(frozen=True, eq=False)
class NumericResult(Shown):
    """The local solutions of a problem, the best one first.

    Attributes:
        status: OPTIMAL where the best point is proved a global optimum, LOCAL where it is proved a local one, else UNDECIDED.
        reason: what stands between the status and a better one, or what proves it.
        solutions: all distinct points that were found, by their values.
        starts: from how many starts solvers ran.
        solver: what found the best point.
        elapsed_s: the time without compilation; ``compilation_s`` is what that took.
    """

    problem: Problem
    status: Status
    reason: str
    solutions: tuple[LocalSolution, ...]
    starts: int
    solver: str
    elapsed_s: float
    compilation_s: float

    @property
    def best(self) -> LocalSolution | None:
        """The solution with the best value; None where no start led to a feasible point."""
        return self.solutions[0] if self.solutions else None

    @property
    def value(self) -> float | None:
        """The stated objective at the best point."""
        return None if self.best is None else self.best.value

    @property
    def value_interval(self) -> Interval | None:
        """Two rational numbers between which the objective lies at the verified KKT point."""
        return None if self.best is None else self.best.value_interval

    @property
    def x(self) -> dict[Symbol, float]:
        """The best point."""
        return {} if self.best is None else self.best.x

    @property
    def enclosure(self) -> dict[Symbol, Interval]:
        """The box in which the KKT point lies, for certain; empty where none is verified."""
        return {} if self.best is None else self.best.enclosure

    @property
    def multipliers(self) -> dict[Relational, float]:
        """The multipliers at the best point, by the constraints as stated, in the textbook's signs."""
        return {} if self.best is None else self.best.multipliers

    @property
    def shadow_prices(self) -> dict[Relational, float]:
        """d(local optimal value) / d(right side as written)."""
        return {} if self.best is None else self.best.shadow_prices

    @property
    def multiplier_intervals(self) -> dict[Relational, Interval]:
        """Rational numbers between which the multipliers lie at the verified KKT point."""
        return {} if self.best is None else self.best.multiplier_intervals

    @property
    def price_intervals(self) -> dict[Relational, Interval]:
        """Rational numbers between which the shadow prices lie."""
        return {} if self.best is None else self.best.price_intervals

    @property
    def closed_form(self) -> ClosedForm | None:
        """The best point in closed form, where one was found and proved; it is looked for when it is asked for."""
        return None if self.best is None else self.best.closed_form

    @property
    def active_set(self) -> tuple[Relational, ...]:
        """The constraints that hold with equality at the best point."""
        return () if self.best is None else self.best.active_set

    @property
    def residual(self) -> float | None:
        """The KKT residual at the best point."""
        return None if self.best is None else self.best.residual

    @property
    def verified(self) -> bool:
        """Whether a KKT point is proved to lie in the best point's box."""
        return self.best is not None and self.best.verified

    @property
    def is_strict_local_optimum(self) -> Truth:
        """Whether the best point is proved to be, or not to be, a strict local optimum."""
        return None if self.best is None else self.best.is_strict_local_optimum

    def __str__(self) -> str:
        lines = [f"status: {self.status.value}", f"because: {self.reason}"]
        if self.best is not None:
            best = self.best
            lines.append(f"value: {best.value:.12g}")
            lines.append("at: " + ", ".join(f"{variable} = {number:.12g}" for variable, number in best.x.items()))
            lines += _exactly(best.closed_form)
            lines += [f"multiplier of {stated}: {number:.6g}" for stated, number in best.multipliers.items()]
            lines.append(
                f"KKT residual: {best.residual:.1e}, found by: {best.solver} from {best.found} of {self.starts} starts"
            )
        lines += [f"also: {other.value:.12g}, {other.reason}" for other in self.solutions[1:]]
        return "\n".join(lines)


def _exactly(form: ClosedForm | None) -> list[str]:
    if form is None:
        return []
    place = ", ".join(f"{variable} = {number}" for variable, number in form.x.items())
    return [f"exactly: {form.value} at {place}, proved to be the KKT point in the box"]


def ends(ball: arb) -> Interval:
    """Rational numbers between which a ball lies."""
    with flint.ctx.workprec(_ENDS_BITS):
        low, high = ball.lower().fmpq(), ball.upper().fmpq()
    return Rational(int(low.p), int(low.q)), Rational(int(high.p), int(high.q))


_ENDS_BITS = 80
