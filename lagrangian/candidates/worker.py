"""Long computations in a process of their own, which can be ended when they take too long: neither SymPy nor FLINT can be."""

import multiprocessing
import time
from collections.abc import Callable
from typing import Any

from lagrangian.algebra.pickling import register

# the least part of the time left that is worth a start
LEAST_SHARE_S = 1.0


def share_of_time(deadline: float, share: float) -> float:
    """Seconds that one step may take: a share of what is left until the deadline, at least a second, never more than all.

    >>> share_of_time(float("inf"), 0.2)
    inf
    """
    remaining = deadline - time.monotonic()
    return min(max(LEAST_SHARE_S, remaining * share), remaining)


def call_with_limit(function: Callable[..., Any], arguments: tuple[Any, ...], limit_s: float) -> Any:
    """function(*arguments), or None if it takes longer than the limit, raises an error, or dies.

    The function and what goes in and out must be picklable; FLINT's types are.
    """
    register()
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    context: Any = multiprocessing.get_context(method)
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send_result, args=(sender, function, arguments), daemon=True)
    process.start()
    sender.close()
    try:
        return receiver.recv() if receiver.poll(max(0.0, limit_s)) else None
    except EOFError:
        return None
    finally:
        receiver.close()
        process.kill()
        process.join()


def _send_result(sender: Any, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        result = function(*arguments)
    except Exception:  # whatever is raised, the answer is "not solved"; the parent goes on without it
        result = None
    sender.send(result)
    sender.close()
