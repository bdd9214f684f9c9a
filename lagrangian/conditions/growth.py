"""Elementary functions expanded at t -> oo in orders of growth, with Taylor's formula and its remainder for small arguments.

Every step is an identity for t >= start: (1 + s)**p, exp(s), log(1 + s), sin(s), cos(s) and atan(s) with s -> 0 are their Taylor
polynomials plus a remainder whose coefficient is the N-th derivative, over N!, somewhere between 0 and s.
"""

from collections.abc import Callable, Sequence

import flint
import sympy
from flint import arb
from sympy import Abs, Dummy, Expr, Max, Min, Pow, Rational, Symbol

from lagrangian.algebra.balls import may_be_integer
from lagrangian.conditions.growth_terms import Coefficient, Expansion, constant, expansion, require_positive
from lagrangian.conditions.orders_of_growth import (
    BITS,
    LOG,
    LOG_LOG,
    ONE,
    Monomial,
    OutsideDomainError,
    UndecidedGrowthError,
    monomial,
    sign_of,
)

# the order of Taylor's formula
ORDER = 3
ZERO, UNIT = sympy.Integer(0), sympy.Integer(1)


def expand(expression: Expr, time: Symbol, start: Rational, order: int = ORDER) -> Expansion:
    """The expansion of a function of t for t >= start >= 3.

    Raises:
        UndecidedGrowthError: for functions beyond the scale, or a start from which something was not decided.
        OutsideDomainError: for a function that is undefined for all t >= start.

    >>> t = Symbol("t", positive=True)
    >>> expand(t * sympy.log(1 + 1 / t), t, sympy.Integer(16)).limit()
    1
    >>> expand(sympy.sqrt(t**2 + 1) - t, t, sympy.Integer(16)).sign()
    1
    """
    return _Expander(time, start, order).of(expression)


