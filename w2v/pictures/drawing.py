"""Drawing pictures with Matplotlib, through figures of their own: no state of pyplot is read or changed.

The colors are those of Okabe and Ito (2008); dashes and markers tell apart what color alone would.
"""

import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from w2v.errors import W2VWarning
from w2v.extras import extra
from w2v.pictures.items import Heat, Line, Named, Panel, Role
from w2v.readable import readable

FORMATS = ("svg", "png", "pdf")
_DPI = 150
_SIZE = (6.4, 4.6)
_CELL = 0.42
_SMALL_CELL = 0.18
_WRITTEN_WORDS = 16
_LONGEST = 24
_INK = "#222222"
_OTHER_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans Arabic",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "PingFang SC",
    "Hiragino Sans",
    "Microsoft YaHei",
    "Arial Unicode MS",
)
_SHADES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#777777")
_SETTINGS: dict[str, Any] = {
    "svg.hashsalt": "w2v",  # else the names inside an SVG file differ every time
    "font.size": 10,
    "axes.edgecolor": "#777777",
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "text.parse_math": False,  # a dollar sign in a word is a dollar sign
}


@dataclass(frozen=True, slots=True)
class _Style:
    width: float = 1.6
    dashes: str = "-"
    marker: str = ""
    opacity: float = 1.0
    height: float = 3.0


_STYLES = {
    Role.RECENT: _Style(1.0, opacity=0.55, height=2),
    Role.EPOCH: _Style(1.8, marker="o"),
    Role.HELD_OUT: _Style(1.8, "--", "D"),
    Role.NEARNESS: _Style(0.8, opacity=0.5, height=1),
    Role.NEIGHBOR: _Style(marker="o", height=4),
    Role.ASKED: _Style(marker="*", height=5),
}


def drawn(title: str, panels: Sequence[Panel], kind: str) -> bytes:
    """The bytes of a file of this format; without a date, which would differ every time."""
    matplotlib = extra("matplotlib", "plot", "a picture")
    dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
    content = io.BytesIO()
    with _missing_letters_told(), matplotlib.rc_context({**_SETTINGS, "font.family": _fonts()}):
        figure(title, panels).savefig(content, format=kind, dpi=_DPI, metadata={"Title": title, **dates[kind]})
    return content.getvalue()


@contextmanager
def _missing_letters_told() -> Iterator[None]:
    """One warning about all letters that no font has, in place of Matplotlib's about each each time; others stay."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    missing: dict[str, None] = {}
    for one in caught:
        glyph = re.match(r"Glyph (\d+) .*missing from", str(one.message))
        if glyph:
            missing[chr(int(glyph[1]))] = None
        else:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    if missing:
        letters = readable("".join(missing))
        warnings.warn(
            W2VWarning(f"no font of this machine has {letters}; boxes stand for them in the picture"), stacklevel=2
        )


def _fonts() -> list[str]:
    """Matplotlib's own font, and behind it fonts for other scripts, as far as this machine has them."""
    from matplotlib.font_manager import fontManager  # an optional extra, slow to import

    installed = set(fontManager.get_font_names())
    return ["DejaVu Sans", *(name for name in _OTHER_FONTS if name in installed)]


