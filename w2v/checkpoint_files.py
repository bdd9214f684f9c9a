"""The files of a checkpoint: rows of numbers, and the manifest that says which of them count."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from tokenize import TokenError
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from w2v.errors import CheckpointError, DivergenceError, SourceError
from w2v.files import Path, reading, replacing

VERSION = 1
MANIFEST = "checkpoint.json"
LOCK = "lock"
_ROWS_AT_ONCE = 4096


def write_rows(path: str, array: NDArray[Any], not_finite: str) -> str:
    """Write rows some thousands at a time, so that they take no room beside themselves; returns their checksum.

    Raises DivergenceError, with the given message, where numbers are not finite, and SourceError when it cannot write.
    """
    checksum = hashlib.sha256()
    with _flushed(path) as stream:
        np.lib.format.write_array_header_1_0(stream, np.lib.format.header_data_from_array_1_0(array))
        for start in range(0, len(array), _ROWS_AT_ONCE):
            rows = np.ascontiguousarray(array[start : start + _ROWS_AT_ONCE])
            if rows.dtype == np.float32 and not np.isfinite([rows.min(), rows.max()]).all():
                raise DivergenceError(not_finite)
            checksum.update(rows.data)
            stream.write(rows.data)
    return checksum.hexdigest()


def read_rows(path: str, array: NDArray[Any], expected: str | None) -> None:
    """Read what `write_rows` wrote into an array of the same shape; raises CheckpointError when it is anything else."""
    checksum = hashlib.sha256()
    if not os.path.exists(path):
        raise damaged(path, "it is missing")
    with reading(path) as stream:
        try:
            np.lib.format.read_magic(stream)
            shape, by_columns, dtype = np.lib.format.read_array_header_1_0(stream)
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError, TokenError) as error:
            raise damaged(path, f"its header cannot be read: {error}") from None
        if (shape, by_columns, dtype) != (array.shape, False, array.dtype):
            raise damaged(path, f"it holds {dtype} {shape}, not {array.dtype} {array.shape}")
        for start in range(0, len(array), _ROWS_AT_ONCE):
            rows = np.empty_like(array[start : start + _ROWS_AT_ONCE], order="C")
            if stream.readinto(rows) < rows.nbytes:  # type: ignore[attr-defined]
                raise damaged(path, "it is truncated")
            checksum.update(rows.data)
            array[start : start + _ROWS_AT_ONCE] = rows
    if checksum.hexdigest() != expected:
        raise damaged(path, "its checksum differs")


def kept_share(folder: Path) -> float | None:
    """The share of its blocks that the run in a folder has done; None where there is no run."""
    manifest = read_manifest(folder)
    return None if manifest is None else manifest["blocks_done"] / max(manifest["blocks"], 1)


_FIELDS: dict[str, Callable[[Any], bool]] = {
    "generation": lambda value: isinstance(value, int) and value > 0,
    "blocks": lambda value: isinstance(value, int) and value > 0,
    "blocks_done": lambda value: isinstance(value, int) and value >= 0,
    "fingerprint": lambda value: isinstance(value, dict),
    "checksums": lambda value: isinstance(value, dict),
    "held_out_losses": lambda value: isinstance(value, list) and all(isinstance(loss, float) for loss in value),
    "training_s": lambda value: isinstance(value, float),
    "scoring_s": lambda value: isinstance(value, float),
    "stopped": lambda value: isinstance(value, bool),
}


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """What `checkpoint.json` of a folder says; None where there is none.

    Raises
    ------
    CheckpointError
        When it is damaged, or of a later version.
    """
    path = os.path.join(folder, MANIFEST)
    if not os.path.exists(path):
        return None
    with reading(path) as stream:
        text = stream.read()
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError):
        raise damaged(path, "it is not JSON") from None
    if not isinstance(manifest, dict) or manifest.get("format") != "w2v checkpoint":
        raise damaged(path, "it is not the manifest of a checkpoint")
    if manifest.get("version") != VERSION:
        raise CheckpointError(
            f"{path} is of version {manifest.get('version')!r} of the format, and this package knows version {VERSION}"
        )
    checksum = manifest.pop("checksum", None)
    if checksum != _checksum_of(manifest):
        raise damaged(path, "its checksum differs")
    for name, holds in _FIELDS.items():
        if not holds(manifest.get(name)):
            raise damaged(path, f"its {name} is {manifest.get(name)!r}")
    return manifest


def write_manifest(folder: str, manifest: dict[str, Any]) -> None:
    """Make this the manifest of a folder, in one step, when the files that it speaks of are on the disk."""
    manifest = {"format": "w2v checkpoint", "version": VERSION, **manifest}
    _flush_folder(folder)
    with _flushed(os.path.join(folder, MANIFEST)) as stream:
        stream.write(json.dumps({**manifest, "checksum": _checksum_of(manifest)}, indent=1).encode() + b"\n")
    _flush_folder(folder)


def _checksum_of(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def damaged(path: Path, reason: str) -> CheckpointError:
    """The error that says what is wrong with a file, and what to do."""
    return CheckpointError(f"the checkpoint {os.fspath(path)} is damaged: {reason}; remove its folder to start afresh")


@contextmanager
def _flushed(path: str) -> Iterator[BinaryIO]:
    """Replace a file, which is on the disk before it takes its name."""
    with replacing(path) as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())


def _flush_folder(folder: str) -> None:
    """Bring new names to the disk; some systems open no folders and need no such thing."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from a folder; the operating system forgets the lock of a process that is killed."""
    try:
        os.makedirs(folder, exist_ok=True)
        stream = open(os.path.join(folder, LOCK), "ab")  # noqa: SIM115
    except OSError as error:
        taken = os.path.exists(folder) and not os.path.isdir(folder)
        reason = "it is no folder" if taken else error.strerror or error
        raise SourceError(f"cannot keep checkpoints in {os.fspath(folder)}: {reason}") from error
    with stream:
        try:
            import fcntl  # Windows has none: there nothing keeps two runs from one folder

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CheckpointError(
                f"another process trains with the checkpoints in {os.fspath(folder)}; wait for its end, or give another folder"
            ) from None
        except (ImportError, OSError):
            pass  # nor where a file system knows no locks
        yield
