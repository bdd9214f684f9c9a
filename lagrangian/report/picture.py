"""Pictures as data: panels of exact items; Matplotlib comes in only when one is saved or shown.

The items are those of ``picture_items``. How a role looks is decided in ``picture_style``, how an expression becomes points in
``picture_sampling``, and only the modules that draw know Matplotlib.
"""

from collections.abc import Collection
from dataclasses import dataclass
from os import PathLike
from typing import Any

from lagrangian.errors import MissingExtraError
from lagrangian.report.picture_items import (
    Area,
    Arrow,
    Band,
    Bar,
    Cone,
    Contours,
    Curve,
    Item,
    Level,
    Lift,
    Mark,
    Number,
    Path,
    Pin,
    Range,
    Role,
    Rule,
    Sheet,
    SpaceItem,
    Strip,
    Vector,
)

__all__ = [
    "Area",
    "Arrow",
    "Band",
    "Bar",
    "Cone",
    "Contours",
    "Curve",
    "Item",
    "Level",
    "Lift",
    "Mark",
    "Number",
    "Panel",
    "Path",
    "Picture",
    "Pin",
    "Range",
    "Role",
    "Rule",
    "Sheet",
    "Space",
    "SpaceItem",
    "Strip",
    "Vector",
    "saved",
]


@dataclass(frozen=True, slots=True)
class Panel:
    """A pair of axes with what is drawn in them; ``is_equal`` gives both axes the same unit, so that right angles look right."""

    labels: tuple[str, str]
    horizontal: Range
    vertical: Range
    items: tuple[Item, ...]
    is_equal: bool = False

    def of(self, role: Role) -> tuple[Any, ...]:
        """What is drawn in this role."""
        return tuple(item for item in self.items if item.role is role)


@dataclass(frozen=True, slots=True)
class Space:
    """Axes in space with what is drawn in them, seen from ``view``: elevation and azimuth in degrees."""

    labels: tuple[str, str, str]
    horizontal: Range
    vertical: Range
    heights: Range
    items: tuple[SpaceItem, ...]
    view: tuple[float, float]

    def of(self, role: Role) -> tuple[Any, ...]:
        """What is drawn in this role."""
        return tuple(item for item in self.items if item.role is role)


@dataclass(frozen=True, slots=True)
class Picture:
    """Panels below each other under a title; it shows itself in a notebook.

    >>> from sympy import symbols
    >>> x = symbols("x")
    >>> parabola = Curve(x**2, x, "x²", Role.OBJECTIVE)
    >>> picture = Picture("a parabola", (Panel(("x", "f"), (-1.0, 1.0), (0.0, 1.0), (parabola,)),))
    >>> picture.panels[0].of(Role.OBJECTIVE)[0].expression
    x**2
    """

    title: str
    panels: tuple[Panel | Space, ...]

    def save(self, path: str | PathLike[str]) -> None:
        """Write the picture to a file in the format that its ending names, such as .svg, .png or .pdf.

        Raises:
            MissingExtraError: where Matplotlib is not installed.
            ProblemError: for an ending that names no format.
        """
        from lagrangian.report.picture_drawing import save  # draws pictures, and needs an optional extra

        save(self, path)

    def _repr_svg_(self) -> str | None:
        """The picture for a notebook; None, so that it shows the text instead, where Matplotlib is not installed."""
        from lagrangian.report.picture_drawing import svg  # draws pictures, and needs an optional extra

        try:
            return svg(self)
        except MissingExtraError:
            return None

    def describe(self) -> str:
        """What is drawn, in sentences, for those who cannot see it: the text alternative of a page."""
        from lagrangian.report.picture_words import described  # reads pictures, and so is above them

        return described(self)

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        """The text, and the picture where Matplotlib is installed, as far as they are asked for."""
        wanted = {"text/plain", "image/svg+xml"} & set(include or ("text/plain", "image/svg+xml")) - set(exclude or ())
        drawn = self._repr_svg_() if "image/svg+xml" in wanted else None
        found = {"text/plain": str(self), "image/svg+xml": drawn}
        return {kind: shown for kind, shown in found.items() if kind in wanted and shown is not None}

    def __str__(self) -> str:
        return f"{self.title} ({', '.join(f'{len(panel.items)} items' for panel in self.panels)})"


def saved(picture: Picture, path: str | PathLike[str] | None) -> Picture:
    """The picture, which is also written to a file where one is named."""
    if path is not None:
        picture.save(path)
    return picture
