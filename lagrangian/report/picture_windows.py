"""Which part of a line or of the plane a picture shows: optima, corners, and the whole feasible set where it is bounded."""

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy import Expr, Symbol

from lagrangian.report.picture import Range
from lagrangian.report.picture_sampling import (
    ROUNDING,
    changes_sign,
    holding,
    line_places,
    plane_places,
    sampled,
    simple_zeros,
    zeros,
)

FACTORS = (1.0, 4.0, 16.0)
SCALES = (16.0, 64.0, 256.0, 1024.0)
GROWTHS = 6
SAME_ORDER = 20.0
# what is so small beside another coordinate is a zero with rounding errors
NOTHING = 1e-9
MARGIN = 0.22
COARSE = 81
FARTHEST = 3.0
NEAR = 2.0
# beyond this ratio of the sides one unit cannot be equally long on both axes
LONGEST_SIDES = 2.0
STEEP = 4.0


class Shown:
    """The functions that decide what has to be seen: conditions >= 0, equations = 0, and those that must be defined."""

    def __init__(
        self, symbols: Sequence[Symbol], conditions: Iterable[Expr], equations: Iterable[Expr], defined: Iterable[Expr]
    ) -> None:
        self.symbols = tuple(symbols)
        self.conditions, self.defined = tuple(conditions), tuple(defined)
        self.equations = tuple(simple_zeros(equation, self.symbols) for equation in equations)

    def on_line(self, places: NDArray) -> NDArray:
        """Where one variable is feasible."""
        return self._feasible([places]) & self._crossing([places])

    def on_plane(self, across: NDArray, up: NDArray) -> NDArray:
        """Where two variables are feasible, up to the cells of the grid."""
        return self._feasible([across, up]) & self._crossing([across, up])

    def _feasible(self, places: list[NDArray]) -> NDArray:
        held = holding(self.conditions, self.symbols, places)
        for function in self.defined:
            held &= np.isfinite(sampled(function, self.symbols, places))
        return held

    def _crossing(self, places: list[NDArray]) -> NDArray:
        held = np.ones(places[0].shape, dtype=bool)
        for equation in self.equations:
            held &= _near_zero(sampled(equation, self.symbols, places))
        return held


def _near_zero(values: NDArray) -> NDArray:
    """Where values are zero, or change their sign to a neighbor."""
    return (np.abs(values) <= ROUNDING) | changes_sign(values)


def line_window(shown: Shown, points: Sequence[float], others: Sequence[float] = ()) -> Range:
    """An interval around points, the feasible set where it is bounded, and other points that are not far away.

    Where there is nothing else, around the ends of the conditions.
    """
    ends = [float(end) for function in shown.conditions for end in zeros(function, shown.symbols[0])]
    side = _box(points or others or ends)
    bounded = _feasible_interval(shown, side)
    side = _box([*(side if points or others or ends or bounded is None else ()), *(bounded or ())])
    reach = FARTHEST * _reach(side)
    near = [value for value in others if side[0] - reach <= value <= side[1] + reach]
    return _finished(_box([*side, *near]), bounded is not None)


def _feasible_interval(shown: Shown, side: Range) -> Range | None:
    for factor in FACTORS:
        places = line_places(_widened(side, factor), shown.conditions, shown.symbols[0])
        inside = places[shown.on_line(places)]
        if inside.size and inside[0] > places[0] and inside[-1] < places[-1]:
            return float(inside[0]), float(inside[-1])
    return None


def plane_window(
    shown: Shown,
    points: Sequence[tuple[float, float]],
    others: Sequence[tuple[float, float]] = (),
    curves: Sequence[Expr] = (),
) -> tuple[Range, Range]:
    """A rectangle around points, the corners and the whole of the feasible set where it is bounded, and points near by.

    ``curves`` are equations whose solutions in the feasible set are to be seen too. Where there is nothing else, what is nearest
    to the origin on every boundary is shown.
    """
    seen = [*points, *corners(shown)] or list(others) or nearest(shown)
    sides = [_cleaned(side, seen) for side in (_box([point[axis] for point in seen]) for axis in (0, 1))]
    # as many equations as variables leave points, of which a grid shows nothing
    whole = [shown] if len(shown.equations) < len(shown.symbols) else []
    sets = [*whole, *(Shown(shown.symbols, shown.conditions, [c], shown.defined) for c in curves)]
    boxes = [box for box in (_feasible_box(s, sides) for s in sets) if box is not None]
    for box in boxes:
        sides = [(min(a[0], b[0]), max(a[1], b[1])) for a, b in zip(sides, box, strict=True)]
    reach = NEAR * (max(map(_extent, sides)) or 1.0)
    near = [p for p in others if all(s[0] - reach <= v <= s[1] + reach for v, s in zip(p, sides, strict=True))]
    wider = [_box([*sides[axis], *(p[axis] for p in near)]) for axis in (0, 1)]
    common = max(_length(side, 0.0) for side in wider)
    return _balanced(*(_finished(side, bool(boxes), common) for side in wider))


