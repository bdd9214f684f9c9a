"""One step of training, to be looked at: which rows it changes, and by how much."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from w2v.config import TrainingConfig
from w2v.embeddings import Embeddings
from w2v.errors import ConfigError
from w2v.kernels import train_centers
from w2v.sampling import alias_table, keep_limits, noise_probabilities
from w2v.steps import steps, train_steps
from w2v.weights import loaded_weights, output_rows, trained_rows
from w2v.workspace import Sampling, Weights, Workspace, workspace


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One step of training: the embeddings before and after it, the number of its pairs, and the sum of their losses.

    The losses are those before the step. `input_rows` and `output_rows` are the numbers of the rows that are not bit for bit
    what they were, int64, ascending: words of the vocabulary, but for the output rows of hierarchical softmax, which are
    inner nodes of the tree.
    """

    before: Embeddings
    after: Embeddings
    pairs: int
    loss: float

    @property
    def input_rows(self) -> NDArray[np.int64]:
        return _changed(self.before.vectors, self.after.vectors)

    @property
    def output_rows(self) -> NDArray[np.int64]:
        return _changed(self.before.outputs, self.after.outputs)


def train_center(embeddings: Embeddings, center: str, contexts: Sequence[str], config: TrainingConfig) -> Step:
    """Train one center with its contexts, by the kernels that train whole texts.

    With the input rows x_i of the contexts, the output rows y_j that the loss lists for the center, the loss E of the center
    and the rate r = `config.alpha`, both sides step down its gradient at the rows as they are before:

        x_i -= r ∂E/∂x_i,    y_j -= r ∂E/∂y_j

    (Mikolov et al. 2013, equation 4, for negative sampling; with CBOW as `cbow_exact` says). No other row changes.

    Parameters
    ----------
    embeddings : Embeddings
        With output rows; they are not changed.
    center : str
        The word whose output row is the positive one.
    contexts : sequence of str
        The words of its window, in any order.
    config : TrainingConfig
        Of it count the loss and what belongs to it, the architecture, `negative`, `ns_exponent`, `alpha`, and `seed`, from which
        the negatives or candidates are drawn, by the counts of the vocabulary.

    Raises
    ------
    ConfigError
        Without contexts or output rows, and for words made of n-grams.
    UnknownWordError
        When the vocabulary does not have a word.

    Examples
    --------
    >>> from w2v import Vocabulary
    >>> words = Vocabulary(("a", "b", "c", "d"), [4, 3, 2, 1])
    >>> embeddings = Embeddings(words, np.eye(4), outputs=np.ones((4, 4)))
    >>> step = train_center(embeddings, "a", ["b"], TrainingConfig(vector_size=4, negative=2))
    >>> step.input_rows.tolist(), len(step.output_rows), step.pairs
    ([1], 3, 1)
    """
    outputs = _checked_outputs(embeddings, contexts, config)
    numbers = [*embeddings.vocabulary.indices(contexts), embeddings.vocabulary.index(center)]
    config = replace(
        config,
        vector_size=embeddings.vectors.shape[1],
        window=max(config.window, len(contexts)),
        threads=1,
        deterministic=False,
    )
    weights = loaded_weights(embeddings.vectors, outputs, config)[0]
    pairs, loss = _train(numbers, config, embeddings.vocabulary.counts, weights)
    # the output rows first: moving the input rows together makes the weights useless
    moved = output_rows(weights, len(outputs), config.vector_size).copy()
    after = Embeddings(embeddings.vocabulary, trained_rows(weights, len(embeddings), config.vector_size), moved)
    return Step(embeddings, after, pairs, loss)


def _checked_outputs(embeddings: Embeddings, contexts: Sequence[str], config: TrainingConfig) -> NDArray[np.float32]:
    if isinstance(contexts, str) or not contexts:
        raise ConfigError(f'contexts are {contexts!r}; write a list of at least one word, such as ["word"]')
    if config.subwords or embeddings.subwords is not None:
        raise ConfigError("a step of one center is for words that are not made of n-grams; use subwords=False")
    if embeddings.outputs is None or len(embeddings.outputs) != len(embeddings):
        raise ConfigError(
            f"a step needs an output row for each of the {len(embeddings)} words; give embeddings as train returns them"
        )
    return embeddings.outputs


def _train(
    numbers: Sequence[int], config: TrainingConfig, counts: NDArray[np.int64], weights: Weights
) -> tuple[int, float]:
    """Train the last of the words as a center, with the others as its contexts."""
    center = len(numbers) - 1
    if config.has_kernel_of_its_own:
        noise = alias_table(noise_probabilities(counts, config.ns_exponent))
        sampling = Sampling(keep_limits(counts, 0), noise, config.window, min(config.negative, len(counts) - 1))
        work = workspace(len(numbers), config.window, sampling.negative, weights)
        _place(numbers, config, work)
        return train_centers(center, center + 1, config.alpha, sampling, weights, work)
    chosen = steps(config, counts)
    work, outputs = chosen.room(len(numbers), len(counts), weights)
    _place(numbers, config, work)
    return train_steps(center, center + 1, config.alpha, chosen.architecture, chosen.objective, weights, work, outputs)


def _place(numbers: Sequence[int], config: TrainingConfig, work: Workspace) -> None:
    """Write the words as a text whose last word has all others in its window."""
    work.kept[: len(numbers)] = numbers
    work.first[len(numbers) - 1], work.last[len(numbers) - 1] = 0, len(numbers)
    work.random[0] = config.seed


def _changed(before: NDArray[np.float32] | None, after: NDArray[np.float32] | None) -> NDArray[np.int64]:
    assert before is not None and after is not None  # train_center refuses embeddings without output rows
    return np.flatnonzero((before.view(np.uint32) != after.view(np.uint32)).any(axis=1))
