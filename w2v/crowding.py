"""How often a block meets each row, on average: what the merging of copies needs to know (rounds.py)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.architectures import Cbow
from w2v.objectives import (
    FullSoftmax,
    HierarchicalSoftmax,
    NegativeSampling,
    NoiseContrastive,
    Objective,
    SampledSoftmax,
)
from w2v.steps import Steps
from w2v.subword_kernels import Parts

_MEASURED_ROWS = 256


@dataclass(frozen=True, slots=True, eq=False)
class Crowding:
    """The pairs of each row in a block, float32 [rows], of input rows (with n-grams, of the parts) and of output rows.

    The rows that tell how long rows are, those met most often, are numbered in `measured_inputs` and `measured_outputs`, int64,
    with their shares among these, float64.
    """

    input_pairs: NDArray[np.float32]
    output_pairs: NDArray[np.float32]
    measured_inputs: tuple[NDArray[np.int64], NDArray[np.float64]]
    measured_outputs: tuple[NDArray[np.int64], NDArray[np.float64]]


def crowding(
    tokens: NDArray[np.float64],
    noise: NDArray[np.float64],
    negative: int,
    window: int,
    steps: Steps | None,
    parts: Parts | None,
) -> Crowding:
    """The crowding of blocks with so many kept `tokens` of each word; without `steps`, of skip-gram with negative sampling.

    A center has window + 1 contexts on average, and as many pairs, or with CBOW one.

    >>> tokens = np.array([30.0, 10.0])
    >>> found = crowding(tokens, tokens / 40, negative=1, window=4, steps=None, parts=None)
    >>> found.input_pairs.tolist(), found.output_pairs.tolist()
    ([300.0, 100.0], [300.0, 100.0])
    """
    examples, outputs_met = _examples(tokens, noise, negative, None if steps is None else steps.objective)
    # With CBOW a word is in m contexts too, but in each it moves their mean by 1/m of its own move only.
    pairs = 1 if steps is not None and isinstance(steps.architecture, Cbow) else window + 1
    met = tokens if parts is None else _by_row(tokens, parts.starts, parts.rows)
    output_tokens = examples if steps is not None and isinstance(steps.objective, HierarchicalSoftmax) else tokens
    return Crowding(
        (np.maximum(met, 1) * pairs * outputs_met).astype(np.float32),
        (np.maximum(examples, 1) * pairs).astype(np.float32),
        _most_frequent(tokens),
        _most_frequent(output_tokens),
    )


def _examples(
    tokens: NDArray[np.float64], noise: NDArray[np.float64], negative: int, objective: Objective | None
) -> tuple[NDArray[np.float64], float]:
    """How many centers have each output row in their lists, each counted as often as it pulls, and how long a list is."""
    match objective:
        case None | NegativeSampling():
            return tokens + tokens.sum() * negative * noise, negative + 1
        case NoiseContrastive() | SampledSoftmax():
            expected = np.exp(objective.candidates.offsets.astype(np.float64))
            return tokens + tokens.sum() * expected, 1 + float(expected.sum())
        case FullSoftmax():
            return 2 * tokens, 2  # once as the center, and otherwise as likely as its share of the text
        case HierarchicalSoftmax():
            nodes = _by_row(tokens, objective.paths.starts, objective.paths.nodes)
            return nodes, float(nodes.sum() / tokens.sum())


def _by_row(tokens: NDArray[np.float64], starts: NDArray[np.int64], rows: NDArray[np.int32]) -> NDArray[np.float64]:
    """The tokens of all words that have each row, `rows[starts[w] : starts[w + 1]]` for word w."""
    return np.asarray(np.bincount(rows, np.repeat(tokens, np.diff(starts)), len(tokens)), np.float64)


def _most_frequent(tokens: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    rows = np.argsort(-tokens, kind="stable")[:_MEASURED_ROWS]
    return rows, tokens[rows] / tokens[rows].sum()
