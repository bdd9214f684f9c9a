"""What is called while a model is trained: between epochs and between blocks, when no thread works."""

from collections.abc import Sequence
from contextlib import suppress

from w2v.arguments import listed
from w2v.errors import ConfigError, StopTraining
from w2v.run import TrainingRun


class Callback:
    """The base of callbacks, whose methods do nothing; gensim's names, with the `TrainingRun` where gensim gives the model.

    While a method runs no thread trains. It may look at `run.embeddings()` (or `run.wv`, gensim's name), a read-only view that
    training changes afterwards, at `run.report()` and at `run.progress()`, and it may raise StopTraining to end the training:
    what was trained so far is then the result. Any other exception ends the training, and is raised by `train`.

    Objects that are no subclasses will do, with one of the methods or more: gensim's own callbacks, for example.

    Attributes
    ----------
    every_blocks : int
        How many blocks, of about 10,000 tokens, lie between two calls of `on_block_end`.

    Examples
    --------
    >>> from w2v import TrainingConfig, read_corpus, train
    >>> class Similarity(Callback):
    ...     def on_epoch_end(self, run):
    ...         print(run.epochs_done, run.wv.similarity("a", "rose") > 0)
    >>> corpus = read_corpus([["a", "rose"], ["is", "red"]] * 500)
    >>> _ = train(corpus, TrainingConfig(vector_size=8, epochs=2, alpha=0.2, sample=0), callbacks=[Similarity()])
    1 True
    2 True
    """

    every_blocks: int = 100

    def on_train_begin(self, run: TrainingRun) -> None:
        """Called before the first block, or before the first one of a run that is taken up again."""

    def on_epoch_begin(self, run: TrainingRun) -> None:
        """Called before the first block of each epoch."""

    def on_block_end(self, run: TrainingRun) -> None:
        """Called after every `every_blocks` blocks."""

    def on_epoch_end(self, run: TrainingRun) -> None:
        """Called after each epoch, when its held-out text is scored."""

    def on_train_end(self, run: TrainingRun) -> None:
        """Called after the last epoch, or after training was stopped by StopTraining."""


class EarlyStopping(Callback):
    """Stops training after `patience` epochs in a row that did not lower the held-out loss below its least value so far.

    >>> EarlyStopping(patience=0)
    Traceback (most recent call last):
    w2v.errors.ConfigError: patience is 0; it must be a whole number of at least 1
    """

    def __init__(self, patience: int = 1) -> None:
        if isinstance(patience, bool) or not isinstance(patience, int) or patience < 1:
            raise ConfigError(f"patience is {patience!r}; it must be a whole number of at least 1")
        self.patience = patience

    def on_train_begin(self, run: TrainingRun) -> None:
        if run.scoring is None:
            raise ConfigError("early stopping needs held-out text; write held_out=0.01, say")

    def on_epoch_end(self, run: TrainingRun) -> None:
        losses = run.held_out_losses
        if len(losses) - 1 - losses.index(min(losses)) >= self.patience:
            raise StopTraining


_METHODS = ("on_train_begin", "on_epoch_begin", "on_block_end", "on_epoch_end", "on_train_end")


class Audience:
    """All callbacks of a training run, told what they want to hear when it is due."""

    def __init__(self, callbacks: Sequence[object]) -> None:
        callbacks = listed(callbacks)
        for callback in callbacks:
            if isinstance(callback, type):
                raise ConfigError(f"the callback {callback.__name__} is a class; write {callback.__name__}()")
            if not any(callable(getattr(callback, name, None)) for name in _METHODS):
                raise ConfigError(f"the callback {callback!r} has none of {', '.join(_METHODS)}")
        self._listeners = [
            (callback, name) for callback in callbacks for name in _METHODS if _overrides(callback, name)
        ]
        self._blocks = self._epochs = 0

    def begin(self, run: TrainingRun) -> None:
        """Tell that training begins, or goes on."""
        self._blocks, self._epochs = run.blocks_done, run.epochs_done
        self._tell("on_train_begin", run)
        self._tell_of_an_epoch(run)

    def next_call(self, run: TrainingRun) -> int:
        """The block before which the next call is due."""
        calls = [run.blocks]
        for callback, name in self._listeners:
            every = _interval(callback) if name == "on_block_end" else run.blocks_of_an_epoch
            calls.append((run.blocks_done // every + 1) * every)
        return min(calls)

    def hear(self, run: TrainingRun) -> None:
        """Tell what is due since the last call."""
        for callback, name in self._listeners:
            if name == "on_block_end" and run.blocks_done // _interval(callback) > self._blocks // _interval(callback):
                callback.on_block_end(run)  # type: ignore[attr-defined]
        self._blocks = run.blocks_done
        if run.epochs_done > self._epochs:
            self._epochs = run.epochs_done
            self._tell("on_epoch_end", run)
            self._tell_of_an_epoch(run)

    def end(self, run: TrainingRun) -> None:
        """Tell that training has ended."""
        with suppress(StopTraining):
            self._tell("on_train_end", run)

    def _tell_of_an_epoch(self, run: TrainingRun) -> None:
        if not run.done and run.blocks_done == run.epochs_done * run.blocks_of_an_epoch:
            self._tell("on_epoch_begin", run)

    def _tell(self, method: str, run: TrainingRun) -> None:
        for callback, name in self._listeners:
            if name == method:
                getattr(callback, name)(run)


def _overrides(callback: object, name: str) -> bool:
    method = getattr(type(callback), name, None)
    return callable(getattr(callback, name, None)) and method is not getattr(Callback, name)


def _interval(callback: object) -> int:
    every = getattr(callback, "every_blocks", Callback.every_blocks)
    if isinstance(every, bool) or not isinstance(every, int) or every < 1:
        raise ConfigError(f"every_blocks is {every!r}; it must be a whole number of at least 1")
    return every
