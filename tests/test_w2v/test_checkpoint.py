"""Checkpoints: what they keep, bit for bit, that they are whole at any moment, and what they refuse."""

import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from tests.test_w2v.planted import topics
from tests.test_w2v.test_cli import hear_interrupts, run
from tests.test_w2v.test_run import bits, corpus  # noqa: F401
from w2v import Checkpoints, TrainingConfig, TrainingRun, Word2Vec, read_corpus, read_vectors, train
from w2v.checkpoint import keeping
from w2v.checkpoint_files import kept_share, read_manifest
from w2v.errors import CheckpointError, CheckpointWarning, ConfigError, DivergenceError, SourceError

SMALL = {"vector_size": 9, "sample": 0.01, "epochs": 3}


def keep(training, folder):
    """Write a checkpoint of a run as it is."""
    with keeping(training, Checkpoints(folder)) as kept:
        kept.write()
    return folder


def taken_up(training, folder):
    """A new run of the same kind, from the checkpoint."""
    new = TrainingRun(training.corpus, training.config, training.held_out)
    with keeping(new, Checkpoints(folder, resume=True)):
        return new


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"subwords": True, "bucket": 500},
        {"loss": "hierarchical-softmax", "architecture": "cbow", "alpha": np.float32(0.05)},
        {"deterministic": True, "threads": 2},
    ],
)
@pytest.mark.parametrize("cut", [0, 9, 10_000])
def test_a_run_goes_on_with_the_same_bits(corpus, tmp_path, options, cut):  # noqa: F811
    config = TrainingConfig(**SMALL, **options)
    expected = bits(*train(corpus, config))
    training = TrainingRun(corpus, config)
    training.advance(to=cut)
    new = taken_up(training, keep(training, tmp_path))
    assert (new.blocks_done, new.training_s) == (training.blocks_done, training.training_s)
    new.advance()
    assert bits(*new.finish()) == expected


def test_training_in_one_call_goes_on_too(corpus, tmp_path):  # noqa: F811
    config = TrainingConfig(**SMALL, held_out=0.2)
    expected = bits(*train(corpus, config))
    checkpoints = Checkpoints(tmp_path, every_s=0, resume=True)
    calls = 0

    def interrupt(progress):
        nonlocal calls
        calls += 1
        if calls % 3 == 0:
            raise KeyboardInterrupt

    for _ in range(100):
        try:
            result = train(corpus, config, interrupt, checkpoints=checkpoints)
            break
        except KeyboardInterrupt:
            continue
    assert bits(*result) == expected and kept_share(tmp_path) == 1
    again, report = train(corpus, config, checkpoints=checkpoints)
    assert bits(again, report) == expected and report.training_s == result[1].training_s


def test_a_model_goes_on_too(tmp_path):
    options = {"vector_size": 9, "sample": 0.0, "epochs": 40, "min_count": 1}
    expected = Word2Vec(topics(300), **options).wv.vectors.tobytes()

    def interrupt(progress):
        raise KeyboardInterrupt

    checkpoints = Checkpoints(tmp_path, resume=True)
    with pytest.raises(KeyboardInterrupt):
        Word2Vec(topics(300), on_progress=interrupt, checkpoints=checkpoints, **options)
    assert kept_share(tmp_path) > 0
    assert Word2Vec(topics(300), checkpoints=checkpoints, **options).wv.vectors.tobytes() == expected


def test_the_run_is_kept_whatever_ends_it(corpus, tmp_path):  # noqa: F811
    config = TrainingConfig(**{**SMALL, "epochs": 10_000})

    def fail(progress):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train(corpus, config, fail, checkpoints=Checkpoints(tmp_path))
    assert 0 < kept_share(tmp_path) < 1


def test_threads_may_change_from_one_process_to_the_next(corpus, tmp_path):  # noqa: F811
    training = TrainingRun(corpus, TrainingConfig(**SMALL))
    training.advance(to=7)
    new = TrainingRun(corpus, TrainingConfig(**SMALL, threads=2))
    with keeping(new, Checkpoints(keep(training, tmp_path), resume=True)):
        assert new.blocks_done == 7 and new.advance()


