"""Certificates whose bound is a sum of squares, exact or up to a small gap, and the same for sets without a point."""

from dataclasses import dataclass

from flint import fmpq, fmpq_poly

from lagrangian.algebra.numbers import RATIONALS, AlgebraicPoint, FieldElement, compare
from lagrangian.conditions.existence import FeasibleBox
from lagrangian.logic import Truth
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.proof.certificate import Certificate, Claim
from lagrangian.proof.enumeration import is_feasible, is_strict
from lagrangian.proof.growth import QuadraticGrowth
from lagrangian.proof.squares import SquaresIdentity, extended, extended_ring, in_last_variable
from lagrangian.proof.squares_words import written_identity

LARGEST_POWER = 8


@dataclass(frozen=True, eq=False)
class SumOfSquaresCertificate(Certificate):
    """F - v is a sum of squares, weighted by the constraints, plus multiples of the equations; some points have the value v.

    Or (1 + |x|**2)**power (F - v) is, as for Motzkin's polynomial. The identity is one over Q(v).
    Putinar (1993), Lasserre (2001); exact rounding after Peyrl and Parrilo (2008); powers after Reznick (1995).
    """

    problem: PolynomialProblem
    value: FieldElement
    minimizers: tuple[AlgebraicPoint, ...]
    identity: SquaresIdentity
    power: int = 0

    kind = "sum of squares"
    claim = Claim.GLOBAL_OPTIMUM

    def verify(self) -> Truth:
        ring = extended_ring(self.problem)
        gap = extended(self.problem.objective, ring) - in_last_variable(fmpq_poly([0, 1]), ring)
        positive = sum((x * x for x in ring.generators[:-1]), ring.constant(1))
        if not 0 <= self.power <= LARGEST_POWER:
            return False
        target = gap * positive**self.power
        return (
            bool(self.minimizers)
            and all(self._is_minimizer(point) for point in self.minimizers)
            and self.identity.number == self.value.number
            and self.identity.shows_nonnegative(self.problem, target)
        )

    def _is_minimizer(self, point: AlgebraicPoint) -> bool:
        return (
            compare(point.value(self.problem.objective), self.value) == 0
            and is_feasible(self.problem, point)
            and is_strict(self.problem, point, self.problem.strict)
        )

    def explanation(self) -> tuple[str, ...]:
        return (
            f"The objective minus its best value{' times a positive polynomial' if self.power else ''} is a sum of squares"
            f"{_weights(self.identity)}: it is nowhere negative on the "
            "feasible set. The identity holds exactly, and its matrices are positive semidefinite.",
            *self._written(),
            "The best value is attained, so it is the global optimum.",
        )

    def _written(self) -> tuple[str, ...]:
        """The identity itself, where it is short."""
        written, value = written_identity(self.problem, self.identity), self.value.rational()
        if written is None or value is None:
            return ()
        gap = "F" if value == 0 else f"F - {value}" if value > 0 else f"F + {-value}"
        power = f"**{self.power}" if self.power > 1 else ""
        left = f"(1 + |x|**2){power} ({gap})" if self.power else gap
        return (f"With F the objective, written as a minimization: {left} = {written}.",)


@dataclass(frozen=True, eq=False)
class SquaresEnclosure(Certificate):
    """The least value lies in [lower, upper]: F - lower is a weighted sum of squares, ``point`` is feasible with at most upper.

    A minimum exists, since F + constant - rate |x|**2, or that without F, is a weighted sum of squares as well.
    """

    problem: PolynomialProblem
    lower: fmpq
    upper: fmpq
    point: FeasibleBox
    identity: SquaresIdentity
    growth: QuadraticGrowth

    kind = "sum of squares"
    claim = Claim.GLOBAL_OPTIMUM
    is_exact = False

    def verify(self) -> Truth:
        target = extended(self.problem.objective - self.lower, extended_ring(self.problem))
        return (
            not self.problem.strict
            and self.point.holds(self.problem, frozenset())
            and self.lower <= self.upper
            and self.point.value(self.problem)[1] <= self.upper
            and self.identity.number == RATIONALS
            and self.identity.shows_nonnegative(self.problem, target)
            and self.growth.holds(self.problem)
        )

    def explanation(self) -> tuple[str, ...]:
        return (
            f"The objective minus a lower bound is a sum of squares{_weights(self.identity)}: the bound holds on the whole "
            "feasible set. A feasible point has a value just above it.",
            "The objective grows like the squared distance there, shown in the same way, so that a minimum exists."
            if self.growth.with_objective
            else "The feasible set is bounded, shown in the same way, so that a minimum exists.",
        )


@dataclass(frozen=True, eq=False)
class SquaresInfeasibility(Certificate):
    """-1 is a sum of squares weighted by the constraints plus multiples of the equations, which no feasible point allows.

    Krivine (1964), Stengle (1974).
    """

    problem: PolynomialProblem
    identity: SquaresIdentity

    kind = "sum of squares"
    claim = Claim.INFEASIBLE

    def verify(self) -> Truth:
        target = extended_ring(self.problem).constant(-1)
        return self.identity.number == RATIONALS and self.identity.shows_nonnegative(self.problem, target)

    def explanation(self) -> tuple[str, ...]:
        written = written_identity(self.problem, self.identity)
        return (
            f"-1 is a sum of squares{_weights(self.identity)}. At a feasible point every term is nonnegative, "
            "so there is no feasible point.",
            *(() if written is None else (f"-1 = {written}.",)),
        )


def _weights(identity: SquaresIdentity) -> str:
    weighted = any(part.factors for part in identity.squares)
    equations = any(factor != 0 for factor in identity.multipliers)
    return (", weighted by the constraints" if weighted else "") + (
        ", plus multiples of the equations" if equations else ""
    )
