"""What each worker trains: its share of a corpus, and which of its blocks in which round.

A round is what all workers train before they bring their rows together. Every worker has as many rounds in an epoch as the
others, and trains its blocks in the same order as one machine would; its random draws follow from its own seed and the
blocks' numbers, and its learning rate from the part of its own share that is done, which is the same for all workers at the
beginning of a round.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from w2v.config import TrainingConfig
from w2v.corpus import EncodedCorpus
from w2v.errors import CorpusError
from w2v.held_out import PIECE_TOKENS, ends_of_pieces
from w2v.schedule import BLOCK_TOKENS, Block, learning_rate

ROUNDS = 30
MOST_ROUND_TOKENS = 1_000_000


def deal(corpus: EncodedCorpus, workers: int) -> list[EncodedCorpus]:
    """Deal a corpus to workers in pieces of about a thousand tokens, cut between sentences and within long ones.

    The vocabulary and its counts stay those of the whole. One worker gets the corpus as it is.

    Raises
    ------
    CorpusError
        When there are not as many pieces as workers.

    Examples
    --------
    >>> from w2v.corpus import read_corpus
    >>> corpus = read_corpus([["a"] * 600, ["b"] * 600, ["c"] * 600])
    >>> [share.ids[share.ends - 1].tolist() for share in deal(corpus, 2)]
    [[0, 1], [2]]
    """
    if workers == 1:
        return [corpus]
    ends = ends_of_pieces(corpus.ends)
    pieces = np.maximum(np.append(0, ends[:-1]) - 1, 0) // PIECE_TOKENS
    pieces = np.unique(pieces, return_inverse=True)[1]
    if pieces[-1] + 1 < workers:
        raise CorpusError(
            f"the corpus has {len(corpus.ids):,} words, too few for {workers} workers, who train {PIECE_TOKENS:,} at least"
        )
    return [_share(corpus, ends, pieces % workers == worker) for worker in range(workers)]


def _share(corpus: EncodedCorpus, ends: NDArray[np.int64], chosen: NDArray[np.bool_]) -> EncodedCorpus:
    lengths = np.diff(ends, prepend=0)
    ids = corpus.ids[np.repeat(chosen, lengths)]
    outside = corpus.read_tokens - len(corpus.ids)
    read = len(ids) + round(outside * len(ids) / len(corpus.ids))
    return EncodedCorpus(corpus.vocabulary, ids, np.cumsum(lengths[chosen]), read)


def worker_config(config: TrainingConfig, worker: int) -> TrainingConfig:
    """The options of a worker: a seed of its own, which for the first worker is that of the run.

    >>> worker_config(TrainingConfig(seed=7), 0).seed, worker_config(TrainingConfig(seed=7), 1).seed == 7
    (7, False)
    """
    if worker == 0:
        return config
    return replace(config, seed=int(np.random.SeedSequence([config.seed, worker]).generate_state(1, np.uint64)[0]))


@dataclass(frozen=True, slots=True)
class Rounds:
    """The rounds of a run, under the names of a Schedule, whose blocks they are here.

    Parameters
    ----------
    config : TrainingConfig
    tokens : int
        Those of an epoch, of all workers.
    of_an_epoch : int
        Rounds in an epoch.
    """

    config: TrainingConfig
    tokens: int
    of_an_epoch: int

    def __len__(self) -> int:
        return self.config.epochs * self.of_an_epoch

    @property
    def tokens_total(self) -> int:
        """The tokens of all epochs."""
        return self.config.epochs * self.tokens

    def tokens_before(self, number: int) -> int:
        """About how many tokens the rounds before round `number` have, over all epochs."""
        epoch, place = divmod(number, self.of_an_epoch)
        return epoch * self.tokens + place * self.tokens // self.of_an_epoch

    def block(self, number: int) -> Block:
        """Round `number` as if it were a block, with the learning rate at its beginning."""
        start = number % self.of_an_epoch * self.tokens // self.of_an_epoch
        stop = (number % self.of_an_epoch + 1) * self.tokens // self.of_an_epoch
        return Block(start, stop, 0, learning_rate(self.config, self.tokens_before(number), self.tokens_total))

    def blocks_of(self, number: int, blocks_of_an_epoch: int) -> range:
        """Which of a worker's blocks, of so many in an epoch, belong to round `number`.

        >>> rounds = Rounds(TrainingConfig(epochs=2), tokens=50_000, of_an_epoch=2)
        >>> [rounds.blocks_of(number, 5) for number in range(4)]
        [range(0, 2), range(2, 5), range(5, 7), range(7, 10)]
        """
        epoch, place = divmod(number, self.of_an_epoch)
        first = epoch * blocks_of_an_epoch
        return range(
            first + place * blocks_of_an_epoch // self.of_an_epoch,
            first + (place + 1) * blocks_of_an_epoch // self.of_an_epoch,
        )


def rounds(config: TrainingConfig, tokens: list[int], round_tokens: int | None) -> Rounds:
    """Rounds in which the worker with the most of so many tokens each trains about `round_tokens`.

    By default an epoch has ROUNDS of them: fewer where there are fewer blocks, more where they would pass MOST_ROUND_TOKENS.

    >>> len(rounds(TrainingConfig(epochs=3), [90_000, 110_000], 50_000))
    6
    >>> [len(rounds(TrainingConfig(epochs=1), [most], None)) for most in (50_000, 3_000_000, 64_000_000)]
    [5, 30, 64]
    """
    most = max(tokens)
    if round_tokens is None:
        round_tokens = max(min(most // ROUNDS, MOST_ROUND_TOKENS), BLOCK_TOKENS)
    return Rounds(config, sum(tokens), max(round(most / round_tokens), 1))
