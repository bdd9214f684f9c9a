"""From Gram matrices in floating point to exact ones: smaller bases, rounding, and a least correction over a number field.

Where the least value v and minimizers x* are known, every square in F - v vanishes at x* unless its weight does, so that the
kernels of the Gram matrices are known: in bases of polynomials that vanish there, the matrices can be positive definite (facial
reduction, Borwein and Wolkowicz 1981). Such matrices stay so when they are rounded, and are then moved by the least amount that
makes the identity exact (Peyrl and Parrilo 2008), in Q(v).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from flint import fmpq, fmpq_mat, fmpq_mpoly, fmpq_poly, fmpz, nmod_mat, nmod_poly
from numpy.typing import NDArray

from lagrangian.algebra.matrices import null_space
from lagrangian.algebra.numbers import AlgebraicPoint, FieldElement, RealRoot
from lagrangian.candidates.gram import Block, LinearSystem, NumericSquares, Relaxation
from lagrangian.proof.squares import SquaresIdentity, WeightedSquares, in_last_variable

Vector = NDArray[np.float64]

BITS = (18, 30, 44)
# eigenvalues, by the largest, and entries of kernels that count as rounding errors
SMALL = 1e-5
ROUNDING = 1e-3
LARGEST_DENOMINATOR = 24
# primes that are tried for one modulo which the field's generator has a value
PRIMES_TRIED = 200
FIRST_PRIME = 2**31 - 1


def vanishing_at(relaxation: Relaxation, points: Sequence[AlgebraicPoint], number: RealRoot) -> Relaxation:
    """The relaxation in bases that vanish at minimizers with the value ``number`` where their weight does not, over Q(v)."""
    blocks = []
    for block in relaxation.blocks:
        rows: list[list[FieldElement]] = []
        for point in points:
            if not _at(block.weight, point).is_zero():
                value = point.value(relaxation.problem.objective)
                rows += _conditions([_at(monomial, point) for monomial in block.basis], value, number)
        blocks.append(_reduced(block, rows, relaxation, number))
    return replace(relaxation, blocks=tuple(block for block in blocks if block.basis))


def _at(polynomial: fmpq_mpoly, point: AlgebraicPoint) -> FieldElement:
    """The value of a polynomial in x and t that does not depend on t."""
    zero = point.coordinates[0] * 0
    return AlgebraicPoint(point.root, (*point.coordinates, zero)).value(polynomial)


def _conditions(elements: Sequence[FieldElement], value: FieldElement, number: RealRoot) -> list[list[FieldElement]]:
    """Elements of Q(s) as combinations of 1, s, s**2, ... over its subfield Q(v): a row for each power of s."""
    degree, inner = value.root.degree, number.degree
    outer = degree // inner
    modulus = value.root.rational_modulus
    power, generator = fmpq_poly([1]), value.normalized().polynomial
    columns = []
    for _ in range(inner):
        columns += [power * fmpq_poly([0] * j + [1]) % modulus for j in range(outer)]
        power = power * generator % modulus
    matrix = fmpq_mat(degree, degree, [column[i] for i in range(degree) for column in columns])
    known = [element.normalized().polynomial for element in elements]
    parts = matrix.solve(fmpq_mat(degree, len(known), [p[i] for i in range(degree) for p in known]))
    return [
        [
            FieldElement(number, fmpq_poly([parts[i * outer + j, k] for i in range(inner)]) % number.rational_modulus)
            for k in range(len(known))
        ]
        for j in range(outer)
    ]


def _reduced(block: Block, rows: list[list[FieldElement]], relaxation: Relaxation, number: RealRoot) -> Block:
    """The block in the combinations of its basis that all rows send to zero."""
    if not rows:
        return block
    one = FieldElement(number, fmpq_poly([1]))
    vectors = null_space(rows, one, len(block.basis))
    basis = []
    for vector in vectors:
        total = relaxation.ring.constant(0)
        for element, monomial in zip(vector, block.basis, strict=True):
            if not element.is_zero():
                total += in_last_variable(element.normalized().polynomial, relaxation.ring) * monomial
        basis.append(total)
    return replace(block, basis=tuple(basis))


def without_kernels(system: LinearSystem, squares: NumericSquares) -> Relaxation | None:
    """The relaxation in smaller bases, without what seem to be the common kernels of all solutions; None where there are none.

    Only kernels with short fractions are taken. A wrong guess makes the next program infeasible and nothing worse.
    """
    relaxation = system.relaxation
    blocks, changed = [], False
    for k, block in enumerate(relaxation.blocks):
        size = len(block.basis)
        gram = np.zeros((size, size))
        for unknown, value in zip(system.unknowns, squares.values, strict=True):
            if unknown.block == k and unknown.row >= 0:
                gram[unknown.row, unknown.column] = gram[unknown.column, unknown.row] = value
        kernel = _rational_kernel(gram)
        if not kernel:
            blocks.append(block)
            continue
        changed = True
        rows = [[FieldElement(system.number, fmpq_poly([entry])) for entry in row] for row in kernel]
        blocks.append(_reduced(block, rows, relaxation, system.number))
    if not changed:
        return None
    return replace(relaxation, blocks=tuple(block for block in blocks if block.basis))


def _rational_kernel(gram: Vector) -> list[list[fmpq]]:
    """Vectors of short fractions that a matrix sends nearly to zero, in echelon form; none where it has no clear kernel."""
    values, vectors = np.linalg.eigh(gram)
    small = values < SMALL * max(1.0, float(values[-1]))
    rows = vectors[:, small].T.copy()
    for place in range(len(rows)):
        column = int(np.argmax(np.abs(rows[place:]).max(axis=0)))
        pivot = place + int(np.argmax(np.abs(rows[place:, column])))
        rows[[place, pivot]] = rows[[pivot, place]]
        rows[place] /= rows[place, column]
        for other in range(len(rows)):
            if other != place:
                rows[other] -= rows[other, column] * rows[place]
    exact = [[Fraction(float(entry)).limit_denominator(LARGEST_DENOMINATOR) for entry in row] for row in rows]
    close = np.abs(rows - np.array(exact, dtype=float).reshape(rows.shape)) <= ROUNDING
    return [[fmpq(e.numerator, e.denominator) for e in row] for row in exact] if close.all() else []


def exact_solutions(system: LinearSystem, squares: NumericSquares) -> Iterator[list[fmpq_poly]]:
    """Unknowns near those in floating point for which every equation holds exactly, rounded ever more finely."""
    matrices = _matrices(system)
    rows = _independent_rows(system)
    if rows is None:
        return
    normal = _normal_matrix(matrices, rows, system.number)
    for bits in BITS:
        rounded = [_rounded(value, bits) for value in squares.values]
        correction = _correction(system, matrices, rows, normal, rounded)
        if correction is None:
            return
        yield [fmpq_poly([a]) + b for a, b in zip(rounded, correction, strict=True)]


def _rounded(value: float, bits: int) -> fmpq:
    exact = Fraction(round(value * 2**bits), 2**bits) if abs(value) < 2.0**60 else Fraction(value)
    return fmpq(exact.numerator, exact.denominator)


def _matrices(system: LinearSystem) -> list[fmpq_mat]:
    """The equations' matrix as a polynomial in t: one rational matrix for each power."""
    place = {row: i for i, row in enumerate(system.rows)}
    found = [fmpq_mat(len(place), len(system.columns)) for _ in range(system.number.degree)]
    for j, column in enumerate(system.columns):
        for key, value in column.items():
            for power, coefficient in enumerate(value.coeffs()):
                found[power][place[key], j] = coefficient
    return found


