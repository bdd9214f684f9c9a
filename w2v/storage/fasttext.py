"""fastText's own format, `.bin`: words, the rows of words and of buckets of n-grams, and output rows.

    magic, version                              int32
    the options of training                     12 of int32, and a float64
    words and labels, words, labels             int32
    tokens, pruned buckets (-1: not pruned)     int64
    for each word: its bytes, a zero byte, its count (int64), its kind (int8; 0: a word, 1: a label)
    quantized                                   int8; then rows, columns (int64) and the rows of words and buckets (float32)
    quantized                                   int8; then rows, columns (int64) and the output rows (float32)

All numbers are little-endian. A word's vector is the mean of its own row and of those of its n-grams' buckets.
"""

import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from w2v.embeddings import Embeddings
from w2v.storage.choice import Choice
from w2v.storage.container import check_finite
from w2v.storage.letters import spell
from w2v.storage.ngram_buckets import ngram_buckets
from w2v.subwords import NgramRule, Subwords
from w2v.vocabulary import Vocabulary

MAGIC = (793712314).to_bytes(4, "little")
_OPTIONS = struct.Struct("<13id")  # the version in front
_SIZES = struct.Struct("<3i2q")
_ENTRY = struct.Struct("<qb")
_SHAPE = struct.Struct("<b2q")
_FLOAT = np.dtype("<f4")
_SUPERVISED = 3
_VERSIONS = (11, 12)
_LARGEST_SIZE, _LARGEST_NGRAM, _LONGEST_WORD = 100_000, 64, 1 << 16
_PIECE = 1 << 20
_WORDS_AT_ONCE = 1024
_END_OF_SENTENCE = "</s>"  # which has no n-grams


@dataclass(frozen=True, slots=True)
class _Header:
    size: int
    bucket: int
    min_n: int
    max_n: int
    supervised: bool
    words: int
    labels: int

    @property
    def rule(self) -> NgramRule | None:
        if self.max_n < 1 or self.bucket < 1:
            return None
        return NgramRule(max(self.min_n, 1), self.max_n, self.bucket)


