"""Closed forms that the digits of a number suggest, by short integer relations (Lenstra, Lenstra and Lovasz 1982).

Nothing here is a proof: a relation that holds to some hundred digits is a guess, which callers must prove or drop.
"""

from collections.abc import Sequence

import flint
import sympy
from flint import arb, fmpq, fmpq_poly, fmpz_mat, fmpz_poly
from sympy import Expr, Rational

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.numbers import RATIONALS, FieldElement, RealRoot, real_roots
from lagrangian.algebra.polynomials import to_rational

# degrees of minimal polynomials that are looked for, one after the other
DEGREES = (1, 2, 3, 4, 6, 8, 12)
# bits at the end of a number that rounding may have spoiled
SPARE_BITS = 24
# the greatest numerator and denominator of an exponent
LARGEST_EXPONENT = 24


def integer_relation(values: Sequence[arb], bits: int) -> tuple[int, ...] | None:
    """Integers c, not all zero, with c_1 v_1 + ... + c_n v_n = 0 to ``bits`` bits, so short that chance seldom makes them.

    n random numbers have relations of about bits / n bits in each integer; here all together have less than half of the bits.

    >>> with flint.ctx.workprec(300):
    ...     integer_relation([arb(1), arb(6).sqrt(), (arb(2).sqrt() + arb(3).sqrt()) ** 2], 250)
    (5, 2, -1)
    """
    count, scale = len(values), bits - SPARE_BITS
    lattice = fmpz_mat(count, count + 1)
    with flint.ctx.workprec(2 * bits):
        for place, value in enumerate(values):
            lattice[place, place] = 1
            lattice[place, count] = int((value.mid() * arb(2) ** scale).floor().unique_fmpz() or 0)
    shortest = lattice.lll()
    found = tuple(int(shortest[0, place]) for place in range(count))
    length = max(abs(c).bit_length() for c in found)
    if not any(found) or 2 * count * length > bits or abs(int(shortest[0, count])).bit_length() > length + SPARE_BITS:
        return None
    leading = next(c for c in found if c)
    return found if leading > 0 else tuple(-c for c in found)


def algebraic_guess(value: arb, bits: int) -> RealRoot | None:
    """The root of an irreducible polynomial of low degree that a number seems to be.

    >>> with flint.ctx.workprec(900):
    ...     algebraic_guess((1 + arb(5).sqrt()) / 2, 800)
    RealRoot(modulus=x^2 + (-1)*x + (-1), index=1)
    """
    with flint.ctx.workprec(bits):
        powers = [arb(1)]
        while len(powers) <= DEGREES[-1]:
            powers.append(powers[-1] * value)
        for degree in DEGREES:
            relation = integer_relation(powers[: degree + 1], bits)
            if relation is not None and any(relation[1:]):
                return _nearest_root(fmpz_poly(list(relation)), value)
    return None


def _nearest_root(polynomial: fmpz_poly, value: arb) -> RealRoot | None:
    """The real root of a polynomial that is nearest to a number."""
    roots = real_roots(polynomial)
    return min(roots, key=lambda root: abs((root.enclosure(flint.ctx.prec) - value).mid().fmpq()), default=None)


def element_guess(value: arb, root: RealRoot, bits: int) -> FieldElement | None:
    """The element of Q(t) that a number seems to be, for a root t.

    >>> with flint.ctx.workprec(900):
    ...     root = RealRoot(fmpz_poly([-2, 0, 1]), 1)
    ...     element_guess(1 / (1 + arb(2).sqrt()), root, 800).polynomial
    x + (-1)
    """
    with flint.ctx.workprec(bits):
        at = root.enclosure(bits)
        powers = [value, arb(1)]
        while len(powers) <= root.degree:
            powers.append(powers[-1] * at)
        relation = integer_relation(powers, bits)
    if relation is None or relation[0] == 0:
        return None
    return FieldElement(root, fmpq_poly([fmpq(-c, relation[0]) for c in relation[1:]]))


