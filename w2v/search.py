"""Exact search among the rows of a matrix for those that point most nearly the same way.

Rows stay as they are: each product is divided by the row's length afterwards, which saves a second, normalized matrix. What is in
memory besides is bounded, whatever the number of rows and of targets.
"""

import numpy as np
from numpy.typing import NDArray

_NORM_ROWS = 4096
_SCORES = 1 << 22  # of one block: 16 MB
_TARGETS = 256
_FIRST_ROWS = 4096


def row_norms(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """The Euclidean length of each row, float64 [rows], from one pass; not finite where a number of the row is not.

    >>> row_norms(np.array([[3, 4], [0, 0]], np.float32)).tolist()
    [5.0, 0.0]
    """
    norms = np.empty(len(vectors))
    for start in range(0, len(vectors), _NORM_ROWS):
        with np.errstate(invalid="ignore"):  # of numbers that are none, as a damaged file may have them
            block = vectors[start : start + _NORM_ROWS].astype(
                np.float64
            )  # squares of any float32 are finite in float64
        norms[start : start + _NORM_ROWS] = np.sqrt(np.einsum("ij,ij->i", block, block))
    return norms


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows divided by their lengths, float32; a zero row stays zero.

    >>> unit_rows(np.array([[3, 4], [0, 0]], np.float32)).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    norms = row_norms(vectors)
    return (vectors / np.where(norms > 0, norms, 1)[:, np.newaxis]).astype(np.float32)


def cosines(
    vectors: NDArray[np.float32], norms: NDArray[np.float64], targets: NDArray[np.float32], rows: slice
) -> NDArray[np.float32]:
    """The cosines between unit targets and some rows, float32 [targets, rows]; `norms` has 1 for a zero row."""
    products = targets @ vectors[rows].T
    return np.divide(products, norms[rows], out=products, casting="same_kind")


def nearest(
    vectors: NDArray[np.float32],
    norms: NDArray[np.float64],
    targets: NDArray[np.float32],
    wanted: int,
    rows: range,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The `wanted` rows with the greatest cosines to each target, greatest first, equal ones by their numbers.

    Parameters
    ----------
    vectors : float32 [words, size]
    norms : float64 [words]
        The rows' lengths, 1 for a zero row.
    targets : float32 [targets, size], of length 1
    wanted : int, at least 1
    rows : range, step 1
        Where to search.

    Returns
    -------
    numbers, cosines : int64 and float32 [targets, min(wanted, len(rows))]

    Examples
    --------
    >>> vectors = np.array([[3, 4], [2, 0], [0, 5]], np.float32)
    >>> numbers, values = nearest(vectors, row_norms(vectors), np.array([[1, 0]], np.float32), 2, range(3))
    >>> numbers.tolist(), values.tolist()
    ([[1, 0]], [[1.0, 0.6000000238418579]])
    """
    wanted = min(wanted, len(rows))
    numbers = np.empty((len(targets), wanted), np.int64)
    values = np.empty((len(targets), wanted), np.float32)
    for start in range(0, len(targets), _TARGETS):
        some = slice(start, start + _TARGETS)
        numbers[some], values[some] = _nearest(vectors, norms, targets[some], wanted, rows)
    return numbers, values


def _nearest(
    vectors: NDArray[np.float32], norms: NDArray[np.float64], targets: NDArray[np.float32], wanted: int, rows: range
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    numbers = np.full((len(targets), wanted), -1, np.int64)
    values = np.full((len(targets), wanted), -np.inf, np.float32)
    step = _SCORES // max(len(targets), 1)
    for start in range(rows.start, rows.stop, step):
        scores = cosines(vectors, norms, targets, slice(start, min(start + step, rows.stop)))
        for i, row in enumerate(scores):
            # Few of the many rows are better than the best of the first ones.
            for low, piece in ((start, row[:_FIRST_ROWS]), (start + _FIRST_ROWS, row[_FIRST_ROWS:])):
                found = np.flatnonzero(piece > values[i, -1])  # of equal ones the earlier rows stay
                better = np.concatenate([numbers[i], found + low]), np.concatenate([values[i], piece[found]])
                numbers[i], values[i] = _best(*better, wanted)
    return numbers, values


def best_rows(scores: NDArray[np.floating], wanted: int) -> NDArray[np.int64]:
    """The numbers of the greatest scores, greatest first, equal ones by their numbers.

    >>> best_rows(np.array([1.0, 3.0, 2.0, 3.0]), 3).tolist()
    [1, 3, 2]
    """
    return _best(np.arange(len(scores)), scores, min(wanted, len(scores)))[0]


def _best(
    numbers: NDArray[np.int64], values: NDArray[np.floating], wanted: int
) -> tuple[NDArray[np.int64], NDArray[np.floating]]:
    if wanted < 1:
        return numbers[:0], values[:0]
    if len(values) > 2 * wanted:
        # All that equal the last of the best stay, for the order by number to decide.
        among = np.flatnonzero(values >= np.partition(values, -wanted)[-wanted])
        numbers, values = numbers[among], values[among]
    order = np.lexsort((numbers, -values))[:wanted]
    return numbers[order], values[order]
