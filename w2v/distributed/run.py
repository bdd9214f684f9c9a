"""A training run whose rounds a crew trains: for the rest, checkpoints, callbacks and reports, a run like any other."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.config import TrainingConfig
from w2v.corpus import EncodedCorpus
from w2v.crew import Dealer
from w2v.distributed.companies import Crew
from w2v.distributed.replica import Matrices
from w2v.distributed.shares import Rounds
from w2v.embeddings import Embeddings
from w2v.run import TrainingRun
from w2v.vocabulary import Vocabulary
from w2v.workspace import Weights


@dataclass(frozen=True, slots=True, eq=False)
class SharedCorpus:
    """A corpus that workers have, each its share: all its words, and for each share a checksum of its text."""

    vocabulary: Vocabulary
    read_tokens: int
    checksums: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ClusterTraining:
    """Trains rounds by a crew, in place of a Pass that trains blocks by threads; `matrices` are the run's."""

    blocks: Rounds
    crew: Crew
    corpus: SharedCorpus
    matrices: Matrices

    def identity(self) -> list[NDArray[np.uint8]]:
        """What tells this training from others: the shares, and the number of rounds."""
        texts = [*self.corpus.checksums, str(self.blocks.of_an_epoch)]
        return [np.frombuffer(text.encode(), np.uint8) for text in texts]

    def compile(self, weights: list[Weights]) -> None:
        """Nothing: the workers have done it."""

    def dealer(self, numbers: range) -> Dealer:
        """Deals the rounds of these numbers one by one."""
        return Dealer((range(number, number + 1) for number in numbers), numbers.start)

    def train(
        self, dealer: Dealer, weights: list[Weights], results: NDArray[np.void], tell: Callable[[], None]
    ) -> None:
        """Train the rounds that are dealt, from the run's rows, and bring them back; writes the pairs and the loss of each.

        An exception from `tell` is raised at the end of the round.
        """
        raised: list[BaseException] = []

        def listen() -> None:
            try:
                tell()
            except BaseException as error:
                raised.append(error)
                dealer.stopped.set()

        self.crew.load(self.matrices, dealer.dealt)
        while part := dealer.deal():
            for number in part:
                results[number] = self.crew.advance(number, lambda: None if raised else listen())
            dealer.finish()
            if not raised:
                listen()
        for name, matrix in self.crew.matrices().items():
            self.matrices[name][:] = matrix
        if raised:
            raise raised[0]


class ClusterRun(TrainingRun):
    """A run whose blocks are rounds of a crew.

    Parameters
    ----------
    corpus : SharedCorpus
    config : TrainingConfig
    held_out : EncodedCorpus or None
        Scored here after each epoch.
    start : Embeddings or None
        What to start from.
    rounds : Rounds
    crew : Crew
    """

    def __init__(
        self,
        corpus: SharedCorpus,
        config: TrainingConfig,
        held_out: EncodedCorpus | None,
        start: Embeddings | None,
        rounds: Rounds,
        crew: Crew,
    ) -> None:
        self._begin(
            time.perf_counter(),
            corpus,
            config,
            held_out,
            start,
            lambda parameters: ClusterTraining(rounds, crew, corpus, parameters.matrices),
        )
