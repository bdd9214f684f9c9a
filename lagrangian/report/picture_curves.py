"""Points on curves that are given by an equation, spread evenly over what is seen of them."""

from collections.abc import Sequence

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy import Eq, Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.report.picture import Range
from lagrangian.report.picture_sampling import (
    changes_sign,
    conditions_of,
    drawable,
    holding,
    plane_places,
    sampled,
    simple_zeros,
)

STEPS = 12
# what is left of the window at its sides, and how far apart points are at least, by the sides of the window
INNER = 0.03
APART = 0.06


def spread_along(
    function: Expr,
    over: tuple[Symbol, Symbol],
    window: tuple[Range, Range],
    others: Sequence[Relational],
    count: int,
) -> list[tuple[float, float]]:
    """Points where a function of two variables is zero and other constraints hold, far from each other.

    Signs on a grid show where the curve is; Newton's method along the gradient brings the points onto it.

    >>> x, y = sympy.symbols("x y")
    >>> points = spread_along(x**2 + y**2 - 4, (x, y), ((-3.0, 3.0), (-3.0, 3.0)), [x >= 0], 5)
    >>> len(points), max(abs(a**2 + b**2 - 4) for a, b in points) < 1e-12, min(a for a, _ in points) >= -1e-9
    (5, True, True)
    """
    function = simple_zeros(function, over)
    places = _near(function, over, window)
    places = _on_curve(function, over, places)
    sides = np.array([side[1] - side[0] for side in window])
    low = np.array([side[0] for side in window])
    shares = (places - low) / sides
    seen = ((shares >= INNER) & (shares <= 1 - INNER)).all(axis=1) & np.isfinite(places).all(axis=1)
    seen &= holding(conditions_of([r for r in others if not isinstance(r, Eq)]), over, list(places.T))
    chosen = _farthest(shares[seen], count)
    return [(float(a), float(b)) for a, b in places[seen][chosen]]


def _near(function: Expr, over: tuple[Symbol, Symbol], window: tuple[Range, Range]) -> NDArray:
    across, up = plane_places(*window)
    crossed = changes_sign(drawable(function, over, [across, up]))
    return np.column_stack([across[crossed], up[crossed]])


def _on_curve(function: Expr, over: tuple[Symbol, Symbol], places: NDArray) -> NDArray:
    """Newton's method, p - g grad g / |grad g|²; nan where it does not arrive."""
    slopes = [sympy.diff(function, variable) for variable in over]
    points = places.astype(float)
    for _ in range(STEPS):
        values = sampled(function, over, list(points.T))
        normals = np.column_stack([sampled(slope, over, list(points.T)) for slope in slopes])
        with np.errstate(all="ignore"):
            moved = values[:, None] * normals / (normals**2).sum(axis=1)[:, None]
        points = points - moved
    with np.errstate(all="ignore"):
        arrived = np.abs(moved).max(axis=1, initial=0.0) <= 1e-9 * (1e-300 + np.abs(points).max(axis=1, initial=0.0))
    return np.where(arrived[:, None], points, np.nan)


def _farthest(shares: NDArray, count: int) -> list[int]:
    """Each next point is the one farthest from those before it, as long as it is not too near to one."""
    if not len(shares):
        return []
    chosen = [int(np.argmin(np.abs(shares - shares.mean(axis=0)).sum(axis=1)))]
    away = np.linalg.norm(shares - shares[chosen[0]], axis=1)
    while len(chosen) < count and away.max() >= APART:
        chosen.append(int(np.argmax(away)))
        away = np.minimum(away, np.linalg.norm(shares - shares[chosen[-1]], axis=1))
    return chosen
