"""Closed forms of verified KKT points: guessed from some hundred digits, then proved, or not given at all.

Newton's method takes the zero in its box to 1600 bits. All unknowns are looked for in one number field of low degree; else each
by itself, as an algebraic number, or as a sum, a product of powers or a quotient of constants that the problem has. Multipliers
follow from the point by a linear system where their digits say nothing. The proof is in `lagrangian.conditions.kkt_closed_form`.
"""

from collections.abc import Iterator, Sequence

import flint
import sympy
from flint import arb, fmpq_poly
from sympy import Expr

from lagrangian.algebra.ball_program import balls_of
from lagrangian.algebra.balls import enclose
from lagrangian.algebra.field_program import elements_of
from lagrangian.algebra.integer_relations import (
    algebraic_guess,
    combination_guess,
    field_guess,
    product_guess,
    quotient_guess,
)
from lagrangian.algebra.numbers import FieldElement
from lagrangian.algebra.radicals import readable_form
from lagrangian.algebra.simplification import shortened
from lagrangian.conditions.kkt_balls import BITS, KKTProgram, Zero
from lagrangian.conditions.kkt_closed_form import ClosedNumber, ClosedPoint, is_closed_form, objective_at
from lagrangian.numeric.kkt_verification import newton

# digits from which numbers are guessed, and those of them that Newton's method is sure of, in bits
DIGITS, SURE = 1600, 1400
LARGEST_PRIME = 50
MOST_CONSTANTS = 6
ANGLES = (sympy.sin, sympy.cos, sympy.tan, sympy.cot, sympy.asin, sympy.acos, sympy.atan, sympy.erf)


def closed_point(kkt: KKTProgram, zero: Zero) -> ClosedPoint | None:
    """The zero in closed form, proved to be it; None where no form is found, or none is proved."""
    digits = newton(kkt, zero.held, zero.middle, DIGITS)
    if digits is None:
        return None
    for guess in _guesses(kkt, zero, digits):
        if is_closed_form(kkt, zero, guess) is True:
            return guess
    return None


def readable(number: ClosedNumber) -> Expr:
    """The number as an expression, short where it can be."""
    return readable_form(number) if isinstance(number, FieldElement) else number


def _guesses(kkt: KKTProgram, zero: Zero, digits: Sequence[arb]) -> Iterator[ClosedPoint]:
    """Points in closed form that the digits suggest, the cheapest first."""
    elements = field_guess(digits, SURE)
    if elements is not None:
        value = elements_of(kkt.program, [kkt.objective], elements)
        yield _point(kkt, elements, None if value is None else value[0])
    coordinates = _each_by_itself(digits[: kkt.dimension], kkt)
    if coordinates is None:
        return
    multipliers = _each_by_itself(digits[kkt.dimension :], kkt)
    if multipliers is not None:
        yield _point(kkt, (*coordinates, *multipliers), None)
    solved = _multipliers_at(kkt, zero, coordinates)
    if solved is not None:
        yield _point(kkt, (*coordinates, *solved), None)


def _point(kkt: KKTProgram, unknowns: Sequence[ClosedNumber], value: ClosedNumber | None) -> ClosedPoint:
    coordinates = tuple(unknowns[: kkt.dimension])
    found = shortened(objective_at(kkt, coordinates)) if value is None else value
    return ClosedPoint(coordinates, tuple(unknowns[kkt.dimension :]), found)


def _each_by_itself(digits: Sequence[arb], kkt: KKTProgram) -> tuple[Expr, ...] | None:
    """A closed form of every number; None where one has none."""
    sums, factors = constants_of(kkt.canonical.functions)
    found = []
    for value in digits:
        form = _closed_form(value, sums, factors)
        if form is None:
            return None
        found.append(form)
    return tuple(found)


def _closed_form(value: arb, sums: Sequence[Expr], factors: Sequence[Expr]) -> Expr | None:
    root = algebraic_guess(value, SURE)
    if root is not None:
        return readable(FieldElement(root, fmpq_poly([0, 1]) % root.rational_modulus))
    for guess, constants in ((combination_guess, sums), (product_guess, factors), (quotient_guess, sums)):
        found = guess(value, constants, SURE)
        if found is not None:
            return found
    return None


def constants_of(functions: Sequence[Expr]) -> tuple[list[Expr], list[Expr]]:
    """The constants that sums, and the positive ones that products, in the solutions of a problem may be made of.

    >>> x = sympy.Symbol("x", real=True)
    >>> constants_of([3 * sympy.exp(x) - x * sympy.pi])
    ([pi, log(3), E], [pi, log(3), E, 3])
    """
    parts = [part for function in functions for part in sympy.preorder_traversal(function)]
    known = [p for p in parts if p.is_number and not p.is_Rational and (p.is_Atom or p.is_Function or p.is_Pow)]
    primes = sorted({p for part in parts if part.is_Rational for n in (part.p, part.q) for p in _primes(int(n))})
    if any(part.is_Function and isinstance(part, ANGLES) for part in parts):
        known.append(sympy.pi)
    whole = [sympy.Integer(p) for p in primes[:MOST_CONSTANTS]]
    has_logarithms = any(isinstance(part, sympy.exp | sympy.log) for part in parts)
    if has_logarithms:
        known += [*map(sympy.log, whole), sympy.E]
    sums = list(dict.fromkeys(known))[:MOST_CONSTANTS]
    positive = [c for c in sums if (ball := enclose(c)) is not None and ball > 0]
    return sums, list(dict.fromkeys([*positive, *whole] if sums else []))


def _primes(number: int) -> list[int]:
    return [p for p in sympy.primerange(LARGEST_PRIME) if number and number % p == 0]


def _multipliers_at(kkt: KKTProgram, zero: Zero, coordinates: Sequence[Expr]) -> tuple[Expr, ...] | None:
    """The multipliers from A^T m = -dF/dx at a point in closed form, by rows that are independent as far as floats tell."""
    import numpy as np  # slow to import, and most problems never come here
    from scipy.linalg import qr

    variables, functions = kkt.canonical.variables, kkt.canonical.functions
    names = dict(zip(variables, coordinates, strict=True))
    if not zero.held:
        return tuple(sympy.Integer(0) for _ in kkt.constraints)
    with flint.ctx.workprec(BITS):
        slopes = balls_of(kkt.program, [line for row in kkt.jacobian(zero.held) for line in row], zero.inner)
    if slopes is None:
        return None
    floats = np.array([float(ball) for ball in slopes]).reshape(len(zero.held), len(variables))
    chosen = [variables[j] for j in qr(floats, pivoting=True)[2][: len(zero.held)]]
    matrix = sympy.Matrix([[functions[1 + i].diff(v).xreplace(names) for i in zero.held] for v in chosen])
    right = sympy.Matrix([-functions[0].diff(v).xreplace(names) for v in chosen])
    try:
        solved = dict(zip(zero.held, map(shortened, matrix.LUsolve(right)), strict=True))
    except (ValueError, ZeroDivisionError):
        return None
    return tuple(solved.get(i, sympy.Integer(0)) for i in range(len(kkt.constraints)))
