"""Checkpoints: a folder that keeps a training run as far as it is, whole at any moment whatever happens.

The folder holds `checkpoint.json`, which says how far the run is and which of the other files belong to it: the rows and the
blocks' losses as NumPy's `.npy`. New files are written beside the old ones, under new names, and flushed to the disk; then
`checkpoint.json` is replaced, in one step; then the old files are removed. Whoever is killed in between leaves the old
checkpoint or the new one, complete, and at worst files that belong to neither, which the next checkpoint removes.
"""

import hashlib
import json
import os
import re
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from tokenize import TokenError
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from w2v.errors import CheckpointError, CheckpointWarning, ConfigError, DivergenceError, SourceError
from w2v.files import Path, reading, replacing
from w2v.fingerprint import difference, fingerprint
from w2v.run import TrainingRun

VERSION = 1
MANIFEST = "checkpoint.json"
_ROWS_AT_ONCE = 4096
_OWN_FILES = re.compile(
    r"(inputs|parts|outputs|results)-\d{6,}\.npy(\.[0-9a-f]{8}\.part)?|checkpoint\.json\.[0-9a-f]{8}\.part"
)


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """Where a training run is kept, how often, and whether to go on with the run that is kept there.

    Parameters
    ----------
    folder : path
        Made where there is none. It keeps one run, the finished one too.
    every_s : float, at least 0
        Seconds of training from one checkpoint to the next. One is also written when training ends, for whatever reason.
    resume : bool
        Whether to go on with the run in the folder, if there is one; without it, a folder that has one is refused.

    Raises
    ------
    ConfigError
        When `every_s` is no number of at least 0.

    Examples
    --------
    >>> import tempfile
    >>> from w2v import TrainingConfig, read_corpus, train
    >>> corpus = read_corpus([["a", "rose", "is", "a", "rose"]] * 20)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     checkpoints = Checkpoints(folder, every_s=60, resume=True)
    ...     first, _ = train(corpus, TrainingConfig(vector_size=8), checkpoints=checkpoints)
    ...     again, _ = train(corpus, TrainingConfig(vector_size=8), checkpoints=checkpoints)  # finds the run finished
    >>> first.vectors.tobytes() == again.vectors.tobytes()
    True
    """

    folder: Path
    every_s: float = 60.0
    resume: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.every_s, bool) or not isinstance(self.every_s, (int, float)) or not self.every_s >= 0:
            raise ConfigError(f"every_s is {self.every_s!r}; it must be a number of seconds of at least 0")


