"""Certificates that there is no optimum, by curves decided by orders of growth."""

from dataclasses import dataclass

import sympy
from sympy import Expr

from lagrangian.algebra.signs import is_zero
from lagrangian.conditions.growth_curves import GrowthCurve, is_feasible_along, limit_along
from lagrangian.logic import Truth, all3
from lagrangian.problem.bounds import signed_symbols
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.certificate import Certificate, Claim


@dataclass(frozen=True, eq=False)
class GrowthCertificate(Certificate):
    """A curve, feasible from its start on, along which the objective tends to -oo."""

    problem: CanonicalProblem
    curve: GrowthCurve

    kind = "curve"
    claim = Claim.UNBOUNDED

    def verify(self) -> Truth:
        limit = limit_along(self.problem.objective, self.curve)
        falls = None if limit is None else limit == -sympy.oo
        return all3([is_feasible_along(self.problem, self.curve), falls])

    def explanation(self) -> tuple[str, ...]:
        return (
            f"The points {growth_curve_text(self.curve)} are feasible for every {self.curve.time} >= {self.curve.start}.",
            f"The objective, written as a minimization, is {self.problem.objective.xreplace(self.curve.coordinates)} there, "
            "which tends to -oo by its order of growth: it improves without bound.",
        )


def growth_curve_text(curve: GrowthCurve) -> str:
    return ", ".join(f"{variable} = {place}" for variable, place in curve.coordinates.items())


@dataclass(frozen=True, eq=False)
class GrowthInfimumCertificate(Certificate):
    """A feasible curve along which the objective tends to ``infimum``, and F - infimum > 0 by the signs of its terms."""

    problem: CanonicalProblem
    curve: GrowthCurve
    infimum: Expr

    kind = "curve"
    claim = Claim.NOT_ATTAINED

    @property
    def value(self) -> Expr:
        return self.infimum

    def verify(self) -> Truth:
        limit = limit_along(self.problem.objective, self.curve)
        reaches = None if limit is None or limit.has(sympy.oo) else is_zero(limit - self.infimum)
        above = True if is_positive_everywhere(self.problem.objective - self.infimum, self.problem) else None
        return all3([is_feasible_along(self.problem, self.curve), reaches, above])

    def explanation(self) -> tuple[str, ...]:
        return (
            f"The points {growth_curve_text(self.curve)} are feasible for every {self.curve.time} >= {self.curve.start}.",
            f"The objective, written as a minimization, is {self.problem.objective.xreplace(self.curve.coordinates)} there, "
            f"which tends to {self.infimum} by its order of growth.",
            f"No feasible point reaches it: {self.problem.objective - self.infimum} is positive by the signs of its terms.",
        )


def is_positive_everywhere(expression: Expr, problem: CanonicalProblem) -> bool:
    """Whether an expression is positive at all feasible points where it is defined, seen from squares, exponentials and bounds.

    >>> x, y = sympy.symbols("x y", real=True)
    >>> problem = CanonicalProblem(x, (), (), (x, y), (), (), frozenset())
    >>> is_positive_everywhere((x * y - 1) ** 2 + sympy.exp(-y), problem), is_positive_everywhere(x + 1, problem)
    (True, False)
    """
    signed = expression.xreplace(signed_symbols(problem))
    return any(_is_positive_sum(form) for form in (signed, sympy.expand(signed), sympy.factor(signed)))


def _is_positive_sum(form: Expr) -> bool:
    """Whether all terms are >= 0 and not all of them zero at once, or SymPy sees the sign of the whole.

    Where c v**(2 k) is zero the variable v is, and what the other terms are then may be positive.
    """
    terms = sympy.Add.make_args(form)
    if not all(term.is_nonnegative for term in terms):
        return form.is_positive is True
    bases = [term.as_coeff_Mul()[1].as_base_exp()[0] for term in terms]
    zero = {base: sympy.Integer(0) for base in bases if base.is_Symbol}
    return any(term.is_positive or term.xreplace(zero).is_positive for term in terms)
