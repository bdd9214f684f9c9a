"""Writing that fails: a full disk, no permission, no such place; and what others see of it meanwhile."""

import errno
import os
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import w2v.files
from w2v.embeddings import Embeddings
from w2v.errors import SourceError
from w2v.files import check_writable, reading, replacing
from w2v.formats import read_vectors, write_vectors
from w2v.vocabulary import Vocabulary

NAMES = ["v.bin", "v.txt", "v.npz", "v.bin.gz"]


def embeddings_of(words=3, size=4):
    return Embeddings(Vocabulary(tuple(map(str, range(words))), np.ones(words)), np.ones((words, size)))


def entries(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_what_a_library_says_in_lines_is_told_in_one(tmp_path):
    path = tmp_path / "v.txt"
    path.touch()
    with pytest.raises(SourceError) as told, reading(path):
        raise OSError("cannot parse\n  the header\n")
    assert str(told.value) == f"cannot read {path}: cannot parse the header"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "v.txt"
    path.write_text("old")
    with pytest.raises(error), replacing(path) as stream:
        stream.write(b"half")
        raise error
    assert path.read_text() == "old" and entries(tmp_path) == ["v.txt"]


def test_nobody_sees_half_a_file(tmp_path):
    path = tmp_path / "v.txt"
    path.write_text("old")
    with replacing(path) as stream:
        stream.write(b"new")
        stream.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new" and entries(tmp_path) == ["v.txt"]


def test_the_bytes_are_on_the_disk_before_the_name_is(tmp_path, monkeypatch):
    order = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: order.append("sync") or sync(descriptor))
    monkeypatch.setattr(os, "replace", lambda *names: order.append("replace") or replace(*names))
    with replacing(tmp_path / "v") as stream:
        stream.write(b"new")
    assert order == ["sync", "replace", "sync"]  # the last one is the folder's


@pytest.mark.parametrize("step", ["fsync", "replace", "write"])
@pytest.mark.parametrize("name", NAMES)
def test_a_disk_that_is_full_at_any_step(tmp_path, monkeypatch, name, step):
    (tmp_path / name).write_text("old")

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if step == "write":
        monkeypatch.setattr(w2v.files, "open", lambda *options: FullDisk(open(*options)), raising=False)  # noqa: SIM115
    else:
        monkeypatch.setattr(os, step, full)
    with pytest.raises(SourceError, match=rf"cannot write .*{name}: No space left on device"):
        write_vectors(embeddings_of(), tmp_path / name)
    assert (tmp_path / name).read_text() == "old" and entries(tmp_path) == [name]


class FullDisk:
    """A file that takes nothing when it is flushed."""

    def __init__(self, stream):
        self.stream = stream

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()

    def __getattr__(self, name):
        return getattr(self.stream, name)

    def flush(self):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process")
