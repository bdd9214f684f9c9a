"""Sets of parameters: polyhedra, some conditions strict, on an affine subspace; and what a cut leaves outside."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from flint import fmpq_mat

from lagrangian.duality.parametric_polyhedra import (
    Condition,
    Row,
    implied_equation,
    implies,
    is_constant,
    is_empty,
    needed,
    negated,
    primitive,
)


@dataclass(frozen=True, slots=True)
class Equation:
    """row = 0, where the parameter in place ``pivot`` has the coefficient 1 and is expressed by the others."""

    pivot: int
    row: Row


@dataclass(frozen=True, slots=True)
class ParameterSet:
    """{t in R^count : all conditions and equations hold}; the conditions do not contain the pivots of the equations.

    A set on a subspace is a cylinder to the conditions, so that "interior" always means the interior relative to the subspace.
    """

    count: int
    conditions: tuple[Condition, ...] = ()
    equations: tuple[Equation, ...] = ()

    @property
    def closed_conditions(self) -> list[Condition]:
        return [condition.closure for condition in self.conditions]

    @property
    def is_empty(self) -> bool:
        return is_empty(self.conditions, self.count)

    def reduced(self, row: Row) -> Row:
        """The same function on the set, without the pivots."""
        for equation in self.equations:
            factor = row[equation.pivot]
            if factor != 0:
                row = tuple(a - factor * b for a, b in zip(row, equation.row, strict=True))
        return row

    def reduced_matrix(self, matrix: fmpq_mat) -> fmpq_mat:
        """`reduced` for every row of a matrix."""
        return matrix_of_rows([self.reduced(tuple(row)) for row in matrix.tolist()], matrix.ncols())

    def where(self, conditions: Iterable[Condition]) -> "ParameterSet":
        """The part on which more conditions hold, with none that the others imply."""
        added = (Condition(self.reduced(c.row), c.strict) for c in conditions)
        return replace(self, conditions=tuple(needed([*self.conditions, *added], (), self.count)))

    def on(self, row: Row) -> "ParameterSet":
        """The part on which a function, not constant on the set, vanishes."""
        row = self.reduced(row)
        pivot = max(j for j, value in enumerate(row[:-1]) if value != 0)
        equation = Equation(pivot, tuple(value / row[pivot] for value in row))
        onto = replace(self, conditions=(), equations=(*self.equations, equation))
        return onto.where(self.conditions)

    def lies_in(self, other: "ParameterSet") -> bool:
        """Whether every point of this set belongs to the other one."""
        rows = [self.reduced(equation.row) for equation in other.equations]
        conditions = [Condition(side) for row in rows for side in (row, negated(row))]
        conditions += [Condition(self.reduced(c.row), c.strict) for c in other.conditions]
        return all(implies(self.conditions, condition, self.count) for condition in conditions)

    def on_its_hull(self) -> "ParameterSet":
        """The same set, which is not empty, on the smallest affine subspace that holds it."""
        found = self
        while (row := implied_equation(found.closed_conditions, found.count)) is not None:
            found = found.on(row)
        return found


def matrix_of_rows(rows: list[Row], width: int) -> fmpq_mat:
    return fmpq_mat(len(rows), width, [value for row in rows for value in row])


def cut(inside: ParameterSet, conditions: Iterable[Condition]) -> tuple[list[ParameterSet], ParameterSet | None]:
    """The parts where some condition fails, which do not meet, and the part where all hold; None for an empty one."""
    reduced = [Condition(inside.reduced(c.row), c.strict) for c in conditions]
    outside = []
    for condition in needed(reduced, inside.conditions, inside.count):
        piece = inside.where([condition.negation])
        if not piece.is_empty:
            outside.append(piece.on_its_hull())
        inside = inside.where([condition])
        if inside.is_empty:
            return outside, None
    return outside, inside.on_its_hull()


def cut_to_zeros(inside: ParameterSet, rows: Iterable[Row]) -> tuple[list[ParameterSet], ParameterSet | None]:
    """The parts where some function is positive or negative, and the part where all vanish."""
    outside: list[ParameterSet] = []
    for stated in rows:
        row = primitive(inside.reduced(stated))
        if is_constant(row):
            if row[-1] != 0:
                return [*outside, inside], None
            continue
        sides = [inside.where([Condition(side, strict=True)]) for side in (row, negated(row))]
        outside += [side.on_its_hull() for side in sides if not side.is_empty]
        inside = inside.on(row)
        if inside.is_empty:
            return outside, None
        inside = inside.on_its_hull()
    return outside, inside
