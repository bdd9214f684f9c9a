"""Text that is not trained on, to see how well vectors predict what they have not seen.

Which sentences are held out, and all that is drawn when they are scored, follow from fixed seeds: losses after different
epochs, of different runs and of any number of threads are over the same pairs and the same negatives, as long as corpus and
options agree.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from w2v.config import TrainingConfig
from w2v.corpus import EncodedCorpus
from w2v.errors import CorpusError
from w2v.schedule import Schedule, block_bounds, schedule

PIECE_TOKENS = 1_000
_SEED = 0x68656C64  # "held"; not the run's seed, so that runs of several seeds can be compared


def hold_out(corpus: EncodedCorpus, share: float) -> tuple[EncodedCorpus, EncodedCorpus]:
    """Split a corpus in what is trained on and what is held out: `share` of its sentences, at least one.

    Sentences of more than 2,000 tokens count as several, of 1,000 to 2,000 tokens each. The vocabulary and its counts stay
    those of the whole corpus.

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
    ends = _ends_of_pieces(corpus.ends)
    held = max(round(share * len(ends)), 1)
    if held == len(ends):
        raise CorpusError(f"held_out is {share!r} of {len(ends)} sentences, which leaves none to train on; lower it")
    chosen = np.zeros(len(ends), bool)
    chosen[np.random.default_rng(_SEED).permutation(len(ends))[:held]] = True
    return _part(corpus, ends, ~chosen), _part(corpus, ends, chosen)


def fixed_schedule(held_out: EncodedCorpus, config: TrainingConfig) -> Schedule:
    """The blocks in which held-out text is scored, with seeds that are always the same."""
    return schedule(held_out.ends, replace(config, seed=_SEED, epochs=1, deterministic=False))


def _ends_of_pieces(ends: NDArray[np.int64]) -> NDArray[np.int64]:
    lengths = np.diff(ends, prepend=0)
    longer = np.flatnonzero(lengths > 2 * PIECE_TOKENS)
    cuts = [ends[i] - lengths[i] + block_bounds(lengths[i : i + 1], PIECE_TOKENS)[1:] for i in longer]
    return np.unique(np.concatenate([ends, *cuts]))


def _part(corpus: EncodedCorpus, ends: NDArray[np.int64], chosen: NDArray[np.bool_]) -> EncodedCorpus:
    lengths = np.diff(ends, prepend=0)
    ids = corpus.ids[np.repeat(chosen, lengths)]
    outside = corpus.read_tokens - len(corpus.ids)
    return EncodedCorpus(
        corpus.vocabulary, ids, np.cumsum(lengths[chosen]), len(ids) + round(outside * len(ids) / len(corpus.ids))
    )
