"""Checkpoints: a folder that keeps a training run as far as it is, whole at any moment whatever happens.

The folder holds `checkpoint.json`, which says how far the run is and which of the other files belong to it: the rows and the
blocks' losses as NumPy's `.npy`. New files are written beside the old ones, under new names, and flushed to the disk; then
`checkpoint.json` is replaced, in one step; then the old files are removed. Whoever is killed in between leaves the old
checkpoint or the new one, complete, and at worst files that belong to neither, which the next checkpoint removes.
"""

import os
import re
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from w2v.checkpoint_files import (
    LOCK,
    MANIFEST,
    damaged,
    kept_share,
    locked,
    read_manifest,
    read_rows,
    write_manifest,
    write_rows,
)
from w2v.errors import CheckpointError, CheckpointWarning, ConfigError, SourceError
from w2v.files import Path
from w2v.fingerprint import difference, fingerprint
from w2v.run import TrainingRun

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
        When `folder` is no path, `every_s` no number of at least 0, or `resume` neither True nor False.

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
        if not isinstance(self.folder, (str, os.PathLike)) or not os.fspath(self.folder):
            raise ConfigError(f"folder is {self.folder!r}; it must be the path of a folder")
        if not isinstance(self.resume, bool):
            raise ConfigError(f"resume is {self.resume!r}; it must be True or False")


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
            raise damaged(self._folder, f"it has {done} of {self._run.blocks} blocks")
        for name, array in self._arrays(done).items():
            read_rows(self._path(name, self._generation), array, manifest["checksums"].get(name))
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
        done = f"{run.blocks_done} of {run.blocks} blocks"
        not_finite = f"the vectors are not finite after {done} with alpha {run.config.alpha}; lower it"
        checksums = {
            name: write_rows(self._path(name, generation), array, not_finite) for name, array in arrays.items()
        }
        manifest = {
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
        write_manifest(self._folder, manifest)

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
        When it has a run and `resume` is not asked for, when that is another one, when another process trains with it, or when
        it has files by our names that are of no run.
    """
    check_not_foreign(checkpoints.folder)
    with locked(checkpoints.folder):
        check_not_taken(checkpoints)
        kept = KeptRun(run, checkpoints.folder, checkpoints.every_s)
        if checkpoints.resume:
            kept.resume()
        yield kept


def check_not_foreign(folder: Path) -> None:
    """Raise a CheckpointError for a folder with files by our names that never kept a run: they would be removed or replaced."""
    if not os.path.isdir(folder) or any(os.path.lexists(os.path.join(folder, name)) for name in (LOCK, MANIFEST)):
        return
    name = next((name for name in sorted(os.listdir(folder)) if _OWN_FILES.fullmatch(name)), None)
    if name is not None:
        raise CheckpointError(
            f"there is a file {name} in {os.fspath(folder)} that is of no checkpoint; give another folder"
        )


def check_not_taken(checkpoints: Checkpoints) -> None:
    """Raise the CheckpointError that training would end in because the folder has a run already."""
    share = None if checkpoints.resume else kept_share(checkpoints.folder)
    if share is not None:
        raise CheckpointError(
            f"{os.fspath(checkpoints.folder)} keeps a run that is {share:.1%} done; go on with it by --resume (resume=True), or "
            "give another folder"
        )
