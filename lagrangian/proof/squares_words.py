"""An identity of sums of squares written out, where it is short: a reader may multiply it out."""

from collections.abc import Iterator
from dataclasses import dataclass

import sympy
from flint import fmpq, fmpq_mpoly
from sympy import Expr, Rational, Symbol

from lagrangian.algebra.polynomials import Ring, to_rational
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.proof.squares import SquaresIdentity, WeightedSquares, extended, extended_ring

LARGEST_MATRIX = 6
LONGEST = 240


@dataclass(frozen=True, eq=False)
class _Names:
    """The ring with t under names that can be read, and the rational number that t is."""

    ring: Ring
    at: Rational

    def plain(self, polynomial: fmpq_mpoly) -> Expr:
        return self.ring.expression(polynomial).xreplace({self.ring.variables[-1]: self.at})


def written_identity(problem: PolynomialProblem, identity: SquaresIdentity) -> str | None:
    """The right side as a sum of weighted squares; None for irrational coefficients, large matrices and long sums.

    >>> from lagrangian import maximize
    >>> from sympy import Eq, symbols
    >>> x, y = symbols("x y")
    >>> proof = maximize(x - y, [Eq(x**3 - y**3, 3 * x * y)], over=[x, y]).certificate
    >>> proof is None or proof.kind != "sum of squares" or isinstance(written_identity(proof.problem, proof.identity), str)
    True
    """
    if identity.number.degree > 1 or any(len(part.basis) > LARGEST_MATRIX for part in identity.squares):
        return None
    extended_to = extended_ring(problem)
    constant, leading = identity.number.modulus.coeffs()
    readable = Ring(tuple(Symbol(symbol.name) for symbol in extended_to.variables))
    names = _Names(readable, to_rational(fmpq(-constant, leading)))
    told = [_weighted(problem, part, names, extended_to) for part in identity.squares]
    for factor, equation in zip(identity.multipliers, problem.equalities, strict=True):
        if names.plain(factor) != 0:
            told.append(f"({names.plain(factor)})*({names.plain(extended(equation, extended_to))})")
    written = " + ".join(part for part in told if part) or "0"
    return written if len(written) <= LONGEST else None


def _weighted(problem: PolynomialProblem, part: WeightedSquares, names: _Names, ring: Ring) -> str:
    """w (c_1 u_1**2 + ...), empty where all c are zero."""
    limits = [*problem.inequalities, *problem.facts]
    weights = [f"({-names.plain(extended(limits[i], ring))})" for i in part.factors]
    squares = [f"{'' if c == 1 else f'{c}*'}({form})**2" for c, form in _squares(part, names)]
    total = " + ".join(squares)
    return "*".join([*weights, f"({total})"]) if weights and squares else total


def _squares(part: WeightedSquares, names: _Names) -> Iterator[tuple[Rational, Expr]]:
    """b' G b as a sum of multiples of squares, by completing them one after the other (Lagrange)."""
    basis = [names.plain(entry) for entry in part.basis]
    at = fmpq(int(names.at.p), int(names.at.q))
    size = len(basis)
    rest = [[to_rational(part.gram[max(i, j)][min(i, j)](at)) for j in range(size)] for i in range(size)]
    for k in range(size):
        pivot = rest[k][k]
        if pivot == 0:  # in a positive semidefinite matrix the whole row is zero then
            continue
        row = list(rest[k])
        yield pivot, sympy.expand(sympy.Add(*(row[j] / pivot * basis[j] for j in range(size))))
        rest = [[rest[i][j] - row[i] * row[j] / pivot for j in range(size)] for i in range(size)]
