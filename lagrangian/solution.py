"""The answer to a problem, in the user's own symbols, senses and signs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any

from flint import arb
from sympy import Expr, Rational, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.balls import enclose
from lagrangian.conditions.qualification import Qualification
from lagrangian.conditions.second_order import Kind
from lagrangian.exact_numbers import ExactNumber, ends
from lagrangian.problem.problem import Problem
from lagrangian.proof.certificate import Certificate
from lagrangian.shown import Shown
from lagrangian.status import Status

if TYPE_CHECKING:
    from lagrangian.duality.dual_gap import Duality
    from lagrangian.duality.sensitivity import Sensitivity
    from lagrangian.report.picture import Picture


def _not_examined() -> None:
    """No constraint qualification is known."""


@dataclass(frozen=True, eq=False)
class StationaryPoint(Shown):
    """A candidate: the point, the objective there, what it is and why, which constraints are active.

    ``kind`` is about the objective as stated. ``bordered_minors`` are the last leading principal minors of the
    bordered Hessian, of orders 2 m + 1 to n + m, for problems with m equations and no inequality. ``qualification``
    says which constraint qualifications hold; None where that was not examined, or some function has no gradient.

    >>> from sympy import symbols
    >>> from lagrangian import minimize
    >>> x, y = symbols("x y")
    >>> best = minimize(x**2 - y, [x**2 + y**2 <= 1], over=[x, y]).stationary_points[0]
    >>> best.point, best.value, best.kind.value, best.active, best.is_global
    ({x: 0, y: 1}, -1, 'strict local minimum', (x**2 + y**2 <= 1,), True)
    >>> best.qualification.licq
    True
    """

    coordinates: dict[Symbol, ExactNumber]
    objective: ExactNumber
    kind: Kind
    reason: str
    active: tuple[Relational, ...]
    is_global: bool
    bordered_minors: tuple[Expr, ...] = ()
    qualify: Callable[[], Qualification | None] = _not_examined

    @cached_property
    def qualification(self) -> Qualification | None:
        """Which constraint qualifications hold there; computed when it is first asked for."""
        return self.qualify()

    @property
    def point(self) -> dict[Symbol, Expr]:
        """The coordinates as SymPy expressions, exact where the numbers are."""
        return {variable: number.expression for variable, number in self.coordinates.items()}

    @property
    def value(self) -> Expr:
        """The stated objective there."""
        return self.objective.expression


@dataclass(frozen=True, eq=False)
class SolutionFamily(Shown):
    """Infinitely many points with one objective value: the common zeros of ``equations`` that are feasible.

    ``sample`` is one of them; ``dimension`` is that of the complex solutions of the equations.

    >>> from sympy import symbols
    >>> from lagrangian import minimize
    >>> x, y = symbols("x y")
    >>> (family,) = minimize((x**2 + y**2 - 1) ** 2, over=[x, y]).families
    >>> family.equations, family.dimension, family.value
    ((Eq(x**2 + y**2 - 1, 0),), 1, 0)
    """

    equations: tuple[Relational, ...]
    dimension: int
    value: Expr
    sample: dict[Symbol, Expr]


@dataclass(frozen=True, eq=False)
class Solution(Shown):
    """What is known of a problem.

    ``points`` are all isolated optima, unless ``missing`` says that others were not looked for (for LOCAL and UNDECIDED the
    best candidates); ``families`` are the infinite sets of optima, of which some stand among the points;
    ``multipliers`` are keyed by the constraint as stated, in the textbook's signs, and belong to the first point.
    ``missing`` says what stands between a status LOCAL or UNDECIDED and a proof, ``tried`` which certificates were
    tried in vain. Multipliers that are not known exactly are Floats, as coordinates are; ``multiplier_balls`` enclose them, and
    ``price_balls`` the shadow prices. ``leaves_out_families`` says that conditions have infinite sets of solutions that are not
    in ``families``: candidates that are not optimal, or none that are real and feasible.

    >>> from sympy import Eq, symbols
    >>> from lagrangian import maximize
    >>> x, y = symbols("x y")
    >>> solution = maximize(x * y, [Eq(x + y, 10)], over=[x, y])
    >>> solution.status, solution.value, solution.points
    (<Status.OPTIMAL: 'optimal'>, 25, ({x: 5, y: 5},))
    >>> solution.shadow_price(Eq(x + y, 10)), solution.certificate.verify()
    (5, True)
    """

    problem: Problem
    status: Status
    optimum: ExactNumber | None
    coordinates: tuple[dict[Symbol, ExactNumber], ...]
    families: tuple[SolutionFamily, ...]
    multipliers: dict[Relational, Expr]
    shadow_prices: dict[Relational, Expr]
    certificate: Certificate | None
    missing: tuple[str, ...]
    tried: tuple[str, ...]
    elapsed_s: float
    complete: bool
    classify: Callable[[], tuple[StationaryPoint, ...]]
    multiplier_balls: dict[Relational, arb] = field(default_factory=dict)
    price_balls: dict[Relational, arb] = field(default_factory=dict)
    leaves_out_families: bool = False

    @cached_property
    def value(self) -> Expr | None:
        """The optimal value, for NOT_ATTAINED the infimum or supremum, for LOCAL the best known; None if there is none."""
        return None if self.optimum is None else self.optimum.expression

    @cached_property
    def value_interval(self) -> tuple[Rational, Rational] | None:
        """Two rational numbers between which the value lies, for certain; None without a numerical value."""
        ball = None if self.optimum is None else self.optimum.ball()
        return None if ball is None else ends(ball)

    @cached_property
    def points(self) -> tuple[dict[Symbol, Expr], ...]:
        """The isolated optima, exactly."""
        return tuple({v: number.expression for v, number in point.items()} for point in self.coordinates)

    @cached_property
    def stationary_points(self) -> tuple[StationaryPoint, ...]:
        """All isolated candidates with their classification, best value first; a complete list if ``complete`` says so."""
        return self.classify()

    def shadow_price(self, constraint: Any) -> Expr | None:
        """d(optimal value) / d(right side of the constraint as written); None where the multipliers are not unique.

        Nor is there one where several optima have different multipliers: the value has no derivative there. It is taken for
        granted that optima stay near these, and that none appear far away as the right side moves.

        Raises:
            KeyError: if the problem has no such constraint.
        """
        return self.shadow_prices.get(self._stated(constraint))

    def multiplier_interval(self, constraint: Any) -> tuple[Rational, Rational] | None:
        """Two rational numbers between which the multiplier of a constraint lies, for certain; None where none is known.

        Raises:
            KeyError: if the problem has no such constraint.
        """
        stated = self._stated(constraint)
        return _interval(self.multiplier_balls.get(stated), self.multipliers.get(stated))

    def shadow_price_interval(self, constraint: Any) -> tuple[Rational, Rational] | None:
        """Two rational numbers between which the shadow price of a constraint lies, for certain; None where there is none.

        Raises:
            KeyError: if the problem has no such constraint.
        """
        stated = self._stated(constraint)
        return _interval(self.price_balls.get(stated), self.shadow_prices.get(stated))

    def _stated(self, constraint: Any) -> Relational:
        stated = constraint.func(*constraint.args, evaluate=False) if isinstance(constraint, Relational) else constraint
        if stated not in self.problem.all_constraints:
            known = ", ".join(map(str, self.problem.all_constraints))
            raise KeyError(f"{constraint} is no constraint of the problem; it has {known or 'none'}")
        return stated

    def save_certificate(self, path: str | PathLike[str]) -> None:
        """Write the problem, this answer and its certificate to a file, for `lagrangian.verify_file` at any later time.

        Raises:
            CertificateFileError: where nothing was proved, or the file cannot be written.
        """
        from lagrangian.stored import save_certificate  # above this layer: it reads solutions

        save_certificate(self, path)

    def save_report(self, path: str | PathLike[str], *, title: str | None = None) -> None:
        """Write the whole answer as one HTML page: problem, answer, picture, derivation in full, and certificate.

        The page needs no network and runs no program, see `lagrangian.report.page`. Without a title it has the objective as one.

        Raises:
            ReportFileError: where the file cannot be written; nothing is left half-written then.
        """
        from lagrangian.report.page import save_page  # above this layer: it reads solutions

        save_page(self, path, title=title)

    def sensitivity(self, *, time_limit_s: float = 30.0) -> "Sensitivity":
        """One-sided shadow prices with their ranges, and what parameters do, see `lagrangian.duality.sensitivity`.

        Args:
            time_limit_s: seconds after which the rest is undecided.
        """
        from lagrangian.duality.sensitivity import sensitivity  # above this layer: it solves problems of its own

        return sensitivity(self, time_limit_s=time_limit_s)

    def duality(self, relax: Iterable[Any] | None = None, *, time_limit_s: float | None = None) -> "Duality":
        """The dual value, the gap and its reason, see `lagrangian.duality.dual_gap.duality`.

        Args:
            relax: the constraints that get multipliers, all if None; the others limit the inner problem.
            time_limit_s: seconds after which solving the dual is given up.

        Raises:
            ProblemError: for a constraint in ``relax`` that the problem does not have.
        """
        from lagrangian.duality.dual_gap import TIME_LIMIT_S, duality  # above this layer: it solves the dual

        return duality(self, relax, time_limit_s=TIME_LIMIT_S if time_limit_s is None else time_limit_s)

    def plot(self, path: str | PathLike[str] | None = None, **choices: Any) -> "Picture":
        """The problem with its answer as a picture, see `lagrangian.report.solution_plot.plot_solution` for the choices.

        ``along`` cuts a problem of more variables than two, ``at`` says where, ``gradients`` at which points arrows are drawn.
        """
        from lagrangian.report.solution_plot import plot_solution  # above this layer: it reads solutions

        return plot_solution(self, path, **choices)

    def plot_surface(self, path: str | PathLike[str] | None = None, **choices: Any) -> "Picture":
        """The objective over two variables as a surface, see `lagrangian.report.surface_plot.plot_surface` for the choices."""
        from lagrangian.report.surface_plot import plot_surface  # above this layer: it reads solutions

        return plot_surface(self, path, **choices)

    def plot_gradients(self, path: str | PathLike[str] | None = None, **choices: Any) -> "Picture":
        """The gradients at a point to scale, see `lagrangian.report.gradient_plot.plot_gradients` for the choices."""
        from lagrangian.report.gradient_plot import plot_gradients  # above this layer: it reads solutions

        return plot_gradients(self, path, **choices)

    def plot_value(self, of: Any, path: str | PathLike[str] | None = None, **choices: Any) -> "Picture":
        """The best value over the right side of a constraint, or over a parameter, with its slope.

        See `lagrangian.report.right_side_plot.plot_right_side` and `lagrangian.report.value_plot.plot_value` for the choices.
        """
        from lagrangian.report.right_side_plot import plot_right_side  # above this layer: it solves problems of its own
        from lagrangian.report.value_plot import plot_value  # above this layer: it reads solutions

        if isinstance(of, Symbol):
            return plot_value(self, of, path=path, **choices)
        return plot_right_side(self, of, path, **choices)

    def explain(self, form: str = "text", *, detail: str = "short") -> str:
        """The derivation, step by step, as "text", "markdown", "latex" or "html"; with detail="full" every case is worked out.

        Raises:
            LagrangianError: for another form or detail.
        """
        from lagrangian.report.steps import (
            derivation,  # the report is above this layer and is imported only when asked for
        )

        return derivation(self, detail).render(form)

    def __str__(self) -> str:
        return self.explain()


def _interval(ball: arb | None, exact: Expr | None) -> tuple[Rational, Rational] | None:
    """The ends of a ball, or of one around an exact number; None with free parameters."""
    if ball is None and exact is not None and exact.is_number:
        ball = enclose(exact)
    return None if ball is None else ends(ball)


def unanswered(problem: Problem, missing: tuple[str, ...] = ()) -> Solution:
    """The solution of a problem of which nothing is known."""
    return Solution(problem, Status.UNDECIDED, None, (), (), {}, {}, None, missing, (), 0.0, False, tuple)
