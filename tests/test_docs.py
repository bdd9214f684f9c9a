"""The documents become a site without a warning, which reads nothing from the network and names everything public."""

import re
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

import lagrangian
import w2v

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
NEEDED = ("sphinx", "myst_parser", "furo", "latex2mathml")
LOADED = re.compile(
    r'<(?:script|img|iframe|link rel="(?:stylesheet|preload|icon)")[^>]*(?:src|href)="(?:https?:)?//[^"]*"'
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` builds it."""
    if not all(find_spec(package) for package in NEEDED):
        pytest.skip("the packages of pip install '.[docs]' are not installed")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--nitpicky", "--quiet"]
    built = subprocess.run([*command, ROOT / "docs", folder], capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return folder


def test_the_site_is_built_without_warnings_and_shows_formulas_without_a_network(site: Path) -> None:
    pages = {path.relative_to(site).as_posix(): path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    documents = {
        path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in (ROOT / "docs").rglob("*.md")
    }
    assert documents <= set(pages)
    assert {name: LOADED.findall(text) for name, text in pages.items() if LOADED.search(text)} == {}


def test_a_docstring_is_shown_as_it_is_written(site: Path) -> None:
    """Signs that mean something in reStructuredText, links to other names, and formulas on lines of their own."""
    page = (site / "reference" / "lagrangian-numeric.html").read_text(encoding="utf-8")
    assert "the greatest of |dL/dx|, |h|, max(g, 0) and |mu g| at" in page
    assert 'href="lagrangian-solving.html#lagrangian.Status"' in page
    assert re.search(r"<pre>.*H dx \+ J_A' dnu = -d2L/dxdp dp", page.replace("&#39;", "'"))


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