def _independent_rows(system: LinearSystem) -> list[int] | None:
    """Equations of which all others are combinations, found modulo a prime."""
    modulus = system.number.modulus
    for number in range(PRIMES_TRIED):
        prime = _next_prime(FIRST_PRIME + 1000 * number)
        image = nmod_poly([int(c) % prime for c in modulus.coeffs()], prime)
        linear = [f for f, _ in image.factor()[1] if f.degree() == 1] if image.degree() == modulus.degree() else []
        if not linear:
            continue
        root = (-int(linear[0][0]) * pow(int(linear[0][1]), -1, prime)) % prime
        table = nmod_mat(len(system.columns), len(system.rows), [0] * (len(system.columns) * len(system.rows)), prime)
        place = {row: i for i, row in enumerate(system.rows)}
        try:
            for j, column in enumerate(system.columns):
                for key, value in column.items():
                    table[j, place[key]] = _modulo(value, root, prime)
        except ValueError:  # the prime divides a denominator
            continue
        reduced, rank = table.rref()
        return [next(i for i in range(len(system.rows)) if int(reduced[r, i])) for r in range(rank)]
    return None


def _next_prime(number: int) -> int:
    while not fmpz(number).is_prime():
        number += 1
    return number


def _modulo(polynomial: fmpq_poly, at: int, prime: int) -> int:
    total = 0
    for coefficient in reversed(polynomial.coeffs()):
        total = (total * at + int(coefficient.p) * pow(int(coefficient.q), -1, prime)) % prime
    return total


