"""Pictures drawn with Matplotlib, an optional extra that is imported only here and in the modules that draw items."""

import io
import textwrap
from collections.abc import Sequence
from itertools import pairwise
from os import PathLike
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from lagrangian.errors import MissingExtraError, ProblemError
from lagrangian.report.picture import Arrow, Cone, Level, Panel, Picture, Space
from lagrangian.report.picture_notation import typeset
from lagrangian.report.picture_plane import BOX, DRAWN
from lagrangian.report.picture_space import draw_space
from lagrangian.report.picture_style import SETTINGS, color_of

SIZE = (6.4, 4.4)
# a panel in space needs more height, for its corners stand out
TALL = 5.2
WIDEST_LABEL = 58
# a legend of more entries has columns, and so narrower ones
MOST_WIDE = 4
NARROW = 38
WIDEST_TITLE = 76
LONGEST_TITLE = 170
# in characters: how much fits below a panel, and what the key of an entry takes
LINE = 92
KEY = 7
DPI = 150
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def save(picture: Picture, path: str | PathLike[str]) -> None:
    """Write a picture to a file; the same picture gives the same bytes."""
    if str(path).lower().endswith(".svg"):
        Path(path).write_text(svg(picture), encoding="utf-8")
        return
    with _settings():
        figure = drawn(picture)
        try:
            figure.savefig(path, dpi=DPI, metadata=_metadata(str(path), picture.title))
        except ValueError as error:
            raise ProblemError(
                f"the picture cannot be written to {path}: {error}; end its name in .svg, .png or .pdf"
            ) from None


def svg(picture: Picture) -> str:
    """A picture as the text of an SVG file, which says in words what is drawn."""
    file = io.StringIO()
    with _settings():
        drawn(picture).savefig(file, format="svg", dpi=DPI, metadata=_metadata(".svg", picture.title))
    before, opening, rest = file.getvalue().partition("<svg ")
    attributes, _, inner = rest.partition(">")
    role = f'role="img" aria-label={quoteattr(typeset(picture.title))} '
    return f"{before}{opening}{role}{attributes}>\n <desc>{escape(picture.describe())}</desc>{inner}"


def _metadata(path: str, title: str) -> dict[str, str | None]:
    """The title, and no date, which would differ every time."""
    ending = path.rpartition(".")[2].lower()
    known: dict[str, dict[str, str | None]] = {
        "svg": {"Date": None, "Title": title},
        "pdf": {"CreationDate": None, "Title": title},
        "png": {"Title": title},
    }
    return known.get(ending, {})


def _settings() -> Any:
    try:
        from matplotlib import rc_context  # an optional extra, slow to import
    except ImportError:
        raise MissingExtraError("pictures need Matplotlib; install it with pip install '.[plot]'") from None
    return rc_context(SETTINGS)


def drawn(picture: Picture) -> Any:
    """The Matplotlib figure of a picture, its legends below the panels, where they hide nothing."""
    from matplotlib.figure import Figure  # an optional extra, slow to import

    heights = [TALL if isinstance(panel, Space) else SIZE[1] for panel in picture.panels]
    # panels below each other may be lower
    total = heights[0] + 0.6 * sum(heights[1:]) + 0.6
    figure = Figure(figsize=(SIZE[0], total), layout="constrained")
    title = textwrap.shorten(typeset(picture.title), LONGEST_TITLE, placeholder=" …")
    figure.suptitle(textwrap.fill(title, WIDEST_TITLE), fontsize=11)
    for place, panel in enumerate(picture.panels, 1):
        in_space = {"projection": "3d", "proj_type": "ortho", "computed_zorder": False}
        axes = figure.add_subplot(len(picture.panels), 1, place, **(in_space if isinstance(panel, Space) else {}))
        entries = draw_space(axes, panel) if isinstance(panel, Space) else _plane(axes, panel)
        if entries:
            _legend(axes, entries, -0.02 if isinstance(panel, Space) else -0.16)
    return figure


def _plane(axes: Any, panel: Panel) -> dict[str, Any]:
    axes.set_xlim(*panel.horizontal)
    axes.set_ylim(*panel.vertical)
    axes.autoscale(False)
    entries: dict[str, Any] = {}
    width = WIDEST_LABEL if len({item.label for item in panel.items}) <= MOST_WIDE else NARROW
    for item in panel.items:
        key = DRAWN[type(item)](axes, panel, item, color_of(item))
        if item.label and key is not None:
            entries.setdefault(entry_of(item, width), key)
    axes.set_xlabel(typeset(panel.labels[0]))
    axes.set_ylabel(typeset(panel.labels[1]))
    axes.spines[["top", "right"]].set_visible(False)
    if panel.is_equal:
        axes.set_aspect("equal", adjustable="box")
    elif any(isinstance(item, Arrow | Cone) for item in panel.items):
        axes.set_box_aspect(BOX)
    return entries


def entry_of(item: Any, width: int = WIDEST_LABEL) -> str:
    """What the legend says of an item: its label, after the name that is written onto a curve.

    >>> from sympy import symbols
    >>> from lagrangian.report.picture import Role
    >>> x, y = symbols("x y")
    >>> entry_of(Level(x - y, (x, y), 0, "2*x ≤ 2*y", Role.CONSTRAINT, name="2"))
    '② 2x ≤ 2y'
    """
    label = typeset(item.label)
    if isinstance(item, Level) and item.name.isdecimal() and 1 <= int(item.name) <= len(CIRCLED):
        label = f"{CIRCLED[int(item.name) - 1]} {label}"
    return textwrap.shorten(label, width, placeholder=" …")


def _legend(axes: Any, entries: dict[str, Any], below: float) -> None:
    anchor = {"loc": "upper center", "bbox_to_anchor": (0.5, below), "ncols": columns([len(e) for e in entries])}
    axes.legend(entries.values(), entries.keys(), frameon=False, fontsize=9, **anchor)


def columns(lengths: Sequence[int]) -> int:
    """How many columns of a legend fit below a panel, for the lengths of its entries, which fill one column after another.

    >>> columns([8, 9, 10, 7]), columns([50, 10, 45, 12])
    (3, 1)
    """
    for count in range(min(3, len(lengths)), 1, -1):
        rows = [len(part) for part in np.array_split(np.arange(len(lengths)), count)]
        starts = np.cumsum([0, *rows])
        widest = [max(lengths[start:end]) for start, end in pairwise(starts)]
        if sum(widest) + KEY * count <= LINE:
            return count
    return 1
