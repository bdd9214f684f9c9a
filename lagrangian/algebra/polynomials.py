"""Polynomials over Q in named variables: from SymPy to FLINT and back."""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import flint
import sympy
from flint import fmpq, fmpq_mpoly, fmpz_mpoly
from sympy import Expr, Symbol


@dataclass(frozen=True)
class Ring:
    """Q[x_1, ..., x_n] with the degree reverse lexicographic order.

    >>> x, y = sympy.symbols("x y")
    >>> ring = Ring((x, y))
    >>> ring.polynomial(x * (x + y) / 2)
    1/2*x0^2 + 1/2*x0*x1
    >>> ring.polynomial(sympy.exp(x)) is None
    True
    """

    variables: tuple[Symbol, ...]

    @cached_property
    def context(self) -> flint.fmpq_mpoly_ctx:
        return flint.fmpq_mpoly_ctx.get(_names(len(self.variables)), flint.Ordering.degrevlex)

    @cached_property
    def integer_context(self) -> flint.fmpz_mpoly_ctx:
        return flint.fmpz_mpoly_ctx.get(_names(len(self.variables)), flint.Ordering.degrevlex)

    @property
    def generators(self) -> tuple[fmpq_mpoly, ...]:
        return self.context.gens()

    @cached_property
    def _generator_of(self) -> dict[Symbol, fmpq_mpoly]:
        return dict(zip(self.variables, self.generators, strict=True))

    def constant(self, value: fmpq | int) -> fmpq_mpoly:
        return self.context.constant(value)

    def polynomial(self, expression: Expr) -> fmpq_mpoly | None:
        """The expression as a polynomial with rational coefficients, or None where it is none."""
        if expression.is_Rational:
            return self.constant(to_fmpq(expression))
        if expression.is_Symbol:
            return self._generator_of.get(expression)
        if expression.is_Pow and expression.exp.is_Integer and expression.exp > 0:
            base = self.polynomial(expression.base)
            return None if base is None else base ** int(expression.exp)
        if not (expression.is_Add or expression.is_Mul):
            return None
        parts = [self.polynomial(argument) for argument in expression.args]
        found = [part for part in parts if part is not None]
        if len(found) < len(parts):
            return None
        return _balanced(operator.add if expression.is_Add else operator.mul, found)

    def expression(self, polynomial: fmpq_mpoly) -> Expr:
        """The polynomial as a SymPy expression in the ring's variables."""
        return sympy.Add(
            *(
                to_rational(value)
                * sympy.Mul(*(v ** int(power) for v, power in zip(self.variables, monomial, strict=True) if power))
                for monomial, value in polynomial.terms()
            )
        )

    def primitive(self, polynomial: fmpq_mpoly) -> fmpz_mpoly:
        """The primitive integer multiple of a polynomial that is not zero (the sign is kept)."""
        terms = polynomial.to_dict()
        denominator = flint.fmpz(1)
        for value in terms.values():
            denominator = denominator.lcm(value.q)
        integral = self.integer_context.from_dict({key: int(value * denominator) for key, value in terms.items()})
        return integral.primitive()[1]

    def rational(self, polynomial: fmpz_mpoly) -> fmpq_mpoly:
        return self.context.from_dict({key: fmpq(value) for key, value in polynomial.to_dict().items()})


def _balanced(operation: Callable[[fmpq_mpoly, fmpq_mpoly], fmpq_mpoly], parts: Sequence[fmpq_mpoly]) -> fmpq_mpoly:
    """The sum or product in the shape of a tree: a long sum is not copied for each of its terms."""
    while len(parts) > 1:
        rest = parts[-1:] if len(parts) % 2 else []
        parts = [operation(a, b) for a, b in zip(parts[::2], parts[1::2], strict=False)] + list(rest)
    return parts[0]


def _names(count: int) -> tuple[str, ...]:
    return tuple(f"x{index}" for index in range(count))


def to_fmpq(value: sympy.Rational) -> fmpq:
    return fmpq(int(value.p), int(value.q))


def to_rational(value: fmpq) -> sympy.Rational:
    return sympy.Rational(int(value.p), int(value.q))


def factorization(polynomial: fmpq_mpoly | fmpz_mpoly) -> tuple[Any, list[tuple[Any, int]]]:
    """A constant and the irreducible factors with their exponents; one and the polynomial where FLINT's list cannot be had.

    python-flint puts the factors in order by C integers, which large coefficients overflow.

    >>> ring = Ring(sympy.symbols("x y"))
    >>> x, y = ring.generators
    >>> sorted(str(factor) for factor, _ in factorization(x**2 - y**2)[1])
    ['x0 + x1', 'x0 - x1']
    """
    try:
        return polynomial.factor()
    except OverflowError:
        return 1, [(polynomial, 1)]


def gradient(polynomial: fmpq_mpoly, count: int) -> list[fmpq_mpoly]:
    return [polynomial.derivative(index) for index in range(count)]


def determinant(rows: Sequence[Sequence[fmpq_mpoly]], one: fmpq_mpoly) -> fmpq_mpoly:
    """The determinant by expansion along the rows, every minor of the lower rows computed once: O(n 2^n) products."""
    size = len(rows)
    minors: dict[tuple[int, ...], fmpq_mpoly] = {(): one}
    for height in range(1, size + 1):
        row = rows[size - height]
        minors = {columns: _expand(row, columns, minors) for columns in combinations(range(size), height)}
    return minors[tuple(range(size))]


def maximal_minors(rows: Sequence[Sequence[fmpq_mpoly]], one: fmpq_mpoly) -> list[fmpq_mpoly]:
    """All k x k minors of a k x n matrix with k <= n, zero ones left out; none at all for k > n."""
    minors: dict[tuple[int, ...], fmpq_mpoly] = {(): one}
    width = len(rows[0]) if rows else 0
    for height, row in enumerate(reversed(rows), start=1):
        minors = {columns: _expand(row, columns, minors) for columns in combinations(range(width), height)}
    return [minor for minor in minors.values() if minor != 0]


def _expand(
    row: Sequence[fmpq_mpoly], columns: tuple[int, ...], minors: dict[tuple[int, ...], fmpq_mpoly]
) -> fmpq_mpoly:
    total = row[0] * 0
    for position, column in enumerate(columns):
        if row[column] != 0:
            term = row[column] * minors[columns[:position] + columns[position + 1 :]]
            total = total - term if position % 2 else total + term
    return total
