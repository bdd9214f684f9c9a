"""Text to word numbers: bytes are split at ASCII white space, and each new word gets the next number.

Words are any other bytes, of any length, valid UTF-8 or not. A line is a sentence.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.compilation import kernel, kernel_part
from w2v.errors import CorpusError

PIECE_BYTES = 1 << 22
_WHITE_SPACE = b" \t\n\r\v\f"


@dataclass(frozen=True, slots=True, eq=False)
class TokenizedText:
    """A text as numbers of its words in order of first occurrence.

    Parameters
    ----------
    counts : int64 [words]
        How often each word occurs.
    spell : function of a word's number
        The word itself.
    tokens : int32 [tokens]
        The text, in memory of its own that may be overwritten.
    ends : int64 [sentences]
        Where each sentence ends, as a number of tokens from the start of the text.
    """

    counts: NDArray[np.int64]
    spell: Callable[[int], str]
    tokens: NDArray[np.int32]
    ends: NDArray[np.int64]


class _WordTable(NamedTuple):
    """An open hash table; word w is `letters[starts[w] : starts[w + 1]]`.

    A slot holds 32 bits of a word's hash and the word's number plus one, or 0 where it is free. A quarter at most is taken.
    """

    slots: NDArray[np.uint64]
    hashes: NDArray[np.uint64]
    counts: NDArray[np.int64]
    starts: NDArray[np.int64]
    letters: NDArray[np.uint8]


class _Cursor(NamedTuple):
    """Where in a piece the work stands, each an int64 [1]; `words` and `sentence` go on from piece to piece."""

    position: NDArray[np.int64]
    tokens: NDArray[np.int64]
    ends: NDArray[np.int64]
    words: NDArray[np.int64]
    sentence: NDArray[np.int64]  # tokens of the sentence that has not ended


_TAG = np.uint64(0xFFFFFFFF00000000)
_NUMBER = np.uint64(0xFFFFFFFF)
_NEWLINE = 10


@kernel_part
def _is_space(byte: int) -> bool:
    return byte <= 32 and (byte == 32 or 9 <= byte <= 13)


@kernel_part
def _first_slot(code: np.uint64, table: _WordTable) -> np.uint64:
    return (code >> np.uint64(20)) & np.uint64(table.slots.shape[0] - 1)


@kernel_part
def _find(text: NDArray[np.uint8], start: int, stop: int, code: np.uint64, table: _WordTable) -> np.uint64:
    """The slot of the word `text[start:stop]`, or the free slot that it would take."""
    slot = _first_slot(code, table)
    while True:
        entry = table.slots[slot]
        if entry == np.uint64(0):
            break
        if (entry ^ code) & _TAG == np.uint64(0):
            word = np.int64(entry & _NUMBER) - 1
            letters = table.starts[word]
            if table.starts[word + 1] - letters == stop - start:
                same = start
                while same < stop and table.letters[letters + same - start] == text[same]:
                    same += 1
                if same == stop:
                    break
        slot = (slot + np.uint64(1)) & np.uint64(table.slots.shape[0] - 1)
    return slot


@kernel
def _tokenize(
    text: NDArray[np.uint8], table: _WordTable, ids: NDArray[np.int32], ends: NDArray[np.int64], at: _Cursor
) -> bool:
    """Number the words of a piece from the cursor on; False, with the cursor before a word, when the table must grow.

    Writes the piece's tokens to `ids`, and to `ends` where sentences end in it, counted from the start of the piece.
    """
    position = at.position[0]
    words = at.words[0]
    tokens = at.tokens[0]
    sentence = at.sentence[0]
    complete = True
    while position < text.shape[0]:
        if _is_space(text[position]):
            if text[position] == _NEWLINE and sentence > 0:
                ends[at.ends[0]] = tokens
                at.ends[0] += 1
                sentence = 0
            position += 1
            continue
        start = position
        code = np.uint64(14695981039346656037)
        while position < text.shape[0] and not _is_space(text[position]):
            code = (code ^ np.uint64(text[position])) * np.uint64(1099511628211)  # FNV-1a
            position += 1
        code = (code ^ (code >> np.uint64(32))) * np.uint64(0x9E3779B97F4A7C15)
        slot = _find(text, start, position, code, table)
        if table.slots[slot] == np.uint64(0):
            letters = table.starts[words]
            if words == table.counts.shape[0] or letters + position - start > table.letters.shape[0]:
                position = start
                complete = False
                break
            table.slots[slot] = (code & _TAG) | np.uint64(words + 1)
            table.hashes[words] = code
            table.counts[words] = 0
            for i in range(start, position):
                table.letters[letters + i - start] = text[i]
            words += 1
            table.starts[words] = letters + position - start
        word = np.int64(table.slots[slot] & _NUMBER) - 1
        table.counts[word] += 1
        ids[tokens] = word
        tokens += 1
        sentence += 1
    at.position[0] = position
    at.words[0] = words
    at.tokens[0] = tokens
    at.sentence[0] = sentence
    return complete


@kernel
def _enter_all(table: _WordTable, words: int) -> None:
    """Fill an empty `table.slots` with the first `words` words."""
    for word in range(words):
        slot = _first_slot(table.hashes[word], table)
        while table.slots[slot] != np.uint64(0):
            slot = (slot + np.uint64(1)) & np.uint64(table.slots.shape[0] - 1)
        table.slots[slot] = (table.hashes[word] & _TAG) | np.uint64(word + 1)


def _new_table(slots: int, letters: int) -> _WordTable:
    most_words = slots // 4
    return _WordTable(
        slots=np.zeros(slots, np.uint64),
        hashes=np.zeros(most_words, np.uint64),
        counts=np.zeros(most_words, np.int64),
        starts=np.zeros(most_words + 1, np.int64),
        letters=np.zeros(letters, np.uint8),
    )


def _grown(table: _WordTable, words: int, text_bytes: int) -> _WordTable:
    """A table with twice the room, and room for one more word of the piece however long it is."""
    used = int(table.starts[words])
    larger = _new_table(2 * len(table.slots), 2 * len(table.letters) + text_bytes)
    larger.hashes[:words] = table.hashes[:words]
    larger.counts[:words] = table.counts[:words]
    larger.starts[: words + 1] = table.starts[: words + 1]
    larger.letters[:used] = table.letters[:used]
    _enter_all(larger, words)
    return larger


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    """The stream in pieces of about `PIECE_BYTES` that end between words."""
    rest = b""
    while block := stream.read(PIECE_BYTES):
        text = rest + block
        cut = 1 + max(text.rfind(space) for space in _WHITE_SPACE)
        yield text[:cut]
        rest = text[cut:]
    yield rest


def tokenize_streams(streams: Iterable[BinaryIO]) -> TokenizedText:
    """Number the words of binary streams, one after the other; no word or sentence reaches across two of them.

    >>> import io
    >>> text = tokenize_streams([io.BytesIO(b"the cat\\n\\nthe dog")])
    >>> [text.spell(word) for word in text.tokens], text.counts.tolist(), text.ends.tolist()
    (['the', 'cat', 'the', 'dog'], [2, 1, 1], [2, 4])
    """
    table = _new_table(1 << 18, 1 << 20)
    at = _Cursor(*(np.zeros(1, np.int64) for _ in _Cursor._fields))
    tokens = bytearray()  # grows where it lies; arrays of pieces would leave holes in memory
    ids, ends = np.empty(0, np.int32), np.empty(0, np.int64)
    all_ends: list[NDArray[np.int64]] = []
    total = 0
    for stream in streams:
        for piece in _pieces(stream):
            text = np.frombuffer(piece, np.uint8)
            if len(ids) < len(text) // 2 + 1:
                ids, ends = np.empty(len(text) // 2 + 1, np.int32), np.empty(len(text) // 2 + 2, np.int64)
            at.position[0] = at.tokens[0] = at.ends[0] = 0
            while not _tokenize(text, table, ids, ends, at):
                table = _grown(table, int(at.words[0]), len(text))
            tokens += ids[: at.tokens[0]].data
            all_ends.append(total + ends[: at.ends[0]])
            total += int(at.tokens[0])
        if at.sentence[0]:
            all_ends.append(np.array([total]))
            at.sentence[0] = 0
    words = int(at.words[0])

    def spell(word: int) -> str:
        return table.letters[table.starts[word] : table.starts[word + 1]].tobytes().decode("utf-8", "surrogateescape")

    all_tokens = np.frombuffer(tokens, np.int32) if tokens else np.empty(0, np.int32)
    return TokenizedText(
        table.counts[:words].copy(), spell, all_tokens, np.concatenate([np.empty(0, np.int64), *all_ends])
    )


def tokenize_sentences(sentences: Iterable[Iterable[str]]) -> TokenizedText:
    """Number the words of sentences that are lists of words already.

    >>> text = tokenize_sentences([["the", "cat"], [], ["the", "dog"]])
    >>> text.tokens.tolist(), text.counts.tolist(), text.ends.tolist()
    ([0, 1, 0, 2], [2, 1, 1], [2, 4])
    """
    numbers: dict[str, int] = {}
    ids = array("i")
    ends = array("q", [0])
    for sentence in sentences:
        if isinstance(sentence, str):
            raise CorpusError(f"a sentence is a list of words, not the string {sentence[:40]!r}; split it first")
        ids.extend(numbers.setdefault(word, len(numbers)) for word in sentence)
        if len(ids) > ends[-1]:
            ends.append(len(ids))
    tokens = np.frombuffer(ids, np.int32) if ids else np.empty(0, np.int32)
    counts = np.bincount(tokens, minlength=len(numbers)).astype(np.int64)
    return TokenizedText(counts, list(numbers).__getitem__, tokens, np.array(ends[1:], np.int64))
