"""What lies in space, drawn into Matplotlib axes of three dimensions; what a surface hides is dotted, as in books."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lagrangian.report.picture import Lift, Pin, Sheet, Space
from lagrangian.report.picture_notation import typeset
from lagrangian.report.picture_sampling import drawable, holding, level_values, plane_places, sampled
from lagrangian.report.picture_style import QUIET, STYLES, color_of
from lagrangian.report.picture_visibility import BOX, is_hidden

# rows and columns of the surface, which is an image even in a drawing of lines
CELLS = 120
PALE, SOLID = 0.16, 0.85
FAINT = 0.45


def draw_space(axes: Any, panel: Space) -> dict[str, Any]:
    """Draw a space; gives the keys of its legend by their labels."""
    axes.set_xlim(*panel.horizontal)
    axes.set_ylim(*panel.vertical)
    axes.set_zlim(*panel.heights)
    axes.set_box_aspect(BOX, zoom=0.92)
    axes.view_init(elev=panel.view[0], azim=panel.view[1])
    for axis, label in zip((axes.xaxis, axes.yaxis, axes.zaxis), panel.labels, strict=True):
        axis.set_label_text(typeset(label))
        axis.set_pane_color("white")
        axis._axinfo["grid"].update(color="#dddddd", linewidth=0.5)
    axes.tick_params(labelsize=8, pad=1)
    entries: dict[str, Any] = {}
    for item in panel.items:
        key = DRAWN[type(item)](axes, panel, item)
        if key is not None:
            entries.setdefault(typeset(item.label), key)
    return entries


def clipped(values: NDArray, panel: Space) -> NDArray:
    """Heights inside the box: the surface ends where it leaves it."""
    low, high = panel.heights
    return np.where((values >= low) & (values <= high), values, np.nan)


def _sheet(axes: Any, panel: Space, item: Sheet) -> Any:
    from matplotlib import colormaps  # an optional extra, slow to import
    from matplotlib.patches import Patch  # an optional extra, slow to import

    across, up = plane_places(panel.horizontal, panel.vertical, CELLS)
    values = drawable(item.expression, item.symbols, [across, up])
    low, high = panel.heights
    shares = np.clip((values - low) / (high - low), 0, 1)
    colors = colormaps["cividis"](0.15 + 0.8 * np.nan_to_num(shares))
    colors[~holding(item.inside, item.symbols, [across, up])] = (*(0.55,) * 3, PALE)
    seen = np.isfinite(clipped(values, panel))
    # a cell of which a corner is out of the box would stand like a wall
    whole = seen[:-1, :-1] & seen[1:, :-1] & seen[:-1, 1:] & seen[1:, 1:]
    colors = colors[:-1, :-1]
    colors[..., 3] = np.where(whole, np.minimum(colors[..., 3], SOLID), 0.0)
    look = {"rstride": 1, "cstride": 1, "linewidth": 0, "antialiased": False, "shade": False, "rasterized": True}
    axes.plot_surface(across, up, np.clip(values, low, high), facecolors=colors, zorder=1, **look)
    return Patch(facecolor=colormaps["cividis"](0.55))


def _lift(axes: Any, panel: Space, item: Lift) -> Any:
    from contourpy import contour_generator  # comes with Matplotlib
    from matplotlib.lines import Line2D  # an optional extra, slow to import

    style, color = STYLES[item.role], color_of(item)
    across, up = plane_places(panel.horizontal, panel.vertical)
    values = np.ma.masked_invalid(level_values(item.curve, across, up))
    lines: Any = contour_generator(across, up, values).lines(0.0)
    for line in lines:
        heights = clipped(sampled(item.surface, item.curve.symbols, list(line.T)), panel)
        points = np.column_stack([line, heights])
        hidden = is_hidden(points, _surface_of(panel), panel)
        for mask, look in ((hidden, {"linestyle": ":", "alpha": FAINT}), (~hidden, {"linestyle": style.dashes})):
            shown = np.where(mask[:, None], points, np.nan)
            axes.plot(*shown.T, color=color, linewidth=style.width, zorder=style.height, **look)
    return Line2D([], [], color=color, linewidth=style.width, linestyle=style.dashes)


def _pin(axes: Any, panel: Space, item: Pin) -> Any:
    from matplotlib.lines import Line2D  # an optional extra, slow to import

    style, color = STYLES[item.role], color_of(item)
    point = np.array([[float(part) for part in item.point]])
    is_behind = bool(is_hidden(point, _surface_of(panel), panel)[0])
    look: dict[str, Any] = {"color": color, "marker": style.marker, "markersize": style.size, "linestyle": "none"}
    edge = {"markeredgecolor": "white", "markeredgewidth": 0.8}
    foot = np.array([[point[0, 0], point[0, 1], panel.heights[0]], point[0]])
    axes.plot(*foot.T, color=QUIET, linewidth=0.8, linestyle=":", zorder=2)
    axes.plot(*point.T, alpha=FAINT if is_behind else 1.0, zorder=style.height, **look, **edge)
    return Line2D([], [], **look)


def _surface_of(panel: Space) -> Any:
    sheet = next(item for item in panel.items if isinstance(item, Sheet))
    return lambda places: clipped(sampled(sheet.expression, sheet.symbols, places), panel)


DRAWN: dict[type, Callable[[Any, Space, Any], Any]] = {Sheet: _sheet, Lift: _lift, Pin: _pin}
