"""How rows that several workers trained apart become one.

Every worker begins a round with the same rows, trains its own blocks, and sends the rows that it changed. Let r be such a row,
and d_1 ... d_m what the m workers who changed it added. Adding all moves overshoots where each worker went most of the way to
where the gradient vanishes: frequent rows diverge. The mean of the moves is stable, and lets rare words learn m times too
slowly. Both are right, in different directions of the same row. The loss of a row is close to quadratic, with curvature

    h C,   C = the mean of y yᵀ over the rows y that it meets on the other side,

whose greatest eigenvalue (all words share a direction) is some hundred times its mean one. In an eigenvector's direction with
eigenvalue λ, and with n pairs of the row in a worker's round, let a = rate n h λ. Taken as one implicit step, a round moves the
row by a / (1 + a) of its way; m rounds in turn by m a / (1 + m a); the moves of m workers add up to m a / (1 + a). So the sum is
to be multiplied by (1 + a) / (1 + m a), direction by direction:

    r + (I + A) (I + m A)⁻¹ (d_1 + ... + d_m),   A = rate n h C.

It is the sum of the moves where the row is rare or the direction flat, and their mean where it is frequent and steep. The
steepest directions count one by one, all others by their mean curvature: C has few great eigenvalues. One number for the whole
row, as in `w2v.rounds`, does for blocks of a thousand words; in rounds that are a hundred times as long it keeps the flat
directions from learning (docs/decisions/0119).
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.config import Architecture, Loss, TrainingConfig
from w2v.distributed.merge_kernels import (
    add_copies,
    add_squares,
    list_changes,
    merge_rows,
    multiply_all,
    orthonormalize,
    take_rows,
)
from w2v.errors import DivergenceError
from w2v.huffman import huffman_paths
from w2v.parameters import Parameters
from w2v.sampling import keep_probabilities, noise_probabilities

CURVATURE = 0.1  # h: the mean of σ' over the pairs, about
FEW = 8  # workers; what more of them move in a round makes C greater than any of them has seen, so h rises with their root
DIRECTIONS = 16
_SAMPLED_ROWS = 1_000
_ITERATIONS = 8


class Rows(NamedTuple):
    """Some rows of a matrix: their numbers int32 [n], ascending, and what they are, float32 [n, vector_size]."""

    numbers: NDArray[np.int32]
    values: NDArray[np.float32]


def take_changes(before: NDArray[np.float32], after: NDArray[np.float32], owners: int) -> tuple[Rows, ...]:
    """The rows of `after` whose bits differ from those `before`, which take their place there again.

    Those of each owner come by themselves: every owners-th row of the matrix is one owner's, who brings it together.

    >>> after = np.array([[1, 2], [3, 5], [6, 6]], np.float32)
    >>> even, odd = take_changes(np.array([[1, 2], [3, 4], [5, 6]], np.float32), after, 2)
    >>> even.numbers.tolist(), odd.numbers.tolist(), odd.values.tolist(), after[1].tolist()
    ([2], [1], [[3.0, 5.0]], [3.0, 4.0])
    """
    numbers = np.empty(len(before), np.int32)
    numbers = numbers[: list_changes(before.view(np.uint32), after.view(np.uint32), numbers)]
    owner = numbers % owners
    numbers = numbers[np.argsort(owner, kind="stable")]
    values = np.empty((len(numbers), before.shape[1]), np.float32)
    take_rows(numbers, before, after, values)
    bounds = np.cumsum([0, *np.bincount(owner, minlength=owners)])
    return tuple(Rows(numbers[start:stop], values[start:stop]) for start, stop in pairwise(bounds.tolist()))


class Curvature(NamedTuple):
    """The moment of the rows that other rows meet, along its steepest directions, float32 [directions, vector_size].

    `moments` float32 [directions + 1] are those along the directions, the greatest first, and the mean along all others.
    """

    directions: NDArray[np.float32]
    moments: NDArray[np.float32]


def curvature(moment: NDArray[np.float64]) -> Curvature:
    """The steepest directions of a moment, float64 [vector_size, vector_size], by orthogonal iteration.

    >>> found = curvature(np.diag([100.0, 0.01, 1.0]))
    >>> found.moments.astype(float).round(6).tolist(), abs(found.directions).round(6).tolist()
    ([100.0, 1.0, 0.01, 0.0], [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    """
    size = len(moment)
    directions = np.random.default_rng(size).standard_normal((min(DIRECTIONS, size), size))  # the same every time
    products = np.empty_like(directions)
    for _ in range(_ITERATIONS):
        multiply_all(moment, directions, products)
        directions, products = products, directions
        orthonormalize(directions)
    multiply_all(moment, directions, products)
    along = (directions * products).sum(axis=1)
    others = max(float(np.trace(moment) - along.sum()), 0.0) / max(size - len(along), 1)
    return Curvature(directions.astype(np.float32), np.append(along, others).astype(np.float32))


class Merging:
    """Brings the rows of workers together who train about `round_tokens` each in a round.

    Parameters
    ----------
    config : TrainingConfig
    counts : int64 [words]
        Those of the vocabulary.
    round_tokens : float
        What a worker trains of the text in a round, on average.
    parameters : Parameters
        Their rows are read for `curvatures`.

    Attributes
    ----------
    pairs : dict of float64 [rows]
        How many pairs each row of each matrix has in a worker's round, on average.
    """

    def __init__(
        self, config: TrainingConfig, counts: NDArray[np.int64], round_tokens: float, parameters: Parameters
    ) -> None:
        self._config, self._parameters = config, parameters
        kept = counts * keep_probabilities(counts, config.sample)
        self._tokens = round_tokens * kept / counts.sum()
        outputs = self._output_pairs(counts)
        words = self._input_pairs(outputs)
        parts = parameters.parts
        if parts is None:
            self.pairs = {"inputs": words, "outputs": outputs}
        else:  # the rows of a word move together, each as far as the word
            rows = len(parameters.matrices["parts"])
            own = np.bincount(parts.rows, np.repeat(words, np.diff(parts.starts)), rows).astype(np.float64)
            self.pairs = {"parts": own, "outputs": outputs}
        self._met_by_inputs, self._met_by_outputs = _sample(outputs), _sample(self._tokens)

    def curvatures(self) -> dict[str, Curvature]:
        """How steep the loss is along the rows of each matrix: from a thousand of the rows that they meet, as often as met.

        Raises
        ------
        DivergenceError
            When rows are not finite.
        """
        outputs = self._parameters.matrices["outputs"]
        words = self._vectors(self._met_by_outputs)
        found = {}
        for name in self.pairs:
            rows, chosen = (words, np.arange(len(words))) if name == "outputs" else (outputs, self._met_by_inputs)
            moment = np.zeros((rows.shape[1], rows.shape[1]))
            add_squares(rows, chosen, moment)
            if not np.isfinite(moment).all():
                raise DivergenceError(
                    f"the vectors are not finite after training with alpha {self._config.alpha}; lower it"
                )
            found[name] = curvature(moment / len(chosen))
        return found

    def merge(
        self,
        name: str,
        rate: float,
        steepest: Curvature,
        before: NDArray[np.float32],
        owner: int,
        changes: Sequence[Rows],
    ) -> Rows:
        """The rows of matrix `name` that `owner` brings together, of as many owners as there are workers.

        Parameters
        ----------
        name : str
        rate : float
            The learning rate of the round.
        steepest : Curvature
            What the owner found for this matrix at the end of its round.
        before : float32 [rows, vector_size]
            The matrix at the beginning of the round.
        owner : int
        changes : sequence of Rows
            Those of each worker that are this owner's. They are added in this order.
        """
        owners = len(changes)
        if owners == 1:
            return changes[0]
        slots = -(-(len(before) - owner) // owners)
        copies = np.zeros(slots, np.int32)
        sums = np.zeros((slots, before.shape[1]), np.float32)
        for numbers, values in changes:
            add_copies(numbers, values, owners, copies, sums)
        changed = np.flatnonzero(copies)
        numbers = (changed * owners + owner).astype(np.int32)
        crowding = CURVATURE * max(owners / FEW, 1.0) ** 0.5
        steepness = (rate * crowding * self.pairs[name][numbers]).astype(np.float32)
        rows, along = sums[changed], np.zeros(len(steepest.directions), np.float32)
        across = np.ascontiguousarray(steepest.directions.T)
        merge_rows(
            copies[changed], steepness, steepest.moments, steepest.directions, across, before[numbers], rows, along
        )
        return Rows(numbers, rows)

    def _vectors(self, words: NDArray[np.int64]) -> NDArray[np.float32]:
        """The input vectors of some words."""
        parts = self._parameters.parts
        if parts is None:
            return self._parameters.matrices["inputs"][words]
        lengths = parts.starts[words + 1] - parts.starts[words]
        ends = np.cumsum(lengths)
        entries = np.arange(ends[-1]) + np.repeat(parts.starts[words] - (ends - lengths), lengths)
        sums = np.add.reduceat(self._parameters.matrices["parts"][parts.rows[entries]], ends - lengths)
        return (sums / lengths[:, None]).astype(np.float32)

    def _input_pairs(self, outputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """A context is met by about window + 1 centers, each with several output rows."""
        config = self._config
        if config.loss is Loss.FULL_SOFTMAX:
            met = 1.0  # by each of the many rows with its probability, by all together once
        elif config.loss is Loss.HIERARCHICAL_SOFTMAX:
            met = float(outputs.sum() / (self._tokens.sum() * self._pairs_of_center))
        else:
            met = config.negative + 1.0
        return self._tokens * (config.window + 1) * met

    def _output_pairs(self, counts: NDArray[np.int64]) -> NDArray[np.float64]:
        config, tokens = self._config, self._tokens
        if config.loss is Loss.FULL_SOFTMAX:
            met = 2 * tokens
        elif config.loss is Loss.HIERARCHICAL_SOFTMAX:
            paths = huffman_paths(counts)
            met = np.bincount(paths.nodes, np.repeat(tokens, np.diff(paths.starts)), len(counts))
        else:
            met = tokens + tokens.sum() * config.negative * noise_probabilities(counts, config.ns_exponent)
        return met * self._pairs_of_center

    @property
    def _pairs_of_center(self) -> int:
        return 1 if self._config.architecture is Architecture.CBOW else self._config.window + 1


def _sample(weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """A thousand numbers of rows, each about as often as its weight says; always the same."""
    ends = np.cumsum(weights)
    points = (np.arange(_SAMPLED_ROWS) + 0.5) / _SAMPLED_ROWS
    return np.searchsorted(ends, points * ends[-1]).clip(max=len(weights) - 1)