def figure(title: str, panels: Sequence[Panel]) -> Any:
    """A new Matplotlib figure with the panels below each other."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # an optional extra, slow to import
    from matplotlib.figure import Figure

    sizes = [_size(panel) for panel in panels]
    whole = Figure(figsize=(max(size[0] for size in sizes), sum(size[1] for size in sizes)), layout="compressed")
    FigureCanvasAgg(whole)
    whole.suptitle(title, fontsize=11)
    for axes, panel in zip(whole.subplots(len(panels), 1, squeeze=False)[:, 0], panels, strict=True):
        _panel(axes, panel)
    return whole


def _panel(axes: Any, panel: Panel) -> None:
    axes.set_xlabel(panel.axes[0])
    axes.set_ylabel(panel.axes[1])
    if panel.is_equal:
        axes.set_aspect("equal", adjustable="datalim")
    for kind, draw in _DRAWN.items():
        items = [item for item in panel.items if isinstance(item, kind)]
        if items:
            draw(axes, items)


def _size(panel: Panel) -> tuple[float, float]:
    words = max((len(item.words) for item in panel.items if isinstance(item, Heat)), default=0)
    if not words:
        return _SIZE
    side = max(3.0, _CELL * min(words, _WRITTEN_WORDS) + _SMALL_CELL * max(words - _WRITTEN_WORDS, 0))
    return side + 2.2, side + 1.4


def _lines(axes: Any, lines: Sequence[Line]) -> None:
    for line in lines:
        style = _STYLES[line.role]
        axes.plot(
            line.points[:, 0],
            line.points[:, 1],
            color=_SHADES[line.shade % len(_SHADES)],
            linewidth=style.width,
            linestyle=style.dashes,
            marker=style.marker or None,
            markersize=5,
            alpha=style.opacity,
            zorder=style.height,
            label=" " * line.label.startswith("_") + readable(line.label),  # Matplotlib hides names that start with _
        )
    axes.spines[["top", "right"]].set_visible(False)
    named = [drawn for drawn, line in zip(axes.lines, lines, strict=True) if line.label]
    if named:
        axes.legend(handles=named, frameon=False)


def _heats(axes: Any, heats: Sequence[Heat]) -> None:
    (heat,) = heats
    words = [_short(word) for word in heat.words]
    low = min(0.0, float(heat.values.min()))
    image = axes.imshow(heat.values, cmap="cividis", vmin=low, vmax=1.0)
    axes.set_xticks(range(len(words)), words, rotation=90)
    axes.set_yticks(range(len(words)), words)
    axes.figure.colorbar(image, ax=axes, label="cosine", fraction=0.046)
    if len(words) > _WRITTEN_WORDS:
        return
    middle = (low + 1) / 2
    for (row, column), value in np.ndenumerate(heat.values):
        color = "white" if value < middle else _INK
        axes.text(column, row, _two_digits(value), ha="center", va="center", color=color, fontsize=7)


def _two_digits(value: float) -> str:
    """A number with a true minus, and none before a zero.

    >>> _two_digits(-0.126), _two_digits(-0.004)
    ('−0.13', '0.00')
    """
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def _named(axes: Any, items: Sequence[Named]) -> None:
    for item in items:
        style = _STYLES[item.role]
        size = 13 if item.role is Role.ASKED else 5
        axes.plot(
            *item.place, style.marker, color=_SHADES[item.shade % len(_SHADES)], markersize=size, zorder=style.height
        )
    axes.margins(0.15)
    axes.figure.draw_without_rendering()
    taken = [_around(axes, item.place, 4) for item in items]
    for item in sorted(items, key=lambda item: item.role is not Role.ASKED):
        taken.append(_name(axes, item, taken))


_REACHES = (7, 17, 29, 42)
_DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1), (0.7, 0.7), (-0.7, 0.7), (-0.7, -0.7), (0.7, -0.7))


def _name(axes: Any, item: Named, taken: Sequence[Any]) -> Any:
    """Write a word near its place, where it covers the least of what is written; returns the box it takes."""
    weight = "bold" if item.role is Role.ASKED else "normal"
    text = axes.annotate(
        _short(item.word), item.place, (0, 0), textcoords="offset points", fontsize=9, fontweight=weight, zorder=6
    )
    offsets = [(reach * x, reach * y) for reach in _REACHES for x, y in _DIRECTIONS]
    covered = [_covered(_moved(axes, text, offset), taken) for offset in offsets]
    x, y = offsets[int(np.argmin(covered))]
    box = _moved(axes, text, (x, y))
    if np.hypot(x, y) > _REACHES[0] + 1:
        line = {"arrowstyle": "-", "color": _INK, "linewidth": 0.5, "alpha": 0.6, "shrinkA": 0}
        axes.annotate("", item.place, (x, y), textcoords="offset points", arrowprops=line, zorder=2)
    return box


def _moved(axes: Any, text: Any, offset: tuple[float, float]) -> Any:
    """Put a word to one side of its place, and tell which box it then takes."""
    x, y = offset
    text.xyann = offset
    text.set_horizontalalignment("left" if x > 1 else "right" if x < -1 else "center")
    text.set_verticalalignment("bottom" if y > 1 else "top" if y < -1 else "center")
    return text.get_window_extent(axes.figure.canvas.get_renderer())


def _covered(box: Any, taken: Sequence[Any]) -> int:
    return sum(bool(box.overlaps(other)) for other in taken)


def _around(axes: Any, place: tuple[float, float], reach: float) -> Any:
    """The box of so many points of a font around a place."""
    from matplotlib.transforms import Bbox  # an optional extra, slow to import

    pixels = reach * axes.figure.dpi / 72
    x, y = axes.transData.transform(place)
    return Bbox.from_extents(x - pixels, y - pixels, x + pixels, y + pixels)


def _short(word: str) -> str:
    shown = readable(word)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


_DRAWN: dict[type, Callable[[Any, Any], None]] = {Line: _lines, Heat: _heats, Named: _named}
