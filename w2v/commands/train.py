"""`w2v train`: vectors from a text file."""

import argparse
import json
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from enum import Enum
from typing import TYPE_CHECKING, Any

from w2v.commands.checkpoints import (
    add_checkpoint_options,
    callbacks_of,
    check_checkpoint_options,
    checkpoints_of,
    interruptible,
)
from w2v.commands.cluster import add_cluster_options, begun_run, check_cluster_options
from w2v.commands.corpora import add_corpus, add_memory_map
from w2v.commands.parsing import add_command, check_vectors_output
from w2v.commands.starting import Start, add_start_options, check_start_options
from w2v.config import OPTION_NAMES, TrainingConfig
from w2v.errors import ConfigError

if TYPE_CHECKING:
    from w2v.progress import TrainingReport

_HELP = {
    "vector_size": "numbers in a vector",
    "window": "greatest distance between a word and its contexts",
    "shrink_windows": "draw each word's window from 1 to the greatest, or else take the greatest",
    "min_count": "leave out words that occur more rarely",
    "max_final_vocab": "keep at most so many words, the most frequent ones",
    "sample": "share of the corpus above which words are dropped at random; 0 keeps all",
    "negative": "negatives, or candidates, of each word",
    "ns_exponent": "power of the counts by which negatives are drawn",
    "alpha": "learning rate at the start",
    "min_alpha": "least learning rate",
    "epochs": "passes over the corpus",
    "shuffle": "train the sentences in a random order, or else in that of the text",
    "seed": "of the random numbers; one thread and the same seed give the same vectors",
    "threads": "threads that train together",
    "deterministic": "give the same vectors for any number of threads, at about a third of the speed",
    "held_out": "text not to train on, whose loss is reported after each epoch: a file, or a share of the sentences such as 0.01",
    "subwords": "make a word of its own row and its character n-grams' rows, and keep these in an .npz for unseen words",
    "min_n": "least characters of an n-gram",
    "max_n": "greatest characters of an n-gram",
    "bucket": "buckets that n-grams are hashed to",
    "loss": "what is minimized",
    "architecture": "each context predicts its center (skip-gram), or all of them together (cbow)",
    "cbow_mean": "1: cbow takes the mean of the contexts' rows; 0: their sum",
    "cbow_exact": "cbow's contexts get the exact gradient, not word2vec.c's",
    "shared_candidates": "centers in a row that share candidates (sampled-softmax, noise-contrastive); 0 for a whole block",
    "distinct_candidates": "draw candidates without replacement",
    "uncorrected_center": "sampled-softmax subtracts log k q from the scores of candidates only",
}

_OF_TRAINING = ("alpha", "min_alpha", "epochs", "shuffle", "seed", "threads")


def add_to(commands: Any) -> None:
    """Make the command known."""
    parser = add_command(commands, "train", _train, "train vectors on text")
    text = parser.add_argument_group("the text")
    add_corpus(text)
    add_memory_map(text)
    text.add_argument(
        "--python-docs", action="store_true", help="train on the docstrings of the installed Python packages"
    )
    result = parser.add_argument_group("the result")
    result.add_argument(
        "--output",
        required=True,
        metavar="FILE",
        help="vectors: binary for .bin, text for .txt or .vec, with output rows, counts and options for .npz or .safetensors",
    )
    result.add_argument("--report", metavar="FILE", help="write what was done to this JSON file")
    result.add_argument("--quiet", action="store_true", help="print nothing but errors and warnings")
    model, training = parser.add_argument_group("the model"), parser.add_argument_group("the training")
    for name in OPTION_NAMES:
        if name not in ("held_out", "deterministic"):
            _add_option(training if name in _OF_TRAINING else model, name)
    training.add_argument("--deterministic", action="store_true", default=None, help=_HELP["deterministic"])
    training.add_argument("--held-out", type=_share_or_file, metavar="FILE|X", help=_HELP["held_out"])
    add_start_options(parser.add_argument_group("more training"))
    add_checkpoint_options(parser.add_argument_group("long runs"))
    add_cluster_options(parser.add_argument_group("a cluster"))


