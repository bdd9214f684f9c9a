"""A stored answer is checked as a whole: that the proof holds, and that it proves this answer to this problem."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import sympy
from flint import fmpq
from sympy import Eq, Rational, Symbol, symbols

from lagrangian import Problem, Status, canonicalize, solve, verify_file
from lagrangian.cli import main
from lagrangian.errors import CertificateFileError, ProblemFileError
from lagrangian.problem.files import problem_from_dict
from lagrangian.problem.writing import problem_to_dict
from lagrangian.proof.about import is_same_statement
from lagrangian.proof.encoding import encode
from lagrangian.stored import EXTRA_CLASSES, CertificateFile, StoredNumber, answer_to_json, certificate_file
from lagrangian.verification import verify

x, y, z = symbols("x y z", real=True)
n, m = symbols("n m", integer=True)
p, q = symbols("p q", positive=True)
b = Symbol("b", positive=True)

PROBLEMS = {
    "enumeration": Problem(x**2 * y, [Eq(x**2 + 2 * y**2, 6), x >= -1], over=[x, y]),
    "two maxima": Problem(x * y, [Eq(x**2 + y**2, 8)], over=[x, y], sense="max"),
    "fields": Problem(x**4 + y**4 - x * y + x, over=[x, y]),
    "lifted": Problem(sympy.sqrt(x + 1) + 1 / y + y, [x >= 0, y >= 1, y <= 3], over=[x, y]),
    "a family": Problem((x**2 + y**2 - 1) ** 2, [x * y <= 2], over=[x, y]),
    "infeasible": Problem(x, [x**2 + y**2 <= 1, x + y >= 2], over=[x, y]),
    "unbounded": Problem(x * y, [Eq(x, y), x >= 3], over=[x, y], sense="max"),
    "an infimum": Problem(y, [x * y >= 1, x >= 0], over=[x, y]),
    "a closure": Problem(x + y, [x > 0, y > 0, x + y <= 3], over=[x, y]),
    "convex": Problem((x - 2) ** 2 + (y - 1) ** 2, [x**2 - y <= 0, x + y <= 2], over=[x, y]),
    "logarithms": Problem(sympy.log(p) + 2 * sympy.log(q), [p + q <= 3], over=[p, q], sense="max"),
    "an outer exponential": Problem(sympy.exp(x**2 + y**2 - x * y), [x + y >= 1], over=[x, y]),
    "integers": Problem((2 * n - 3) ** 2 + m * n, [n + m >= 2], over=[n, m], bounds={n: (0, 5), m: (0, 5)}),
    "boxes": Problem(sympy.sin(x) + x**2 / 20, over=[x], bounds={x: (-5, 5)}),
    "a parameter": Problem(x**2 - 2 * b * x, over=[x]),
}


@pytest.fixture(scope="module", params=PROBLEMS)
def solution(request: pytest.FixtureRequest):
    found = solve(PROBLEMS[request.param], time_limit_s=20)
    assert found.status not in (Status.UNDECIDED, Status.LOCAL)
    return found


def stored(solution) -> CertificateFile:
    return certificate_file(answer_to_json(solution))


def test_what_was_solved_is_proved_again(solution) -> None:
    verification = verify(stored(solution))
    assert [(c.statement, c.truth) for c in verification.checks if c.truth is not True] == []
    assert verification.proved is True
    assert verification.sentence().startswith("Proved")


def test_it_proves_nothing_of_another_problem(solution) -> None:
    problem = solution.problem
    v = problem.over[0]
    others = [
        Problem(problem.objective + v, problem.all_constraints, over=problem.over, sense=problem.sense),
        Problem(problem.objective, [*problem.all_constraints, v <= 10**6], over=problem.over, sense=problem.sense),
        Problem(-problem.objective, problem.all_constraints, over=problem.over, sense=problem.sense),
    ]
    for other in others:
        assert verify(stored(solution), other).proved is False


def test_another_status_is_not_proved(solution) -> None:
    file = stored(solution)
    for status in set(Status) - {file.answer.status}:
        assert verify(replace(file, answer=replace(file.answer, status=status))).proved is not True


def test_another_value_is_not_proved(solution) -> None:
    file = stored(solution)
    value = file.answer.value
    others = [StoredNumber(sympy.Integer(7), fmpq(7), fmpq(7)), StoredNumber(None, fmpq(100), fmpq(101))]
    if value is not None:
        if value.exact is not None:
            others.append(
                replace(
                    value,
                    exact=value.exact + Rational(1, 10**9)
                    if isinstance(value.exact, sympy.Expr)
                    else value.exact + fmpq(1, 10**9),
                )
            )
        if value.low is not None:
            others += [replace(value, low=value.low + 1), replace(value, high=value.high - 1)]
        others.append(None)
    for other in others:
        assert verify(replace(file, answer=replace(file.answer, value=other))).proved is not True


def test_another_point_is_not_proved(solution) -> None:
    file = stored(solution)
    if any(number.exact is None for point in file.answer.points for number in point):
        pytest.skip("an estimate claims nothing")
    for shift in (1, -1):
        for place, point in enumerate(file.answer.points):
            number = point[0]
            moved = StoredNumber(
                number.exact + shift, *(None if end is None else end + shift for end in (number.low, number.high))
            )
            points = list(file.answer.points)
            points[place] = (moved, *point[1:])
            assert verify(replace(file, answer=replace(file.answer, points=tuple(points)))).proved is not True


def test_the_readable_answer_agrees_with_the_exact_one(solution) -> None:
    data = json.loads(answer_to_json(solution))
    for key, value in (("status", "local"), ("value_float", 1e5), ("points_float", [{"x": 1e5}])):
        changed = {**data, "answer": {**data["answer"], key: value}}
        with pytest.raises(CertificateFileError, match="answer"):
            certificate_file(json.dumps(changed))


def test_every_part_of_the_statement_counts(solution) -> None:
    """Each text of the stated problem changed: never proved."""
    data = json.loads(answer_to_json(solution))
    for key, texts in data["problem"].items():
        if key in ("eq", "ineq", "strict"):
            for number in range(len(texts)):
                fewer = {**data["problem"], key: [*texts[:number], *texts[number + 1 :]]}
                assert verify(certificate_file(json.dumps({**data, "problem": fewer}))).proved is False
    moved = {**data["problem"], "objective": f"1 + {data['problem']['objective']}"}
    assert verify(certificate_file(json.dumps({**data, "problem": moved}))).proved is False


def test_a_problem_survives_being_written() -> None:
    for problem in PROBLEMS.values():
        again = problem_from_dict(json.loads(json.dumps(problem_to_dict(problem))))
        assert is_same_statement(canonicalize(again)[0], canonicalize(problem)[0])


def test_problems_without_the_form_of_a_file_are_refused() -> None:
    with pytest.raises(ProblemFileError, match="cannot be written"):
        problem_to_dict(Problem(sympy.besselj(0, x), over=[x]))
    with pytest.raises(ProblemFileError, match="words and relations"):
        problem_to_dict(Problem(b * x, [x >= 0], over=[x], assumptions=[b < 1]))


def test_files_are_whole_or_not_there(tmp_path: Path) -> None:
    found = solve(PROBLEMS["convex"])
    path = tmp_path / "answer.json"
    found.save_certificate(path)
    assert verify_file(path).proved is True
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(CertificateFileError, match="cannot be written"):
        found.save_certificate(tmp_path / "missing" / "answer.json")
    with pytest.raises(CertificateFileError, match="nothing was proved"):
        replace(found, certificate=None, status=Status.UNDECIDED).save_certificate(path)
    with pytest.raises(CertificateFileError, match="cannot be read"):
        verify_file(tmp_path / "nothing.json")
    text = path.read_text()
    path.write_text(text[: len(text) // 2])
    with pytest.raises(CertificateFileError, match="damaged or cut off"):
        verify_file(path)


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    problem, answer = tmp_path / "problem.json", tmp_path / "answer.json"
    problem.write_text('{"vars": ["x"], "sense": "max", "objective": "x*(4 - x)", "ineq": ["x - 1"]}')
    assert main(["solve", str(problem), "--json", "--certificate", str(answer)]) == 0
    capsys.readouterr()
    assert main(["verify", str(answer)]) == 0
    assert "the maximum of x*(4 - x) subject to x - 1 <= 0 is 3, at x = 1" in capsys.readouterr().out
    assert main(["verify", str(answer), "--problem", str(problem), "--json", "--time-limit", "60"]) == 0
    outcome = json.loads(capsys.readouterr().out)
    assert outcome["proved"] is True and outcome["claim"] == "global optimum" and outcome["status"] == "optimal"
    assert all(check["holds"] for check in outcome["checks"])
    problem.write_text('{"vars": ["x"], "sense": "max", "objective": "x*(5 - x)", "ineq": ["x - 1"]}')
    assert main(["verify", str(answer), "--problem", str(problem)]) == 1
    assert capsys.readouterr().out.startswith("Refuted")
    assert main(["verify", str(problem)]) == 2
    assert "no stored certificate" in capsys.readouterr().err
    assert main(["solve", "sin(x)*exp(y)+y*x", "--time-limit", "3", "--certificate", str(tmp_path / "none.json")]) == 0
    assert "not written" in capsys.readouterr().err
    assert not (tmp_path / "none.json").exists()


def test_parts_that_do_not_fit_together_are_no_proof() -> None:
    """A certificate whose parts come from two problems: no exception, and no proof."""
    first, second = (stored(solve(PROBLEMS[name])) for name in ("enumeration", "two maxima"))
    mixed = replace(first.answer.certificate, evidence=second.answer.certificate.evidence)
    file = replace(first, answer=replace(first.answer, certificate=mixed))
    assert verify(file).proved is not True
    again = certificate_file(
        json.dumps(
            {
                **json.loads(answer_to_json(solve(PROBLEMS["enumeration"]))),
                **dict(zip(("nodes", "root"), encode(file.answer, EXTRA_CLASSES), strict=True)),
            }
        )
    )
    assert verify(again).proved is not True
