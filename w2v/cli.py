"""The command `w2v`: train vectors, ask them, score them."""

import codecs
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from w2v.commands import completion, convert, evaluate, index, phrases, plot, project, queries, train
from w2v.commands.colors import RED, YELLOW, colored
from w2v.commands.parsing import PROGRAM, Parser, VersionAction
from w2v.errors import Interrupted, W2VError, W2VWarning


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status: 0, or 2 after one line on standard error about what was wrong with the input."""
    # Words may hold bytes that are not UTF-8, and a terminal may not know every letter: never fail for that.
    # A pipe gets each line at once.
    codecs.register_error("words", _as_bytes)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="words", line_buffering=True)
    warnings.showwarning = _show_warning  # type: ignore[assignment]
    try:
        parser = command_parser()
        completion.complete_if_asked(parser)
        options = parser.parse_args(arguments)
        options.run(options)
        sys.stdout.flush()
    except W2VError as error:
        print(f"{colored('w2v: error:', RED, sys.stderr)} {error}", file=sys.stderr)
        return 2
    except Interrupted as interruption:
        print(f"w2v: interrupted; {interruption.remedy}", file=sys.stderr)
        return 128 + interruption.number
    except KeyboardInterrupt:
        print("w2v: interrupted; nothing was written", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read the output has gone; keep Python from flushing to it once more.
        sys.stdout = open("/dev/null", "w")  # noqa: SIM115
    return 0


def _as_bytes(error: UnicodeError) -> tuple[str | bytes, int]:
    """For letters that an output cannot have: bytes that were not UTF-8 as they were, a question mark for others."""
    assert isinstance(error, UnicodeEncodeError)
    letters = error.object[error.start : error.end]
    known = (ord(letter) - 0xDC00 if "\udc80" <= letter <= "\udcff" else ord("?") for letter in letters)
    return bytes(known), error.end


def _show_warning(message: Warning | str, category: type[Warning], filename: str, lineno: int, *others: Any) -> None:
    """A warning of this package in one line, without the place in the code that others are shown with."""
    if issubclass(category, W2VWarning):
        print(f"{colored('w2v: warning:', YELLOW, sys.stderr)} {message}", file=sys.stderr)
    else:
        print(warnings.formatwarning(message, category, filename, lineno), end="", file=sys.stderr)


def command_parser() -> Parser:
    """The parser with all commands."""
    parser = Parser(prog=PROGRAM, description="Word vectors from text, trained as word2vec does.")
    parser.add_argument("--version", action=VersionAction)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)
    for module in (train, phrases, queries, index, evaluate, project, plot, convert):
        module.add_to(commands)
    completion.add_to(commands, parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
