"""Every loss, for one input row and for a whole block, in plain NumPy and float64, from the papers.

An input row x (a context's, or for CBOW the mean or sum of the contexts' rows) is to predict a center w. With the output rows y
and scores s = x·y the losses are

    negative sampling      -log σ(s_w) - Σ_j log σ(-s_nj)                                     (Mikolov et al. 2013, eq. 4)
    noise-contrastive      -log σ(s_w - log k q_w) - Σ_j log σ(log k q_nj - s_nj)             (Gutmann and Hyvärinen 2010)
    full softmax           -log [exp(s_w) / Σ_v exp(s_v)]
    sampled softmax        the same over w and the candidates other than w, with s - log k q  (Jean et al. 2015)
    hierarchical softmax   -Σ_n log σ(± s_n) over the inner nodes n above w                   (Morin and Bengio 2005)

A repeated candidate counts each time. A step subtracts the learning rate times the gradient at the weights before the center.
"""

import math

import numpy as np

from tests.oracles.sgns_oracle import SplitMix64, alias_rows, drawn_word, negatives, sigmoid, windows


def log_sigmoid(score):
    return -math.log1p(math.exp(-score)) if score > -700 else score


class Sigmoids:
    """Examples of a binary classifier: (output row, label, what is subtracted from its score)."""

    def __init__(self, examples):
        self.examples = examples

    def loss(self, x, outputs):
        scores = [(x @ outputs[row] - shift, label) for row, label, shift in self.examples]
        return -sum(log_sigmoid(score if label else -score) for score, label in scores)

    def gradients(self, x, outputs):
        for_x, for_outputs = np.zeros_like(x), np.zeros_like(outputs)
        for row, label, shift in self.examples:
            slope = sigmoid(x @ outputs[row] - shift) - label
            for_x += slope * outputs[row]
            for_outputs[row] += slope * x
        return for_x, for_outputs


class Softmax:
    """The first of some (output row, what is subtracted from its score) is right."""

    def __init__(self, choices):
        self.rows = [row for row, _ in choices]
        self.shifts = np.array([shift for _, shift in choices])

    def probabilities(self, x, outputs):
        scores = outputs[self.rows] @ x - self.shifts
        powers = np.exp(scores - scores.max())
        return powers / powers.sum()

    def loss(self, x, outputs):
        return -math.log(self.probabilities(x, outputs)[0])

    def gradients(self, x, outputs):
        slopes = self.probabilities(x, outputs)
        slopes[0] -= 1
        for_outputs = np.zeros_like(outputs)
        for row, slope in zip(self.rows, slopes, strict=True):
            for_outputs[row] += slope * x
        return slopes @ outputs[self.rows], for_outputs


class NegativeSampling:
    def __init__(self, probabilities_table, negative):
        self.noise, self.negative = alias_rows(probabilities_table), negative

    def objective(self, center, random):
        return Sigmoids(
            [(center, 1, 0.0), *((w, 0, 0.0) for w in negatives(center, self.noise, self.negative, random))]
        )


class FullSoftmax:
    def __init__(self, words):
        self.words = words

    def objective(self, center, random):
        return Softmax([(center, 0.0), *((word, 0.0) for word in range(self.words) if word != center)])


class HierarchicalSoftmax:
    """`paths` gives for each word a list of (inner node, turn)."""

    def __init__(self, paths):
        self.paths = paths

    def objective(self, center, random):
        return Sigmoids([(node, turn, 0.0) for node, turn in self.paths[center]])


class Drawing:
    """Candidates for every `shared` centers (0: for all), by `draw`, a function of a generator; `expected` how often each."""

    def __init__(self, draw, expected, shared):
        self.draw, self.expected, self.shared = draw, expected, shared
        self.centers, self.words = 0, []

    def candidates(self, random):
        if self.centers == 0 or (self.shared and self.centers % self.shared == 0):
            self.words = self.draw(random)
        self.centers += 1
        return [(word, math.log(self.expected[word])) for word in self.words]


class NoiseContrastive(Drawing):
    def objective(self, center, random):
        noise = [(word, 0, shift) for word, shift in self.candidates(random)]
        return Sigmoids([(center, 1, math.log(self.expected[center])), *noise])


