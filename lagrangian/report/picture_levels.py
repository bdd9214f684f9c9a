"""Which level curves of a function are drawn."""

import numpy as np
from numpy.typing import NDArray

LEVELS = 11
MOST_BEYOND = 8
# up to this power of the height levels are round numbers at equal steps
EVEN = 1.35
STEEPEST = 5.0


def contour_levels(values: NDArray) -> NDArray | None:
    """Numbers between the values, without the extreme ones, denser where most values are; None for a constant.

    The k-th of n is at the height (k/n)^p of the range, with the p for which half of all values lie above half of the levels:
    1 for a plane, where the levels are round numbers. A narrow well has its contours near its bottom, a peak near its top.

    >>> contour_levels(np.linspace(0, 10, 500)).tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]
    """
    from matplotlib.ticker import MaxNLocator  # an optional extra, slow to import

    finite = values[np.isfinite(values)]
    if finite.size < 4:
        return None
    low, middle, high = np.quantile(finite, (0.0, 0.5, 0.97))
    is_peaked = middle - low > high - middle
    if is_peaked:
        low, high = np.quantile(finite, (0.03, 1.0))
    if high - low <= 1e-9 * abs(high):
        return None
    share = min(middle - low, high - middle) / (high - low)
    power = min(np.log(max(share, 1e-9)) / np.log(0.5), STEEPEST)
    if power <= EVEN or is_affine(values):
        return np.asarray(MaxNLocator(LEVELS).tick_values(low, high))
    steps = (np.arange(1, LEVELS + 1) / LEVELS) ** power * (high - low)
    return _rounded(np.sort(high - steps if is_peaked else low + steps))


def is_affine(values: NDArray) -> bool:
    """Whether values on a grid are those of a plane, up to rounding."""
    steps = [np.diff(values, axis=axis) for axis in range(values.ndim)]
    size = max(float(np.nanmax(np.abs(step), initial=0.0)) for step in steps)
    return all(float(np.nanmax(step) - np.nanmin(step)) <= 1e-6 * size for step in steps)


def extended(levels: NDArray, values: NDArray) -> NDArray:
    """Levels with more of them at equal steps to both sides, as far as the values go."""
    low, high = np.nanmin(values), np.nanmax(values)
    down, up = levels[1] - levels[0], levels[-1] - levels[-2]
    below = levels[0] - down * np.arange(MOST_BEYOND, 0, -1)
    above = levels[-1] + up * np.arange(1, MOST_BEYOND + 1)
    return np.concatenate([below[below >= low], levels, above[above <= high]])


def _rounded(levels: NDArray) -> NDArray:
    """Levels to two digits of the distance to their neighbors."""
    gaps = np.diff(levels)
    nearest = np.minimum(np.append(gaps[0], gaps), np.append(gaps, gaps[-1]))
    digits = 1 - np.floor(np.log10(nearest)).astype(int)
    return np.unique([round(float(level), int(digit)) for level, digit in zip(levels, digits, strict=True)])
