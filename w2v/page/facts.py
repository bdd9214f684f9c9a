"""What a page says about itself: how many words there are, what distances in it mean, and how far it can be believed."""

import numpy as np

from w2v.page.plane import Method
from w2v.page.projection import Projection

_NAMES = {Method.PCA: "PCA", Method.UMAP: "UMAP", Method.TSNE: "t-SNE", Method.PACMAP: "PaCMAP"}
_DISTANCES = {
    Method.PCA: "This is a flat shadow of the vectors: what is far apart here is different; what is close here may still be far "
    "apart in the directions that are not shown.",
    Method.UMAP: "UMAP keeps near words near. Distances between separate clouds, and the clouds' sizes, say little.",
    Method.TSNE: "t-SNE keeps near words near. Distances between separate clouds, and the clouds' sizes, say nothing.",
    Method.PACMAP: "PaCMAP keeps near words near, and the large parts roughly in place. Distances are no cosines.",
}


def summary(shown: Projection) -> str:
    """One line on what is shown."""
    size = f"{len(shown.words):,} words, vectors of {shown.vector_size} numbers"
    if shown.plane.explained is None:
        return f"{size}, placed by {_NAMES[shown.plane.method]}"
    return f"{size}; the two directions shown have {_percent(sum(shown.plane.explained))} of their variance"


def facts(shown: Projection) -> list[str]:
    """What one has to know to read the page rightly."""
    told = [_DISTANCES[shown.plane.method]]
    if shown.plane.explained is not None:
        first, second = map(_percent, shown.plane.explained)
        told.append(
            f"Across is the direction in which the vectors, each first divided by its length, vary most: {first} of their "
            f"variance. Up is the next one: {second}."
        )
    count = shown.neighbors.shape[1]
    if count:
        nearest = f"the {count} other words" if count > 1 else "the other word"
        told.append(
            f"A word's neighbors are {nearest} of this page with the greatest cosine in all {shown.vector_size} dimensions. "
            f"That is not who is near on the screen: {_percent(shown.kept)} of all neighbors are among the {count} nearest there."
        )
    told.append("Colors show groups of words whose vectors point the same way (spherical k-means, in all dimensions).")
    order = (
        "by how often they occur"
        if shown.counts.any()
        else "as in the file of vectors, which usually begins with the frequent ones"
    )
    told.append(f"Words are numbered {order}; the first are drawn larger and named first.")
    return told


def _percent(share: float) -> str:
    """A share in percent with two digits.

    >>> _percent(0.0616), _percent(0.5), _percent(1.0), _percent(0.00012)
    ('6.2 %', '50 %', '100 %', '0.012 %')
    """
    digits = np.format_float_positional(100 * share, precision=2, fractional=False, trim="-")
    return f"{digits} %"
