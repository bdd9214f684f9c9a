"""Control: limits of time and memory that hold, Ctrl-C that gives what is known, and no process that is left behind."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from sympy import Rational, cos, symbols

from lagrangian import Problem, ProblemError, Progress, Status, minimize, solve
from lagrangian.errors import MethodFailedWarning
from lagrangian.methods import enclosing, running
from lagrangian.methods.enclosing import by_intervals
from lagrangian.methods.exact import short_list
from lagrangian.methods.numeric import local_solutions
from lagrangian.methods.task import Finding, Known, Task, nothing_known, prepare
from lagrangian.methods.turns import Turn, is_continuous
from lagrangian.numeric.local import NumericCandidate
from lagrangian.processes.calls import call_with_limit, tell

x, y = symbols("x y", real=True)
SADDLE = Problem(x * y, [x**2 + y**2 <= 2], over=[x, y])
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc and has forks")

# eleven variables, curved constraints and no symmetry: far beyond a minute for every method
NAMES = [f"x{i}" for i in range(1, 12)]
HARD = {
    "vars": NAMES,
    "bounds": {name: [-2, 3] for name in NAMES},
    "sense": "min",
    "objective": " + ".join(
        f"{(7 * i + 3 * j) % 11 - 5}*{NAMES[i]}*{NAMES[j]}*{NAMES[(i + j) % 11]}" for i in range(11) for j in range(11)
    ),
    "eq": [],
    "ineq": ["x1*x2 + x3*x4 + x5*x6 - 1", " + ".join(f"{name}**4" for name in NAMES) + " - 100"],
}
# one system in three variables, with more zeros than are computed in process: it goes to msolve
SEXTIC = {
    "vars": ["x", "y", "z"],
    "sense": "min",
    "objective": "x**6 + y**6 + z**6 + "
    + " + ".join(
        f"{(5 * i + 3 * j + 7 * k) % 13 - 6}*x**{i}*y**{j}*z**{k}"
        for i in range(5) for j in range(5 - i) for k in range(5 - i - j)
    ),
}  # fmt: skip


def saddle_point(task: Task, known: Known, deadline: float) -> Finding:
    return Finding(candidates=(NumericCandidate(np.array([1.0, -1.0]), -1.0, 0.0),))


def waiting(task: Task, known: Known, deadline: float) -> Finding:
    time.sleep(600)
    return Finding()


def waiting_for_a_list(*_: object) -> None:
    time.sleep(600)


def computing(task: Task, known: Known, deadline: float) -> Finding:
    """One step of the interpreter that no signal handler of Python interrupts."""
    return Finding(reason=str(len(str(3 ** (10**9)))))


def telling_and_waiting(task: Task, known: Known, deadline: float) -> Finding:
    tell(NumericCandidate(np.array([1.0, -1.0]), -1.0, 0.0))
    return waiting(task, known, deadline)


def hoarding(task: Task, known: Known, deadline: float) -> Finding:
    hoard = []
    while True:
        hoard.append(bytearray(2**24))


def dying(task: Task, known: Known, deadline: float) -> Finding:
    os.kill(os.getpid(), signal.SIGKILL)
    return Finding()


def raising(task: Task, known: Known, deadline: float) -> Finding:
    raise ZeroDivisionError("as planned")


def schedule(monkeypatch: pytest.MonkeyPatch, *methods, longest_s: dict | None = None) -> None:
    """Turns of these methods; ``longest_s`` is for those that do not end by themselves, others get all the time they need."""
    longest = longest_s or {}
    turns = tuple(Turn(method.__name__, method, is_continuous, 0.3, longest.get(method, 60.0)) for method in methods)
    monkeypatch.setattr(running, "SCHEDULE", turns)


@pytest.mark.parametrize("method", [waiting, computing])
def test_a_method_that_does_not_end_is_ended_and_others_go_on(method, monkeypatch: pytest.MonkeyPatch) -> None:
    schedule(monkeypatch, method, saddle_point, longest_s={method: 2.0})
    started = time.monotonic()
    solution = solve(SADDLE, time_limit_s=120)
    assert time.monotonic() - started < 120
    # a moment is left to prove the point a local optimum
    assert solution.status in (Status.LOCAL, Status.UNDECIDED)
    assert float(solution.value) == -1.0
    assert f"{method.__name__}: it came to no end in the time given to it" in solution.tried


def test_an_enclosed_optimum_is_kept_where_the_list_of_stationary_points_does_not_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(enclosing, "list_on_a_box", waiting_for_a_list)
    schedule(monkeypatch, local_solutions, by_intervals, longest_s={by_intervals: 8.0})
    solution = solve(Problem(cos(x) + y**2, [x >= 1, x <= 4, y >= -1, y <= 1], over=[x, y]), time_limit_s=120)
    assert solution.status is Status.OPTIMAL and solution.certificate is not None and solution.certificate.verified
    assert float(solution.value) == pytest.approx(-1.0, abs=1e-6)


def test_the_whole_ends_about_its_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty methods of ten minutes; the first has more than a second to tell what it has."""
    schedule(monkeypatch, *[telling_and_waiting] * 30)
    started = time.monotonic()
    solution = solve(SADDLE, time_limit_s=4)
    assert 4 <= time.monotonic() - started < 60
    assert float(solution.value) == -1.0


