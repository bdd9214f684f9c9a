"""The blocks of a deterministic round in every loss and both architectures, of plain words or of words made of n-grams.

As in rounds.py a block trains on copies of the rows that it needs, and `merge_share` merges them. Here a row is copied when the
block first needs it, and the steps are those of steps.py, on a matrix of input rows and a matrix of output rows that are the
block's copies. With n-grams the copies are those of the words' parts: the block has a table of parts of its own words, and each
word is composed and given back as in subword_kernels.py.

Numba recompiles when this file changes, and watches no other: `SOURCES_DIGEST` brings changes of the files it imports here.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.architectures import Cbow, SkipGram
from w2v.compilation import kernel, kernel_part
from w2v.copying import Copied, place_of
from w2v.objectives import Objective, Outputs, longest_list
from w2v.rounds import (
    Own,
    Places,
    Round,
    Stage,
    choose_centers_of,
    copies,
    copies_of,
    copy_inputs,
    end_copies,
    local_weights,
    no_places,
    own_room,
)
from w2v.steps import Steps, train_steps
from w2v.subword_kernels import Composer, Parts, composer
from w2v.subword_steps import train_composed_steps
from w2v.workspace import Sampling, Text, Weights, Workspace, aligned_zeros

SOURCES_DIGEST = "cd3396e2081f676f"


class OwnWords(NamedTuple):
    """What one thread writes where words are made of `parts`: of the block's words the places, and a table of their parts.

    `starts` int64 and `rows` int32 are that table, as in Parts; `rows_of_words` float32 are the composed words; the rest are
    the fields of a Composer.
    """

    parts: Parts
    words: Places
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    rows_of_words: NDArray[np.float32]
    at_once: int
    listed: NDArray[np.int32]
    before: NDArray[np.float32]
    fetched: NDArray[np.bool_]


def stage_of_steps(
    blocks: int,
    block_tokens: int,
    text: Text,
    sampling: Sampling,
    weights: Weights,
    pairs: tuple[NDArray[np.float32], NDArray[np.float32]],
    steps: Steps,
    parts: Parts | None,
) -> Stage:
    """As `stage` in rounds.py, for the steps of a loss, and for words that may be made of parts."""
    words, spare = len(sampling.keep), 2 * steps.architecture.window
    inputs = min(block_tokens, words)
    if parts is not None:
        inputs, spare, weights = (
            min(_most_entries(block_tokens, parts), len(pairs[0])),
            0,
            weights._replace(inputs=parts.matrix),
        )
    outputs = min(block_tokens * longest_list(steps.objective), words)
    return Stage(
        text,
        sampling,
        block_tokens,
        weights,
        copies(blocks, inputs, spare, weights.stride, pairs[0]),
        copies(blocks, outputs, 1, weights.stride, pairs[1]),
    )


def _most_entries(block_tokens: int, parts: Parts) -> int:
    """How many parts the words of a block can have: those of the words with the most."""
    return int(np.sort(np.diff(parts.starts))[-block_tokens:].sum())


def own_room_for_steps(block_tokens: int, steps: Steps, stage: Stage) -> tuple[Own, Outputs]:
    """What one thread needs for blocks of at most so many tokens."""
    local = local_weights(block_tokens, stage)
    work, lists = steps.room(block_tokens, len(stage.sampling.keep), local)
    return own_room(work, local, stage), lists


def own_words(block_tokens: int, stage: Stage, parts: Parts) -> OwnWords:
    """What one thread needs besides for words that are made of these parts."""
    window, stride, words = stage.sampling.window, stage.weights.stride, len(stage.sampling.keep)
    most = min(block_tokens, words)
    composing = composer(parts, window, block_tokens, stride)
    return OwnWords(
        parts,
        no_places(words),
        np.zeros(most + 1, np.int64),
        np.zeros(_most_entries(block_tokens, parts), np.int32),
        aligned_zeros((most + 2 * window) * stride),
        composing.at_once,
        composing.words,
        composing.before,
        composing.fetched,
    )


@kernel_part
def _lists_of_copies(lists: Outputs, copied: Copied) -> Any:
    return Outputs(
        lists.rows,
        lists.positives,
        lists.counts,
        lists.offsets,
        lists.sizes,
        lists.scores,
        lists.lanes,
        lists.drawn,
        lists.width,
        copied,
    )


@kernel
def train_share_of_steps(
    share: NDArray[np.int64],
    blocks: Round,
    stage: Stage,
    architecture: SkipGram | Cbow,
    objective: Objective,
    own: Own,
    lists: Outputs,
) -> None:
    """Train every `share[1]`-th block of a round from block `share[0]` on, each on copies of its rows; reads the weights."""
    stride = own.local.stride
    work = own.work
    for block in range(share[0], blocks.seeds.shape[0], share[1]):
        centers = choose_centers_of(block, blocks, stage, work)
        inputs = copies_of(block, stage.weights.inputs, stride, stage.inputs, own.inputs)
        outputs = copies_of(block, stage.weights.outputs, stride, stage.outputs, own.outputs)
        copy_inputs(centers, stride, inputs, work)
        weights = Weights(inputs.copies, outputs.copies, stride, own.local.spare_inputs, own.local.spare_output)
        pairs, loss = train_steps(
            0,
            centers,
            blocks.rates[block],
            architecture,
            objective,
            weights,
            work,
            _lists_of_copies(lists, outputs),
        )
        end_copies(block, stage.inputs, inputs)
        end_copies(block, stage.outputs, outputs)
        blocks.results[block].pairs = pairs
        blocks.results[block].loss = loss


@kernel_part
def _list_parts(centers: Any, stride: Any, parts: Copied, work: Workspace, own: OwnWords) -> None:
    """Number the words of a block, in the order in which they occur, and list the copies of the parts of each."""
    entries: Any = 0
    own.starts[0] = 0
    for center in range(centers):
        word = np.int64(work.centers[center])
        place = np.int64(own.words.places[word])
        if place < 0:
            place = own.words.found[0]
            own.words.found[0] = place + 1
            own.words.places[word] = place
            for entry in range(own.parts.starts[word], own.parts.starts[word + 1]):
                own.rows[entries] = place_of(np.int64(own.parts.rows[entry]), stride, parts)
                entries += 1
            own.starts[place + 1] = entries
        work.kept[center] = place


@kernel_part
def _forget_words(centers: Any, work: Workspace, own: OwnWords) -> None:
    for center in range(centers):
        own.words.places[work.centers[center]] = -1
    own.words.found[0] = 0


@kernel
def train_share_of_composed_steps(
    share: NDArray[np.int64],
    blocks: Round,
    stage: Stage,
    architecture: SkipGram | Cbow,
    objective: Objective,
    own: Own,
    lists: Outputs,
    words: OwnWords,
) -> None:
    """As `train_share_of_steps`, for words that are made of n-grams: the copies of input rows are those of their parts."""
    stride = own.local.stride
    work = own.work
    for block in range(share[0], blocks.seeds.shape[0], share[1]):
        centers = choose_centers_of(block, blocks, stage, work)
        parts = copies_of(block, stage.weights.inputs, stride, stage.inputs, own.inputs)
        outputs = copies_of(block, stage.weights.outputs, stride, stage.outputs, own.outputs)
        _list_parts(centers, stride, parts, work, words)
        table = Parts(parts.copies, words.starts, words.rows)
        composer = Composer(table, words.at_once, words.listed, words.before, words.fetched)
        weights = Weights(words.rows_of_words, outputs.copies, stride, own.local.spare_inputs, own.local.spare_output)
        pairs, loss = train_composed_steps(
            centers,
            blocks.rates[block],
            architecture,
            objective,
            weights,
            work,
            _lists_of_copies(lists, outputs),
            composer,
        )
        _forget_words(centers, work, words)
        end_copies(block, stage.inputs, parts)
        end_copies(block, stage.outputs, outputs)
        blocks.results[block].pairs = pairs
        blocks.results[block].loss = loss
