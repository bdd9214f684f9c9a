"""The options of commands that read text."""

import argparse
from typing import Any

from w2v.commands.parsing import Options

OPTIONS = ("encoding", "tokenizer", "lowercase", "column")


def add_corpus(parser: Options, *, required: bool = False) -> None:
    """The files of a corpus, and how they are read."""
    parser.add_argument(
        "corpus",
        metavar="CORPUS",
        nargs="+" if required else "*",
        help="text files, plain or packed (gzip, xz, zstd, bzip2), or Parquet; patterns such as 'text/*.gz'; - is standard input",
    )
    parser.add_argument("--encoding", metavar="NAME", help="of the text, such as latin-1 or utf-16 (default UTF-8)")
    parser.add_argument(
        "--tokenizer",
        default="whitespace",
        metavar="NAME",
        help="whitespace: words stand between blanks; words: letters, marks and numbers of Unicode (default %(default)s)",
    )
    parser.add_argument("--lowercase", action="store_true", help="lower-case the text")
    parser.add_argument("--column", metavar="NAME", help="the column of Parquet files, if there are several with text")


def add_memory_map(parser: Options) -> None:
    """Where a corpus by number is kept."""
    parser.add_argument(
        "--memory-map",
        metavar="FOLDER",
        help="keep the words by number in this folder, for text larger than memory; text that has not changed is read once only",
    )


def text_options(options: argparse.Namespace) -> dict[str, Any]:
    """The keyword arguments of `read_corpus` that say how text is read."""
    return {name: getattr(options, name) for name in OPTIONS}
