"""Every public type as a notebook shows it: as HTML, LaTeX and text, well-formed, bounded, and without Matplotlib."""

import inspect
import json
import sys
import time
import xml.etree.ElementTree as ET

import pytest
from sympy import Eq, Symbol, symbols

import lagrangian
from lagrangian import Problem, minimize, relax, solve, solve_parametric
from lagrangian.report import display, picture_drawing
from lagrangian.shown import Displayed, Shown

x, y, b = symbols("x y b", real=True)
CLASSES = [name for name in lagrangian.__all__ if inspect.isclass(getattr(lagrangian, name))]


def knapsack():
    over = symbols("u v w")
    room = 3 * over[0] + 4 * over[1] + 2 * over[2] <= 6
    value = 5 * over[0] + 6 * over[1] + 3 * over[2]
    bounds = dict.fromkeys(over, (0, 1))
    return Problem(value, [room], over=over, integers=over, bounds=bounds, sense="max"), room


@pytest.fixture(scope="module")
def values(tmp_path_factory):
    """One value of every public class."""
    problem = Problem(x**2 + y**2, [x + y >= 1], over=[x, y])
    with_parameter = Problem(x**2, [x >= b], over=[x])
    solution, parametric = solve(problem), solve_parametric(with_parameter)
    canonical, restoration = lagrangian.canonicalize(problem)
    linear = minimize(x, [Eq(x + y, 1)], over=[x, y], bounds={x: (0, 1), y: (0, None)})
    compiled = lagrangian.compile_problem(problem)
    numeric = lagrangian.solve_numeric(problem, starts=2)
    relaxation = relax(*knapsack()[:1], [knapsack()[1]])
    proof = tmp_path_factory.mktemp("proof") / "proof.json"
    solution.save_certificate(proof)
    found = solution.duality()
    simple = minimize(x**2, [Eq(x, b)], over=[x])
    sensitivity = simple.sensitivity()
    made = [
        problem, problem.sense, compiled, compiled.bind(), numeric,
        numeric.best, lagrangian.solve_batch(with_parameter, {"b": [1.0, 2.0]}), lagrangian.BatchStatus.LOCAL,
        parametric, parametric.regions[0], lagrangian.follow_path(with_parameter, b, 0.5, 1.0, points=5),
        lagrangian.Progress("boxes", 3.2, 1.5), solution, solution.status, solution.stationary_points[0],
        solution.stationary_points[0].kind, solution.stationary_points[0].qualification, sensitivity,
        sensitivity.envelope[0], sensitivity.statics, found.dual.function, found.dual, found, found.reason,
        lagrangian.slater(problem), solution.certificate, solution.certificate.claim, lagrangian.verify_file(proof),
        canonical, restoration, lagrangian.Convention.BOYD, problem.lagrangian(), problem.kkt(),
        problem.fritz_john(), relaxation, relaxation.solve(), *linear.families,
        lagrangian.SolutionFamily((Eq(x, y),), 1, x, {x: b, y: b}),
        *(getattr(lagrangian, name)("x <b> is wrong") for name in CLASSES if name.endswith("Error")),
    ]  # fmt: skip
    return {name: value for value in made for name in CLASSES if isinstance(value, getattr(lagrangian, name))}


@pytest.fixture(autouse=True)
def no_matplotlib(monkeypatch):
    monkeypatch.setattr(picture_drawing, "_settings", lambda: pytest.fail("nothing here is drawn"))


def balanced(formula):
    """Whether the braces and environments of LaTeX close."""
    plain = formula.replace(r"\{", "").replace(r"\}", "")
    return plain.count("{") == plain.count("}") and formula.count(r"\begin{") == formula.count(r"\end{")


