"""Packages that only some features need: the extras of setup.cfg."""

import importlib
from typing import Any

from w2v.errors import MissingExtraError


def extra(module: str, name: str, purpose: str) -> Any:
    """Import a module that the extra `name` brings; raises MissingExtraError, which says how to install it.

    >>> extra("numpy.no_such_module", "index", "an index of neighbors")
    Traceback (most recent call last):
    w2v.errors.MissingExtraError: an index of neighbors needs numpy; install it with: pip install 'lagrangian-w2v[index]'
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        package = module.partition(".")[0]
        raise MissingExtraError(
            f"{purpose} needs {package}; install it with: pip install 'lagrangian-w2v[{name}]'"
        ) from None
