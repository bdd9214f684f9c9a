"""How processes are started: forked where that is safe, else as a fresh interpreter that is kept for further computations.

Forking takes milliseconds but copies locks that other threads hold, which would never be released in the copy. So a process is
forked on Linux only, and only where this one has no other Python thread. What is left are the threads of numerical libraries:
OpenBLAS ends its own before a fork. A fresh interpreter takes about a second, for imports. It is not started by multiprocessing,
which would run the user's own script again.
"""

import atexit
import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from typing import Any

from lagrangian.processes.limits import end_with

Work = tuple[Callable[..., Any], tuple[Any, ...], int | None]
Serve = Callable[[Connection, Work], None]

# whether this process computes for another one that may end it
_inside = False
# the interpreters that wait for work, by the thread that started them: on Linux they end with it
_waiting: dict[int, list["Worker"]] = {}


@dataclass(eq=False)
class Worker:
    """A process that computes: the connection to it, and how to end it with all that it has started."""

    connection: Connection
    pid: int
    interpreter: subprocess.Popen | None = None

    def release(self, *, finished: bool) -> None:
        """End the process; an interpreter that has finished its work is kept for more."""
        if finished and self.interpreter is not None:
            _waiting.setdefault(threading.get_ident(), []).append(self)
            return
        self.connection.close()
        _kill(self.pid)
        if self.interpreter is not None:
            self.interpreter.wait()
            if self.interpreter.stdin is not None:
                self.interpreter.stdin.close()
        else:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)


@atexit.register
def _end_waiting() -> None:
    for workers in _waiting.values():
        while workers:
            workers.pop().release(finished=False)


def _kill(pid: int) -> None:
    if _inside or not hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        return
    for kill in (os.killpg, os.kill):  # it may not yet have made a group of its own
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def may_fork() -> bool:
    """Whether a fork copies no lock that another thread may hold.

    >>> may_fork() in (True, False)
    True
    """
    return sys.platform == "linux" and threading.active_count() == 1


def computes_for_another() -> bool:
    """Whether this process may be ended by one that waits for it.

    >>> computes_for_another()
    False
    """
    return _inside


def can_start() -> bool:
    """Whether processes can be started at all: not where Python is part of another program or runs in a browser."""
    return may_fork() or (bool(sys.executable) and sys.platform not in ("emscripten", "wasi"))


def start(serve: Serve, work: Work) -> Worker:
    """A process that has begun to work."""
    with _without_interrupts():
        return _forked(serve, work) if may_fork() else _interpreter(work)


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ctrl-C waits until a process that was just started is known."""
    if not hasattr(signal, "pthread_sigmask") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _forked(serve: Serve, work: Work) -> Worker:
    ours, theirs = _pipe()
    parent = os.getpid()
    with warnings.catch_warnings():
        # Python warns of threads that are none of its own: see above
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        try:
            _settle(parent)
            serve(theirs, work)
        finally:
            os._exit(0)
    theirs.close()
    if not _inside:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.setpgid(pid, pid)
    return Worker(ours, pid)


def _settle(parent: int) -> None:
    """Make this copy a quiet process of its own, which is ended by its parent and by nothing else."""
    global _inside
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    if not _inside:
        os.setpgid(0, 0)
    end_with(parent)
    _inside = True
    _waiting.clear()
    silence()
    # what the parent has made is never collected here, so that its memory stays shared
    gc.freeze()


def silence() -> None:
    """Native libraries print where they like: nothing of it may reach the answer on standard output."""
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        if null != number:
            os.dup2(null, number)
    if null > 2:
        os.close(null)


def _pipe() -> tuple[Connection, Connection]:
    """Both ends of a connection, whose numbers are not those of closed standard streams."""
    left, right = Pipe()
    return _moved(left), _moved(right)


def _moved(connection: Connection) -> Connection:
    if connection.fileno() > 2 or sys.platform == "win32":
        return connection
    import fcntl  # POSIX only

    number = fcntl.fcntl(connection.fileno(), fcntl.F_DUPFD_CLOEXEC, 3)
    connection.close()
    return Connection(number)


def _interpreter(work: Work) -> Worker:
    waiting = _waiting.setdefault(threading.get_ident(), [])
    while waiting:
        worker = waiting.pop()
        if worker.interpreter is not None and worker.interpreter.poll() is None:
            with contextlib.suppress(OSError):
                worker.connection.send(work)
                return worker
        worker.release(finished=False)
    worker = _new_interpreter()
    with contextlib.suppress(OSError):  # it has died: that is seen where its answer is awaited
        worker.connection.send(work)
    return worker


def _new_interpreter() -> Worker:
    """An interpreter at `lagrangian.processes.fresh`; its standard input is a lifeline that closes when this process ends."""
    ours, theirs = _pipe()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(os.path.abspath(entry) for entry in sys.path)}
    number = theirs.fileno()
    options: dict[str, Any] = {"process_group": 0, "pass_fds": (number,)}
    if sys.platform == "win32":
        os.set_handle_inheritable(number, True)
        options = {"startupinfo": subprocess.STARTUPINFO(lpAttributeList={"handle_list": [number]})}
    elif _inside:
        del options["process_group"]
    interpreter = subprocess.Popen(
        [sys.executable, "-P", "-m", "lagrangian.processes.fresh", str(number), str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        **options,
    )
    theirs.close()
    return Worker(ours, interpreter.pid, interpreter)
