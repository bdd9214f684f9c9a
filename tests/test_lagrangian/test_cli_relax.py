"""The command `lagrangian relax`."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lagrangian.cli import main
from lagrangian.commands.certificates import save_certificate

ITEMS = {"vars": ["x", "y", "z"], "bounds": {v: [0, 1] for v in "xyz"}, "integers": ["x", "y", "z"], "sense": "max"}
KNAPSACK = {**ITEMS, "objective": "5*x + 6*y + 3*z", "ineq": ["3*x + 4*y + 2*z <= 6"]}
COVER = {**ITEMS, "sense": "min", "objective": "4*x + 3*y + 3*z", "ineq": ["x + y >= 1", "y + z >= 1", "x + z >= 1"]}


def written(folder: Path, statement: dict[str, Any]) -> str:
    path = folder / "problem.json"
    path.write_text(json.dumps(statement), encoding="utf-8")
    return str(path)


def test_the_json_object(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """Worth a weight 5/3, 3/2 and 3/2: with mu = 3/2 the bound is 14 - 9/2; the best packing is y and z."""
    assert main(["relax", written(tmp_path, KNAPSACK), "--json"]) == 0
    printed = capsys.readouterr()
    answer = json.loads(printed.out)
    assert printed.err == ""
    assert answer["relaxed"] == ["3*x + 4*y + 2*z <= 6"] and answer["kept"] == []
    assert answer["dual_function"] == "Piecewise((14 - 3*mu, mu <= 3/2), (3*mu + 5, mu <= 5/3), (6*mu, True))"
    assert answer["breakpoints"] == ["3/2", "5/3"]
    assert answer["multipliers"] == {"3*x + 4*y + 2*z <= 6": "3/2"} and answer["multipliers_are_best"] is True
    assert (answer["relaxation_bound"], answer["rounded_bound"]) == ("19/2", "9")
    assert (answer["status"], answer["value"], answer["bound"], answer["gap"]) == ("optimal", "9", "9", "0")
    assert answer["points"] == [{"x": "0", "y": "1", "z": "1"}]
    assert answer["certificate"] == {"claim": "global", "kind": "Lagrangian relaxation", "verified": True}


def test_the_text_names_constraints_by_their_numbers(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """Two of three elements must be taken: all but the dearest."""
    assert main(["relax", written(tmp_path, COVER), "--constraints", "1, 3"]) == 0
    printed = capsys.readouterr().out
    assert "1. x + y >= 1    multiplier" in printed
    assert "kept:\n    2. y + z >= 1\n" in printed
    assert "optimal, value 6 " in printed and "at y = 1, z = 1, the others 0" in printed
    assert "proof: Lagrangian relaxation, verified" in printed


def test_the_proof_is_stored_and_verified(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    out = str(tmp_path / "proof.json")
    problem = written(tmp_path, COVER)
    assert main(["relax", problem, "--certificate", out]) == 0
    capsys.readouterr()
    assert main(["verify", out, "--problem", problem]) == 0
    assert "Proved (Lagrangian relaxation)" in capsys.readouterr().out


def test_no_feasible_point(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    problem = written(tmp_path, {**COVER, "ineq": ["x + 2*y >= 7"]})
    assert main(["relax", problem, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["status"], answer["relaxation_bound"], answer["gap"]) == ("infeasible", "oo", None)
    assert main(["relax", problem]) == 0
    assert "feasible point: none was found" in capsys.readouterr().out


def test_no_time_leaves_a_bound(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    names = [f"x{i}" for i in range(30)]
    rows = [" + ".join(f"{(17 * i * i + 13 * i + 7 * r) % 29 + 3}*{v}" for i, v in enumerate(names)) for r in range(3)]
    statement = {
        "vars": names,
        "bounds": {v: [0, 1] for v in names},
        "integers": names,
        "sense": "max",
        "objective": " + ".join(f"{(11 * i * i + 5 * i) % 31 + 9}*{v}" for i, v in enumerate(names)),
        "ineq": [f"{row} <= 200" for row in rows],
    }
    assert main(["relax", written(tmp_path, statement), "--json", "--time-limit", "0.0001"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["status"] in ("undecided", "optimal")
    assert answer["points"] and int(answer["bound"]) - int(answer["value"]) == int(answer["gap"])
    assert (answer["certificate"] is None) == (answer["status"] == "undecided")


def test_without_a_proof_no_certificate_is_written(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """And that is said: nothing is left out in silence."""
    solution = SimpleNamespace(certificate=None)
    save_certificate(solution, str(tmp_path / "proof.json"), "nothing was proved")
    assert f"nothing was proved, so {tmp_path / 'proof.json'} is not written" in capsys.readouterr().err
    assert not (tmp_path / "proof.json").exists()


@pytest.mark.parametrize(
    ("statement", "arguments", "message"),
    [
        (KNAPSACK, ["--constraints", "2"], "write numbers from 1 to 1"),
        (KNAPSACK, ["--constraints", "x"], "write numbers from 1 to 1"),
        ({**KNAPSACK, "integers": ["x"], "objective": "x*y"}, [], "is not integer"),
        ({**KNAPSACK, "objective": "x**3"}, [], "not linear or quadratic"),
    ],
)
def test_bad_input_ends_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture, statement: dict[str, Any], arguments: list[str], message: str
) -> None:
    assert main(["relax", written(tmp_path, statement), *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and message in printed.err and printed.err.count("\n") == 1
