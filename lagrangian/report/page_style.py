"""The style sheets of pages and notebooks."""

from functools import cache
from importlib.resources import files


@cache
def style(name: str) -> str:
    """One of the package's style sheets, "derivation" for what is derived anywhere, "page" for a page around it."""
    return (files("lagrangian.report") / "assets" / f"{name}.css").read_text(encoding="utf-8")
