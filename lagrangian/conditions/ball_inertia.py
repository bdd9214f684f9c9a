"""Signs of multipliers and inertia of the reduced Hessian by ball arithmetic: fast, and certain where it gives an answer.

The inertia of the bordered matrix [[H, A^T], [A, 0]] with A of full rank m is that of H on the null space of A plus (m, m, 0)
(Gould 1985). A congruence by approximate eigenvectors makes it nearly diagonal; Gershgorin's discs then give the signs.
"""

import math
from collections.abc import Sequence

import flint
from flint import arb, arb_mat, fmpq_mpoly

from lagrangian.algebra.numbers import AlgebraicPoint, evaluate_ball
from lagrangian.algebra.polynomials import gradient
from lagrangian.problem.lifting import PolynomialProblem

Counts = tuple[int, int, int]
PRECISIONS = (128, 512)


def signs_in_balls(
    problem: PolynomialProblem, point: AlgebraicPoint, active: Sequence[int]
) -> tuple[dict[int, int], Counts, Counts] | None:
    """The multipliers' signs and the inertia on the active tangent space (twice), if LICQ and all signs are certain.

    None says nothing: some sign may be zero, or the active gradients dependent.
    """
    for bits in PRECISIONS:
        with flint.ctx.workprec(bits):
            values = [element.enclosure(bits) for element in point.coordinates]
            found = _attempt(problem, values, active)
        if found is not None:
            return found
    return None


def _attempt(
    problem: PolynomialProblem, values: list[arb], active: Sequence[int]
) -> tuple[dict[int, int], Counts, Counts] | None:
    count = problem.dimension
    held = [*(problem.inequalities[i] for i in active), *problem.equalities]
    if len(held) > count:
        return None
    rows = [_gradient_balls(polynomial, values) for polynomial in held]
    slopes = _gradient_balls(problem.objective, values)
    weights = _least_squares(rows, slopes) if held else []
    if weights is None:
        return None
    signs = {}
    for i, weight in zip(active, weights, strict=False):
        sign = _sign(weight)
        if sign is None:
            return None
        signs[i] = sign
    hessian = _hessian_balls([(arb(1), problem.objective), *zip(weights, held, strict=True)], values)
    counts = bordered_inertia(hessian, rows)
    return None if counts is None else (signs, counts, counts)


def _gradient_balls(polynomial: fmpq_mpoly, values: list[arb]) -> list[arb]:
    return [evaluate_ball(part, values) for part in gradient(polynomial, len(values))]


def _least_squares(rows: list[list[arb]], slopes: list[arb]) -> list[arb] | None:
    """y with A^T y = -slopes, from A A^T y = -A slopes; None unless A A^T is certainly regular."""
    matrix = arb_mat(rows)
    try:
        solution = (matrix * matrix.transpose()).solve(-(matrix * arb_mat([[slope] for slope in slopes])))
    except ZeroDivisionError:
        return None
    return [solution[i, 0] for i in range(len(rows))]


def _sign(value: arb) -> int | None:
    if value > 0:
        return 1
    if value < 0:
        return -1
    return None


def _hessian_balls(weighted: list[tuple[arb, fmpq_mpoly]], values: list[arb]) -> list[list[arb]]:
    count = len(values)
    entries = [[arb(0)] * count for _ in range(count)]
    for weight, polynomial in weighted:
        for i, first in enumerate(gradient(polynomial, count)):
            for j in range(i + 1):
                second = first.derivative(j)
                if second != 0:
                    entries[i][j] += weight * evaluate_ball(second, values)
    for i in range(count):
        for j in range(i):
            entries[j][i] = entries[i][j]
    return entries


def bordered_inertia(hessian: list[list[arb]], rows: list[list[arb]]) -> Counts | None:
    """The inertia of H on the null space of A, for all matrices in these balls; None unless it is certain, and A of full rank."""
    import numpy as np  # slow to import, and many problems never come here

    size, border = len(hessian), len(rows)
    matrix = [[*line, *(row[i] for row in rows)] for i, line in enumerate(hessian)]
    matrix += [[*row, *([arb(0)] * border)] for row in rows]
    # scaling rows and columns alike is a congruence too, and keeps badly scaled problems within floating-point range
    scales = [_scale(line) for line in matrix]
    matrix = [
        [value * a * b for value, b in zip(line, scales, strict=True)] for line, a in zip(matrix, scales, strict=True)
    ]
    middle = np.array([[float(value.mid()) for value in line] for line in matrix])
    if not np.isfinite(middle).all():
        return None
    _, vectors = np.linalg.eigh((middle + middle.T) / 2)
    transform = arb_mat([[float(value) for value in line] for line in vectors])
    nearly_diagonal = transform.transpose() * arb_mat(matrix) * transform
    positive = negative = 0
    for i in range(size + border):
        radius = sum((abs(nearly_diagonal[i, j]) for j in range(size + border) if j != i), arb(0))
        if nearly_diagonal[i, i] - radius > 0:
            positive += 1
        elif nearly_diagonal[i, i] + radius < 0:
            negative += 1
        else:
            return None
    return positive - border, negative - border, 0


def _scale(line: list[arb]) -> arb:
    largest = max(float(abs(value).mid()) for value in line)
    return arb(2) ** round(-math.log2(largest) / 2) if 0 < largest < math.inf else arb(1)
