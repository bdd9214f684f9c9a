"""How many of the nearest neighbors a graph finds, measured with words drawn at random, and how widely it has to search."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.indices.graph import search
from w2v.search import nearest

RECALL_AT = 10
_FIRST_EXPANSION = 64
_LAST_EXPANSION = 4096


def widen(
    graph: Any, vectors: NDArray[np.float32], norms: NDArray[np.float64], recall: float, random: np.random.Generator
) -> None:
    """Search more widely until a sample finds the wanted share."""
    graph.expansion_search = _FIRST_EXPANSION
    sample = draw(random, len(vectors))
    exact = neighbors_of(sample, vectors, norms, None)
    while recall_of(exact, neighbors_of(sample, vectors, norms, graph)) < recall:
        if graph.expansion_search >= min(_LAST_EXPANSION, 2 * len(vectors)):
            return
        graph.expansion_search *= 2


def draw(random: np.random.Generator, words: int) -> NDArray[np.int64]:
    """The numbers of up to 1,000 words."""
    return np.sort(random.choice(words, min(words, 1000), replace=False))


def neighbors_of(
    sample: NDArray[np.int64], vectors: NDArray[np.float32], norms: NDArray[np.float64], graph: Any
) -> NDArray[np.float32]:
    """The cosines of the 10 words nearest to each of some, themselves left out; exact without a graph."""
    targets = (vectors[sample] / norms[sample, np.newaxis]).astype(np.float32)
    wanted = RECALL_AT + 1
    if graph is None:
        numbers, values = nearest(vectors, norms, targets, wanted, range(len(vectors)))
    else:
        numbers, values = search(graph, vectors, norms, targets, wanted)
    return -np.sort(-np.where(numbers == sample[:, np.newaxis], -np.inf, values), axis=1)[:, :RECALL_AT]


def recall_of(exact: NDArray[np.float32], found: NDArray[np.float32]) -> float:
    """The share of found cosines that are no less than the least exact one: of equally near words any will do."""
    known = np.isfinite(exact)
    least = np.where(known, exact, np.inf).min(axis=1, keepdims=True)
    rounding = 1e-6  # products of float32 in another order
    hits = np.minimum((found >= least - rounding).sum(axis=1), known.sum(axis=1))
    return float(hits.sum() / max(known.sum(), 1))


def wilson_low(share: float, queries: int) -> float:
    """The lower end of a share's 95 % interval; each query counts once, since its neighbors are found or missed together."""
    z = 1.959964
    center = share + z * z / (2 * queries)
    half = z * math.sqrt(share * (1 - share) / queries + (z / (2 * queries)) ** 2)
    return (center - half) / (1 + z * z / queries)
