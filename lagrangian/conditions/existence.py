"""Feasible points that are not rational: a box in which a system of equations has a zero, shown in rational arithmetic.

Some variables are held at rational values, as many others as there are equations F are solved for. With a matrix C near the
inverse of F'(c) and the box Y = c + [-r, r], a zero of F lies in Y if

    c - C F(c) + (I - C F'(Y)) (Y - c)

lies in Y (Krawczyk 1969; Moore 1977). Every other constraint is then checked over the whole box.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flint import fmpq, fmpq_mat, fmpq_mpoly

from lagrangian.problem.lifting import PolynomialProblem

Interval = tuple[fmpq, fmpq]
ZERO = fmpq(0)


@dataclass(frozen=True, slots=True)
class FeasibleBox:
    """Variables held at ``center``, and the variables ``solved``, for which ``center`` +- ``radii`` holds a zero of equations.

    The equations are all equalities of the problem that hold a solved variable, and its inequalities ``active``, taken as
    equations. Without solved variables it is a rational point.
    """

    center: tuple[fmpq, ...]
    solved: tuple[int, ...] = ()
    radii: tuple[fmpq, ...] = ()
    active: tuple[int, ...] = ()

    @property
    def box(self) -> tuple[Interval, ...]:
        radius = dict(zip(self.solved, self.radii, strict=True))
        return tuple((x - radius.get(i, ZERO), x + radius.get(i, ZERO)) for i, x in enumerate(self.center))

    @property
    def is_point(self) -> bool:
        return not self.solved

    def value(self, problem: PolynomialProblem) -> Interval:
        """What the objective lies in."""
        return over_box(problem.objective, self.box)

    def holds(self, problem: PolynomialProblem, integers: frozenset[int]) -> bool:
        """Whether the box holds a feasible point, for certain."""
        known = len(self.center) == problem.dimension and len(self.solved) == len(self.radii) == len(set(self.solved))
        if not known or any(self.center[i].q != 1 or i in self.solved for i in integers):
            return False
        if not all(0 <= i < problem.dimension for i in self.solved) or any(r <= 0 for r in self.radii):
            return False
        if len(self.active) > len(self.solved) or not all(0 <= i < len(problem.inequalities) for i in self.active):
            return False
        box, solved = self.box, set(self.solved)
        equations = [problem.inequalities[i] for i in self.active]
        for h in problem.equalities:
            if solved.isdisjoint(variables_of(h)):
                if h(*self.center) != 0:
                    return False
            else:
                equations.append(h)
        others = [g for g in problem.inequalities if not any(g == h or g == -h for h in equations)]
        return all(over_box(g, box)[1] <= 0 for g in others) and self._has_zero(equations)

    def _has_zero(self, equations: Sequence[fmpq_mpoly]) -> bool:
        size = len(self.solved)
        if len(equations) != size:
            return False
        if size == 0:
            return True
        rows = [[h.derivative(i) for i in self.solved] for h in equations]
        inverse = near_inverse([[d(*self.center) for d in row] for row in rows])
        if inverse is None:
            return False
        box = self.box
        at_center = [h(*self.center) for h in equations]
        slopes = [[over_box(d, box) for d in row] for row in rows]
        for i in range(size):
            shift = abs(sum((inverse[i][k] * at_center[k] for k in range(size)), ZERO))
            spread = ZERO
            for j in range(size):
                low = high = fmpq(int(i == j))
                for k in range(size):
                    ends = (-inverse[i][k] * slopes[k][j][0], -inverse[i][k] * slopes[k][j][1])
                    low, high = low + min(ends), high + max(ends)
                spread += max(abs(low), abs(high)) * self.radii[j]
            # spread < r in every row also shows that C has an inverse
            if spread >= self.radii[i] or shift + spread > self.radii[i]:
                return False
        return True


def variables_of(polynomial: fmpq_mpoly) -> set[int]:
    return {i for i, degree in enumerate(polynomial.degrees()) if degree > 0}


BITS = 80


def short(value: fmpq, bits: int = BITS) -> fmpq:
    """A rational number with a denominator of at most 2**bits, as near as that allows."""
    return value if int(value.q).bit_length() <= bits else fmpq((value * 2**bits + fmpq(1, 2)).floor(), 2**bits)


def near_inverse(matrix: Sequence[Sequence[fmpq]]) -> list[list[fmpq]] | None:
    """The inverse of a rational matrix, its entries shortened; None for a singular one."""
    size = len(matrix)
    given = fmpq_mat(size, size, [value for row in matrix for value in row])
    if given.det() == 0:
        return None
    inverse = given.inv()
    return [[short(inverse[i, j]) for j in range(size)] for i in range(size)]


def over_box(polynomial: fmpq_mpoly, box: Sequence[Interval]) -> Interval:
    """An interval that holds the values of a polynomial over a box, term by term."""
    low = high = ZERO
    for exponents, coefficient in polynomial.terms():
        a = b = coefficient
        for (left, right), power in zip(box, exponents, strict=True):
            if power:
                p, q = _power(left, right, int(power))
                corners = (a * p, a * q, b * p, b * q) if p != q else (a * p, b * p)
                a, b = min(corners), max(corners)
        low, high = low + a, high + b
    return low, high


def _power(low: fmpq, high: fmpq, power: int) -> Interval:
    p, q = low**power, high**power
    if power % 2 or low >= 0:
        return p, q
    if high <= 0:
        return q, p
    return ZERO, max(p, q)
