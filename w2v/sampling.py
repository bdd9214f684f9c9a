"""What chance decides: which tokens are kept, and which words are negatives."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from w2v.compilation import kernel


def keep_probabilities(counts: ArrayLike, sample: float) -> NDArray[np.float64]:
    """The probability that a token of each word is kept.

    With f the word's share of the corpus it is sqrt(sample / f) + sample / f, at most 1: word2vec.c's formula, not the
    paper's 1 - sqrt(sample / f) for dropping (Mikolov et al. 2013, eq. 5). A sample of 0 keeps all.

    >>> keep_probabilities([75, 25], 0.25).round(4).tolist()
    [0.9107, 1.0]
    """
    counts = np.asarray(counts, np.float64)
    if sample == 0:
        return np.ones(len(counts))
    ratio = sample * counts.sum() / counts
    return np.minimum(np.sqrt(ratio) + ratio, 1.0)


def keep_limits(counts: ArrayLike, sample: float) -> NDArray[np.uint32]:
    """The greatest 32-bit draw at which a token of each word is kept."""
    return _limits(keep_probabilities(counts, sample))


def noise_probabilities(counts: ArrayLike, exponent: float) -> NDArray[np.float64]:
    """The distribution of negatives: proportional to count**exponent.

    >>> noise_probabilities([16, 1], 0.75).round(4).tolist()
    [0.8889, 0.1111]
    """
    # A common factor changes nothing, and keeps great counts and exponents finite.
    counts = np.asarray(counts, np.float64)
    logarithms = exponent * np.log(counts)
    weights = np.exp(logarithms - logarithms.max())
    return weights / weights.sum()


def inclusion_probabilities(probabilities: ArrayLike, size: int) -> NDArray[np.float64]:
    """The chance of each word to be among `size` distinct ones: min(1, c q) with the c at which they sum to the size.

    >>> inclusion_probabilities([0.7, 0.2, 0.1], 2).round(4).tolist()
    [1.0, 0.6667, 0.3333]
    """
    # Words whose probability is lost to rounding are the last to be chosen.
    probabilities = np.maximum(np.asarray(probabilities, np.float64), np.finfo(np.float64).tiny)
    descending = np.sort(probabilities)[::-1]
    rest = np.cumsum(descending[::-1])[::-1]
    # The first words, as many as would reach 1 at the c of those from them on, are sure to be chosen.
    sure = int(np.argmin(np.append((size - np.arange(len(rest))) * descending >= rest, False)))
    if sure == len(rest):
        return np.ones(len(rest))
    return np.minimum((size - sure) / rest[sure] * probabilities, 1.0)


def alias_table(probabilities: ArrayLike) -> NDArray[np.uint64]:
    """A table from which words are drawn in constant time, by Vose's method (1991).

    A column is drawn uniformly; it yields its own word if 32 further bits are at most the entry's upper half, else the word in
    the lower half. Each word's probability is met to 2**-32.

    >>> [(int(entry) >> 32, int(entry) & 0xFFFFFFFF) for entry in alias_table([0.75, 0.25])]
    [(4294967295, 0), (2147483647, 0)]
    """
    shares = np.array(probabilities, np.float64) * np.size(probabilities)
    aliases = np.arange(len(shares), dtype=np.int64)
    _pair_columns(shares, aliases, np.empty_like(aliases), np.empty_like(aliases))
    return _limits(shares).astype(np.uint64) << np.uint64(32) | aliases.astype(np.uint64)


def _limits(probabilities: NDArray[np.float64]) -> NDArray[np.uint32]:
    return np.clip(np.floor(probabilities * 2.0**32) - 1, 0, 2**32 - 1).astype(np.uint32)


@kernel
def _pair_columns(
    shares: NDArray[np.float64], aliases: NDArray[np.int64], poor: NDArray[np.int64], rich: NDArray[np.int64]
) -> None:
    """Fill each column whose share is below 1 from one whose share is above; `shares` become the columns' own parts.

    Overwrites `poor` and `rich`, which have room for all columns.
    """
    poor_count = 0
    rich_count = 0
    for word in range(shares.shape[0]):
        if shares[word] < 1:
            poor[poor_count] = word
            poor_count += 1
        else:
            rich[rich_count] = word
            rich_count += 1
    while poor_count > 0 and rich_count > 0:
        poor_count -= 1
        giver = rich[rich_count - 1]
        aliases[poor[poor_count]] = giver
        shares[giver] -= 1 - shares[poor[poor_count]]
        if shares[giver] < 1:
            rich_count -= 1
            poor[poor_count] = giver
            poor_count += 1
    for i in range(poor_count):  # rounding alone leaves these below 1
        shares[poor[i]] = 1
