"""Polynomial systems by Groebner bases in process: FLINT's Buchberger, the quotient algebra, and its shape position.

For a zero-dimensional ideal I the quotient A = Q[x]/I has the monomials under the staircase as a basis. If a linear form t
generates A, then A = Q[t]/(m) and every x_i is a polynomial in t: one exact linear solve gives all of them (Becker, Mora,
Marinari and Traverso 1994, the shape lemma). If none does, I is made radical by the squarefree parts of the univariate
minimal polynomials (Seidenberg 1974), after which a generic form does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, product

import flint
from flint import fmpq, fmpq_mat, fmpq_mpoly, fmpq_poly, fmpz, fmpz_mat, fmpz_poly, nmod_mat

from lagrangian.algebra.polynomials import Ring
from lagrangian.algebra.zeros import FiniteZeros, NoZeros, Undecided

Monomial = tuple[int, ...]

# the basis' size, the terms of a polynomial and the bits of a coefficient at which FLINT's computation is broken off
LIMITS = (120, 800, 4000)
LARGEST_QUOTIENT = 120
# zeros cubed times bits of the basis' coefficients: a rough measure of the linear algebra's cost
LARGEST_COST = 40_000_000
PRIME = 2**61 - 1


@dataclass(frozen=True, eq=False)
class InfinitelyManyZeros:
    """The zeros form a set of positive dimension over the complex numbers; ``basis`` is a reduced Groebner basis."""

    basis: flint.fmpz_mpoly_vec
    dimension: int


def solve_by_groebner(
    ring: Ring, polynomials: Sequence[fmpq_mpoly]
) -> NoZeros | FiniteZeros | InfinitelyManyZeros | Undecided:
    """The complex zeros of a system over Q.

    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> ring = Ring((x, y))
    >>> zeros = solve_by_groebner(ring, [ring.polynomial(x**2 + y**2 - 1), ring.polynomial(x - y)])
    >>> zeros.modulus.degree(), len(zeros.real_points())
    (2, 2)
    """
    generators = [ring.primitive(polynomial) for polynomial in polynomials if polynomial != 0]
    if not ring.variables:
        return NoZeros() if generators else FiniteZeros((), fmpz_poly([0, 1]), ())
    if not generators:
        return InfinitelyManyZeros(flint.fmpz_mpoly_vec([], ring.integer_context), len(ring.variables))
    basis = groebner_basis(ring, generators)
    if basis is None:
        return Undecided("the Groebner basis grew beyond the limits of the computation in process")
    if _is_unit(basis):
        return NoZeros()
    dimension = ideal_dimension(basis, len(ring.variables))
    if dimension > 0:
        return InfinitelyManyZeros(basis, dimension)
    return _shape_position(ring, basis)


def groebner_basis(ring: Ring, generators: Sequence[flint.fmpz_mpoly]) -> flint.fmpz_mpoly_vec | None:
    """The reduced Groebner basis, or None where it grew too large."""
    vector = flint.fmpz_mpoly_vec(list(generators), ring.integer_context)
    basis, finished = vector.buchberger_naive(LIMITS)
    return basis.autoreduction() if finished else None


def _is_unit(basis: flint.fmpz_mpoly_vec) -> bool:
    return len(basis) == 1 and basis[0].is_constant() and basis[0] != 0


def leading_monomials(basis: flint.fmpz_mpoly_vec) -> list[Monomial]:
    return [tuple(map(int, polynomial.monomial(0))) for polynomial in basis]


def ideal_dimension(basis: flint.fmpz_mpoly_vec, count: int) -> int:
    """The dimension of the zero set: the most variables of which no leading monomial is a product."""
    supports = [{i for i, power in enumerate(monomial) if power} for monomial in leading_monomials(basis)]
    best = 0
    for chosen in product((False, True), repeat=count):
        free = {i for i, taken in enumerate(chosen) if taken}
        if len(free) > best and not any(support <= free for support in supports):
            best = len(free)
    return best


class Quotient:
    """The algebra Q[x]/I of a zero-dimensional ideal with a reduced Groebner basis: its basis and multiplication matrices."""

    def __init__(self, basis: flint.fmpz_mpoly_vec, count: int) -> None:
        self.count = count
        self.monomials = _staircase(leading_monomials(basis), count)
        self.index = {monomial: i for i, monomial in enumerate(self.monomials)}
        normal = self._normal_forms(basis)
        size = len(self.monomials)
        self.coordinates = [normal[_raise((0,) * count, i)] if size else [] for i in range(count)]
        self.matrices = []
        for variable in range(count):
            matrix = fmpq_mat(size, size)
            for column, monomial in enumerate(self.monomials):
                for row, value in enumerate(normal[_raise(monomial, variable)]):
                    matrix[row, column] = value
            self.matrices.append(matrix)

    @property
    def dimension(self) -> int:
        return len(self.monomials)

    def _normal_forms(self, basis: flint.fmpz_mpoly_vec) -> dict[Monomial, list[fmpq]]:
        """The normal forms of the staircase and of its border, in increasing order, so that each builds on earlier ones."""
        size = len(self.monomials)
        tails = {
            monomial: self._tail(polynomial)
            for monomial, polynomial in zip(leading_monomials(basis), basis, strict=True)
        }
        normal: dict[Monomial, list[fmpq]] = {}
        border = {_raise(monomial, variable) for monomial in self.monomials for variable in range(self.count)}
        for monomial in sorted(border | set(self.monomials), key=_order):
            if monomial in self.index:
                vector = [fmpq(0)] * size
                vector[self.index[monomial]] = fmpq(1)
            elif monomial in tails:
                vector = tails[monomial]
            else:
                variable, lower = next(
                    (i, lower)
                    for i in range(self.count)
                    if (lower := _lower(monomial, i)) in normal and lower not in self.index
                )
                vector = [fmpq(0)] * size
                for value, factor in zip(normal[lower], self.monomials, strict=True):
                    if value != 0:
                        vector = [a + value * b for a, b in zip(vector, normal[_raise(factor, variable)], strict=True)]
            normal[monomial] = vector
        return normal

    def _tail(self, polynomial: flint.fmpz_mpoly) -> list[fmpq]:
        terms = iter(polynomial.terms())
        _, leading = next(terms)
        vector = [fmpq(0)] * len(self.monomials)
        for monomial, value in terms:
            vector[self.index[tuple(map(int, monomial))]] = fmpq(-value, leading)
        return vector

    def powers(self, form: Sequence[int]) -> fmpq_mat:
        """The columns 1, t, ..., t^D of a linear form t in the basis."""
        size = self.dimension
        step = sum(
            (matrix * value for matrix, value in zip(self.matrices, form, strict=True) if value), fmpq_mat(size, size)
        )
        column = fmpq_mat(size, 1)
        column[0, 0] = 1
        table = fmpq_mat(size, size + 1)
        for power in range(size + 1):
            for row in range(size):
                table[row, power] = column[row, 0]
            if power < size:
                column = step * column
        return table


def _staircase(leading: list[Monomial], count: int) -> list[Monomial]:
    """The monomials that no leading monomial divides, in increasing order."""
    found: list[Monomial] = []
    layer = {(0,) * count}
    while layer:
        under = {m for m in layer if not any(all(a <= b for a, b in zip(top, m, strict=True)) for top in leading)}
        found += under
        layer = {_raise(monomial, variable) for monomial in under for variable in range(count)}
    return sorted(found, key=_order)


def _order(monomial: Monomial) -> tuple[int, tuple[int, ...]]:
    """The sort key of the degree reverse lexicographic order."""
    return sum(monomial), tuple(-power for power in reversed(monomial))


def _raise(monomial: Monomial, variable: int) -> Monomial:
    return (*monomial[:variable], monomial[variable] + 1, *monomial[variable + 1 :])


def _lower(monomial: Monomial, variable: int) -> Monomial:
    return (*monomial[:variable], monomial[variable] - 1, *monomial[variable + 1 :])


def _shape_position(ring: Ring, basis: flint.fmpz_mpoly_vec) -> FiniteZeros | Undecided:
    count = len(ring.variables)
    quotient = Quotient(basis, count)
    if quotient.dimension > LARGEST_QUOTIENT:
        return Undecided(
            f"the system has {quotient.dimension} complex zeros, more than the {LARGEST_QUOTIENT} computed in process"
        )
    solved = _generated_by_a_form(quotient)
    if solved is not None:
        return solved
    squarefree = [_squarefree_relation(ring, quotient, variable) for variable in range(count)]
    radical = groebner_basis(ring, [*basis, *squarefree])
    if radical is None:
        return Undecided("the radical's Groebner basis grew beyond the limits of the computation in process")
    solved = _generated_by_a_form(Quotient(radical, count))
    return solved or Undecided("no linear form among those tried separates the zeros")


def _forms(count: int) -> Iterator[tuple[int, ...]]:
    """Single variables first, then forms with growing spread-out coefficients: the shortest that separates is wanted."""
    singles = (tuple(int(i == j) for i in range(count)) for j in reversed(range(count)))
    mixed = (tuple((step * (i + 1)) ** 2 % (7 + 4 * step) + i - step for i in range(count)) for step in range(1, 40))
    return chain(singles, mixed)


def _generated_by_a_form(quotient: Quotient) -> FiniteZeros | None:
    size = quotient.dimension
    integral = [matrix.numer_denom() for matrix in quotient.matrices]
    for form in _forms(quotient.count):
        if not _generates(integral, form):
            continue
        table = quotient.powers(form)
        square = fmpq_mat(size, size, [table[i, j] for i in range(size) for j in range(size)])
        right = fmpq_mat(size, 1 + quotient.count)
        for row in range(size):
            right[row, 0] = table[row, size]
            for variable in range(quotient.count):
                right[row, 1 + variable] = quotient.coordinates[variable][row]
        solution = square.solve(right)
        minimal = fmpq_poly([*(-solution[row, 0] for row in range(size)), 1])
        squarefree = _squarefree_part(minimal.numer())
        coordinates = [
            fmpq_poly([solution[row, 1 + variable] for row in range(size)]) % fmpq_poly(squarefree)
            for variable in range(quotient.count)
        ]
        return FiniteZeros(form, squarefree, tuple(coordinates))
    return None


def _generates(integral: Sequence[tuple[fmpz_mat, fmpz]], form: Sequence[int]) -> bool:
    """Whether the powers of a linear form are shown to be independent: modulo a prime they are (False shows nothing)."""
    size = integral[0][0].nrows()
    step = nmod_mat(size, size, [0] * (size * size), PRIME)
    for (numerators, denominator), weight in zip(integral, form, strict=True):
        if int(denominator) % PRIME == 0:
            return False
        if weight:
            step = step + nmod_mat(numerators, PRIME) * (weight * pow(int(denominator), -1, PRIME) % PRIME)
    column = nmod_mat(size, 1, [1] + [0] * (size - 1), PRIME)
    columns = []
    for _ in range(size):
        columns += column.entries()
        column = step * column
    return bool(nmod_mat(size, size, [int(value) for value in columns], PRIME).rank() == size)


def _squarefree_part(polynomial: fmpz_poly) -> fmpz_poly:
    result = fmpz_poly([1])
    for factor, _ in polynomial.factor()[1]:
        result *= factor
    return result


def _squarefree_relation(ring: Ring, quotient: Quotient, variable: int) -> flint.fmpz_mpoly:
    """The squarefree part of the minimal polynomial of one variable in the quotient algebra."""
    size = quotient.dimension
    table = quotient.powers(tuple(int(i == variable) for i in range(quotient.count)))
    reduced, rank = table.rref()
    # the powers 1, ..., t^(rank-1) are independent and t^rank depends on them: its column of the echelon form says how
    minimal = fmpq_poly([*(-reduced[row, rank] for row in range(rank)), 1]) if rank <= size else fmpq_poly([1])
    squarefree = _squarefree_part(minimal.numer())
    return ring.integer_context.from_dict(
        {
            tuple(power * int(i == variable) for i in range(quotient.count)): int(c)
            for power, c in enumerate(squarefree.coeffs())
            if c != 0
        }
    )


def value_polynomial(ring: Ring, basis: flint.fmpz_mpoly_vec, objective: fmpq_mpoly) -> fmpz_poly | None:
    """The squarefree polynomial whose roots are the values of a function on the zeros, or None if there is none of low degree.

    Normal forms of 1, f, f^2, ... are compared until they are linearly dependent.
    """
    reduce = NormalForm(ring, basis)
    powers = [ring.constant(1)]
    for _ in range(LARGEST_VALUE_DEGREE):
        powers.append(reduce(powers[-1] * objective))
        relation = _linear_relation(powers)
        if relation is not None:
            return _squarefree_part(fmpq_poly(relation).numer())
    return None


LARGEST_VALUE_DEGREE = 12


class NormalForm:
    """Remainders modulo a Groebner basis, over Q.

    FLINT reduces over Z up to an unknown factor: a tag variable of its own, which nothing divides, carries the factor along.
    """

    def __init__(self, ring: Ring, basis: flint.fmpz_mpoly_vec) -> None:
        self.ring = ring
        count = len(ring.variables)
        names = tuple(f"x{i}" for i in range(count + 1))
        self.context = flint.fmpz_mpoly_ctx.get(names, flint.Ordering.degrevlex)
        self.tag = (0,) * count + (1,)
        tagged = [self.context.from_dict({(*key, 0): value for key, value in g.to_dict().items()}) for g in basis]
        self.basis = flint.fmpz_mpoly_vec(tagged, self.context)

    def __call__(self, polynomial: fmpq_mpoly) -> fmpq_mpoly:
        if polynomial == 0 or len(self.basis) == 0:
            return polynomial
        terms = polynomial.to_dict()
        denominator = flint.fmpz(1)
        for value in terms.values():
            denominator = denominator.lcm(value.q)
        integral = {(*key, 0): int(value * denominator) for key, value in terms.items()}
        remainder = self.context.from_dict({**integral, self.tag: int(denominator)}).reduction_primitive_part(
            self.basis
        )
        result = remainder.to_dict()
        scale = result.pop(self.tag)
        return self.ring.context.from_dict({key[:-1]: fmpq(value, scale) for key, value in result.items()})


def _linear_relation(polynomials: Sequence[fmpq_mpoly]) -> list[fmpq] | None:
    """Coefficients, the last one 1, of a combination that is zero; None if the polynomials are independent."""
    tables = [polynomial.to_dict() for polynomial in polynomials]
    monomials = sorted(set().union(*tables))
    matrix = fmpq_mat(len(monomials), len(tables))
    for column, table in enumerate(tables):
        for row, monomial in enumerate(monomials):
            matrix[row, column] = table.get(monomial, fmpq(0))
    reduced, rank = matrix.rref()
    last = len(tables) - 1
    if rank > last:
        return None
    return [*(-reduced[row, last] for row in range(last)), fmpq(1)]