@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_grows_over_its_limit(tmp_path, name):
    """The system's own failure in the midst of writing, by RLIMIT_FSIZE, in a process of its own."""
    (tmp_path / name).write_text("old")
    code = """
        import resource, sys
        import numpy as np
        from w2v.formats import write_vectors
        from w2v.embeddings import Embeddings
        from w2v.vocabulary import Vocabulary
        vectors = np.random.default_rng(1).standard_normal((5000, 20))
        embeddings = Embeddings(Vocabulary(tuple(map(str, range(5000))), np.ones(5000)), vectors)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            write_vectors(embeddings, sys.argv[1])
        except OSError as error:
            print(type(error).__name__, error)
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), tmp_path / name], capture_output=True, text=True, check=True
    )
    assert run.stdout == f"SourceError cannot write {tmp_path / name}: File too large\n", run.stderr
    assert (tmp_path / name).read_text() == "old" and entries(tmp_path) == [name]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="signals of a process")
def test_a_process_that_is_killed_leaves_the_old_file(tmp_path):
    (tmp_path / "v").write_text("old")
    code = """
        import os, signal, sys
        from w2v.files import replacing
        with replacing(sys.argv[1]) as stream:
            stream.write(b"half")
            stream.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    """
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(code), tmp_path / "v"], check=False)
    assert run.returncode == -signal.SIGKILL
    assert (tmp_path / "v").read_text() == "old"
    left = entries(tmp_path)
    assert left[0] == "v" and [name.endswith(".part") for name in left[1:]] == [True]


@pytest.mark.parametrize("name", NAMES)
def test_places_that_cannot_be_written(tmp_path, name):
    embeddings = embeddings_of()
    (tmp_path / "file").write_text("")
    for path, reason in (
        (tmp_path / "none" / name, "No such file or directory"),
        (tmp_path / "file" / name, "Not a directory"),
        (tmp_path / ("x" * 300 + name), "File name too long"),
        ("/dev/full", "No space left on device"),
    ):
        if path != "/dev/full" or os.path.exists(path):
            with pytest.raises(SourceError, match=rf"cannot write .*: {reason}"):
                write_vectors(embeddings, path)
    (tmp_path / name).mkdir()
    with pytest.raises(SourceError, match=r"cannot write .*: Is a directory"):
        write_vectors(embeddings, tmp_path / name)
    with pytest.raises(SourceError, match=r"cannot write .*: embedded null"):
        write_vectors(embeddings, str(tmp_path / "a\0b") + name)
    assert entries(tmp_path) == sorted(["file", name])


@pytest.mark.skipif(not os.path.isdir("/sys/kernel"), reason="a folder in which not even root may make a file")
def test_a_folder_without_permission():
    with pytest.raises(SourceError, match=r"cannot write .*: (Permission denied|Read-only file system)"):
        write_vectors(embeddings_of(), "/sys/kernel/v.bin")


def test_a_read_only_file_system(tmp_path, monkeypatch):
    def read_only(*_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(w2v.files, "open", read_only, raising=False)
    with pytest.raises(SourceError, match=r"cannot write .*: Read-only file system"):
        write_vectors(embeddings_of(), tmp_path / "v.bin")
    assert not entries(tmp_path)


def test_what_cannot_be_written_is_known_before_the_work(tmp_path):
    (tmp_path / "file").write_text("")
    for path, reason in (
        ("", "No such file or directory"),
        (tmp_path, "Is a directory"),
        (tmp_path / "none" / "v", "there is no directory .*none"),
        (tmp_path / "file" / "v", "there is no directory .*file"),
        (tmp_path / ("x" * 300), "File name too long"),
        (str(tmp_path / "a\0b"), "it has a null character in it"),
    ):
        with pytest.raises(SourceError, match=rf"cannot write .*: {reason}"):
            check_writable(path)
    check_writable(tmp_path / "file")
    check_writable("/dev/null")
    assert entries(tmp_path) == ["file"]


@pytest.mark.parametrize("name", ["日本 größe.bin", "x" * 250 + ".bin", "-", "a'\"$\n.txt"])
def test_odd_names(tmp_path, name):
    write_vectors(embeddings_of(), tmp_path / name)
    assert len(read_vectors(tmp_path / name)) == 3 and entries(tmp_path) == [name]


def test_a_file_keeps_its_permissions(tmp_path):
    (tmp_path / "v.bin").write_text("old")
    (tmp_path / "v.bin").chmod(0o640)
    write_vectors(embeddings_of(), tmp_path / "v.bin")
    assert (tmp_path / "v.bin").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("step", ["fsync", "fchmod"])
def test_file_systems_that_cannot_do_all(tmp_path, monkeypatch, step):
    def unknown(*_):
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    (tmp_path / "v.bin").write_text("old")
    monkeypatch.setattr(os, step, unknown)
    write_vectors(embeddings_of(), tmp_path / "v.bin")
    assert len(read_vectors(tmp_path / "v.bin")) == 3 and entries(tmp_path) == ["v.bin"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link.bin").symlink_to(tmp_path / "real.bin")
    write_vectors(embeddings_of(), tmp_path / "link.bin")
    assert (tmp_path / "link.bin").is_symlink() and len(read_vectors(tmp_path / "real.bin")) == 3


def test_an_error_of_reading_is_not_one_of_writing(tmp_path):
    with (
        pytest.raises(SourceError, match=r"cannot read .*none"),
        replacing(tmp_path / "v"),
        reading(tmp_path / "none"),
    ):
        pass
    with pytest.raises(SourceError, match=r"cannot read .*: embedded null"), reading("a\0b"):
        pass
