"""Workers on a cluster of Ray (Moritz et al. 2018), each a process of its own, replaced when it dies.

The driver sends messages only: rows go from worker to worker, through Ray's object stores. Every worker owns every W-th row, and
brings together what all W workers sent of it, so none has more traffic than the others.

Nothing is lost when workers die, since a round is a function of the rows at its beginning, the share and its number. A new
process reads its share again and takes the rows from a worker who has them. The round is done again, unless a worker has already
what came of it. If no worker is left, they begin where the driver last had the rows. So the result is the same bit for bit,
whoever dies when.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from w2v.config import TrainingConfig
from w2v.corpora.frequent import Frequent
from w2v.corpora.options import TextOptions
from w2v.corpus import EncodedCorpus
from w2v.distributed.address import LOCAL, check_address
from w2v.distributed.companies import Tell
from w2v.distributed.counting import Counted, vocabulary
from w2v.distributed.member import Member, Text
from w2v.distributed.pieces import Piece
from w2v.distributed.reading import Description
from w2v.distributed.replica import Matrices
from w2v.distributed.shares import Rounds
from w2v.errors import ClusterError, InterruptedRunError, SourceError, W2VError
from w2v.extras import extra
from w2v.vocabulary import Vocabulary

_POLL_S = 0.1
_FIRST_WAIT_S = 0.25  # after a death; twice as long after each further one
_PATIENCE_S = 120.0  # for a process to start
_MOST_FAILURES = 8  # in one round


class Cluster:
    """A connection to Ray; see `connected`."""

    def __init__(self, ray: Any, address: str) -> None:
        self._ray, self._address = ray, address

    def workers(self, threads: int) -> int:
        """As many workers as the cluster has processors for."""
        return max(int(self._ray.cluster_resources().get("CPU", 0)) // threads, 1)

    def attempted(self, references: Sequence[Any], tell: Tell, patience_s: float = float("inf")) -> list[Any]:
        """What some calls return, when all have; `tell` is called meanwhile.

        An error of this package that one of them raised is raised here, and so is one of Ray, such as that a worker died.
        """
        waiting, waited_s = list(references), 0.0
        while waiting:
            _, waiting = self._ray.wait(waiting, num_returns=len(waiting), timeout=_POLL_S, fetch_local=False)
            tell()
            waited_s += _POLL_S
            if waiting and waited_s > patience_s:
                raise ClusterError(
                    f"{len(waiting)} of {len(references)} workers have not started within {patience_s:.0f} s; has the cluster "
                    "processors free for them?"
                )
        try:
            return list(self._ray.get(list(references)))
        except self._ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, W2VError):
                raise error.cause from None
            if isinstance(error.cause, self._ray.exceptions.RayError):
                raise error.cause from None
            raise ClusterError(f"a process of the cluster failed: {_first_line(error.cause or error)}") from error

    def crew(self, workers: int, config: TrainingConfig) -> "RayCrew":
        """So many workers, who have not read anything yet.

        Raises
        ------
        ClusterError
            When the cluster has not enough processors.
        """
        have, need = self._ray.cluster_resources().get("CPU", 0), workers * config.threads
        if have < need:
            raise ClusterError(
                f"{workers} workers with {config.threads} threads need {need} processors, and the cluster has {have:.0f}; take "
                "fewer workers"
            )
        return RayCrew(self._ray, self, workers, config)


@contextmanager
def connected(address: str, processors: int) -> Iterator[Cluster]:
    """Connect to the cluster at an address, or for "local" start one on this machine, with so many processors at least.

    Raises
    ------
    MissingExtraError
        Without Ray.
    ClusterError
        When there is no cluster.
    """
    check_address(address)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    ray = extra("ray", "ray", "training on a cluster")
    if ray.is_initialized():  # by the caller, who is to end it
        yield Cluster(ray, address)
        return
    own: dict[str, Any] = {}
    if address == LOCAL:
        own = {"num_cpus": max(processors, os.cpu_count() or 1), "include_dashboard": False}
    try:
        ray.init(address=address, log_to_driver=False, logging_level="error", **own)
    except Exception as error:  # Ray's errors of this kind have no common base
        raise ClusterError(f"cannot reach a Ray cluster at {address}: {_first_line(error)}") from error
    try:
        yield Cluster(ray, address)
    finally:
        ray.shutdown()


class RayCrew:
    """Workers on a cluster.

    Attributes
    ----------
    replaced : int
        How many processes have taken the place of others that died.
    """

    def __init__(self, ray: Any, cluster: Cluster, workers: int, config: TrainingConfig) -> None:
        self._ray, self._cluster, self._workers, self.replaced = ray, cluster, workers, 0
        member = ray.remote(Member).options(num_cpus=config.threads, max_restarts=-1, scheduling_strategy="SPREAD")
        self._members = [member.remote(worker, workers, config) for worker in range(workers)]
        self._processes = cluster.attempted(self._of_all("process"), _nothing, _PATIENCE_S)
        self._texts: list[Any] | None = None
        self._descriptions: list[Description] | None = None
        self._rounds: Rounds | None = None
        self._last: tuple[Any, int] | None = None
        self._due = 0
        self._sums = (0, 0.0)

    @property
    def processes(self) -> list[tuple[str, int]]:
        """The host and the number of each worker's process, as far as is known."""
        return list(self._processes)

    def processor_s(self) -> list[float]:
        """The seconds of a processor that each worker's process has spent."""
        seconds: list[float] = self._cluster.attempted(self._of_all("processor_s"), _nothing)
        return seconds

    def count(
        self, pieces: Sequence[Piece], options: TextOptions, frequent: Frequent, name: str, tell: Tell
    ) -> Vocabulary:
        """The vocabulary of a corpus, its pieces counted in parallel, and its words added up in parallel."""
        return self._surely(lambda due: vocabulary(self._counted(pieces, options, frequent, tell), frequent, name))

    def _counted(self, pieces: Sequence[Piece], options: TextOptions, frequent: Frequent, tell: Tell) -> list[Counted]:
        calls = [
            self._members[number % self._workers]
            .count.options(num_returns=self._workers)
            .remote(number, piece, options)
            for number, piece in enumerate(pieces)
        ]
        parts = list(zip(*calls, strict=True)) if self._workers > 1 else [tuple(calls)]
        added = [member.add_up.remote(frequent, *part) for member, part in zip(self._members, parts, strict=True)]
        return self._cluster.attempted(added, tell)

    def read(self, known: Vocabulary, texts: Sequence[Text], tell: Tell) -> list[Description]:
        """Let each worker read its share, or take it."""
        self._known = self._ray.put(known)
        self._texts = [self._ray.put(text) for text in texts]
        self._surely(lambda due: self._prepare(tell))
        assert self._descriptions is not None
        return self._descriptions

    def held_out(self) -> list[EncodedCorpus | None]:
        """What each worker holds out."""
        return self._surely(lambda due: self._cluster.attempted(self._of_all("held_out"), _nothing))

    def begin(self, rounds: Rounds, tell: Tell) -> None:
        """Let all workers get ready for these rounds."""
        self._rounds = rounds
        self._surely(lambda due: self._prepare(tell))

    def load(self, matrices: Matrices, number: int) -> None:
        """Give all workers these rows, those at the beginning of round `number`."""
        last = self._ray.put(dict(matrices)), number
        self._last, self._due = last, number
        self._surely(lambda due: self._load(self._members, *last))

    def advance(self, number: int, tell: Tell) -> tuple[int, float]:
        """Train a round, and bring the rows together; returns its pairs and the sum of their losses."""
        self._surely(lambda due: self._round(number, tell) if due == number else None)
        self._due = number + 1
        return self._sums

    def matrices(self) -> Matrices:
        """The rows as they are between two rounds."""
        first = self._members[0]
        return self._surely(lambda due: self._cluster.attempted([first.matrices.remote()], _nothing)[0])

    def close(self) -> None:
        """End the workers' processes."""
        for member in self._members:
            self._ray.kill(member)

    def _of_all(self, method: str, *arguments: Any) -> list[Any]:
        return [getattr(member, method).remote(*arguments) for member in self._members]

    def _surely(self, action: Callable[[int], Any]) -> Any:
        """Do what needs all workers, for the round that is due; after a death replace who died, and do it again."""
        due, dead, failures = self._due, False, 0
        while True:
            try:
                if dead:
                    due = self._caught_up()
                return action(due)
            except (self._ray.exceptions.RayError, InterruptedRunError) as error:
                failures += 1
                if failures > _MOST_FAILURES:
                    raise ClusterError(
                        f"workers died again and again, {failures} times in one round; the last time: {_first_line(error)}"
                    ) from error
                time.sleep(_FIRST_WAIT_S * 2 ** (failures - 1))
                dead = True

    def _prepare(self, tell: Tell) -> None:
        """Let all workers know their shares and their rounds who do not; those who do answer at once."""
        assert self._texts is not None
        calls = [member.read.remote(self._known, text) for member, text in zip(self._members, self._texts, strict=True)]
        descriptions = self._cluster.attempted(calls, tell)
        if self._descriptions is not None and descriptions != self._descriptions:
            raise SourceError("the text of a worker that died is not what it was; it has changed since")
        self._descriptions = descriptions
        if self._rounds is not None:
            self._cluster.attempted(self._of_all("begin", self._rounds), tell)

    def _load(self, members: Sequence[Any], matrices: Any, number: int) -> None:
        self._cluster.attempted([member.load.remote(matrices, number) for member in members], _nothing)

    def _round(self, number: int, tell: Tell) -> None:
        """All train; when all have, each brings together the rows that it owns; all take over all of them.

        All calls are made at once, so that those of the end are on their way while the workers train. Whoever has taken over rows
        has them from all, so the results are there too.
        """
        calls = [member.train.options(num_returns=1 + self._workers).remote(number) for member in self._members]
        merged = [
            member.merge.remote(number, *(call[1 + owner] for call in calls))
            for owner, member in enumerate(self._members)
        ]
        taken = self._of_all("take", number, *merged)
        results = self._cluster.attempted([call[0] for call in calls], tell)
        self._sums = sum(pairs for pairs, _ in results), float(sum(loss for _, loss in results))
        self._cluster.attempted(taken, tell)

    def _caught_up(self) -> int:
        """Bring all workers to the round that is due, or to the next one where some have it already; returns which."""
        processes = self._cluster.attempted(self._of_all("process"), _nothing, _PATIENCE_S)
        self.replaced += sum(new != old for new, old in zip(processes, self._processes, strict=True))
        self._processes = processes
        if self._texts is not None:
            self._prepare(_nothing)
        if self._last is None:
            return self._due
        rounds_due = self._cluster.attempted(self._of_all("due"), _nothing)
        due = max((number for number in rounds_due if number is not None), default=None)
        if due is None or due < self._due:
            due = self._last[1]
            self._load(self._members, *self._last)
        else:
            ahead = self._members[rounds_due.index(due)].matrices.remote()
            behind = [member for member, number in zip(self._members, rounds_due, strict=True) if number != due]
            self._load(behind, ahead, due)
        while due < self._due:
            self._round(due, _nothing)
            due += 1
        return due


def _nothing() -> None:
    pass


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
