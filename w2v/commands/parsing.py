"""What the commands' options have in common."""

import argparse
import difflib
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from w2v.commands.colors import BOLD, colored
from w2v.commands.examples import end_of_help
from w2v.errors import ConfigError
from w2v.option_names import command_hint

PROGRAM = "w2v"
# what options are added to: a parser, or a group of its options with a title
Options = argparse.ArgumentParser | argparse._ArgumentGroup
_WORD2VEC = (".bin", ".txt", ".vec")
_COMPRESSED = (".gz", ".xz", ".zst", ".bz2")
_ARCHIVES = (".npz", ".safetensors")


class _HelpFormatter(argparse.HelpFormatter):
    """Fits descriptions to the terminal, and leaves examples as they are."""

    def __init__(self, prog: str, **options: Any) -> None:
        super().__init__(prog, max_help_position=28, width=_help_width(), **options)

    def add_argument(self, action: argparse.Action) -> None:
        """As argparse does, but with room for the indented names of commands."""
        super().add_argument(action)
        for command in self._iter_indented_subactions(action):
            length = len(self._format_action_invocation(command)) + self._current_indent
            self._action_max_length = max(self._action_max_length, length)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)


def _help_width() -> int:
    return min(max(shutil.get_terminal_size().columns - 2, 30), 100)


class Parser(argparse.ArgumentParser):
    """Raises a ConfigError where argparse would end the process; it knows near names, and the options of other tools too."""

    _arguments: Sequence[str] = ()

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=_HelpFormatter, allow_abbrev=False, **options)
        self.epilog = end_of_help(self.prog)
        self.color = False  # from Python 3.14 on, argparse has colors of its own
        self.set_defaults(parser=self)

    def print_help(self, file: Any = None) -> None:
        """The help, with bold headings on a terminal."""
        stream = sys.stdout if file is None else file
        heading = re.compile("^[a-z][a-z ]*:", re.MULTILINE)
        stream.write(heading.sub(lambda found: colored(found[0], BOLD, stream), self.format_help()))

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does, but an unknown option gets the nearest known one."""
        options, unknown = self.parse_known_args(args, namespace)
        if unknown:
            known = [name for action in options.parser._actions for name in action.option_strings]
            near = _near(unknown[0].partition("=")[0], known)
            options.parser._arguments = self._arguments
            options.parser.error(f"unrecognized arguments: {' '.join(unknown)}{near}")
        return options

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            near = _near(str(value), map(str, action.choices or ()))
            raise argparse.ArgumentError(action, error.message + near) from None

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Remember what is parsed, for errors."""
        self._arguments = sys.argv[1:] if args is None else args
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"{message} (see {self.prog} --help){command_hint(self._arguments)}")


def _near(written: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(written[:100], list(known), n=1)
    return f" (do you mean {close[0]}?)" if close else ""


class VersionAction(argparse.Action):
    """Prints the version, which is looked up only then."""

    def __init__(self, option_strings: Any, dest: str, **options: Any) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, help="print the version and exit")

    def __call__(self, parser: argparse.ArgumentParser, *others: Any) -> None:
        from importlib.metadata import version  # it takes as long to import as all the rest

        print(f"{PROGRAM} {version('lagrangian-w2v')}")
        parser.exit()


def add_command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], None], text: str
) -> argparse.ArgumentParser:
    """A new command among `commands`, for `run` to do; `text` says what that is."""
    description = text[0].upper() + text[1:] + "."
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=description)
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
