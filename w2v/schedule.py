"""In what blocks a corpus is trained, with what learning rate, and from which random seeds."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.config import TrainingConfig

BLOCK_TOKENS = 10_000
ORDER_SEED = 1  # keeps the random numbers of the order apart from those of the weights and the blocks


class Block(NamedTuple):
    """The tokens `start` to `stop` of a corpus; `sentence` is the first sentence that ends behind `start`."""

    start: int
    stop: int
    sentence: int
    learning_rate: float


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """Every block of every epoch, by number.

    A block's random draws follow from its own seed, so they do not depend on the thread that gets the block.

    Parameters
    ----------
    config : TrainingConfig
    bounds : int64 [blocks of an epoch + 1]
        Where the blocks start, and the number of tokens.
    sentences : int64 [blocks of an epoch]
        The first sentence that ends in each block or behind, counted from the start of the block's chunk.
    seeds : uint64 [blocks of all epochs]
    """

    config: TrainingConfig
    bounds: NDArray[np.int64]
    sentences: NDArray[np.int64]
    seeds: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.seeds)

    @property
    def tokens(self) -> int:
        """The tokens of an epoch."""
        return int(self.bounds[-1])

    @property
    def tokens_total(self) -> int:
        """The tokens of all epochs."""
        return self.config.epochs * self.tokens

    @property
    def longest_block(self) -> int:
        """The tokens of the longest block."""
        return int(np.diff(self.bounds).max())

    def tokens_before(self, number: int) -> int:
        """How many tokens the blocks before block `number` have, over all epochs."""
        epoch, place = divmod(number, len(self.sentences))
        return epoch * int(self.bounds[-1]) + int(self.bounds[place])

    def block(self, number: int) -> Block:
        """Block `number`, with the learning rate that is due when those before it are done."""
        place = number % len(self.sentences)
        start, stop = self.bounds[place : place + 2].tolist()
        rate = learning_rate(self.config, self.tokens_before(number), self.tokens_total)
        return Block(start, stop, int(self.sentences[place]), rate)


def schedule(ends: NDArray[np.int64], config: TrainingConfig, block_tokens: int = BLOCK_TOKENS) -> Schedule:
    """The blocks, of about `block_tokens`, of a corpus whose sentences end at `ends`, int64 [sentences].

    >>> blocks = schedule(np.array([6_000, 12_000, 14_000]), TrainingConfig(epochs=2))
    >>> len(blocks), blocks.block(1)[:3]
    (4, (12000, 14000, 2))
    """
    return schedule_of_chunks([ends], config, block_tokens)


def schedule_of_chunks(
    chunks: Iterable[NDArray[np.int64]], config: TrainingConfig, block_tokens: int = BLOCK_TOKENS
) -> Schedule:
    """The blocks of a corpus in chunks, each given by where its sentences end, counted from the start of the first chunk.

    No block reaches from one chunk to the next; sentences are counted from the start of the chunk.
    """
    bounds, sentences = [np.zeros(1, np.int64)], []
    for ends in chunks:
        start = bounds[-1][-1]
        bounds.append(start + block_bounds(ends - start if start else ends, block_tokens)[1:])
        sentences.append(np.searchsorted(ends, np.append(start, bounds[-1][:-1]), side="right"))
    blocks = sum(map(len, sentences))
    seeds = np.random.SeedSequence(config.seed).generate_state(config.epochs * blocks, np.uint64).astype(np.uint64)
    return Schedule(config, np.concatenate(bounds), np.concatenate(sentences), seeds)


def shuffled_sentences(ends: NDArray[np.int64], seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A random order of the sentences of a corpus, each as likely as any other; `ends` and `shifts` of a Text, int64 [sentences].

    Neighbors in a text are about the same things. Trained one after the other they move the same rows the same way again and
    again; in a random order the steps follow, on average, the gradient of the whole text (Bottou 2012, Stochastic Gradient
    Descent Tricks, on preparing the data).

    >>> ends, shifts = shuffled_sentences(np.array([2, 5, 9]), seed=1)
    >>> ids = np.array([10, 10, 11, 11, 11, 12, 12, 12, 12])
    >>> ids[np.arange(9) + np.repeat(shifts, np.diff(ends, prepend=0))].tolist(), ends.tolist()
    ([12, 12, 12, 12, 10, 10, 11, 11, 11], [4, 6, 9])
    """
    order = np.random.default_rng([seed, ORDER_SEED]).permutation(len(ends))
    new_ends = np.cumsum(np.diff(ends, prepend=0)[order])
    return new_ends, ends[order] - new_ends


def learning_rate(config: TrainingConfig, tokens_done: int, tokens_total: int) -> float:
    """alpha (1 - tokens_done / (tokens_total + 1)), but at least min_alpha: word2vec.c's schedule.

    >>> [round(learning_rate(TrainingConfig(), done, 99), 6) for done in (0, 50, 99)]
    [0.025, 0.0125, 0.00025]
    """
    return max(config.alpha * (1 - tokens_done / (tokens_total + 1)), config.min_alpha)


def block_bounds(ends: NDArray[np.int64], block_tokens: int) -> NDArray[np.int64]:
    """Cut a corpus at ends of sentences every `block_tokens` or a little later, and sentences of two blocks or more within.

    No block has more than twice `block_tokens`. Contexts do not reach from one block to the next.

    >>> block_bounds(np.array([3, 6, 9, 40]), 5).tolist()
    [0, 6, 11, 16, 21, 26, 31, 40]
    """
    tokens = int(ends[-1])
    wanted = np.arange(block_tokens, tokens + block_tokens, block_tokens).clip(max=tokens)
    bounds = [0]
    for cut in np.unique(ends[np.searchsorted(ends, wanted)]).tolist():
        while cut - bounds[-1] > 2 * block_tokens:
            bounds.append(bounds[-1] + block_tokens)
        bounds.append(cut)
    return np.array(bounds, np.int64)
