"""Similarities of words as pictures: all pairs of some words, and words with their neighbors in the plane."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from w2v.embeddings import Embeddings
from w2v.errors import ConfigError
from w2v.files import Path
from w2v.page.plane import principal_components
from w2v.pictures.items import Heat, Item, Line, Named, Panel, Role
from w2v.pictures.picture import Picture, saved


def plot_similarity(embeddings: Embeddings, words: Sequence[str], file: Path | None = None) -> Picture:
    """The cosines of all pairs of some words, similar words beside each other.

    The order is that of the leaves of the tree that joins the two groups with the greatest mean cosine again and again, turned so
    that neighbors are as similar as can be (Bar-Joseph, Gifford and Jaakkola 2001).

    Raises
    ------
    ConfigError
        When there are fewer than two different words.
    UnknownWordError
        When a word has no vector.
    MissingExtraError, SourceError
        As `Picture.save` does, where a file is named.

    Examples
    --------
    >>> from w2v.vocabulary import Vocabulary
    >>> embeddings = Embeddings(Vocabulary(("king", "apple", "queen"), [3, 2, 1]), [[4, 3], [0, 1], [1, 0]])
    >>> heat = plot_similarity(embeddings, ["king", "apple", "queen"]).panels[0].items[0]
    >>> heat.words, heat.values.round(2).tolist()
    (('apple', 'king', 'queen'), [[1.0, 0.6, 0.0], [0.6, 1.0, 0.8], [0.0, 0.8, 1.0]])
    """
    names = [words] if isinstance(words, str) else list(dict.fromkeys(words))
    if len(names) < 2:
        raise ConfigError("a picture of similarities needs at least two different words")
    units = _units(embeddings, names)
    cosines = np.clip(units @ units.T, -1, 1)
    np.fill_diagonal(cosines, 1.0)
    order = _similar_together(cosines)
    heat = Heat(tuple(names[i] for i in order), cosines[np.ix_(order, order)], Role.SIMILARITY)
    return saved(Picture("Cosines of words", (Panel(("", ""), (heat,)),)), file)


def _units(embeddings: Embeddings, words: Sequence[str]) -> NDArray[np.float64]:
    vectors = embeddings[words].astype(np.float64)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1.0)


def _similar_together(cosines: NDArray[np.float64]) -> NDArray[np.int64]:
    distances = squareform(1 - cosines, checks=False)
    order = leaves_list(linkage(distances, "average", optimal_ordering=True))
    return np.asarray(order if order[0] < order[-1] else order[::-1], np.int64)


def plot_neighbors(
    embeddings: Embeddings, words: str | Sequence[str], topn: int = 10, file: Path | None = None
) -> Picture:
    """Words with their nearest neighbors, in the plane of the two principal components of all of them.

    Neighbors are those of `Embeddings.most_similar`, by cosine in all dimensions; the title tells what share of the variance of
    these words' unit vectors the plane shows.

    Parameters
    ----------
    embeddings : Embeddings
    words : str or sequence of str
    topn : int
        Neighbors of each.
    file : path, optional
        Where to save the picture too.

    Raises
    ------
    ConfigError
        When there is no word, or `topn` is below 1.
    UnknownWordError
        When a word has no vector.
    MissingExtraError, SourceError
        As `Picture.save` does, where a file is named.

    Examples
    --------
    >>> from w2v.vocabulary import Vocabulary
    >>> embeddings = Embeddings(Vocabulary(("king", "apple", "queen"), [3, 2, 1]), [[4, 3], [0, 1], [1, 0]])
    >>> panel = plot_neighbors(embeddings, "queen", topn=1).panels[0]
    >>> [item.word for item in panel.of(Role.NEIGHBOR)]
    ['king']
    """
    asked = [words] if isinstance(words, str) else list(dict.fromkeys(words))
    if not asked:
        raise ConfigError("a picture of neighbors needs at least one word")
    if topn < 1:
        raise ConfigError(f"topn is {topn}; it must be at least 1")
    found = {word: [other for other, _ in embeddings.most_similar(word, topn=topn)] for word in asked}
    names = list(dict.fromkeys([*asked, *(other for others in found.values() for other in others)]))
    plane = principal_components(_units(embeddings, names).astype(np.float32))
    places = {name: (float(x), float(y)) for name, (x, y) in zip(names, plane.places, strict=True)}
    share = 100 * sum(plane.explained or ())
    items = [item for shade, word in enumerate(asked) for item in _star(word, found[word], places, shade)]
    shown: dict[str, Item] = {}
    for item in items:
        if isinstance(item, Named) and (item.role is Role.ASKED or item.word not in shown):
            shown[item.word] = item
    lines = [item for item in items if isinstance(item, Line)]
    title = f"Nearest words; the plane has {share:.0f} % of their variance"
    return saved(Picture(title, (Panel(("", ""), (*lines, *shown.values()), is_equal=True),)), file)


def _star(word: str, others: Sequence[str], places: dict[str, tuple[float, float]], shade: int) -> list[Line | Named]:
    """A word, its neighbors, and lines to them."""
    lines = [Line(np.array([places[word], places[other]]), "", Role.NEARNESS, shade) for other in others]
    names = [Named(other, places[other], Role.NEIGHBOR, shade) for other in others]
    return [*lines, Named(word, places[word], Role.ASKED, shade), *names]
