"""Quadratics with one positive eigenvalue, such as det [[x, y], [y, z]] = x z - y**2: their roots and logarithms are concave.

Let Q(u) = u^T M u have exactly one positive eigenvalue. The set Q > 0 is a double cone; if w^T M w >= 0 for l = M w, then l^T u
is not zero on it and parts it into two convex nappes, and sqrt(Q) is concave on each (the reversed inequality of Cauchy and
Schwarz, Aczel 1956). With w^T M w > 0 this holds for the closed nappe Q >= 0, l^T u >= 0 as well. A quadratic q(x) = Q(x, 1)
inherits it.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise

import sympy
from sympy import Expr, Symbol


def nappe_of(
    quadratic: Expr, variables: Sequence[Symbol], facts: Iterable[Expr], *, closed: bool
) -> tuple[Expr, ...] | None:
    """Affine functions, one or two of those known to be >= 0, whose sum selects the nappe that q >= 0 (or > 0) means.

    None if q has not exactly one positive eigenvalue or no such function is known.

    >>> x, y, z = sympy.symbols("x y z", real=True)
    >>> nappe_of(x * z - y**2, (x, y, z), [x], closed=False), nappe_of(x * z - y**2, (x, y, z), [x], closed=True)
    ((x,), None)
    """
    polynomial = quadratic.as_poly(*variables)
    if polynomial is None or polynomial.total_degree() != 2 or not all(c.is_Rational for c in polynomial.coeffs()):
        return None
    matrix = homogenized_matrix(quadratic, variables)
    if positive_eigenvalues(matrix) != 1:
        return None
    known = sorted(set(facts), key=str)
    choices = [*((fact,) for fact in known), *combinations(known, 2)]
    return next(
        (chosen for chosen in choices if selects_nappe(matrix, variables, sympy.Add(*chosen), closed=closed)), None
    )


def selects_nappe(matrix: sympy.Matrix, variables: Sequence[Symbol], affine: Expr, *, closed: bool) -> bool:
    """Whether an affine function l^T (x, 1) has l = M w for some w with w^T M w > 0, or >= 0 unless ``closed``."""
    polynomial = affine.as_poly(*variables)
    if polynomial is None or polynomial.total_degree() != 1 or not all(c.is_Rational for c in polynomial.coeffs()):
        return False
    functional = sympy.Matrix([*(polynomial.coeff_monomial(v) for v in variables), polynomial.coeff_monomial(1)])
    try:
        solution, free = matrix.gauss_jordan_solve(functional)
    except ValueError:  # l does not lie in the range of M
        return False
    length = (functional.T * solution.xreplace(dict.fromkeys(free, sympy.Integer(0))))[0]
    return bool(length > 0 or (length == 0 and not closed))


def positive_eigenvalues(matrix: sympy.Matrix) -> int:
    """The number of positive eigenvalues of a symmetric rational matrix, by Descartes' rule, which is exact for real roots."""
    signs = [c > 0 for c in matrix.charpoly().all_coeffs() if c != 0]
    return sum(left != right for left, right in pairwise(signs))


def homogenized_matrix(quadratic: Expr, variables: Sequence[Symbol]) -> sympy.Matrix:
    """The symmetric matrix M with q(x) = (x, 1) M (x, 1)^T."""
    extra = sympy.Dummy("s")
    form = sympy.Poly(quadratic, *variables).homogenize(extra)
    # a quadratic without constant and linear terms is homogeneous already
    return sympy.hessian(form.as_expr(), [*variables, extra]) / 2
