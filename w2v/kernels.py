"""The compiled training step: skip-gram with negative sampling over one block of a corpus.

For a center word with contexts c_1 ... c_m and output words o_0 (the center) ... o_k (its negatives), with input rows x
and output rows y, label s_0 = 1, s_j = -1, and rate r,

    g_ij = r s_j σ(-s_j x_i·y_j),    y_j += Σ_i g_ij x_i,    x_i += Σ_j g_ij y_j,

every g_ij at the weights as they stood before the center (Mikolov et al. 2013, eq. 4; Ji et al. 2016 for the negatives
that all contexts of one center share). Only the rows of these words change. The order shows in one case: where a word stands
twice among the contexts, its second turn may add its row as the first left it, a difference of second order in r.

Numba recompiles when this file changes, and watches no other: `SOURCES_DIGEST` brings changes of the files it imports here.
"""

import math
from typing import Any

import numpy as np

from w2v.compilation import kernel, kernel_part
from w2v.copying import expect_rows, row_of
from w2v.draws import GOLDEN, HALF, LOW_BITS, next_random, scramble, word_of
from w2v.schedule import Block
from w2v.simd import (
    LANES,
    TILE_CONTEXTS,
    TILE_OUTPUTS,
    TILE_WIDTH,
    add,
    clamp,
    divide,
    exp2,
    exponent,
    load_like,
    mantissa,
    multiply,
    multiply_add,
    prefetch,
    splat,
    store_all,
    sum_rows,
    take,
)
from w2v.tiles import copy_contexts, list_contexts, tile_products, update_rows
from w2v.workspace import (
    AHEAD,
    CHUNK,
    RING,
    ROW_ALIGNMENT,
    TILE_SPAN,
    Sampling,
    Text,
    Weights,
    Workspace,
    output_tiles,
)

SOURCES_DIGEST = "a3cec684b19151d4"

_LOG2_E = np.float32(math.log2(math.e))
_GREATEST_SCORE = np.float32(60)  # exp stays finite; beyond it σ is 0 or 1 in float32 by far
MOST_FACTORS = 2**24 // 88  # of a product of the loss: each adds at most 87 to its exponent, plus one for the mantissa


@kernel_part
def draw_negatives(turn: Any, turns: Any, sampling: Sampling, work: Workspace) -> None:
    """At the first center of a chunk, draw the negatives of all its centers; `turns` centers there are."""
    if turn % CHUNK == 0:
        counter = work.random[0] + np.uint64(turn * sampling.negative) * GOLDEN
        for i in range(min(CHUNK, turns - turn) * sampling.negative):
            work.negatives[i] = word_of(sampling.noise, scramble(counter + np.uint64(i + 1) * GOLDEN))


@kernel_part
def list_outputs(word: Any, turn: Any, slot: Any, stride: Any, sampling: Sampling, work: Workspace) -> None:
    """Write the rows of the center `turn`, which is `word`, and of its negatives to a slot of the ring, all distinct.

    A draw of a word that is there already gives way to what the generator draws whose state it is, until there is a new one.
    """
    work.outputs[slot] = np.int64(word) * stride
    first = (turn % CHUNK) * sampling.negative
    repeated: Any = 0
    for j in range(sampling.negative):
        negative = work.negatives[first + j]
        work.outputs[slot + j + 1] = np.int64(negative) * stride
        repeated += np.int64(negative == word)
        for i in range(j):
            repeated += np.int64(work.negatives[first + i] == negative)
    if repeated > 0:
        _list_distinct(turn, slot, stride, sampling, work)


@kernel_part
def _list_distinct(turn: Any, slot: Any, stride: Any, sampling: Sampling, work: Workspace) -> None:
    for j in range(sampling.negative):
        draw = scramble(work.random[0] + np.uint64(turn * sampling.negative + j + 1) * GOLDEN)
        listed: Any = 0
        while listed <= j:
            row = word_of(sampling.noise, draw) * stride
            listed = 0
            while listed <= j and work.outputs[slot + listed] != row:
                listed += 1
            work.outputs[slot + j + 1] = row
            draw = scramble(draw + GOLDEN)


