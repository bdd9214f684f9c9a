"""Random numbers inside kernels, and words drawn with them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.compilation import kernel_part

HALF = np.uint64(32)  # the bits of one of the two numbers in a draw
LOW_BITS = np.uint64(0xFFFFFFFF)
GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@kernel_part
def scramble(z: Any) -> Any:
    """The output function of splitmix64 (Steele, Lea, Flood 2014): 64 random bits from a counter that moves by GOLDEN."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel_part
def next_random(random: NDArray[np.uint64]) -> Any:
    """64 random bits by splitmix64, whose state is a counter."""
    random[0] += GOLDEN
    return scramble(random[0])


@kernel_part
def word_of(noise: NDArray[np.uint64], draw: Any) -> Any:
    """The word of a draw: column c with the probability in the upper half of its entry, else the word in the lower half."""
    column = ((draw >> HALF) * np.uint64(noise.shape[0])) >> HALF
    entry = noise[column]
    return np.int64(column if (draw & LOW_BITS) <= (entry >> HALF) else entry & LOW_BITS)


@kernel_part
def draw_word(noise: NDArray[np.uint64], random: NDArray[np.uint64]) -> Any:
    """A word from an alias table."""
    return word_of(noise, next_random(random))
