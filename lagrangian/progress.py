"""How far a solution has come: what callbacks are told, and the line that a terminal shows."""

import itertools
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

from lagrangian.shown import Shown

# what takes no longer needs no progress line
QUIET_S = 2.0
TURNING = "|/-\\"


@dataclass(frozen=True)
class Progress(Shown):
    """What is being done, for how long the whole has been going on, and the best value known, in the stated sense.

    >>> from sympy import symbols
    >>> from lagrangian import minimize
    >>> x, heard = symbols("x"), []
    >>> solution = minimize(x**2, over=[x], progress=heard.append)
    >>> all(isinstance(report, Progress) for report in heard)
    True
    """

    stage: str
    elapsed_s: float
    value: float | None = None


Report = Callable[[Progress], None]


@dataclass(eq=False)
class ProgressLine:
    """A callback that keeps one line of a terminal up to date, from the third second on; ``clear`` takes it away again.

    >>> import io
    >>> line = ProgressLine(io.StringIO())
    >>> line(Progress("local solutions", 3.2, 1.5))
    >>> line.stream.getvalue()
    '\\r| 3 s, local solutions, best value 1.5'
    """

    stream: TextIO = field(default_factory=lambda: sys.stderr)
    shown: int = 0

    def __post_init__(self) -> None:
        self._turning = itertools.cycle(TURNING)

    def __call__(self, progress: Progress) -> None:
        if progress.elapsed_s < QUIET_S:
            return
        text = f"{next(self._turning)} {progress.elapsed_s:.0f} s, {progress.stage}"
        if progress.value is not None:
            text += f", best value {progress.value:.10g}"
        text = text[: shutil.get_terminal_size().columns - 1]
        # first, so that ``clear`` knows of it though an interrupt comes while it is written
        self.shown = max(self.shown, len(text))
        self._write(f"\r{text:<{self.shown}}")

    def clear(self) -> None:
        if self.shown:
            self._write(f"\r{' ' * self.shown}\r")
            self.shown = 0

    def _write(self, text: str) -> None:
        try:
            self.stream.write(text)
            self.stream.flush()
        except (OSError, ValueError):  # the terminal has gone, the answer is still wanted
            self.shown = 0


@contextmanager
def stage_shown(stage: str, started: float, *, shown: bool) -> Iterator[None]:
    """While this lasts, a terminal says what is done; for what cannot tell how far it is.

    Args:
        stage: what is done.
        started: when the whole began, in the seconds of time.monotonic().
        shown: whether to show anything.
    """
    line = ProgressLine()
    if shown:
        line(Progress(stage, time.monotonic() - started))
    try:
        yield
    finally:
        line.clear()