def nearest(shown: Shown) -> list[tuple[float, float]]:
    """A place on each boundary that is near the origin, as grids of growing size show it, and the boxes of bounded sets."""
    found: list[tuple[float, float]] = []
    for function in (*shown.conditions, *shown.equations):
        place = _nearest_zero(function, shown)
        if place is None:
            continue
        box = _feasible_box(Shown(shown.symbols, [function], (), ()), [(place[0],) * 2, (place[1],) * 2])
        found += [place] if box is None else [place, *zip(*box, strict=True)]
    return found


def _nearest_zero(function: Expr, shown: Shown) -> tuple[float, float] | None:
    for scale in SCALES:
        across, up = plane_places((-scale, scale), (-scale, scale))
        held = _near_zero(sampled(function, shown.symbols, [across, up]))
        if held.any():
            place = np.argmin(np.where(held, across**2 + up**2, np.inf))
            return float(across.flat[place]), float(up.flat[place])
    return None


def _feasible_box(shown: Shown, sides: list[Range]) -> list[Range] | None:
    """The sides of the feasible set, if it is bounded by a grid that grows where the set meets its border."""
    common = max((_extent(side) for side in sides), default=0.0) or 1.0
    (left, right), (low, high) = (_widened(side, 1.0, common) for side in sides)
    for _ in range(GROWTHS):
        box, border = _seen_box(shown, (left, right), (low, high))
        if box is not None and not any(border):
            return _refined(shown, box, ((right - left) / COARSE, (high - low) / COARSE))
        grown = border if box is not None else (True,) * 4
        width, height = right - left, high - low
        left, right = left - width * grown[0], right + width * grown[1]
        low, high = low - height * grown[2], high + height * grown[3]
    return None


def _seen_box(shown: Shown, across: Range, up: Range) -> tuple[list[Range] | None, tuple[bool, ...]]:
    """The sides of what a grid shows of the feasible set, and which borders of the grid it meets."""
    places = plane_places(across, up, COARSE)
    held = shown.on_plane(*places)
    border = held[:, 0].any(), held[:, -1].any(), held[0].any(), held[-1].any()
    box = [(float(p[held].min()), float(p[held].max())) for p in places] if held.any() else None
    return box, tuple(map(bool, border))


def _refined(shown: Shown, box: list[Range], cell: tuple[float, float]) -> list[Range]:
    """The sides again, by a grid that is not larger than the set and its neighbor cells."""
    wider = [(side[0] - step, side[1] + step) for side, step in zip(box, cell, strict=True)]
    found, _ = _seen_box(shown, wider[0], wider[1])
    return box if found is None else found


def corners(shown: Shown) -> list[tuple[float, float]]:
    """Feasible points where the lines of two affine constraints meet."""
    lines = [_line(function, shown.symbols) for function in (*shown.conditions, *shown.equations)]
    found = []
    for first, second in combinations([line for line in lines if line is not None], 2):
        matrix = np.array([first[:2], second[:2]])
        if abs(np.linalg.det(matrix)) <= ROUNDING * np.abs(matrix).max() ** 2:
            continue
        across, up = np.linalg.solve(matrix, -np.array([first[2], second[2]]))
        places = [np.array([across]), np.array([up])]
        rest = [np.abs(sampled(e, shown.symbols, places)) <= 1e-6 for e in shown.equations]
        if shown._feasible(places)[0] and all(near[0] for near in rest):
            found.append((float(across), float(up)))
    return found


