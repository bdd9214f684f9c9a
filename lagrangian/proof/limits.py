"""Certificates that there is no optimum: feasible curves along which the objective falls, and limits that are not attained."""

from dataclasses import dataclass

import sympy
from flint import fmpq_mpoly, fmpq_poly
from sympy import Expr, Poly, Pow, Rational, Symbol

from lagrangian.algebra.matrices import rank
from lagrangian.algebra.numbers import AlgebraicPoint, FieldElement, compare, real_roots
from lagrangian.algebra.polynomials import gradient, to_fmpq
from lagrangian.algebra.zeros import FactoredZeros, ZeroFamily, Zeros
from lagrangian.logic import Truth
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.guards import TOTAL
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.proof.about import is_closed_lifting
from lagrangian.proof.certificate import Certificate, Claim
from lagrangian.proof.completeness import set_is_empty
from lagrangian.proof.enumeration import EnumerationCertificate, is_feasible, is_strict
from lagrangian.proof.evidence import ListEvidence


@dataclass(frozen=True, eq=False)
class UnboundedCertificate(Certificate):
    """A curve x(t), rational in t and feasible for every t >= ``start``, on which the canonical objective tends to -oo."""

    problem: CanonicalProblem
    parameter: Symbol
    coordinates: dict[Symbol, Expr]
    start: Rational

    kind = "curve"
    claim = Claim.UNBOUNDED

    def verify(self) -> Truth:
        objective = self.problem.objective.xreplace(self.coordinates)
        return curve_is_feasible(self) and limit_at_infinity(objective, self.parameter) is sympy.S.NegativeInfinity

    def explanation(self) -> tuple[str, ...]:
        return (
            curve_text(self),
            f"The objective, written as a minimization, is {objective_along(self)} on this curve, which tends to -oo: it "
            "improves without bound.",
        )


@dataclass(frozen=True, eq=False)
class InfimumCertificate(Certificate):
    """A curve on which the objective tends to ``infimum``, and a proof that no feasible point has a value <= ``infimum``.

    ``emptiness`` is about the lifted problem with the further constraint F - infimum <= 0.
    """

    problem: CanonicalProblem
    parameter: Symbol
    coordinates: dict[Symbol, Expr]
    start: Rational
    infimum: Rational
    lifted: PolynomialProblem
    emptiness: ListEvidence

    kind = "curve"
    claim = Claim.NOT_ATTAINED

    def verify(self) -> Truth:
        objective = self.problem.objective.xreplace(self.coordinates)
        below = self.lifted.objective - to_fmpq(self.infimum)
        known = {str(g) for g in (*self.lifted.inequalities, below)}
        equations = {str(h) for h in self.lifted.equalities}
        return (
            is_closed_lifting(self.lifted, self.problem)
            and curve_is_feasible(self)
            and limit_at_infinity(objective, self.parameter) == self.infimum
            and self.emptiness.problem.dimension == self.lifted.dimension
            and all(str(g) in known for g in self.emptiness.problem.inequalities)
            and all(str(h) in equations for h in self.emptiness.problem.equalities)
            and set_is_empty(self.emptiness)
        )

    def explanation(self) -> tuple[str, ...]:
        return (
            curve_text(self),
            f"The objective, written as a minimization, is {objective_along(self)} on this curve, which tends to {self.infimum}.",
            "No feasible point reaches this limit or goes beyond it: the set of such points is closed, so that it would have a "
            "point nearest to a given one. All Fritz John systems for such a point were solved exactly, and none has a feasible "
            "solution.",
        )


@dataclass(frozen=True, eq=False)
class ClosureCertificate(Certificate):
    """The optimum over the closed set lies only at points that a strict inequality excludes, and feasible points approach it.

    At ``minimizer`` the gradients of the equalities are independent, and ``direction`` d has grad h.d = 0 and grad g.d < 0 for
    every active g: so there is a feasible curve into the interior from it (Mangasarian and Fromovitz 1967).
    """

    closed: EnumerationCertificate
    strict: frozenset[int]
    minimizer: AlgebraicPoint
    direction: tuple[FieldElement, ...]

    kind = "closure"
    claim = Claim.NOT_ATTAINED

    def verify(self) -> Truth:
        closed, point = self.closed, self.minimizer
        problem = closed.problem
        if closed.verify() is not True or compare(point.value(problem.objective), closed.value) != 0:
            return False
        if any(has_value(support.zeros, closed.value) for support in closed.evidence.supports):
            return None
        excluded = all(not is_strict(problem, minimizer, self.strict) for minimizer in closed.minimizers)
        # numbers of different fields, or of conjugate ones, cannot be added
        comparable = all(step.root == point.root for step in self.direction)
        return excluded and comparable and is_feasible(problem, point) and self._approached(problem, point)

    def _approached(self, problem: PolynomialProblem, point: AlgebraicPoint) -> bool:
        def slope(polynomial: fmpq_mpoly) -> FieldElement:
            parts = [point.value(part) for part in gradient(polynomial, problem.dimension)]
            total = parts[0] * self.direction[0]
            for part, step in zip(parts[1:], self.direction[1:], strict=True):
                total = total + part * step
            return total

        rows = [[point.value(part) for part in gradient(h, problem.dimension)] for h in problem.equalities]
        return (
            rank(rows) == len(rows)
            and all(slope(h).is_zero() for h in problem.equalities)
            and all(slope(g).sign() < 0 for g in problem.inequalities if point.sign(g) == 0)
        )

    def explanation(self) -> tuple[str, ...]:
        return (
            "Over the closure of the feasible set (strict inequalities made weak) the optimum is known:",
            *self.closed.explanation(),
            "Every point where the closure attains it violates a strict inequality, and a direction into the interior of the "
            "active constraints shows that feasible points approach it: the limit is not attained.",
        )


