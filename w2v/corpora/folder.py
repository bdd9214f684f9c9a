"""A corpus by number in a folder: written once, mapped into memory afterwards.

The folder holds `ids.npy` and `ends.npy`, the words as `letters.npy` with `word_ends.npy`, their `counts.npy`, and `corpus.json`,
which says first that nothing is complete, and last that all is.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.corpora.files import STANDARD_INPUT
from w2v.corpora.frequent import Frequent
from w2v.corpora.growing import GrowingArray
from w2v.corpora.options import TextOptions
from w2v.corpora.sources import files_of
from w2v.errors import CorpusError, SourceError
from w2v.files import Path, reading, replacing
from w2v.vocabulary import Vocabulary

FORMAT = "w2v corpus 1"
_MANIFEST = "corpus.json"
_PART = ".part"
_TYPES = {"ids": np.int32, "ends": np.int64, "letters": np.uint8, "word_ends": np.int64, "counts": np.int64}
_PIECE = 1 << 22

Parts = tuple[Vocabulary, NDArray[np.int32], NDArray[np.int64], int]


def made_from(
    source: Any, options: TextOptions, frequent: Frequent, vocabulary: Vocabulary | None
) -> dict[str, Any] | None:
    """All that an encoded corpus depends on, as far as it can be told without reading; None for what cannot be told.

    Files are told by their paths, sizes and times of change.
    """
    files = files_of(source)
    if files is None:
        return None
    names = files.names()
    if not all(name != STANDARD_INPUT and os.path.isfile(name) for name in names):
        return None
    states = [(os.path.abspath(name), os.stat(name)) for name in names]
    words = None
    if vocabulary is not None:
        digest = hashlib.sha256("\n".join(vocabulary.words).encode("utf-8", "surrogatepass"))
        digest.update(vocabulary.counts.tobytes())
        words = digest.hexdigest()
    return {
        "files": [[name, state.st_size, state.st_mtime_ns] for name, state in states],
        "options": options.as_dict(),
        **asdict(frequent),
        "vocabulary": words,
    }


@contextmanager
def written(folder: Path) -> Iterator[tuple[GrowingArray, GrowingArray]]:
    """Arrays for the ids and the ends of a corpus that is to be kept in a folder; a corpus that was there is taken away.

    Raises
    ------
    SourceError
        When the folder cannot be written.
    """
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise SourceError(f"cannot write {os.fspath(folder)}: {error.strerror or error}") from error
    with _locked(folder):
        arrays: list[GrowingArray] = []
        try:
            _take_away(folder)
            for name in ("ids", "ends"):
                arrays.append(GrowingArray(_TYPES[name], os.path.join(folder, f"{name}.npy{_PART}")))
            yield arrays[0], arrays[1]
        finally:
            for array in arrays:
                array.close()
            for name in ("ids", "ends"):
                with suppress(OSError):
                    os.remove(os.path.join(folder, f"{name}.npy{_PART}"))


def _take_away(folder: Path) -> None:
    """Say that the folder's corpus is no more; a folder that has files by our names, but never had a corpus, is left alone."""
    if not _is_ours(folder):
        for name in (_MANIFEST, *(f"{name}.npy" for name in _TYPES)):
            if os.path.lexists(os.path.join(folder, name)):
                raise SourceError(
                    f"cannot write {os.fspath(folder)}: there is a file {name} in it that is of no corpus; give another folder"
                )
    _write_manifest(folder, {"format": FORMAT, "complete": False})


