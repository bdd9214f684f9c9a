"""Numbers in closed form, perhaps with parameters: added, multiplied, inverted, their signs decided or refused.

They stand beside the elements of number fields in `lagrangian.algebra.matrices`, which asks for nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sympy
from sympy import Expr
from sympy.core.relational import Relational

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.signs import is_positive, is_zero


class UndecidedSignError(ArithmeticError):
    """A sign that a step needs is open, or differs with the parameters. Internal: it becomes an undecided answer."""


@dataclass(frozen=True, eq=False)
class ClosedNumber:
    """A real number as a SymPy expression.

    >>> b = sympy.Symbol("b", positive=True)
    >>> number = ClosedNumber(b) + 1
    >>> number.sign(), (number * number.inverse() - 1).is_zero()
    (1, True)
    """

    expression: Expr
    assumptions: Sequence[Relational] = ()

    def _made(self, expression: Expr) -> "ClosedNumber":
        return ClosedNumber(sympy.cancel(expression) if not expression.is_Rational else expression, self.assumptions)

    def __add__(self, other: "ClosedNumber | int") -> "ClosedNumber":
        return self._made(self.expression + _expression(other))

    def __sub__(self, other: "ClosedNumber | int") -> "ClosedNumber":
        return self._made(self.expression - _expression(other))

    def __mul__(self, other: "ClosedNumber | int") -> "ClosedNumber":
        return self._made(self.expression * _expression(other))

    def __neg__(self) -> "ClosedNumber":
        return ClosedNumber(-self.expression, self.assumptions)

    def inverse(self) -> "ClosedNumber":
        """1 / self. Raises UndecidedSignError where it may be zero."""
        if self.is_zero():
            raise ZeroDivisionError("division by zero")
        return self._made(sympy.radsimp(1 / self.expression))

    def is_zero(self) -> bool:
        """Raises UndecidedSignError where that is open."""
        if is_certainly_nonzero(self.expression):
            return False
        truth = is_zero(self.expression)
        if truth is None and is_positive(self.expression**2, self.assumptions):
            truth = False
        if truth is None:
            raise UndecidedSignError(f"it is not decided whether {self.expression} is zero")
        return truth

    def sign(self) -> int:
        """-1, 0 or 1. Raises UndecidedSignError where the sign is open or depends on parameters."""
        for sign in (1, -1):
            if is_positive(sign * self.expression, self.assumptions):
                return sign
        if is_zero(self.expression):
            return 0
        raise UndecidedSignError(f"the sign of {self.expression} is not decided")


def is_certainly_nonzero(number: Expr) -> bool:
    """Whether a ball shows that a number is not zero, which costs less than to ask SymPy.

    >>> is_certainly_nonzero(sympy.sqrt(2) - 1), is_certainly_nonzero(sympy.sqrt(4) - 2)
    (True, False)
    """
    ball = enclose(number) if number.is_number else None
    return ball is not None and not ball.contains(0)


def _expression(other: ClosedNumber | int) -> Expr:
    return other.expression if isinstance(other, ClosedNumber) else sympy.Integer(other)
