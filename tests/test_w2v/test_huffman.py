"""The tree of hierarchical softmax: shortest paths, of nodes that each have two children."""

import heapq
from collections import defaultdict

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from w2v.huffman import huffman_paths


def least_total_length(counts):
    """Σ count · depth of an optimal tree: the sum of all its inner nodes' counts (Huffman 1952)."""
    heap, total = [int(count) for count in counts], 0
    heapq.heapify(heap)
    while len(heap) > 1:
        joined = heapq.heappop(heap) + heapq.heappop(heap)
        total += joined
        heapq.heappush(heap, joined)
    return total


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=60))
@example([1])
@example([3, 3])
@example([2**i for i in range(50)])
@example([7] * 33)
def test_paths_form_a_tree_whose_mean_length_is_least(counts):
    starts, nodes, turns = huffman_paths(counts)
    lengths = np.diff(starts)
    assert int((lengths * np.array(counts)).sum()) == least_total_length(counts)

    children = defaultdict(set)
    for word in range(len(counts)):
        path = nodes[starts[word] : starts[word + 1]].tolist()
        way = turns[starts[word] : starts[word + 1]].tolist()
        assert path[:1] == [len(counts) - 2][: len(path)]  # from the root
        reached = [*path[1:], f"word {word}"][: len(path)]  # a single word has no way to go
        for node, turn, child in zip(path, way, reached, strict=True):
            children[node].add((turn, child))
    assert len(children) == len(counts) - 1
    assert all(sorted(turn for turn, _ in pair) == [0.0, 1.0] for pair in children.values())


def test_rarer_words_have_no_shorter_paths():
    lengths = np.diff(huffman_paths([100, 60, 22, 21, 5, 4, 3, 1]).starts)
    assert (np.diff(lengths) >= 0).all()
