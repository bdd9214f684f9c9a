"""The infimum of a quadratic function whose coefficients depend on the multipliers.

inf over x of x'Qx/2 + c'x + k is finite exactly if Q is positive semidefinite and c lies in its range; then it is
k - c'Q^+ c/2 (Boyd and Vandenberghe 2004, example 4.5 and section A.5.5). Squares are completed one variable after the other
without fractions (Bareiss 1968): the pivots are principal minors; where the sign of one is not known the cases are kept apart.
"""

from dataclasses import dataclass, replace

import sympy
from sympy import Expr, ImmutableMatrix, Integer
from sympy.core.relational import Relational

from lagrangian.conditions.convexity import principal_minors
from lagrangian.duality.dual_pieces import Piece, decided, found, nonnegative, piece, positive, zero


@dataclass(frozen=True)
class _State:
    """What is left: (x'Mx/2 + c'x + k) / scale with scale > 0, under the conditions."""

    matrix: ImmutableMatrix
    slopes: tuple[Expr, ...]
    constant: Expr
    scale: Expr
    conditions: tuple[Relational, ...]
    assumptions: tuple[Relational, ...]

    @property
    def value(self) -> Expr:
        return sympy.cancel(self.constant / self.scale)

    @property
    def piece(self) -> Piece | None:
        return piece(self.value, self.conditions, self.assumptions)


def quadratic_infimum(
    matrix: sympy.Matrix, slopes: list[Expr], assumptions: tuple[Relational, ...] = ()
) -> tuple[Piece, ...]:
    """The infimum of x'Qx/2 + c'x for a symmetric matrix Q and slopes c, the piece of the greatest rank first.

    >>> from sympy import Matrix, Symbol
    >>> m, n = Symbol("m", nonnegative=True), Symbol("n", real=True)
    >>> for found in quadratic_infimum(Matrix([[2 * m]]), [n]): print(found.value, found.conditions)
    -n**2/(4*m) (m > 0,)
    0 (Eq(m, 0), Eq(n, 0))
    >>> for found in quadratic_infimum(Matrix([[n, 1], [1, n]]), [0, 0]): print(found.value, found.conditions)
    0 (n >= 0, n**2 - 1 >= 0)
    """
    state = _State(ImmutableMatrix(matrix), tuple(map(sympy.expand, slopes)), Integer(0), Integer(1), (), assumptions)
    return _cases(state)


def _cases(state: _State) -> tuple[Piece, ...]:
    size = state.matrix.rows
    if size == 0:
        return found(state.piece)
    signs = [_sign(state, i) for i in range(size)]
    if -1 in signs:
        return ()
    if 0 in signs:
        return _without(state, signs.index(0))
    if 1 in signs:
        return _cases(_completed(state, signs.index(1)))
    if not any(state.slopes):
        minors = tuple(nonnegative(minor) for minor in principal_minors(sympy.Matrix(state.matrix)))
        return found(replace(state, conditions=(*state.conditions, *minors)).piece)
    return _divided(state)


def _divided(state: _State) -> tuple[Piece, ...]:
    """Both cases of the first pivot: positive, or zero with its row."""
    pivot = state.matrix[0, 0]
    above = replace(state, conditions=(*state.conditions, positive(pivot)))
    level = replace(state, conditions=(*state.conditions, zero(pivot)))
    return (*_cases(_completed(above, 0)), *_without(_with_vanishing(level, pivot), 0))


def _sign(state: _State, place: int) -> int | None:
    """The sign of a diagonal entry, or None where it depends on the multipliers."""
    entry = state.matrix[place, place]
    if entry == 0 or decided(zero(entry), state.assumptions) is True:
        return 0
    if decided(positive(entry), state.assumptions) is True:
        return 1
    return -1 if decided(positive(-entry), state.assumptions) is True else None


def _completed(state: _State, place: int) -> _State:
    """The state after the square of the variable at this place, whose pivot is positive, has become zero."""
    pivot, keep = state.matrix[place, place], [i for i in range(state.matrix.rows) if i != place]
    row = [state.matrix[place, j] for j in keep]
    slope = state.slopes[place]

    def reduced(entry: Expr, left: Expr, right: Expr) -> Expr:
        return sympy.cancel((entry * pivot - left * right) / state.scale)

    rows = [[reduced(state.matrix[i, j], row[a], row[b]) for b, j in enumerate(keep)] for a, i in enumerate(keep)]
    return replace(
        state,
        matrix=ImmutableMatrix(len(keep), len(keep), [entry for line in rows for entry in line]),
        slopes=tuple(reduced(state.slopes[i], row[a], slope) for a, i in enumerate(keep)),
        constant=reduced(state.constant, slope / 2, slope),
        scale=pivot,
    )


def _without(state: _State, place: int) -> tuple[Piece, ...]:
    """The cases where the pivot is zero: its row and its slope must be zero too, or the infimum is minus infinity."""
    keep = [i for i in range(state.matrix.rows) if i != place]
    vanishing = [*(state.matrix[place, j] for j in keep), state.slopes[place]]
    demands = tuple(zero(entry) for entry in vanishing if entry != 0)
    if any(decided(demand, state.assumptions) is False for demand in demands):
        return ()
    return _cases(
        replace(
            state,
            matrix=state.matrix.extract(keep, keep),
            slopes=tuple(state.slopes[i] for i in keep),
            conditions=(*state.conditions, *demands),
        )
    )


def _with_vanishing(state: _State, expression: Expr) -> _State:
    """The state with the multipliers replaced by zero that must vanish with a sum of terms that are not negative."""
    terms = sympy.Add.make_args(sympy.expand(expression))
    if not all(term.is_nonnegative for term in terms):
        return state
    gone = {symbol: Integer(0) for term in terms for symbol in [term.as_coeff_Mul()[1]] if symbol.is_Symbol}
    marks = tuple(zero(symbol) for symbol in gone)
    said = len(marks) == len(terms)
    return replace(
        state,
        matrix=state.matrix.xreplace(gone),
        slopes=tuple(slope.xreplace(gone) for slope in state.slopes),
        constant=state.constant.xreplace(gone),
        scale=state.scale.xreplace(gone),
        conditions=(*(c for c in state.conditions if not said or c.lhs != expression), *marks),
    )
