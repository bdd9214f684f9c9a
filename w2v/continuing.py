"""What training that goes on is planned with: the options of before, a learning rate that is said, a vocabulary that may grow."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from w2v.config import Loss, TrainingConfig
from w2v.corpora.frequent import Frequent
from w2v.corpus import EncodedCorpus
from w2v.embeddings import Embeddings
from w2v.errors import ConfigError, CorpusError
from w2v.growth import encoded_in, grown_vocabulary
from w2v.vocabulary import Vocabulary

_OF_THE_ROWS = ("vector_size", "loss", "subwords", "min_n", "max_n", "bucket")


def continued_config(
    config: TrainingConfig, chosen: Mapping[str, Any], spelled: str = "start_alpha={:g}"
) -> TrainingConfig:
    """The options of before, but for those that are chosen, and with the next seed.

    The plan of before ended with its learning rate, so the next one has to be chosen: `alpha`, which users write as `spelled`.

    Raises ConfigError where it is not, and for a choice that would make other rows of what is there.

    >>> continued_config(TrainingConfig(epochs=9, seed=4), {"alpha": 0.01}).seed
    5
    """
    for name in _OF_THE_ROWS:
        kept = getattr(config, name)
        if chosen.get(name, kept) != kept:
            raise ConfigError(
                f"{name} of the model is {kept!s}, and training that goes on cannot make it {chosen[name]!s}; leave it out, or "
                "train a new model"
            )
    if "alpha" not in chosen:
        again, lowest = spelled.format(config.alpha), spelled.format(config.min_alpha)
        raise ConfigError(
            f"say the learning rate that training goes on with: {again} starts again as the last training did, {lowest} goes on "
            "with the rate that it came down to"
        )
    return replace(config, **{"seed": (config.seed + 1) % 2**64, **chosen})


def check_goes_on(embeddings: Embeddings, config: TrainingConfig, *, update: bool) -> None:
    """Raise what training that goes on from these vectors would end in, before the text is read."""
    if embeddings.outputs is None:
        raise CorpusError("these vectors came without output rows, and training cannot go on without them")
    if update and config.loss is Loss.HIERARCHICAL_SOFTMAX:
        raise ConfigError(
            "the vocabulary of hierarchical softmax cannot grow: new counts make another tree, and the output rows are those of "
            "the old tree's nodes; train a new model, from the vectors alone: "
            "Word2Vec(sentences, hs=1, negative=0, start=dataclasses.replace(model.wv, outputs=None))"
        )


def read_more(
    read: Callable[..., EncodedCorpus], vocabulary: Vocabulary, config: TrainingConfig, *, update: bool
) -> EncodedCorpus:
    """New text by the words of a vocabulary, or of one that grows by those that are frequent in the text.

    `read` reads the text: all its words, or with `vocabulary=` those of a vocabulary.
    """
    if not update:
        return read(vocabulary=vocabulary)
    corpus = read()
    grown = grown_vocabulary(vocabulary, corpus.vocabulary, Frequent.of(config))
    if not any(word in grown for word in corpus.vocabulary.words):
        raise CorpusError(
            f"no word of the new text is in the vocabulary of {len(vocabulary)} words, or as frequent as min_count "
            f"{config.min_count}, with which it is added"
        )
    return encoded_in(corpus, grown)
