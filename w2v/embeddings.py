"""Word vectors, and what they answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from w2v.arrays import read_only
from w2v.errors import W2VError
from w2v.vocabulary import Vocabulary

Query = str | ArrayLike


@dataclass(frozen=True, slots=True, eq=False)
class Embeddings:
    """A vector for each word of a vocabulary.

    Parameters
    ----------
    vocabulary : Vocabulary
    vectors : float32 [words, size], read-only, finite
    outputs : float32 [rows, size], read-only, optional
        The output rows that were trained beside the vectors, which are the input rows; files do not keep them.

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
    _norms: NDArray[np.float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        vectors = read_only(self.vectors, np.float32)
        if vectors.ndim != 2 or len(vectors) != len(self.vocabulary):
            raise ValueError(
                f"{len(self.vocabulary)} words need as many rows of vectors, not an array of shape {vectors.shape}"
            )
        finite = np.isfinite(vectors).all(axis=1)
        if not finite.all():
            raise ValueError(f"the vector of {self.vocabulary.words[int(finite.argmin())]!r} is not finite")
        norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
        if self.outputs is not None:
            outputs = read_only(self.outputs, np.float32)
            if outputs.ndim != 2 or outputs.shape[1] != vectors.shape[1]:
                raise ValueError(f"outputs of shape {outputs.shape} need rows as long as vectors {vectors.shape}")
            object.__setattr__(self, "outputs", outputs)
        object.__setattr__(self, "vectors", vectors)
        object.__setattr__(self, "_norms", np.where(norms > 0, norms, 1))

    def __len__(self) -> int:
        return len(self.vocabulary)

    def __contains__(self, word: object) -> bool:
        return word in self.vocabulary

    def __getitem__(self, words: str | Sequence[str]) -> NDArray[np.float32]:
        """The vector of a word, float32 [size], or of several, float32 [words, size]; raises UnknownWordError."""
        if isinstance(words, str):
            return self.vectors[self.vocabulary.index(words)]
        return self.vectors[self.vocabulary.indices(words)]

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
        a, b = self.unit_vectors(self.vocabulary.indices([first, second]))
        return float(a @ b)

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
                index = self.vocabulary.index(query)
                left_out.add(index)
                target += sign * self.unit_vectors([index])[0]
            else:
                vector = np.asarray(query, np.float32)
                target += sign * vector / (np.linalg.norm(vector) or 1)
        cosines = self.vectors @ (target / (np.linalg.norm(target) or 1)) / self._norms
        wanted = min(max(topn, 0) + len(left_out), len(self))
        nearest = np.argpartition(-cosines, wanted - 1)[:wanted]
        nearest = nearest[np.lexsort((nearest, -cosines[nearest]))]
        return [(self.vocabulary.words[i], float(cosines[i])) for i in nearest if i not in left_out][: max(topn, 0)]


def _queries(asked: Query | Sequence[Query]) -> list[Query]:
    if isinstance(asked, str):
        return [asked]
    if isinstance(asked, np.ndarray):
        return [asked] if asked.ndim == 1 else list(asked)
    return list(asked)  # type: ignore[arg-type]
