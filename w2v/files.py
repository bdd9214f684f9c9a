"""Reading and writing files, so that nobody ever sees half of one."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from w2v.errors import SourceError

Path = str | os.PathLike[str]


@contextmanager
def reading(path: Path) -> Iterator[BinaryIO]:
    """Open a file to read; any failure to do so is a SourceError."""
    try:
        with open(path, "rb") as stream:
            yield stream
    except OSError as error:
        raise SourceError(f"cannot read {os.fspath(path)}: {error.strerror or error}") from error


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Write a file beside `path` that takes its place when the block ends, and vanishes when the block raises.

    What is no file, such as /dev/stdout, is written directly.

    Raises
    ------
    SourceError
        When the file cannot be written; `path` is then as it was.
    """
    direct = _is_special(path)
    target = os.path.realpath(path)
    part = path if direct else f"{target}.{secrets.token_hex(4)}.part"
    try:
        try:
            with open(part, "wb" if direct else "xb") as stream:
                yield stream
            if not direct:
                os.replace(part, target)
        except BaseException:
            if not direct:
                with suppress(OSError):
                    os.remove(part)
            raise
    except OSError as error:
        raise SourceError(f"cannot write {os.fspath(path)}: {error.strerror or error}") from error


def _is_special(path: Path) -> bool:
    return os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)


def check_writable(path: Path) -> None:
    """Raise the SourceError that writing would end in, before the work is done that is to be written."""
    if _is_special(path):
        return
    folder = os.path.dirname(os.path.realpath(path))
    reason = None
    if os.path.isdir(path):
        reason = "Is a directory"
    elif not os.path.isdir(folder):
        reason = f"there is no directory {folder}"
    elif not os.access(folder, os.W_OK):
        reason = f"the directory {folder} is not writable"
    if reason:
        raise SourceError(f"cannot write {os.fspath(path)}: {reason}")
