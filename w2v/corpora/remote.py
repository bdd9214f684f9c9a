"""Texts that are no local files: whatever fsspec knows by a URL, such as s3://bucket/text.txt or memory://text.txt."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from glob import has_magic
from typing import Any, BinaryIO

from w2v.errors import SourceError
from w2v.extras import extra

_WEB = ("http://", "https://")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(::.+)?://")


def is_remote(path: str) -> bool:
    """Whether a path is a URL.

    >>> is_remote("s3://bucket/text-*.gz"), is_remote("text/a.txt"), is_remote("C:\\\\text.txt")
    (True, False, False)
    """
    return _URL.match(path) is not None


def remote_paths(path: str) -> list[str]:
    """The files that a URL or a pattern names, in the order of their names, each with its protocol.

    Raises
    ------
    SourceError
        When no file matches the pattern, or the file system cannot be reached.
    MissingExtraError
        Without fsspec, or the package by which it reaches this kind of file system.
    """
    if not has_magic(path) or path.startswith(_WEB):  # where "?" begins a query
        return [path]
    found = _attempted(path, lambda system, name: [system.unstrip_protocol(entry) for entry in system.glob(name)])
    if not found:
        raise SourceError(f"cannot read {path}: no file matches")
    return sorted(found)


def remote_state(path: str) -> tuple[int, str]:
    """The size of a file, and what tells whether it has changed.

    Raises
    ------
    SourceError
        When there is no such file, or none whose size is known.
    """
    information = _attempted(path, lambda system, name: system.info(name))
    size = information.get("size")
    if information.get("type") == "directory" or size is None:
        raise SourceError(f"cannot read {path}: it is no file of known size; give the files in it, as {path}/*")
    marks = (
        information.get(name) for name in ("ETag", "etag", "md5Hash", "mtime", "LastModified", "updated", "created")
    )
    return int(size), str(next((mark for mark in marks if mark is not None), ""))


@contextmanager
def opened_remote(path: str) -> Iterator[BinaryIO]:
    """Open a URL to read.

    Raises
    ------
    SourceError
        When it cannot be read, and when it has changed by the time that the block ends.
    """
    before = remote_state(path)
    with _attempted(path, lambda system, name: system.open(name, "rb")) as stream:
        try:
            yield stream
        except SourceError:
            raise
        except OSError as error:
            raise _unreadable(path, error) from error
    if remote_state(path) != before:
        raise SourceError(f"cannot read {path}: it changed while it was read; read it again when it is complete")


def _attempted(path: str, action: Callable[[Any, str], Any]) -> Any:
    """What an action on the file system of a URL, and the path in it, gives; every failure is a SourceError."""
    fsspec = extra("fsspec", "fsspec", f"reading {path}")
    try:
        system, name = fsspec.core.url_to_fs(path)
        return action(system, name)
    except ImportError as error:  # fsspec says which package it needs
        raise SourceError(f"cannot read {path}: {error}") from error
    except Exception as error:  # each kind of file system has errors of its own
        raise _unreadable(path, error) from error


def _unreadable(path: str, error: Exception) -> SourceError:
    reason = "No such file or directory" if isinstance(error, FileNotFoundError) else str(error) or repr(error)
    return SourceError(f"cannot read {path}: {reason}")
