"""The command `lagrangian path`."""

import json

import numpy as np
import pytest

from lagrangian.cli import main

STATED = ["path", "(x - b)**2", "--subject-to", "x <= c", "--over", "x", "--parameter", "b", "--from", "0", "--to", "4"]


def test_the_text_shows_events_and_a_table(capsys: pytest.CaptureFixture) -> None:
    assert main([*STATED, "--other", "c=2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "b = 0: begins (the limit of the interval)"
    assert lines[1] == "b = 2: x <= c becomes active"
    assert lines[4].split() == ["b", "x", "value", "dV/dp"]
    assert lines[-1].split() == ["4", "2", "4", "4"]


def test_the_json_object_and_the_file(tmp_path, capsys: pytest.CaptureFixture) -> None:
    assert main([*STATED, "--other", "c=2", "--json", "--npz", str(tmp_path / "path.npz")]) == 0
    answer = json.loads(capsys.readouterr().out)
    (piece,) = answer["pieces"]
    assert [event["entering"] for event in piece["events"]] == [["x <= c"]]
    assert piece["end"]["reason"] == "limit"
    assert answer["gaps"] == [] and answer["jumps"] == []
    with np.load(tmp_path / "path.npz") as stored:
        assert stored["p"].tolist() == answer["p"]


@pytest.mark.parametrize(
    ("others", "message"), [([], "no value is given for c"), (["--other", "c=two"], "gives no number")]
)
def test_bad_input_is_one_line(others: list[str], message: str, capsys: pytest.CaptureFixture) -> None:
    assert main([*STATED, *others]) == 2
    assert message in capsys.readouterr().err
