"""The command from end to end, as a process of its own."""

import gzip
import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import time

import numpy as np
import pytest

from tests.test_w2v.planted import topics
from w2v.commands.interrupts import interrupted_between_blocks
from w2v.formats import read_vectors

OPTIONS = ["--vector-size", "20", "--window=3", "--epochs", "2", "--min-count=2", "--sample=0"]


def run(*arguments, **options):
    command = [sys.executable, "-m", "w2v.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "corpus.txt"
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in topics(4_000)))
    return path


@pytest.fixture(scope="module")
def trained(corpus):
    path = corpus.parent / "vectors.bin"
    done = run("train", corpus, "--output", path, *OPTIONS, "--report", corpus.parent / "report.json")
    assert done.returncode == 0, done.stderr
    return path, done


def test_train_writes_vectors_and_a_report(trained):
    path, done = trained
    embeddings = read_vectors(path)
    assert embeddings.vectors.shape == (100, 20)
    said = r"32,000 words, 100 distinct ones kept, read in .* s\ntrained in .* words/s, loss .* a pair; wrote .*\n"
    assert re.fullmatch(said, done.stdout)
    assert done.stderr == ""
    report = json.loads((path.parent / "report.json").read_text())
    expected = {"tokens": 32_000, "epochs": 2, "vocabulary_size": 100}
    assert {name: report[name] for name in expected} == expected
    for name in ("vocabulary_s", "compile_s", "training_s", "tokens_per_s", "loss"):
        assert report[name] > 0 and np.isfinite(report[name])
    assert report["options"]["window"] == 3
    assert report["recent_losses"][-1][0] == 2.0  # epochs
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["corpus.txt", "report.json", "vectors.bin"]


def test_text_output_has_the_same_vectors_and_quiet_is_quiet(trained, corpus, tmp_path):
    done = run("train", corpus, "--output", tmp_path / "v.txt", *OPTIONS, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "v.txt").read_text().startswith("100 20\n")
    assert read_vectors(tmp_path / "v.txt").vectors.tobytes() == read_vectors(trained[0]).vectors.tobytes()


def test_text_held_out_by_share_or_by_file(corpus, tmp_path):
    (tmp_path / "other.txt").write_text("a1 a2 new a3\nb4 b5\n")
    for held_out in ("0.1", tmp_path / "other.txt"):
        report = tmp_path / "report.json"
        done = run(
            "train", corpus, "--output", tmp_path / "v.bin", *OPTIONS, "--held-out", held_out, "--report", report
        )
        assert done.returncode == 0, done.stderr
        losses = json.loads(report.read_text())["held_out_losses"]
        assert f"\nheld-out loss {losses[0]:.4f}, {losses[1]:.4f} a pair, by epoch\n" in done.stdout
    done = run("train", corpus, "--output", tmp_path / "v.bin", "--held-out", tmp_path / "none.txt")
    assert done.returncode == 2 and "none.txt" in done.stderr and done.stderr.count("\n") == 1


def test_deterministic_training_does_not_depend_on_the_threads(corpus, tmp_path):
    for threads in (1, 3):
        path = tmp_path / f"{threads}.bin"
        done = run("train", corpus, "--output", path, *OPTIONS, "--deterministic", "--threads", threads)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "1.bin").read_bytes() == (tmp_path / "3.bin").read_bytes()


def test_sentences_in_the_order_of_the_text(trained, corpus, tmp_path):
    report = tmp_path / "report.json"
    done = run("train", corpus, "--output", tmp_path / "v.bin", *OPTIONS, "--no-shuffle", "--report", report)
    assert done.returncode == 0, done.stderr
    assert json.loads(report.read_text())["options"]["shuffle"] is False
    assert not np.array_equal(read_vectors(tmp_path / "v.bin").vectors, read_vectors(trained[0]).vectors)


def test_neighbors(trained):
    done = run("neighbors", trained[0], "a1", "b2", "--top=3")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "a1:" and lines[4] == "b2:"
    assert all(re.fullmatch(r" 0\.\d{4}  a\d+", line) for line in lines[1:4])
    assert all(re.fullmatch(r" 0\.\d{4}  b\d+", line) for line in lines[5:8])