class _Expander:
    """The rules, one a kind of function, for one variable, start and order."""

    def __init__(self, time: Symbol, start: Rational, order: int) -> None:
        self.time, self.start, self.order = time, start, order
        self.known: dict[Expr, Expansion] = {}

    def of(self, expression: Expr) -> Expansion:
        if expression not in self.known:
            self.known[expression] = self._of(expression)
        return self.known[expression]

    def _of(self, expression: Expr) -> Expansion:
        if not expression.has(self.time):
            return self._constant(expression)
        if expression == self.time:
            return Expansion(self.start, ((monomial({LOG: UNIT}), constant(UNIT)),))
        if expression.is_Add:
            parts = [self.of(part) for part in expression.args]
            return expansion(self.start, [term for part in parts for term in part.terms])
        if expression.is_Mul:
            product = self.of(expression.args[0])
            for factor in expression.args[1:]:
                product = product * self.of(factor)
            return product
        if isinstance(expression, Pow):
            return self._power(expression)
        if isinstance(expression, Max | Min):
            return self._extremum(expression)
        rule = self._rules().get(expression.func)
        if rule is None:
            raise UndecidedGrowthError(f"{expression.func} has no expansion in the package")
        return rule(self.of(expression.args[0]))

    def _rules(self) -> dict[type, Callable[[Expansion], Expansion]]:
        one, two = self._constant(UNIT), self._constant(Rational(1, 2))
        minus = constant(sympy.Integer(-1))

        def grown(inner: Expansion, sign: int) -> Expansion:
            return self._exp(inner) + self._exp(inner.scaled(minus)).scaled(constant(sympy.Integer(sign)))

        return {
            sympy.exp: self._exp,
            sympy.log: self._log,
            sympy.sin: lambda inner: self._wave(inner, sympy.sin),
            sympy.cos: lambda inner: self._wave(inner, sympy.cos),
            sympy.tan: lambda inner: (
                self._wave(inner, sympy.sin) * self._real_power(self._wave(inner, sympy.cos), -UNIT)
            ),
            sympy.atan: self._arctangent,
            sympy.asin: self._arcsine,
            sympy.acos: lambda inner: self._constant(sympy.pi / 2) + self._arcsine(inner).scaled(minus),
            sympy.cosh: lambda inner: grown(inner, 1) * two,
            sympy.sinh: lambda inner: grown(inner, -1) * two,
            sympy.tanh: lambda inner: grown(inner, -1) * self._real_power(grown(inner, 1), -UNIT) * one,
            Abs: lambda inner: inner.scaled(constant(sympy.Integer(inner.sign() or 1))),
        }

    def _constant(self, value: Expr) -> Expansion:
        return Expansion(self.start, ((ONE, constant(value)),) if sign_of(value) else ())

    def _power(self, power: Pow) -> Expansion:
        base, exponent = power.args
        if exponent.has(self.time):
            try:
                logarithm = self._constant(UNIT) if base == sympy.E else self._log(self.of(base))
            except OutsideDomainError:
                # (-2)**t is a real number for some t
                raise UndecidedGrowthError(f"{power} is not defined everywhere") from None
            return self._exp(self.of(exponent) * logarithm)
        inner = self.of(base)
        if isinstance(exponent, sympy.Integer) and 0 < exponent <= 2 * self.order:
            product = inner
            for _ in range(int(exponent) - 1):
                product = product * inner
            return product
        return self._real_power(inner, exponent)

    def _real_power(self, inner: Expansion, exponent: Expr) -> Expansion:
        """m**p c**p (1 + s)**p; p no integer: for functions that are positive (or zero, with p > 0)."""
        if inner.is_zero:
            if sign_of(exponent) > 0:
                return inner
            if sign_of(exponent) < 0:
                raise OutsideDomainError
            raise UndecidedGrowthError("a power of zero with exponent zero")
        first, coefficient, small = inner.leading()
        near = self._near_one(small)
        if not isinstance(exponent, sympy.Integer):
            if may_be_integer(exponent):
                raise UndecidedGrowthError(f"{exponent} may be an integer, whose powers have another domain")
            require_positive(coefficient)
        binomials = [sympy.binomial(exponent, k) for k in range(self.order + 1)]
        with flint.ctx.workprec(BITS):
            bend = (near.log() * _ball(exponent - self.order)).exp() * _ball(binomials[-1])
        series = self._series(small, binomials[:-1], Coefficient(binomials[-1], bend))
        return series.scaled(coefficient.power(exponent), first.power(exponent))

    def _near_one(self, small: Expansion) -> arb:
        """A ball of positive numbers that holds 1 + (something between 0 and s)."""
        with flint.ctx.workprec(BITS):
            near = 1 + small.ball_of_small().union(arb(0))
        if not near > 0:
            raise UndecidedGrowthError("a correction is not small from the start on")
        return near

    def _series(self, small: Expansion, numbers: Sequence[Expr], last: Coefficient) -> Expansion:
        """The sum of numbers[k] s**k, and ``last`` s**N."""
        total, power = self._constant(numbers[0]), self._constant(UNIT)
        for number in numbers[1:]:
            power = power * small
            if sign_of(number):
                total = total + power.scaled(constant(number))
        power = power * small
        return total + power.scaled(last)

    def _parts(self, inner: Expansion) -> tuple[Expansion, Coefficient, Expansion]:
        """The terms that tend to infinity, the coefficient of 1, and the terms that tend to zero."""
        large = tuple((m, c) for m, c in inner.terms if m.order > 0)
        small = tuple((m, c) for m, c in inner.terms if m.order < 0)
        middle = next((c for m, c in inner.terms if m.order == 0), constant(ZERO))
        return Expansion(self.start, large), middle, Expansion(self.start, small)

    def _exp(self, inner: Expansion) -> Expansion:
        large, middle, small = self._parts(inner)
        grown = ONE
        for m, c in large.terms:
            grown = grown * monomial({_key(m): _exact(c)})
        if middle.exact and middle.limit is not None:
            factor = constant(sympy.exp(middle.limit))
        else:
            with flint.ctx.workprec(BITS):
                limit = None if middle.limit is None else sympy.exp(middle.limit)
                factor = Coefficient(limit, middle.ball.exp())
        numbers = [1 / sympy.factorial(k) for k in range(self.order + 1)]
        with flint.ctx.workprec(BITS):
            bend = small.ball_of_small().union(arb(0)).exp() * _ball(numbers[-1])
        series = self._series(small, numbers[:-1], Coefficient(numbers[-1], bend))
        return series.scaled(factor, grown)

    def _log(self, inner: Expansion) -> Expansion:
        if inner.is_zero:
            raise OutsideDomainError
        first, coefficient, small = inner.leading()
        near = self._near_one(small)
        require_positive(coefficient)
        terms = [(_of_key(key), constant(value)) for key, value in first.exponents]
        if coefficient.exact and coefficient.limit is not None:
            terms.append((ONE, constant(sympy.log(coefficient.limit))))
        else:
            with flint.ctx.workprec(BITS):
                limit = None if coefficient.limit is None else sympy.log(coefficient.limit)
                terms.append((ONE, Coefficient(limit, coefficient.ball.log())))
        numbers = [ZERO, *((-UNIT) ** (k + 1) / sympy.Integer(k) for k in range(1, self.order + 1))]
        with flint.ctx.workprec(BITS):
            bend = _ball(numbers[-1]) / near**self.order
        return expansion(self.start, terms) + self._series(small, numbers[:-1], Coefficient(numbers[-1], bend))

    def _wave(self, inner: Expansion, function: Callable[[Expr], Expr]) -> Expansion:
        """sin or cos: of an argument that tends to a number by Taylor's formula, of others only bounded."""
        large, middle, small = self._parts(inner)
        if large.terms or not middle.exact or middle.limit is None:
            return Expansion(self.start, ((ONE, Coefficient(None, arb(0, 1))),))
        angle = Dummy(real=True)
        slopes = [function(angle)]
        for _ in range(self.order):
            slopes.append(sympy.diff(slopes[-1], angle))
        numbers = [slope.xreplace({angle: middle.limit}) / sympy.factorial(k) for k, slope in enumerate(slopes)]
        # the last slope is sin or cos, perhaps with the opposite sign, of something between the limit and the argument
        with flint.ctx.workprec(BITS):
            between = _ball(middle.limit) + small.ball_of_small().union(arb(0))
            size = between.sin() if slopes[-1].has(sympy.sin) else between.cos()
            bend = (size if slopes[-1].is_Function else -size) * _ball(1 / sympy.factorial(self.order))
        return self._series(small, numbers[:-1], Coefficient(numbers[-1], bend))

    def _arctangent(self, inner: Expansion) -> Expansion:
        large, middle, small = self._parts(inner)
        if large.terms:
            sign = sympy.Integer(inner.sign())
            rest = self._arctangent(self._real_power(inner, -UNIT))
            return self._constant(sign * sympy.pi / 2) + rest.scaled(constant(-UNIT))
        if not middle.exact or middle.limit is None:
            with flint.ctx.workprec(BITS):
                return Expansion(self.start, ((ONE, Coefficient(None, arb(0, "1.6"))),))
        # |atan''| < 1 everywhere, and the second derivative at the limit is exact
        at = middle.limit
        last = Coefficient(-at / (1 + at**2) ** 2, arb(0, "0.5"))
        return self._series(small, [sympy.atan(at), 1 / (1 + at**2)], last)

    def _arcsine(self, inner: Expansion) -> Expansion:
        """asin(s) = s + r s**3 for s -> 0, 6 r a third derivative; at the ends asin(1 - s) = pi/2 - 2 asin(sqrt(s/2))."""
        large, middle, small = self._parts(inner)
        at = middle.limit
        if large.terms:
            raise self._beyond_one(inner)
        if not middle.exact or at is None:
            raise UndecidedGrowthError("the argument of an arcsine tends to no known number")
        if sign_of(at) == 0:
            return self._small_arcsine(small)
        side = sign_of(at)
        room = sign_of(1 - side * at)
        if room < 0:
            raise self._beyond_one(inner)
        if room > 0:
            raise UndecidedGrowthError("arcsines are expanded at -1, 0 and 1 only")
        gap = small.scaled(constant(Rational(-side, 2)))
        angle = self._arcsine(self._real_power(gap, Rational(1, 2)))
        turned = self._constant(sympy.pi / 2) + angle.scaled(constant(sympy.Integer(-2)))
        return turned.scaled(constant(sympy.Integer(side)))

    def _beyond_one(self, inner: Expansion) -> Exception:
        """What an argument that ends up beyond 1 in size means: it need not be there from the start on."""
        excess = inner * inner + self._constant(-UNIT)
        return OutsideDomainError() if excess.sign() > 0 else UndecidedGrowthError("an arcsine leaves its domain")

    def _small_arcsine(self, small: Expansion) -> Expansion:
        """The third derivative of asin is (1 + 2 s**2) (1 - s**2)**(-5/2)."""
        with flint.ctx.workprec(BITS):
            between = small.ball_of_small().union(arb(0))
            inside = 1 - between**2
            if not inside > 0:
                raise UndecidedGrowthError("the argument of an arcsine is not small from the start on")
            bend = (1 + 2 * between**2) / inside.sqrt() ** 5 / 6
        return small + (small * small * small).scaled(Coefficient(Rational(1, 6), bend))

    def _extremum(self, expression: Expr) -> Expansion:
        largest, *others = [self.of(argument) for argument in expression.args]
        wanted = 1 if isinstance(expression, Max) else -1
        for other in others:
            if (other + largest.scaled(constant(-UNIT))).sign() == wanted:
                largest = other
        return largest


def _ball(value: Expr) -> arb:
    return constant(value).ball


def _exact(coefficient: Coefficient) -> Expr:
    if not coefficient.exact or coefficient.limit is None:
        raise UndecidedGrowthError("an exponent tends to infinity with a coefficient that is not constant")
    return coefficient.limit


def _key(m: Monomial) -> tuple[Rational, Rational, int]:
    """The key of t**r log(t)**s as an exponent."""
    exponents = dict(m.exponents)
    r, s = exponents.pop(LOG, ZERO), exponents.pop(LOG_LOG, ZERO)
    if exponents or not isinstance(r, Rational) or not isinstance(s, Rational):
        raise UndecidedGrowthError("an exponential of an exponential is beyond the scale")
    return r, s, 0


def _of_key(key: tuple[Rational, Rational, int]) -> Monomial:
    """t**r log(t)**s as a monomial."""
    r, s, double = key
    if double:
        raise UndecidedGrowthError("a logarithm of a logarithm is beyond the scale")
    return monomial({LOG: r, LOG_LOG: s})
