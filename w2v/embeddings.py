"""Word vectors, and what they answer."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any, NoReturn, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from w2v import gensim_names
from w2v.arrays import read_only
from w2v.errors import QueryError, UnknownWordError, VectorsError
from w2v.files import Path
from w2v.index import NearestNeighbors
from w2v.queries.asked import is_key, number_of, refuse_bytes, several
from w2v.query import Queries
from w2v.search import row_norms
from w2v.subwords import Subwords
from w2v.tables import MOST_ROWS, Table, Tabular
from w2v.vocabulary import Vocabulary

# of a vector, in a notebook
MOST_NUMBERS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Embeddings(Tabular, Queries):
    """A vector for each word of a vocabulary, and with `subwords` for unseen words too.

    A word outside of the vocabulary has the mean of its known n-grams' vectors (`Subwords.vector`), where it has one. It is `in`
    the embeddings, and can be asked for; the answers of `most_similar` are words of the vocabulary.

    Parameters
    ----------
    vocabulary : Vocabulary
    vectors : float32 [words, size], read-only, finite
    outputs : float32 [rows, size], read-only, optional
        The output rows that were trained beside the vectors, which are the input rows.
    subwords : Subwords, optional
        Vectors of n-grams, of the same size.

    Raises
    ------
    VectorsError
        When the arrays do not fit to each other, or a number is not finite.

    Examples
    --------
    >>> vocabulary = Vocabulary(("king", "queen", "apple"), [3, 2, 1])
    >>> embeddings = Embeddings(vocabulary, [[2, 0], [3, 1], [-1, 2]])
    >>> "king" in embeddings, len(embeddings), embeddings["queen"].tolist()
    (True, 3, [3.0, 1.0])
    >>> round(embeddings.similarity("king", "queen"), 4)
    0.9487
    >>> [word for word, _ in embeddings.most_similar("king")]
    ['queen', 'apple']
    """

    vocabulary: Vocabulary
    vectors: NDArray[np.float32]
    outputs: NDArray[np.float32] | None = field(default=None, repr=False)
    subwords: Subwords | None = field(default=None, repr=False)
    _norms: NDArray[np.float64] = field(init=False, repr=False)
    _numbers_by_word: dict[str, int] | None = field(init=False, repr=False, default=None)
    _words_by_number: list[str] | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        vectors = read_only(self.vectors, np.float32)
        if vectors.ndim != 2 or len(vectors) != len(self.vocabulary):
            raise VectorsError(
                f"{len(self.vocabulary)} words need as many rows of vectors, not an array of shape {vectors.shape}"
            )
        norms = row_norms(vectors)
        finite = np.isfinite(norms)
        if not finite.all():
            raise VectorsError(f"the vector of {self.vocabulary.words[int(finite.argmin())]!r} is not finite")
        if self.outputs is not None:
            outputs = read_only(self.outputs, np.float32)
            if outputs.ndim != 2 or outputs.shape[1] != vectors.shape[1]:
                raise VectorsError(f"outputs of shape {outputs.shape} need rows as long as vectors {vectors.shape}")
            object.__setattr__(self, "outputs", outputs)
        if self.subwords is not None and self.subwords.vectors.shape[1] != vectors.shape[1]:
            raise VectorsError(
                f"the n-grams' vectors have {self.subwords.vectors.shape[1]} numbers, those of the words {vectors.shape[1]}"
            )
        object.__setattr__(self, "vectors", vectors)
        object.__setattr__(self, "_norms", np.where(norms > 0, norms, 1))

    @classmethod
    def checked_before(
        cls,
        vocabulary: Vocabulary,
        vectors: NDArray[np.float32],
        norms: NDArray[np.float64],
        outputs: NDArray[np.float32] | None,
        subwords: Subwords | None,
    ) -> "Embeddings":
        """Embeddings of arrays that fit together and were checked when they were written: not one row is read.

        `norms` are the lengths of the vectors, float64 [words], and 1 for a vector of length 0.
        """
        embeddings = cls.__new__(cls)
        values = (
            vocabulary,
            read_only(vectors, np.float32),
            outputs,
            subwords,
            read_only(norms, np.float64),
            None,
            None,
        )
        for name, value in zip(cls.__slots__, values, strict=True):
            object.__setattr__(embeddings, name, value)
        return embeddings

    def __len__(self) -> int:
        return len(self.vocabulary)

    def __iter__(self) -> Iterator[str]:
        """The words, by their numbers."""
        return iter(self.vocabulary)

    def __contains__(self, word: object) -> bool:
        """Whether a word, or a word's number, has a vector."""
        if word in self.vocabulary or (number_of(word) is not None and self.has_index_for(cast(int, word))):
            return True
        return self.subwords is not None and isinstance(word, str) and len(self.subwords.rows(word)) > 0

    def __getitem__(self, words: str | int | Sequence[str | int]) -> NDArray[np.float32]:
        """The vector of a word or of a word's number, float32 [size], or of several, float32 [words, size].

        Raises UnknownWordError for a word without a vector, and QueryError for what is no word.
        """
        if isinstance(words, str | Integral):
            return self.get_vector(words)
        refuse_bytes(words)
        if isinstance(words, slice) or not isinstance(words, Iterable) or np.ndim(_if_array(words)) != 1:
            raise QueryError(f"{words!r} is neither a word nor a list of words; rows by number are in vectors")
        if self.subwords is None:
            return self.vectors[[self.get_index(word) for word in words]]
        return np.array([self.get_vector(word) for word in words], np.float32).reshape(-1, self.vector_size)

    def _vector_of(self, word: str) -> NDArray[np.float32]:
        if self.subwords is None or word in self.vocabulary or not isinstance(word, str):
            return self.vectors[self.vocabulary.index(word)]
        vector = self.subwords.vector(word)
        if vector is None:
            rule = self.subwords.rule
            raise UnknownWordError(
                f"the word {word!r} is not in the vocabulary of {len(self)} words, and none of its n-grams of {rule.min_n} to "
                f"{rule.max_n} characters is in a word of the training corpus"
            )
        return vector

    @property
    def vector_size(self) -> int:
        """Numbers in a vector."""
        return self.vectors.shape[1]

    @property
    def key_to_index(self) -> dict[str, int]:
        """The number of each word, made when first asked for; gensim's name. A copy: to change it changes no answer."""
        if self._numbers_by_word is None:
            numbers = {word: number for number, word in enumerate(self.vocabulary.words)}
            object.__setattr__(self, "_numbers_by_word", numbers)
        return cast(dict[str, int], self._numbers_by_word)

    @property
    def index_to_key(self) -> list[str]:
        """The words by number, made when first asked for; gensim's name. A copy: to change it changes no answer."""
        if self._words_by_number is None:
            object.__setattr__(self, "_words_by_number", list(self.vocabulary.words))
        return cast(list[str], self._words_by_number)

    def vectors_for_all(self, keys: Iterable[str], allow_inference: bool = True) -> "Embeddings":
        """Embeddings of some words alone, in their order, each once; those without a vector are left out.

        With `allow_inference` words outside of the vocabulary get the vector of their n-grams, and the count 0.
        """
        asked = [
            self.vocabulary.words[key] if number_of(key) is not None and key in self else key for key in several(keys)
        ]
        for key in asked:
            if not is_key(key):
                raise QueryError(f"{key!r} is neither a word nor a word's number")
        known = [word for word in dict.fromkeys(asked) if word in (self if allow_inference else self.vocabulary)]
        counts = [
            int(self.vocabulary.counts[self.vocabulary.index(word)]) if word in self.vocabulary else 0 for word in known
        ]
        return Embeddings(Vocabulary(tuple(known), np.array(counts, np.int64)), self[known])

    def with_vectors(
        self, words: Sequence[str], vectors: ArrayLike, counts: ArrayLike | None = None, *, replace: bool = False
    ) -> "Embeddings":
        """New embeddings with more words behind these, as gensim's add_vectors adds them; n-grams stay, output rows do not.

        Parameters
        ----------
        words : distinct str
        vectors : float32 [words, size]
        counts : int64 [words], optional
            Those of the words that are new; without them 0.
        replace : bool
            Whether words that are there get the new vectors; otherwise they are an error.

        Raises
        ------
        QueryError
            When arrays do not fit, or a word is there already, or twice.

        Examples
        --------
        >>> embeddings = Embeddings(Vocabulary(("king", "queen"), [3, 2]), [[2, 0], [3, 1]])
        >>> embeddings.with_vectors(["queen", "apple"], [[4, 1], [-1, 2]], replace=True).vectors.tolist()
        [[2.0, 0.0], [4.0, 1.0], [-1.0, 2.0]]
        """
        words = several(words)
        rows = self._rows_to_add(words, vectors)
        times = np.zeros(len(words), np.int64) if counts is None else np.asarray(counts)
        if times.shape != (len(words),) or times.dtype.kind not in "iu":
            raise QueryError(
                f"{len(words)} words need as many whole numbers as counts, not an array of shape {times.shape}"
            )
        is_new = np.array([word not in self.vocabulary for word in words], bool)
        if not (replace or is_new.all()):
            raise QueryError(
                f"the word {words[int(is_new.argmin())]!r} is there already; write replace=True to replace its vector"
            )
        changed = np.array(self.vectors)
        changed[[self.vocabulary.index(word) for word in words if word in self.vocabulary]] = rows[~is_new]
        added = tuple(word for word, new in zip(words, is_new.tolist(), strict=True) if new)
        vocabulary = Vocabulary(
            (*self.vocabulary.words, *added), np.concatenate([self.vocabulary.counts, times[is_new]])
        )
        return Embeddings(vocabulary, np.concatenate([changed, rows[is_new]]), subwords=self.subwords)

    def _rows_to_add(self, words: Sequence[Any], vectors: ArrayLike) -> NDArray[np.float32]:
        try:
            rows = np.asarray(vectors, np.float32)
        except (TypeError, ValueError):
            raise QueryError("the vectors to add are no array of numbers") from None
        if rows.shape != (len(words), self.vector_size) or not np.isfinite(rows).all():
            raise QueryError(
                f"{len(words)} words need as many rows of {self.vector_size} finite numbers, not an array of shape {rows.shape}"
            )
        odd = [word for word in words if not isinstance(word, str)]
        odd = odd or [word for word, times in Counter(words).items() if times > 1]
        if odd:
            raise QueryError(f"{odd[0]!r} is no word, or is given twice")
        return rows

    def load_index(self, path: Path) -> NearestNeighbors:
        """The index that `NearestNeighbors.save` wrote for these vectors; mapped into memory."""
        return NearestNeighbors.load(path, self.vectors)

    def _tables(self) -> tuple[Table, ...]:
        """The first words with their counts, and the first numbers of their vectors."""
        words, count = self.vocabulary, min(len(self), MOST_ROWS)
        rows = [(words.words[n], words.counts[n], tuple(self.vectors[n, :MOST_NUMBERS])) for n in range(count)]
        header = ("word", "count", "vector" if self.vector_size <= MOST_NUMBERS else "vector, its first numbers")
        return (Table(repr(self).strip("<>"), header, rows, len(self) - count),)

    def __repr__(self) -> str:
        parts = {"output rows": self.outputs is not None, "n-grams": self.subwords is not None}
        also = "".join(f", {name}" for name, there in parts.items() if there)
        return f"<Embeddings: {len(self):,} words of {self.vector_size} numbers{also}>"

    def __deepcopy__(self, memo: dict[int, Any]) -> "Embeddings":
        """Themselves: nothing in them changes."""
        return self

    @property
    def _words(self) -> Vocabulary:
        return self.vocabulary

    @property
    def _rows(self) -> NDArray[np.float32]:
        return self.vectors

    @property
    def _lengths(self) -> NDArray[np.float64]:
        return self._norms

    def __getattr__(self, name: str) -> NoReturn:
        """Only for what is not there: says what gensim's name stands for."""
        hint = gensim_names.ATTRIBUTES.get(name)
        raise AttributeError(f"embeddings have no attribute {name!r}" + (f"; {hint}" if hint else ""))


def _if_array(words: Any) -> Any:
    """An array itself; in place of any other sequence an empty one, which has one dimension."""
    return words if isinstance(words, np.ndarray) else ()