class KeptRun:
    """A run and the folder that keeps it, open for this process alone: see `keeping`."""

    def __init__(self, run: TrainingRun, folder: Path, every_s: float) -> None:
        self._run, self._folder, self._every_s = run, os.fspath(folder), every_s
        self._latest_s = time.monotonic()
        self._fingerprint = fingerprint(run)
        self._generation = 0
        self._kept: tuple[int, int, bool] | None = None

    def resume(self) -> bool:
        """Bring the run to where the checkpoint is; returns whether there is one.

        Raises
        ------
        CheckpointError
            When it is damaged or of another run, and then with what differs. The rows of the run are undefined afterwards.
        """
        manifest = read_manifest(self._folder)
        if manifest is None:
            return False
        other = difference(manifest["fingerprint"], self._fingerprint)
        if other:
            raise CheckpointError(
                f"the checkpoint in {self._folder} is of another run: {other}; give the options and the text of that run, or "
                "another folder"
            )
        self._generation = manifest["generation"]
        done = manifest["blocks_done"]
        if not 0 <= done <= self._run.blocks:
            raise _damaged(self._folder, f"it has {done} of {self._run.blocks} blocks")
        for name, array in self._arrays(done).items():
            self._read(name, array, manifest["checksums"].get(name))
        self._run.resume(done, manifest["held_out_losses"], manifest["training_s"], manifest["scoring_s"])
        self._run.stopped = manifest["stopped"]
        self._kept = self._position()
        return True

    def write(self) -> None:
        """Replace the checkpoint by one of the run as it is now, unless that is kept already.

        Raises
        ------
        SourceError
            When it cannot be written; the one before is then still there.
        DivergenceError
            When rows are not finite; the one before is then still there too.
        """
        if self._kept == self._position():
            return
        started = time.perf_counter()
        try:
            self._write_generation(self._generation + 1)
        finally:
            self._tidy()
        self._kept = self._position()
        self._run.checkpoints_s += time.perf_counter() - started

    def _write_generation(self, generation: int) -> None:
        run = self._run
        arrays = self._arrays(run.blocks_done)
        checksums = {name: self._write(self._path(name, generation), array) for name, array in arrays.items()}
        manifest = {
            "format": "w2v checkpoint",
            "version": VERSION,
            "generation": generation,
            "fingerprint": self._fingerprint,
            "blocks": run.blocks,
            "blocks_done": run.blocks_done,
            "held_out_losses": run.held_out_losses,
            "training_s": run.training_s,
            "scoring_s": run.scoring_s,
            "stopped": run.stopped,
            "checksums": checksums,
        }
        _flush_folder(self._folder)
        with _flushed(os.path.join(self._folder, MANIFEST)) as stream:
            stream.write(json.dumps({**manifest, "checksum": _checksum_of(manifest)}, indent=1).encode() + b"\n")
        _flush_folder(self._folder)

    @property
    def seconds_left(self) -> float:
        """How long until the next checkpoint is due."""
        return max(self._latest_s + self._every_s - time.monotonic(), 0.0)

    def write_or_warn(self) -> None:
        """Write a checkpoint; where that fails, warn and keep the one before: training need not end for it."""
        try:
            self.write()
        except SourceError as error:
            warnings.warn(f"{error}; training goes on without this checkpoint", CheckpointWarning, stacklevel=2)
        self._latest_s = time.monotonic()

    def _position(self) -> tuple[int, int, bool]:
        return self._run.blocks_done, len(self._run.held_out_losses), self._run.stopped

    def _arrays(self, blocks_done: int) -> dict[str, NDArray[Any]]:
        return {**self._run.matrices, "results": self._run.results[:blocks_done]}

    def _path(self, name: str, generation: int) -> str:
        return os.path.join(self._folder, f"{name}-{generation:06d}.npy")

    def _write(self, path: str, array: NDArray[Any]) -> str:
        """Write rows some thousands at a time, so that they take no room beside themselves; returns their checksum."""
        checksum = hashlib.sha256()
        with _flushed(path) as stream:
            np.lib.format.write_array_header_1_0(stream, np.lib.format.header_data_from_array_1_0(array))
            for start in range(0, len(array), _ROWS_AT_ONCE):
                rows = np.ascontiguousarray(array[start : start + _ROWS_AT_ONCE])
                if rows.dtype == np.float32 and not np.isfinite([rows.min(), rows.max()]).all():
                    raise DivergenceError(
                        f"the vectors are not finite after {self._run.blocks_done} of {self._run.blocks} blocks with alpha "
                        f"{self._run.config.alpha}; lower it"
                    )
                checksum.update(rows.data)
                stream.write(rows.data)
        return checksum.hexdigest()

    def _read(self, name: str, array: NDArray[Any], expected: str | None) -> None:
        checksum = hashlib.sha256()
        path = self._path(name, self._generation)
        with reading(path) as stream:
            try:
                np.lib.format.read_magic(stream)
                shape, by_columns, dtype = np.lib.format.read_array_header_1_0(stream)
            except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError, TokenError) as error:
                raise _damaged(path, f"its header cannot be read: {error}") from None
            if (shape, by_columns, dtype) != (array.shape, False, array.dtype):
                raise _damaged(path, f"it holds {dtype} {shape}, not {array.dtype} {array.shape}")
            for start in range(0, len(array), _ROWS_AT_ONCE):
                rows = np.empty_like(array[start : start + _ROWS_AT_ONCE], order="C")
                if stream.readinto(rows) < rows.nbytes:  # type: ignore[attr-defined]
                    raise _damaged(path, "it is truncated")
                checksum.update(rows.data)
                array[start : start + _ROWS_AT_ONCE] = rows
        if checksum.hexdigest() != expected:
            raise _damaged(path, "its checksum differs")

    def _tidy(self) -> None:
        """Remove files that the checkpoint does not need: those of earlier ones, and what failed or was killed has left."""
        with suppress(OSError, CheckpointError):  # what is in the way of this will be told by the next checkpoint
            manifest = read_manifest(self._folder)
            self._generation = 0 if manifest is None else manifest["generation"]
            own = {os.path.basename(self._path(name, self._generation)) for name in self._arrays(0)}
            for name in os.listdir(self._folder):
                if name not in own and _OWN_FILES.fullmatch(name):
                    os.remove(os.path.join(self._folder, name))


@contextmanager
def keeping(run: TrainingRun, checkpoints: Checkpoints) -> Iterator[KeptRun]:
    """Open a folder for a run, which goes on from the checkpoint there if it is to; the folder is this process's for the block.

    Raises
    ------
    SourceError
        When the folder cannot be made or written to.
    CheckpointError
        When it has a run and `resume` is not asked for, when that is another one, or when another process trains with it.
    """
    with _locked(checkpoints.folder):
        check_not_taken(checkpoints)
        kept = KeptRun(run, checkpoints.folder, checkpoints.every_s)
        if checkpoints.resume:
            kept.resume()
        yield kept


def check_not_taken(checkpoints: Checkpoints) -> None:
    """Raise the CheckpointError that training would end in because the folder has a run already."""
    share = None if checkpoints.resume else kept_share(checkpoints.folder)
    if share is not None:
        raise CheckpointError(
            f"{os.fspath(checkpoints.folder)} keeps a run that is {share:.1%} done; go on with it by --resume (resume=True), or "
            "give another folder"
        )


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
        raise _damaged(path, "it is not JSON") from None
    if not isinstance(manifest, dict) or manifest.get("format") != "w2v checkpoint":
        raise _damaged(path, "it is not the manifest of a checkpoint")
    if manifest.get("version") != VERSION:
        raise CheckpointError(
            f"{path} is of version {manifest.get('version')!r} of the format, and this package knows version {VERSION}"
        )
    checksum = manifest.pop("checksum", None)
    if checksum != _checksum_of(manifest):
        raise _damaged(path, "its checksum differs")
    for name, holds in _FIELDS.items():
        if not holds(manifest.get(name)):
            raise _damaged(path, f"its {name} is {manifest.get(name)!r}")
    return manifest


def _checksum_of(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _damaged(path: Path, reason: str) -> CheckpointError:
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
def _locked(folder: Path) -> Iterator[None]:
    """Keep other processes from a folder; the operating system forgets the lock of a process that is killed."""
    try:
        os.makedirs(folder, exist_ok=True)
        stream = open(os.path.join(folder, "lock"), "ab")  # noqa: SIM115
    except OSError as error:
        reason = "it is a file" if os.path.isfile(folder) else error.strerror or error
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
