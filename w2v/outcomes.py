"""What vectors answer to each question of a set: the raw material of scores and of comparisons.

A question with a word that has no vector has no answer: NaN for pairs, -1 for analogies.
"""

from collections.abc import Sequence
from numbers import Integral

import numpy as np
from numpy.typing import NDArray

from w2v.embeddings import Embeddings
from w2v.errors import QueryError
from w2v.question_files import Analogies, WordPairs
from w2v.search import cosines

SUM, PRODUCT = "most_similar", "most_similar_cosmul"
_QUESTIONS = 4096  # whose words' cosines are in memory together
_CHUNK = 256
_COLUMNS = 2048
_EPSILON = 1e-6


def known_words(embeddings: Embeddings, restrict_vocab: int, case_insensitive: bool) -> dict[str, int]:
    """The number of each word among the first `restrict_vocab`, by its upper case; the most frequent of those that share one."""
    if isinstance(restrict_vocab, bool) or not isinstance(restrict_vocab, Integral) or restrict_vocab < 1:
        raise QueryError(f"restrict_vocab is {restrict_vocab!r}; it must be a whole number of at least 1")
    words = embeddings.vocabulary.words[:restrict_vocab]
    return {folded(word, case_insensitive): number for number, word in reversed(list(enumerate(words)))}


def folded(word: str, case_insensitive: bool) -> str:
    """A word as it is looked up."""
    return word.upper() if case_insensitive else word


def pair_cosines(
    embeddings: Embeddings, pairs: WordPairs, restrict_vocab: int, case_insensitive: bool, allow_inference: bool
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """The cosine of each pair, NaN where a word has no vector, and those words.

    With `allow_inference` n-grams give unknown words a vector.
    """
    numbers = known_words(embeddings, restrict_vocab, case_insensitive)
    units: dict[str, NDArray[np.float32] | None] = {}
    for word in dict.fromkeys(word for pair in pairs.words for word in pair):
        number = numbers.get(folded(word, case_insensitive))
        if number is not None:
            units[word] = embeddings.get_vector(number, norm=True)
        elif allow_inference and word not in embeddings.vocabulary and word in embeddings:
            units[word] = embeddings.get_vector(word, norm=True)
        else:
            units[word] = None
    found = np.full(len(pairs.words), np.nan)
    for i, (first, second) in enumerate(pairs.words):
        a, b = units[first], units[second]
        if a is not None and b is not None:
            found[i] = a @ b
    return found, tuple(word for word, unit in units.items() if unit is None)


def analogy_answers(
    embeddings: Embeddings, analogies: Analogies, restrict_vocab: int, case_insensitive: bool, similarity_function: str
) -> tuple[NDArray[np.int8], tuple[str, ...]]:
    """1 for each right answer, 0 for a wrong one, -1 where one of the four words has no vector; and those words.

    The answer to "a b c ?" is, of the first `restrict_vocab` words but those three (in any case, if case does not count), the
    one with the greatest cos(x, b) - cos(x, a) + cos(x, c), or for most_similar_cosmul the greatest quotient
    (1 + cos(x, b)) (1 + cos(x, c)) / (1 + cos(x, a)).
    """
    if similarity_function not in (SUM, PRODUCT):
        raise QueryError(f"similarity_function is {similarity_function!r}; it must be {SUM!r} or {PRODUCT!r}")
    known = known_words(embeddings, restrict_vocab, case_insensitive)
    asked = [[folded(word, case_insensitive) for word in words] for words in analogies.words]
    used = [i for i, words in enumerate(asked) if all(word in known for word in words)]
    unknown = dict.fromkeys(
        word
        for words, names in zip(analogies.words, asked, strict=True)
        for word, name in zip(words, names, strict=True)
        if name not in known
    )
    names = [folded(word, case_insensitive) for word in embeddings.vocabulary.words[:restrict_vocab]]
    variants: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        variants.setdefault(name, []).append(number)
    outcome = np.full(len(asked), -1, np.int8)
    for start in range(0, len(used), _QUESTIONS):
        some = used[start : start + _QUESTIONS]
        questions = [asked[i] for i in some]
        numbers = np.array([[known[word] for word in words[:3]] for words in questions])
        left_out = [[number for word in words[:3] for number in variants[word]] for words in questions]
        answers = _best(embeddings, numbers, left_out, len(names), similarity_function == PRODUCT)
        outcome[some] = [names[answer] == words[3] for answer, words in zip(answers, questions, strict=True)]
    return outcome, tuple(unknown)


def _best(
    embeddings: Embeddings, numbers: NDArray[np.int64], left_out: Sequence[Sequence[int]], words: int, product: bool
) -> list[int]:
    """The answers to questions a b c, given by the words' numbers.

    The cosines of the few words that are asked for are computed once for all questions, for some columns of the vocabulary at a
    time; each question then adds or multiplies three rows of them.
    """
    distinct, places = np.unique(numbers, return_inverse=True)
    places = places.reshape(numbers.shape)
    targets = embeddings.unit_vectors(distinct.tolist())
    best = np.full(len(numbers), -np.inf, np.float32)
    answers = np.zeros(len(numbers), np.int64)
    excluded = [_pairs(left_out[start : start + _CHUNK]) for start in range(0, len(numbers), _CHUNK)]
    for first in range(0, words, _COLUMNS):
        columns = slice(first, min(first + _COLUMNS, words))
        table = cosines(embeddings.vectors, embeddings._lengths, targets, columns)
        if product:
            table += 1
            table /= 2
        for chunk, (rows, hidden) in enumerate(excluded):
            some = slice(chunk * _CHUNK, (chunk + 1) * _CHUNK)
            scores = _combined(table, places[some], product)
            inside = (hidden >= columns.start) & (hidden < columns.stop)
            scores[rows[inside], hidden[inside] - first] = -np.inf
            found = scores.argmax(axis=1)
            values = scores[np.arange(len(scores)), found]
            better = values > best[some]
            best[some][better] = values[better]
            answers[some][better] = found[better] + first
    return answers.tolist()


def _combined(table: NDArray[np.float32], places: NDArray[np.int64], product: bool) -> NDArray[np.float32]:
    a, b, c = (table[places[:, i]] for i in range(3))
    if product:
        a += np.float32(_EPSILON)
        b *= c
        b /= a
        return b
    b -= a
    b += c
    return b


def _pairs(lists: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The position of a list and a number of it, for each number of each list."""
    rows = np.repeat(np.arange(len(lists)), [len(numbers) for numbers in lists])
    return rows, np.array([number for numbers in lists for number in numbers], np.int64)
