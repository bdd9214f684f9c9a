"""Finding the phrases of a corpus: its pairs of words are counted and scored."""

import math
from collections.abc import Iterable, Iterator
from contextlib import closing
from enum import StrEnum
from typing import Any

import numpy as np

from w2v.corpora.files import STANDARD_INPUT, opened
from w2v.corpora.frequent import Frequent
from w2v.corpora.growing import GrowingArray
from w2v.corpora.numbering import Numbering
from w2v.corpora.options import TextOptions
from w2v.corpora.pair_counts import connectors_in, counted_pairs, map_tokens, run_of
from w2v.corpora.pairs import pairs_of
from w2v.corpora.phrases import Phrases, check_delimiter
from w2v.corpora.renumbering import renumbering
from w2v.corpora.sources import Source, add_source, files_of, source_pieces
from w2v.errors import ConfigError, CorpusError


class Scoring(StrEnum):
    """How pairs are scored, from the counts n of words and pairs and the number N of words in the text.

    word2phrase: (n(ab) - min_count) N / (n(a) n(b)). npmi: ln(p(ab) / (p(a) p(b))) / -ln p(ab), with p = n/N (Bouma 2009).
    """

    WORD2PHRASE = "word2phrase"
    NPMI = "npmi"


_THRESHOLDS = {Scoring.WORD2PHRASE: 100.0, Scoring.NPMI: 0.5}


def learn_phrases(
    source: Source,
    min_count: int = 5,
    threshold: float | None = None,
    scoring: Scoring | str = Scoring.WORD2PHRASE,
    delimiter: str = "_",
    after: Iterable[Phrases] = (),
    connector_words: Iterable[str] = (),
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
    connector_words : iterable of str, such as `w2v.ENGLISH_CONNECTOR_WORDS`
        Words that are in no pair, and may stand between the two of one: "bank of england" is counted apart from "bank england",
        and scored by the counts of its first and its last word, as gensim does.
    **options
        Those of `TextOptions`.

    Raises
    ------
    ConfigError
        For an option out of its range.
    CorpusError, SourceError
        As for `read_corpus`, and with `after` for sentences and standard input, which cannot be read twice.

    Examples
    --------
    >>> text = [["in", "new", "york"], ["new", "york", "in"], ["in", "in"]] * 3
    >>> phrases = learn_phrases(text, min_count=1, threshold=2)
    >>> phrases.scores, phrases.join(["to", "new", "york"])  # (6 - 1) 24 / (6 · 6)
    ({('new', 'york'): 3.3333333333333335}, ['to', 'new_york'])
    >>> learn_phrases([["bank", "of", "england"], ["of"]] * 3, 1, 1, connector_words=["of"]).scores  # (3 - 1) 12 / (3 · 3)
    {('bank', 'of', 'england'): 2.6666666666666665}
    """
    scoring, threshold = _checked(min_count, threshold, scoring)
    check_delimiter(delimiter)
    connectors = _checked_connectors(connector_words)
    numbering = Numbering(GrowingArray(np.int32), GrowingArray(np.int64))
    reading = TextOptions.given(options)
    with closing(numbering), closing(numbering.ids), closing(numbering.ends):
        earlier = list(after)
        name = _add_joined(source, reading, earlier, numbering) if earlier else add_source(source, reading, numbering)
        found = dict(_scored(numbering, name, min_count, threshold, scoring, connectors))
    return Phrases(dict(sorted(found.items(), key=lambda item: (-item[1], item[0]))), delimiter)


def _scored(
    numbering: Numbering, name: str, min_count: int, threshold: float, scoring: Scoring, connectors: frozenset[str]
) -> Iterator[tuple[tuple[str, ...], float]]:
    """The phrases of a text whose score is above the threshold."""
    numbered = numbering.numbered()
    tokens = len(numbered.ids)
    new = renumbering(numbered, Frequent(min_count), None, name)
    map_tokens(numbered.ids, new.by_generation(tokens))
    words, counts = new.vocabulary.words, new.vocabulary.counts
    known, between = connectors_in(numbered.ids, numbered.ends, new.vocabulary, connectors, min_count)
    for keys, together in counted_pairs(numbered.ids, numbered.ends, known, min_count):
        first, second, codes = pairs_of(keys, known)
        score = _scores(scoring, counts[first], counts[second], together, tokens, min_count)
        for i in np.flatnonzero(score > threshold).tolist():
            yield (words[first[i]], *run_of(int(codes[i]), between), words[second[i]]), float(score[i])


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


def _checked_connectors(words: Iterable[str]) -> frozenset[str]:
    if isinstance(words, str):
        raise ConfigError(
            f"connector_words is the string {words[:40]!r}; give a list of words, such as {words.split()[:3]}"
        )
    try:
        words = frozenset(words)
    except TypeError:
        raise ConfigError(f"connector_words is {words!r}; give a list of words, or none: []") from None
    wrong = next((word for word in words if not isinstance(word, str)), None)
    if wrong is not None:
        raise ConfigError(f"connector_words has {wrong!r} in it; it must be strings")
    return words


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
    """The files that a corpus is of, to be read several times.

    Raises
    ------
    CorpusError
        For what cannot be read twice.
    """
    files = files_of(source)
    if files is None:
        raise CorpusError("phrases of more words are found in files only; join the sentences yourself, and learn again")
    names = files.names()
    for name in names:
        if name == STANDARD_INPUT:
            raise CorpusError("standard input can be read only once; phrases take a file, which is read several times")
        with opened(name):
            pass
    return names


def joined_pieces(name: str, options: TextOptions, phrases: Iterable[Phrases]) -> Iterator[bytes]:
    """The text of a file in pieces, with several phrases joined, one after the other."""
    pieces = source_pieces(name, options)
    for found in phrases:
        pieces = found.join_pieces(pieces)
    return pieces
