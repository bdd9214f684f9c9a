"""The command `w2v`: train vectors, ask them, score them."""

import argparse
import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from enum import Enum
from typing import TYPE_CHECKING, Any, NoReturn

from w2v.config import OPTION_NAMES, TrainingConfig
from w2v.errors import ConfigError, W2VError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from w2v.trainer import Progress

_HELP = {
    "vector_size": "numbers in a vector",
    "window": "greatest distance between a word and its contexts",
    "min_count": "leave out words that occur more rarely",
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status: 0, or 2 after one line on standard error about what was wrong with the input."""
    # Words may hold bytes that are not UTF-8, and a terminal may not know every letter: never fail for that.
    # A pipe gets each line at once.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace", line_buffering=True)
    try:
        options = _parser().parse_args(arguments)
        options.run(options)
        sys.stdout.flush()
    except W2VError as error:
        print(f"w2v: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("w2v: interrupted; nothing was written", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read the output has gone; keep Python from flushing to it once more.
        sys.stdout = open("/dev/null", "w")  # noqa: SIM115
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"{message} (see {self.prog} --help)")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="w2v", description="Word vectors from text, trained as word2vec does.", allow_abbrev=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)
    _add_train(commands)

    neighbors = _add(commands, "neighbors", _neighbors, "print the nearest words of words")
    _add_vectors(neighbors)
    neighbors.add_argument("words", metavar="WORD", nargs="+")
    _add_top(neighbors)

    analogy = _add(commands, "analogy", _analogy, "print what is to C as B is to A")
    _add_vectors(analogy)
    for word in "ABC":
        analogy.add_argument(word.lower(), metavar=word)
    _add_top(analogy)

    evaluate = _add(
        commands, "evaluate", _evaluate, "score vectors by word pairs with similarities, and by analogy questions"
    )
    _add_vectors(evaluate)
    evaluate.add_argument("questions", metavar="EVALFILE", nargs="+")
    evaluate.add_argument(
        "--restrict-vocab",
        type=_count,
        default=300_000,
        metavar="N",
        help="use the first N words (default %(default)s)",
    )
    evaluate.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _add(commands: Any, name: str, run: Callable[[argparse.Namespace], None], text: str) -> argparse.ArgumentParser:
    description = text[0].upper() + text[1:] + "."
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=description, allow_abbrev=False)
    parser.set_defaults(run=run)
    return parser


def _add_vectors(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "vectors",
        metavar="FILE",
        help="vectors: word2vec's binary format in .bin, an archive in .npz, word2vec's text format in others",
    )


def _add_top(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--top", type=_count, default=10, metavar="N", help="how many words (default %(default)s)")


def _count(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return number


def _add_train(commands: Any) -> None:
    parser = _add(commands, "train", _train, "train vectors on a text file")
    parser.add_argument(
        "corpus", metavar="CORPUS", nargs="?", help="text file: a sentence a line, words between blanks"
    )
    parser.add_argument(
        "--python-docs", action="store_true", help="train on the docstrings of the installed Python packages"
    )
    parser.add_argument(
        "--output", required=True, metavar="FILE", help="vectors: binary for .bin, text for .txt or .vec, all for .npz"
    )
    parser.add_argument("--deterministic", action="store_true", help=_HELP["deterministic"])
    parser.add_argument("--held-out", type=_share_or_file, default=0.0, metavar="FILE|X", help=_HELP["held_out"])
    for name in OPTION_NAMES:
        if name not in ("held_out", "deterministic"):
            _add_option(parser, name)
    parser.add_argument("--report", metavar="FILE", help="write what was done to this JSON file")
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")


def _add_option(parser: argparse.ArgumentParser, name: str) -> None:
    """An option of a TrainingConfig, by the type of its default."""
    default = getattr(TrainingConfig(), name)
    flag = "--" + name.replace("_", "-")
    if isinstance(default, bool):
        action = argparse.BooleanOptionalAction if default else "store_true"
        parser.add_argument(flag, action=action, default=default, help=_HELP[name])
        return
    choices = [str(kind) for kind in type(default)] if isinstance(default, Enum) else None
    parser.add_argument(
        flag,
        type=str if choices else type(default),
        choices=choices,
        default=default,
        metavar="NAME" if choices else "N" if isinstance(default, int) else "X",
        help=f"{_HELP[name]}{': ' + ', '.join(choices) if choices else ''} (default %(default)s)",
    )


def _share_or_file(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _train(options: argparse.Namespace) -> None:
    held_out_file = options.held_out if isinstance(options.held_out, str) else None
    if held_out_file is not None:
        options.held_out = 0.0
    config = TrainingConfig(**{name: getattr(options, name) for name in OPTION_NAMES})
    if bool(options.corpus) == options.python_docs:
        raise ConfigError("give either a CORPUS or --python-docs")
    if not options.output.endswith((".bin", ".txt", ".vec", ".npz")):
        raise ConfigError(f"the output {options.output} must end in .bin, .txt, .vec or .npz")

    # Loaded after the options are checked, and not for --help: NumPy and Numba take half a second.
    from w2v.corpus import read_corpus
    from w2v.docstrings import PythonDocs
    from w2v.files import check_writable, replacing
    from w2v.formats import write_vectors
    from w2v.trainer import train

    for path in filter(None, (options.output, options.report)):
        check_writable(path)
    started = time.perf_counter()
    corpus = read_corpus(PythonDocs() if options.python_docs else options.corpus, config.min_count)
    vocabulary_s = time.perf_counter() - started
    say: Callable[[str], None] = (lambda line: None) if options.quiet else print
    say(f"{corpus.read_tokens:,} words, {len(corpus.vocabulary):,} distinct ones kept, read in {vocabulary_s:.1f} s")
    held_out = read_corpus(held_out_file, vocabulary=corpus.vocabulary) if held_out_file is not None else None
    with _progress_bar(options.quiet) as show, _interrupted_between_blocks(show) as between_blocks:
        embeddings, report = train(corpus, config, between_blocks, held_out)
    start_of_writing = time.perf_counter()
    write_vectors(embeddings, options.output)
    written = time.perf_counter()
    say(
        f"trained in {report.training_s:.1f} s, {report.tokens_per_s:,.0f} words/s, loss {report.loss:.4f} a pair; "
        f"wrote {options.output}"
    )
    if report.held_out_losses:
        say(f"held-out loss {', '.join(f'{loss:.4f}' for loss in report.held_out_losses)} a pair, by epoch")
    if options.report:
        figures = {
            **asdict(report),
            "vocabulary_s": vocabulary_s,
            "writing_s": written - start_of_writing,
            "total_s": written - started,
            "options": {name: getattr(config, name) for name in OPTION_NAMES},
        }
        with replacing(options.report) as stream:
            stream.write(json.dumps(figures, indent=2).encode() + b"\n")


@contextmanager
def _progress_bar(quiet: bool) -> "Iterator[Callable[[Progress], None] | None]":
    """What shows progress as a bar on a terminal; nothing where standard error is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm  # only where there is a bar to draw

    with tqdm(unit=" words", unit_scale=True, dynamic_ncols=True, leave=False, file=sys.stderr) as bar:

        def show(progress: "Progress") -> None:
            bar.total = progress.tokens_total
            bar.n = progress.tokens_done
            # drawn at every call: training that ends within tqdm's own interval is to show its last state too
            figures = {"lr": f"{progress.learning_rate:.4f}", "loss": f"{progress.loss:.3f}"}
            if progress.held_out_loss is not None:
                figures["held-out"] = f"{progress.held_out_loss:.3f}"
            bar.set_postfix(figures)

        yield show


@contextmanager
def _interrupted_between_blocks(
    show: "Callable[[Progress], None] | None",
) -> "Iterator[Callable[[Progress], None]]":
    """Ctrl-C ends training after the block that is being trained; a second one ends it at once.

    In the midst of Numba's compiler, a KeyboardInterrupt is lost or leaves it with half of its work done.
    """
    pressed = False

    def remember(number: int, frame: Any) -> None:
        nonlocal pressed
        pressed = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def between_blocks(progress: "Progress") -> None:
        if pressed:
            raise KeyboardInterrupt
        if show is not None:
            show(progress)

    usual = threading.current_thread() is threading.main_thread()
    if not usual or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield between_blocks
        return
    signal.signal(signal.SIGINT, remember)
    try:
        yield between_blocks
        if pressed:
            raise KeyboardInterrupt
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _neighbors(options: argparse.Namespace) -> None:
    from w2v.formats import read_vectors  # not for --help: loads NumPy

    embeddings = read_vectors(options.vectors)
    found = {word: embeddings.most_similar(word, topn=options.top) for word in options.words}
    for word, neighbors in found.items():
        if len(found) > 1:
            print(f"{word}:")
        _print_words(neighbors)


def _analogy(options: argparse.Namespace) -> None:
    from w2v.formats import read_vectors  # not for --help: loads NumPy

    embeddings = read_vectors(options.vectors)
    _print_words(embeddings.most_similar([options.b, options.c], [options.a], options.top))


def _print_words(words: Sequence[tuple[str, float]]) -> None:
    for word, cosine in words:
        print(f"{cosine:7.4f}  {word}")


def _evaluate(options: argparse.Namespace) -> None:
    from w2v.evaluation import (  # not for --help: loads NumPy
        AnalogyScore,
        evaluate_analogies,
        evaluate_similarity,
        is_analogy_file,
    )
    from w2v.formats import read_vectors

    embeddings = read_vectors(options.vectors)
    scores: dict[str, Any] = {}
    for path in options.questions:
        evaluate = evaluate_analogies if is_analogy_file(path) else evaluate_similarity
        scores[path] = evaluate(embeddings, path, options.restrict_vocab)
    if options.json:
        print(json.dumps({path: asdict(score) for path, score in scores.items()}, indent=2))
        return
    for path, score in scores.items():
        if isinstance(score, AnalogyScore):
            print(
                f"{score.accuracy:7.4f}  {path}: analogies, right of {score.used} ({score.questions - score.used} left out)"
            )
            for name, right, used in score.sections:
                print(f"         {right / max(used, 1):7.4f}  {name} ({used})")
        else:
            left_out = score.pairs - score.used
            print(f"{score.spearman:7.4f}  {path}: rank correlation over {score.used} pairs ({left_out} left out)")


if __name__ == "__main__":
    sys.exit(main())
