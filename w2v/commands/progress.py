"""What a long training run shows on a terminal, and how Ctrl-C ends it."""

import signal
import sys
import threading
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from w2v.progress import Progress


@contextmanager
def progress_bar(quiet: bool) -> "Iterator[Callable[[Progress], None] | None]":
    """What shows progress as a bar on a terminal; nothing where standard error is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm  # only where there is a bar to draw

    with tqdm(unit=" words", unit_scale=True, dynamic_ncols=True, leave=False, file=sys.stderr) as bar:

        def show(progress: "Progress") -> None:
            bar.total = progress.tokens_total
            bar.n = progress.tokens_done
            # drawn at every call: training that ends within tqdm's own interval is to show its last state too
            figures = {"lr": f"{progress.learning_rate:.4f}", "loss": f"{progress.loss:.3f}"}
            if progress.held_out_loss is not None:
                figures["held-out"] = f"{progress.held_out_loss:.3f}"
            bar.set_postfix(figures)

        yield show


@contextmanager
def interrupted_between_blocks(
    show: "Callable[[Progress], None] | None",
) -> "Iterator[Callable[[Progress], None]]":
    """Ctrl-C ends training after the block that is being trained; a second one ends it at once.

    In the midst of Numba's compiler, a KeyboardInterrupt is lost or leaves it with half of its work done.
    """
    pressed = False

    def remember(number: int, frame: Any) -> None:
        nonlocal pressed
        pressed = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def between_blocks(progress: "Progress") -> None:
        if pressed:
            raise KeyboardInterrupt
        if show is not None:
            show(progress)

    usual = threading.current_thread() is threading.main_thread()
    if not usual or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield between_blocks
        return
    signal.signal(signal.SIGINT, remember)
    try:
        yield between_blocks
        if pressed:
            raise KeyboardInterrupt
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
