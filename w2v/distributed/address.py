"""Where a cluster of Ray is to be found."""

import re
import socket

from w2v.errors import ClusterError, ConfigError

LOCAL = "local"
RUNNING = "auto"
_PLACE = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):([0-9]{1,5})")
_PATIENCE_S = 5.0


def check_address(address: str) -> None:
    """Raise an error for what is no address, or one at which nothing answers: Ray itself would try for a long time.

    >>> check_address("localhost")
    Traceback (most recent call last):
    w2v.errors.ConfigError: the address of a Ray cluster is 'localhost'; write HOST:PORT, or 'auto', or 'local' to start one here

    Raises
    ------
    ConfigError, ClusterError
    """
    if address in (LOCAL, RUNNING):
        return
    found = _PLACE.fullmatch(address)
    if found is None or int(found[2]) > 65535:
        raise ConfigError(
            f"the address of a Ray cluster is {address!r}; write HOST:PORT, or 'auto', or 'local' to start one here"
        )
    try:
        socket.create_connection((found[1].strip("[]"), int(found[2])), _PATIENCE_S).close()
    except OSError as error:
        raise ClusterError(
            f"no Ray cluster answers at {address} ({error}); start one by: ray start --head --port={found[2]}"
        ) from None
