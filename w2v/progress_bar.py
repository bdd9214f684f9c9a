"""Progress that people see: a bar on a terminal or in a notebook, and lines where output goes to a file."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from w2v.progress import Progress

FIRST_LINE_S = 10.0
MOST_BETWEEN_LINES_S = 60.0

Show = Callable[[Progress], None]


@contextmanager
def progress_shown() -> Iterator[Show]:
    """What shows progress: as a bar where standard error is a terminal or in a notebook, else as lines on standard error.

    >>> with progress_shown() as show:
    ...     show(Progress(tokens_done=300, tokens_total=400, learning_rate=0.01, loss=2.0, tokens_per_s=50.0))
    """
    notebook = _in_notebook()
    if not notebook and not _is_terminal():
        yield lines(lambda line: print(line, file=sys.stderr, flush=True))
        return
    if notebook:
        from tqdm.auto import tqdm  # only where there is a bar to draw
    else:
        from tqdm import tqdm

    with tqdm(unit=" words", unit_scale=True, dynamic_ncols=True, leave=notebook, file=sys.stderr) as bar:

        def show(progress: Progress) -> None:
            if (
                bar.total is None
            ):  # neither what comes before training nor what other processes did counts for the speed
                bar.initial, bar.start_t = progress.tokens_done, time.time()
            bar.total = progress.tokens_total
            bar.n = progress.tokens_done
            # drawn at every call: training that ends within tqdm's own interval is to show its last state too
            figures = {"lr": f"{progress.learning_rate:.4f}", "loss": f"{progress.loss:.3f}"}
            if progress.held_out_loss is not None:
                figures["held-out"] = f"{progress.held_out_loss:.3f}"
            bar.set_postfix(figures)

        yield show


def lines(say: Callable[[str], None], now: Callable[[], float] = time.monotonic) -> Show:
    """What says a line after ten seconds, and then whenever the time has doubled, but every minute at the latest.

    >>> times = iter([0, 9, 11, 15, 22])
    >>> show = lines(print, lambda: next(times))
    >>> for done in (20, 30, 50, 88):
    ...     show(Progress(tokens_done=done, tokens_total=100, learning_rate=0.01, loss=2.0, tokens_per_s=4.0, epochs=2))
    30.0% of 100 words, epoch 1 of 2, 4 words/s, learning rate 0.0100, loss 2.0000 a pair, 0:00:18 left
    88.0% of 100 words, epoch 2 of 2, 4 words/s, learning rate 0.0100, loss 2.0000 a pair, 0:00:03 left
    """
    started = now()
    due = FIRST_LINE_S

    def show(progress: Progress) -> None:
        nonlocal due
        elapsed_s = now() - started
        if elapsed_s >= due:
            due = elapsed_s + min(elapsed_s, MOST_BETWEEN_LINES_S)
            say(line(progress))

    return show


def line(progress: Progress) -> str:
    """Progress in a line."""
    done = progress.tokens_done / progress.tokens_total
    held_out = "" if progress.held_out_loss is None else f", held-out loss {progress.held_out_loss:.4f}"
    left = "" if progress.seconds_left == float("inf") else f", {timedelta(seconds=round(progress.seconds_left))} left"
    return (
        f"{done:.1%} of {progress.tokens_total:,} words, epoch {progress.epoch} of {progress.epochs}, "
        f"{progress.tokens_per_s:,.0f} words/s, learning rate {progress.learning_rate:.4f}, loss {progress.loss:.4f} a pair"
        f"{held_out}{left}"
    )


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _in_notebook() -> bool:
    """Whether this is the process of a notebook (IPython's kernel), whose standard error is no terminal."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and getattr(shell, "kernel", None) is not None
