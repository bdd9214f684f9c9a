"""Words, their numbers and their vectors: how a query becomes a vector."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import QueryError, UnknownWordError
from w2v.queries.asked import Query, is_key, number_of, refuse_bytes, several
from w2v.search import unit_rows
from w2v.vocabulary import Vocabulary


class Lookup(ABC):
    """The vectors of words, and of whatever else is a query."""

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
        number = number_of(key)
        refuse_bytes(key)
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

    def _has_vector(self, key: Any) -> bool:
        return key in self if isinstance(key, str) else self.has_index_for(key)  # type: ignore[operator]

    def _resolve(self, query: Any, unit: bool) -> NDArray[np.float32]:
        """The vector of a query, float32 [size]; `unit` divides those of words by their lengths."""
        if is_key(query):
            return self.get_vector(query, norm=unit)
        vector = _as_vector(query)
        if vector.shape != (self._rows.shape[1],):
            raise QueryError(
                f"a vector of shape {vector.shape} is no query: these vectors have {self._rows.shape[1]} numbers; "
                "several queries go into a list, and a weight into a pair with its query: [('word', 0.5)]"
            )
        if not np.isfinite(vector).all():
            raise QueryError("a query vector has numbers that are not finite, or too large for float32")
        return vector

    def _unit(self, query: Query) -> NDArray[np.float32]:
        return unit_rows(self._resolve(query, False)[np.newaxis])[0]

    def _units(self, queries: Sequence[Query] | NDArray[Any]) -> NDArray[np.float32]:
        queries = several(queries)
        if not queries:
            raise QueryError("there is no query; give at least one word or vector")
        return unit_rows(np.array([self._resolve(query, False) for query in queries]))

    def _own_numbers(self, queries: Iterable[Any]) -> set[int]:
        return {self._own_number(query) for query in queries} - {-1}

    def _own_number(self, query: Any) -> int:
        """The number of the word that a query is, -1 for others."""
        return self.get_index(query, -1) if is_key(query) else -1


def _as_vector(query: Any) -> NDArray[np.float32]:
    refuse_bytes(query)
    if isinstance(query, Real):
        raise QueryError(
            f"{query!r} is a number, and neither a word nor a vector; a vector goes into a list, [vector], and a weight into a "
            "pair with its query: [('word', 0.5)]"
        )
    try:
        with warnings.catch_warnings(), np.errstate(over="ignore"):
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            return np.asarray(query, np.float32)
    except (TypeError, ValueError, np.exceptions.ComplexWarning):
        raise QueryError(f"{query!r} is neither a word nor a vector") from None
