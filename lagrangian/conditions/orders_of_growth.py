"""Orders of growth as t -> oo: monomials exp(sum of c t**r log(t)**s) log(t)**b, compared and enclosed exactly.

They are the scale of Hardy's logarithmico-exponential functions (1910) as far as one exponential and one logarithm go: t**a is
exp(a log t). Two of them differ in order if their quotient is not 1, and the first exponent in which they differ decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import flint
import sympy
from flint import arb
from sympy import Expr, Rational

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.signs import is_positive, is_zero

BITS = 128

# (r, s, 0) stands for t**r log(t)**s, (0, 0, 1) for log(log(t)): in this order each grows faster than those before it
Key = tuple[Rational, Rational, int]
LOG: Key = (sympy.Integer(0), sympy.Integer(1), 0)
LOG_LOG: Key = (sympy.Integer(0), sympy.Integer(0), 1)


class UndecidedGrowthError(Exception):
    """A comparison that was not decided, with this start or at all. Internal: it becomes a status."""


class OutsideDomainError(Exception):
    """The function is undefined for every large t. Internal: such points are infeasible."""


def ball_of(value: Expr) -> arb:
    found = enclose(value, BITS)
    if found is None:
        raise UndecidedGrowthError(f"{value} cannot be enclosed")
    return found


def sign_of(value: Expr) -> int:
    """The sign of a number, exactly. Raises UndecidedGrowthError."""
    found = enclose(value, BITS)
    if found is not None and found > 0:
        return 1
    if found is not None and found < 0:
        return -1
    if is_zero(value):
        return 0
    positive, negative = is_positive(value), is_positive(-value)
    if positive or negative:
        return 1 if positive else -1
    raise UndecidedGrowthError(f"the sign of {value} was not decided")


@dataclass(frozen=True)
class Monomial:
    """exp(sum of c t**r log(t)**s + b log log t), as pairs of keys and numbers that are not zero, fastest first.

    >>> square, fast = monomial({LOG: sympy.Integer(2)}), monomial({(sympy.Integer(1), sympy.Integer(0), 0): sympy.Integer(1)})
    >>> (fast / square).order, (square * square).order, (square / square).order
    (1, 1, 0)
    """

    exponents: tuple[tuple[Key, Expr], ...]

    @cached_property
    def order(self) -> int:
        """1 if it tends to infinity, -1 if to zero, 0 if it is 1."""
        return sign_of(self.exponents[0][1]) if self.exponents else 0

    def __mul__(self, other: "Monomial") -> "Monomial":
        return monomial(_sum([*self.exponents, *other.exponents]))

    def __truediv__(self, other: "Monomial") -> "Monomial":
        return self * other.power(sympy.Integer(-1))

    def power(self, exponent: Expr) -> "Monomial":
        return monomial({key: exponent * value for key, value in self.exponents})

    def at(self, start: Rational) -> arb:
        """The value at t = start > 1."""
        with flint.ctx.workprec(BITS):
            log = arb(ball_of(start)).log()
            total = arb(0)
            for (r, s, double), value in self.exponents:
                part = log.log() if double else (ball_of(r) * log).exp() * _power(log, s)
                total += ball_of(value) * part
            return total.exp()

    def falls_from(self, start: Rational) -> bool:
        """Whether it does not increase for t >= start >= 3: the derivative of its logarithm, times t, is <= 0 there.

        That derivative is the sum of c t**r (r log(t)**s + s log(t)**(s-1)) + b / log(t); each of its terms is compared with the
        fastest one, and quotients of terms that decrease are largest at the start.
        """
        terms: dict[tuple[Rational, Rational], Expr] = {}
        for (r, s, double), value in self.exponents:
            parts = [((r, sympy.Integer(-1)), value)] if double else [((r, s), value * r), ((r, s - 1), value * s)]
            for key, part in parts:
                terms[key] = terms.get(key, sympy.Integer(0)) + part
        kept = sorted(((key, value) for key, value in terms.items() if sign_of(value)), reverse=True, key=_first)
        if not kept:
            return True
        (r0, s0), leading = kept[0]
        if sign_of(leading) > 0:
            return False
        with flint.ctx.workprec(BITS):
            log = ball_of(start).log()
            total = ball_of(leading)
            for (r, s), value in kept[1:]:
                # t**-d log(t)**e falls where e <= d log(t)
                d, e = r0 - r, s - s0
                if not ball_of(e) <= ball_of(d) * log:
                    return False
                quotient = (-ball_of(d) * log).exp() * _power(log, e)
                total += ball_of(value) * quotient.union(arb(0))
            return bool(total < 0)


def _first(pair: tuple[tuple[Rational, Rational], Expr]) -> tuple[Rational, Rational]:
    return pair[0]


def _power(base: arb, exponent: Rational) -> arb:
    return (base.log() * ball_of(exponent)).exp() if exponent != 0 else arb(1)


def _sum(pairs: Iterable[tuple[Key, Expr]]) -> dict[Key, Expr]:
    total: dict[Key, Expr] = {}
    for key, value in pairs:
        total[key] = total.get(key, sympy.Integer(0)) + value
    return total


def monomial(exponents: dict[Key, Expr]) -> Monomial:
    kept = [(key, value) for key, value in exponents.items() if value != 0 and sign_of(value) != 0]
    return Monomial(tuple(sorted(kept, key=lambda pair: pair[0], reverse=True)))


ONE = Monomial(())
