"""Training as a whole: what it learns, reports and repeats."""

from dataclasses import replace

import numpy as np
import pytest

from tests.test_w2v.planted import topics
from w2v import Progress, TrainingConfig, Word2Vec, read_corpus, train
from w2v.errors import ConfigError, CorpusError, DivergenceError
from w2v.schedule import shuffled_sentences


@pytest.fixture(scope="module")
def corpus():
    return read_corpus(topics())


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    "options", [{}, {"vector_size": 7, "negative": 2}, {"vector_size": 33, "negative": 12, "window": 3}]
)
def test_words_of_one_topic_come_together(corpus, threads, options):
    config = TrainingConfig(**{"vector_size": 20, "sample": 0.0, "epochs": 3, "threads": threads, **options})
    embeddings, report = train(corpus, config)
    for word in corpus.vocabulary:
        # 19 words share its topic; with 20 words a topic and 5 topics chance would give two or three of ten
        neighbors = [neighbor for neighbor, _ in embeddings.most_similar(word, topn=10)]
        assert sum(neighbor[0] == word[0] for neighbor in neighbors) >= 9
    assert report.epoch_losses[2] < report.epoch_losses[0]
    assert report.trained_tokens == report.tokens == 48_000
    assert report.vocabulary_size == 100


def test_the_loss_starts_at_that_of_the_zero_output_rows(corpus):
    _, report = train(corpus, TrainingConfig(alpha=1e-9, min_alpha=0.0, epochs=1, negative=7, sample=0.0))
    assert report.loss == pytest.approx(8 * np.log(2), rel=1e-6)  # every score is 0, and -log σ(0) = log 2


def test_the_output_rows_come_with_the_vectors():
    sentences = [["a", "b"]] * 500
    model = Word2Vec(sentences, vector_size=5, window=1, negative=1, sample=0.0, min_count=1, alpha=0.5, epochs=20)
    scores = model.syn1neg @ model.wv.vectors.T
    # a word that is always the center of the other's window, and its negative in all others: its score grows without bound
    assert scores[0, 1] > 3 and scores[1, 0] > 3 and scores[0, 0] < -3 and scores[1, 1] < -3
    assert model.syn1neg.shape == (2, 5) and not model.syn1neg.flags.writeable
    assert read_corpus(sentences, min_count=1).vocabulary.words == tuple(model.wv.index_to_key)


def test_one_thread_repeats_itself_bit_for_bit(corpus):
    runs = [train(corpus, TrainingConfig(vector_size=20, epochs=2, seed=seed)) for seed in (3, 3, 4)]
    assert runs[0][0].vectors.tobytes() == runs[1][0].vectors.tobytes()
    assert runs[0][1].epoch_losses == runs[1][1].epoch_losses
    assert runs[0][0].vectors.tobytes() != runs[2][0].vectors.tobytes()


def test_shuffling_is_training_on_the_shuffled_text():
    random = np.random.default_rng(1)
    sentences = [random.integers(0, 30, length).astype(str).tolist() for length in random.integers(1, 400, 300)]
    corpus = read_corpus(sentences)
    ends, shifts = shuffled_sentences(corpus.ends, seed=5)
    lengths = np.diff(ends, prepend=0)
    moved = replace(corpus, ids=corpus.ids[np.arange(len(corpus.ids)) + np.repeat(shifts, lengths)], ends=ends)
    assert not np.array_equal(moved.ids, corpus.ids)
    config = TrainingConfig(vector_size=20, epochs=2, seed=5)
    shuffled, report = train(corpus, config)
    in_order, same = train(moved, replace(config, shuffle=False))
    assert shuffled.vectors.tobytes() == in_order.vectors.tobytes()
    assert report.epoch_losses == same.epoch_losses


def test_threads_draw_what_one_thread_draws(corpus):
    """Where hardly anything is learned, so that it does not matter what threads see of each other's updates."""
    options = {"vector_size": 20, "epochs": 2, "alpha": 1e-9, "min_alpha": 0.0}
    one, two = (train(corpus, TrainingConfig(**options, threads=threads))[1] for threads in (1, 2))
    assert one.pairs == two.pairs
    assert one.loss == pytest.approx(two.loss, rel=1e-6)


@pytest.mark.parametrize(
    ("sentences", "options"),
    [
        ([["a", "b"]] * 30, {"negative": 5}),
        ([["a"]] * 30, {}),
        ([["a", "a", "a"]] * 30, {}),
        ([["a", "b", "c"]] * 30, {"negative": 50, "window": 40}),
        ([["x", "y"] * 40_000], {"vector_size": 3}),
        ([["a", "b"]] * 30, {"sample": 1e-12}),
    ],
)
def test_corpora_at_the_edge(sentences, options):
    model = Word2Vec(sentences, **{"vector_size": 5, "epochs": 2, **options})
    assert np.isfinite(model.wv.vectors).all()
    assert np.isfinite(model.report.loss)


def test_progress_is_reported_up_to_the_end(corpus):
    seen = []
    train(corpus, TrainingConfig(vector_size=20, epochs=2), seen.append)
    assert all(isinstance(progress, Progress) for progress in seen)
    assert seen[-1].tokens_done == seen[-1].tokens_total == 96_000
    assert [progress.tokens_done for progress in seen] == sorted(progress.tokens_done for progress in seen)
    assert all(0 <= progress.tokens_per_s < np.inf for progress in seen) and seen[-1].tokens_per_s > 0
    assert 0 < seen[-1].learning_rate < 0.025 and 0 < seen[-1].loss < 5


