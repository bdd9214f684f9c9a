"""The training step for words that are made of parts, for every loss and both architectures.

As in subword_kernels.py, around the steps of steps.py. For CBOW each context's vector is made of its n-grams first, and then the
contexts' vectors are taken together; the change of each goes to all its rows.

Numba recompiles when this file changes, and watches no other: `SOURCES_DIGEST` brings changes of the files it imports here.
"""

from collections.abc import Callable

from w2v.architectures import Cbow, SkipGram
from w2v.compilation import kernel
from w2v.kernels import choose_centers
from w2v.objectives import Objective, Outputs
from w2v.order import Order, text_at
from w2v.schedule import Block
from w2v.steps import Steps, train_steps
from w2v.subword_kernels import Composer, Parts, composer, fetch_words, give_back
from w2v.workspace import Sampling, Text, Weights, Workspace

SOURCES_DIGEST = "49e003ce04dbd649"


@kernel
def train_composed_steps(
    centers: int,
    learning_rate: float,
    architecture: SkipGram | Cbow,
    objective: Objective,
    weights: Weights,
    work: Workspace,
    outputs: Outputs,
    own: Composer,
) -> tuple[int, float]:
    """Train on the chosen centers, a few at a time; returns what `train_steps` returns for all of them."""
    pairs = 0
    loss = 0.0
    for begin in range(0, centers, own.at_once):
        end = min(begin + own.at_once, centers)
        count = fetch_words(begin, end, weights, work, own)
        some_pairs, some_loss = train_steps(begin, end, learning_rate, architecture, objective, weights, work, outputs)
        give_back(count, weights, own)
        pairs += some_pairs
        loss += some_loss
    return pairs, loss


def composed_steps_on(
    steps: Steps, text: Text | Order, block_tokens: int, sampling: Sampling, weights: Weights, parts: Parts
) -> Callable[[Block, int], tuple[int, float]]:
    """What trains a block of at most so many tokens from a seed, for a thread with these weights.

    It returns the number of pairs of an input row and a center, and the sum of their losses. It changes the output rows and the
    parts in place, and overwrites input rows, which belong to this thread alone.
    """
    work, outputs = steps.room(block_tokens, len(sampling.keep), weights)
    own = composer(parts, steps.architecture.window, block_tokens, weights.stride)

    def train(block: Block, seed: int) -> tuple[int, float]:
        work.random[0] = seed
        centers = choose_centers(text_at(text, block.start), block, sampling, work)
        pairs, loss = train_composed_steps(
            centers, block.learning_rate, steps.architecture, steps.objective, weights, work, outputs, own
        )
        return pairs, loss

    return train
