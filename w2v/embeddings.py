"""Word vectors, and what they answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from w2v import gensim_names
from w2v.arrays import read_only
from w2v.errors import QueryError, UnknownWordError
from w2v.files import Path
from w2v.index import NearestNeighbors
from w2v.query import Queries
from w2v.search import row_norms
from w2v.subwords import Subwords
from w2v.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, eq=False)
class Embeddings(Queries):
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

    def __post_init__(self) -> None:
        vectors = read_only(self.vectors, np.float32)
        if vectors.ndim != 2 or len(vectors) != len(self.vocabulary):
            raise ValueError(
                f"{len(self.vocabulary)} words need as many rows of vectors, not an array of shape {vectors.shape}"
            )
        norms = row_norms(vectors)
        finite = np.isfinite(norms)
        if not finite.all():
            raise ValueError(f"the vector of {self.vocabulary.words[int(finite.argmin())]!r} is not finite")
        if self.outputs is not None:
            outputs = read_only(self.outputs, np.float32)
            if outputs.ndim != 2 or outputs.shape[1] != vectors.shape[1]:
                raise ValueError(f"outputs of shape {outputs.shape} need rows as long as vectors {vectors.shape}")
            object.__setattr__(self, "outputs", outputs)
        if self.subwords is not None and self.subwords.vectors.shape[1] != vectors.shape[1]:
            raise ValueError(
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
        values = (vocabulary, read_only(vectors, np.float32), outputs, subwords, read_only(norms, np.float64))
        for name, value in zip(("vocabulary", "vectors", "outputs", "subwords", "_norms"), values, strict=True):
            object.__setattr__(embeddings, name, value)
        return embeddings

    def __len__(self) -> int:
        return len(self.vocabulary)

    def __contains__(self, word: object) -> bool:
        if word in self.vocabulary:
            return True
        return self.subwords is not None and isinstance(word, str) and len(self.subwords.rows(word)) > 0

    def __getitem__(self, words: str | int | Sequence[str | int]) -> NDArray[np.float32]:
        """The vector of a word or of a word's number, float32 [size], or of several, float32 [words, size].

        Raises UnknownWordError for a word without a vector, and QueryError for what is no word.
        """
        if isinstance(words, str | Integral):
            return self.get_vector(words)
        if isinstance(words, slice) or not isinstance(words, Iterable):
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
        """The number of each word, as a new dictionary; gensim's name."""
        return {word: number for number, word in enumerate(self.vocabulary.words)}

    @property
    def index_to_key(self) -> list[str]:
        """The words by number, as a new list; gensim's name."""
        return list(self.vocabulary.words)

    def vectors_for_all(self, keys: Iterable[str], allow_inference: bool = True) -> "Embeddings":
        """Embeddings of some words alone, in their order, each once; those without a vector are left out.

        With `allow_inference` words outside of the vocabulary get the vector of their n-grams, and the count 0.
        """
        if isinstance(keys, str):
            raise QueryError(f"{keys!r} is one word, where several are asked for; write [{keys!r}, ...]")
        known = [word for word in dict.fromkeys(keys) if word in (self if allow_inference else self.vocabulary)]
        counts = [
            int(self.vocabulary.counts[self.vocabulary.index(word)]) if word in self.vocabulary else 0 for word in known
        ]
        return Embeddings(Vocabulary(tuple(known), np.array(counts, np.int64)), self[known])

    def load_index(self, path: Path) -> NearestNeighbors:
        """The index that `NearestNeighbors.save` wrote for these vectors; mapped into memory."""
        return NearestNeighbors.load(path, self.vectors)

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
