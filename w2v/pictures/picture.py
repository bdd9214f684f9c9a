"""Pictures as data; Matplotlib comes in only when one is saved or shown."""

import os
from dataclasses import dataclass

from w2v.errors import ConfigError, MissingExtraError
from w2v.files import Path, replacing
from w2v.pictures.drawing import FORMATS, drawn
from w2v.pictures.items import Panel


@dataclass(frozen=True, slots=True)
class Picture:
    """Panels below each other under a title; it shows itself in a notebook.

    A picture holds no figure of Matplotlib: a new one is made whenever it is saved.

    Examples
    --------
    >>> import numpy as np
    >>> from w2v.pictures.items import Line, Role
    >>> line = Line(np.array([[0.0, 1.0], [2.0, 3.0]]), "rising", Role.RECENT)
    >>> picture = Picture("A line", (Panel(("x", "y"), (line,)),))
    >>> picture.panels[0].of(Role.RECENT)[0].points.tolist()
    [[0.0, 1.0], [2.0, 3.0]]
    """

    title: str
    panels: tuple[Panel, ...]

    def save(self, path: Path) -> None:
        """Write the picture to a file in the format that its ending names: .svg, .png or .pdf.

        The same picture gives the same bytes with the same Matplotlib.

        Raises
        ------
        MissingExtraError
            When Matplotlib is not installed.
        ConfigError
            When the ending names no such format.
        SourceError
            When the file cannot be written.
        """
        ending = os.fspath(path).rpartition(".")[2].lower()
        if ending not in FORMATS:
            raise ConfigError(f"the picture cannot be written to {os.fspath(path)}; end its name in .svg, .png or .pdf")
        content = drawn(self.title, self.panels, ending)
        with replacing(path) as stream:
            stream.write(content)

    def _repr_svg_(self) -> str | None:
        """The picture for a notebook; None, so that it shows the text instead, where Matplotlib is not installed."""
        try:
            return drawn(self.title, self.panels, "svg").decode()
        except MissingExtraError:
            return None

    def __str__(self) -> str:
        return f"{self.title} ({', '.join(f'{len(panel.items)} items' for panel in self.panels)})"


def saved(picture: Picture, path: Path | None) -> Picture:
    """The picture, which is also written to a file where one is named."""
    if path is not None:
        picture.save(path)
    return picture
