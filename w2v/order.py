"""In what order the sentences of a corpus are trained, in memory that does not grow with the corpus.

A random order of all sentences takes 16 bytes for each, and goes through the whole text at every step. So a long text is cut into
pieces of about a million tokens, which are put in a random order; as many as make a chunk are then mixed, sentence by sentence.
Each chunk is a sample of pieces of the whole text, and all that is in memory, or read from a file, is one chunk at a time. A
text that is no longer than a chunk is mixed as a whole.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.arrays import advise
from w2v.schedule import ORDER_SEED, shuffled_sentences
from w2v.workspace import Text, text_in_order

CHUNK_TOKENS = 1 << 26
CHUNK_SENTENCES = 1 << 22
PIECE_TOKENS = 1 << 20


class Order:
    """The sentences of a corpus in a random order, or in that of the text.

    Parameters
    ----------
    ids : int32 [tokens]
    ends : int64 [sentences]
        As in an EncodedCorpus; both may be mapped from files.
    seed : int or None
        What the random order follows from, alone; None for the order of the text.

    Attributes
    ----------
    starts : int64 [chunks + 1]
        How many tokens are trained before each chunk, and in all.

    Examples
    --------
    >>> order = Order(np.array([5, 6, 7, 8], np.int32), np.array([1, 2, 4]), seed=1)
    >>> text = order.at(0)
    >>> text.ids[np.arange(4) + np.repeat(text.shifts, np.diff(text.ends, prepend=0))].tolist(), order.starts.tolist()
    ([7, 8, 5, 6], [0, 4])
    """

    def __init__(self, ids: NDArray[np.int32], ends: NDArray[np.int64], seed: int | None) -> None:
        self._ids, self._ends, self._seed = ids, ends, seed
        self._bounds = _piece_bounds(ends)  # in sentences
        self._chunks = self._grouped()
        tokens = self._tokens_before(self._bounds)
        self.starts = np.cumsum([0, *(np.diff(tokens)[pieces].sum() for pieces in self._chunks)])
        self._lock = Lock()
        self._recent: dict[int, Text] = {}
        self._coming: dict[int, Future[Text]] = {}
        self._maker = ThreadPoolExecutor(1)  # makes the next chunk while this one is trained
        self._released = 0

    def __len__(self) -> int:
        return len(self._chunks)

    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All that the order follows from, beside the seed."""
        return self._ids, self._ends, self._bounds, self.starts

    def ends_of_chunks(self) -> Iterator[NDArray[np.int64]]:
        """The `ends` of each chunk, one after the other."""
        if len(self) == 1:
            yield self.chunk(0).ends
            return
        for number in range(len(self)):
            yield self._made(number).ends

    def at(self, position: int) -> Text:
        """The chunk that is trained at a position, its `ends` counted from the first token that is trained."""
        if (
            abs(position - self._released) > 2 * CHUNK_TOKENS
        ):  # a text in its own order, or sentences longer than a chunk
            self._release(position)
        return self.chunk(int(np.searchsorted(self.starts, position, "right")) - 1)

    def chunk(self, number: int) -> Text:
        """A chunk; the latest two are kept, since one thread may begin with the next while another ends the one before."""
        with self._lock:
            if number not in self._recent:
                for other in self._recent:
                    self._advise(other, "MADV_DONTNEED")
                while len(self._recent) > 1:
                    del self._recent[next(iter(self._recent))]
                coming = self._coming.pop(number, None)
                self._recent[number] = self._made(number) if coming is None else coming.result()
                self._released = int(self.starts[number])
                if len(self) > 1:
                    self._advise(number, "MADV_WILLNEED")
                    following = (number + 1) % len(self)
                    self._coming = {following: self._maker.submit(self._made, following)}
            return self._recent[number]

    def _release(self, position: int) -> None:
        """Let go of all pages; those in use come back at their next use."""
        advise(self._ids, 0, len(self._ids), "MADV_DONTNEED")
        advise(self._ends, 0, len(self._ends), "MADV_DONTNEED")
        self._released = position

    def _grouped(self) -> list[NDArray[np.int64]]:
        """The pieces of each chunk, in the order of the text."""
        pieces = len(self._bounds) - 1
        if self._seed is None or self._ends[-1] <= CHUNK_TOKENS:
            return [np.arange(pieces)]
        order = np.random.default_rng([self._seed, ORDER_SEED]).permutation(pieces)
        tokens = np.cumsum(np.diff(self._tokens_before(self._bounds))[order])
        sentences = np.cumsum(np.diff(self._bounds)[order])
        chunks, begin = [], 0
        while begin < pieces:
            before = (tokens[begin - 1], sentences[begin - 1]) if begin else (0, 0)
            full = (tokens - before[0] >= CHUNK_TOKENS) | (sentences - before[1] >= CHUNK_SENTENCES)
            end = int(full.argmax()) + 1 if full.any() else pieces
            chunks.append(np.sort(order[begin:end]))
            begin = end
        return chunks

    def _made(self, number: int) -> Text:
        if self._seed is None:
            return text_in_order(self._ids, self._ends)
        if len(self._chunks) == 1:
            return Text(self._ids, *shuffled_sentences(self._ends, self._seed))
        spans = self._spans(number)
        parts = [self._ends[self._bounds[piece] : self._bounds[piece + 1]] for piece in self._chunks[number]]
        lengths = [np.diff(part, prepend=start) for part, (start, _) in zip(parts, spans, strict=True)]
        order = np.random.default_rng([self._seed, ORDER_SEED, 1 + number]).permutation(sum(map(len, parts)))
        ends = self.starts[number] + np.cumsum(np.concatenate(lengths)[order])
        shifts = np.concatenate(parts)[order] - ends
        for piece in self._chunks[number].tolist():
            advise(self._ends, int(self._bounds[piece]), int(self._bounds[piece + 1]), "MADV_DONTNEED")
        return Text(self._ids, ends, shifts)

    def _advise(self, number: int, advice: str) -> None:
        for start, stop in self._spans(number):
            advise(self._ids, start, stop, advice)

    def _spans(self, number: int) -> list[tuple[int, int]]:
        """From which token to which each piece of a chunk stands in the text."""
        pieces = self._chunks[number]
        starts, stops = self._tokens_before(self._bounds[pieces]), self._tokens_before(self._bounds[pieces + 1])
        return list(zip(starts.tolist(), stops.tolist(), strict=True))

    def _tokens_before(self, sentences: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.where(sentences > 0, self._ends[np.maximum(sentences - 1, 0)], 0)


def text_at(text: Text | Order, position: int) -> Text:
    """The text in which a position is trained: an order's chunk, or what is one text already."""
    return text.at(position) if isinstance(text, Order) else text


def _piece_bounds(ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Cut a text behind the sentences in which another `PIECE_TOKENS` tokens are complete; int64 [pieces + 1], in sentences."""
    cuts = 1 + np.searchsorted(ends, np.arange(PIECE_TOKENS, ends[-1], PIECE_TOKENS))
    return np.unique(np.concatenate([[0], cuts, [len(ends)]]))
