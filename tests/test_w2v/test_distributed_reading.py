"""Corpora in pieces, counted in parallel, from local files and from whatever fsspec knows."""

import gzip
import io
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from w2v import TrainingConfig, read_corpus
from w2v import train as train_here
from w2v.corpora import numbering
from w2v.corpora.frequent import Frequent
from w2v.corpora.options import TextOptions
from w2v.distributed import pieces as pieces_module
from w2v.distributed.companies import LocalCrew
from w2v.distributed.counting import Counted, add_up
from w2v.distributed.pieces import Piece, add_piece, cut, file_state, pieces
from w2v.distributed.reading import read_share
from w2v.distributed.training import cluster_run, train
from w2v.errors import ConfigError, CorpusError, MissingExtraError, SourceError

LINES = st.lists(
    st.sampled_from(["", "a", "b a", "c  c a b", "é \xa0x", "longer words in a line", "z" * 40]), max_size=60
)
PLAIN, EVERY = TextOptions(), Frequent()


def counted(paths, workers, frequent=EVERY, options=PLAIN):
    found = pieces(paths, options, workers)
    crew = LocalCrew(workers, TrainingConfig())
    return crew.count(found, options, frequent, "the text", lambda: None)


def same_words(one, other):
    return one.words == other.words and one.counts.tolist() == other.counts.tolist()


