"""The examples in the documents run and give what they show."""

import doctest
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [path for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))) if ">>>" in path.read_text()]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_examples_give_what_they_show(path: Path) -> None:
    failed, tried = doctest.testfile(str(path), module_relative=False)
    assert failed == 0
    assert tried > 0
