"""Affine subspaces of Q^n: linear equations solved exactly, row by row, and polynomials restricted to the solutions."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from flint import fmpq, fmpq_mpoly
from sympy import Symbol

from lagrangian.algebra.polynomials import Ring

Row = tuple[fmpq, ...]


def affine_row(polynomial: fmpq_mpoly, count: int) -> Row | None:
    """The coefficients (a_1, ..., a_n, a_0) of a polynomial a.x + a_0, or None if its degree is above one."""
    row = [fmpq(0)] * (count + 1)
    for monomial, value in polynomial.terms():
        degree = sum(map(int, monomial))
        if degree > 1:
            return None
        row[[int(power) for power in monomial].index(1) if degree else count] = value
    return tuple(row)


@dataclass(frozen=True)
class AffineSubspace:
    """The solutions of linear equations in reduced echelon form: each pivot variable is affine in the free ones.

    ``rows[p]`` holds the coefficients of x_p as an affine function of all variables (zero at the pivots) and 1.
    """

    count: int
    rows: dict[int, Row]

    @cached_property
    def free(self) -> tuple[int, ...]:
        return tuple(i for i in range(self.count) if i not in self.rows)

    @property
    def dimension(self) -> int:
        return self.count - len(self.rows)

    def reduce(self, row: Row) -> Row:
        """The row with every pivot variable replaced."""
        result = list(row)
        for pivot, expression in self.rows.items():
            factor = result[pivot]
            if factor != 0:
                result[pivot] = fmpq(0)
                result = [a + factor * b for a, b in zip(result, expression, strict=True)]
        return tuple(result)

    def intersect(self, row: Row) -> "AffineSubspace | None":
        """The part where a.x + a_0 = 0 for a row that is not constant here; None where it is constant."""
        reduced = self.reduce(row)
        pivot = next((i for i in range(self.count) if reduced[i] != 0), None)
        if pivot is None:
            return None
        solved = tuple(fmpq(0) if i == pivot else -value / reduced[pivot] for i, value in enumerate(reduced))
        step = AffineSubspace(self.count, {pivot: solved})
        return AffineSubspace(self.count, {**{p: step.reduce(old) for p, old in self.rows.items()}, pivot: solved})

    @cached_property
    def substitution(self) -> tuple[Ring, list[fmpq_mpoly]]:
        """The ring of the free variables, and every variable as a polynomial in them."""
        # the names are those of positions, so that one ring serves every subspace of the same dimension
        ring = Ring(tuple(Symbol(f"y{i}") for i in range(self.dimension)))
        generators = dict(zip(self.free, ring.generators, strict=True))
        images = []
        for i in range(self.count):
            if i in generators:
                images.append(generators[i])
            else:
                row = self.rows[i]
                image = ring.constant(row[self.count])
                for j in self.free:
                    if row[j] != 0:
                        image += row[j] * generators[j]
                images.append(image)
        return ring, images

    def restrict(self, polynomial: fmpq_mpoly) -> fmpq_mpoly:
        """The polynomial as a function of the free variables."""
        if not self.rows:
            return polynomial
        ring, images = self.substitution
        return polynomial.compose(*images, ctx=ring.context)


def whole_space(count: int) -> AffineSubspace:
    return AffineSubspace(count, {})


def solve_rows(rows: Sequence[Row], count: int) -> AffineSubspace | None:
    """The common zeros of affine functions, or None if there are none."""
    space = whole_space(count)
    for row in rows:
        smaller = space.intersect(row)
        if smaller is not None:
            space = smaller
        elif space.reduce(row)[count] != 0:
            return None
    return space
