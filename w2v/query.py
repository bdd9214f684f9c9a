"""What word vectors can be asked, under gensim's names where they mean the same."""

import warnings
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from w2v.errors import QueryError, UnknownWordError
from w2v.index import NearestNeighbors
from w2v.search import best_rows, cosines, nearest, unit_rows
from w2v.transport import transport_cost
from w2v.vocabulary import Vocabulary

Query = str | int | ArrayLike
Asked = Query | tuple[Query, float] | Sequence[Query | tuple[Query, float]]
_COSMUL_EPSILON = 1e-6


class Queries(ABC):
    """Questions to vectors of words; a query is a word, a word's number, or a vector of any length.

    Every method raises UnknownWordError for a word without a vector, and QueryError for what is no query: a vector of another
    size or one with numbers that are not finite, a number that no word has, nothing at all.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def _words(self) -> Vocabulary: ...

    @property
    @abstractmethod
    def _rows(self) -> NDArray[np.float32]: ...

    @property
    @abstractmethod
    def _lengths(self) -> NDArray[np.float64]:
        """The length of each row, 1 for a zero row."""

    @abstractmethod
    def _vector_of(self, word: str) -> NDArray[np.float32]:
        """The vector of a word, known or composed; raises UnknownWordError."""

    def get_index(self, key: str | int, default: int | None = None) -> int:
        """The number of a word, or of a number itself; without one `default`, or where that is None an UnknownWordError."""
        number = _number(key)
        if number is None and not isinstance(key, str):
            raise QueryError(f"{key!r} is neither a word nor a word's number")
        if number is not None and 0 <= number < len(self._words):
            return number
        if number is None and key in self._words:
            return self._words.index(str(key))
        if default is not None:
            return default
        if number is not None:
            raise UnknownWordError(
                f"there is no word of number {number}; the numbers of {len(self._words)} words are below"
            )
        return self._words.index(str(key))

    def has_index_for(self, key: str | int) -> bool:
        """Whether `get_index` finds a number."""
        return self.get_index(key, -1) >= 0

    def get_vector(self, key: str | int, norm: bool = False) -> NDArray[np.float32]:
        """The vector of a word or of a word's number, float32 [size], with `norm` divided by its length."""
        vector = self._vector_of(key) if isinstance(key, str) else self._rows[self.get_index(key)]
        return unit_rows(vector[np.newaxis])[0] if norm else vector

    def get_vecattr(self, key: str | int, attr: str) -> int:
        """How often a word occurred, for the attribute "count"; there are no others."""
        if attr != "count":
            raise QueryError(f"words have no attribute {attr!r} here; there is 'count'")
        return int(self._words.counts[self.get_index(key)])

    def unit_vectors(self, indices: Sequence[int] | slice = slice(None)) -> NDArray[np.float32]:
        """The vectors of some word numbers, divided by their lengths; a zero vector stays zero."""
        return (self._rows[indices] / self._lengths[indices, np.newaxis]).astype(np.float32)

    def get_normed_vectors(self) -> NDArray[np.float32]:
        """All vectors divided by their lengths, as a new array."""
        return self.unit_vectors()

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
        keys = _several(keys)
        if not keys:
            raise QueryError("a mean needs at least one word or vector")
        factors = np.ones(len(keys)) if weights is None else np.asarray(weights, np.float64)
        if factors.shape != (len(keys),) or not np.isfinite(factors).all():
            raise QueryError(
                f"{len(keys)} words or vectors need as many finite weights, not an array of shape {factors.shape}"
            )
        total, whole = np.zeros(self._rows.shape[1]), 0.0
        for key, factor in zip(keys, factors.tolist(), strict=True):
            if ignore_missing and _is_key(key) and not self._has_vector(key):
                continue
            total += factor * self._resolve(key, pre_normalize)
            whole += abs(factor)
        mean = (total / (whole or 1)).astype(np.float32)
        return unit_rows(mean[np.newaxis])[0] if post_normalize else mean

    def similarity(self, w1: Query, w2: Query) -> float:
        """The cosine of the angle between two words' vectors, 0 where one is zero."""
        return float(self._unit(w1) @ self._unit(w2))

    def distance(self, w1: Query, w2: Query) -> float:
        """1 - `similarity`."""
        return 1 - self.similarity(w1, w2)

    def distances(self, word_or_vector: Query, other_words: Iterable[Query] = ()) -> NDArray[np.float32]:
        """1 - cosine between a query and other words, or without those all words: float32, one a word."""
        others = _several(other_words)
        target = self._unit(word_or_vector)[np.newaxis]
        if not others:
            return 1 - cosines(self._rows, self._lengths, target, slice(None))[0]
        return 1 - self.similarity_matrix(target, others)[0]

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
        document1, document2 = _several(document1), _several(document2)
        if not document1 or not document2:
            raise QueryError("a document has no words; the distance is between two that have some")
        (words1, shares1), (words2, shares2) = _shares(document1), _shares(document2)
        first, second = (np.array([self._resolve(word, norm) for word in words], float) for words in (words1, words2))
        return transport_cost(shares1, shares2, np.linalg.norm(first[:, np.newaxis] - second, axis=2))

    def rank_by_centrality(self, words: Sequence[str], use_norm: bool = True) -> list[tuple[float, str]]:
        """Words with the products of their vectors and their mean's direction, greatest first; `use_norm` for unit vectors."""
        words = _several(words)
        if not words:
            raise QueryError("there is no word to rank; give at least one")
        vectors = np.array([self._resolve(word, use_norm) for word in words])
        mean = unit_rows(vectors.mean(axis=0)[np.newaxis].astype(np.float32))[0]
        return sorted(zip((vectors @ mean).tolist(), words, strict=True), reverse=True)

    def doesnt_match(self, words: Sequence[str]) -> str:
        """The word whose direction is farthest from that of the words' mean."""
        return self.rank_by_centrality(words)[-1][1]

    def most_similar_to_given(self, key1: Query, keys_list: Sequence[Query]) -> Query:
        """Which of some words is most similar to a word; the first of equal ones."""
        keys_list = _several(keys_list)
        if not keys_list:
            raise QueryError("there is no word to choose from; give at least one")
        return keys_list[int(self.similarity_matrix([key1], keys_list)[0].argmax())]

    def closer_than(self, key1: Query, key2: str | int) -> list[str]:
        """The words that are nearer to `key1` than `key2` is, in the order of their numbers, without `key1`."""
        distances = self.distances(key1)
        closer = np.flatnonzero(distances < distances[self.get_index(key2)])
        own = self._own_number(key1)
        return [self._words.words[number] for number in closer.tolist() if number != own]

    def rank(self, key1: Query, key2: str | int) -> int:
        """1 for the nearest of all words to `key1`, 2 for the next: how near `key2` is."""
        return len(self.closer_than(key1, key2)) + 1

    def relative_cosine_similarity(self, wa: Query, wb: Query, topn: int = 10) -> float:
        """Two words' similarity over the sum of those of the first one's `topn` nearest words (Leeuwenberg et al. 2016)."""
        similar = self.most_similar(wa, topn=_at_least_one(topn))
        if not similar:
            raise QueryError("there is no other word to compare with")
        return self.similarity(wa, wb) / sum(value for _, value in similar)

    def most_similar(
        self,
        positive: Asked = (),
        negative: Asked = (),
        topn: int | None = 10,
        clip_start: int = 0,
        clip_end: int | None = None,
        restrict_vocab: int | None = None,
        indexer: NearestNeighbors | None = None,
    ) -> Any:
        """The words whose vectors point most nearly the same way as a sum of vectors (3CosAdd, Levy and Goldberg 2014).

        Parameters
        ----------
        positive, negative : a query or a sequence of them
            What is added and what is subtracted: words as unit vectors, vectors as they are. A pair of a query and a number is
            multiplied by that number, among the negative ones too.
        topn : int or None
            How many words; those of the question are left out. None for the cosines of all words.
        clip_start, clip_end, restrict_vocab : int, optional
            Search the words of these numbers only, or the first `restrict_vocab`.
        indexer : NearestNeighbors, optional
            Search this index (`build_index`), which may miss a few; cosines are exact all the same.

        Returns
        -------
        Pairs of a word and its cosine, the greatest first, equal ones by the words' numbers; with topn=None float32 [words].

        Examples
        --------
        >>> from w2v import Embeddings, Vocabulary
        >>> words = ("king", "man", "woman", "queen", "apple")
        >>> vectors = [[1, 1, 0], [1, 0, 0], [0, 0, 1], [0, 1, 1], [1, -1, -1]]
        >>> embeddings = Embeddings(Vocabulary(words, [5, 4, 3, 2, 1]), vectors)
        >>> [(word, round(cosine, 3)) for word, cosine in embeddings.most_similar(["king", "woman"], ["man"], topn=1)]
        [('queen', 0.959)]
        """
        topn = _count_or_none(topn)
        rows = self._searched(clip_start, clip_end, restrict_vocab)
        queries = [*_weighted(positive, 1.0), *_weighted(negative, -1.0)]
        if not queries:
            raise QueryError("most_similar needs at least one word or vector, as positive or negative")
        # A sum, of which only the direction counts.
        total = np.sum([factor * self._resolve(query, True) for query, factor in queries], axis=0)
        target = unit_rows(total.astype(np.float32)[np.newaxis])
        if topn is None:
            if indexer is not None:
                raise QueryError("an index knows the nearest words only; leave indexer out, or say how many with topn")
            return cosines(self._rows, self._lengths, target, slice(rows.start, rows.stop))[0]
        left_out = self._own_numbers(query for query, _ in queries)
        wanted = max(topn, 0) + len(left_out)
        numbers, values = self._search(target, wanted, rows, indexer)
        return self._worded(numbers[0], values[0], left_out, topn)

    def most_similar_cosmul(
        self,
        positive: Query | Sequence[Query] = (),
        negative: Query | Sequence[Query] = (),
        topn: int | None = 10,
        restrict_vocab: int | None = None,
    ) -> Any:
        """The words x with the greatest Π_p (1 + cos(x, p)) / 2 over Π_n (1 + cos(x, n)) / 2 + 0.000001.

        3CosMul, for positive p and negative n (Levy and Goldberg 2014). Arguments and result are those of `most_similar`,
        without weights, and all vectors count as unit vectors; at least one query is positive.
        """
        topn = _count_or_none(topn)
        rows = self._searched(0, None, restrict_vocab)
        added, subtracted = _listed(positive), _listed(negative)
        if not added:
            raise QueryError("most_similar_cosmul needs at least one positive word or vector")
        targets = self._units([*added, *subtracted])
        shares = (1 + cosines(self._rows, self._lengths, targets, slice(rows.start, rows.stop))) / 2
        scores = shares[: len(added)].prod(axis=0) / (shares[len(added) :].prod(axis=0) + _COSMUL_EPSILON)
        if topn is None:
            return scores
        left_out = self._own_numbers([*added, *subtracted])
        numbers = best_rows(scores, max(topn, 0) + len(left_out))
        return self._worded(numbers, scores[numbers], left_out, topn)

    def similar_by_word(self, word: str, topn: int | None = 10, restrict_vocab: int | None = None) -> Any:
        """`most_similar` to one word."""
        return self.most_similar([word], topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_key(self, key: str | int, topn: int | None = 10, restrict_vocab: int | None = None) -> Any:
        """`most_similar` to one word, or to the word of a number."""
        return self.most_similar([key], topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_vector(self, vector: ArrayLike, topn: int | None = 10, restrict_vocab: int | None = None) -> Any:
        """`most_similar` to one vector."""
        return self.most_similar([np.asarray(vector)], topn=topn, restrict_vocab=restrict_vocab)

    def nearest(
        self,
        queries: Sequence[Query] | NDArray[Any],
        topn: int = 10,
        restrict_vocab: int | None = None,
        indexer: NearestNeighbors | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The nearest words of many queries at once, each by itself: one product of matrices for hundreds of them.

        Parameters
        ----------
        queries : words, numbers, or a matrix of vectors [queries, size]
        topn : int, at least 1
        restrict_vocab, indexer
            As in `most_similar`.

        Returns
        -------
        numbers : int64 [queries, topn]
            Those of words, the nearest first; a word is not among its own. -1 where an index found fewer.
        cosines : float32 [queries, topn]

        Examples
        --------
        >>> from w2v import Embeddings, Vocabulary
        >>> embeddings = Embeddings(Vocabulary(("east", "north", "west"), [3, 2, 1]), [[1, 0], [0, 2], [-3, 0]])
        >>> numbers, cosines = embeddings.nearest(["east", "west"], topn=1)
        >>> [embeddings.index_to_key[number] for number in numbers[:, 0]], cosines.tolist()
        (['north', 'north'], [[0.0], [0.0]])
        """
        rows = self._searched(0, None, restrict_vocab)
        queries = _several(queries)
        targets = self._units(queries)
        wanted = _at_least_one(topn) + 1
        numbers, values = self._search(targets, wanted, rows, indexer)
        own = [self._own_number(query) for query in queries]
        # A query's own number goes behind all others, which keep their order.
        order = np.argsort((numbers == np.array(own)[:, np.newaxis]) & (numbers >= 0), axis=1, kind="stable")[:, :topn]
        return np.take_along_axis(numbers, order, axis=1), np.take_along_axis(values, order, axis=1)

    def build_index(self, **options: Any) -> NearestNeighbors:
        """An approximate index of all words (extra `index`), for `indexer`; the options are those of `NearestNeighbors.build`."""
        return NearestNeighbors.build(self._rows, self._lengths, **options)

    def _search(
        self, targets: NDArray[np.float32], wanted: int, rows: range, indexer: NearestNeighbors | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        if indexer is None:
            return nearest(self._rows, self._lengths, targets, wanted, rows)
        if not isinstance(indexer, NearestNeighbors):
            raise QueryError(f"indexer is {indexer!r}; it must be what build_index or load_index returns")
        if len(rows) < len(self._words):
            raise QueryError("an index searches all words; leave restrict_vocab and clips out, or indexer")
        return indexer.search(self._rows, self._lengths, targets, wanted)

    def _has_vector(self, key: Any) -> bool:
        return key in self if isinstance(key, str) else self.has_index_for(key)  # type: ignore[operator]

    def _resolve(self, query: Any, unit: bool) -> NDArray[np.float32]:
        """The vector of a query, float32 [size]; `unit` divides those of words by their lengths."""
        if _is_key(query):
            return self.get_vector(query, norm=unit)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", np.exceptions.ComplexWarning)
                vector = np.asarray(query, np.float32)
        except (TypeError, ValueError, np.exceptions.ComplexWarning):
            raise QueryError(f"{query!r} is neither a word nor a vector") from None
        if vector.shape != (self._rows.shape[1],):
            raise QueryError(
                f"a vector of shape {vector.shape} is no query: these vectors have {self._rows.shape[1]} numbers; "
                "several queries go into a list, and a weight into a pair with its query: [('word', 0.5)]"
            )
        if not np.isfinite(vector).all():
            raise QueryError("a query vector has numbers that are not finite")
        return vector

    def _unit(self, query: Query) -> NDArray[np.float32]:
        return unit_rows(self._resolve(query, False)[np.newaxis])[0]

    def _units(self, queries: Sequence[Query] | NDArray[Any]) -> NDArray[np.float32]:
        queries = _several(queries)
        if not queries:
            raise QueryError("there is no query; give at least one word or vector")
        return unit_rows(np.array([self._resolve(query, False) for query in queries]))

    def _own_numbers(self, queries: Iterable[Any]) -> set[int]:
        return {self._own_number(query) for query in queries} - {-1}

    def _own_number(self, query: Any) -> int:
        """The number of the word that a query is, -1 for others."""
        return self.get_index(query, -1) if _is_key(query) else -1

    def _searched(self, clip_start: int, clip_end: int | None, restrict_vocab: int | None) -> range:
        """The numbers of the words to search."""
        for name, value in (("clip_start", clip_start), ("clip_end", clip_end), ("restrict_vocab", restrict_vocab)):
            if value is not None and (_number(value) is None or value < 0):
                raise QueryError(f"{name} is {value!r}; it must be a whole number of at least 0")
        if restrict_vocab is not None:
            clip_start, clip_end = 0, restrict_vocab
        rows = range(len(self._words))[clip_start:clip_end]
        if not len(rows):
            raise QueryError(
                f"there is no word to search: of {len(self._words)} words, those from {clip_start} to {clip_end} were asked for"
            )
        return rows

    def _worded(
        self, numbers: NDArray[np.int64], values: NDArray[np.floating], left_out: set[int], topn: int
    ) -> list[tuple[str, float]]:
        pairs = zip(numbers.tolist(), values.tolist(), strict=True)
        return [(self._words.words[i], value) for i, value in pairs if i not in left_out and i >= 0][: max(topn, 0)]


def _shares(document: Sequence[str]) -> tuple[list[str], NDArray[np.float64]]:
    """The distinct words of a document, and the share that each has in it."""
    counts = Counter(document)
    return list(counts), np.array(list(counts.values())) / len(document)


def _number(key: Any) -> int | None:
    return int(key) if isinstance(key, Integral) and not isinstance(key, bool) else None


def _several(words: Any) -> list[Any]:
    """What is given as several words or vectors, as a list; one word would be taken for its letters."""
    if isinstance(words, str | bytes):
        raise QueryError(f"{words!r} is one word, where several are asked for; write [{words!r}, ...]")
    try:
        return list(words)
    except TypeError:
        raise QueryError(f"{words!r} is no sequence of words or vectors") from None


def _is_key(query: Any) -> bool:
    return isinstance(query, str) or _number(query) is not None


def _listed(asked: Any) -> list[Any]:
    if asked is None:
        return []
    if _is_key(asked) or (isinstance(asked, np.ndarray) and asked.ndim == 1 and asked.dtype.kind in "fiu"):
        return [asked]
    try:
        return list(asked)
    except TypeError:
        raise QueryError(f"{asked!r} is neither a word nor a vector, nor a sequence of them") from None


def _weighted(asked: Any, usual: float) -> list[tuple[Any, float]]:
    """Queries with their factors; a pair of a query and a number has that one."""
    return [_pair(query) if _is_pair(query) else (query, usual) for query in _listed(asked)]


def _is_pair(query: Any) -> bool:
    """Whether this is a query with its weight, and not a vector of two numbers."""
    return (
        isinstance(query, tuple)
        and len(query) == 2
        and (_is_key(query[0]) or isinstance(query[0], list | tuple | np.ndarray))
    )


def _pair(query: tuple[Any, Any]) -> tuple[Any, float]:
    if isinstance(query[1], bool) or not isinstance(query[1], Real) or not np.isfinite(float(query[1])):
        raise QueryError(f"{query!r} has a weight that is not a finite number")
    return query[0], float(query[1])


def _count_or_none(topn: Any) -> int | None:
    if topn is not None and _number(topn) is None:
        raise QueryError(f"topn is {topn!r}; it must be a whole number, or None for all words")
    return topn


def _at_least_one(topn: int) -> int:
    if _number(topn) is None or topn < 1:
        raise QueryError(f"topn is {topn!r}; it must be a whole number of at least 1")
    return int(topn)
