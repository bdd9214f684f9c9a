"""A direction from a point on the boundary into the feasible set (Mangasarian and Fromovitz 1967)."""

from lagrangian.algebra.matrices import null_space
from lagrangian.algebra.numbers import FieldElement
from lagrangian.algebra.polynomials import gradient
from lagrangian.candidates.enumeration import CandidatePoint
from lagrangian.problem.lifting import PolynomialProblem


def inward_direction(problem: PolynomialProblem, candidate: CandidatePoint) -> tuple[FieldElement, ...] | None:
    """d with grad h.d = 0 and grad g.d < 0 for all active g: a combination of the projected gradients, tried term by term."""
    point, count = candidate.point, problem.dimension
    one = point.value(problem.ring.constant(1))
    tangent = null_space([[point.value(part) for part in gradient(h, count)] for h in problem.equalities], one, count)
    if not tangent:  # the equations leave one point
        return None
    rows = [[point.value(part) for part in gradient(problem.inequalities[i], count)] for i in candidate.active_set]
    slopes = [[_dot(row, vector) for vector in tangent] for row in rows]
    weights = _strictly_feasible_weights(slopes, one)
    if weights is None:
        return None
    direction = [one - one] * count
    for weight, vector in zip(weights, tangent, strict=True):
        direction = [total + weight * part for total, part in zip(direction, vector, strict=True)]
    return tuple(direction)


def _strictly_feasible_weights(slopes: list[list[FieldElement]], one: FieldElement) -> list[FieldElement] | None:
    """w with sum(slopes_ij w_j) < 0 for every i, by the perceptron's steps (Rosenblatt 1958), each of them exact."""
    if not slopes:
        return None
    weights = [one - one] * len(slopes[0])
    for _ in range(200):
        wrong = next((row for row in slopes if _dot(row, weights).sign() >= 0), None)
        if wrong is None:
            return weights
        weights = [weight - step for weight, step in zip(weights, wrong, strict=True)]
    return None


def _dot(left: list[FieldElement], right: list[FieldElement]) -> FieldElement:
    total = left[0] * right[0]
    for a, b in zip(left[1:], right[1:], strict=True):
        total = total + a * b
    return total
