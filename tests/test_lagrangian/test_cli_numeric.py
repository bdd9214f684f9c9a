"""The command `lagrangian numeric`."""

import json
from pathlib import Path
from typing import Any

import pytest

from lagrangian.cli import main

# the point of x y >= 2 nearest to the origin: (sqrt 2, sqrt 2), of value 4
NEAREST = {
    "vars": ["x", "y"],
    "bounds": {"x": [0, None]},
    "objective": "x**2 + y**2",
    "ineq": ["2 - x*y"],
    "sense": "min",
}


def written(folder: Path, statement: dict[str, Any]) -> str:
    path = folder / "problem.json"
    path.write_text(json.dumps(statement), encoding="utf-8")
    return str(path)


def test_the_json_object(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["numeric", written(tmp_path, NEAREST), "--json", "--start", "1, 3/2"]) == 0
    printed = capsys.readouterr()
    answer = json.loads(printed.out)
    assert printed.err == "" and answer["status"] == "local" and answer["exact"] is True
    assert answer["value_float"] == pytest.approx(4) and answer["value"] == "4"
    low, high = map(float, answer["value_interval"])
    assert low <= 4 <= high and high - low < 1e-12
    (point,) = answer["points"]
    assert point["x_float"]["x"] == pytest.approx(2**0.5) and point["residual"] < 1e-12
    low, high = map(float, point["x_interval"]["y"])
    assert low <= 2**0.5 <= high
    assert point["x"] == {"x": "sqrt(2)", "y": "sqrt(2)"}
    assert answer["certificate"] == {"claim": "local", "kind": "KKT point", "verified": True}
    assert answer["multipliers"] == {"-x*y + 2 <= 0": "2", "x >= 0": "0"}
    low, high = map(float, answer["multiplier_intervals"]["-x*y + 2 <= 0"])
    assert low <= 2 <= high and high - low < 1e-12
    assert answer["solver"] == "interior point kernel" and answer["starts"] == 8


def test_a_convex_problem_and_one_without_proof(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["numeric", "x**2 + exp(x)", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    # 2 x + exp(x) vanishes at -LambertW(1/2), which is no sum or product of simple constants
    assert answer["status"] == "optimal" and answer["certificate"] == {
        "claim": "global",
        "kind": "KKT box",
        "verified": True,
    }
    assert answer["exact"] is False and float(answer["value"]) == answer["value_float"]
    assert main(["numeric", "x**4", "--json", "--method", "kernel"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["status"] == "undecided" and answer["certificate"] is None and answer["value_interval"] is None


def test_the_text(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["numeric", "x*y", "--maximize", "--subject-to", "x + y == 10"]) == 0
    printed = capsys.readouterr().out
    assert "status: local" in printed and "value: 25" in printed and "at: x = 5, y = 5" in printed
    assert "exactly: 25 at x = 5, y = 5, proved to be the KKT point in the box" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--start", "1,a"], "--start is '1,a'; write one number for each variable"),
        (["--start", "1"], "2 finite numbers are wanted"),
        (["--method", "newton"], "the methods are auto"),
        (["--starts", "0"], "starts is 0"),
    ],
)
def test_bad_options_get_one_line(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    assert main(["numeric", written(tmp_path, NEAREST), *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
