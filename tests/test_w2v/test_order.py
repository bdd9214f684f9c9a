"""The order of training: every sentence once, in bounded memory, the same from memory and from a file."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_w2v.planted import topics
from w2v import EncodedCorpus, TrainingConfig, Vocabulary, order, read_corpus, train
from w2v.arrays import mapping
from w2v.corpora.folder import complete, written
from w2v.order import Order
from w2v.schedule import schedule, schedule_of_chunks, shuffled_sentences


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(order, "PIECE_TOKENS", 500)
    monkeypatch.setattr(order, "CHUNK_TOKENS", 5_000)


@given(
    lengths=st.lists(st.integers(1, 30), min_size=1, max_size=60),
    seed=st.integers(0, 2**64 - 1),
    sizes=st.tuples(st.integers(1, 20), st.integers(1, 60), st.integers(1, 10)),
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_chunks_have_every_sentence_once(lengths, seed, sizes):
    ends = np.cumsum(lengths)
    with pytest.MonkeyPatch.context() as patch:
        for name, size in zip(("PIECE_TOKENS", "CHUNK_TOKENS", "CHUNK_SENTENCES"), sizes, strict=True):
            patch.setattr(order, name, size)
        shuffled = Order(np.arange(ends[-1], dtype=np.int32), ends, seed)
    assert shuffled.starts[-1] == ends[-1]
    trained = []
    for start, stop in zip(shuffled.starts[:-1].tolist(), shuffled.starts[1:].tolist(), strict=True):
        text = shuffled.at(start)
        assert text.ends[-1] == stop and shuffled.at(stop - 1) is text
        positions = np.arange(start, stop)
        tokens = text.ids[positions + np.repeat(text.shifts, np.diff(text.ends, prepend=start))]
        trained += [sentence.tolist() for sentence in np.split(tokens, text.ends[:-1] - start)]
    assert sorted(trained) == [sentence.tolist() for sentence in np.split(np.arange(ends[-1]), ends[:-1])]


def test_a_text_of_one_chunk_is_mixed_as_a_whole():
    ends = np.cumsum(np.random.default_rng(0).integers(1, 9, 1000))
    ids = np.zeros(ends[-1], np.int32)
    text = Order(ids, ends, 7).at(0)
    expected = shuffled_sentences(ends, 7)
    assert np.array_equal(text.ends, expected[0]) and np.array_equal(text.shifts, expected[1])
    plain = Order(ids, ends, None).at(0)
    assert np.array_equal(plain.ends, ends) and not plain.shifts.any()


def test_chunks_are_samples_of_the_whole_text(small_chunks):
    ends = np.arange(10, 50_001, 10)
    chunks = Order(np.zeros(50_000, np.int32), ends, 3)
    assert len(chunks) == 10
    for number in range(10):
        text = chunks.chunk(number)
        places = text.ends + text.shifts
        assert (
            places.max() - places.min() > 12_500
        )  # by chance, ten of a hundred pieces in a quarter once in 30,000 times
        assert np.ptp(text.ends) == 5_000 - 10


@pytest.mark.parametrize("seed", [1, None])
def test_pages_of_a_long_sentence_are_let_go(monkeypatch, seed):
    """A text of one line: every two chunks of it, and where the next epoch begins."""
    monkeypatch.setattr(order, "CHUNK_TOKENS", 1_000)
    released = []
    monkeypatch.setattr(order, "advise", lambda array, *arguments: released.append((len(array), *arguments)))
    text = Order(np.zeros(10_000, np.int32), np.array([10_000]), seed)
    for position in [*range(0, 10_000, 500), 0]:
        text.at(position)
    whole = [(10_000, 0, 10_000, "MADV_DONTNEED"), (1, 0, 1, "MADV_DONTNEED")]
    assert released == whole * 4  # at 2,500, at 5,000, at 7,500, and at 0 again


def test_the_memory_in_use_is_that_of_two_chunks(small_chunks):
    chunks = Order(np.zeros(50_000, np.int32), np.arange(10, 50_001, 10), 3)
    for position in range(0, 50_000, 2_500):
        chunks.at(position)
        assert len(chunks._recent) <= 2


@given(st.lists(st.lists(st.integers(1, 40), min_size=1, max_size=20), min_size=1, max_size=4), st.integers(1, 40))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_blocks_of_chunks_are_those_of_each_chunk(chunks, block_tokens):
    config = TrainingConfig(epochs=2)
    ends, start = [], 0
    for lengths in chunks:
        ends.append(start + np.cumsum(lengths))
        start = int(ends[-1][-1])
    blocks = schedule_of_chunks(ends, config, block_tokens)
    expected, start = [], 0
    for chunk in ends:
        alone = schedule(chunk - start, config, block_tokens)
        count = len(alone) // 2
        expected += [
            (start + block.start, start + block.stop, block.sentence) for block in map(alone.block, range(count))
        ]
        start = int(chunk[-1])
    assert [blocks.block(number)[:3] for number in range(len(blocks) // 2)] == expected
    assert len(set(blocks.seeds.tolist())) == len(blocks)


OPTIONS = {"vector_size": 10, "epochs": 2, "min_count": 1}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"loss": "hierarchical-softmax"},
        {"subwords": True, "bucket": 100},
        {"shuffle": False},
        {"deterministic": True},
    ],
    ids=str,
)
def test_a_mapped_corpus_trains_to_the_same_bits(small_chunks, tmp_path, options):
    corpus = read_corpus(topics(3_000))
    np.save(tmp_path / "ids.npy", corpus.ids)
    np.save(tmp_path / "ends.npy", corpus.ends)
    ids, ends = (np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in ("ids", "ends"))
    mapped = EncodedCorpus(corpus.vocabulary, ids, ends, corpus.read_tokens)
    assert mapping(mapped.ids) is not None and mapping(corpus.ids) is None
    config = TrainingConfig(**OPTIONS, **options)
    (one, report), (other, _) = train(corpus, config), train(mapped, config)
    assert np.array_equal(one.vectors, other.vectors)
    assert report.pairs > 0 and np.isfinite(report.loss)


def test_deterministic_training_in_chunks_does_not_depend_on_the_threads(small_chunks):
    corpus = read_corpus(topics(3_000))
    vectors = [
        train(corpus, TrainingConfig(**OPTIONS, deterministic=True, threads=threads))[0].vectors for threads in (1, 3)
    ]
    assert np.array_equal(*vectors)


def test_training_in_chunks_by_several_threads_learns(monkeypatch):
    """Four threads change between chunks at different times."""
    monkeypatch.setattr(order, "PIECE_TOKENS", 1_000)
    monkeypatch.setattr(order, "CHUNK_TOKENS", 20_000)
    corpus = read_corpus(topics(12_000))
    options = OPTIONS | {"vector_size": 20, "epochs": 3, "alpha": 0.05, "sample": 0.0}
    embeddings, _ = train(corpus, TrainingConfig(**options, threads=4))
    for word in embeddings.vocabulary:
        assert all(other[0] == word[0] for other, _ in embeddings.most_similar(word, topn=3))


BOUNDED = """
import sys, threading, time
import numpy as np
from w2v import TrainingConfig, open_corpus, train