def _add_option(parser: argparse._ArgumentGroup, name: str) -> None:
    """An option of a TrainingConfig, by the type of its default; None where it is not given, as a model has options too."""
    default = getattr(TrainingConfig(), name)
    flag = "--" + name.replace("_", "-")
    if isinstance(default, bool):
        action = argparse.BooleanOptionalAction if default else "store_true"
        parser.add_argument(flag, action=action, default=None, help=_HELP[name])
        return
    choices = [str(choice) for choice in type(default)] if isinstance(default, Enum) else None
    kind = int if default is None else type(default)  # None stands for no limit
    parser.add_argument(
        flag,
        type=str if choices else kind,
        choices=choices,
        metavar="NAME" if choices else "N" if kind is int else "X",
        help=f"{_HELP[name]}{': ' + ', '.join(choices) if choices else ''} (default {'all' if default is None else default})",
    )


def _share_or_file(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _train(options: argparse.Namespace) -> None:
    chosen, held_out_file = _checked(options)

    # Loaded after the options are checked, and not for --help: NumPy and Numba take half a second.
    from w2v.checkpoint_files import kept_share
    from w2v.files import check_writable
    from w2v.formats import write_vectors
    from w2v.loss_history import LossHistory
    from w2v.progress_bar import progress_shown
    from w2v.trainer import train_run

    checkpoints = checkpoints_of(options)
    for path in filter(None, (options.output, options.report)):
        check_writable(path)
    start = Start(options, chosen)
    started = time.perf_counter()
    say: Callable[[str], None] = (lambda line: None) if options.quiet else print
    with begun_run(options, start, held_out_file) as run:
        vocabulary_s = time.perf_counter() - started - run.report().setup_s
        read, kept = run.corpus.read_tokens, len(run.corpus.vocabulary)
        say(f"{read:,} words, {kept:,} distinct ones kept, read in {vocabulary_s:.1f} s")
        if checkpoints is not None and (share := kept_share(checkpoints.folder)) is not None:
            say(f"going on with the run in {checkpoints.folder}, {share:.1%} done")
        shown = nullcontext(None) if options.quiet else progress_shown()
        with shown as show, interruptible(show, checkpoints) as between_blocks:
            history = LossHistory(between_blocks)
            embeddings, report = train_run(run, history, checkpoints, callbacks_of(options))
    start_of_writing = time.perf_counter()
    write_vectors(embeddings, options.output, start.config)
    written = time.perf_counter()
    _tell(report, options.output, say)
    if options.report:
        seconds = {
            "vocabulary_s": vocabulary_s,
            "writing_s": written - start_of_writing,
            "total_s": written - started,
        }
        given = {name: getattr(start.config, name) for name in OPTION_NAMES}
        _write_json({**asdict(report), "recent_losses": history.points, **seconds, "options": given}, options.report)


def _checked(options: argparse.Namespace) -> tuple[dict[str, Any], str | None]:
    """The options of a TrainingConfig that were given, and a file of held-out text; raises what is wrong with any option."""
    check_checkpoint_options(options)
    check_start_options(options)
    check_cluster_options(options)
    held_out_file = options.held_out if isinstance(options.held_out, str) else None
    if held_out_file is not None:
        options.held_out = None
    chosen = {name: value for name in OPTION_NAMES if (value := getattr(options, name)) is not None}
    if options.start is None:  # else the options of the model are to be known first
        TrainingConfig(**chosen)
    if bool(options.corpus) == options.python_docs:
        raise ConfigError("give either a CORPUS or --python-docs")
    check_vectors_output(options.output)
    return chosen, held_out_file


def _tell(report: "TrainingReport", output: str, say: Callable[[str], None]) -> None:
    say(
        f"trained in {report.training_s:.1f} s, {report.tokens_per_s:,.0f} words/s, loss {report.loss:.4f} a pair; "
        f"wrote {output}"
    )
    if report.stopped_early:
        say(f"stopped early, in epoch {len(report.epoch_losses)} of {report.epochs}")
    if report.held_out_losses:
        say(f"held-out loss {', '.join(f'{loss:.4f}' for loss in report.held_out_losses)} a pair, by epoch")


def _write_json(figures: dict[str, Any], path: str) -> None:
    from w2v.files import replacing

    with replacing(path) as stream:
        stream.write(json.dumps(figures, indent=2).encode() + b"\n")
