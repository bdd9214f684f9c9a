"""Problems compiled to enclosures over boxes: the objective, the constraints and their derivatives as lines of one program."""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy import Expr, Symbol

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.interval_arrays import Array, Mask, float_interval
from lagrangian.algebra.interval_program import NotEnclosableError, Program
from lagrangian.problem.canonical import CanonicalProblem, Equality, Inequality

# longer objectives, in operations, are not factored
MOST_FACTORED = 60
# sums of two inequalities are looked at if there are no more, and used if they have fewer operations by this factor
MOST_PAIRED = 40
SIMPLER = 3


@dataclass(frozen=True, eq=False)
class Boxes:
    """N boxes: lower and upper ends of shape (N, n), and where a variable is ``held`` at one number inside its interval."""

    low: Array
    high: Array
    held: Mask

    def __len__(self) -> int:
        return len(self.low)

    def take(self, places: NDArray) -> "Boxes":
        return Boxes(self.low[places], self.high[places], self.held[places])


def middle(boxes: Boxes) -> Array:
    """A point of each box that is its middle up to rounding (0 or an end where it is unbounded)."""
    low = np.where(np.isfinite(boxes.low), boxes.low, np.where(np.isfinite(boxes.high), boxes.high, 0.0))
    high = np.where(np.isfinite(boxes.high), boxes.high, low)
    return np.clip(low + 0.5 * (high - low), boxes.low, boxes.high)


@dataclass(frozen=True, eq=False)
class IntervalModel:
    """A problem compiled to enclosures: F, g, h as lines of a program, and the region that bounds on single variables leave.

    ``low`` and ``high`` are exact bounds (or infinities); ``low_ends`` and ``high_ends`` enclose them, arrays of shape (2, n).
    ``factored`` are lines that compute F's partial derivatives as products, which keep their signs on unbounded boxes.
    ``general_inequalities`` are those that are not bounds, in the order of ``inequalities``.
    """

    canonical: CanonicalProblem
    program: Program
    objective: int
    inequalities: tuple[int, ...]
    equalities: tuple[int, ...]
    low: tuple[Expr, ...]
    high: tuple[Expr, ...]
    low_ends: Array
    high_ends: Array
    factored: tuple[int | None, ...]
    general_inequalities: tuple[Inequality, ...]

    @property
    def dimension(self) -> int:
        return len(self.canonical.variables)

    @property
    def is_box(self) -> bool:
        """Whether there are no constraints but bounds."""
        return not self.inequalities and not self.equalities

    @property
    def region(self) -> Boxes:
        """The whole search region as one box; integer variables begin and end at integers."""
        shape = (1, self.dimension)
        low, high = self.low_ends[:1].copy(), self.high_ends[1:].copy()
        low = np.where(self.integers, np.ceil(low), low)
        return Boxes(low, np.where(self.integers, np.floor(high), high), np.zeros(shape, dtype=bool))

    @property
    def integers(self) -> Mask:
        """Which variables take integer values only."""
        return np.array([v in self.canonical.integers for v in self.canonical.variables], dtype=bool)

    def is_between_integers(self, constraint: Inequality | Equality) -> bool:
        """Whether a constraint is a polynomial in integer variables alone, which can be decided exactly at integers."""
        names = constraint.expression.free_symbols
        return bool(names) and names <= self.canonical.integers and constraint.expression.is_polynomial(*names)

    @cached_property
    def continuous_equalities(self) -> tuple[int, ...]:
        """The lines of the independent equalities that are not between integers."""
        decided = {
            line
            for line, equality in zip(self.equalities, self.canonical.equalities, strict=True)
            if self.is_between_integers(equality)
        }
        return tuple(line for line in self.independent_equalities if line not in decided)

    @cached_property
    def independent_equalities(self) -> tuple[int, ...]:
        """The lines of the equalities without affine ones that are combinations of others before them.

        A combination of which all but a constant vanishes is kept: with it the equations have no zero.
        """
        rows: list[list[Expr]] = []
        kept = []
        for line, equality in zip(self.equalities, self.canonical.equalities, strict=True):
            row = _affine_row(equality.expression, self.canonical.variables)
            if row is not None:
                if sympy.Matrix([*rows, row]).rank() == len(rows):
                    continue
                rows.append(row)
            kept.append(line)
        return tuple(kept)

    @cached_property
    def implied(self) -> tuple[int, ...]:
        """The lines of sums of two inequalities that are much simpler than both, such as t >= 0 for f <= t and -f <= t."""
        found = []
        inequalities = self.general_inequalities if len(self.general_inequalities) <= MOST_PAIRED else ()
        for left, right in combinations(inequalities, 2):
            total = left.expression + right.expression
            shorter = min(left.expression.count_ops(), right.expression.count_ops())
            if total.free_symbols and total.count_ops() * SIMPLER < shorter:
                found.append(self.program.add(total))
        return tuple(dict.fromkeys(found))

    def gradient(self, line: int) -> list[int]:
        return [self.program.derivative(line, i) for i in range(self.dimension)]

    def hessian(self, line: int) -> list[int]:
        """The lines of the lower triangle, row by row."""
        slopes = self.gradient(line)
        return [self.program.derivative(slopes[i], j) for i in range(self.dimension) for j in range(i + 1)]