most = {"RssAnon": 0, "RssFile": 0}
def watch():
    while True:
        for line in open("/proc/self/status"):
            name, _, rest = line.partition(":")
            if name in most:
                most[name] = max(most[name], int(rest.split()[0]))
        time.sleep(0.02)

corpus = open_corpus(sys.argv[1])
options = {"vector_size": 4, "epochs": 1, "window": 1, "negative": 1, "shuffle": sys.argv[2] == "True"}
tiny = type(corpus)(corpus.vocabulary, corpus.ids[:100_000], np.arange(20, 100_001, 20), 100_000)
train(tiny, TrainingConfig(**options))  # loads the kernels
status = open("/proc/self/status").read().splitlines()
before = {line.partition(":")[0]: int(line.split()[1]) for line in status if line.partition(":")[0] in most}
threading.Thread(target=watch, daemon=True).start()
train(corpus, TrainingConfig(**options))
print(*(most[name] - before[name] for name in ("RssAnon", "RssFile")))
"""


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs /proc")
@pytest.mark.parametrize("shuffle", [True, False])
def test_training_on_a_mapped_text_has_a_part_of_it_in_memory(tmp_path, shuffle):
    """300 million tokens, 1.2 GB, in 15 million sentences.

    Of its own: the ends and shifts of three chunks, 16 bytes for each of 3.4 million sentences, and as much again while one is
    made; mapped: two or three chunks of 268 MB, and a part of the ends, 120 MB in all.
    """
    random = np.random.default_rng(0)
    with written(tmp_path) as (ids, ends):
        for _ in range(30):
            ids.append(random.integers(0, 1000, 10_000_000, np.int32))
        ends.append(np.arange(20, 300_000_001, 20))
        complete(
            tmp_path,
            (ids, ends),
            Vocabulary(tuple(f"w{i}" for i in range(1000)), np.full(1000, 300_000)),
            len(ids),
            None,
        )
    done = subprocess.run(
        [sys.executable, "-c", BOUNDED, tmp_path, str(shuffle)], capture_output=True, text=True, timeout=600
    )
    own, mapped = (int(kilobytes) // 1024 for kilobytes in done.stdout.split())
    assert own < 400 and mapped < 3 * 268 + 120, done.stdout
