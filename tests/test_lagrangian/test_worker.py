"""Processes that are ended: results come back, errors too, and nothing is left running."""

import os
import subprocess
import sys
import time

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


def sleeping(seconds: float, path: str) -> None:
    program = f"import time; time.sleep({seconds}); open({path!r}, 'w').close()"
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


@pytest.mark.parametrize("through", ["one", "two"])
def test_what_takes_too_long_is_ended_with_all_that_it_started(tmp_path, through: str) -> None:
    path = tmp_path / "written"
    started = time.monotonic()
    if through == "one":
        assert call_with_limit(sleeping, (1.5, str(path)), 0.3) is None
    else:
        assert call_with_limit(call_with_limit, (sleeping, (1.5, str(path)), 60.0), 0.3) is None
    assert time.monotonic() - started < 1.2
    if hasattr(os, "killpg"):
        time.sleep(1.7)
        assert not path.exists()


def test_shares_of_time() -> None:
    now = time.monotonic()
    assert share_of_time(now + 100, 0.5) == pytest.approx(50, abs=1)
    assert share_of_time(now + 1.5, 0.1) == pytest.approx(1, abs=0.1)
    assert share_of_time(now - 5, 0.5) < 0


def test_a_time_limit_is_kept_where_a_single_step_takes_minutes() -> None:
    objective = 2 * x * y + 4 * x - 2 * y**2 + y + sqrt(25 * y**2 + 2)
    problem = Problem(objective, [Abs(4 * x * y - 1) <= 2 * y + 7, x <= 2 * x**2], over=[x, y])
    started = time.monotonic()
    solution = solved(problem, time_limit_s=3)
    assert time.monotonic() - started < 10
    assert solution.status in (Status.UNDECIDED, Status.LOCAL, Status.UNBOUNDED)  # along x = 0
