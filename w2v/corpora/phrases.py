"""Phrases: words that follow each other far more often than by chance, written as one (Mikolov et al. 2013, section 4)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from w2v.corpora.pair_counts import code_of
from w2v.corpora.pairs import Connectors, PairTable, join, pair_keys, pair_set
from w2v.corpora.word_table import Cursor, WordTable, grown, mark_known, new_table, number_words
from w2v.errors import ConfigError, CorpusError
from w2v.files import Path, reading, replacing

ENGLISH_CONNECTOR_WORDS = frozenset(
    ("a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with", "without")
)
_LONGEST_LINE = 1 << 24


@dataclass(frozen=True, slots=True, eq=False)
class Phrases:
    """Pairs of words that are written as one, each with its score.

    Parameters
    ----------
    scores : mapping from (first, second) to float
        Words between the first and the last of a key are connectors, which stand between the two in the text.
    delimiter : str
        What is written between the words.

    Raises
    ------
    ConfigError
        For a key that is no tuple of at least two words, and a word that is a connector in one and at the end of another.

    Examples
    --------
    >>> phrases = Phrases({("new", "york"): 200.0})
    >>> phrases.join(["in", "new", "york", "now"])
    ['in', 'new_york', 'now']
    >>> Phrases({("bank", "of", "england"): 150.0}).join(["the", "bank", "of", "england", "of", "old"])
    ['the', 'bank_of_england', 'of', 'old']
    """

    scores: Mapping[tuple[str, ...], float]
    delimiter: str = "_"
    _table: WordTable = field(init=False, repr=False)
    _pairs: PairTable = field(init=False, repr=False)
    _connectors: Connectors = field(init=False, repr=False)
    _digits: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_delimiter(self.delimiter)
        numbers, digits = _words_of(self.scores)
        ends = [[numbers[key[0]], numbers[key[-1]]] for key in self.scores]
        first, second = np.array(ends, np.int64).reshape(-1, 2).T
        codes = np.array([code_of(key[1:-1], digits) for key in self.scores], np.int64)
        if codes.min(initial=0) < 0:
            longest = max(self.scores, key=len)
            raise ConfigError(f"the phrase {' '.join(longest)!r} has more connectors than can be counted; leave it out")
        connectors = Connectors(
            np.array([digits.get(word, 0) for word in numbers], np.int32),
            len(digits) + 1,
            np.unique(np.append(codes, 0)),
        )
        object.__setattr__(self, "_table", _table_of(list(numbers)))
        object.__setattr__(self, "_pairs", pair_set(pair_keys(first, second, codes, connectors)))
        object.__setattr__(self, "_connectors", connectors)
        object.__setattr__(self, "_digits", digits)

    def __len__(self) -> int:
        return len(self.scores)

    def join(self, words: Iterable[str]) -> list[str]:
        """A sentence with its phrases as single words, from the left; a word is in one pair at most.

        Raises CorpusError for a string, whose words are not told apart yet.
        """
        if isinstance(words, str):
            raise CorpusError(f"a sentence is a list of words, not the string {words[:40]!r}; split it first")
        joined: list[str] = []
        begun: list[str] = []  # a word that a pair may begin with, and the connectors behind it
        for word in words:
            if word in self._digits and begun:
                begun.append(word)
            elif (*begun, word) in self.scores:
                joined.append(self.delimiter.join((*begun, word)))
                begun = []
            else:
                joined += begun
                begun = [word]
        return joined + begun

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
        words = starts[:tokens], ids[:tokens]
        return joined[: join(letters, words, self._connectors, self._pairs, delimiter, joined)].tobytes()


def _words_of(phrases: Iterable[tuple[str, ...]]) -> tuple[dict[str, int], dict[str, int]]:
    """The words of phrases with a number each, and the connectors among them with their digits."""
    for phrase in phrases:
        if not isinstance(phrase, tuple) or len(phrase) < 2 or not all(isinstance(word, str) for word in phrase):
            raise ConfigError(f"the phrase {phrase!r} is not a tuple of two words or more, such as ('new', 'york')")
    inner = sorted({word for phrase in phrases for word in phrase[1:-1]})
    outer = dict.fromkeys(word for phrase in phrases for word in (phrase[0], phrase[-1]))
    both = next((word for word in inner if word in outer), None)
    if both is not None:
        raise ConfigError(
            f"{both!r} stands inside of one phrase and begins or ends another; it must be a connector in all or in none"
        )
    words = [*outer, *inner]
    return dict(zip(words, range(len(words)), strict=True)), {word: digit for digit, word in enumerate(inner, 1)}


def check_delimiter(delimiter: str) -> None:
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


def write_phrases(phrases: Phrases, path: Path) -> None:
    """Write pairs to a text file, a line each: first word, connectors if there are any, second word and score, between tabs.

    Raises
    ------
    SourceError
        When the file cannot be written.

    Examples
    --------
    >>> import os, tempfile
    >>> from w2v import learn_phrases
    >>> phrases = learn_phrases([["new", "york"]] * 9 + [["new"], ["york"]], min_count=1, threshold=0.1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_phrases(phrases, os.path.join(folder, "phrases.txt"))
    ...     read_phrases(os.path.join(folder, "phrases.txt")).scores == phrases.scores
    True
    """
    with replacing(path) as stream:
        for words, score in phrases.scores.items():
            stream.write("\t".join((*words, f"{score!r}\n")).encode("utf-8", "surrogateescape"))


def read_phrases(path: Path, delimiter: str = "_") -> Phrases:
    """Read pairs that `write_phrases` wrote.

    Parameters
    ----------
    path : path
    delimiter : str
        What will stand between the words of a phrase.

    Raises
    ------
    SourceError
        When the file cannot be read.
    CorpusError
        When a line is not two words or more and a score.
    """
    scores = {}
    with reading(path) as stream:
        for number, line in enumerate(stream, 1):
            parts = line.decode("utf-8", "surrogateescape").rstrip("\r\n").split("\t")
            try:
                first, second, *more, score = parts
                scores[first, second, *more] = float(score)
            except ValueError:
                raise CorpusError(f"line {number} of {path} is {line[:40]!r}, not words and a score") from None
    return Phrases(scores, delimiter)
