"""Certificates of strict local minima: KKT with multipliers, and a Hessian that is positive definite on the tangent space."""

from dataclasses import dataclass

from lagrangian.algebra.matrices import Matrix, Vector, null_space, quadratic_form
from lagrangian.algebra.numbers import AlgebraicPoint, FieldElement
from lagrangian.algebra.polynomials import gradient
from lagrangian.logic import Truth
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.proof.certificate import Certificate, Claim
from lagrangian.proof.enumeration import is_feasible, is_strict


@dataclass(frozen=True, eq=False)
class LocalCertificate(Certificate):
    """The sufficient second-order conditions at a point (Nocedal and Wright 2006, theorem 12.6)."""

    problem: PolynomialProblem
    point: AlgebraicPoint
    inequality_multipliers: dict[int, FieldElement]
    equality_multipliers: tuple[FieldElement, ...]

    kind = "second_order"
    claim = Claim.LOCAL_OPTIMUM

    def verify(self) -> Truth:
        problem, point = self.problem, self.point
        multipliers = (*self.inequality_multipliers.values(), *self.equality_multipliers)
        # numbers of different fields, or of conjugate ones, cannot be added
        return (
            all(value.root == point.root for value in multipliers)
            and is_feasible(problem, point)
            and is_strict(problem, point, problem.strict)
            and all(mu.sign() >= 0 for mu in self.inequality_multipliers.values())
            and all(
                mu.is_zero() or point.sign(problem.inequalities[i]) == 0
                for i, mu in self.inequality_multipliers.items()
            )
            and self._is_stationary()
            and self._is_positive_definite()
        )

    @property
    def _weighted(self) -> list[tuple[FieldElement, object]]:
        one = self.point.value(self.problem.ring.constant(1))
        return [
            (one, self.problem.objective),
            *((mu, self.problem.inequalities[i]) for i, mu in self.inequality_multipliers.items()),
            *zip(self.equality_multipliers, self.problem.equalities, strict=True),
        ]

    def _slopes(self, polynomial: object) -> Vector:
        return [self.point.value(part) for part in gradient(polynomial, self.problem.dimension)]

    def _is_stationary(self) -> bool:
        total = None
        for weight, polynomial in self._weighted:
            part = [weight * slope for slope in self._slopes(polynomial)]
            total = part if total is None else [a + b for a, b in zip(total, part, strict=True)]
        return total is not None and all(value.is_zero() for value in total)

    def _is_positive_definite(self) -> bool:
        """By Sylvester's criterion on the null space of the gradients that carry a multiplier."""
        problem, point, count = self.problem, self.point, self.problem.dimension
        one = point.value(problem.ring.constant(1))
        rows = [
            self._slopes(problem.inequalities[i]) for i, mu in self.inequality_multipliers.items() if not mu.is_zero()
        ]
        rows += [self._slopes(h) for h in problem.equalities]
        hessian: Matrix = [[one - 1 for _ in range(count)] for _ in range(count)]
        for weight, polynomial in self._weighted:
            for i, first in enumerate(gradient(polynomial, count)):
                for j in range(count):
                    hessian[i][j] = hessian[i][j] + weight * point.value(first.derivative(j))
        reduced = quadratic_form(hessian, null_space(rows, one, count))
        return all(
            _determinant([row[:size] for row in reduced[:size]]).sign() > 0 for size in range(1, len(reduced) + 1)
        )

    def explanation(self) -> tuple[str, ...]:
        return (
            "The KKT conditions hold with these multipliers, and the Hessian of the Lagrangian is positive definite on the "
            "tangent space of the constraints that carry them: a strict local optimum. Nothing is claimed about other points.",
        )


def _determinant(matrix: Matrix) -> FieldElement:
    """By expansion along the first row: the matrices are small."""
    if len(matrix) == 1:
        return matrix[0][0]
    total = matrix[0][0] - matrix[0][0]
    for j, entry in enumerate(matrix[0]):
        minor = _determinant([[*row[:j], *row[j + 1 :]] for row in matrix[1:]])
        total = total + entry * minor * (-1 if j % 2 else 1)
    return total
