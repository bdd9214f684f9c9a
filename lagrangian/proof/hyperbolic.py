"""The check that a root or logarithm of a quadratic is concave: one positive eigenvalue, on one nappe; see Aczel (1956)."""

from collections.abc import Sequence
from itertools import pairwise

import sympy
from flint import fmpq, fmpq_mat
from sympy import Expr, Symbol

from lagrangian.algebra.polynomials import to_fmpq


def is_log_concave(quadratic: Expr, variables: Sequence[Symbol], affine: Expr, *, closed: bool) -> bool:
    """Whether log(q) is concave where q > 0 and ``affine`` >= 0 (and sqrt(q) where q >= 0, if ``closed``).

    With q(x) = (x, 1) M (x, 1)^T and ``affine`` = l^T (x, 1): M has one positive eigenvalue, and l = M w with w^T M w >= 0, or
    > 0 if ``closed``.

    >>> x, y, z = sympy.symbols("x y z", real=True)
    >>> [is_log_concave(x * z - y**2, (x, y, z), affine, closed=False) for affine in (x + z, y)]
    [True, False]
    """
    scale = sympy.Dummy("s")
    form = sympy.expand(scale**2 * quadratic.xreplace({v: v / scale for v in variables}))
    linear = sympy.expand(scale * affine.xreplace({v: v / scale for v in variables}))
    symbols = [*variables, scale]
    if not (form.is_polynomial(*symbols) and linear.is_polynomial(*symbols)):
        return False
    matrix, functional = sympy.hessian(form, symbols) / 2, [sympy.diff(linear, s) for s in symbols]
    if not all(value.is_Rational for value in (*matrix, *functional)):
        return False
    rows = [[to_fmpq(value) for value in matrix.row(i)] for i in range(len(symbols))]
    return _positive_eigenvalues(rows) == 1 and _selects(rows, [to_fmpq(value) for value in functional], closed)


def _positive_eigenvalues(rows: list[list[fmpq]]) -> int:
    """The changes of sign in the coefficients of the characteristic polynomial: all its roots are real."""
    signs = [value > 0 for value in fmpq_mat(rows).charpoly().coeffs() if value != 0]
    return sum(left != right for left, right in pairwise(signs))


def _selects(rows: list[list[fmpq]], functional: list[fmpq], closed: bool) -> bool:
    size = len(rows)
    reduced, rank = fmpq_mat([[*row, value] for row, value in zip(rows, functional, strict=True)]).rref()
    length = fmpq(0)
    for row in range(rank):
        pivot = next(column for column in range(size + 1) if reduced[row, column] != 0)
        if pivot == size:  # l is not M w
            return False
        length += reduced[row, size] * functional[pivot]
    if all(value == 0 for value in functional):
        return False
    return length > 0 or (length == 0 and not closed)
