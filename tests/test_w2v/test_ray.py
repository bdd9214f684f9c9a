"""Workers on a Ray cluster of two, on this machine: they compute what workers in turn do, whoever is killed."""

import os
import signal
import socket
import sys

import numpy as np
import pytest

from tests.test_w2v.test_distributed import ROUND, SMALL, same_bits, text
from w2v import TrainingConfig, read_corpus, read_vectors
from w2v.checkpoint import Checkpoints
from w2v.cli import main
from w2v.distributed import ray_crew
from w2v.distributed.training import cluster_run, train
from w2v.errors import ClusterError, DivergenceError, MissingExtraError, SourceError
from w2v.trainer import train_run

CONFIG = TrainingConfig(**SMALL, held_out=0.05)


@pytest.fixture(scope="module")
def cluster():
    """Ray on this machine, which all tests of this file share; starting it takes seconds."""
    ray = pytest.importorskip("ray", reason="Ray is not installed")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    environment = {"env_vars": {"PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}}
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error", runtime_env=environment)
    yield ray
    ray.shutdown()


@pytest.fixture(scope="module")
def corpus():
    return read_corpus(text())


@pytest.fixture(scope="module")
def in_turn(corpus):
    return train(corpus, CONFIG, workers=2, round_words=ROUND)


def kill(process):
    host, number = process
    assert host == socket.gethostname()
    os.kill(number, signal.SIGKILL)


def test_a_worker_killed_in_the_midst_is_replaced_and_changes_no_bit(cluster, corpus, in_turn):
    killed = []

    def watch(progress):
        if progress.tokens_done and not killed:
            killed.append(run.training.crew.processes[1])
            kill(killed[0])

    with cluster_run(corpus, CONFIG, workers=2, address="local", round_words=ROUND) as run:
        embeddings, report = train_run(run, watch)
        assert run.training.crew.replaced == 1 and killed[0] not in run.training.crew.processes
    assert same_bits(embeddings, in_turn[0])
    assert report.held_out_losses == in_turn[1].held_out_losses and report.epoch_losses == in_turn[1].epoch_losses


@pytest.mark.slow
def test_when_all_are_killed_nothing_is_lost(cluster, corpus, in_turn):
    """First one while a round is trained, then all of them between two rounds, then one before the rows are fetched."""
    with cluster_run(corpus, CONFIG, workers=2, address="local", round_words=ROUND) as run:
        crew = run.training.crew
        run.advance(to=1)
        for process in crew.processes:
            kill(process)
        run.advance(to=3)
        kill(crew.processes[0])
        embeddings, _ = train_run(run)
        assert crew.replaced == 3
    assert same_bits(embeddings, in_turn[0])


@pytest.mark.slow
def test_a_worker_who_dies_while_others_have_the_new_rows_takes_them_over(cluster, corpus, in_turn, monkeypatch):
    """The second worker dies after the first has taken over a round's rows: the round is not done again."""
    with cluster_run(corpus, CONFIG, workers=2, address="local", round_words=ROUND) as run:
        crew, usual, trained = run.training.crew, ray_crew.RayCrew._of_all, []

        def of_all(self, method, *arguments):
            if method != "take" or trained:
                return usual(self, method, *arguments)
            trained.append(arguments[0])
            first = self._members[0].take.remote(*arguments)
            cluster.get(first)
            kill(crew.processes[1])
            return [first, self._members[1].take.remote(*arguments)]

        monkeypatch.setattr(ray_crew.RayCrew, "_of_all", of_all)
        embeddings, report = train_run(run)
        assert trained == [0] and crew.replaced == 1
    assert same_bits(embeddings, in_turn[0]) and report.epoch_losses == in_turn[1].epoch_losses


@pytest.mark.slow
def test_workers_who_die_again_and_again_end_the_training(cluster, corpus, monkeypatch):
    monkeypatch.setattr(ray_crew, "_MOST_FAILURES", 1)
    with cluster_run(corpus, CONFIG, workers=2, address="local", round_words=ROUND) as run:
        crew = run.training.crew

        def dies(number, tell):
            kill(crew.processes[0])
            return usual(number, tell)

        usual = crew._round
        monkeypatch.setattr(crew, "_round", dies)
        with pytest.raises(ClusterError, match="workers died again and again, 2 times in one round; the last time: "):
            run.advance()


@pytest.mark.slow
def test_files_are_read_and_counted_by_the_workers(cluster, tmp_path, monkeypatch):
    path = tmp_path / "text.txt"
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in text()))
    expected = read_corpus(path)
    with cluster_run(path, CONFIG, workers=2, address="local", round_words=ROUND) as run:
        assert run.corpus.vocabulary.words == expected.vocabulary.words
        assert run.corpus.vocabulary.counts.tolist() == expected.vocabulary.counts.tolist()
        there, _ = train_run(run)
        for process in run.training.crew.processes:
            kill(process)
        path.write_text("other words\n" * 6_000)
        with pytest.raises(SourceError, match=r"text.txt: it has changed since the corpus was dealt"):
            run.training.crew.matrices()
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in text()))
    here, _ = train(path, CONFIG, workers=2, round_words=ROUND)
    assert same_bits(there, here)


