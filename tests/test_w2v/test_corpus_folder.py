"""Corpora kept by number in a folder, mapped into memory."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from tests.test_w2v.planted import topics
from w2v import corpus as corpora
from w2v import open_corpus, read_corpus
from w2v.arrays import mapping
from w2v.corpora import growing, renumbering
from w2v.corpora.growing import GrowingArray
from w2v.corpora.sources import add_source
from w2v.errors import ConfigError, CorpusError, SourceError


def same(one, other):
    assert one.vocabulary.words == other.vocabulary.words
    assert np.array_equal(one.vocabulary.counts, other.vocabulary.counts)
    assert np.array_equal(one.ids, other.ids) and np.array_equal(one.ends, other.ends)
    assert one.read_tokens == other.read_tokens


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("".join(" ".join(sentence) + f" rare{i}\n" for i, sentence in enumerate(topics(200))))
    return path


def test_a_mapped_corpus_is_that_in_memory(tmp_path, text, monkeypatch):
    monkeypatch.setattr(renumbering, "PIECE_TOKENS", 100)
    for source in (text, topics(200), [["two\nlines", "", "\udcff"], ["", "two\nlines", "\udcff"]]):
        expected = read_corpus(source, 2)
        corpus = read_corpus(source, 2, memory_map=tmp_path / "folder")
        assert mapping(corpus.ids) is not None and mapping(corpus.ends) is not None
        same(corpus, expected)
        same(open_corpus(tmp_path / "folder"), expected)
        names = sorted(os.listdir(tmp_path / "folder"))
        assert names == ["corpus.json", "counts.npy", "ends.npy", "ids.npy", "letters.npy", "word_ends.npy"]


def test_files_that_have_not_changed_are_read_once(tmp_path, text, monkeypatch):
    read = []
    monkeypatch.setattr(corpora, "add_source", lambda *arguments: read.append(1) or add_source(*arguments))
    place = tmp_path / "folder"

    def reads(source, *arguments, **options):
        before = len(read)
        corpus = read_corpus(source, *arguments, memory_map=place, **options)
        same(corpus, read_corpus(source, *arguments, **options))
        return len(read) - before - 1

    assert [reads(text), reads(text), reads(str(text))] == [1, 0, 0]
    assert [reads(text, 2), reads(text, 2), reads(text, 2, lowercase=True)] == [1, 0, 1]
    vocabulary = read_corpus([["a1", "b2"]]).vocabulary
    assert [reads(text, 1, vocabulary), reads(text, 1, vocabulary), reads(text)] == [1, 0, 1]
    text.write_text(text.read_text().replace("a1", "a2"))
    assert [reads(text), reads(text), reads([["a"]]), reads([["a"]])] == [1, 0, 1, 1]


def test_a_corpus_in_use_outlives_the_next_in_its_folder(tmp_path):
    first = read_corpus([["a", "b"]] * 1000, memory_map=tmp_path)
    read_corpus([["c"]], memory_map=tmp_path)
    assert first.ids.tolist() == [0, 1] * 1000


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("corpus.json", None, "{folder} holds no encoded corpus: there is no corpus.json in it"),
        ("corpus.json", b"{", "the encoded corpus in {folder} is damaged: corpus.json is not JSON; read its text again"),
        ("corpus.json", b"[]", "{folder} holds no encoded corpus: corpus.json does not say 'w2v corpus 1'"),
        ("corpus.json", {"complete": False}, "{folder} holds no encoded corpus: the one in it was not completed"),
        ("corpus.json", {"tokens": -1}, "the encoded corpus in {folder} is damaged: tokens is -1 in corpus.json"),
        ("corpus.json", {"words": 4}, "the encoded corpus in {folder} is damaged: word_ends.npy has 3 numbers, not 4"),
        ("ids.npy", None, "cannot read {folder}/ids.npy: No such file or directory"),
        ("ids.npy", b"cut", "the encoded corpus in {folder} is damaged: ids.npy: "),
        ("ids.npy", np.array([0, 1, 3], np.int32), "the encoded corpus in {folder} is damaged: ids.npy has numbers that"),
        ("ids.npy", np.array([0, 1, 2], np.int64), "the encoded corpus in {folder} is damaged: ids.npy is int64 (3,)"),
        ("ends.npy", np.array([3, 3], np.int64), "the encoded corpus in {folder} is damaged: ends.npy does not rise"),
        ("ends.npy", np.array([1, 9], np.int64), "the encoded corpus in {folder} is damaged: ends.npy ends at 9, not at 3"),
        ("letters.npy", np.array([97, 97, 99], np.uint8), "the encoded corpus in {folder} is damaged: the word 'a' is"),
        ("letters.npy", np.array(["x"], object), "the encoded corpus in {folder} is damaged: letters.npy: Array can't"),
    ],
)  # fmt: skip
def test_a_damaged_folder(tmp_path, name, change, message):
    read_corpus([["a", "b"], ["c"]], memory_map=tmp_path)
    path = tmp_path / name
    if change is None:
        path.unlink()
    elif isinstance(change, bytes):
        path.write_bytes(change)
    elif isinstance(change, dict):
        path.write_text(json.dumps(json.loads(path.read_text()) | change))
    else:
        np.save(path, change)
    with pytest.raises((CorpusError, SourceError), match=f"^{re.escape(message.format(folder=tmp_path))}"):
        open_corpus(tmp_path)


def test_nothing_is_left_of_what_failed(tmp_path):
    place = tmp_path / "folder"
    read_corpus([["a"]], memory_map=place)
    with pytest.raises(CorpusError, match="sentence 2 is None"):
        read_corpus([["a"], None], memory_map=place)
    assert not [name for name in os.listdir(place) if name.endswith(".part")]
    with pytest.raises(CorpusError, match="holds no encoded corpus"):
        open_corpus(place)
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match=r"^cannot write .*/file: File exists"):
        read_corpus([["a"]], memory_map=tmp_path / "file")
    with pytest.raises(
        ConfigError, match=r"^unknown option 'memorymap'; there are encoding, tokenizer, lowercase, column$"
    ):
        read_corpus([["a"]], memorymap=place)


@pytest.mark.parametrize("name", ["counts.npy", "corpus.json"])
def test_files_of_others_are_left_alone(tmp_path, name):
    (tmp_path / name).write_bytes(b"mine")
    message = f"cannot write {tmp_path}: there is a file {name} in it that is of no corpus; give another folder"
    with pytest.raises(SourceError, match=f"^{re.escape(message)}$"):
        read_corpus([["a"]], memory_map=tmp_path)
    assert (tmp_path / name).read_bytes() == b"mine" and os.listdir(tmp_path) == [name]


def test_two_processes_do_not_write_to_one_folder(tmp_path):
    fcntl = pytest.importorskip("fcntl")
    number = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(number, fcntl.LOCK_EX)
    with pytest.raises(
        SourceError, match=r"^cannot write .*: another process reads a corpus into it; wait for its end"
    ):
        read_corpus([["a"]], memory_map=tmp_path)
    os.close(number)
    read_corpus([["a"]], memory_map=tmp_path)


KILLED = """
import os, sys
from w2v import read_corpus
def sentences():
    for number in range(int(sys.argv[2])):
        yield ["a", f"w{number}"] * 1000
    os.kill(os.getpid(), 9)
