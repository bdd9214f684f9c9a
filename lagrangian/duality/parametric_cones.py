"""Extreme rays of polyhedral cones in rational arithmetic, by the double description method (Motzkin and others 1953)."""

from collections.abc import Sequence

from flint import fmpq, fmpq_mat

from lagrangian.duality.parametric_polyhedra import primitive

Vector = tuple[fmpq, ...]


def null_basis(matrix: fmpq_mat) -> list[Vector]:
    """A basis of {x : M x = 0}."""
    width = matrix.ncols()
    reduced, rank = matrix.rref()
    table = reduced.table()
    pivots = [next(j for j in range(width) if table[i][j] != 0) for i in range(rank)]
    basis = []
    for free in (j for j in range(width) if j not in pivots):
        vector = [fmpq(int(j == free)) for j in range(width)]
        for i, pivot in enumerate(pivots):
            vector[pivot] = -table[i][free]
        basis.append(tuple(vector))
    return basis


def nonnegative_rays(equations: Sequence[Vector], width: int) -> list[Vector]:
    """The extreme rays of {y >= 0 : e.y = 0 for all equations e}, up to positive factors; all such y are sums of them.

    >>> one = fmpq(1)
    >>> nonnegative_rays([(one, -one, fmpq(0))], 3)
    [(0, 0, 1), (1, 1, 0)]
    """
    rays = [tuple(fmpq(int(i == j)) for j in range(width)) for i in range(width)]
    for equation in equations:
        rays = _on_hyperplane(rays, equation)
    return rays


def _on_hyperplane(rays: list[Vector], equation: Vector) -> list[Vector]:
    values = [sum((a * b for a, b in zip(ray, equation, strict=True) if b != 0), fmpq(0)) for ray in rays]
    zeros = [frozenset(j for j, value in enumerate(ray) if value == 0) for ray in rays]
    found = [ray for ray, value in zip(rays, values, strict=True) if value == 0]
    for i in (i for i, value in enumerate(values) if value > 0):
        for j in (j for j, value in enumerate(values) if value < 0):
            common = zeros[i] & zeros[j]
            if any(common <= zeros[k] for k in range(len(rays)) if k not in (i, j)):
                continue  # not neighbors: their sum is inside a larger face
            combined = (values[i] * b - values[j] * a for a, b in zip(rays[i], rays[j], strict=True))
            found.append(primitive(tuple(combined)))
    return found


def cone_of_directions(zeros: fmpq_mat, rows: fmpq_mat) -> tuple[list[Vector], list[Vector]]:
    """Lines and extreme rays of {d : Q d = 0, A d <= 0}: all such d are sums of multiples of lines and positive ones of rays.

    The rays are those of {s >= 0 : s = -A d, Q d = 0}, each with one d that it comes from.
    """
    count = zeros.ncols()
    lines = null_basis(stacked(zeros, rows))
    space = null_basis(stacked(zeros, fmpq_mat(len(lines), count, [v for line in lines for v in line])))
    if not space:
        return lines, []
    basis = fmpq_mat(len(space), count, [v for vector in space for v in vector]).transpose()
    slopes = rows * basis * fmpq(-1)
    slacks = nonnegative_rays(null_basis(slopes.transpose()), rows.nrows())
    return lines, [_direction(slopes, basis, slack) for slack in slacks]


def _direction(slopes: fmpq_mat, basis: fmpq_mat, slack: Vector) -> Vector:
    """The d = basis u with slopes u = slack; slopes has independent columns."""
    transposed = slopes.transpose()
    normal = transposed * slopes
    found = basis * normal.solve(transposed * fmpq_mat(len(slack), 1, list(slack)))
    return primitive(tuple(found.entries()))


def stacked(upper: fmpq_mat, lower: fmpq_mat) -> fmpq_mat:
    return fmpq_mat(upper.nrows() + lower.nrows(), upper.ncols(), [*upper.entries(), *lower.entries()])
