"""Certificates that rest on integrality: divisors and residues, rounded constraints, curves through integer points."""

from dataclasses import dataclass, replace

import sympy
from sympy import Poly, Rational

from lagrangian.conditions.integral_forms import has_zero_modulo, integral_equalities, rounded_forms
from lagrangian.logic import Truth, all3
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.about import is_about, is_same_problem
from lagrangian.proof.certificate import Certificate, Claim
from lagrangian.proof.limits import InfimumCertificate, UnboundedCertificate

# the residues that a check goes through
MOST_RESIDUES = 1_000_000


@dataclass(frozen=True, eq=False)
class DivisibilityCertificate(Certificate):
    """A combination of equations with integer coefficients and a constant that is no integer: it vanishes at no integer point.

    For linear systems such multipliers exist whenever there is no integer solution (van der Waerden; Schrijver 1986, 4.1).
    """

    problem: CanonicalProblem
    multipliers: tuple[tuple[int, Rational], ...]

    kind = "divisibility"
    claim = Claim.INFEASIBLE

    def verify(self) -> Truth:
        known = integral_equalities(self.problem)
        if not self.multipliers or any(number not in known for number, _ in self.multipliers):
            return False
        total: dict[tuple[int, ...], Rational] = {}
        constant = Rational(0)
        for number, multiplier in self.multipliers:
            terms, free = known[number]
            constant += multiplier * free
            for exponents, value in terms.items():
                total[exponents] = total.get(exponents, Rational(0)) + multiplier * value
        return all(value.is_Integer for value in total.values()) and not constant.is_Integer

    def explanation(self) -> tuple[str, ...]:
        lines = tuple(f"{value} times ({self.problem.equalities[n].stated})" for n, value in self.multipliers)
        return (
            "Multiplied and added up, the equations say that an integer is a number that is none:",
            *lines,
        )


@dataclass(frozen=True, eq=False)
class ResidueCertificate(Certificate):
    """Some equations between integers have no common zero modulo a number: all residues of their variables were tried."""

    problem: CanonicalProblem
    equalities: tuple[int, ...]
    modulus: int

    kind = "residues"
    claim = Claim.INFEASIBLE

    def verify(self) -> Truth:
        count = len(self.problem.equalities)
        if self.modulus < 2 or not self.equalities or not all(0 <= n < count for n in self.equalities):
            return False
        chosen = [self.problem.equalities[number] for number in self.equalities]
        found = has_zero_modulo(self.problem, chosen, self.modulus, MOST_RESIDUES)
        return None if found is None else not found

    def explanation(self) -> tuple[str, ...]:
        stated = ", ".join(str(self.problem.equalities[number].stated) for number in self.equalities)
        return (
            f"Modulo {self.modulus} no residues of the integer variables satisfy {stated}: all of them were tried.",
        )


@dataclass(frozen=True, eq=False)
class RoundedCertificate(Certificate):
    """What is proved of the problem with rounded inequalities between integers: it has the same feasible points."""

    problem: CanonicalProblem
    inner_problem: CanonicalProblem
    inner: Certificate

    @property
    def kind(self) -> str:  # type: ignore[override]
        return self.inner.kind

    @property
    def claim(self) -> Claim:  # type: ignore[override]
        return self.inner.claim

    def verify(self) -> Truth:
        if not is_same_problem(rounded_forms(self.problem), self.inner_problem):
            return False
        return all3([is_about(self.inner, self.inner_problem), self.inner.verified])

    def explanation(self) -> tuple[str, ...]:
        changed = [
            f"{new.stated} is {new.expression} <= 0"
            for old, new in zip(self.problem.inequalities, self.inner_problem.inequalities, strict=True)
            if old != new
        ]
        return (f"Between integers, {'; '.join(changed)}.", *self.inner.explanation())


@dataclass(frozen=True, eq=False)
class IntegerCurveCertificate(Certificate):
    """A certificate about the problem over the reals whose curve has integer points at all integer values of its parameter."""

    problem: CanonicalProblem
    inner: UnboundedCertificate | InfimumCertificate

    kind = "curve"

    @property
    def claim(self) -> Claim:  # type: ignore[override]
        return self.inner.claim

    def verify(self) -> Truth:
        if not is_same_problem(self.inner.problem, replace(self.problem, integers=frozenset())):
            return False
        coordinates, parameter = self.inner.coordinates, self.inner.parameter
        for variable in self.problem.integers:
            coordinate = sympy.sympify(coordinates.get(variable, parameter / 2), strict=True)
            if not coordinate.is_polynomial(parameter):
                return False
            if not all(value.is_Integer for value in Poly(coordinate, parameter).all_coeffs()):
                return False
        return self.inner.verified

    def explanation(self) -> tuple[str, ...]:
        return (
            f"At integer values of {self.inner.parameter} the integer variables are integers:",
            *self.inner.explanation(),
        )


@dataclass(frozen=True, eq=False)
class RelaxationCertificate(Certificate):
    """Nothing is feasible even over the reals."""

    problem: CanonicalProblem
    inner: Certificate

    claim = Claim.INFEASIBLE

    @property
    def kind(self) -> str:  # type: ignore[override]
        return self.inner.kind

    def verify(self) -> Truth:
        relaxed = replace(self.problem, integers=frozenset())
        if self.inner.claim is not Claim.INFEASIBLE:
            return False
        return all3([is_about(self.inner, relaxed), self.inner.verified])

    def explanation(self) -> tuple[str, ...]:
        return ("Even with real values in place of the integers nothing is feasible:", *self.inner.explanation())
