"""Linear and convex quadratic programs by trying every set of active inequalities, in Fractions; slow, for small pointed ones.

    minimize x.Q x / 2 + c.x  subject to  A x <= b,  E x = e

If the feasible set holds no line, the optimum, where there is one, is the solution of a regular KKT system of some active set.
"""

from fractions import Fraction
from itertools import combinations

Matrix = list[list[Fraction]]
Vector = list[Fraction]


def solve_square(matrix: Matrix, right: Vector) -> Vector | None:
    """Gauss and Jordan; None for a singular matrix."""
    size = len(matrix)
    table = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for column in range(size):
        pivot = next((i for i in range(column, size) if table[i][column] != 0), None)
        if pivot is None:
            return None
        table[column], table[pivot] = table[pivot], table[column]
        table[column] = [value / table[column][column] for value in table[column]]
        for i in range(size):
            if i != column and table[i][column] != 0:
                factor = table[i][column]
                table[i] = [a - factor * b for a, b in zip(table[i], table[column], strict=True)]
    return [row[-1] for row in table]


def best_value(
    hessian: Matrix, slope: Vector, rows: Matrix, right: Vector, equations: Matrix, levels: Vector
) -> Fraction | str:
    """The optimal value, "infeasible", or "unbounded"."""
    found = _kkt_value(hessian, slope, rows, right, equations, levels)
    if found is not None:
        return found
    size = len(slope)
    identity = [[Fraction(int(i == j)) for j in range(size)] for i in range(size)]
    nearest = _kkt_value(identity, [Fraction(0)] * size, rows, right, equations, levels)
    return "infeasible" if nearest is None else "unbounded"


def _kkt_value(
    hessian: Matrix, slope: Vector, rows: Matrix, right: Vector, equations: Matrix, levels: Vector
) -> Fraction | None:
    size = len(slope)
    for held in range(size - len(equations) + 1):
        for chosen in combinations(range(len(rows)), held):
            active = [*equations, *(rows[i] for i in chosen)]
            sides = [*levels, *(right[i] for i in chosen)]
            matrix = [[*hessian[i], *(row[i] for row in active)] for i in range(size)]
            matrix += [[*row, *([Fraction(0)] * len(active))] for row in active]
            solution = solve_square(matrix, [*(-value for value in slope), *sides])
            if solution is None or any(mu < 0 for mu in solution[size + len(equations) :]):
                continue
            point = solution[:size]
            if all(dot(row, point) <= side for row, side in zip(rows, right, strict=True)):
                image = [dot(row, point) for row in hessian]
                return dot(point, image) / 2 + dot(slope, point)
    return None


def dot(left: Vector, right: Vector) -> Fraction:
    return sum((a * b for a, b in zip(left, right, strict=True)), Fraction(0))
