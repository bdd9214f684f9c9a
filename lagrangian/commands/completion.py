"""The command `lagrangian completion`, and what a shell is told when it asks how a line may go on."""

import argparse
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lagrangian.commands.parser import PROGRAM, add_command

SHELLS = ("bash", "zsh", "fish", "powershell")
METHODS = (
    *("auto", "kernel", "slsqp", "trust-constr", "ipopt", "highs", "clarabel"),
    *("basin-hopping", "branch-and-bound"),
)
EXAMPLES = """\
  for this shell alone
    $ eval "$(lagrangian completion bash)"
  from now on: bash, zsh (in a folder of $fpath), fish
    $ lagrangian completion bash >> ~/.bash_completion
    $ lagrangian completion zsh > ~/.zfunc/_lagrangian
    $ lagrangian completion fish > ~/.config/fish/completions/lagrangian.fish
"""
# what stands in expressions beside names; the parser's own table would load SymPy
WORDS = (
    *("exp", "log", "ln", "sqrt", "sin", "cos", "tan", "cot", "asin", "acos", "atan", "sinh", "cosh", "tanh", "erf"),
    *("Abs", "abs", "Max", "max", "Min", "min", "pi", "E"),
)


def add_to(commands: Any) -> None:
    """Make the command known."""
    command = add_command(
        commands,
        "completion",
        run,
        "print a script that lets a shell complete commands, options and files",
        "Print the script that teaches a shell to complete this command: its commands and options, the values of options, "
        "problem files, and the names of a problem's variables.",
        EXAMPLES,
    )
    command.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    from argcomplete import shellcode  # by no other command

    sys.stdout.write(shellcode([PROGRAM], shell=options.shell))
    return 0


def complete_if_asked(parser: argparse.ArgumentParser) -> None:
    """Answer a shell that asks how the line may go on, and end; nothing happens otherwise."""
    if "_ARGCOMPLETE" not in os.environ:
        return
    import argcomplete  # only to answer a shell

    for action in _all_actions(parser):
        action.completer = _completer(action)  # type: ignore[attr-defined]
    argcomplete.autocomplete(parser)


def _all_actions(parser: argparse.ArgumentParser) -> Iterable[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _all_actions(command)


def _completer(action: argparse.Action) -> Any:
    """What completes the values of an option."""
    from argcomplete.completers import ChoicesCompleter, FilesCompleter

    if action.choices is not None:
        return ChoicesCompleter(action.choices)
    if action.dest in ("over", "parameter"):
        return _names
    if action.dest == "method":
        return ChoicesCompleter(METHODS)
    if action.metavar in ("FILE or OBJECTIVE", "FILE") and action.dest in ("problem", "file"):
        return FilesCompleter(["json"])
    return FilesCompleter() if action.metavar in ("FILE", "OUT") else _nothing


def _nothing(prefix: str, **others: Any) -> list[str]:
    """Of a number or a relation, nothing is known."""
    return []


def _names(prefix: str, parsed_args: argparse.Namespace, **others: Any) -> list[str]:
    """The names of the problem that the line states so far, each behind those that are there with commas."""
    stated = getattr(parsed_args, "problem", None) or ""
    texts = [
        _content(stated) if stated.endswith(".json") else stated,
        *(getattr(parsed_args, "subject_to", None) or []),
    ]
    names = sorted(set().union(*(re.findall(r"[^\W\d]\w*", text) for text in texts)).difference(WORDS))
    before, comma, _ = prefix.rpartition(",")
    return [before + comma + name for name in names if name not in before.split(",")]


def _content(path: str) -> str:
    """The expressions of a problem file, without its keys."""
    try:
        return re.sub(r'"\w+"\s*:', "", Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
