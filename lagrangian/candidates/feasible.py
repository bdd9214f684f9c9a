"""Points near one in floating point that are feasible for certain: rational ones, or boxes that hold a zero of the equations.

The constraints that the point makes equations are solved for as many variables, first by one exact Newton step, which is enough
where they are affine in these variables (a pooling problem with its qualities held), else up to a small box with a zero in it.
The other variables take the values of their bounds, or short fractions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import fmpq, fmpq_mat, fmpq_mpoly
from numpy.typing import NDArray

from lagrangian.conditions.existence import FeasibleBox, near_inverse, short, variables_of
from lagrangian.problem.lifting import PolynomialProblem

Vector = NDArray[np.float64]
DENOMINATORS = (1, 10, 1000, 10**6, 10**9)
TOLERANCE = 1e-6
LEAST_PIVOT = 1e-7
NEWTON_STEPS = 5
LEAST_RADIUS = fmpq(1, 2**72)


def feasible_near(problem: PolynomialProblem, integers: frozenset[int], near: Vector) -> FeasibleBox | None:
    """The best of the points and boxes found near a given point; None without one.

    Args:
        problem: without strict inequalities.
        integers: the places of the variables that take integer values only.
        near: feasible up to rounding; its integers are rounded.
    """
    best: tuple[fmpq, FeasibleBox] | None = None
    for system in _systems(problem, integers, near):
        for given in _rational_points(near, integers, system.held):
            found = _solve(problem, system, given)
            if found is not None and found.holds(problem, integers):
                value = found.value(problem)[1]
                if best is None or value < best[0]:
                    best = (value, found)
        if best is not None:
            break
    return None if best is None else best[1]


@dataclass(frozen=True, eq=False)
class System:
    """Which inequalities are taken as equations, for which variables the equations are solved, and the values of others."""

    active: tuple[int, ...]
    solved: tuple[int, ...]
    held: dict[int, fmpq]

    def equations(self, problem: PolynomialProblem) -> list[fmpq_mpoly]:
        chosen = [problem.inequalities[i] for i in self.active]
        return [*chosen, *(h for h in problem.equalities if not variables_of(h).isdisjoint(self.solved))]


def _systems(problem: PolynomialProblem, integers: frozenset[int], near: Vector) -> Iterator[System]:
    """Systems to try: with the bounds and inequalities that are active, with the bounds alone, with the equalities alone."""
    bounds, active = _active(problem, near)
    bounds = {i: value for i, value in bounds.items() if i not in integers}
    yield _system(problem, integers, near, bounds, active)
    if active:
        yield _system(problem, integers, near, bounds, ())
    if bounds:
        yield _system(problem, integers, near, {}, ())


def _active(problem: PolynomialProblem, near: Vector) -> tuple[dict[int, fmpq], tuple[int, ...]]:
    """The values of variables at their bounds, and the other inequalities that are nearly equations."""
    bounds: dict[int, fmpq] = {}
    active = []
    for number, g in enumerate(problem.inequalities):
        names = sorted(variables_of(g))
        terms = [_float(value) * _monomial(exponents, near) for exponents, value in g.terms()]
        if abs(sum(terms)) > TOLERANCE * (1.0 + max(map(abs, terms), default=0.0)):
            continue
        if len(names) == 1 and g.total_degree() == 1:
            slope = g.derivative(names[0])(*([0] * problem.dimension))
            bounds[names[0]] = -g(*([0] * problem.dimension)) / slope
        else:
            active.append(number)
    return bounds, tuple(active)


def _monomial(exponents: Sequence[int], point: Vector) -> float:
    return float(np.prod([x ** int(power) for x, power in zip(point, exponents, strict=True) if power]))


def _float(value: fmpq) -> float:
    return int(value.p) / int(value.q)


def _system(
    problem: PolynomialProblem,
    integers: frozenset[int],
    near: Vector,
    bounds: dict[int, fmpq],
    active: tuple[int, ...],
) -> System:
    """Equations and variables by elimination in floating point, largest pivots first, variables that stay affine preferred."""
    count = problem.dimension
    free = [i for i in range(count) if i not in integers and i not in bounds]
    functions = [*problem.equalities, *(problem.inequalities[i] for i in active)]
    point = [fmpq(Fraction(float(x)).numerator, Fraction(float(x)).denominator) for x in near]
    rows = np.array([[_float(f.derivative(i)(*point)) for i in free] for f in functions]).reshape(
        len(functions), len(free)
    )
    scale = np.abs(rows).max(axis=1, initial=0.0)
    partners = _partners(functions, count)
    solved: list[int] = []
    kept: list[int] = []
    for number in range(len(functions)):
        size = np.abs(rows[number])
        if not len(free) or size.max() <= LEAST_PIVOT * max(scale[number], 1e-300):
            continue
        weights = [
            (1e-3 if partners[i] & {i, *solved} else 1.0) / (1.0 + len(partners[i])) if i not in solved else 0.0
            for i in free
        ]
        usable = size > 1e-3 * size.max()
        column = int(np.argmax(size * np.array(weights) * usable))
        if rows[number, column] == 0.0 or free[column] in solved:
            continue
        solved.append(free[column])
        kept.append(number)
        for other in range(number + 1, len(functions)):
            rows[other] -= rows[other, column] / rows[number, column] * rows[number]
    equations = len(problem.equalities)
    return System(tuple(active[n - equations] for n in kept if n >= equations), tuple(solved), bounds)


def _partners(functions: Sequence[fmpq_mpoly], count: int) -> list[set[int]]:
    """With which variables each one is multiplied; with itself where it has a power."""
    found: list[set[int]] = [set() for _ in range(count)]
    for function in functions:
        for exponents, _ in function.terms():
            names = [i for i, power in enumerate(exponents) if power]
            for i in names:
                found[i] |= {j for j in names if j != i or int(exponents[i]) > 1}
    return found


def _rational_points(near: Vector, integers: frozenset[int], held: dict[int, fmpq]) -> Iterator[list[fmpq]]:
    for denominator in (*DENOMINATORS, None):
        point = []
        for i, value in enumerate(near):
            exact = Fraction(float(value))
            if i in integers:
                exact = Fraction(round(float(value)))
            elif denominator is not None:
                exact = exact.limit_denominator(denominator)
            point.append(held[i] if i in held else fmpq(exact.numerator, exact.denominator))
        yield point


def _solve(problem: PolynomialProblem, system: System, given: list[fmpq]) -> FeasibleBox | None:
    """The zero of the system near a point, or a box around it."""
    equations = system.equations(problem)
    solved = system.solved
    if len(equations) != len(solved):
        return None
    point = list(given)
    if not solved:
        return FeasibleBox(tuple(point))
    for step in range(NEWTON_STEPS):
        slopes = [[h.derivative(i)(*point) for i in solved] for h in equations]
        size = len(solved)
        matrix = fmpq_mat(size, size, [value for row in slopes for value in row])
        if matrix.det() == 0:
            return None
        move = matrix.inv() * fmpq_mat(size, 1, [h(*point) for h in equations])
        for row, i in enumerate(solved):
            point[i] -= move[row, 0]
        if step == 0 and all(h(*point) == 0 for h in equations):
            return FeasibleBox(tuple(point))
        for i in solved:
            point[i] = short(point[i])
    inverse = near_inverse([[h.derivative(i)(*point) for i in solved] for h in equations])
    if inverse is None:
        return None
    missed = [h(*point) for h in equations]
    shifts = [abs(sum((a * b for a, b in zip(row, missed, strict=True)), fmpq(0))) for row in inverse]
    radii = tuple(
        short(4 * shift + LEAST_RADIUS * (1 + abs(point[i]))) for i, shift in zip(solved, shifts, strict=True)
    )
    return FeasibleBox(tuple(point), solved, radii, system.active)
