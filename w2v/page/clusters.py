"""Groups of words that point the same way: spherical k-means."""

import numpy as np
from numpy.typing import NDArray

_ROUNDS = 50


def clusters(units: NDArray[np.float32], count: int, seed: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The group of each word, so that Σ x · c(x) is great, with c(x) the unit vector along the mean of its group.

    Lloyd's rounds from centers that are drawn apart from each other, with chances that grow with 1 - cosine (Dhillon and
    Modha 2001; Arthur and Vassilvitskii 2007), until no word changes its group, or for 50 rounds.

    Parameters
    ----------
    units : float32 [words, size]
        Vectors of length one.
    count : int
        How many groups at most; there are fewer where fewer words differ.
    seed : int

    Returns
    -------
    The number of each word's group, int32 [words], the largest group first, and the cosine of each word with its center, float32.

    Examples
    --------
    >>> clusters(np.array([[1, 0], [0, 1], [0, 1], [0.28, 0.96]], np.float32), 2, seed=1)[0].tolist()
    [1, 0, 0, 0]
    """
    centers = _first_centers(units, count, np.random.default_rng(seed))
    groups = (units @ centers.T).argmax(axis=1)
    for _ in range(_ROUNDS):
        centers = _means(units, groups, centers)
        nearer = (units @ centers.T).argmax(axis=1)
        if np.array_equal(nearer, groups):
            break
        groups = nearer
    typical = np.einsum("ij,ij->i", units, centers[groups])
    sizes = np.bincount(groups, minlength=len(centers))
    ranks = np.argsort(np.argsort(-sizes, kind="stable"), kind="stable")
    return ranks[groups].astype(np.int32), typical


def _first_centers(units: NDArray[np.float32], count: int, random: np.random.Generator) -> NDArray[np.float32]:
    chosen = [int(random.integers(len(units)))]
    apart = np.full(len(units), np.inf)
    while len(chosen) < count:
        apart = np.minimum(apart, np.maximum(1.0 - units @ units[chosen[-1]], 0.0))
        apart[apart < 1e-6] = 0.0  # the same direction, but for rounding
        if not apart.any():
            break
        chosen.append(int(random.choice(len(units), p=apart / apart.sum())))
    return units[chosen]


def _means(units: NDArray[np.float32], groups: NDArray[np.int64], centers: NDArray[np.float32]) -> NDArray[np.float32]:
    """The unit vectors along the groups' means; a group without words, or with a mean of zero, keeps its center."""
    moved = centers.copy()
    for group in range(len(centers)):
        mean = units[groups == group].sum(axis=0, dtype=np.float64)
        length = np.linalg.norm(mean)
        if length > 0:
            moved[group] = mean / length
    return moved
