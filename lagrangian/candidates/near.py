"""The exact candidate that a local solution in floating point stands for: short fractions, or the zero of one support system."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from flint import fmpq, fmpq_mpoly
from numpy.typing import NDArray

from lagrangian.algebra.numbers import AlgebraicPoint, rational_point
from lagrangian.algebra.zeros import FiniteZeros
from lagrangian.candidates.active_sets import system_of
from lagrangian.candidates.decomposition import decompose
from lagrangian.candidates.enumeration import CandidatePoint, candidate_at, embed, leaves
from lagrangian.problem.lifting import PolynomialProblem

Vector = NDArray[np.float64]

DENOMINATORS = (1, 12, 60, 1000)
# how far an exact point may lie from the one in floating point, and how near to zero an active constraint is, by 1 + size
NEAR = 1e-5
ACTIVE = 1e-6
SAME = 1e-9
LARGEST_DEGREE = 60


def candidate_near(problem: PolynomialProblem, near: Vector, deadline: float = float("inf")) -> CandidatePoint | None:
    """A feasible candidate near a point that satisfies the constraints up to rounding; None where none was found.

    >>> import sympy
    >>> from lagrangian.algebra.polynomials import Ring
    >>> x, y = sympy.symbols("x y")
    >>> ring = Ring((x, y))
    >>> circle = PolynomialProblem(ring, ring.polynomial(x + y), (), (ring.polynomial(x**2 + y**2 - 1),))
    >>> found = candidate_near(circle, np.array([-0.70710678, -0.70710678]))
    >>> found.value.number.modulus
    x^2 + (-2)
    """
    for point in _short_fractions(near):
        if all(point.sign(h) == 0 for h in problem.equalities):
            candidate = candidate_at(problem, point)
            if candidate is not None and _has_the_value(problem, candidate, near) and _is_critical(problem, candidate):
                return candidate
    return _zero_of_its_system(problem, near, deadline)


def _has_the_value(problem: PolynomialProblem, candidate: CandidatePoint, near: Vector) -> bool:
    """Whether the values differ by rounding alone: a feasible point that is only near is no candidate."""
    value, size = _value(problem.objective, near), _size(problem.objective, near)
    return abs(float(candidate.value.enclosure(64).mid()) - value) <= SAME * size


def _is_critical(problem: PolynomialProblem, candidate: CandidatePoint) -> bool:
    """Whether the point is a zero of the system of its active constraints; taken for granted where they are too many for one."""
    system = system_of(problem, sorted(candidate.active_set))
    if system is None:
        return True
    free = AlgebraicPoint(candidate.point.root, tuple(candidate.point.coordinates[i] for i in system.space.free))
    return all(free.sign(equation) == 0 for equation in system.equations)


def _short_fractions(near: Vector) -> Iterator[AlgebraicPoint]:
    for denominator in DENOMINATORS:
        exact = [Fraction(float(x)).limit_denominator(denominator) for x in near]
        if all(abs(float(e) - x) <= NEAR * (1.0 + abs(x)) for e, x in zip(exact, near, strict=True)):
            yield rational_point([fmpq(e.numerator, e.denominator) for e in exact])


def _zero_of_its_system(problem: PolynomialProblem, near: Vector, deadline: float) -> CandidatePoint | None:
    """The nearest zero of the system of the constraints that are active up to rounding."""
    active = [i for i, g in enumerate(problem.inequalities) if abs(_value(g, near)) <= ACTIVE * _size(g, near)]
    system = system_of(problem, active)
    if system is None:
        return None
    zeros = decompose(system.ring, system.equations, system.space.restrict(problem.objective), deadline)
    nearest: tuple[float, AlgebraicPoint] | None = None
    for part in leaves(zeros):
        if not isinstance(part, FiniteZeros):
            continue
        for local in part.real_points():
            if local.root.degree > LARGEST_DEGREE:
                continue
            point = embed(system.space, local)
            distance = max(
                abs(float(c.enclosure(64).mid()) - x) / (1.0 + abs(x))
                for c, x in zip(point.coordinates, near, strict=True)
            )
            if distance <= NEAR and (nearest is None or distance < nearest[0]):
                nearest = distance, point
    if nearest is None or not all(nearest[1].sign(h) == 0 for h in problem.equalities):
        return None
    return candidate_at(problem, nearest[1])


def _terms(polynomial: fmpq_mpoly, at: Vector) -> list[float]:
    return [
        int(value.p) / int(value.q) * float(np.prod([x ** int(k) for x, k in zip(at, monomial, strict=True) if k]))
        for monomial, value in polynomial.terms()
    ]


def _value(polynomial: fmpq_mpoly, at: Vector) -> float:
    return sum(_terms(polynomial, at))


def _size(polynomial: fmpq_mpoly, at: Vector) -> float:
    return 1.0 + max(map(abs, _terms(polynomial, at)), default=0.0)
