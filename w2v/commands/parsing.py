"""What the commands' options have in common."""

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

from w2v.errors import ConfigError


class Parser(argparse.ArgumentParser):
    """Raises a ConfigError where argparse would end the process."""

    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"{message} (see {self.prog} --help)")


def add_command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], None], text: str
) -> argparse.ArgumentParser:
    """A new command among `commands`, for `run` to do; `text` says what that is."""
    description = text[0].upper() + text[1:] + "."
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=description, allow_abbrev=False)
    parser.set_defaults(run=run)
    return parser


def add_vectors(parser: argparse.ArgumentParser) -> None:
    """The file of vectors that a command works on."""
    parser.add_argument(
        "vectors",
        metavar="FILE",
        help="vectors: word2vec's binary format in .bin, an archive in .npz, word2vec's text format in others",
    )


def add_top(parser: argparse.ArgumentParser) -> None:
    """How many words a command answers with."""
    parser.add_argument("--top", type=count, default=10, metavar="N", help="how many words (default %(default)s)")


def count(text: str) -> int:
    """An option's whole number of at least 1."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return number