def interval_model(canonical: CanonicalProblem) -> IntervalModel:
    """Compile a problem. Raises NotEnclosableError for functions that have no enclosure."""
    if canonical.parameters:
        raise NotEnclosableError("interval arithmetic needs a problem without parameters")
    program = Program(canonical.variables)
    low: dict[Symbol, Expr] = {}
    high: dict[Symbol, Expr] = {}
    general: list[Inequality] = []
    for inequality in canonical.inequalities:
        bound = _bound(inequality.expression)
        if bound is None:
            general.append(inequality)
            continue
        variable, limit, is_upper = bound
        side = high if is_upper else low
        kept = side.get(variable)
        if kept is None or bool(limit < kept if is_upper else limit > kept):
            side[variable] = limit
    lows = tuple(low.get(v, -sympy.oo) for v in canonical.variables)
    highs = tuple(high.get(v, sympy.oo) for v in canonical.variables)
    return IntervalModel(
        canonical,
        program,
        program.add(canonical.objective),
        tuple(program.add(g.expression) for g in general),
        tuple(program.add(h.expression) for h in canonical.equalities),
        lows,
        highs,
        np.array([_ends(limit) for limit in lows]).T.reshape(2, -1),
        np.array([_ends(limit) for limit in highs]).T.reshape(2, -1),
        tuple(_factored(program, canonical.objective, v) for v in canonical.variables),
        tuple(general),
    )


def _affine_row(expression: Expr, variables: tuple[Symbol, ...]) -> list[Expr] | None:
    """The rational coefficients of an affine expression, its constant last; None for other expressions."""
    slopes = [sympy.diff(expression, v) for v in variables]
    row = [*slopes, expression.xreplace(dict.fromkeys(variables, sympy.Integer(0)))]
    return row if all(isinstance(entry, sympy.Rational) for entry in row) else None


def _factored(program: Program, objective: Expr, variable: Symbol) -> int | None:
    """The derivative as a product, for short objectives in one variable; None where that is not to be had."""
    if len(objective.free_symbols) != 1 or objective.count_ops() > MOST_FACTORED:
        return None
    try:
        product = sympy.factor(sympy.diff(objective, variable))
        return program.add(product) if product.is_Mul else None
    except (NotEnclosableError, sympy.PolynomialError):
        return None


def _bound(expression: Expr) -> tuple[Symbol, Expr, bool] | None:
    """(x, limit, whether it is an upper one) for a x - b <= 0 with rational a; None for other expressions."""
    if len(expression.free_symbols) != 1:
        return None
    variable = next(iter(expression.free_symbols))
    slope = sympy.diff(expression, variable)
    if not isinstance(slope, sympy.Rational) or slope == 0:
        return None
    return variable, -expression.xreplace({variable: sympy.Integer(0)}) / slope, bool(slope > 0)


def _ends(limit: Expr) -> tuple[float, float]:
    if limit in (sympy.oo, -sympy.oo):
        return float(limit), float(limit)
    ball = enclose(limit)
    if ball is None:
        raise NotEnclosableError(f"the bound {limit} cannot be enclosed")
    return float_interval(ball)
