"""Rows that training writes to: those of all threads in place, or copies that a block has for itself."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.compilation import implements, kernel_part
from w2v.simd import LANES, load, prefetch, store


class InPlace(NamedTuple):
    """The rows of a matrix where they lie, each `stride` numbers behind the one before."""

    stride: int


class Copied(NamedTuple):
    """Copies of the rows that a block needs, in the order in which it comes to need them.

    `matrix` is only read. The copy of row `words[i]`, int32, is row i of `copies`; `found[0]` is how many there are. `places`
    int32 [rows of the matrix] says which copy a row has, and is -1 for rows without one.
    """

    matrix: NDArray[np.float32]
    copies: NDArray[np.float32]
    words: NDArray[np.int32]
    places: NDArray[np.int32]
    found: NDArray[np.int64]


@kernel_part
def place_of(row: Any, stride: Any, copied: Copied) -> Any:
    """The number of a row's copy, which is made when it is first asked for."""
    place = np.int64(copied.places[row])
    if place < 0:
        place = copied.found[0]
        copied.found[0] = place + 1
        copied.places[row] = place
        copied.words[place] = row
        for k in range(0, stride, LANES):
            store(copied.copies, place * stride + k, load(copied.matrix, row * stride + k))
    return place


@kernel_part
def prefetch_row(row: Any, stride: Any, copied: Copied) -> None:
    """Start to fetch a row that will be copied soon."""
    for k in range(0, stride, LANES):
        prefetch(copied.matrix, row * stride + k)


@kernel_part
def forget_places(copied: Copied) -> None:
    """Make ready for another block: no row has a copy."""
    for place in range(copied.found[0]):
        copied.places[copied.words[place]] = -1
    copied.found[0] = 0


def row_of(source: Any, row: Any, stride: Any) -> Any:
    """Where the row to train on starts, for a row of the matrix that starts at `row`. Implemented for InPlace and Copied."""
    raise NotImplementedError


@implements(row_of, InPlace)
def _row_itself(source: Any, row: Any, stride: Any) -> Any:
    return row


@implements(row_of, Copied)
def _row_of_copy(source: Any, row: Any, stride: Any) -> Any:
    return place_of(row // stride, stride, source) * stride


def expect_rows(source: Any, words: NDArray[np.int32], center: Any, negative: Any, stride: Any) -> None:
    """Note that copies of the negatives of a center may be asked for soon. Implemented for InPlace and Copied."""
    raise NotImplementedError


@implements(expect_rows, InPlace)
def _expect_nothing(source: Any, words: NDArray[np.int32], center: Any, negative: Any, stride: Any) -> None:
    pass


@implements(expect_rows, Copied)
def _prefetch_rows(source: Any, words: NDArray[np.int32], center: Any, negative: Any, stride: Any) -> None:
    for i in range(center * negative, min((center + 1) * negative, words.shape[0])):
        prefetch_row(np.int64(words[i]), stride, source)
