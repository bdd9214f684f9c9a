"""How pictures look: one table from roles to colors, lines and markers, readable in print and by the color-blind.

The colors are those of Okabe and Ito (2008); shape and dashes tell apart what color alone would.
"""

from dataclasses import dataclass
from typing import Any

from lagrangian.report.picture import Role

BLUE, VERMILION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
SKY, PURPLE, YELLOW, INK, QUIET = "#56B4E9", "#CC79A7", "#F0E442", "#222222", "#777777"
REGIONS = (BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, YELLOW, QUIET)
LINES = (BLUE, GREEN, PURPLE, ORANGE, SKY)

# a salt makes the names inside an SVG file the same every time
SETTINGS: dict[str, Any] = {
    "svg.hashsalt": "lagrangian",
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "axes.labelsize": 11,
    "axes.titlesize": 11,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "axes.edgecolor": QUIET,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
}


@dataclass(frozen=True, slots=True)
class Style:
    """Color, width of lines, dashes, marker and its size, opacity of areas, and what lies above what."""

    color: str
    width: float = 1.6
    dashes: str = "-"
    marker: str = "o"
    size: float = 7
    opacity: float = 0.2
    height: float = 3


STYLES = {
    Role.OBJECTIVE: Style(BLUE, 2.2, height=3),
    Role.OUTSIDE: Style(BLUE, 1.0, ":", height=2),
    Role.FEASIBLE: Style(SKY, opacity=0.25, height=0.5),
    Role.CONSTRAINT: Style(BLUE, 1.5, height=2.5),
    Role.STRICT: Style(BLUE, 1.5, "--", height=2.5),
    Role.EQUATION: Style(GREEN, 2.4, height=2.6),
    Role.OPTIMAL_LEVEL: Style(VERMILION, 1.4, "--", height=2.7),
    Role.OPTIMUM: Style(VERMILION, 2.6, marker="*", size=14, height=7),
    Role.MINIMUM: Style(ORANGE, marker="v", size=8, height=6),
    Role.MAXIMUM: Style(PURPLE, marker="^", size=8, height=6),
    Role.SADDLE: Style(GREEN, marker="D", size=6, height=6),
    Role.OTHER: Style(QUIET, marker="s", size=6, height=6),
    Role.LATTICE: Style(INK, marker=".", size=5, height=4),
    Role.OBJECTIVE_GRADIENT: Style(VERMILION, 1.8, height=5.5),
    Role.CONSTRAINT_GRADIENT: Style(BLUE, 4.0, height=5),
    Role.PART: Style(BLUE, 1.2, "--", height=5.2),
    Role.OUTLINE: Style(QUIET, 0.7, height=1),
    Role.CONE: Style(ORANGE, opacity=0.35, height=1.5),
    Role.NO_GRADIENT: Style(INK, marker="o", size=15, height=6.5),
    Role.VALUE: Style(BLUE, 2.2, size=5, height=4),
    Role.UNPROVED: Style(QUIET, 1.0, ":", marker="o", size=5, height=3.5),
    Role.DOMAIN: Style(QUIET, opacity=0.14, height=0.3),
    Role.DUAL: Style(BLUE, 2.2, height=3),
    Role.PRIMAL_VALUE: Style(VERMILION, 1.5, "--", height=2.8),
    Role.DUAL_VALUE: Style(GREEN, 1.5, "-.", height=2.8),
    Role.GAP: Style(YELLOW, opacity=0.6, height=0.4),
    Role.TANGENT: Style(VERMILION, 1.6, "--", height=3.2),
    Role.BREAKPOINT: Style(INK, 1.0, ":", marker="o", size=6, height=4),
    Role.REGION: Style(BLUE, 2.2, opacity=0.35, height=0.5),
    Role.NO_OPTIMUM: Style(QUIET, opacity=0.25, height=0.4),
    Role.ACTIVE: Style(BLUE, opacity=0.75, height=3),
}
# rings, through which one sees what they are around
HOLLOW = (Role.NO_GRADIENT, Role.UNPROVED)
SHADED = {
    Role.REGION: REGIONS,
    Role.CONSTRAINT: LINES,
    Role.STRICT: LINES,
    Role.EQUATION: LINES,
    Role.CONSTRAINT_GRADIENT: LINES,
    Role.PART: LINES,
}


def color_of(item: Any) -> str:
    """The color of something drawn: that of its role, or of its number where there are several."""
    shades = SHADED.get(item.role)
    return shades[item.shade % len(shades)] if shades and hasattr(item, "shade") else STYLES[item.role].color
