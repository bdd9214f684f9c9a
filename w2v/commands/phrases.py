"""`w2v phrases`: write words that belong together as one."""

import argparse
import time
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
    from w2v.corpora.phrases import Phrases, joined_pieces, learn_phrases, text_files, write_phrases
    from w2v.corpora.sources import Files
    from w2v.files import check_writable, replacing

    for path in filter(None, (options.output, options.pairs)):
        check_writable(path)
    started = time.perf_counter()
    reading = text_options(options)
    names = text_files(Files(options.corpus))
    found: list[Phrases] = []
    for _ in range(options.passes):
        found.append(
            learn_phrases(
                Files(names), options.min_count, options.threshold, options.scoring, options.delimiter, found, **reading
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
