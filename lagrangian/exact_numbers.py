"""Real numbers in answers: known exactly, or enclosed, or estimated, and each says which."""

from collections.abc import Iterator
from functools import cached_property

import flint
import sympy
from flint import arb
from sympy import Expr, Poly, Rational, Symbol

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.closed_form import ROOT_SYMBOL
from lagrangian.algebra.numbers import AlgebraicPoint, FieldElement
from lagrangian.algebra.polynomials import to_rational
from lagrangian.algebra.radicals import readable_form

PRECISION = 96
# right bits of a ball, by the size of the number
ACCURATE_BITS = 64
LARGEST_PRECISION = 8192
LARGEST_FIELD_SEARCHED = 30
MOST_OPERATIONS = 12


class ExactNumber:
    """A real number that is known exactly: its closed form is made only when it is asked for.

    Algebraic numbers of high degree are cheap to enclose and dear to write down.

    >>> number = ExactNumber(sympy.sqrt(2))
    >>> number.minimal_polynomial, number.decimal(10), number.interval(3)
    (Poly(x**2 - 2, x, domain='ZZ'), '1.414213562', (707/500, 283/200))
    """

    is_exact = True

    def __init__(self, source: FieldElement | Expr, sign: int = 1) -> None:
        self._source, self._sign = source, sign

    @property
    def signed_source(self) -> FieldElement | Expr:
        """The number as it was computed, without looking for a closed form."""
        return self._source if self._sign > 0 else -self._source

    @cached_property
    def expression(self) -> Expr:
        """A closed form that is equal to the number; CRootOf for an algebraic number without a short one."""
        form = readable_form(self._source) if isinstance(self._source, FieldElement) else self._source
        return self._sign * form

    @cached_property
    def minimal_polynomial(self) -> Poly | None:
        """The primitive irreducible integer polynomial with this root; None where the number is not known to be algebraic."""
        if isinstance(self._source, FieldElement):
            coefficients = [int(c) * self._sign**power for power, c in enumerate(self._source.number.modulus.coeffs())]
            if coefficients[-1] < 0:
                coefficients = [-c for c in coefficients]
            return Poly(coefficients[::-1], ROOT_SYMBOL)
        if not self._source.is_algebraic or sympy.count_ops(self._source) > MOST_OPERATIONS:
            return None
        found = sympy.minimal_polynomial(self.expression, ROOT_SYMBOL, polys=True)
        return found.clear_denoms(convert=True)[1].primitive()[1]

    def is_simple(self, degree: int) -> bool:
        """Whether the closed form is cheap: no algebraic number beyond this degree has to be written down."""
        if not isinstance(self._source, FieldElement):
            return True
        return self._source.root.degree <= LARGEST_FIELD_SEARCHED and self._source.number.degree <= degree

    def ball(self) -> arb | None:
        """A ball that holds the number, narrow by its size; None with free parameters, or for what cannot be enclosed."""
        return self._narrow_ball

    @cached_property
    def _narrow_ball(self) -> arb | None:
        """Cancellation may leave few right bits: the precision grows until there are enough, or the number seems to be zero."""
        found = None
        for bits in _precisions():
            found = self.ball_at(bits)
            if found is None or found.rel_accuracy_bits() >= ACCURATE_BITS:
                break
        return found

    def ball_at(self, bits: int) -> arb | None:
        """A ball that holds the number, computed with so many bits; some of them may be lost."""
        if isinstance(self._source, FieldElement):
            found = self._source.enclosure(bits)
        else:
            found = enclose(self._source, bits) if self._source.is_number else None
        with flint.ctx.workprec(bits):
            return None if found is None else found * self._sign

    def interval(self, digits: int = 15) -> tuple[Rational, Rational] | None:
        """Decimal fractions with this many places between which the number lies, at most two units of the last place apart.

        They are farther apart for a number that is only enclosed. None where the number cannot be enclosed.
        """
        unit = Rational(1, 10**digits)
        found = None
        for bits in _precisions():
            ball = self.ball_at(bits)
            if ball is None:
                return None
            low, high = ends(ball)
            found = sympy.floor(low / unit) * unit, sympy.ceiling(high / unit) * unit
            if found[1] - found[0] <= 2 * unit or not self.is_exact:
                break
        return found

    def decimal(self, digits: int = 15) -> str | None:
        """The first significant digits, all of them right: cut off, not rounded. None where they cannot be had."""
        rational = self._rational
        if rational is not None:
            return _cut(rational, digits)
        for bits in _precisions():
            ball = self.ball_at(bits)
            if ball is None:
                return None
            low, high = (_cut(end, digits) for end in ends(ball))
            if low == high:
                return low
            if not self.is_exact:
                return None
        return None

    @property
    def _rational(self) -> Rational | None:
        if isinstance(self._source, FieldElement):
            value = self._source.rational()
            return None if value is None else self._sign * to_rational(value)
        return self._sign * self._source if isinstance(self._source, Rational) else None

    def __float__(self) -> float:
        ball = self.ball()
        return float(ball.mid()) if ball is not None else float(sympy.N(self.expression))


def _precisions() -> Iterator[int]:
    bits = PRECISION
    while bits <= LARGEST_PRECISION:
        yield bits
        bits *= 2


def ends(ball: arb) -> tuple[Rational, Rational]:
    """The ends of a ball, exactly."""
    middle, radius = to_rational(ball.mid().fmpq()), to_rational(ball.rad().fmpq())
    return middle - radius, middle + radius


def _cut(value: Rational, digits: int) -> str:
    """The decimal digits of a rational number, cut off."""
    size = abs(value)
    places = digits - 1
    if size:
        exponent = len(str(size.p)) - len(str(size.q))
        places -= exponent if size >= Rational(10) ** exponent else exponent - 1
    places = max(places, 0)
    whole, rest = divmod(int(sympy.floor(size * 10**places)), 10**places)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{rest:0{places}d}" if places else f"{sign}{whole}"


class EnclosedNumber(ExactNumber):
    """A real number that lies in a ball, or, where no ball is given, a floating-point estimate: in neither case known exactly.

    ``expression`` is a Float, the midpoint.
    """

    is_exact = False

    def __init__(self, midpoint: float, ball: arb | None = None) -> None:
        super().__init__(sympy.Float(midpoint, 17))
        self._ball = ball

    def is_simple(self, degree: int) -> bool:
        return False

    def ball(self) -> arb | None:
        """The ball that holds the number for certain; None for an estimate."""
        return self._ball

    def ball_at(self, bits: int) -> arb | None:
        return self._ball

    def __float__(self) -> float:
        return float(self.expression)


def numbers_of(variables: tuple[Symbol, ...], point: AlgebraicPoint | dict[Symbol, Expr]) -> dict[Symbol, ExactNumber]:
    """The coordinates of a point as exact numbers under the user's symbols, in order."""
    values = point.coordinates if isinstance(point, AlgebraicPoint) else tuple(point.values())
    return {variable: ExactNumber(value) for variable, value in zip(variables, values, strict=False)}
