"""The training step for every loss and both architectures, compiled for those that a run uses.

For each center: its list of output rows (objectives.py), its input rows (architectures.py), their scores, the gradients that
the loss makes of them, and the update of both sides, all of it at the weights as they stood before the center. What skip-gram
with negative sampling does beside other things here has a faster kernel of its own in kernels.py; the two share their tiles.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.architectures import Cbow, SkipGram, gather, score, update
from w2v.candidates import candidates
from w2v.compilation import kernel, kernel_part, kernel_section
from w2v.config import Architecture, Loss, TrainingConfig
from w2v.copying import row_of
from w2v.huffman import huffman_paths
from w2v.kernels import choose_centers
from w2v.objectives import (
    FullSoftmax,
    HierarchicalSoftmax,
    NegativeSampling,
    NoiseContrastive,
    Objective,
    Outputs,
    SampledSoftmax,
    activate,
    empty_outputs,
    list_outputs,
)
from w2v.order import Order, text_at
from w2v.sampling import alias_table, noise_probabilities
from w2v.schedule import Block
from w2v.simd import TILE_OUTPUTS, prefetch, prefetch_each, splat, take
from w2v.tiles import list_contexts
from w2v.workspace import AHEAD, RING, ROW_ALIGNMENT, Sampling, Text, Weights, Workspace, workspace

SOURCES_DIGEST = "762460e45d34b701"


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """How a run trains where it does not use the kernel of skip-gram with negative sampling."""

    architecture: SkipGram | Cbow
    objective: Objective

    def blocks_on(
        self, text: Text | Order, block_tokens: int, sampling: Sampling, weights: Weights
    ) -> Callable[[Block, int], tuple[int, float]]:
        """What trains a block of at most so many tokens from a seed, for a thread with these weights.

        It returns the number of pairs of an input row and a center, and the sum of their losses.
        """
        work, outputs = self.room(block_tokens, len(sampling.keep), weights)

        def train(block: Block, seed: int) -> tuple[int, float]:
            work.random[0] = seed
            centers = choose_centers(text_at(text, block.start), block, sampling, work)
            pairs, loss = train_steps(
                0, centers, block.learning_rate, self.architecture, self.objective, weights, work, outputs
            )
            return pairs, loss

        return train

    def room(self, block_tokens: int, words: int, weights: Weights) -> tuple[Workspace, Outputs]:
        """What a thread writes while it trains blocks of at most so many tokens, from a vocabulary of so many words."""
        window = self.architecture.window
        input_rows = 2 * window if isinstance(self.architecture, SkipGram) else 1
        return workspace(block_tokens, window, 1, weights), empty_outputs(self.objective, words, input_rows, weights)


def steps(config: TrainingConfig, counts: NDArray[np.int64]) -> Steps:
    """The steps for a configuration, on a vocabulary whose words have these counts, int64 [words]."""
    if config.architecture is Architecture.CBOW:
        divided = bool(config.cbow_mean) == config.cbow_exact
        return Steps(Cbow(config.window, config.cbow_mean, int(divided)), _objective(config, counts))
    return Steps(SkipGram(config.window), _objective(config, counts))


def _objective(config: TrainingConfig, counts: NDArray[np.int64]) -> Objective:
    if config.loss is Loss.FULL_SOFTMAX:
        return FullSoftmax(len(counts))
    if config.loss is Loss.HIERARCHICAL_SOFTMAX:
        return HierarchicalSoftmax(huffman_paths(counts))
    noise = noise_probabilities(counts, config.ns_exponent)
    if config.loss is Loss.NEGATIVE_SAMPLING:
        return NegativeSampling(alias_table(noise), min(config.negative, len(counts) - 1))
    drawn = candidates(noise, config)
    return SampledSoftmax(drawn) if config.loss is Loss.SAMPLED_SOFTMAX else NoiseContrastive(drawn)


@kernel_part
def _tiles(size: Any) -> Any:
    return (size + TILE_OUTPUTS - 1) // TILE_OUTPUTS


@kernel_section
def _make_lists(first: Any, last: Any, objective: Any, weights: Weights, work: Workspace, outputs: Outputs) -> None:
    """Write the lists of the centers `first` to `last`, at most RING of them."""
    for center in range(first, last):
        word = np.int64(work.centers[center])
        slot = center % RING
        begin = slot * outputs.width
        size = list_outputs(objective, word, center, begin, work.random, weights, outputs)
        for entry in range(begin, begin + size):
            if outputs.counts[entry] > 0:  # or no row stands there
                outputs.rows[entry] = row_of(outputs.source, outputs.rows[entry], weights.stride)
        outputs.sizes[slot] = size


@kernel_part
def _prefetch_rows(first: Any, last: Any, slot: Any, weights: Weights, outputs: Outputs) -> None:
    """Fetch the rows of the tiles `first` to `last` of a list."""
    for tile in range(first, last):
        rows = take(outputs.rows, slot + tile * TILE_OUTPUTS, TILE_OUTPUTS)
        for k in range(0, weights.stride, ROW_ALIGNMENT):
            prefetch_each(weights.outputs, rows, k)


@kernel
def train_steps(
    begin: int,
    end: int,
    learning_rate: float,
    architecture: SkipGram | Cbow,
    objective: Objective,
    weights: Weights,
    work: Workspace,
    outputs: Outputs,
) -> tuple[int, float]:
    """Train on the chosen centers `begin` to `end`; returns the number of (input row, center) pairs, and their losses' sum."""
    rate = splat(np.float32(learning_rate))
    pairs = 0
    loss = 0.0
    listed = begin
    for center in range(begin, end):
        if listed < min(center + AHEAD + 1, end):
            last = min(center + RING, end)
            _make_lists(listed, last, objective, weights, work, outputs)
            listed = last
        entering = np.int64(work.kept[min(center + architecture.window + AHEAD, end - 1)]) * weights.stride
        for k in range(0, weights.stride, ROW_ALIGNMENT):
            prefetch(weights.inputs, entering + k)
        slot = (center % RING) * outputs.width
        size = outputs.sizes[center % RING]
        tiles = _tiles(size)
        contexts = list_contexts(center, weights, work)
        input_rows = gather(architecture, contexts, weights, work)
        for tile in range(tiles if input_rows > 0 else 0):
            rows = take(outputs.rows, slot + tile * TILE_OUTPUTS, TILE_OUTPUTS)
            score(architecture, input_rows, rows, tile * TILE_OUTPUTS, weights, work, outputs)
        for i in range(input_rows if size > 0 else 0):
            loss += activate(objective, i * outputs.width, slot, size, rate, outputs)
        # The rows of a list are on their way some centers before they are needed.
        coming = (center + AHEAD) % RING
        if input_rows > 0:
            update(architecture, contexts, slot, coming * outputs.width, tiles, weights, work, outputs)
        _prefetch_rows(tiles, _tiles(outputs.sizes[coming]), coming * outputs.width, weights, outputs)
        pairs += input_rows
    return pairs, loss
