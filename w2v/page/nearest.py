"""The nearest words of all words at once, exactly, in bounded memory."""

import numpy as np
from numpy.typing import NDArray

_BLOCK_BYTES = 32 << 20
_GROUP = 16


def nearest_neighbors(units: NDArray[np.float32], count: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """For each vector the `count` others with the greatest cosines.

    The cosines are computed for some rows at a time, so that a block of them has 32 MB, whatever the number of words.

    Parameters
    ----------
    units : float32 [words, size]
        Vectors of length one; one of zeros has the cosine 0 with all.
    count : int
        At least 1; where there are fewer others, all of them are given.

    Returns
    -------
    Their numbers, int32 [words, count], the nearest first and equal ones by number, and their cosines, float32 [words, count].

    Examples
    --------
    >>> numbers, cosines = nearest_neighbors(np.array([[1, 0], [0.6, 0.8], [0, 1]], np.float32), 2)
    >>> numbers.tolist(), cosines.round(3).tolist()
    ([[1, 2], [2, 0], [1, 0]], [[0.6000000238418579, 0.0], [0.800000011920929, 0.6000000238418579], [0.800000011920929, 0.0]])
    """
    words = len(units)
    count = min(count, words - 1)
    numbers = np.zeros((words, count), np.int32)
    cosines = np.zeros((words, count), np.float32)
    rows = max(1, _BLOCK_BYTES // (4 * words))
    for start in range(0, words if count else 0, rows):
        block = slice(start, min(start + rows, words))
        among = units[block] @ units.T
        among[np.arange(len(among)), np.arange(block.start, block.stop)] = -np.inf
        numbers[block], cosines[block] = _greatest(among, count)
    return numbers, cosines


def _greatest(values: NDArray[np.float32], count: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The columns of the `count` greatest values of each row, and these values."""
    rows, columns = np.nonzero(values >= _bounds(values, count)[:, np.newaxis])
    found = values[rows, columns]
    order = np.lexsort((columns, -found, rows))
    starts = np.searchsorted(rows, np.arange(len(values)))
    chosen = order[starts[:, np.newaxis] + np.arange(count)]
    return columns[chosen], found[chosen]


def _bounds(values: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """For each row a number that at least `count` of its values reach, and hardly more.

    The `count`-th greatest of the maxima of groups of columns is such a number, and takes a tenth of the time that the
    `count`-th greatest value takes.
    """
    groups = values.shape[1] // _GROUP
    if groups < 2 * count:
        return np.partition(values, -count, axis=1)[:, -count]
    maxima = values[:, : groups * _GROUP].reshape(len(values), _GROUP, groups).max(axis=1)
    return np.partition(maxima, -count, axis=1)[:, -count]
