"""The documents become a site without a warning, which reads nothing from the network and names everything public."""

import re
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from inspect import getdoc, isfunction, signature
from pathlib import Path
from types import ModuleType

import pytest

import lagrangian
import w2v

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
NEEDED = ("sphinx", "myst_parser", "furo", "latex2mathml")
LOADED = re.compile(
    r'<(?:script|img|iframe|link rel="(?:stylesheet|preload|icon)")[^>]*(?:src|href)="(?:https?:)?//[^"]*"'
)


def test_the_site_is_built_without_warnings(tmp_path: Path) -> None:
    """As `make docs` builds it. One test looks at all of it, for it takes half a minute to build."""
    if not all(find_spec(package) for package in NEEDED):
        pytest.skip("the packages of pip install '.[docs]' are not installed")
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--nitpicky", "--quiet"]
    built = subprocess.run([*command, ROOT / "docs", tmp_path], capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    pages = {path.relative_to(tmp_path).as_posix(): path.read_text("utf-8") for path in tmp_path.rglob("*.html")}
    documents = {
        path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in (ROOT / "docs").rglob("*.md")
    }
    assert documents <= set(pages)
    _asks_the_network_for_nothing(pages)
    _shows_docstrings_as_they_are_written(pages["reference/lagrangian-numeric.html"])
    _draws_formulas(pages["theory/kkt.html"])


def _asks_the_network_for_nothing(pages: dict[str, str]) -> None:
    assert {name: LOADED.findall(text) for name, text in pages.items() if LOADED.search(text)} == {}


def _shows_docstrings_as_they_are_written(page: str) -> None:
    """Signs that mean something in reStructuredText, links to other names, and formulas on lines of their own."""
    assert "the greatest of |dL/dx|, |h|, max(g, 0) and |mu g| at" in page
    assert 'href="lagrangian-solving.html#lagrangian.Status"' in page
    assert re.search(r"<pre>.*H dx \+ J_A' dnu = -d2L/dxdp dp", page.replace("&#39;", "'"))


def _draws_formulas(page: str) -> None:
    """MathML, a table where formulas are aligned, and no LaTeX that is left over."""
    assert "<mtable" in page
    assert "$" not in re.sub(r"<(pre|script|code).*?</\1>", "", page, flags=re.DOTALL)


@pytest.mark.parametrize("package", ["lagrangian", "w2v"])
def test_every_public_name_is_in_the_reference_once(package: str) -> None:
    texts = [path.read_text() for path in REFERENCE.glob(f"{package}-*.md")]
    described = [
        name
        for text in texts
        for part in text.split(".. currentmodule:: ")[1:]
        if part.split()[0] == package
        for name in re.findall(r"^\.\. (?:autoclass|autofunction|autoexception|data):: (\w+)$", part, re.MULTILINE)
    ]
    assert sorted(described) == sorted(import_module(package).__all__)
    assert {f"{package}-{path.stem.partition('-')[2]}" for path in REFERENCE.glob(f"{package}-*.md")} == set(
        re.findall(rf"^({package}-\w+)$", (REFERENCE / f"{package}.md").read_text(), re.MULTILINE)
    )


def _exists(name: str) -> bool:
    """Whether a package has a public name, or a class of it the attribute."""
    first, _, attribute = name.partition(".")
    homes = [getattr(package, first) for package in (lagrangian, w2v) if first in package.__all__]
    return any(not attribute or hasattr(home, attribute) or attribute in _annotations(home) for home in homes)


def _annotations(home: type) -> set[str]:
    return {name for base in home.__mro__ for name in vars(base).get("__annotations__", {})}


def test_the_glossary_names_what_the_code_has() -> None:
    rows = re.findall(r"^\| ([^|]+?) \|.*\| ([^|]+) \|$", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)
    names = [name for _, code in rows for name in re.findall(r"`([\w.]+)`", code)]
    assert len(names) > 60
    assert [name for name in names if not _exists(name)] == []
    words = [word.lower() for word, _ in rows if word not in ("word", "---")]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    "path", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda path: path.stem
)
def test_links_lead_to_files_of_the_repository(path: Path) -> None:
    """On a code host too, where no site is built; links into the network are not followed."""
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    targets = [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"https?:|#", target)]
    assert [target for target in targets if not (path.parent / target.partition("#")[0]).exists()] == []


@pytest.mark.parametrize("package", [lagrangian, w2v], ids=lambda package: package.__name__)
def test_docstrings_of_public_functions_name_all_arguments(package: ModuleType) -> None:
    functions = {name: getattr(package, name) for name in package.__all__ if isfunction(getattr(package, name))}
    missing = {
        name: [
            argument
            for argument in signature(function).parameters
            if not re.search(rf"\b{argument}\b", getdoc(function) or "")
        ]
        for name, function in functions.items()
    }
    assert {name: arguments for name, arguments in missing.items() if arguments} == {}
