"""How well vectors agree with people: word pairs with similarity scores, and analogy questions, scored as gensim does."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from w2v.embeddings import Embeddings
from w2v.errors import VectorFileError
from w2v.files import Path, reading

_BATCH = 512


@dataclass(frozen=True, slots=True)
class SimilarityScore:
    """Spearman's rank correlation with the scores of `used` of `pairs` pairs; the others have a word without a vector."""

    spearman: float
    used: int
    pairs: int


@dataclass(frozen=True, slots=True)
class AnalogyScore:
    """The share of right answers to the `used` of `questions` questions whose words all have vectors; by section too."""

    accuracy: float
    used: int
    questions: int
    sections: tuple[tuple[str, int, int], ...]  # name, right, used


def evaluate_similarity(embeddings: Embeddings, path: Path, restrict_vocab: int = 300_000) -> SimilarityScore:
    """Score word pairs, a pair a line: two words and a number, between tabs or else blanks; lines with # are comments.

    Letter case is ignored; of words that differ in case alone the most frequent counts, among the first `restrict_vocab`.

    Raises
    ------
    SourceError
        When the file cannot be read.
    VectorFileError
        When no line is of that form.
    """
    numbers = _by_upper_case(embeddings, restrict_vocab)
    gold, cosines, pairs = [], [], 0
    for line in _lines(path):
        fields = line.split("\t") if "\t" in line else line.split()
        try:
            first, second, score = fields[0].strip().upper(), fields[1].strip().upper(), float(fields[2])
        except (IndexError, ValueError):
            continue  # a heading
        pairs += 1
        if first in numbers and second in numbers:
            a, b = embeddings.unit_vectors([numbers[first], numbers[second]])
            gold.append(score)
            cosines.append(float(a @ b))
    if not pairs:
        raise VectorFileError(f"{os.fspath(path)} has no line of two words and a score")
    return SimilarityScore(spearman(gold, cosines), len(gold), pairs)


def evaluate_analogies(embeddings: Embeddings, path: Path, restrict_vocab: int = 300_000) -> AnalogyScore:
    """Score questions "a b c d", answered by the word whose vector is nearest to b - a + c, those three words left out.

    Mikolov et al. 2013; each vector first divided by its length. Lines that start with a colon name a section. Letter case is
    ignored, and both questions and answers are among the first `restrict_vocab` words.

    Raises
    ------
    SourceError
        When the file cannot be read.
    VectorFileError
        When a line has not four words, or there is none.
    """
    numbers = _by_upper_case(embeddings, restrict_vocab)
    questions, sections, total = _read_questions(path, numbers)
    units = embeddings.unit_vectors(slice(0, restrict_vocab))
    # Words that differ from a question's in case alone are no answers either.
    variants: dict[str, list[int]] = {}
    for index, word in enumerate(embeddings.vocabulary.words[:restrict_vocab]):
        variants.setdefault(word.upper(), []).append(index)
    right = [0] * len(sections)
    used = [0] * len(sections)
    for start in range(0, len(questions), _BATCH):
        batch = questions[start : start + _BATCH]
        a, b, c = (units[[numbers[words[i]] for _, words in batch]] for i in range(3))
        cosines = (b - a + c) @ units.T
        for row, (_, words) in zip(cosines, batch, strict=True):
            for word in words[:3]:
                row[variants[word]] = -np.inf
        for (section, words), answer in zip(batch, cosines.argmax(axis=1).tolist(), strict=True):
            used[section] += 1
            right[section] += embeddings.vocabulary.words[answer].upper() == words[3]
    accuracy = sum(right) / max(sum(used), 1)
    return AnalogyScore(accuracy, sum(used), total, tuple(zip(sections, right, used, strict=True)))


def spearman(first: ArrayLike, second: ArrayLike) -> float:
    """Spearman's rank correlation; equal values share the mean of their ranks. NaN where either has no spread.

    >>> spearman([1, 2, 3, 3], [2, 4, 8, 9])
    0.9486832980505138
    """
    ranks = [_ranks(np.asarray(values, np.float64)) for values in (first, second)]
    a, b = (r - r.mean() if len(r) else r for r in ranks)
    spread = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / spread) if spread else float("nan")


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


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(sizes)
    return ((last - sizes + 1 + last) / 2)[group]


def _lines(path: Path) -> list[str]:
    with reading(path) as stream:
        text = stream.read().decode("utf-8", "replace")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _by_upper_case(embeddings: Embeddings, restrict_vocab: int) -> dict[str, int]:
    words = embeddings.vocabulary.words[:restrict_vocab]
    return {word.upper(): index for index, word in reversed(list(enumerate(words)))}


def _read_questions(path: Path, known: dict[str, int]) -> tuple[list[tuple[int, Sequence[str]]], list[str], int]:
    """The questions of known words with their sections, the sections, and the number of all questions."""
    sections: list[str] = []
    questions: list[tuple[int, Sequence[str]]] = []
    total = 0
    for line in _lines(path):
        if line.startswith(":"):
            sections.append(line[1:].strip())
            continue
        words = line.upper().split()
        if len(words) != 4:
            raise VectorFileError(f"{os.fspath(path)}: an analogy question is four words, not {line[:60]!r}")
        if not sections:
            sections.append("questions")
        total += 1
        if all(word in known for word in words):
            questions.append((len(sections) - 1, words))
    if not total:
        raise VectorFileError(f"{os.fspath(path)} has no questions")
    return questions, sections, total
