"""Whether an output is to be colored, and how."""

import os
import sys
from typing import Any

BOLD, RED, YELLOW = "1", "1;31", "33"


def colored(text: str, code: str, stream: Any) -> str:
    """The text in a color or in bold where the stream is a terminal that knows of that; NO_COLOR and FORCE_COLOR decide first.

    >>> import io
    >>> colored("w2v: error:", RED, io.StringIO())
    'w2v: error:'
    """
    return f"\033[{code}m{text}\033[0m" if _wants_colors(stream) else text


def _wants_colors(stream: Any) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    if stream is None or stream.closed or not stream.isatty():
        return False
    # consoles of Windows may not read escape codes, those of Windows Terminal do
    known = "WT_SESSION" in os.environ if sys.platform == "win32" else True
    return known and os.environ.get("TERM", "") not in ("dumb", "unknown")
