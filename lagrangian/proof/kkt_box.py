"""Certificates of strict local minima at points without a closed form: a KKT point in a small box, by ball arithmetic."""

from dataclasses import dataclass

import flint
from flint import arb, fmpq

from lagrangian.algebra.ball_program import balls_of
from lagrangian.algebra.interval_program import NotEnclosableError
from lagrangian.conditions.kkt_balls import BITS, KKTProgram, Zero, isolate, kkt_program
from lagrangian.conditions.kkt_judgment import judged
from lagrangian.logic import Truth
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.certificate import Certificate, Claim


@dataclass(frozen=True, eq=False)
class KKTBoxCertificate(Certificate):
    """A zero of the KKT equations of the constraints ``held`` lies near ``middle``, and is a strict local minimum.

    Attributes:
        problem: without parameters and integers.
        held: the constraints that are taken as equations, by number, inequalities first.
        middle: x, then the multipliers of all constraints, as binary fractions.
        lower, upper: two numbers between which F lies there.
    """

    problem: CanonicalProblem
    held: tuple[int, ...]
    middle: tuple[fmpq, ...]
    lower: fmpq
    upper: fmpq

    kind = "KKT box"
    claim = Claim.LOCAL_OPTIMUM

    def verify(self) -> Truth:
        """Isolate the zero again, then check all signs, the second-order conditions and the bounds of the value."""
        problem = self.problem
        count = len(problem.functions) - 1
        if problem.parameters or problem.integers or len(self.middle) != len(problem.variables) + count:
            return False
        if not all(0 <= i < count for i in self.held) or sorted(set(self.held)) != list(self.held):
            return False
        try:
            kkt = kkt_program(problem)
        except NotEnclosableError:
            return None
        zero = self.zero(kkt)
        if zero is None:
            return None
        verdict = judged(kkt, zero)[0]
        found = value_bounds(kkt, zero)
        if not verdict.verified or verdict.is_strict_minimum is not True or found is None:
            return None if verdict.verified and verdict.is_strict_minimum is None else False
        return bool(self.lower <= found[0] and found[1] <= self.upper)

    def zero(self, kkt: KKTProgram) -> Zero | None:
        """The zero that the certificate is about."""
        n, held = kkt.dimension, set(self.held)
        if any(value != 0 for i, value in enumerate(self.middle[n:]) if i not in held):
            return None
        with flint.ctx.workprec(BITS):
            middle = [arb(value) for value in self.middle]
        return isolate(kkt, self.held, middle) if all(value.is_exact() for value in middle) else None

    def explanation(self) -> tuple[str, ...]:
        return (
            "Krawczyk's operator maps a small box around the point and its multipliers into itself, so that the KKT equations "
            "of the active constraints have a zero there, and no other. Over the box the multipliers of active inequalities are "
            "positive, the other constraints hold with room, and the Hessian of the Lagrangian is positive definite on the null "
            "space of the active gradients: a strict local optimum. Nothing is claimed about other points.",
        )


def value_bounds(kkt: KKTProgram, zero: Zero) -> tuple[fmpq, fmpq] | None:
    """Two numbers between which F lies at the zero."""
    with flint.ctx.workprec(BITS):
        found = balls_of(kkt.program, [kkt.objective], zero.inner)
        return None if found is None else (found[0].lower().fmpq(), found[0].upper().fmpq())


def kkt_box_certificate(kkt: KKTProgram, zero: Zero) -> KKTBoxCertificate | None:
    """The certificate of a zero that was isolated; None where F is not bounded there."""
    bounds = value_bounds(kkt, zero)
    if bounds is None:
        return None
    return KKTBoxCertificate(kkt.canonical, zero.held, tuple(value.fmpq() for value in zero.middle), *bounds)