def _normal_matrix(matrices: list[fmpq_mat], rows: list[int], number: RealRoot) -> fmpq_mat:
    """A A' over Q(t) for the chosen rows A, written over Q: each entry as its multiplication matrix in 1, t, t**2, ..."""
    chosen = [_rows(matrix, rows) for matrix in matrices]
    degree, size = number.degree, len(rows)
    products = [fmpq_mat(size, size) for _ in range(2 * degree - 1)]
    for i, left in enumerate(chosen):
        for j, right in enumerate(chosen):
            products[i + j] = products[i + j] + left * right.transpose()
    if degree == 1:
        return products[0]
    modulus = number.rational_modulus
    result = fmpq_mat(degree * size, degree * size)
    for i in range(size):
        for j in range(size):
            entry = fmpq_poly([product[i, j] for product in products]) % modulus
            for column in range(degree):
                for row in range(degree):
                    result[degree * i + row, degree * j + column] = entry[row]
                entry = entry * fmpq_poly([0, 1]) % modulus
    return result


def _rows(matrix: fmpq_mat, rows: list[int]) -> fmpq_mat:
    width = matrix.ncols()
    return fmpq_mat(len(rows), width, [matrix[i, j] for i in rows for j in range(width)])


def _correction(
    system: LinearSystem, matrices: list[fmpq_mat], rows: list[int], normal: fmpq_mat, rounded: list[fmpq]
) -> list[fmpq_poly] | None:
    """A' (A A')^-1 (b - A y): the least change of y after which the equations hold."""
    degree, modulus = system.number.degree, system.number.rational_modulus
    vector = fmpq_mat(len(rounded), 1, rounded)
    images = [_rows(matrix, rows) * vector for matrix in matrices]
    right = fmpq_mat(degree * len(rows), 1)
    zero = fmpq_poly([0])
    for place, row in enumerate(rows):
        rest = system.target.get(system.rows[row], zero) - fmpq_poly([image[place, 0] for image in images])
        for power in range(degree):
            right[degree * place + power, 0] = rest[power]
    try:
        solved = normal.solve(right)
    except ZeroDivisionError:
        return None
    parts = [fmpq_mat(len(rows), 1, [solved[degree * i + k, 0] for i in range(len(rows))]) for k in range(degree)]
    moved = [zero] * len(rounded)
    for i, matrix in enumerate(matrices):
        back = _rows(matrix, rows).transpose()
        for k, part in enumerate(parts):
            image = back * part
            shift = fmpq_poly([0] * (i + k) + [1])
            moved = [total + shift * image[j, 0] for j, total in enumerate(moved)]
    return [total % modulus for total in moved]


def identity_of(system: LinearSystem, values: Sequence[fmpq_poly]) -> tuple[SquaresIdentity, list[fmpq_poly]]:
    """The identity that the values of the unknowns stand for, and the factors of the extra terms."""
    relaxation = system.relaxation
    grams: list[list[list[fmpq_poly]]] = [[] for _ in relaxation.blocks]
    multipliers = [relaxation.ring.constant(0) for _ in relaxation.monomials]
    extras: list[fmpq_poly] = []
    for unknown, value in zip(system.unknowns, values, strict=True):
        if unknown.row >= 0:
            triangle = grams[unknown.block]
            if unknown.column == 0:
                triangle.append([])
            triangle[-1].append(value)
        elif unknown.block >= 0:
            monomial = relaxation.monomials[unknown.block][unknown.column]
            multipliers[unknown.block] += in_last_variable(value, relaxation.ring) * monomial
        else:
            extras.append(value)
    squares = tuple(
        WeightedSquares(
            block.factors, block.basis, tuple(tuple(block.scale * entry for entry in row) for row in triangle)
        )
        for block, triangle in zip(relaxation.blocks, grams, strict=True)
    )
    return SquaresIdentity(system.number, squares, tuple(multipliers)), extras