def test_a_kill_at_any_step_of_writing_leaves_a_whole_checkpoint(tmp_path):
    command = [sys.executable, "-m", "tests.test_w2v.crashes", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout)
    # the old one until the manifest is replaced, once before and once after each step, and then the new one
    assert set(outcomes) == {1, 3} and len(outcomes) > 25


def test_what_is_kept_already_is_not_written_again(corpus, tmp_path):  # noqa: F811
    training = TrainingRun(corpus, TrainingConfig(**SMALL))
    training.advance(to=5)
    with keeping(training, Checkpoints(tmp_path)) as kept:
        for _ in range(3):
            kept.write()
        assert read_manifest(tmp_path)["generation"] == 1
        training.advance(to=6)
        kept.write()
        assert read_manifest(tmp_path)["generation"] == 2
    assert training.report().checkpoints_s > 0


def test_what_is_not_ours_stays(corpus, tmp_path):  # noqa: F811
    for name in ("notes.txt", "inputs.npy", "inputs-1.npy", "vectors-000001.npy"):
        (tmp_path / name).write_text("mine")
    (tmp_path / "parts-000007.npy.0123abcd.part").write_text("left by a process that was killed")
    (tmp_path / "lock").write_text("")  # by the same
    keep(TrainingRun(corpus, TrainingConfig(**SMALL)), tmp_path)
    kept = {"checkpoint.json", "lock", "inputs-000001.npy", "outputs-000001.npy", "results-000001.npy"}
    assert {path.name for path in tmp_path.iterdir()} == kept | {
        "notes.txt",
        "inputs.npy",
        "inputs-1.npy",
        "vectors-000001.npy",
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": 4}, "its option epochs is 3, here it is 4"),
        ({"alpha": 0.05}, r"its option alpha is 0\.025, here it is 0\.05"),
        ({"loss": "full-softmax"}, "its option loss is 'negative-sampling', here it is <Loss.FULL_SOFTMAX: .*"),
        ("words", "its vocabulary has 100 words, here it has 101"),
        ("counts", "its vocabulary has other words or counts"),
        ("shorter", "its text has 2240 words, here it has 2200"),
        ("order", "its text is another one, or in another order"),
        ("held out", "it has no held-out text, here there is one"),
    ],
)
def test_another_run_is_refused_with_what_differs(corpus, tmp_path, change, message):  # noqa: F811
    keep(TrainingRun(corpus, TrainingConfig(**SMALL)), tmp_path)
    config = TrainingConfig(**{**SMALL, **change} if isinstance(change, dict) else SMALL)
    other = {
        "words": lambda: read_corpus([*topics(280), ["new"]]),
        "counts": lambda: read_corpus(topics(281)[1:]),
        "shorter": lambda: replace(corpus, ids=corpus.ids[:2200], ends=corpus.ends[:275]),
        "order": lambda: replace(corpus, ids=corpus.ids[::-1].copy()),
    }.get(change if isinstance(change, str) else "", lambda: corpus)()
    held_out = read_corpus([["a1", "b1"]], vocabulary=corpus.vocabulary) if change == "held out" else None
    training = TrainingRun(other, config, held_out)
    with (
        pytest.raises(
            CheckpointError, match=f"is of another run: {message}; give the options and the text of that run, or"
        ),
        keeping(training, Checkpoints(tmp_path, resume=True)),
    ):
        pass
    assert read_manifest(tmp_path)["generation"] == 1


def rewritten(path, change):
    """Change a manifest and make its checksum right again."""
    from w2v import checkpoint_files

    manifest = json.loads(path.read_text())
    del manifest["checksum"]
    manifest.update(change)
    path.write_text(json.dumps({**manifest, "checksum": checkpoint_files._checksum_of(manifest)}))


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def flip(path):
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)


