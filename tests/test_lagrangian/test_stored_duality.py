"""Both values of a dual in a file: proved again when read, and nothing else is; damaged and hostile files get one clear error."""

import json
from dataclasses import replace

import pytest
import sympy
from flint import fmpq
from sympy import Eq, Integer, Rational, exp, log, symbols

from lagrangian import Problem, maximize, minimize, solve, verify_file
from lagrangian.cli import main
from lagrangian.duality.dual_gap import duality
from lagrangian.errors import CertificateFileError
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.stored import StoredNumber
from lagrangian.stored_duality import DualityFile, duality_to_json, stored_file
from lagrangian.verification import verify_duality
from tests.test_lagrangian.test_tampering import tampered

x, y, z = symbols("x y z", real=True)
u, v = symbols("u v", positive=True)
m, n = symbols("m n", integer=True)
a = symbols("a", positive=True)
CHANGES = 60
PATIENCE_S = 20.0

# p* and d* by hand
SOLVED = {
    "quadratic": (lambda: minimize(x**2 + y**2, [x + 2 * y >= 5], over=[x, y]).duality(), 5, 5),
    "linear": (lambda: maximize(2 * x + 3 * y, [x + y <= 4, x + 3 * y <= 6], over=[x, y]).duality(), 9, 9),
    "entropy": (lambda: minimize(u * log(u) + v * log(v), [Eq(u + v, 1)]).duality(), -log(2), -log(2)),
    "a gap": (lambda: minimize(x**4 - 2 * x**2, [Eq(x, 0)], over=[x]).duality(), 0, -1),
    "a gap of a maximum": (lambda: maximize(2 * x**2 - x**4, [Eq(x, 0)], over=[x]).duality(), 0, 1),
    "kept bounds": (
        lambda: duality(
            minimize(-3 * n - 4 * m, [2 * n + 3 * m <= 4], over=[n, m], bounds={n: (0, 1), m: (0, 1)}),
            [2 * n + 3 * m <= 4],
        ),
        -4,
        Rational(-17, 3),
    ),
    "a region": (lambda: minimize(x**3, [x >= 1], over=[x]).duality(), 1, 1),
    "no formula": (lambda: minimize(exp(x**2), [x >= 1], over=[x]).duality(), sympy.E, sympy.E),
    "a parameter": (lambda: minimize(x**2, [x >= a], over=[x]).duality(), a**2, a**2),
}


@pytest.fixture(scope="module", params=SOLVED)
def found(request: pytest.FixtureRequest):
    solved, primal, dual = SOLVED[request.param]
    answer = solved()
    assert (answer.primal_value, answer.dual_value) == (primal, dual)
    return answer


def stored(found) -> DualityFile:
    return stored_file(duality_to_json(found.solution.problem, found.certificate))


def test_both_values_are_proved_again(found, tmp_path) -> None:
    path = tmp_path / "duality.json"
    found.save_certificate(path)
    verification = verify_file(path)
    assert [c for c in verification.checks if c.truth is not True] == []
    assert verification.proved is True and str(found.primal_value) in verification.sentence()
    assert found.gap == 0 or f"the gap {found.gap}" in verification.sentence()


def test_it_proves_nothing_of_another_problem(found) -> None:
    problem = found.solution.problem
    first = problem.over[0]
    others = [
        Problem(problem.objective + first, problem.all_constraints, over=problem.over, sense=problem.sense),
        Problem(problem.objective, [*problem.all_constraints, first <= 10**6], over=problem.over, sense=problem.sense),
        Problem(problem.objective, over=problem.over, sense=problem.sense),
        Problem(-problem.objective, problem.all_constraints, over=problem.over, sense=problem.sense),
    ]
    for other in others:
        assert verify_duality(stored(found), other).proved is False


def test_other_values_and_multipliers_are_not_proved(found) -> None:
    file = stored(found)
    duality = file.duality
    wrong = StoredNumber(Integer(7), fmpq(7), fmpq(7))
    changes = [
        {"primal": wrong},
        {"dual": wrong},
        {"primal": StoredNumber(None, fmpq(-100), fmpq(100))},
        {"dual": replace(duality.dual, low=fmpq(100), high=fmpq(101))},
        {"multipliers": (wrong, *duality.multipliers[1:])},
        {"multipliers": tuple(wrong if number is None else None for number in duality.multipliers)},
        {"multipliers": duality.multipliers[1:]},
        {"certificate": replace(duality.certificate, primal_value=duality.certificate.primal_value - 1)},
    ]
    for change in changes:
        assert verify_duality(replace(file, duality=replace(duality, **change))).proved is not True


def test_the_readable_part_agrees_with_the_exact_one(found) -> None:
    data = json.loads(duality_to_json(found.solution.problem, found.certificate))
    for key, value in (("primal_value_float", 1e5), ("dual_value_float", -1e5), ("multipliers_float", [])):
        changed = {**data, "duality": {**data["duality"], key: value}}
        with pytest.raises(CertificateFileError, match='"duality" is not what the nodes say'):
            stored_file(json.dumps(changed))


@pytest.mark.parametrize("name", ["quadratic", "a gap", "kept bounds"])
def test_with_any_part_changed_no_other_values_are_proved(name) -> None:
    """What still verifies after a change of one place proves the same two values of the same problem."""
    solved, primal, dual = SOLVED[name]
    found = solved()
    sign = canonicalize(found.solution.problem)[1].objective_sign
    data = json.loads(duality_to_json(found.solution.problem, found.certificate))
    for changed in tampered(data, CHANGES):
        try:
            file = stored_file(json.dumps(changed))
        except CertificateFileError:
            continue
        if verify_duality(file).proved is True:
            certificate = file.duality.certificate
            values = (sign * certificate.primal_value, sign * certificate.dual_value)
            assert values == (primal, dual) or not certificate.is_exact


