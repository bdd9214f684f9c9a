"""The report as one page: what is in it for every status, that it is safe, that it asks for nothing, and how it is written."""

import base64
import dataclasses
import html.parser
import json
import os
import re
import sys
from itertools import pairwise

import pytest
from sympy import Eq, Symbol, erf, exp, symbols

from lagrangian import Problem, ReportFileError, Status, maximize, minimize, solve, solve_parametric, verify_file
from lagrangian.cli import main
from lagrangian.commands import page_file
from lagrangian.errors import MissingExtraError
from lagrangian.report import page as page_module
from lagrangian.report import picture_drawing
from lagrangian.report.inline_svg import in_dark
from lagrangian.report.page import report_page

x, y, b = symbols("x y b", real=True)
VOID = {"meta", "wbr", "link", "br"}


class Parts(html.parser.HTMLParser):
    """The elements of a page: (tag, attributes), every one closed, and all text."""

    def __init__(self, text):
        super().__init__()
        self.parts, self.open, self.text = [], [], ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.parts.append((tag, dict(attrs)))
        self.open += [] if tag in VOID else [tag]

    def handle_startendtag(self, tag, attrs):
        self.parts.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text += data

    def named(self, tag):
        return [attributes for name, attributes in self.parts if name == tag]


PROBLEMS = {
    Status.OPTIMAL: (lambda: minimize(x**2 + y**2, [x + y >= 1], over=[x, y]), "The global minimum"),
    Status.INFEASIBLE: (lambda: minimize(x, [x >= 1, x <= 0], over=[x]), "No point is feasible"),
    Status.UNBOUNDED: (lambda: maximize(x, [x >= y], over=[x, y]), "The objective is unbounded above"),
    Status.NOT_ATTAINED: (lambda: minimize(exp(x), over=[x]), "The infimum is not attained"),
}


@pytest.fixture(scope="module")
def solution():
    return PROBLEMS[Status.OPTIMAL][0]()


@pytest.fixture(scope="module")
def page(solution):
    return report_page(solution)


@pytest.mark.parametrize("status", PROBLEMS)
def test_every_status_has_its_page(status):
    solve_it, headline = PROBLEMS[status]
    solution = solve_it()
    assert solution.status is status
    parts = Parts(report_page(solution))
    assert headline in parts.text and f"Status: {status.value.replace('_', ' ')}" in parts.text
    titles = ["The problem", headline, "The derivation", "The certificate", "Where this page comes from"]
    places = [parts.text.index(title) for title in titles]
    assert places == sorted(places)


@pytest.mark.parametrize("status", [Status.LOCAL, Status.UNDECIDED])
def test_what_is_not_proved_is_not_said(solution, status):
    """An answer without its certificate: no global claim, and no certificate on the page."""
    open_answer = dataclasses.replace(solution, status=status, certificate=None, missing=("a proof",))
    parts = Parts(report_page(open_answer))
    answer = parts.text[: parts.text.index("The derivation")]
    assert "global" not in answer and "Missing: a proof." in answer
    assert "The certificate" not in parts.text


def test_an_answer_by_regions():
    problem = Problem(x**2 - b * x, [x >= 0], over=[x])
    found = solve(problem)
    parts = Parts(report_page(found, solve_parametric(problem)))
    assert "The answer by regions" in parts.text and "The regions cover all admissible parameters" in parts.text
    assert len(parts.named("svg")) == 1


def test_the_page_has_what_readers_need(page):
    parts = Parts(page)
    assert parts.named("html") == [{"lang": "en"}] and len(parts.named("h1")) == len(parts.named("main")) == 1
    levels = [int(tag[1]) for tag, _ in parts.parts if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels)), "no level is left out"
    assert all(cell.get("scope") in {"row", "col"} for cell in parts.named("th"))
    (drawn,) = parts.named("svg")
    assert drawn["role"] == "img" and "feasible set" in drawn["aria-label"]
    names = [attributes["id"] for _, attributes in parts.parts if "id" in attributes]
    assert len(names) == len(set(names))


def test_the_page_asks_for_nothing(page):
    """No program, and nothing from anywhere else; the policy in its head forbids both."""
    parts = Parts(page)
    assert not parts.named("script") and not parts.named("img") and not parts.named("link")
    assert "://" not in page and "@import" not in page
    assert re.findall(r"url\((?!#)", page) == []
    for _, attributes in parts.parts:
        assert "src" not in attributes and not any(name.startswith("on") for name in attributes)
        assert attributes.get("href", "#").startswith(("#", "data:application/json;base64,"))
    policy = next(meta for meta in parts.named("meta") if "http-equiv" in meta)["content"]
    assert "default-src 'none'" in policy and "script" not in policy


