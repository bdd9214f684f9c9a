"""A polynomial problem as functions of NumPy arrays, without SymPy: quick to make and to evaluate."""

from collections.abc import Sequence

import numpy as np
from flint import fmpq_mpoly

from lagrangian.numeric.functions import NumericFunctions, Vector, VectorFunction
from lagrangian.numeric.local import NumericCandidate, local_solution
from lagrangian.problem.lifting import PolynomialProblem


def polynomial_functions(problem: PolynomialProblem) -> NumericFunctions:
    """F, the inequalities and the equalities of a polynomial problem, with their Jacobians.

    >>> import sympy
    >>> from lagrangian.algebra.polynomials import Ring
    >>> x, y = sympy.symbols("x y")
    >>> ring = Ring((x, y))
    >>> problem = PolynomialProblem(ring, ring.polynomial(x * y), (ring.polynomial(x**2 - 4),), ())
    >>> polynomial_functions(problem).jacobian(np.array([1.0, 3.0]))
    array([[3., 1.],
           [2., 0.]])
    """
    functions = [problem.objective, *problem.inequalities, *problem.equalities]
    count = problem.dimension
    partial = [f.derivative(i) for f in functions for i in range(count)]
    entries = _evaluator(partial, count)
    return NumericFunctions(
        _evaluator(functions, count),
        lambda point: entries(point).reshape(len(functions), count),
        len(problem.inequalities),
        count,
    )


def _evaluator(polynomials: Sequence[fmpq_mpoly], count: int) -> VectorFunction:
    """All values at once: a matrix of coefficients times the values of the monomials that occur."""
    places: dict[tuple[int, ...], int] = {}
    entries: list[tuple[int, int, float]] = []
    for row, polynomial in enumerate(polynomials):
        for exponents, value in polynomial.terms():
            key = tuple(int(power) for power in exponents)
            entries.append((row, places.setdefault(key, len(places)), int(value.p) / int(value.q)))
    matrix = np.zeros((len(polynomials), max(1, len(places))))
    for row, column, coefficient in entries:
        matrix[row, column] = coefficient
    powers = np.array(list(places) or [(0,) * count], dtype=float)

    def evaluate(point: Vector) -> Vector:
        with np.errstate(all="ignore"):
            return matrix @ np.prod(point**powers, axis=1)

    return evaluate


def local_candidate(
    functions: NumericFunctions, start: Vector, low: Vector, high: Vector, margin: float = 0.0
) -> NumericCandidate | None:
    """A local solution from a start in a box, whose sides may be single values; None where none was found."""
    free = high > low
    if not free.any():
        return None
    fixed = np.where(free, 0.0, low)

    def whole(part: Vector) -> Vector:
        point = fixed.copy()
        point[free] = part
        return point

    reduced = NumericFunctions(
        lambda part: functions.values(whole(part)),
        lambda part: functions.jacobian(whole(part))[:, free],
        functions.inequality_count,
        int(free.sum()),
    )
    found = local_solution(reduced, np.clip(start[free], low[free], high[free]), low[free], high[free], margin)
    return None if found is None else NumericCandidate(whole(found.point), found.value, found.residual)


def stated_box(problem: PolynomialProblem) -> tuple[Vector, Vector]:
    """The bounds that affine inequalities in one variable state; infinities where there are none."""
    low, high = np.full(problem.dimension, -np.inf), np.full(problem.dimension, np.inf)
    for g in problem.inequalities:
        places = [i for i, degree in enumerate(g.degrees()) if degree]
        if len(places) != 1 or g.total_degree() != 1:
            continue
        origin = [0] * problem.dimension
        slope, constant = g.derivative(places[0])(*origin), g(*origin)
        limit = -constant / slope
        value = int(limit.p) / int(limit.q)
        if slope > 0:
            high[places[0]] = min(high[places[0]], value)
        else:
            low[places[0]] = max(low[places[0]], value)
    return low, np.maximum(low, high)
