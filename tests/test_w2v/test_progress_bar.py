"""What shows progress: bars on terminals, lines elsewhere, with words/s, loss and the time left."""

import io
import re
import sys
from types import SimpleNamespace

import pytest

from tests.test_w2v.planted import topics
from w2v import Progress, Word2Vec, progress_bar
from w2v.progress_bar import line, progress_shown

USUAL = {"tokens_total": 1_000, "learning_rate": 0.01, "loss": 2.5, "tokens_per_s": 40.0, "epochs": 4}


def at(done, **others):
    return Progress(**{**USUAL, **others}, tokens_done=done)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("progress", "done", "speed", "rest"),
    [
        (at(250), "25.0% of 1,000 words, epoch 2 of 4", "40 words/s", ", 0:00:19 left"),
        (at(1_000), "100.0% of 1,000 words, epoch 4 of 4", "40 words/s", ", 0:00:00 left"),
        (at(0, tokens_per_s=0.0), "0.0% of 1,000 words, epoch 1 of 4", "0 words/s", ""),
        (
            at(999, held_out_loss=3.25, tokens_per_s=1e-5),
            "99.9% of 1,000 words, epoch 4 of 4",
            "0 words/s",
            ", held-out loss 3.2500, 1 day, 3:46:40 left",
        ),
    ],
)
def test_progress_in_a_line(progress, done, speed, rest):
    assert line(progress) == f"{done}, {speed}, learning rate 0.0100, loss 2.5000 a pair{rest}"


def test_a_bar_on_a_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    now = SimpleNamespace(time=lambda: now.s, s=1_000.0)
    monkeypatch.setattr(progress_bar, "time", now)
    monkeypatch.setattr("tqdm.std.time", lambda: now.s)
    with progress_shown() as show:
        now.s += 100  # tables are made and kernels compiled
        show(at(500))  # a run that is taken up again
        now.s += 10
        show(at(600, held_out_loss=3.0))
    shown = sys.stderr.getvalue()
    assert re.search(r" 50%\|#+ *\| 500/1\.00k \[00:00<\?, \? words/s, lr=0\.0100, loss=2\.500\]", shown), shown
    # 100 words in 10 s, and 400 left
    assert re.search(
        r" 60%\|#+ *\| 600/1\.00k \[00:10<00:40, 10\.0 words/s, lr=0\.0100, loss=2\.500, held-out=3\.000\]", shown
    ), shown


def test_lines_where_there_is_no_terminal(monkeypatch, capsys):
    monkeypatch.setattr(progress_bar, "FIRST_LINE_S", 0.0)
    model = Word2Vec(topics(300), vector_size=5, progress=True)
    said = capsys.readouterr().err.splitlines()
    assert said and all(re.fullmatch(r"\d+\.\d% of 12,000 words, epoch \d of 5, .* left", text) for text in said)
    heard = []
    Word2Vec(topics(300), vector_size=5, progress=True, on_progress=heard.append)
    assert heard and capsys.readouterr().err and model.report.pairs
    Word2Vec(topics(300), vector_size=5)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("shell", "expected"), [(None, False), (SimpleNamespace(), False), (SimpleNamespace(kernel=1), True)]
)
def test_what_a_notebook_is(monkeypatch, shell, expected):
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert progress_bar._in_notebook() is expected
    monkeypatch.delitem(sys.modules, "IPython")
    assert not progress_bar._in_notebook()
