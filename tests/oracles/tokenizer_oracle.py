"""Tokenizing, counting and encoding with Python's own bytes and dictionaries."""

from collections import Counter


def read(data, min_count):
    """The words from the most frequent on, their counts, the tokens by number, the ends of sentences, and the tokens read."""
    lines = [line.split() for line in data.split(b"\n")]
    counts = Counter(word for line in lines for word in line)  # in order of first occurrence
    words = [word for word, count in counts.most_common() if count >= min_count]
    numbers = {word: number for number, word in enumerate(words)}
    ids, ends = [], []
    for line in lines:
        kept = [numbers[word] for word in line if word in numbers]
        ids += kept
        if kept:
            ends.append(len(ids))
    return words, [counts[word] for word in words], ids, ends, sum(counts.values())
