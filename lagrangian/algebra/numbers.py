"""Real algebraic numbers: roots of irreducible polynomials, the fields they generate, signs and comparisons, all exact.

Signs are decided by ball arithmetic at growing precision; the exact zero test behind it is that a residue class modulo an
irreducible polynomial vanishes only if it is zero.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import flint
from flint import arb, fmpq, fmpq_mat, fmpq_mpoly, fmpq_poly, fmpz_poly

FIRST_PRECISION = 64
ONE = fmpq_poly([1])
# the degree of a field up to which denominators are inverted at once
LARGEST_DEGREE_INVERTED = 24


def precisions() -> Iterator[int]:
    """Working precisions in bits, doubling without end: only for loops that an exact test has shown to stop."""
    bits = FIRST_PRECISION
    while True:
        yield bits
        bits *= 2


@dataclass(frozen=True)
class RealRoot:
    """The real root number ``index`` (from 0, in increasing order) of a primitive irreducible integer polynomial.

    >>> RealRoot(fmpz_poly([-2, 0, 1]), 1).enclosure(53)
    [1.41421356237310 +/- 4.96e-15]
    """

    modulus: fmpz_poly
    index: int
    _balls: dict[int, arb] = field(default_factory=dict, compare=False, repr=False)

    def enclosure(self, bits: int) -> arb:
        """A ball of about ``bits`` bits that holds this root and no other root of the modulus."""
        if bits not in self._balls:
            self._balls[bits] = _real_root_balls(self.modulus, bits)[self.index]
        return self._balls[bits]

    def __hash__(self) -> int:
        return hash((tuple(map(int, self.modulus.coeffs())), self.index))

    @property
    def degree(self) -> int:
        return int(self.modulus.degree())

    @cached_property
    def rational_modulus(self) -> fmpq_poly:
        return fmpq_poly(self.modulus)


def _real_root_balls(polynomial: fmpz_poly, bits: int) -> list[arb]:
    """Disjoint balls for the real roots of a squarefree polynomial, in increasing order."""
    with flint.ctx.workprec(bits):
        if polynomial.degree() == 1:
            constant, leading = polynomial.coeffs()
            return [arb(fmpq(-constant, leading))]
        # FLINT isolates the roots and returns those that are real with an imaginary part that is exactly zero
        real = [ball.real for ball, _ in polynomial.complex_roots() if ball.imag.is_exact() and ball.imag == 0]
        return sorted(real, key=_midpoint)


def _midpoint(ball: arb) -> fmpq:
    return ball.mid().fmpq()


def real_roots(polynomial: fmpz_poly) -> list[RealRoot]:
    """All real roots of a polynomial that is not zero, each once, in increasing order.

    >>> [float(root.enclosure(64)) for root in real_roots(fmpz_poly([0, -2, 0, 1]))]
    [-1.4142135623730951, 0.0, 1.4142135623730951]
    """
    roots = []
    for factor, _ in polynomial.factor()[1]:
        if factor.degree() >= 1:
            normal = factor if factor.leading_coefficient() > 0 else -factor
            roots += [RealRoot(normal, index) for index in range(len(_real_root_balls(normal, FIRST_PRECISION)))]
    return sorted(roots, key=_SortKey)


class _SortKey:
    """Orders roots of different irreducible polynomials, which are never equal, by refining until the balls part."""

    def __init__(self, root: RealRoot) -> None:
        self.root = root

    def __lt__(self, other: "_SortKey") -> bool:
        if self.root == other.root:
            return False
        for bits in precisions():
            mine, yours = self.root.enclosure(bits), other.root.enclosure(bits)
            if mine < yours:
                return True
            if mine > yours:
                return False
        raise AssertionError("unreachable")


@dataclass(frozen=True, eq=False)
class FieldElement:
    """An element p(t) / q(t) of the number field Q(t), t a real root of an irreducible polynomial: a real number, exactly.

    Sums, products and quotients stay in the field. ``sign()`` is exact. Fractions are kept where the field is so large that
    inverting q would cost more than all the rest.

    >>> t = RealRoot(fmpz_poly([-2, 0, 1]), 1)
    >>> element = FieldElement(t, fmpq_poly([1, 1]))
    >>> (element * element).polynomial, (element - element).sign(), element.sign()
    (2*x + 3, 0, 1)
    """

    root: RealRoot
    polynomial: fmpq_poly
    denominator: fmpq_poly = field(default_factory=lambda: ONE)

    def _reduced(self, numerator: fmpq_poly, denominator: fmpq_poly) -> "FieldElement":
        modulus = self.root.rational_modulus
        return FieldElement(
            self.root, numerator % modulus, denominator if denominator == ONE else denominator % modulus
        )

    def __add__(self, other: "FieldElement | fmpq | int") -> "FieldElement":
        if not isinstance(other, FieldElement):
            return FieldElement(self.root, self.polynomial + self.denominator * fmpq(other), self.denominator)
        if self.denominator == other.denominator:
            return FieldElement(self.root, self.polynomial + other.polynomial, self.denominator)
        numerator = self.polynomial * other.denominator + other.polynomial * self.denominator
        return self._reduced(numerator, self.denominator * other.denominator)

    def __sub__(self, other: "FieldElement | fmpq | int") -> "FieldElement":
        return self + (-other if isinstance(other, FieldElement) else -fmpq(other))

    def __mul__(self, other: "FieldElement | fmpq | int") -> "FieldElement":
        if not isinstance(other, FieldElement):
            return FieldElement(self.root, self.polynomial * fmpq(other), self.denominator)
        return self._reduced(self.polynomial * other.polynomial, self.denominator * other.denominator)

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: "FieldElement | fmpq | int") -> "FieldElement":
        return -self + other

    def __neg__(self) -> "FieldElement":
        return FieldElement(self.root, -self.polynomial, self.denominator)

    def inverse(self) -> "FieldElement":
        """1 / self. Raises ZeroDivisionError for zero."""
        if self.polynomial == 0:
            raise ZeroDivisionError("division by the zero of a number field")
        return FieldElement(self.root, self.denominator, self.polynomial).simplified()

    def __truediv__(self, other: "FieldElement | fmpq | int") -> "FieldElement":
        if isinstance(other, FieldElement):
            return self * other.inverse()
        return FieldElement(self.root, self.polynomial / fmpq(other), self.denominator)

    def simplified(self) -> "FieldElement":
        """The same number, without a denominator where the field is small enough."""
        return self.normalized() if self.root.degree <= LARGEST_DEGREE_INVERTED else self

    def normalized(self) -> "FieldElement":
        """The same number without a denominator."""
        if self.denominator == ONE:
            return self
        divisor, cofactor, _ = self.denominator.xgcd(self.root.rational_modulus)
        return self._reduced(self.polynomial * (cofactor / divisor[0]), ONE)

    def is_zero(self) -> bool:
        return bool(self.polynomial == 0)

    def enclosure(self, bits: int) -> arb:
        """A ball that holds the number; its width shrinks to zero as ``bits`` grows."""
        at = self.root.enclosure(bits)
        value = _evaluate(self.polynomial, at, bits)
        if self.denominator == ONE:
            return value
        with flint.ctx.workprec(bits):
            return value / _evaluate(self.denominator, at, bits)

    def sign(self) -> int:
        """-1, 0 or 1, exactly."""
        if self.is_zero():
            return 0
        for bits in precisions():
            ball = self.enclosure(bits)
            if ball > 0:
                return 1
            if ball < 0:
                return -1
        raise AssertionError("unreachable")

    @cached_property
    def number(self) -> RealRoot:
        """The same real number as a root of its own minimal polynomial."""
        size = self.root.degree
        element = self.normalized().polynomial
        if element.degree() < 1:
            value = element[0]
            return RealRoot(fmpz_poly([-value.p, value.q]), 0)
        # the minimal polynomial is the only irreducible factor of the characteristic polynomial of multiplication by it
        matrix = fmpq_mat(size, size)
        column = element
        for j in range(size):
            for i, coefficient in enumerate(column.coeffs()):
                matrix[i, j] = coefficient
            column = (column * fmpq_poly([0, 1])) % self.root.rational_modulus
        factor = matrix.charpoly().numer().factor()[1][0][0]
        minimal = factor if factor.leading_coefficient() > 0 else -factor
        return _root_near(minimal, self)

    def rational(self) -> fmpq | None:
        """The value if it is rational and the field is small or shows it, else None."""
        element = self.simplified()
        return element.polynomial[0] if element.denominator == ONE and element.polynomial.degree() < 1 else None


def _root_near(minimal: fmpz_poly, element: FieldElement) -> RealRoot:
    for bits in precisions():
        ball = element.enclosure(bits)
        hits = [i for i, root in enumerate(_real_root_balls(minimal, bits)) if root.overlaps(ball)]
        if len(hits) == 1:
            return RealRoot(minimal, hits[0])
    raise AssertionError("unreachable")


def _evaluate(polynomial: fmpq_poly, at: arb, bits: int) -> arb:
    with flint.ctx.workprec(bits):
        return polynomial.numer()(at) / arb(polynomial.denom())


def compare(left: FieldElement, right: FieldElement) -> int:
    """-1, 0 or 1 as left <, =, > right, exactly, also across fields.

    >>> minus, plus = (FieldElement(RealRoot(fmpz_poly([-2, 0, 1]), i), fmpq_poly([0, 1])) for i in (0, 1))
    >>> compare(minus, plus), compare(minus * minus, plus * plus)
    (-1, 0)
    """
    if left.root == right.root:
        return (left - right).sign()
    for bits in (FIRST_PRECISION, 4 * FIRST_PRECISION):
        mine, yours = left.enclosure(bits), right.enclosure(bits)
        if mine < yours:
            return -1
        if mine > yours:
            return 1
    if left.number == right.number:
        return 0
    return -1 if _SortKey(left.number) < _SortKey(right.number) else 1


@dataclass(frozen=True, eq=False)
class AlgebraicPoint:
    """A point of R^n whose coordinates lie in one number field.

    >>> point = rational_point([fmpq(1, 2), fmpq(3)])
    >>> [coordinate.rational() for coordinate in point.coordinates]
    [1/2, 3]
    """

    root: RealRoot
    coordinates: tuple[FieldElement, ...]

    def value(self, polynomial: fmpq_mpoly) -> FieldElement:
        """The polynomial's value at the point, exactly."""
        denominators = {str(element.denominator): element.denominator for element in self.coordinates}
        if len(denominators) > 1:
            normal = AlgebraicPoint(self.root, tuple(element.normalized() for element in self.coordinates))
            return normal.value(polynomial)
        common = next(iter(denominators.values()), ONE)
        modulus = self.root.rational_modulus
        tables = [[ONE, element.polynomial] for element in (*self.coordinates, FieldElement(self.root, common))]
        degree = 0 if common == ONE else int(max(polynomial.total_degree(), 0))
        total = fmpq_poly([0])
        for monomial, coefficient in polynomial.terms():
            exponents = [int(power) for power in monomial]
            term = fmpq_poly([coefficient])
            # with a common denominator q every term is brought over q**degree
            filled = degree - sum(exponents) if degree else 0
            for exponent, table in zip((*exponents, filled), tables, strict=True):
                while len(table) <= exponent:
                    table.append(table[-1] * table[1] % modulus)
                if exponent:
                    term = term * table[exponent] % modulus
            total = total + term
        if not degree:
            return FieldElement(self.root, total)
        last = tables[-1]
        while len(last) <= degree:
            last.append(last[-1] * last[1] % modulus)
        return FieldElement(self.root, total, last[degree]).simplified()

    def ball(self, polynomial: fmpq_mpoly, bits: int = FIRST_PRECISION) -> arb:
        """A ball that holds the polynomial's value at the point."""
        values = [element.enclosure(bits) for element in self.coordinates]
        with flint.ctx.workprec(bits):
            return evaluate_ball(polynomial, values)

    def sign(self, polynomial: fmpq_mpoly) -> int:
        """The sign of the polynomial at the point, exactly: by balls where they suffice."""
        for bits in (FIRST_PRECISION, 4 * FIRST_PRECISION):
            ball = self.ball(polynomial, bits)
            if ball > 0:
                return 1
            if ball < 0:
                return -1
        return self.value(polynomial).sign()


def evaluate_ball(polynomial: fmpq_mpoly, values: Sequence[arb]) -> arb:
    total = arb(0)
    for monomial, coefficient in polynomial.terms():
        term = arb(coefficient)
        for exponent, value in zip(monomial, values, strict=True):
            if exponent:
                term *= value ** int(exponent)
        total += term
    return total


RATIONALS = RealRoot(fmpz_poly([0, 1]), 0)


def rational_point(coordinates: Sequence[fmpq | int]) -> AlgebraicPoint:
    return AlgebraicPoint(RATIONALS, tuple(FieldElement(RATIONALS, fmpq_poly([value])) for value in coordinates))


def same_point(left: AlgebraicPoint, right: AlgebraicPoint) -> bool:
    """Whether two points are equal, exactly."""
    return all(compare(a, b) == 0 for a, b in zip(left.coordinates, right.coordinates, strict=True))