DAMAGE = [
    ("outputs-000001.npy", cut, "outputs-000001.npy is damaged: it is truncated; remove its folder to start afresh"),
    ("inputs-000001.npy", flip, "inputs-000001.npy is damaged: its checksum differs"),
    ("results-000001.npy", flip, "results-000001.npy is damaged: its checksum differs"),
    (
        "inputs-000001.npy",
        lambda path: path.write_bytes(b"no array"),
        "header cannot be read: the magic string is not correct",
    ),
    (
        "inputs-000001.npy",
        lambda path: np.save(path, np.zeros((2, 3))),
        r"is damaged: it holds float64 \(2, 3\), not float32 \(100, 9\)",
    ),
    (
        "inputs-000001.npy",
        lambda path: np.save(path, np.array([{}], object), allow_pickle=True),
        r"is damaged: it holds object \(1,\)",
    ),
    ("checkpoint.json", cut, None),
    ("checkpoint.json", flip, "checkpoint.json is damaged: "),
    ("checkpoint.json", lambda path: path.write_text("{}"), "is damaged: it is not the manifest of a checkpoint"),
    ("checkpoint.json", lambda path: path.write_text("[" * 100_000), "is damaged: it is not JSON"),
    ("checkpoint.json", lambda path: path.write_bytes(b"\xff\xfe"), "is damaged: it is not JSON"),
    (
        "checkpoint.json",
        lambda path: rewritten(path, {"version": 2}),
        "is of version 2 of the format, and .* version 1",
    ),
    ("checkpoint.json", lambda path: rewritten(path, {"generation": "../1"}), r"its generation is '\.\./1'"),
    ("checkpoint.json", lambda path: rewritten(path, {"blocks_done": 99}), "is damaged: it has 99 of 36 blocks"),
    ("checkpoint.json", lambda path: rewritten(path, {"blocks_done": -1}), "is damaged: its blocks_done is -1"),
    ("checkpoint.json", lambda path: rewritten(path, {"blocks_done": 4}), r"it holds .* \(3,\), not .* \(4,\)"),
]


@pytest.mark.parametrize(("name", "damage", "message"), DAMAGE)
def test_a_damaged_checkpoint_is_refused(corpus, tmp_path, name, damage, message):  # noqa: F811
    training = TrainingRun(corpus, TrainingConfig(**SMALL))
    training.advance(to=3)
    assert training.blocks == 36
    damage(keep(training, tmp_path) / name)
    if message is None:  # the line end after the last brace says nothing
        assert taken_up(training, tmp_path).blocks_done == 3
        return
    with pytest.raises(CheckpointError, match=message):
        taken_up(training, tmp_path)


@pytest.mark.filterwarnings("ignore:Data type alias")  # some make it one of the old names of a type
def test_no_change_of_a_header_is_taken_for_rows_or_escapes(corpus, tmp_path):  # noqa: F811
    training = TrainingRun(corpus, TrainingConfig(**SMALL))
    path = keep(training, tmp_path) / "inputs-000001.npy"
    data = path.read_bytes()
    for place in range(128):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1 + place % 16]) + data[place + 1 :])
        try:
            assert taken_up(training, tmp_path).blocks_done == 0  # a blank of the header's padding, say
        except CheckpointError as error:
            assert "inputs-000001.npy is damaged" in str(error)


def test_a_checkpoint_without_one_of_its_files(corpus, tmp_path):  # noqa: F811
    training = TrainingRun(corpus, TrainingConfig(**SMALL))
    (keep(training, tmp_path) / "outputs-000001.npy").unlink()
    with pytest.raises(CheckpointError, match=r"outputs-000001\.npy is damaged: it is missing; remove its folder"):
        taken_up(training, tmp_path)


def test_a_folder_is_for_one_process_at_a_time(corpus, tmp_path):  # noqa: F811
    training = TrainingRun(corpus, TrainingConfig(**SMALL))
    message = "another process trains with the checkpoints in .*; wait for its end, or give another folder"
    with keeping(training, Checkpoints(tmp_path)), pytest.raises(CheckpointError, match=message):
        keep(training, tmp_path)
    keep(training, tmp_path)


def test_a_folder_with_a_run_is_not_overwritten(corpus, tmp_path):  # noqa: F811
    training = TrainingRun(corpus, TrainingConfig(**SMALL))
    training.advance(to=9)
    keep(training, tmp_path)
    with pytest.raises(
        CheckpointError, match=r"keeps a run that is 25\.0% done; go on with it by --resume \(resume=True\), or"
    ):
        train(corpus, training.config, checkpoints=Checkpoints(tmp_path))


