"""Word vectors, and what they answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from w2v.arrays import read_only
from w2v.errors import UnknownWordError, W2VError
from w2v.subwords import Subwords
from w2v.vocabulary import Vocabulary

Query = str | ArrayLike


@dataclass(frozen=True, slots=True, eq=False)
class Embeddings:
    """A vector for each word of a vocabulary, and with `subwords` for unseen words too.

    A word outside of the vocabulary has the mean of its known n-grams' vectors (`Subwords.vector`), where it has one. It is `in`
    the embeddings, and can be asked for; the answers of `most_similar` are words of the vocabulary.

    Parameters
    ----------
    vocabulary : Vocabulary
    vectors : float32 [words, size], read-only, finite
    outputs : float32 [rows, size], read-only, optional
        The output rows that were trained beside the vectors, which are the input rows; files do not keep them.
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
        finite = np.isfinite(vectors.min(axis=1, initial=0)) & np.isfinite(vectors.max(axis=1, initial=0))
        if not finite.all():
            raise ValueError(f"the vector of {self.vocabulary.words[int(finite.argmin())]!r} is not finite")
        norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
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

    def __len__(self) -> int:
        return len(self.vocabulary)

    def __contains__(self, word: object) -> bool:
        if word in self.vocabulary:
            return True
        return self.subwords is not None and isinstance(word, str) and len(self.subwords.rows(word)) > 0

    def __getitem__(self, words: str | Sequence[str]) -> NDArray[np.float32]:
        """The vector of a word, float32 [size], or of several, float32 [words, size]; raises UnknownWordError."""
        if isinstance(words, str):
            return self._vector(words)
        if self.subwords is None:
            return self.vectors[self.vocabulary.indices(words)]
        return np.array([self._vector(word) for word in words], np.float32).reshape(-1, self.vector_size)

    def _vector(self, word: str) -> NDArray[np.float32]:
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

    def _unit_vector(self, word: str) -> NDArray[np.float32]:
        if word in self.vocabulary:
            return self.unit_vectors([self.vocabulary.index(word)])[0]
        return _unit(self._vector(word))

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

    def unit_vectors(self, indices: Sequence[int] | slice = slice(None)) -> NDArray[np.float32]:
        """The vectors of some word numbers, divided by their lengths; a zero vector stays zero."""
        return (self.vectors[indices] / self._norms[indices, np.newaxis]).astype(np.float32)

    def similarity(self, first: str, second: str) -> float:
        """The cosine of the angle between two words' vectors."""
        return float(self._unit_vector(first) @ self._unit_vector(second))

    def most_similar(
        self, positive: Query | Sequence[Query] = (), negative: Query | Sequence[Query] = (), topn: int = 10
    ) -> list[tuple[str, float]]:
        """The words whose vectors point most nearly the same way as a sum of unit vectors.

        Parameters
        ----------
        positive, negative : word, vector, or sequence of them
            What is added and what is subtracted, each first divided by its length (Levy and Goldberg 2014, 3CosAdd).
        topn : int
            How many words; those of the question are left out.

        Returns
        -------
        Pairs of a word and its cosine, the greatest first, equal ones by the words' numbers.

        Raises
        ------
        UnknownWordError
            When a word has no vector.
        W2VError
            When nothing is asked for.
        """
        asked = [(query, 1.0) for query in _queries(positive)] + [(query, -1.0) for query in _queries(negative)]
        if not asked:
            raise W2VError("most_similar needs at least one word or vector, as positive or negative")
        target = np.zeros(self.vector_size, np.float32)
        left_out = set()
        for query, sign in asked:
            if isinstance(query, str):
                target += sign * self._unit_vector(query)
                if query in self.vocabulary:
                    left_out.add(self.vocabulary.index(query))
            else:
                target += sign * _unit(np.asarray(query, np.float32))
        cosines = self.vectors @ _unit(target) / self._norms
        wanted = min(max(topn, 0) + len(left_out), len(self))
        nearest = np.argpartition(-cosines, wanted - 1)[:wanted]
        nearest = nearest[np.lexsort((nearest, -cosines[nearest]))]
        return [(self.vocabulary.words[i], float(cosines[i])) for i in nearest if i not in left_out][: max(topn, 0)]


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return (vector / (np.linalg.norm(vector.astype(np.float64)) or 1)).astype(np.float32)


def _queries(asked: Query | Sequence[Query]) -> list[Query]:
    if isinstance(asked, str):
        return [asked]
    if isinstance(asked, np.ndarray):
        return [asked] if asked.ndim == 1 else list(asked)
    return list(asked)  # type: ignore[arg-type]
