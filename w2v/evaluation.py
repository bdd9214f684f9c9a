"""How well vectors agree with people: word pairs with similarity scores, and analogy questions, scored as gensim does."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.correlation import p_value, pearson, resampled_spearman, spearman
from w2v.embeddings import Embeddings
from w2v.files import Path
from w2v.outcomes import SUM, analogy_answers, pair_cosines
from w2v.question_files import Analogies, WordPairs, read_analogies, read_word_pairs
from w2v.resampling import analogy_resamples, interval, resamples
from w2v.tables import Table, Tabular

_RESTRICT = 300_000
_SYNTACTIC = "gram"  # how questions-words.txt begins the names of its syntactic sections


@dataclass(frozen=True, slots=True)
class SimilarityScore(Tabular):
    """Spearman's rank correlation with the scores of `used` of `pairs` pairs, and Pearson's.

    The others have a word without a vector, one of `unknown_words`. `low` and `high` hold the middle 95 % of Spearman's over
    2,000 resamples of the pairs; `spearman_p` and `pearson_p` are two-sided.
    """

    spearman: float
    used: int
    pairs: int
    low: float
    high: float
    spearman_p: float
    pearson: float
    pearson_p: float
    unknown_words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnalogyScore(Tabular):
    """The share of right answers to the `used` of `questions` questions whose words all have vectors; by section too.

    `totals` has semantic and syntactic questions, where sections of both kinds are there (a syntactic one's name starts with
    "gram"). `low` and `high` hold the middle 95 % of the share over 2,000 resamples of the pairs that questions are made of.
    """

    accuracy: float
    used: int
    questions: int
    low: float
    high: float
    sections: tuple[tuple[str, int, int], ...]  # name, right, used
    totals: tuple[tuple[str, int, int], ...]
    unknown_words: tuple[str, ...]

    def _tables(self) -> tuple[Table, ...]:
        share = f"{self.accuracy:.1%} of {self.used:,} questions, {self.low:.1%} to {self.high:.1%}"
        counted = (*self.sections, *((f"all {name}", right, used) for name, right, used in self.totals))
        rows = [(name, right, used, f"{right / used:.1%}" if used else "") for name, right, used in counted]
        return (Table(f"AnalogyScore: {share}", ("section", "right", "used", "share"), rows),)


def evaluate_similarity(
    embeddings: Embeddings,
    path: Path,
    restrict_vocab: int = _RESTRICT,
    *,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
    allow_inference: bool = False,
) -> SimilarityScore:
    """Score word pairs, a pair a line: two words and a number, between tabs, or else blanks or commas; lines with # are comments.

    The first line may be a heading.

    Parameters
    ----------
    embeddings : Embeddings
    path : path of the pairs
    restrict_vocab : int
        Words behind the first so many count as unknown.
    case_insensitive : bool
        Whether letter case is ignored; of words that differ in case alone the most frequent counts.
    dummy4unknown : bool
        Whether a pair with an unknown word counts, as one of similarity 0, in place of being left out.
    allow_inference : bool
        Whether unknown words have the vectors of their n-grams, where there are any.

    Raises
    ------
    SourceError
        When the file cannot be read.
    VectorFileError
        When another line is not of that form, or there is none.
    """
    pairs = read_word_pairs(path)
    found, unknown = pair_cosines(embeddings, pairs, restrict_vocab, case_insensitive, allow_inference)
    return similarity_score(pairs, found, unknown, dummy4unknown)


def similarity_score(
    pairs: WordPairs, found: NDArray[np.float64], unknown_words: tuple[str, ...], dummy4unknown: bool = False
) -> SimilarityScore:
    """The score of some vectors' cosines, NaN for unknown words."""
    known = np.isfinite(found)
    taken = np.ones_like(known) if dummy4unknown else known
    gold, values = np.array(pairs.scores)[taken], np.where(known, found, 0.0)[taken]
    rank = spearman(gold, values)
    low, high = interval(resampled_spearman(gold, values, resamples(len(gold))))
    linear = pearson(gold, values)
    return SimilarityScore(
        spearman=rank,
        used=len(gold),
        pairs=len(pairs.words),
        low=low,
        high=high,
        spearman_p=p_value(rank, len(gold)),
        pearson=linear,
        pearson_p=p_value(linear, len(gold)),
        unknown_words=unknown_words,
    )


def evaluate_analogies(
    embeddings: Embeddings,
    path: Path,
    restrict_vocab: int = _RESTRICT,
    *,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
    similarity_function: str = SUM,
) -> AnalogyScore:
    """Score questions "a b c d", answered by the word whose vector is nearest to b - a + c, those three words left out.

    Mikolov et al. 2013; each vector first divided by its length. Lines that start with a colon name a section.

    Parameters
    ----------
    embeddings : Embeddings
    path : path of the questions
    restrict_vocab : int
        Both questions and answers are among the first so many words.
    case_insensitive : bool
        Whether letter case is ignored; of words that differ in case alone the most frequent counts.
    dummy4unknown : bool
        Whether a question with an unknown word counts, as answered wrongly, in place of being left out.
    similarity_function : "most_similar" or "most_similar_cosmul"
        3CosAdd or 3CosMul (Levy and Goldberg 2014).

    Raises
    ------
    SourceError
        When the file cannot be read.
    VectorFileError
        When a line has not four words, or there is none.
    QueryError
        For another similarity function.
    """
    analogies = read_analogies(path)
    right, unknown = analogy_answers(embeddings, analogies, restrict_vocab, case_insensitive, similarity_function)
    return analogy_score(analogies, right, unknown, dummy4unknown)


def analogy_score(
    analogies: Analogies, right: NDArray[np.int8], unknown_words: tuple[str, ...], dummy4unknown: bool = False
) -> AnalogyScore:
    """The score of some vectors' answers, -1 for questions with unknown words."""
    taken = np.ones(len(right), bool) if dummy4unknown else right >= 0
    is_right = right == 1
    section = np.array(analogies.section)
    sections = tuple(
        (name, int(is_right[section == i].sum()), int(taken[section == i].sum()))
        for i, name in enumerate(analogies.sections)
    )
    used = int(taken.sum())
    low, high = interval(resampled_shares(analogies, is_right[np.newaxis], taken))
    return AnalogyScore(
        accuracy=int(is_right.sum()) / max(used, 1),
        used=used,
        questions=len(right),
        low=low,
        high=high,
        sections=sections,
        totals=_totals(sections),
        unknown_words=unknown_words,
    )


def resampled_shares(analogies: Analogies, marks: NDArray[np.generic], taken: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The means of the marks of the questions that are taken, in each resample; NaN where there are none.

    Marks are [runs, questions], the result is float64 [runs, resamples].
    """
    columns = np.concatenate([np.where(taken, marks, 0), taken[np.newaxis]]).T.astype(np.float64)
    sums = np.concatenate([times @ columns for times in analogy_resamples(analogies)]).T
    return np.divide(sums[:-1], sums[-1], out=np.full(sums[:-1].shape, np.nan), where=sums[-1] > 0)


def _totals(sections: Sequence[tuple[str, int, int]]) -> tuple[tuple[str, int, int], ...]:
    kinds = {"semantic": [0, 0], "syntactic": [0, 0]}
    for name, right, used in sections:
        kind = kinds["syntactic" if name.startswith(_SYNTACTIC) else "semantic"]
        kind[0] += right
        kind[1] += used
    syntactic = sum(name.startswith(_SYNTACTIC) for name, _, _ in sections)
    return tuple((name, right, used) for name, (right, used) in kinds.items()) if 0 < syntactic < len(sections) else ()
