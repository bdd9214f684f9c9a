"""Several vectors scored by the same questions, and how sure the differences are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.correlation import resampled_spearman, spearman
from w2v.embeddings import Embeddings
from w2v.errors import QueryError
from w2v.evaluation import AnalogyScore, SimilarityScore, analogy_score, resampled_shares, similarity_score
from w2v.files import Path
from w2v.outcomes import SUM, analogy_answers, pair_cosines
from w2v.question_files import Analogies, WordPairs, is_analogy_file, read_analogies, read_word_pairs
from w2v.resampling import interval, resamples


@dataclass(frozen=True, slots=True)
class Difference:
    """The score of `name` minus that of `baseline` on the `used` questions that both can answer.

    `low` and `high` hold the middle 95 % of the difference over 2,000 resamples of the questions, the same for both. Where they
    are on both sides of 0, other questions of the kind could as well have shown the opposite.
    """

    questions: str
    name: str
    baseline: str
    difference: float
    low: float
    high: float
    used: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`scores[name][questions]`, and the differences of all but the first name from the first."""

    scores: dict[str, dict[str, SimilarityScore | AnalogyScore]]
    differences: tuple[Difference, ...]


def compare(
    models: Mapping[str, Embeddings],
    questions: Sequence[Path],
    restrict_vocab: int = 300_000,
    *,
    common: bool = False,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
    allow_inference: bool = False,
    similarity_function: str = SUM,
) -> Comparison:
    """Score several vectors by the same files of word pairs or analogies.

    The options are those of `evaluate_similarity` and `evaluate_analogies`. With `common` every model keeps only the words
    that all of them have, so that all answer the same questions by choosing among the same words. Differences are over the
    questions that both models can answer in any case.

    Raises
    ------
    QueryError
        Without models or questions, and when `common` leaves no word.
    SourceError, VectorFileError
        As the evaluations do.

    Examples
    --------
    >>> import tempfile
    >>> from w2v import Vocabulary
    >>> vocabulary = Vocabulary(("cat", "dog", "car"), [3, 2, 1])
    >>> good = Embeddings(vocabulary, [[1, 0], [2, 1], [0, 1]])
    >>> bad = Embeddings(vocabulary, [[1, 0], [0, 1], [2, 1]])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = open(folder + "/pairs.txt", "w").write("cat dog 9\\ncat car 2\\ndog car 3\\n")
    ...     comparison = compare({"good": good, "bad": bad}, [folder + "/pairs.txt"])
    >>> [(difference.name, round(difference.difference, 6)) for difference in comparison.differences]
    [('bad', -2.0)]
    """
    if not models or not questions:
        raise QueryError("a comparison needs at least one model and one file of questions")
    if common:
        models = _with_common_words(models)
    scores: dict[str, dict[str, SimilarityScore | AnalogyScore]] = {name: {} for name in models}
    differences: list[Difference] = []
    baseline = next(iter(models))
    for path in questions:
        asked = read_analogies(path) if is_analogy_file(path) else read_word_pairs(path)
        answers: dict[str, NDArray[Any]] = {}
        for name, embeddings in models.items():
            if isinstance(asked, Analogies):
                right, unknown = analogy_answers(
                    embeddings, asked, restrict_vocab, case_insensitive, similarity_function
                )
                scores[name][str(path)] = analogy_score(asked, right, unknown, dummy4unknown)
                answers[name] = right
            else:
                found, unknown = pair_cosines(embeddings, asked, restrict_vocab, case_insensitive, allow_inference)
                scores[name][str(path)] = similarity_score(asked, found, unknown, dummy4unknown)
                answers[name] = found
        for name in list(models)[1:]:
            value, low, high, used = _difference(asked, answers[baseline], answers[name])
            differences.append(Difference(str(path), name, baseline, value, low, high, used))
    return Comparison(scores, tuple(differences))


def _with_common_words(models: Mapping[str, Embeddings]) -> dict[str, Embeddings]:
    """The models cut down to the words of all, in the order of the first."""
    first, *others = models.values()
    words = [word for word in first.vocabulary.words if all(word in other.vocabulary for other in others)]
    if not words:
        raise QueryError("the vectors have no word in common")
    return {name: embeddings.vectors_for_all(words) for name, embeddings in models.items()}


def _difference(
    asked: WordPairs | Analogies, first: NDArray[Any], second: NDArray[Any]
) -> tuple[float, float, float, int]:
    """The second's score minus the first's on what both answer, its interval, and how many questions that are."""
    if isinstance(asked, Analogies):
        taken = (first >= 0) & (second >= 0)
        gains = second.astype(np.int64) - first.astype(np.int64)
        value = float(gains[taken].mean()) if taken.any() else float("nan")
        return value, *interval(resampled_shares(asked, gains, taken)), int(taken.sum())
    taken = np.isfinite(first) & np.isfinite(second)
    gold = np.array(asked.scores)[taken]
    times = resamples(len(gold))
    value = spearman(gold, second[taken]) - spearman(gold, first[taken])
    resampled = resampled_spearman(gold, second[taken], times) - resampled_spearman(gold, first[taken], times)
    return value, *interval(resampled), len(gold)