def test_an_exception_from_the_callback_ends_the_training(corpus):
    def interrupt(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(corpus, TrainingConfig(epochs=100_000, threads=2), interrupt)


def test_a_learning_rate_that_is_far_too_great(corpus):
    with pytest.raises(DivergenceError, match=r"not finite after training with alpha 1e\+30; lower it"):
        train(corpus, TrainingConfig(alpha=1e30, vector_size=20))


def test_gensims_way_of_calling():
    model = Word2Vec(sentences=(sentence for sentence in topics(1_000)), vector_size=10, min_count=1, epochs=2)
    assert model.wv.vectors.shape == (100, 10)
    assert len(model.wv.most_similar(positive=["a1"], topn=3)) == 3


def test_wrong_calls_of_word2vec():
    with pytest.raises(ConfigError, match="size is a name of gensim 3; write vector_size=3"):
        Word2Vec([["a"]], size=3)
    with pytest.raises(CorpusError, match="give either sentences or corpus_file"):
        Word2Vec([["a"]], corpus_file="text.txt")
    with pytest.raises(CorpusError, match="give either sentences or corpus_file"):
        Word2Vec().train()
    with pytest.raises(AttributeError, match="there is no wv yet: this model is not trained"):
        _ = Word2Vec().wv
    with pytest.raises(AttributeError, match="'Word2Vec' object has no attribute 'size'"):
        _ = Word2Vec().size


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("vector_size", 0, "vector_size is 0; it must be a whole number from 1 to 100000"),
        ("window", 2.5, r"window is 2\.5; it must be a whole number"),
        ("epochs", True, "epochs is True; it must be a whole number"),
        ("negative", -1, "negative is -1; it must be a whole number"),
        ("threads", "2", "threads is '2'; it must be a whole number"),
        ("seed", -1, "seed is -1; it must be a whole number from 0"),
        ("sample", -0.1, r"sample is -0\.1; it must be a finite number of at least 0"),
        ("sample", float("nan"), "sample is nan; it must be a finite number"),
        ("ns_exponent", float("inf"), "ns_exponent is inf; it must be a finite number$"),
        ("alpha", 0, r"alpha is 0 and min_alpha 0\.0001; alpha must be positive and the greater"),
        ("shuffle", 1, "shuffle is 1; it must be True or False"),
        ("min_alpha", 0.5, r"alpha is 0\.025 and min_alpha 0\.5"),
        (
            "loss",
            "hinge",
            "loss is 'hinge'; it must be one of negative-sampling, sampled-softmax, full-softmax, hierarchical",
        ),
        ("architecture", 1, "architecture is 1; it must be one of skip-gram, cbow"),
        ("cbow_exact", 1, "cbow_exact is 1; it must be True or False"),
        ("cbow_mean", 2, "cbow_mean is 2; it must be a whole number from 0 to 1"),
        ("cbow_mean", 0, "cbow_mean is 0, but the architecture is skip-gram; it goes with cbow"),
        (
            "shared_candidates",
            2,
            "shared_candidates is 2, but the loss is negative-sampling; .* sampled-softmax or noise",
        ),
        (
            "distinct_candidates",
            True,
            "distinct_candidates is True, but the loss is negative-sampling; it goes",
        ),
        (
            "uncorrected_center",
            True,
            "uncorrected_center is True, but the loss is .*; it goes with sampled-softmax$",
        ),
    ],
)
def test_options_out_of_range(option, value, message):
    with pytest.raises(ConfigError, match=message):
        TrainingConfig(**{option: value})


LOSSES_OF_GENSIM = [
    ({}, "negative-sampling", "skip-gram"),
    ({"sg": 1}, "negative-sampling", "skip-gram"),
    ({"sg": 0, "hs": 0}, "negative-sampling", "cbow"),
    ({"sg": 1, "hs": 1, "negative": 0}, "hierarchical-softmax", "skip-gram"),
    ({"sg": 0, "cbow_mean": 0, "hs": 1, "negative": 0}, "hierarchical-softmax", "cbow"),
]


@pytest.mark.parametrize(("options", "loss", "architecture"), LOSSES_OF_GENSIM)
def test_gensims_names_of_losses(options, loss, architecture):
    config = Word2Vec([["a", "b", "c"]] * 20, vector_size=4, epochs=1, **options).config
    assert (config.loss, config.architecture) == (loss, architecture)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hs": 1}, "hs=1 without negative=0 trains both losses at once in gensim, .*; write hs=1, negative=0"),
        ({"hs": 2}, "hs is 2; it must be 0 or 1"),
        ({"sg": "yes"}, "sg is 'yes'; it must be 0 or 1"),
        ({"sg": 1, "architecture": "cbow"}, "give either sg or architecture"),
        ({"hs": 0, "negative": 0}, "negative is 0; it must be a whole number"),
    ],
)
def test_gensims_names_that_mean_something_else_here(options, message):
    with pytest.raises(ConfigError, match=message):
        Word2Vec([["a", "b", "c"]] * 20, **options)


def test_numpys_numbers_are_numbers():
    assert TrainingConfig(window=np.int64(3), alpha=np.float32(0.5)).window == 3


@pytest.mark.parametrize("options", [{}, {"loss": "noise-contrastive"}], ids=str)
def test_windows_that_do_not_shrink_have_every_pair_within_reach(options):
    lengths, window = (1, 2, 5, 9, 30), 4
    sentences = [[f"w{i % 7}" for i in range(length)] for length in lengths]
    config = TrainingConfig(
        vector_size=8, window=window, shrink_windows=False, sample=0, min_count=1, negative=2, epochs=3, **options
    )
    _, report = train(read_corpus(sentences), config)
    within_reach = sum(2 * max(length - distance, 0) for length in lengths for distance in range(1, window + 1))
    assert report.pairs == 3 * within_reach
