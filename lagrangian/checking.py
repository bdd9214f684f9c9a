"""Checking a certificate within a time limit."""

import time
from typing import Protocol

from lagrangian.logic import Truth
from lagrangian.processes.calls import call_with_limit
from lagrangian.processes.starting import computes_for_another

# what a check may take when the time for the search is over
GRACE_S = 2.0
# what was found with less work, in seconds of the processor, is checked at once, in the same process
LIGHT_WORK_S = 0.5


class Checked(Protocol):
    """What can be checked again, and keeps the outcome: every certificate."""

    @property
    def verified(self) -> Truth: ...

    def verify(self) -> Truth: ...


def holds(certificate: Checked, deadline: float) -> bool:
    """Whether a certificate verifies; False also where that takes longer than the deadline and some grace.

    Args:
        certificate: what to check; the outcome is kept as its ``verified``.
        deadline: in the seconds of time.monotonic(); infinity for no limit.
    """
    if deadline < float("inf") and "verified" not in vars(certificate):
        if computes_for_another() and time.process_time() < LIGHT_WORK_S:
            return certificate.verified is True
        remaining = max(deadline - time.monotonic(), GRACE_S)
        vars(certificate)["verified"] = call_with_limit(_verify, (certificate,), remaining)
    return certificate.verified is True


def _verify(certificate: Checked) -> Truth:
    return certificate.verify()
