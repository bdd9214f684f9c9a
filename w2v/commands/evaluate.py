"""`w2v evaluate`: score vectors by what people say, compare several, and score held-out text."""

import argparse
import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from w2v.commands.parsing import add_command, count
from w2v.config import OPTION_NAMES, TrainingConfig
from w2v.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from w2v.comparison import Comparison
    from w2v.embeddings import Embeddings
    from w2v.evaluation import AnalogyScore, SimilarityScore


def add_to(commands: Any) -> None:
    """Make the command known."""
    evaluate = add_command(
        commands,
        "evaluate",
        _evaluate,
        "score vectors by word pairs with similarities, by analogies, and by held-out text",
    )
    evaluate.add_argument(
        "files", metavar="FILE", nargs="+", help="vectors; without --on and --held-out the others are questions"
    )
    evaluate.add_argument(
        "--on", metavar="QUESTIONS", nargs="+", action="extend", help="files of questions, for several vectors"
    )
    evaluate.add_argument(
        "--common", action="store_true", help="cut all vectors down to the words that all of them have"
    )
    evaluate.add_argument(
        "--restrict-vocab", type=count, default=300_000, metavar="N", help="use the first N words (default %(default)s)"
    )
    evaluate.add_argument("--cosmul", action="store_true", help="answer analogies by 3CosMul in place of 3CosAdd")
    evaluate.add_argument("--case-sensitive", action="store_true", help="words that differ in case are different words")
    evaluate.add_argument(
        "--dummy4unknown",
        action="store_true",
        help="count questions with unknown words: as similarity 0, as answered wrongly",
    )
    evaluate.add_argument(
        "--infer", action="store_true", help="give unknown words of pairs the vectors of their n-grams"
    )
    evaluate.add_argument("--held-out", metavar="TEXT", help="score this text; the vectors must have their output rows")
    evaluate.add_argument(
        "--options-of",
        metavar="REPORT",
        help="a training report whose options --held-out takes (default: the vectors' own)",
    )
    evaluate.add_argument("--json", action="store_true", help="print one JSON object")


def _evaluate(options: argparse.Namespace) -> None:
    files, questions = options.files, options.on or []
    if not questions and options.held_out is None:
        files, questions = files[:1], files[1:]
        if not questions:
            raise ConfigError("give files of questions, behind the vectors or with --on, or text with --held-out")
    groups = [_group(name) for name in files]
    repeated = [name for i, name in enumerate(files) if name in files[:i]]
    if repeated:
        raise ConfigError(f"the vectors {repeated[0]} are given twice")
    if options.options_of and options.held_out is None:
        raise ConfigError("--options-of goes with --held-out")

    from w2v.formats import read_vectors  # not for --help: loads NumPy

    models = {name: read_vectors(name) for group in groups for name in group}
    comparison = _compared(models, groups, questions, options) if questions else None
    losses = _held_out_losses(models, options) if options.held_out is not None else {}
    if options.json:
        print(json.dumps(_plain(_as_data(comparison, losses, files, options.on)), indent=2, allow_nan=False))
        return
    for line in _table(comparison, losses, options.held_out):
        print(line)


def _group(text: str) -> list[str]:
    """The files of a group, which stand between commas; a file whose name has a comma is one."""
    if os.path.exists(text):
        return [text]
    names = text.split(",")
    if not all(names) or len(set(names)) < len(names):
        raise ConfigError(f"the vectors {text} are no list of files between commas")
    return names


def _compared(
    models: Mapping[str, "Embeddings"],
    groups: Sequence[Sequence[str]],
    questions: Sequence[str],
    options: argparse.Namespace,
) -> "Comparison":
    from w2v.comparison import compare
    from w2v.outcomes import PRODUCT, SUM

    return compare(
        models,
        questions,
        options.restrict_vocab,
        groups=groups,
        common=options.common,
        case_insensitive=not options.case_sensitive,
        dummy4unknown=options.dummy4unknown,
        allow_inference=options.infer,
        similarity_function=PRODUCT if options.cosmul else SUM,
    )


