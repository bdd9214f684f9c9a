"""The options by which workers of a cluster train, and a run at its beginning, here or there."""

import argparse
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from w2v.commands.corpora import text_options
from w2v.commands.parsing import Options, count
from w2v.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from w2v.commands.starting import Start
    from w2v.run import TrainingRun


def add_cluster_options(parser: Options) -> None:
    """The options `--ray`, `--workers` and `--round-words`."""
    parser.add_argument(
        "--ray",
        metavar="ADDRESS",
        help="train on this Ray cluster: HOST:PORT, 'auto' for the one of this machine, 'local' to start one here",
    )
    parser.add_argument(
        "--workers", type=count, metavar="N", help="workers of the cluster (default: as it has processors for)"
    )
    parser.add_argument(
        "--round-words",
        type=count,
        metavar="N",
        help="words that each worker trains before rows are brought together (default: 1/30 of an epoch, at most a million)",
    )


def check_cluster_options(options: argparse.Namespace) -> None:
    """Raise a ConfigError for options that make no sense without a cluster."""
    for name in ("workers", "round_words"):
        if getattr(options, name) is not None and options.ray is None:
            raise ConfigError(f"--{name.replace('_', '-')} goes with a cluster; add --ray ADDRESS")
    for name in ("memory_map", "start"):
        if options.ray is not None and getattr(options, name) is not None:
            raise ConfigError(f"--{name.replace('_', '-')} is for training on one machine; leave it out, or --ray")


@contextmanager
def begun_run(options: argparse.Namespace, start: "Start", held_out_file: str | None) -> "Iterator[TrainingRun]":
    """The run that the options ask for, its corpus read."""
    from w2v.corpora.sources import Files
    from w2v.corpus import read_corpus
    from w2v.docstrings import PythonDocs
    from w2v.run import TrainingRun

    reading = text_options(options)
    source = PythonDocs() if options.python_docs else Files(options.corpus)
    if options.ray is None:
        corpus = start.read(partial(read_corpus, source, memory_map=options.memory_map, **reading))
        held_out = (
            None if held_out_file is None else read_corpus(held_out_file, vocabulary=corpus.vocabulary, **reading)
        )
        yield TrainingRun(corpus, start.config, held_out, start.embeddings)
        return
    from w2v.distributed.training import cluster_run  # only where there is a cluster

    with cluster_run(
        source,
        start.config,
        held_out_file,
        workers=options.workers,
        address=options.ray,
        round_words=options.round_words,
        **reading,
    ) as run:
        yield run