def test_every_public_type_shows_itself(values):
    assert sorted(values) == sorted(CLASSES)
    for name, value in values.items():
        assert isinstance(value, Displayed), name
        bundle = value._repr_mimebundle_()
        assert set(bundle) == {"text/plain", "text/html", "text/latex"}, name
        fragment = ET.fromstring(bundle["text/html"].replace("<wbr>", ""))
        assert fragment.get("class") == "lagrangian" and "".join(fragment.itertext()).strip(), name
        assert bundle["text/latex"].startswith("$\\displaystyle ") and bundle["text/latex"].endswith("$"), name
        assert balanced(bundle["text/latex"]), name
        assert bundle["text/plain"].strip() and "object at 0x" not in bundle["text/plain"], name
        json.dumps(bundle)


def test_the_short_form_is_one_line(values):
    for value in values.values():
        if isinstance(value, Shown):
            assert "\n" not in repr(value) and len(repr(value)) < 200
            assert repr(value).startswith(f"<{type(value).__name__}: ")
            assert str(value) != repr(value) and "object at 0x" not in str(value)


def test_a_notebook_asks_for_some_forms(values):
    problem = values["Problem"]
    assert set(problem._repr_mimebundle_(include=["text/html"])) == {"text/html"}
    assert set(problem._repr_mimebundle_(exclude=["text/html"])) == {"text/plain", "text/latex"}


def test_a_notebook_s_own_formatter_takes_them(values):
    formatter = pytest.importorskip("IPython.core.formatters").DisplayFormatter()
    for value in values.values():
        data, _ = formatter.format(value)
        assert {"text/plain", "text/html", "text/latex"} <= set(data)


def test_what_is_not_complete_has_a_short_form_too():
    assert repr(object.__new__(lagrangian.Solution)).startswith("<lagrangian.solution.Solution object at")


def test_a_solution_shows_problem_answer_and_folded_derivation(values):
    page = ET.fromstring(values["Solution"]._repr_html_().replace("<wbr>", ""))
    assert page.find("details/summary").text == "The derivation"
    assert [title.text for title in page.findall("section/h4")] == ["The global minimum (optimal)"]
    assert page.find("details/section/h4") is not None


def test_a_derivation_that_takes_long_is_left_out(values, monkeypatch):
    monkeypatch.setattr(display, "_derivation", lambda _: time.sleep(60))
    monkeypatch.setattr(display, "DERIVATION_S", 0.2)
    assert "It takes long to write down" in values["Solution"]._repr_html_()


def test_many_points_stay_readable():
    """3^2 optima: a page of them is shown, and the rest is counted."""
    solution = minimize((x**3 - x) ** 2 + (y**3 - y) ** 2, over=[x, y])
    shown = solution._repr_html_()
    assert len(solution.points) == 9 and "There is 1 more point with this value." in shown
    assert len(solution._repr_latex_()) < 3_000 and len(repr(solution)) < 200


def test_long_algebraic_numbers_are_decimals():
    solution = minimize(x**8 - 3 * x**5 + y**6 - x * y + y, over=[x, y])
    assert len(solution._repr_latex_()) < 1_500 and "≈" in repr(solution)


def test_names_stay_text():
    name = Symbol("<script>alert(1)</script>", real=True)
    page = ET.fromstring(minimize(name**2, [name >= 1], over=[name])._repr_html_().replace("<wbr>", ""))
    assert page.find(".//script") is None


def test_pictures_give_text_and_vectors(monkeypatch):
    monkeypatch.undo()
    picture = minimize(x**2, [x >= 1], over=[x]).plot()
    assert set(picture._repr_mimebundle_()) == {"text/plain", "image/svg+xml"}
    assert set(picture._repr_mimebundle_(exclude=["image/svg+xml"])) == {"text/plain"}


def test_exact_answers_are_shown_without_numba():
    """Numba takes a third of a second to import."""
    import subprocess

    code = "from sympy import Symbol; from lagrangian import minimize; import sys; x = Symbol('x'); "
    code += "minimize(x**2, over=[x])._repr_mimebundle_(); sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=120).returncode == 0
