"""Changes of variables: a problem in x becomes one in new variables, in which it is polynomial, and points come back.

Each change is a map from the new variables onto the old ones (or onto those that the constraints leave): F(x(u)) takes the same
values on the same feasible points, so that optima, infima, unboundedness and infeasibility are the same on both sides.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sympy
from sympy import Expr, Symbol
from sympy.core.relational import Ge, Gt, Le, Lt, Relational

from lagrangian.problem.bounds import bounds_on
from lagrangian.problem.canonical import CanonicalProblem


class NotChangeableError(Exception):
    """A change of variables that could not be decided; the message says why. Internal: the problem is left as it is."""


@dataclass(frozen=True)
class Preimages:
    """All values of an old variable at one point in the new ones: ``values``, or values[0] + k period for ``integers`` k.

    Without a period the list is complete. ``conditions`` restrict the integer symbol k.
    """

    values: tuple[Expr, ...]
    period: Expr | None = None
    integer: Symbol | None = None
    conditions: tuple[Relational, ...] = ()


@dataclass(frozen=True)
class Change(ABC):
    """One change of variables: ``old`` is replaced by the variables ``new``."""

    old: Symbol
    new: tuple[Symbol, ...]

    @property
    def bounds_left_out(self) -> tuple[Expr, ...]:
        """The bounds of the old variable that the new ones do not show: stationary points at these are not seen."""
        return ()

    @abstractmethod
    def rewritten(self, expression: Expr) -> Expr:
        """The expression in the new variables, as far as the change reaches; old variables that are left show its limits."""

    @abstractmethod
    def stated_in_old(self) -> dict[Symbol, Expr]:
        """The new variables as functions of the old one."""

    @abstractmethod
    def conditions(self) -> tuple[Relational, ...]:
        """What must hold of the new variables."""

    @abstractmethod
    def bound(self, limit: Expr, *, is_upper: bool, strict: bool) -> Relational | None:
        """The bound x <= limit or x >= limit in the new variables; None where `conditions` contain it, or it says nothing.

        Raises NotChangeableError where that was not decided.
        """

    @abstractmethod
    def preimages(self, values: Sequence[Expr]) -> Preimages | None:
        """The values of the old variable where the new ones have these values; None where that was not decided."""


def free_expressions(canonical: CanonicalProblem, variable: Symbol) -> list[Expr]:
    """The objective and all constraints that hold a variable, without the bounds on it."""
    own = {bound.place for bound in bounds_on(canonical).get(variable, [])}
    everything = [
        canonical.objective,
        *(g.expression for place, g in enumerate(canonical.inequalities) if place not in own),
        *(h.expression for h in canonical.equalities),
    ]
    return [expression for expression in everything if expression.has(variable)]


def common_rate(rates: Iterable[Expr]) -> Expr | None:
    """The largest a > 0 of which every rate is an integer multiple; None where SymPy sees none.

    >>> common_rate([sympy.Rational(1, 2), sympy.Rational(3, 4)]), common_rate([sympy.pi, -2 * sympy.pi])
    (1/4, pi)
    """
    first, *others = list(rates)
    ratios = [sympy.Integer(1), *(sympy.simplify(rate / first) for rate in others)]
    if not all(isinstance(ratio, sympy.Rational) and ratio != 0 for ratio in ratios):
        return None
    denominator = sympy.ilcm(1, *(ratio.q for ratio in ratios))
    divisor = sympy.igcd(0, *(int(ratio * denominator) for ratio in ratios))
    step = first * sympy.Rational(divisor, denominator)
    if step.is_positive is None:
        return None
    return step if step.is_positive else -step


def relation_of(variable: Symbol, limit: Expr, *, is_upper: bool, strict: bool) -> Relational:
    """x <= limit, x < limit, x >= limit or x > limit, not evaluated."""
    kind = {(True, False): Le, (True, True): Lt, (False, False): Ge, (False, True): Gt}[is_upper, strict]
    return kind(variable, limit, evaluate=False)
