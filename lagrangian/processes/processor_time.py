"""Limits of processor time: the same on an idle machine and on a busy one."""

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any


def within_processor_time(function: Callable[..., Any], arguments: tuple[Any, ...], limit_s: float) -> Any:
    """function(*arguments), ended after so many seconds of this process's processor time.

    There is no limit outside of the main thread, and where the operating system has no such timer (Windows).

    Raises:
        TimeoutError: at the limit.

    >>> within_processor_time(pow, (2, 10), 5.0)
    1024
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        return function(*arguments)

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"more than {limit_s} seconds of processor time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        return function(*arguments)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
