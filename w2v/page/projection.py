"""All that a page shows of some vectors, computed before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from w2v.embeddings import Embeddings
from w2v.errors import ConfigError
from w2v.page.clusters import clusters
from w2v.page.nearest import nearest_neighbors
from w2v.page.plane import Method, Plane, plane

_GROUPS = 10
_NAMES = 3


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """Words with their places in the plane, and with their neighbors in the space of the vectors.

    Parameters
    ----------
    words : tuple of str
        The most frequent first.
    counts : int64 [words]
        How often each occurs; zeros where the file of vectors did not say.
    vector_size : int
    plane : Plane
    neighbors : int32 [words, neighbors]
        The nearest other words by cosine, the nearest first.
    cosines : float32 [words, neighbors]
    groups : int32 [words]
        The group of each word, by spherical k-means on the vectors.
    group_names : tuple of tuples of str
        Some frequent words near the middle of each group.
    kept : float
        The share of all words' nearest neighbors that are among the equally many nearest in the plane.
    """

    words: tuple[str, ...]
    counts: NDArray[np.int64]
    vector_size: int
    plane: Plane
    neighbors: NDArray[np.int32]
    cosines: NDArray[np.float32]
    groups: NDArray[np.int32]
    group_names: tuple[tuple[str, ...], ...]
    kept: float


def projection(
    embeddings: Embeddings,
    method: Method | str = Method.PCA,
    *,
    words: int = 20_000,
    neighbors: int = 10,
    seed: int = 1,
) -> Projection:
    """The most frequent words in the plane, with their nearest neighbors and groups in the space of the vectors.

    All of it goes by the directions of the vectors: each is first divided by its length.

    Parameters
    ----------
    embeddings : Embeddings
    method : Method or its name
        `pca`; or `umap`, `tsne`, `pacmap`, which the extra `project` brings.
    words : int
        How many: those with the greatest counts, or the first where there are no counts, as word2vec's files begin with the most
        frequent.
    neighbors : int
        How many of each word.
    seed : int
        Of the random numbers of the method and of the groups.

    Raises
    ------
    ConfigError
        When a number is out of its range, the method is unknown, or there are too few words for it.
    MissingExtraError
        When the method's package is not installed.

    Examples
    --------
    >>> from w2v.vocabulary import Vocabulary
    >>> embeddings = Embeddings(Vocabulary(("king", "queen", "apple"), [3, 2, 1]), [[2, 0], [3, 1], [-1, 2]])
    >>> found = projection(embeddings, neighbors=1)
    >>> [found.words[number] for number in found.neighbors[:, 0]]
    ['queen', 'king', 'queen']
    """
    for name, number in (("words", words), ("neighbors", neighbors)):
        if number < 1:
            raise ConfigError(f"{name} is {number}; it must be at least 1")
    if not 0 <= seed < 1 << 32:
        raise ConfigError(f"seed is {seed}; it must be at least 0 and below 2**32")
    if method not in set(Method):
        raise ConfigError(f"method is {method!r}; it must be one of {', '.join(Method)}")
    if not len(embeddings):
        raise ConfigError("there are no words to show")
    chosen = most_frequent(embeddings.vocabulary.counts, words)
    units = embeddings.unit_vectors(chosen)  # type: ignore[arg-type]
    names = tuple(embeddings.vocabulary.words[number] for number in chosen)
    places = plane(units, Method(method), seed)
    nearest, cosines = nearest_neighbors(units, neighbors)
    groups, typical = clusters(units, min(_GROUPS, len(units)), seed)
    return Projection(
        names,
        embeddings.vocabulary.counts[chosen],
        embeddings.vector_size,
        places,
        nearest,
        cosines,
        groups,
        _group_names(names, groups, typical),
        _kept(places.places, nearest),
    )


def most_frequent(counts: NDArray[np.int64], words: int) -> NDArray[np.int64]:
    """The numbers of the words with the greatest counts; equal counts, such as zeros, in the order of their numbers."""
    return np.argsort(-counts, kind="stable")[:words]


def _group_names(
    words: Sequence[str], groups: NDArray[np.int32], typical: NDArray[np.float32]
) -> tuple[tuple[str, ...], ...]:
    """Of the quarter of each group's words that are nearest to its center the three most frequent."""
    names = []
    for group in range(int(groups.max()) + 1):
        members = np.flatnonzero(groups == group)
        central = members[np.argsort(-typical[members], kind="stable")[: max(len(members) // 4, _NAMES)]]
        names.append(tuple(words[number] for number in np.sort(central)[:_NAMES]))
    return tuple(names)


def _kept(places: NDArray[np.float32], neighbors: NDArray[np.int32]) -> float:
    """Words at the same place are in no order; any of them may count as nearest."""
    words, count = neighbors.shape
    if not count:
        return 1.0
    _, found = cKDTree(places).query(places, k=count + 1)
    is_self = found == np.arange(words)[:, np.newaxis]
    is_self[~is_self.any(axis=1), -1] = True
    others = found[~is_self].reshape(words, count)
    shared = (neighbors[:, :, np.newaxis] == others[:, np.newaxis, :]).any(axis=2)
    return float(shared.mean())
