"""A training run that can be advanced in pieces: its weights, how far it is, and what was measured so far.

All random draws of a block follow from its number and the seed, and its learning rate from its number. So a run is its weights
and its position: with one thread, and with deterministic training by any number of threads, a run in pieces ends with the
same bits as one that is never paused.
"""

import time
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from w2v.arguments import check_training
from w2v.config import TrainingConfig
from w2v.corpus import EncodedCorpus
from w2v.crew import Dealer
from w2v.embeddings import Embeddings
from w2v.errors import ConfigError, CorpusError, InterruptedRunError
from w2v.held_out import hold_out
from w2v.parameters import Parameters
from w2v.passes import Pass, mean_loss, scoring_pass, training_pass
from w2v.progress import Progress, TrainingReport
from w2v.rounds import BLOCK_RESULT
from w2v.schedule import Block
from w2v.vocabulary import Vocabulary
from w2v.workspace import Weights

OTHER_VOCABULARY = "the held-out text has another vocabulary; read it with vocabulary=corpus.vocabulary"
_RECENT_BLOCKS = 50

Watch = Callable[[Progress], bool | None]


class Corpus(Protocol):
    """What a run says of its text: an EncodedCorpus, or one that is nowhere as a whole."""

    @property
    def vocabulary(self) -> Vocabulary: ...

    @property
    def read_tokens(self) -> int: ...


class Blocks(Protocol):
    """The parts of a run by number, as a Schedule has them."""

    def __len__(self) -> int: ...

    @property
    def tokens(self) -> int: ...

    @property
    def tokens_total(self) -> int: ...

    def tokens_before(self, number: int) -> int: ...

    def block(self, number: int) -> Block: ...


class Training(Protocol):
    """What trains the blocks of a run: a Pass, or workers elsewhere."""

    @property
    def blocks(self) -> Blocks: ...

    def identity(self) -> list[NDArray[Any]]: ...

    def compile(self, weights: list[Weights]) -> None: ...

    def dealer(self, numbers: range) -> Dealer: ...

    def train(
        self, dealer: Dealer, weights: list[Weights], results: NDArray[np.void], tell: Callable[[], None]
    ) -> None: ...


