"""One-sided derivatives of an optimal value: what each is, how far its formula goes, and why it may not exist."""

from dataclasses import dataclass
from enum import Enum

import sympy
from sympy import Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.problem.canonical import side_sign

# how much is added to a right side, or to a coefficient
INCREMENT = Symbol("delta", real=True)


class SlopeKind(Enum):
    """What a value function does to one side of where it is."""

    FINITE = "finite"
    INFINITE = "infinite"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class OneSided:
    """The derivative of the value to one side: ``value`` (oo or -oo for an infinite slope), or why there is none.

    ``price`` is the derivative as a function of the increment delta and holds up to the size ``reach`` of it, where that is
    known (linear and convex quadratic programs).
    """

    kind: SlopeKind
    value: Expr | None = None
    reason: str = ""
    reach: Expr | None = None
    price: Expr | None = None

    def __str__(self) -> str:
        return str(self.value) if self.value is not None else self.kind.value


def undecided(reason: str) -> OneSided:
    return OneSided(SlopeKind.UNDECIDED, reason=reason)


def finite(value: Expr) -> OneSided:
    return OneSided(SlopeKind.FINITE, value)


@dataclass(frozen=True, slots=True)
class _TwoSided:
    """The derivatives of the value to the left and to the right."""

    left: OneSided
    right: OneSided

    @property
    def derivative(self) -> Expr | None:
        """The derivative where both sides have the same finite one, else None."""
        both = self.left.kind is self.right.kind is SlopeKind.FINITE
        return self.right.value if both and self.left.value == self.right.value else None

    @property
    def valid_range(self) -> tuple[Expr, Expr] | None:
        """The increments (low, high) over which the two sides' formulas hold; None where that is not known."""
        ends = [sympy.Integer(0) if s.kind is SlopeKind.INFEASIBLE else s.reach for s in (self.left, self.right)]
        return None if ends[0] is None or ends[1] is None else (-ends[0], ends[1])

    @property
    def has_kink(self) -> bool:
        """Whether both sides have derivatives, and different ones."""
        both = self.left.kind is self.right.kind is SlopeKind.FINITE
        return both and self.left.value != self.right.value

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(side.reason for side in (self.left, self.right) if side.reason))


@dataclass(frozen=True, slots=True)
class ConstraintSensitivity(_TwoSided):
    """The derivatives of the optimal value, as stated, by the right side of a constraint, as written."""

    constraint: Relational

    @property
    def shadow_price(self) -> Expr | None:
        return self.derivative


@dataclass(frozen=True, slots=True)
class CoefficientSensitivity(_TwoSided):
    """The derivatives of the optimal value of a linear program by the objective's coefficient of a variable."""

    variable: Symbol
    coefficient: Expr


def stated_slopes(stated: Relational, objective_sign: int, up: OneSided, down: OneSided) -> ConstraintSensitivity:
    """What is said of a constraint as stated, from the derivatives of the canonical value v in u >= 0.

    ``up`` belongs to g <= u or h = u, ``down`` to g <= -u or h = -u: for a constraint >= the first of them lowers the right side.
    """
    right, left = (up, down) if side_sign(stated) > 0 else (down, up)
    return ConstraintSensitivity(_turned(left, -objective_sign, -1), _turned(right, objective_sign, 1), stated)


def _turned(side: OneSided, sign: int, direction: int) -> OneSided:
    """The derivative by delta = direction * u, multiplied so that it belongs to the value as stated."""
    value = None if side.value is None else sign * side.value
    price = None if side.price is None else sympy.expand(sign * side.price.xreplace({INCREMENT: direction * INCREMENT}))
    return OneSided(side.kind, value, side.reason, side.reach, price)
