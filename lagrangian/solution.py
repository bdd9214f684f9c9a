"""The answer to a problem, in the user's own symbols, senses and signs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from typing import Any

import flint
import sympy
from flint import arb
from sympy import Eq, Expr, Rational, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.closed_form import closed_form
from lagrangian.algebra.numbers import AlgebraicPoint, FieldElement
from lagrangian.conditions.qualification import Qualification
from lagrangian.conditions.second_order import Kind
from lagrangian.problem.problem import Problem
from lagrangian.proof.certificate import Certificate
from lagrangian.status import Status

PRECISION = 96
LARGEST_FIELD_SEARCHED = 30


class ExactNumber:
    """A real number that is known exactly: its closed form is made only when it is asked for.

    Algebraic numbers of high degree are cheap to enclose and dear to write down.
    """

    is_exact = True

    def __init__(self, source: FieldElement | Expr, sign: int = 1) -> None:
        self._source, self._sign = source, sign

    @property
    def signed_source(self) -> FieldElement | Expr:
        """The number as it was computed, without looking for a closed form."""
        return self._source if self._sign > 0 else -self._source

    @cached_property
    def expression(self) -> Expr:
        form = closed_form(self._source) if isinstance(self._source, FieldElement) else self._source
        return self._sign * form

    def is_simple(self, degree: int) -> bool:
        """Whether the closed form is cheap: no algebraic number beyond this degree has to be written down."""
        if not isinstance(self._source, FieldElement):
            return True
        return self._source.root.degree <= LARGEST_FIELD_SEARCHED and self._source.number.degree <= degree

    def ball(self, bits: int = PRECISION) -> arb | None:
        """A ball that holds the number; None with free parameters, or for functions that cannot be enclosed."""
        if isinstance(self._source, FieldElement):
            found = self._source.enclosure(bits)
        else:
            found = enclose(self._source, bits) if self._source.is_number else None
        with flint.ctx.workprec(bits):
            return None if found is None else found * self._sign

    def __float__(self) -> float:
        ball = self.ball()
        return float(ball.mid()) if ball is not None else float(sympy.N(self.expression))


class EnclosedNumber(ExactNumber):
    """A real number that lies in a ball, or, where no ball is given, a floating-point estimate: in neither case known exactly.

    ``expression`` is a Float, the midpoint.
    """

    is_exact = False

    def __init__(self, midpoint: float, ball: arb | None = None) -> None:
        super().__init__(sympy.Float(midpoint, 17))
        self._ball = ball

    def is_simple(self, degree: int) -> bool:
        return False

    def ball(self, bits: int = PRECISION) -> arb | None:
        """The ball that holds the number for certain; None for an estimate."""
        return self._ball

    def __float__(self) -> float:
        return float(self.expression)


def _not_examined() -> None:
    """No constraint qualification is known."""


@dataclass(frozen=True, eq=False)
class StationaryPoint:
    """A candidate: the point, the objective there, what it is and why, which constraints are active.

    ``kind`` is about the objective as stated. ``bordered_minors`` are the last leading principal minors of the
    bordered Hessian, of orders 2 m + 1 to n + m, for problems with m equations and no inequality. ``qualification``
    says which constraint qualifications hold; None where that was not examined, or some function has no gradient.
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
        return self.qualify()

    @property
    def point(self) -> dict[Symbol, Expr]:
        return {variable: number.expression for variable, number in self.coordinates.items()}

    @property
    def value(self) -> Expr:
        return self.objective.expression


@dataclass(frozen=True, eq=False)
class SolutionFamily:
    """Infinitely many points with one objective value: the common zeros of ``equations`` that are feasible.

    ``sample`` is one of them; ``dimension`` is that of the complex solutions of the equations.
    """

    equations: tuple[Relational, ...]
    dimension: int
    value: Expr
    sample: dict[Symbol, Expr]


@dataclass(frozen=True, eq=False)
class Solution:
    """What is known of a problem.

    ``points`` are all isolated optima (for LOCAL the best candidates), ``families`` the infinite sets of them;
    ``multipliers`` are keyed by the constraint as stated, in the textbook's signs, and belong to the first point.
    ``missing`` says what stands between a status LOCAL or UNDECIDED and a proof, ``tried`` which certificates were
    tried in vain.

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

    @cached_property
    def value(self) -> Expr | None:
        """The optimal value, for NOT_ATTAINED the infimum or supremum, for LOCAL the best known; None if there is none."""
        return None if self.optimum is None else self.optimum.expression

    @cached_property
    def value_interval(self) -> tuple[Rational, Rational] | None:
        """Two rational numbers between which the value lies, for certain; None without a numerical value."""
        ball = None if self.optimum is None else self.optimum.ball()
        if ball is None:
            return None
        with flint.ctx.workprec(2 * PRECISION):
            low, high = ball.lower().fmpq(), ball.upper().fmpq()
        return Rational(int(low.p), int(low.q)), Rational(int(high.p), int(high.q))

    @cached_property
    def points(self) -> tuple[dict[Symbol, Expr], ...]:
        """The isolated optima, exactly."""
        return tuple({v: number.expression for v, number in point.items()} for point in self.coordinates)

    @cached_property
    def stationary_points(self) -> tuple[StationaryPoint, ...]:
        """All candidates with their classification, best value first; a complete list if ``complete`` says so."""
        return self.classify()

    def shadow_price(self, constraint: Any) -> Expr | None:
        """d(optimal value) / d(right side of the constraint as written); None where the multipliers are not unique.

        Raises:
            KeyError: if the problem has no such constraint.
        """
        stated = constraint.func(*constraint.args, evaluate=False) if isinstance(constraint, Relational) else constraint
        if stated not in self.problem.all_constraints:
            known = ", ".join(map(str, self.problem.all_constraints))
            raise KeyError(f"{constraint} is no constraint of the problem; it has {known or 'none'}")
        return self.shadow_prices.get(stated)

    def save_certificate(self, path: str | PathLike[str]) -> None:
        """Write the problem, this answer and its certificate to a file, for `lagrangian.verify_file` at any later time.

        Raises:
            CertificateFileError: where nothing was proved, or the file cannot be written.
        """
        from lagrangian.stored import save_certificate  # above this layer: it reads solutions

        save_certificate(self, path)

    def explain(self, form: str = "text") -> str:
        """The derivation, step by step, as "text", "markdown" or "latex"."""
        from lagrangian.report.steps import (
            derivation,  # the report is above this layer and is imported only when asked for
        )

        return derivation(self).render(form)

    def __str__(self) -> str:
        return self.explain()

    def _repr_latex_(self) -> str:
        if self.value is None:
            return f"$\\text{{{self.status.value}}}$"
        places = ", ".join(
            sympy.latex(Eq(v, e, evaluate=False)) for v, e in (self.points[0] if self.points else {}).items()
        )
        return f"$\\displaystyle \\text{{{self.status.value}: }} {sympy.latex(self.value)} \\quad {places}$"


def unanswered(problem: Problem, missing: tuple[str, ...] = ()) -> Solution:
    """The solution of a problem of which nothing is known."""
    return Solution(problem, Status.UNDECIDED, None, (), (), {}, {}, None, missing, (), 0.0, False, tuple)


def numbers_of(variables: tuple[Symbol, ...], point: AlgebraicPoint | dict[Symbol, Expr]) -> dict[Symbol, ExactNumber]:
    """The coordinates of a point as exact numbers under the user's symbols, in order."""
    values = point.coordinates if isinstance(point, AlgebraicPoint) else tuple(point.values())
    return {variable: ExactNumber(value) for variable, value in zip(variables, values, strict=False)}
