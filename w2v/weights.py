"""The two matrices that are trained, laid out for the kernels."""

import numpy as np
from numpy.typing import NDArray

from w2v.arrays import read_only
from w2v.config import TrainingConfig
from w2v.workspace import ROW_ALIGNMENT, Weights, aligned_zeros, spare_input_rows

_ROWS_AT_ONCE = 4096


def initial_weights(words: int, config: TrainingConfig) -> list[Weights]:
    """Input rows drawn uniformly from ±1 / (2 vector_size), output rows zero, as in word2vec.c.

    Returns one view of the same two matrices for each thread, with spare rows of its own.

    >>> first, second = initial_weights(3, TrainingConfig(vector_size=20, threads=2))
    >>> first.inputs is second.inputs, first.stride, first.outputs.shape
    (True, 32, (160,))
    """
    weights = _zero_weights(words, config)
    rows = row_views(weights[0].inputs, weights[0].stride, words, config.vector_size)
    _fill_uniformly(rows, config.vector_size, config.seed)
    return weights


def initial_parts(rows: int, config: TrainingConfig) -> NDArray[np.float32]:
    """Rows of which words are the means, drawn uniformly from ±1 / vector_size as fastText means to, float32 [rows * stride].

    >>> initial_parts(3, TrainingConfig(vector_size=20)).shape
    (96,)
    """
    stride = _row_stride(config.vector_size)
    parts = aligned_zeros(rows * stride)
    _fill_uniformly(row_views(parts, stride, rows, config.vector_size), config.vector_size / 2, config.seed)
    return parts


def composed_weights(words: int, config: TrainingConfig) -> list[Weights]:
    """Output rows of zeros for all threads, and for each thread input rows of its own, to be fetched from the words' parts.

    >>> first, second = composed_weights(3, TrainingConfig(vector_size=20, threads=2))
    >>> first.inputs is second.inputs, first.outputs is second.outputs
    (False, True)
    """
    stride = _row_stride(config.vector_size)
    inputs = words + _spare_rows(config)
    outputs = aligned_zeros((words + config.threads) * stride)
    return [
        Weights(aligned_zeros(inputs * stride), outputs, stride, words * stride, (words + thread) * stride)
        for thread in range(config.threads)
    ]


def loaded_weights(vectors: NDArray[np.float32], outputs: NDArray[np.float32], config: TrainingConfig) -> list[Weights]:
    """A model's input and output rows, copied to the layout of `initial_weights`."""
    words = len(vectors)
    weights = _zero_weights(words, config)
    row_views(weights[0].inputs, weights[0].stride, words, config.vector_size)[:] = vectors
    row_views(weights[0].outputs, weights[0].stride, words, config.vector_size)[:] = outputs
    return weights


def trained_rows(weights: Weights, words: int, vector_size: int) -> NDArray[np.float32]:
    """The words' input rows, float32 [words, vector_size], moved together where they lie: a copy would need their memory again.

    The weights are of no use afterwards.

    >>> weights = initial_weights(3, TrainingConfig(vector_size=20))[0]
    >>> last = weights.inputs[2 * weights.stride :][:20].tolist()
    >>> rows = trained_rows(weights, 3, 20)
    >>> rows.shape, rows[2].tolist() == last
    ((3, 20), True)
    """
    rows = row_views(weights.inputs, weights.stride, words, vector_size)
    packed = weights.inputs[: words * vector_size].reshape(words, vector_size)
    for start in range(0, words, _ROWS_AT_ONCE):  # every row moves forward, so none is overwritten before its turn
        packed[start : start + _ROWS_AT_ONCE] = rows[start : start + _ROWS_AT_ONCE].copy()
    return packed


def output_rows(weights: Weights, words: int, vector_size: int) -> NDArray[np.float32]:
    """The words' output rows where they lie, read-only, float32 [words, vector_size]: a copy would double the memory."""
    return read_only(row_views(weights.outputs, weights.stride, words, vector_size), np.float32)


def row_views(rows: NDArray[np.float32], stride: int, words: int, vector_size: int) -> NDArray[np.float32]:
    """The words' rows where they lie, writable, float32 [words, vector_size]."""
    return rows[: words * stride].reshape(words, stride)[:, :vector_size]


def _zero_weights(words: int, config: TrainingConfig) -> list[Weights]:
    stride = _row_stride(config.vector_size)
    spare = _spare_rows(config)
    inputs = aligned_zeros((words + config.threads * spare) * stride)
    outputs = aligned_zeros((words + config.threads) * stride)
    return [
        Weights(inputs, outputs, stride, (words + thread * spare) * stride, (words + thread) * stride)
        for thread in range(config.threads)
    ]


def _spare_rows(config: TrainingConfig) -> int:
    return spare_input_rows(config.window, config.negative) if config.has_kernel_of_its_own else 2 * config.window


def _row_stride(vector_size: int) -> int:
    """The numbers from the start of one row to that of the next: whole cache lines."""
    return -(-vector_size // ROW_ALIGNMENT) * ROW_ALIGNMENT


def _fill_uniformly(rows: NDArray[np.float32], divisor: float, seed: int) -> None:
    """Draw from ±1 / (2 divisor), a few rows at a time, so that the draws take no room beside the rows."""
    random = np.random.default_rng(seed)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = rows[start : start + _ROWS_AT_ONCE]
        part[:] = (random.random(part.shape, np.float32) - np.float32(0.5)) / np.float32(divisor)
