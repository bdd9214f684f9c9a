"""Phrases: words that follow each other far more often than by chance, written as one (Mikolov et al. 2013, section 4)."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from w2v.corpora.files import STANDARD_INPUT
from w2v.corpora.growing import GrowingArray
from w2v.corpora.numbering import Numbering
from w2v.corpora.options import TextOptions
from w2v.corpora.pairs import PairTable, counted_pairs, join, map_tokens, pair_set
from w2v.corpora.parquet import is_parquet
from w2v.corpora.renumbering import renumbering
from w2v.corpora.sources import Files, Source, add_source, files_of, source_pieces
from w2v.corpora.word_table import Cursor, WordTable, grown, mark_known, new_table, number_words
from w2v.errors import ConfigError, CorpusError
from w2v.files import Path, reading, replacing


class Scoring(StrEnum):
    """How pairs are scored, from the counts n of words and pairs and the number N of words in the text.

    word2phrase: (n(ab) - min_count) N / (n(a) n(b)). npmi: ln(p(ab) / (p(a) p(b))) / -ln p(ab), with p = n/N (Bouma 2009).
    """

    WORD2PHRASE = "word2phrase"
    NPMI = "npmi"


_THRESHOLDS = {Scoring.WORD2PHRASE: 100.0, Scoring.NPMI: 0.5}


@dataclass(frozen=True, slots=True, eq=False)
class Phrases:
    """Pairs of words that are written as one, each with its score.

    Parameters
    ----------
    scores : mapping from (first, second) to float
    delimiter : str
        What stands between the two.

    Examples
    --------
    >>> phrases = Phrases({("new", "york"): 200.0})
    >>> phrases.join(["in", "new", "york", "now"])
    ['in', 'new_york', 'now']
    """

    scores: Mapping[tuple[str, str], float]
    delimiter: str = "_"
    _table: WordTable = field(init=False, repr=False)
    _pairs: PairTable = field(init=False, repr=False)

    def __post_init__(self) -> None:
        _check_delimiter(self.delimiter)
        numbers: dict[str, int] = {}
        pairs = [[numbers.setdefault(word, len(numbers)) for word in pair] for pair in self.scores]
        first, second = np.array(pairs, np.int64).reshape(-1, 2).T
        object.__setattr__(self, "_table", _table_of(list(numbers)))
        object.__setattr__(self, "_pairs", pair_set(first, second))

    def __len__(self) -> int:
        return len(self.scores)

    def join(self, words: Iterable[str]) -> list[str]:
        """A sentence with its phrases as single words, from the left; a word is in one pair at most."""
        joined: list[str] = []
        before: str | None = None
        for word in words:
            if before is not None and (before, word) in self.scores:
                joined[-1] = before + self.delimiter + word
                before = None
            else:
                joined.append(word)
                before = word
        return joined

    def join_pieces(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Pieces of text that end between words, with the white space inside of phrases replaced by the delimiter.

        All else stays as it is. A phrase reaches across two pieces, but not across two lines.
        """
        rest = b""
        for piece in pieces:
            text = rest + piece
            cut = text.rfind(b"\n") + 1
            if cut == 0 and len(text) < _LONGEST_LINE:
                rest = text
                continue
            cut = cut or len(text)  # a line so long goes in parts
            yield self._join_text(text[:cut])
            rest = text[cut:]
        yield self._join_text(rest)

    def _join_text(self, text: bytes) -> bytes:
        letters = np.frombuffer(text, np.uint8)
        starts = np.empty(len(letters) + 1, np.int64)
        ids = np.empty(len(letters) + 1, np.int32)
        at = _cursor()
        mark_known(letters, self._table, starts, ids, at)
        tokens = int(at.tokens[0])
        delimiter = np.frombuffer(self.delimiter.encode("utf-8", "surrogateescape"), np.uint8)
        joined = np.empty(len(letters) + tokens * len(delimiter), np.uint8)
        return joined[: join(letters, starts[:tokens], ids[:tokens], self._pairs, delimiter, joined)].tobytes()


_LONGEST_LINE = 1 << 24


def _check_delimiter(delimiter: str) -> None:
    if not isinstance(delimiter, str) or not delimiter or delimiter.split() != [delimiter]:
        raise ConfigError(f"delimiter is {delimiter!r}; it must be a string without white space, such as '_'")


def _cursor() -> Cursor:
    return Cursor(*(np.zeros(1, np.int64) for _ in Cursor._fields))


def _table_of(words: list[str]) -> WordTable:
    """A table with words under their places in a list."""
    encoded = [word.encode("utf-8", "surrogateescape") for word in words]
    letters = np.frombuffer(b"".join(encoded), np.uint8)
    stops = np.cumsum([len(word) for word in encoded], dtype=np.int64)
    starts = np.append(0, stops[:-1]) if len(stops) else stops
    table, at, ids = new_table(1 << 6, 1 << 8), _cursor(), np.empty(len(encoded), np.int32)
    while not number_words(letters, starts, stops, table, ids, at):
        table = grown(table, int(at.words[0]), len(letters))
    return table


