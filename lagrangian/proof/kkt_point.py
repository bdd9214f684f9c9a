"""Certificates of strict local minima in closed form: the only zero of the KKT equations in a box is this point."""

from dataclasses import dataclass

from sympy import Expr

from lagrangian.algebra.interval_program import NotEnclosableError
from lagrangian.algebra.numbers import FieldElement
from lagrangian.conditions.kkt_balls import kkt_program
from lagrangian.conditions.kkt_closed_form import ClosedPoint, is_closed_form
from lagrangian.logic import Truth
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.certificate import Certificate, Claim
from lagrangian.proof.kkt_box import KKTBoxCertificate


@dataclass(frozen=True, eq=False)
class KKTPointCertificate(Certificate):
    """The strict local minimum that ``box`` holds has these coordinates, multipliers and value of F, exactly.

    Attributes:
        box: the proof that a strict local minimum lies in a box.
        coordinates: in the order of the problem's variables.
        multipliers: of all constraints, inequalities first.
        value: F there.
    """

    box: KKTBoxCertificate
    coordinates: tuple[FieldElement | Expr, ...]
    multipliers: tuple[FieldElement | Expr, ...]
    value: FieldElement | Expr

    kind = "KKT point"
    claim = Claim.LOCAL_OPTIMUM

    @property
    def problem(self) -> CanonicalProblem:
        return self.box.problem

    def verify(self) -> Truth:
        """Check the box, then that the point lies in it and satisfies the equations, and that F has the value."""
        box = self.box.verified
        if box is not True:
            return box
        try:
            kkt = kkt_program(self.problem)
        except NotEnclosableError:
            return None
        zero = self.box.zero(kkt)
        point = ClosedPoint(self.coordinates, self.multipliers, self.value)
        return None if zero is None else is_closed_form(kkt, zero, point)

    def explanation(self) -> tuple[str, ...]:
        return (
            *self.box.explanation(),
            "The point in closed form lies in the box in which the equations have one zero, and satisfies them exactly: it is "
            "that zero.",
        )