def test_files_by_our_names_that_are_of_no_run_are_left_alone(corpus, tmp_path):  # noqa: F811
    (tmp_path / "inputs-000007.npy").write_text("somebody's own")
    with pytest.raises(
        CheckpointError, match=r"there is a file inputs-000007\.npy in .* that is of no checkpoint; give another folder"
    ):
        train(corpus, TrainingConfig(**SMALL), checkpoints=Checkpoints(tmp_path, resume=True))
    assert [path.name for path in tmp_path.iterdir()] == ["inputs-000007.npy"]


def test_a_folder_that_cannot_be_made(corpus, tmp_path):  # noqa: F811
    (tmp_path / "file").write_text("")
    for name, reason in (("file/ck", "Not a directory"), ("file", "it is no folder")):
        with pytest.raises(SourceError, match=rf"cannot keep checkpoints in .*/{name}: {reason}"):
            train(corpus, TrainingConfig(**SMALL), checkpoints=Checkpoints(tmp_path / name))


def test_a_folder_that_vanishes_costs_checkpoints_and_not_the_run(corpus, tmp_path):  # noqa: F811
    def remove(progress):
        shutil.rmtree(tmp_path / "ck", ignore_errors=True)

    with pytest.warns(CheckpointWarning, match=r"cannot write .*\.npy: No such file or directory; training goes on"):
        result = train(corpus, TrainingConfig(**SMALL), remove, checkpoints=Checkpoints(tmp_path / "ck", every_s=0))
    assert bits(*result) == bits(*train(corpus, TrainingConfig(**SMALL)))


def test_a_full_disk_costs_a_checkpoint_and_not_the_run(corpus, tmp_path):  # noqa: F811
    training = TrainingRun(corpus, TrainingConfig(**SMALL))
    training.advance(to=9)
    keep(training, tmp_path)
    before = {path.name for path in tmp_path.iterdir()}
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, usual[1]))  # files end here, as on a full disk
    try:
        with pytest.warns(CheckpointWarning, match="training goes on without this checkpoint"):
            result = train(corpus, training.config, checkpoints=Checkpoints(tmp_path, resume=True))
        assert bits(*result) == bits(*train(corpus, training.config))  # also when the last one fails
        checkpoints = Checkpoints(tmp_path, every_s=0, resume=True)
        new = TrainingRun(corpus, training.config)
        with keeping(new, checkpoints) as kept:
            new.advance(to=20)
            with pytest.warns(
                CheckpointWarning, match=r"cannot write .*: File too large; training goes on without this"
            ):
                kept.write_or_warn()
            with pytest.raises(SourceError, match=r"cannot write .*inputs-000002\.npy: File too large"):
                kept.write()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert {path.name for path in tmp_path.iterdir()} == before  # nothing is left that would take up room
    assert taken_up(training, tmp_path).blocks_done == 9
    new.advance()
    assert bits(*new.finish()) == bits(*train(corpus, training.config))


def test_rows_that_are_not_finite_end_the_run_and_are_not_kept(corpus, tmp_path):  # noqa: F811
    config = TrainingConfig(**{**SMALL, "alpha": 1e30})
    training = TrainingRun(corpus, config)
    keep(training, tmp_path)
    with pytest.raises(DivergenceError, match=r"not finite after \d+ of 36 blocks with alpha 1e\+30; lower it"):
        train(corpus, config, checkpoints=Checkpoints(tmp_path, every_s=0, resume=True))
    assert kept_share(tmp_path) == 0


@pytest.mark.parametrize("every_s", [-1, float("nan"), True, "60s"])
def test_intervals_that_are_none(tmp_path, every_s):
    with pytest.raises(ConfigError, match=r"every_s is .*; it must be a number of seconds of at least 0"):
        Checkpoints(tmp_path, every_s)


OPTIONS = ["--vector-size", "20", "--min-count=1", "--epochs", "60", "--quiet"]


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in topics(5_000)))
    return path


@pytest.fixture(scope="module")
def uninterrupted(text):
    config = TrainingConfig(vector_size=20, min_count=1, epochs=60)
    return train(read_corpus(str(text)), config)[0].vectors.tobytes()


def start(text, folder, *options):
    command = [sys.executable, "-m", "w2v.cli", "train", text, "--output", folder / "v.bin", *OPTIONS]
    command += ["--checkpoint", folder / "ck", "--checkpoint-every", "0.02s", "--resume", *options]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=hear_interrupts)