def learn_phrases(
    source: Source,
    min_count: int = 5,
    threshold: float | None = None,
    scoring: Scoring | str = Scoring.WORD2PHRASE,
    delimiter: str = "_",
    after: Iterable[Phrases] = (),
    **options: Any,
) -> Phrases:
    """Find the pairs of words in a corpus whose score is above a threshold: word2phrase's, or gensim's with "npmi".

    Counts are exact, and memory is bounded whatever the corpus is: what does not fit goes to temporary files.

    Parameters
    ----------
    source : as for `read_corpus`
    min_count : int, at least 1
        Pairs, and words, that occur more rarely are in no phrase; word2phrase's discount too.
    threshold : float, optional
        By default 100 for word2phrase's score, which is at most N, and 0.5 for npmi, from -1 to 1.
    scoring : Scoring or its value
    delimiter : str
        What joins the two words of a pair.
    after : several Phrases
        Found before: the corpus, which is of files then, is read as these write it. So phrases of more words are found.
    **options
        Those of `TextOptions`.

    Raises
    ------
    ConfigError
        For an option out of its range.
    CorpusError, SourceError
        As for `read_corpus`, and for files of Parquet with `after`.

    Examples
    --------
    >>> text = [["in", "new", "york"], ["new", "york", "in"], ["in", "in"]] * 3
    >>> phrases = learn_phrases(text, min_count=1, threshold=2)
    >>> phrases.scores, phrases.join(["to", "new", "york"])  # (6 - 1) 24 / (6 · 6)
    ({('new', 'york'): 3.3333333333333335}, ['to', 'new_york'])
    """
    scoring, threshold = _checked(min_count, threshold, scoring)
    _check_delimiter(delimiter)
    numbering = Numbering(GrowingArray(np.int32), GrowingArray(np.int64))
    earlier = list(after)
    if earlier:
        name = _add_joined(source, TextOptions(**options), earlier, numbering)
    else:
        name = add_source(source, TextOptions(**options), numbering)
    numbered = numbering.numbered()
    tokens = len(numbered.ids)
    found = renumbering(numbered, min_count, None, name)
    map_tokens(numbered.ids, found.by_generation(tokens))
    words, counts = found.vocabulary.words, found.vocabulary.counts
    scores: dict[tuple[str, str], float] = {}
    for first, second, together in counted_pairs(numbered.ids, numbered.ends, min_count):
        score = _scores(scoring, counts[first], counts[second], together, tokens, min_count)
        for i in np.flatnonzero(score > threshold).tolist():
            scores[words[first[i]], words[second[i]]] = float(score[i])
    for kept in (numbered.ids, numbered.ends, numbering):
        kept.close()
    return Phrases(dict(sorted(scores.items(), key=lambda item: (-item[1], item[0]))), delimiter)


def _checked(min_count: int, threshold: float | None, scoring: Scoring | str) -> tuple[Scoring, float]:
    if scoring not in list(Scoring):
        raise ConfigError(f"scoring is {scoring!r}; it must be one of {', '.join(Scoring)}")
    scoring = Scoring(scoring)
    if isinstance(min_count, bool) or not isinstance(min_count, int) or min_count < 1:
        raise ConfigError(f"min_count is {min_count!r}; it must be a whole number of at least 1")
    threshold = _THRESHOLDS[scoring] if threshold is None else threshold
    least, most = (0.0, math.inf) if scoring is Scoring.WORD2PHRASE else (-1.0, 1.0)
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float)) or not least <= threshold <= most:
        raise ConfigError(f"threshold is {threshold!r}; with {scoring} it must be a number from {least:g} to {most:g}")
    return scoring, float(threshold)


def _scores(scoring: Scoring, first: Any, second: Any, together: Any, tokens: int, min_count: int) -> Any:
    if scoring is Scoring.WORD2PHRASE:
        return (together - min_count) / first / second * tokens
    share = together / tokens
    return np.log(share / ((first / tokens) * (second / tokens))) / -np.log(share)


def _add_joined(source: Source, options: TextOptions, earlier: list[Phrases], numbering: Numbering) -> str:
    names = text_files(source)
    for name in names:
        for piece in joined_pieces(name, options, earlier):
            numbering.add_text(piece)
        numbering.end_sentence()
    return names[0] if len(names) == 1 else f"the corpus of {len(names)} files"


def text_files(source: Source) -> list[str]:
    """The files of text that a corpus is of, to be read several times.

    Raises
    ------
    CorpusError
        For what cannot be read twice, and for Parquet, which has no text around its words to keep.
    """
    files = files_of(source)
    names = Files(()).names() if files is None else files.names()
    if files is None:
        raise CorpusError("phrases of more words are found in files only; join the sentences yourself, and learn again")
    for name in names:
        if name == STANDARD_INPUT:
            raise CorpusError("standard input can be read only once; phrases take a file, which is read several times")
        with reading(name):
            pass
        if is_parquet(name):
            raise CorpusError(f"{name} is a Parquet file; phrases are joined in files of text")
    return names


def joined_pieces(name: str, options: TextOptions, phrases: Iterable[Phrases]) -> Iterator[bytes]:
    """The text of a file in pieces, with several phrases joined, one after the other."""
    pieces = source_pieces(name, options)
    for found in phrases:
        pieces = found.join_pieces(pieces)
    return pieces


def write_phrases(phrases: Phrases, path: Path) -> None:
    """Write pairs to a text file, a line each: first word, second word and score, between tabs.

    Raises SourceError when the file cannot be written.
    """
    with replacing(path) as stream:
        for (first, second), score in phrases.scores.items():
            stream.write(f"{first}\t{second}\t{score!r}\n".encode("utf-8", "surrogateescape"))


def read_phrases(path: Path, delimiter: str = "_") -> Phrases:
    """Read pairs that `write_phrases` wrote.

    Raises
    ------
    SourceError
        When the file cannot be read.
    CorpusError
        When a line is not two words and a score.
    """
    scores = {}
    with reading(path) as stream:
        for number, line in enumerate(stream, 1):
            parts = line.decode("utf-8", "surrogateescape").rstrip("\r\n").split("\t")
            try:
                first, second, score = parts
                scores[first, second] = float(score)
            except ValueError:
                raise CorpusError(f"line {number} of {path} is {line[:40]!r}, not two words and a score") from None
    return Phrases(scores, delimiter)
