"""The worked examples: their table names pages and tests that exist, and what no other test holds is held here."""

import re
from pathlib import Path

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Eq, Integer, Rational, log, symbols

from lagrangian import maximize

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "examples"
INDEX = (FOLDER / "index.md").read_text()
HELD = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", INDEX)


def test_every_page_is_in_the_index() -> None:
    pages = {path.stem for path in FOLDER.glob("*.md")} - {"index"}
    assert set(re.findall(r"\]\(([\w-]+)\.md\)", INDEX)) == pages
    assert set(INDEX.split(":hidden:")[1].split("```")[0].split()) == pages


@pytest.mark.parametrize(("file", "name"), HELD, ids=[name for _, name in HELD])
def test_every_test_that_the_index_names_exists(file: str, name: str) -> None:
    assert re.search(rf"^def {name}\(", (ROOT / file).read_text(), re.MULTILINE)


COUNTS = st.lists(st.integers(1, 20), min_size=2, max_size=3)


@settings(max_examples=4, deadline=None)
@given(COUNTS, st.integers(2, 3))
def test_maximum_entropy_and_likelihood_are_those_of_random_counts(counts: list[int], base: int) -> None:
    """The frequencies maximize the likelihood; base**score, normalized, has the most entropy at its own mean score."""
    p = symbols(f"p1:{len(counts) + 1}", positive=True)
    total, size = Eq(sum(p), 1), sum(counts)
    likely = maximize(sum(n * log(v) for n, v in zip(counts, p, strict=True)), [total], over=p)
    assert [likely.points[0][v] for v in p] == [Rational(n, size) for n in counts]
    assert likely.multipliers[total] == size and likely.certificate.verify() is True

    weights = [Integer(base) ** score for score in range(len(p))]
    softmax = [weight / sum(weights) for weight in weights]
    moment = Eq(sum(k * v for k, v in enumerate(p)), sum(k * share for k, share in enumerate(softmax)))
    entropy = maximize(-sum(v * log(v) for v in p), [total, moment], over=p)
    assert [sympy.simplify(entropy.points[0][v] - share) for v, share in zip(p, softmax, strict=True)] == [0] * len(p)
    assert entropy.certificate.verify() is True
    if len(p) > 2:  # two equations leave nothing to choose where there are two outcomes, and no multiplier either
        assert sympy.simplify(entropy.multipliers[moment] + log(base)) == 0
