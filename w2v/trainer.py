"""Training: the blocks of a corpus, dealt to threads that share the weights."""

import time
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event, Lock

import numpy as np
from numpy.typing import NDArray

from w2v.config import TrainingConfig
from w2v.corpus import EncodedCorpus
from w2v.embeddings import Embeddings
from w2v.errors import DivergenceError
from w2v.kernels import train_block
from w2v.sampling import alias_table, keep_limits, noise_probabilities
from w2v.schedule import Schedule, schedule
from w2v.weights import initial_weights, output_rows, trained_rows
from w2v.workspace import Sampling, Text, Weights, Workspace, workspace


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training run is: tokens done and to do over all epochs; `loss` is the mean a pair of the latest blocks."""

    tokens_done: int
    tokens_total: int
    learning_rate: float
    loss: float


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What a training run did, in seconds of wall time.

    A pair is a center and one of its contexts. Its loss is -log σ(x·y) - Σ log σ(-x·y'), over the center's output row y and its
    negatives' rows y'; `epoch_losses` are the means a pair of each epoch, `loss` that of the last. `tokens` are the text's,
    `trained_tokens` those in the vocabulary; `tokens_per_s` counts the text's, those dropped by chance included.
    `setup_s` goes into the tables and the first weights, `compile_s` into compiling the kernel or loading it from disk.
    """

    tokens: int
    trained_tokens: int
    vocabulary_size: int
    epochs: int
    pairs: int
    loss: float
    epoch_losses: tuple[float, ...]
    setup_s: float
    compile_s: float
    training_s: float
    tokens_per_s: float


def train(
    corpus: EncodedCorpus, config: TrainingConfig, on_progress: Callable[[Progress], None] | None = None
) -> tuple[Embeddings, TrainingReport]:
    """Train skip-gram vectors with negative sampling (Mikolov et al. 2013).

    Parameters
    ----------
    corpus : EncodedCorpus
    config : TrainingConfig
    on_progress : function of a Progress, optional
        Called about ten times a second, and at the end, from the calling thread. An exception from it ends the training.

    Returns
    -------
    The input rows, with the output rows beside them (`Embeddings.outputs`), and what was done. With one thread all but the
    seconds follows from the arguments.

    Raises
    ------
    DivergenceError
        When the learning rate was so great that vectors are not finite.

    Examples
    --------
    >>> from w2v.corpus import read_corpus
    >>> corpus = read_corpus([["a", "rose", "is", "a", "rose"]] * 20)
    >>> embeddings, report = train(corpus, TrainingConfig(vector_size=8, epochs=2))
    >>> embeddings.vectors.shape, report.trained_tokens, report.epochs
    ((3, 8), 100, 2)
    """
    started = time.perf_counter()
    words = len(corpus.vocabulary)
    run = _Run(
        schedule(corpus.ends, config),
        Text(corpus.ids, corpus.ends),
        Sampling(
            keep_limits(corpus.vocabulary.counts, config.sample),
            alias_table(noise_probabilities(corpus.vocabulary.counts, config.ns_exponent)),
            config.window,
            min(config.negative, words - 1),
        ),
    )
    weights = initial_weights(words, config)
    set_up = time.perf_counter()
    run.compile(weights[0])
    compiled = time.perf_counter()
    results = run.train(weights, on_progress)
    training_s = time.perf_counter() - compiled

    vectors = trained_rows(weights[0], words, config.vector_size)
    if not np.isfinite(vectors).all():
        raise DivergenceError(f"the vectors are not finite after training with alpha {config.alpha}; lower it")
    epochs = results.reshape(config.epochs, -1)
    losses = epochs["loss"].sum(axis=1) / np.maximum(epochs["pairs"].sum(axis=1), 1)
    report = TrainingReport(
        tokens=corpus.read_tokens,
        trained_tokens=len(corpus.ids),
        vocabulary_size=words,
        epochs=config.epochs,
        pairs=int(results["pairs"].sum()),
        loss=float(losses[-1]),
        epoch_losses=tuple(losses.tolist()),
        setup_s=set_up - started,
        compile_s=compiled - set_up,
        training_s=training_s,
        tokens_per_s=corpus.read_tokens * config.epochs / training_s,
    )
    return Embeddings(corpus.vocabulary, vectors, output_rows(weights[0], words, config.vector_size)), report


_PROGRESS_S = 0.1
_RECENT_BLOCKS = 50
_BLOCK_RESULT = np.dtype([("pairs", np.int64), ("loss", np.float64)])


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """All that a training run reads and does not change."""

    blocks: Schedule
    text: Text
    sampling: Sampling

    def workspace(self, weights: Weights) -> Workspace:
        return workspace(self.blocks.longest_block, self.sampling.window, self.sampling.negative, weights)

    def compile(self, weights: Weights) -> None:
        """Train on no tokens: Numba compiles the kernel, or loads it, at the first call."""
        nothing = self.blocks.block(0)._replace(stop=0)
        train_block(self.text, nothing, self.sampling, weights, self.workspace(weights))

    def train(self, weights: list[Weights], on_progress: Callable[[Progress], None] | None) -> NDArray[np.void]:
        """Deal all blocks in order to as many threads as there are weights; returns the pairs and the loss of each."""
        results = np.zeros(len(self.blocks), _BLOCK_RESULT)
        numbers = iter(range(len(results)))
        dealt = 0
        dealing = Lock()
        stop = Event()

        def work_off(own: Weights) -> None:
            nonlocal dealt
            work = self.workspace(own)
            while not stop.is_set():
                with dealing:
                    number = next(numbers, None)
                    if number is None:
                        return
                    dealt = number + 1
                work.random[0] = self.blocks.seeds[number]
                results[number] = train_block(self.text, self.blocks.block(number), self.sampling, own, work)

        with ThreadPoolExecutor(len(weights)) as pool:
            running = {pool.submit(work_off, own) for own in weights}
            try:
                while running:
                    done, running = wait(running, _PROGRESS_S, FIRST_EXCEPTION)
                    for future in done:
                        future.result()
                    if on_progress:
                        on_progress(self._progress(dealt, results))
            finally:
                stop.set()
        return results

    def _progress(self, dealt: int, results: NDArray[np.void]) -> Progress:
        recent = results[max(dealt - _RECENT_BLOCKS, 0) : dealt]
        return Progress(
            tokens_done=self.blocks.tokens_before(dealt),
            tokens_total=self.blocks.tokens_total,
            learning_rate=self.blocks.block(max(dealt - 1, 0)).learning_rate,
            loss=float(recent["loss"].sum() / max(recent["pairs"].sum(), 1)),
        )
