"""Files of questions that vectors are scored by: word pairs with a similarity, and analogies."""

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
    """Read a pair a line: two words and a number, between tabs or else blanks; lines with # are comments.

    Raises
    ------
    SourceError
        When the file cannot be read.
    VectorFileError
        When no line is of that form.
    """
    words, scores = [], []
    for line in _lines(path):
        fields = line.split("\t") if "\t" in line else line.split()
        try:
            first, second, score = fields[0].strip(), fields[1].strip(), float(fields[2])
        except (IndexError, ValueError):
            continue  # a heading
        words.append((first, second))
        scores.append(score)
    if not words:
        raise VectorFileError(f"{os.fspath(path)} has no line of two words and a score")
    return WordPairs(tuple(words), tuple(scores))


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
    for line in _lines(path):
        if line.startswith(":"):
            sections.append(line[1:].strip())
            continue
        words = line.split()
        if len(words) != 4:
            raise VectorFileError(f"{os.fspath(path)}: an analogy question is four words, not {line[:60]!r}")
        if not sections:
            sections.append("questions")
        section.append(len(sections) - 1)
        questions.append((words[0], words[1], words[2], words[3]))
    if not questions:
        raise VectorFileError(f"{os.fspath(path)} has no questions")
    return Analogies(tuple(questions), tuple(section), tuple(sections))


def is_analogy_file(path: Path) -> bool:
    """Whether a file has analogy questions: sections, or four words a line."""
    first = next(iter(_lines(path)), "")
    words = first.split()
    return first.startswith(":") or (len(words) == 4 and not any(_is_number(word) for word in words))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _lines(path: Path) -> list[str]:
    with reading(path) as stream:
        content = stream.read()
    if b"\0" in content:
        raise VectorFileError(
            f"{os.fspath(path)} is no text, and no file of questions; to compare several files of vectors, write --on and the "
            "questions behind them"
        )
    text = content.decode("utf-8-sig", "replace")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