def test_memory_is_bounded_and_its_end_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule(monkeypatch, hoarding, saddle_point)
    solution = solve(SADDLE, time_limit_s=60, memory_limit_mb=200)
    assert float(solution.value) == -1.0
    assert solution.tried == ("hoarding: it ran out of memory",)


def hoarding_below(task: Task, known: Known, deadline: float) -> Finding:
    nothing = call_with_limit(hoarding, (task, known, deadline), 60.0)
    return Finding(reason=f"below: {nothing}")


def test_the_limit_of_memory_holds_for_processes_of_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule(monkeypatch, hoarding_below)
    assert solve(SADDLE, time_limit_s=60, memory_limit_mb=200).tried == ("below: None",)


def test_a_method_that_dies_is_a_reason_too(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule(monkeypatch, dying, saddle_point)
    solution = solve(SADDLE, time_limit_s=60)
    assert float(solution.value) == -1.0
    assert solution.tried[0].startswith("dying: its process died")


def test_an_error_in_a_method_is_a_warning_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule(monkeypatch, raising, saddle_point)
    with pytest.warns(MethodFailedWarning, match="raising: ZeroDivisionError: as planned"):
        solution = solve(SADDLE, time_limit_s=60)
    assert float(solution.value) == -1.0
    assert solution.tried == ("raising: ZeroDivisionError: as planned",)


def test_a_list_far_beyond_its_time_is_not_begun() -> None:
    """Products along a chain of twelve variables in a box: half a million faces."""
    v = symbols("v1:13", real=True)
    chain = sum(a * b for a, b in pairwise(v)) + sum(a**3 for a in v)
    task = prepare(Problem(chain, over=v, bounds=dict.fromkeys(v, (-1, 1))))
    # a list that is begun ends with an undecided solution, at the deadline at the latest
    assert short_list(task, nothing_known(task.restoration.problem), time.monotonic() + 4).solution is None


def test_limits_must_be_positive() -> None:
    with pytest.raises(ProblemError, match="memory_limit_mb is 0; write a positive number of megabytes"):
        solve(SADDLE, memory_limit_mb=0)


def test_progress_tells_the_stages_and_the_best_value(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule(monkeypatch, local_solutions, waiting, longest_s={waiting: 2.0})
    seen: list[Progress] = []
    solution = solve(Problem(-x * y, [x**2 + y**2 <= 2], over=[x, y]), time_limit_s=120, progress=seen.append)
    stages = list(dict.fromkeys(progress.stage for progress in seen))
    assert stages[-2:] == ["local_solutions", "waiting"]
    assert seen[-1].value == pytest.approx(-1.0) == float(solution.value)
    assert [p.elapsed_s for p in seen] == sorted(p.elapsed_s for p in seen)


def test_an_interrupt_returns_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule(monkeypatch, telling_and_waiting)

    def interrupting(progress: Progress) -> None:
        if progress.value is not None:
            os.kill(os.getpid(), signal.SIGINT)

    started = time.monotonic()
    solution = solve(SADDLE, time_limit_s=100, progress=interrupting)
    assert time.monotonic() - started < 100
    assert solution.missing[0] == "interrupted"
    assert solution.status in (Status.LOCAL, Status.UNDECIDED)
    assert float(solution.value) == -1.0


def test_beside_other_threads_a_fresh_interpreter_computes() -> None:
    """Where another thread runs nothing is forked; the interpreter is used again."""
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        for bound in (1, 2):
            solution = minimize(x**2 + Rational(1, 3), [x >= bound], over=[x], time_limit_s=60)
            assert solution.value == bound**2 + Rational(1, 3)
            assert solution.certificate.verify() is True
    finally:
        ended.set()
        thread.join()


def test_in_a_thread() -> None:
    found = []
    thread = threading.Thread(target=lambda: found.append(minimize(x**2, [x >= 1], over=[x], time_limit_s=60).value))
    thread.start()
    thread.join()
    assert found == [1]


# processes that are watched from outside


BESIDE_A_THREAD = "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start(); "


def running_command(problem: dict, tmp_path: Path, *options: str, threaded: bool = False, **popen) -> subprocess.Popen:
    """The command on a problem, with an msolve that never ends."""
    (tmp_path / "hard.json").write_text(json.dumps(problem), encoding="utf-8")
    (tmp_path / "msolve").write_text("#!/bin/sh\nexec sleep 600\n", encoding="ascii")
    (tmp_path / "msolve").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    arguments = ["solve", str(tmp_path / "hard.json"), *options]
    program = f"import sys; from lagrangian.cli import main; sys.exit(main({arguments!r}))"
    command = [sys.executable, "-c", (BESIDE_A_THREAD if threaded else "") + program]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, **popen)


def descendants(pid: int) -> set[int]:
    """All processes below one, by /proc."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if fields[0] != "Z":
                parents[int(entry.name)] = int(fields[1])
    found, layer = set(), {pid}
    while layer:
        layer = {child for child, parent in parents.items() if parent in layer}
        found |= layer
    return found


def is_alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def names(pids: set[int]) -> set[str]:
    found = set()
    for pid in filter(is_alive, pids):
        try:
            found.add((Path("/proc") / str(pid) / "comm").read_text().strip())
        except OSError:  # it has ended since
            continue
    return found


def eventually(condition, limit_s: float = 60.0) -> bool:
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


@linux
@pytest.mark.parametrize("threaded", [False, True], ids=["forked", "fresh"])
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_process_outlives_the_command(ending: signal.Signals, threaded: bool, tmp_path: Path) -> None:
    command = running_command(SEXTIC, tmp_path, "--json", threaded=threaded)
    try:
        assert eventually(lambda: "sleep" in names(descendants(command.pid)))
        below = descendants(command.pid)
        assert len(below) >= 2
        command.send_signal(ending)
        printed, _ = command.communicate(timeout=60)
        assert eventually(lambda: not any(map(is_alive, below)), 20)
    finally:
        command.kill()
        command.wait()
    if ending is signal.SIGINT:
        assert command.returncode == 130
        assert json.loads(printed)["message"].startswith("interrupted")
    else:
        assert command.returncode == -ending


@linux
def test_ctrl_c_on_a_terminal_prints_the_best_value_that_the_progress_line_showed(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = running_command(HARD, tmp_path, "--time-limit", "60", stderr=theirs)
    os.close(theirs)
    shown = ""
    try:
        until = time.monotonic() + 60
        while "best value" not in shown and time.monotonic() < until:
            if select.select([ours], [], [], 1.0)[0]:
                shown += os.read(ours, 4096).decode()
        assert "best value" in shown
        command.send_signal(signal.SIGINT)
        printed, _ = command.communicate(timeout=60)
    finally:
        command.kill()
        command.wait()
        os.close(ours)
    assert command.returncode == 130
    assert "interrupted" in printed
    last = float(re.findall(r"best value (-?[\d.e+-]+)", shown)[-1])
    assert float(re.search(r"value +≈ (-?[\d.e+-]+)", printed)[1]) <= last + 1e-6 * abs(last)


@linux
def test_without_standard_streams_and_without_a_main_guard(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import threading\n"
        "from sympy import symbols\n"
        "from lagrangian import minimize\n"
        "x = symbols('x')\n"
        "values = [minimize(x**2, [x >= 3], over=[x]).value]\n"
        "thread = threading.Thread(target=threading.Event().wait, args=(60,), daemon=True)\n"
        "thread.start()\n"
        "values.append(minimize(x**2, [x >= 4], over=[x]).value)\n"
        f"open({str(tmp_path / 'values')!r}, 'w').write(str(values))\n",
        encoding="utf-8",
    )
    shell = f"exec '{sys.executable}' '{script}' 0<&- 1>&- 2>&-"
    assert subprocess.run(["sh", "-c", shell], timeout=100, check=False).returncode == 0
    assert (tmp_path / "values").read_text() == "[9, 16]"
