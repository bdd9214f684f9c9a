"""SymPy in a process of its own, which can be ended when it takes too long."""

import multiprocessing
from collections.abc import Callable
from typing import Any


def call_with_limit(function: Callable[..., Any], arguments: tuple[Any, ...], limit_s: float) -> Any:
    """function(*arguments), or None if it takes longer than the limit, raises an error, or dies.

    The function and what goes in and out must be picklable.
    """
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
    except Exception:  # whatever SymPy raises, the answer is "not solved"; the parent goes on without it
        result = None
    sender.send(result)
    sender.close()
