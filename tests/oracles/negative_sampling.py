"""What skip-gram with negative sampling converges to: how often words meet, and how often each is a negative.

The negatives of a center w are k distinct words other than w, drawn one after the other by the noise q from those that are
left. `inclusion[w, n]` is the probability that n is among them.
"""

from itertools import permutations

import numpy as np


def pair_counts(ids, ends, window):
    """The expected number of times that each center meets each context, [centers, contexts], in one pass over a text.

    A center's window is drawn uniformly from 1 to `window`: a word at distance t is a context with probability
    (window - t + 1) / window. For texts of a single block, whose words are all kept.
    """
    counts = np.zeros((ids.max() + 1,) * 2)
    sentences = np.searchsorted(ends, np.arange(len(ids)), side="right")
    for distance in range(1, window + 1):
        together = sentences[distance:] == sentences[:-distance]
        before, after = ids[:-distance][together], ids[distance:][together]
        share = (window - distance + 1) / window
        np.add.at(counts, (before, after), share)
        np.add.at(counts, (after, before), share)
    return counts


def drawn_sets(noise, center, count):
    """The probability of each set of negatives of a center, by going through all orders in which it can be drawn."""
    sets = {}
    for order in permutations([word for word in range(len(noise)) if word != center], count):
        left, probability = 1 - noise[center], 1.0
        for word in order:
            probability *= noise[word] / left
            left -= noise[word]
        sets[frozenset(order)] = sets.get(frozenset(order), 0.0) + probability
    return sets


def inclusion_probabilities(noise, count, nodes=100):
    """The probability that each word is among the negatives of each center, [centers, words].

    Let a bell ring for each word n at a random time, exponential with rate q_n: the first `count` to ring, the center's left out,
    are the negatives, since the next to ring is n with probability q_n over the sum of those still silent. So

        inclusion[w, n] = ∫ q_n exp(-q_n t) P(fewer than `count` of the others ring before t) dt,

    with t = -4 log(u) / min(q) by Gauss and Legendre's rule over u from 0 to 1: all powers of u are at least 3.
    """
    points, weights = np.polynomial.legendre.leggauss(nodes)
    u = (points + 1) / 2
    rates = 4 * np.asarray(noise)[:, np.newaxis] / np.min(noise)
    silent = u**rates  # [words, nodes]
    density = weights / 2 * rates * u ** (rates - 1)
    inclusion = np.zeros((len(noise),) * 2)
    for center in range(len(noise)):
        # [words, number that rang, nodes], the word itself and the center left out
        rang = np.zeros((len(noise), count, nodes))
        rang[:, 0] = 1
        for other in range(len(noise)):
            if other != center:
                chance = np.tile(silent[other], (len(noise), 1, 1))
                chance[other] = 1
                rang[:, 1:] = rang[:, 1:] * chance + rang[:, :-1] * (1 - chance)
                rang[:, :1] *= chance
        inclusion[center] = (density * rang.sum(axis=1)).sum(axis=1)
        inclusion[center, center] = 0
    return inclusion


def expected_negatives(pairs, inclusion):
    """How often each word is a negative for each context, [words, contexts]: Σ_w pairs[w, c] inclusion[w, n]."""
    return inclusion.T @ pairs


def shifted_pmi(pairs, negative):
    """log(#(w, c) |D| / (#w #c)) - log k (Levy and Goldberg 2014, equation 10), [centers, contexts]."""
    expected = np.outer(pairs.sum(axis=1), pairs.sum(axis=0)) / pairs.sum()
    return np.log(pairs / expected) - np.log(negative)
