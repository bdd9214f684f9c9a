"""One worker's copy of the rows that all workers train."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.config import TrainingConfig
from w2v.corpus import EncodedCorpus
from w2v.distributed.merge_kernels import put_rows
from w2v.distributed.merging import Curvature, Merging, Rows, take_changes
from w2v.distributed.shares import Rounds, worker_config
from w2v.parameters import Parameters
from w2v.passes import Pass, training_pass
from w2v.rounds import BLOCK_RESULT
from w2v.vocabulary import Vocabulary

Matrices = Mapping[str, NDArray[np.float32]]
Part = dict[str, Rows]  # by the name of the matrix


class Trained(NamedTuple):
    """What a worker's round gave: its pairs and the sum of their losses, and its rows for each owner."""

    pairs: int
    loss: float
    parts: tuple[Part, ...]


class Replica:
    """All rows as they are at the beginning of a round, and the shares that are trained on them here.

    A round is a function of the rows, the share and the round's number. It leaves the rows as they were; `take` changes them.

    Parameters
    ----------
    vocabulary : Vocabulary
    config : TrainingConfig
    rounds : Rounds
    workers : int
    """

    def __init__(self, vocabulary: Vocabulary, config: TrainingConfig, rounds: Rounds, workers: int) -> None:
        self._config, self._rounds, self._workers = config, rounds, workers
        self._parameters = Parameters(vocabulary, config)
        self._before = {name: matrix.copy() for name, matrix in self._parameters.matrices.items()}
        round_tokens = rounds.tokens / workers / rounds.of_an_epoch
        self._merging = Merging(config, vocabulary.counts, round_tokens, self._parameters)
        self._shares: dict[int, Pass] = {}
        self._curvatures: dict[int, dict[str, Curvature]] = {}

    def add_share(self, worker: int, share: EncodedCorpus) -> None:
        """Make the share of a worker known, and compile what trains it."""
        self._shares[worker] = training_pass(share, worker_config(self._config, worker), self._parameters.parts)
        self._shares[worker].compile(self._parameters.weights)

    def matrices(self) -> dict[str, NDArray[np.float32]]:
        """The rows, in copies."""
        return {name: matrix.copy() for name, matrix in self._before.items()}

    def load(self, matrices: Matrices) -> None:
        """Take over all rows."""
        for name, own in self._parameters.matrices.items():
            own[:] = matrices[name]
            self._before[name][:] = matrices[name]

    def train(self, worker: int, number: int) -> Trained:
        """Train a worker's blocks of a round, from the rows as they were at its beginning."""
        share = self._shares[worker]
        numbers = self._rounds.blocks_of(number, len(share.blocks) // self._config.epochs)
        results = np.zeros(len(share.blocks), BLOCK_RESULT)
        share.train(share.dealer(numbers), self._parameters.weights, results, lambda: None)
        self._curvatures[worker] = self._merging.curvatures()
        changes = {
            name: take_changes(self._before[name], matrix, self._workers)
            for name, matrix in self._parameters.matrices.items()
        }
        parts = tuple({name: rows[owner] for name, rows in changes.items()} for owner in range(self._workers))
        done = results[numbers.start : numbers.stop]
        return Trained(int(done["pairs"].sum()), float(done["loss"].sum()), parts)

    def merge(self, owner: int, number: int, parts: Sequence[Part]) -> Part:
        """Bring together the rows that `owner` owns, who has trained the round; `parts` are those of all workers, in order."""
        rate = self._rounds.block(number).learning_rate
        return {
            name: self._merging.merge(
                name, rate, self._curvatures[owner][name], before, owner, [part[name] for part in parts]
            )
            for name, before in self._before.items()
        }

    def take(self, merged: Sequence[Part]) -> None:
        """Take over the rows that the owners brought together: the end of a round."""
        for part in merged:
            for name, (numbers, values) in part.items():
                put_rows(numbers, values, self._parameters.matrices[name], self._before[name])
