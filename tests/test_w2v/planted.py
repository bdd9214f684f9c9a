"""A corpus whose structure is known."""

import numpy as np


def topics(sentences=6_000, topic_count=5, words_each=20, seed=0):
    """Sentences of eight words of one topic each; a word's name starts with its topic's letter."""
    random = np.random.default_rng(seed)
    names = [[f"{chr(ord('a') + topic)}{word}" for word in range(words_each)] for topic in range(topic_count)]
    return [
        [names[topic][word] for word in random.integers(0, words_each, 8)]
        for topic in random.integers(0, topic_count, sentences)
    ]


def chain(words=20, tokens=100_000, length=20, groups=4, boost=4.0, seed=0):
    """Sentences of a Markov chain: word i comes in proportion to 1 / (i + 20), `boost` times as much after one of its group."""
    random = np.random.default_rng(seed)
    numbers = np.arange(words)
    shares = 1 / (numbers + 20)
    steps = shares * np.where(numbers[:, np.newaxis] % groups == numbers % groups, boost, 1)
    limits = np.cumsum(steps, axis=1) / steps.sum(axis=1, keepdims=True)
    states = random.integers(0, words, tokens // length)
    columns = [states]
    for _ in range(length - 1):
        states = (random.random((len(states), 1)) > limits[states]).sum(axis=1).clip(max=words - 1)
        columns.append(states)
    return [[f"w{word}" for word in sentence] for sentence in np.stack(columns, axis=1).tolist()]
