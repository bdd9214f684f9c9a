"""Training in rounds of blocks, whose result is the same for any number of threads, bit for bit."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from threading import Barrier, BrokenBarrierError

import numpy as np
from numpy.typing import NDArray

from w2v.crew import Dealer, work_together
from w2v.crowding import Crowding, crowding
from w2v.order import Order, text_at
from w2v.round_steps import (
    own_room_for_steps,
    own_words,
    stage_of_steps,
    train_share_of_composed_steps,
    train_share_of_steps,
)
from w2v.rounds import BLOCK_RESULT, Round, Stage, merge_share, own_room_for_pairs, stage, train_share
from w2v.sampling import keep_probabilities, noise_probabilities
from w2v.schedule import Schedule
from w2v.steps import Steps
from w2v.subword_kernels import Parts, compose_words
from w2v.workspace import Sampling, Text, Weights

ROUND_BLOCKS = 8
ROUND_BLOCK_TOKENS = 1_000
# The curvature of a pair's loss along a row, as a share of the mean square length of the rows that it meets. It is at most 1/4;
# less of it lets words learn faster. Skip-gram with negative sampling bears the least; full softmax diverges with it.
CURVATURE = 0.02
CURVATURE_OF_STEPS = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Rounds:
    """A training run in rounds of ROUND_BLOCKS blocks, all of one epoch; `counts` are the vocabulary's.

    Without `steps` it is skip-gram with negative sampling, of plain words; with `ngrams`, words are made of n-grams.
    """

    blocks: Schedule
    text: Text | Order
    sampling: Sampling
    counts: NDArray[np.int64]
    steps: Steps | None
    ngrams: Parts | None

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
        crowds = self._crowding()
        room = self._room(weights[0], crowds)
        members: range | None = None
        current: tuple[Round, NDArray[np.float32]] | None = None

        def begin() -> None:
            nonlocal members, current
            if members is not None:
                rounds.finish()
            members = rounds.deal()
            current = None
            if members is not None:
                current = self._round(members, results), self._steepness(members, weights[0], crowds)

        begun, trained = Barrier(threads, begin), Barrier(threads)

        def work_off(thread: int) -> None:
            try:
                train = room.thread()
                share = np.array([thread, threads])
                while begun.wait() >= 0 and current is not None:
                    blocks, steepness = current
                    text = text_at(self.text, int(blocks.starts[0]) if len(blocks.starts) else 0)
                    train(share, blocks, text)
                    trained.wait()
                    merge_share(share, blocks, steepness, room.stage)
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

    def _crowding(self) -> Crowding:
        config = self.blocks.config
        noise = noise_probabilities(self.counts, config.ns_exponent)
        return crowding(self._kept_tokens(), noise, self.sampling.negative, config.window, self.steps, self.ngrams)

    def _room(self, weights: Weights, crowds: Crowding) -> "_Room":
        longest, pairs = self.blocks.longest_block, (crowds.input_pairs, crowds.output_pairs)
        text = text_at(self.text, 0)
        if self.steps is None:
            return _Room(longest, stage(ROUND_BLOCKS, longest, text, self.sampling, weights, pairs), None, None)
        room = ROUND_BLOCKS, longest, text, self.sampling, weights, pairs, self.steps, self.ngrams
        return _Room(longest, stage_of_steps(*room), self.steps, self.ngrams)

    def _kept_tokens(self) -> NDArray[np.float64]:
        """How many tokens of each word a block has, on average, after some were dropped."""
        kept = self.counts * keep_probabilities(self.counts, self.blocks.config.sample)
        return ROUND_BLOCK_TOKENS * kept / self.counts.sum()

    def _steepness(self, members: range, weights: Weights, crowds: Crowding) -> NDArray[np.float32]:
        """The learning rate times the curvature of a pair's loss along input rows, and along output rows.

        Along an input row x it is σ'(x·y) y yᵀ, where σ' <= 1/4, and the same the other way round. The mean square length of
        rows is that of those met most often, weighted by how often each is.
        """
        if self.ngrams is not None:
            compose_words(len(crowds.measured_inputs[0]), weights, self.ngrams)
        squares = [
            float((np.square(rows.reshape(-1, weights.stride)[measured]).sum(axis=1) * shares).sum())
            for rows, (measured, shares) in (
                (weights.outputs, crowds.measured_outputs),
                (weights.inputs, crowds.measured_inputs),
            )
        ]
        rate = self.blocks.block(members.start).learning_rate if members else 0.0
        curvature = CURVATURE if self.steps is None else CURVATURE_OF_STEPS
        return np.array(squares, np.float32) * np.float32(rate * curvature)


@dataclass(frozen=True, slots=True, eq=False)
class _Room:
    """What the threads share, and how each of them trains its blocks, of at most `longest` tokens."""

    longest: int
    stage: Stage
    steps: Steps | None
    ngrams: Parts | None

    def thread(self) -> Callable[[NDArray[np.int64], Round, Text], None]:
        """What trains a share of a round, on a text, on a new thread."""
        stage, steps = self.stage, self.steps
        if steps is None:
            room = own_room_for_pairs(self.longest, stage)
            return lambda share, blocks, text: train_share(share, blocks, stage._replace(text=text), room)
        kind = steps.architecture, steps.objective
        own, lists = own_room_for_steps(self.longest, steps, stage)
        if self.ngrams is None:
            return lambda share, blocks, text: train_share_of_steps(
                share, blocks, stage._replace(text=text), *kind, own, lists
            )
        words = own_words(self.longest, stage, self.ngrams)
        return lambda share, blocks, text: train_share_of_composed_steps(
            share, blocks, stage._replace(text=text), *kind, own, lists, words
        )
