"""Training in one call: a run from its beginning to its end."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from w2v.arguments import check_function
from w2v.callbacks import Audience
from w2v.checkpoint import Checkpoints, KeptRun, keeping
from w2v.config import TrainingConfig
from w2v.corpus import EncodedCorpus
from w2v.embeddings import Embeddings
from w2v.errors import ConfigError, CorpusError, StopTraining, W2VError
from w2v.passes import scoring_pass
from w2v.progress import Progress, TrainingReport
from w2v.run import OTHER_VOCABULARY, TrainingRun
from w2v.weights import loaded_weights


def train(
    corpus: EncodedCorpus,
    config: TrainingConfig,
    on_progress: Callable[[Progress], object] | None = None,
    held_out: EncodedCorpus | None = None,
    *,
    start: Embeddings | None = None,
    checkpoints: Checkpoints | None = None,
    callbacks: Sequence[object] = (),
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
    start : Embeddings, optional
        What its words start with in place of random rows: vectors, and output rows and n-grams where it has them. Words that it
        does not have start as ever; those that the corpus does not have are left out. Output rows are those of the same loss.
    checkpoints : Checkpoints, optional
        Where the run is kept while it goes on: also when an exception, such as that of Ctrl-C, ends it. A checkpoint that
        cannot be written in the midst of training is a CheckpointWarning, and training goes on.
    callbacks : sequence of Callback
        What is called between epochs and blocks. One that raises StopTraining ends training early, without an error.

    Returns
    -------
    The input rows, with the output rows beside them (`Embeddings.outputs`), and what was done. With one thread all but the
    seconds follows from the arguments.

    Raises
    ------
    CorpusError
        When held-out text has no pairs or another vocabulary, or leaves nothing to train on.
    ConfigError
        When both kinds of held-out text are asked for, a callback is none, or `start` does not go with the options.
    CheckpointError, SourceError
        When the folder of checkpoints has another run, or one and `resume` is not asked for, or cannot be written to.
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
    return train_run(TrainingRun(corpus, config, held_out, start), on_progress, checkpoints, callbacks)


def train_run(
    run: TrainingRun,
    on_progress: Callable[[Progress], object] | None = None,
    checkpoints: Checkpoints | None = None,
    callbacks: Sequence[object] = (),
) -> tuple[Embeddings, TrainingReport]:
    """Train a run to its end, as `train` does."""
    check_function(on_progress)
    audience = Audience(callbacks)
    if checkpoints is None:
        _train(run, on_progress, audience, None)
    else:
        if not isinstance(checkpoints, Checkpoints):
            raise ConfigError(f"checkpoints is {checkpoints!r}; write Checkpoints(folder)")
        with keeping(run, checkpoints) as kept:
            _train(run, on_progress, audience, kept)
    return run.finish()


def _train(
    run: TrainingRun,
    on_progress: Callable[[Progress], object] | None,
    audience: Audience,
    kept: KeptRun | None,
) -> None:
    """Train to the end, or until a callback stops it; the run is kept, also when it is interrupted."""

    def watch(progress: Progress) -> None:
        if on_progress is not None:
            on_progress(progress)

    try:
        audience.begin(run)
        _go_on(run, watch, audience, kept)
    except StopTraining:
        run.stopped = True
    if kept is not None:
        kept.write_or_warn()  # what was trained is the result, and is not lost for it
    audience.end(run)


def _go_on(run: TrainingRun, watch: Callable[[Progress], None], audience: Audience, kept: KeptRun | None) -> None:
    try:
        while not run.done:
            run.advance(audience.next_call(run), None if kept is None else kept.seconds_left, watch)
            audience.hear(run)
            if kept is not None and not kept.seconds_left:
                kept.write_or_warn()
    except (StopTraining, W2VError):
        raise
    except BaseException:
        if kept is not None and run.whole:
            kept.write()
        raise


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
        When the output rows are not there, as after reading vectors from a file of word2vec's.

    Examples
    --------
    >>> from w2v.corpus import read_corpus
    >>> corpus = read_corpus([["a", "rose", "is", "a", "rose"]] * 20)
    >>> import math
    >>> config = TrainingConfig(vector_size=8, epochs=2, sample=0)
    >>> embeddings, _ = train(corpus, config)
    >>> other = read_corpus([["is", "a", "rose", "red"]], vocabulary=corpus.vocabulary)
    >>> bool(0 < held_out_loss(other, embeddings, config) < 3 * math.log(2))  # of two negatives, before training
    True
    """
    if embeddings.outputs is None:
        raise ValueError(
            "these vectors came without output rows, which .npz and .safetensors keep; give those, or what train returned"
        )
    if embeddings.vocabulary.words != held_out.vocabulary.words:
        raise CorpusError(OTHER_VOCABULARY)
    config = replace(config, vector_size=embeddings.vectors.shape[1], deterministic=False)
    weights = loaded_weights(embeddings.vectors, embeddings.outputs, config)
    scoring = scoring_pass(held_out, config, None)
    loss = scoring.score(scoring.dealer(range(len(scoring.blocks))), weights, lambda: None)
    assert loss is not None  # nobody stops the dealer
    return loss
