"""Limits of processor time end what computes, and leave alone what waits."""

import signal
import time

import pytest

from lagrangian.processes.processor_time import within_processor_time


def compute_without_end() -> None:
    while True:
        pass


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the operating system has no timer of processor time")
def test_what_computes_too_long_is_ended() -> None:
    before = signal.getsignal(signal.SIGPROF)
    with pytest.raises(TimeoutError):
        within_processor_time(compute_without_end, (), 0.05)
    assert signal.getsignal(signal.SIGPROF) is before


def test_waiting_is_not_counted() -> None:
    assert within_processor_time(time.sleep, (0.2,), 0.1) is None
