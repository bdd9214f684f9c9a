"""What a surface over the plane hides from someone who looks at it from far away."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lagrangian.report.picture import Space

# length, width and height of the box in which a space is drawn
BOX = (4.0, 4.0, 2.8)
STEPS = 160
# in shares of the height: what lies nearer to the surface lies on it
THIN = 0.008


def is_hidden(points: NDArray, surface: Callable[[Sequence[NDArray]], NDArray], panel: Space) -> NDArray:
    """Whether the line from each point to the eye crosses the surface, which is seen from both sides.

    Args:
        points: shape (n, 3).
        surface: heights at places of the plane, nan where there is no surface.
        panel: the box and the view.

    Returns:
        shape (n,).
    """
    sides = np.array([b - a for a, b in (panel.horizontal, panel.vertical, panel.heights)])
    elevation, azimuth = np.radians(panel.view)
    flat = np.cos(elevation)
    to_eye = np.array([flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(elevation)]) * sides / np.array(BOX)
    # the box is left after its diagonal at the latest
    steps = np.linspace(0, 1, STEPS)[1:, None, None] * float(np.linalg.norm(BOX))
    line = points[None] + steps * to_eye
    above = (line[..., 2] - surface([line[..., 0], line[..., 1]])) / sides[2]
    within = (line[..., 0] >= panel.horizontal[0]) & (line[..., 0] <= panel.horizontal[1])
    within &= (line[..., 1] >= panel.vertical[0]) & (line[..., 1] <= panel.vertical[1])
    above = np.where(within & np.isfinite(above), above, 0.0)
    return np.logical_and((above > THIN).any(axis=0), (above < -THIN).any(axis=0))
