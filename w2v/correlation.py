"""Correlations of two lists of numbers, plain and of resampled pairs."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray


def pearson(first: ArrayLike, second: ArrayLike) -> float:
    """Pearson's correlation, NaN where either has no spread.

    >>> round(pearson([1, 2, 3], [1, 2, 4]), 6)
    0.981981
    """
    return float(
        _pearson(np.asarray(first, np.float64), np.asarray(second, np.float64), np.ones((1, np.size(first))))[0]
    )


def spearman(first: ArrayLike, second: ArrayLike) -> float:
    """Spearman's rank correlation; equal values share the mean of their ranks. NaN where either has no spread.

    >>> round(spearman([1, 2, 3, 3], [2, 4, 8, 9]), 6)
    0.948683
    """
    return float(resampled_spearman(first, second, np.ones((1, np.size(first))))[0])


def resampled_spearman(first: ArrayLike, second: ArrayLike, times: NDArray[np.floating]) -> NDArray[np.float64]:
    """Spearman's rank correlation of resampled pairs, of which each occurs some times.

    Parameters
    ----------
    first, second : [pairs]
    times : [resamples, pairs]

    Returns
    -------
    float64 [resamples], NaN where either list has no spread.

    Examples
    --------
    >>> resampled_spearman([1, 2, 3], [2, 1, 9], np.array([[1, 1, 1], [0, 2, 1]])).round(6).tolist()
    [0.5, 1.0]
    """
    return _pearson(_ranks(first, times), _ranks(second, times), times)


def p_value(correlation: float, pairs: int) -> float:
    """The chance of a correlation at least as far from 0 between lists without any, by Student's t with pairs - 2 degrees.

    Exact for Pearson's and normal numbers, the usual approximation for Spearman's; NaN for fewer than three pairs.
    """
    from scipy.special import stdtr  # here, since it takes a tenth of a second to import

    if pairs < 3 or math.isnan(correlation):
        return math.nan
    rest = (1 - correlation) * (1 + correlation)
    if rest <= 0:
        return 0.0
    return float(2 * stdtr(pairs - 2, -abs(correlation) * math.sqrt((pairs - 2) / rest)))


def _ranks(values: ArrayLike, times: NDArray[np.floating]) -> NDArray[np.float64]:
    """The mean rank of each value among the resampled ones, float64 [resamples, values]."""
    _, group = np.unique(np.asarray(values, np.float64), return_inverse=True)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    sizes = np.add.reduceat(times[:, order], starts, axis=1) if len(starts) else times
    return (np.cumsum(sizes, axis=1) - sizes / 2 + 0.5)[:, group]


def _pearson(a: NDArray[np.float64], b: NDArray[np.float64], times: NDArray[np.floating]) -> NDArray[np.float64]:
    whole = np.maximum(times.sum(axis=1, keepdims=True), 1)
    a = a - (times * a).sum(axis=1, keepdims=True) / whole
    b = b - (times * b).sum(axis=1, keepdims=True) / whole
    spread = np.sqrt((times * a * a).sum(axis=1) * (times * b * b).sum(axis=1))
    return np.divide((times * a * b).sum(axis=1), spread, out=np.full(len(times), np.nan), where=spread > 0)
