"""Passes over the blocks of a text: by which kernels, and dealt to how many threads."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.config import TrainingConfig
from w2v.corpus import EncodedCorpus
from w2v.crew import Dealer, work_together
from w2v.deterministic import ROUND_BLOCK_TOKENS, Rounds
from w2v.errors import CorpusError
from w2v.held_out import fixed_schedule
from w2v.kernels import train_block
from w2v.order import Order, text_at
from w2v.rounds import BLOCK_RESULT
from w2v.sampling import alias_table, keep_limits, noise_probabilities
from w2v.schedule import BLOCK_TOKENS, Block, Schedule, schedule_of_chunks
from w2v.steps import Steps, steps
from w2v.subword_kernels import Parts, compose_words, composed_blocks_on
from w2v.subword_steps import composed_steps_on
from w2v.workspace import Sampling, Text, Weights, text_in_order, workspace


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """All that passes over a text read and do not change.

    `parts` are those of words made of n-grams; `steps` serve all but skip-gram with negative sampling.
    """

    blocks: Schedule
    text: Text | Order
    sampling: Sampling
    parts: Parts | None
    rounds: Rounds | None
    steps: Steps | None

    def identity(self) -> list[NDArray[Any]]:
        """What tells these passes from others: the text, and the blocks in which it is dealt."""
        text = self.text.arrays() if isinstance(self.text, Order) else self.text
        return [*text, self.blocks.bounds, self.blocks.sentences, self.blocks.seeds]

    def compile(self, weights: list[Weights]) -> None:
        """Train on no tokens: Numba compiles the kernels, or loads them, at the first call."""
        if self.rounds is not None:
            self.rounds.compile(weights)
            return
        self._blocks_on(weights[0])(self.blocks.block(0)._replace(stop=0), 0)
        if self.parts is not None:
            compose_words(0, weights[0], self.parts)

    def dealer(self, numbers: range) -> Dealer:
        """Deals the blocks of these numbers one by one, or for deterministic training in whole rounds."""
        one_by_one: Iterable[range] = (range(number, number + 1) for number in numbers)
        return Dealer(one_by_one if self.rounds is None else self.rounds.parts(numbers), numbers.start)

    def train(
        self, dealer: Dealer, weights: list[Weights], results: NDArray[np.void], tell: Callable[[], None]
    ) -> None:
        """Train the blocks that are dealt, with as many threads as there are weights; writes the pairs and the loss of each."""
        if self.rounds is None:
            self._work_off(dealer, weights, results, tell, None)
        else:
            self.rounds.work_off(dealer, weights, results, tell)

    def score(self, dealer: Dealer, weights: list[Weights], tell: Callable[[], None]) -> float | None:
        """The mean loss a pair, without a change of any weight: each gets its gradient times 0.

        None when the dealer was stopped before the end. Raises CorpusError when there is not one pair.
        """
        results = np.zeros(len(self.blocks), BLOCK_RESULT)
        self._work_off(dealer, weights, results, tell, 0.0)
        if dealer.dealt < len(results):
            return None
        if not results["pairs"].any():
            raise CorpusError("the held-out text has no pair of words to score; hold out more, or raise sample")
        return mean_loss(results)

    def _work_off(
        self,
        dealer: Dealer,
        weights: list[Weights],
        results: NDArray[np.void],
        tell: Callable[[], None],
        learning_rate: float | None,
    ) -> None:
        def work_off(own: Weights) -> None:
            train = self._blocks_on(own)
            while part := dealer.deal():
                for number in part:
                    block = self.blocks.block(number)
                    if learning_rate is not None:
                        block = block._replace(learning_rate=learning_rate)
                    results[number] = train(block, self.blocks.seeds[number])
                dealer.finish()

        work_together([partial(work_off, own) for own in weights], dealer.stopped, tell)

    def _blocks_on(self, weights: Weights) -> Callable[[Block, int], tuple[int, float]]:
        """What trains a block from a seed on a thread's weights; returns its pairs and the sum of their losses."""
        longest = self.blocks.longest_block
        if self.parts is not None and self.steps is not None:
            return composed_steps_on(self.steps, self.text, longest, self.sampling, weights, self.parts)
        if self.parts is not None:
            return composed_blocks_on(self.text, longest, self.sampling, weights, self.parts)
        if self.steps is not None:
            return self.steps.blocks_on(self.text, longest, self.sampling, weights)
        work = workspace(longest, self.sampling.window, self.sampling.negative, weights)

        def train(block: Block, seed: int) -> tuple[int, float]:
            work.random[0] = seed
            return train_block(text_at(self.text, block.start), block, self.sampling, weights, work)

        return train


def mean_loss(results: NDArray[np.void]) -> float:
    """The mean loss a pair of some blocks, BLOCK_RESULT [blocks]; 0 where they have no pair."""
    return float(results["loss"].sum() / max(results["pairs"].sum(), 1))


def training_pass(corpus: EncodedCorpus, config: TrainingConfig, parts: Parts | None) -> Pass:
    """The passes that train on a corpus, its sentences in the order that the configuration asks for."""
    order = Order(corpus.ids, corpus.ends, config.seed if config.shuffle else None)
    block_tokens = ROUND_BLOCK_TOKENS if config.deterministic else BLOCK_TOKENS
    blocks = schedule_of_chunks(order.ends_of_chunks(), config, block_tokens)
    return _pass(corpus, order, config, blocks, parts)


def scoring_pass(held_out: EncodedCorpus, config: TrainingConfig, parts: Parts | None) -> Pass:
    """The pass that scores held-out text, with what is always the same to draw."""
    return _pass(held_out, text_in_order(held_out.ids, held_out.ends), config, fixed_schedule(held_out, config), parts)


def _pass(
    corpus: EncodedCorpus, text: Text | Order, config: TrainingConfig, blocks: Schedule, parts: Parts | None
) -> Pass:
    counts = corpus.vocabulary.counts
    sampling = Sampling(
        keep_limits(counts, config.sample),
        alias_table(noise_probabilities(counts, config.ns_exponent)),
        config.window,
        min(config.negative, len(counts) - 1),
        1 if config.shrink_windows else config.window,
    )
    others = None if config.has_kernel_of_its_own else steps(config, counts)
    rounds = None
    if blocks.config.deterministic:
        of_copies = others or (None if parts is None else steps(config, counts))
        rounds = Rounds(blocks, text, sampling, counts, of_copies, parts)
    return Pass(blocks, text, sampling, parts, rounds, others)
