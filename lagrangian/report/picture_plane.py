"""What lies in the plane, drawn into Matplotlib axes: each kind of item by a function of its own that returns its key."""

import textwrap
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lagrangian.report.picture import (
    Area,
    Arrow,
    Band,
    Bar,
    Cone,
    Contours,
    Curve,
    Level,
    Mark,
    Panel,
    Path,
    Role,
    Rule,
    Strip,
    Vector,
)
from lagrangian.report.picture_levels import contour_levels, extended
from lagrangian.report.picture_notation import typeset
from lagrangian.report.picture_sampling import (
    changes_sign,
    drawable,
    holding,
    least_condition,
    level_values,
    line_places,
    plane_places,
)
from lagrangian.report.picture_style import HOLLOW, INK, STYLES, Style

LONG = 0.2
SHORT = 0.13
WIDE = 0.16
WIDEST_ROW = 24
# contours, so that curves of constraints stand out in gray print
THIN = 0.75
# of the cells of the grid, how many one contour of a function that oscillates crosses
BUSY = 0.25
FINE = 421
# height by width of axes whose units differ, so that arrows can stand at right angles to contours
BOX = 0.68
TURNS = 720
INNER = 0.04


def _curve(axes: Any, panel: Panel, item: Curve, color: str) -> Any:
    style = STYLES[item.role]
    places = line_places(panel.horizontal, item.inside, item.symbol)
    values = drawable(item.expression, [item.symbol], [places])
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
    values = drawable(item.expression, item.symbols, [across, up])
    values = np.where(holding(item.inside, item.symbols, [across, up]), values, np.nan)
    held = np.where(holding(item.focus, item.symbols, [across, up]), values, np.nan)
    levels = contour_levels(held)
    levels = contour_levels(values) if levels is None else extended(levels, values)
    if levels is None:
        return None
    if changes_sign(values - np.nanmedian(values)).mean() > BUSY:
        across, up = plane_places(panel.horizontal, panel.vertical, FINE)
        values, levels = drawable(item.expression, item.symbols, [across, up]), levels[1::4]
    colors = colormaps["cividis"](np.linspace(0.1, 0.85, len(levels)))
    masked = np.ma.masked_invalid(values)
    found = axes.contour(across, up, masked, levels, colors=colors, linewidths=THIN, zorder=1)
    axes.clabel(found, levels[1::2] if len(levels) > 3 else levels, fontsize=7, fmt="%.4g", inline_spacing=2)
    return _handle(color=colors[len(levels) // 2], linewidth=THIN)


def _level(axes: Any, panel: Panel, item: Level, color: str) -> Any:
    style = STYLES[item.role]
    across, up = plane_places(panel.horizontal, panel.vertical)
    values = level_values(item, across, up)
    if not (np.isfinite(values).any() and np.nanmin(values) <= 0 <= np.nanmax(values)):
        return None
    look = {"linewidths": style.width, "linestyles": style.dashes, "zorder": style.height}
    found = axes.contour(across, up, np.ma.masked_invalid(values), [0.0], colors=[color], **look)
    if item.name:
        _tag(axes, panel, item.name, color, np.concatenate(found.allsegs[0] or [np.zeros((0, 2))]))
    return _handle(color=color, linewidth=style.width, linestyle=style.dashes)


def _tag(axes: Any, panel: Panel, name: str, color: str, places: NDArray) -> None:
    """A name on a curve, where it is farthest from marks and from other names."""
    corner = np.array([panel.horizontal[0], panel.vertical[0]])
    sides = np.array([panel.horizontal[1], panel.vertical[1]]) - corner
    spots = (places - corner) / sides
    spots = spots[((spots > INNER) & (spots < 1 - INNER)).all(axis=1)]
    if not len(spots):
        return
    taken = [
        item.point if isinstance(item, Mark) else item.start for item in panel.items if isinstance(item, Mark | Arrow)
    ]
    taken = [(float(a), float(b)) for a, b in taken] + [text.get_position() for text in axes.texts]
    away = [np.linalg.norm(spots - (np.array(place) - corner) / sides, axis=1) for place in taken]
    best = np.argmax(np.min(away, axis=0)) if away else len(spots) // 2
    box = {"boxstyle": "circle,pad=0.2", "facecolor": "white", "edgecolor": color, "linewidth": 1.0}
    look = {"ha": "center", "va": "center", "fontsize": 7.5, "color": INK, "zorder": 4.5}
    axes.text(*(corner + spots[best] * sides), name, bbox=box, **look)


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
    rows = {bar.row: textwrap.shorten(typeset(bar.label), WIDEST_ROW, placeholder=" …") for bar in panel.of(item.role)}
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
    if item.role in HOLLOW:
        look |= {"markerfacecolor": "none", "markeredgecolor": color, "markeredgewidth": 1.4}
        edge = {}
    axes.plot([float(item.point[0])], [float(item.point[1])], zorder=style.height, clip_on=True, **look, **edge)
    return _handle(**look)


def _shown_direction(panel: Panel, direction: Sequence[Any]) -> tuple[NDArray, NDArray]:
    """The gradient by the coordinates as they are drawn, of length 1, and the units of the axes in those coordinates."""
    sides = np.array([panel.horizontal[1] - panel.horizontal[0], panel.vertical[1] - panel.vertical[0]])
    units = sides / (sides / sides.max() if panel.is_equal else np.array([1.0, BOX]))
    scaled = np.array([float(part) for part in direction]) * units
    return scaled / np.linalg.norm(scaled), units


def _arrow(axes: Any, panel: Panel, item: Arrow, color: str) -> Any:
    """All arrows of a role are equally long, that of the objective longer, so that none hides another."""
    share = item.size * (LONG if item.role is Role.OBJECTIVE_GRADIENT else SHORT)
    start = np.array([float(part) for part in item.start])
    shown, units = _shown_direction(panel, item.direction)
    return _pointer(axes, start, start + share * shown * units, item, color)


def _vector(axes: Any, _: Panel, item: Vector, color: str) -> Any:
    start, end = (np.array([float(part) for part in point]) for point in (item.start, item.end))
    return _pointer(axes, start, end, item, color)


def _pointer(axes: Any, start: NDArray, end: NDArray, item: Arrow | Vector, color: str) -> Any:
    style = STYLES[item.role]
    width = style.width * (1.0 if getattr(item, "size", 1.0) >= 1 else 0.6)
    look = {"arrowstyle": "-|>", "color": color, "linewidth": width, "mutation_scale": 6 + 2.2 * width}
    look |= {"shrinkA": 0, "shrinkB": 0, "linestyle": style.dashes}
    axes.annotate("", tuple(end), tuple(start), arrowprops=look, zorder=style.height, annotation_clip=False)
    return _handle(color=color, linewidth=width, linestyle=style.dashes)


def _cone(axes: Any, panel: Panel, item: Cone, color: str) -> Any:
    """A sector for each pair of generators, all in one outline."""
    style = STYLES[item.role]
    shown = [_shown_direction(panel, generator) for generator in item.generators]
    turned = sorted(float(np.arctan2(direction[1], direction[0])) for direction, _ in shown)
    angles = np.array(turned) if shown else np.zeros(0)
    for low, high in _sectors(angles):
        around = np.linspace(low, high, max(int((high - low) / (2 * np.pi) * TURNS), 2))
        start = np.array([float(part) for part in item.start])
        rim = start + WIDE * np.column_stack([np.cos(around), np.sin(around)]) * shown[0][1]
        axes.fill(*np.vstack([start, rim]).T, color=color, alpha=style.opacity, linewidth=0, zorder=style.height)
    return _patch(color, style.opacity)


def _sectors(angles: NDArray) -> list[tuple[float, float]]:
    """What lies between two neighboring directions less than half a turn apart."""
    following = np.append(angles[1:], angles[:1] + 2 * np.pi)
    return [(a, b) for a, b in zip(angles, following, strict=True) if 1e-9 < b - a < np.pi - 1e-9]


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
    Vector: _vector,
    Cone: _cone,
}
