"""Who brings workers: a cluster, or this process by itself."""

from collections.abc import Callable, Sequence
from typing import Protocol

from w2v.config import TrainingConfig
from w2v.corpora.frequent import Frequent
from w2v.corpora.options import TextOptions
from w2v.corpus import EncodedCorpus
from w2v.distributed.counting import add_up, count_piece, vocabulary
from w2v.distributed.member import Text
from w2v.distributed.pieces import Piece
from w2v.distributed.reading import Description, Share, description, read_share, share
from w2v.distributed.replica import Matrices, Replica
from w2v.distributed.shares import Rounds
from w2v.vocabulary import Vocabulary

Tell = Callable[[], None]


class Crew(Protocol):
    """Workers, each with its share, and all with the same rows between two rounds."""

    def count(
        self, pieces: Sequence[Piece], options: TextOptions, frequent: Frequent, name: str, tell: Tell
    ) -> Vocabulary:
        """The vocabulary of a corpus in pieces."""

    def read(self, known: Vocabulary, texts: Sequence[Text], tell: Tell) -> list[Description]:
        """Let each worker read its share, or take it as it is given."""

    def held_out(self) -> list[EncodedCorpus | None]:
        """What each worker holds out."""

    def begin(self, rounds: Rounds, tell: Tell) -> None:
        """Let all workers get ready for these rounds."""

    def load(self, matrices: Matrices, number: int) -> None:
        """Give all workers these rows, those at the beginning of round `number`."""

    def advance(self, number: int, tell: Tell) -> tuple[int, float]:
        """Train a round, and bring the rows together; returns its pairs and the sum of their losses.

        `tell` is called now and then meanwhile.
        """

    def matrices(self) -> Matrices:
        """The rows as they are between two rounds."""

    def close(self) -> None:
        """Let the workers go."""


class Company(Protocol):
    """What brings workers."""

    def crew(self, workers: int, config: TrainingConfig) -> Crew:
        """So many workers, who have not read anything yet."""


class LocalCompany:
    """This process by itself."""

    def crew(self, workers: int, config: TrainingConfig) -> "LocalCrew":
        """So many workers, who take turns."""
        return LocalCrew(workers, config)


class LocalCrew:
    """Workers in turn, in this process, on one copy of the rows: what a cluster of as many computes, without one."""

    def __init__(self, workers: int, config: TrainingConfig) -> None:
        self._workers, self._config = workers, config
        self._shares: list[Share] = []

    def count(
        self, pieces: Sequence[Piece], options: TextOptions, frequent: Frequent, name: str, tell: Tell
    ) -> Vocabulary:
        counted = [count_piece(piece, number, options, self._workers) for number, piece in enumerate(pieces)]
        return vocabulary([add_up(frequent, *part) for part in zip(*counted, strict=True)], frequent, name)

    def read(self, known: Vocabulary, texts: Sequence[Text], tell: Tell) -> list[Description]:
        self._known = known
        for text in texts:
            corpus = text if isinstance(text, EncodedCorpus) else read_share(*text, known)
            self._shares.append(share(corpus, self._config))
            tell()
        return [description(own.training) for own in self._shares]

    def held_out(self) -> list[EncodedCorpus | None]:
        return [own.held_out for own in self._shares]

    def begin(self, rounds: Rounds, tell: Tell) -> None:
        self._replica = Replica(self._known, self._config, rounds, self._workers)
        for worker, own in enumerate(self._shares):
            self._replica.add_share(worker, own.training)
            tell()

    def load(self, matrices: Matrices, number: int) -> None:
        self._replica.load(matrices)

    def advance(self, number: int, tell: Tell) -> tuple[int, float]:
        trained = []
        for worker in range(self._workers):
            trained.append(self._replica.train(worker, number))
            tell()
        merged = [
            self._replica.merge(owner, number, [own.parts[owner] for own in trained]) for owner in range(self._workers)
        ]
        self._replica.take(merged)
        return sum(own.pairs for own in trained), float(sum(own.loss for own in trained))

    def matrices(self) -> Matrices:
        return self._replica.matrices()

    def close(self) -> None:
        pass
