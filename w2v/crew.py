"""Threads that work together while the caller hears how far they are."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Event, Lock

_PROGRESS_S = 0.1


class Dealer:
    """Deals parts of some numbered work in order, to any thread that asks, until there are none or it is stopped.

    Parameters
    ----------
    parts : iterable of ranges, each starting where the one before ends
    start : int
        Where the first of them starts.

    Attributes
    ----------
    dealt : int
        Where the latest part ends that was dealt.

    Examples
    --------
    >>> dealer = Dealer([range(5, 7), range(7, 8)], start=5)
    >>> part = dealer.deal()
    >>> part, dealer.dealt, dealer.whole
    (range(5, 7), 7, False)
    >>> dealer.finish()
    >>> dealer.stopped.set()
    >>> dealer.deal() is None, dealer.dealt, dealer.whole
    (True, 7, True)
    """

    def __init__(self, parts: Iterable[range], start: int) -> None:
        self.stopped = Event()
        self.dealt = start
        self._unfinished = 0
        self._parts = iter(parts)
        self._lock = Lock()

    def deal(self) -> range | None:
        """The next part; None when the work ends."""
        with self._lock:
            part = None if self.stopped.is_set() else next(self._parts, None)
            if part is not None:
                self.dealt = part.stop
                self._unfinished += 1
            return part

    def finish(self) -> None:
        """Note that a part is done."""
        with self._lock:
            self._unfinished -= 1

    @property
    def whole(self) -> bool:
        """Whether all that was dealt is done: work that failed never is."""
        return self._unfinished == 0


def work_together(jobs: Sequence[Callable[[], None]], stop: Event, tell: Callable[[], None]) -> None:
    """Run each job in a thread of its own; call `tell` about ten times a second and when all are done.

    An exception from a job or from `tell` is raised here, after `stop` is set and the jobs have ended.

    >>> done = []
    >>> work_together([lambda: done.append(1), lambda: done.append(1)], Event(), lambda: None)
    >>> done
    [1, 1]
    """
    with ThreadPoolExecutor(len(jobs)) as pool:
        running = {pool.submit(job) for job in jobs}
        try:
            while running:
                done, running = wait(running, _PROGRESS_S, FIRST_EXCEPTION)
                for future in done:
                    future.result()
                tell()
        finally:
            stop.set()
