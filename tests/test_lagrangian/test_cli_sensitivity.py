"""The command `lagrangian sensitivity`."""

import json
from typing import Any

import pytest

from lagrangian.cli import main

PLAN = ["3*x + 2*y", "--maximize", "--subject-to", "x + y <= 4", "--subject-to", "x <= 3", "--subject-to", "y >= 0"]


def answer(capsys: pytest.CaptureFixture, *arguments: str) -> dict[str, Any]:
    assert main(["sensitivity", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_shadow_prices_and_ranges(capsys: pytest.CaptureFixture) -> None:
    """max 3 x + 2 y with x + y <= 4, x <= 3: (3, 1), so that V = 2 b + 3 for b >= 3, and b_2 + 8 for b_2 <= 4."""
    found = answer(capsys, *PLAN)
    assert (found["status"], found["value"]) == ("optimal", "11")
    prices = {entry["constraint"]: (entry["shadow_price"], entry["valid_range"]) for entry in found["constraints"]}
    assert prices == {"x + y <= 4": ("2", ["-1", "oo"]), "x <= 3": ("1", ["-oo", "1"]), "y >= 0": ("0", ["-oo", "1"])}
    assert [entry["coefficient"] for entry in found["coefficients"]] == ["3", "2"]


def test_the_table(capsys: pytest.CaptureFixture) -> None:
    assert main(["sensitivity", *PLAN]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("optimal, value 11\n")
    assert "from 3 on" in printed
    assert main(["sensitivity", "x", "--subject-to", "x**2 <= 0"]) == 0
    printed = capsys.readouterr().out
    assert "nothing feasible" in printed
    assert "infinite slope" in printed


def test_a_file_with_parameters(tmp_path: Any, capsys: pytest.CaptureFixture) -> None:
    path = tmp_path / "budget.json"
    problem = {"vars": ["x", "y"], "params": {"b": "positive"}, "sense": "max", "objective": "x*y", "eq": ["x + y - b"]}
    path.write_text(json.dumps(problem))
    found = answer(capsys, str(path))
    assert found["envelope"] == [
        {"parameter": "b", "value_derivative": "b/2", "lagrangian_derivative": "b/2", "agrees": True}
    ]
    assert found["statics"]["points"] == {"x": {"b": "1/2"}, "y": {"b": "1/2"}}


def test_regions_of_parameters(capsys: pytest.CaptureFixture) -> None:
    """max x + 2 y with x + y <= b, 0 <= y <= 1, x >= 0 is min(2 b, b + 1)."""
    plan = ["x + 2*y", "--maximize", "--over", "x,y", "--subject-to", "x + y <= b"]
    plan += ["--subject-to", "x >= 0", "--subject-to", "y >= 0", "--subject-to", "y <= 1"]
    found = answer(capsys, *plan)
    assert {region["value"]: region["shadow_prices"]["x + y <= b"] for region in found["regions"]} == {
        "2*b": "2",
        "b + 1": "1",
    }
    assert main(["sensitivity", *plan]) == 0
    assert capsys.readouterr().out.startswith("region by region")


def test_a_point(capsys: pytest.CaptureFixture) -> None:
    found = answer(capsys, "x**4 + x**2 - p*x", "--over", "x", "--at", "p = 6")
    assert found["statics"] == {
        "at": {"p": "6"},
        "points": {"x": {"p": "1/14"}},
        "multipliers": {},
        "value": {"p": "-1"},
        "reason": None,
    }


@pytest.mark.parametrize(("values", "shown"), [("q=1", []), ("p", []), ("p=x y", ["", "    x y", "    ^"])])
def test_bad_points_get_one_line(values: str, shown: list[str], capsys: pytest.CaptureFixture) -> None:
    assert main(["sensitivity", "x**2 - p*x", "--over", "x", "--at", values]) == 2
    message, *rest = capsys.readouterr().err.splitlines()
    assert message.startswith("lagrangian: ")
    assert rest == shown


def test_an_empty_problem(capsys: pytest.CaptureFixture) -> None:
    assert main(["sensitivity", "x**2"]) == 0
    assert "neither constraints nor parameters" in capsys.readouterr().out
