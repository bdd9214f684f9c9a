"""The graph of an index: unit vectors in numbers of 8 bits, put in and searched by usearch."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.extras import extra

_ROWS = 8192
_TARGETS = 1024
_LARGEST = 127  # of 8 bits, with the same below zero
_LEAST_CANDIDATES = 32


def empty_graph(size: int, connectivity: int, expansion_add: int) -> Any:
    usearch = extra("usearch.index", "index", "an index of nearest neighbors")
    return usearch.Index(ndim=size, metric="ip", dtype="i8", connectivity=connectivity, expansion_add=expansion_add)


def fill(
    graph: Any,
    vectors: NDArray[np.float32],
    norms: NDArray[np.float64],
    threads: int,
    on_progress: Callable[[int, int], None] | None,
) -> None:
    """Put all rows into a graph, under their numbers."""
    scale = _LARGEST / _greatest_number(vectors, norms)
    for start in range(0, len(vectors), _ROWS):
        rows = vectors[start : start + _ROWS] / norms[start : start + _ROWS, np.newaxis]
        graph.add(np.arange(start, start + len(rows), dtype=np.uint64), _in_8_bits(rows * scale), threads=threads)
        if on_progress:
            on_progress(start + len(rows), len(vectors))


def _greatest_number(vectors: NDArray[np.float32], norms: NDArray[np.float64]) -> float:
    """The greatest size of a number in the unit vectors; 1 where all are zero."""
    starts = range(0, len(vectors), _ROWS)
    greatest = [np.abs(vectors[i : i + _ROWS] / norms[i : i + _ROWS, np.newaxis]).max(initial=0) for i in starts]
    return float(max(greatest, default=0)) or 1.0


def _in_8_bits(scaled: NDArray[np.floating]) -> NDArray[np.int8]:
    return np.rint(scaled).astype(np.int8)


def search(
    graph: Any, vectors: NDArray[np.float32], norms: NDArray[np.float64], targets: NDArray[np.float32], wanted: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    wanted = min(wanted, len(vectors))
    candidates = min(max(3 * wanted, _LEAST_CANDIDATES), len(vectors))
    numbers = np.full((len(targets), wanted), -1, np.int64)
    values = np.full((len(targets), wanted), -np.inf, np.float32)
    for start in range(0, len(targets), _TARGETS):
        some = targets[start : start + _TARGETS]
        greatest = np.abs(some).max(axis=1, keepdims=True)  # the order of products does not depend on a target's scale
        matches = graph.search(
            _in_8_bits(some * (_LARGEST / np.where(greatest > 0, greatest, 1))), candidates, threads=1
        )
        keys = np.atleast_2d(matches.keys)
        counts = np.atleast_1d(matches.counts) if len(some) > 1 else [len(matches)]
        for i, (row, count) in enumerate(zip(keys, counts, strict=True), start):
            found = row[:count].astype(np.int64)
            scores = (vectors[found] @ targets[i] / norms[found]).astype(np.float32)
            order = np.lexsort((found, -scores))[:wanted]
            numbers[i, : len(order)], values[i, : len(order)] = found[order], scores[order]
    return numbers, values
