"""Linear algebra over a real number field, with exact zero tests: echelon forms, solutions, null spaces, inertia."""

from collections.abc import Sequence

from lagrangian.algebra.numbers import FieldElement

Vector = list[FieldElement]
Matrix = list[Vector]


def echelon(rows: Sequence[Sequence[FieldElement]]) -> tuple[Matrix, list[int]]:
    """The reduced echelon form without zero rows, and its pivot columns."""
    matrix = [list(row) for row in rows]
    pivots: list[int] = []
    width = len(matrix[0]) if matrix else 0
    for column in range(width):
        height = len(pivots)
        pivot = next((i for i in range(height, len(matrix)) if not matrix[i][column].is_zero()), None)
        if pivot is None:
            continue
        matrix[height], matrix[pivot] = matrix[pivot], matrix[height]
        inverse = matrix[height][column].inverse()
        matrix[height] = [value * inverse for value in matrix[height]]
        for i in range(len(matrix)):
            if i != height and not matrix[i][column].is_zero():
                factor = matrix[i][column]
                matrix[i] = [a - factor * b for a, b in zip(matrix[i], matrix[height], strict=True)]
        pivots.append(column)
    return matrix[: len(pivots)], pivots


def rank(rows: Sequence[Sequence[FieldElement]]) -> int:
    return len(echelon(rows)[1])


def solve_combination(rows: Sequence[Vector], target: Vector) -> Vector | None:
    """Coefficients y with sum(y_i rows_i) = target (zero for rows that are not needed), or None if there are none."""
    zero = target[0] - target[0]
    if not rows:
        return [] if all(value.is_zero() for value in target) else None
    columns = [[row[j] for row in rows] + [target[j]] for j in range(len(target))]
    reduced, pivots = echelon(columns)
    if len(rows) in pivots:
        return None
    solution = [zero] * len(rows)
    for row, pivot in zip(reduced, pivots, strict=True):
        solution[pivot] = row[-1]
    return solution


def null_space(rows: Sequence[Vector], one: FieldElement, width: int) -> Matrix:
    """A basis of {d : rows d = 0}."""
    zero = one - one
    reduced, pivots = echelon(rows)
    basis = []
    for free in range(width):
        if free in pivots:
            continue
        vector = [zero] * width
        vector[free] = one
        for row, pivot in zip(reduced, pivots, strict=True):
            vector[pivot] = -row[free]
        basis.append(vector)
    return basis


def inertia(matrix: Matrix) -> tuple[int, int, int]:
    """The numbers of positive, negative and zero eigenvalues of a symmetric matrix.

    By Lagrange's reduction to a sum of squares: a congruence keeps the inertia (Sylvester 1852).
    """
    rest = [list(row) for row in matrix]
    positive = negative = 0
    while rest:
        size = len(rest)
        pivot = next((i for i in range(size) if not rest[i][i].is_zero()), None)
        if pivot is None:
            pair = next(((i, j) for i in range(size) for j in range(i) if not rest[i][j].is_zero()), None)
            if pair is None:
                break
            # add row and column j to i: the diagonal entry becomes twice the entry that is not zero
            i, j = pair
            rest[i] = [a + b for a, b in zip(rest[i], rest[j], strict=True)]
            for row in rest:
                row[i] = row[i] + row[j]
            pivot = i
        diagonal = rest[pivot][pivot]
        if diagonal.sign() > 0:
            positive += 1
        else:
            negative += 1
        inverse = diagonal.inverse()
        keep = [k for k in range(size) if k != pivot]
        rest = [[rest[r][c] - rest[r][pivot] * inverse * rest[pivot][c] for c in keep] for r in keep]
    return positive, negative, len(matrix) - positive - negative


def determinant(matrix: Matrix) -> FieldElement:
    """The determinant of a square matrix that is not empty, by elimination."""
    rest = [list(row) for row in matrix]
    result = rest[0][0] - rest[0][0] + 1
    for column in range(len(rest)):
        pivot = next((i for i in range(column, len(rest)) if not rest[i][column].is_zero()), None)
        if pivot is None:
            return result - result
        if pivot != column:
            rest[column], rest[pivot] = rest[pivot], rest[column]
            result = -result
        result = result * rest[column][column]
        inverse = rest[column][column].inverse()
        for i in range(column + 1, len(rest)):
            factor = rest[i][column] * inverse
            if not factor.is_zero():
                rest[i] = [a - factor * b for a, b in zip(rest[i], rest[column], strict=True)]
    return result


def quadratic_form(matrix: Matrix, basis: Matrix) -> Matrix:
    """B^T M B for the columns B of a basis given as a list of vectors."""
    images = [[_dot(row, vector) for row in matrix] for vector in basis]
    return [[_dot(vector, image) for image in images] for vector in basis]


def _dot(left: Vector, right: Vector) -> FieldElement:
    total = left[0] * right[0]
    for a, b in zip(left[1:], right[1:], strict=True):
        total = total + a * b
    return total
