"""The options of gensim, word2vec.c and fastText: taken, or refused with what to write, and all of them in the documents."""

import inspect
import re
from pathlib import Path

import pytest

import w2v
from w2v import gensim_names, option_names
from w2v.commands.parsing import Parser
from w2v.config import OPTION_NAMES, TrainingConfig
from w2v.embeddings import Embeddings
from w2v.errors import ConfigError, UnknownWordError
from w2v.gensim_models import to_gensim
from w2v.model import Word2Vec
from w2v.option_names import command_hint, in_own_terms

DOCUMENT = (Path(__file__).parents[2] / "docs" / "from-other-tools.md").read_text()
NAMED = set(re.findall(r"`([^`\n]+)`", DOCUMENT))
CORPUS = {"self", "sentences", "corpus_file", "callbacks"}  # arguments of Word2Vec itself


def signatures():
    models = pytest.importorskip("gensim.models")
    return {kind: inspect.signature(getattr(models, kind).__init__).parameters for kind in ("Word2Vec", "FastText")}


@pytest.mark.parametrize("kind", ["Word2Vec", "FastText"])
def test_all_of_gensims_defaults_are_taken(kind):
    defaults = {name: option.default for name, option in signatures()[kind].items() if name not in CORPUS}
    config = TrainingConfig(**in_own_terms(defaults))
    assert config.threads == 3 and config.architecture == "cbow"  # gensim's defaults
    for name in set(defaults) & set(OPTION_NAMES):
        assert getattr(config, name) == defaults[name] == getattr(TrainingConfig(), name), name


def test_every_name_of_gensim_is_in_the_document():
    for parameters in signatures().values():
        assert set(parameters) - {"self"} <= NAMED
    models = pytest.importorskip("gensim.models")
    # what gensim leaves undocumented, or marks as used by itself alone, is no name for users
    plumbing = {"add_lifecycle_event", "log_accuracy", "log_evaluate_word_pairs", "load_word2vec_format", "init_sims"}
    ours = {name.split("(")[0] for name in NAMED}
    theirs = {name for name in dir(models.KeyedVectors) if not name.startswith("_")} - plumbing
    assert theirs - ours == set()
    assert set(gensim_names.ATTRIBUTES) - ours - {"accuracy", "syn0", "syn0norm", "init_sims"} == set()


