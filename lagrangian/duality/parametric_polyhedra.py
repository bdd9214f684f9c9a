"""Polyhedra of parameters in rational arithmetic: emptiness, interiors, redundant conditions, differences.

A row (a_1, ..., a_p, c) stands for the affine function a.t + c of the parameters t, a condition for a.t + c <= 0, or < 0 where
it is strict. Every question is one linear program, max {s <= 1 : a_i.t + c_i + w_i s <= 0}, which is solved through its dual,

    min -c.y + v  subject to  sum(y_i a_i) = 0,  sum(w_i y_i) + v = 1,  y >= 0, v >= 0,

because that has only p + 1 equations: the simplex method with the rule of Bland (1977), which does not cycle.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from flint import fmpq

Row = tuple[fmpq, ...]
ZERO, ONE = fmpq(0), fmpq(1)


@dataclass(frozen=True, slots=True)
class Condition:
    """a.t + c <= 0, or < 0 where ``strict``."""

    row: Row
    strict: bool = False

    @property
    def negation(self) -> "Condition":
        """The condition that holds exactly where this one does not."""
        return Condition(negated(self.row), not self.strict)

    @property
    def closure(self) -> "Condition":
        return Condition(self.row)


def negated(row: Row) -> Row:
    return tuple(-value for value in row)


def is_constant(row: Row) -> bool:
    return all(value == 0 for value in row[:-1])


def value_at(row: Row, point: Sequence[fmpq]) -> fmpq:
    return sum((a * t for a, t in zip(row, point, strict=False)), row[-1])


def deepest(rows: Sequence[Row], weights: Sequence[int], count: int) -> tuple[fmpq, list[fmpq]] | None:
    """max {s <= 1 : a_i.t + c_i + w_i s <= 0 for all i} with a maximizer t; None where nothing satisfies the rows of weight 0.

    >>> rows = [(fmpq(1), fmpq(-2)), (fmpq(-1), fmpq(1))]                # 1 <= t <= 2
    >>> deepest(rows, [1, 1], 1)
    (1/2, [3/2])
    """
    width = len(rows)
    table = [[*(row[k] for row in rows), ZERO, *(fmpq(int(k == j)) for j in range(count)), ZERO] for k in range(count)]
    table.append([*(fmpq(weight) for weight in weights), ONE, *([ZERO] * count), ONE])
    # reduced costs: the basis is (artificial variables, v), of costs (0, 1)
    costs = [*(-row[-1] - weight for row, weight in zip(rows, weights, strict=True)), ZERO, *([ZERO] * count), -ONE]
    basis = [*range(width + 1, width + 1 + count), width]
    while (entering := next((j for j in range(width + 1) if costs[j] < 0), None)) is not None:
        leaving = _leaving_row(table, basis, entering, width)
        if leaving is None:
            return None
        _pivot(table, costs, leaving, entering)
        basis[leaving] = entering
    return -costs[-1], [-costs[width + 1 + k] for k in range(count)]


def _leaving_row(table: list[list[fmpq]], basis: list[int], entering: int, width: int) -> int | None:
    """Artificial variables are zero and leave first, at a step of length zero, so that they stay zero."""
    for i, row in enumerate(table):
        if basis[i] > width and row[entering] != 0:
            return i
    positive = [i for i, row in enumerate(table) if row[entering] > 0]
    return min(positive, key=lambda i: (table[i][-1] / table[i][entering], basis[i]), default=None)


def _pivot(table: list[list[fmpq]], costs: list[fmpq], pivot_row: int, column: int) -> None:
    pivot = table[pivot_row][column]
    source = table[pivot_row] = [value / pivot for value in table[pivot_row]]
    for target in (*(row for i, row in enumerate(table) if i != pivot_row), costs):
        factor = target[column]
        if factor != 0:
            target[:] = [a - factor * b if b != 0 else a for a, b in zip(target, source, strict=True)]


def interior_point(conditions: Sequence[Condition], count: int) -> tuple[fmpq, list[fmpq]] | None:
    """s > 0 and a point at which all conditions hold with a.t + c <= -s; None where the interior is empty.

    Conditions without parameters, c <= 0, have no interior of their own: they hold or not.
    """
    rows = [c.row for c in conditions]
    if any(c.strict and is_constant(c.row) and c.row[-1] >= 0 for c in conditions):
        return None
    found = deepest(rows, [int(not is_constant(row)) for row in rows], count)
    return found if found is not None and found[0] > 0 else None


def has_interior(conditions: Sequence[Condition], count: int) -> bool:
    return interior_point(conditions, count) is not None


def is_empty(conditions: Sequence[Condition], count: int) -> bool:
    """Whether no point satisfies all conditions, the strict ones strictly.

    >>> t_positive, t_at_most_zero = Condition((-ONE, ZERO), True), Condition((ONE, ZERO))
    >>> is_empty([t_positive, t_at_most_zero], 1), is_empty([t_positive.closure, t_at_most_zero], 1)
    (True, False)
    """
    found = deepest([c.row for c in conditions], [int(c.strict) for c in conditions], count)
    return found is None or (found[0] <= 0 and any(c.strict for c in conditions))


def implies(given: Sequence[Condition], condition: Condition, count: int) -> bool:
    """Whether the condition holds at every point that satisfies the given ones."""
    return is_empty([*given, condition.negation], count)


def needed(conditions: Iterable[Condition], given: Sequence[Condition], count: int) -> list[Condition]:
    """The conditions, with primitive rows so that equal ones meet, without those that the given ones and the rest imply."""
    left = list(dict.fromkeys(Condition(primitive(c.row), c.strict) for c in conditions))
    for condition in list(left):
        others = [c for c in left if c is not condition]
        if implies([*given, *others], condition, count):
            left = others
    return left


def primitive(row: Row) -> Row:
    """The positive multiple with integer entries without a common factor."""
    scale, divisor = 1, 0
    for value in row:
        scale = scale * int(value.q) // _gcd(scale, int(value.q))
    for value in row:
        divisor = _gcd(divisor, int((value * scale).p))
    return tuple(value * fmpq(scale, divisor) for value in row) if divisor else row


def _gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return abs(a)


def pieces_outside(cell: Sequence[Condition], region: Sequence[Condition], count: int) -> list[list[Condition]]:
    """What of a cell lies outside a region, as cells with interiors that do not overlap; the cell itself if they do not meet."""
    if not has_interior([*cell, *region], count):
        return [list(cell)]
    pieces, inside = [], list(cell)
    for condition in region:
        piece = [*inside, condition.negation.closure]
        if has_interior(piece, count):
            pieces.append(piece)
        inside.append(condition.closure)
    return pieces


def implied_equation(conditions: Sequence[Condition], count: int) -> Row | None:
    """The row of a condition that holds with equality wherever all of them hold; None if the polyhedron has an interior."""
    rows = [c.row for c in conditions]
    for i, row in enumerate(rows):
        if not is_constant(row):
            found = deepest(rows, [int(k == i) for k in range(len(rows))], count)
            if found is not None and found[0] == 0:
                return row
    return None


def generic_points(conditions: Sequence[Condition], count: int) -> Iterator[list[fmpq]]:
    """Interior points along a curve that meets every hyperplane finitely often: (1/k, 1/k^2, ..., 1/k^p), moved and scaled."""
    found = interior_point(conditions, count)
    assert found is not None, "the cell has an interior"
    depth, center = found
    longest = max((sum((abs(a) for a in c.row[:-1]), ZERO) for c in conditions), default=ZERO)
    scale = depth / longest if longest > 0 else ONE
    step = 2
    while True:
        yield [t + scale * fmpq(1, step) ** (k + 1) for k, t in enumerate(center)]
        step += 1
