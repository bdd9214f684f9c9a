"""The compiled training step for words that are made of parts.

The input row of a word c is the mean of its own row and the rows of its n-grams, one as often as it occurs: with the rows
z_1 ... z_m (Bojanowski et al. 2017, section 3.2; the mean in place of their sum is fastText's),

    x_c = (1/m) Σ_i z_i,    and where training changes x_c by δ,    z_i += δ for each i.

The gradient by z_i is 1/m of that by x_c, so the step is the gradient's with m times the rate, as in fastText; x_c itself moves
by δ wherever no n-gram occurs twice.

A thread trains as always, on input rows of its own. It fetches the rows of all contexts of a few dozen centers, and gives back
what has changed when these are done: a word's rows, twenty or so, are read and written once and not for each of its pairs. Until
then words that share n-grams do not see each other's changes.

Numba recompiles when this file changes, and watches no other: `SOURCES_DIGEST` brings changes of the files it imports here.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.compilation import kernel, kernel_part
from w2v.kernels import choose_centers, train_centers
from w2v.order import Order, text_at
from w2v.schedule import Block
from w2v.simd import LANES, add, load, multiply, prefetch, splat, store, subtract
from w2v.workspace import ROW_ALIGNMENT, Sampling, Text, Weights, Workspace, workspace

SOURCES_DIGEST = "2022c45a549a83d4"

CENTERS_AT_ONCE = 64


class Parts(NamedTuple):
    """What words are made of, for all threads: word w of the rows `rows[starts[w] : starts[w + 1]]` of `matrix`.

    `matrix` is float32 with rows of the weights' stride, `starts` and `rows` are those of an `NgramTable`.
    """

    matrix: NDArray[np.float32]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]


class Composer(NamedTuple):
    """How one thread composes words, for `at_once` centers together, and what it has fetched.

    `words` int32 are the numbers of the words, `before` float32 their rows as they were then, and `fetched` bool [words] tells of
    all words whether they are among them.
    """

    parts: Parts
    at_once: int
    words: NDArray[np.int32]
    before: NDArray[np.float32]
    fetched: NDArray[np.bool_]


def composer(parts: Parts, window: int, block_tokens: int, stride: int) -> Composer:
    """What a thread needs for blocks of at most `block_tokens` tokens: room for the words around 64 centers.

    With a window beyond 32 it is for more centers, lest most of the words that are fetched be those at the borders.
    """
    words = len(parts.starts) - 1
    at_once = max(CENTERS_AT_ONCE, 2 * window)
    most = min(at_once + 2 * window, block_tokens, words)
    before = np.zeros(most * stride, np.float32)
    return Composer(parts, at_once, np.zeros(most, np.int32), before, np.zeros(words, np.bool_))


@kernel_part
def _list_words(begin: Any, end: Any, work: Workspace, own: Composer) -> Any:
    """Note each word once that is a context of the centers `begin` to `end`; returns how many there are."""
    first = work.first[begin]
    last = work.last[begin]
    for center in range(begin + 1, end):
        first = min(first, work.first[center])
        last = max(last, work.last[center])
    count: Any = 0
    for position in range(first, last):
        word = work.kept[position]
        if not own.fetched[word]:
            own.fetched[word] = True
            own.words[count] = word
            count += 1
    return count


@kernel_part
def _prefetch_parts(word: Any, stride: Any, parts: Parts) -> None:
    for entry in range(parts.starts[word], parts.starts[word + 1]):
        row = np.int64(parts.rows[entry]) * stride
        for k in range(0, stride, ROW_ALIGNMENT):
            prefetch(parts.matrix, row + k)


@kernel_part
def _compose(word: Any, weights: Weights, parts: Parts) -> None:
    """x_c = (1/m) Σ_i z_i"""
    first = parts.starts[word]
    last = parts.starts[word + 1]
    share = splat(np.float32(1.0 / (last - first)))
    for k in range(0, weights.stride, LANES):
        total = load(parts.matrix, np.int64(parts.rows[first]) * weights.stride + k)
        for entry in range(first + 1, last):
            total = add(total, load(parts.matrix, np.int64(parts.rows[entry]) * weights.stride + k))
        store(weights.inputs, word * weights.stride + k, multiply(total, share))


@kernel_part
def fetch_words(begin: Any, end: Any, weights: Weights, work: Workspace, own: Composer) -> Any:
    """Compose all contexts of the centers `begin` to `end`; returns how many words they are."""
    count = _list_words(begin, end, work, own)
    for i in range(count):
        _prefetch_parts(np.int64(own.words[min(i + 1, count - 1)]), weights.stride, own.parts)
        word = np.int64(own.words[i])
        _compose(word, weights, own.parts)
        for k in range(0, weights.stride, LANES):
            store(own.before, i * weights.stride + k, load(weights.inputs, word * weights.stride + k))
    return count


@kernel_part
def give_back(count: Any, weights: Weights, own: Composer) -> None:
    """Add the change of each of the fetched words to all its rows."""
    for i in range(count):
        word = np.int64(own.words[i])
        own.fetched[word] = False
        change = i * weights.stride
        for k in range(0, weights.stride, LANES):
            now = load(weights.inputs, word * weights.stride + k)
            store(own.before, change + k, subtract(now, load(own.before, change + k)))
        for entry in range(own.parts.starts[word], own.parts.starts[word + 1]):
            row = np.int64(own.parts.rows[entry]) * weights.stride
            for k in range(0, weights.stride, LANES):
                store(own.parts.matrix, row + k, add(load(own.parts.matrix, row + k), load(own.before, change + k)))


@kernel
def compose_words(words: int, weights: Weights, parts: Parts) -> None:
    """Write the input rows of all words as their parts make them."""
    for word in range(words):
        _compose(word, weights, parts)


@kernel
def train_composed_centers(
    centers: int, learning_rate: float, sampling: Sampling, weights: Weights, work: Workspace, own: Composer
) -> tuple[int, float]:
    """Train on the chosen centers, a few at a time; returns how many (center, context) pairs they had, and their losses' sum."""
    pairs = 0
    loss = 0.0
    for begin in range(0, centers, own.at_once):
        end = min(begin + own.at_once, centers)
        count = fetch_words(begin, end, weights, work, own)
        some_pairs, some_loss = train_centers(begin, end, learning_rate, sampling, weights, work)
        give_back(count, weights, own)
        pairs += some_pairs
        loss += some_loss
    return pairs, loss


def composed_blocks_on(
    text: Text | Order, block_tokens: int, sampling: Sampling, weights: Weights, parts: Parts
) -> Callable[[Block, int], tuple[int, float]]:
    """What trains a block of at most so many tokens from a seed, for a thread with these weights.

    It returns how many (center, context) pairs the block has, and the sum of their losses. It changes the output rows and the
    parts in place, and overwrites input rows, which belong to this thread alone.
    """
    work = workspace(block_tokens, sampling.window, sampling.negative, weights)
    own = composer(parts, sampling.window, block_tokens, weights.stride)

    def train(block: Block, seed: int) -> tuple[int, float]:
        work.random[0] = seed
        centers = choose_centers(text_at(text, block.start), block, sampling, work)
        pairs, loss = train_composed_centers(centers, block.learning_rate, sampling, weights, work, own)
        return pairs, loss

    return train