@pytest.mark.slow
def test_checkpoints_are_those_of_one_machine(cluster, corpus, in_turn, tmp_path):
    """Begun on the cluster, taken up in this process: the run does not depend on where the workers are."""

    def stop(progress):
        if progress.tokens_done > 0.4 * progress.tokens_total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(
            corpus, CONFIG, stop, workers=2, address="local", round_words=ROUND, checkpoints=Checkpoints(tmp_path, 0.0)
        )
    embeddings, _ = train(corpus, CONFIG, workers=2, round_words=ROUND, checkpoints=Checkpoints(tmp_path, resume=True))
    assert same_bits(embeddings, in_turn[0])


def test_what_a_cluster_refuses(cluster, corpus):
    with pytest.raises(
        ClusterError, match="9 workers with 1 threads need 9 processors, and the cluster has 2; take fewer"
    ):
        train(corpus, CONFIG, workers=9, address="local")


@pytest.mark.slow
def test_errors_of_workers_are_raised_here(cluster, corpus):
    with pytest.raises(DivergenceError, match=r"not finite after training with alpha 1e\+30; lower it"):
        train(corpus, TrainingConfig(**SMALL, alpha=1e30), workers=2, address="local")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--workers", "2"], "--workers goes with a cluster; add --ray ADDRESS"),
        (["--round-words", "1000"], "--round-words goes with a cluster; add --ray ADDRESS"),
        (
            ["--ray", "local", "--memory-map", "folder"],
            "--memory-map is for training on one machine; leave it out, or --ray",
        ),
        (["--ray", "somewhere"], "the address of a Ray cluster is 'somewhere'; write HOST:PORT, or 'auto', or 'local'"),
        (["--ray", "local", "--deterministic"], "deterministic is for the threads of one machine; leave it out"),
    ],
)
def test_the_command_says_what_does_not_go_together(tmp_path, capsys, arguments, message):
    path = tmp_path / "text.txt"
    path.write_text("a b\n" * 100)
    assert main(["train", str(path), "--output", str(tmp_path / "out.bin"), *arguments]) == 2
    assert message in capsys.readouterr().err


def test_files_are_looked_for_before_a_cluster_starts(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SourceError, match=r"none.txt: No such file"):
        train(tmp_path / "none.txt", CONFIG, workers=2, address="local")


@pytest.mark.slow
def test_the_command_trains_on_a_cluster(cluster, tmp_path, capsys):
    path = tmp_path / "text.txt"
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in text()))
    options = ["--vector-size", "20", "--min-count", "1", "--epochs", "2", "--sample", "0", "--round-words", str(ROUND)]
    assert (
        main(["train", str(path), "--output", str(tmp_path / "out.npz"), "--ray", "local", "--workers", "2", *options])
        == 0
    )
    assert "72,000 words, 300 distinct ones kept" in capsys.readouterr().out
    expected, _ = train(path, TrainingConfig(**SMALL), workers=2, round_words=ROUND)
    assert read_vectors(tmp_path / "out.npz").vectors.tobytes() == expected.vectors.tobytes()


def test_without_ray(corpus, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"training on a cluster needs ray; .*'lagrangian-w2v\[ray\]'"):
        train(corpus, CONFIG, workers=2, address="local")


def test_where_nothing_answers(corpus):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ClusterError, match=f"no Ray cluster answers at 127.0.0.1:{port} .* ray start --head"):
        train(corpus, CONFIG, workers=2, address=f"127.0.0.1:{port}")


@pytest.mark.slow
def test_rows_come_back_writable(cluster, corpus):
    with cluster_run(corpus, CONFIG, workers=1, address="local", round_words=ROUND) as run:
        run.advance(to=1)
        assert run.matrices["inputs"].flags.writeable and np.isfinite(run.matrices["inputs"]).all()