@kernel_part
def end_draws(turns: Any, sampling: Sampling, work: Workspace) -> None:
    """Move the generator behind the draws of `turns` centers."""
    work.random[0] += np.uint64(turns * sampling.negative) * GOLDEN


@kernel_part
def _score_tile(contexts: Any, outputs: Any, signs: Any, rate: Any, to: Any, weights: Weights, work: Workspace) -> None:
    """Write the gradients g_ij of one tile, those of context i at `to + i * TILE_WIDTH`, and add to the loss Σ log(1 + u_ij).

    With u = exp(-s x·y): σ(-s x·y) = u / (1 + u), and -log σ(s x·y) = log(1 + u). The logarithm of a sum's factors is taken
    once a block: work.loss holds for each lane the product of all factors, as a mantissa and, behind TILE_SPAN, an exponent.
    """
    scores = sum_rows(tile_products(contexts, outputs, weights), outputs)
    sign = load_like(work.signs, signs, scores)
    one = splat(np.float32(1))
    score = clamp(multiply(sign, scores), splat(-_GREATEST_SCORE), splat(_GREATEST_SCORE))
    odds = exp2(multiply(score, splat(-_LOG2_E)))
    store_all(work.gradients, to, multiply(multiply(sign, rate), divide(odds, add(odds, one))))
    product = multiply(load_like(work.loss, 0, odds), multiply_add(odds, multiply(sign, sign), one))
    store_all(work.loss, TILE_SPAN, add(load_like(work.loss, TILE_SPAN, odds), exponent(product)))
    store_all(work.loss, 0, mantissa(product))


@kernel_part
def score_contexts(count: Any, outputs: Any, tile: Any, rate: Any, weights: Weights, work: Workspace) -> None:
    """Write the gradients of all contexts with the output rows of a tile, as many contexts at a time as registers hold.

    Those of context i stand at `first_gradient(tile, work) + i * TILE_WIDTH`.
    """
    to = first_gradient(tile, work)
    # Signs end in zeros, so that nothing counts behind the last context.
    signs = tile * (work.snapshots.shape[0] * TILE_WIDTH + TILE_SPAN) + (work.snapshots.shape[0] - count) * TILE_WIDTH
    i = 0
    while count - i >= TILE_CONTEXTS:
        tall = take(work.contexts, i, TILE_CONTEXTS)
        _score_tile(tall, outputs, signs + i * TILE_WIDTH, rate, to + i * TILE_WIDTH, weights, work)
        i += TILE_CONTEXTS
    if TILE_CONTEXTS > 2 and count - i >= 2:
        pair = take(work.contexts, i, 2)
        _score_tile(pair, outputs, signs + i * TILE_WIDTH, rate, to + i * TILE_WIDTH, weights, work)
        i += 2
    if count > i:
        single = take(work.contexts, i, 1)
        _score_tile(single, outputs, signs + i * TILE_WIDTH, rate, to + i * TILE_WIDTH, weights, work)


@kernel_part
def first_gradient(tile: Any, work: Workspace) -> Any:
    """Where the gradients of an output tile begin."""
    return tile * work.snapshots.shape[0] * TILE_WIDTH


@kernel_part
def begin_loss(work: Workspace) -> None:
    """An empty product."""
    work.loss[:TILE_SPAN] = 1
    work.loss[TILE_SPAN:] = 0


@kernel_part
def log_of_product(work: Workspace) -> float:
    total = 0.0
    for lane in range(TILE_SPAN):
        total += np.float64(work.loss[TILE_SPAN + lane]) + math.log2(np.float64(work.loss[lane]))
    return total * math.log(2.0)


@kernel
def choose_centers(text: Text, block: Block, sampling: Sampling, work: Workspace) -> Any:
    """Drop frequent words by chance, and give each kept one its window; returns how many were kept.

    Writes `kept`, and for each kept word the positions `first` to `last` of its window, uniformly `least_window` to `window`
    words to each side but within the sentence and the block.
    """
    reaches = np.uint64(sampling.window - sampling.least_window + 1)
    kept: Any = 0
    start = block.start
    sentence = block.sentence
    while start < block.stop:
        stop = min(text.ends[sentence], block.stop)
        shift = text.shifts[sentence]
        begin = kept
        for position in range(start, stop):
            draw = next_random(work.random)
            word = text.ids[position + shift]
            work.kept[kept] = word
            work.first[kept] = np.int64(((draw & LOW_BITS) * reaches) >> HALF) + sampling.least_window
            # Counting without a branch: whether a word is kept cannot be predicted.
            kept += np.int64((draw >> HALF) <= np.uint64(sampling.keep[word]))
        for center in range(begin, kept):
            reach = work.first[center]
            work.first[center] = max(begin, center - reach)
            work.last[center] = min(kept, center + reach + 1)
        start = stop
        sentence += 1
    return kept


