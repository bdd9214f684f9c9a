"""Callbacks: what they hear, in what order, what they see, and that they can stop training early."""

import json
import warnings

import numpy as np
import pytest
from gensim.models.callbacks import CallbackAny2Vec

from tests.test_w2v.planted import topics
from tests.test_w2v.test_run import bits, corpus  # noqa: F401
from w2v import Callback, Checkpoints, EarlyStopping, StopTraining, TrainingConfig, TrainingRun, train
from w2v.cli import main
from w2v.errors import ConfigError

SMALL = {"vector_size": 9, "sample": 0.01, "epochs": 3}
HEARD = ("on_train_begin", "on_epoch_begin", "on_block_end", "on_epoch_end", "on_train_end")


class Listener(Callback):
    """Notes what it hears, and where the run is then."""

    every_blocks = 5

    def __init__(self):
        self.heard = []

    def on_train_begin(self, run):
        self.heard.append(("train begins", run.blocks_done))

    def on_epoch_begin(self, run):
        self.heard.append(("epoch begins", run.blocks_done))

    def on_block_end(self, run):
        self.heard.append(("block", run.blocks_done))

    def on_epoch_end(self, run):
        self.heard.append(("epoch ends", run.blocks_done))

    def on_train_end(self, run):
        self.heard.append(("train ends", run.blocks_done))


def expected_calls(blocks, every, epochs):
    """What is to be heard: blocks of an epoch times epochs, from the definition."""
    calls = [("train begins", 0), ("epoch begins", 0)]
    for done in range(1, blocks * epochs + 1):
        calls += [("block", done)] if done % every == 0 else []
        calls += [("epoch ends", done)] if done % blocks == 0 else []
        calls += [("epoch begins", done)] if done % blocks == 0 and done < blocks * epochs else []
    return [*calls, ("train ends", blocks * epochs)]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("held_out", [0.0, 0.1])
def test_what_is_heard_and_that_it_changes_nothing(corpus, threads, held_out):  # noqa: F811
    config = TrainingConfig(**SMALL, threads=threads, held_out=held_out)
    listener = Listener()
    result = train(corpus, config, callbacks=[listener])
    blocks = TrainingRun(corpus, config).blocks_of_an_epoch
    assert listener.heard == expected_calls(blocks, 5, 3)
    if threads == 1:
        assert bits(*result) == bits(*train(corpus, config))


def test_a_run_that_is_taken_up_tells_only_of_what_comes(corpus, tmp_path):  # noqa: F811
    config = TrainingConfig(**SMALL)

    class Interrupting(Listener):
        def on_block_end(self, run):
            super().on_block_end(run)
            if run.blocks_done == 20:
                raise KeyboardInterrupt

    first, second = Interrupting(), Listener()
    with pytest.raises(KeyboardInterrupt):
        train(corpus, config, callbacks=[first], checkpoints=Checkpoints(tmp_path))
    train(corpus, config, callbacks=[second], checkpoints=Checkpoints(tmp_path, resume=True))
    whole = expected_calls(12, 5, 3)
    split = whole.index(("block", 20)) + 1
    assert first.heard == whole[:split]
    assert second.heard == [("train begins", 20), *whole[split:]]


@pytest.mark.parametrize("subwords", [False, True])
def test_what_is_seen_are_the_vectors_of_that_moment(corpus, subwords):  # noqa: F811
    seen = []

    class Watching(Callback):
        def on_epoch_end(self, run):
            assert run.wv.vectors.flags.writeable is False
            seen.append(
                (run.epochs_done, run.wv.vectors.copy(), run.report().loss, run.wv.most_similar("a1", topn=1)[0][0])
            )

    config = TrainingConfig(**SMALL, subwords=subwords, bucket=500)
    embeddings, report = train(corpus, config, callbacks=[Watching()])
    assert [epoch for epoch, *_ in seen] == [1, 2, 3]
    assert tuple(loss for _, _, loss, _ in seen) == report.epoch_losses
    run = TrainingRun(corpus, config)
    for _, vectors, _, _ in seen:
        run.advance(to=run.blocks_done + run.blocks_of_an_epoch)
        assert np.array_equal(vectors, run.embeddings().vectors)
    assert np.array_equal(seen[-1][1], embeddings.vectors)


def test_gensims_callbacks_are_heard(corpus):  # noqa: F811
    class Logger(CallbackAny2Vec):
        def __init__(self):
            self.losses = []

        def on_epoch_end(self, model):
            self.losses.append(model.report().loss)
            assert model.wv["a1"].shape == (9,)

    logger = Logger()
    _, report = train(corpus, TrainingConfig(**SMALL), callbacks=[logger])
    assert tuple(logger.losses) == report.epoch_losses


