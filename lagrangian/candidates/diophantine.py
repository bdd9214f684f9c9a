"""Multipliers that show that a linear system has no integer solution, from the Hermite normal form of its matrix."""

from collections.abc import Sequence

from flint import fmpq, fmpq_mat, fmpz, fmpz_mat


def contradicting_multipliers(rows: Sequence[Sequence[fmpq]], right: Sequence[fmpq]) -> list[fmpq] | None:
    """y with y A an integer vector and y b no integer, for A z = b without integer solution; None where z exists.

    With independent rows, A has the column lattice H Z^r for a nonsingular H. There is a solution if and only if
    H^-1 b is an integer vector; a row y of H^-1 with y b no integer has y A integer (Schrijver 1986, section 4.1).

    >>> contradicting_multipliers([[fmpq(2), fmpq(4)]], [fmpq(3)])
    [1/2]
    >>> contradicting_multipliers([[fmpq(6), fmpq(10), fmpq(15)]], [fmpq(1)]) is None
    True
    """
    kept: list[int] = []
    for number in range(len(rows)):
        combination = _dependence([rows[k] for k in kept], rows[number])
        if combination is None:
            kept.append(number)
            continue
        y = [fmpq(0)] * len(rows)
        y[number] = fmpq(1)
        for k, value in zip(kept, combination, strict=True):
            y[k] = -value
        missed = sum((a * b for a, b in zip(y, right, strict=True)), fmpq(0))
        if missed != 0:  # y A = 0, and y b is made 1/2
            return [value / (2 * missed) for value in y]
    inverse = _lattice_inverse([rows[k] for k in kept])
    for i in range(len(kept)):
        chosen = [inverse[i, j] for j in range(len(kept))]
        if sum((a * right[k] for a, k in zip(chosen, kept, strict=True)), fmpq(0)).q != 1:
            y = [fmpq(0)] * len(rows)
            for k, value in zip(kept, chosen, strict=True):
                y[k] = value
            return y
    return None


def _dependence(rows: Sequence[Sequence[fmpq]], row: Sequence[fmpq]) -> list[fmpq] | None:
    """The combination of independent rows that gives another one; None where it is independent of them."""
    size, width = len(rows), len(row)
    table = fmpq_mat(
        width, size + 1, [([r[j] for r in rows] + [row[j]])[i] for j in range(width) for i in range(size + 1)]
    )
    reduced, rank = table.rref()
    if rank > size:
        return None
    return [reduced[i, size] for i in range(size)]


def _lattice_inverse(rows: Sequence[Sequence[fmpq]]) -> fmpq_mat:
    """H^-1 for independent rows."""
    size, width = len(rows), len(rows[0]) if rows else 0
    denominator = fmpz(1)
    for row in rows:
        for value in row:
            denominator = denominator.lcm(value.q)
    transposed = fmpz_mat(width, size, [int(rows[i][j] * denominator) for j in range(width) for i in range(size)])
    form = transposed.hnf()
    # H, over the common denominator
    lattice = fmpq_mat(size, size, [fmpq(form[j, i], denominator) for i in range(size) for j in range(size)])
    return lattice.inv()
