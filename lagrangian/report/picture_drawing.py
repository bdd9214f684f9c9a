"""Pictures drawn with Matplotlib, an optional extra that is imported only here."""

import io
import textwrap
from collections.abc import Callable, Sequence
from itertools import pairwise
from os import PathLike
from typing import Any

import numpy as np

from lagrangian.errors import MissingExtraError, ProblemError
from lagrangian.report.picture import (
    Area,
    Arrow,
    Band,
    Bar,
    Contours,
    Curve,
    Level,
    Mark,
    Panel,
    Path,
    Picture,
    Role,
    Rule,
    Strip,
)
from lagrangian.report.picture_sampling import holding, least_condition, line_places, plane_places, sampled
from lagrangian.report.picture_style import INK, SETTINGS, STYLES, Style, color_of

SIZE = (6.4, 4.4)
LEVELS = 11
LONG = 0.2
SHORT = 0.13
WIDEST_LABEL = 58
WIDEST_ROW = 24
SKEW = 6.0
# in characters: how much fits below a panel, and what the key of an entry takes
LINE = 92
KEY = 7
DPI = 150


def save(picture: Picture, path: str | PathLike[str]) -> None:
    """Write a picture to a file; the same picture gives the same bytes."""
    with _settings():
        figure = drawn(picture)
        try:
            figure.savefig(path, dpi=DPI, metadata=_metadata(str(path), picture.title))
        except ValueError as error:
            raise ProblemError(
                f"the picture cannot be written to {path}: {error}; end its name in .svg, .png or .pdf"
            ) from None


def svg(picture: Picture) -> str:
    """A picture as the text of an SVG file."""
    file = io.StringIO()
    with _settings():
        drawn(picture).savefig(file, format="svg", metadata=_metadata(".svg", picture.title))
    return file.getvalue()


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

    panels = len(picture.panels)
    figure = Figure(figsize=(SIZE[0], SIZE[1] * (1 + 0.6 * (panels - 1)) + 0.6), layout="constrained")
    figure.suptitle(textwrap.fill(picture.title, 76), fontsize=11)
    for axes, panel in zip(figure.subplots(panels, 1, squeeze=False)[:, 0], picture.panels, strict=True):
        _panel(axes, panel)
    return figure


def _panel(axes: Any, panel: Panel) -> None:
    axes.set_xlim(*panel.horizontal)
    axes.set_ylim(*panel.vertical)
    axes.autoscale(False)
    entries: dict[str, Any] = {}
    for item in panel.items:
        key = DRAWN[type(item)](axes, panel, item, color_of(item))
        if item.label and key is not None:
            entries.setdefault(textwrap.shorten(item.label, WIDEST_LABEL, placeholder=" …"), key)
    axes.set_xlabel(panel.labels[0])
    axes.set_ylabel(panel.labels[1])
    axes.spines[["top", "right"]].set_visible(False)
    if panel.is_equal:
        axes.set_aspect("equal", adjustable="box")
    if entries:
        anchor = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.16), "ncols": columns([len(e) for e in entries])}
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


def _curve(axes: Any, panel: Panel, item: Curve, color: str) -> Any:
    style = STYLES[item.role]
    places = line_places(panel.horizontal, item.inside, item.symbol)
    values = sampled(item.expression, [item.symbol], [places])
    values = np.where(holding(item.inside, [item.symbol], [places]), values, np.nan)
    return _line(axes, places, values, style, color)


def _line(axes: Any, places: Any, values: Any, style: Style, color: str) -> Any:
    (line,) = axes.plot(places, values, color=color, linewidth=style.width, linestyle=style.dashes, zorder=style.height)
    return line


def _path(axes: Any, _: Panel, item: Path, color: str) -> Any:
    places, values = zip(*((float(a), float(b)) for a, b in item.points), strict=True)
    return _line(axes, places, values, STYLES[item.role], color)