@kernel
def train_centers(
    begin: int, end: int, learning_rate: float, sampling: Sampling, weights: Weights, work: Workspace
) -> tuple[int, float]:
    """Train on the chosen centers `begin` to `end`; returns how many (center, context) pairs they had, and their losses' sum."""
    rate = splat(np.float32(learning_rate))
    turns = end - begin
    width = work.outputs.shape[0] // RING
    tiles = width // TILE_OUTPUTS
    work.outputs[:] = weights.spare_output
    begin_loss(work)
    before = work.contexts if tiles == 1 else work.snapshots
    pairs = 0
    for drawn in range(turns + AHEAD):
        # The output rows of a center that comes soon are on their way while this one is trained.
        coming = (drawn % RING) * width
        if drawn < turns:
            draw_negatives(drawn, turns, sampling, work)
            list_outputs(work.centers[begin + drawn], drawn, coming, weights.stride, sampling, work)
            for place in range(coming, coming + sampling.negative + 1):
                work.outputs[place] = row_of(work.source, work.outputs[place], weights.stride)
            expect_rows(work.source, work.negatives, drawn % CHUNK + AHEAD, sampling.negative, weights.stride)
        turn = drawn - AHEAD
        if turn < 0:
            continue
        entering = np.int64(work.kept[begin + min(turn + sampling.window + AHEAD, turns - 1)]) * weights.stride
        for k in range(0, weights.stride, ROW_ALIGNMENT):
            prefetch(weights.inputs, entering + k)
        count = list_contexts(begin + turn, weights, work)
        slot = (turn % RING) * width
        for tile in range(tiles):
            outputs = take(work.outputs, slot + tile * TILE_OUTPUTS, TILE_OUTPUTS)
            score_contexts(count, outputs, tile, rate, weights, work)
        if tiles > 1:
            copy_contexts(count, weights, work)
        for tile in range(tiles):
            outputs = take(work.outputs, slot + tile * TILE_OUTPUTS, TILE_OUTPUTS)
            soon = take(work.outputs, coming + tile * TILE_OUTPUTS, TILE_OUTPUTS)
            start = first_gradient(tile, work)
            update_rows(count, work.contexts, before, outputs, work.gradients, start, TILE_WIDTH, soon, weights)
        pairs += count
    end_draws(turns, sampling, work)
    return pairs, log_of_product(work)


def train_block(text: Text, block: Block, sampling: Sampling, weights: Weights, work: Workspace) -> tuple[int, float]:
    """Train on one block of a text; returns how many (center, context) pairs it had, and the sum of their losses.

    Changes the weights in place. The random draws follow from `work.random[0]` alone.
    """
    centers = choose_centers(text, block, sampling, work)
    step = centers_at_once(sampling)
    pairs, loss = 0, 0.0
    for begin in range(0, max(centers, 1), step):
        end = min(begin + step, centers)
        more = train_centers(begin, end, block.learning_rate, sampling, weights, work)
        pairs, loss = pairs + more[0], loss + more[1]
    return pairs, loss


def centers_at_once(sampling: Sampling) -> int:
    """How many centers may go into one product of the loss, whose exponents must stay exact integers in float32.

    >>> noise = np.zeros(20, np.uint64)
    >>> centers_at_once(Sampling(noise, noise, 5, 5)) > 4_000, centers_at_once(Sampling(noise, noise, 10_000, 5)) < 40
    (True, True)
    """
    factors = -(-2 * sampling.window * 8 // LANES) * output_tiles(sampling.negative)  # of a center in a lane, at most
    return max(MOST_FACTORS // factors, 1)
