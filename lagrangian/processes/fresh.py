"""What a fresh interpreter runs: work comes over a connection, one piece after another, until the other side is gone."""

import os
import signal
import sys
import threading
from multiprocessing import connection
from typing import Any

from lagrangian.algebra.pickling import register
from lagrangian.processes import starting
from lagrangian.processes.calls import serve
from lagrangian.processes.limits import end_with


def main(number: int, parent: int) -> None:
    """Serve the connection that has this file descriptor, or handle on Windows, until it closes."""
    starting._inside = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with(parent)
    if sys.platform != "linux":  # elsewhere the kernel does not tell that the parent has ended
        threading.Thread(target=_watch, args=(os.dup(0),), daemon=True).start()
    kind: Any = getattr(connection, "PipeConnection" if sys.platform == "win32" else "Connection")
    upstream = kind(number)
    register()
    while True:
        try:
            work = upstream.recv()
        except (EOFError, OSError):
            return
        serve(upstream, work)


def _watch(lifeline: int) -> None:
    """End this process, and what it has started, when the parent's end of standard input closes."""
    while os.read(lifeline, 1):
        pass
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
