"""word2phrase's way through a text, with Python's dictionaries: count words and pairs, then join from the left."""

from collections import Counter
from itertools import pairwise


def joined(lines, min_count, threshold):
    """The lines with the second word of a pair glued to the first where the pair scores above the threshold."""
    words = Counter(word for line in lines for word in line)
    pairs = Counter(pair for line in lines for pair in pairwise(line))
    total = sum(words.values())
    result = []
    for line in lines:
        out = []
        count_before = 0  # of the word before; 0 also for one that has been joined
        for place, word in enumerate(line):
            together = pairs[line[place - 1], word] if place else 0
            rare = together < min_count or count_before < min_count or words[word] < min_count
            score = 0 if rare else (together - min_count) / count_before / words[word] * total
            if score > threshold:
                out[-1] += "_" + word
                count_before = 0
            else:
                out.append(word)
                count_before = words[word]
        result.append(out)
    return result
