"""The status of an answer."""

from enum import Enum

from lagrangian.shown import Displayed


class Status(Displayed, Enum):
    """What is known of a problem. All but ``LOCAL`` and ``UNDECIDED`` are claimed only with a verified certificate."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    NOT_ATTAINED = "not_attained"
    LOCAL = "local"
    UNDECIDED = "undecided"