def field_guess(values: Sequence[arb], bits: int) -> tuple[FieldElement, ...] | None:
    """Elements of one number field of low degree that several numbers seem to be; None where some seems to be in none.

    >>> with flint.ctx.workprec(900):
    ...     found = field_guess([arb(2).sqrt(), arb(3).sqrt(), arb(1) / 3], 800)
    >>> [int(element.root.degree) for element in found], (found[0] * found[0]).rational(), found[2].rational()
    ([4, 4, 4], 2, 1/3)
    """
    root = RATIONALS
    found: list[FieldElement] = []
    for place, value in enumerate(values):
        element = element_guess(value, root, bits)
        if element is None:
            primitive = _primitive_root(value, root, bits)
            if primitive is None:
                return None
            root = primitive
            guesses = [element_guess(known, root, bits) for known in values[: place + 1]]
            if any(guess is None for guess in guesses):
                return None
            found = [guess for guess in guesses if guess is not None]
        else:
            found.append(element)
    return tuple(found)


def _primitive_root(value: arb, root: RealRoot, bits: int) -> RealRoot | None:
    """A number that seems to generate the field of a number and of a root: the number itself, or a sum of both."""
    own = algebraic_guess(value, bits)
    if own is None or own.degree == 1:
        return None
    with flint.ctx.workprec(bits):
        at = root.enclosure(bits)
        if root.degree == 1 or element_guess(at, own, bits) is not None:
            return own
        return algebraic_guess(value + at, bits)


def combination_guess(value: arb, constants: Sequence[Expr], bits: int) -> Expr | None:
    """The sum a_0 + a_1 c_1 + ..., rational a, that a number seems to be.

    >>> with flint.ctx.workprec(900):
    ...     combination_guess(arb(1) / 2 - 3 * arb.pi(), [sympy.pi, sympy.log(2)], 800)
    1/2 - 3*pi
    """
    kept = [constant for constant in constants if enclose(constant, bits) is not None]
    relation = _relation_of(value, [sympy.Integer(1), *kept], bits)
    return None if relation is None else sympy.Add(*(factor * constant for constant, factor in relation))


def quotient_guess(value: arb, constants: Sequence[Expr], bits: int) -> Expr | None:
    """The quotient (a + b c) / (d + e c), rational a, b, d and e, that a number seems to be, of one of the constants c.

    >>> with flint.ctx.workprec(900):
    ...     quotient_guess(1 / (2 + arb(1).exp()), [sympy.pi, sympy.E], 800)
    1/(2 + E)
    """
    for constant in constants:
        ball = enclose(constant, bits + SPARE_BITS)
        if ball is None:
            continue
        with flint.ctx.workprec(bits):
            relation = integer_relation([value, value * ball, arb(1), ball], bits)
        if relation is not None and any(relation[:2]):
            d, e, a, b = relation
            return (-a - b * constant) / (d + e * constant)
    return None


def product_guess(value: arb, constants: Sequence[Expr], bits: int) -> Expr | None:
    """The product +-c_1**a_1 c_2**a_2 ..., rational a, that a number seems to be, for positive constants c.

    >>> with flint.ctx.workprec(900):
    ...     product_guess(-(2 * arb.pi()).sqrt() / arb(1).exp(), [sympy.Integer(2), sympy.pi, sympy.E], 800)
    -sqrt(2)*sqrt(pi)*exp(-1)
    """
    with flint.ctx.workprec(bits):
        if value.contains(0):
            return None
        logarithm = abs(value).log()
    # log(E) is 1, and no more can be said of it
    relation = _relation_of(logarithm, [sympy.log(constant) for constant in constants], bits)
    if relation is None or any(max(abs(a.p), a.q) > LARGEST_EXPONENT for _, a in relation):
        return None
    product = sympy.Mul(*(sympy.exp(part) ** power for part, power in relation))
    return product if value > 0 else -product


def _relation_of(value: arb, terms: Sequence[Expr], bits: int) -> list[tuple[Expr, Rational]] | None:
    """The terms with rational factors whose sum the number seems to be; terms that depend on others are left out."""
    terms = list(terms)
    while terms:
        balls = [enclose(term, bits + SPARE_BITS) for term in terms]
        if any(ball is None for ball in balls):
            return None
        relation = integer_relation([value, *(ball for ball in balls if ball is not None)], bits)
        if relation is None:
            return None
        if relation[0]:
            pairs = zip(terms, relation[1:], strict=True)
            return [(term, to_rational(fmpq(-c, relation[0]))) for term, c in pairs if c]
        del terms[max(i for i, c in enumerate(relation[1:]) if c)]
    return None
