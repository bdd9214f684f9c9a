"""What is left of a polynomial system, solved by a Groebner basis: one equation in one unknown, and the others from it."""

from collections.abc import Iterator

import sympy
from flint import fmpq_mpoly, fmpq_poly
from sympy import Eq, Expr, Symbol

from lagrangian.algebra.numbers import AlgebraicPoint, FieldElement, real_roots
from lagrangian.algebra.polynomials import Ring
from lagrangian.algebra.radicals import readable_form
from lagrangian.algebra.zeros import FiniteZeros, NoZeros
from lagrangian.candidates.decomposition import bezout_bound
from lagrangian.candidates.groebner import solve_by_groebner
from lagrangian.exact_numbers import ExactNumber
from lagrangian.report.blocks import Block, Formulas, say
from lagrangian.report.numbers import short_form
from lagrangian.report.systems import Branch, Fork, Found, Nothing, System, Worked

LARGEST_SYSTEM = 200
LARGEST_DEGREE = 24
LONGEST_POLYNOMIAL = 160


def solved_by_elimination(system: System, order: tuple[Symbol, ...], given: tuple[Expr, ...]) -> Worked | None:
    """The real solutions of a polynomial system over Q with finitely many zeros; None for others, and for large ones."""
    ring = Ring(system.unknowns)
    rows = [ring.polynomial(equation.left) for equation in system.equations]
    polynomials = [row for row in rows if row is not None]
    if len(polynomials) < len(rows) or bezout_bound(ring, polynomials) > LARGEST_SYSTEM:
        return None
    zeros = solve_by_groebner(ring, polynomials)
    if isinstance(zeros, NoZeros) and zeros.proved:
        return Worked(
            (), Nothing(say("The remaining equations contradict each other: a combination of them is 0 = 1."))
        )
    if not isinstance(zeros, FiniteZeros) or not zeros.proved or zeros.modulus.degree() > LARGEST_DEGREE:
        return None
    blocks = tuple(_told(system, zeros))
    points = [_point(system, ring, zeros.point_at(root), order) for root in real_roots(zeros.modulus)]
    if not points:
        return Worked(blocks, Nothing(say("This polynomial has no real root.")))
    branches = []
    for point in points:
        if point is None or not _satisfies(point, order, given):
            return None
        branches.append(_branch(point, order))
    return Worked(blocks, branches[0].worked.ending if len(branches) == 1 else Fork(tuple(branches)))


def _told(system: System, zeros: FiniteZeros) -> Iterator[Block]:
    """The equation in one unknown, or in a sum t of multiples of them, and what the others are in terms of it."""
    form = sympy.Add(*(c * u for c, u in zip(zeros.form, system.unknowns, strict=True)))
    unknown = form if form.is_Symbol else Symbol("t", real=True)
    named = () if form.is_Symbol else (" with ", Eq(unknown, form, evaluate=False))
    yield say("Elimination (a Groebner basis) leaves one equation in ", unknown, *named, ":")
    polynomial = _in(unknown, fmpq_poly(zeros.modulus))
    factored = sympy.factor(polynomial)
    if len(str(factored)) > LONGEST_POLYNOMIAL:
        yield say(f"It has degree {zeros.modulus.degree()} and is too long to be written down.")
        return
    lines = [("", Eq(factored, 0, evaluate=False))]
    below = _in(unknown, zeros.denominator)
    for other, numerator in zip(system.unknowns, zeros.numerators, strict=True):
        value = _in(unknown, numerator) / below
        if other != unknown and len(str(value)) <= LONGEST_POLYNOMIAL:
            lines.append(("", Eq(other, value, evaluate=False)))
    yield Formulas(tuple(lines))


def _in(unknown: Expr, polynomial: fmpq_poly) -> Expr:
    return sympy.Add(*(sympy.Rational(int(c.p), int(c.q)) * unknown**k for k, c in enumerate(polynomial.coeffs())))


def _point(system: System, ring: Ring, point: AlgebraicPoint, order: tuple[Symbol, ...]) -> AlgebraicPoint | None:
    """The point in all unknowns, of which some were found as rational functions of those that are left."""
    known = dict(zip(system.unknowns, point.coordinates, strict=True))
    for symbol, value in system.found.items():
        above, below = (ring.polynomial(part) for part in sympy.fraction(sympy.together(value)))
        if above is None or below is None:
            return None
        divisor = point.value(below)
        if divisor.is_zero():
            return None
        known[symbol] = (point.value(above) / divisor).simplified()
    return AlgebraicPoint(point.root, tuple(known[symbol] for symbol in order))


def _satisfies(point: AlgebraicPoint, order: tuple[Symbol, ...], given: tuple[Expr, ...]) -> bool:
    values = [value_at(point, order, left) for left in given]
    return all(value is not None and value.is_zero() for value in values)


def value_at(point: AlgebraicPoint, order: tuple[Symbol, ...], expression: Expr) -> FieldElement | None:
    """A rational function over Q at an algebraic point; None for other functions, and where it is not defined."""
    ring = Ring(order)
    parts: list[fmpq_mpoly | None] = [ring.polynomial(part) for part in sympy.fraction(sympy.together(expression))]
    above, below = parts
    if above is None or below is None:
        return None
    divisor = point.value(below)
    return None if divisor.is_zero() else (point.value(above) / divisor).simplified()


def _branch(point: AlgebraicPoint, order: tuple[Symbol, ...]) -> Branch:
    numbers = {symbol: ExactNumber(value) for symbol, value in zip(order, point.coordinates, strict=True)}
    first, number = next(iter(numbers.items()))
    form = short_form(number)
    title = say(f"{first} {form}") if isinstance(form, str) else say(Eq(first, form, evaluate=False))
    values = {symbol: readable_form(value) for symbol, value in zip(order, point.coordinates, strict=True)}
    return Branch(title, Worked((), Found(values, point)))
