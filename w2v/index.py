"""Approximate search for nearest neighbors among many vectors, by usearch's graph of neighbors (Malkov and Yashunin 2020).

The graph holds unit vectors in numbers of 8 bits, a quarter of the vectors' size. What it finds is scored again with the vectors
themselves, so a cosine is exact, and only a neighbor can be missed: how rarely, an index says of itself.
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import QueryError, SourceError, VectorFileError
from w2v.files import Path, reading, replacing
from w2v.indices.digests import digest_of_file, digest_of_vectors
from w2v.indices.graph import empty_graph, fill, search
from w2v.indices.recall import draw, neighbors_of, recall_of, widen, wilson_low
from w2v.tables import Tabular

_BOUNDS = {
    "connectivity": (2, 1000),
    "expansion_add": (2, 1_000_000),
    "expansion_search": (1, 1_000_000),
    "threads": (1, 1024),
}
_FORMAT = "w2v index 1"


@dataclass(frozen=True, slots=True)
class IndexReport(Tabular):
    """What an index is made of, and what it finds.

    `recall` is the share of the 10 nearest neighbors of `sample` words, drawn at random, that it finds, and `recall_low` the
    lower end of its 95 % interval (Wilson 1927). `expansion_search` is how many words a search looks at closely,
    `expansion_add` the same when a word was put in, `connectivity` how many neighbors a word has in the graph.
    """

    words: int
    size: int
    recall: float
    recall_low: float
    sample: int
    expansion_search: int
    expansion_add: int
    connectivity: int
    vectors_digest: str


@dataclass(frozen=True, slots=True, eq=False)
class NearestNeighbors:
    """An index of the rows of a matrix; made by `Embeddings.build_index`, used as `indexer`.

    Examples
    --------
    >>> vectors = np.random.default_rng(0).standard_normal((500, 16)).astype(np.float32)
    >>> from w2v.search import row_norms
    >>> index = NearestNeighbors.build(vectors, row_norms(vectors), recall=0.99)
    >>> index.report.recall >= 0.99, index.search(vectors, row_norms(vectors), vectors[7:8], 1)[0].tolist()
    (True, [[7]])
    """

    report: IndexReport
    _graph: Any
    _checked: NDArray[np.float32] | None = field(init=False, repr=False, default=None)

    @classmethod
    def build(
        cls,
        vectors: NDArray[np.float32],
        norms: NDArray[np.float64],
        *,
        recall: float = 0.95,
        connectivity: int = 16,
        expansion_add: int = 128,
        threads: int = 1,
        seed: int = 1,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> "NearestNeighbors":
        """Put all rows into a graph, and search it as widely as the wanted recall asks for.

        Parameters
        ----------
        vectors : float32 [words, size]
        norms : float64 [words]
            The rows' lengths, 1 for a zero row.
        recall : float, 0 < recall < 1
            The share of the 10 nearest neighbors to find. `expansion_search` is doubled from 64 until a sample of words reaches
            it, at most to 4,096; `report.recall` is then measured with another sample, and may be a little below.
        connectivity, expansion_add : int, from 2 to 1,000 and to 1,000,000
            More find more neighbors, and take more time to build; more connectivity takes more memory too.
        threads : int, from 1 to 1,024
            With one, the same vectors give the same graph.
        seed : int
            For the samples.
        on_progress : function of the number of rows done and of all, optional

        Raises
        ------
        QueryError
            For a value out of its range.
        MissingExtraError
            Without usearch.
        """
        _check_options(recall, {"connectivity": connectivity, "expansion_add": expansion_add}, threads)
        graph = empty_graph(vectors.shape[1], connectivity, expansion_add)
        fill(graph, vectors, norms, threads, on_progress)
        random = np.random.default_rng(seed)
        widen(graph, vectors, norms, recall, random)
        # Another sample: the first one has chosen, and its recall would flatter.
        sample = draw(random, len(vectors))
        exact = neighbors_of(sample, vectors, norms, None)
        measured = recall_of(exact, neighbors_of(sample, vectors, norms, graph))
        report = IndexReport(
            words=len(vectors),
            size=vectors.shape[1],
            recall=measured,
            recall_low=wilson_low(measured, len(sample)),
            sample=len(sample),
            expansion_search=graph.expansion_search,
            expansion_add=expansion_add,
            connectivity=connectivity,
            vectors_digest=digest_of_vectors(vectors),
        )
        return cls(report, graph)

    def search(
        self,
        vectors: NDArray[np.float32],
        norms: NDArray[np.float64],
        targets: NDArray[np.float32],
        wanted: int,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """What `search.nearest` returns for the same arguments, but for neighbors missed; -1 and -inf where fewer are found.

        Raises
        ------
        QueryError
            When the index is of other vectors.
        """
        if vectors.shape != (self.report.words, self.report.size):
            raise QueryError(
                f"the index is of {self.report.words} vectors of {self.report.size} numbers, not of {len(vectors)} of "
                f"{vectors.shape[1]}; build one of these"
            )
        if vectors is not self._checked:  # once, and not with every question
            if digest_of_vectors(vectors) != self.report.vectors_digest:
                raise QueryError("the index is of other vectors than these; build one of these")
            object.__setattr__(self, "_checked", vectors)
        return search(self._graph, vectors, norms, targets, wanted)

    def save(self, path: Path) -> None:
        """Write the graph to `path`, as usearch does, and what it is made of to `path` with .json behind it.

        Raises
        ------
        SourceError
            When a file cannot be written.
        """
        with replacing(path) as stream:
            try:
                self._graph.save(stream.name)
            except RuntimeError as error:  # usearch's own, for whatever went wrong
                raise SourceError(f"cannot write {os.fspath(path)}: {error}") from None
            if os.path.getsize(stream.name) != self._graph.serialized_length:
                raise SourceError(f"cannot write {os.fspath(path)}: only a part of it reached the disk")
            digest = digest_of_file(stream.name)
        content = {"format": _FORMAT, "graph_digest": digest, **asdict(self.report)}
        with replacing(_description(path)) as stream:
            stream.write(json.dumps(content, indent=2).encode() + b"\n")

    @classmethod
    def load(cls, path: Path, vectors: NDArray[np.float32]) -> "NearestNeighbors":
        """Map what `save` wrote into memory: pages are read when they are searched.

        Raises
        ------
        SourceError
            When a file cannot be read.
        VectorFileError
            When the files are damaged, not of one index, or not of these vectors.
        MissingExtraError
            Without usearch.
        """
        name = os.fspath(path)
        report, digest = _read_description(path)
        if digest_of_file(path) != digest:
            raise VectorFileError(f"{name} is not the index that {_description(path)} describes; build it again")
        if vectors.shape != (report.words, report.size) or digest_of_vectors(vectors) != report.vectors_digest:
            raise VectorFileError(f"the index {name} is of other vectors than these; build one of these")
        graph = empty_graph(report.size, report.connectivity, report.expansion_add)
        try:
            graph.view(name)
        except RuntimeError as error:
            raise VectorFileError(f"{name} is not an index that usearch can read: {error}") from None
        if len(graph) != report.words:
            raise VectorFileError(f"{name} has {len(graph)} words in place of {report.words}; build it again")
        graph.expansion_search = report.expansion_search
        return cls(report, graph)


def _description(path: Path) -> str:
    return os.fspath(path) + ".json"


def _read_description(path: Path) -> tuple[IndexReport, str]:
    with reading(_description(path)) as stream:
        text = stream.read(1 << 20)
    try:
        content = json.loads(text)
        if content.pop("format") != _FORMAT:
            raise ValueError("another format")
        digest = content.pop("graph_digest")
        kinds = {one.name: one.type for one in fields(IndexReport)}
        if set(content) != set(kinds) or any(type(content[name]) is not kind for name, kind in kinds.items()):
            raise ValueError("other fields")
        for name in ("connectivity", "expansion_add", "expansion_search"):
            least, most = _BOUNDS[name]
            if not least <= content[name] <= most:
                raise ValueError(f"its {name} is {content[name]}")
        return IndexReport(**content), digest
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise VectorFileError(f"{_description(path)} does not describe an index: {error}") from None


def _check_options(recall: float, numbers: dict[str, int], threads: int) -> None:
    if isinstance(recall, bool) or not isinstance(recall, int | float) or not 0 < recall < 1:
        raise QueryError(f"recall is {recall!r}; it must be between 0 and 1")
    for name, value in (*numbers.items(), ("threads", threads)):
        least, most = _BOUNDS[name]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise QueryError(f"{name} is {value!r}; it must be a whole number from {least} to {most}")
