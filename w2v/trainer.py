"""Training: the blocks of a corpus, dealt to threads that share the weights."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from threading import Event, Lock

import numpy as np
from numpy.typing import NDArray

from w2v.config import TrainingConfig
from w2v.corpus import EncodedCorpus
from w2v.crew import work_together
from w2v.deterministic import ROUND_BLOCK_TOKENS, Rounds
from w2v.embeddings import Embeddings
from w2v.errors import ConfigError, CorpusError, DivergenceError
from w2v.held_out import fixed_schedule, hold_out
from w2v.kernels import train_block
from w2v.ngram_table import ngram_table
from w2v.rounds import BLOCK_RESULT
from w2v.sampling import alias_table, keep_limits, noise_probabilities
from w2v.schedule import BLOCK_TOKENS, Block, Schedule, schedule, shuffled_sentences
from w2v.steps import Steps, steps
from w2v.subword_kernels import Parts, compose_words, composed_blocks_on
from w2v.subword_steps import composed_steps_on
from w2v.subwords import NgramRule, Subwords
from w2v.weights import (
    composed_weights,
    initial_parts,
    initial_weights,
    loaded_weights,
    output_rows,
    trained_rows,
)
from w2v.workspace import Sampling, Text, Weights, text_in_order, workspace


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training run is: tokens done and to do over all epochs; `loss` is the mean a pair of the latest blocks.

    `tokens_per_s` is the mean since the start, over all threads, of wall time without that for held-out text. Tokens are those
    in the vocabulary. `held_out_loss` is that after the latest epoch; None before the first one's end, and where no text is
    held out.
    """

    tokens_done: int
    tokens_total: int
    learning_rate: float
    loss: float
    tokens_per_s: float
    held_out_loss: float | None = None


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What a training run did, in seconds of wall time.

    A pair is a center and one of its contexts, or for CBOW a center with all of them. With negative sampling its loss is -log
    σ(x·y) - Σ log σ(-x·y'), over the center's output row y and its negatives' rows y'; with full and hierarchical softmax it
    is -log of the center's probability, with sampled softmax that among the candidates, each with its log k q subtracted from
    the score, and with noise-contrastive estimation that of telling the center from k words of noise (docs/w2v.md).
    `epoch_losses` are the means a pair of each epoch, `loss` that of the last. `tokens` are the text's, `trained_tokens`
    those in the vocabulary; `tokens_per_s` counts the text's, those dropped by chance included. `held_out_losses` are those
    of held-out text after each epoch, as `held_out_loss` defines them; empty where there is none. `setup_s` goes into the
    tables and the first weights, `compile_s` into compiling the kernel or loading it from disk, `scoring_s` into held-out
    text, `training_s` into the rest.
    """

    tokens: int
    trained_tokens: int
    vocabulary_size: int
    epochs: int
    pairs: int
    loss: float
    epoch_losses: tuple[float, ...]
    held_out_losses: tuple[float, ...]
    setup_s: float
    compile_s: float
    training_s: float
    scoring_s: float
    tokens_per_s: float


def train(
    corpus: EncodedCorpus,
    config: TrainingConfig,
    on_progress: Callable[[Progress], None] | None = None,
    held_out: EncodedCorpus | None = None,
) -> tuple[Embeddings, TrainingReport]:
    """Train vectors (Mikolov et al. 2013): by default skip-gram with negative sampling, of words or of words with their n-grams.

    Parameters
    ----------
    corpus : EncodedCorpus
    config : TrainingConfig
    on_progress : function of a Progress, optional
        Called about ten times a second, and at the end, from the calling thread. An exception from it ends the training.
    held_out : EncodedCorpus, optional
        Text to score after each epoch, read with the vocabulary of `corpus`. `config.held_out` takes a share of `corpus` instead.

    Returns
    -------
    The input rows, with the output rows beside them (`Embeddings.outputs`), and what was done. With one thread all but the
    seconds follows from the arguments.

    Raises
    ------
    CorpusError
        When held-out text has no pairs or another vocabulary, or leaves nothing to train on.
    ConfigError
        When both kinds of held-out text are asked for.
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
    corpus, held_out = _without_held_out(corpus, config, held_out)
    table = ngram_table(corpus.vocabulary.words, _rule(config)) if config.subwords else None
    parts = None if table is None else Parts(initial_parts(len(table), config), table.starts, table.rows)
    block_tokens = ROUND_BLOCK_TOKENS if config.deterministic else BLOCK_TOKENS
    text = text_in_order(corpus.ids, corpus.ends)
    if config.shuffle:
        text = Text(corpus.ids, *shuffled_sentences(corpus.ends, config.seed))
    run = _run(corpus, text, config, schedule(text.ends, config, block_tokens), parts)
    scoring = None if held_out is None else _scoring_run(held_out, config, parts)
    weights = initial_weights(words, config) if parts is None else composed_weights(words, config)
    set_up = time.perf_counter()
    run.compile(weights)
    if scoring is not None:
        scoring.compile(weights)
    compiled = time.perf_counter()
    done = run.train(weights, on_progress, scoring)
    training_s = time.perf_counter() - compiled - done.scoring_s

    if parts is not None:
        compose_words(words, weights[0], parts)
    vectors = trained_rows(weights[0], words, config.vector_size)
    if not np.isfinite([vectors.min(), vectors.max()]).all():
        raise DivergenceError(f"the vectors are not finite after training with alpha {config.alpha}; lower it")
    epochs = done.results.reshape(config.epochs, -1)
    losses = [_mean_loss(epoch) for epoch in epochs]
    report = TrainingReport(
        tokens=corpus.read_tokens,
        trained_tokens=len(corpus.ids),
        vocabulary_size=words,
        epochs=config.epochs,
        pairs=int(done.results["pairs"].sum()),
        loss=losses[-1],
        epoch_losses=tuple(losses),
        held_out_losses=done.held_out_losses,
        setup_s=set_up - started,
        compile_s=compiled - set_up,
        training_s=training_s,
        scoring_s=done.scoring_s,
        tokens_per_s=corpus.read_tokens * config.epochs / training_s,
    )
    outputs = output_rows(weights[0], words, config.vector_size)
    if table is None or parts is None:
        return Embeddings(corpus.vocabulary, vectors, outputs), report
    ngrams = parts.matrix.reshape(len(table), -1)[words:, : config.vector_size]
    return Embeddings(corpus.vocabulary, vectors, outputs, Subwords(_rule(config), table.buckets, ngrams)), report


def _rule(config: TrainingConfig) -> NgramRule:
    return NgramRule(config.min_n, config.max_n, config.bucket)


def held_out_loss(held_out: EncodedCorpus, embeddings: Embeddings, config: TrainingConfig) -> float:
    """The mean loss a pair of text that was not trained on.

    Centers, windows and negatives are drawn as in training, with the counts of the vocabulary and the options `window`,
    `negative`, `sample` and `ns_exponent`, but from fixed seeds. Over all P pairs of a center w and a context c that they make,

        (1 / P) Σ [-log σ(x_c · y_w) - Σ_j log σ(-x_c · y_nj)],

    or, with another loss or architecture, its own terms as in the training loss. No row changes: it is a training pass
    with learning rate 0, in the same tiles. The sum is in float64, in the order of the text.

    Parameters
    ----------
    held_out : EncodedCorpus
        Read with the vocabulary that was trained on.
    embeddings : Embeddings
        As `train` returns them, with the output rows.
    config : TrainingConfig
        That of the training run.

    Raises
    ------
    CorpusError
        When there is not one pair, or the vectors are of another vocabulary.
    ValueError
        When the output rows are not there, as after reading vectors from a file.

    Examples
    --------
    >>> from w2v.corpus import read_corpus
    >>> corpus = read_corpus([["a", "rose", "is", "a", "rose"]] * 20)
    >>> config = TrainingConfig(vector_size=8, epochs=2, sample=0)
    >>> embeddings, _ = train(corpus, config)
    >>> other = read_corpus([["is", "a", "rose", "red"]], vocabulary=corpus.vocabulary)
    >>> bool(0 < held_out_loss(other, embeddings, config) < 3 * np.log(2))  # the loss of two negatives, before training
    True
    """
    if embeddings.outputs is None:
        raise ValueError(
            "these vectors came without output rows, which files do not keep; give those that train returned"
        )
    if embeddings.vocabulary.words != held_out.vocabulary.words:
        raise CorpusError(_OTHER_VOCABULARY)
    config = replace(config, vector_size=embeddings.vectors.shape[1], deterministic=False)
    weights = loaded_weights(embeddings.vectors, embeddings.outputs, config)
    return _scoring_run(held_out, config, None).score(weights, lambda dealt: None)


_OTHER_VOCABULARY = "the held-out text has another vocabulary; read it with vocabulary=corpus.vocabulary"


def _without_held_out(
    corpus: EncodedCorpus, config: TrainingConfig, held_out: EncodedCorpus | None
) -> tuple[EncodedCorpus, EncodedCorpus | None]:
    """What to train on, and what to score after each epoch."""
    if config.held_out:
        if held_out is not None:
            raise ConfigError(f"give either a held-out corpus or the share held_out {config.held_out!r}")
        return hold_out(corpus, config.held_out)
    if held_out is not None and held_out.vocabulary.words != corpus.vocabulary.words:
        raise CorpusError(_OTHER_VOCABULARY)
    return corpus, held_out


def _scoring_run(held_out: EncodedCorpus, config: TrainingConfig, parts: Parts | None) -> "_Run":
    text = text_in_order(held_out.ids, held_out.ends)
    return _run(held_out, text, config, fixed_schedule(held_out, config), parts)


def _run(corpus: EncodedCorpus, text: Text, config: TrainingConfig, blocks: Schedule, parts: Parts | None) -> "_Run":
    counts = corpus.vocabulary.counts
    sampling = Sampling(
        keep_limits(counts, config.sample),
        alias_table(noise_probabilities(counts, config.ns_exponent)),
        config.window,
        min(config.negative, len(counts) - 1),
    )
    rounds = Rounds(blocks, text, sampling, counts) if blocks.config.deterministic else None
    others = None if config.has_kernel_of_its_own else steps(config, counts)
    return _Run(blocks, text, sampling, parts, rounds, others)


_RECENT_BLOCKS = 50


@dataclass(frozen=True, slots=True, eq=False)
class _Done:
    """The pairs and the loss of every block, and what was seen of held-out text."""

    results: NDArray[np.void]
    held_out_losses: tuple[float, ...]
    scoring_s: float


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """All that a training run reads and does not change.

    `parts` are those of words made of n-grams; `steps` serve all but skip-gram with negative sampling.
    """

    blocks: Schedule
    text: Text
    sampling: Sampling
    parts: Parts | None
    rounds: Rounds | None
    steps: Steps | None

    def blocks_on(self, weights: Weights) -> Callable[[Block, int], tuple[int, float]]:
        """What trains a block from a seed on a thread's weights; returns its pairs and the sum of their losses."""
        longest = self.blocks.longest_block
        if self.parts is not None and self.steps is not None:
            return composed_steps_on(self.steps, self.text, longest, self.sampling, weights, self.parts)
        if self.parts is not None:
            return composed_blocks_on(self.text, longest, self.sampling, weights, self.parts)
        if self.steps is not None:
            return self.steps.blocks_on(self.text, longest, self.sampling, weights)
        work = workspace(longest, self.sampling.window, self.sampling.negative, weights)

        def train(block: Block, seed: int) -> tuple[int, float]:
            work.random[0] = seed
            return train_block(self.text, block, self.sampling, weights, work)

        return train

    def compile(self, weights: list[Weights]) -> None:
        """Train on no tokens: Numba compiles the kernels, or loads them, at the first call."""
        if self.rounds is not None:
            self.rounds.compile(weights)
            return
        self.blocks_on(weights[0])(self.blocks.block(0)._replace(stop=0), 0)
        if self.parts is not None:
            compose_words(0, weights[0], self.parts)

    def train(
        self, weights: list[Weights], on_progress: Callable[[Progress], None] | None, scoring: "_Run | None"
    ) -> _Done:
        """Train all blocks, with as many threads as there are weights; score after each epoch what is to be scored."""
        results = np.zeros(len(self.blocks), BLOCK_RESULT)
        scores: list[float] = []
        began, scoring_s = time.perf_counter(), 0.0

        def tell(dealt: int) -> None:
            if on_progress:
                training_s = time.perf_counter() - began - scoring_s
                on_progress(self._progress(dealt, training_s, results, scores[-1] if scores else None))

        for numbers in self._stretches(scoring is not None):
            work_off = self._work_off if self.rounds is None else self.rounds.work_off
            work_off(numbers, weights, results, tell)
            if scoring is not None:
                started = time.perf_counter()
                scores.append(scoring.score(weights, lambda _, done=numbers.stop: tell(done)))  # type: ignore[misc]
                scoring_s += time.perf_counter() - started
                tell(numbers.stop)
        return _Done(results, tuple(scores), scoring_s)

    def score(self, weights: list[Weights], tell: Callable[[int], None]) -> float:
        """The mean loss a pair, from a pass over all blocks that changes no weight: each gets its gradient times 0."""
        results = np.zeros(len(self.blocks), BLOCK_RESULT)
        self._work_off(range(len(self.blocks)), weights, results, tell, learning_rate=0.0)
        if not results["pairs"].any():
            raise CorpusError("the held-out text has no pair of words to score; hold out more, or raise sample")
        return _mean_loss(results)

    def _stretches(self, by_epoch: bool) -> Iterator[range]:
        """The numbers of all blocks, in parts between which the threads wait for each other."""
        blocks = len(self.blocks)
        step = blocks // self.blocks.config.epochs if by_epoch else blocks
        return (range(start, start + step) for start in range(0, blocks, step))

    def _work_off(
        self,
        numbers: range,
        weights: list[Weights],
        results: NDArray[np.void],
        tell: Callable[[int], None],
        learning_rate: float | None = None,
    ) -> None:
        """Deal blocks in order to as many threads as there are weights; writes the pairs and the loss of each."""
        remaining = iter(numbers)
        dealt = numbers.start
        dealing = Lock()
        stop = Event()

        def work_off(own: Weights) -> None:
            nonlocal dealt
            train = self.blocks_on(own)
            while not stop.is_set():
                with dealing:
                    number = next(remaining, None)
                    if number is None:
                        return
                    dealt = number + 1
                block = self.blocks.block(number)
                if learning_rate is not None:
                    block = block._replace(learning_rate=learning_rate)
                results[number] = train(block, self.blocks.seeds[number])

        jobs = [partial(work_off, own) for own in weights]
        work_together(jobs, stop, lambda: tell(dealt))

    def _progress(self, dealt: int, training_s: float, results: NDArray[np.void], held_out: float | None) -> Progress:
        tokens_done = self.blocks.tokens_before(dealt)
        return Progress(
            tokens_done=tokens_done,
            tokens_total=self.blocks.tokens_total,
            learning_rate=self.blocks.block(max(dealt - 1, 0)).learning_rate,
            loss=_mean_loss(results[max(dealt - _RECENT_BLOCKS, 0) : dealt]),
            tokens_per_s=tokens_done / training_s,
            held_out_loss=held_out,
        )


def _mean_loss(results: NDArray[np.void]) -> float:
    return float(results["loss"].sum() / max(results["pairs"].sum(), 1))
