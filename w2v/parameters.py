"""The rows that a run trains, of plain words or of words made of n-grams, and the embeddings that they are."""

import numpy as np
from numpy.typing import NDArray

from w2v.config import TrainingConfig
from w2v.embeddings import Embeddings
from w2v.errors import DivergenceError
from w2v.ngram_table import ngram_table
from w2v.starting import check_start, take_over
from w2v.subword_kernels import Parts, compose_words
from w2v.subwords import NgramRule, Subwords
from w2v.vocabulary import Vocabulary
from w2v.weights import composed_weights, initial_parts, initial_weights, output_rows, row_views, trained_rows


class Parameters:
    """Rows as they are before training.

    Parameters
    ----------
    vocabulary : Vocabulary
    config : TrainingConfig
    start : Embeddings, optional
        Whose rows its words, and n-grams, start with; the others start as ever.

    Raises
    ------
    ConfigError
        When `start` does not go with the options.

    Attributes
    ----------
    weights : list of Weights
        What each thread trains on.
    parts : Parts or None
        With n-grams, the rows of which words are made.
    matrices : dict of float32 [rows, vector_size]
        All that is trained, where it lies, writable: "inputs" [words], or with n-grams "parts" [words and n-grams], and
        "outputs" [words].

    Examples
    --------
    >>> rows = Parameters(Vocabulary(("a", "b"), [2, 1]), TrainingConfig(vector_size=20, subwords=True, min_n=2, max_n=2))
    >>> {name: matrix.shape for name, matrix in rows.matrices.items()}  # <a, a>, <b and b> have rows too
    {'parts': (6, 20), 'outputs': (2, 20)}
    """

    def __init__(self, vocabulary: Vocabulary, config: TrainingConfig, start: Embeddings | None = None) -> None:
        if start is not None:
            check_start(start, vocabulary, config)
        words = len(vocabulary)
        self._vocabulary, self._config = vocabulary, config
        self._rule = NgramRule(config.min_n, config.max_n, config.bucket)
        self._table = ngram_table(vocabulary.words, self._rule) if config.subwords else None
        self.parts = None
        if self._table is not None:
            self.parts = Parts(initial_parts(len(self._table), config), self._table.starts, self._table.rows)
        self.weights = (initial_weights if self.parts is None else composed_weights)(words, config)
        outputs = self._views(self.weights[0].outputs, words)
        if self.parts is None or self._table is None:
            self.matrices = {"inputs": self._views(self.weights[0].inputs, words), "outputs": outputs}
        else:
            self.matrices = {"parts": self._views(self.parts.matrix, len(self._table)), "outputs": outputs}
        if start is not None:
            take_over(start, vocabulary, self._table, self.matrices)

    def embeddings(self) -> Embeddings:
        """The vectors as they are now, in a view that further training changes.

        Raises DivergenceError when they are not finite.
        """
        self._compose()
        return self._embeddings(self._views(self.weights[0].inputs, len(self._vocabulary)))

    def finish(self) -> Embeddings:
        """The vectors, moved together where they lie; the rows are of no use for training afterwards.

        Raises DivergenceError when they are not finite.
        """
        self._compose()
        return self._embeddings(trained_rows(self.weights[0], len(self._vocabulary), self._config.vector_size))

    def _views(self, rows: NDArray[np.float32], count: int) -> NDArray[np.float32]:
        return row_views(rows, self.weights[0].stride, count, self._config.vector_size)

    def _compose(self) -> None:
        if self.parts is not None:
            compose_words(len(self._vocabulary), self.weights[0], self.parts)

    def _embeddings(self, vectors: NDArray[np.float32]) -> Embeddings:
        words = len(self._vocabulary)
        if not np.isfinite([vectors.min(), vectors.max()]).all():
            raise DivergenceError(
                f"the vectors are not finite after training with alpha {self._config.alpha}; lower it"
            )
        subwords = None
        if self._table is not None:
            subwords = Subwords(self._rule, self._table.buckets, self.matrices["parts"][words:])
        outputs = output_rows(self.weights[0], words, self._config.vector_size)
        return Embeddings(self._vocabulary, vectors, outputs, subwords)
