"""Sums of monomials with enclosed coefficients: functions of t on [start, oo), with what they tend to.

A coefficient is a function of t that lies in a ball for every t >= start and tends to an exact number, where one is known. So a
finite expansion, with a remainder of this kind, is an identity and no approximation.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import flint
import sympy
from flint import arb
from sympy import Expr, Rational

from lagrangian.conditions.orders_of_growth import (
    BITS,
    ONE,
    Monomial,
    OutsideDomainError,
    UndecidedGrowthError,
    ball_of,
    sign_of,
)

MOST_TERMS = 150


@dataclass(frozen=True, eq=False)
class Coefficient:
    """A function of t >= start that stays in ``ball`` and tends to ``limit`` (None: not known); constant where ``exact``."""

    limit: Expr | None
    ball: arb
    exact: bool = False

    def __post_init__(self) -> None:
        if not self.ball.is_finite():
            raise UndecidedGrowthError("a coefficient is not bounded from the start on")

    def __add__(self, other: "Coefficient") -> "Coefficient":
        limit = None if self.limit is None or other.limit is None else self.limit + other.limit
        if self.exact and other.exact:
            assert limit is not None
            return constant(limit)
        with flint.ctx.workprec(BITS):
            return Coefficient(limit, self.ball + other.ball)

    def __mul__(self, other: "Coefficient") -> "Coefficient":
        limit = None if self.limit is None or other.limit is None else self.limit * other.limit
        if self.exact and other.exact:
            assert limit is not None
            return constant(limit)
        with flint.ctx.workprec(BITS):
            return Coefficient(limit, self.ball * other.ball)

    def power(self, exponent: Expr) -> "Coefficient":
        """c**p for a coefficient whose ball shows that it is positive, or not zero for an integer p."""
        if self.exact and self.limit is not None:
            return constant(self.limit**exponent)
        limit = None if self.limit is None else self.limit**exponent
        return Coefficient(limit, ball_power(self.ball, exponent))

    @property
    def is_zero(self) -> bool:
        return self.exact and self.limit is not None and sign_of(self.limit) == 0


def ball_power(base: arb, exponent: Expr) -> arb:
    with flint.ctx.workprec(BITS):
        if isinstance(exponent, sympy.Integer):
            return base ** int(exponent)
        return (base.log() * ball_of(exponent)).exp()


def constant(value: Expr) -> Coefficient:
    return Coefficient(value, ball_of(value), exact=True)


@dataclass(frozen=True, eq=False)
class Expansion:
    """A sum of coefficients times monomials on [start, oo), start >= 3."""

    start: Rational
    terms: tuple[tuple[Monomial, Coefficient], ...]

    def __add__(self, other: "Expansion") -> "Expansion":
        return expansion(self.start, [*self.terms, *other.terms])

    def __mul__(self, other: "Expansion") -> "Expansion":
        if len(self.terms) * len(other.terms) > MOST_TERMS:
            raise UndecidedGrowthError("an expansion has too many terms")
        return expansion(self.start, [(m * n, a * b) for m, a in self.terms for n, b in other.terms])

    def scaled(self, factor: Coefficient, by: Monomial = ONE) -> "Expansion":
        return Expansion(self.start, tuple((m * by, c * factor) for m, c in self.terms))

    @property
    def is_zero(self) -> bool:
        return not self.terms

    def leading(self) -> tuple[Monomial, Coefficient, "Expansion"]:
        """(m, c, s) with the function = m c (1 + s), where s tends to zero. Raises UndecidedGrowthError."""
        if self.is_zero:
            raise UndecidedGrowthError("the function is zero")
        (first, coefficient), *rest = self.terms
        if coefficient.ball.contains(0):
            raise UndecidedGrowthError("the leading coefficient is not kept away from zero")
        inverse = coefficient.power(sympy.Integer(-1))
        return first, coefficient, Expansion(self.start, tuple((m / first, c * inverse) for m, c in rest))

    def ball_of_small(self) -> arb:
        """A ball that holds a sum of monomials that tend to zero, for all t >= start."""
        with flint.ctx.workprec(BITS):
            total = arb(0)
            for m, c in self.terms:
                if m.order >= 0 or not m.falls_from(self.start):
                    raise UndecidedGrowthError("a term does not fall from the start on")
                total += c.ball * m.at(self.start).union(arb(0))
            return total

    def sign(self) -> int:
        """The sign for all t >= start. Raises UndecidedGrowthError.

        >>> from lagrangian.conditions.growth import expand
        >>> t = sympy.Symbol("t", positive=True)
        >>> expand(sympy.exp(t) - t**5, t, sympy.Integer(64)).sign()
        1
        """
        if self.is_zero:
            return 0
        _, coefficient, small = self.leading()
        with flint.ctx.workprec(BITS):
            whole = coefficient.ball * (1 + small.ball_of_small())
            if whole > 0:
                return 1
            if whole < 0:
                return -1
        raise UndecidedGrowthError("the sign is not the same from the start on")

    def limit(self) -> Expr:
        """What the function tends to: a number, oo or -oo. Raises UndecidedGrowthError."""
        total: Expr = sympy.Integer(0)
        for m, c in self.terms:
            if m.order > 0:
                return sympy.oo * self.sign()
            if m.order == 0:
                if c.limit is None:
                    raise UndecidedGrowthError("the limit is not known")
                total += c.limit
        return total


def expansion(start: Rational, terms: Iterable[tuple[Monomial, Coefficient]]) -> Expansion:
    """The sum of terms, like ones collected, fastest first."""
    collected: dict[Monomial, Coefficient] = {}
    for m, c in terms:
        collected[m] = collected[m] + c if m in collected else c
    kept = [(m, c) for m, c in collected.items() if not c.is_zero]
    if len(kept) > MOST_TERMS:
        raise UndecidedGrowthError("an expansion has too many terms")
    ordered: list[tuple[Monomial, Coefficient]] = []
    for m, c in kept:
        place = next((i for i, (n, _) in enumerate(ordered) if (m / n).order > 0), len(ordered))
        ordered.insert(place, (m, c))
    return Expansion(start, tuple(ordered))


def require_positive(coefficient: Coefficient) -> None:
    """Raises OutsideDomainError where a coefficient is negative, UndecidedGrowthError where its sign is not known."""
    if coefficient.ball < 0:
        raise OutsideDomainError
    if not coefficient.ball > 0:
        raise UndecidedGrowthError("a coefficient is not kept away from zero")
