"""Arguments of another kind than training takes."""

import re

import pytest

from w2v import Callback, Checkpoints, TrainingConfig, Word2Vec, distributed, read_corpus, train
from w2v.errors import ConfigError, CorpusError

TEXT = [["a", "b", "c"]] * 400
CORPUS = read_corpus(TEXT)
CONFIG = TrainingConfig(vector_size=4, epochs=1)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((TEXT, CONFIG), {}, CorpusError, "the corpus is of type list; read it first: train(read_corpus("),
        (("text.txt", CONFIG), {}, CorpusError, "the corpus is of type str; read it first: train(read_corpus("),
        (
            (CORPUS, {"epochs": 1}),
            {},
            ConfigError,
            "config is of type dict; write TrainingConfig(...), with the options",
        ),
        (
            (CORPUS, CONFIG, None, TEXT),
            {},
            CorpusError,
            "the held-out text is of type list; read it first: read_corpus(source, vocabulary=corpus.vocabulary)",
        ),
        ((CORPUS, CONFIG, "bar"), {}, ConfigError, "on_progress is of type str; give a function of one argument"),
        (
            (CORPUS, CONFIG),
            {"start": "v.bin"},
            ConfigError,
            "start is of type str; give vectors, such as read_vectors(path)",
        ),
        ((CORPUS, CONFIG), {"checkpoints": "run"}, ConfigError, "checkpoints is 'run'; write Checkpoints(folder)"),
        (
            (CORPUS, CONFIG),
            {"callbacks": Callback()},
            ConfigError,
            "callbacks is of type Callback; give a list of callbacks",
        ),
    ],
)
def test_what_training_does_not_take(arguments, options, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        train(*arguments, **options)


@pytest.mark.parametrize(
    ("folder", "options", "message"),
    [
        (None, {}, "folder is None; it must be the path of a folder"),
        ("", {}, "folder is ''; it must be the path of a folder"),
        ("run", {"resume": "yes"}, "resume is 'yes'; it must be True or False"),
    ],
)
def test_checkpoints_that_are_none(folder, options, message):
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        Checkpoints(folder, **options)


@pytest.mark.parametrize(
    ("source", "config", "options", "message"),
    [
        (TEXT, {"epochs": 1}, {}, "config is of type dict; write TrainingConfig(...)"),
        (TEXT, CONFIG, {"max_final_vocab": 5}, "unknown option 'max_final_vocab'; there are encoding, tokenizer,"),
        (CORPUS, CONFIG, {"lowercase": True}, "lowercase is given, but the corpus was read before; leave it out"),
    ],
)
def test_what_workers_do_not_take(source, config, options, message):
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}"):
        distributed.train(source, config, workers=2, **options)


def test_a_list_that_can_be_gone_through_once_is_heard_as_a_whole():
    heard = []

    class Ear(Callback):
        def on_train_end(self, run):
            heard.append(run.blocks_done)

    train(CORPUS, CONFIG, callbacks=iter([Ear(), Ear()]))
    assert len(heard) == 2


def test_new_text_of_which_no_word_is_known_or_added_changes_nothing():
    model = Word2Vec(TEXT, vector_size=4, epochs=1)
    before = model.wv.vectors.tobytes()
    with pytest.raises(
        CorpusError,
        match=r"^no word of the new text is in the vocabulary of 3 words, or as frequent as min_count 5, with which",
    ):
        model.train([["d", "e"]], start_alpha=0.01, update=True)
    assert model.wv.vectors.tobytes() == before and len(model.wv) == 3
