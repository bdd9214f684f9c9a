"""All multipliers of a point at once: the polyhedron, and how small and how large each multiplier can be in it.

    M = {(mu, lambda) : grad F + sum(mu_i grad g_i) + sum(lambda_j grad h_j) = 0,  mu >= 0}

over the active g_i. It is convex and closed; with independent gradients it holds one point at most (Gauvin 1977, A necessary and
sufficient regularity condition to have bounded multipliers in nonconvex programming).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import comb
from typing import Any

from flint import fmpq
from sympy import Expr

from lagrangian.algebra.closed_form import closed_form
from lagrangian.algebra.matrices import rank, solve_combination
from lagrangian.algebra.numbers import FieldElement
from lagrangian.algebra.polynomials import to_rational
from lagrangian.candidates.linear import LinearKKT, QuadraticProgram, Recession, solve_convex
from lagrangian.conditions.cones import positive_dependences
from lagrangian.duality.closed_numbers import UndecidedSignError
from lagrangian.problem.canonical import CanonicalProblem, Equality, Inequality

# elements of one number field, or closed numbers; never both
Vector = list[Any]
MOST_SETS = 3000
ZERO = fmpq(0)


@dataclass(frozen=True, eq=False)
class Gradients:
    """The gradients at a point: of F, of the active inequalities (by their places), and of the equations."""

    objective: Vector
    active: tuple[int, ...]
    inequality_rows: list[Vector]
    equality_rows: list[Vector]

    @property
    def rows(self) -> list[Vector]:
        return [*self.inequality_rows, *self.equality_rows]

    def row_of(self, canonical: CanonicalProblem, constraint: Inequality | Equality) -> int | None:
        """The place of a constraint among the rows; None for an inequality that is not active."""
        if isinstance(constraint, Equality):
            return len(self.active) + next(j for j, h in enumerate(canonical.equalities) if h is constraint)
        place = next(i for i, g in enumerate(canonical.inequalities) if g is constraint)
        return self.active.index(place) if place in self.active else None

    @cached_property
    def are_independent(self) -> bool:
        """LICQ."""
        return rank(self.rows) == len(self.rows)

    @cached_property
    def combination(self) -> Vector | None:
        """Factors y with sum(y_k rows_k) = -grad F; None where there are none."""
        return solve_combination(self.rows, [-value for value in self.objective])


@dataclass(frozen=True)
class Interval:
    """The values that one multiplier takes: from ``low`` to ``high``, each None where there is no end; or none at all."""

    low: Any = None
    high: Any = None
    is_empty: bool = False


def multiplier_interval(gradients: Gradients, row: int) -> Interval:
    """The interval of the multiplier of one of ``gradients.rows``.

    Raises UndecidedSignError where a sign is open, or there are too many vertices to list.

    >>> from lagrangian.duality.closed_numbers import ClosedNumber
    >>> one = ClosedNumber(to_rational(fmpq(1)))
    >>> twice = Gradients([-one], (0, 1), [[one], [one]], [])           # min -x: x <= 0 stated twice
    >>> interval = multiplier_interval(twice, 0)
    >>> as_expression(interval.low), as_expression(interval.high)
    (0, 1)
    """
    rational = _rational_rows([gradients.objective, *gradients.rows])
    if rational is not None:
        return _by_linear_programs(rational[0], rational[1:], len(gradients.active), row)
    if gradients.are_independent:
        return _unique(gradients, row)
    return _by_vertices(gradients, row)


def as_expression(number: Any) -> Any:
    """A multiplier as a SymPy expression."""
    if isinstance(number, fmpq):
        return to_rational(number)
    if isinstance(number, Expr):
        return number
    return closed_form(number) if isinstance(number, FieldElement) else number.expression


def _rational_rows(rows: Sequence[Vector]) -> list[list[fmpq]] | None:
    found = [[_rational(value) for value in row] for row in rows]
    return None if any(value is None for row in found for value in row) else found


def _rational(value: Any) -> fmpq | None:
    if isinstance(value, FieldElement):
        return value.rational()
    number = value.expression
    return fmpq(int(number.p), int(number.q)) if number.is_Rational else None


def _by_linear_programs(objective: list[fmpq], rows: list[list[fmpq]], inequalities: int, row: int) -> Interval:
    """The least and the greatest value by exact linear programming."""
    count = len(rows)
    held = [(*(r[j] for r in rows), slope) for j, slope in enumerate(objective)]
    signs = [tuple(fmpq(-int(i == k)) for i in range(count + 1)) for k in range(inequalities)]
    ends: list[fmpq | None] = []
    for sign in (1, -1):
        slope = [fmpq(sign * int(i == row)) for i in range(count)]
        found = solve_convex(QuadraticProgram([[ZERO] * count for _ in range(count)], slope, signs, held))
        if not isinstance(found, LinearKKT | Recession):
            return Interval(is_empty=True)
        ends.append(found.point[row] if isinstance(found, LinearKKT) else None)
    return Interval(ends[0], ends[1])


def _unique(gradients: Gradients, row: int) -> Interval:
    found = gradients.combination
    if found is None or any(mu.sign() < 0 for mu in found[: len(gradients.active)]):
        return Interval(is_empty=True)
    return Interval(found[row], found[row])


def _by_vertices(gradients: Gradients, row: int) -> Interval:
    """By the vertices of {y >= 0 : sum(y_k rows_k) = -grad F} and its rays, an equation's row counted with both signs."""
    first = len(gradients.active)
    split = [*gradients.rows, *([-value for value in r] for r in gradients.equality_rows)]
    opposite = row + len(gradients.equality_rows) if row >= first else None

    def value(y: Vector) -> Any:
        return y[row] if opposite is None else y[row] - y[opposite]

    values = [value(y) for y in _vertices(split, gradients.objective)]
    if not values:
        return Interval(is_empty=True)
    zero = gradients.objective[0] - gradients.objective[0]
    signs = {value(ray).sign() for ray in positive_dependences(split, zero + 1)}
    low, high = _extreme(values, -1), _extreme(values, 1)
    return Interval(None if -1 in signs else low, None if 1 in signs else high)


def _vertices(rows: list[Vector], objective: Vector) -> Iterator[Vector]:
    """The solutions y >= 0 with independent rows: an empty set has none (Caratheodory)."""
    zero = objective[0] - objective[0]
    target = [-value for value in objective]
    height = rank(rows)
    if sum(comb(len(rows), size) for size in range(height + 1)) > MOST_SETS:
        raise UndecidedSignError("there are too many sets of active constraints to list all multipliers")
    for size in range(height + 1):
        for used in combinations(range(len(rows)), size):
            chosen = [rows[i] for i in used]
            if size and rank(chosen) < size:
                continue
            found = solve_combination(chosen, target)
            if found is not None and all(y.sign() > 0 for y in found):
                spread = [zero] * len(rows)
                for i, y in zip(used, found, strict=True):
                    spread[i] = y
                yield spread


def _extreme(values: list[Any], sign: int) -> Any:
    best = values[0]
    for value in values[1:]:
        if (value - best).sign() == sign:
            best = value
    return best
