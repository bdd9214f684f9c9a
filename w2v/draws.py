"""Random numbers inside kernels, and words drawn with them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.compilation import kernel_part

HALF = np.uint64(32)  # the bits of one of the two numbers in a draw
LOW_BITS = np.uint64(0xFFFFFFFF)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@kernel_part
def next_random(random: NDArray[np.uint64]) -> Any:
    """64 random bits by splitmix64 (Steele, Lea, Flood 2014), whose state is a counter."""
    random[0] += _GOLDEN
    z = random[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel_part
def draw_word(noise: NDArray[np.uint64], random: NDArray[np.uint64]) -> Any:
    """A word from an alias table: column c with the probability in the upper half of its entry, else the word in the lower."""
    draw = next_random(random)
    column = ((draw >> HALF) * np.uint64(noise.shape[0])) >> HALF
    entry = noise[column]
    return np.int64(column if (draw & LOW_BITS) <= (entry >> HALF) else entry & LOW_BITS)
