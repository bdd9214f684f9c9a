"""Steps of the exact methods that run in processes of their own."""

from lagrangian.processes.calls import call_with_limit, share_of_time

__all__ = ["call_with_limit", "share_of_time"]
