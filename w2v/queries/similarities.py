"""How similar words are to each other, and sets of words."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from w2v.errors import QueryError
from w2v.queries.asked import Query, is_key, several
from w2v.queries.lookup import Lookup
from w2v.search import cosines, unit_rows
from w2v.transport import transport_cost


class Similarities(Lookup):
    """Cosines and distances between the queries that are given, and means of them."""

    __slots__ = ()

    def get_mean_vector(
        self,
        keys: Sequence[Query] | NDArray[Any],
        weights: ArrayLike | None = None,
        pre_normalize: bool = True,
        post_normalize: bool = False,
        ignore_missing: bool = True,
    ) -> NDArray[np.float32]:
        """The weighted mean of vectors, Σ w_i v_i / Σ |w_i|, float32 [size]; zero where no key has a vector.

        Parameters
        ----------
        keys : words, numbers or vectors
        weights : one number a key, optional
        pre_normalize : bool
            Whether words' vectors are divided by their lengths first; vectors that are given as such stay as they are.
        post_normalize : bool
            Whether the mean is divided by its length.
        ignore_missing : bool
            Whether words without a vector are left out; otherwise they are an error.
        """
        keys = several(keys)
        if not keys:
            raise QueryError("a mean needs at least one word or vector")
        factors = np.ones(len(keys)) if weights is None else np.asarray(weights, np.float64)
        if factors.shape != (len(keys),) or not np.isfinite(factors).all():
            raise QueryError(
                f"{len(keys)} words or vectors need as many finite weights, not an array of shape {factors.shape}"
            )
        factors = factors / (np.abs(factors).max() or 1)  # the mean is the same, and nothing overflows
        total, whole = np.zeros(self._rows.shape[1]), 0.0
        for key, factor in zip(keys, factors.tolist(), strict=True):
            if ignore_missing and is_key(key) and not self._has_vector(key):
                continue
            total += factor * self._resolve(key, pre_normalize).astype(np.float64)
            whole += abs(factor)
        mean = (total / (whole or 1)).astype(np.float32)
        return unit_rows(mean[np.newaxis])[0] if post_normalize else mean

    def similarity(self, w1: Query, w2: Query) -> float:
        """The cosine of the angle between two words' vectors, 0 where one is zero."""
        return float(self._unit(w1) @ self._unit(w2))

    def distance(self, w1: Query, w2: Query) -> float:
        """1 - `similarity`."""
        return 1 - self.similarity(w1, w2)

    def distances(self, word_or_vector: Query, other_words: Iterable[Query] | None = ()) -> NDArray[np.float32]:
        """1 - cosine between a query and other words, or without those all words: float32, one a word."""
        others = [] if other_words is None else several(other_words)
        target = self._unit(word_or_vector)[np.newaxis]
        if not others:
            return 1 - cosines(self._rows, self._lengths, target, slice(None))[0]
        return 1 - self.similarity_matrix(target, others)[0]

    @staticmethod
    def cosine_similarities(vector_1: ArrayLike, vectors_all: ArrayLike) -> NDArray[np.float32]:
        """The cosines between a vector and each row of a matrix, float32 [rows]; 0 where one of the two is zero."""
        try:
            vector, rows = np.asarray(vector_1, np.float32), np.asarray(vectors_all, np.float32)
        except (TypeError, ValueError):
            raise QueryError("cosine_similarities is of vectors; for words ask similarity_matrix") from None
        if vector.ndim != 1 or rows.ndim != 2 or rows.shape[1] != len(vector):
            raise QueryError(f"a vector and rows of its size are asked for, not shapes {vector.shape} and {rows.shape}")
        return unit_rows(rows) @ unit_rows(vector[np.newaxis])[0]

    def similarity_matrix(
        self, first: Sequence[Query] | NDArray[Any], second: Sequence[Query] | NDArray[Any] | None = None
    ) -> NDArray[np.float32]:
        """The cosines between each of some queries and each of others, or of the same: float32 [first, second].

        >>> from w2v import Embeddings, Vocabulary
        >>> embeddings = Embeddings(Vocabulary(("east", "north", "west"), [3, 2, 1]), [[1, 0], [0, 2], [-3, 0]])
        >>> embeddings.similarity_matrix(["east", "north", "west"]).tolist()
        [[1.0, 0.0, -1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 1.0]]
        """
        units = self._units(first)
        return units @ (units if second is None else self._units(second)).T

    def n_similarity(self, ws1: Sequence[Query], ws2: Sequence[Query]) -> float:
        """The cosine between the means of two sets of words, their vectors with the lengths that they have."""
        means = [self.get_mean_vector(words, pre_normalize=False, ignore_missing=False) for words in (ws1, ws2)]
        first, second = unit_rows(np.array(means))
        return float(first @ second)

    def wmdistance(self, document1: Sequence[str], document2: Sequence[str], norm: bool = True) -> float:
        """The word mover's distance: the least mean Euclidean distance that words of one document travel to become the other.

        A document is the distribution of its words; `norm` divides vectors by their lengths first (Kusner et al. 2015). Time and
        memory grow with the product of the numbers of distinct words.

        >>> from w2v import Embeddings, Vocabulary
        >>> embeddings = Embeddings(Vocabulary(("east", "north", "west"), [3, 2, 1]), [[1, 0], [0, 2], [-3, 0]])
        >>> embeddings.wmdistance(["east", "west"], ["west"])
        1.0
        """
        document1, document2 = several(document1), several(document2)
        if not document1 or not document2:
            raise QueryError("a document has no words; the distance is between two that have some")
        from scipy.spatial.distance import cdist  # for this question alone: takes time to load

        (words1, shares1), (words2, shares2) = _shares(document1), _shares(document2)
        first, second = (np.array([self._resolve(word, norm) for word in words], float) for words in (words1, words2))
        return transport_cost(shares1, shares2, cdist(first, second))

    def rank_by_centrality(self, words: Sequence[str], use_norm: bool = True) -> list[tuple[float, str]]:
        """Words with the products of their vectors and their mean's direction, greatest first; `use_norm` for unit vectors."""
        words = several(words)
        if not words:
            raise QueryError("there is no word to rank; give at least one")
        vectors = np.array([self._resolve(word, use_norm) for word in words])
        mean = unit_rows(vectors.mean(axis=0)[np.newaxis].astype(np.float32))[0]
        ranked = zip((vectors @ mean).tolist(), words, strict=True)
        return sorted(ranked, key=lambda pair: (pair[0], str(pair[1])), reverse=True)

    def doesnt_match(self, words: Sequence[str]) -> str:
        """The word whose direction is farthest from that of the words' mean."""
        return self.rank_by_centrality(words)[-1][1]

    def most_similar_to_given(self, key1: Query, keys_list: Sequence[Query]) -> Query:
        """Which of some words is most similar to a word; the first of equal ones."""
        keys_list = several(keys_list)
        if not keys_list:
            raise QueryError("there is no word to choose from; give at least one")
        return keys_list[int(self.similarity_matrix([key1], keys_list)[0].argmax())]


def _shares(document: Sequence[str]) -> tuple[list[str], NDArray[np.float64]]:
    """The distinct words of a document, and the share that each has in it."""
    counts = Counter(document)
    return list(counts), np.array(list(counts.values())) / len(document)