def test_analogy_and_evaluate(trained, tmp_path):
    done = run("analogy", trained[0], "a1", "a2", "b1", "--top", "2")
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 2
    (tmp_path / "pairs.txt").write_text("a1 a2 9\na1 b1 1\nb3 b4 8\nc1 d1 2\n")
    (tmp_path / "questions.txt").write_text(": things\na1 a2 b1 b2\nzz a b c\n")
    done = run("evaluate", trained[0], tmp_path / "pairs.txt", tmp_path / "questions.txt")
    assert done.returncode == 0, done.stderr
    assert "rank correlation over 4 pairs (0 left out)" in done.stdout
    assert "analogies, right of 1 (1 left out)" in done.stdout and "things (1)" in done.stdout
    done = run("evaluate", trained[0], tmp_path / "pairs.txt", "--json")
    assert json.loads(done.stdout)[str(tmp_path / "pairs.txt")]["spearman"] >= 0.8


def test_a_terminal_sees_a_progress_bar(corpus, tmp_path):
    controller, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 120))
    command = [
        sys.executable,
        "-m",
        "w2v.cli",
        "train",
        corpus,
        "--output",
        tmp_path / "v.bin",
        *OPTIONS,
        "--epochs",
        "30",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=terminal) as process:
        os.close(terminal)
        shown = b""
        try:
            while part := os.read(controller, 65536):
                shown += part
        except OSError:  # the other side has closed
            pass
    os.close(controller)
    assert process.returncode == 0
    text = shown.decode()
    assert re.search(r"\d+%\|.*/960k \[.*words/s, lr=0\.0\d+, loss=\d\.\d+\]", text), text


