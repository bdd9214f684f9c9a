"""What holds for every process that computes: it ends with its parent, and takes only so much memory."""

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

PR_SET_PDEATHSIG = 1
# the memory that a computation may take beyond what the process starts with: a quarter of the machine's, within these bounds
LEAST_MEMORY_MB, MOST_MEMORY_MB = 512, 4096
MEMORY_SHARE = 4
MB = 2**20


def _prctl() -> Callable[..., Any] | None:
    if sys.platform != "linux":
        return None
    # loaded once and not after a fork, where another thread might hold the loader's lock
    return getattr(ctypes.CDLL(None, use_errno=True), "prctl", None)


_PRCTL = _prctl()


def end_with_parent() -> None:
    """Have the kernel end this process when the thread that started it ends, however that comes about; on Linux only."""
    if _PRCTL is not None:
        _PRCTL(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def end_with(parent: int) -> None:
    """The same where the parent may have ended before this was called."""
    end_with_parent()
    if hasattr(os, "getppid") and os.getppid() != parent:
        os._exit(1)


def limit_memory(limit_mb: int) -> None:
    """Let this process allocate so much more than it has now; what asks for more fails with a MemoryError, or dies.

    Nothing is limited where the operating system has no such limit: on Windows, and in effect on macOS.
    """
    try:
        import resource  # POSIX only
    except ImportError:
        return
    most = _address_space() + limit_mb * MB
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def default_memory_limit_mb() -> int:
    """A quarter of the machine's memory, at least half a gigabyte and at most four.

    >>> LEAST_MEMORY_MB <= default_memory_limit_mb() <= MOST_MEMORY_MB
    True
    """
    try:
        total_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MB
    except (AttributeError, ValueError, OSError):
        return LEAST_MEMORY_MB
    return max(LEAST_MEMORY_MB, min(MOST_MEMORY_MB, total_mb // MEMORY_SHARE))


def _address_space() -> int:
    """The bytes of address space that this process has taken; libraries and arrays of the parent count where it was forked."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 2**30