read_corpus(sentences(), memory_map=sys.argv[1])
"""


@pytest.mark.parametrize("number", [1, 30])
def test_a_process_that_is_killed_leaves_no_corpus(tmp_path, number):
    read_corpus([["old"]], memory_map=tmp_path)
    assert subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(number)], timeout=60).returncode == -9
    with pytest.raises(CorpusError, match="holds no encoded corpus"):
        open_corpus(tmp_path)
    assert read_corpus([["new"]], memory_map=tmp_path).vocabulary.words == ("new",)
    assert not list(tmp_path.glob("*.part"))


FULL = """
import resource, signal, sys
from w2v import read_corpus
read_corpus([["a", "b"]] * 10, memory_map=sys.argv[2])  # what is compiled is kept on disk, too
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
try:
    read_corpus(([["a", "b"] * 500] * 1000), memory_map=sys.argv[1])
except OSError as error:
    print(type(error).__name__, error)
"""


def test_a_full_disk(tmp_path):
    """A limit on the size of files fails like a disk that is full, in the midst of writing."""
    arguments = [sys.executable, "-c", FULL, str(tmp_path / "full"), str(tmp_path / "small")]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60)
    assert done.stdout == f"SourceError cannot write {tmp_path}/full/ids.npy.part: File too large\n", done.stderr
    assert os.listdir(tmp_path / "full") == ["corpus.json"]


def test_half_of_the_memory_that_there_is(monkeypatch, tmp_path):
    monkeypatch.setattr(growing, "_LIMIT_OF_CONTAINER", str(tmp_path / "limit"))
    machine = growing.half_of_memory()
    assert machine > 1 << 20
    for text, expected in (("max\n", machine), ("1000\n", 500), (f"{10**18}\n", machine)):
        (tmp_path / "limit").write_text(text)
        assert growing.half_of_memory() == expected


def test_a_growing_array_moves_to_a_file(monkeypatch):
    expected = np.random.default_rng(0).integers(0, 1000, 1000)
    array = GrowingArray(np.int64, most_bytes=800)
    for start in range(0, 1000, 30):
        array.append(expected[start : start + 30])
        assert (array._file is None) == (start + 30 <= 100)
    array.write(10, np.array([5, 6]))
    assert array.read(9, 13).tolist() == [expected[9], 5, 6, expected[12]]
    array.cut(500)
    whole = array.array()
    assert whole[:12].tolist() == [*expected[:10], 5, 6] and len(whole) == 500
    monkeypatch.setattr(growing, "half_of_memory", lambda: 10)
    corpus = read_corpus([["a", "b", "a"]] * 100)
    assert mapping(corpus.ids) is not None and corpus.ids.tolist() == [0, 1, 0] * 100
