"""docs/what-users-ask-for.md names tests that exist, and answers every complaint."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "what-users-ask-for.md").read_text()
SECTIONS = re.split(r"^## ", DOCUMENT, flags=re.MULTILINE)[1:]


def test_there_are_fifteen():
    assert [section.partition(".")[0] for section in SECTIONS] == [str(number) for number in range(1, 16)]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.partition(".")[0])
def test_each_has_threads_and_tests_or_a_page_with_measurements(section):
    assert re.search(r"\(https://github\.com/[\w-]+/[\w-]+/(issues|pull)/\d+\)", section)
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", section)
    pages = re.findall(r"\((\w[\w-]*\.md)\)", section)
    assert named or pages
    for file, test in named:
        assert f"def {test}(" in (Path(__file__).parent / file).read_text(), f"{file}::{test}"
    for page in pages:
        assert (ROOT / "docs" / page).exists(), page