def has_value(zeros: Zeros, value: FieldElement) -> bool:
    """Whether some family of zeros may have this objective value."""
    if isinstance(zeros, FactoredZeros):
        return any(has_value(part, value) for part in zeros.parts)
    if not isinstance(zeros, ZeroFamily):
        return False
    return any(
        compare(FieldElement(root, fmpq_poly([0, 1]) % root.rational_modulus), value) == 0
        for root in real_roots(zeros.values)
    )


def curve_text(curve: "UnboundedCertificate | InfimumCertificate") -> str:
    places = ", ".join(f"{variable} = {expression}" for variable, expression in curve.coordinates.items())
    return f"The points {places} are feasible for every {curve.parameter} >= {curve.start}."


def objective_along(curve: "UnboundedCertificate | InfimumCertificate") -> Expr:
    """The canonical objective as a function of the curve's parameter."""
    return sympy.cancel(sympy.together(curve.problem.objective.xreplace(curve.coordinates)))


def curve_is_feasible(curve: "UnboundedCertificate | InfimumCertificate") -> bool:
    """Whether all constraints hold, and all denominators are nonzero, for every parameter from ``start`` on: by Sturm's count."""
    problem, parameter = curve.problem, curve.parameter
    # integer variables do not move along a curve
    if set(curve.coordinates) != set(problem.variables) or problem.integers or problem.parameters:
        return False
    everything = [
        problem.objective,
        *(g.expression for g in problem.inequalities),
        *(h.expression for h in problem.equalities),
    ]
    if not all(_is_defined_along(part, curve) for e in everything for part in sympy.preorder_traversal(e)):
        return False
    bases = {power.base for e in everything for power in e.atoms(sympy.Pow) if power.exp.is_negative}
    return (
        all(_constant_sign(base.xreplace(curve.coordinates), parameter, curve.start) in (1, -1) for base in bases)
        and all(_constant_sign(1 + e**2, parameter, curve.start) == 1 for e in curve.coordinates.values())
        and all(
            _constant_sign(g.expression.xreplace(curve.coordinates), parameter, curve.start)
            in ((-1,) if g.strict else (-1, 0))
            for g in problem.inequalities
        )
        and all(
            _constant_sign(h.expression.xreplace(curve.coordinates), parameter, curve.start) == 0
            for h in problem.equalities
        )
    )


def _is_defined_along(part: Expr, curve: "UnboundedCertificate | InfimumCertificate") -> bool:
    """Whether an operation, other than a quotient, is defined on all of the curve: SymPy squares sqrt(-t) to -t."""
    if part.is_Symbol or not part.free_symbols or part.is_Add or part.is_Mul or isinstance(part, TOTAL):
        return True
    if isinstance(part, Pow) and part.base.is_positive and not part.base.free_symbols:
        return True
    if not isinstance(part, Pow) or part.exp.free_symbols:
        return False
    if isinstance(part.exp, sympy.Integer):
        return True
    sign = _constant_sign(part.base.xreplace(curve.coordinates), curve.parameter, curve.start)
    return sign == 1 or (sign == 0 and part.exp.is_positive is True)


def _parts(expression: Expr, parameter: Symbol) -> tuple[Poly, Poly] | None:
    try:
        numerator, denominator = sympy.fraction(sympy.cancel(sympy.together(expression)))
        return Poly(numerator, parameter, domain="QQ"), Poly(denominator, parameter, domain="QQ")
    except (sympy.PolynomialError, sympy.CoercionFailed):
        return None


def _constant_sign(expression: Expr, parameter: Symbol, start: Rational) -> int | None:
    """The sign of a rational function without zero or pole on [start, oo), 0 if it vanishes; None if it changes or is none."""
    parts = _parts(expression, parameter)
    if parts is None:
        return None
    numerator, denominator = parts
    if numerator.is_zero:
        return 0
    if any(polynomial.degree() > 0 and polynomial.count_roots(start, None) for polynomial in parts):
        return None
    return 1 if numerator.eval(start) * denominator.eval(start) > 0 else -1


def limit_at_infinity(expression: Expr, parameter: Symbol) -> Expr | None:
    parts = _parts(expression, parameter)
    if parts is None:
        return None
    numerator, denominator = parts
    if numerator.is_zero or numerator.degree() < denominator.degree():
        return sympy.Integer(0)
    ratio = Rational(numerator.LC()) / Rational(denominator.LC())
    if numerator.degree() == denominator.degree():
        return ratio
    return sympy.oo if ratio > 0 else -sympy.oo
