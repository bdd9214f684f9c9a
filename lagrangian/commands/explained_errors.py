"""Errors as the command prints them: what is wrong, and the offending text with a caret under it."""

from typing import TextIO

from lagrangian.commands.parser import PROGRAM, one_line
from lagrangian.errors import LagrangianError


def explained(error: LagrangianError, stream: TextIO, when: str) -> str:
    """The lines to print for an error."""
    return f"{PROGRAM}: {one_line(str(error))}"
