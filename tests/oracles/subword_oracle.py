"""Any loss where a word's input row is the mean of several rows, in plain NumPy and float64.

A word's vector is the mean of its rows z_1 ... z_m; a step that changes the vector by δ adds δ to each of them, as often as it is
among them (Bojanowski et al. 2017, with fastText's mean). Vectors are made anew every `at_once` centers.
"""

import numpy as np

from tests.oracles.objectives_oracle import train_center
from tests.oracles.sgns_oracle import SplitMix64, windows


def train(sentences, keep, loss, rows_of, parts, outputs, *, window, learning_rate, seed, at_once, cbow=None):
    """One block: changes `parts` and `outputs`, float64 [rows, size], in place; returns the pairs and their losses' sum.

    `rows_of[word]` lists the word's rows; the rest is as in `objectives_oracle.train`.
    """
    random = SplitMix64(seed)
    steps = [
        (center, [kept[position] for position in positions])
        for kept, contexts in windows(sentences, keep, window, random)
        for center, positions in zip(kept, contexts, strict=True)
    ]
    losses = []
    for begin in range(0, len(steps), at_once):
        before = np.array([parts[rows].mean(axis=0) for rows in rows_of])
        now = before.copy()
        for center, words in steps[begin : begin + at_once]:
            losses += train_center(loss.objective(center, random), words, now, outputs, learning_rate, cbow)
        for rows, change in zip(rows_of, now - before, strict=True):
            for row in rows:
                parts[row] += change
    return len(losses), sum(losses)
