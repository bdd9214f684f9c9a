"""An increasing function around the objective is taken off: F = a exp(w) + c has its optima where sign(a) w does."""

from dataclasses import dataclass, replace

import sympy
from sympy import Expr

from lagrangian.problem.canonical import CanonicalProblem


@dataclass(frozen=True)
class OuterFunction:
    """The increasing function w -> scale * exp(sign * w) + offset, sign = +1 or -1 like ``scale``."""

    scale: Expr
    offset: Expr

    @property
    def sign(self) -> int:
        return 1 if self.scale.is_positive else -1

    def value(self, inner: Expr) -> Expr:
        return self.scale * sympy.exp(self.sign * inner) + self.offset

    def slope(self, inner: Expr) -> Expr:
        """The derivative at w, with which multipliers are multiplied."""
        return self.sign * self.scale * sympy.exp(self.sign * inner)

    @property
    def value_at_minus_infinity(self) -> Expr:
        return self.offset if self.sign > 0 else -sympy.oo


def strip_outer_function(canonical: CanonicalProblem) -> tuple[CanonicalProblem, OuterFunction] | None:
    """The problem with the exponential around its objective taken off, and that function; None if there is none.

    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x = sympy.Symbol("x")
    >>> inner, outer = strip_outer_function(canonicalize(Problem(3 * sympy.exp(-x) + 1, [x <= 2]))[0])
    >>> inner.objective, outer.value(inner.objective)
    (-x, 1 + 3*exp(-x))
    """
    variables = set(canonical.variables)
    offset, rest = canonical.objective.as_independent(*variables, as_Add=True)
    scale, core = rest.as_independent(*variables, as_Add=False)
    if not isinstance(core, sympy.exp) or scale.is_nonzero is not True or scale.is_extended_real is not True:
        return None
    if scale.is_positive is None:
        return None
    outer = OuterFunction(scale, offset)
    return replace(canonical, objective=outer.sign * core.args[0]), outer
