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
from w2v.tables import Table, Tabular

_SEED = 2  # of the runs that are drawn


@dataclass(frozen=True, slots=True)
class Difference(Tabular):
    """The score of `name` minus that of `baseline` on the `used` questions that both can answer; means, where they are groups.

    `low` and `high` hold the middle 95 % of the difference over 2,000 resamples of the questions, the same for both, and of
    the runs in a group. Where they are on both sides of 0, other questions of the kind, or other runs, could as well have
    shown the opposite.
    """

    questions: str
    name: str
    baseline: str
    difference: float
    low: float
    high: float
    used: int


@dataclass(frozen=True, slots=True)
class Comparison(Tabular):
    """`scores[name][questions]`, and the differences of all groups but the first from the first."""

    scores: dict[str, dict[str, SimilarityScore | AnalogyScore]]
    differences: tuple[Difference, ...]

    def _tables(self) -> tuple[Table, ...]:
        questions = tuple(next(iter(self.scores.values()), {}))
        rows = [(name, *(_main(scores[part]) for part in questions)) for name, scores in self.scores.items()]
        header = ("less", "questions", "difference", "from", "to", "used")
        found = [
            (f"{d.name} - {d.baseline}", d.questions, d.difference, d.low, d.high, d.used) for d in self.differences
        ]
        return (
            Table("Comparison", ("vectors", *questions), rows),
            *([Table("Differences", header, found)] if found else []),
        )


def compare(
    models: Mapping[str, Embeddings],
    questions: Sequence[Path],
    restrict_vocab: int = 300_000,
    *,
    groups: Sequence[Sequence[str]] = (),
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

    `groups` are names of models that differ in their seeds alone: then mean scores of groups are compared, and intervals cover
    what seeds do. Runs are resampled too, their deviations stretched by sqrt(n / (n - 1)) for n runs, so that the variance is
    that of a mean of n; three runs or more tell it well. Without groups each model is one.

    Parameters
    ----------
    models : mapping of names to Embeddings
    questions : sequence of paths
        Files of word pairs or of analogies; which of both a file has is seen from its lines.
    restrict_vocab, case_insensitive, dummy4unknown, allow_inference, similarity_function : as there
        As for the two evaluations, each where it applies.
    groups : sequence of sequences of names, optional
    common : bool

    Raises
    ------
    QueryError
        Without models or questions, for a group of unknown names, and when `common` leaves no word.
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
    groups = groups or [[name] for name in models]
    unknown_names = [name for group in groups for name in group if name not in models]
    if unknown_names or not all(groups):
        raise QueryError(f"the groups {groups!r} must have names of models in them; there are {', '.join(models)}")
    scores: dict[str, dict[str, SimilarityScore | AnalogyScore]] = {name: {} for name in models}
    differences: list[Difference] = []
    for path in questions:
        asked = read_analogies(path) if is_analogy_file(path) else read_word_pairs(path)
        answers: dict[str, NDArray[Any]] = {}
        for name, embeddings in models.items():
            if isinstance(asked, Analogies):
                right, unknown = analogy_answers(
                    embeddings, asked, restrict_vocab, case_insensitive, similarity_function
                )
                scores[name][str(path)] = analogy_score(asked, right, unknown, dummy4unknown)
                answers[name] = np.where(right < 0, np.nan, right)
            else:
                found, unknown = pair_cosines(embeddings, asked, restrict_vocab, case_insensitive, allow_inference)
                scores[name][str(path)] = similarity_score(asked, found, unknown, dummy4unknown)
                answers[name] = found
        first, *others = ([answers[name] for name in group] for group in groups)
        for group, other in zip(groups[1:], others, strict=True):
            figures = _difference(asked, np.array(first), np.array(other))
            differences.append(Difference(str(path), ",".join(group), ",".join(groups[0]), *figures))
    return Comparison(scores, tuple(differences))


def _with_common_words(models: Mapping[str, Embeddings]) -> dict[str, Embeddings]:
    """The models cut down to the words of all, in the order of the first."""
    first, *others = models.values()
    words = [word for word in first.vocabulary.words if all(word in other.vocabulary for other in others)]
    if not words:
        raise QueryError("the vectors have no word in common")
    return {name: embeddings.vectors_for_all(words) for name, embeddings in models.items()}


def _difference(
    asked: WordPairs | Analogies, first: NDArray[np.float64], second: NDArray[np.float64]
) -> tuple[float, float, float, int]:
    """The second group's mean score minus the first's on what all runs answer, its interval, and how many questions that are.

    Answers are [runs, questions], NaN for unknown words.
    """
    taken = np.isfinite(np.concatenate([first, second])).all(axis=0)
    random = np.random.default_rng(_SEED)
    means, resampled = [], []
    for answers in (first, second):
        once, often = _run_scores(asked, answers, taken)
        means.append(once.mean())
        resampled.append(_resampled_mean(often, random))
    return float(means[1] - means[0]), *interval(resampled[1] - resampled[0]), int(taken.sum())


def _run_scores(
    asked: WordPairs | Analogies, answers: NDArray[np.float64], taken: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each run's score, [runs], and that on resampled questions, [runs, resamples]."""
    if isinstance(asked, Analogies):
        once = answers[:, taken].mean(axis=1) if taken.any() else np.full(len(answers), np.nan)
        return once, resampled_shares(asked, answers, taken)
    gold = np.array(asked.scores)[taken]
    times = resamples(len(gold))
    once = np.array([spearman(gold, run[taken]) for run in answers])
    return once, np.array([resampled_spearman(gold, run[taken], times) for run in answers])


def _resampled_mean(scores: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """The mean score of resampled runs, [resamples], from [runs, resamples]."""
    runs, times = scores.shape
    mean = scores.mean(axis=0)
    if runs == 1:
        return mean
    drawn = random.multinomial(runs, np.full(runs, 1 / runs), size=times).T / runs
    return mean + np.sqrt(runs / (runs - 1)) * ((drawn * scores).sum(axis=0) - mean)


def _main(score: SimilarityScore | AnalogyScore) -> float:
    return score.spearman if isinstance(score, SimilarityScore) else score.accuracy
