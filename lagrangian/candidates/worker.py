"""Long computations in a process of their own, which can be ended when they take too long: neither SymPy nor FLINT can be."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from typing import Any

from lagrangian.algebra.pickling import register

# the least part of the time left that is worth a start
LEAST_SHARE_S = 1.0
# whether this process is itself one that may be ended
_inside = False


def share_of_time(deadline: float, share: float) -> float:
    """Seconds that one step may take: a share of what is left until the deadline, at least a second, never more than all.

    >>> share_of_time(float("inf"), 0.2)
    inf
    """
    remaining = deadline - time.monotonic()
    return min(max(LEAST_SHARE_S, remaining * share), remaining)


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
    register()
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    context: Any = multiprocessing.get_context(method)
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send_result, args=(sender, function, arguments, not _inside))
    process.start()
    sender.close()
    try:
        if not receiver.poll(max(0.0, limit_s)):
            return None
        result, error = receiver.recv()
    except EOFError:
        return None
    finally:
        receiver.close()
        _end(process)
    if error is not None and not may_fail:
        raise error
    return result


def _end(process: Any) -> None:
    if not _inside and hasattr(os, "killpg"):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # it has ended, or has not yet made a group of its own
            process.kill()
    else:
        process.kill()
    process.join()


def _send_result(sender: Any, function: Callable[..., Any], arguments: tuple[Any, ...], outermost: bool) -> None:
    global _inside
    _inside = True
    if outermost and hasattr(os, "setpgrp"):
        os.setpgrp()
    try:
        sender.send((function(*arguments), None))
    except Exception as error:  # it is the caller who knows what an error means
        sender.send((None, error))
    sender.close()
