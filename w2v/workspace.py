"""What the kernels work with: arrays, and NamedTuples of them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.copying import Copied, InPlace
from w2v.simd import TILE_OUTPUTS, TILE_WIDTH

ROW_ALIGNMENT = 16  # a row starts on a cache line, and is a whole number of vectors of every width
TILE_SPAN = 32  # room for the numbers of one tile, in whole vectors of every width
CHUNK = 128  # centers whose negatives are drawn at a time
AHEAD = 4  # centers between the draw of a negative, whose row is then prefetched, and its use
RING = 8  # slots for the output words of the centers in flight: above AHEAD


class Text(NamedTuple):
    """A corpus as kernels see it, its sentences in the order in which they are trained.

    `ids` int32 [tokens] are in the order of the text. Counted in the order of training, a sentence ends at position `ends`
    int64 [sentences], and its tokens stand in `ids` at their positions plus `shifts` int64 [sentences].
    """

    ids: NDArray[np.int32]
    ends: NDArray[np.int64]
    shifts: NDArray[np.int64]


def text_in_order(ids: NDArray[np.int32], ends: NDArray[np.int64]) -> Text:
    """A corpus whose sentences are trained in the order of the text."""
    return Text(ids, ends, np.zeros(len(ends), np.int64))


class Sampling(NamedTuple):
    """What is drawn: `keep` uint32 [words] and `noise` uint64 [words] as sampling.py makes them, and two bounds of windows."""

    keep: NDArray[np.uint32]
    noise: NDArray[np.uint64]
    window: int
    negative: int
    least_window: int = 1


class Weights(NamedTuple):
    """Rows of `stride` float32, one a word and behind them spare ones of this thread, which start at the two offsets."""

    inputs: NDArray[np.float32]
    outputs: NDArray[np.float32]
    stride: int
    spare_inputs: int
    spare_output: int


class Workspace(NamedTuple):
    """What one thread writes while it trains, and the state of its random generator.

    `kept` are the tokens that were not dropped. `centers` are the same words, by which a loss lists the output rows, where
    `kept` names the input rows: the same array, but for training on copies. `source` tells which output rows are trained.
    """

    kept: NDArray[np.int32]
    centers: NDArray[np.int32]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    negatives: NDArray[np.int32]
    outputs: NDArray[np.int64]
    contexts: NDArray[np.int64]
    snapshots: NDArray[np.int64]
    gradients: NDArray[np.float32]
    signs: NDArray[np.float32]
    loss: NDArray[np.float32]
    random: NDArray[np.uint64]
    source: InPlace | Copied


def output_tiles(negative: int) -> int:
    """The number of output tiles that hold a center and its negatives.

    >>> output_tiles(5), output_tiles(6)
    (1, 2)
    """
    return -(-(negative + 1) // TILE_OUTPUTS)


def sign_table(negative: int, most: int) -> NDArray[np.float32]:
    """The signs s_j of each output tile, `most` times and then zeros: 1, -1, and 0 where no word stands."""
    tiles = output_tiles(negative)
    words = np.zeros(tiles * TILE_OUTPUTS, np.float32)
    words[: negative + 1] = -1
    words[0] = 1
    table = np.zeros((tiles, most * TILE_WIDTH + TILE_SPAN), np.float32)
    for row, signs in zip(table, words.reshape(tiles, TILE_OUTPUTS), strict=True):
        row[: most * TILE_WIDTH].reshape(most, TILE_WIDTH)[:, :TILE_OUTPUTS] = signs
    return table.ravel()


def spare_input_rows(window: int, negative: int) -> int:
    """How many spare input rows a thread needs: for copies of a center's contexts, where there are several output tiles."""
    return 2 * window if output_tiles(negative) > 1 else 0


def workspace(block_tokens: int, window: int, negative: int, weights: Weights) -> Workspace:
    """Allocate what a thread needs for blocks of at most `block_tokens` tokens."""
    tiles, most = output_tiles(negative), 2 * window
    kept = np.zeros(block_tokens + 1, np.int32)
    return Workspace(
        kept=kept,
        centers=kept,
        first=np.zeros(block_tokens + 1, np.int64),
        last=np.zeros(block_tokens + 1, np.int64),
        negatives=np.zeros(CHUNK * negative, np.int32),
        outputs=np.zeros(RING * tiles * TILE_OUTPUTS, np.int64),
        contexts=np.zeros(most + 1, np.int64),
        snapshots=weights.spare_inputs + weights.stride * np.arange(most, dtype=np.int64),
        gradients=aligned_zeros(tiles * most * TILE_WIDTH + TILE_SPAN),
        signs=sign_table(negative, most),
        loss=aligned_zeros(2 * TILE_SPAN),
        random=np.zeros(1, np.uint64),
        source=InPlace(weights.stride),
    )


def aligned_zeros(size: int) -> NDArray[np.float32]:
    """Zeros that start on a cache line, so that a row touches as few lines as can be."""
    zeros = np.zeros(size + ROW_ALIGNMENT, np.float32)
    start = -(zeros.ctypes.data // zeros.itemsize) % ROW_ALIGNMENT
    return zeros[start : start + size]
