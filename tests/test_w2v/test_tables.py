"""Results as a notebook shows them: tables that are well-formed, escaped, and as short as a page."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from w2v import Embeddings, Progress, TrainingConfig, TrainingReport, Vocabulary
from w2v.comparison import Comparison, Difference
from w2v.evaluation import AnalogyScore, SimilarityScore

WORDS = tuple(f"word{number}" for number in range(25))
SIMILARITY = SimilarityScore(0.5, 9, 10, 0.1, 0.8, 0.01, 0.4, 0.02, ("zebra",))
ANALOGIES = AnalogyScore(0.25, 8, 10, 0.1, 0.4, (("gram1", 2, 8),), (), ("zebra",))
DIFFERENCE = Difference("pairs", "b", "a", 0.1, -0.1, 0.3, 9)
VALUES = {
    "Vocabulary": Vocabulary(WORDS, np.arange(25, 0, -1)),
    "Embeddings": Embeddings(
        Vocabulary(WORDS, np.arange(25, 0, -1)), np.arange(1, 201, dtype=np.float32).reshape(25, 8)
    ),
    "TrainingReport": TrainingReport(1_000, 900, 25, 1, 5_000, 1.5, (1.5,), (), 0.1, 2.0, 3.0, 0.0, 333.3),
    "Progress": Progress(300, 400, 0.01, 2.0, 50.0),
    "TrainingConfig": TrainingConfig(),
    "SimilarityScore": SIMILARITY,
    "AnalogyScore": ANALOGIES,
    "Comparison": Comparison({"a": {"pairs": SIMILARITY, "analogies": ANALOGIES}}, (DIFFERENCE,)),
}


def cells(value):
    tree = ET.fromstring(f"<div>{value._repr_html_()}</div>")
    return [["".join(cell.itertext()) for cell in row] for row in tree.iter("tr")], "".join(tree.itertext())


@pytest.mark.parametrize("name", VALUES)
def test_every_result_is_a_table(name):
    rows, text = cells(VALUES[name])
    assert rows and len({len(row) for row in rows if len(row) > 1}) <= 2
    assert name in text and "object at 0x" not in text


def test_many_words_are_counted():
    for name in ("Vocabulary", "Embeddings"):
        rows, text = cells(VALUES[name])
        assert [row[:2] for row in rows[1:3]] == [["word0", "25"], ["word1", "24"]] and len(rows) == 11
        assert "25 words" in text and "and 15 more" in text


def test_vectors_show_their_first_numbers():
    rows, _ = cells(VALUES["Embeddings"])
    assert rows[0][2] == "vector, its first numbers" and rows[1][2] == "1, 2, 3, 4, 5, 6"


def test_scores_are_read_off():
    rows, text = cells(ANALOGIES)
    assert ["gram1", "2", "8", "25.0%"] in rows and "25.0% of 8 questions, 10.0% to 40.0%" in text
    rows, _ = cells(VALUES["Comparison"])
    assert ["a", "0.5", "0.25"] in rows and ["b - a", "pairs", "0.1", "-0.1", "0.3", "9"] in rows


def test_words_stay_text():
    rows, _ = cells(Vocabulary(("<script>", "tab\there"), [2, 1]))
    assert rows[1][0] == "<script>" and rows[2][0] == "tab\\there"
