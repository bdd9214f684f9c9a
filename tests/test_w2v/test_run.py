"""A training run in pieces ends with the same bits as one at once, and pauses when it is asked to."""

import time
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_w2v.planted import topics
from w2v import TrainingConfig, TrainingRun, deterministic, passes, read_corpus, train
from w2v.config import Architecture, Loss
from w2v.errors import InterruptedRunError

SMALL = {"vector_size": 9, "sample": 0.01, "epochs": 3}
EVERY_LOSS = [
    {"loss": loss, "architecture": architecture, "subwords": subwords, "bucket": 500}
    for loss, architecture, subwords in product(Loss, Architecture, (False, True))
]
OTHERS = [
    {"loss": "sampled-softmax", "shared_candidates": 0, "distinct_candidates": True},
    {"held_out": 0.1},
    {"held_out": 0.1, "shuffle": False, "subwords": True},
    {"deterministic": True},
    {"deterministic": True, "threads": 3, "held_out": 0.2},
]


@pytest.fixture
def corpus(monkeypatch):
    """A text of 11 blocks, or in deterministic training of some rounds."""
    monkeypatch.setattr(passes, "BLOCK_TOKENS", 200)
    monkeypatch.setattr(passes, "ROUND_BLOCK_TOKENS", 100)
    monkeypatch.setattr(deterministic, "ROUND_BLOCK_TOKENS", 100)
    return read_corpus(topics(280))


def taken_over(run):
    """A new run that goes on from where another one is."""
    new = TrainingRun(run.corpus, run.config, run.held_out)
    for name, matrix in run.matrices.items():
        new.matrices[name][:] = matrix
    new.results[: run.blocks_done] = run.results[: run.blocks_done]
    new.resume(run.blocks_done, run.held_out_losses, run.training_s, run.scoring_s)
    return new


def bits(embeddings, report):
    ngrams = b"" if embeddings.subwords is None else embeddings.subwords.vectors.tobytes()
    losses = report.epoch_losses, report.held_out_losses, report.pairs
    return embeddings.vectors.tobytes(), embeddings.outputs.tobytes(), ngrams, losses


@pytest.mark.parametrize("options", EVERY_LOSS + OTHERS, ids=lambda options: "-".join(map(str, options.values())))
def test_a_run_in_pieces_is_a_run_at_once(corpus, options):
    config = TrainingConfig(**SMALL, **options)
    expected = bits(*train(corpus, config))

    @settings(max_examples=3, deadline=None, derandomize=True, database=None)
    @given(cuts=st.lists(st.integers(0, 40), max_size=4).map(sorted), anew=st.booleans())
    def check(cuts, anew):
        run = TrainingRun(corpus, config)
        for cut in cuts:
            run.advance(to=cut)
            assert run.blocks_done >= min(cut, run.blocks)
            run = taken_over(run) if anew and config.held_out == 0 else run
        assert run.advance() and run.done
        assert bits(*run.finish()) == expected

    check()


def test_held_out_text_is_scored_once_however_the_run_is_taken_up(corpus):
    held_out = read_corpus(topics(40, seed=1), vocabulary=corpus.vocabulary)
    config = TrainingConfig(**SMALL)
    expected = bits(*train(corpus, config, held_out=held_out))
    for cut in range(0, 34, 3):
        run = TrainingRun(corpus, config, held_out)
        run.advance(to=cut)
        run = taken_over(run)
        run.advance()
        assert bits(*run.finish()) == expected


def test_a_pause_in_the_midst_of_scoring_scores_anew(corpus):
    config = TrainingConfig(**SMALL, held_out=0.3)
    expected = bits(*train(corpus, config))
    run = TrainingRun(corpus, config)
    seen = []

    def watch(progress):
        seen.append(progress.tokens_done)
        return True

    while not run.advance(watch=watch):
        assert len(seen) < 1_000
    assert bits(*run.finish()) == expected


def test_a_run_pauses_after_some_seconds_and_when_it_is_told_to(corpus):
    run = TrainingRun(corpus, TrainingConfig(**{**SMALL, "epochs": 100_000}, threads=2))
    assert not run.advance(seconds=0.0)
    first = run.blocks_done
    assert not run.advance(watch=lambda progress: True)
    assert 0 < first < run.blocks_done < run.blocks
    assert run.progress().tokens_done == run.training.blocks.tokens_before(run.blocks_done)
    before = [matrix.copy() for matrix in run.matrices.values()]
    time.sleep(0.01)
    assert all(np.array_equal(*pair) for pair in zip(before, run.matrices.values(), strict=True))  # no thread works


def test_an_exception_pauses_a_run_that_can_go_on(corpus):
    config = TrainingConfig(**{**SMALL, "epochs": 20})

    def interrupt(progress):
        raise KeyboardInterrupt

    run = TrainingRun(corpus, config)
    with pytest.raises(KeyboardInterrupt):
        run.advance(watch=interrupt)
    assert run.whole and run.advance()
    assert bits(*run.finish()) == bits(*train(corpus, config))


@pytest.mark.parametrize("options", [{}, {"deterministic": True, "threads": 3}])
def test_a_run_whose_block_failed_is_over(corpus, monkeypatch, options):
    run = TrainingRun(corpus, TrainingConfig(**SMALL, **options))
    run.advance(to=8)

    def fail(*arguments):
        raise MemoryError("in a block")

    monkeypatch.setattr(passes, "train_block", fail)
    monkeypatch.setattr(deterministic, "train_share", fail)
    with pytest.raises(MemoryError, match="in a block"):
        run.advance()
    assert not run.whole
    with pytest.raises(
        InterruptedRunError, match="a block of this run has failed; its rows are in no state to go on from"
    ):
        run.advance()


@pytest.mark.parametrize("subwords", [False, True])
def test_the_vectors_can_be_seen_between_pieces(corpus, subwords):
    config = TrainingConfig(**SMALL, subwords=subwords, bucket=500)
    expected = bits(*train(corpus, config))
    run = TrainingRun(corpus, config)
    while not run.advance(to=run.blocks_done + 10):
        seen = run.embeddings()
        assert seen.vectors.shape == (100, 9) and not seen.vectors.flags.writeable
    last = run.embeddings().vectors.copy()
    embeddings, report = run.finish()
    assert bits(embeddings, report) == expected and np.array_equal(last, embeddings.vectors)


def test_the_report_of_an_unfinished_run(corpus):
    config = TrainingConfig(**SMALL)
    _, whole = train(corpus, config)
    run = TrainingRun(corpus, config)
    assert run.report().pairs == run.report().loss == 0 and run.progress().tokens_done == 0
    run.advance(to=run.blocks // 3 + 1)
    report = run.report()
    assert report.epoch_losses[0] == whole.epoch_losses[0] and len(report.epoch_losses) == 2
    assert 0 < report.pairs < whole.pairs
    run.advance(to=2 * run.blocks // 3)
    assert run.report().epoch_losses == whole.epoch_losses[:2] and run.epochs_done == 2
    assert run.progress().epoch == 3 and run.progress().seconds_left > 0
    run.advance()
    assert run.progress().epoch == 3 and run.progress().seconds_left == 0
