"""The binary tree of hierarchical softmax: Huffman's (1952), in which frequent words stand near the root."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from w2v.compilation import kernel


class Paths(NamedTuple):
    """The way from the root to each word.

    Word w passes the inner nodes `nodes[starts[w] : starts[w + 1]]`, int32; `turns`, float32, has 1 where the way goes on to the
    node's first child, 0 for the second. `starts` is int64 [words + 1]. The root is node words - 2.
    """

    starts: NDArray[np.int64]
    nodes: NDArray[np.int32]
    turns: NDArray[np.float32]


def huffman_paths(counts: ArrayLike) -> Paths:
    """The paths of the tree that joins the two rarest nodes until one is left (Mikolov et al. 2013, section 2.2).

    The mean length of a path, weighted by the counts, is the least that any binary tree has. Among equal counts, inner
    nodes come before words, and of words the later ones, as in word2vec.c.

    >>> paths = huffman_paths([8, 4, 2, 1])
    >>> paths.starts.tolist()
    [0, 1, 3, 6, 9]
    >>> paths.nodes.tolist(), paths.turns.tolist()
    ([2, 2, 1, 2, 1, 0, 2, 1, 0], [0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0])
    """
    counts = np.asarray(counts, np.int64)
    words = len(counts)
    ascending = np.argsort(counts[::-1], kind="stable")
    parents, first = np.zeros(2 * words, np.int64), np.zeros(2 * words, np.float32)
    _join(counts[::-1][ascending], parents, first, np.zeros(words, np.int64))
    depths = np.zeros(2 * words, np.int64)
    _write_depths(parents, words, depths)
    starts = np.zeros(words + 1, np.int64)
    leaves = words - 1 - ascending  # the word at each leaf of the tree
    starts[leaves + 1] = depths[:words]
    np.cumsum(starts, out=starts)
    nodes, turns = np.zeros(starts[-1], np.int32), np.zeros(starts[-1], np.float32)
    _write_paths(parents, first, leaves, starts, nodes, turns)
    return Paths(starts, nodes, turns)


@kernel
def _join(
    counts: NDArray[np.int64], parents: NDArray[np.int64], first: NDArray[np.float32], sums: NDArray[np.int64]
) -> None:
    """Join the leaves, in ascending order of their counts, to a tree; inner node i stands at `len(counts) + i`.

    `sums` are zeros at first, one for each inner node.
    """
    words = counts.shape[0]
    leaf = 0
    inner = 0
    for node in range(words - 1):
        for child in range(2):
            if leaf < words and (inner >= node or counts[leaf] < sums[inner]):
                sums[node] += counts[leaf]
                joined = leaf
                leaf += 1
            else:
                sums[node] += sums[inner]
                joined = words + inner
                inner += 1
            parents[joined] = words + node
            first[joined] = 1 - child


@kernel
def _write_depths(parents: NDArray[np.int64], words: int, depths: NDArray[np.int64]) -> None:
    """Write how many inner nodes stand above each node; `depths` are zeros at first."""
    for node in range(2 * words - 3, -1, -1):  # a parent stands behind its children; the root is the last
        depths[node] = depths[parents[node]] + 1


@kernel
def _write_paths(
    parents: NDArray[np.int64],
    first: NDArray[np.float32],
    leaves: NDArray[np.int64],
    starts: NDArray[np.int64],
    nodes: NDArray[np.int32],
    turns: NDArray[np.float32],
) -> None:
    words = leaves.shape[0]
    for leaf in range(words):
        node = leaf
        for place in range(starts[leaves[leaf] + 1] - 1, starts[leaves[leaf]] - 1, -1):
            turns[place] = first[node]
            node = parents[node]
            nodes[place] = node - words
