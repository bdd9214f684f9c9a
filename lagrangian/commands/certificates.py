"""Certificates that a command writes, or the word that there is none."""

import sys
from typing import Any

from lagrangian.commands.parser import PROGRAM


def save_certificate(found: Any, path: str | None, nothing: str) -> None:
    """Write the certificate of what was found, if a path is given; say on standard error where `nothing` is the reason not to."""
    if path is None:
        return
    if found.certificate is None:
        print(f"{PROGRAM}: {nothing}, so {path} is not written", file=sys.stderr)
    else:
        found.save_certificate(path)
