"""Quadratic forms on the nonnegative orthant: the least sign that they take, with a vector at which they take it.

If the least value of x^T A x on the simplex is v < 0, a minimizer with the smallest support I has A_II x_I = v 1 with
A_II regular: a kernel vector would lead on to a smaller support. So y = A_II^-1 1 < 0. If v = 0, the kernel of A_II
is spanned by x_I > 0 for the same reason. Both are looked for on all supports (Motzkin and Straus 1965; Hadeler 1983
for criteria of this kind).
"""

from itertools import combinations

from lagrangian.algebra.matrices import Matrix, Vector, null_space, solve_combination
from lagrangian.algebra.numbers import FieldElement

LARGEST = 7


def least_sign_on_orthant(matrix: Matrix) -> tuple[int, Vector | None]:
    """1 where x^T A x > 0 for all x >= 0 but 0, else 0 or -1 with an x >= 0 at which the form has that sign.

    >>> from flint import fmpq_poly
    >>> from lagrangian.algebra.numbers import RATIONALS
    >>> one = FieldElement(RATIONALS, fmpq_poly([1]))
    >>> least_sign_on_orthant([[one, one * 3], [one * 3, one]])[0]      # indefinite, but not on the orthant
    1
    >>> sign, at = least_sign_on_orthant([[one, one * -3], [one * -3, one]])
    >>> sign, [x.rational() for x in at]
    (-1, [1/2, 1/2])
    """
    size = len(matrix)
    zero: Vector | None = None
    for count in range(1, size + 1):
        for support in combinations(range(size), count):
            block = [[matrix[i][j] for j in support] for i in support]
            found = _of_one_sign(_negative(block))
            if found is not None:
                return -1, _spread(found, support, size)
            if zero is None:
                kernel = null_space(block, block[0][0] * 0 + 1, count)
                zero = _spread(found, support, size) if (found := _of_one_sign(_single(kernel))) else None
    return (1, None) if zero is None else (0, zero)


def _negative(block: Matrix) -> Vector | None:
    """A solution y of A y = 1 where A is regular and y has a negative entry, which decides its only possible sign."""
    one = block[0][0] * 0 + 1
    if null_space(block, one, len(block)):
        return None
    solution = solve_combination(block, [one] * len(block))
    return solution if solution is not None and solution[0].sign() < 0 else None


def _single(kernel: Matrix) -> Vector | None:
    return kernel[0] if len(kernel) == 1 else None


def _of_one_sign(vector: Vector | None) -> Vector | None:
    """The vector or its opposite, if all entries of it are positive."""
    signs = {entry.sign() for entry in vector} if vector is not None else set()
    if vector is None or signs not in ({1}, {-1}):
        return None
    return vector if signs == {1} else [-entry for entry in vector]


def _spread(part: Vector, support: tuple[int, ...], size: int) -> Vector:
    zero: FieldElement = part[0] * 0
    full = [zero] * size
    for place, i in enumerate(support):
        full[i] = part[place]
    return full
