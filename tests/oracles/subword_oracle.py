"""Skip-gram with negative sampling where a word's input row is the mean of several rows, in plain Python and float64.

A word's vector is the mean of its rows z_1 ... z_m; a step that changes the vector by δ adds δ to each of them, as often as it is
among them (Bojanowski et al. 2017, with fastText's mean). Vectors are made anew every `at_once` centers.
"""

from tests.oracles import sgns_oracle


def train(sentences, keep, noise, rows_of, parts, outputs, *, window, negative, learning_rate, seed, at_once):
    """One block: changes `parts` and `outputs`, float64 [rows, size], in place; returns the pairs and their losses' sum.

    `rows_of[word]` lists the word's rows.
    """
    random = sgns_oracle.SplitMix64(seed)
    windows = sgns_oracle.windows(sentences, keep, window, random)
    steps = [
        (center, [kept[position] for position in positions])
        for kept, contexts in windows
        for center, positions in zip(kept, contexts, strict=True)
    ]
    pairs, loss = 0, 0.0
    for begin in range(0, len(steps), at_once):
        some = steps[begin : begin + at_once]
        before = {word: parts[rows_of[word]].mean(axis=0) for _, contexts in some for word in contexts}
        now = {word: vector.copy() for word, vector in before.items()}
        for center, contexts in some:
            words = [center, *sgns_oracle.negatives(center, noise, negative, random)]
            rows = outputs[words].copy()
            for context, vector in [(context, now[context].copy()) for context in contexts]:
                loss += sgns_oracle.pair_loss(vector, rows)
                pairs += 1
                for_context, for_outputs = sgns_oracle.pair_gradients(vector, rows)
                now[context] -= learning_rate * for_context
                for output, gradient in zip(words, for_outputs, strict=True):
                    outputs[output] -= learning_rate * gradient
        for word, vector in now.items():
            for row in rows_of[word]:
                parts[row] += vector - before[word]
    return pairs, loss
