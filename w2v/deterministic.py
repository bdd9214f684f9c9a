"""Training in rounds of blocks, whose result is the same for any number of threads, bit for bit."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from threading import Barrier, BrokenBarrierError

import numpy as np
from numpy.typing import NDArray

from w2v.crew import Dealer, work_together
from w2v.order import Order, text_at
from w2v.rounds import BLOCK_RESULT, Copies, Round, input_copies, listing, merge_share, output_copies, train_share
from w2v.sampling import keep_probabilities, noise_probabilities
from w2v.schedule import Schedule
from w2v.workspace import Sampling, Text, Weights, workspace

ROUND_BLOCKS = 8
ROUND_BLOCK_TOKENS = 1_000
CURVATURE = 0.02  # of a pair's loss along a row, as a share of the mean square length of the rows that it meets
_MEASURED_WORDS = 256  # the most frequent ones, whose rows tell how long rows are


@dataclass(frozen=True, slots=True, eq=False)
class Rounds:
    """A training run in rounds of ROUND_BLOCKS blocks, all of one epoch; `counts` are the vocabulary's."""

    blocks: Schedule
    text: Text | Order
    sampling: Sampling
    counts: NDArray[np.int64]

    def compile(self, weights: list[Weights]) -> None:
        """Train and merge a round of no blocks: Numba compiles the kernels, or loads them, at the first call."""
        self.work_off(Dealer([range(0)], 0), weights[:1], np.zeros(0, BLOCK_RESULT), lambda: None)

    def work_off(
        self, rounds: Dealer, weights: list[Weights], results: NDArray[np.void], tell: Callable[[], None]
    ) -> None:
        """Train the rounds that are dealt, with as many threads as there are weights but at most one a block of a round.

        All threads train, then all merge. Writes the pairs and the loss of each block.
        """
        threads = min(len(weights), ROUND_BLOCKS)
        copies = self._copies(weights[0].stride)
        frequent = self._kept_tokens()[:_MEASURED_WORDS]
        members: range | None = None
        current: tuple[Round, NDArray[np.float32]] | None = None

        def begin() -> None:
            nonlocal members, current
            if members is not None:
                rounds.finish()
            members = rounds.deal()
            current = None
            if members is not None:
                current = self._round(members, results), self._steepness(members, weights[0], frequent)

        begun, trained = Barrier(threads, begin), Barrier(threads)

        def work_off(thread: int) -> None:
            try:
                own = listing(len(self.counts), self.blocks.longest_block, self.sampling.negative)
                work = workspace(self.blocks.longest_block, self.sampling.window, self.sampling.negative, weights[0])
                share = np.array([thread, threads])
                while begun.wait() >= 0 and current is not None:
                    blocks, steepness = current
                    text = text_at(self.text, int(blocks.starts[0]) if len(blocks.starts) else 0)
                    train_share(share, blocks, text, self.sampling, weights[0], copies, work, own)
                    trained.wait()
                    merge_share(share, blocks, steepness, weights[0], copies)
            except BrokenBarrierError:
                return  # another thread failed, and tells why
            except BaseException:
                begun.abort()
                trained.abort()
                raise

        work_together([partial(work_off, thread) for thread in range(threads)], rounds.stopped, tell)

    def parts(self, numbers: range) -> Iterator[range]:
        """The numbers of the blocks of each round; a round that `numbers` ends within is trained whole."""
        epoch = len(self.blocks.sentences)
        positions = self.text.starts[1:] if isinstance(self.text, Order) else self.blocks.bounds[-1:]
        ends_of_chunks = np.searchsorted(self.blocks.bounds, positions)
        start = numbers.start
        while start < numbers.stop:
            place = start % epoch
            stop = start + min(
                ROUND_BLOCKS, int(ends_of_chunks[np.searchsorted(ends_of_chunks, place, "right")]) - place
            )
            yield range(start, stop)
            start = stop

    def _round(self, members: range, results: NDArray[np.void]) -> Round:
        blocks = [self.blocks.block(number) for number in members]
        return Round(
            starts=np.array([block.start for block in blocks], np.int64),
            stops=np.array([block.stop for block in blocks], np.int64),
            sentences=np.array([block.sentence for block in blocks], np.int64),
            rates=np.array([block.learning_rate for block in blocks], np.float64),
            seeds=self.blocks.seeds[members.start : members.stop],
            results=results[members.start : members.stop],
        )

    def _copies(self, stride: int) -> tuple[Copies, Copies]:
        config, longest = self.blocks.config, self.blocks.longest_block
        tokens = self._kept_tokens()
        noise = noise_probabilities(self.counts, config.ns_exponent)
        drawn = tokens + tokens.sum() * self.sampling.negative * noise
        contexts = config.window + 1  # of a center, on average
        input_pairs = np.maximum(tokens, 1) * contexts * (self.sampling.negative + 1)
        output_pairs = np.maximum(drawn, 1) * contexts
        return (
            input_copies(ROUND_BLOCKS, longest, stride, self.sampling, input_pairs.astype(np.float32)),
            output_copies(ROUND_BLOCKS, longest, stride, self.sampling, output_pairs.astype(np.float32)),
        )

    def _kept_tokens(self) -> NDArray[np.float64]:
        """How many tokens of each word a block has, on average, after some were dropped."""
        kept = self.counts * keep_probabilities(self.counts, self.blocks.config.sample)
        return ROUND_BLOCK_TOKENS * kept / self.counts.sum()

    def _steepness(self, members: range, weights: Weights, frequent: NDArray[np.float64]) -> NDArray[np.float32]:
        """The learning rate times the curvature of a pair's loss along input rows, and along output rows.

        Along an input row x it is σ'(x·y) y yᵀ, where σ' <= 1/4, and the same the other way round. The mean square length of
        rows is that of the first words, weighted by how often each is `frequent`.
        """
        used = len(frequent) * weights.stride
        squares = [
            float((np.square(rows[:used].reshape(len(frequent), -1)).sum(axis=1) * frequent).sum() / frequent.sum())
            for rows in (weights.outputs, weights.inputs)
        ]
        rate = self.blocks.block(members.start).learning_rate if members else 0.0
        return np.array(squares, np.float32) * np.float32(rate * CURVATURE)