@pytest.mark.parametrize("moment", HEARD)
def test_a_callback_stops_training(corpus, tmp_path, moment):  # noqa: F811
    def stop(self, run):
        raise StopTraining

    config = TrainingConfig(**SMALL)
    stopping = type("Stopping", (Callback,), {moment: stop, "every_blocks": 7})()
    done = {"on_train_begin": 0, "on_epoch_begin": 0, "on_block_end": 7, "on_epoch_end": 12, "on_train_end": 36}[moment]
    checkpoints = Checkpoints(tmp_path, resume=True)
    result = train(corpus, config, callbacks=[stopping], checkpoints=checkpoints)
    run = TrainingRun(corpus, config)
    run.advance(to=done)
    assert bits(*result) == bits(*run.finish())
    assert result[1].stopped_early == (moment != "on_train_end")
    # a run that was stopped is over: it does not go on where it is taken up
    assert bits(*train(corpus, config, checkpoints=checkpoints)) == bits(*result)


def test_progress_can_stop_training_too(corpus):  # noqa: F811
    def stop(progress):
        raise StopTraining

    _, report = train(corpus, TrainingConfig(**{**SMALL, "epochs": 100_000}), stop)
    assert report.stopped_early and len(report.epoch_losses) < 100_000 and report.pairs > 0


@pytest.mark.parametrize(
    ("losses", "patience", "stops"),
    [
        ([3.0], 1, False),
        ([3.0, 2.9], 1, False),
        ([3.0, 3.1], 1, True),
        ([3.0, 3.1], 2, False),
        ([3.0, 3.1, 3.05], 2, True),
        ([3.0, 3.1, 2.9, 3.0], 2, False),
        ([3.0, 3.0], 1, True),
    ],
)
def test_when_early_stopping_stops(corpus, losses, patience, stops):  # noqa: F811
    run = TrainingRun(corpus, TrainingConfig(**SMALL, held_out=0.1))
    run.held_out_losses = losses
    stopping = EarlyStopping(patience)
    stopping.on_train_begin(run)
    if stops:
        with pytest.raises(StopTraining):
            stopping.on_epoch_end(run)
    else:
        stopping.on_epoch_end(run)


def test_early_stopping_as_a_whole(corpus):  # noqa: F811
    """A learning rate so great that the held-out loss soon rises again."""
    config = TrainingConfig(vector_size=9, sample=0.0, epochs=200, alpha=0.1, held_out=0.2)
    _, report = train(corpus, config, callbacks=[EarlyStopping(2)])
    losses = report.held_out_losses
    assert report.stopped_early and len(losses) == len(report.epoch_losses) < 200
    assert losses.index(min(losses)) == len(losses) - 3


def test_the_command_stops_early_too(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    text = tmp_path / "text.txt"
    text.write_text("".join(" ".join(sentence) + "\n" for sentence in topics(280)))
    options = [
        "--sample",
        "0",
        "--epochs",
        "200",
        "--alpha",
        "0.1",
        "--vector-size",
        "9",
        "--held-out",
        "0.2",
        "--patience",
        "2",
    ]
    assert (
        main(["train", str(text), "--output", str(tmp_path / "v.npz"), *options, "--report", str(tmp_path / "r.json")])
        == 0
    )
    losses = json.loads((tmp_path / "r.json").read_text())["held_out_losses"]
    assert losses.index(min(losses)) == len(losses) - 3 and len(losses) < 200
    assert f"stopped early, in epoch {len(losses)} of 200\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("callback", "message"),
    [
        (
            print,
            "the callback <built-in function print> has none of on_train_begin, on_epoch_begin, on_block_end, on_epoch_end",
        ),
        (EarlyStopping, r"the callback EarlyStopping is a class; write EarlyStopping\(\)"),
        (EarlyStopping(), r"early stopping needs held-out text; write held_out=0\.01, say"),
        (type("B", (Listener,), {"every_blocks": 0})(), "every_blocks is 0; it must be a whole number of at least 1"),
    ],
)
def test_what_is_no_callback(corpus, tmp_path, callback, message):  # noqa: F811
    checkpoints = Checkpoints(tmp_path)
    for _ in range(2):  # what is refused leaves no checkpoint, which would be in the way
        with pytest.raises(ConfigError, match=message):
            train(corpus, TrainingConfig(**SMALL), callbacks=[callback], checkpoints=checkpoints)
