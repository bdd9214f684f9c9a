"""A worker with a process of its own: its share of the text, and its copy of the rows."""

import os
import socket
import time
from collections.abc import Sequence
from typing import Any

from w2v.config import TrainingConfig
from w2v.corpora.frequent import Frequent
from w2v.corpora.options import TextOptions
from w2v.corpus import EncodedCorpus
from w2v.distributed.counting import Counted, add_up, count_piece
from w2v.distributed.pieces import Piece
from w2v.distributed.reading import Description, Share, description, read_share, share
from w2v.distributed.replica import Matrices, Part, Replica
from w2v.distributed.shares import Rounds
from w2v.errors import InterruptedRunError
from w2v.vocabulary import Vocabulary

Text = EncodedCorpus | tuple[Sequence[Piece], TextOptions]


class Member:
    """Worker number `worker` of so many.

    A new process knows nothing: it is to `read` its share, to `begin`, and to `load` the rows of the round that is due. `train`
    leaves them as they are; after `take` those of the next round are due, and it does nothing more when they already are.
    """

    def __init__(self, worker: int, workers: int, config: TrainingConfig) -> None:
        self._worker, self._workers, self._config = worker, workers, config
        self._share: Share | None = None
        self._replica: Replica | None = None
        self._due: int | None = None

    def process(self) -> tuple[str, int]:
        """The host, and the number of the process on it."""
        return socket.gethostname(), os.getpid()

    def processor_s(self) -> float:
        """The seconds of a processor that the process has spent."""
        return time.process_time()

    def count(self, number: int, piece: Piece, options: TextOptions) -> tuple[Counted, ...] | Counted:
        """The words of a piece in as many parts as there are workers; Ray wants a single one by itself."""
        parts = count_piece(piece, number, options, self._workers)
        return parts if self._workers > 1 else parts[0]

    def add_up(self, frequent: Frequent, *counted: Counted) -> Counted:
        """The words of one part of all pieces that may be kept."""
        return add_up(frequent, *counted)

    def read(self, vocabulary: Vocabulary, text: Text) -> Description:
        """Read the share, or take it as it is given, unless that is done."""
        if self._share is not None:
            return description(self._share.training)
        corpus = text if isinstance(text, EncodedCorpus) else read_share(*text, vocabulary)
        self._vocabulary, self._share = vocabulary, share(corpus, self._config)
        return description(self._share.training)

    def held_out(self) -> EncodedCorpus | None:
        """What of the share is held out."""
        assert self._share is not None
        return self._share.held_out

    def begin(self, rounds: Rounds) -> None:
        """Make the rows, and compile what trains them, unless that is done."""
        assert self._share is not None
        if self._replica is not None:
            return
        self._replica = Replica(self._vocabulary, self._config, rounds, self._workers)
        self._replica.add_share(self._worker, self._share.training)

    def due(self) -> int | None:
        """The round at whose beginning the rows are; None before they were loaded."""
        return self._due

    def load(self, matrices: Matrices, number: int) -> None:
        """Take over all rows, which are those at the beginning of round `number`."""
        assert self._replica is not None
        self._replica.load(matrices)
        self._due = number

    def matrices(self) -> Matrices:
        """The rows as they are between two rounds."""
        return self._at(self._due).matrices()

    def train(self, number: int) -> tuple[Any, ...]:
        """Train a round: its pairs and the sum of their losses, and then the changed rows for each owner."""
        trained = self._at(number).train(self._worker, number)
        return (trained.pairs, trained.loss), *trained.parts

    def merge(self, number: int, *parts: Part) -> Part:
        """Bring together the rows that this worker owns, from those of all workers."""
        return self._at(number).merge(self._worker, number, parts)

    def take(self, number: int, *merged: Part) -> int:
        """Take over the rows that the owners brought together: the end of a round. Returns the round that is due now."""
        if self._due != number + 1:
            self._at(number).take(merged)
            self._due = number + 1
        return self._due

    def _at(self, number: int | None) -> Replica:
        if self._replica is None or self._due is None or self._due != number:
            raise InterruptedRunError(f"round {number} is asked of a worker for whom round {self._due} is due")
        return self._replica