class TrainingRun:
    """A run at its beginning: what `train` does to its end at once, here in pieces.

    Between two calls of `advance` no thread works, and the rows may be read and written.

    Parameters
    ----------
    corpus : EncodedCorpus
    config : TrainingConfig
    held_out : EncodedCorpus, optional
        Text to score after each epoch, as for `train`.
    start : Embeddings, optional
        What to start from, as for `train`.

    Attributes
    ----------
    matrices : dict of float32 [rows, vector_size]
        The trained rows where they lie, writable: "inputs" [words], or with n-grams "parts" [words and n-grams], and "outputs"
        [words]. With the position they are all that the rest of the run depends on.
    blocks : int
        How many there are, over all epochs, each of about 10,000 tokens (for deterministic training 1,000).
    blocks_done : int
        How many of them are done: those with the lowest numbers.
    results : BLOCK_RESULT [blocks]
        The `pairs` of each block and the sum of their losses, `loss`; zeros for those to come.
    held_out_losses : list of float
        One for each epoch that is done and scored.
    training_s, scoring_s, checkpoints_s : float
        The seconds of wall time that training, scoring and this process's checkpoints have taken.
    stopped : bool
        Whether the run counts as done before its last block; may be set.
    whole : bool
        False after a block failed; the rows are then in no state to go on from.

    Raises
    ------
    CorpusError
        When held-out text has another vocabulary, or leaves nothing to train on.
    ConfigError
        When both kinds of held-out text are asked for, or `start` does not go with the options.

    Examples
    --------
    >>> from w2v.corpus import read_corpus
    >>> corpus = read_corpus([["a", "rose", "is", "a", "rose"]] * 5_000)
    >>> run = TrainingRun(corpus, TrainingConfig(vector_size=8, epochs=2))
    >>> run.blocks, run.advance(to=2), run.blocks_done
    (6, False, 2)
    >>> run.advance()
    True
    >>> embeddings, report = run.finish()
    >>> embeddings.vectors.shape, report.pairs == int(run.results["pairs"].sum())
    ((3, 8), True)
    """

    def __init__(
        self,
        corpus: EncodedCorpus,
        config: TrainingConfig,
        held_out: EncodedCorpus | None = None,
        start: Embeddings | None = None,
    ) -> None:
        started = time.perf_counter()
        check_training(corpus, config, held_out, start)
        corpus, held_out = _without_held_out(corpus, config, held_out)
        self._begin(started, corpus, config, held_out, start, lambda rows: training_pass(corpus, config, rows.parts))

    def _begin(
        self,
        started: float,
        corpus: Corpus,
        config: TrainingConfig,
        held_out: EncodedCorpus | None,
        start: Embeddings | None,
        training: Callable[[Parameters], Training],
    ) -> None:
        self.corpus, self.config, self.held_out, self.start = corpus, config, held_out, start
        self._parameters = Parameters(corpus.vocabulary, config, start)
        self.matrices = self._parameters.matrices
        self.training = training(self._parameters)
        self.scoring = None if held_out is None else scoring_pass(held_out, config, self._parameters.parts)
        self.blocks = len(self.training.blocks)
        self.blocks_done = 0
        self.results = np.zeros(self.blocks, BLOCK_RESULT)
        self.held_out_losses: list[float] = []
        self.training_s = self.scoring_s = 0.0
        self.whole = True
        self.stopped = False
        self.checkpoints_s = 0.0
        self._setup_s = time.perf_counter() - started
        self._compile_s: float | None = None
        self._taken_up = (0, 0.0)

    def resume(self, blocks_done: int, held_out_losses: list[float], training_s: float, scoring_s: float) -> None:
        """Take the place of a run that was as far as this; its `matrices` and `results` are to be written by the caller."""
        self.blocks_done, self.held_out_losses = blocks_done, list(held_out_losses)
        self.training_s, self.scoring_s = training_s, scoring_s
        self._taken_up = self.training.blocks.tokens_before(blocks_done), training_s

    @property
    def blocks_of_an_epoch(self) -> int:
        """How many blocks an epoch has."""
        return self.blocks // self.config.epochs

    @property
    def epochs_done(self) -> int:
        """How many epochs are done; where text is held out, done and scored."""
        epochs = self.blocks_done // self.blocks_of_an_epoch
        return epochs if self.scoring is None else min(epochs, len(self.held_out_losses))

    @property
    def done(self) -> bool:
        """Whether nothing is left to train or to score."""
        return self.stopped or self.epochs_done == self.config.epochs

    def advance(self, to: int | None = None, seconds: float | None = None, watch: Watch | None = None) -> bool:
        """Train on, and score each epoch that ends; returns whether the run is done.

        Parameters
        ----------
        to : int, optional
            The block to stop before, by default none; deterministic training ends the round that it is in.
        seconds : float, optional
            How long to train, to a tenth of a second and the block that is being trained then.
        watch : function of a Progress, optional
            Called about ten times a second, and at the end of each epoch, from the calling thread. Where it returns True,
            training pauses after the blocks that are being trained. An exception from it pauses the run in the same way.

        Raises
        ------
        InterruptedRunError
            When a block has failed before.
        """
        if not self.whole:
            raise InterruptedRunError("a block of this run has failed; its rows are in no state to go on from")
        self.compile()
        pause = _Pause(watch, seconds)
        end = self.blocks if to is None else min(to, self.blocks)
        while not pause.due and not self.done:
            if self.scoring is not None and self.blocks_done // self.blocks_of_an_epoch > self.epochs_done:
                self._score(self.scoring, pause)
            elif self.blocks_done >= end:
                break
            else:
                self._train(range(self.blocks_done, self._end_of_stretch(end)), pause)
        return self.done

    def compile(self) -> None:
        """Compile the kernels or load them from disk, unless it was done before."""
        if self._compile_s is None:
            started = time.perf_counter()
            self.training.compile(self._parameters.weights)
            if self.scoring is not None:
                self.scoring.compile(self._parameters.weights)
            self._compile_s = time.perf_counter() - started

    def embeddings(self) -> Embeddings:
        """The vectors as they are now, in a view: training changes them.

        Raises DivergenceError when they are not finite.
        """
        return self._parameters.embeddings()

    @property
    def wv(self) -> Embeddings:
        """`embeddings()`, under gensim's name."""
        return self.embeddings()

    def finish(self) -> tuple[Embeddings, TrainingReport]:
        """The vectors and what was done, also before the end; the run cannot go on afterwards.

        Raises DivergenceError when the vectors are not finite.
        """
        report = self.report()
        self.whole = False
        return self._parameters.finish(), report

    def report(self) -> TrainingReport:
        """What was done so far."""
        begun = -(-self.blocks_done // self.blocks_of_an_epoch)
        epochs = self.results.reshape(self.config.epochs, -1)[: max(begun, 1)]
        losses = tuple(mean_loss(epoch) for epoch in epochs)
        share = self.training.blocks.tokens_before(self.blocks_done) / self.training.blocks.tokens_total
        return TrainingReport(
            tokens=self.corpus.read_tokens,
            trained_tokens=self.training.blocks.tokens,
            vocabulary_size=len(self.corpus.vocabulary),
            epochs=self.config.epochs,
            pairs=int(self.results["pairs"].sum()),
            loss=losses[-1],
            epoch_losses=losses,
            held_out_losses=tuple(self.held_out_losses),
            setup_s=self._setup_s,
            compile_s=self._compile_s or 0.0,
            training_s=self.training_s,
            scoring_s=self.scoring_s,
            tokens_per_s=self.corpus.read_tokens * self.config.epochs * share / max(self.training_s, 1e-9),
            checkpoints_s=self.checkpoints_s,
            stopped_early=self.stopped,
        )

    def progress(self, dealt: int | None = None, training_s: float | None = None) -> Progress:
        """How far the run is; or, while blocks are being trained, how far it was when `dealt` of them were dealt."""
        blocks = self.training.blocks
        dealt = self.blocks_done if dealt is None else dealt
        tokens_done = blocks.tokens_before(dealt)
        tokens, seconds = self._taken_up
        elapsed_s = (self.training_s if training_s is None else training_s) - seconds
        return Progress(
            tokens_done=tokens_done,
            tokens_total=blocks.tokens_total,
            learning_rate=blocks.block(max(dealt - 1, 0)).learning_rate,
            loss=mean_loss(self.results[max(dealt - _RECENT_BLOCKS, 0) : dealt]),
            tokens_per_s=(tokens_done - tokens) / elapsed_s if elapsed_s > 0 else 0.0,
            held_out_loss=self.held_out_losses[-1] if self.held_out_losses else None,
            epochs=self.config.epochs,
        )

    def _end_of_stretch(self, end: int) -> int:
        """Where the threads next wait for each other: at `end`, and where an epoch is scored."""
        if self.scoring is None:
            return end
        return min(end, (self.blocks_done // self.blocks_of_an_epoch + 1) * self.blocks_of_an_epoch)

    def _train(self, numbers: range, pause: "_Pause") -> None:
        dealer = self.training.dealer(numbers)
        before_s, started = self.training_s, time.perf_counter()

        def tell() -> None:
            if pause.at(self.progress(dealer.dealt, before_s + time.perf_counter() - started)):
                dealer.stopped.set()

        try:
            self.training.train(dealer, self._parameters.weights, self.results, tell)
        finally:
            self.training_s = before_s + time.perf_counter() - started
            self.whole = dealer.whole
            self.blocks_done = dealer.dealt

    def _score(self, scoring: Pass, pause: "_Pause") -> None:
        dealer = scoring.dealer(range(len(scoring.blocks)))
        started = time.perf_counter()

        def tell() -> None:
            if pause.at(self.progress()):
                dealer.stopped.set()

        try:
            loss = scoring.score(dealer, self._parameters.weights, tell)
        finally:
            self.scoring_s += time.perf_counter() - started
        if loss is not None:
            self.held_out_losses.append(loss)
            pause.at(self.progress())


class _Pause:
    """Whether training is to pause: because it was asked to, or because its time is over."""

    def __init__(self, watch: Watch | None, seconds: float | None) -> None:
        self._watch = watch
        self._end = float("inf") if seconds is None else time.perf_counter() + seconds
        self.due = False

    def at(self, progress: Progress) -> bool:
        asked = self._watch is not None and self._watch(progress) is True
        self.due = self.due or asked or time.perf_counter() >= self._end
        return self.due


def _without_held_out(
    corpus: EncodedCorpus, config: TrainingConfig, held_out: EncodedCorpus | None
) -> tuple[EncodedCorpus, EncodedCorpus | None]:
    """What to train on, and what to score after each epoch."""
    if config.held_out:
        if held_out is not None:
            raise ConfigError(f"give either a held-out corpus or the share held_out {config.held_out!r}")
        return hold_out(corpus, config.held_out)
    if held_out is not None and held_out.vocabulary.words != corpus.vocabulary.words:
        raise CorpusError(OTHER_VOCABULARY)
    return corpus, held_out