def test_every_option_of_the_commands_is_in_the_document():
    names = {**option_names._WORD2VEC_C, **option_names._FASTTEXT}
    assert set(names) <= NAMED
    flags = {"--" + name.replace("_", "-") for name in OPTION_NAMES} | {"--output", "--quiet", "--start"}
    for here in filter(None, names.values()):
        assert here.startswith("CORPUS") or here.split()[0] in flags, here


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 50}, "size is a name of gensim 3; write vector_size=50"),
        ({"iter": 9}, "iter is a name of gensim 3; write epochs=9"),
        ({"workers": 2, "threads": 2}, "give either workers or threads"),
        ({"sg": 1, "architecture": "cbow"}, "give either sg or architecture"),
        ({"sg": 2}, "sg is 2; it must be 0 or 1"),
        ({"hs": 1}, "hs=1 without negative=0 trains both losses at once in gensim, .* write hs=1, negative=0"),
        ({"hs": 0, "loss": "full-softmax"}, "give either hs or loss"),
        ({"hashfxn": len}, r"hashfxn is <built-in function len>, but the first rows follow from the seed alone; leave it out"),
        ({"trim_rule": print}, "trim_rule is <built-in function print>, which is not supported: min_count alone decides .*"),
        ({"max_vocab_size": 10**6}, "max_vocab_size is 1000000, which is not supported: no word is dropped .*"),
        ({"max_vocab_size": 5}, "max_vocab_size is 5, which .*; max_final_vocab=N keeps the most frequent in the end"),
        ({"sorted_vocab": 0}, "sorted_vocab is 0, which is not supported: words are always numbered by their counts"),
        ({"batch_words": 100}, "batch_words is 100, which is not supported: blocks have about 10,000 words .*"),
        ({"null_word": 1}, "null_word is 1, which is not supported: there is no word for padding"),
        ({"comment": "mine"}, "comment is 'mine', which is not supported: there is no place to keep it"),
        ({"word_ngrams": 2}, "word_ngrams is 2, which is not supported: only n-grams of characters are there; .*"),
        ({"vector_siz": 5}, r"unknown option 'vector_siz' \(do you mean vector_size\?\); there are vector_size, window, .*"),
        ({"zzz": 5}, "unknown option 'zzz'; there are vector_size, window, .*"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_says_what_to_write(options, message):
    with pytest.raises(ConfigError) as caught:
        in_own_terms(options)
    assert re.fullmatch(message, str(caught.value)), caught.value


def test_values_that_mean_the_same():
    assert in_own_terms(
        {"workers": 4, "shrink_windows": False, "compute_loss": True, "trim_rule": None, "hs": 0, "sorted_vocab": True}
    ) == {
        "threads": 4,
        "shrink_windows": False,
        "loss": "negative-sampling",
    }
    assert in_own_terms({"hs": 1, "negative": 0, "sg": 1}) == {
        "loss": "hierarchical-softmax",
        "architecture": "skip-gram",
    }


def test_options_of_other_commands_are_known():
    assert command_hint(["corpus.txt", "-minCount", "3"]) == "; fastText's -minCount is --min-count here"
    assert command_hint(["-classes", "3"]) == "; word2vec.c's -classes is not there"
    assert command_hint(["--window", "3"]) == ""
    parser = Parser(prog="w2v")
    with pytest.raises(
        ConfigError, match=r"unrecognized arguments: -cbow 1 .*word2vec\.c's -cbow is --architecture cbow here"
    ):
        parser.parse_args(["-cbow", "1"])


def test_the_document_tells_of_nothing_that_is_not_there():
    for name in re.findall(r"\bwv\.(\w+)\(", DOCUMENT):
        assert hasattr(Embeddings, name), name


def test_names_of_gensims_modules_say_what_to_write():
    for name, hint in gensim_names.MODULE_ATTRIBUTES.items():
        with pytest.raises(AttributeError) as caught:
            getattr(w2v, name)
        assert str(caught.value) == f"module 'w2v' has no attribute {name!r}; {hint}"
        assert all(hasattr(w2v, word) for word in re.findall(r"write (\w+)", hint)), hint
    with pytest.raises(AttributeError, match=r"module 'w2v' has no attribute 'colour'$"):
        w2v.colour


def test_a_model_has_its_options_and_explains_gensims_names():
    model = Word2Vec([["a", "b"], ["b", "a"]] * 10, vector_size=4, min_count=1, epochs=2, workers=1)
    assert (model.epochs, model.vector_size, model.min_count, model.threads) == (2, 4, 1, 1)
    for name, hint in gensim_names.MODEL_ATTRIBUTES.items():
        with pytest.raises(AttributeError) as caught:
            getattr(model, name)
        assert str(caught.value) == f"'Word2Vec' object has no attribute {name!r}; {hint}"
    with pytest.raises(AttributeError, match="'Word2Vec' object has no attribute 'colour'"):
        model.colour
    assert repr(model) == "<Word2Vec: 2 words of 4 numbers>"
    assert repr(Word2Vec()) == "<Word2Vec: not trained>"


def test_every_public_name_of_gensims_model_is_there_or_explained():
    models = pytest.importorskip("gensim.models")
    model = Word2Vec([["a", "b"], ["b", "a"]] * 10, vector_size=4, min_count=1)
    theirs = {name for name in dir(models.Word2Vec) if not name.startswith("_")}
    steps = {"add_lifecycle_event", "add_null_word", "create_binary_tree", "init_weights", "make_cum_table", "prepare_weights",
             "seeded_vector", "update_weights"}  # of gensim's own training  # fmt: skip
    missing = {
        name for name in theirs - steps if not hasattr(model, name) and name not in gensim_names.MODEL_ATTRIBUTES
    }
    assert not missing
    assert all(not hasattr(model, name) for name in gensim_names.MODEL_ATTRIBUTES)


@pytest.mark.parametrize("options", [{"sg": 1}, {"sg": 0}, {"sg": 0, "cbow_mean": 0}])
def test_gensim_predicts_the_same_words(options):
    pytest.importorskip("gensim.models")
    sentences = [["a", "b", "c", "d"], ["c", "a", "e", "b"]] * 50
    model = Word2Vec(sentences, vector_size=6, min_count=1, alpha=0.2, sample=0, **options)
    peer = to_gensim(model.wv, model.config)
    for context in (["a"], ["a", "d", "e"]):
        ours, theirs = (asked.predict_output_word(context, topn=5) for asked in (model, peer))
        assert [word for word, _ in ours] == [word for word, _ in theirs]
        assert [share for _, share in ours] == pytest.approx([share for _, share in theirs], rel=1e-4)
    assert sum(share for _, share in model.predict_output_word(["a"], topn=99)) == pytest.approx(1)
    with pytest.raises(UnknownWordError, match="the word 'zz' is not in the vocabulary of 5 words"):
        model.predict_output_word(["a", "zz"])
    with pytest.raises(ConfigError, match="by models of negative sampling; the loss of this one is full-softmax"):
        Word2Vec(sentences, vector_size=6, min_count=1, loss="full-softmax").predict_output_word(["a"])