class SampledSoftmax(Drawing):
    corrected_center = True

    def objective(self, center, random):
        others = [choice for choice in self.candidates(random) if choice[0] != center]
        shift = math.log(self.expected[center]) if self.corrected_center else 0.0
        return Softmax([(center, shift), *others])


def repeated_draws(table, size):
    rows = alias_rows(table)

    def draw(random):
        words = []
        for _ in range(size):
            bits = random.next()
            column = (bits >> 32) * len(rows) >> 32
            limit, alias = rows[column]
            words.append(int(column if bits & 0xFFFFFFFF <= limit else alias))
        return words

    return draw


def brewer_chances(chances, drawn, size):
    """Brewer (1975): how likely each word, with a chance below 1, is to be the next of `size`, after the words in `drawn`."""
    left, rest = size - len(drawn), size - sum(chances[word] for word in drawn)
    weights = [
        0.0 if word in drawn else chance * (rest - chance) / (rest - left * chance)
        for word, chance in enumerate(chances)
    ]
    return [weight / sum(weights) for weight in weights]


def brewer_draws(table, chances, size):
    """Words without replacement: those that are certain, then others by Brewer's chances.

    A word is proposed by its chance, or where that is above 3/4 by its weight, and kept in proportion to its weight.
    """
    rows = alias_rows(table)
    certain = [word for word, chance in enumerate(chances) if chance >= 1 - 1e-12]
    likely = [word for word, chance in enumerate(chances) if 0.75 < chance < 1 - 1e-12]
    common = [chance for chance in chances if chance <= 0.75]

    def uniform(random):
        return (random.next() >> 11) / 2**53

    def draw(random):
        chosen = list(certain)
        rest = float(size - len(certain))
        while len(chosen) < size:
            left = size - len(chosen)
            lift = [(rest - chance) / (rest - left * chance) if chance < 1 else 0.0 for chance in chances]
            weights = {word: chances[word] * lift[word] for word in likely if word not in chosen}
            most = (rest - max(common)) / (rest - left * max(common)) if common else 0.0
            point = uniform(random) * (sum(weights.values()) + sum(common) * most)
            if point < sum(weights.values()):
                ends = np.cumsum(list(weights.values()))
                chosen.append(list(weights)[int(np.searchsorted(ends, point, side="right"))])
            else:
                word = drawn_word(rows, random.next())
                kept = uniform(random) * most < lift[word]
                if not kept or word in chosen:
                    continue
                chosen.append(word)
            rest -= chances[chosen[-1]]
        return chosen

    return draw


def train(sentences, keep, loss, inputs, outputs, *, window, learning_rate, seed, cbow=None):
    """One block: changes `inputs` and `outputs`, float64 [words, size], in place; returns the pairs and their losses' sum.

    For CBOW, `cbow` is (mean, exact): whether contexts are averaged or summed, and whether each gets the exact gradient; else
    it is multiplied by their number m for the mean, and divided by m for the sum.
    """
    random = SplitMix64(seed)
    pairs, total = 0, 0.0
    for kept, contexts in windows(sentences, keep, window, random):
        for center, positions in zip(kept, contexts, strict=True):
            words = [kept[position] for position in positions]
            losses = train_center(loss.objective(center, random), words, inputs, outputs, learning_rate, cbow)
            pairs += len(losses)
            total += sum(losses)
    return pairs, total


def train_center(objective, words, inputs, outputs, learning_rate, cbow):
    """Train on a center whose contexts are `words`; returns the losses of its pairs, or of its one group of contexts."""
    before_inputs, before = inputs.copy(), outputs.copy()
    if cbow is None:
        groups = [([word], 1.0, 1.0) for word in words]
    elif words:
        mean, exact = cbow
        weight = 1 / len(words) if mean else 1.0
        groups = [(words, weight, weight if exact else 1 / (weight * len(words)))]
    else:
        groups = []
    losses = []
    for members, weight, share in groups:
        x = weight * sum(before_inputs[member] for member in members)
        losses.append(objective.loss(x, before))
        for_x, for_outputs = objective.gradients(x, before)
        for member in members:
            inputs[member] -= learning_rate * share * for_x
        outputs -= learning_rate * for_outputs
    return losses