def _line(function: Expr, symbols: Sequence[Symbol]) -> tuple[float, float, float] | None:
    polynomial = function.as_poly(*symbols)
    if polynomial is None or polynomial.total_degree() != 1:
        return None
    first, second = (float(polynomial.coeff_monomial(symbol)) for symbol in symbols)
    return first, second, float(polynomial.coeff_monomial(1))


def _box(values: Sequence[float]) -> Range:
    return (min(values), max(values)) if values else (0.0, 0.0)


def _cleaned(side: Range, seen: Sequence[tuple[float, float]]) -> Range:
    """Zero in place of a side that is nothing but rounding errors beside the other coordinates."""
    size = max((abs(value) for point in seen for value in point), default=0.0)
    return (0.0, 0.0) if max(abs(side[0]), abs(side[1])) < NOTHING * size else side


def _extent(side: Range) -> float:
    """The length of a side, or the size of the numbers in it; 0 for the single number 0."""
    return max(side[1] - side[0], 0.75 * max(abs(side[0]), abs(side[1])))


def _reach(side: Range, common: float = 1.0) -> float:
    return _extent(side) or common


def _widened(side: Range, factor: float, common: float = 1.0) -> Range:
    reach = factor * _reach(side, common)
    return side[0] - reach, side[1] + reach


def _finished(side: Range, is_bounded: bool, common: float = 0.0) -> Range:
    """The side with a margin: more of it where there is more to see beyond.

    Around a single value the window is as long as ``common``, the longest side, if that is of the same order or the value 0,
    which has no size of its own.
    """
    low, high = side
    if _is_single(side):
        own = _length(side, common or 2.0)
        half = (common if own <= common <= SAME_ORDER * own else own) / 2
        return low - half, high + half
    margin = (MARGIN if is_bounded else 0.5) * (high - low)
    return low - margin, high + margin


def _is_single(side: Range) -> bool:
    return side[1] - side[0] <= ROUNDING * max(abs(side[0]), abs(side[1]))


def _length(side: Range, otherwise: float) -> float:
    """The length of a side, or what a window around a single value should have; ``otherwise`` for the single value 0."""
    return 2.5 * abs(side[1]) or otherwise if _is_single(side) else side[1] - side[0]


def _balanced(horizontal: Range, vertical: Range) -> tuple[Range, Range]:
    """Sides of which none is much longer than the other, unless they are very different."""
    width, height = horizontal[1] - horizontal[0], vertical[1] - vertical[0]
    if max(width, height) > STEEP * min(width, height):
        return horizontal, vertical
    least = max(width, height) / LONGEST_SIDES * 1.5
    return _at_least(horizontal, least), _at_least(vertical, least)


def _at_least(side: Range, length: float) -> Range:
    lack = max(length - (side[1] - side[0]), 0.0) / 2
    return side[0] - lack, side[1] + lack


def is_even(horizontal: Range, vertical: Range) -> bool:
    """Whether one unit can be equally long on both axes."""
    ratio = (horizontal[1] - horizontal[0]) / (vertical[1] - vertical[0])
    return 1 / LONGEST_SIDES <= ratio <= LONGEST_SIDES


def heights(curves: Sequence[NDArray], levels: Sequence[float] = ()) -> Range:
    """A vertical range for curves, without their steepest parts where those would flatten the rest, and for some levels."""
    finite = np.concatenate([curve[np.isfinite(curve)] for curve in curves] or [np.zeros(0)])
    if not finite.size:
        low, high = _box(levels)
        return _finished((low, high), True)
    low, high = float(finite.min()), float(finite.max())
    inner = np.quantile(finite, (0.1, 0.9))
    reach = 2.0 * max(float(inner[1] - inner[0]), ROUNDING * float(np.abs(inner).max()))
    low, high = max(low, float(inner[0]) - reach), min(high, float(inner[1]) + reach)
    low, high = min([low, *levels]), max([high, *levels])
    margin = 0.06 * (high - low) or abs(high) * 0.5 or 1.0
    return low - margin, high + margin


def is_finite(*values: float) -> bool:
    """Whether numbers can be drawn."""
    return all(np.isfinite(value) and abs(value) < 1e12 for value in values)


def number(value: Expr) -> float:
    """A float for drawing; nan for what is no real number."""
    try:
        return float(sympy.N(value))
    except TypeError:
        return float("nan")
