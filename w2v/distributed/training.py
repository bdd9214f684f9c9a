"""Training on a cluster, or in this process as if on one, in one call."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from numbers import Integral
from typing import Any

from w2v.arguments import check_config
from w2v.checkpoint import Checkpoints
from w2v.config import TrainingConfig
from w2v.corpora.frequent import Frequent
from w2v.corpora.options import TextOptions
from w2v.corpora.sources import Files, Source, files_of
from w2v.corpus import EncodedCorpus, read_corpus
from w2v.distributed.companies import Company, Crew, LocalCompany
from w2v.distributed.member import Text
from w2v.distributed.pieces import pieces
from w2v.distributed.ray_crew import connected
from w2v.distributed.reading import joined
from w2v.distributed.run import ClusterRun, SharedCorpus
from w2v.distributed.shares import deal, rounds
from w2v.embeddings import Embeddings
from w2v.errors import ConfigError, CorpusError
from w2v.held_out import hold_out
from w2v.progress import Progress, TrainingReport
from w2v.run import OTHER_VOCABULARY
from w2v.trainer import train_run
from w2v.vocabulary import Vocabulary


def train(
    source: Source | EncodedCorpus,
    config: TrainingConfig,
    on_progress: Callable[[Progress], object] | None = None,
    held_out: Source | EncodedCorpus | None = None,
    *,
    workers: int | None = None,
    address: str | None = None,
    round_words: int | None = None,
    start: Embeddings | None = None,
    checkpoints: Checkpoints | None = None,
    callbacks: Sequence[object] = (),
    **options: Any,
) -> tuple[Embeddings, TrainingReport]:
    """Train vectors by several workers, each on its share of the corpus, who bring their rows together after every round.

    The rows are brought together as `w2v.distributed.merging` derives. With one thread a worker the result follows from the
    corpus, the options, `workers` and `round_words`: neither where the workers are nor which of them die changes a bit, on
    machines of one kind. One worker computes what `w2v.train` does.

    Parameters
    ----------
    source : path, pattern, URL that fsspec knows, list of these, iterable of sentences, or EncodedCorpus
        Files are read and counted by the workers, who have to reach them under the same names. Others are dealt to them.
    config : TrainingConfig
        `threads` are those of each worker.
    on_progress : function of a Progress, optional
    held_out : EncodedCorpus read with the vocabulary of the corpus, or what can be read as one, optional
        Text to score after each epoch, on this machine. `config.held_out` takes that share of every worker's text instead.
    workers : int, optional
        By default as many as the cluster has processors for; in this process, one.
    address : str, optional
        Of a Ray cluster: HOST:PORT, "auto" for the one that this machine belongs to, "local" to start one on this machine.
        Without it the workers take turns in this process: for experiments and tests, since nothing is faster for it.
    round_words : int, optional
        About how many words each worker trains between two times that the rows are brought together. Fewer are closer to training
        on one machine, and mean more traffic. By default a thirtieth of what it trains in an epoch, at most a million.
    start : Embeddings, optional
        What to start from, as for `w2v.train`.
    checkpoints : Checkpoints, optional
        As for `w2v.train`; a round is a block.
    callbacks : sequence of Callback
    **options
        Those of `TextOptions`, for text that is still to be read.

    Raises
    ------
    ConfigError, CorpusError, SourceError, CheckpointError, DivergenceError
        As `w2v.train` and `read_corpus` do; for text that cannot be dealt to so many workers.
    ClusterError
        When the cluster cannot be reached, is too small, or its workers die again and again.
    MissingExtraError
        Without Ray or fsspec, where they are needed.

    Examples
    --------
    >>> from w2v import TrainingConfig
    >>> sentences = [["a", "rose", "is", "a", "rose"]] * 1_000
    >>> embeddings, report = train(sentences, TrainingConfig(vector_size=8, epochs=2), workers=2)
    >>> embeddings.vectors.shape, report.trained_tokens, report.epochs
    ((3, 8), 5000, 2)
    """
    with cluster_run(
        source, config, held_out, workers=workers, address=address, round_words=round_words, start=start, **options
    ) as run:
        return train_run(run, on_progress, checkpoints, callbacks)


@contextmanager
def cluster_run(
    source: Source | EncodedCorpus,
    config: TrainingConfig,
    held_out: Source | EncodedCorpus | None = None,
    *,
    workers: int | None = None,
    address: str | None = None,
    round_words: int | None = None,
    start: Embeddings | None = None,
    **options: Any,
) -> Iterator[ClusterRun]:
    """A run by workers who have read their shares, with the arguments of `train`; they are let go when the block ends."""
    _check(config, workers, round_words)
    TextOptions.given(options)
    if options and isinstance(source, EncodedCorpus) and (held_out is None or isinstance(held_out, EncodedCorpus)):
        raise ConfigError(f"{next(iter(options))} is given, but the corpus was read before; leave it out")
    files = None if isinstance(source, EncodedCorpus) else files_of(source)
    if files is not None:
        pieces(files.paths, TextOptions.given(options), 1)  # what is wrong with them is told before a cluster starts
    if address is None:
        yield from _runs(LocalCompany(), source, config, held_out, workers or 1, round_words, start, options)
        return
    with connected(address, (workers or 1) * config.threads) as cluster:
        yield from _runs(
            cluster, source, config, held_out, workers or cluster.workers(config.threads), round_words, start, options
        )


def _check(config: TrainingConfig, workers: int | None, round_words: int | None) -> None:
    check_config(config)
    if config.deterministic:
        raise ConfigError(
            "deterministic is for the threads of one machine; leave it out: workers with one thread each give the same bits again"
        )
    for name, value in (("workers", workers), ("round_words", round_words)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, Integral) or value < 1):
            raise ConfigError(f"{name} is {value!r}; it must be a whole number of at least 1")


def _runs(
    company: Company,
    source: Source | EncodedCorpus,
    config: TrainingConfig,
    held_out: Source | EncodedCorpus | None,
    workers: int,
    round_words: int | None,
    start: Embeddings | None,
    options: dict[str, Any],
) -> Iterator[ClusterRun]:
    if config.held_out and held_out is not None:
        raise ConfigError(f"give either a held-out corpus or the share held_out {config.held_out!r}")
    if not isinstance(source, EncodedCorpus):
        source = files_of(source) or read_corpus(
            source, config.min_count, max_final_vocab=config.max_final_vocab, **options
        )
    of_workers = config
    if isinstance(source, EncodedCorpus) and config.held_out:
        source, held_out = hold_out(source, config.held_out)
        of_workers = replace(config, held_out=0.0)
    crew = company.crew(workers, of_workers)
    try:
        vocabulary, texts = _texts(crew, source, config, workers, options)
        descriptions = crew.read(vocabulary, texts, _nothing)
        shared = SharedCorpus(
            vocabulary, sum(own.read_tokens for own in descriptions), tuple(own.checksum for own in descriptions)
        )
        if of_workers.held_out:
            held_out = joined([own for own in crew.held_out() if own is not None])
        elif held_out is not None and not isinstance(held_out, EncodedCorpus):
            held_out = read_corpus(held_out, vocabulary=vocabulary, **options)
        if held_out is not None and held_out.vocabulary.words != vocabulary.words:
            raise CorpusError(OTHER_VOCABULARY)
        plan = rounds(config, [own.tokens for own in descriptions], round_words)
        crew.begin(plan, _nothing)
        yield ClusterRun(shared, config, held_out, start, plan, crew)
    finally:
        crew.close()


def _texts(
    crew: Crew, source: Files | EncodedCorpus, config: TrainingConfig, workers: int, options: dict[str, Any]
) -> tuple[Vocabulary, list[Text]]:
    """The vocabulary, and what each worker gets to read."""
    if isinstance(source, EncodedCorpus):
        return source.vocabulary, list(deal(source, workers))
    reading = TextOptions.given(options)
    found = pieces(source.paths, reading, workers)
    name = found[0].path if len({piece.path for piece in found}) == 1 else "the corpus"
    if len(found) < workers:
        raise CorpusError(f"{name} is too little text for {workers} workers; take fewer")
    vocabulary = crew.count(found, reading, Frequent.of(config), name, _nothing)
    return vocabulary, [(found[worker::workers], reading) for worker in range(workers)]


def _nothing() -> None:
    pass