def _held_out_losses(models: Mapping[str, "Embeddings"], options: argparse.Namespace) -> dict[str, float]:
    from w2v.corpus import read_corpus
    from w2v.formats import read_config
    from w2v.trainer import held_out_loss  # loads Numba, which questions do without

    told = _config(options.options_of) if options.options_of else None
    losses = {}
    for name, embeddings in models.items():
        if embeddings.outputs is None:
            raise ConfigError(f"{name} has no output rows, which held-out text needs; train into an .npz file")
        config = told or read_config(name)
        if config is None:
            raise ConfigError(f"{name} does not say how it was trained; give the training report with --options-of")
        text = read_corpus(options.held_out, vocabulary=embeddings.vocabulary)
        losses[name] = held_out_loss(text, embeddings, config)
    return losses


def _config(path: str) -> TrainingConfig:
    """The options that a training report tells."""
    try:
        with open(path, encoding="utf-8") as stream:
            options = json.load(stream)["options"]
        return TrainingConfig(**{name: options[name] for name in OPTION_NAMES if name in options})
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigError(f"{path} is not a training report with its options: {error}") from None


def _as_data(
    comparison: "Comparison | None", losses: Mapping[str, float], files: Sequence[str], several: Any
) -> dict[str, Any]:
    """One set of vectors with its questions behind it: the scores by question file; else all by vectors, with the differences."""
    scores = {} if comparison is None else comparison.scores
    plain = {name: {path: asdict(score) for path, score in by_path.items()} for name, by_path in scores.items()}
    if not several and not losses:
        return plain[files[0]]
    differences = [] if comparison is None else [asdict(difference) for difference in comparison.differences]
    return {"scores": plain, "differences": differences, "held_out_losses": dict(losses)}


def _plain(value: Any) -> Any:
    """NaN is no JSON; null is."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def _table(comparison: "Comparison | None", losses: Mapping[str, float], text: str | None) -> list[str]:
    lines: list[str] = []
    if comparison is not None and len(comparison.scores) == 1:
        for path, score in next(iter(comparison.scores.values())).items():
            lines += _detailed(path, score)
    elif comparison is not None:
        for path in next(iter(comparison.scores.values())):
            lines += _compared_lines(path, comparison)
    if losses:
        lines.append(f"{text}: held-out loss a pair")
        lines += [f"{loss:8.4f}  {name}" for name, loss in losses.items()]
    return lines


def _detailed(path: str, score: "SimilarityScore | AnalogyScore") -> list[str]:
    from w2v.evaluation import AnalogyScore

    interval = f"[{score.low:.4f}, {score.high:.4f}]"
    if not isinstance(score, AnalogyScore):
        left_out = score.pairs - score.used
        return [
            f"{score.spearman:7.4f}  {interval}  {path}: rank correlation over {score.used} pairs ({left_out} left out), "
            f"p = {score.spearman_p:.2g}; Pearson's {score.pearson:.4f}"
        ]
    left_out = score.questions - score.used
    first = f"{score.accuracy:7.4f}  {interval}  {path}: analogies, right of {score.used} ({left_out} left out)"
    rows = [*score.totals, *score.sections]
    return [first, *(f"         {right / max(used, 1):7.4f}  {name} ({used})" for name, right, used in rows)]


def _compared_lines(path: str, comparison: "Comparison") -> list[str]:
    """A table for one file of questions: the vectors' scores, and the differences from the first."""
    from w2v.evaluation import AnalogyScore

    rows = []
    for name, scores in comparison.scores.items():
        score = scores[path]
        of = score.questions if isinstance(score, AnalogyScore) else score.pairs
        kind, value = (
            ("analogies", score.accuracy) if isinstance(score, AnalogyScore) else ("rank correlation", score.spearman)
        )
        rows.append(f"{value:8.4f}  [{score.low:8.4f}, {score.high:8.4f}]  {score.used:6} of {of}  {name}")
    for difference in comparison.differences:
        if difference.questions == path:
            sure = difference.low > 0 or difference.high < 0
            rows.append(
                f"{difference.difference:+8.4f}  [{difference.low:+8.4f}, {difference.high:+8.4f}]  {difference.used:6} of both  "
                f"{difference.name} - {difference.baseline}{'' if sure else '  (may be chance)'}"
            )
    return [f"{path}: {kind}", *rows]
