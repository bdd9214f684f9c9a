"""One HTML page that holds all it needs: words, places and neighbors as data, its style and its program."""

import base64
import hashlib
import html
import json
import re
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.embeddings import Embeddings
from w2v.files import Path, replacing
from w2v.page.facts import facts, summary
from w2v.page.plane import Method
from w2v.page.projection import Projection, projection
from w2v.readable import readable

_PROGRAM = ("data.js", "view.js", "labels.js", "drawing.js", "panel.js", "search.js", "main.js")
_FULL_COSINE = 32767
_SAFE_IN_SCRIPT = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def write_page(
    embeddings: Embeddings,
    path: Path,
    method: Method | str = Method.PCA,
    *,
    words: int = 20_000,
    neighbors: int = 10,
    seed: int = 1,
    title: str = "Word vectors",
) -> Projection:
    """Write one HTML file that shows vectors in any browser, from disk and without a network; returns what it shows.

    The page has the words in the plane, to be moved and enlarged, with search, and with each word's nearest neighbors in the
    space of the vectors. The parameters are those of `projection`, and the title that stands above. The file appears when it is
    complete.

    Parameters
    ----------
    embeddings : Embeddings
    path : path
        Of the file, which is replaced where there is one.
    method : Method or str
        How words are placed: by the two principal components, or by a method of an extra.
    words : int
        How many, the most frequent first.
    neighbors : int
        How many nearest words each word keeps.
    seed : int
        Of methods that draw at random.
    title : str
        Above the page.

    Raises
    ------
    ConfigError, MissingExtraError
        As `projection` does.
    SourceError
        When the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from w2v.vocabulary import Vocabulary
    >>> embeddings = Embeddings(Vocabulary(("king", "queen", "apple"), [3, 2, 1]), [[2, 0], [3, 1], [-1, 2]])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     shown = write_page(embeddings, folder + "/page.html", title="Three words")
    ...     "<title>Three words</title>" in open(folder + "/page.html", encoding="utf-8").read()
    True
    """
    shown = projection(embeddings, method, words=words, neighbors=neighbors, seed=seed)
    text = page(shown, title)
    with replacing(path) as stream:
        stream.write(text.encode())
    return shown


def page(shown: Projection, title: str) -> str:
    """The text of the page.

    Its policy (Content-Security-Policy) lets the browser run this one program and apply this one style, known by their SHA-256,
    and load nothing: whatever a word holds, it stays text.
    """
    program = "\n".join(_asset(name) for name in _PROGRAM)
    style = _asset("page.css")
    policy = f"default-src 'none'; script-src '{_digest(program)}'; style-src '{_digest(style)}'; img-src data:"
    parts = {
        "title": html.escape(readable(title)),
        "policy": f"{policy}; base-uri 'none'; form-action 'none'",
        "style": style,
        "data": json.dumps(page_data(shown, title), separators=(",", ":")).translate(_SAFE_IN_SCRIPT),
        "program": program,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _asset("page.html"))


def _asset(name: str) -> str:
    return files("w2v.page").joinpath("assets", name).read_text("utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def page_data(shown: Projection, title: str) -> dict[str, Any]:
    """What the page's program reads: words as text, arrays as little-endian numbers in base64.

    Places fill the square from -1 to 1 in float32, the numbers of neighbors are uint16, or uint32 for more than 65,536 words,
    and cosines int16, where 32,767 stands for 1.
    """
    numbers = np.dtype("<u2") if len(shown.words) <= 1 << 16 else np.dtype("<u4")
    cosines = np.rint(np.clip(shown.cosines.astype(np.float64), -1, 1) * _FULL_COSINE)
    return {
        "title": readable(title),
        "words": [readable(word) for word in shown.words],
        "places": _base64(_in_square(shown.plane.places).astype("<f4")),
        "neighborCount": shown.neighbors.shape[1],
        "neighbors": _base64(shown.neighbors.astype(numbers)),
        "cosines": _base64(cosines.astype("<i2")),
        "groups": _base64(shown.groups.astype("u1")),
        "groupNames": [[readable(word) for word in names] for names in shown.group_names],
        "counts": shown.counts.tolist() if shown.counts.any() else None,
        "summary": summary(shown),
        "facts": facts(shown),
    }


def _in_square(places: NDArray[np.float32]) -> NDArray[np.float64]:
    """Places moved and scaled, both axes by the same factor, so that they just fit between -1 and 1."""
    low, high = places.min(axis=0).astype(np.float64), places.max(axis=0).astype(np.float64)
    return (places - (low + high) / 2) / (max(float((high - low).max()) / 2, 1e-30))


def _base64(array: NDArray[Any]) -> str:
    return base64.b64encode(array.tobytes()).decode()