def test_the_page_holds_the_problem_and_the_proof_as_files(page, solution, tmp_path):
    files = {}
    for link in Parts(page).named("a"):
        files[link["download"]] = base64.b64decode(link["href"].partition(",")[2])
    (tmp_path / "proof.json").write_bytes(files["proof.json"])
    assert verify_file(tmp_path / "proof.json", solution.problem).proved is True
    assert main(["solve", _written(tmp_path / "problem.json", files["problem.json"]), "--json"]) == 0
    assert json.loads(files["problem.json"])["objective"] == "x**2 + y**2"


def _written(path, content):
    path.write_bytes(content)
    return str(path)


def test_names_and_titles_stay_text():
    name = Symbol("</title><script>alert(1)</script>", real=True)
    parts = Parts(report_page(minimize(name**2, [name >= 1], over=[name]), title="<b>title</b> & more"))
    assert not parts.named("script") and not parts.named("b")
    assert "<b>title</b> & more" in parts.text and "</title><script>alert(1)</script>" in parts.text


def test_without_matplotlib_there_is_no_picture(solution, monkeypatch):
    def missing():
        raise MissingExtraError("pictures need Matplotlib")

    monkeypatch.setattr(picture_drawing, "_settings", missing)
    parts = Parts(report_page(solution))
    assert not parts.named("svg") and not parts.named("figure") and "The global minimum" in parts.text


def test_colors_in_the_dark_keep_their_order():
    shades = [f"#0000{level:02x}" for level in range(64, 256, 16)]
    light = [sum(int(in_dark(color)[place : place + 2], 16) for place in (1, 3, 5)) for color in shades]
    assert light == sorted(light) and min(light) > 200


def test_a_derivation_that_takes_too_long_in_full_is_short(solution, monkeypatch):
    def in_time(function, arguments, _):
        return None if arguments[2] == "full" else function(*arguments)

    monkeypatch.setattr(page_module, "call_with_limit", in_time)
    text = Parts(report_page(solution)).text
    assert "Writing down every case took too long: these are the main steps." in text and "The Lagrangian" in text
    monkeypatch.setattr(page_module, "call_with_limit", lambda *_: None)
    assert "It is left out: writing it down took too long." in Parts(report_page(solution)).text


def test_a_solution_writes_its_page(solution, tmp_path):
    solution.save_report(tmp_path / "report.html", title="The nearest point")
    assert Parts((tmp_path / "report.html").read_text(encoding="utf-8")).named("title") == [{}]
    with pytest.raises(ReportFileError, match=r"none/report\.html' cannot be written: No such file or directory"):
        solution.save_report(tmp_path / "none" / "report.html")


# the command


def test_the_command_writes_the_page(tmp_path, capsys):
    target = tmp_path / "report.html"
    assert main(["solve", "x*y", "--maximize", "--subject-to", "x + y == 10", "--html", str(target)]) == 0
    assert "The Lagrangian" in capsys.readouterr().out
    assert "The global maximum" in Parts(target.read_text(encoding="utf-8")).text
    assert target.stat().st_mode & 0o777 == 0o666 & ~_umask() and os.listdir(tmp_path) == ["report.html"]


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_the_command_writes_regions(tmp_path, capsys):
    target = tmp_path / "report.html"
    command = ["solve", "x**2 - b*x", "--subject-to", "x >= 0", "--over", "x", "--html", str(target)]
    assert main(command) == 0
    assert "The answer by regions" in target.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("none/report.html", "'none/report.html' cannot be written: there is no folder 'none'"),
        (".", "'.' is a folder; write the name of a file, such as report.html"),
    ],
)
def test_a_target_that_cannot_be_written_is_refused_before_anything_is_computed(
    tmp_path, monkeypatch, capsys, target, message
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        sys.modules["lagrangian.solve"], "solve", lambda *_, **__: pytest.fail("nothing is to be solved")
    )
    assert main(["solve", "x**2", "--html", target]) == 2
    printed = capsys.readouterr()
    assert printed.err == f"lagrangian: {message}\n" and printed.out == ""


def test_a_page_is_written_as_a_whole_or_not_at_all(solution, tmp_path, monkeypatch):
    target = tmp_path / "report.html"
    target.write_text("before")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ReportFileError, match=r"cannot be written: No space left on device"):
        page_file.write_page(solution, None, str(target), 30.0)
    assert target.read_text() == "before" and os.listdir(tmp_path) == ["report.html"]


def test_a_derivation_that_takes_too_long_is_left_out(solution, tmp_path, monkeypatch):
    monkeypatch.setattr(page_file, "call_with_limit", lambda *_: None)
    page_file.write_page(solution, None, str(tmp_path / "report.html"), 1.0)
    text = Parts((tmp_path / "report.html").read_text()).text
    assert "It is left out: writing it down took too long." in text and "≈\u00a00.5" in text


def test_a_problem_that_has_no_problem_file_has_a_page():
    parts = Parts(report_page(minimize(erf(x) ** 2, [Eq(x, 1)], over=[x])))
    assert "Solved by lagrangian" in parts.text
