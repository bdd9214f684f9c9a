"""Other coordinates for floating point: bounded variables in [-1, 1], constraints and objective with coefficients near one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import frexp, isfinite

import numpy as np
from flint import fmpq, fmpq_mpoly, fmpq_poly

from lagrangian.algebra.numbers import AlgebraicPoint
from lagrangian.numeric.polynomials import stated_box
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.proof.squares import SquaresIdentity, extended_ring

# wider ranges are left alone
LARGEST_SCALE = 2.0**40


@dataclass(frozen=True, eq=False)
class Frame:
    """x = center + scale u: ``problem`` is stated in u, ``original`` in x."""

    original: PolynomialProblem
    center: tuple[fmpq, ...]
    scale: tuple[fmpq, ...]

    @cached_property
    def problem(self) -> PolynomialProblem:
        images = [c + s * u for c, s, u in zip(self.center, self.scale, self.original.ring.generators, strict=True)]

        def moved(polynomials: Sequence[fmpq_mpoly]) -> tuple[fmpq_mpoly, ...]:
            return tuple(p.compose(*images, ctx=self.original.ring.context) for p in polynomials)

        return replace(
            self.original,
            objective=moved([self.original.objective])[0],
            inequalities=moved(self.original.inequalities),
            equalities=moved(self.original.equalities),
            facts=moved(self.original.facts),
        )

    def point(self, point: AlgebraicPoint) -> AlgebraicPoint:
        moved = ((x - c) / s for x, c, s in zip(point.coordinates, self.center, self.scale, strict=True))
        return AlgebraicPoint(point.root, tuple(moved))

    def restored(self, identity: SquaresIdentity, factor: fmpq) -> SquaresIdentity:
        """The identity in x, times a positive factor."""
        ring = extended_ring(self.original)
        images = [(x - c) / s for x, c, s in zip(ring.generators, self.center, self.scale, strict=False)]
        images.append(ring.generators[-1])
        squares = tuple(
            replace(
                part,
                basis=tuple(b.compose(*images, ctx=ring.context) for b in part.basis),
                gram=tuple(tuple(fmpq_poly([factor]) * entry for entry in row) for row in part.gram),
            )
            for part in identity.squares
        )
        multipliers = tuple(factor * p.compose(*images, ctx=ring.context) for p in identity.multipliers)
        return replace(identity, squares=squares, multipliers=multipliers)


def frame_of(problem: PolynomialProblem, near: Sequence[float] = ()) -> Frame:
    """The frame of the stated bounds; unbounded variables are scaled to the size that they have at a point.

    >>> import sympy
    >>> from lagrangian.algebra.polynomials import Ring
    >>> x = sympy.Symbol("x")
    >>> ring = Ring((x,))
    >>> bounds = (ring.polynomial(2 - x), ring.polynomial(x - 8))
    >>> frame_of(PolynomialProblem(ring, ring.polynomial(x), bounds, ())).problem.inequalities
    (-3*x0 - 3, 3*x0 - 3)
    """
    low, high = stated_box(problem)
    center, scale = [], []
    sizes = near or [1.0] * problem.dimension
    for a, b, size in zip(low, high, sizes, strict=True):
        if isfinite(a) and isfinite(b) and 0.0 < b - a < LARGEST_SCALE:
            left, right = (fmpq(*float(value).as_integer_ratio()) for value in (a, b))
            center.append((left + right) / 2)
            scale.append((right - left) / 2)
        else:
            center.append(fmpq(0))
            scale.append(power_of_two(max(1.0, abs(size))))
    return Frame(problem, tuple(center), tuple(scale))


def power_of_two(size: float) -> fmpq:
    """A power of two between half a positive number and it."""
    exponent = frexp(min(max(size, 1 / LARGEST_SCALE), LARGEST_SCALE))[1] - 1
    return fmpq(2**exponent) if exponent >= 0 else fmpq(1, 2**-exponent)


def size_of(polynomial: fmpq_mpoly) -> fmpq:
    """A power of two near the largest coefficient; 1 for zero."""
    largest = max((abs(int(c.p) / int(c.q)) for c in polynomial.coeffs()), default=0.0)
    return power_of_two(float(np.nan_to_num(largest))) if largest > 0 else fmpq(1)
