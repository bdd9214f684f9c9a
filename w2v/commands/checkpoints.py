"""The options of commands that train for long: checkpoints, early stopping, and what happens when they are interrupted."""

import argparse
import re
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from w2v.commands.interrupts import interrupted_between_blocks
from w2v.commands.parsing import Options, count
from w2v.errors import ConfigError, Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from w2v.callbacks import Callback
    from w2v.checkpoint import Checkpoints
    from w2v.progress import Progress

_UNITS_S = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600}


def add_checkpoint_options(parser: Options) -> None:
    """The options `--checkpoint`, `--checkpoint-every`, `--resume` and `--patience`."""
    parser.add_argument("--checkpoint", metavar="FOLDER", help="keep the run in this folder while it goes on")
    parser.add_argument(
        "--checkpoint-every",
        type=duration,
        metavar="TIME",
        help="time of training between two checkpoints, such as 90s, 5m or 1h (default 60s)",
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with the run that the folder keeps, if there is one"
    )
    parser.add_argument(
        "--patience",
        type=count,
        metavar="N",
        help="stop when the held-out loss has not fallen below its least value for so many epochs",
    )


def check_checkpoint_options(options: argparse.Namespace) -> None:
    """Raise a ConfigError for options that make no sense without others."""
    if options.patience is not None and not options.held_out:
        raise ConfigError("--patience needs held-out text to tell when to stop; add --held-out 0.01, say")
    for name in ("checkpoint_every", "resume"):
        if getattr(options, name) not in (None, False) and options.checkpoint is None:
            flag = name.replace("_", "-")
            raise ConfigError(f"--{flag} needs the folder of the checkpoints; add --checkpoint FOLDER")


def checkpoints_of(options: argparse.Namespace) -> "Checkpoints | None":
    """What the options say, checked as far as it can be before the text is read."""
    from w2v.checkpoint import Checkpoints, check_not_foreign, check_not_taken

    if options.checkpoint is None:
        return None
    every_s = 60.0 if options.checkpoint_every is None else options.checkpoint_every
    checkpoints = Checkpoints(options.checkpoint, every_s, options.resume)
    check_not_foreign(checkpoints.folder)
    check_not_taken(checkpoints)
    return checkpoints


def callbacks_of(options: argparse.Namespace) -> "list[Callback]":
    """The callbacks that the options ask for."""
    from w2v.callbacks import EarlyStopping

    return [] if options.patience is None else [EarlyStopping(options.patience)]


@contextmanager
def interruptible(
    show: "Callable[[Progress], None] | None", checkpoints: "Checkpoints | None"
) -> "Iterator[Callable[[Progress], None]]":
    """Ctrl-C, and with checkpoints SIGTERM, ends training between two blocks, and the error says what is kept."""
    signals = (signal.SIGINT,) if checkpoints is None else (signal.SIGINT, signal.SIGTERM)
    try:
        with interrupted_between_blocks(show, signals) as between_blocks:
            yield between_blocks
    except KeyboardInterrupt as interruption:
        if checkpoints is None:
            raise
        raise _with_remedy(interruption, checkpoints) from None


def _with_remedy(interruption: KeyboardInterrupt, checkpoints: "Checkpoints") -> Interrupted:
    from w2v.checkpoint_files import kept_share

    error = interruption if isinstance(interruption, Interrupted) else Interrupted(signal.SIGINT)
    share = kept_share(checkpoints.folder)
    if share is not None:
        error.remedy = (
            f"{checkpoints.folder} keeps the run, {share:.1%} done: add --resume to the same command to go on with it"
        )
    return error


def duration(text: str) -> float:
    """A time with its unit, in seconds.

    >>> duration("90s"), duration("1.5m"), duration("2h"), duration("5")
    (90.0, 90.0, 7200.0, 5.0)
    """
    found = re.fullmatch(r"(\d+\.?\d*|\.\d+)\s*([a-z]*)", text.strip())
    if found is None or found[2] not in _UNITS_S:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 90s, 5m or 1h")
    return float(found[1]) * _UNITS_S[found[2]]
