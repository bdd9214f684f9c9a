"""Rows that start from the vectors of another training run, or of a file, in place of random ones."""

import numpy as np
from numpy.typing import NDArray

from w2v.config import Loss, TrainingConfig
from w2v.embeddings import Embeddings
from w2v.errors import ConfigError
from w2v.ngram_table import NgramTable
from w2v.subwords import NgramRule
from w2v.vocabulary import Vocabulary

_WORDS_AT_ONCE = 4096


def check_start(start: Embeddings, vocabulary: Vocabulary, config: TrainingConfig) -> None:
    """Raise a ConfigError for vectors that a run cannot start from.

    Output rows of hierarchical softmax belong to the inner nodes of a tree that follows from the counts: with other words or
    counts it is another tree, and no row of the old one is that of a node of the new one.
    """
    if start.vector_size != config.vector_size:
        raise ConfigError(
            f"the vectors to start from have {start.vector_size} numbers and vector_size is {config.vector_size}; "
            "they must agree"
        )
    if start.outputs is not None and len(start.outputs) != len(start.vocabulary):
        raise ConfigError(
            f"the vectors to start from have {len(start.outputs)} output rows for {len(start.vocabulary)} words"
        )
    rule = NgramRule(config.min_n, config.max_n, config.bucket)
    if config.subwords and start.subwords is not None and start.subwords.rule != rule:
        raise ConfigError(f"the n-grams to start from follow {start.subwords.rule}, and the options say {rule}")
    if (
        config.loss is Loss.HIERARCHICAL_SOFTMAX
        and start.outputs is not None
        and not _same(start.vocabulary, vocabulary)
    ):
        raise ConfigError(
            "hierarchical softmax cannot go on with other words or counts, which make another tree: the output rows are those "
            "of the old tree's nodes; keep the vocabulary, or start from the vectors alone: "
            "dataclasses.replace(embeddings, outputs=None)"
        )


def take_over(
    start: Embeddings, vocabulary: Vocabulary, table: NgramTable | None, matrices: dict[str, NDArray[np.float32]]
) -> None:
    """Give all words, and n-grams, that have rows in `start` these rows; the others keep theirs.

    With n-grams a word's vector is x = (1/m) (z + Σ_g z_g), so its own row becomes z = m x - Σ_g z_g: all words have the
    vectors that they had, up to rounding, whether these came with n-grams or not.

    Parameters
    ----------
    start : Embeddings
    vocabulary : Vocabulary
        Whose words the rows are.
    table : NgramTable or None
    matrices : dict of float32 [rows, size]
        "outputs", and "inputs" or with a table "parts"; overwritten in place.
    """
    known = [
        (number, start.vocabulary.index(word)) for number, word in enumerate(vocabulary) if word in start.vocabulary
    ]
    own, theirs = np.array(known, np.int64).reshape(-1, 2).T
    if start.outputs is not None:
        _copy(start.outputs, theirs, matrices["outputs"], own)
    if table is None:
        _copy(start.vectors, theirs, matrices["inputs"], own)
        return
    if start.subwords is not None:
        _, ours, buckets = np.intersect1d(table.buckets, start.subwords.buckets, return_indices=True)
        _copy(start.subwords.vectors, buckets, matrices["parts"], len(vocabulary) + ours)
    _copy_composed(start.vectors, theirs, matrices["parts"], own, table)


def _same(first: Vocabulary, second: Vocabulary) -> bool:
    return tuple(first.words) == tuple(second.words) and np.array_equal(first.counts, second.counts)


def _copy(
    rows: NDArray[np.float32], theirs: NDArray[np.int64], matrix: NDArray[np.float32], own: NDArray[np.int64]
) -> None:
    for first in range(0, len(own), _WORDS_AT_ONCE):
        part = slice(first, first + _WORDS_AT_ONCE)
        matrix[own[part]] = rows[theirs[part]]


def _copy_composed(
    vectors: NDArray[np.float32],
    theirs: NDArray[np.int64],
    parts: NDArray[np.float32],
    own: NDArray[np.int64],
    table: NgramTable,
) -> None:
    parts[own] = 0
    for first in range(0, len(own), _WORDS_AT_ONCE):
        words = own[first : first + _WORDS_AT_ONCE]
        sizes = table.starts[words + 1] - table.starts[words]
        begins = np.cumsum(sizes) - sizes
        entries = np.repeat(table.starts[words] - begins, sizes) + np.arange(sizes.sum())
        sums = np.add.reduceat(parts[table.rows[entries]].astype(np.float64), begins, axis=0)
        parts[words] = sizes[:, np.newaxis] * vectors[theirs[first : first + _WORDS_AT_ONCE]].astype(np.float64) - sums