def _contours(axes: Any, panel: Panel, item: Contours, _: str) -> Any:
    from matplotlib import colormaps  # an optional extra, slow to import

    across, up = plane_places(panel.horizontal, panel.vertical)
    values = sampled(item.expression, item.symbols, [across, up])
    values = np.where(holding(item.inside, item.symbols, [across, up]), values, np.nan)
    levels = _levels(values)
    if levels is None:
        return None
    colors = colormaps["cividis"](np.linspace(0.0, 0.8, len(levels)))
    masked = np.ma.masked_invalid(values)
    found = axes.contour(across, up, masked, levels, colors=colors, linewidths=0.9, zorder=1)
    axes.clabel(found, fontsize=7, fmt="%.3g", inline_spacing=2)
    return _handle(color=colors[len(levels) // 2], linewidth=0.9)


def _levels(values: Any) -> Any:
    """Round numbers between the values, without the extreme ones, denser where most values are; None for a constant."""
    from matplotlib.ticker import MaxNLocator  # an optional extra, slow to import

    finite = values[np.isfinite(values)]
    if finite.size < 4:
        return None
    low, middle, high = np.quantile(finite, (0.01, 0.5, 0.97))
    if high - low <= 1e-9 * (1 + abs(high)):
        return None
    if max(high - middle, middle - low) < SKEW * min(high - middle, middle - low):
        return MaxNLocator(LEVELS).tick_values(low, high)
    return np.unique([float(f"{level:.2g}") for level in np.quantile(finite, np.linspace(0.02, 0.98, LEVELS))])


def _level(axes: Any, panel: Panel, item: Level, color: str) -> Any:
    style = STYLES[item.role]
    across, up = plane_places(panel.horizontal, panel.vertical)
    values = sampled(item.expression, item.symbols, [across, up]) - float(item.level)
    values = np.where(holding(item.inside, item.symbols, [across, up]), values, np.nan)
    if not (np.isfinite(values).any() and np.nanmin(values) <= 0 <= np.nanmax(values)):
        return None
    masked = np.ma.masked_invalid(values)
    axes.contour(
        across,
        up,
        masked,
        [0.0],
        colors=[color],
        linewidths=style.width,
        linestyles=style.dashes,
        zorder=style.height,
    )
    return _handle(color=color, linewidth=style.width, linestyle=style.dashes)


def _area(axes: Any, panel: Panel, item: Area, color: str) -> Any:
    style = STYLES[item.role]
    across, up = plane_places(panel.horizontal, panel.vertical)
    least = least_condition(item.inside, item.symbols, [across, up], item.defined)
    if (least >= 0).any():
        axes.contourf(across, up, least, [0.0, np.inf], colors=[color], alpha=style.opacity, zorder=style.height)
        if item.name:
            place = _deepest(across, up, least)
            axes.text(*place, item.name, ha="center", va="center", fontsize=12, fontweight="bold", color=INK, zorder=6)
    return _patch(color, style.opacity)


def _deepest(across: Any, up: Any, least: Any) -> tuple[float, float]:
    """A place well inside: where the conditions hold with the most to spare, near the middle of where they hold."""
    held = least >= 0
    middle = [(places[held].mean(), np.ptp(places)) for places in (across, up)]
    far = sum(((p - m) / r) ** 2 for p, (m, r) in zip((across, up), middle, strict=True))
    best = np.argmin(np.where(held, far, np.inf))
    return float(across.flat[best]), float(up.flat[best])


def _strip(axes: Any, panel: Panel, item: Strip, color: str) -> Any:
    style = STYLES[item.role]
    places = line_places(panel.horizontal, item.inside, item.symbol)
    held = holding(item.inside, [item.symbol], [places])
    low, high = panel.vertical
    axes.fill_between(places, low, high, where=held, color=color, alpha=style.opacity, linewidth=0, zorder=style.height)
    return _patch(color, style.opacity)


def _band(axes: Any, _: Panel, item: Band, color: str) -> Any:
    style = STYLES[item.role]
    axes.axhspan(float(item.low), float(item.high), color=color, alpha=style.opacity, linewidth=0, zorder=style.height)
    return _patch(color, style.opacity)


def _bar(axes: Any, panel: Panel, item: Bar, color: str) -> None:
    """The labels of all rows stand on the axis, so that no entry of the legend is wanted."""
    style = STYLES[item.role]
    length = float(item.high) - float(item.low)
    axes.barh([item.row], [length], 0.6, float(item.low), color=color, alpha=style.opacity, zorder=style.height)
    rows = {bar.row: textwrap.shorten(bar.label, WIDEST_ROW, placeholder=" …") for bar in panel.of(item.role)}
    axes.set_yticks(list(rows), list(rows.values()))


def _rule(axes: Any, _: Panel, item: Rule, color: str) -> Any:
    style = STYLES[item.role]
    draw: Callable[..., Any] = axes.axvline if item.is_vertical else axes.axhline
    draw(float(item.level), color=color, linewidth=style.width, linestyle=style.dashes, zorder=style.height)
    return _handle(color=color, linewidth=style.width, linestyle=style.dashes)


def _mark(axes: Any, _: Panel, item: Mark, color: str) -> Any:
    style = STYLES[item.role]
    look = {"color": color, "marker": style.marker, "markersize": style.size, "linestyle": "none"}
    edge = {} if style.marker == "." else {"markeredgecolor": "white", "markeredgewidth": 0.8}
    axes.plot([float(item.point[0])], [float(item.point[1])], zorder=style.height, clip_on=True, **look, **edge)
    return _handle(**look)


def _arrow(axes: Any, panel: Panel, item: Arrow, color: str) -> Any:
    """All arrows of a role are equally long, that of the objective longer, so that none hides another."""
    style = STYLES[item.role]
    sides = np.array([panel.horizontal[1] - panel.horizontal[0], panel.vertical[1] - panel.vertical[0]])
    units = np.array([sides.max()] * 2) if panel.is_equal else sides
    scaled = np.array([float(part) for part in item.direction]) / units
    share = LONG if item.role is Role.OBJECTIVE_GRADIENT else SHORT
    start = np.array([float(part) for part in item.start])
    tip = start + share * scaled / np.linalg.norm(scaled) * units
    look = {"arrowstyle": "-|>", "color": color, "linewidth": style.width, "mutation_scale": 8 + 2 * style.width}
    look |= {"shrinkA": 0, "shrinkB": 0, "alpha": 0.9}
    axes.annotate("", tuple(tip), tuple(start), arrowprops=look, zorder=style.height, annotation_clip=False)
    return _handle(color=color, linewidth=style.width)


def _handle(**look: Any) -> Any:
    from matplotlib.lines import Line2D  # an optional extra, slow to import

    return Line2D([], [], **look)


def _patch(color: str, opacity: float) -> Any:
    from matplotlib.patches import Patch  # an optional extra, slow to import

    return Patch(facecolor=color, alpha=opacity)


DRAWN: dict[type, Callable[[Any, Panel, Any, str], Any]] = {
    Curve: _curve,
    Path: _path,
    Contours: _contours,
    Level: _level,
    Area: _area,
    Strip: _strip,
    Band: _band,
    Bar: _bar,
    Rule: _rule,
    Mark: _mark,
    Arrow: _arrow,
}
