"""The compiled parts of bringing rows together.

They are written out, though NumPy has matrix products: a BLAS gives other bits for other numbers of threads, and waits for longer
than it works where fewer processors are free. Inner loops go along rows, so that they need no sum in another order.
"""

import numpy as np
from numpy.typing import NDArray

from w2v.compilation import kernel

NEGLIGIBLE = 1e-3  # the greatest m a at which the moves are simply added


@kernel
def list_changes(before: NDArray[np.uint32], after: NDArray[np.uint32], numbers: NDArray[np.int32]) -> int:
    """Write the numbers of the rows whose bits differ; returns how many there are."""
    count = 0
    for row in range(before.shape[0]):
        differing = before[row, 0] ^ after[row, 0]
        if differing == 0:  # most rows that were trained differ in their first number already
            for k in range(before.shape[1]):
                differing |= before[row, k] ^ after[row, k]
        if differing != 0:
            numbers[count] = row
            count += 1
    return count


@kernel
def take_rows(
    numbers: NDArray[np.int32],
    before: NDArray[np.float32],
    after: NDArray[np.float32],
    values: NDArray[np.float32],
) -> None:
    """Copy some rows of `after` to `values`, and those of `before` back to it."""
    for i in range(numbers.shape[0]):
        row = numbers[i]
        for k in range(before.shape[1]):
            values[i, k] = after[row, k]
        for k in range(before.shape[1]):
            after[row, k] = before[row, k]


@kernel
def put_rows(
    numbers: NDArray[np.int32], values: NDArray[np.float32], one: NDArray[np.float32], two: NDArray[np.float32]
) -> None:
    """Write rows to two matrices."""
    for i in range(numbers.shape[0]):
        row = numbers[i]
        for k in range(values.shape[1]):
            one[row, k] = values[i, k]
            two[row, k] = values[i, k]


@kernel
def add_squares(rows: NDArray[np.float32], chosen: NDArray[np.int64], moment: NDArray[np.float64]) -> None:
    """Add y yᵀ of the chosen rows y to `moment`, float64 [vector_size, vector_size]."""
    size = rows.shape[1]
    for i in range(chosen.shape[0]):
        row = rows[chosen[i]]
        for j in range(size):
            factor = np.float64(row[j])
            for k in range(size):
                moment[j, k] += factor * row[k]


@kernel
def multiply_all(matrix: NDArray[np.float64], directions: NDArray[np.float64], products: NDArray[np.float64]) -> None:
    """`products` = `directions` times the symmetric `matrix`; both float64 [directions, vector_size]."""
    for i in range(directions.shape[0]):
        for k in range(matrix.shape[1]):
            products[i, k] = 0.0
        for j in range(matrix.shape[0]):
            factor = directions[i, j]
            for k in range(matrix.shape[1]):
                products[i, k] += factor * matrix[j, k]


@kernel
def orthonormalize(rows: NDArray[np.float64]) -> None:
    """Gram and Schmidt's, twice, since once is not enough for rows that are nearly the same; rows of zeros stay."""
    size = rows.shape[1]
    for i in range(rows.shape[0]):
        for _ in range(2):
            for j in range(i):
                along = 0.0
                for k in range(size):
                    along += rows[j, k] * rows[i, k]
                for k in range(size):
                    rows[i, k] -= along * rows[j, k]
        square = 0.0
        for k in range(size):
            square += rows[i, k] ** 2
        for k in range(size if square > 0 else 0):
            rows[i, k] /= np.sqrt(square)


@kernel
def add_copies(
    numbers: NDArray[np.int32],
    values: NDArray[np.float32],
    owners: int,
    copies: NDArray[np.int32],
    sums: NDArray[np.float32],
) -> None:
    """Add a worker's rows to those of the workers before; row `numbers[i]` has place `numbers[i] // owners`."""
    for i in range(numbers.shape[0]):
        place = numbers[i] // owners
        copies[place] += 1
        for k in range(values.shape[1]):
            sums[place, k] += values[i, k]


@kernel
def merge_rows(
    copies: NDArray[np.int32],
    steepness: NDArray[np.float32],
    curvatures: NDArray[np.float32],
    directions: NDArray[np.float32],
    across: NDArray[np.float32],
    before: NDArray[np.float32],
    rows: NDArray[np.float32],
    along: NDArray[np.float32],
) -> None:
    """Turn the sums of copies of rows into the rows that they become together.

    Parameters
    ----------
    copies : int32 [rows]
    steepness : float32 [rows]
        The learning rate times the pairs in a round and the curvature that belongs to a moment of 1.
    curvatures : float32 [directions + 1]
        The moment along each direction, and behind them that along all others.
    directions : float32 [directions, vector_size]
        Orthonormal; `across` are the same, float32 [vector_size, directions].
    before : float32 [rows, vector_size]
    rows : float32 [rows, vector_size]
        The sums of the copies, overwritten.
    along : float32 [directions]
        Room.
    """
    others = curvatures.shape[0] - 1
    size = rows.shape[1]
    for i in range(rows.shape[0]):
        if copies[i] == 1:
            continue
        many = np.float32(copies[i])
        move = rows[i]
        for k in range(size):
            move[k] -= many * before[i, k]
        if many * steepness[i] * curvatures[0] > NEGLIGIBLE:
            one = np.float32(1)
            a = steepness[i] * curvatures[others]
            rest = (one + a) / (one + many * a)
            for direction in range(others):
                along[direction] = 0
            for k in range(size):
                for direction in range(others):
                    along[direction] += move[k] * across[k, direction]
            for k in range(size):
                move[k] *= rest
            for direction in range(others):
                a = steepness[i] * curvatures[direction]
                factor = along[direction] * ((one + a) / (one + many * a) - rest)
                for k in range(size):
                    move[k] += factor * directions[direction, k]
        for k in range(size):
            move[k] += before[i, k]
