"""Which of all words are nearest to what is asked."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from w2v.errors import QueryError
from w2v.index import NearestNeighbors
from w2v.queries.asked import Asked, Query, at_least_one, count_or_none, listed, number_of, several, weighted
from w2v.queries.similarities import Similarities
from w2v.search import best_rows, cosines, nearest

_COSMUL_EPSILON = 1e-6


class Neighbors(Similarities):
    """The words whose vectors point most nearly the same way, by 3CosAdd, by 3CosMul, or for many queries at once."""

    __slots__ = ()

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
            multiplied by that number, among the negative ones too. What cancels to nothing is an error; a word whose vector is
            zero has cosine 0 with all words.
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
        topn = count_or_none(topn)
        rows = self._searched(clip_start, clip_end, restrict_vocab)
        queries = [*weighted(positive, 1.0), *weighted(negative, -1.0)]
        if not queries:
            raise QueryError("most_similar needs at least one word or vector, as positive or negative")
        target = self._direction(queries)[np.newaxis]
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
        topn = count_or_none(topn)
        rows = self._searched(0, None, restrict_vocab)
        added, subtracted = listed(positive), listed(negative)
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
        queries = several(queries)
        targets = self._units(queries)
        wanted = at_least_one(topn) + 1
        numbers, values = self._search(targets, wanted, rows, indexer)
        own = [self._own_number(query) for query in queries]
        # A query's own number goes behind all others, which keep their order.
        order = np.argsort((numbers == np.array(own)[:, np.newaxis]) & (numbers >= 0), axis=1, kind="stable")[:, :topn]
        return np.take_along_axis(numbers, order, axis=1), np.take_along_axis(values, order, axis=1)

    def build_index(self, **options: Any) -> NearestNeighbors:
        """An approximate index of all words (extra `index`), for `indexer`; the options are those of `NearestNeighbors.build`."""
        return NearestNeighbors.build(self._rows, self._lengths, **options)

    def _direction(self, queries: Sequence[tuple[Any, float]]) -> NDArray[np.float32]:
        """The direction of a weighted sum of queries, float32 [size]; zero where all of them are zero vectors."""
        rows = np.array([self._resolve(query, True) for query, _ in queries], np.float64)
        factors = np.array([factor for _, factor in queries])
        factors /= np.abs(factors).max() or 1  # only the direction counts, and nothing overflows
        total, parts = factors @ rows, np.abs(factors) @ np.linalg.norm(rows, axis=1)
        length = float(np.linalg.norm(total))
        # Rows of float32 are exact to eps; what is left of a sum below that is rounding.
        if not factors.any() or (parts > 0 and length <= parts * np.finfo(np.float32).eps):
            raise QueryError("what is added and what is subtracted cancel each other; nothing is nearest to nothing")
        return (total / (length or 1)).astype(np.float32)

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

    def _searched(self, clip_start: int, clip_end: int | None, restrict_vocab: int | None) -> range:
        """The numbers of the words to search."""
        for name, value in (("clip_start", clip_start), ("clip_end", clip_end), ("restrict_vocab", restrict_vocab)):
            if value is not None and (number_of(value) is None or value < 0):
                raise QueryError(f"{name} is {value!r}; it must be a whole number of at least 0")
        if restrict_vocab is not None:
            clip_start, clip_end = 0, restrict_vocab
        rows = range(len(self._words))[clip_start:clip_end]
        if not len(rows):
            end = len(self._words) if clip_end is None else clip_end
            raise QueryError(
                f"there is no word to search: of {len(self._words)} words, those from {clip_start} to {end} were asked for"
            )
        return rows

    def _worded(
        self, numbers: NDArray[np.int64], values: NDArray[np.floating], left_out: set[int], topn: int
    ) -> list[tuple[str, float]]:
        pairs = zip(numbers.tolist(), values.tolist(), strict=True)
        return [(self._words.words[i], value) for i, value in pairs if i not in left_out and i >= 0][: max(topn, 0)]
