"""Word vectors from text: word2vec's models and losses, in kernels that Numba compiles."""

import importlib
from typing import TYPE_CHECKING, Any

from w2v.gensim_names import MODULE_ATTRIBUTES

if TYPE_CHECKING:
    from w2v.callbacks import Callback as Callback
    from w2v.callbacks import EarlyStopping as EarlyStopping
    from w2v.checkpoint import Checkpoints as Checkpoints
    from w2v.comparison import compare as compare
    from w2v.config import Architecture as Architecture
    from w2v.config import Loss as Loss
    from w2v.config import TrainingConfig as TrainingConfig
    from w2v.corpora.phrase_learning import learn_phrases as learn_phrases
    from w2v.corpora.phrases import ENGLISH_CONNECTOR_WORDS as ENGLISH_CONNECTOR_WORDS
    from w2v.corpora.phrases import Phrases as Phrases
    from w2v.corpora.phrases import read_phrases as read_phrases
    from w2v.corpora.phrases import write_phrases as write_phrases
    from w2v.corpora.sources import Files as Files
    from w2v.corpora.words import tokenize as tokenize
    from w2v.corpus import EncodedCorpus as EncodedCorpus
    from w2v.corpus import open_corpus as open_corpus
    from w2v.corpus import read_corpus as read_corpus
    from w2v.docstrings import PythonDocs as PythonDocs
    from w2v.embeddings import Embeddings as Embeddings
    from w2v.errors import StopTraining as StopTraining
    from w2v.errors import W2VError as W2VError
    from w2v.evaluation import evaluate_analogies as evaluate_analogies
    from w2v.evaluation import evaluate_similarity as evaluate_similarity
    from w2v.formats import read_config as read_config
    from w2v.formats import read_vectors as read_vectors
    from w2v.formats import write_vectors as write_vectors
    from w2v.gensim_models import config_from_gensim as config_from_gensim
    from w2v.gensim_models import from_gensim as from_gensim
    from w2v.gensim_models import to_gensim as to_gensim
    from w2v.index import NearestNeighbors as NearestNeighbors
    from w2v.loss_history import LossHistory as LossHistory
    from w2v.model import Word2Vec as Word2Vec
    from w2v.page.html import write_page as write_page
    from w2v.page.tensorboard import write_projector_files as write_projector_files
    from w2v.pictures.loss import loss_record as loss_record
    from w2v.pictures.loss import plot_loss as plot_loss
    from w2v.pictures.similarity import plot_neighbors as plot_neighbors
    from w2v.pictures.similarity import plot_similarity as plot_similarity
    from w2v.progress import Progress as Progress
    from w2v.progress import TrainingReport as TrainingReport
    from w2v.run import TrainingRun as TrainingRun
    from w2v.single_step import Step as Step
    from w2v.single_step import train_center as train_center
    from w2v.storage.counts import read_counts as read_counts
    from w2v.storage.counts import write_counts as write_counts
    from w2v.trainer import held_out_loss as held_out_loss
    from w2v.trainer import train as train
    from w2v.vocabulary import Vocabulary as Vocabulary

# Imported when first asked for: whoever only queries vectors, or asks for --help, does not wait for Numba.
_HOMES = {
    "TrainingConfig": "config",
    "Loss": "config",
    "Architecture": "config",
    "EncodedCorpus": "corpus",
    "read_corpus": "corpus",
    "open_corpus": "corpus",
    "Files": "corpora.sources",
    "Phrases": "corpora.phrases",
    "ENGLISH_CONNECTOR_WORDS": "corpora.phrases",
    "learn_phrases": "corpora.phrase_learning",
    "read_phrases": "corpora.phrases",
    "write_phrases": "corpora.phrases",
    "tokenize": "corpora.words",
    "PythonDocs": "docstrings",
    "Vocabulary": "vocabulary",
    "train": "trainer",
    "held_out_loss": "trainer",
    "train_center": "single_step",
    "Step": "single_step",
    "Progress": "progress",
    "TrainingReport": "progress",
    "TrainingRun": "run",
    "Checkpoints": "checkpoint",
    "Callback": "callbacks",
    "EarlyStopping": "callbacks",
    "StopTraining": "errors",
    "Word2Vec": "model",
    "Embeddings": "embeddings",
    "read_config": "formats",
    "read_vectors": "formats",
    "write_vectors": "formats",
    "read_counts": "storage.counts",
    "write_counts": "storage.counts",
    "to_gensim": "gensim_models",
    "from_gensim": "gensim_models",
    "config_from_gensim": "gensim_models",
    "evaluate_similarity": "evaluation",
    "evaluate_analogies": "evaluation",
    "compare": "comparison",
    "NearestNeighbors": "index",
    "write_page": "page.html",
    "write_projector_files": "page.tensorboard",
    "LossHistory": "loss_history",
    "loss_record": "pictures.loss",
    "plot_loss": "pictures.loss",
    "plot_similarity": "pictures.similarity",
    "plot_neighbors": "pictures.similarity",
    "W2VError": "errors",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # slow to import

        return version("lagrangian-w2v")
    if name not in _HOMES:
        hint = MODULE_ATTRIBUTES.get(name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}" + (f"; {hint}" if hint else ""))
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__, "__version__"])
