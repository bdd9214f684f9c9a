"""The dictionary of an optimal basis of a linear program, and its pivots (Dantzig 1963; Chvatal 1983, Linear Programming).

    minimize c.x   subject to   s_i = -(a_i.x + a_i0) >= 0,   s_j = -(e_j.x + e_j0) = 0

Every slack, every variable and the objective z is an affine function of the slacks of the basis: of n independent constraints
that are active. At an optimum the constants of the slacks and the coefficients of z (the multipliers) are not negative.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flint import fmpq, fmpq_mat

from lagrangian.candidates.affine import Row
from lagrangian.candidates.linear import LinearKKT, QuadraticProgram, Vector
from lagrangian.duality.parametric_cones import null_basis

ZERO = fmpq(0)
# ("g", i) is the slack of inequality i, ("h", j) that of equation j, ("x", k) a variable, ("z", 0) the objective
Label = tuple[str, int]
OBJECTIVE: Label = ("z", 0)


@dataclass(frozen=True, eq=False)
class Dictionary:
    """Rows of coefficients of the slacks in ``columns``, then a constant and the rate at which a change u moves it."""

    columns: tuple[Label, ...]
    rows: dict[Label, list[fmpq]]

    def pivoted(self, row: Label, column: int) -> "Dictionary":
        """The slack of ``row`` in the basis, in place of the one of a column."""
        source = self.rows[row]
        pivot = source[column]
        solved = [-value / pivot for value in source]
        solved[column] = 1 / pivot
        rows = {label: self._substituted(values, solved, column) for label, values in self.rows.items() if label != row}
        entering = self.columns[column]
        columns = (*self.columns[:column], row, *self.columns[column + 1 :])
        return Dictionary(columns, rows | {entering: solved})

    def _substituted(self, values: list[fmpq], solved: list[fmpq], column: int) -> list[fmpq]:
        factor = values[column]
        if factor == 0:
            return values
        found = [a + factor * b if b != 0 else a for a, b in zip(values, solved, strict=True)]
        found[column] = factor * solved[column]
        return found


def optimal_dictionary(program: QuadraticProgram, optimum: LinearKKT) -> Dictionary | None:
    """The dictionary of a basis with this value; None where the feasible set has no vertex or the equations are dependent.

    >>> one = fmpq(1)
    >>> program = QuadraticProgram([[ZERO]], [-one], [(one, -one), (one, -fmpq(3))], [])       # max x: x <= 1, x <= 3
    >>> found = optimal_dictionary(program, LinearKKT([one], [one, ZERO], []))
    >>> found.columns, found.rows[OBJECTIVE], found.rows["g", 1]
    ((('g', 0),), [1, -1, 0], [1, 2, 0])
    """
    multipliers = _independent_multipliers(program, optimum)
    point = None if multipliers is None else _vertex(program, optimum.point)
    if point is None or multipliers is None:
        return None
    used = [i for i, value in enumerate(multipliers) if value > 0]
    active = [i for i in _active(program, point) if i not in used]
    labels: list[Label] = [("h", j) for j in range(len(program.equalities))]
    labels += [("g", i) for i in (*used, *active)]
    chosen = _first_independent([_row(program, label) for label in labels], program.dimension)
    return _dictionary(program, tuple(labels[k] for k in chosen))


def _row(program: QuadraticProgram, label: Label) -> Row:
    return (program.equalities if label[0] == "h" else program.inequalities)[label[1]]


def _dictionary(program: QuadraticProgram, columns: tuple[Label, ...]) -> Dictionary:
    """s_B = -(M x + m) gives x = -inverse(M) (s_B + m), and with it all else."""
    size = program.dimension
    basis = [_row(program, label) for label in columns]
    inverse = fmpq_mat(size, size, [v for row in basis for v in row[:-1]]).inv()
    places = inverse * fmpq_mat(size, 1, [-row[-1] for row in basis])
    others: list[Label] = [("g", i) for i in range(len(program.inequalities)) if ("g", i) not in columns]
    slacks = [_row(program, label) for label in others]
    table = fmpq_mat(len(slacks) + 1, size, [v for row in (*slacks, (*program.slope, ZERO)) for v in row[:-1]])
    coefficients, values = (table * inverse).tolist(), (table * places).tolist()
    rows: dict[Label, list[fmpq]] = {}
    for label, row, line, (value,) in zip(others, slacks, coefficients, values, strict=False):
        rows[label] = [*line, -value - row[-1], ZERO]
    rows[OBJECTIVE] = [*(-v for v in coefficients[-1]), values[-1][0], ZERO]
    for k, line in enumerate(inverse.tolist()):
        rows["x", k] = [*(-v for v in line), places[k, 0], ZERO]
    return Dictionary(columns, rows)


def _active(program: QuadraticProgram, point: Vector) -> list[int]:
    return [i for i, row in enumerate(program.inequalities) if _value(row, point) == 0]


def _value(row: Row, point: Sequence[fmpq]) -> fmpq:
    return sum((a * x for a, x in zip(row, point, strict=False) if a != 0), row[-1])


def _first_independent(rows: list[Row], size: int) -> list[int]:
    """The places of the first rows that make a basis of the span of all."""
    if not rows:
        return []
    transposed = fmpq_mat(size, len(rows), [row[k] for k in range(size) for row in rows])
    reduced, rank = transposed.rref()
    table = reduced.tolist()
    return [next(j for j, value in enumerate(table[i]) if value != 0) for i in range(rank)]


def _vertex(program: QuadraticProgram, point: Vector) -> Vector | None:
    """An optimum at which n independent constraints are active: a direction that keeps these keeps the objective too."""
    for _ in range(program.dimension + 1):
        active = [*program.equalities, *(program.inequalities[i] for i in _active(program, point))]
        lines = null_basis(fmpq_mat(len(active), program.dimension, [v for row in active for v in row[:-1]]))
        if not lines:
            return point
        moved = _moved(program, point, lines[0]) or _moved(program, point, tuple(-v for v in lines[0]))
        if moved is None:
            return None
        point = moved
    return None


def _moved(program: QuadraticProgram, point: Vector, direction: Sequence[fmpq]) -> Vector | None:
    """The last feasible point along a direction; None where there is no last one."""
    steps = []
    for row in program.inequalities:
        slope = sum((a * d for a, d in zip(row, direction, strict=False) if a != 0), ZERO)
        if slope > 0:
            steps.append(-_value(row, point) / slope)
    return [x + min(steps) * d for x, d in zip(point, direction, strict=True)] if steps else None


def _independent_multipliers(program: QuadraticProgram, optimum: LinearKKT) -> Vector | None:
    """Multipliers of inequalities whose gradients, with those of the equations, are independent (Caratheodory 1911)."""
    mu = list(optimum.inequality_multipliers)
    for _ in range(len(mu) + 1):
        used = [i for i, value in enumerate(mu) if value > 0]
        rows = [*(program.inequalities[i] for i in used), *program.equalities]
        columns = fmpq_mat(program.dimension, len(rows), [row[k] for k in range(program.dimension) for row in rows])
        relations = null_basis(columns)
        if not relations:
            return mu
        weights = relations[0][: len(used)]
        if not any(weights):
            return None
        sign = 1 if any(w < 0 for w in weights) else -1
        step = min(mu[i] / (-sign * w) for i, w in zip(used, weights, strict=True) if sign * w < 0)
        for i, w in zip(used, weights, strict=True):
            mu[i] += step * sign * w
    return None
