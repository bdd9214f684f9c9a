"""`w2v completion` and `w2v help`, and what a shell is told when it asks how a line may go on."""

import argparse
import os
import sys
from collections.abc import Iterator
from typing import Any

from w2v.commands.parsing import PROGRAM, Parser, add_command

_SHELLS = ("bash", "zsh", "fish", "powershell")
# the metavars of what is no file: numbers, words, names
_NO_FILES = ("N", "X", "WORD", "A B C", "NAME", "TIME", "TEXT", "ADDRESS")


def add_to(commands: Any, parser: Parser) -> None:
    """Make the commands known; `parser` is that of the whole."""
    completion = add_command(
        commands, "completion", _completion, "print a script that lets a shell complete commands, options and files"
    )
    completion.add_argument("shell", choices=_SHELLS, metavar="SHELL", help=", ".join(_SHELLS))
    described = add_command(commands, "help", _help, "describe a command, as its --help does")
    described.add_argument(
        "name", nargs="?", choices=list(commands.choices), metavar="COMMAND", help="which one (default: all)"
    )
    described.set_defaults(parsers={None: parser, **commands.choices})


def _completion(options: argparse.Namespace) -> None:
    from argcomplete import shellcode  # by no other command

    sys.stdout.write(shellcode([PROGRAM], shell=options.shell))


def _help(options: argparse.Namespace) -> None:
    options.parsers[options.name].print_help()


def complete_if_asked(parser: argparse.ArgumentParser) -> None:
    """Answer a shell that asks how the line may go on, and end; nothing happens otherwise."""
    if "_ARGCOMPLETE" not in os.environ:
        return
    import argcomplete  # only to answer a shell

    for action in _all_actions(parser):
        if action.choices is None and action.metavar in _NO_FILES:
            action.completer = lambda **asked: []  # type: ignore[attr-defined]
    argcomplete.autocomplete(parser)


def _all_actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _all_actions(command)
