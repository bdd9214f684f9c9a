"""gensim's models from ours and back, and training that goes on there."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from tests.test_w2v.test_formats import embeddings_of
from w2v.config import TrainingConfig
from w2v.corpus import read_corpus
from w2v.embeddings import Embeddings
from w2v.errors import ConfigError, MissingExtraError, W2VError
from w2v.formats import read_config, read_vectors, write_vectors
from w2v.gensim_models import config_from_gensim, from_gensim, to_gensim
from w2v.trainer import train
from w2v.vocabulary import Vocabulary

models = pytest.importorskip("gensim.models")
SENTENCES = [["größe", "zählt", "nicht", "immer"], ["größe", "zählt"], ["immer", "größe"]] * 30


def trained(**options):
    config = TrainingConfig(**{"vector_size": 12, "min_count": 1, "epochs": 1, "sample": 0, **options})
    return train(read_corpus(SENTENCES), config)[0], config


def test_keyed_vectors_both_ways():
    vectors = np.random.default_rng(1).standard_normal((3, 7))
    embeddings = Embeddings(Vocabulary(("one", "two", "größe"), [3, 2, 1]), vectors)
    theirs = to_gensim(embeddings)
    assert type(theirs) is models.KeyedVectors and theirs.index_to_key == embeddings.index_to_key
    assert theirs.vectors.tobytes() == embeddings.vectors.tobytes()
    assert [theirs.get_vecattr(word, "count") for word in theirs.index_to_key] == [3, 2, 1]
    for (word, cosine), (other, same) in zip(theirs.most_similar("one"), embeddings.most_similar("one"), strict=True):
        assert (
            word == other and abs(cosine - same) < 10 * 2.0**-24
        )  # seven products of numbers of at most 1, in float32
    back = from_gensim(theirs)
    assert back.vectors.tobytes() == embeddings.vectors.tobytes() and back.index_to_key == embeddings.index_to_key
    assert back.vocabulary.counts.tolist() == [3, 2, 1] and back.outputs is None and back.subwords is None
    theirs.vectors[:] = 0  # an array of its own
    assert embeddings.vectors.any()


def test_what_gensim_saves_and_loads_is_the_same(tmp_path):
    """Its own files are pickles, which gensim alone loads."""
    embeddings, config = trained()
    to_gensim(embeddings, config).save(str(tmp_path / "model"))
    back = from_gensim(models.Word2Vec.load(str(tmp_path / "model")))
    assert back.vectors.tobytes() == embeddings.vectors.tobytes()
    assert back.outputs.tobytes() == embeddings.outputs.tobytes()
    to_gensim(embeddings).save(str(tmp_path / "vectors"))
    assert from_gensim(models.KeyedVectors.load(str(tmp_path / "vectors"))).index_to_key == embeddings.index_to_key


@pytest.mark.parametrize("options", [{}, {"architecture": "cbow", "cbow_mean": 0}, {"negative": 3, "ns_exponent": 0.5}])
def test_whole_models_both_ways(tmp_path, options):
    embeddings, config = trained(**options)
    write_vectors(embeddings, tmp_path / "v.npz", config)
    theirs = to_gensim(read_vectors(tmp_path / "v.npz"), read_config(tmp_path / "v.npz"))
    assert theirs.wv.index_to_key == embeddings.index_to_key
    assert theirs.wv.vectors.tobytes() == embeddings.vectors.tobytes()
    assert theirs.syn1neg.tobytes() == embeddings.outputs.tobytes()
    assert config_from_gensim(theirs) == config
    back = from_gensim(theirs)
    assert back.outputs.tobytes() == embeddings.outputs.tobytes()
    assert back.vocabulary.counts.tolist() == embeddings.vocabulary.counts.tolist()
    theirs.train(SENTENCES, total_examples=len(SENTENCES), epochs=2)
    moved = from_gensim(theirs)
    assert not np.array_equal(moved.vectors, embeddings.vectors)
    assert not np.array_equal(moved.outputs, embeddings.outputs)


def test_a_model_of_gensims_own():
    theirs = models.Word2Vec(SENTENCES, vector_size=12, min_count=1, sg=1, epochs=1, negative=4, seed=5, window=3)
    config = config_from_gensim(theirs)
    assert (config.window, config.negative, config.seed, config.loss) == (3, 4, 5, "negative-sampling")
    embeddings = from_gensim(theirs)
    assert embeddings.vectors.tobytes() == theirs.wv.vectors.tobytes()
    assert embeddings.outputs.tobytes() == theirs.syn1neg.tobytes()
    assert to_gensim(embeddings, config).wv.vectors.tobytes() == theirs.wv.vectors.tobytes()


def test_the_tree_of_hierarchical_softmax_goes_with_its_rows():
    """Words of equal counts: gensim scores each word as the rows were trained, by the tree that they were trained with."""
    options = {
        "vector_size": 12,
        "min_count": 1,
        "epochs": 50,
        "sample": 0,
        "alpha": 0.5,
        "loss": "hierarchical-softmax",
    }
    config = TrainingConfig(**options)
    embeddings, _ = train(read_corpus([["a", "b"], ["c", "d"], ["e", "f"]] * 30), config)
    theirs = to_gensim(embeddings, config)
    first, second = (embeddings.vocabulary.index(word) for word in "ab")
    expected = log_probability(embeddings, first, second) + log_probability(embeddings, second, first)
    # in gensim's table x + 6 counts 83 steps a unit where there are 1000/12: an argument is off by 0.036 at most, and so
    # is the logarithm of its logistic function, at each of three nodes of two words; beyond 6, where it is 0.0025, it is 0
    assert abs(theirs.score([["a", "b"]], total_sentences=1)[0] - expected) <= 0.036 * 6
    theirs.create_binary_tree()
    assert abs(theirs.score([["a", "b"]], total_sentences=1)[0] - expected) > 1  # gensim's own tree is another
    assert config_from_gensim(theirs) == config and from_gensim(theirs).outputs is None


def log_probability(embeddings, center, context):
    from w2v.huffman import huffman_paths

    paths = huffman_paths(embeddings.vocabulary.counts)
    way = slice(paths.starts[center], paths.starts[center + 1])
    scores = embeddings.outputs[paths.nodes[way]] @ embeddings.vectors[context]
    signs = np.where(paths.turns[way] == 1, 1, -1)
    return -np.log1p(np.exp(-signs * scores)).sum()


def test_models_of_words_made_of_ngrams():
    embeddings, config = trained(subwords=True, min_n=2, max_n=3, bucket=5000)
    theirs = to_gensim(embeddings, config)
    assert type(theirs) is models.FastText and config_from_gensim(theirs) == config
    assert theirs.wv.vectors.tobytes() == embeddings.vectors.tobytes()
    theirs.wv.adjust_vectors()  # makes the vectors of their parts anew
    # sums of at most 12 rows of numbers below 1, rounded in float32, a word's own by m times its vector's rounding
    assert np.abs(theirs.wv.vectors - embeddings.vectors).max() <= 40 * 2.0**-24
    known = "größezählt"[:5]  # all of whose n-grams but the last are in the text
    assert len(embeddings.subwords.rows(known)) > 0
    back = from_gensim(theirs)
    assert back.subwords.rule == embeddings.subwords.rule and back["größe"].shape == (12,)
    assert np.array_equal(back.subwords.vectors[embeddings.subwords.buckets], embeddings.subwords.vectors)
    theirs.train(SENTENCES, total_examples=len(SENTENCES), epochs=1)
    assert not np.array_equal(from_gensim(theirs).subwords.vectors, back.subwords.vectors)


def test_fasttexts_format_by_way_of_gensim(tmp_path):
    embeddings, config = trained(subwords=True, min_n=2, max_n=3, bucket=500)
    models.fasttext.save_facebook_model(to_gensim(embeddings, config), str(tmp_path / "m.bin"))
    back = read_vectors(tmp_path / "m.bin")
    assert back.index_to_key == embeddings.index_to_key and back.subwords.rule == embeddings.subwords.rule
    assert back.vocabulary.counts.tolist() == embeddings.vocabulary.counts.tolist()
    assert back.outputs.tobytes() == embeddings.outputs.tobytes()
    # as for the vectors that gensim makes of their parts
    assert np.abs(back.vectors - embeddings.vectors).max() <= 40 * 2.0**-24


def test_unseen_words_of_gensims_own_ngrams():
    theirs = models.FastText(SENTENCES, vector_size=12, min_count=1, min_n=2, max_n=3, bucket=50, epochs=1)
    ours = from_gensim(theirs)
    back = to_gensim(ours)
    for word in ("größe", "unbekannt", "日本"):
        assert np.abs(ours[word] - theirs.wv[word]).max() <= 30 * 2.0**-24  # means of at most 20 numbers below 1
        assert np.abs(back[word] - theirs.wv[word]).max() <= 30 * 2.0**-24


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({"outputs": None}, {}, "a whole model needs the output rows, which .npz and .safetensors keep"),
        ({"vocabulary": Vocabulary(("a", "b", "c"), [1, 1, 0])}, {}, "a whole model needs the counts of the words"),
        ({}, {"loss": "full-softmax"}, "gensim has no full-softmax; leave config out"),
        ({}, {"vector_size": 5}, "vector_size is 5, but the vectors have 7 numbers"),
    ],
)
def test_what_is_missing_for_a_whole_model(change, options, message):
    embeddings = replace(embeddings_of(["a", "b", "c"]), **{"outputs": np.ones((3, 7)), **change})
    with pytest.raises(W2VError, match=message):
        to_gensim(embeddings, TrainingConfig(**{"vector_size": 7, **options}))


def test_what_is_no_model():
    with pytest.raises(W2VError, match="KeyedVectors is no Embeddings of this package, such as a model's wv"):
        to_gensim(models.KeyedVectors(3))
    with pytest.raises(W2VError, match="dict is no model of gensim's: it has no index_to_key"):
        from_gensim({})
    with pytest.raises(W2VError, match="KeyedVectors is no Word2Vec or FastText of gensim's"):
        config_from_gensim(models.KeyedVectors(3))
    numbered = models.KeyedVectors(2)
    numbered.add_vectors([7], [[1.0, 2.0]])
    with pytest.raises(W2VError, match="the model has the key 7, which is no word"):
        from_gensim(numbered)
    broken = models.KeyedVectors(2)
    broken.add_vectors(["a"], [[1.0, np.nan]])
    with pytest.raises(W2VError, match="the model's arrays are not sound: the vector of 'a' is not finite"):
        from_gensim(broken)
    both = models.Word2Vec(SENTENCES, vector_size=4, min_count=1, hs=1, negative=5, epochs=1)
    with pytest.raises(ConfigError, match="hierarchical softmax and negative sampling at once"):
        config_from_gensim(both)


def test_gensim_that_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    with pytest.raises(MissingExtraError, match=r"a model of gensim's needs gensim; .*lagrangian-w2v\[gensim\]"):
        to_gensim(Embeddings(Vocabulary(("a",), [1]), [[1.0]]))
