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
