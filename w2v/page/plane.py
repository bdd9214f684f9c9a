"""Words in the plane: by principal components, and by methods of other packages that keep neighbors together."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from w2v.arrays import read_only
from w2v.errors import ConfigError
from w2v.extras import extra
from w2v.page.nearest import nearest_neighbors

_BLOCK_ROWS = 8192
_UMAP_NEIGHBORS = 15
_PERPLEXITY = 30
LEAST_WORDS = 20


class Method(StrEnum):
    """How words come into the plane."""

    PCA = "pca"
    UMAP = "umap"
    TSNE = "tsne"
    PACMAP = "pacmap"


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """A place for each word.

    Parameters
    ----------
    method : Method
    places : float32 [words, 2], read-only
    explained : pair of float
        The shares of the variance that the two principal components have; none for other methods.
    """

    method: Method
    places: NDArray[np.float32]
    explained: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "places", read_only(self.places, np.float32))


def plane(units: NDArray[np.float32], method: Method, seed: int) -> Plane:
    """The words in the plane by one of the methods.

    Parameters
    ----------
    units : float32 [words, size]
        Vectors of length one.
    method : Method
    seed : int
        Of the random numbers of UMAP, t-SNE and PaCMAP, which start from the principal components.

    Raises
    ------
    MissingExtraError
        When the package of the method is not installed.
    ConfigError
        When there are too few words for the method.
    """
    if method is Method.PCA:
        return principal_components(units)
    if len(units) < LEAST_WORDS:
        raise ConfigError(f"{method} needs at least {LEAST_WORDS} words, not {len(units)}; write --method pca")
    with _silence():
        places = {Method.UMAP: _umap, Method.TSNE: _tsne, Method.PACMAP: _pacmap}[method](units, seed)
    return Plane(method, places)


@contextmanager
def _silence() -> Iterator[None]:
    """The packages warn of what is meant here: that a seed forbids threads, that neighbors are given."""
    logger = logging.getLogger("pacmap")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def principal_components(units: NDArray[np.float32]) -> Plane:
    """The two directions of the greatest variance (Pearson 1901), exactly.

    With C = (1/n) Σ (x - m)(x - m)ᵀ, m the mean, and its eigenvalues λ_1 ≥ λ_2 ≥ ..., the places are (x - m) · v_1 and
    (x - m) · v_2, and the shares λ_1 / Σ λ and λ_2 / Σ λ. All sums are in float64. Of each eigenvector and its opposite, the
    one whose greatest number is positive is taken.

    Examples
    --------
    >>> found = principal_components(np.array([[2, 0], [-2, 0], [0, 1], [0, -1]], np.float32))
    >>> found.places.tolist(), found.explained
    ([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]], (0.8, 0.2))
    """
    words, size = units.shape
    mean = units.mean(axis=0, dtype=np.float64)
    covariance = np.zeros((size, size))
    blocks = [slice(start, start + _BLOCK_ROWS) for start in range(0, words, _BLOCK_ROWS)]
    for block in blocks:
        centered = units[block] - mean
        covariance += centered.T @ centered
    variances, directions = np.linalg.eigh(covariance / words)
    axes = directions[:, ::-1][:, :2]
    axes = axes * np.where(axes.max(axis=0) >= -axes.min(axis=0), 1.0, -1.0)
    places = np.zeros((words, 2), np.float32)
    for block in blocks:
        places[block, : axes.shape[1]] = (units[block] - mean) @ axes
    total = float(variances.sum())
    shares = [max(float(share), 0.0) / total if total > 0 else 0.0 for share in (*variances[::-1][:2], 0.0)]
    return Plane(Method.PCA, places, (shares[0], shares[1]))


def _start(units: NDArray[np.float32], spread: float) -> NDArray[np.float32]:
    """The principal components with a standard deviation of `spread` along the first."""
    places = principal_components(units).places
    return np.asarray(places * (spread / (float(places[:, 0].std()) or 1.0)), np.float32)


def _distances(units: NDArray[np.float32], count: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The nearest words, and the lengths of the ways to them: the distance of unit vectors has the order of their cosines."""
    numbers, cosines = nearest_neighbors(units, count)
    return numbers, np.sqrt(np.maximum(2 - 2 * cosines, 0))


def _umap(units: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """McInnes, Healy and Melville 2018."""
    umap = extra("umap", "project", "the method umap")
    count = min(_UMAP_NEIGHBORS, len(units) - 1)
    numbers, distances = _distances(units, count - 1)
    own = np.arange(len(units), dtype=np.int32)[:, np.newaxis]
    known = np.hstack([own, numbers]), np.hstack([np.zeros_like(own, np.float32), distances]), None
    reducer = umap.UMAP(
        n_neighbors=count,
        random_state=seed,
        n_jobs=1,
        init=_start(units, 5.0),
        precomputed_knn=known,
        metric="euclidean",
    )
    return np.asarray(reducer.fit_transform(units), np.float32)


def _tsne(units: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """van der Maaten and Hinton 2008, started as Kobak and Berens 2019 advise."""
    opentsne = extra("openTSNE", "project", "the method tsne")
    perplexity = min(_PERPLEXITY, (len(units) - 1) / 3)
    known = opentsne.nearest_neighbors.PrecomputedNeighbors(*_distances(units, int(3 * perplexity)))
    affinities = opentsne.affinity.PerplexityBasedNN(perplexity=perplexity, knn_index=known, n_jobs=1)
    reducer = opentsne.TSNE(random_state=seed, n_jobs=1)
    found = reducer.fit(affinities=affinities, initialization=_start(units, 1e-4).astype(np.float64))
    return np.asarray(found, np.float32)


def _pacmap(units: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Wang, Huang, Rudin and Shaposhnik 2021."""
    pacmap = extra("pacmap", "project", "the method pacmap")
    reducer = pacmap.PaCMAP(n_components=2, random_state=seed)
    return np.asarray(reducer.fit_transform(units, init="pca"), np.float32)
