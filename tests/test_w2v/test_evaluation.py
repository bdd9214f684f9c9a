"""Scores against small cases worked out by hand, and against gensim and SciPy where they are installed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from w2v import outcomes
from w2v.correlation import spearman
from w2v.embeddings import Embeddings
from w2v.errors import QueryError, SourceError, VectorFileError
from w2v.evaluation import evaluate_analogies, evaluate_similarity
from w2v.question_files import WordPairs, is_analogy_file, read_analogies, read_word_pairs
from w2v.subwords import NgramRule, Subwords
from w2v.vocabulary import Vocabulary

QUESTIONS = """: capitals
athens greece oslo norway
oslo norway athens greece
: plurals
cat cats dog dogs
dog dogs bird birds
"""


def worded(**vectors):
    return Embeddings(Vocabulary(tuple(vectors), np.arange(len(vectors), 0, -1)), list(vectors.values()))


@pytest.fixture
def embeddings():
    return worded(athens=[1, 0, 0, 0], greece=[1, 1, 0, 0], Oslo=[0, 0, 1, 0], norway=[0, 1, 1, 0], cat=[0, 0, 0.2, 1],
                  cats=[0, 1, 0.2, 1], dog=[1, 0, 0, -1], dogs=[0, -1, 0, -1])  # fmt: skip


def test_analogies_by_hand(tmp_path, embeddings):
    path = tmp_path / "questions.txt"
    path.write_text(QUESTIONS)
    score = evaluate_analogies(embeddings, path)
    assert score.sections == (("capitals", 2, 2), ("plurals", 0, 1))
    assert (score.accuracy, score.used, score.questions) == (2 / 3, 3, 4)
    assert evaluate_analogies(embeddings, path, restrict_vocab=4).sections == (("capitals", 2, 2), ("plurals", 0, 0))


def test_similarity_by_hand(tmp_path, embeddings):
    path = tmp_path / "pairs.txt"
    path.write_text(
        "# a comment\nWord 1\tWord 2\tScore\nathens\tgreece\t9\nOSLO\tgreece\t1\ncat\tcats\t8.5\nno\tcat\t3\n"
    )
    score = evaluate_similarity(embeddings, path)
    assert (score.used, score.pairs) == (3, 4)
    # cosines: 0.71, 0, and 1.04 / sqrt(1.04 * 2.04) = 0.71 again, a little greater
    assert score.spearman == pytest.approx(0.5)


def random_case(seed, tmp_path):
    random = np.random.default_rng(seed)
    names = [f"word{i}" if i % 7 else f"Word{i}" for i in range(120)]
    embeddings = Embeddings(
        Vocabulary(tuple(names), np.arange(120, 0, -1)), random.standard_normal((120, 6)).astype(np.float32)
    )
    picks = random.integers(0, 130, (400, 4))
    asked = [[f"word{i}" for i in row] for row in picks if len(set(row)) == 4]
    for row in asked[:200]:  # otherwise chance would answer nothing
        if all(int(word[4:]) < 120 for word in row[:3]):
            a, b, c = (embeddings[names[int(word[4:])]] for word in row[:3])
            row[3] = embeddings.most_similar([b, c], [a], topn=4)[-1][0].lower()
    (tmp_path / "questions.txt").write_text(": all\n" + "\n".join(map(" ".join, asked)))
    pairs = [f"word{a}\tWORD{b}\t{score}" for a, b, score in random.integers(0, 125, (90, 3))]
    (tmp_path / "pairs.tsv").write_text("\n".join(pairs))
    return embeddings


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("restrict", [50, 300_000])
@pytest.mark.parametrize(("case_insensitive", "dummy"), [(True, False), (False, True)])
def test_gensim_scores_the_same(tmp_path, seed, restrict, case_insensitive, dummy):
    gensim = pytest.importorskip("gensim.models")
    embeddings = random_case(seed, tmp_path)
    if not case_insensitive:
        (tmp_path / "pairs.tsv").write_text((tmp_path / "pairs.tsv").read_text().replace("WORD", "word"))
    peer = gensim.KeyedVectors(6)
    peer.add_vectors(embeddings.index_to_key, embeddings.vectors)
    options = {"restrict_vocab": restrict, "case_insensitive": case_insensitive, "dummy4unknown": dummy}
    accuracy, sections = peer.evaluate_word_analogies(tmp_path / "questions.txt", **options)
    ours = evaluate_analogies(embeddings, tmp_path / "questions.txt", **options)
    right, wrong = len(sections[0]["correct"]), len(sections[0]["incorrect"])
    assert (ours.sections[0][1], ours.used) == (right, right + wrong)
    assert ours.accuracy == pytest.approx(accuracy)
    linear, rank, left_out = peer.evaluate_word_pairs(tmp_path / "pairs.tsv", **options)
    score = evaluate_similarity(embeddings, tmp_path / "pairs.tsv", **options)
    # 90 ranks change by at most one each where cosines are equal to float32's last bit
    assert (score.spearman, score.pearson) == pytest.approx((rank[0], linear[0]), abs=1e-6)
    assert (score.spearman_p, score.pearson_p) == pytest.approx((rank[1], linear[1]), rel=1e-4)
    if not dummy:
        assert 100 * (score.pairs - score.used) / score.pairs == pytest.approx(left_out)
    assert score.low < score.spearman < score.high and ours.low <= ours.accuracy <= ours.high


@pytest.mark.parametrize("chunks", [(4096, 256, 2048), (7, 3, 11)])
def test_products_of_similarities(tmp_path, monkeypatch, chunks):
    for name, size in zip(("_QUESTIONS", "_CHUNK", "_COLUMNS"), chunks, strict=True):
        monkeypatch.setattr(outcomes, name, size)
    embeddings = random_case(2, tmp_path)
    words = {word.upper(): word for word in embeddings.index_to_key}
    for method in ("most_similar", "most_similar_cosmul"):
        right = used = 0
        for line in (tmp_path / "questions.txt").read_text().upper().splitlines()[1:]:
            if all(word in words for word in line.split()):
                a, b, c, d = (words[word] for word in line.split())
                used += 1
                right += getattr(embeddings, method)([b, c], [a], topn=1)[0][0] == d
        score = evaluate_analogies(embeddings, tmp_path / "questions.txt", similarity_function=method)
        assert score.sections == (("all", right, used),)
    with pytest.raises(
        QueryError, match="similarity_function is 'cosine'; it must be 'most_similar' or 'most_similar_cosmul'"
    ):
        evaluate_analogies(embeddings, tmp_path / "questions.txt", similarity_function="cosine")


def test_totals_and_unknown_words(tmp_path, embeddings):
    path = tmp_path / "questions.txt"
    path.write_text(QUESTIONS.replace("plurals", "gram8-plural"))
    score = evaluate_analogies(embeddings, path)
    assert score.totals == (("semantic", 2, 2), ("syntactic", 0, 1))
    assert score.unknown_words == ("bird", "birds")
    strict = evaluate_analogies(embeddings, path, dummy4unknown=True)
    assert (strict.accuracy, strict.used) == (2 / 4, 4)
    (tmp_path / "pairs.txt").write_text("athens greece 9\nzebra Oslo 1\n")
    assert evaluate_similarity(embeddings, tmp_path / "pairs.txt").unknown_words == ("zebra",)
    assert evaluate_similarity(embeddings, tmp_path / "pairs.txt", case_insensitive=False).unknown_words == ("zebra",)


def test_unknown_words_by_their_ngrams(tmp_path):
    rule = NgramRule(3, 3, 1000)
    buckets = sorted({*rule.buckets("cats"), *rule.buckets("dogs")})
    vectors = np.random.default_rng(0).standard_normal((len(buckets), 4)).astype(np.float32)
    embeddings = Embeddings(
        Vocabulary(("cat", "dog", "car"), [3, 2, 1]), np.eye(3, 4), subwords=Subwords(rule, buckets, vectors)
    )
    (tmp_path / "pairs.txt").write_text("cats dogs 9\ncats car 2\ncat car 3\nzzz cat 1\n")
    assert evaluate_similarity(embeddings, tmp_path / "pairs.txt").used == 1
    score = evaluate_similarity(embeddings, tmp_path / "pairs.txt", allow_inference=True)
    cosines = [embeddings.similarity(*pair) for pair in (("cats", "dogs"), ("cats", "car"), ("cat", "car"))]
    assert (score.used, score.unknown_words) == (3, ("zzz",))
    assert score.spearman == spearman([9, 2, 3], cosines)


@pytest.mark.parametrize(
    "content",
    [
        "a\tb c\t3\n",
        "# pairs\nWord 1\tWord 2\tHuman (mean)\na\tb c\t3\n",
        "\ufeffWord 1,Word 2,Human (mean)\r\na,b c,3\r\n",
        "word1 word2 score number\na,b c,3\n",
    ],
)
def test_headings_and_what_stands_between_words(tmp_path, content):
    (tmp_path / "pairs.csv").write_text(content)
    assert not is_analogy_file(tmp_path / "pairs.csv")
    assert read_word_pairs(tmp_path / "pairs.csv") == WordPairs((("a", "b c"),), (3.0,))


def test_words_of_questions_keep_their_bytes(tmp_path):
    (tmp_path / "questions.txt").write_bytes(b"a b c caf\xe9\x85\n")
    assert is_analogy_file(tmp_path / "questions.txt")
    assert read_analogies(tmp_path / "questions.txt").words == (("a", "b", "c", "caf\udce9\udc85"),)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=30))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_rank_correlation(pairs):
    first, second = zip(*pairs, strict=True)
    # Ranks from their definition: one more than the smaller ones and half of the equal others.
    ranks = [[sum(y < x for y in v) + (1 + sum(y == x for y in v)) / 2 for x in v] for v in (first, second)]
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert np.isnan(spearman(first, second))
    else:
        assert spearman(first, second) == pytest.approx(np.corrcoef(ranks)[0, 1])


@pytest.mark.parametrize(
    ("evaluate", "content", "message"),
    [
        (evaluate_similarity, "only words here\n", "has no line of two words and a score"),
        (evaluate_similarity, "", "has no line of two words and a score"),
        (evaluate_analogies, ": empty\n", "has no questions"),
        (evaluate_analogies, "a b c\n", "an analogy question is four words, not line 1, 'a b c'"),
        (
            evaluate_similarity,
            "a\tb\t1\n# x\na\tc\t1,5\n",
            r"file.txt: line 3 is no two words and a finite score: 'a\\tc\\t1,5'",
        ),
        (evaluate_similarity, "a b nan\na b 1\na b inf\n", "line 3 is no two words and a finite score: 'a b inf'"),
        (evaluate_similarity, "a b 1\n\t\t3\n", "line 2 is no two words and a finite score"),
    ],
)
def test_what_is_no_evaluation_file(tmp_path, embeddings, evaluate, content, message):
    (tmp_path / "file.txt").write_text(content)
    with pytest.raises(VectorFileError, match=message):
        evaluate(embeddings, tmp_path / "file.txt")
    with pytest.raises(SourceError, match="cannot read"):
        evaluate(embeddings, tmp_path / "missing.txt")


@pytest.mark.parametrize("evaluate", [evaluate_similarity, evaluate_analogies])
@pytest.mark.parametrize("restrict", [0, -1, 2.5, True])
def test_a_vocabulary_that_cannot_be_restricted_so(tmp_path, embeddings, evaluate, restrict):
    (tmp_path / "file.txt").write_text("a b 3\n" if evaluate is evaluate_similarity else "a b c d\n")
    with pytest.raises(QueryError, match=f"restrict_vocab is {restrict}; it must be a whole number of at least 1"):
        evaluate(embeddings, tmp_path / "file.txt", restrict)
