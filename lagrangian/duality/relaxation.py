"""Lagrangian relaxation of integer problems: bounds, multipliers, a feasible point, and branch and bound to the proved optimum.

For minimize f(x) subject to relaxed constraints g(x) <= 0, h(x) = 0 and x in X (what is kept, x integer), the dual function

    q(mu, lambda) = min over x in X of f(x) + mu.g(x) + lambda.h(x),   mu >= 0

is a lower bound of the optimal value for all multipliers, and never worse at its best than the linear relaxation (Geoffrion
1974; Fisher 1981). For a maximization it is the least upper bound of f(x) - mu.g(x) - lambda.h(x) over X.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING

import sympy
from flint import fmpq
from sympy import Expr, Piecewise, Rational, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.polynomials import to_fmpq, to_rational
from lagrangian.conditions.inner_problems import InnerProblem, TooLargeError
from lagrangian.conditions.integer_programs import IntegerProgram, IntegerRow, NotIntegerProgramError, integer_program
from lagrangian.duality.relaxation_optimum import RelaxedOptimum, SearchEnd, StatedTerms, relaxed_optimum
from lagrangian.duality.relaxation_pieces import Piece, pieces
from lagrangian.errors import ProblemError
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem
from lagrangian.processes.calls import deadline_after
from lagrangian.proof.mixed_tree import MixedTreeCertificate
from lagrangian.proof.relaxation_tree import RelaxationTreeCertificate, integral
from lagrangian.relaxations.mixed_search import completed, mixed_search
from lagrangian.relaxations.multipliers import (
    BestMultipliers,
    DualFunction,
    best_multipliers,
    linear_relaxation,
)
from lagrangian.relaxations.points import PrimalHeuristic
from lagrangian.relaxations.search import searched, searched_from
from lagrangian.relaxations.structure import chosen_rows, listed, relation_of, rows_to_relax, unevaluated
from lagrangian.shown import Shown

if TYPE_CHECKING:
    from lagrangian.report.picture import Picture

TIME_LIMIT_S = 60.0
# a Piecewise of more pieces takes SymPy long
MOST_WRITTEN = 500


@dataclass(frozen=True, eq=False)
class Relaxation(Shown):
    """An integer problem with some constraints in the Lagrangian; made by `relax`.

    ``relaxed`` and ``kept`` are constraints as stated (bounds of single variables stay with the variables). Bounds and values
    are of the objective as stated: a bound is a lower one for a minimization and an upper one for a maximization.

    >>> from sympy import symbols
    >>> x, y, z = over = symbols("x y z")
    >>> room = 3*x + 4*y + 2*z <= 6
    >>> knapsack = Problem(
    ...     5*x + 6*y + 3*z, [room], over=over, integers=over, bounds=dict.fromkeys(over, (0, 1)), sense="max"
    ... )
    >>> relaxation = relax(knapsack, [room])
    >>> relaxation.dual_function()
    Piecewise((14 - 3*mu, mu <= 3/2), (3*mu + 5, mu <= 5/3), (6*mu, True))
    """

    problem: Problem
    relaxed: tuple[Relational, ...]
    kept: tuple[Relational, ...]
    canonical: CanonicalProblem
    restoration: Restoration
    program: IntegerProgram
    inner: InnerProblem
    time_limit_s: float = TIME_LIMIT_S

    @cached_property
    def _dual(self) -> DualFunction:
        return DualFunction(self.inner, (self.inner.low, self.inner.high))

    @cached_property
    def _best(self) -> BestMultipliers | None:
        return best_multipliers(self._dual, deadline_after(self.time_limit_s)) if self._has_points else None

    @property
    def _has_points(self) -> bool:
        return all(low <= high for low, high in self.program.ranges)

    def value_at(self, multipliers: Mapping[Relational, Expr | int]) -> Expr:
        """The dual function at rational multipliers, exactly: a bound of the optimal value; infinite where X is empty.

        Args:
            multipliers: by relaxed constraint as stated; mu >= 0 for inequalities, lambda of f - lambda (lhs - rhs) for
                equations; 0 where none is given.

        Raises:
            ProblemError: for a constraint that is not relaxed, a negative multiplier of an inequality, or one that is not
                rational.
        """
        given = {unevaluated(stated): value for stated, value in multipliers.items()}
        for stated in given:
            if stated not in self.relaxed:
                raise ProblemError(f"{stated} is not relaxed; the relaxed constraints are {listed(self.relaxed)}")
        inside = [
            self._inside(row, given.get(stated, 0)) for row, stated in zip(self._dual.rows, self.relaxed, strict=True)
        ]
        found = self._dual.at(inside) if self._has_points else None
        return self._stated(self.program.value(0) + found.value / self.program.scale) if found else self._no_point

    @property
    def _no_point(self) -> Expr:
        return self.restoration.objective_sign * sympy.oo

    @property
    def _terms(self) -> StatedTerms:
        return StatedTerms(self.problem, self.restoration, self.program)

    def _stated(self, value: fmpq) -> Expr:
        return self._terms.value(value)

    def _inside(self, row: IntegerRow, given: Expr | int) -> fmpq:
        """A multiplier as shown, as that of the row in integers."""
        value = Rational(given) if isinstance(given, int) and not isinstance(given, bool) else given
        if not isinstance(value, Rational):
            raise ProblemError(f"the multiplier {given} is no rational number; write an integer or a Rational")
        if value < 0 and not row.is_equation:
            raise ProblemError(
                f"the multiplier {given} of an inequality is negative; multipliers of inequalities are not"
            )
        return to_fmpq(value) * self._factor(row) * self.program.scale / row.scale

    def _outside(self, row: IntegerRow, inside: fmpq) -> Expr:
        return to_rational(inside * self._factor(row) * row.scale / self.program.scale)

    def _factor(self, row: IntegerRow) -> int:
        """The textbook's multiplier of an equation is that of f - lambda (lhs - rhs)."""
        return -self.restoration.objective_sign if row.is_equation else 1

    @cached_property
    def multipliers(self) -> dict[Relational, Expr]:
        """The best multipliers found, by relaxed constraint, in the textbook's signs; empty where the bound is infinite."""
        if self._best is None or self._best.ray is not None:
            return {}
        inside = self._best.found.multipliers
        return {s: self._outside(row, m) for s, row, m in zip(self.relaxed, self._dual.rows, inside, strict=True)}

    @property
    def is_best(self) -> bool:
        """Whether it is proved that no multipliers give a better bound: a bound that a feasible point attains is best, too."""
        return self._best is None or self._best.is_best or self.feasible_value == self.bound

    @cached_property
    def bound(self) -> Expr:
        """The dual function at `multipliers`, exactly; infinite where there is no feasible point for that reason."""
        if self._best is None or self._best.ray is not None:
            return self._no_point
        return self._stated(self.program.value(0) + self._best.found.value / self.program.scale)

    @cached_property
    def rounded_bound(self) -> Expr:
        """The bound rounded to a value that integer points can have; the bound itself where variables are continuous."""
        if self._best is None or self._best.ray is not None:
            return self._no_point
        if self.program.reals:
            return self.bound
        step = self.program.step
        return self._stated(self.program.value(-int((-self._best.found.value / step).floor()) * step))

    @cached_property
    def _heuristic(self) -> tuple[int, ...] | tuple[fmpq, ...] | None:
        if self._best is None:
            return None
        inner = self.inner.minimum(*integral(self._best.found.multipliers), *self._dual.ranges)
        if inner is not None and self.program.reals:
            return completed(self.program, inner.point, self._dual.ranges)
        if inner is None:
            return None
        heuristic = PrimalHeuristic(self.program)
        is_linear = len(self._dual.rows) > 1 and not self.program.products
        relaxed = linear_relaxation(self._dual) if is_linear else None
        points = [heuristic.from_inner(inner, self._dual.ranges)]
        points += [] if relaxed is None else [heuristic.from_linear(relaxed[1], self._dual.ranges)]
        return min((point for point in points if point is not None), key=self.program.cost, default=None)

    @property
    def feasible_point(self) -> dict[Symbol, Expr] | None:
        """A feasible point by repair, greedy steps and exchanges; None where none was found."""
        return None if self._heuristic is None else self._terms.point(self._heuristic)

    @property
    def feasible_value(self) -> Expr | None:
        """The objective at `feasible_point`."""
        return None if self._heuristic is None else self._terms.optimum(self._heuristic).expression

    @property
    def gap(self) -> Expr | None:
        """How far `feasible_value` and `rounded_bound` are apart: 0 proves both."""
        value = self.feasible_value
        return None if value is None else abs(value - self.rounded_bound)

    @cached_property
    def _pieces(self) -> tuple[Piece, ...] | None:
        if len(self.relaxed) != 1:
            raise ProblemError(
                f"{len(self.relaxed)} constraints are relaxed; the dual function is written down for one: "
                "relax one, or take value_at(...) for single multipliers"
            )
        return pieces(self._dual, deadline_after(self.time_limit_s)) if self._has_points else None

    def breakpoints(self) -> tuple[Expr, ...] | None:
        """Where the dual function of one multiplier changes its slope, ascending; None where that is not known.

        Raises:
            ProblemError: where not exactly one constraint is relaxed.
        """
        found = self._pieces
        if found is None:
            return None
        return tuple(sorted(self._outside(self._dual.rows[0], p.start) for p in found[1:] if p.start is not None))

    def dual_function(self, multiplier: Symbol | None = None) -> Expr | None:
        """The dual function of one multiplier, with all its pieces; None where they are too many to be written down.

        Args:
            multiplier: its symbol; by default mu, not negative, for an inequality, and lambda for an equation.

        Raises:
            ProblemError: where not exactly one constraint is relaxed.
        """
        found = self._pieces
        if found is None or len(found) > MOST_WRITTEN:
            return None
        row = self._dual.rows[0]
        name = "lambda" if row.is_equation else "mu"
        symbol = multiplier or Symbol(name, real=True, nonnegative=None if row.is_equation else True)
        lines = [self._line(piece, row, symbol) for piece in found]
        ends = self.breakpoints() or ()
        if self._factor(row) < 0:
            lines.reverse()
        parts = [(line, symbol <= end) for line, end in zip(lines, ends, strict=False)]
        return Piecewise(*parts, (lines[-1], True))

    def _line(self, piece: Piece, row: IntegerRow, symbol: Symbol) -> Expr:
        slope = to_rational(fmpq(piece.slope) / row.scale * self._factor(row))
        return self._stated(self.program.value(piece.cost)) + self.restoration.objective_sign * slope * symbol

    def plot(self, path: str | PathLike[str] | None = None, *, optimum: "RelaxedOptimum | None" = None) -> "Picture":
        """The dual function of one multiplier as a picture, see `lagrangian.report.relaxation_plot`."""
        from lagrangian.report.relaxation_plot import plot_relaxation  # above this layer: it reads relaxations

        return plot_relaxation(self, path, optimum=optimum)

    def solve(self, time_limit_s: float | None = TIME_LIMIT_S) -> "RelaxedOptimum":
        """Branch and bound on the Lagrangian bound.

        Args:
            time_limit_s: after that, the best point and the bound that holds then are the answer; None for no limit.
        """
        started = time.monotonic()
        deadline = deadline_after(time_limit_s)
        found = self._mixed(deadline) if self.program.reals else self._integer(deadline)
        bound = self.rounded_bound if found.bound is None else self._terms.cost(found.bound)
        return relaxed_optimum(self._terms, found, bound, time.monotonic() - started)

    def _mixed(self, deadline: float) -> SearchEnd:
        result = mixed_search(self.program, deadline)
        proof = None if result.steps is None else MixedTreeCertificate(self.canonical, result.best, result.steps)
        return SearchEnd(result.best, result.bound, proof, result.nodes, result.reason)

    def _integer(self, deadline: float) -> SearchEnd:
        known = self.__dict__.get("_best")
        result = searched(self.inner, deadline) if known is None else searched_from(self.inner, known, deadline)
        proof = None
        if result.steps is not None:
            proof = RelaxationTreeCertificate(self.canonical, self.inner.relaxed, result.best, result.steps)
        return SearchEnd(
            result.best, result.bound, proof, result.nodes, f"the time was over after {result.nodes} nodes"
        )