def hear_interrupts() -> None:
    """A process that is started in the background, or from a thread that blocks signals, would not hear them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def test_an_interrupt_leaves_nothing(corpus, tmp_path):
    command = [sys.executable, "-m", "w2v.cli", "train", corpus, "--output", tmp_path / "v.bin", "--epochs", "1000000"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hear_interrupts
    ) as process:
        assert process.stdout.readline()  # the corpus is read, training begins
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert errors == "w2v: interrupted; nothing was written\n"
    assert not list(tmp_path.iterdir())


def test_an_interrupt_in_the_midst_of_compilation_is_not_lost() -> None:
    """The first one waits for the end of a block, whatever is being done; the second one does not."""
    with pytest.raises(KeyboardInterrupt), interrupted_between_blocks(None) as between_blocks:
        signal.raise_signal(signal.SIGINT)
        between_blocks(None)
    with pytest.raises(KeyboardInterrupt), interrupted_between_blocks(None):
        signal.raise_signal(signal.SIGINT)  # and training ends before another block
    with interrupted_between_blocks(None):
        pass
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", r"the following arguments are required: COMMAND \(see w2v --help\)"),
        ("fly", r"argument COMMAND: invalid choice: 'fly'.*"),
        ("train {corpus}", r"the following arguments are required: --output \(see w2v train --help\)"),
        ("train --output {folder}/v.bin", "give either a CORPUS or --python-docs"),
        ("train {corpus} --python-docs --output {folder}/v.bin", "give either a CORPUS or --python-docs"),
        ("train {folder}/none --output {folder}/v.bin", "cannot read .*/none: No such file or directory"),
        ("train {folder} --output {folder}/v.bin", "cannot read .*: Is a directory; write .* for the files in it"),
        ("train {empty} --output {folder}/v.bin", r".*/empty\.txt has no words"),
        ("train {corpus} --output {folder}/v.bin --min-count 100000",
         r"no word of .* occurs 100000 times or more; the most frequent, '\w+', occurs \d+ times; lower min_count"),
        ("train {corpus} --output {folder}/v.bin --window 0", "window is 0; it must be a whole number from 1 to 10000"),
        ("train {corpus} --output {folder}/v.bin --window two", r"argument --window: invalid int value: 'two' .*"),
        ("train {corpus} --output {folder}/v.bin --sample nan", "sample is nan; it must be a finite number of at least 0"),
        ("train {corpus} --output {folder}/v.bin --windo 3", r"unrecognized arguments: --windo 3 .*"),
        ("train {corpus} --output {folder}/v.doc", r"the output .*/v\.doc must end in \.bin, .* or \.safetensors"),
        ("train {corpus} --output {folder}/none/v.bin", "cannot write .*/v.bin: there is no directory .*/none"),
        ("train {corpus} --output {folder}/v.bin --report {folder}", "cannot write .*: Is a directory"),
        ("train {corpus} --output {folder}/v.bin --alpha 1e30", r"the vectors are not finite .* alpha 1e\+30; lower it"),
        ("neighbors {folder}/none.bin a", "cannot read .*none.bin: No such file or directory"),
        ("neighbors {vectors} a1 zebra", "the word 'zebra' is not in the vocabulary of 100 words"),
        ("neighbors {corpus} a1", r"corpus\.txt is not a file of vectors: its first line must be two numbers, .*"),
        ("neighbors {cut} a1", r".*/cut\.bin is truncated: it ends within word 100 of 100"),
        ("neighbors {vectors} a1 --top 0", r"argument --top: '0' is not a whole number of at least 1 .*"),
        ("analogy {vectors} a1 a2", r"an analogy is asked with three words, A B C, not with .a1 a2."),
        ("evaluate {vectors} {empty}", r".*/empty\.txt has no line of two words and a score"),
    ],
)  # fmt: skip
def test_one_line_says_what_is_wrong(corpus, trained, tmp_path, arguments, message):
    (tmp_path / "empty.txt").write_bytes(b"\n \n")
    (tmp_path / "cut.bin").write_bytes(trained[0].read_bytes()[:-10])
    (tmp_path / "out").mkdir()
    places = {"empty": tmp_path / "empty.txt", "cut": tmp_path / "cut.bin", "folder": tmp_path / "out"}
    done = run(*arguments.format(corpus=corpus, vectors=trained[0], **places).split())
    assert done.returncode == 2
    assert done.stdout == "" or arguments.endswith("1e30")
    assert re.fullmatch(f"w2v: error: .*{message}\n", done.stderr), done.stderr
    assert not list((tmp_path / "out").iterdir())


def test_help_needs_neither_numpy_nor_numba():
    code = "import sys, w2v.cli; w2v.cli.main(['train', '--help'])"
    done = subprocess.run([sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True, timeout=60)
    assert "--vector-size" in done.stdout
    assert not re.search(r"\| *(numpy|numba|tqdm)$", done.stderr, re.MULTILINE)


def test_queries_do_not_wait_for_numba(trained):
    code = (
        f"import sys, w2v.cli; w2v.cli.main(['neighbors', {str(trained[0])!r}, 'a1']); sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60).returncode == 0


def test_a_reader_that_leaves_early(trained):
    command = f"{sys.executable} -m w2v.cli neighbors {trained[0]} a1 b1 c1 d1 --top 90 | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "a1:\n", "")


def test_several_files_of_several_kinds(corpus, tmp_path):
    from pyarrow import parquet, table

    lines = corpus.read_text().splitlines(keepends=True)
    (tmp_path / "a.txt").write_text("".join(lines[:1000]).upper())
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress("".join(lines[1000:3000]).encode()))
    parquet.write_table(table({"text": ["".join(lines[3000:]), None]}), tmp_path / "c.parquet")
    done = run(
        "train", f"{tmp_path}/[ab].*", tmp_path / "c.parquet", "--lowercase", "--output", tmp_path / "v.bin", *OPTIONS
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("32,000 words, 100 distinct ones kept, read in ")
    assert done.stderr == f"w2v: warning: 1 of 2 rows of column 'text' of {tmp_path}/c.parquet are null and left out\n"
    text = subprocess.run(["cat", corpus], capture_output=True, text=True).stdout
    done = run("train", "-", "--output", tmp_path / "v.bin", *OPTIONS, input=text)
    assert (done.returncode, done.stdout[:12]) == (0, "32,000 words")


def test_text_kept_by_number_is_read_once(trained, corpus, tmp_path):
    changed = []
    for _ in range(2):
        done = run("train", corpus, "--memory-map", tmp_path / "kept", "--output", tmp_path / "v.bin", *OPTIONS)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "v.bin").read_bytes() == trained[0].read_bytes()
        changed.append((tmp_path / "kept" / "ids.npy").stat().st_mtime_ns)
    assert changed[0] == changed[1]
