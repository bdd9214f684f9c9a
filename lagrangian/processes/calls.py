"""Functions that are called in another process: what they tell on the way, what they return, and why they did not."""

import time
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from lagrangian.algebra.pickling import register
from lagrangian.errors import ProblemError
from lagrangian.processes.limits import default_memory_limit_mb, limit_memory
from lagrangian.processes.starting import Work, can_start, computes_for_another, start

# how often one who waits looks around
TICK_S = 0.1
# the least part of the time left that is worth a start
LEAST_SHARE_S = 1.0
OUT_OF_MEMORY = "it ran out of memory"
OUT_OF_TIME = "it came to no end in the time given to it"

# the connection to the process that waits for this one
_upstream: Connection | None = None
_silent = False


@dataclass(frozen=True, eq=False)
class Told:
    """Something that a computation says before it ends."""

    message: Any


@dataclass(frozen=True, eq=False)
class Returned:
    """The result of a computation, the end of it."""

    value: Any


@dataclass(frozen=True, eq=False)
class Raised:
    """The error that a computation has ended with."""

    error: Exception


@dataclass(frozen=True)
class Lost:
    """A computation that was ended, or has died, for this reason."""

    reason: str


@dataclass(frozen=True)
class Waiting:
    """Nothing has happened for a moment."""


Event = Told | Returned | Raised | Lost | Waiting


def tell(message: Any) -> None:
    """Send something to the process that waits for this one; nothing happens where none does."""
    if _upstream is not None and not _silent:
        _upstream.send(Told(message))


@contextmanager
def untold() -> Iterator[None]:
    """Within this, nothing is told: for steps about another problem than the one that is waited for."""
    global _silent
    before, _silent = _silent, True
    try:
        yield
    finally:
        _silent = before


def events(
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    until: Callable[[], float],
    memory_limit_mb: int | None = None,
) -> Generator[Event, None, None]:
    """What happens while another process computes function(*arguments), up to its end.

    Args:
        function: what to call; it and what goes in and out can be pickled.
        arguments: what to call it with.
        until: when the process is ended, in the seconds of time.monotonic(); it is asked again and again.
        memory_limit_mb: what the process may allocate; without it the default, or what is left to the process that calls.

    The process, and all that it has started, has ended when the iteration ends, also where that is broken off.
    """
    register()
    if not can_start():
        yield _computed((function, arguments, None))
        return
    if memory_limit_mb is None and not computes_for_another():  # what is within another process has its limit
        memory_limit_mb = default_memory_limit_mb()
    worker = start(serve, (function, arguments, memory_limit_mb))
    finished = False
    try:
        while not finished:
            event = _next_event(worker.connection, until())
            finished = isinstance(event, Returned | Raised)
            yield event
            if isinstance(event, Lost):
                return
    finally:
        worker.release(finished=finished)


def _next_event(connection: Connection, until: float) -> Event:
    left = until - time.monotonic()
    try:
        if connection.poll(max(0.0, min(TICK_S, left))):
            return connection.recv()
    except (EOFError, OSError):
        return Lost("its process died, perhaps for want of memory")
    except Exception as error:  # whatever an answer raises that cannot be put together again
        return Raised(error)
    return Waiting() if left > 0 else Lost(OUT_OF_TIME)


def serve(connection: Connection, work: Work) -> None:
    """Do the work and send what comes of it."""
    global _upstream
    if _upstream is not None and _upstream is not connection:
        _upstream.close()  # that of the process this one is a copy of
    _upstream = connection
    if work[2] is not None:
        limit_memory(work[2])
    event = _computed(work)
    try:
        connection.send(event)
    except OSError:  # nobody waits any more
        return
    except Exception as error:  # what cannot be pickled raises nearly anything
        connection.send(Raised(TypeError(f"the result cannot be sent: {error}")))


def _computed(work: Work) -> Event:
    function, arguments, _ = work
    try:
        return Returned(function(*arguments))
    except MemoryError:
        return Lost(OUT_OF_MEMORY)
    except Exception as error:  # it is the one who waits that knows what an error means
        error.add_note(traceback.format_exc())
        return Raised(error)


def call_with_limit(
    function: Callable[..., Any], arguments: tuple[Any, ...], limit_s: float, *, may_fail: bool = False
) -> Any:
    """function(*arguments), or None if it takes longer than the limit or dies.

    Args:
        function: what to call; it and what goes in and out must be picklable. FLINT's types are.
        arguments: what to call it with.
        limit_s: seconds after which the process is ended, and with it all that it has started.
        may_fail: None too where the function raises an error, which is raised here otherwise.
    """
    until = time.monotonic() + limit_s
    with closing(events(function, arguments, lambda: until)) as happening:
        for event in happening:
            if isinstance(event, Told):
                tell(event.message)
            elif isinstance(event, Returned):
                return event.value
            elif isinstance(event, Raised) and not may_fail:
                raise event.error
    return None


def deadline_after(time_limit_s: float | None) -> float:
    """The time, of time.monotonic(), at which a limit in seconds is over; never for None.

    Raises:
        ProblemError: for a limit that is no number of seconds.

    >>> deadline_after(None)
    inf
    """
    if time_limit_s is None:
        return float("inf")
    try:
        seconds = float(time_limit_s)
    except (TypeError, ValueError):
        seconds = float("nan")
    if isinstance(time_limit_s, str) or not seconds >= 0:
        raise ProblemError(f"time_limit_s is {time_limit_s!r}; write a number of seconds, or None for no limit")
    return time.monotonic() + seconds


def share_of_time(deadline: float, share: float) -> float:
    """Seconds that one step may take: a share of what is left until the deadline, at least a second, never more than all.

    >>> share_of_time(float("inf"), 0.2)
    inf
    """
    remaining = deadline - time.monotonic()
    return min(max(LEAST_SHARE_S, remaining * share), remaining)