def relax(
    problem: Problem, constraints: Iterable[Relational] | None = None, *, time_limit_s: float = TIME_LIMIT_S
) -> Relaxation:
    """Put constraints of a linear or quadratic problem in bounded variables, integers among them, into the Lagrangian.

    What is kept is solved exactly for every choice of multipliers: variable by variable, by blocks where constraints tie few
    variables together, greedily for constraints with equal coefficients, and by dynamic programming for knapsack constraints.

    Args:
        problem: variables with bounds or constraints that imply them, integer or, where the objective is linear,
            continuous; a linear or quadratic objective, linear constraints.
        constraints: those to relax, as stated; by default all that do not fall into separate knapsacks or choices.
        time_limit_s: what the search for the best multipliers may take, and that for all pieces of the dual function.

    Raises:
        ProblemError: for another problem, a constraint that the problem does not have or that bounds one variable only, and
            where what is kept ties too many variables together; for a limit that is no number of seconds.

    >>> from sympy import symbols
    >>> x, y, z = over = symbols("x y z")
    >>> knapsack = Problem(
    ...     5*x + 6*y + 3*z, [3*x + 4*y + 2*z <= 6], over=over, integers=over, bounds=dict.fromkeys(over, (0, 1)), sense="max"
    ... )
    >>> relaxation = relax(knapsack)
    >>> relaxation.bound, relaxation.feasible_value, relaxation.multipliers
    (19/2, 9, {3*x + 4*y + 2*z <= 6: 3/2})
    >>> optimum = relaxation.solve()
    >>> optimum.solution.value, optimum.gap, optimum.solution.certificate.verify()
    (9, 0, True)
    """
    deadline_after(time_limit_s)  # refuses what is no limit before anything is computed
    canonical, restoration = canonicalize(problem)
    try:
        program = integer_program(canonical)
    except NotIntegerProgramError as error:
        raise ProblemError(f"{error}: a Lagrangian relaxation needs linear constraints in bounded variables") from None
    stated = [relation_of(canonical, row) for row in program.rows]
    chosen = rows_to_relax(program) if constraints is None else chosen_rows(problem, stated, constraints)
    try:
        inner = InnerProblem(program, chosen)
    except TooLargeError as error:
        tied = ", ".join(str(problem.over[i]) for i in error.places[:6])
        raise ProblemError(
            f"what is left when {listed([stated[r] for r in chosen])} is relaxed ties {error} ({tied}, ...), too many to "
            "be solved exactly for each multiplier; relax more constraints"
        ) from None
    kept = tuple(s for r, s in enumerate(stated) if r not in set(chosen))
    return Relaxation(
        problem, tuple(stated[r] for r in chosen), kept, canonical, restoration, program, inner, time_limit_s
    )