def wait_for_a_checkpoint(process, folder, beyond=-1.0):
    while process.poll() is None and (kept_share(folder / "ck") or 0.0) <= beyond:
        time.sleep(0.005)


@pytest.mark.parametrize(("number", "name"), [(signal.SIGINT, "SIGINT"), (signal.SIGTERM, "SIGTERM")])
def test_an_interrupt_keeps_the_run_and_says_how_to_go_on(text, uninterrupted, tmp_path, number, name):
    with start(text, tmp_path, "--epochs", "1000000") as process:
        wait_for_a_checkpoint(process, tmp_path, 0.0)
        process.send_signal(number)
        errors = process.communicate(timeout=120)[1]
    assert process.returncode == 128 + number
    said = r"w2v: interrupted; .*/ck keeps the run, \d\.\d% done: add --resume to the same command to go on with it\n"
    assert re.fullmatch(said, errors)
    assert not (tmp_path / "v.bin").exists()


def killed_and_taken_up(text, tmp_path, uninterrupted, kills, seed, *options):
    """Kill at random moments from the start of the process on, and compare what is written in the end."""
    moments = random.Random(seed)
    lost = 0
    for _ in range(kills):
        before = kept_share(tmp_path / "ck") or 0.0
        with start(text, tmp_path, *options) as process:
            if moments.random() < 0.75:  # else it is killed while it starts
                wait_for_a_checkpoint(process, tmp_path, before)
            time.sleep(moments.random() * 0.1)
            process.kill()
        assert (kept_share(tmp_path / "ck") or 0.0) >= before
        lost += process.returncode == -signal.SIGKILL
    with start(text, tmp_path, *options) as process:
        errors = process.communicate(timeout=300)[1]
    assert (process.returncode, errors) == (0, "")
    assert lost  # at least one was killed before its end
    assert read_vectors(tmp_path / "v.bin").vectors.tobytes() == uninterrupted


def test_a_run_that_is_killed_goes_on_to_the_same_bits(text, uninterrupted, tmp_path):
    killed_and_taken_up(text, tmp_path, uninterrupted, 3, 0)


VARIANTS = [
    ({}, []),
    ({"subwords": True, "bucket": 300}, ["--subwords", "--bucket", "300"]),
    ({"deterministic": True, "threads": 2}, ["--deterministic", "--threads", "2"]),
    (
        {"loss": "hierarchical-softmax", "architecture": "cbow", "held_out": 0.1},
        ["--loss", "hierarchical-softmax", "--architecture", "cbow", "--held-out", "0.1"],
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("number", "variant"), list(enumerate(VARIANTS)))
def test_a_run_that_is_killed_often_goes_on_to_the_same_bits(text, tmp_path, number, variant):
    config = TrainingConfig(vector_size=20, min_count=1, epochs=60, **variant[0])
    uninterrupted = train(read_corpus(str(text)), config)[0].vectors.tobytes()
    killed_and_taken_up(text, tmp_path, uninterrupted, 12, number + 1, *variant[1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--patience", "2"], r"--patience needs held-out text to tell when to stop; add --held-out 0\.01, say"),
        (["--resume"], "--resume needs the folder of the checkpoints; add --checkpoint FOLDER"),
        (
            ["--checkpoint-every", "5s"],
            "--checkpoint-every needs the folder of the checkpoints; add --checkpoint FOLDER",
        ),
        (
            ["--checkpoint", "{ck}", "--checkpoint-every", "soon"],
            r"argument --checkpoint-every: 'soon' is no time .*",
        ),
        (
            ["--checkpoint", "{ck}"],
            r".*/ck keeps a run that is 25\.0% done; go on with it by --resume .*, or give another folder",
        ),
    ],
)
def test_options_of_the_command(corpus, text, tmp_path, options, message):  # noqa: F811
    training = TrainingRun(corpus, TrainingConfig(**SMALL))
    training.advance(to=9)
    keep(training, tmp_path / "ck")
    options = [option.format(ck=tmp_path / "ck") for option in options]
    done = run("train", text, "--output", tmp_path / "v.bin", *options)
    assert done.returncode == 2 and re.fullmatch(f"w2v: error: {message}\n", done.stderr), done.stderr
    assert os.listdir(tmp_path) == ["ck"]
