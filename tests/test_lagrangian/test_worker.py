"""Processes that are ended: results come back, errors too, and nothing is left running."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sympy import Abs, sqrt, symbols

from lagrangian import Problem, Status
from lagrangian.processes.calls import call_with_limit, share_of_time
from tests.kkt_checker import solved

x, y = symbols("x y", real=True)


def doubled(value: int) -> int:
    return 2 * value


def failing() -> None:
    raise ZeroDivisionError("as planned")


def sleeping(path: str) -> None:
    """A process below this one that says who it is and sleeps for ten minutes."""
    program = f"import os, time; open({path!r}, 'w').write(str(os.getpid()) + ' '); time.sleep(600)"
    subprocess.run([sys.executable, "-c", program], check=True)


def nested(value: int) -> int:
    return call_with_limit(doubled, (value,), 10.0)


def test_results_come_back_through_one_process_or_two() -> None:
    assert call_with_limit(doubled, (21,), 10.0) == 42
    assert call_with_limit(nested, (21,), 10.0) == 42


def test_errors_are_raised_unless_they_are_expected() -> None:
    with pytest.raises(ZeroDivisionError, match="as planned"):
        call_with_limit(failing, (), 10.0)
    assert call_with_limit(failing, (), 10.0, may_fail=True) is None


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="processes are ended in groups")
@pytest.mark.parametrize("through", ["one", "two"])
def test_what_takes_too_long_is_ended_with_all_that_it_started(tmp_path, through: str) -> None:
    """The limit grows until the process below has had the time to start."""
    path = tmp_path / "who"
    for limit_s in (0.5, 2.0, 10.0, 60.0):
        if through == "one":
            assert call_with_limit(sleeping, (str(path),), limit_s) is None
        else:
            assert call_with_limit(call_with_limit, (sleeping, (str(path),), 600.0), limit_s) is None
        if path.exists() and path.read_text().endswith(" "):
            break
    pid = int(path.read_text())
    assert any(has_ended(pid) for _ in range(600))


def has_ended(pid: int) -> bool:
    """Whether there is no such process any more, after a while."""
    try:
        os.kill(pid, 0)
        if (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return True
    except OSError:
        return True
    time.sleep(0.05)
    return False


def test_shares_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    assert share_of_time(1100.0, 0.5) == 50.0
    assert share_of_time(1001.5, 0.1) == 1.0  # a second at least
    assert share_of_time(1000.5, 0.1) == 0.5  # but no more than there is
    assert share_of_time(995.0, 0.5) < 0


def test_a_time_limit_is_kept_where_a_single_step_takes_minutes() -> None:
    objective = 2 * x * y + 4 * x - 2 * y**2 + y + sqrt(25 * y**2 + 2)
    problem = Problem(objective, [Abs(4 * x * y - 1) <= 2 * y + 7, x <= 2 * x**2], over=[x, y])
    started = time.monotonic()
    solution = solved(problem, time_limit_s=3)
    assert time.monotonic() - started < 60
    assert solution.status in (Status.UNDECIDED, Status.LOCAL, Status.UNBOUNDED)  # along x = 0
