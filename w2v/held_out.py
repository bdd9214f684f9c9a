"""Text that is not trained on, to see how well vectors predict what they have not seen.

Which sentences are held out, and all that is drawn when they are scored, follow from fixed seeds: losses after different
epochs, of different runs and of any number of threads are over the same pairs and the same negatives, as long as corpus and
options agree.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from w2v.arrays import advise, mapping
from w2v.config import TrainingConfig
from w2v.corpora.growing import GrowingArray
from w2v.corpus import EncodedCorpus
from w2v.errors import CorpusError
from w2v.schedule import Schedule, block_bounds, schedule

PIECE_TOKENS = 1_000
GROUP_SENTENCES = 1 << 22
_COPIED_SENTENCES = 1 << 14
_SEED = 0x68656C64  # "held"; not the run's seed, so that runs of several seeds can be compared


def hold_out(corpus: EncodedCorpus, share: float) -> tuple[EncodedCorpus, EncodedCorpus]:
    """Split a corpus in what is trained on and what is held out: `share` of its sentences, at least one.

    Sentences of more than 2,000 tokens count as several, of 1,000 to 2,000 tokens each. The vocabulary and its counts stay
    those of the whole corpus. A long text goes in groups of about four million sentences, of each of which the share is held
    out, so that memory is bounded; where the text is mapped from files, so are both parts, from temporary ones.

    Raises
    ------
    CorpusError
        When nothing is left to train on.

    Examples
    --------
    >>> from w2v.corpus import read_corpus
    >>> training, held_out = hold_out(read_corpus([["a", "b"], ["b", "c"], ["c"], ["a"]]), 0.25)
    >>> len(training.ends), len(held_out.ends), len(training.ids) + len(held_out.ids)
    (3, 1, 6)
    """
    most_bytes = None if mapping(corpus.ids) is None else 0
    parts = [(GrowingArray(np.int32, None, most_bytes), GrowingArray(np.int64, None, most_bytes)) for _ in range(2)]
    begin = sentences = 0
    for first in range(0, len(corpus.ends), GROUP_SENTENCES):
        ends = ends_of_pieces(corpus.ends[first : first + GROUP_SENTENCES] - begin)
        ids = corpus.ids[begin : begin + ends[-1]]
        chosen = _chosen(len(ends), share, first // GROUP_SENTENCES)
        for (part_ids, part_ends), own in zip(parts, (~chosen, chosen), strict=True):
            _append(part_ids, part_ends, ids, ends, own)
        advise(corpus.ids, begin, begin + int(ends[-1]), "MADV_DONTNEED")
        begin, sentences = begin + int(ends[-1]), sentences + len(ends)
    if not len(parts[0][1]):
        raise CorpusError(f"held_out is {share!r} of {sentences} sentences, which leaves none to train on; lower it")
    outside = corpus.read_tokens - len(corpus.ids)
    training, held_out = (
        EncodedCorpus(
            corpus.vocabulary, ids.array(), ends.array(), len(ids) + round(outside * len(ids) / len(corpus.ids))
        )
        for ids, ends in parts
    )
    return training, held_out


def _chosen(sentences: int, share: float, group: int) -> NDArray[np.bool_]:
    """Which sentences of a group are held out: a share of them, at least one."""
    chosen = np.zeros(sentences, bool)
    random = np.random.default_rng([_SEED, group] if group else _SEED)
    chosen[random.permutation(sentences)[: max(round(share * sentences), 1)]] = True
    return chosen


def _append(
    part_ids: GrowingArray,
    part_ends: GrowingArray,
    ids: NDArray[np.int32],
    ends: NDArray[np.int64],
    chosen: NDArray[np.bool_],
) -> None:
    """Add the chosen sentences of a group, whose `ends` count from its start, to a part."""
    lengths = np.diff(ends, prepend=0)
    part_ends.append(len(part_ids) + np.cumsum(lengths[chosen]))
    for start in range(0, len(ends), _COPIED_SENTENCES):
        stop = min(start + _COPIED_SENTENCES, len(ends))
        own = np.repeat(chosen[start:stop], lengths[start:stop])
        part_ids.append(ids[ends[stop - 1] - len(own) : ends[stop - 1]][own])


def fixed_schedule(held_out: EncodedCorpus, config: TrainingConfig) -> Schedule:
    """The blocks in which held-out text is scored, with seeds that are always the same."""
    return schedule(held_out.ends, replace(config, seed=_SEED, epochs=1, deterministic=False))


def ends_of_pieces(ends: NDArray[np.int64]) -> NDArray[np.int64]:
    lengths = np.diff(ends, prepend=0)
    longer = np.flatnonzero(lengths > 2 * PIECE_TOKENS)
    cuts = [ends[i] - lengths[i] + block_bounds(lengths[i : i + 1], PIECE_TOKENS)[1:] for i in longer]
    return np.unique(np.concatenate([ends, *cuts]))
