"""Threads that work together while the caller hears how far they are."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Event

_PROGRESS_S = 0.1


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
