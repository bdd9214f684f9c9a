"""`w2v phrases`: write words that belong together as one."""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from w2v.commands.corpora import add_corpus, text_options
from w2v.commands.parsing import add_command, count


def add_to(commands: Any) -> None:
    """Make the command known."""
    parser = add_command(
        commands, "phrases", _phrases, "find words that belong together, and write the text with them joined"
    )
    add_corpus(parser, required=True)
    parser.add_argument(
        "--output",
        required=True,
        metavar="FILE",
        help="the text with phrases as single words; packed for .gz, .xz and .zst",
    )
    parser.add_argument(
        "--min-count",
        type=count,
        default=5,
        metavar="N",
        help="leave out words and pairs that occur more rarely (default %(default)s)",
    )
    parser.add_argument(
        "--threshold", type=float, metavar="X", help="least score of a pair (default 100, for npmi 0.5)"
    )
    parser.add_argument(
        "--scoring", default="word2phrase", metavar="NAME", help="word2phrase or npmi (default %(default)s)"
    )
    parser.add_argument(
        "--connector-words",
        metavar="WORDS",
        help="words that may stand inside of a phrase, but not begin or end it, such as 'of the'; "
        "'english' for a, an, and, at, by, for, from, in, of, on, or, the, to, with, without",
    )
    parser.add_argument("--delimiter", default="_", metavar="TEXT", help="what joins two words (default %(default)s)")
    parser.add_argument(
        "--passes",
        type=count,
        default=1,
        metavar="N",
        help="join so many times: N passes make phrases of up to 2^N words (default %(default)s)",
    )
    parser.add_argument("--pairs", metavar="FILE", help="write the pairs of all passes with their scores to this file")
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")


def _phrases(options: argparse.Namespace) -> None:
    # Loaded after the options are checked, and not for --help: NumPy and Numba take half a second.
    from w2v.compression import packing
    from w2v.corpora.options import TextOptions
    from w2v.corpora.phrase_learning import joined_pieces, learn_phrases, text_files
    from w2v.corpora.phrases import Phrases, write_phrases
    from w2v.corpora.sources import Files
    from w2v.files import check_writable, replacing

    for path in filter(None, (options.output, options.pairs)):
        check_writable(path)
    started = time.perf_counter()
    reading = text_options(options)
    found: list[Phrases] = []
    with _standard_input_kept(Files(options.corpus).names()) as kept:
        names = text_files(Files(kept))
        for _ in range(options.passes):
            found.append(
                learn_phrases(
                    Files(names),
                    options.min_count,
                    options.threshold,
                    options.scoring,
                    options.delimiter,
                    found,
                    _connector_words(options.connector_words),
                    **reading,
                )
            )
        with replacing(options.output) as stream, packing(stream, options.output) as packed:
            for name in names:
                last = b"\n"
                for piece in joined_pieces(name, TextOptions(**reading), found):
                    packed.write(piece)
                    last = piece[-1:] or last
                if last != b"\n":
                    packed.write(b"\n")
    if options.pairs:
        every = {pair: score for phrases in found for pair, score in phrases.scores.items()}
        write_phrases(Phrases(every, options.delimiter), options.pairs)
    if not options.quiet:
        passes = ", ".join(f"{len(phrases):,}" for phrases in found)
        print(
            f"{passes} pairs of words joined, by pass, in {time.perf_counter() - started:.1f} s; wrote {options.output}"
        )


def _connector_words(given: str | None) -> frozenset[str]:
    from w2v.corpora.phrases import ENGLISH_CONNECTOR_WORDS  # loaded after the options are checked

    return ENGLISH_CONNECTOR_WORDS if given == "english" else frozenset((given or "").split())


@contextmanager
def _standard_input_kept(names: list[str]) -> Iterator[list[str]]:
    """Names of files with standard input in a file of its own, which can be read several times."""
    from w2v.corpora.files import STANDARD_INPUT  # loaded after the options are checked
    from w2v.errors import ConfigError, SourceError

    if STANDARD_INPUT not in names:
        yield names
        return
    if names.count(STANDARD_INPUT) > 1:
        raise ConfigError("standard input, '-', is named twice; it can be read once only")
    with tempfile.TemporaryDirectory(prefix="w2v-") as folder:
        path = os.path.join(folder, "standard-input")
        try:
            with open(path, "wb") as stream:
                shutil.copyfileobj(sys.stdin.buffer, stream)
        except OSError as error:
            raise SourceError(f"cannot keep standard input in {path}: {error.strerror or error}") from error
        yield [path if name == STANDARD_INPUT else name for name in names]