@given(
    texts=st.lists(LINES, min_size=1, max_size=3),
    workers=st.integers(1, 4),
    frequent=st.builds(Frequent, st.integers(1, 4), st.none() | st.integers(1, 6)),
    ending=st.sampled_from(["", "\n"]),
)
@settings(max_examples=80, deadline=None)
def test_words_counted_in_pieces_are_those_counted_in_turn(tmp_path_factory, texts, workers, frequent, ending):
    folder = tmp_path_factory.mktemp("texts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces_module, "LEAST_BYTES", 8)
        patch.setattr(pieces_module, "LONGEST_LINE", 24)
        patch.setattr(pieces_module, "_STEP", 5)
        paths = []
        for number, lines in enumerate(texts):
            path = folder / f"{number}.txt"
            path.write_bytes(("\n".join(lines) + ending).encode())
            paths.append(str(path))
        try:
            expected = read_corpus(paths, frequent.min_count, max_final_vocab=frequent.max_final_vocab)
        except CorpusError as error:
            with pytest.raises(
                CorpusError, match="no words" if "no words" in str(error) else str(error).rsplit("; ")[-1]
            ):
                counted(paths, workers, frequent)
            return
        vocabulary = counted(paths, workers, frequent)
        assert same_words(vocabulary, expected.vocabulary)
        share = read_share(pieces(paths, PLAIN, workers), PLAIN, vocabulary)
        assert share.ids.tolist() == expected.ids.tolist() and share.read_tokens == expected.read_tokens
        assert set(expected.ends.tolist()) <= set(share.ends.tolist())  # long lines are cut


def test_words_that_went_to_disk_are_counted_too(tmp_path, monkeypatch):
    """A table of four words at most: one generation follows the other."""
    path = tmp_path / "text.txt"
    words = np.random.default_rng(2).integers(0, 40, 400)
    path.write_text("\n".join(" ".join(f"w{word}" for word in words[i : i + 8]) for i in range(0, 400, 8)))
    expected = read_corpus(path, 3).vocabulary
    monkeypatch.setattr(numbering, "MOST_WORDS", 4)
    assert same_words(counted(str(path), 3, Frequent(3)), expected)


@given(text=st.binary(max_size=80).map(lambda text: text.replace(b"\0", b" ")), data=st.data())
@settings(max_examples=100, deadline=None)
def test_cuts_rise_and_stand_behind_white_space(text, data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces_module, "LONGEST_LINE", data.draw(st.integers(1, 30)))
        patch.setattr(pieces_module, "_STEP", data.draw(st.integers(1, 9)))
        cuts = [cut(io.BytesIO(text), position, len(text)) for position in range(len(text) + 1)]
    assert cuts == sorted(cuts) and cuts[0] == 0 and cuts[-1] == len(text)
    for position, place in enumerate(cuts):
        assert place >= position
        assert place in (0, len(text)) or text[place - 1 : place] in (b" ", b"\t", b"\n", b"\r", b"\v", b"\f")


def test_a_text_of_one_line_is_shared_too(tmp_path):
    path = tmp_path / "line.txt"
    path.write_text(" ".join(f"w{i % 50}" for i in range(60_000)))
    found = pieces(str(path), PLAIN, 2)
    tokens = [len(read_share([piece], PLAIN, counted(str(path), 2)).ids) for piece in found]
    assert len(found) >= 12 and sum(tokens) == 60_000 and max(tokens) < 2 * 60_000 / len(found)


def test_packed_files_columns_and_encodings_stay_whole(tmp_path):
    text = "the cat sat on the mat\n" * 5_000
    (tmp_path / "a.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "b.txt").write_text(text)
    (tmp_path / "c.txt").write_bytes(text.encode("utf-16"))
    assert [piece.stop for piece in pieces(str(tmp_path / "a.gz"), PLAIN, 4)] == [None]
    assert len(pieces(str(tmp_path / "b.txt"), PLAIN, 4)) > 4
    assert len(pieces(str(tmp_path / "c.txt"), TextOptions(encoding="utf-16"), 4)) == 1
    mixed = [str(tmp_path / "a.gz"), str(tmp_path / "b.txt")]
    assert same_words(counted(mixed, 3), read_corpus(mixed).vocabulary)


def test_options_of_reading_count_too(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("Don't panic, Ford! the towel\n" * 3_000)
    options = {"tokenizer": "words", "lowercase": True}
    assert same_words(counted(str(path), 3, options=TextOptions(**options)), read_corpus(path, **options).vocabulary)


def test_files_give_what_one_machine_gives(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("".join(f"w{i % 7} w{i % 11} w{i % 13} w{i % 5}\n" for i in range(9_000)))
    config = TrainingConfig(vector_size=16, epochs=1, held_out=0.1)
    here, report = train_here(read_corpus(path, 5), config)
    there, report_there = train(path, config)
    assert there.vectors.tobytes() == here.vectors.tobytes()
    assert report_there.held_out_losses == report.held_out_losses
    with cluster_run(path, config, workers=3) as run:
        tokens = run.training.blocks.tokens + len(run.held_out.ids)
        assert tokens == 36_000 and 3_000 <= len(run.held_out.ids) <= 4_200
        assert run.corpus.vocabulary.words == here.vocabulary.words


def test_what_cannot_be_dealt(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("a b c\n")
    config = TrainingConfig(vector_size=8, min_count=1)
    with pytest.raises(CorpusError, match=r"text.txt is too little text for 2 workers; take fewer"):
        train(path, config, workers=2)
    with pytest.raises(SourceError, match=r"cannot read .*none.txt: No such file"):
        train(tmp_path / "none.txt", config, workers=2)
    with pytest.raises(ConfigError, match="standard input, '-', cannot be read by several workers; give files"):
        train("-", config)
    with pytest.raises(
        CorpusError, match=r"no word of .* occurs 5 times or more; the most frequent, 'a', occurs 1 times"
    ):
        train(path, TrainingConfig(vector_size=8))
    path.write_text(" \n")
    with pytest.raises(CorpusError, match=r"text.txt has no words"):
        train(path, config)


def test_a_file_that_changes_is_not_read_on(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("a b c\n" * 9_000)
    piece = pieces(str(path), PLAIN, 2)[1]
    path.write_text("a b d\n" * 9_001)
    with pytest.raises(SourceError, match=r"text.txt: it has changed since the corpus was dealt to the workers"):
        read_share([piece], PLAIN, read_corpus([["a"]]).vocabulary)


def test_words_of_no_piece_are_none():
    nothing = Counted([], *np.zeros((3, 0), np.int64))
    assert add_up(Frequent(5), nothing, nothing).words == []


class TestRemote:
    """Files of fsspec's file system in memory, which stands for every other one."""

    @pytest.fixture(autouse=True)
    def files(self):
        fsspec = pytest.importorskip("fsspec")
        self.system = fsspec.filesystem("memory")
        self.system.store.clear()
        self.lines = [f"w{i % 7} w{i % 11} w{i % 13}\n" for i in range(8_000)]
        self.system.pipe("/texts/a.txt", "".join(self.lines[:5_000]).encode())
        self.system.pipe("/texts/b.txt.gz", gzip.compress("".join(self.lines[5_000:]).encode()))
        yield
        self.system.store.clear()

    def test_one_machine_reads_urls_and_patterns(self, tmp_path):
        path = tmp_path / "text.txt"
        path.write_text("".join(self.lines))
        expected = read_corpus(path)
        for source in ("memory://texts/*", ["memory://texts/a.txt", "memory://texts/b.txt.gz"]):
            found = read_corpus(source)
            assert found.vocabulary.words == expected.vocabulary.words
            assert found.ids.tobytes() == expected.ids.tobytes() and found.ends.tobytes() == expected.ends.tobytes()
        assert read_corpus(f"file://{path}").ids.tobytes() == expected.ids.tobytes()

    def test_workers_read_ranges_of_urls(self):
        assert same_words(counted("memory://texts/*", 3), read_corpus("memory://texts/*").vocabulary)
        _, report = train("memory://texts/*", TrainingConfig(vector_size=8, epochs=1), workers=2)
        assert report.trained_tokens == 24_000

    def test_parquet(self):
        arrow = pytest.importorskip("pyarrow")
        parquet = pytest.importorskip("pyarrow.parquet")
        with self.system.open("/table.parquet", "wb") as stream:
            parquet.write_table(arrow.table({"text": ["a b", "b c b"]}), stream)
        assert read_corpus("memory://table.parquet").vocabulary.words == ("b", "a", "c")

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            ("memory://none.txt", r"cannot read memory://none.txt: No such file or directory"),
            ("memory://none/*", r"cannot read memory://none/\*: no file matches"),
            ("memory://texts", r"cannot read memory://texts: it is no file of known size; give .* memory://texts/\*"),
            ("nowhere://a.txt", r"cannot read nowhere://a.txt: .*nowhere"),
        ],
    )
    def test_what_cannot_be_read(self, source, message):
        with pytest.raises(SourceError, match=message):
            read_corpus(source)
        with pytest.raises(SourceError, match=message):
            counted(source, 2)

    def test_a_file_that_changes_meanwhile(self, monkeypatch):
        piece = Piece("memory://texts/a.txt", file_state("memory://texts/a.txt"), 0, 9_000)
        self.system.pipe("/texts/a.txt", b"other text")
        with pytest.raises(SourceError, match="it has changed since the corpus was dealt to the workers"):
            add_piece(piece, PLAIN, None)

        def changing(system, name, mode):
            monkeypatch.undo()
            system.pipe("/texts/a.txt", b"longer than it was")
            return io.BytesIO(b"other text")

        monkeypatch.setattr(type(self.system), "open", changing)
        with pytest.raises(SourceError, match=r"memory://texts/a.txt: it changed while it was read"):
            read_corpus("memory://texts/a.txt")

    def test_without_fsspec(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "fsspec", None)
        with pytest.raises(MissingExtraError, match=r"reading memory://a needs fsspec; .* 'lagrangian-w2v\[fsspec\]'"):
            read_corpus("memory://a")
