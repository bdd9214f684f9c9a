"""Reading and writing files, so that nobody ever sees half of one."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from w2v.errors import SourceError

Path = str | os.PathLike[str]

_UNKNOWN_HERE = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM)
_NAME_LETTERS = 60  # of UTF-8's four bytes each at most, so that what is added stays below 255 bytes


@contextmanager
def reading(path: Path) -> Iterator[BinaryIO]:
    """Open a file to read; any failure to do so is a SourceError."""
    with _failure_told("read", path), open(path, "rb") as stream:
        yield stream


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Write a file beside `path` that takes its place when the block ends, and vanishes when the block raises.

    Its bytes are on the disk before it takes the place, so that not even a loss of power leaves half a file; it has the
    permissions of the file that it replaces. A process killed while it writes leaves a file that ends in `.part` behind. What
    is no file, such as /dev/stdout, is written directly.

    Raises
    ------
    SourceError
        When the file cannot be written; `path` is then as it was.
    """
    with _failure_told("write", path):
        if _is_special(path):
            with open(path, "wb") as stream:
                yield stream
            return
        target = os.path.realpath(path)
        if os.path.isdir(target):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        folder, name = os.path.split(target)
        part = os.path.join(folder, f"{name[:_NAME_LETTERS]}.{secrets.token_hex(4)}.part")
        try:
            with open(part, "xb") as stream:
                _take_permissions(target, stream)
                yield stream
                stream.flush()
                with _unless_unknown_here():
                    os.fsync(stream.fileno())
            os.replace(part, target)
        except BaseException:
            with suppress(OSError):
                os.remove(part)
            raise
        _sync_folder(folder)


@contextmanager
def _failure_told(verb: str, path: Path) -> Iterator[None]:
    """Make a SourceError of what the system says; one that another file gave stays as it is."""
    try:
        yield
    except SourceError:
        raise
    except OSError as error:
        reason = " ".join(str(error.strerror or error).split())  # a library's own may have several lines
        raise SourceError(f"cannot {verb} {os.fspath(path)}: {reason}") from error
    except ValueError as error:
        if not _has_null(path):
            raise
        raise SourceError(f"cannot {verb} {os.fspath(path)!r}: {error}") from None


def _take_permissions(target: str, stream: BinaryIO) -> None:
    if os.path.exists(target) and hasattr(os, "fchmod"):
        with _unless_unknown_here():
            os.fchmod(stream.fileno(), os.stat(target).st_mode & 0o7777)


@contextmanager
def _unless_unknown_here() -> Iterator[None]:
    """For what some file systems, such as those of other systems, cannot do at all."""
    try:
        yield
    except OSError as error:
        if error.errno not in _UNKNOWN_HERE:
            raise


def _sync_folder(folder: str) -> None:
    """Bring the new name to the disk, where a system can do that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _is_special(path: Path) -> bool:
    return os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)


def _has_null(path: Path) -> bool:
    return "\0" in os.fspath(path)


def check_writable(path: Path) -> None:
    """Raise the SourceError that writing would end in, before the work is done that is to be written."""
    if _has_null(path):
        raise SourceError(f"cannot write {os.fspath(path)!r}: it has a null character in it")
    if _is_special(path):
        return
    folder, name = os.path.split(os.path.realpath(path))
    reason = None
    if os.path.isdir(path) or not os.fspath(path):
        reason = os.strerror(errno.EISDIR if os.fspath(path) else errno.ENOENT)
    elif not os.path.isdir(folder):
        reason = f"there is no directory {folder}"
    elif not os.access(folder, os.W_OK):
        reason = f"the directory {folder} is not writable"
    elif len(os.fsencode(name)) > _longest_name(folder):
        reason = os.strerror(errno.ENAMETOOLONG)
    if reason:
        raise SourceError(f"cannot write {os.fspath(path)}: {reason}")


def _longest_name(folder: str) -> int:
    if hasattr(os, "pathconf"):
        with suppress(OSError, ValueError):
            return os.pathconf(folder, "PC_NAME_MAX")
    return 255