class _Bytes:
    """The bytes of a stream, by number or up to the next zero."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._ahead, self._at = b"", 0
        self.position = 0

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        content = self._ahead[self._at : self._at + count]
        self._at += len(content)
        if len(content) < count:
            content += self._stream.read(count - len(content))
        if len(content) != count:
            raise ValueError("it is truncated")
        self.position += count
        return content

    def word(self, name: str) -> bytes:
        """The next word, without the zero byte that ends it."""
        while (end := self._ahead.find(b"\0", self._at)) < 0:
            piece = b"" if len(self._ahead) - self._at > _LONGEST_WORD else self._stream.read(_LONGEST_WORD)
            if not piece:
                break
            self._ahead, self._at = self._ahead[self._at :] + piece, 0
        if (end if end >= 0 else len(self._ahead)) - self._at > _LONGEST_WORD:
            raise ValueError(f"{name} is longer than {_LONGEST_WORD} bytes")
        if end < 0:
            raise ValueError("it is truncated")
        return self.take(end + 1 - self._at)[:-1]

    def at_end(self) -> bool:
        """Whether nothing comes any more."""
        return self._at == len(self._ahead) and not self._stream.read(1)


def read_fasttext(stream: BinaryIO, length: int | None, choice: Choice) -> Embeddings:
    """The words of a model with their vectors, equal to fastText's bit for bit, and its n-grams for other words.

    Of a classifier these are the vectors of its words, without the labels. Output rows come with all words alone, since they
    need not be of words. `length` is that of the file where it is known.

    Raises
    ------
    ValueError
        When the file is damaged, quantized, or of a version that fastText itself no longer writes.
    """
    source = _Bytes(stream)
    header = _read_header(source)
    words, counts = _read_words(source, header)
    numbers = choice.numbers(words)
    if not numbers:
        raise ValueError("it has none of the words that were asked for" if words else "it has no words")
    rows = _read_shape(source, header.words + header.bucket, header.size, length, "input rows")
    matrix = _read_rows(source, rows, header.size, numbers, header.words)
    outputs = None
    if choice.takes_all and not header.supervised:
        rows = _read_shape(source, header.words, header.size, length, "output rows")
        outputs = _read_rows(source, rows, header.size, [], 0)
    if choice.takes_all and not header.supervised and not source.at_end():
        raise ValueError("it goes on behind its output rows")
    if outputs is not None:
        check_finite(outputs, "outputs")
    chosen = [words[number] for number in numbers]
    vocabulary = Vocabulary(tuple(chosen), counts[numbers])
    subwords = None
    if header.rule is not None:
        _compose(matrix, chosen, header.rule)
        subwords = Subwords(header.rule, np.arange(header.bucket), matrix[len(chosen) :])
    return Embeddings(vocabulary, matrix[: len(chosen)], outputs, subwords)


def _read_header(source: _Bytes) -> _Header:
    source.take(len(MAGIC))
    version, size, *_, model, bucket, min_n, max_n, _, _ = _OPTIONS.unpack(source.take(_OPTIONS.size))
    if version not in _VERSIONS:
        raise ValueError(f"it is of version {version} of fastText's format, not 11 or 12")
    entries, words, labels, _, pruned = _SIZES.unpack(source.take(_SIZES.size))
    if pruned >= 0:
        raise ValueError("it is of a model that was quantized and pruned; give the model that was not")
    supervised = model == _SUPERVISED
    if supervised and version == 11:  # whose classifiers have no n-grams of characters, whatever they say
        max_n = 0
    if not (0 < size <= _LARGEST_SIZE and bucket >= 0 and max_n <= _LARGEST_NGRAM):
        raise ValueError(f"it says that it has {size} dimensions, {bucket} buckets, and n-grams of {max_n} characters")
    if words < 0 or labels < 0 or words + labels != entries or (labels and not supervised):
        raise ValueError(f"it says that it has {words} words and {labels} labels, {entries} together")
    if max_n > 0 and min_n > max_n:
        raise ValueError(f"it says that its n-grams are of {min_n} to {max_n} characters")
    return _Header(size, bucket, min_n, max_n, supervised, words, labels)


def _read_words(source: _Bytes, header: _Header) -> tuple[list[str], NDArray[np.int64]]:
    counts: dict[str, int] = {}
    for number, (letters, count, kind) in enumerate(_entries(source, header.words + header.labels)):
        if kind != (number >= header.words):
            raise ValueError(
                f"entry {number + 1} of its dictionary is of kind {kind}, with words first and labels behind"
            )
        if kind == 0:
            word = spell(letters)
            if word in counts:
                raise ValueError(f"it has the word {word!r} twice")
            counts[word] = count
    return list(counts), np.fromiter(counts.values(), np.int64, len(counts))


def _entries(source: _Bytes, count: int) -> Iterator[tuple[bytes, int, int]]:
    for number in range(1, count + 1):
        yield source.word(f"word {number} of {count}"), *_ENTRY.unpack(source.take(_ENTRY.size))


def _read_shape(source: _Bytes, rows: int, size: int, length: int | None, name: str) -> int:
    quantized, *shape = _SHAPE.unpack(source.take(_SHAPE.size))
    if quantized:
        raise ValueError(f"its {name} are quantized; give the model that was not")
    if shape != [rows, size]:
        raise ValueError(f"its {name} are of shape {tuple(shape)}, where there must be {(rows, size)}")
    if length is not None and source.position + rows * size * _FLOAT.itemsize > length:
        raise ValueError(f"it ends within its {rows} {name}")
    return rows


def _read_rows(source: _Bytes, rows: int, size: int, numbers: list[int], words: int) -> NDArray[np.float32]:
    """The next rows: of the first `words` those of the numbers, and all behind; memory grows with what has come."""
    wanted = len(numbers) + rows - words
    at_once = max(_PIECE // (size * _FLOAT.itemsize), 1)
    matrix = np.empty((min(wanted, at_once), size), np.float32)
    done = 0
    for start in range(0, rows, at_once):
        stop = min(start + at_once, rows)
        block = np.frombuffer(source.take((stop - start) * size * _FLOAT.itemsize), _FLOAT).reshape(-1, size)
        first, last = bisect_left(numbers, start), bisect_left(numbers, min(stop, words))
        kept = [number - start for number in numbers[first:last]] + list(range(max(words - start, 0), stop - start))
        if done + len(kept) > len(matrix):
            matrix.resize((min(max(done + len(kept), len(matrix) * 5 // 4), wanted), size), refcheck=False)
        matrix[done : done + len(kept)] = block if len(kept) == len(block) else block[kept]
        done += len(kept)
    return matrix


def _compose(matrix: NDArray[np.float32], words: Sequence[str], rule: NgramRule) -> None:
    """Make of each word's row the mean of it and of its n-grams' rows, which lie behind those of the words.

    The sum is taken in float32 and in fastText's order, then multiplied by 1/m as float32: the same bits.
    """
    from scipy.sparse import csr_array  # takes a tenth of a second

    for first in range(0, len(words), _WORDS_AT_ONCE):
        some = words[first : first + _WORDS_AT_ONCE]
        starts, buckets = ngram_buckets(["" if word == _END_OF_SENTENCE else word for word in some], rule)
        rows = np.insert(buckets + len(words), starts[:-1], np.arange(first, first + len(some)))
        ends = starts + np.arange(len(starts))
        sums = csr_array((np.ones(len(rows), np.float32), rows, ends), shape=(len(some), len(matrix))) @ matrix
        shares = (1.0 / np.diff(ends)).astype(np.float32)
        matrix[first : first + len(some)] = sums * shares[:, np.newaxis]
