"""The transformer by scikit-learn's own checks, as far as they are for text, and by its formulas."""

import inspect
import pickle
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("sklearn")
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks

from tests.test_w2v.planted import topics
from w2v.config import TrainingConfig
from w2v.embeddings import Embeddings
from w2v.errors import ConfigError, CorpusError
from w2v.estimator import _OWN, Word2VecTransformer
from w2v.formats import write_vectors
from w2v.subwords import NgramRule, Subwords
from w2v.vocabulary import Vocabulary

WORDS = ("a", "b", "c")
EMBEDDINGS = Embeddings(Vocabulary(WORDS, [3, 2, 1]), [[1, 0, 2], [0, 2, 1], [-1, 1, 0]])
DOCUMENTS = ["a b", "a a c", ["b", "x"], "a"]

# scikit-learn leaves its checks of fitting out for estimators of text, its own too, since it has no text to fit them with;
# the tests below do on text what those do on arrays. These need no data.
CHECKS = [
    "check_estimator_cloneable",
    "check_estimator_tags_renamed",
    "check_valid_tag_types",
    "check_estimator_repr",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_mixin_order",
    "check_get_params_invariance",
    "check_set_params",
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_scikit_learns_checks():
    results = estimator_checks.check_estimator(Word2VecTransformer(), on_skip=None)
    assert results and {result["status"] for result in results} <= {"passed", "skipped"}


@pytest.mark.parametrize("name", CHECKS)
def test_checks_that_need_no_data(name):
    getattr(estimator_checks, name)("Word2VecTransformer", Word2VecTransformer())


def test_training_options_and_defaults_are_those_of_a_config():
    parameters = inspect.signature(Word2VecTransformer).parameters
    options = [name for name in parameters if name not in _OWN]
    assert len(options) == 22
    for name in options:
        assert parameters[name].default == getattr(TrainingConfig(), name), name


def by_hand(weights, words, divisor):
    total = sum(weights[word] * EMBEDDINGS[word].astype(float) for word in words if word in WORDS)
    return total / divisor


def test_mean():
    found = Word2VecTransformer(vectors=EMBEDDINGS).fit_transform(DOCUMENTS)
    ones = dict.fromkeys(WORDS, 1)
    expected = [by_hand(ones, "ab", 2), by_hand(ones, "aac", 3), by_hand(ones, "b", 1), by_hand(ones, "a", 1)]
    assert found.dtype == np.float32 and np.allclose(found, expected, rtol=1e-6)


def test_idf_weights_are_scikit_learns():
    transformer = Word2VecTransformer(vectors=EMBEDDINGS, weighting="idf").fit(DOCUMENTS)
    peer = TfidfVectorizer(analyzer=lambda document: list(document) if isinstance(document, list) else document.split())
    peer.fit(DOCUMENTS)
    idf = {word: peer.idf_[peer.vocabulary_[word]] for word in WORDS}
    assert transformer.word_weights_ == pytest.approx([idf[word] for word in WORDS])
    found = transformer.transform(["a b zzz"])
    assert found[0] == pytest.approx(by_hand(idf, "ab", idf["a"] + idf["b"]), rel=1e-6)


def test_sif_takes_the_common_direction_out():
    transformer = Word2VecTransformer(vectors=EMBEDDINGS, weighting="sif", sif_a=0.1).fit(DOCUMENTS)
    counts = {"a": 4, "b": 2, "c": 1}
    weights = {word: 0.1 / (0.1 + count / 7) for word, count in counts.items()}
    assert transformer.word_weights_ == pytest.approx([weights[word] for word in WORDS])
    means = np.array(
        [by_hand(weights, "ab", 2), by_hand(weights, "aac", 3), by_hand(weights, "b", 1), by_hand(weights, "a", 1)]
    )
    first = np.linalg.svd(means)[2][0]
    expected = means - np.outer(means @ first, first)
    # Means are kept in float32, 24 bits of numbers below 2; eigenvectors of a 3 by 3 matrix amplify that by its gap, below 10.
    assert np.abs(transformer.transform(DOCUMENTS) - expected).max() < 10 * 2**-22
    assert np.abs(transformer.transform(DOCUMENTS) @ first).max() < 10 * 2**-22


def test_words_of_ngrams_and_documents_without_words():
    rule = NgramRule(3, 3, 100)
    buckets = sorted(set(rule.buckets("new")))
    subwords = Subwords(rule, buckets, np.arange(3 * len(buckets), dtype=np.float32).reshape(-1, 3))
    embeddings = Embeddings(EMBEDDINGS.vocabulary, EMBEDDINGS.vectors, subwords=subwords)
    transformer = Word2VecTransformer(vectors=embeddings).fit(DOCUMENTS)
    both = transformer.transform(["new a", "", "zzzz", []])
    assert both[0] == pytest.approx((embeddings["new"] + embeddings["a"]) / 2, rel=1e-6)
    assert not both[1:].any()
    weighed = Word2VecTransformer(vectors=embeddings, weighting="idf").fit(DOCUMENTS)
    a, new = weighed.word_weights_[0], weighed.word_weights_.max()
    assert weighed.transform(["new a"])[0] == pytest.approx(
        (new * embeddings["new"] + a * embeddings["a"]) / (new + a), rel=1e-5
    )


def test_strings_are_split_and_lowered_as_asked():
    lowered = Word2VecTransformer(vectors=EMBEDDINGS, lowercase=True).fit(DOCUMENTS)
    assert np.array_equal(lowered.transform(["A, b!"]), lowered.transform([["A", "B"]]))
    by_space = Word2VecTransformer(vectors=EMBEDDINGS, tokenizer="whitespace").fit(DOCUMENTS)
    assert np.array_equal(by_space.transform(["a, b"]), by_space.transform([["b"]]))


@pytest.fixture(scope="module")
def labeled():
    documents = [" ".join(sentence) for sentence in topics(600)]
    return documents, [document[0] for document in documents]


def test_training_in_a_pipeline_and_a_search(labeled):
    documents, labels = labeled
    pipeline = make_pipeline(Word2VecTransformer(vector_size=12, min_count=1, sample=0), LogisticRegression())
    grid = {"word2vectransformer__weighting": ["mean", "sif"]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(documents, labels)
    assert search.best_score_ > 0.95  # sentences of planted topics, whose words never mix
    assert search.predict(documents[:3]).tolist() == labels[:3]


def test_fitting_again_gives_the_same_and_changes_no_parameter(labeled):
    documents = labeled[0]
    transformer = Word2VecTransformer(vector_size=8, min_count=1)
    before = transformer.get_params()
    first = transformer.fit(documents).transform(documents)
    assert transformer.get_params() == before
    assert np.array_equal(clone(transformer).fit(iter(documents)).transform(documents), first)
    assert np.array_equal(transformer.fit(documents).transform(documents), first)
    assert np.array_equal(pickle.loads(pickle.dumps(transformer)).transform(documents), first)  # noqa: S301
    assert np.array_equal(transformer.transform(documents[5:9]), first[5:9])
    assert transformer.get_feature_names_out().tolist() == [f"word2vectransformer{i}" for i in range(8)]


def test_vectors_of_a_file_and_of_memory(tmp_path):
    write_vectors(EMBEDDINGS, tmp_path / "v.txt")
    by_path = Word2VecTransformer(vectors=tmp_path / "v.txt").fit_transform(DOCUMENTS)
    copied = clone(Word2VecTransformer(vectors=EMBEDDINGS))
    assert copied.vectors is EMBEDDINGS  # they never change, so there need not be two
    assert np.array_equal(by_path, copied.fit_transform(DOCUMENTS))


@pytest.mark.parametrize(
    ("options", "documents", "error", "message"),
    [
        ({}, "one text", CorpusError, "'one text' is one document; give a list of documents"),
        ({}, 5, CorpusError, "5 is no sequence of documents"),
        (
            {},
            np.array([["a b"], ["c"]]),
            CorpusError,
            r"ndarray is no sequence of documents, .*; of a table give the column .*",
        ),
        ({}, {"text": ["a b"]}, CorpusError, r"dict is no sequence of documents, .*: table\['text'\]"),
        ({}, ["a", b"a b"], CorpusError, "document 2 has b'a b' in it; a document is a string, or a list of words"),
        ({}, [["a"], 5], CorpusError, "document 2 has 5 in it; a document is a string, or a list of words"),
        ({}, [["a", None]], CorpusError, "document 1 has None in it; a document is a string, or a list of words"),
        ({"weighting": "tfidf"}, ["a"], ConfigError, "weighting is 'tfidf'; it must be one of mean, idf, sif"),
        ({"sif_a": 0}, ["a"], ConfigError, "sif_a is 0; it must be a positive number"),
        ({"window": 0}, ["a"], ConfigError, "window is 0; it must be a whole number from 1 to 10000"),
        (
            {"vectors": EMBEDDINGS, "window": 3},
            ["a"],
            ConfigError,
            "vectors are given, so window=3 would mean nothing; ",
        ),
    ],
)
def test_what_cannot_be_fitted(options, documents, error, message):
    with pytest.raises(error, match=message):
        Word2VecTransformer(**options).fit(documents)


def test_a_generator_is_fitted_and_transformed():
    transformer = Word2VecTransformer(vectors=EMBEDDINGS)
    expected = transformer.fit_transform(DOCUMENTS)
    assert len(expected) == len(DOCUMENTS)
    assert np.array_equal(transformer.fit_transform(document for document in DOCUMENTS), expected)


def test_tables_of_pandas_keep_their_index():
    pandas = pytest.importorskip("pandas")
    texts = pandas.Series([" ".join(words) for words in DOCUMENTS], index=range(7, 7 + len(DOCUMENTS)), name="text")
    transformer = Word2VecTransformer(vectors=EMBEDDINGS).set_output(transform="pandas")
    table = transformer.fit_transform(texts)
    assert list(table.index) == list(texts.index) and list(table.columns) == list(transformer.get_feature_names_out())
    with pytest.raises(CorpusError, match="DataFrame is no sequence of documents"):
        transformer.fit(texts.to_frame())


def test_what_is_not_fitted():
    with pytest.raises(NotFittedError):
        Word2VecTransformer().transform(["a"])


def test_without_scikit_learn_one_line_says_what_to_install():
    code = (
        "import sys; sys.modules['sklearn.base'] = None\n"
        "try: import w2v.estimator\n"
        "except ImportError as error: print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == (
        "MissingExtraError a transformer for scikit-learn needs sklearn; install it with: pip install 'lagrangian-w2v[sklearn]'\n"
    ), done.stderr
    code = "import sys, w2v, w2v.model; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
