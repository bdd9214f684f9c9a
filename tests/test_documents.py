"""The examples in the documents run and give what they show, and the pictures in them are those that they draw."""

import doctest
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [
    path for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))) if ">>> " in path.read_text()
]
DRAWN = re.compile(r'^>>> picture = .*"([\w-]+\.svg)".*$', re.MULTILINE)
SHOWN = re.compile(r"!\[[^\]]+\]\((?:docs/|(?:\.\./)*)pictures/([\w-]+\.svg)\)")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_examples_give_what_they_show(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are written to where the examples run; without Matplotlib the lines that draw them are left out."""
    text = path.read_text()
    if find_spec("matplotlib") is None:
        text = DRAWN.sub("", text)
    monkeypatch.chdir(tmp_path)
    examples = doctest.DocTestParser().get_doctest(text, {"__name__": "__main__"}, path.name, str(path), 0)
    failed, tried = doctest.DocTestRunner().run(examples)
    assert failed == 0
    assert tried > 0
    assert {file.name for file in tmp_path.iterdir()} == set(DRAWN.findall(text))


def test_pictures_are_those_that_the_examples_draw() -> None:
    """Every picture that a document shows is drawn by an example, and lies in the repository: `make pictures` puts it there."""
    texts = [path.read_text() for path in DOCUMENTS]
    drawn = {name for text in texts for name in DRAWN.findall(text)}
    assert {name for text in texts for name in SHOWN.findall(text)} == drawn
    assert {path.name for path in (ROOT / "docs" / "pictures").iterdir()} == drawn
