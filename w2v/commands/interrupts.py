"""How Ctrl-C, or what ends processes on a cluster, ends a long training run."""

import signal
import threading
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from w2v.errors import Interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from w2v.progress import Progress


@contextmanager
def interrupted_between_blocks(
    show: "Callable[[Progress], None] | None", signals: tuple[int, ...] = (signal.SIGINT,)
) -> "Iterator[Callable[[Progress], None]]":
    """The first of these signals ends training after the block that is being trained; a second one ends it at once.

    In the midst of Numba's compiler, a KeyboardInterrupt is lost or leaves it with half of its work done.
    """
    heard: list[int] = []

    def remember(number: int, frame: Any) -> None:
        heard.append(number)
        restore()

    def restore() -> None:
        for number, handler in usual.items():
            signal.signal(number, handler)

    def between_blocks(progress: "Progress") -> None:
        raise_what_was_heard()
        if show is not None:
            show(progress)

    def raise_what_was_heard() -> None:
        if heard:
            raise Interrupted(heard[0])

    usual = {number: signal.getsignal(number) for number in signals}
    defaults = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    usual = {number: handler for number, handler in usual.items() if handler is defaults.get(signal.Signals(number))}
    if threading.current_thread() is not threading.main_thread():
        usual = {}
    for number in usual:
        signal.signal(number, remember)
    try:
        yield between_blocks
        raise_what_was_heard()
    finally:
        restore()
