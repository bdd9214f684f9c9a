"""Skip-gram with negative sampling in plain Python and float64, from the papers: slow, and easy to check by eye.

The loss of a center word w with context c and negatives n_1 ... n_k is (Mikolov et al. 2013, eq. 4)

    -log σ(x_c·y_w) - Σ_j log σ(-x_c·y_nj),

and a step subtracts the learning rate times its gradient. All contexts of a center share its negatives (Ji et al. 2016), and all
their gradients are taken at the weights before the center.
"""

import math

import numpy as np

_MASK = 2**64 - 1


class SplitMix64:
    """The generator of Steele, Lea and Flood (2014)."""

    def __init__(self, seed):
        self.state = int(seed)

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & _MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)


def sigmoid(score):
    return 1 / (1 + math.exp(-score)) if score > -700 else 0.0


def pair_loss(context_row, output_rows):
    """The loss of one pair; the first of the output rows is the center's."""
    scores = [float(context_row @ row) for row in output_rows]
    return math.log1p(math.exp(-scores[0])) + sum(math.log1p(math.exp(score)) for score in scores[1:])


def pair_gradients(context_row, output_rows):
    """The gradients of `pair_loss` with respect to the context's row, and to each output row."""
    labels = [1.0] + [0.0] * (len(output_rows) - 1)
    slopes = [sigmoid(float(context_row @ row)) - label for row, label in zip(output_rows, labels, strict=True)]
    return sum(s * row for s, row in zip(slopes, output_rows, strict=True)), [s * context_row for s in slopes]


def windows(sentences, keep, window, random):
    """For each sentence the kept words and, for each of them, the positions of its contexts."""
    result = []
    for sentence in sentences:
        kept, reaches = [], []
        for word in sentence:
            draw = random.next()
            if draw >> 32 <= int(keep[word]):
                kept.append(int(word))
                reaches.append(1 + ((draw & 0xFFFFFFFF) * window >> 32))
        contexts = [
            [j for j in range(max(0, i - reach), min(len(kept), i + reach + 1)) if j != i]
            for i, reach in enumerate(reaches)
        ]
        result.append((kept, contexts))
    return result


def negatives(center, noise, count, random):
    """Distinct words other than the center, drawn from an alias table of (limit, alias) rows.

    What comes after a draw that repeats a word is drawn by a generator with that draw as its seed.
    """
    drawn = []
    for _ in range(count):
        draw = random.next()
        while (word := drawn_word(noise, draw)) in (center, *drawn):
            draw = SplitMix64(draw).next()
        drawn.append(word)
    return drawn


def drawn_word(noise, draw):
    column = (draw >> 32) * len(noise) >> 32
    limit, alias = noise[column]
    return int(column if draw & 0xFFFFFFFF <= limit else alias)


def train(sentences, keep, noise, inputs, outputs, *, window, negative, learning_rate, seed):
    """One block: changes `inputs` and `outputs`, float64 [words, size], in place; returns the pairs and their losses' sum."""
    random = SplitMix64(seed)
    pairs, loss = 0, 0.0
    for kept, contexts in windows(sentences, keep, window, random):
        for center, positions in zip(kept, contexts, strict=True):
            words = [center, *negatives(center, noise, negative, random)]
            rows = outputs[words].copy()
            context_words = [kept[position] for position in positions]
            context_rows = inputs[context_words].copy()
            for word, row in zip(context_words, context_rows, strict=True):
                loss += pair_loss(row, rows)
                pairs += 1
                for_context, for_outputs = pair_gradients(row, rows)
                inputs[word] -= learning_rate * for_context
                for output, gradient in zip(words, for_outputs, strict=True):
                    outputs[output] -= learning_rate * gradient
    return pairs, loss


def alias_rows(table):
    """An alias table's packed entries as (limit, alias) pairs."""
    return [(int(entry) >> 32, int(entry) & 0xFFFFFFFF) for entry in table]


def alias_probabilities(table):
    """The probability of each word, from the meaning of an alias table's entries."""
    probabilities = np.zeros(len(table))
    for column, (limit, alias) in enumerate(alias_rows(table)):
        own = (limit + 1) / 2**32
        probabilities[column] += own / len(table)
        probabilities[alias] += (1 - own) / len(table)
    return probabilities
