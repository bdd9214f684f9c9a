"""Files of questions that vectors are scored by: word pairs with a similarity, and analogies."""

import codecs
import math
import os
from dataclasses import dataclass

from w2v.errors import VectorFileError
from w2v.files import Path, reading

SIMILAR, ANALOGOUS = "pairs", "analogies"


@dataclass(frozen=True, slots=True)
class WordPairs:
    """Two words each, and how similar people find them."""

    words: tuple[tuple[str, str], ...]
    scores: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Analogies:
    """Questions of four words, "a is to b as c is to d", each in a section, given by its number in `sections`."""

    words: tuple[tuple[str, str, str, str], ...]
    section: tuple[int, ...]
    sections: tuple[str, ...]


def read_word_pairs(path: Path) -> WordPairs:
    """Read a pair a line: two words and a number, between tabs, or else blanks or commas; lines with # are comments.

    The first line may be a heading.

    Raises
    ------
    SourceError
        When the file cannot be read.
    VectorFileError
        When another line is not of that form, or there is none.
    """
    words, scores = [], []
    for place, (number, line) in enumerate(_lines(path)):
        pair = _pair(line)
        if pair is not None:
            words.append(pair[0])
            scores.append(pair[1])
        elif place > 0:
            raise VectorFileError(f"{os.fspath(path)}: line {number} is no two words and a finite score: {line[:60]!r}")
    if not words:
        raise VectorFileError(f"{os.fspath(path)} has no line of two words and a score")
    return WordPairs(tuple(words), tuple(scores))


def _pair(line: str) -> tuple[tuple[str, str], float] | None:
    """Two words and a score, or None for a line of another form."""
    fields = line.split("\t") if "\t" in line else line.split()
    if len(fields) < 3:
        fields = line.split(",")
    first, second, score = (field.strip() for field in (*fields, "", "", "")[:3])
    if not first or not second or not _is_number(score) or not math.isfinite(float(score)):
        return None
    return (first, second), float(score)


def read_analogies(path: Path) -> Analogies:
    """Read a question a line; lines that start with a colon name a section.

    Raises
    ------
    SourceError
        When the file cannot be read.
    VectorFileError
        When a line has not four words, or there is none.
    """
    sections: list[str] = []
    section, questions = [], []
    for number, line in _lines(path):
        if line.startswith(":"):
            sections.append(line[1:].strip())
            continue
        words = line.split()
        if len(words) != 4:
            raise VectorFileError(
                f"{os.fspath(path)}: an analogy question is four words, not line {number}, {line[:60]!r}"
            )
        if not sections:
            sections.append("questions")
        section.append(len(sections) - 1)
        questions.append((words[0], words[1], words[2], words[3]))
    if not questions:
        raise VectorFileError(f"{os.fspath(path)} has no questions")
    return Analogies(tuple(questions), tuple(section), tuple(sections))


def is_analogy_file(path: Path) -> bool:
    """Whether a file has analogy questions: sections, or four words a line."""
    lines = [line for _, line in _lines(path)[:2]]
    if not lines or lines[0].startswith(":"):
        return bool(lines)
    # A heading of four words has pairs below it.
    words = lines[0].split()
    return len(words) == 4 and not any(_is_number(word) for word in words) and _pair(lines[-1]) is None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _lines(path: Path) -> list[tuple[int, str]]:
    """The lines with something in them that are no comments, and the number of each from 1."""
    with reading(path) as stream:
        content = stream.read()
    if b"\0" in content:
        raise VectorFileError(
            f"{os.fspath(path)} is no text, and no file of questions; to compare several files of vectors, write --on and the "
            "questions behind them"
        )
    text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
