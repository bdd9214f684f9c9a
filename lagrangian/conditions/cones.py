"""Polyhedral cones with exact entries, for small sizes: positive dependences of vectors, generators, quadratic forms on them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from lagrangian.algebra.matrices import Matrix, Vector, echelon, inertia, null_space, quadratic_form, solve_combination
from lagrangian.algebra.numbers import FieldElement
from lagrangian.conditions.copositivity import LARGEST, least_sign_on_orthant
from lagrangian.logic import Truth


def dot(left: Vector, right: Vector) -> FieldElement:
    total = left[0] * right[0]
    for a, b in zip(left[1:], right[1:], strict=True):
        total = total + a * b
    return total


def combined(weights: Vector, vectors: Matrix) -> Vector:
    """sum(weights_k vectors_k)."""
    return [dot(weights, [vector[i] for vector in vectors]) for i in range(len(vectors[0]))]


def positive_dependences(vectors: Matrix, one: FieldElement) -> Iterator[Vector]:
    """All y >= 0 with sum(y_i vectors_i) = 0 that have a minimal support, up to factors: every other such y is a sum of them.

    By Gordan's theorem (1873) there are none exactly if some d has vectors_i . d < 0 for all i.
    """
    width = len(vectors[0]) if vectors else 0
    seen: list[set[int]] = []
    for size in range(1, width + 2):
        for support in combinations(range(len(vectors)), size):
            if any(known <= set(support) for known in seen):
                continue
            columns = [[vectors[i][j] for i in support] for j in range(width)]
            kernel = null_space(columns, one, size)
            if len(kernel) == 1 and (signs := {value.sign() for value in kernel[0]}) in ({1}, {-1}):
                seen.append(set(support))
                found = [one - 1] * len(vectors)
                for place, i in enumerate(support):
                    found[i] = kernel[0][place] if signs == {1} else -kernel[0][place]
                yield found


@dataclass(frozen=True, eq=False)
class Cone:
    """{sum(a_k rays_k) + sum(b_l lines_l) : a >= 0}, no positive sum of rays among the lines."""

    rays: Matrix
    lines: Matrix

    @property
    def is_zero(self) -> bool:
        return not self.rays and not self.lines


def cone_of(rows: Matrix, width: int, one: FieldElement) -> Cone:
    """The generators of {d : rows d <= 0}: its lines, and a vector for each extreme ray beside them."""
    if not rows:
        return Cone([], null_space([], one, width))
    pivots = echelon(rows)[1]
    reduced = [[row[j] for j in pivots] for row in rows]
    rays: list[Vector] = []
    tight: set[frozenset[int]] = set()
    for chosen in combinations(range(len(rows)), len(pivots) - 1) if pivots else ():
        kernel = null_space([reduced[i] for i in chosen], one, len(pivots))
        if len(kernel) != 1:
            continue
        for direction in (kernel[0], [-value for value in kernel[0]]):
            signs = [dot(row, direction).sign() for row in reduced]
            key = frozenset(i for i, sign in enumerate(signs) if sign == 0)
            if max(signs) <= 0 and min(signs) < 0 and key not in tight:
                tight.add(key)
                rays.append(_spread(direction, pivots, width, one))
    return Cone(rays, null_space(rows, one, width))


def _spread(part: Vector, places: list[int], width: int, one: FieldElement) -> Vector:
    full = [one - 1] * width
    for value, place in zip(part, places, strict=True):
        full[place] = value
    return full


def is_positive_on(cone: Cone, matrix: Matrix) -> Truth:
    """Whether d^T M d > 0 for all d != 0 of the cone: definite on the lines, the Schur complement copositive on the rays."""
    on_lines = quadratic_form(matrix, cone.lines)
    if inertia(on_lines)[1:] != (0, 0):
        return False
    if not cone.rays:
        return True
    if len(cone.rays) > LARGEST:
        return None
    rays = cone.rays
    if cone.lines:
        rays = [_conjugate(ray, cone.lines, on_lines, matrix) for ray in rays]
    return least_sign_on_orthant(quadratic_form(matrix, rays))[0] > 0


def _conjugate(ray: Vector, lines: Matrix, on_lines: Matrix, matrix: Matrix) -> Vector:
    """The ray moved along the lines to where the form is least."""
    image = [dot(row, ray) for row in matrix]
    factors = solve_combination(on_lines, [-dot(line, image) for line in lines])
    assert factors is not None, "the form is regular on the lines"
    return [a + b for a, b in zip(ray, combined(factors, lines), strict=True)]