def _is_ours(folder: Path) -> bool:
    try:
        with open(os.path.join(folder, _MANIFEST), "rb") as stream:
            return b'"format": "w2v corpus' in stream.read(1000)
    except OSError:
        return False


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    with replacing(os.path.join(folder, _MANIFEST)) as stream:
        stream.write(json.dumps(manifest, indent=1).encode() + b"\n")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other processes from writing to a folder; the system forgets the lock of a process that is killed."""
    try:
        import fcntl  # Windows has none: there nothing keeps two processes from one folder
    except ImportError:
        yield
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SourceError(
                f"cannot write {os.fspath(folder)}: another process reads a corpus into it; wait for its end, or give another"
            ) from None
        except OSError:
            pass  # a file system that knows no locks
        yield
    finally:
        os.close(number)


def complete(
    folder: Path, arrays: tuple[GrowingArray, GrowingArray], vocabulary: Vocabulary, read_tokens: int, origin: Any
) -> Parts:
    """Give the files of a corpus their names, and the manifest last; returns the corpus, mapped."""
    for name, array in zip(("ids", "ends"), arrays, strict=True):
        array.array()
        path = os.path.join(folder, f"{name}.npy")
        try:
            os.replace(path + _PART, path)
        except OSError as error:
            raise SourceError(f"cannot write {path}: {error.strerror or error}") from error
    words = [word.encode("utf-8", "surrogateescape") for word in vocabulary.words]
    for name, values in (
        ("letters", np.frombuffer(b"".join(words), np.uint8)),
        ("word_ends", np.cumsum([len(word) for word in words], dtype=np.int64)),
        ("counts", vocabulary.counts),
    ):
        with replacing(os.path.join(folder, f"{name}.npy")) as stream:
            np.lib.format.write_array(stream, values, allow_pickle=False)
    manifest = {
        "format": FORMAT,
        "complete": True,
        "tokens": len(arrays[0]),
        "sentences": len(arrays[1]),
        "words": len(vocabulary),
        "read_tokens": read_tokens,
        "made_from": origin,
    }
    _write_manifest(folder, manifest)
    return vocabulary, _mapped(folder, "ids"), _mapped(folder, "ends"), read_tokens


def holds(folder: Path, origin: dict[str, Any] | None) -> bool:
    """Whether a folder holds the corpus that was made from just this."""
    if origin is None or not os.path.exists(os.path.join(folder, _MANIFEST)):
        return False
    try:
        return bool(_manifest(folder).get("made_from") == json.loads(json.dumps(origin)))
    except CorpusError:
        return False


def read_folder(folder: Path) -> Parts:
    """The vocabulary, ids, ends and read tokens of a corpus in a folder; ids and ends are mapped, and were checked.

    Raises
    ------
    SourceError
        When a file cannot be read.
    CorpusError
        When the folder holds no corpus, or a damaged one.
    """
    manifest = _manifest(folder)
    arrays = {name: _mapped(folder, name) for name in _TYPES}
    sizes = {"ids": "tokens", "ends": "sentences", "word_ends": "words", "counts": "words"}
    for name, size in sizes.items():
        if len(arrays[name]) != manifest[size]:
            raise _damaged(folder, f"{name}.npy has {len(arrays[name]):,} numbers, not {manifest[size]:,}")
    _check_rising(folder, "ends", arrays["ends"], len(arrays["ids"]), strictly=True)
    _check_rising(folder, "word_ends", arrays["word_ends"], len(arrays["letters"]), strictly=False)
    for ids in _read(folder, "ids", arrays["ids"]):
        if ids.min() < 0 or ids.max() >= manifest["words"]:
            raise _damaged(folder, "ids.npy has numbers that are of no word")
    letters, ends = arrays["letters"].tobytes(), arrays["word_ends"].tolist()
    words = tuple(
        letters[start:stop].decode("utf-8", "surrogateescape") for start, stop in zip([0, *ends], ends, strict=False)
    )
    try:
        vocabulary = Vocabulary(words, arrays["counts"].copy())
    except ValueError as error:
        raise _damaged(folder, str(error)) from None
    return vocabulary, arrays["ids"], arrays["ends"], manifest["read_tokens"]


def _manifest(folder: Path) -> dict[str, Any]:
    path = os.path.join(folder, _MANIFEST)
    if not os.path.exists(path):
        raise CorpusError(f"{os.fspath(folder)} holds no encoded corpus: there is no {_MANIFEST} in it")
    with reading(path) as stream:
        text = stream.read(1 << 24)
    try:
        manifest = json.loads(text)
    except ValueError:
        raise _damaged(folder, f"{_MANIFEST} is not JSON") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise CorpusError(f"{os.fspath(folder)} holds no encoded corpus: {_MANIFEST} does not say {FORMAT!r}")
    if manifest.get("complete") is not True:
        raise CorpusError(f"{os.fspath(folder)} holds no encoded corpus: the one in it was not completed")
    for name in ("tokens", "sentences", "words", "read_tokens"):
        if not isinstance(manifest.get(name), int) or manifest[name] < 1:
            raise _damaged(folder, f"{name} is {manifest.get(name)!r} in {_MANIFEST}")
    return manifest


def _mapped(folder: Path, name: str) -> NDArray[Any]:
    path = os.path.join(folder, f"{name}.npy")
    try:
        array = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, EOFError) as error:
        raise _damaged(folder, f"{name}.npy: {error}") from None
    if array.ndim != 1 or array.dtype != _TYPES[name]:
        raise _damaged(folder, f"{name}.npy is {array.dtype} {array.shape}")
    return array


def _read(folder: Path, name: str, mapped: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """A mapped array in pieces that are read, not mapped, so that the whole of it is never in memory."""
    path = os.path.join(folder, f"{name}.npy")
    with reading(path) as stream:
        stream.seek(os.fstat(stream.fileno()).st_size - mapped.nbytes)
        for start in range(0, len(mapped), _PIECE):
            yield np.fromfile(stream, mapped.dtype, min(_PIECE, len(mapped) - start))


def _check_rising(folder: Path, name: str, ends: NDArray[np.int64], last: int, *, strictly: bool) -> None:
    before = 0
    for piece in _read(folder, name, ends):
        if np.diff(piece, prepend=before).min() < int(strictly):
            raise _damaged(folder, f"{name}.npy does not rise")
        before = int(piece[-1])
    if before != last:
        raise _damaged(folder, f"{name}.npy ends at {before:,}, not at {last:,}")


def _damaged(folder: Path, reason: str) -> CorpusError:
    return CorpusError(f"the encoded corpus in {os.fspath(folder)} is damaged: {reason}; read its text again")