HOSTILE = {
    "no JSON": "{",
    "another format": '{"format": "something", "version": 1}',
    "another version": '{"format": "lagrangian certificate", "version": 2, "duality": {}}',
    "keys are missing": '{"format": "lagrangian certificate", "version": 1, "duality": {}}',
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_damaged_files_have_one_error(text, tmp_path, capsys) -> None:
    path = tmp_path / "file.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CertificateFileError, match=r"file\.json"):
        verify_file(path)
    assert main(["verify", str(path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_nodes_of_other_classes_are_refused() -> None:
    data = json.loads(duality_to_json(*quadratic()))
    nodes = [["record", "Popen", {"args": ["symbol", "x", {}]}], *data["nodes"][1:]]
    with pytest.raises(CertificateFileError, match="node 0"):
        stored_file(json.dumps({**data, "nodes": nodes}))
    with pytest.raises(CertificateFileError, match="root"):
        stored_file(json.dumps({**data, "root": len(data["nodes"]) + 5}))
    with pytest.raises(CertificateFileError, match="where a StoredDuality is expected"):
        stored_file(json.dumps({**data, "root": 0}))


def quadratic():
    found = SOLVED["quadratic"][0]()
    return found.solution.problem, found.certificate


def test_a_constraint_with_a_multiplier_may_not_limit_the_inner_problem() -> None:
    """With x = 0 inside and the multiplier 0 the inner value is p* = 0, but the dual that relaxes x = 0 has d* = -1."""
    kept = duality(solve(Problem(x**4 - 2 * x**2, [Eq(x, 0)], over=[x])), []).certificate
    assert kept.verify() is True and kept.dual_value == 0 and len(kept.kept) == 1
    assert "x = 0 have no multiplier" in kept.explanation()[0]
    assert replace(kept, equality_multipliers=(Integer(0),)).verify() is False


def test_a_bound_with_a_multiplier_may_not_limit_the_inner_problem() -> None:
    certificate = SOLVED["kept bounds"][0]().certificate
    assert certificate.verify() is True and len(certificate.kept) == 4
    for place, multiplier in enumerate(certificate.inequality_multipliers):
        if multiplier is None:
            changed = list(certificate.inequality_multipliers)
            changed[place] = Integer(0)
            assert replace(certificate, inequality_multipliers=tuple(changed)).verify() is not True


def test_a_constraint_without_a_multiplier_must_limit_the_inner_problem() -> None:
    """At the multiplier 0 of the dual with the value -1 the Lagrangian is the same without a multiplier; the inner set is not."""
    certificate = SOLVED["a gap"][0]().certificate
    assert certificate.verify() is True and certificate.equality_multipliers == (0,)
    assert replace(certificate, equality_multipliers=(None,)).verify() is False


def test_a_region_is_an_argument_of_a_function_and_follows_from_the_constraints() -> None:
    certificate = minimize(x**3, [x >= 1], over=[x]).duality().certificate
    assert certificate.region == (x,) and certificate.verify() is True
    for low in (Rational(1, 2), 2):
        narrow = Problem(certificate.inner.objective, [x >= low], over=[x])
        answer = solve(narrow)
        moved = replace(
            certificate, inner=canonicalize(narrow)[0], inner_certificate=answer.certificate, dual_value=answer.value
        )
        assert moved.verify() is not True


def test_numbers_on_the_left_are_kept_too() -> None:
    """3 >= x, kept, limits the inner problem: max x - 2 mu is 3 with mu = 0."""
    bound = sympy.Ge(3, x, evaluate=False)
    dual = Problem(x, [x + y <= 10, bound, Eq(y, 1)], over=[x, y], sense="max").dual([x + y <= 10])
    assert dual.bound_at({dual.function.multipliers[0]: Integer(0)}).value == 3


def test_there_is_an_error_without_a_certificate(tmp_path) -> None:
    infinite = minimize(x**2 - y**2, [Eq(x, 2 * y)], over=[x, y]).duality()
    with pytest.raises(CertificateFileError, match="no certificate of both values"):
        infinite.save_certificate(tmp_path / "none.json")
    with pytest.raises(CertificateFileError, match="cannot be written"):
        SOLVED["quadratic"][0]().save_certificate(tmp_path / "no folder" / "file.json")


def test_the_commands_write_and_verify(tmp_path, capsys) -> None:
    path = tmp_path / "duality.json"
    assert main(["dual", "x**4 - 2*x**2", "--subject-to", "x == 0", "--certificate", str(path)]) == 0
    capsys.readouterr()
    assert main(["verify", str(path)]) == 0
    assert "is 0, that of its dual -1, and the gap 1" in capsys.readouterr().out
    assert main(["verify", str(path), "--json"]) == 0
    outcome = json.loads(capsys.readouterr().out)
    assert outcome["proved"] is True and outcome["kind"] == "duality" and outcome["claim"] == "both values"
    data = json.loads(path.read_text(encoding="utf-8"))
    data["problem"]["objective"] = "x**4 - 3*x**2"
    path.write_text(json.dumps(data), encoding="utf-8")
    assert main(["verify", str(path)]) == 1
    assert capsys.readouterr().out.startswith("Refuted: it is not so that the proof is about the problem")


def test_nothing_is_written_where_a_value_is_not_proved(tmp_path, capsys) -> None:
    path = tmp_path / "none.json"
    arguments = ["dual", "x**2 - y**2", "--subject-to", "x == 2*y", "--certificate", str(path)]
    assert main(arguments) == 0
    assert not path.exists() and "is not written" in capsys.readouterr().err
