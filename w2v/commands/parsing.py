"""What the commands' options have in common."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from w2v.errors import ConfigError
from w2v.option_names import command_hint

_WORD2VEC = (".bin", ".txt", ".vec")
_COMPRESSED = (".gz", ".xz", ".zst", ".bz2")
_ARCHIVES = (".npz", ".safetensors")


class Parser(argparse.ArgumentParser):
    """Raises a ConfigError where argparse would end the process; it knows the options of other tools too."""

    _arguments: Sequence[str] = ()

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Remember what is parsed, for errors."""
        self._arguments = sys.argv[1:] if args is None else args
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"{message} (see {self.prog} --help){command_hint(self._arguments)}")


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
        help="vectors: word2vec's formats or GloVe's, compressed or not, fastText's .bin, .npz or .safetensors",
    )


def check_vectors_output(path: str) -> None:
    """Raise a ConfigError for a file of vectors to be written whose name does not tell its format."""
    name = path.removesuffix(next((end for end in _COMPRESSED if path.endswith(end)), ""))
    if not name.endswith(_WORD2VEC) and not path.endswith(_ARCHIVES):
        raise ConfigError(
            f"the output {path} must end in {', '.join(_WORD2VEC)}, these also with {', '.join(_COMPRESSED)} behind, "
            f"{' or '.join(_ARCHIVES)}"
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
